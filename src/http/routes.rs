//! The whole web surface on one page. A route stands here once; its method, its path and who may
//! call it stand with its handler, and are read from there by the server and by the OpenAPI
//! document alike.

use actix_web::web::{self, ServiceConfig};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::sandbox::{
    checkout as sandbox_checkout, orders as sandbox_orders, pay as sandbox_buyer,
    payments as sandbox_payments, switches as sandbox_switches,
};
use super::{
    assistant, audit, auth, avatar, cart, dashboard, dashboard_stream, deliveries, docs, inventory, llms,
    mailbox, mails, mcp, media, notification_stream, notifications, ops, orders, password_reset, payments,
    products, reservations, reviews, socketio, stock_stream, surface, users, webhook_deliveries, webhooks,
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
    password_reset::forgot,
    password_reset::reset,
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
    payments::create,
    payments::verify,
    payments::webhook,
    payments::mine,
    payments::show,
    payments::refund,
    payments::note_refund,
    products::create,
    products::list,
    products::mine,
    products::get,
    products::change,
    products::retire,
    products::categories,
    reviews::create,
    reviews::list,
    stock_stream::listen,
    dashboard::metrics,
    dashboard::orders,
    dashboard::products,
    dashboard::show_settings,
    dashboard::configure,
    dashboard_stream::listen,
    dashboard::count_afresh,
    assistant::connect,
    assistant::issue,
    socketio::listen,
    socketio::tell,
    assistant::insights,
    webhooks::register,
    webhooks::list,
    webhooks::change,
    webhooks::remove,
    webhook_deliveries::list,
    webhook_deliveries::retry,
    mcp::serve,
    llms::guide,
    reservations::reserve,
    reservations::give_back,
    reservations::count_afresh,
    inventory::get,
    inventory::change,
    media::get,
    sandbox_orders::open,
    sandbox_orders::list,
    sandbox_orders::show,
    sandbox_orders::payments,
    sandbox_payments::show,
    sandbox_payments::capture,
    sandbox_payments::refund,
    sandbox_payments::refunds,
    sandbox_buyer::pay,
    sandbox_checkout::show,
    sandbox_checkout::press,
    sandbox_switches::show,
    sandbox_switches::switch,
    sandbox_switches::reset,
    notifications::list,
    notification_stream::listen,
    notifications::read,
    mailbox::page,
    mailbox::list,
    ops::healthz,
    ops::readyz,
    ops::metrics,
    ops::actors,
    ops::kill,
    audit::entries,
    audit::deeds,
    mails::list,
    mails::resend,
    deliveries::show,
    deliveries::dead_letters,
    deliveries::retry,
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
