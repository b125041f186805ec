//! A new password for who has forgotten the old one: a link by mail, and what it is good for.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::body::Body;
use super::fault::Telling;
use super::fields::{Fields, Input, parsed, text};
use super::idempotency::Idempotency;
use super::paced::Paced;
use super::problem::Problem;
use super::state::Web;
use super::user;
use crate::actors::ask::Ask;
use crate::domain::account::{Command, Email, Refusal};
use crate::services::reset_links;

/// The answer goes out at the end of one of these, so that nobody can tell by a clock whether
/// there is such an account.
const STEP: Duration = Duration::from_millis(250);

/// Whoever has forgotten the password.
#[derive(ToSchema)]
pub struct Forgot {
    #[schema(value_type = String, format = Email)]
    email: Email,
}

/// A new password, by the link that was mailed.
#[derive(ToSchema)]
pub struct NewPassword {
    /// What stands in the link behind `token=`.
    #[schema(value_type = String)]
    token: SecretString,
    #[schema(value_type = String, format = Password, min_length = 6, max_length = 128)]
    new: SecretString,
}

impl Input for Forgot {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", parsed)?;
        Some(Self { email })
    }
}

impl Input for NewPassword {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let new = fields.called(&["new", "newPassword", "password"]);
        let token = fields.required("token", text(1..=256));
        let new = fields.required(new, user::password);
        Some(Self {
            token: token?.into(),
            new: new?,
        })
    }
}

/// Mails a link under which a new password can be given, if there is such an account. The answer
/// is the same if there is none.
#[utoipa::path(tag = "auth", request_body = Forgot, responses(
    (status = 202, description = "If there is such an account, a link is on its way"),
    (status = 400, description = "Not an email address"),
))]
#[post("/api/auth/password/forgot")]
pub(super) async fn forgot(_: Paced, body: Body<Forgot>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let began = Instant::now();
    let asked = ask_reset(&body.value.email, &web).await;
    tokio::time::sleep_until(began + end_of_step(began.elapsed())).await;
    asked?;
    let message = "If there is an account with this email address, a link is on its way.";
    Ok(HttpResponse::Accepted().json(json!({ "message": message })))
}

async fn ask_reset(email: &Email, web: &Web) -> Result<(), Problem> {
    let Some(account) = web.accounts.by_email(email).await? else {
        return Ok(());
    };
    let seed = hex::encode(web.engine.chance.bytes::<16>());
    let digest = reset_links::digest(&web.reset_links.secret(account, &seed));
    let ask = Ask::new(Command::AskReset { seed, digest }, web.engine.now(None));
    web.accounts.ask(account, ask).await?;
    Ok(())
}

fn end_of_step(elapsed: Duration) -> Duration {
    let steps = elapsed.as_millis() / STEP.as_millis() + 1;
    STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

/// Takes a new password from whoever has the link, and signs out everybody who is signed in with
/// the account. The link is used up.
#[utoipa::path(tag = "auth", request_body = NewPassword,
    params(("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 200, description = "The new password counts"),
    (status = 400, description = "Bad fields, or the link is not good any more"),
))]
#[post("/api/auth/password/reset")]
pub(super) async fn reset(
    _: Paced,
    idempotency: Idempotency,
    body: Body<NewPassword>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let NewPassword { token, new } = &body.value;
    let token = token.expose_secret();
    let Some(account) = reset_links::account_of(token) else {
        return Err(Refusal::BadReset.problem());
    };
    let command = Command::ResetPassword {
        digest: reset_links::digest(token),
        password: web.passwords.hash(new.expose_secret()).await?,
    };
    let once = idempotency.once_sealed(&body.digest, &web.tokens);
    let ask = Ask::new(command, web.engine.now(None)).once(once);
    web.accounts.ask(account, ask).await?;
    Ok(HttpResponse::Ok().json(json!({ "message": "Password changed. Please sign in." })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_measures_sees_steps_alone() {
        for (elapsed, answered) in [(0, 250), (1, 250), (249, 250), (250, 500), (800, 1_000)] {
            assert_eq!(
                end_of_step(Duration::from_millis(elapsed)),
                Duration::from_millis(answered)
            );
        }
    }
}
