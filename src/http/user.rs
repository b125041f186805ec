//! `user` on the wire: what is shown of an account, what is read of one, and how its refusals
//! are told.

use std::ops::RangeInclusive;

use actix_web::http::StatusCode;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fault::{Fault, Telling};
use super::fields::{Fields, Input, Wrong, text};
use super::problem::{FieldError, Problem};
use crate::domain::account::{Profile, Refusal, Role, username};
use crate::services::passwords::{CHARACTERS, NoAnswer};
use crate::services::tokens::BadToken;
use crate::store::Version;

/// A user, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    #[serde(flatten)]
    profile: Profile,
    /// How many changes the account has seen; its `ETag`.
    version: Version,
}

/// A user under its name, as every answer has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserBody {
    /// The user.
    pub user: User,
}

/// A name as it is sent; a part that is missing is not changed, or empty.
#[derive(Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Name {
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
}

impl User {
    /// A user at a version.
    #[must_use]
    pub fn new(profile: Profile, version: Version) -> Self {
        Self { profile, version }
    }
}

impl Input for Name {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let first_name = fields.optional("firstName", line(0..=100));
        let last_name = fields.optional("lastName", line(0..=100));
        Some(Self {
            first_name: first_name?,
            last_name: last_name?,
        })
    }
}

/// A text of so many characters on one line, and not of spaces alone.
pub(super) fn line(length: RangeInclusive<usize>) -> impl Fn(&Value) -> Result<String, Wrong> {
    move |value| {
        let line = text(length.clone())(value)?;
        if line.chars().any(char::is_control) {
            return Err("must be one line of text".into());
        }
        if !line.is_empty() && line.trim().is_empty() {
            return Err("must not be of spaces alone".into());
        }
        Ok(line)
    }
}

/// A username. It is never mistaken for an email address.
pub(super) fn username(value: &Value) -> Result<String, Wrong> {
    let name = line(username::CHARACTERS_MIN..=username::CHARACTERS_MAX)(value)?;
    if name.contains('@') || name.trim() != name {
        return Err("must not contain an @, nor begin or end with a space".into());
    }
    Ok(name)
}

/// The number of a telephone as the whole world dials it, or nothing.
pub(super) fn phone(value: &Value) -> Result<String, Wrong> {
    let written = line(0..=30)(value)?;
    let number: String = written.chars().filter(|sign| !" -()".contains(*sign)).collect();
    let digits = number.strip_prefix('+').unwrap_or_default();
    let dials = (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    if number.is_empty() || dials {
        return Ok(number);
    }
    Err("must be a plus sign and 7 to 15 digits".into())
}

/// A new password.
pub(super) fn password(value: &Value) -> Result<SecretString, Wrong> {
    text(CHARACTERS)(value).map(SecretString::from)
}

/// A password that somebody says is his.
pub(super) fn claimed_password(value: &Value) -> Result<SecretString, Wrong> {
    text(1..=1_024)(value).map(SecretString::from)
}

/// Any role.
pub(super) fn role(value: &Value) -> Result<Role, Wrong> {
    match value.as_str() {
        Some("user") => Ok(Role::User),
        Some("seller") => Ok(Role::Seller),
        Some("admin") => Ok(Role::Admin),
        _ => Err("must be user, seller or admin".into()),
    }
}

/// A role that somebody can take by himself.
pub(super) fn own_role(value: &Value) -> Result<Role, Wrong> {
    role(value)
        .ok()
        .filter(|role| *role != Role::Admin)
        .ok_or_else(|| "must be user or seller".into())
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        let problem = |status, code| Problem::new(status, code, self.to_string());
        let bad_field = |code, path: &str| {
            let error = FieldError {
                path: path.into(),
                msg: self.to_string(),
            };
            problem(StatusCode::BAD_REQUEST, code).errors(vec![error])
        };
        match self {
            Self::EmailTaken => bad_field("user_exists", "email"),
            Self::UsernameTaken => bad_field("user_exists", "username"),
            Self::AdminByRegistration => bad_field("invalid", "role"),
            Self::WrongPassword => bad_field("wrong_password", "old"),
            Self::BadReset => bad_field("bad_token", "token"),
            Self::Unknown | Self::UnknownAddress => problem(StatusCode::NOT_FOUND, "not_found"),
            Self::TooManyAddresses => problem(StatusCode::CONFLICT, "too_many_addresses"),
        }
    }
}

impl From<NoAnswer> for Problem {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Crowded => Fault::Overloaded.into(),
            NoAnswer::Failed => Fault::Broken(why.to_string()).into(),
        }
    }
}

impl From<BadToken> for Problem {
    fn from(_: BadToken) -> Self {
        Fault::Broken("a token could not be made".into()).into()
    }
}
