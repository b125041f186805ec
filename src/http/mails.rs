//! What was mailed, for those who watch over the shop, and how to have it sent once more.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Admin;
use super::fault::Telling;
use super::fields::{Fields, Input, Wrong};
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::domain::id::Id;
use crate::domain::letter::{Command, Letter, Recipient, Refusal, State};
use crate::domain::time::Timestamp;

/// Which letters are wanted.
#[derive(Debug)]
pub struct Wanted {
    state: Option<State>,
    paging: Paging,
}

/// A letter on its way, without what it says: a link in it may be a secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    #[schema(value_type = String)]
    id: Id,
    /// The event that it tells of.
    event: String,
    /// `mail` or `sms`.
    way: &'static str,
    to: String,
    /// What kind of letter: `orderShipped`.
    letter: &'static str,
    /// `WAITING`, `SENDING`, `SENT`, `FAILED` or `KEPT`.
    state: &'static str,
    tries: u32,
    /// What was wrong with the last try.
    error: Option<String>,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A part of all letters.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deliveries {
    mails: Vec<Delivery>,
    meta: Meta,
}

impl Input for Wanted {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let state = fields.optional("state", state);
        let paging = Paging::read(fields);
        Some(Self {
            state: state?,
            paging: paging?,
        })
    }
}

fn state(value: &Value) -> Result<State, Wrong> {
    let states = [
        State::Waiting,
        State::Sending,
        State::Sent,
        State::Failed,
        State::Kept,
    ];
    let named = |state: &State| {
        value
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case(state.name()))
    };
    let wrong = || "must be WAITING, SENDING, SENT, FAILED or KEPT".to_owned();
    states.into_iter().find(named).ok_or_else(wrong)
}

impl From<Letter> for Delivery {
    fn from(letter: Letter) -> Self {
        let (way, to) = match &letter.to {
            Recipient::Mail { address, .. } => ("mail", address.to_string()),
            Recipient::Sms { number } => ("sms", number.clone()),
        };
        Self {
            id: letter.id,
            way,
            to,
            letter: letter.content.name(),
            state: letter.state.name(),
            tries: letter.tries,
            due: letter.due(),
            created_at: letter.created_at,
            updated_at: letter.updated_at,
            event: letter.event,
            error: letter.why,
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        let (status, code) = match self {
            Self::Unknown => (StatusCode::NOT_FOUND, "not_found"),
            Self::NotNow => (StatusCode::CONFLICT, "not_now"),
        };
        Problem::new(status, code, self.to_string())
    }
}

/// What was mailed or is to be, the newest first.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])),
    params(Paging, ("state" = Option<String>, Query)), responses(
    (status = 200, description = "A part of it", body = Deliveries),
))]
#[get("/api/ops/mails")]
pub(super) async fn list(_: Admin, wanted: Query<Wanted>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let Wanted { state, paging } = wanted.0;
    let (letters, next, total) = web.letters.list(state, |query| paging.of(query)).await?;
    Ok(HttpResponse::Ok().json(Deliveries {
        mails: letters.into_iter().map(Delivery::from).collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// Has a letter sent once more, whatever became of it. It is noted who asked for it.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 202, description = "It is on its way", body = Delivery),
    (status = 404, description = "There is no such letter"),
    (status = 409, description = "It is being sent at this moment"),
))]
#[post("/api/ops/mails/{id}/resend")]
pub(super) async fn resend(
    admin: Admin,
    idempotency: Idempotency,
    path: Path<Id>,
    body: Body<()>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let seen = web.letters.see(*path).await?.ok_or(Refusal::Unknown);
    let letter = seen.map_err(|refusal| refusal.problem())?;
    let is_mail = matches!(letter.to, Recipient::Mail { .. });
    let command = Command::Resend {
        kept: is_mail && web.config.mail.server().is_none(),
    };
    let ask = Ask::new(command, web.engine.now(Some(admin.0.id))).once(idempotency.once(&body.digest));
    let letter = web.letters.ask(letter.id, ask).await?;
    Ok(HttpResponse::Accepted().json(json!({ "mail": Delivery::from(letter) })))
}
