//! The stand-in for Razorpay: the owners of its orders and of its switches, and the courier who
//! brings the shop the webhooks that it is owed. All of it is kept like everything else, so a
//! restart loses no payment and no webhook.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderName;

use super::alarm::Alarm;
use super::ask::{Ask, AskError};
use super::crew::{Changed, Watcher};
use super::due::Due;
use super::engine::Engine;
use super::owners::Owners;
use super::stuck::Stuck;
use crate::config;
use crate::domain::collection::Collection;
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::sandbox::{
    Command, Operation, Owed, Refusal, SANDBOX_ORDERS, SandboxOrder, Switch, SwitchCommand, Switches,
};
use crate::services::outside::{Call, Outside};
use crate::services::payments::razorpay::{Address, Keys, signature, webhook};
use crate::store::{Query, Unavailable, document};

/// Where the shop hears of webhooks.
const WEBHOOK: &str = "/api/payments/webhook";
/// So many orders with one receipt are listed.
const LISTED_MAX: usize = 100;

/// The sandbox. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Sandbox {
    orders: Owners<SandboxOrder>,
    switches: Owners<Switches>,
    alarm: Alarm,
    courier: Outside,
    keys: Keys,
    shop: Address,
}

/// Why something was not done.
pub type NotDone = AskError<Refusal>;

impl Sandbox {
    /// A sandbox that is used with these keys, for the shop whose web is at `own`.
    #[must_use]
    pub fn new(engine: &Arc<Engine>, keys: Keys, own: &Address, calls: config::Outside) -> Self {
        let alarm = Alarm::default();
        let set = alarm.clone();
        let due: Watcher<SandboxOrder> = Box::new(move |changed: &Changed<'_, SandboxOrder>| {
            if let Some(due) = changed.state.due() {
                set.no_later_than(due);
            }
        });
        Self {
            orders: Owners::new(Arc::clone(engine), vec![due]),
            switches: Owners::new(Arc::clone(engine), Vec::new()),
            alarm,
            courier: Outside::new("the shop's webhook", calls),
            keys,
            shop: own.with(WEBHOOK),
        }
    }

    /// What the sandbox is used with.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The owners of its orders.
    #[must_use]
    pub fn orders(&self) -> &Owners<SandboxOrder> {
        &self.orders
    }

    /// The owners of its switches, of which there is one.
    #[must_use]
    pub fn switches(&self) -> &Owners<Switches> {
        &self.switches
    }

    /// How the switches stand.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn switched(&self) -> Result<Switches, NotDone> {
        let see = |switches: Option<&Switches>, _| switches.copied().unwrap_or_default();
        self.switches.view(Switches::ID, see).await
    }

    /// Sets every switch.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn switch(&self, wanted: Switches) -> Result<Switches, NotDone> {
        let ask = Ask::new(SwitchCommand::Set(wanted), self.switches.engine().now(None));
        Ok(self.switches.ask(Switches::ID, ask).await?.reply)
    }

    /// The switches for a call of this kind, which are used up by it if they are for so many.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn under(&self, operation: Operation) -> Result<(Switch, Switches), NotDone> {
        let mut switches = self.switched().await?;
        if switches.of(operation).times.is_some() {
            let used = SwitchCommand::Use(operation);
            let ask = Ask::new(used, self.switches.engine().now(None));
            switches = self.switches.ask(Switches::ID, ask).await?.reply;
        }
        Ok((switches.of(operation), switches))
    }

    /// Makes an order.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn open(
        &self,
        receipt: Option<String>,
        amount: Money,
        notes: BTreeMap<String, String>,
    ) -> Result<SandboxOrder, NotDone> {
        let id = self.orders.engine().id();
        let command = Command::Open {
            id,
            receipt,
            amount,
            notes,
        };
        self.ask(id, command).await
    }

    /// Asks something of an order.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, command: Command) -> Result<SandboxOrder, NotDone> {
        let ask = Ask::new(command, self.orders.engine().now(None));
        Ok(self.orders.ask(id, ask).await?.reply)
    }

    /// An order, if there is one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, id: Id) -> Result<Option<SandboxOrder>, NotDone> {
        self.orders.view(id, |order, _| order.cloned()).await
    }

    /// The orders with this receipt.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn with_receipt(&self, receipt: &str) -> Result<Vec<SandboxOrder>, Unavailable> {
        let query = Query::by_index(&SANDBOX_ORDERS, "receipt", vec![receipt.into()]);
        let found = self.orders.engine().store.find(query.limit(LISTED_MAX)).await?;
        let read = found
            .documents
            .iter()
            .filter_map(|row| document::decode(row).ok());
        Ok(read.collect())
    }

    async fn deliver(&self, owed: &Owed) -> bool {
        let Ok(url) = self.shop.url() else {
            return false;
        };
        let Some(secret) = &self.keys.webhook else {
            return true; // nobody would believe it
        };
        let body = Bytes::from(owed.body.clone());
        let signed = signature::sign(secret, &body);
        let call = Call::new(Method::POST, url)
            .json_text(body)
            .header(HeaderName::from_static(webhook::SIGNATURE), signed)
            .header(HeaderName::from_static(webhook::EVENT_ID), owed.event.clone())
            .once();
        self.courier.tell(&call).await.is_ok()
    }

    async fn tell(&self, id: Id, command: Command) -> Result<SandboxOrder, Stuck> {
        let ask = Ask::new(command, self.orders.engine().now(None));
        Ok(self.orders.ask_as_runtime(id, ask).await?.reply)
    }
}

impl Due for Sandbox {
    const NAME: &'static str = "due sandbox orders";
    const COLLECTION: &'static Collection = &SANDBOX_ORDERS;

    fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Does what has its time, and then delivers what is owed, one after the other as it happened.
    async fn look_after(&self, id: Id) -> Result<(), Stuck> {
        let manner = self.switched().await?.manner();
        let order = self.tell(id, Command::Wake(manner)).await?;
        let (mut heard, mut missed) = (Vec::new(), Vec::new());
        for owed in order.deliverable(self.orders.engine().clock.now()) {
            let delivered = missed.is_empty() && self.deliver(&owed).await;
            let whither = if delivered { &mut heard } else { &mut missed };
            whither.push(owed.event);
        }
        if heard.is_empty() && missed.is_empty() {
            return Ok(());
        }
        self.tell(id, Command::Told { heard, missed }).await.map(drop)
    }
}
