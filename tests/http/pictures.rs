//! Pictures of products and of people, kept in a folder.

use std::sync::Arc;
use std::time::Duration;

use bazaar::services::media::{Bearer, Folder, Media};
use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bomb::bombs;
use crate::goods::{Form, id_of, lamp, picture, put_up};
use crate::shop::{Caller, Shop};

const PRODUCTS: &str = "/api/products";
/// Whatever is dropped is dropped long before this.
const PATIENCE: Duration = Duration::from_secs(20);
const AVATAR: &str = "/api/auth/users/me/avatar";

async fn size_of(who: &Caller, url: &Value) -> (u32, u32) {
    let url = url.as_str().expect("the address of a picture");
    let answer = who.call(Method::GET, url).bytes_of().await;
    let drawn = image::load_from_memory(&answer).expect("a picture");
    (drawn.width(), drawn.height())
}

#[actix_web::test]
async fn a_product_shows_the_pictures_it_was_put_up_with() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let form = Form::of_a_lamp()
        .file("images", "one.png", &picture(ImageFormat::Png, 640, 480))
        .file("images", "two.jpg", &picture(ImageFormat::Jpeg, 30, 40))
        .file("images", "three.webp", &picture(ImageFormat::WebP, 50, 60))
        .file("images", "", b"");
    let made = form.post(&sam, PRODUCTS).await.expect(201);
    let product = &made.body["product"];
    assert_eq!(
        (&product["title"], &product["stock"]),
        (&json!("A blue lamp"), &json!(10))
    );
    let images = product["images"].as_array().expect("pictures");
    assert_eq!(images.len(), 3, "{product}");
    let anna = shop.visitor();
    assert_eq!(size_of(&anna, &images[0]["url"]).await, (640, 480));
    assert_eq!(size_of(&anna, &images[0]["thumbnail"]).await, (320, 240));
    assert_eq!(size_of(&anna, &images[1]["url"]).await, (30, 40));
    let served = anna
        .get(images[2]["url"].as_str().expect("a text"))
        .await
        .expect(200);
    assert_eq!(served.header("content-type"), "image/jpeg");
    assert_eq!(
        served.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    anna.get("/media/0123456789abcdef01234567.jpg")
        .await
        .problem(404, "not_found");
    anna.get("/media/..%2Fstore").await.problem(404, "not_found");
    shop.stop().await;
}

#[actix_web::test]
async fn pictures_are_added_and_taken_away_by_name() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let small = picture(ImageFormat::Png, 9, 9);
    let form = Form::of_a_lamp()
        .file("images", "1.png", &small)
        .file("images", "2.png", &small);
    let made = form.post(&sam, PRODUCTS).await.expect(201);
    let path = format!("{PRODUCTS}/{}", id_of(&made.body["product"]));
    let second = made.body["product"]["images"][1].clone();
    let kept = sam
        .patch(&path, json!({ "images": [second["id"]] }))
        .await
        .expect(200);
    assert_eq!(kept.body["product"]["images"], json!([second]));
    let form = Form::default().file("images", "3.png", &small);
    let more = form.into(sam.call(Method::PATCH, &path)).send().await.expect(200);
    let images = more.body["product"]["images"].as_array().expect("pictures");
    assert_eq!((images.len(), &images[0]), (2, &second));
    let unknown = sam
        .patch(&path, json!({ "images": ["0123456789abcdef01234567"] }))
        .await;
    assert_eq!(unknown.problem(400, "invalid").bad_fields(), ["images"]);
    shop.stop().await;
}

