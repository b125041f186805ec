//! What users keep about themselves, and what admins may do about users.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::{Admin, SignedIn};
use super::etag::IfMatch;
use super::fault::Fault;
use super::fields::{Fields, Input, flag};
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use super::user::{self, Name, User, UserBody, line};
use crate::actors::accounts::AccountAnswer;
use crate::actors::ask::Ask;
use crate::domain::account::{Address, Command, Role};
use crate::domain::id::Id;

/// What shall change of oneself.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ProfileChange {
    #[schema(min_length = 3, max_length = 64)]
    username: Option<String>,
    full_name: Option<Name>,
    /// Where text messages go: a plus sign and 7 to 15 digits; nothing to take it away.
    phone: Option<String>,
}

/// An address to keep.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewAddress {
    pub(super) street: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) country: String,
    /// Or `pincode`.
    pub(super) zip: String,
    pub(super) phone: Option<String>,
    is_default: Option<bool>,
}

/// A new role.
#[derive(Debug, ToSchema)]
pub struct RoleChange {
    role: Role,
}

/// Which users are wanted.
#[derive(Debug)]
pub struct Wanted {
    role: Option<Role>,
    paging: Paging,
}

/// The addresses of a user.
#[derive(Debug, Serialize, ToSchema)]
pub struct Addresses {
    addresses: Vec<Address>,
}

/// An address that was just added, among the others.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressAdded {
    message: &'static str,
    address: Address,
    addresses: Vec<Address>,
}

/// A part of all users.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    users: Vec<User>,
    meta: Meta,
}

impl Input for ProfileChange {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let username = fields.optional("username", user::username);
        let full_name = fields.optional_object("fullName");
        let phone = fields.optional("phone", user::phone);
        Some(Self {
            username: username?,
            full_name: full_name?,
            phone: phone?,
        })
    }
}

impl Input for NewAddress {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let street = fields.required("street", line(1..=200));
        let city = fields.required("city", line(1..=100));
        let state = fields.required("state", line(1..=100));
        let country = fields.required("country", line(1..=100));
        let zip = fields.required(fields.called(&["zip", "pincode"]), line(1..=20));
        let phone = fields.optional("phone", line(1..=30));
        let is_default = fields.optional("isDefault", flag);
        Some(Self {
            street: street?,
            city: city?,
            state: state?,
            country: country?,
            zip: zip?,
            phone: phone?,
            is_default: is_default?,
        })
    }
}

impl Input for RoleChange {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let role = fields.required("role", user::role)?;
        Some(Self { role })
    }
}

impl Input for Wanted {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let role = fields.optional("role", user::role);
        let paging = Paging::read(fields);
        Some(Self {
            role: role?,
            paging: paging?,
        })
    }
}

impl NewAddress {
    fn with_id(self, id: Id) -> Address {
        Address {
            id,
            street: self.street,
            city: self.city,
            state: self.state,
            country: self.country,
            zip: self.zip,
            phone: self.phone,
            is_default: self.is_default.unwrap_or(false),
        }
    }
}

/// Changes one's username, name or telephone number.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])),
    params(("If-Match" = Option<String>, Header)), request_body = ProfileChange, responses(
    (status = 200, description = "The user as it is now", body = UserBody),
    (status = 400, description = "Bad fields, or another user has this username"),
    (status = 412, description = "It is at another version by now"),
))]
#[patch("/api/auth/users/me")]
pub(super) async fn change_me(
    caller: SignedIn,
    if_match: IfMatch,
    body: Body<ProfileChange>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let id = caller.0.id;
    let name = body.value.full_name.unwrap_or_default();
    let command = Command::ChangeProfile {
        username: body.value.username,
        first_name: name.first_name,
        last_name: name.last_name,
        phone: body.value.phone,
    };
    let ask = Ask::new(command, web.engine.now(Some(id))).if_match(if_match.0);
    let answer = web.accounts.ask(id, ask).await?;
    Ok(answer::ok(&answer, user_of(&answer)))
}

