//! The mailbox of a shop that sends no mail: what it would have sent, for people and for programs.
//! Outside development it is there when it was switched on by name, and then for admins alone.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::fault::Fault;
use super::problem::Problem;
use super::state::Web;
use crate::domain::account::Role;
use crate::domain::letter::{Letter, Recipient, State};
use crate::domain::time::Timestamp;

/// So many are shown.
const SHOWN: usize = 100;

/// No script and nothing from elsewhere. Letters carry their style with them, as they have to in
/// every mail program; each is shown in a frame that can do nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// A mail that was not sent.
#[derive(Serialize, ToSchema)]
pub struct Mail {
    to: String,
    subject: String,
    text: String,
    html: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    mails: Vec<Mail>,
}

/// The mailbox as a page.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "The newest mails", content_type = "text/html"),
    (status = 404, description = "Closed"),
))]
#[get("/dev/mailbox")]
pub(super) async fn page(caller: Caller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let page = Page {
        mails: mails(&caller, &web).await?,
    };
    let page = page.render().map_err(|error| Fault::Broken(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .content_type("text/html; charset=utf-8")
        .body(page))
}

/// The mailbox for programs.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "The newest mails, the newest first", body = Vec<Mail>),
    (status = 404, description = "Closed"),
))]
#[get("/dev/mailbox.json")]
pub(super) async fn list(caller: Caller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(mails(&caller, &web).await?))
}

async fn mails(caller: &Caller, web: &Web) -> Result<Vec<Mail>, Problem> {
    open(caller, web)?;
    let (letters, ..) = web
        .letters
        .list(Some(State::Kept), |query| query.limit(SHOWN))
        .await?;
    letters.iter().filter_map(|letter| written(letter, web)).collect()
}

fn open(caller: &Caller, web: &Web) -> Result<(), Fault> {
    if !web.config.mailbox_open() {
        return Err(Fault::UnknownRoute);
    }
    let is_admin = caller.0.as_ref().is_some_and(|claims| claims.role == Role::Admin);
    if web.config.environment.is_public() && !is_admin {
        return Err(Fault::Forbidden("Only admins may do this."));
    }
    Ok(())
}

fn written(letter: &Letter, web: &Web) -> Option<Result<Mail, Problem>> {
    let Recipient::Mail { address, name } = &letter.to else {
        return None;
    };
    let written = web.stationery.write(&letter.content, name);
    let mail = written.map(|written| Mail {
        to: address.to_string(),
        subject: written.subject,
        text: written.text,
        html: written.html,
        at: letter.updated_at,
    });
    Some(mail.map_err(|error| Fault::Broken(error.to_string()).into()))
}
