//! The tools of a buyer's cart. Whatever is done to it, the answer is the cart as it is then.

use serde::Deserialize;
use serde_json::{Value, json};

use super::job::{Basis, Job};
use super::{Audience, Desk, Effect, Outcome, Subject, Trouble, arguments};
use crate::actors::ask::Ask;
use crate::domain::cart::{Cart, Command, Line, Offer};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::quantity::Quantity;

/// `viewCart`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct View {}

/// `addProductToCart`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Add {
    #[serde(deserialize_with = "arguments::named")]
    product_id: Id,
    #[serde(alias = "qty", default = "one", deserialize_with = "arguments::quantity")]
    quantity: Quantity,
}

/// `updateCartItem`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Update {
    #[serde(deserialize_with = "arguments::named")]
    product_id: Id,
    #[serde(alias = "qty", deserialize_with = "arguments::quantity")]
    quantity: Quantity,
}

/// `removeCartItem`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Remove {
    #[serde(deserialize_with = "arguments::named")]
    product_id: Id,
}

impl Job for View {
    const NAME: &'static str = "viewCart";
    const TITLE: &'static str = "Show the cart";
    const DESCRIPTION: &'static str = "Tells what is in the user's cart, and what it comes to.";
    const EFFECT: Effect = Effect::Reads;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Cart;

    fn parameters() -> Value {
        arguments::none()
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let (cart, _) = desk.shop.carts.see(desk.person()?.id).await?;
        told(desk, &cart).await
    }
}

impl Job for Add {
    const NAME: &'static str = "addProductToCart";
    const TITLE: &'static str = "Add to the cart";
    const DESCRIPTION: &'static str = "Puts so many more of a product into the user's cart. Find the \
        product's id with searchProduct first.";
    const EFFECT: Effect = Effect::Changes;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Cart;

    fn parameters() -> Value {
        let mut quantity = arguments::quantity_schema();
        quantity["default"] = json!(1);
        let properties = json!({ "productId": arguments::id("the product"), "quantity": quantity });
        arguments::object(&properties, &["productId"])
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let (offer, quantity) = (offer(desk, self.product_id).await?, self.quantity);
        change(desk, Command::Add { offer, quantity }).await
    }

    async fn stands(&self, desk: &Desk) -> Result<String, Trouble> {
        seen(desk).await
    }
}

impl Job for Update {
    const NAME: &'static str = "updateCartItem";
    const TITLE: &'static str = "Change a quantity in the cart";
    const DESCRIPTION: &'static str = "Says how many of a product there shall be in the user's cart.";
    const EFFECT: Effect = Effect::Changes;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Cart;

    fn parameters() -> Value {
        let quantity = arguments::quantity_schema();
        let properties = json!({ "productId": arguments::id("the product"), "quantity": quantity });
        arguments::object(&properties, &["productId", "quantity"])
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let (offer, quantity) = (offer(desk, self.product_id).await?, self.quantity);
        change(desk, Command::SetQuantity { offer, quantity }).await
    }

    async fn stands(&self, desk: &Desk) -> Result<String, Trouble> {
        seen(desk).await
    }
}

impl Job for Remove {
    const NAME: &'static str = "removeCartItem";
    const TITLE: &'static str = "Take out of the cart";
    const DESCRIPTION: &'static str = "Takes a product out of the user's cart.";
    const EFFECT: Effect = Effect::Changes;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Cart;

    fn parameters() -> Value {
        arguments::object(
            &json!({ "productId": arguments::id("the product") }),
            &["productId"],
        )
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let product = self.product_id;
        change(desk, Command::Remove { product }).await
    }

    async fn stands(&self, desk: &Desk) -> Result<String, Trouble> {
        seen(desk).await
    }
}

async fn seen(desk: &Desk) -> Result<String, Trouble> {
    let (cart, _) = desk.shop.carts.see(desk.person()?.id).await?;
    Ok(contents(&cart, cart.subtotal().map_err(|_| Trouble::Failed)?))
}

fn one() -> Quantity {
    Quantity::ONE
}

async fn offer(desk: &Desk, product: Id) -> Result<Offer, Trouble> {
    let offer = desk.shop.carts.offer(product).await?;
    offer.ok_or(Trouble::NotFound("product"))
}

async fn change(desk: &Desk, command: Command) -> Result<Outcome, Trouble> {
    let buyer = desk.person()?.id;
    let ask = Ask::new(command, desk.shop.engine().now(Some(buyer)));
    let answer = desk.shop.carts.ask(buyer, ask).await?;
    told(desk, &answer.reply.cart).await
}

/// What is in a cart: `In your cart: 2 × Tent at 4999.50 INR, together 9999.00 INR.`
fn contents(cart: &Cart, subtotal: Option<Money>) -> String {
    let Some(subtotal) = subtotal else {
        return "Your cart is empty.".into();
    };
    let lines = cart.lines().iter().map(|line| {
        let (quantity, title, price) = (line.quantity.get(), &line.title, line.price);
        format!("{quantity} × {title} at {price}")
    });
    let lines: Vec<_> = lines.collect();
    format!("In your cart: {}, together {subtotal}.", lines.join(", "))
}

async fn told(desk: &Desk, cart: &Cart) -> Result<Outcome, Trouble> {
    let mut items = Vec::with_capacity(cart.lines().len());
    for line in cart.lines() {
        items.push(item(desk, line).await?);
    }
    let quantity: u32 = cart.lines().iter().map(|line| line.quantity.get()).sum();
    let subtotal = cart.subtotal().map_err(|_| Trouble::Failed)?;
    let totals = json!({
        "itemCount": items.len(), "totalQuantity": quantity, "subtotal": subtotal,
    });
    let data = json!({ "cart": { "items": items }, "totals": totals });
    let sentence = contents(cart, subtotal);
    Ok(Outcome { data, sentence })
}

async fn item(desk: &Desk, line: &Line) -> Result<Value, Trouble> {
    let offer = desk.shop.carts.offer(line.product).await?;
    Ok(json!({
        "productId": line.product,
        "title": line.title,
        "price": line.price,
        "quantity": line.quantity,
        "lineTotal": line.price.times(line.quantity.get()).map_err(|_| Trouble::Failed)?,
        "available": offer.map_or(0, |offer| offer.available),
    }))
}
