//! Who is who: registering, signing in and out, and changing one's password.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::{Caller, SignedIn};
use super::etag::IfMatch;
use super::fault::Fault;
use super::fields::{Fields, Input, parsed};
use super::idempotency::Idempotency;
use super::paced::Paced;
use super::problem::Problem;
use super::state::Web;
use super::token_cookie;
use super::user::{self, Name, User, UserBody};
use crate::actors::accounts::{Applicant, Credentials};
use crate::actors::ask::{Ask, AskError};
use crate::domain::account::{Command, Email, FullName, Profile, Role, Session};
use crate::domain::id::Id;
use crate::store::Version;

/// Somebody who wants an account.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Register {
    #[schema(value_type = String, format = Email)]
    email: Email,
    #[schema(value_type = String, format = Password, min_length = 6, max_length = 128)]
    password: SecretString,
    #[schema(min_length = 3, max_length = 64)]
    username: Option<String>,
    full_name: Option<Name>,
    /// `user` or `seller`.
    role: Option<Role>,
}

/// Somebody who has one.
#[derive(ToSchema)]
pub struct Login {
    #[schema(value_type = Option<String>, format = Email)]
    email: Option<Email>,
    username: Option<String>,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A new password in place of the old one.
#[derive(ToSchema)]
pub struct PasswordChange {
    #[schema(value_type = String, format = Password)]
    old: SecretString,
    #[schema(value_type = String, format = Password, min_length = 6, max_length = 128)]
    new: SecretString,
}

/// Somebody who is signed in from now on.
#[derive(Serialize, ToSchema)]
pub struct Entry {
    message: &'static str,
    user: User,
    /// The same token as in the cookie.
    token: String,
}

impl Input for Register {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", parsed);
        let password = fields.required("password", user::password);
        let username = fields.optional("username", user::username);
        let full_name = fields.optional_object("fullName");
        let role = fields.optional("role", user::own_role);
        Some(Self {
            email: email?,
            password: password?,
            username: username?,
            full_name: full_name?,
            role: role?,
        })
    }
}

impl Input for Login {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.optional("email", parsed);
        let username = fields.optional("username", user::line(1..=254));
        let password = fields.required("password", user::claimed_password);
        let (email, username) = (email?, username?);
        if email.is_none() && username.is_none() {
            fields.wrong("email", "or username is required");
        }
        Some(Self {
            email,
            username,
            password: password?,
        })
    }
}

impl Input for PasswordChange {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let old = fields.called(&["old", "oldPassword", "currentPassword"]);
        let new = fields.called(&["new", "newPassword"]);
        let old = fields.required(old, user::claimed_password);
        let new = fields.required(new, user::password);
        Some(Self { old: old?, new: new? })
    }
}

/// Makes an account, and signs in with it.
#[utoipa::path(tag = "auth", request_body = Register,
    params(("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 201, description = "The account, and a token for it", body = Entry),
    (status = 400, description = "Bad fields, or another user has this email or username"),
))]
#[post("/api/auth/register")]
pub(super) async fn register(
    _: Paced,
    idempotency: Idempotency,
    body: Body<Register>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let Register {
        email,
        password,
        username,
        full_name,
        role,
    } = body.value;
    let name = full_name.unwrap_or_default();
    let applicant = Applicant {
        email,
        username,
        full_name: FullName {
            first_name: name.first_name.unwrap_or_default(),
            last_name: name.last_name.unwrap_or_default(),
        },
        role: role.unwrap_or(Role::User),
        password: web.passwords.hash(password.expose_secret()).await?,
    };
    let id = created_id(&web, &idempotency, &applicant.email).await?;
    let command = Command::Register(web.accounts.registration(id, applicant));
    let once = idempotency.once_sealed(&body.digest, &web.tokens);
    let ask = Ask::new(command, web.engine.now(None)).once(once);
    let answer = web.accounts.ask(id, ask).await?;
    let Some(session) = answer.reply.session else {
        return Err(Fault::Broken("a registration began no session".into()).into());
    };
    let profile = answer.reply.profile.clone();
    let entry = entry(
        &web,
        "User registered successfully",
        profile,
        answer.version,
        session,
    )?;
    let cookie = token_cookie::holding(&entry.token, &web);
    with_cookie(answer::created(&answer, entry), &cookie)
}

/// Signs in.
#[utoipa::path(tag = "auth", request_body = Login, responses(
    (status = 200, description = "A token", body = Entry),
    (status = 401, description = "There is no such user, or the password is another one"),
    (status = 429, description = "Too many wrong passwords"),
))]
#[post("/api/auth/login")]
pub(super) async fn login(paced: Paced, body: Body<Login>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let Paced(address) = paced;
    let id = find(&web, &body.value).await?;
    let known_as = id.map_or_else(|| name_of(&body.value), |id| id.to_string());
    let attempt = web.limiter.failures.attempt(&known_as, address.0).await?;
    let credentials = match id {
        Some(id) => web.accounts.credentials(id).await?,
        None => None,
    };
    let hash = credentials.as_ref().map(|credentials| &credentials.password);
    let password = body.value.password.expose_secret();
    let matches = web.passwords.matches(password, hash).await?;
    let Some(credentials) = credentials.filter(|_| matches) else {
        attempt.failed().await;
        return Err(Fault::SignIn("Invalid credentials").into());
    };
    attempt.succeeded().await;
    let Credentials {
        profile,
        epoch,
        version,
        ..
    } = credentials;
    let session = Session {
        id: web.accounts.session(epoch),
        since: web.engine.clock.now(),
    };
    let entry = entry(&web, "Logged in successfully", profile, version, session)?;
    let cookie = token_cookie::holding(&entry.token, &web);
    with_cookie(answer::seen(version, entry), &cookie)
}

