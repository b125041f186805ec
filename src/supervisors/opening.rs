//! Opens the store that is configured.

use std::sync::Arc;

use crate::actors::remembered::REMEMBERED;
use crate::config::Config;
use crate::domain::account::{ACCOUNTS, REVOCATIONS};
use crate::domain::collection::Collection;
use crate::events::cursor::CURSORS;
use crate::store::embedded::{self, Embedded};
use crate::store::{EVENTS, Store};

/// Why there is no store, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be used.
    #[error(transparent)]
    Embedded(#[from] embedded::OpenError),
}

/// Opens the embedded store, or MongoDB where it is configured.
///
/// # Errors
/// When it cannot be used as it is.
pub async fn open(config: &Config) -> Result<Arc<dyn Store>, OpenError> {
    let store = Embedded::open(&config.store.data_dir.join("store"))?;
    Ok(Arc::new(store))
}

/// Everything that is kept.
#[must_use]
pub fn collections() -> Vec<&'static Collection> {
    vec![&EVENTS, &REMEMBERED, &CURSORS, &ACCOUNTS, &REVOCATIONS]
}
