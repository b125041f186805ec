//! Everything about webhooks: who owns them, who turns events into deliveries, and who brings
//! those to their receivers.

use std::sync::Arc;

use super::sweeper::Chore;
use crate::actors::accounts::Accounts;
use crate::actors::engine::Engine;
use crate::actors::figures::Figures;
use crate::actors::herald::Herald;
use crate::actors::messenger::Messengers;
use crate::actors::orders::Orders;
use crate::actors::products::Products;
use crate::actors::webhooks::Webhooks;
use crate::config::Config;
use crate::domain::webhook::DELIVERIES;
use crate::events::consumer::Consumer;
use crate::services::receivers::{Receivers, Rules};

/// Webhooks, and the way to their receivers.
pub(super) struct Hooks {
    pub(super) webhooks: Webhooks,
    pub(super) receivers: Receivers,
}

impl Hooks {
    pub(super) fn open(config: &Config, engine: &Arc<Engine>) -> Self {
        let rules = Rules {
            private: config.webhooks.allow_private,
            plain: !config.environment.is_public(),
        };
        Self {
            webhooks: Webhooks::new(engine),
            receivers: Receivers::new(rules, config.webhooks.timeout),
        }
    }

    /// Who turns what has happened into deliveries.
    pub(super) fn herald(
        &self,
        accounts: &Accounts,
        products: &Products,
        orders: &Orders,
    ) -> Arc<dyn Consumer> {
        let (accounts, products, orders) = (accounts.clone(), products.clone(), orders.clone());
        Herald::new(self.webhooks.clone(), accounts, products, orders)
    }

    /// Who brings them to their receivers.
    pub(super) fn messengers(&self) -> Messengers {
        Messengers::start(self.webhooks.clone(), self.receivers.clone())
    }

    pub(super) fn chores(&self, engine: &Arc<Engine>) -> [Chore; 3] {
        [
            Chore::sleep(self.webhooks.owners().clone()),
            Chore::sleep(self.webhooks.deliveries().clone()),
            Chore::forget(Arc::clone(engine), &DELIVERIES),
        ]
    }

    pub(super) fn figures(&self) -> [Arc<dyn Figures>; 2] {
        [
            Arc::new(self.webhooks.owners().clone()),
            Arc::new(self.webhooks.deliveries().clone()),
        ]
    }
}
