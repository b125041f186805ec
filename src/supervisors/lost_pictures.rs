//! Looks for pictures that were sent in and that nobody shows: the runtime was killed between
//! keeping them and putting up what they were for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tracing::{info, warn};

use super::sweeper::Chore;
use crate::actors::engine::Engine;
use crate::domain::account::Account;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::product::Product;
use crate::services::media::{Media, Upload};
use crate::store::{Unavailable, document};

/// How often it is looked.
const EVERY: Duration = Duration::from_mins(5);
/// So many are looked at in one turn.
const BATCH: usize = 256;

/// The chore of dropping them. Its first turn is at the start: that is when something may be lost.
#[must_use]
pub(super) fn chore(engine: &Arc<Engine>, media: &Media) -> Chore {
    let (engine, media) = (Arc::clone(engine), media.clone());
    let begun = AtomicBool::new(false);
    let rest = move || {
        let rest = if begun.swap(true, Ordering::Relaxed) {
            EVERY
        } else {
            Duration::ZERO
        };
        tokio::time::sleep(rest).boxed()
    };
    let work = move || {
        let (engine, media) = (Arc::clone(&engine), media.clone());
        async move { look(&engine, &media).await }.boxed()
    };
    Chore::when("lost pictures".into(), rest, work)
}

/// Says how many it looked at.
async fn look(engine: &Engine, media: &Media) -> Result<usize, Unavailable> {
    let mut looked = 0;
    for upload in media.uploads().due(&*engine.store, BATCH).await? {
        if !is_shown(engine, &upload).await? {
            info!(
                handle = upload.handle,
                kind = upload.kind,
                "nobody shows a picture; it is dropped"
            );
            if let Err(error) = media.drop_now(&upload.handle).await {
                warn!(%error, handle = upload.handle, "it is tried again");
                continue;
            }
        }
        if let Err(error) = media.uploads().strike(&upload).await {
            warn!(%error, handle = upload.handle, "it is looked at again");
        }
        looked += 1;
    }
    Ok(looked)
}

async fn is_shown(engine: &Engine, upload: &Upload) -> Result<bool, Unavailable> {
    let picture = upload.picture();
    let shows = |id: Id| Some(id) == picture;
    Ok(match upload.kind.as_str() {
        Product::KIND => load::<Product>(engine, upload.bearer)
            .await?
            .filter(|product| !product.retired)
            .is_some_and(|product| product.listing.images.iter().any(|image| shows(image.id))),
        Account::KIND => load::<Account>(engine, upload.bearer)
            .await?
            .and_then(|account| account.avatar)
            .is_some_and(|image| shows(image.id)),
        _ => true, // whatever a later runtime has noted is its own business
    })
}

async fn load<E: Entity>(engine: &Engine, id: Id) -> Result<Option<E>, Unavailable> {
    let found = engine.store.get(E::COLLECTION, vec![id.into()]).await?;
    let Some(row) = found.into_iter().flatten().next() else {
        return Ok(None);
    };
    let state = document::decode(&row);
    Ok(Some(state.map_err(|error| {
        Unavailable(format!("a {} cannot be read: {error}", E::KIND))
    })?))
}
