//! The real carts, stocks and orders of one runtime, and the few things that people do with them.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{Ask, Once};
use bazaar::actors::carts::Carts;
use bazaar::actors::checkout::{Checkout, NoOrder, Placed, Wanted};
use bazaar::actors::engine::{Bounds, Engine};
use bazaar::actors::holds::Way;
use bazaar::actors::orders::{Orders, Seen};
use bazaar::actors::paying::{NoPayment, NotHeard, Paying, Verified, Wanted as ToPay};
use bazaar::actors::payments::Payments;
use bazaar::actors::products::Products;
use bazaar::actors::stuck::Stuck;
use bazaar::domain::account::FullName;
use bazaar::domain::cart::{Command, Offer};
use bazaar::domain::id::Id;
use bazaar::domain::money::{Currency, Money};
use bazaar::domain::order::{self, Authority, Order, Terms};
use bazaar::domain::payment::Payment;
use bazaar::domain::product::{Launch, Listing};
use bazaar::domain::quantity::Quantity;
use bazaar::domain::stock::{Count, Stock};
use bazaar::services::payments::{CASH_ON_DELIVERY, Delivery, PaymentProvider, Providers, RAZORPAY};
use bazaar::store::Store;
use bazaar::supervisors::keeper;
use bazaar::supervisors::sweeper::Sweeper;

use super::node::{Node, id};
use super::till::Till;

/// How long an unpaid order of the tests holds its stock.
pub(crate) const HOLD: Duration = Duration::from_mins(15);

/// How long after a payment was begun its provider is asked what it has heard.
pub(crate) const LOOK_EVERY: Duration = Duration::from_mins(3);

/// So often does a page show what it has, at the most.
const SHOWN_MAX: usize = 3;

/// A marketplace without a web.
#[derive(Clone)]
pub(crate) struct Market {
    pub(crate) engine: Arc<Engine>,
    pub(crate) products: Products,
    pub(crate) carts: Carts,
    pub(crate) checkout: Checkout,
    pub(crate) paying: Paying,
}

impl Market {
    /// A marketplace on the thread that calls.
    pub(crate) fn here(store: Arc<dyn Store>, bounds: Bounds, seed: u64, hold: Duration) -> Self {
        Self::with_till(store, bounds, seed, hold, &Till::default())
    }

    /// The same, where this provider takes the money.
    pub(crate) fn with_till(
        store: Arc<dyn Store>,
        bounds: Bounds,
        seed: u64,
        hold: Duration,
        till: &Till,
    ) -> Self {
        Self::paid_at(&Node::here(store, bounds, seed).engine, hold, till)
    }

    pub(crate) fn on(engine: &Arc<Engine>, hold: Duration) -> Self {
        Self::paid_at(engine, hold, &Till::default())
    }

    /// The same on an engine that runs.
    pub(crate) fn paid_at(engine: &Arc<Engine>, hold: Duration, till: &Till) -> Self {
        let products = Products::new(engine);
        let carts = Carts::new(engine, products.clone());
        let terms = Terms {
            tax_basis_points: 1_800,
            shipping_minor: 5_000,
            hold,
        };
        let (orders, payments) = (Orders::new(engine), Payments::new(engine));
        let kinds = (orders, payments.clone());
        let checkout = Checkout::new(carts.clone(), kinds, products.clone(), terms);
        let till: Arc<dyn PaymentProvider> = Arc::new(till.clone());
        let providers = Providers::new([till]);
        Self {
            engine: Arc::clone(engine),
            paying: Paying::new(payments, checkout.clone(), providers, LOOK_EVERY),
            checkout,
            products,
            carts,
        }
    }

    /// Somebody who looks after due orders from now on.
    pub(crate) fn keeper(&self) -> Sweeper {
        Sweeper::start(vec![
            keeper::chore(&self.engine, self.checkout.clone()),
            keeper::chore(&self.engine, self.paying.clone()),
        ])
    }

    /// Puts up a product.
    pub(crate) async fn put_up(&self, product: Id, on_hand: u64) {
        let launch = Launch {
            id: product,
            seller: id(900),
            email: "seller@example.com".parse().expect("an address"),
            full_name: FullName::default(),
            listing: Listing {
                title: "Tent".into(),
                description: String::new(),
                price: Money::of_minor(9_999, Currency::Inr),
                category: None,
                images: Vec::new(),
            },
        };
        let at = self.engine.now(Some(id(900)));
        let created = self.products.create(launch, on_hand, at, None).await;
        created.expect("the product is put up");
    }

    /// What a cart is told of a product, had it more than anybody wants.
    pub(crate) fn offer(product: Id) -> Offer {
        Offer {
            product,
            title: "Tent".into(),
            price: Money::of_minor(9_999, Currency::Inr),
            available: 1_000,
        }
    }

