//! What goes wrong on our side costs one request, and tells nothing of how we are made.

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, HttpResponse, web};
use bazaar::http::middleware::{catch_panic, request_id};
use serde_json::Value;

async fn panics() -> HttpResponse {
    panic!("a secret that stands in a panic")
}

#[actix_web::test]
async fn a_panic_in_a_handler_is_a_500_problem_that_holds_only_an_id() {
    let app = App::new()
        .wrap(from_fn(catch_panic::catch))
        .wrap(from_fn(request_id::name))
        .route("/panics", web::get().to(panics))
        .route("/stands", web::get().to(HttpResponse::NoContent));
    let app = init_service(app).await;
    for _ in 0..3 {
        let request = TestRequest::get()
            .uri("/panics")
            .insert_header(("x-request-id", "mine"));
        let error = try_call_service(&app, request.to_request())
            .await
            .expect_err("a panic is no answer");
        let response = error.error_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers().get("x-request-id").unwrap(), "mine");
        let body = to_bytes(response.into_body()).await.unwrap();
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["code"], "internal");
        assert_eq!(problem["requestId"], "mine");
        assert!(!problem.to_string().contains("secret"), "{problem}");
        let request = TestRequest::get().uri("/stands").to_request();
        let next = try_call_service(&app, request)
            .await
            .expect("the next request is answered");
        assert_eq!(next.status(), StatusCode::NO_CONTENT);
    }
}
