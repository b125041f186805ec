//! The feed of events: a change stream, followed by resume token. Where there is no token yet, or
//! the server has forgotten it, a scan of the events themselves comes first.

use std::time::Duration;

use bson::{DateTime, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::{ChangeStreamEvent, ResumeToken};
use mongodb::error::Result;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tracing::{debug, warn};

use super::{error_code, shelf};
use crate::store::{EVENTS, FeedPage, FeedPosition, document};

/// An event's own time is when it was asked for, on the clock of some runtime: events that became
/// durable after a position may be this much older than it.
const MARGIN_MS: i64 = 10 * 60 * 1000;
/// What the server says to a token that it knows no more, or never knew.
const FORGOTTEN: [i32; 3] = [286, 280, 260];
/// Nobody counts further than this how far somebody is behind.
const LENGTH_MAX: u64 = 100_000;
const NEWS_PAUSE: Duration = Duration::from_millis(500);

type Stream = ChangeStream<ChangeStreamEvent<RawDocumentBuf>>;

/// Where somebody is in the feed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    /// Where the change stream goes on, after the scan if there is one.
    token: ResumeToken,
    /// Not later than the stream was read, for the time that the token is forgotten; and not later
    /// than the last event before it, to count those after it.
    at: DateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan: Option<Scan>,
}

/// A scan in the order of the events' ids, which is the order of each entity's history.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Scan {
    after: String,
    since: Option<DateTime>,
}

pub(super) async fn feed(database: Database, after: Option<FeedPosition>, limit: usize) -> Result<FeedPage> {
    let place = match after.and_then(|position| Place::read(&position)) {
        Some(place) => place,
        None => Place::scan_from(&database, None).await?,
    };
    let Some(scan) = place.scan.clone() else {
        return stream(&database, place, limit).await;
    };
    let page = scanned(&database, &place, scan, limit).await?;
    if page.events.is_empty() {
        let after_scan = Place { scan: None, ..place };
        return stream(&database, after_scan, limit).await;
    }
    Ok(page)
}

/// The place after all that is there.
pub(super) async fn end(database: Database) -> Result<FeedPosition> {
    Ok(Place::end(&database).await?.position())
}

/// About how many events come after a position: those that are younger than the last one before
/// it, because a change stream cannot be counted.
pub(super) async fn length(database: Database, after: Option<FeedPosition>) -> Result<u64> {
    let later = match after.and_then(|position| Place::read(&position)) {
        None => doc! {},
        Some(Place { scan: Some(scan), .. }) => doc! { "_id": { "$gt": scan.after } },
        Some(place) => doc! { "at": { "$gt": place.at } },
    };
    let shelf = shelf(&database, EVENTS.name);
    shelf.count_documents(later).limit(LENGTH_MAX).await
}

/// Waits until there may be something after a position.
pub(super) async fn news(database: Database, after: FeedPosition) {
    let (waits, gone) = oneshot::channel::<()>();
    let waiting = tokio::spawn(async move {
        if let Err(error) = wait(&database, after, gone).await {
            debug!(%error, "the feed cannot be watched");
            tokio::time::sleep(NEWS_PAUSE).await;
        }
    });
    let _ = waiting.await;
    drop(waits);
}

async fn wait(database: &Database, after: FeedPosition, mut gone: oneshot::Receiver<()>) -> Result<()> {
    let Some(place) = Place::read(&after).filter(|place| place.scan.is_none()) else {
        return Ok(());
    };
    let mut stream = watch(database, Some(place.token), 1, NEWS_PAUSE).await?;
    while stream.next_if_any().await?.is_none() {
        if !matches!(gone.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
            break; // nobody waits any more
        }
    }
    Ok(())
}

async fn stream(database: &Database, place: Place, limit: usize) -> Result<FeedPage> {
    let at = DateTime::now();
    match followed(database, place.token, limit).await {
        Ok((events, token)) => {
            let last = events.last().and_then(|last| last.get_datetime("at").ok());
            let next = Place {
                token,
                at: last.map_or(at, |last| last.min(at)),
                scan: None,
            }
            .position();
            Ok(FeedPage { events, next })
        }
        Err(error) if error_code(&error).is_some_and(|code| FORGOTTEN.contains(&code)) => {
            warn!(%error, "MongoDB has forgotten where the feed was; the events are scanned instead");
            let since = DateTime::from_millis(place.at.timestamp_millis().saturating_sub(MARGIN_MS));
            let place = Place::scan_from(database, Some(since)).await?;
            let (events, next) = (Vec::new(), place.position());
            Ok(FeedPage { events, next })
        }
        Err(error) => Err(error),
    }
}

async fn followed(
    database: &Database,
    token: ResumeToken,
    limit: usize,
) -> Result<(Vec<RawDocumentBuf>, ResumeToken)> {
    let batch = u32::try_from(limit).unwrap_or(u32::MAX).clamp(1, 1_000);
    let mut stream = watch(database, Some(token.clone()), batch, Duration::from_millis(1)).await?;
    let mut events = Vec::new();
    while events.len() < limit
        && let Some(event) = stream.next_if_any().await?
    {
        events.extend(event.full_document);
    }
    let token = stream.resume_token().unwrap_or(token);
    Ok((events, token))
}

async fn scanned(database: &Database, place: &Place, scan: Scan, limit: usize) -> Result<FeedPage> {
    let mut filter = doc! { "_id": { "$gt": &scan.after } };
    if let Some(since) = scan.since {
        filter.insert("at", doc! { "$gte": since });
    }
    let shelf = shelf(database, EVENTS.name);
    let found = shelf
        .find(filter)
        .sort(doc! { "_id": 1 })
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .allow_disk_use(true);
    let events: Vec<RawDocumentBuf> = found.await?.try_collect().await?;
    let last = events.last().and_then(|last| last.get_str("_id").ok());
    let after = last.map_or(scan.after, str::to_owned);
    let scan = Some(Scan {
        after,
        since: scan.since,
    });
    let next = Place {
        scan,
        ..place.clone()
    }
    .position();
    Ok(FeedPage { events, next })
}

async fn watch(
    database: &Database,
    after: Option<ResumeToken>,
    batch: u32,
    patience: Duration,
) -> Result<Stream> {
    let inserts: Document = doc! { "$match": { "operationType": "insert" } };
    shelf(database, EVENTS.name)
        .watch()
        .pipeline([inserts])
        .resume_after(after)
        .batch_size(batch)
        .max_await_time(patience)
        .await
}

impl Place {
    async fn end(database: &Database) -> Result<Self> {
        let at = DateTime::now();
        let stream = watch(database, None, 1, Duration::from_millis(1)).await?;
        let token = stream.resume_token();
        let token = token.ok_or_else(|| mongodb::error::Error::custom("the change stream has no token"))?;
        Ok(Self {
            token,
            at,
            scan: None,
        })
    }

    /// The place before all events since a time. The stream that follows the scan begins before
    /// it, so that what comes in meanwhile is missed by neither.
    async fn scan_from(database: &Database, since: Option<DateTime>) -> Result<Self> {
        let after = String::new();
        let scan = Some(Scan { after, since });
        Ok(Self {
            scan,
            ..Self::end(database).await?
        })
    }

    fn position(&self) -> FeedPosition {
        FeedPosition(document::encode(self).into_bytes())
    }

    fn read(position: &FeedPosition) -> Option<Self> {
        bson::deserialize_from_slice(&position.0).ok()
    }
}
