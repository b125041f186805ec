//! Forms with files in them, and the same without files as JSON: read as they arrive, within
//! bounds for every part, and only for a caller who may send them.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::body::{Body, BodyDigest, broken_off};
use super::caller;
use super::fault::Fault;
use super::fields::{self, Input};
use super::problem::{FieldError, Problem};
use super::state::Web;
use crate::domain::id::Id;
use crate::services::media::{BYTES_MAX, Down, NoPicture, NoRoom, Picture, Room};

/// So many parts has a form at the most.
const PARTS_MAX: usize = 64;
/// Whoever has too many uploads under way may send the next after this.
const SOON: Duration = Duration::from_secs(1);

/// Something that a client sends as a form, with pictures beside its fields.
pub trait Illustrated: Input {
    /// The name of the fields with pictures in them.
    const PICTURES: &'static str;
    /// How many there may be.
    const PICTURES_MAX: usize;
}

/// What a client sent.
#[derive(Debug)]
pub struct Upload<T> {
    /// What the fields say.
    pub value: T,
    /// By which the same request is known again.
    pub digest: BodyDigest,
    /// The pictures, each with a fresh id.
    pub pictures: Vec<(Id, Picture)>,
}

/// A form on its way in.
struct Parts<'a> {
    web: &'a Web,
    fields: Map<String, Value>,
    /// How many bytes all fields together may still have.
    room: usize,
    files: Vec<Bytes>,
    errors: Vec<FieldError>,
    digest: Sha256,
}

impl<T: Illustrated> FromRequest for Upload<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.content_type().eq_ignore_ascii_case("multipart/form-data") {
            let body = Body::<T>::from_request(request, payload);
            return body.map(|body| body.map(Self::from)).boxed_local();
        }
        let (request, payload) = (request.clone(), payload.take());
        let admitted = caller::admission(&request);
        async move {
            admitted.await?;
            let Some(web) = request.app_data::<Data<Web>>() else {
                return Err(Fault::Broken("a route without the shared state".into()).into());
            };
            let whose = caller::signed_in(request.clone()).await?.id;
            let room = web.media.room(whose).map_err(|none| match none {
                NoRoom::Own => Fault::TooMany(SOON),
                NoRoom::All => Fault::Overloaded,
            })?;
            let parts = Parts::gather::<T>(web, &request, payload).await?;
            parts.read(web, &room).await
        }
        .boxed_local()
    }
}

impl<T> From<Body<T>> for Upload<T> {
    fn from(body: Body<T>) -> Self {
        Self {
            value: body.value,
            digest: body.digest,
            pictures: Vec::new(),
        }
    }
}

impl<'a> Parts<'a> {
    async fn gather<T: Illustrated>(
        web: &'a Web,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<Self, Problem> {
        let room = web.config.server.body_limit_bytes;
        let limit = room + T::PICTURES_MAX * BYTES_MAX;
        let announced = request.headers().get(CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > limit) {
            return Err(Fault::TooLarge(limit).into());
        }
        let mut parts = Self {
            web,
            fields: Map::new(),
            room,
            files: Vec::new(),
            errors: Vec::new(),
            digest: Sha256::new(),
        };
        let mut form = Multipart::new(request.headers(), payload);
        let mut many = 0;
        // A form may take a while, but each of its parts has as much time as another body.
        let patience = web.config.server.header_timeout;
        while timeout(patience, parts.next::<T>(&mut form))
            .await
            .unwrap_or(Err(Fault::TooSlow.into()))?
        {
            many += 1;
            if many > PARTS_MAX {
                let why = format!("The form has more than {PARTS_MAX} parts.");
                return Err(Fault::Malformed(why).into());
            }
        }
        Ok(parts)
    }

    /// Reads the next part, if there is one.
    async fn next<T: Illustrated>(&mut self, form: &mut Multipart) -> Result<bool, Problem> {
        let Some(part) = form.next().await else {
            return Ok(false);
        };
        self.take::<T>(part.map_err(|error| unreadable(&error))?).await?;
        Ok(true)
    }

