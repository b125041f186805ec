//! Pictures at Cloudinary, which makes the small ones itself.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha1::{Digest, Sha1};

use super::{Down, Kind, MediaService, Picture};
use crate::clock::Clock;
use crate::config;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::services::outside::{Call, NoReply, Outside};

/// What stands between the place and the name of a small picture.
const SMALL: &str = "/upload/c_limit,w_320,h_320/";

/// A cloud there.
pub struct Cloudinary {
    outside: Outside,
    clock: Clock,
    url: String,
    api_key: String,
    api_secret: SecretString,
}

/// What it says of a picture that it has taken.
#[derive(Debug, Deserialize)]
struct Taken {
    public_id: String,
    secure_url: String,
}

impl Cloudinary {
    /// The cloud that is configured, if one is.
    #[must_use]
    pub fn of(settings: &config::Cloudinary, calls: config::Outside, clock: &Clock) -> Option<Self> {
        let base = settings.base_url.trim_end_matches('/');
        Some(Self {
            outside: Outside::new("cloudinary", calls),
            clock: clock.clone(),
            url: format!("{base}/v1_1/{}/image", settings.name.as_deref()?),
            api_key: settings.api_key.clone()?,
            api_secret: settings.api_secret.clone()?,
        })
    }

    /// The fields of a call about the picture of this name, signed.
    fn signed(&self, public_id: &str) -> Vec<(&'static str, String)> {
        let timestamp = self.clock.now().seconds().to_string();
        let mut digest = Sha1::new();
        digest.update(format!("public_id={public_id}&timestamp={timestamp}"));
        digest.update(self.api_secret.expose_secret());
        vec![
            ("public_id", public_id.to_owned()),
            ("timestamp", timestamp),
            ("api_key", self.api_key.clone()),
            ("signature", hex::encode(digest.finalize())),
        ]
    }

    async fn upload(&self, id: Id, picture: &Picture) -> Result<Image, NoReply> {
        let fields = self.signed(&id.to_string());
        let name = format!("{id}.{}", picture.kind.extension());
        let (content, media_type) = (picture.full.clone(), picture.kind.media_type());
        let form = move || {
            let file = Part::stream(content.clone()).file_name(name.clone());
            Some(with(&fields).part("file", file.mime_str(media_type).ok()?))
        };
        let call = Call::new(Method::POST, format!("{}/upload", self.url)).form(form);
        let taken: Taken = self.outside.ask(&call).await?;
        Ok(Image {
            id,
            thumbnail: taken.secure_url.replacen("/upload/", SMALL, 1),
            url: taken.secure_url,
            handle: taken.public_id,
        })
    }
}

fn with(fields: &[(&'static str, String)]) -> Form {
    let add = |form: Form, (name, value): &(&'static str, String)| form.text(*name, value.clone());
    fields.iter().fold(Form::new(), add)
}

impl MediaService for Cloudinary {
    fn keep<'a>(&'a self, id: Id, picture: &'a Picture) -> BoxFuture<'a, Result<Image, Down>> {
        self.upload(id, picture)
            .map(|kept| kept.map_err(Down::from))
            .boxed()
    }

    fn handle_of(&self, id: Id, _: Kind) -> Option<String> {
        Some(id.to_string())
    }

    fn forget<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), Down>> {
        let fields = self.signed(handle);
        let call = Call::new(Method::POST, format!("{}/destroy", self.url)).form(move || Some(with(&fields)));
        async move { Ok(self.outside.tell(&call).await?) }.boxed()
    }
}
