//! Opens the store that is configured.

use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::actors::remembered::REMEMBERED;
use crate::config::{Config, ConfigError};
use crate::domain::account::{ACCOUNTS, REVOCATIONS};
use crate::domain::cart::Cart;
use crate::domain::closing::CLOSINGS;
use crate::domain::collection::Collection;
use crate::domain::conversation::Conversation;
use crate::domain::desk::{DESK_DAYS, DESK_ORDERS, DESK_PRODUCTS, DESKS};
use crate::domain::entity::Entity;
use crate::domain::inbox::INBOXES;
use crate::domain::ledger::LEDGER;
use crate::domain::letter::LETTERS;
use crate::domain::order::ORDERS;
use crate::domain::pass::PASSES;
use crate::domain::payment::{PAYMENTS, PROVIDER_NAMES};
use crate::domain::product::{PRODUCTS, REVIEWS};
use crate::domain::reservation::RESERVATIONS;
use crate::domain::sandbox::{SANDBOX_ORDERS, SANDBOX_SWITCHES};
use crate::domain::stock::{HOLDS, Stock, TICKETS};
use crate::domain::webhook::{DELIVERIES, WEBHOOKS};
use crate::events::cursor::CURSORS;
use crate::services::media::UPLOADS;
use crate::store::embedded::{self, Embedded};
use crate::store::mongo::{ConnectError, Mongo, Settings};
use crate::store::{EVENTS, Store};

/// Why there is no store, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error(transparent)]
    Folder(#[from] ConfigError),
    /// The folder cannot be used.
    #[error(transparent)]
    Embedded(#[from] embedded::OpenError),
    /// The database cannot be used.
    #[error(transparent)]
    Mongo(#[from] ConnectError),
}

/// Opens the embedded store, or MongoDB where it is configured.
///
/// # Errors
/// When it cannot be used as it is.
pub async fn open(config: &Config) -> Result<Arc<dyn Store>, OpenError> {
    let Some(uri) = &config.store.mongo_uri else {
        config.make_data_dir()?;
        let folder = config.store.data_dir.join("store");
        return Ok(Arc::new(Embedded::open(&folder)?));
    };
    let settings = Settings {
        uri: uri.expose_secret().to_owned(),
        database: None,
        deadline: config.store.deadline,
        shared: config.store.is_shared(),
    };
    Ok(Arc::new(Mongo::connect(settings).await?))
}

/// Everything that is kept.
#[must_use]
pub fn collections() -> Vec<&'static Collection> {
    vec![
        &EVENTS,
        &REMEMBERED,
        &CURSORS,
        &ACCOUNTS,
        &REVOCATIONS,
        &PRODUCTS,
        &UPLOADS,
        &REVIEWS,
        Stock::COLLECTION,
        &HOLDS,
        &TICKETS,
        Cart::COLLECTION,
        Conversation::COLLECTION,
        &PASSES,
        &ORDERS,
        &DESKS,
        &DESK_ORDERS,
        &DESK_DAYS,
        &DESK_PRODUCTS,
        &PAYMENTS,
        &PROVIDER_NAMES,
        &LEDGER,
        &CLOSINGS,
        &RESERVATIONS,
        &SANDBOX_ORDERS,
        &SANDBOX_SWITCHES,
        &LETTERS,
        &WEBHOOKS,
        &DELIVERIES,
        &INBOXES,
    ]
}
