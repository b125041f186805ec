//! Who is asking. A handler says whom it serves by the type of its first argument, and is not
//! entered by anyone else.

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::{FutureExt, LocalBoxFuture, Shared};

use super::fault::Fault;
use super::problem::Problem;
use super::state::Web;
use crate::domain::account::Role;
use crate::domain::id::Id;
use crate::services::tokens::Claims;

/// The cookie that carries the token.
pub const COOKIE: &str = "token";

/// Somebody or nobody. A token that is no good is nobody's.
#[derive(Debug, Clone)]
pub struct Caller(pub Option<Claims>);

/// Somebody, whatever the role.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Claims);

/// Somebody who buys.
#[derive(Debug, Clone)]
pub struct Buyer(pub Claims);

/// Somebody who sells.
#[derive(Debug, Clone)]
pub struct Seller(pub Claims);

/// Somebody who sells, or an admin in a seller's place.
#[derive(Debug, Clone)]
pub struct SellerOrAdmin(pub Claims);

/// Somebody who looks after the shop.
#[derive(Debug, Clone)]
pub struct Admin(pub Claims);

/// What is known of the caller, kept with the request, so that it is asked once.
#[derive(Clone)]
enum Known {
    Nobody(&'static str),
    Somebody(Box<Claims>),
}

impl Caller {
    /// The id of the account, if somebody is signed in.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.0.as_ref().map(|claims| claims.id)
    }
}

/// The token of a request. What a program says in `Authorization` goes before what a browser
/// sends by itself.
#[must_use]
pub fn token(request: &HttpRequest) -> Option<String> {
    if let Some(authorization) = request.headers().get(AUTHORIZATION) {
        let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned());
    }
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned())
}

async fn known(request: &HttpRequest) -> Result<Known, Problem> {
    if let Some(known) = request.extensions().get::<Known>() {
        return Ok(known.clone());
    }
    let known = identify(request).await?;
    request.extensions_mut().insert(known.clone());
    Ok(known)
}

async fn identify(request: &HttpRequest) -> Result<Known, Problem> {
    let Some(web) = request.app_data::<Data<Web>>() else {
        return Err(Fault::Broken("a route without the shared state".into()).into());
    };
    let Some(token) = token(request) else {
        return Ok(Known::Nobody("Please sign in."));
    };
    let Ok(claims) = web.tokens.verify(&token) else {
        return Ok(Known::Nobody("The token is not valid. Please sign in."));
    };
    if web.sessions.is_live(&claims).await? {
        Ok(Known::Somebody(Box::new(claims)))
    } else {
        Ok(Known::Nobody("This session has ended. Please sign in."))
    }
}

/// Somebody who is signed in.
///
/// # Errors
/// When it is nobody, or the store does not say.
pub(super) async fn signed_in(request: HttpRequest) -> Result<Claims, Problem> {
    match known(&request).await? {
        Known::Somebody(claims) => Ok(*claims),
        Known::Nobody(why) => Err(Fault::SignIn(why).into()),
    }
}

async fn in_role(request: HttpRequest, roles: &[Role], who: &'static str) -> Result<Claims, Problem> {
    let claims = signed_in(request).await?;
    if roles.contains(&claims.role) {
        Ok(claims)
    } else {
        Err(Fault::Forbidden(who).into())
    }
}

/// The caller of a request, somebody or nobody.
///
/// # Errors
/// When the store does not say whether the session is still good.
pub async fn of(request: &HttpRequest) -> Result<Caller, Problem> {
    Ok(match known(request).await? {
        Known::Somebody(claims) => Caller(Some(*claims)),
        Known::Nobody(_) => Caller(None),
    })
}

/// The question whether the caller may do this at all, while it is being asked.
#[derive(Clone)]
struct Admission(Shared<LocalBoxFuture<'static, Result<(), Problem>>>);

/// Waits until it is known that the caller may do this. The arguments of a handler are read side
/// by side; what must not be touched for anyone else, the body above all, waits here.
pub(super) fn admission(request: &HttpRequest) -> LocalBoxFuture<'static, Result<(), Problem>> {
    let admission = request.extensions().get::<Admission>().cloned();
    let admitted = async move {
        match admission {
            Some(Admission(asked)) => asked.await,
            None => Ok(()),
        }
    };
    admitted.boxed_local()
}

/// Lets the arguments that follow wait for this one, and this one for those before it.
pub(super) fn admit<T: Clone + 'static>(
    request: &HttpRequest,
    asked: impl Future<Output = Result<T, Problem>> + 'static,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let before = admission(request);
    let asked = async move {
        before.await?;
        asked.await
    };
    let asked = asked.boxed_local().shared();
    let admitted = asked.clone().map(|asked| asked.map(drop)).boxed_local().shared();
    request.extensions_mut().insert(Admission(admitted));
    asked.boxed_local()
}

macro_rules! extracted {
    ($who:ident, $request:ident => $allowed:expr) => {
        impl FromRequest for $who {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let $request = request.clone();
                admit(request, async move { $allowed.await.map($who) })
            }
        }
    };
}

extracted!(SignedIn, request => signed_in(request));
extracted!(Buyer, request => in_role(request, &[Role::User], "Only buyers may do this."));
extracted!(Seller, request => in_role(request, &[Role::Seller], "Only sellers may do this."));
extracted!(SellerOrAdmin, request => {
    in_role(request, &[Role::Seller, Role::Admin], "Only sellers and admins may do this.")
});
extracted!(Admin, request => in_role(request, &[Role::Admin], "Only admins may do this."));

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { of(&request).await }.boxed_local()
    }
}
