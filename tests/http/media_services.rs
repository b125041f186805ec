//! Pictures at ImageKit and at Cloudinary, with a server of the test in their place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::goods::{Form, id_of, picture};
use crate::shop::{Seller, Shop};
use crate::stand_in::{Asked, Mood, StandIn};

const PRODUCTS: &str = "/api/products";

#[derive(Debug, Clone, Copy)]
enum Service {
    ImageKit,
    Cloudinary,
}

const BOTH: [Service; 2] = [Service::ImageKit, Service::Cloudinary];

fn imagekit(asked: &Asked) -> Value {
    let name = asked.field("fileName");
    json!({ "fileId": format!("id-of-{name}"), "filePath": format!("/{name}"), "url": "not used" })
}

fn cloudinary(asked: &Asked) -> Value {
    let name = asked.field("public_id");
    let url = format!("https://res.example/demo/image/upload/v1/{name}.jpg");
    json!({ "public_id": name, "secure_url": url })
}

/// A shop whose pictures lie with a service.
async fn shop(service: Service) -> (Shop, Seller, StandIn) {
    shop_with_patience(service, "5000").await
}

/// What a service answers to a request.
type Answers = fn(&Asked) -> Value;

/// The same with so many milliseconds for the service to answer.
async fn shop_with_patience(service: Service, patience: &str) -> (Shop, Seller, StandIn) {
    let (usual, sections): (Answers, [(&str, &str); 3]) = match service {
        Service::ImageKit => (
            imagekit,
            [
                ("imagekit.private_key", "private"),
                ("imagekit.public_key", "public"),
                ("imagekit.url_endpoint", "https://ik.example/demo/"),
            ],
        ),
        Service::Cloudinary => (
            cloudinary,
            [
                ("cloudinary.name", "demo"),
                ("cloudinary.api_key", "key"),
                ("cloudinary.api_secret", "secret"),
            ],
        ),
    };
    let stand_in = StandIn::start(Mood::Replies(usual)).await;
    let url = stand_in.url.as_str();
    let urls = [
        ("imagekit.base_url", url),
        ("imagekit.upload_url", url),
        ("cloudinary.base_url", url),
        ("outside.timeout_ms", patience),
    ];
    let settings: Vec<_> = sections.into_iter().chain(urls).collect();
    let shop = Shop::start_with(&settings).await;
    let sam = shop.seller("sam").await;
    (shop, sam, stand_in)
}

fn lamp_with(pictures: usize) -> Form {
    let small = picture(ImageFormat::Png, 9, 9);
    (0..pictures).fold(Form::of_a_lamp(), |form, n| {
        form.file("images", &format!("{n}.png"), &small)
    })
}

