//! The web surface as data: every route that the OpenAPI document tells of, by which an unknown
//! path is told apart from a wrong method, and a request is counted under its pattern.

use std::sync::LazyLock;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::{OpenApi, PathItem};

use super::fault::Fault;
use super::problem::Problem;
use super::routes;

/// The document, made once.
pub static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(routes::document);

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let paths = DOCUMENT.paths.paths.iter();
    let mut places: Vec<_> = paths.map(|(path, item)| Place::new(path, item)).collect();
    // A path that is all words goes before one that takes any word in the same place.
    places.sort_by_key(|place| place.path.matches('{').count());
    places
});

/// The pattern of whatever no route takes.
const UNKNOWN: &str = "unknown";

/// One path with everything that can be done there.
struct Place {
    path: String,
    methods: Vec<&'static str>,
}

impl Place {
    fn new(path: &str, item: &PathItem) -> Self {
        let operations = [
            ("GET", &item.get),
            ("HEAD", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let there = operations.iter().filter(|(_, operation)| operation.is_some());
        Self {
            path: path.to_owned(),
            methods: there.map(|(method, _)| *method).collect(),
        }
    }

    fn takes(&self, path: &str) -> bool {
        let mut wanted = self.path.split('/');
        let mut given = path.split('/');
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given => {}
                (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
                _ => return false,
            }
        }
    }
}

fn place(path: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.takes(path))
}

/// The pattern that a path falls under: `/api/orders/{id}`.
#[must_use]
pub fn pattern(path: &str) -> &'static str {
    place(path).map_or(UNKNOWN, |place| &place.path)
}

/// Answers what no route takes: nothing there, or not by this method.
///
/// # Errors
/// Always, unless it was only asked what can be done there.
pub async fn unrouted(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Some(place) = place(request.path()) else {
        return Err(Fault::UnknownRoute.into());
    };
    let allowed = place.methods.join(", ");
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, allowed))
            .finish());
    }
    Err(Fault::WrongMethod(allowed).into())
}
