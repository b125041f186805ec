//! The shop for agents: what the protocol asks for, whom the tools are for, and that nothing is
//! spent without a yes of the user.

use serde_json::{Value, json};

use crate::call::Answer;
use crate::cart::{add, put_up, quantities};
use crate::shop::{Caller, Shop};

const CURRENT: &str = "2026-07-28";
const EARLIER: [&str; 2] = ["2025-11-25", "2025-06-18"];
/// It has batches, which are not taken here.
const WITH_BATCHES: &str = "2025-03-26";

/// A request of the current revision, with everything it has to say; some of it may be changed.
fn request(method: &str, params: &Value, elicits: bool) -> Value {
    let capabilities = if elicits {
        json!({ "elicitation": { "form": {} } })
    } else {
        json!({})
    };
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": CURRENT,
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
}

async fn send(who: &Caller, body: &Value) -> Answer {
    let method = body["method"].as_str().unwrap_or_default();
    let mut call = who
        .call(reqwest::Method::POST, "/mcp")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", CURRENT)
        .header("mcp-method", method);
    if let Some(name) = body["params"]["name"].as_str() {
        call = call.header("mcp-name", name);
    }
    call.json(body).send().await
}

/// A call of a tool by the current revision, and its result.
async fn use_tool(who: &Caller, name: &str, arguments: &Value) -> Value {
    let params = json!({ "name": name, "arguments": arguments });
    let answer = send(who, &request("tools/call", &params, true)).await.expect(200);
    assert_eq!(answer.body["id"], 7);
    answer.body["result"].clone()
}

/// The answer to what was asked: the same call again.
async fn decide(who: &Caller, name: &str, state: &Value, action: &str) -> Value {
    let params = json!({
        "name": name, "arguments": {}, "requestState": state,
        "inputResponses": { "confirm": { "action": action, "content": { "confirm": true } } },
    });
    let answer = send(who, &request("tools/call", &params, true)).await.expect(200);
    answer.body["result"].clone()
}

async fn orders(who: &Caller) -> Value {
    who.get("/api/orders/me").await.expect(200).body["meta"]["total"].clone()
}

/// A request of an earlier revision.
async fn earlier(who: &Caller, version: &str, body: &Value) -> Answer {
    who.call(reqwest::Method::POST, "/mcp")
        .header("mcp-protocol-version", version)
        .json(body)
        .send()
        .await
}