#[actix_web::test]
async fn a_form_that_is_not_right_puts_up_nothing() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let small = picture(ImageFormat::Png, 9, 9);
    let six = (0..6).fold(Form::of_a_lamp(), |form, n| {
        form.file("images", &format!("{n}.png"), &small)
    });
    let heavy = vec![0; (5 << 20) + 1];
    for (what, form, status, named) in [
        ("a sixth picture", six, 400, "images"),
        (
            "another field",
            Form::of_a_lamp().file("photo", "1.png", &small),
            400,
            "photo",
        ),
        (
            "an empty file",
            Form::of_a_lamp().file("images", "1.png", b""),
            400,
            "images[0]",
        ),
        (
            "a text",
            Form::of_a_lamp().file("images", "1.png", b"a picture, honestly"),
            415,
            "images[0]",
        ),
        (
            "a page",
            Form::of_a_lamp().file("images", "1.png", b"<html></html>"),
            415,
            "images[0]",
        ),
        (
            "an svg",
            Form::of_a_lamp().file("images", "1.png", b"<svg xmlns='x'/>"),
            415,
            "images[0]",
        ),
        (
            "half a picture",
            Form::of_a_lamp().file("images", "1.png", &small[..40]),
            415,
            "images[0]",
        ),
        (
            "no title",
            Form::default()
                .text("priceAmount", "1")
                .file("images", "1.png", &small),
            400,
            "title",
        ),
        (
            "a bad price",
            Form::of_a_lamp().text("priceAmount", "1.005"),
            400,
            "priceAmount",
        ),
    ] {
        let answer = form.post(&sam, PRODUCTS).await.expect(status);
        assert_eq!(answer.bad_fields(), [named], "{what}");
    }
    let form = Form::of_a_lamp().file("images", "1.png", &heavy);
    let answer = form.post(&sam, PRODUCTS).await.problem(413, "too_large");
    assert_eq!(answer.bad_fields(), ["images[0]"]);
    for (what, bomb) in bombs(30_000) {
        let form = Form::of_a_lamp().file("images", "1.png", &bomb);
        let answer = form.post(&sam, PRODUCTS).await.problem(413, "too_large");
        assert_eq!(answer.bad_fields(), ["images[0]"], "{what}");
    }
    let form = Form::of_a_lamp().text("title", &"t".repeat(1 << 20));
    form.post(&sam, PRODUCTS).await.problem(413, "too_large");
    let listed = sam.get(PRODUCTS).await.expect(200);
    assert_eq!(listed.body["products"], json!([]), "nothing was put up");
    shop.stop().await;
}

#[actix_web::test]
async fn a_form_that_breaks_off_or_has_no_boundary_is_400() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    for (media_type, body) in [
        ("multipart/form-data", "--x\r\n"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA la",
        ),
        ("multipart/form-data; boundary=x", "nothing of the kind"),
    ] {
        let call = sam
            .call(Method::POST, PRODUCTS)
            .header("content-type", media_type);
        let answer = call.bytes(body).send().await;
        assert_eq!(answer.status, 400, "{media_type}, {body}: {}", answer.text);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn the_same_form_again_is_known_whatever_its_boundary() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let form = Form::of_a_lamp().file("images", "1.png", &picture(ImageFormat::Png, 9, 9));
    let send = |form: Form| {
        let call = sam.call(Method::POST, PRODUCTS).header("idempotency-key", "key");
        form.into(call).send()
    };
    let first = send(form.clone()).await.expect(201);
    let again = send(form.clone()).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body["product"]["images"], first.body["product"]["images"]);
    send(form.text("title", "Another"))
        .await
        .problem(422, "idempotency_key_reused");
    shop.stop().await;
}

#[actix_web::test]
async fn a_user_is_seen_by_his_picture_until_he_takes_it_away() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let form = Form::default().file("file", "me.png", &picture(ImageFormat::Png, 20, 30));
    let set = form.post(&anna, AVATAR).await.expect(200);
    let me = anna.get("/api/auth/me").await.expect(200);
    assert_eq!(me.body["user"], set.body["user"]);
    assert_eq!(size_of(&anna, &me.body["user"]["avatarUrl"]).await, (20, 30));
    let gone = anna.delete(AVATAR).await.expect(200);
    assert_eq!(gone.body["user"]["avatarUrl"], Value::Null);
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_no_picture_of_anybody_is_refused() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let small = picture(ImageFormat::Png, 9, 9);
    for (what, form, status, named) in [
        ("nothing", Form::default().text("file", "me"), 400, "file"),
        (
            "another field",
            Form::default().file("avatar", "me.png", &small),
            400,
            "avatar",
        ),
        (
            "a page",
            Form::default().file("file", "me.png", b"<html>"),
            415,
            "file[0]",
        ),
        (
            "two",
            Form::default()
                .file("file", "1.png", &small)
                .file("file", "2.png", &small),
            400,
            "file",
        ),
    ] {
        let answer = form.post(&anna, AVATAR).await.expect(status);
        assert_eq!(answer.bad_fields(), [named], "{what}");
    }
    assert_eq!(
        anna.get("/api/auth/me").await.expect(200).body["user"]["avatarUrl"],
        Value::Null
    );
    shop.stop().await;
}

