//! What spends by an earlier revision of MCP: the question goes out on the stream of the call, and
//! only its user's yes to what is still so counts.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::shop::{Caller, Shop};

const VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];
const PATIENCE: Duration = Duration::from_secs(30);

/// A call whose answer comes on a stream.
struct Asked {
    response: reqwest::Response,
    heard: String,
}

/// The session of a client that says this of itself; none where it gets none.
async fn session(who: &Caller, version: &str, capabilities: &Value) -> Option<String> {
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": capabilities, "clientInfo": { "name": "t", "version": "1" } } });
    let answer = who.post("/mcp", hello).await.expect(200);
    let id = answer.headers.get("mcp-session-id")?;
    Some(id.to_str().expect("text").to_owned())
}

fn call(name: &str, arguments: &Value) -> Value {
    let params = json!({ "name": name, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params })
}

impl Asked {
    /// Calls something that asks first.
    async fn to(shop: &Shop, who: &Caller, session: &str, body: &Value) -> Self {
        let call = reqwest::Client::new().post(format!("{}/mcp", shop.url()));
        let call = call.bearer_auth(who.token.as_ref().expect("a token"));
        let call = call
            .header("mcp-session-id", session)
            .header("mcp-protocol-version", VERSIONS[0])
            .header("accept", "application/json, text/event-stream");
        let response = call.json(body).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let heard = String::new();
        Self { response, heard }
    }

    /// The next message on the stream.
    async fn next(&mut self) -> Value {
        loop {
            if let Some(end) = self.heard.find("\n\n") {
                let event: String = self.heard.drain(..end + 2).collect();
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                if let Some(data) = data {
                    return serde_json::from_str(data).expect("JSON");
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("a message in time").expect("the stream goes on");
            let chunk = chunk.unwrap_or_else(|| panic!("the stream ended: {}", self.heard));
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

/// What a client's user answers.
async fn decide(who: &Caller, question: &Value, action: &str) {
    let content = json!({ "confirm": true });
    let answer =
        json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": action, "content": content } });
    who.post("/mcp", answer).await.expect(202);
}

async fn orders(who: &Caller) -> Value {
    who.get("/api/orders/me").await.expect(200).body["meta"]["total"].clone()
}

#[actix_web::test]
async fn a_client_that_can_ask_its_user_spends_after_a_yes_to_what_is_so() {
    let shop = Shop::start().await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let tent = put_up(&shop.seller("cleo").await, "10", 9).await;
    add(&anna, &tent, 1).await.expect(200);
    let order = call("placeOrder", &json!({}));
    for (n, version) in VERSIONS.into_iter().enumerate() {
        let id = session(&anna, version, &json!({ "elicitation": {} })).await;
        let id = id.expect("a client that elicits has a session");
        let mut asked = Asked::to(&shop, &anna, &id, &order).await;
        let question = asked.next().await;
        assert_eq!(question["method"], "elicitation/create", "{question}");
        let told = question["params"]["message"].as_str().expect("words").to_owned();
        assert!(told.contains("Tent for 10 at 10.00 INR"), "{told}");
        assert_eq!(question["params"]["requestedSchema"]["type"], "object");
        decide(&anna, &question, "decline").await;
        let declined = asked.next().await;
        assert_eq!(declined["id"], 7);
        assert_eq!(
            declined["result"]["structuredContent"]["error"]["code"],
            "declined"
        );
        // A yes of somebody else, one of another name, and one that comes too late for the cart.
        let mut asked = Asked::to(&shop, &anna, &id, &order).await;
        let question = asked.next().await;
        decide(&bert, &question, "accept").await;
        decide(&anna, &json!({ "id": "confirm-guess" }), "accept").await;
        add(&anna, &tent, 1).await.expect(200);
        decide(&anna, &question, "accept").await;
        let changed = asked.next().await;
        assert_eq!(changed["result"]["structuredContent"]["error"]["code"], "changed");
        assert_eq!(
            orders(&anna).await,
            json!(n),
            "{version}: nothing was ordered so far"
        );
        let mut asked = Asked::to(&shop, &anna, &id, &order).await;
        let question = asked.next().await;
        decide(&anna, &question, "accept").await;
        let done = asked.next().await;
        assert_eq!(done["result"]["isError"], false, "{done}");
        decide(&anna, &question, "accept").await;
        assert_eq!(
            (orders(&anna).await, orders(&bert).await),
            (json!(n + 1), json!(0))
        );
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_question_that_nobody_answers_or_whose_session_ends_spends_nothing() {
    let shop = Shop::start_with(&[("assistant.confirm_timeout_seconds", "2")]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 9).await;
    add(&anna, &tent, 1).await.expect(200);
    let id = session(&anna, VERSIONS[0], &json!({ "elicitation": { "form": {} } })).await;
    let id = id.expect("a session");
    let order = call("placeOrder", &json!({}));
    let mut asked = Asked::to(&shop, &anna, &id, &order).await;
    asked.next().await;
    let silence = asked.next().await;
    assert_eq!(
        silence["result"]["structuredContent"]["error"]["code"],
        "unanswered"
    );
    let back = shop.back("anna").await;
    let mut asked = Asked::to(&shop, &back, &id, &order).await;
    let question = asked.next().await;
    let gone = back.token.clone().expect("a token");
    back.post("/api/auth/logout", json!({})).await.expect(200);
    let late = json!({ "jsonrpc": "2.0", "id": question["id"],
        "result": { "action": "accept", "content": { "confirm": true } } });
    let call = shop.visitor().call(Method::POST, "/mcp");
    let call = call.header("authorization", &format!("Bearer {gone}"));
    call.json(&late).send().await.expect(401);
    let over = asked.next().await;
    assert_eq!(over["result"]["structuredContent"]["error"]["code"], "unanswered");
    assert_eq!(orders(&anna).await, json!(0));
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_cannot_ask_is_asked_nothing_and_nobody_is_asked_without_end() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 9).await;
    add(&anna, &tent, 1).await.expect(200);
    for capabilities in [json!({}), json!({ "elicitation": { "url": {} } })] {
        assert_eq!(session(&anna, VERSIONS[0], &capabilities).await, None);
    }
    let order = call("placeOrder", &json!({}));
    let refused = anna.post("/mcp", order.clone()).await.expect(200);
    let code = &refused.body["result"]["structuredContent"]["error"]["code"];
    assert_eq!(code, "needs_confirmation");
    for forged in ["guess", "guess.guess", "."] {
        let call = anna.call(Method::POST, "/mcp").header("mcp-session-id", forged);
        let unknown = call.json(&order).send().await.expect(404);
        assert_eq!(unknown.body["error"]["code"], -32_001, "{forged}");
    }
    let id = session(&anna, VERSIONS[0], &json!({ "elicitation": {} })).await;
    let id = id.expect("a session");
    let waiting = (0..8).map(|_| Asked::to(&shop, &anna, &id, &order));
    let waiting = futures_util::future::join_all(waiting).await;
    let ninth = anna.call(Method::POST, "/mcp").header("mcp-session-id", &id);
    let ninth = ninth.json(&order).send().await.expect(200);
    assert_eq!(ninth.body["result"]["structuredContent"]["error"]["code"], "busy");
    drop(waiting);
    assert_eq!(orders(&anna).await, json!(0));
    shop.stop().await;
}