#[actix_web::test]
async fn hands_are_shaken_with_earlier_revisions() {
    let shop = Shop::start().await;
    let visitor = shop.visitor();
    for (asked, agreed) in EARLIER
        .map(|version| (version, version))
        .into_iter()
        .chain(["1999-01-01", WITH_BATCHES, CURRENT].map(|other| (other, EARLIER[0])))
    {
        let hello = json!({ "jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {
            "protocolVersion": asked, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
        let answer = visitor.post("/mcp", hello).await.expect(200);
        assert_eq!(answer.body["result"]["protocolVersion"], agreed);
        assert_eq!(answer.body["result"]["serverInfo"]["name"], "bazaar");
        assert!(answer.headers.get("mcp-session-id").is_none(), "nothing is kept");
    }
    for version in EARLIER {
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let noted = earlier(&visitor, version, &ready).await.expect(202);
        assert_eq!(noted.text, "");
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let pong = earlier(&visitor, version, &ping).await.expect(200);
        assert_eq!(pong.body["result"], json!({}), "clients take nothing more");
        let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
        let listed = earlier(&visitor, version, &list).await.expect(200);
        assert_eq!(listed.body["result"]["tools"].as_array().map(Vec::len), Some(2));
        let call = json!({ "jsonrpc": "2.0", "id": 4, "method": "tools/call",
            "params": { "name": "searchProduct", "arguments": { "query": "tent" } } });
        let called = earlier(&visitor, version, &call).await.expect(200);
        for result in [&listed.body["result"], &called.body["result"]] {
            for later in ["resultType", "ttlMs", "cacheScope"] {
                assert!(result[later].is_null(), "{version} knows no {later}: {result}");
            }
        }
        let unknown = json!({ "jsonrpc": "2.0", "id": 3, "method": "resources/list" });
        let refused = earlier(&visitor, version, &unknown).await.expect(200);
        assert_eq!(refused.body["error"]["code"], -32_601);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn the_current_revision_says_everything_with_each_request() {
    let shop = Shop::start().await;
    let visitor = shop.visitor();
    let answer = send(&visitor, &request("server/discover", &json!({}), false))
        .await
        .expect(200);
    let result = &answer.body["result"];
    assert_eq!(result["supportedVersions"], json!([CURRENT]));
    assert_eq!(result["resultType"], "complete");
    let listed = send(&visitor, &request("tools/list", &json!({}), false))
        .await
        .expect(200);
    let tools = listed.body["result"]["tools"].as_array().expect("tools").clone();
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(names, ["searchProduct", "getProduct"]);
    assert_eq!(tools[0]["annotations"]["readOnlyHint"], true);
    assert_eq!(listed.body["result"]["cacheScope"], "private");
    assert_eq!(listed.body["result"]["resultType"], "complete");
    let found = use_tool(&visitor, "searchProduct", &json!({ "query": "tent" })).await;
    assert_eq!(found["resultType"], "complete", "every result says so");
    let ping = send(&visitor, &request("ping", &json!({}), false))
        .await
        .expect(404);
    assert_eq!(ping.body["error"]["code"], -32_601, "this revision has none");
    shop.stop().await;
}

/// What is no message, or not one that says the same in its headers and its body.
#[actix_web::test]
async fn what_is_no_message_is_refused() {
    let shop = Shop::start().await;
    let visitor = shop.visitor();
    let post = || {
        visitor
            .call(reqwest::Method::POST, "/mcp")
            .header("content-type", "application/json")
    };
    for (body, code) in [
        ("{", -32_700),
        ("[]", -32_600),
        ("7", -32_600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32_600),
        (r#"{"id":1,"method":"ping"}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32_600),
    ] {
        let answer = post().bytes(body).send().await.expect(400);
        assert_eq!(answer.body["error"]["code"], code, "{body}");
        assert_eq!(answer.body["id"], Value::Null, "{body}");
    }
    let call = request(
        "tools/call",
        &json!({ "name": "searchProduct", "arguments": {} }),
        false,
    );
    for (version, method, name) in [
        (CURRENT, "tools/list", "searchProduct"),
        (CURRENT, "tools/call", "viewCart"),
        ("2025-11-25", "tools/call", "searchProduct"),
        ("2030-01-01", "tools/call", "searchProduct"),
    ] {
        let answer = post()
            .header("mcp-protocol-version", version)
            .header("mcp-method", method)
            .header("mcp-name", name)
            .bytes(call.to_string())
            .send()
            .await
            .expect(400);
        assert_eq!(answer.body["error"]["code"], -32_020, "{version} {method} {name}");
    }
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    for version in ["2030-01-01", WITH_BATCHES] {
        let unknown = earlier(&visitor, version, &ping).await.expect(400);
        assert_eq!(unknown.body["error"]["code"], -32_022, "{version}");
        assert_eq!(unknown.body["error"]["data"]["supported"], json!([CURRENT]));
    }
    let unknown = send(&visitor, &request("resources/list", &json!({}), false))
        .await
        .expect(404);
    assert_eq!(unknown.body["error"]["code"], -32_601);
    visitor.get("/mcp").await.expect(405);
    visitor.delete("/mcp").await.expect(405);
    visitor
        .call(reqwest::Method::POST, "/mcp")
        .bytes("{}")
        .send()
        .await
        .expect(415);
    let foreign = post().header("origin", "https://elsewhere.example").bytes("{}");
    foreign.send().await.expect(403);
    let forged = visitor
        .call(reqwest::Method::POST, "/mcp")
        .header("authorization", "Bearer forged");
    forged.json(&ping).send().await.expect(401);
    shop.stop().await;
}

/// Whom a tool is for, and how strictly it reads.
#[actix_web::test]
async fn a_tool_is_for_whom_it_is_for_and_reads_strictly() {
    let shop = Shop::start().await;
    let (anna, bert, cleo) = (
        shop.shopper("anna").await,
        shop.shopper("bert").await,
        shop.seller("cleo").await,
    );
    let tent = put_up(&cleo, "10", 5).await;
    let visitor = shop.visitor();
    let two = json!({ "productId": tent, "quantity": 2 });
    for (who, name, arguments, code) in [
        (&*visitor, "viewCart", json!({}), "unauthenticated"),
        (&*visitor, "addProductToCart", two.clone(), "unauthenticated"),
        (&*visitor, "placeOrder", json!({}), "unauthenticated"),
        (
            &*visitor,
            "searchProduct",
            json!({ "query": { "$ne": 1 } }),
            "invalid_arguments",
        ),
        (&*anna, "salesMetrics", json!({}), "forbidden"),
        (
            &*anna,
            "setStock",
            json!({ "productId": tent, "onHand": 0 }),
            "forbidden",
        ),
        (&*cleo, "viewCart", json!({}), "forbidden"),
        (
            &*anna,
            "viewCart",
            json!({ "user": bert.id }),
            "invalid_arguments",
        ),
        (&*anna, "viewCart", json!([]), "invalid_arguments"),
        (
            &*anna,
            "addProductToCart",
            json!({ "productId": tent, "quantity": -1 }),
            "invalid_arguments",
        ),
        (
            &*anna,
            "addProductToCart",
            json!({ "productId": tent, "price": 1 }),
            "invalid_arguments",
        ),
        (
            &*anna,
            "addProductToCart",
            json!({ "productId": tent, "quantity": 6 }),
            "refused",
        ),
    ] {
        let result = use_tool(who, name, &arguments).await;
        assert_eq!(result["isError"], true, "{name} {arguments}");
        assert_eq!(
            result["structuredContent"]["error"]["code"], code,
            "{name} {arguments}"
        );
    }
    assert!(quantities(&anna).await.is_empty());
    let unknown = request("tools/call", &json!({ "name": "dropTables" }), false);
    let unknown = send(&anna, &unknown).await.expect(400);
    assert_eq!(unknown.body["error"]["code"], -32_602);
    let more = json!({ "name": "viewCart", "arguments": {}, "user": bert.id });
    let more = send(&anna, &request("tools/call", &more, false))
        .await
        .expect(400);
    assert_eq!(more.body["error"]["code"], -32_602);
    let result = use_tool(&anna, "addProductToCart", &two).await;
    assert_eq!(result["isError"], false, "{result}");
    assert_eq!(quantities(&anna).await, [2]);
    assert!(quantities(&bert).await.is_empty());
    shop.stop().await;
}

#[actix_web::test]
async fn nothing_is_spent_without_a_yes_to_what_is_so() {
    let shop = Shop::start().await;
    let (anna, bert, cleo) = (
        shop.shopper("anna").await,
        shop.shopper("bert").await,
        shop.seller("cleo").await,
    );
    let tent = put_up(&cleo, "10", 9).await;
    for who in [&anna, &bert] {
        add(who, &tent, 1).await.expect(200);
    }
    // Nobody is asked where nobody can be.
    let order = json!({ "name": "placeOrder", "arguments": {} });
    let mute = send(&anna, &request("tools/call", &order, false))
        .await
        .expect(400);
    assert_eq!(mute.body["error"]["code"], -32_021);
    for version in EARLIER {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": order });
        let refused = earlier(&anna, version, &call).await.expect(200);
        let code = &refused.body["result"]["structuredContent"]["error"]["code"];
        assert_eq!(code, "needs_confirmation");
    }
    let asked = use_tool(&anna, "placeOrder", &json!({})).await;
    assert_eq!(asked["resultType"], "input_required");
    let form = &asked["inputRequests"]["confirm"];
    assert_eq!(form["method"], "elicitation/create");
    let question = form["params"]["message"].as_str().expect("a question");
    assert!(question.contains("10.00 INR"), "{question}");
    let state = &asked["requestState"];
    for action in ["decline", "cancel"] {
        let no = decide(&anna, "placeOrder", state, action).await;
        assert_eq!(no["structuredContent"]["error"]["code"], "declined");
    }
    // A yes that nobody was asked for, or that somebody else was asked for.
    for forged in [json!("a.1.b"), json!(""), json!(null)] {
        let again = decide(&anna, "placeOrder", &forged, "accept").await;
        assert_eq!(again["resultType"], "input_required", "{forged}");
    }
    let stolen = decide(&bert, "placeOrder", state, "accept").await;
    assert_eq!(stolen["resultType"], "input_required");
    // A yes to what is so no longer.
    add(&anna, &tent, 1).await.expect(200);
    let changed = decide(&anna, "placeOrder", state, "accept").await;
    assert_eq!(changed["resultType"], "input_required");
    assert_eq!((orders(&anna).await, orders(&bert).await), (json!(0), json!(0)));
    let yes = decide(&anna, "placeOrder", &changed["requestState"], "accept").await;
    assert_eq!(yes["isError"], false, "{yes}");
    let twice = decide(&anna, "placeOrder", &changed["requestState"], "accept").await;
    assert_ne!(twice["isError"], false, "{twice}");
    assert_eq!((orders(&anna).await, orders(&bert).await), (json!(1), json!(0)));
    shop.stop().await;
}

#[actix_web::test]
async fn language_models_find_their_way() {
    let shop = Shop::start().await;
    let guide = shop.visitor().get("/llms.txt").await.expect(200);
    assert!(guide.text.starts_with("# Bazaar\n"), "{}", guide.text);
    assert!(guide.text.contains("/mcp)"), "{}", guide.text);
    shop.stop().await;
}
