//! Pictures at ImageKit, which makes the small ones itself.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Down, Kind, MediaService, Picture};
use crate::config;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::services::outside::{Call, NoReply, Outside};

/// Where a small picture comes from: ImageKit draws it when it is first asked for.
const SMALL: &str = "tr=w-320,h-320,c-at_max";

/// An account there.
pub struct ImageKit {
    outside: Outside,
    private_key: SecretString,
    upload_url: String,
    base_url: String,
    endpoint: Option<String>,
}

/// What it says of a file that it has taken.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    file_id: String,
    file_path: String,
    url: String,
}

impl ImageKit {
    /// The account that is configured, if one is.
    #[must_use]
    pub fn of(settings: &config::ImageKit, calls: config::Outside) -> Option<Self> {
        Some(Self {
            outside: Outside::new("imagekit", calls),
            private_key: settings.private_key.clone()?,
            upload_url: trimmed(&settings.upload_url),
            base_url: trimmed(&settings.base_url),
            endpoint: settings.url_endpoint.as_deref().map(trimmed),
        })
    }

    fn call(&self, method: Method, url: String) -> Call {
        Call::new(method, url).basic_auth(self.private_key.expose_secret(), "")
    }

    async fn upload(&self, id: Id, picture: &Picture) -> Result<Image, NoReply> {
        let name = format!("{id}.{}", picture.kind.extension());
        let (content, media_type) = (picture.full.clone(), picture.kind.media_type());
        // Under a name of ours: one that is sent again takes the place of the first.
        let form = move || {
            let file = Part::stream(content.clone()).file_name(name.clone());
            let file = file.mime_str(media_type).ok()?;
            let form = Form::new().part("file", file).text("fileName", name.clone());
            Some(
                form.text("useUniqueFileName", "false")
                    .text("overwriteFile", "true"),
            )
        };
        let url = format!("{}/api/v1/files/upload", self.upload_url);
        let call = self.call(Method::POST, url).form(form);
        let taken: Taken = self.outside.ask(&call).await?;
        let url = match &self.endpoint {
            Some(endpoint) => format!("{endpoint}/{}", taken.file_path.trim_start_matches('/')),
            None => taken.url,
        };
        Ok(Image {
            id,
            thumbnail: format!("{url}?{SMALL}"),
            url,
            handle: taken.file_id,
        })
    }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

impl MediaService for ImageKit {
    fn keep<'a>(&'a self, id: Id, picture: &'a Picture) -> BoxFuture<'a, Result<Image, Down>> {
        self.upload(id, picture)
            .map(|kept| kept.map_err(Down::from))
            .boxed()
    }

    fn handle_of(&self, _: Id, _: Kind) -> Option<String> {
        None // it gives a file an id of its own
    }

    fn forget<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), Down>> {
        let call = self.call(Method::DELETE, format!("{}/v1/files/{handle}", self.base_url));
        async move {
            match self.outside.tell(&call).await {
                // It was dropped before.
                Err(NoReply::TurnedDown { status, .. }) if status == StatusCode::NOT_FOUND => Ok(()),
                told => Ok(told?),
            }
        }
        .boxed()
    }
}

impl From<NoReply> for Down {
    fn from(why: NoReply) -> Self {
        Self(why.to_string())
    }
}
