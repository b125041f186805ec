//! Those who take part in a sale: an admin who prepares it and looks at the books afterwards, a
//! seller, and buyers who retry what may be retried, under the same idempotency key.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::ground::Ground;
use super::outcome::{Books, Bought, Heard};
use crate::cli::Failure;
use crate::clock::Chance;
use crate::services::outside::use_ring;

/// Whoever is told to come back does so for no longer than this.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);
const PASSWORD: &str = "a password for one sale";

/// A shop with one product that everybody wants.
pub(super) struct Shop {
    client: Client,
    url: String,
    admin: String,
    product: String,
    /// Whether buyers pay.
    pay: bool,
    /// Sets the people and keys of this sale apart from those of others.
    sale: String,
    shed: AtomicU64,
}

/// What a call was answered in the end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Shop {
    /// Puts up the product.
    pub(super) async fn enter(ground: &Ground, stock: u64, pay: bool) -> Result<Self, Failure> {
        use_ring(); // a marketplace elsewhere may be reached by TLS
        let mut shop = Self {
            client: Client::builder().timeout(PATIENCE).build()?,
            url: ground.url.clone(),
            admin: String::new(),
            product: String::new(),
            pay,
            sale: hex::encode(Chance::unforeseeable().bytes::<4>()),
            shed: AtomicU64::new(0),
        };
        let login = json!({ "email": ground.email, "password": ground.password() });
        shop.admin = text(
            &shop.done(Method::POST, "/api/auth/login", "", login).await?,
            "/token",
        )?;
        let seller = shop.someone("seller", "seller").await?;
        let product = json!({
            "title": "One of a few", "price": { "amount": 999, "currency": "INR" }, "stock": stock,
        });
        let put_up = shop.done(Method::POST, "/api/products", &seller, product).await?;
        shop.product = text(&put_up, "/product/id")?;
        Ok(shop)
    }

    /// One more buyer; gives the token.
    pub(super) async fn register(&self, n: usize) -> Result<String, Failure> {
        self.someone(&format!("buyer-{n}"), "user").await
    }

    async fn someone(&self, name: &str, role: &str) -> Result<String, Failure> {
        let name = format!("{name}-{}", self.sale);
        let body = json!({
            "email": format!("{name}@example.com"), "username": name, "password": PASSWORD, "role": role,
        });
        // In the admin's name, so that hundreds may come in from one address.
        let entry = self
            .done(Method::POST, "/api/auth/register", &self.admin, body)
            .await?;
        text(&entry, "/token")
    }

    /// Puts one into the cart, orders it and pays for it if that is wanted, as fast as the shop goes.
    pub(super) async fn buy(&self, token: &str, start: Instant) -> Bought {
        let began = Instant::now();
        let heard = self.heard(token).await;
        Bought {
            heard: heard.unwrap_or_else(|error| Heard::Nothing(error.to_string())),
            took: began.elapsed(),
            at: start.elapsed(),
            token: token.to_owned(),
        }
    }

    async fn heard(&self, token: &str) -> Result<Heard, Failure> {
        let item = json!({ "productId": self.product });
        let added = self.ask(Method::POST, "/api/cart/items", token, &item).await?;
        if added.is_short() {
            return Ok(Heard::SoldOut);
        }
        if added.status != 200 {
            return Ok(Heard::Nothing(added.body.to_string()));
        }
        let ordered = self.ask(Method::POST, "/api/orders", token, &json!({})).await?;
        match ordered.status {
            200 | 201 => self.settled(token, text(&ordered.body, "/order/id")?).await,
            _ if ordered.is_short() => Ok(Heard::SoldOut),
            _ => Ok(Heard::Nothing(ordered.body.to_string())),
        }
    }

    async fn settled(&self, token: &str, order: String) -> Result<Heard, Failure> {
        if self.pay {
            self.pay_for(token, &order).await?;
        }
        Ok(Heard::Order(order))
    }

    /// The token of the admin.
    pub(super) fn admin(&self) -> &str {
        &self.admin
    }

    /// What is there when all is over.
    pub(super) async fn books(&self, bought: &[Bought], stock: u64) -> Result<Books, Failure> {
        let inventory = format!("/api/inventory/{}", self.product);
        let seen = self
            .done(Method::GET, &inventory, &self.admin, Value::Null)
            .await?;
        let count = |name: &str| seen[name].as_u64().unwrap_or_default();
        let audit = self
            .done(Method::GET, "/api/inventory/audit", &self.admin, Value::Null)
            .await?;
        let wanted = if self.pay { "CONFIRMED" } else { "PENDING" };
        let (mut lost, mut paid) = (0, Vec::new());
        for one in bought {
            if let Heard::Order(id) = &one.heard {
                let order = self
                    .ask(
                        Method::GET,
                        &format!("/api/orders/{id}"),
                        &one.token,
                        &Value::Null,
                    )
                    .await?;
                let order = &order.body["order"];
                lost += usize::from(order["status"] != wanted);
                paid.push((id.clone(), order["total"].clone()));
            }
        }
        Ok(Books {
            taken: count("reserved") + count("sold"),
            available: count("available"),
            stock,
            lost,
            balance: audit["ok"] == true,
            ledger: if self.pay {
                Some(self.ledger(&paid).await?)
            } else {
                None
            },
            shed: self.shed.load(Ordering::Relaxed),
        })
    }

    pub(super) async fn done(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Result<Value, Failure> {
        let answer = self.ask(method.clone(), path, token, &body).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        let why = answer.body["message"].as_str().unwrap_or("no reason is given");
        Err(format!("{method} {path} was answered {}: {why}", answer.status).into())
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Answer, Failure> {
        let key = hex::encode(Chance::unforeseeable().bytes::<12>());
        let began = Instant::now();
        loop {
            let answer = self.once((&method, path), token, &key, body).await;
            let again = match &answer {
                Ok(answer) => answer.status == 503 || answer.body["code"] == "in_flight",
                Err(_) => true,
            };
            if !again || began.elapsed() > PATIENCE {
                return Ok(answer?);
            }
            self.shed.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn once(
        &self,
        (method, path): (&Method, &str),
        token: &str,
        key: &str,
        body: &Value,
    ) -> reqwest::Result<Answer> {
        let mut call = self.client.request(method.clone(), format!("{}{path}", self.url));
        if !token.is_empty() {
            call = call.bearer_auth(token);
        }
        if *method == Method::POST {
            call = call.header("idempotency-key", key).json(body);
        }
        let response = call.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            body: response.json().await?,
        })
    }
}

impl Answer {
    fn is_short(&self) -> bool {
        self.status == 409 && self.body["code"] == "short"
    }
}

pub(super) fn text(body: &Value, place: &str) -> Result<String, Failure> {
    let found = body.pointer(place).and_then(Value::as_str);
    Ok(found
        .ok_or_else(|| format!("an answer lacks {place}: {body}"))?
        .to_owned())
}
