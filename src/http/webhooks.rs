//! Webhooks: where sellers and admins want to be told of what happens.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::SellerOrAdmin;
use super::fault::{Fault, Telling};
use super::fields::{Fields, Input, Wrong, flag, text};
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::problem::{FieldError, Problem};
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Change, Command, Draft, Off, Refusal, Secret, Webhook};
use crate::services::receivers::signature;

/// More patterns than that are better said with a star.
const PATTERNS_MAX: usize = 20;
const PATTERN_LENGTH_MAX: usize = 100;
const URL_LENGTH_MAX: usize = 2_048;

/// Where somebody wants to be told, and of what.
#[derive(Debug, ToSchema)]
pub struct NewWebhook {
    /// `https://shop.example/hooks/bazaar`
    url: String,
    /// Patterns of topics: `order.created`, `order.*`, `#`.
    events: Vec<String>,
}

/// What is to be otherwise; what is not named stays.
#[derive(Debug, ToSchema)]
pub struct ChangedWebhook {
    url: Option<String>,
    events: Option<Vec<String>>,
    /// Whether anything is told; `true` also after nothing was taken for too long.
    enabled: Option<bool>,
}

/// A webhook under its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookBody {
    webhook: WebhookView,
}

/// Somebody's webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhooks {
    webhooks: Vec<WebhookView>,
    meta: Meta,
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookView {
    #[schema(value_type = String)]
    id: Id,
    url: String,
    events: Vec<String>,
    enabled: bool,
    /// Why nothing is told: `by_owner`, `failing` or `gone`.
    #[schema(value_type = Option<String>)]
    disabled_because: Option<Off>,
    /// Since when nothing was taken, if the last thing was not.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// What signatures are checked with. It is shown once, when the webhook is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Input for NewWebhook {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.required("url", text(1..=URL_LENGTH_MAX));
        let events = fields.required("events", patterns);
        Some(Self {
            url: url?,
            events: events?,
        })
    }
}

impl Input for ChangedWebhook {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.optional("url", text(1..=URL_LENGTH_MAX));
        let events = fields.optional("events", patterns);
        let enabled = fields.optional("enabled", flag);
        Some(Self {
            url: url?,
            events: events?,
            enabled: enabled?,
        })
    }
}

fn patterns(value: &Value) -> Result<Vec<String>, Wrong> {
    let listed = value.as_array().ok_or("must be a list of patterns")?;
    let patterns: Option<Vec<_>> = listed.iter().map(pattern).collect();
    let wrong = "must hold patterns such as order.created, order.* or #";
    let mut patterns = patterns.ok_or(wrong)?;
    patterns.sort_unstable();
    patterns.dedup();
    match patterns.len() {
        0 => Err("must not be empty".into()),
        many if many > PATTERNS_MAX => Err("must have at most 20 patterns".into()),
        _ => Ok(patterns),
    }
}

fn pattern(value: &Value) -> Option<String> {
    let pattern = value.as_str().filter(|text| text.len() <= PATTERN_LENGTH_MAX)?;
    let letters =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let word = |word: &str| matches!(word, "*" | "#") || letters(word);
    pattern.split('.').all(word).then(|| pattern.to_owned())
}

impl WebhookView {
    fn of(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            enabled: webhook.is_on(),
            url: webhook.url,
            events: webhook.events,
            disabled_because: webhook.off,
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            secret: None,
        }
    }

    /// The same with its secret, for the one time when that is told.
    fn with_secret(webhook: Webhook) -> Self {
        let secret = Some(signature::spelled(&webhook.secret));
        Self {
            secret,
            ..Self::of(webhook)
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Unknown => Fault::NotFound("webhook").into(),
            Self::TooMany => Problem::new(StatusCode::CONFLICT, "too_many_webhooks", self.to_string()),
        }
    }
}

/// A URL as it may be called.
fn checked(url: &str, web: &Web) -> Result<String, Problem> {
    let read = web.receivers.rules().read(url);
    let read = read.map_err(|wrong| {
        Fault::Invalid(vec![FieldError {
            path: "url".into(),
            msg: wrong.into(),
        }])
    });
    Ok(read?.to_string())
}

/// Registers a webhook: 20 for each owner at the most. Events that happen from now on are told
/// there, as the Standard Webhooks specification has it.
#[utoipa::path(tag = "webhooks", security(("token" = ["seller", "admin"])),
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewWebhook, responses(
    (status = 201, description = "It is there; its secret is told this once", body = WebhookBody),
    (status = 409, description = "There are too many"),
))]
#[post("/api/webhooks")]
pub(super) async fn register(
    caller: SellerOrAdmin,
    idempotency: Idempotency,
    body: Body<NewWebhook>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let once = idempotency.once(&body.digest);
    let NewWebhook { url, events } = body.value;
    let draft = Draft {
        id: web.engine.id(),
        owner: caller.0.id,
        url: checked(&url, &web)?,
        events,
        secret: Secret::new(&web.engine.chance.bytes::<32>()),
        number: 0,
    };
    let id = draft.id;
    let ask = Ask::new(Command::Register(draft), web.engine.now(Some(caller.0.id))).once(once);
    let made = web.webhooks.ask(id, ask).await?;
    let webhook = WebhookView::with_secret(made.reply.clone());
    Ok(answer::created(&made, WebhookBody { webhook }))
}

/// One's own webhooks.
#[utoipa::path(tag = "webhooks", security(("token" = ["seller", "admin"])), params(Paging), responses(
    (status = 200, description = "A part of them; nobody has more than twenty", body = Webhooks),
))]
#[get("/api/webhooks")]
pub(super) async fn list(
    caller: SellerOrAdmin,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (found, meta) = paging.0.part(web.webhooks.list(Some(caller.0.id)).await?);
    let webhooks = found.into_iter().map(WebhookView::of).collect();
    Ok(HttpResponse::Ok().json(Webhooks { webhooks, meta }))
}

/// Changes where or of what somebody is told, or whether.
#[utoipa::path(tag = "webhooks", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ChangedWebhook, responses(
    (status = 200, description = "The webhook from now on", body = WebhookBody),
    (status = 404, description = "There is no such webhook"),
))]
#[patch("/api/webhooks/{id}")]
pub(super) async fn change(
    caller: SellerOrAdmin,
    idempotency: Idempotency,
    path: Path<Id>,
    body: Body<ChangedWebhook>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let once = idempotency.once(&body.digest);
    let ChangedWebhook { url, events, enabled } = body.value;
    let url = url.map(|url| checked(&url, &web)).transpose()?;
    let command = Command::Change(Change { url, events, enabled });
    let ask = Ask::new(command, web.engine.now(Some(caller.0.id))).once(once);
    let changed = web.webhooks.ask(*path, ask).await?;
    let webhook = WebhookView::of(changed.reply.clone());
    Ok(answer::ok(&changed, WebhookBody { webhook }))
}

/// Takes a webhook away.
#[utoipa::path(tag = "webhooks", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such webhook"),
))]
#[delete("/api/webhooks/{id}")]
pub(super) async fn remove(
    caller: SellerOrAdmin,
    path: Path<Id>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(Command::Remove, web.engine.now(Some(caller.0.id)));
    web.webhooks.ask(*path, ask).await?;
    Ok(HttpResponse::NoContent().finish())
}
