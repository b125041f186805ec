//! Sessions that end on another runtime: heard of by the events of the accounts.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::Assistant;
use crate::domain::account::Account;
use crate::domain::entity::Entity;
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;

impl Consumer for Assistant {
    fn name(&self) -> &'static str {
        "assistant"
    }

    fn reach(&self) -> Reach {
        Reach::PerNode
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        async move {
            for (taken, event) in events.iter().enumerate() {
                if event.kind != Account::KIND {
                    continue;
                }
                for person in self.0.rooms.people(event.entity) {
                    // Nobody stays because the store was out for a moment.
                    let asked = self.show_out_if_over(&person).await;
                    asked.map_err(|why| Retry::from(why).after(taken))?;
                }
            }
            Ok(())
        }
        .boxed()
    }
}
