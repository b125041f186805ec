//! The whole web surface on one page. A route stands here once; its method, its path and who may
//! call it stand with its handler, and are read from there by the server and by the OpenAPI
//! document alike.

use actix_web::web::{self, ServiceConfig};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    auth, avatar, cart, docs, inventory, media, ops, orders, products, reservations, stock_stream, surface,
    users,
};

macro_rules! routes {
    ($($module:ident :: $handler:ident,)*) => {
        /// Gives the server every route.
        pub fn configure(server: &mut ServiceConfig) {
            $(server.service($module::$handler);)*
            server.default_service(web::to(surface::unrouted));
        }

        #[derive(OpenApi)]
        #[openapi(
            info(title = "Bazaar", description = "An actor-based commerce runtime."),
            paths($($module::$handler,)*),
            modifiers(&Token),
        )]
        struct Document;
    };
}

routes! {
    auth::register,
    auth::login,
    auth::me,
    auth::logout,
    auth::logout_by_link,
    auth::change_password,
    users::change_me,
    users::my_addresses,
    users::add_address,
    users::remove_address,
    avatar::set,
    avatar::remove,
    users::list,
    users::set_role,
    cart::show,
    cart::add,
    cart::set_quantity,
    cart::remove,
    cart::clear,
    orders::place,
    orders::mine,
    orders::show,
    orders::cancel,
    orders::readdress,
    orders::advance,
    orders::history,
    products::create,
    products::list,
    products::mine,
    products::get,
    products::change,
    products::retire,
    products::categories,
    stock_stream::listen,
    reservations::reserve,
    reservations::give_back,
    reservations::count_afresh,
    inventory::get,
    inventory::change,
    media::get,
    ops::healthz,
    ops::readyz,
    ops::metrics,
    ops::actors,
    ops::kill,
    docs::openapi,
    docs::docs,
    docs::page,
}

/// The OpenAPI document. `security` of an operation names the roles that may call it; without it
/// anyone may.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// How a caller says who he is.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    }
}
