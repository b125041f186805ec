//! Products and pictures that tests put up, and forms as browsers send them.

use std::io::Cursor;

use reqwest::Method;
use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::shop::Caller;

/// A form with files in it.
#[derive(Default, Clone)]
pub(crate) struct Form(Vec<u8>);

const BOUNDARY: &str = "----the-boundary-of-a-form";

impl Form {
    /// The fields of a product that can be put up.
    pub(crate) fn of_a_lamp() -> Self {
        Self::default()
            .text("title", "A blue lamp")
            .text("description", "It shines.")
            .text("priceAmount", "199.99")
            .text("priceCurrency", "INR")
            .text("stock", "10")
            .text("category", "Lamps")
    }

    /// One more field.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    /// One more file.
    pub(crate) fn file(self, name: &str, file: &str, content: &[u8]) -> Self {
        let head = format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: image/png");
        self.part(&head, content)
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Puts the form into a call.
    pub(crate) fn into(mut self, call: Call) -> Call {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        call.header("content-type", &media_type).bytes(self.0)
    }

    /// Posts the form.
    pub(crate) async fn post(self, who: &Caller, path: &str) -> Answer {
        self.into(who.call(Method::POST, path)).send().await
    }
}

/// A product that can be put up.
pub(crate) fn lamp() -> Value {
    json!({
        "title": "A blue lamp",
        "description": "It shines.",
        "price": { "amount": 199.99, "currency": "INR" },
        "stock": 10,
        "category": "Lamps",
    })
}

/// The same with something else in a field.
pub(crate) fn lamp_with(field: &str, value: Value) -> Value {
    let mut lamp = lamp();
    lamp[field] = value;
    lamp
}

/// Puts a product up. Says its id.
pub(crate) async fn put_up(who: &Caller, product: Value) -> String {
    let answer = who.post("/api/products", product).await.expect(201);
    id_of(&answer.body["product"])
}

/// Waits until so many products are found by these words.
pub(crate) async fn findable(who: &Caller, words: &str, many: u64) {
    let path = format!("/api/products?q={words}");
    while who.get(&path).await.body["meta"]["total"] != many {}
}

/// The id of something that was answered.
pub(crate) fn id_of(thing: &Value) -> String {
    thing["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {thing}"))
        .to_owned()
}

/// A picture in this format, so wide and so high.
pub(crate) fn picture(format: image::ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let colour = |x: u32, y: u32| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 7]);
    let drawn = image::RgbImage::from_fn(width, height, colour);
    let mut bytes = Cursor::new(Vec::new());
    drawn
        .write_to(&mut bytes, format)
        .expect("a picture can be written");
    bytes.into_inner()
}
