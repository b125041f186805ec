//! The OpenAPI document, and a page to read it on that needs nothing from elsewhere.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::Config;

use super::fault::Fault;
use super::problem::Problem;
use super::state::Web;
use super::surface::DOCUMENT;

static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// Everything that can be asked, as an OpenAPI 3.1 document.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "The document"),
    (status = 404, description = "Closed"),
))]
#[get("/openapi.json")]
pub(super) async fn openapi(web: Data<Web>) -> Result<HttpResponse, Problem> {
    open(&web)?;
    Ok(HttpResponse::Ok().json(&*DOCUMENT))
}

/// The way to the page.
#[utoipa::path(tag = "operations", responses(
    (status = 302, description = "To the page"),
    (status = 404, description = "Closed"),
))]
#[get("/docs")]
pub(super) async fn docs(web: Data<Web>) -> Result<HttpResponse, Problem> {
    open(&web)?;
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, "/docs/index.html"))
        .finish())
}

/// The page and what it is made of.
#[utoipa::path(tag = "operations", params(("file" = String, Path)), responses(
    (status = 200, description = "The file"),
    (status = 404, description = "Closed, or no such file"),
))]
#[get("/docs/{file}")]
pub(super) async fn page(web: Data<Web>, file: Path<String>) -> Result<HttpResponse, Problem> {
    open(&web)?;
    let file = utoipa_swagger_ui::serve(&file, Arc::clone(&PAGE));
    let file = file.map_err(|error| Fault::Broken(error.to_string()))?;
    let file = file.ok_or(Fault::UnknownRoute)?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header(ContentEncoding::Gzip);
    }
    Ok(response
        .content_type(file.content_type)
        .body(file.bytes.into_owned()))
}

fn open(web: &Web) -> Result<(), Fault> {
    if web.config.docs_open() {
        Ok(())
    } else {
        Err(Fault::UnknownRoute)
    }
}
