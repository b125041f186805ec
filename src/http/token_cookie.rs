//! The cookie that carries a browser's token, out of reach of its scripts.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::caller::COOKIE;
use super::state::Web;

/// The cookie with this token, for as long as the token is good.
#[must_use]
pub fn holding(token: &str, web: &Web) -> Cookie<'static> {
    let lifetime = i64::try_from(web.tokens.lifetime().as_secs()).unwrap_or(i64::MAX);
    let mut cookie = empty(web);
    cookie.set_value(token.to_owned());
    cookie.set_max_age(Duration::seconds(lifetime));
    cookie
}

/// The cookie that takes the place of the one with the token, and is gone at once.
#[must_use]
pub fn cleared(web: &Web) -> Cookie<'static> {
    let mut cookie = empty(web);
    cookie.make_removal();
    cookie
}

fn empty(web: &Web) -> Cookie<'static> {
    Cookie::build(COOKIE, "")
        .http_only(true)
        .same_site(SameSite::Lax)
        .path("/")
        .secure(web.config.environment.is_public())
        .finish()
}
