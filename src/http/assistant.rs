//! The ways to the assistant: a socket, a ticket for it, and how a seller's shop is doing.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::Body;
use super::caller::{self, Seller, SignedIn};
use super::fault::{Fault, Telling};
use super::middleware::origin;
use super::problem::Problem;
use super::socket;
use super::state::Web;
use crate::actors::assistant::tools::{Trouble, insights as insights_of};
use crate::actors::assistant::{Crowded, Manner, NotNow, Person};
use crate::domain::pass::{LIFETIME, Refusal};

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// To be put behind `?ticket=` of the socket's address.
    ticket: String,
    /// For how many seconds it is good, once.
    expires_in: u64,
}

/// How a seller's shop is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct InsightsBody {
    /// In figures and sentences.
    #[schema(value_type = Object)]
    insights: Value,
}

/// Opens a socket to the assistant. Frames are JSON: in `{"type":"message","text"}`,
/// `{"type":"confirm","callId","accept"}` and `{"type":"cancel"}`; out `status`, `delta`, `tool`,
/// `message`, `confirm` and `error`.
#[utoipa::path(tag = "assistant", security(("token" = ["user", "seller", "admin"])),
    params(("ticket" = Option<String>, Query, description = "In the place of a token")), responses(
    (status = 101, description = "The socket"),
    (status = 400, description = "This is no WebSocket handshake"),
    (status = 403, description = "The page comes from elsewhere"),
    (status = 429, description = "The caller has too many sockets"),
))]
#[get("/api/assistant/ws")]
pub(super) async fn connect(
    request: HttpRequest,
    payload: Payload,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let person = person(&request, &web).await?;
    if !origin::is_ours(&request) {
        return Err(Fault::CrossOrigin.into());
    }
    socket::expected(&request)?;
    let arrival = web.assistant.admit(person, Manner::Frames).await?;
    socket::open(&request, payload, &web, arrival)
}

/// A ticket that opens one socket within half a minute, for clients that cannot send a token.
#[utoipa::path(tag = "assistant", security(("token" = ["user", "seller", "admin"])), responses(
    (status = 201, description = "The ticket", body = Ticket),
))]
#[post("/api/assistant/ticket")]
pub(super) async fn issue(caller: SignedIn, _: Body<()>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let person = Person::from(&caller.0);
    let ticket = web.passes.issue((&person).into()).await?;
    let expires_in = LIFETIME.as_secs();
    Ok(HttpResponse::Created().json(Ticket { ticket, expires_in }))
}

/// How the caller's shop is doing: what was sold, and what is nearly sold out.
#[utoipa::path(tag = "assistant", security(("token" = ["seller"])), responses(
    (status = 200, description = "Figures and sentences", body = InsightsBody),
))]
#[get("/api/assistant/insights")]
pub(super) async fn insights(seller: Seller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let insights = insights_of(web.assistant.tools().shop(), seller.0.id).await?;
    let insights = serde_json::to_value(insights).unwrap_or_default();
    Ok(HttpResponse::Ok().json(InsightsBody { insights }))
}

/// Whoever knocks: by a ticket, or else by a token.
async fn person(request: &HttpRequest, web: &Web) -> Result<Person, Problem> {
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let ticket = query.ok().and_then(|pairs| {
        let mut pairs = pairs.into_inner().into_iter();
        pairs.find(|(name, _)| name == "ticket")
    });
    let Some((_, ticket)) = ticket else {
        return Ok(Person::from(&caller::signed_in(request.clone()).await?));
    };
    let holder = web.passes.redeem(&ticket).await?;
    if !web.sessions.goes_on(holder.account, holder.session).await? {
        return Err(Fault::SignIn("This session has ended. Please sign in.").into());
    }
    Ok(holder.into())
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        Fault::SignIn("The ticket is not valid, or not any more.").into()
    }
}

impl From<NotNow> for Problem {
    fn from(why: NotNow) -> Self {
        match why {
            NotNow::Crowded(Crowded::User) => {
                let why = "You have too many connections to the assistant.";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_connections", why)
                    .retry_after(std::time::Duration::from_secs(1))
            }
            NotNow::Crowded(Crowded::Node) => Fault::Overloaded.into(),
            NotNow::Unavailable(why) => Fault::Unavailable(why).into(),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let told = trouble.to_string();
        match trouble {
            Trouble::Unknown(_) | Trouble::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not_found", told),
            Trouble::Malformed(why) => Fault::Malformed(why).into(),
            Trouble::SignIn => Fault::SignIn("Please sign in.").into(),
            Trouble::Forbidden => Fault::Forbidden("This is not for you.").into(),
            Trouble::Refused(_) => Self::new(StatusCode::CONFLICT, "refused", told),
            Trouble::Changed => Self::new(StatusCode::CONFLICT, "changed", told),
            Trouble::Unavailable(why) => Fault::Unavailable(why).into(),
            Trouble::Failed => Fault::Broken("a tool failed".into()).into(),
        }
    }
}
