//! How wishes are fulfilled. A plan is gone through from the start each time: what was called
//! already has its result at hand, and the first call that has none is the next one to make.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::memory::{Memory, Product};
use super::speech;
use super::which::Which;
use super::wish::{Quantity, Rank, Wish};
use crate::domain::conversation::{Call, CallResult, Turn};
use crate::services::models::ToolSpec;

/// So often is something cheaper looked for, each time among fewer.
const BARGAINS_MAX: usize = 3;
/// The smallest step of a price, in hundredths.
const STEP: i64 = 1;
/// So many calls are made at once, where none of them rests on another.
const AT_ONCE: usize = 20;

/// A plan that is being gone through.
pub(super) struct Plan<'a> {
    memory: Memory,
    done: VecDeque<(&'a Call, &'a CallResult)>,
    tools: &'a [ToolSpec],
    made: usize,
    said: Vec<String>,
}

/// The plan stops here: calls are to be made first.
pub(super) struct Next(pub(super) Vec<Call>);

impl<'a> Plan<'a> {
    /// A plan for somebody who has these tools, after these turns; the calls that were made since
    /// the user spoke are done.
    pub(super) fn new(before: &[Turn], since: &'a [Turn], tools: &'a [ToolSpec]) -> Self {
        let mut done = VecDeque::new();
        for pair in since.windows(2) {
            if let [Turn::Model { calls, .. }, Turn::Results { results }] = pair {
                done.extend(calls.iter().zip(results));
            }
        }
        Self {
            memory: Memory::of(before),
            done,
            tools,
            made: 0,
            said: Vec::new(),
        }
    }

    /// Fulfils the wishes, and says what there is to say.
    pub(super) fn fulfil(mut self, wishes: &[Wish]) -> Result<String, Next> {
        for wish in wishes {
            self.one(wish)?;
        }
        Ok(self.said.join("\n"))
    }

    fn one(&mut self, wish: &Wish) -> Result<(), Next> {
        match wish {
            Wish::Greeting => self.say(speech::GREETING),
            Wish::Thanks => self.say("You are welcome."),
            Wish::Help => self.say(speech::help(self.has("salesMetrics"))),
            Wish::Yes => self.confirmed(),
            Wish::No => self.say("All right."),
            Wish::Nothing(doubt) => self.say(speech::nothing(*doubt)),
            Wish::HowMany => self.say(speech::HOW_MANY),
            Wish::Unclear => self.say(speech::unclear(self.has("salesMetrics"))),
            Wish::Find { query, limits, rank } => self.find(query, (limits.least, limits.most), *rank)?,
            Wish::Look(which) => self.look(which)?,
            Wish::Add { which, quantity } => {
                for which in which {
                    self.add(which, *quantity)?;
                }
            }
            Wish::Change { which, to } => self.change(which, *to)?,
            Wish::Remove(which) => self.remove(which)?,
            Wish::Empty => self.empty()?,
            Wish::ShowCart => self.show("viewCart", speech::cart)?,
            Wish::Orders => self.show("myOrders", speech::orders)?,
            Wish::Place => self.place()?,
            Wish::CancelOrder(which) => self.cancel_order(which)?,
            Wish::Sales => self.show("salesMetrics", speech::sales)?,
            Wish::LowStock => self.show("lowStock", speech::low_stock)?,
            Wish::SetStock { which, on_hand } => self.set_stock(which, *on_hand)?,
        }
        Ok(())
    }

    fn find(&mut self, query: &str, limits: (Option<i64>, Option<i64>), rank: Rank) -> Result<(), Next> {
        let answer = self.search(query, limits)?;
        if !answer["products"].is_array() {
            self.tell(&answer, speech::hidden("What was found"));
            return Ok(());
        }
        match rank {
            Rank::Fitting => {}
            Rank::Cheapest => self.bargain(query, limits)?,
            Rank::Dearest => self.memory.focus = self.memory.product(&Which::Dearest),
        }
        let ranked = rank != Rank::Fitting;
        let found = match &self.memory.focus {
            Some(best) if ranked => speech::best(best, rank == Rank::Cheapest),
            _ => speech::found(&self.memory.found),
        };
        self.say(found);
        Ok(())
    }

    /// A search tells what fits best and not what costs least, so it is asked again for what costs
    /// less than the cheapest so far, until there is nothing.
    fn bargain(&mut self, query: &str, (least, most): (Option<i64>, Option<i64>)) -> Result<(), Next> {
        for _ in 0..BARGAINS_MAX {
            let Some(cheapest) = self.memory.product(&Which::Cheapest) else {
                break;
            };
            let found = self.memory.found.clone();
            let below = cheapest.price - STEP;
            if below <= 0 || least.is_some_and(|least| below < least) {
                break;
            }
            self.search(query, (least, Some(most.map_or(below, |most| most.min(below)))))?;
            if self.memory.found.is_empty() {
                self.memory.found = found;
                break;
            }
        }
        self.memory.focus = self.memory.product(&Which::Cheapest);
        Ok(())
    }

