//! The herald: turns every event into a delivery for each webhook that asks for it, under an id
//! that follows from both, so that it does no harm to hear twice.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use serde_json::{Map, Value, json};
use tokio::task::yield_now;

use super::accounts::Accounts;
use super::derived_id::id_of;
use super::orders::Orders;
use super::products::Products;
use super::webhooks::Webhooks;
use crate::domain::account::Role;
use crate::domain::id::Id;
use crate::domain::product::Product;
use crate::domain::webhook::{DeliveryCommand, DeliveryDraft, Webhook};
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;
use crate::events::told::{Whose, is_told, told, told_to, whose};
use crate::events::topic::asks_for;

/// So many deliveries are made side by side.
const SIDE_BY_SIDE: usize = 32;

/// The consumer that makes deliveries.
#[derive(Clone)]
pub struct Herald {
    webhooks: Webhooks,
    accounts: Accounts,
    products: Products,
    orders: Orders,
}

/// What the owners of webhooks may do at this moment. An admin hears everything, a seller what is
/// the seller's own, and nobody else anything: so somebody who is an admin no longer hears no more.
type Roles = BTreeMap<Id, Option<Role>>;

impl Herald {
    /// A herald for these webhooks.
    #[must_use]
    pub fn new(webhooks: Webhooks, accounts: Accounts, products: Products, orders: Orders) -> Arc<Self> {
        Arc::new(Self {
            webhooks,
            accounts,
            products,
            orders,
        })
    }

    async fn hear(&self, events: &[Event]) -> Result<(), Retry> {
        let mut webhooks = self.webhooks.list(None).await?;
        webhooks.retain(Webhook::is_on);
        if webhooks.is_empty() {
            return Ok(());
        }
        let roles = self.roles(&webhooks).await?;
        let mut drafts = Vec::new();
        for (place, event) in events.iter().enumerate().filter(|(_, event)| is_told(event)) {
            let made = self.drafts(event, &webhooks, &roles).await?;
            drafts.extend(made.into_iter().map(|draft| (place, draft)));
            yield_now().await; // many webhooks with many patterns hold up nobody else on this thread
        }
        self.make(drafts).await
    }

    async fn roles(&self, webhooks: &[Webhook]) -> Result<Roles, Retry> {
        let mut roles = Roles::new();
        for webhook in webhooks {
            if let Entry::Vacant(unknown) = roles.entry(webhook.owner) {
                let seen = self.accounts.profile(webhook.owner).await.map_err(Retry::from)?;
                unknown.insert(seen.map(|(profile, _)| profile.role));
            }
        }
        Ok(roles)
    }

    async fn drafts(
        &self,
        event: &Event,
        webhooks: &[Webhook],
        roles: &Roles,
    ) -> Result<Vec<DeliveryDraft>, Retry> {
        let topic = event.routing_key();
        let whose = whose(event);
        let mut sellers = None;
        let mut drafts = Vec::new();
        for webhook in webhooks {
            // Whose the event is often costs less to see than whether the webhook asks for it.
            let role = roles.get(&webhook.owner).copied().flatten();
            if !may_hear(role, webhook.owner, &whose) || !asks(webhook, event, &topic) {
                continue;
            }
            let data = if role == Some(Role::Admin) {
                told(event)
            } else {
                let sellers = match &mut sellers {
                    Some(known) => known,
                    unknown @ None => unknown.insert(self.sellers(event, &whose).await?),
                };
                if !sellers.contains(&webhook.owner) {
                    continue;
                }
                told_to(event, webhook.owner)
            };
            drafts.push(draft(webhook, event, &topic, &data));
        }
        Ok(drafts)
    }

    /// The sellers that an event is of.
    async fn sellers(&self, event: &Event, whose: &Whose) -> Result<BTreeSet<Id>, Retry> {
        Ok(match whose {
            Whose::Sellers(sellers) => sellers.clone(),
            Whose::Nobodys => BTreeSet::new(),
            Whose::OfOrder => {
                let seen = self.orders.see(event.entity).await.map_err(Retry::from)?;
                let lines = seen.into_iter().flat_map(|seen| seen.order.lines);
                lines.map(|line| line.seller).collect()
            }
            Whose::OfProduct => {
                let seller = |product: Option<&Product>, _| product.map(|product| product.seller);
                let seen = self.products.owners().view(event.entity, seller).await;
                seen.map_err(Retry::from)?.into_iter().collect()
            }
        })
    }

    async fn make(&self, drafts: Vec<(usize, DeliveryDraft)>) -> Result<(), Retry> {
        // Boxed one by one, because the compiler cannot see that each may be sent elsewhere.
        let making: Vec<_> = drafts
            .into_iter()
            .map(|(place, draft)| {
                async move {
                    let (id, command) = (draft.id, DeliveryCommand::Make(Box::new(draft)));
                    let made = self.webhooks.tell_delivery(id, command).await;
                    made.map(drop).map_err(|error| Retry::from(error).after(place))
                }
                .boxed()
            })
            .collect();
        let mut made = stream::iter(making).buffered(SIDE_BY_SIDE);
        while let Some(one) = made.next().await {
            one?;
        }
        Ok(())
    }
}

impl Consumer for Herald {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        self.hear(events).boxed()
    }
}

/// Whether somebody in this role may hear an event, as far as the event itself says.
fn may_hear(role: Option<Role>, somebody: Id, whose: &Whose) -> bool {
    match (role, whose) {
        (Some(Role::Admin), _) | (Some(Role::Seller), Whose::OfOrder | Whose::OfProduct) => true,
        (Some(Role::Seller), Whose::Sellers(sellers)) => sellers.contains(&somebody),
        (Some(Role::Seller), Whose::Nobodys) | (Some(Role::User) | None, _) => false,
    }
}

/// What had happened before somebody asked is not told.
fn asks(webhook: &Webhook, event: &Event, topic: &str) -> bool {
    event.at >= webhook.created_at && webhook.events.iter().any(|pattern| asks_for(pattern, topic))
}

fn draft(webhook: &Webhook, event: &Event, topic: &str, data: &Map<String, Value>) -> DeliveryDraft {
    let body = json!({ "type": topic, "timestamp": event.at, "event": event.id, "data": data });
    DeliveryDraft {
        id: id_of(&["webhook", &webhook.id.to_string(), &event.id]),
        webhook: webhook.id,
        event: event.id.clone(),
        topic: topic.to_owned(),
        body: body.to_string(),
    }
}