    async fn take<T: Illustrated>(&mut self, mut part: Field) -> Result<(), Problem> {
        let name = part.name().unwrap_or_default().to_owned();
        let disposition = part.content_disposition();
        let file = disposition.and_then(|disposition| disposition.get_filename().map(str::to_owned));
        let Some(file) = file else {
            let bytes = bytes(&mut part, self.room)
                .await?
                .ok_or(Fault::TooLarge(self.room))?;
            self.room -= bytes.len();
            self.note(&name, &bytes);
            let text = String::from_utf8(bytes.to_vec());
            let text = text.map_err(|_| Fault::Malformed(format!("The field {name} is not UTF-8.")))?;
            self.fields.insert(name, Value::String(text));
            return Ok(());
        };
        let content = bytes(&mut part, BYTES_MAX).await?;
        if name.trim_end_matches("[]") != T::PICTURES {
            self.wrong(name, &format!("takes no file: pictures go into {}", T::PICTURES));
            return Ok(());
        }
        let Some(content) = content else {
            let path = format!("{}[{}]", T::PICTURES, self.files.len());
            return Err(no_picture(path, NoPicture::TooManyBytes));
        };
        if file.is_empty() && content.is_empty() {
            return Ok(()); // a browser's way to send a form in which no file was chosen
        }
        if self.files.len() == T::PICTURES_MAX {
            self.wrong(name, &format!("takes at most {} files", T::PICTURES_MAX));
            return Ok(());
        }
        self.note(&name, &content);
        self.files.push(content);
        Ok(())
    }

    fn wrong(&mut self, path: String, msg: &str) {
        if !self.errors.iter().any(|error| error.path == path) {
            let msg = msg.to_owned();
            self.errors.push(FieldError { path, msg });
        }
    }

    /// The same form sent again has other boundaries, so what is noted is what it says.
    fn note(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.digest.update(part.len().to_le_bytes());
            self.digest.update(part);
        }
    }

    async fn read<T: Illustrated>(mut self, web: &Web, room: &Room) -> Result<Upload<T>, Problem> {
        let read = fields::read(&Value::Object(std::mem::take(&mut self.fields)));
        let value = match read {
            Ok(value) if self.errors.is_empty() => value,
            Ok(_) => return Err(Fault::Invalid(self.errors).into()),
            Err(more) => {
                self.errors.extend(more);
                return Err(Fault::Invalid(self.errors).into());
            }
        };
        let mut pictures = Vec::new();
        for (n, file) in self.files.into_iter().enumerate() {
            let picture = self.web.media.read(file, Some(room.clone())).await;
            let picture = picture.map_err(|why| no_picture(format!("{}[{n}]", T::PICTURES), why))?;
            pictures.push((web.engine.id(), picture));
        }
        let digest = BodyDigest::taken(self.digest);
        Ok(Upload {
            value,
            digest,
            pictures,
        })
    }
}

/// All bytes of a part; `None` when there are more than so many. What is too much is read all the
/// same, as the parts behind it cannot be reached otherwise.
async fn bytes(part: &mut Field, limit: usize) -> Result<Option<Bytes>, Fault> {
    let (mut bytes, mut fits) = (BytesMut::new(), true);
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        fits &= bytes.len() + chunk.len() <= limit;
        if fits {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(fits.then(|| bytes.freeze()))
}

fn unreadable(error: &MultipartError) -> Fault {
    match error {
        MultipartError::Payload(error) => broken_off(error),
        MultipartError::Incomplete => Fault::BrokenOff,
        error => Fault::Malformed(format!("The form cannot be read: {error}.")),
    }
}

fn no_picture(path: String, why: NoPicture) -> Problem {
    let msg = why.to_string();
    let told = format!("{path} {msg}.");
    let (status, code) = match why {
        NoPicture::Empty => (StatusCode::BAD_REQUEST, "invalid"),
        NoPicture::Unreadable => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        NoPicture::TooManyBytes | NoPicture::TooManyPixels => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
    };
    Problem::new(status, code, told).errors(vec![FieldError { path, msg }])
}

impl From<Down> for Problem {
    fn from(Down(why): Down) -> Self {
        tracing::warn!(%why, "answered 503: pictures cannot be kept");
        let told = "Pictures cannot be kept at this moment. Please try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "media_unavailable", told)
            .retry_after(Duration::from_secs(5))
    }
}
