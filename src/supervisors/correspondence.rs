//! Everything about letters and notices: who writes them, who carries them out of the house, and
//! by which ways.

use std::sync::Arc;

use super::runtime::StartError;
use super::sweeper::Chore;
use crate::actors::accounts::Accounts;
use crate::actors::courier::Courier;
use crate::actors::engine::Engine;
use crate::actors::figures::Figures;
use crate::actors::inboxes::Inboxes;
use crate::actors::letters::Letters;
use crate::actors::notifier::{Notifier, Ways};
use crate::actors::post::Post;
use crate::config::Config;
use crate::domain::letter::LETTERS;
use crate::events::consumer::Consumer;
use crate::http::state::Dependency;
use crate::services::mail::Server;
use crate::services::reset_links::ResetLinks;
use crate::services::sms::Gateway;
use crate::services::stationery::Stationery;
use crate::services::tokens::Tokens;

/// Letters, notices, and the ways out.
pub(super) struct Correspondence {
    pub(super) letters: Letters,
    pub(super) inboxes: Inboxes,
    pub(super) stationery: Stationery,
    pub(super) reset_links: Arc<ResetLinks>,
    server: Option<Arc<Server>>,
    ways: Ways,
}

impl Correspondence {
    pub(super) fn open(
        config: &Config,
        engine: &Arc<Engine>,
        tokens: &Arc<Tokens>,
    ) -> Result<Self, StartError> {
        let server = Server::open(config)?.map(Arc::new);
        let reset_links = Arc::new(ResetLinks::new(Arc::clone(tokens), config.public_url()));
        Ok(Self {
            letters: Letters::new(engine),
            inboxes: Inboxes::new(engine),
            stationery: Stationery::new(Arc::clone(&reset_links)),
            reset_links,
            ways: Ways {
                mail: server.is_some(),
                sms: config.sms.url.is_some(),
            },
            server,
        })
    }

    /// Who turns what has happened into letters and notices.
    pub(super) fn notifier(&self, accounts: &Accounts) -> Arc<dyn Consumer> {
        let (letters, inboxes) = (self.letters.clone(), self.inboxes.clone());
        Notifier::new(accounts.clone(), letters, inboxes, self.ways)
    }

    /// Who carries letters, if there is a way out of the house.
    pub(super) fn courier(&self, config: &Config) -> Option<Courier> {
        let post = Post {
            server: self.server.clone(),
            gateway: Gateway::open(config),
            stationery: self.stationery.clone(),
        };
        post.goes_out()
            .then(|| Courier::start(self.letters.clone(), post))
    }

    pub(super) fn chores(&self, engine: &Arc<Engine>) -> [Chore; 3] {
        [
            Chore::sleep(self.letters.owners().clone()),
            Chore::sleep(self.inboxes.owners().clone()),
            Chore::forget(Arc::clone(engine), &LETTERS),
        ]
    }

    pub(super) fn figures(&self) -> [Arc<dyn Figures>; 2] {
        [
            Arc::new(self.letters.owners().clone()),
            Arc::new(self.inboxes.owners().clone()),
        ]
    }

    /// The mail server, for /readyz: it is asked nothing, and only told of as it was found.
    pub(super) fn dependency(&self) -> Option<Dependency> {
        let server = self.server.clone()?;
        Some(Dependency {
            name: "mail",
            needed: false,
            check: Box::new(move || {
                let found = if server.rests() {
                    Err("the mail server keeps failing".to_owned())
                } else {
                    Ok(())
                };
                Box::pin(async move { found })
            }),
        })
    }
}
