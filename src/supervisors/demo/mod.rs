//! A believable shop for whoever looks at Bazaar for the first time: filled by itself on the first
//! start of a developer's empty store, beside the open doors, or on the command line.
//!
//! Everything is made through the owners, as if people had come and done it, under ids that follow
//! from names. So what is there already is left alone, and what broke off goes on where it was.

pub mod by_hand;
mod drawing;
mod filling;
mod goods;
mod mass;
mod people;

use std::io::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tracing::{info, warn};

use super::admin::AdminError;
use crate::actors::accounts::Accounts;
use crate::actors::ask::AskError;
use crate::actors::engine::Engine;
use crate::actors::products::{Products, Wanted};
use crate::config::Config;
use crate::domain::account::{self, ACCOUNTS, MalformedEmail, Role};
use crate::domain::id::Id;
use crate::domain::product::{self, PRODUCTS};
use crate::http::state::Web;
use crate::services::media::Media;
use crate::services::passwords::{NoAnswer, Passwords};
use crate::store::Unavailable;

pub use people::Login;

/// What fills a shop.
#[derive(Clone)]
pub struct Demo {
    config: Config,
    engine: Arc<Engine>,
    accounts: Accounts,
    products: Products,
    media: Media,
    passwords: Passwords,
}

/// What is heard while a shop is being filled.
#[derive(Debug)]
pub enum News<'a> {
    /// An account is being made, whose password is not told again.
    Login(&'a Login),
    /// So many products of so many stand there.
    Products(usize, usize),
    /// And so many of so many besides.
    Besides(usize, usize),
}

/// A shop that has been filled.
#[derive(Debug)]
pub struct Filled {
    /// How many products stand there.
    pub products: usize,
    /// Who can sign in.
    pub logins: Vec<Login>,
}

/// Why a shop could not be filled, in one sentence. The next attempt goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] Unavailable),
    /// Somebody has no account.
    #[error("{0} of the demo has no account: {1}")]
    Account(String, AskError<account::Refusal>),
    /// An email address of the demo is none.
    #[error(transparent)]
    Email(#[from] MalformedEmail),
    /// There is no admin.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// A password was not hashed.
    #[error(transparent)]
    Hash(#[from] NoAnswer),
    /// Something is not put up for sale.
    #[error("{0:?} is not put up: {1}")]
    Product(String, AskError<product::Refusal>),
}

impl Demo {
    /// What fills the shop behind this web.
    #[must_use]
    pub fn of(web: &Web) -> Self {
        Self {
            config: web.config.clone(),
            engine: Arc::clone(&web.engine),
            accounts: web.accounts.clone(),
            products: web.products.clone(),
            media: web.media.clone(),
            passwords: web.passwords.clone(),
        }
    }

    /// Whether the shop is to be filled without being asked: it is a developer's and empty, or was
    /// being filled when it stopped.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn is_wanted(&self) -> Result<bool, Unavailable> {
        if self.config.environment.is_public() || !self.config.demo.seed {
            return Ok(false);
        }
        let store = &self.engine.store;
        let first = vec![people::SELLERS[0].id().into()];
        let begun = store.get(&ACCOUNTS, first).await?.iter().any(Option::is_some);
        if !begun {
            return self.is_empty().await;
        }
        let last = filling::last().map(|(_, item)| id_of("product", item.title).into());
        let finished = store.get(&PRODUCTS, last.into_iter().collect()).await?;
        Ok(!finished.iter().all(Option::is_some))
    }

    /// Whether nobody has come yet but an admin.
    async fn is_empty(&self) -> Result<bool, Unavailable> {
        for role in [Role::User, Role::Seller] {
            let (_, _, many) = self.accounts.list(Some(role), |query| query.limit(1)).await?;
            if many > 0 {
                return Ok(false);
            }
        }
        let (_, _, many) = self.products.list(&Wanted::All, |query| query.limit(1)).await?;
        Ok(many == 0)
    }

    /// Fills the shop while it is open, and says so.
    pub async fn fill_beside_the_open_shop(self) {
        info!("the shop is empty and is being filled with a demo; demo.seed = false leaves it empty");
        let news = |news: News<'_>| {
            if let News::Login(login) = news {
                tell(&format!("{login}  (told this once)"));
            }
        };
        match self.fill(&news).await {
            Ok(filled) => {
                info!(products = filled.products, "the demo's shop is filled");
                filled.logins.iter().for_each(|login| tell(&login.to_string()));
            }
            Err(error) => warn!(%error, "the demo's shop is filled in part; the next start goes on with it"),
        }
    }
}

/// Says something on standard output: passwords have no place in a log that others collect.
fn tell(line: &str) {
    // Nobody is left to tell if it is closed.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The id of something of the demo.
fn id_of(kind: &str, name: &str) -> Id {
    let digest = Sha256::digest(format!("bazaar demo {kind} {name}"));
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&digest[..12]);
    Id::from_bytes(bytes)
}
