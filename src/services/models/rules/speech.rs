//! What is said. It is plain, and it says what it is.

use serde_json::{Value, json};

use super::caution::Doubt;
use super::memory::Product;

/// To a greeting.
pub(super) const GREETING: &str = "Hello! I am the shop's offline assistant: no language model, but I find things \
    and put them in your cart. Try \"tents under 5000\".";

const BUYING: &str = "I am the shop's offline assistant. I understand plain sentences: \"something warm under 3000\", \
    \"tell me more about the second one\", \"put two in my cart\", \"make it three\", \"show my cart\", \
    \"place the order\", \"where is my order\", \"cancel my order\".";
const SELLING: &str = "I am the shop's offline assistant. I understand plain sentences: \"how are my sales\", \
    \"what is running low\", \"set the stock of the blue lamp to 20\", \"lamps under 500\".";

/// To a number that no number of pieces can be.
pub(super) const HOW_MANY: &str = "How many do you mean? I take whole pieces, from 1 to 10000 of them. I have \
    changed nothing.";

/// To what is not wanted, or merely asked about.
pub(super) fn nothing(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Unwanted => "All right, I have changed nothing.",
        Doubt::Asked => {
            "I have changed nothing. If you want it done, just say so, as in \"put two in my cart\"."
        }
    }
}

/// What can be done here.
pub(super) fn help(sells: bool) -> &'static str {
    if sells { SELLING } else { BUYING }
}

/// To what is not understood.
pub(super) fn unclear(sells: bool) -> String {
    format!("I did not understand that. {}", help(sells))
}

