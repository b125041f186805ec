//! The web server on listeners that somebody else opened, and closes by stopping the server:
//! signals are not its business.

use std::any::Any;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::{Data, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use socket2::SockRef;
use tracing::warn;

use super::fault::Fault;
use super::middleware::{
    access_log, admission, catch_panic, cors, deadline, goodbye, head, measure, origin, request_id,
    security_headers, seed_paths, uncompressed, unread,
};
use super::problem::Problem;
use super::routes;
use super::state::Web;

/// Longer than load balancers keep an idle connection, so that it is they who close it. A stop
/// does not wait for idle ones.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A client that takes nothing of what it is sent for so long is gone, or wants to hold on to our
/// memory: a socket that is blocked by it does not even look into its mailbox.
const UNREAD: Duration = Duration::from_secs(30);

/// Starts to serve, with routes beside the marketplace's. Awaiting the server ends when it has
/// stopped; its handle stops it.
///
/// # Errors
/// When a listener cannot be used.
pub fn serve(
    web: Data<Web>,
    listeners: Vec<TcpListener>,
    more: fn(&mut ServiceConfig),
) -> io::Result<Server> {
    let settings = web.config.server.clone();
    let server = HttpServer::new(move || {
        // A request goes through these from the last one to the first.
        App::new()
            .app_data(web.clone())
            .app_data(PathConfig::default().error_handler(|error, _| unreadable("path", &error)))
            .app_data(QueryConfig::default().error_handler(|error, _| unreadable("query", &error)))
            .wrap(from_fn(head::as_get))
            .wrap(from_fn(origin::check))
            .wrap(from_fn(uncompressed::check))
            .wrap(from_fn(deadline::keep))
            .wrap(from_fn(catch_panic::catch))
            .wrap(from_fn(admission::admit))
            .wrap(from_fn(cors::share))
            .wrap(from_fn(security_headers::add))
            .wrap(from_fn(measure::count))
            .wrap(from_fn(access_log::write))
            .wrap(from_fn(goodbye::say))
            .wrap(from_fn(unread::close))
            .wrap(from_fn(request_id::name))
            .wrap(from_fn(seed_paths::resolve))
            .configure(more)
            .configure(routes::configure)
    });
    let mut server = server
        .on_connect(|connection, _| bound_what_is_unread(connection))
        // What is told piece by piece must not wait until a client has said that it has the piece
        // before, which clients take their time for: a twenty-fifth of a second is usual.
        .tcp_nodelay(true)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(settings.header_timeout)
        .shutdown_timeout(settings.shutdown.as_secs())
        .workers(workers(settings.workers)?)
        .disable_signals();
    for listener in listeners {
        server = server.listen(listener)?;
    }
    Ok(server.run())
}

/// The machine itself ends a connection whose client does not read. Only Linux can be told so.
fn bound_what_is_unread(connection: &dyn Any) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD))
    {
        warn!(%error, "a client may be slow for ever");
    }
}

/// As many threads as were asked for, or as there are cores.
fn workers(wanted: usize) -> io::Result<usize> {
    match wanted {
        0 => std::thread::available_parallelism().map(usize::from),
        wanted => Ok(wanted),
    }
}

fn unreadable(what: &str, error: &dyn std::error::Error) -> actix_web::Error {
    let why = format!("The {what} cannot be read: {error}.");
    Problem::from(Fault::Malformed(why)).into()
}
