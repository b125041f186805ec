//! For those who watch over a node: whether it lives, whether it is ready, its figures, and its
//! owners.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use bson::oid::ObjectId;
use bson::rawdoc;
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::caller::Admin;
use super::fault::Fault;
use super::problem::Problem;
use super::state::{Dependency, Web};
use crate::domain::id::Id;
use crate::events::audit_log;

/// So long may a dependency think about how it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether a node can be sent requests.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`, `unready` or `stopping`.
    status: &'static str,
    /// What the node leans on, by name.
    dependencies: BTreeMap<&'static str, Condition>,
}

/// How something is that the node leans on.
#[derive(Serialize, ToSchema)]
pub struct Condition {
    /// `up` or `down`.
    state: &'static str,
    /// Whether the node is of no use without it.
    needed: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    backlog: Option<Backlog>,
}

/// What waits for a broker.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backlog {
    /// How old the oldest event is that it has not confirmed.
    lag_seconds: u64,
    /// Messages that were sent to it and that it has not confirmed.
    unconfirmed: u64,
}

/// The owners of one kind.
#[derive(Serialize, ToSchema)]
pub struct Actors {
    /// The kind: `account`.
    kind: &'static str,
    /// How many owners are awake.
    awake: usize,
    /// How many commands wait at them.
    pending: usize,
    /// How often one had to start anew.
    restarts: u64,
}

/// How a consumer is told of events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Its name.
    consumer: &'static str,
    /// Whether it is this node that tells it.
    here: bool,
    /// How many events it has taken from this node.
    delivered: u64,
    /// How often it failed, and was told again.
    retries: u64,
    /// How old the oldest event is that it has not taken.
    lag_seconds: u64,
}

/// Whether the process lives.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "It lives"),
    (status = 503, description = "Its store failed for good: start it anew"),
))]
#[get("/healthz")]
pub(super) async fn healthz(web: Data<Web>) -> HttpResponse {
    let store = &web.engine.store;
    // A store behind a wire comes back by itself; a disk that failed does not.
    if !store.by_wire() && store.health().await.is_err() {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "failed" }));
    }
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Whether the node can be sent requests, and how everything is that it leans on.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "It is ready", body = Readiness),
    (status = 503, description = "Something needed is down, or it is stopping", body = Readiness),
))]
#[get("/readyz")]
pub(super) async fn readyz(web: Data<Web>) -> HttpResponse {
    let asked = web
        .dependencies
        .iter()
        .map(|one| async move { (one, is_up(one).await) });
    let answers = join_all(asked).await;
    let down = answers.iter().any(|(one, up)| one.needed && !up);
    let dependencies = answers.into_iter().map(|(one, up)| {
        let state = if up { "up" } else { "down" };
        let condition = Condition {
            state,
            needed: one.needed,
            backlog: backlog(&web, one.name),
        };
        (one.name, condition)
    });
    let (code, status) = match (web.stopping.begun(), down) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, true) => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    HttpResponse::build(code).json(Readiness {
        status,
        dependencies: dependencies.collect(),
    })
}

/// The broker alone has one.
fn backlog(web: &Web, name: &str) -> Option<Backlog> {
    let broker = web.broker.as_ref()?;
    let tally = web.consumers.iter().find(|tally| tally.consumer() == name)?;
    Some(Backlog {
        lag_seconds: tally.lag(web.engine.clock.now()).as_secs(),
        unconfirmed: broker.standing().unconfirmed(),
    })
}

/// Something that does not even say how it is, is down.
async fn is_up(dependency: &Dependency) -> bool {
    let answer = tokio::time::timeout(PATIENCE, (dependency.check)()).await;
    matches!(answer, Ok(Ok(())))
}

/// The figures of the node, for Prometheus.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "The figures", content_type = "text/plain"),
    (status = 404, description = "Closed"),
))]
#[get("/metrics")]
pub(super) async fn metrics(web: Data<Web>) -> Result<HttpResponse, Problem> {
    if !web.config.metrics_open() {
        return Err(Fault::UnknownRoute.into());
    }
    let text = web.meters.text(&web);
    let text = text.map_err(|error| Fault::Broken(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type(prometheus::TEXT_FORMAT)
        .body(text))
}

/// The owners that are awake, by kind, who is told of events, and what the committer has written.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])), responses(
    (status = 200, description = "The figures by kind"),
))]
#[get("/api/ops/actors")]
pub(super) async fn actors(_: Admin, web: Data<Web>) -> HttpResponse {
    let kinds = web.kinds.iter().map(|figures| Actors {
        kind: figures.kind(),
        awake: figures.awake(),
        pending: figures.pending(),
        restarts: figures.restarts(),
    });
    let now = web.engine.clock.now();
    let consumers = web.consumers.iter().map(|tally| Told {
        consumer: tally.consumer(),
        here: tally.ours(),
        delivered: tally.delivered(),
        retries: tally.retries(),
        lag_seconds: tally.lag(now).as_secs(),
    });
    let tally = web.engine.committer.tally();
    HttpResponse::Ok().json(json!({
        "actors": kinds.collect::<Vec<_>>(),
        "consumers": consumers.collect::<Vec<_>>(),
        "committer": { "batches": tally.batches, "commits": tally.commits },
    }))
}

/// Makes one owner fail as if by a fault of its own; it starts anew from the store.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])),
    params(("kind" = String, Path), ("id" = String, Path)), responses(
    (status = 200, description = "It failed and starts anew"),
    (status = 404, description = "There is no such kind, or no owner of this id is awake"),
))]
#[post("/api/ops/actors/{kind}/{id}/kill")]
pub(super) async fn kill(
    admin: Admin,
    path: Path<(String, Id)>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (kind, id) = path.into_inner();
    let mut kinds = web.kinds.iter();
    let figures = kinds.find(|figures| figures.kind() == kind);
    let figures = figures.ok_or(Fault::NotFound("kind of actor"))?;
    if !figures.kill(id) {
        return Err(Fault::NotFound("actor awake").into());
    }
    let engine = &web.engine;
    let deed = (
        "ACTOR_KILLED",
        rawdoc! { "kind": &*kind, "actor": ObjectId::from(id) },
    );
    let when = (engine.id(), engine.clock.now());
    audit_log::note(&engine.committer, when, admin.0.id, deed).await?;
    Ok(HttpResponse::Ok().json(json!({ "message": format!("The {kind} {id} starts anew.") })))
}