/// A list of what was found.
pub(super) fn found(products: &[Product]) -> String {
    match products {
        [] => "I found nothing that fits. Try other words, or a higher price.".into(),
        [one] => format!("I found {}.", told(one)),
        many => {
            let lines = many.iter().enumerate();
            let lines = lines.map(|(n, one)| format!("{}. {}", n + 1, told(one)));
            format!("I found these:\n{}", lines.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// The one of the lowest or the highest price.
pub(super) fn best(product: &Product, cheapest: bool) -> String {
    let rank = if cheapest { "cheapest" } else { "most expensive" };
    format!("The {rank} that I found is {}.", told(product))
}

fn told(product: &Product) -> String {
    let available = match product.available {
        0 => "sold out".to_owned(),
        available => format!("{available} available"),
    };
    format!("{}, {}, {available}", product.title, product.shown_price)
}

/// Everything about one product.
pub(super) fn product(seen: &Value) -> String {
    if let Some(why) = error(seen) {
        return why;
    }
    let product = &seen["product"];
    let available = match product["available"].as_u64() {
        Some(0) | None => "It is sold out.".to_owned(),
        Some(available) => format!("{available} are available."),
    };
    let text = |name: &str| product[name].as_str().unwrap_or_default().trim();
    let (title, description, price) = (text("title"), text("description"), money(&product["price"]));
    let described = if description.is_empty() {
        String::new()
    } else {
        format!("\n{description}")
    };
    format!("{title} costs {price}. {available}{described}")
}

/// What is in the cart.
pub(super) fn cart(seen: &Value) -> String {
    let Some(lines) = seen["cart"]["items"].as_array() else {
        return hidden("Your cart");
    };
    if lines.is_empty() {
        return "Your cart is empty.".into();
    }
    let lines = lines.iter().map(|line| {
        let (quantity, title) = (&line["quantity"], line["title"].as_str().unwrap_or_default());
        format!("{quantity} × {title}, {}", money(&line["lineTotal"]))
    });
    let subtotal = money(&seen["totals"]["subtotal"]);
    format!(
        "In your cart:\n{}{}\nTogether {subtotal}.",
        lines.collect::<Vec<_>>().join("\n"),
        more(&seen["cart"])
    )
}

/// Which orders there are.
pub(super) fn orders(seen: &Value) -> String {
    let Some(orders) = seen["orders"].as_array() else {
        return hidden("Your list of orders");
    };
    if orders.is_empty() {
        return "You have not ordered anything yet.".into();
    }
    let lines = orders.iter().enumerate().map(|(n, order)| {
        let items = order["items"].as_array().cloned().unwrap_or_default();
        let items = items.iter().map(|item| {
            let (quantity, title) = (&item["quantity"], item["title"].as_str().unwrap_or_default());
            format!("{quantity} × {title}")
        });
        let status = order["status"].as_str().unwrap_or_default().to_lowercase();
        let (items, total) = (items.collect::<Vec<_>>().join(", "), money(&order["total"]));
        let id = order["id"].as_str().unwrap_or_default();
        format!("{}. {items}, {total}: {status} (order {id})", n + 1)
    });
    format!(
        "Your orders, the newest first:\n{}{}",
        lines.collect::<Vec<_>>().join("\n"),
        more(seen)
    )
}

/// What was sold.
pub(super) fn sales(seen: &Value) -> String {
    let Some(revenue) = seen["revenue"].as_array() else {
        return hidden("What was sold");
    };
    if revenue.is_empty() {
        return "Nothing has been sold and paid for yet.".into();
    }
    let revenue: Vec<_> = revenue.iter().map(money).collect();
    let (sales, orders, revenue) = (&seen["sales"], &seen["orders"], revenue.join(" and "));
    let best = seen["topProducts"][0]["title"].as_str();
    let best = best.map_or(String::new(), |title| format!(" {title} sells best."));
    format!("You have sold {sales} pieces in {orders} orders for {revenue}.{best}")
}

/// What is nearly sold out.
pub(super) fn low_stock(seen: &Value) -> String {
    let Some(low) = seen["lowStock"].as_array() else {
        return hidden("What is running low");
    };
    if low.is_empty() {
        return format!(
            "Nothing is low: of everything more than {} can be bought.",
            seen["atMost"]
        );
    }
    let lines = low.iter().map(|one| {
        let title = one["title"].as_str().unwrap_or_default();
        format!("{title}: {} left", one["available"])
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    format!("These are running low:\n{lines}{}", more(seen))
}

/// Of a list that did not come: that it is empty nobody knows.
pub(super) fn hidden(what: &str) -> String {
    format!("{what} cannot be shown at this moment.")
}

/// To something in the cart that is not among what was shown of it.
pub(super) fn not_in_cart(more: u64) -> String {
    match more {
        0 => "I do not see that in your cart.".into(),
        more => format!("I do not see that among the first of your cart; there are {more} more lines."),
    }
}

fn more(seen: &Value) -> String {
    match seen["more"].as_u64() {
        Some(more) if more > 0 => format!("\nand {more} more."),
        _ => String::new(),
    }
}

/// To something that points at nothing.
pub(super) fn which_one(found: &[Product]) -> String {
    match found.len() {
        0 => "Which one do you mean? Tell me what to look for first.".into(),
        1 => format!("There is only one in the list: {}.", told(&found[0])),
        many => format!("There are {many} in the list. Which one do you mean?"),
    }
}

/// To somebody who has no such tool.
pub(super) fn not_for_you(tool: &str) -> &'static str {
    match tool {
        "salesMetrics" | "lowStock" | "setStock" => "That is for whoever sells here.",
        _ => "That is for buyers: this account has no cart.",
    }
}

/// Why a call came to nothing.
pub(super) fn error(answer: &Value) -> Option<String> {
    let why = answer["error"]["message"].as_str()?;
    Some(format!("That did not work: {}.", why.trim_end_matches('.')))
}

/// An amount in hundredths as a number in whole units.
pub(super) fn amount(hundredths: i64) -> Value {
    if hundredths % 100 == 0 {
        return json!(hundredths / 100);
    }
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    // As a text, so that no digit is lost on the way; the tools take both.
    json!(text)
}

fn money(value: &Value) -> String {
    let currency = value["currency"].as_str().unwrap_or_default();
    match &value["amount"] {
        Value::Number(amount) => format!("{amount} {currency}"),
        _ => "nothing".into(),
    }
}