#[actix_web::test]
async fn only_who_may_put_up_products_has_his_form_read() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let form = Form::of_a_lamp().file("images", "1.png", &vec![0; 9 << 20]);
    form.clone().post(&anna, PRODUCTS).await.problem(403, "forbidden");
    form.post(&shop.visitor(), PRODUCTS)
        .await
        .problem(401, "unauthenticated");
    let sam = shop.seller("sam").await;
    put_up(&sam, lamp()).await;
    shop.stop().await;
}

/// The names of the files in the folder of the pictures.
fn kept(shop: &Shop) -> Vec<String> {
    let entries = std::fs::read_dir(shop.folder().join("data/media")).expect("the folder of the pictures");
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
    names.sort();
    names
}

#[actix_web::test]
async fn the_pictures_of_a_product_go_with_it() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let small = picture(ImageFormat::Png, 9, 9);
    let form = Form::of_a_lamp().file("images", "1.png", &small);
    let one = form.clone().post(&sam, PRODUCTS).await.expect(201);
    let before = kept(&shop);
    let other = form.post(&sam, PRODUCTS).await.expect(201);
    let path = |made: &Value| format!("{PRODUCTS}/{}", id_of(&made["product"]));
    sam.patch(&path(&one.body), json!({ "title": "A red lamp" }))
        .await
        .expect(200);
    assert_eq!(kept(&shop).len(), 4, "two products with a picture each");
    sam.delete(&path(&other.body)).await.expect(200);
    become_kept(&shop, &before).await;
    let url = one.body["product"]["images"][0]["url"]
        .as_str()
        .expect("an address");
    sam.get(url).await.expect(200);
    shop.stop().await;
}

/// Waits until these files and no others are in the folder of the pictures.
async fn become_kept(shop: &Shop, expected: &[String]) {
    let dropped = async {
        while kept(shop) != expected {
            tokio::task::yield_now().await;
        }
    };
    let dropped = tokio::time::timeout(PATIENCE, dropped).await;
    dropped.unwrap_or_else(|_| panic!("{:?} are kept, and not {expected:?} alone", kept(shop)));
}

#[actix_web::test]
async fn a_picture_that_a_crash_left_behind_is_dropped_and_no_other() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.shopper("anna").await);
    let small = picture(ImageFormat::Png, 9, 9);
    let form = Form::of_a_lamp().file("images", "1.png", &small);
    form.post(&sam, PRODUCTS).await.expect(201);
    let form = Form::default().file("file", "me.png", &small);
    form.post(&anna, AVATAR).await.expect(200);
    let shown = kept(&shop);
    assert_eq!(shown.len(), 4, "{shown:?}");
    // As far as a runtime comes that is killed before the product is made.
    let engine = shop.runtime.engine();
    let folder = Folder::open(&shop.folder().join("data/media")).expect("the folder of the pictures");
    let media = Media::at(Arc::new(folder), engine.uploads());
    let picture = media.read(small.into(), None).await.expect("a picture");
    let bearer = Bearer {
        kind: "product",
        id: engine.id(),
    };
    let lost = media.keep(&[(engine.id(), picture)], bearer).await;
    assert_eq!((lost.expect("it is kept").len(), kept(&shop).len()), (1, 6));
    let shop = shop.reopen_after(Duration::from_hours(2)).await;
    become_kept(&shop, &shown).await;
    let struck_off = async { while !media_is_struck_off(&shop).await {} };
    let struck_off = tokio::time::timeout(PATIENCE, struck_off).await;
    struck_off.expect("no picture is looked at twice");
    shop.stop().await;
}

/// Whether no picture is looked at twice.
async fn media_is_struck_off(shop: &Shop) -> bool {
    let engine = shop.runtime.engine();
    let due = engine.uploads().due(&*engine.store, 10).await;
    due.expect("the store answers").is_empty()
}
