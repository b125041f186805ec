//! The pictures that are kept in a folder of this machine.

use std::io;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};

use super::fault::Fault;
use super::problem::Problem;
use super::state::Web;

/// A picture never changes under its name.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A picture of a product or of a person.
#[utoipa::path(tag = "media", params(("file" = String, Path)), responses(
    (status = 200, description = "The picture", content_type = "image/jpeg"),
    (status = 404, description = "There is no such picture"),
))]
#[get("/media/{file}")]
pub(super) async fn get(file: Path<String>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let Some(media_type) = media_type(&file) else {
        return Err(Fault::NotFound("picture").into());
    };
    let path = web.config.store.media_dir().join(file.as_str());
    let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    let read = read.map_err(|error| Fault::Broken(error.to_string()))?;
    match read {
        Ok(picture) => Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, media_type))
            .insert_header((CACHE_CONTROL, FOR_EVER))
            .body(picture)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Fault::NotFound("picture").into()),
        Err(error) => Err(Fault::Unavailable(error.to_string()).into()),
    }
}

/// The media type of a file that can be one of ours. No other name ever reaches the folder.
fn media_type(file: &str) -> Option<&'static str> {
    let (name, extension) = file.split_once('.')?;
    let id = name.strip_suffix("-small").unwrap_or(name);
    if id.len() != 24 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match extension {
        "jpg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_pictures_reach_the_folder() {
        let id = "0123456789abcdef01234567";
        assert_eq!(media_type(&format!("{id}.jpg")), Some("image/jpeg"));
        assert_eq!(media_type(&format!("{id}-small.png")), Some("image/png"));
        for file in [
            format!("{id}.svg"),
            format!("{id}.jpg.new"),
            format!("../{id}.jpg"),
            id.to_owned(),
            "../../etc/passwd".to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(media_type(&file), None, "{file}");
        }
    }
}