/// One's addresses.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])), responses(
    (status = 200, description = "The addresses", body = Addresses),
))]
#[get("/api/auth/users/me/addresses")]
pub(super) async fn my_addresses(caller: SignedIn, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let seen = web.accounts.profile(caller.0.id).await?;
    let (profile, version) = seen.ok_or(Fault::SignIn("The account is gone."))?;
    let addresses = profile.addresses;
    Ok(answer::seen(version, Addresses { addresses }))
}

/// Keeps one more address.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])),
    params(("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewAddress, responses(
    (status = 201, description = "The address among the others", body = AddressAdded),
    (status = 409, description = "There are as many as there may be"),
))]
#[post("/api/auth/users/me/addresses")]
pub(super) async fn add_address(
    caller: SignedIn,
    idempotency: Idempotency,
    if_match: IfMatch,
    body: Body<NewAddress>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let id = caller.0.id;
    let address = body.value.with_id(web.engine.id());
    let ask = Ask::new(Command::AddAddress(address), web.engine.now(Some(id)))
        .if_match(if_match.0)
        .once(idempotency.once(&body.digest));
    let answer = web.accounts.ask(id, ask).await?;
    let reply = answer.reply.clone();
    let address = reply
        .address
        .ok_or(Fault::Broken("no address was added".into()))?;
    let added = AddressAdded {
        message: "Address added",
        address,
        addresses: reply.profile.addresses,
    };
    Ok(answer::created(&answer, added))
}

/// Drops an address.
#[utoipa::path(tag = "auth", security(("token" = ["user", "seller", "admin"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses(
    (status = 200, description = "The addresses that are left"),
    (status = 404, description = "There is no such address"),
))]
#[delete("/api/auth/users/me/addresses/{id}")]
pub(super) async fn remove_address(
    caller: SignedIn,
    path: Path<Id>,
    if_match: IfMatch,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let id = caller.0.id;
    let command = Command::RemoveAddress {
        id: path.into_inner(),
    };
    let ask = Ask::new(command, web.engine.now(Some(id))).if_match(if_match.0);
    let answer = web.accounts.ask(id, ask).await?;
    let left = &answer.reply.profile.addresses;
    let body = json!({ "message": "Address removed", "addresses": left });
    Ok(answer::ok(&answer, body))
}

/// All users, the newest first.
#[utoipa::path(tag = "auth", security(("token" = ["admin"])),
    params(Paging, ("role" = Option<Role>, Query)), responses(
    (status = 200, description = "A part of them", body = Users),
))]
#[get("/api/auth/users")]
pub(super) async fn list(_: Admin, wanted: Query<Wanted>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let Wanted { role, paging } = wanted.0;
    let (found, next, total) = web.accounts.list(role, |query| paging.of(query)).await?;
    let users = found.into_iter();
    Ok(HttpResponse::Ok().json(Users {
        users: users
            .map(|(profile, version)| User::new(profile, version))
            .collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// Gives a user another role, and signs him out everywhere.
#[utoipa::path(tag = "auth", security(("token" = ["admin"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = RoleChange, responses(
    (status = 200, description = "The user as it is now", body = UserBody),
    (status = 404, description = "There is no such user"),
))]
#[patch("/api/auth/users/{id}/role")]
pub(super) async fn set_role(
    admin: Admin,
    path: Path<Id>,
    if_match: IfMatch,
    body: Body<RoleChange>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let command = Command::SetRole {
        role: body.value.role,
    };
    let ask = Ask::new(command, web.engine.now(Some(admin.0.id))).if_match(if_match.0);
    let answer = web.accounts.ask(path.into_inner(), ask).await?;
    Ok(answer::ok(&answer, user_of(&answer)))
}

fn user_of(answer: &AccountAnswer) -> UserBody {
    UserBody {
        user: User::new(answer.reply.profile.clone(), answer.version),
    }
}