    fn search(&mut self, query: &str, (least, most): (Option<i64>, Option<i64>)) -> Result<Value, Next> {
        let mut arguments = json!({ "query": query });
        if let Some(least) = least {
            arguments["minPrice"] = speech::amount(least);
        }
        if let Some(most) = most {
            arguments["maxPrice"] = speech::amount(most);
        }
        self.call("searchProduct", &arguments)
    }

    fn look(&mut self, which: &Which) -> Result<(), Next> {
        if let Some(id) = self.named(which)? {
            let seen = self.call("getProduct", &json!({ "productId": id }))?;
            self.say(speech::product(&seen));
        }
        Ok(())
    }

    fn add(&mut self, which: &Which, quantity: u32) -> Result<(), Next> {
        if !self.may("addProductToCart") {
            return Ok(());
        }
        if let Some(id) = self.named(which)? {
            let arguments = json!({ "productId": id, "quantity": quantity });
            let answer = self.call("addProductToCart", &arguments)?;
            let title = self.title(&id);
            self.done(&answer, format!("I put {quantity} × {title} into your cart."));
        }
        Ok(())
    }

    fn change(&mut self, which: &Which, to: Quantity) -> Result<(), Next> {
        if !self.may("updateCartItem") || !self.sees_cart()? {
            return Ok(());
        }
        let Some(line) = self.memory.line(which) else {
            if let Quantity::More(more) = to {
                return self.add(which, more);
            }
            self.say(speech::not_in_cart(self.memory.more_in_cart));
            return Ok(());
        };
        let quantity = match to {
            Quantity::Exactly(quantity) => quantity,
            Quantity::More(more) => line.quantity.saturating_add(more),
            Quantity::Fewer(fewer) => line.quantity.saturating_sub(fewer),
        };
        if quantity == 0 {
            return self.take_out(&line.product, &line.title);
        }
        let arguments = json!({ "productId": line.product, "quantity": quantity });
        let answer = self.call("updateCartItem", &arguments)?;
        self.done(&answer, format!("There are {quantity} × {} now.", line.title));
        Ok(())
    }

    fn remove(&mut self, which: &Which) -> Result<(), Next> {
        if !self.may("removeCartItem") || !self.sees_cart()? {
            return Ok(());
        }
        if let Some(line) = self.memory.line(which) {
            return self.take_out(&line.product, &line.title);
        }
        self.say(speech::not_in_cart(self.memory.more_in_cart));
        Ok(())
    }

    /// Takes out what is seen of the cart, as much at once as may be, and then what is seen of what
    /// is left.
    fn empty(&mut self) -> Result<(), Next> {
        if !self.may("removeCartItem") || !self.sees_cart()? {
            return Ok(());
        }
        let mut taken = 0;
        while !self.memory.cart.is_empty() {
            let products = self.memory.cart.iter().take(AT_ONCE);
            let arguments = products.map(|line| json!({ "productId": line.product }));
            let answers = self.call_all("removeCartItem", arguments.collect())?;
            let gone = answers.iter().filter(|answer| speech::error(answer).is_none());
            let gone = gone.count();
            taken += gone;
            if gone < answers.len() {
                return Ok(()); // what does not go now would not go the next time
            }
        }
        match taken {
            0 if self.said.is_empty() => self.say("Your cart is empty already."),
            0 => {}
            1 => self.say("I took the one thing that was in your cart out of it."),
            taken => self.say(format!("I took {taken} things out of your cart.")),
        }
        Ok(())
    }

    fn take_out(&mut self, product: &str, title: &str) -> Result<(), Next> {
        let answer = self.call("removeCartItem", &json!({ "productId": product }))?;
        self.done(&answer, format!("I took {title} out of your cart."));
        Ok(())
    }

    /// Looks into the cart. Where it cannot be seen, that is said.
    fn sees_cart(&mut self) -> Result<bool, Next> {
        let seen = self.call("viewCart", &json!({}))?;
        let is_seen = seen["cart"]["items"].is_array();
        if !is_seen {
            self.tell(&seen, speech::hidden("Your cart"));
        }
        Ok(is_seen)
    }