    pub(crate) async fn add(&self, buyer: Id, product: Id, quantity: u32) {
        let command = Command::Add {
            offer: Self::offer(product),
            quantity: Quantity::new(quantity).expect("a quantity"),
        };
        let ask = Ask::new(command, self.engine.now(Some(buyer)));
        self.carts.ask(buyer, ask).await.expect("it goes into the cart");
    }

    /// How many of everything there is in a buyer's cart.
    pub(crate) async fn in_cart(&self, buyer: Id) -> Vec<u32> {
        let (cart, _) = self.carts.see(buyer).await.expect("the cart is there");
        cart.lines().iter().map(|line| line.quantity.get()).collect()
    }

    /// Orders what is in a buyer's cart.
    pub(crate) async fn order(&self, buyer: Id) -> Result<Placed, NoOrder> {
        self.order_as(buyer, self.engine.id(), None).await
    }

    /// The same, to take effect once under this key.
    pub(crate) async fn order_once(&self, buyer: Id, key: u64) -> Result<Placed, NoOrder> {
        let once = Once {
            key: format!("{buyer}/{key}"),
            body: String::new(),
        };
        self.order_as(buyer, id(key), Some(once)).await
    }

    async fn order_as(&self, buyer: Id, id: Id, once: Option<Once>) -> Result<Placed, NoOrder> {
        let wanted = Wanted {
            buyer,
            id,
            once,
            address: None,
            agreed: None,
        };
        self.checkout.order(&wanted).await
    }

    pub(crate) async fn cancel(
        &self,
        order: Id,
    ) -> Result<Order, bazaar::actors::ask::AskError<order::Refusal>> {
        let now = self.engine.now(None);
        let ask = |command| Ask::new(command, now);
        let answer = self.checkout.cancel(order, Authority::Buyer, ask).await?;
        Ok(answer.reply)
    }

    /// Asks for an order to be made payable, and says what its provider calls it.
    pub(crate) async fn begin(&self, order: Order) -> Result<String, NoPayment> {
        let wanted = ToPay {
            order,
            method: RAZORPAY.into(),
            once: None,
        };
        let begun = self.paying.begin(&wanted).await?.reply;
        Ok(begun.provider_order().expect("it was opened").to_owned())
    }

    /// Asks for an order to be paid when it is delivered.
    pub(crate) async fn promise(&self, order: Order) -> Result<Payment, NoPayment> {
        let wanted = ToPay {
            order,
            method: CASH_ON_DELIVERY.into(),
            once: None,
        };
        Ok(self.paying.begin(&wanted).await?.reply)
    }

    /// Shows that an order was paid.
    pub(crate) async fn verify(&self, buyer: Id, order: &str, payment: &str) -> Result<Payment, NoPayment> {
        let shown = Verified {
            order: order.to_owned(),
            payment: payment.to_owned(),
            signature: Till::signature(order, payment),
        };
        Ok(self.paying.verify(RAZORPAY, buyer, &shown, None).await?.reply)
    }

    /// The same as a page does it, which shows again what nobody could judge. Says whether it is
    /// paid.
    pub(crate) async fn show(&self, buyer: Id, order: &str, payment: &str) -> bool {
        for _ in 0..SHOWN_MAX {
            if self.verify(buyer, order, payment).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// The provider says what became of an attempt.
    pub(crate) async fn hear(&self, event: &str, payment: &str) -> Result<(), NotHeard> {
        let body = format!("{event} {payment}");
        let delivery = Delivery {
            header: &|_| None,
            body: body.as_bytes(),
        };
        self.paying.hear(RAZORPAY, &delivery).await
    }

    /// The payment of an order, if there is one.
    pub(crate) async fn payment(&self, order: Id) -> Option<Payment> {
        let seen = self.paying.payments().see(order).await.expect("an answer");
        seen.map(|seen| seen.payment)
    }

    /// Pays an order as far as the shop is concerned.
    pub(crate) async fn pay(&self, order: Id) -> Result<Order, Stuck> {
        let paid = self
            .checkout
            .orders()
            .tell(order, order::Command::Pay { captured: true }, None)
            .await?;
        Ok(self.checkout.drive(paid, Way::Runtime).await?.order)
    }

    pub(crate) async fn see(&self, order: Id) -> Seen {
        let seen = self.checkout.orders().see(order).await.expect("an answer");
        seen.expect("the order is there")
    }

    /// On hand, reserved and sold.
    pub(crate) async fn numbers(&self, product: Id) -> (u64, u64, u64) {
        let see = |stock: Option<&Stock>, _| stock.map(Stock::count);
        let count = self
            .products
            .stocks()
            .view(product, see)
            .await
            .expect("an answer");
        let Count {
            on_hand,
            reserved,
            sold,
            ..
        } = count.expect("the product has a stock");
        (on_hand, reserved, sold)
    }
}
