//! The demo on the command line: filled on a store that no runtime holds, or beside those that
//! share a database.

use std::sync::Arc;
use std::time::Duration;

use super::{Demo, DemoError, Filled, News};
use crate::actors::accounts::Accounts;
use crate::actors::engine::Bounds;
use crate::actors::products::Products;
use crate::clock::{Chance, Clock};
use crate::config::Config;
use crate::services::media::Media;
use crate::services::outside::use_ring;
use crate::services::passwords::Passwords;
use crate::services::sessions::Sessions;
use crate::supervisors::engine::Footing;
use crate::supervisors::runtime::StartError;
use crate::supervisors::{opening, process};

/// Whoever has put up one product of many is not asked again.
const IDLE: Duration = Duration::from_secs(1);

/// Why nothing was filled, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The store cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It broke off.
    #[error(transparent)]
    Demo(#[from] DemoError),
}

/// Fills the shop that is configured, and puts up so many products besides.
///
/// # Errors
/// See [`SeedError`].
pub fn seed(config: &Config, many: usize, heard: &dyn Fn(News<'_>)) -> Result<Filled, SeedError> {
    process::on_a_system(async {
        use_ring();
        let store = opening::open(config).await.map_err(StartError::from)?;
        store
            .prepare(&opening::collections())
            .await
            .map_err(StartError::from)?;
        let time = (Clock::system(), Chance::unforeseeable());
        let bounds = Bounds {
            idle: IDLE,
            ..(&config.actors).into()
        };
        let footing = Footing::start(store, time, bounds).map_err(StartError::from)?;
        let filled = match demo(config, &footing) {
            Ok(demo) => fill(&demo, many, heard).await.map_err(SeedError::from),
            Err(error) => Err(error.into()),
        };
        footing.stop().await;
        filled
    })
}

fn demo(config: &Config, footing: &Footing) -> Result<Demo, StartError> {
    let engine = &footing.engine;
    let (sessions, answering) = Sessions::new(&engine.store, None);
    tokio::spawn(answering);
    Ok(Demo {
        config: config.clone(),
        engine: Arc::clone(engine),
        accounts: Accounts::new(Arc::clone(engine), Arc::new(sessions)),
        products: Products::new(engine),
        media: Media::open(config, &engine.clock, engine.uploads())?,
        passwords: Passwords::new(config.auth.bcrypt_cost, 1),
    })
}

async fn fill(demo: &Demo, many: usize, heard: &dyn Fn(News<'_>)) -> Result<Filled, DemoError> {
    let filled = demo.fill(heard).await?;
    demo.put_up_many(many, heard).await?;
    Ok(Filled {
        products: filled.products + many,
        ..filled
    })
}
