//! Socket.IO 5 over Engine.IO 4: the way to the assistant for clients that exchange mere words. A
//! session begins over polling or a WebSocket, and may go over from the one to the other.

mod hearing;
mod message;
mod packet;
mod polling;
mod refused;
mod session;
mod sessions;
mod websocket;

use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, get, http::Method, post};
use serde_json::json;

use self::packet::Packet;
use self::refused::Refused;
use self::session::Session;
use self::sessions::Full;
use self::websocket::Stage;
use super::body::Raw;
use super::client_address::ClientAddress;
use super::fault::Fault;
use super::heartbeat::{self, Beating};
use super::middleware::origin;
use super::problem::Problem;
use super::state::Web;
use super::{caller, socket};
use crate::actors::assistant::Farewell;
use crate::services::limiter;

pub use sessions::Sessions;

/// The longest frame and the longest body, in bytes.
const MESSAGE_MAX: usize = 64 * 1024;
/// The version of Engine.IO that is spoken.
const VERSION: &str = "4";

/// After so long whoever found no place may ask again.
const AGAIN: Duration = Duration::from_secs(1);

/// What the address of a request says.
struct Asked {
    is_socket: bool,
    session: Option<Arc<Session>>,
}

/// A session that is asked for signs of life, until it is gone.
struct Pulse(Weak<Session>);

/// Begins a session of Socket.IO, waits for its next packets, or opens its WebSocket. The
/// assistant is told with the event `message`, and answers with `message`, `status` and `error`.
/// Also at `/api/socket/socket.io`.
#[utoipa::path(tag = "assistant", params(
    ("EIO" = Option<String>, Query, description = "The version of Engine.IO: 4"),
    ("transport" = Option<String>, Query, description = "polling or websocket"),
    ("sid" = Option<String>, Query, description = "The session, once there is one"),
), responses(
    (status = 200, description = "Packets", content_type = "text/plain"),
    (status = 101, description = "The socket"),
    (status = 400, description = "The numbered errors of Engine.IO"),
    (status = 403, description = "The page comes from elsewhere"),
    (status = 429, description = "Too many of this address have not said yet who they are"),
))]
#[get("/socket.io")]
pub(super) async fn listen(
    request: HttpRequest,
    payload: Payload,
    web: Data<Web>,
) -> Result<HttpResponse, actix_web::Error> {
    let asked = read(&request, &web)?;
    if !origin::is_ours(&request) {
        return Err(Problem::from(Fault::CrossOrigin).into());
    }
    if asked.is_socket && socket::expected(&request).is_err() {
        return Err(Refused::BadRequest.into());
    }
    let answer = match (asked.session, asked.is_socket) {
        (None, is_socket) => {
            let session = begin(&request, &web, is_socket)?;
            if is_socket {
                websocket::open(&request, payload, &web, &session, Stage::Carrying)
            } else {
                let (packets, _) = session.take();
                Ok(polling::answer(&packets))
            }
        }
        (Some(session), _) if !session.is_polling() => Err(Refused::BadRequest),
        (Some(session), false) => polling::poll(&session),
        (Some(session), true) => websocket::open(&request, payload, &web, &session, Stage::Polling),
    };
    Ok(answer?)
}

/// Takes packets of a session of Socket.IO that polls.
#[utoipa::path(tag = "assistant", params(
    ("sid" = Option<String>, Query, description = "The session"),
), request_body(content = String, content_type = "text/plain"), responses(
    (status = 200, description = "They were taken", content_type = "text/plain"),
    (status = 400, description = "The numbered errors of Engine.IO"),
))]
#[post("/socket.io")]
pub(super) async fn tell(
    request: HttpRequest,
    Raw(body): Raw,
    web: Data<Web>,
) -> Result<HttpResponse, actix_web::Error> {
    let asked = read(&request, &web)?;
    if body.len() > MESSAGE_MAX {
        return Err(Problem::from(Fault::TooLarge(MESSAGE_MAX)).into());
    }
    match asked.session {
        Some(session) if !asked.is_socket && session.is_polling() => {
            Ok(polling::take(&session, &body, &web)?)
        }
        _ => Err(Refused::BadRequest.into()),
    }
}

fn read(request: &HttpRequest, web: &Web) -> Result<Asked, Refused> {
    let query = Query::<Vec<(String, String)>>::from_query(request.query_string());
    let query = query.map_err(|_| Refused::BadRequest)?;
    let said = |name| {
        query
            .iter()
            .find(|(said, _)| said == name)
            .map(|(_, value)| value.as_str())
    };
    let is_socket = match said("transport") {
        Some("polling") => false,
        Some("websocket") => true,
        _ => return Err(Refused::Transport),
    };
    let session = match said("sid") {
        Some(id) => {
            let token = caller::token(request);
            let found = web.socketio.find(id, token.as_deref());
            Some(found.ok_or(Refused::Session)?)
        }
        None if request.method() != Method::GET => return Err(Refused::Method),
        None if said("EIO") != Some(VERSION) => return Err(Refused::Version),
        None => None,
    };
    Ok(Asked { is_socket, session })
}

fn begin(request: &HttpRequest, web: &Data<Web>, is_socket: bool) -> Result<Arc<Session>, Problem> {
    let limited = web.config.limits.enabled;
    let address = limited.then(|| ClientAddress::of(request, &web.config.server.trusted_proxies));
    let address = address.map(|address| limiter::network(address.0));
    let session = web.socketio.begin(caller::token(request), address)?;
    let heartbeat = web.config.assistant.heartbeat.as_millis();
    let upgrades: &[&str] = if is_socket { &[] } else { &["websocket"] };
    let open = json!({
        "sid": session.id(),
        "upgrades": upgrades,
        "pingInterval": heartbeat,
        "pingTimeout": heartbeat,
        "maxPayload": MESSAGE_MAX,
    });
    session.send(Packet::Open(open.to_string()));
    heartbeat::join(web, Pulse(Arc::downgrade(&session)));
    Ok(session)
}

impl From<Full> for Problem {
    fn from(full: Full) -> Self {
        match full {
            Full::Address => Fault::TooMany(AGAIN).into(),
            Full::Node => Fault::Overloaded.into(),
        }
    }
}

impl Beating for Pulse {
    fn beat(&self) -> bool {
        let Some(session) = self.0.upgrade() else {
            return false;
        };
        let lives = session.beat();
        if !lives {
            session.forget();
        }
        lives
    }

    fn stop(&self) {
        if let Some(session) = self.0.upgrade() {
            session.say_goodbye(Farewell::Stopping);
        }
    }
}