#[actix_web::test]
async fn a_picture_goes_to_imagekit_and_is_dropped_there() {
    let (shop, sam, stand_in) = shop(Service::ImageKit).await;
    let made = lamp_with(1).post(&sam, PRODUCTS).await.expect(201);
    let image = &made.body["product"]["images"][0];
    let name = format!("{}.jpg", id_of(image));
    let url = format!("https://ik.example/demo/{name}");
    assert_eq!(image["url"], url);
    assert_eq!(image["thumbnail"], format!("{url}?tr=w-320,h-320,c-at_max"));
    let path = format!("{PRODUCTS}/{}", id_of(&made.body["product"]));
    sam.patch(&path, json!({ "images": [] })).await.expect(200);
    let asked = stand_in.was_asked(2).await;
    assert!(asked[0].is("POST /api/v1/files/upload "), "{}", asked[0].head);
    assert_eq!(asked[0].field("fileName"), name);
    assert!(
        asked[1].is(&format!("DELETE /v1/files/id-of-{name} ")),
        "{}",
        asked[1].head
    );
    let signed_in = format!("Basic {}", STANDARD.encode("private:"));
    for one in asked {
        assert_eq!(one.header("authorization"), signed_in, "{}", one.head);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_picture_goes_to_cloudinary_signed_and_is_dropped_there() {
    let (shop, sam, stand_in) = shop(Service::Cloudinary).await;
    let made = lamp_with(1).post(&sam, PRODUCTS).await.expect(201);
    let image = &made.body["product"]["images"][0];
    let name = id_of(image);
    assert_eq!(
        image["url"],
        format!("https://res.example/demo/image/upload/v1/{name}.jpg")
    );
    let small = format!("https://res.example/demo/image/upload/c_limit,w_320,h_320/v1/{name}.jpg");
    assert_eq!(image["thumbnail"], small);
    let path = format!("{PRODUCTS}/{}", id_of(&made.body["product"]));
    sam.patch(&path, json!({ "images": [] })).await.expect(200);
    let asked = stand_in.was_asked(2).await;
    assert!(asked[0].is("POST /v1_1/demo/image/upload "), "{}", asked[0].head);
    assert!(asked[1].is("POST /v1_1/demo/image/destroy "), "{}", asked[1].head);
    for one in asked {
        assert_eq!(
            (one.field("public_id"), one.field("api_key")),
            (name.as_str(), "key")
        );
        let signed = format!("public_id={name}&timestamp={}secret", one.field("timestamp"));
        assert_eq!(one.field("signature"), hex::encode(Sha1::digest(signed)));
        assert!(!one.body.contains("name=\"api_secret\""), "the secret stays here");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_service_that_fails_costs_the_product_its_pictures_only_if_the_seller_agrees() {
    let nonsense = || Mood::Answers(200, json!({ "so": "what" }));
    for service in BOTH {
        for mood in [Mood::Answers(500, json!({})), Mood::Hangs, Mood::Cuts, nonsense()] {
            let what = format!("{service:?} {mood:?}");
            let (shop, sam, stand_in) = shop_with_patience(service, "200").await;
            (0..20).for_each(|_| stand_in.next(mood.clone()));
            let refused = lamp_with(1).post(&sam, PRODUCTS).await;
            let refused = refused.problem(503, "media_unavailable");
            assert_ne!(refused.header("retry-after"), "", "{what}");
            let listed = sam.get(PRODUCTS).await.expect(200);
            assert_eq!(listed.body["products"], json!([]), "{what}: nothing by half");
            let without = lamp_with(1)
                .post(&sam, "/api/products?images=optional")
                .await
                .expect(201);
            assert_eq!(without.body["product"]["images"], json!([]), "{what}");
            let told = without.body["message"].as_str().unwrap_or_default();
            assert!(told.contains("without its pictures"), "{what}: {told}");
            shop.stop().await;
        }
    }
}

#[actix_web::test]
async fn a_service_that_fails_once_is_asked_again() {
    for service in BOTH {
        let (shop, sam, stand_in) = shop(service).await;
        stand_in.next(Mood::Answers(502, json!({})));
        stand_in.next(Mood::Cuts);
        let made = lamp_with(1).post(&sam, PRODUCTS).await.expect(201);
        assert_eq!(made.body["product"]["images"].as_array().map(Vec::len), Some(1));
        assert_eq!(stand_in.was_asked(3).await.len(), 3, "{service:?}");
        shop.stop().await;
    }
}

#[actix_web::test]
async fn of_two_pictures_both_are_kept_or_none() {
    let (shop, sam, stand_in) = shop(Service::Cloudinary).await;
    stand_in.next(Mood::Answers(400, json!({})));
    lamp_with(2)
        .post(&sam, PRODUCTS)
        .await
        .problem(503, "media_unavailable");
    let asked = stand_in.was_asked(3).await;
    let dropped = asked.iter().find(|one| one.is("POST /v1_1/demo/image/destroy"));
    let dropped = dropped
        .expect("the one that was kept is dropped")
        .field("public_id");
    let uploads = asked.iter().filter(|one| one.is("POST /v1_1/demo/image/upload"));
    assert!(
        uploads
            .map(|one| one.field("public_id"))
            .any(|name| name == dropped)
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_change_that_is_refused_leaves_no_picture_behind_and_a_strangers_is_not_even_sent() {
    let (shop, sam, stand_in) = shop(Service::Cloudinary).await;
    let made = lamp_with(5).post(&sam, PRODUCTS).await.expect(201);
    let path = format!("{PRODUCTS}/{}", id_of(&made.body["product"]));
    let tom = shop.seller("tom").await;
    let strange = lamp_with(1).into(tom.call(Method::PATCH, &path)).send().await;
    strange.problem(403, "forbidden");
    let sixth = lamp_with(1).into(sam.call(Method::PATCH, &path)).send().await;
    sixth.expect(400);
    let asked = stand_in.was_asked(7).await;
    assert!(asked[5].is("POST /v1_1/demo/image/upload "), "{}", asked[5].head);
    assert!(asked[6].is("POST /v1_1/demo/image/destroy "), "{}", asked[6].head);
    assert_eq!(asked[6].field("public_id"), asked[5].field("public_id"));
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_waits_for_a_service_but_who_sends_it_a_picture() {
    let (shop, sam, stand_in) = shop_with_patience(Service::ImageKit, "1000").await;
    let made = lamp_with(1).post(&sam, PRODUCTS).await.expect(201);
    let path = format!("{PRODUCTS}/{}", id_of(&made.body["product"]));
    (0..20).for_each(|_| stand_in.next(Mood::Hangs));
    let waits = lamp_with(1).post(&sam, PRODUCTS);
    let others = async {
        stand_in.was_asked(2).await;
        shop.visitor().get(&path).await.expect(200);
        sam.post(PRODUCTS, crate::goods::lamp()).await.expect(201);
    };
    let (waited, ()) = tokio::join!(waits, others);
    waited.problem(503, "media_unavailable");
    shop.stop().await;
}

#[actix_web::test]
async fn a_service_that_is_down_costs_a_change_and_a_face_a_503_and_nothing_else() {
    for service in BOTH {
        let (shop, sam, stand_in) = shop_with_patience(service, "200").await;
        let made = lamp_with(1).post(&sam, PRODUCTS).await.expect(201);
        assert_eq!(made.body["message"], "Product created", "{service:?}");
        let path = format!("{PRODUCTS}/{}", id_of(&made.body["product"]));
        (0..40).for_each(|_| stand_in.next(Mood::Answers(500, json!({}))));
        let changed = lamp_with(1).text("title", "A red lamp");
        let changed = changed.into(sam.call(Method::PATCH, &path)).send().await;
        changed.problem(503, "media_unavailable");
        let read = sam.get(&path).await.expect(200);
        assert_eq!(read.body["product"], made.body["product"], "{service:?}");
        let face = Form::default().file("file", "me.png", &picture(ImageFormat::Png, 9, 9));
        let face = face.post(&sam, "/api/auth/users/me/avatar").await;
        face.problem(503, "media_unavailable");
        let me = sam.get("/api/auth/me").await.expect(200);
        assert_eq!(me.body["user"]["avatarUrl"], Value::Null, "{service:?}");
        let words = sam.patch(&path, json!({ "title": "A red lamp" })).await;
        words.expect(200);
        shop.stop().await;
    }
}