/// Who is signed in.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])), responses(
    (status = 200, description = "The user", body = UserBody),
))]
#[get("/api/auth/me")]
pub(super) async fn me(caller: SignedIn, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let seen = web.accounts.profile(caller.0.id).await?;
    let (profile, version) = seen.ok_or(Fault::SignIn("The account is gone."))?;
    let user = User::new(profile, version);
    Ok(answer::seen(version, UserBody { user }))
}

/// Signs out: the token is no good from now on.
#[utoipa::path(tag = "auth", responses(
    (status = 200, description = "Nobody is signed in any more"),
))]
#[post("/api/auth/logout")]
pub(super) async fn logout(caller: Caller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    end_session(&caller, &web).await
}

/// Signs out, for links.
#[utoipa::path(tag = "auth", responses(
    (status = 200, description = "Nobody is signed in any more"),
))]
#[get("/api/auth/logout")]
pub(super) async fn logout_by_link(caller: Caller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    end_session(&caller, &web).await
}

/// Takes a new password, and signs out everybody else who is signed in with this account.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])),
    params(("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = PasswordChange, responses(
    (status = 200, description = "The new password counts"),
    (status = 400, description = "Bad fields, or the old password is another one"),
    (status = 412, description = "It is at another version by now"),
    (status = 429, description = "Too many wrong passwords"),
))]
#[post("/api/auth/password/change")]
pub(super) async fn change_password(
    caller: SignedIn,
    paced: Paced,
    idempotency: Idempotency,
    if_match: IfMatch,
    body: Body<PasswordChange>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let id = caller.0.id;
    let attempt = web.limiter.failures.attempt(&id.to_string(), paced.0.0).await?;
    let credentials = web.accounts.credentials(id).await?;
    let was = credentials.ok_or(Fault::SignIn("The account is gone."))?.password;
    let PasswordChange { old, new } = &body.value;
    let matches = web.passwords.matches(old.expose_secret(), Some(&was)).await?;
    let command = Command::ChangePassword {
        was: matches.then_some(was),
        password: web.passwords.hash(new.expose_secret()).await?,
        kept: Some(caller.0.jti),
    };
    // A wrong password goes to the rules as well: it may be the repeat of a change that was made.
    let ask = Ask::new(command, web.engine.now(Some(id)))
        .if_match(if_match.0)
        .once(idempotency.once_sealed(&body.digest, &web.tokens));
    match web.accounts.ask(id, ask).await {
        Ok(answer) => {
            attempt.succeeded().await;
            Ok(answer::ok(&answer, json!({ "message": "Password changed" })))
        }
        Err(error) => {
            if matches!(error, AskError::Refused { .. }) {
                attempt.failed().await;
            }
            Err(error.into())
        }
    }
}

/// The id of the account that a registration makes. The one that follows from the idempotency key
/// may be taken by somebody who was registered under it so long ago that the key counts no more.
async fn created_id(web: &Web, idempotency: &Idempotency, email: &Email) -> Result<Id, Problem> {
    let id = idempotency.created_id(&web.engine);
    let there = web.accounts.profile(id).await?;
    let taken = there.is_some_and(|(profile, _)| profile.email != *email);
    Ok(if taken { web.engine.id() } else { id })
}

async fn find(web: &Web, who: &Login) -> Result<Option<Id>, Problem> {
    if let Some(email) = &who.email
        && let Some(id) = web.accounts.by_email(email).await?
    {
        return Ok(Some(id));
    }
    match &who.username {
        Some(username) => Ok(web.accounts.by_username(username).await?),
        None => Ok(None),
    }
}

/// Under which name the failures of somebody count who is not there.
fn name_of(who: &Login) -> String {
    let email = who.email.as_ref().map(Email::to_string);
    let username = || who.username.as_ref().map(|name| name.to_lowercase());
    email.or_else(username).unwrap_or_default()
}

fn entry(
    web: &Web,
    message: &'static str,
    profile: Profile,
    version: Version,
    session: Session,
) -> Result<Entry, Problem> {
    let token = web.tokens.issue(&web.tokens.claims(&profile, session))?;
    Ok(Entry {
        message,
        user: User::new(profile, version),
        token,
    })
}

async fn end_session(caller: &Caller, web: &Web) -> Result<HttpResponse, Problem> {
    if let Some(claims) = &caller.0 {
        let command = Command::Logout {
            session: claims.jti,
            until: claims.end(),
        };
        let ask = Ask::new(command, web.engine.now(Some(claims.id)));
        match web.accounts.ask(claims.id, ask).await {
            // An account that is not there has no session either.
            Ok(_) | Err(AskError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let response = HttpResponse::Ok().json(json!({ "message": "Logged out successfully" }));
    with_cookie(response, &token_cookie::cleared(web))
}

fn with_cookie(
    mut response: HttpResponse,
    cookie: &actix_web::cookie::Cookie<'_>,
) -> Result<HttpResponse, Problem> {
    response
        .add_cookie(cookie)
        .map_err(|error| Fault::Broken(error.to_string()))?;
    Ok(response)
}