    fn cancel_order(&mut self, which: &Which) -> Result<(), Next> {
        if !self.may("cancelOrder") {
            return Ok(());
        }
        let seen = self.call("myOrders", &json!({}))?;
        if !seen["orders"].is_array() {
            self.tell(&seen, speech::hidden("Your list of orders"));
            return Ok(());
        }
        let named = match which {
            Which::Id(id) => Some(id.clone()),
            which => self.memory.order(which).map(|order| order.id),
        };
        let Some(id) = named else {
            self.say(match seen["more"].as_u64() {
                None | Some(0) => "You have no order that can be cancelled.",
                Some(_) => "I see no order that can be cancelled; there are older ones that I do not see.",
            });
            return Ok(());
        };
        self.call("cancelOrder", &json!({ "orderId": id })).map(drop)
    }

    fn place(&mut self) -> Result<(), Next> {
        if self.may("placeOrder") {
            self.call("placeOrder", &json!({}))?;
        }
        Ok(())
    }

    fn set_stock(&mut self, which: &Which, on_hand: u32) -> Result<(), Next> {
        if !self.may("setStock") {
            return Ok(());
        }
        if let Some(id) = self.named(which)? {
            self.call("setStock", &json!({ "productId": id, "onHand": on_hand }))?;
        }
        Ok(())
    }

    /// Calls a tool without arguments, and says what it shows.
    fn show(&mut self, tool: &'static str, words: impl Fn(&Value) -> String) -> Result<(), Next> {
        if self.may(tool) {
            let answer = self.call(tool, &json!({}))?;
            let words = words(&answer);
            self.tell(&answer, words);
        }
        Ok(())
    }

    /// What came of something that the user has agreed to is said by the shop.
    fn confirmed(&mut self) {
        if self.done.is_empty() {
            self.say("Yes to what? Nothing is being asked at this moment.");
        }
    }

    /// The id of what is meant; what has a name and was not found before is looked for.
    fn named(&mut self, which: &Which) -> Result<Option<String>, Next> {
        if let Which::Id(id) = which {
            return Ok(Some(id.clone()));
        }
        if let Some(product) = self.memory.product(which) {
            return Ok(Some(product.id));
        }
        if let Which::Named(words) = which {
            let answer = self.search(words, (None, None))?;
            if !answer["products"].is_array() {
                self.tell(&answer, speech::hidden("What was found"));
                return Ok(None);
            }
            let found = self.memory.found.first().map(|product| product.id.clone());
            if found.is_none() {
                self.say(speech::found(&[]));
            }
            return Ok(found);
        }
        self.say(speech::which_one(&self.memory.found));
        Ok(None)
    }

    fn title(&self, id: &str) -> String {
        let found = self.memory.found.iter().chain(&self.memory.focus);
        let found: Option<&Product> = found.into_iter().find(|product| product.id == id);
        found.map_or_else(|| "it".to_owned(), |product| product.title.clone())
    }

    /// Says this, or why the call came to nothing.
    fn tell(&mut self, answer: &Value, otherwise: String) {
        let told = speech::error(answer).unwrap_or(otherwise);
        self.say(told);
    }

    /// Says this of something that was changed. Why it was not is said by the shop.
    fn done(&mut self, answer: &Value, words: String) {
        if speech::error(answer).is_none() {
            self.say(words);
        }
    }

    fn say(&mut self, words: impl Into<String>) {
        let words = words.into();
        if !words.is_empty() {
            self.said.push(words);
        }
    }

    fn has(&self, tool: &str) -> bool {
        self.tools.iter().any(|spec| spec.name == tool)
    }

    /// Whether this user has a tool; if not, that is said.
    fn may(&mut self, tool: &str) -> bool {
        let may = self.has(tool);
        if !may {
            self.say(speech::not_for_you(tool));
        }
        may
    }

    /// The result of a call, if it has been made.
    fn call(&mut self, name: &str, arguments: &Value) -> Result<Value, Next> {
        let results = self.call_all(name, vec![arguments.clone()])?;
        Ok(results.into_iter().next().unwrap_or_default())
    }

    /// The results of several calls of a tool, if they have been made.
    fn call_all(&mut self, name: &str, arguments: Vec<Value>) -> Result<Vec<Value>, Next> {
        if self.done.is_empty() {
            let calls = arguments.into_iter().zip(self.made + 1..);
            let calls = calls.map(|(arguments, number)| Call {
                id: format!("call-{number}"),
                name: name.to_owned(),
                arguments: arguments.to_string(),
                mark: None,
            });
            return Err(Next(calls.collect()));
        }
        let results = self.done.drain(..arguments.len().min(self.done.len()));
        let results: Vec<_> = results.collect();
        self.made += results.len();
        let noted = results.into_iter();
        Ok(noted
            .map(|(call, result)| self.memory.note(call, result))
            .collect())
    }
}
