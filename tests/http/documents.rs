//! The OpenAPI document and the page it is read on.

use bazaar::http::routes;

use crate::shop::Shop;

#[actix_web::test]
async fn the_document_is_served_as_it_is_compiled() {
    let shop = Shop::start().await;
    let answer = shop.visitor().get("/openapi.json").await.expect(200);
    let compiled = serde_json::to_value(routes::document()).expect("the document is JSON");
    assert_eq!(answer.body, compiled);
    assert!(
        answer.body["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    shop.stop().await;
}

#[test]
fn every_operation_says_what_it_does_and_what_it_answers() {
    let document = serde_json::to_value(routes::document()).expect("the document is JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let told = operation["summary"]
                .as_str()
                .is_some_and(|summary| !summary.is_empty());
            assert!(told, "{method} {path} has no summary");
            let responses = operation["responses"].as_object();
            assert!(
                responses.is_some_and(|responses| !responses.is_empty()),
                "{method} {path} has no answers"
            );
        }
    }
}

#[actix_web::test]
async fn the_page_needs_nothing_from_elsewhere_and_nothing_inline() {
    let shop = Shop::start().await;
    let page = shop.visitor().get("/docs/index.html").await.expect(200);
    assert!(
        !page.text.contains("http://") && !page.text.contains("https://"),
        "{}",
        page.text
    );
    for script in page.text.split("<script").skip(1) {
        assert!(
            script.split('>').next().is_some_and(|tag| tag.contains("src=")),
            "inline: {script}"
        );
    }
    assert!(!page.text.contains("<style"), "{}", page.text);
    let mut files = 0;
    for part in page
        .text
        .split(['"', '\''])
        .filter(|part| part.starts_with("./") || part.contains(".css") || part.contains(".js"))
    {
        shop.visitor()
            .get(&format!("/docs/{}", part.trim_start_matches("./")))
            .await
            .expect(200);
        files += 1;
    }
    assert!(files >= 3, "the page is made of {files} files");
    let initializer = shop
        .visitor()
        .get("/docs/swagger-initializer.js")
        .await
        .expect(200);
    assert!(initializer.text.contains("/openapi.json"), "{}", initializer.text);
    shop.stop().await;
}

#[actix_web::test]
async fn docs_leads_to_the_page() {
    let shop = Shop::start().await;
    let page = shop.visitor().get("/docs").await.expect(200);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    shop.visitor()
        .get("/docs/no-such-file")
        .await
        .problem(404, "unknown_route");
    shop.stop().await;
}
