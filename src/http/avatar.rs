//! The picture of a user.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, post};
use utoipa::ToSchema;

use super::answer;
use super::caller::SignedIn;
use super::etag::IfMatch;
use super::fault::Fault;
use super::fields::{Fields, Input};
use super::idempotency::Idempotency;
use super::problem::{FieldError, Problem};
use super::state::Web;
use super::upload::{Illustrated, Upload};
use super::user::{User, UserBody};
use crate::actors::accounts::AccountAnswer;
use crate::actors::ask::{Ask, Once};
use crate::domain::account::{Account, Command};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::services::media::Bearer;
use crate::store::Version;

/// A picture to be seen by.
#[derive(Debug, ToSchema)]
pub struct Avatar {
    #[schema(value_type = String, format = Binary)]
    #[expect(dead_code, reason = "it is there for the OpenAPI document")]
    file: (),
}

impl Input for Avatar {
    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(Self { file: () })
    }
}

impl Illustrated for Avatar {
    const PICTURES: &'static str = "file";
    const PICTURES_MAX: usize = 1;
}

/// Under which conditions a picture is changed.
struct Conditions {
    if_match: Option<Vec<Version>>,
    once: Option<Once>,
}

/// Takes a new picture of oneself.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])),
    params(("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body(content = Avatar, content_type = "multipart/form-data"), responses(
    (status = 200, description = "The user as it is now", body = UserBody),
    (status = 413, description = "More than 5 MB, or too many pixels"),
    (status = 415, description = "No png, jpeg or webp picture"),
))]
#[post("/api/auth/users/me/avatar")]
pub(super) async fn set(
    caller: SignedIn,
    idempotency: Idempotency,
    if_match: IfMatch,
    upload: Upload<Avatar>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    if upload.pictures.is_empty() {
        let error = FieldError {
            path: Avatar::PICTURES.into(),
            msg: "is required".into(),
        };
        return Err(Fault::Invalid(vec![error]).into());
    }
    let bearer = Bearer {
        kind: Account::KIND,
        id: caller.0.id,
    };
    let kept = web.media.keep(&upload.pictures, bearer).await?;
    let conditions = Conditions {
        if_match: if_match.0,
        once: idempotency.once(&upload.digest),
    };
    let answer = change(&web, caller.0.id, kept.first().cloned(), conditions).await;
    if answer.as_ref().is_ok_and(|answer| answer.replayed) {
        web.media.forget(kept); // the picture of the first time is the one that is shown
    }
    let answer = answer?;
    Ok(answer::ok(&answer, told(&answer)))
}

/// Takes the picture of oneself away.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])),
    params(("If-Match" = Option<String>, Header)), responses(
    (status = 200, description = "The user as it is now", body = UserBody),
))]
#[delete("/api/auth/users/me/avatar")]
pub(super) async fn remove(
    caller: SignedIn,
    if_match: IfMatch,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let conditions = Conditions {
        if_match: if_match.0,
        once: None,
    };
    let answer = change(&web, caller.0.id, None, conditions).await?;
    Ok(answer::ok(&answer, told(&answer)))
}

async fn change(
    web: &Web,
    id: Id,
    avatar: Option<Image>,
    conditions: Conditions,
) -> Result<AccountAnswer, Problem> {
    let before = web.accounts.avatar(id).await?;
    let ask = Ask::new(Command::SetAvatar(avatar), web.engine.now(Some(id)))
        .if_match(conditions.if_match)
        .once(conditions.once);
    let answer = web.accounts.ask(id, ask).await?;
    if !answer.replayed {
        web.media.forget(before.into_iter().collect());
    }
    Ok(answer)
}

fn told(answer: &AccountAnswer) -> UserBody {
    UserBody {
        user: User::new(answer.reply.profile.clone(), answer.version),
    }
}
