//! A product as an event tells of it: as the API shows it, without what its stock alone knows.

use serde_json::{Map, Value, json};

use crate::domain::image::Image;
use crate::domain::product::Product;
use crate::events::event::Event;

/// The product that an event carries; `None` when it carries none.
pub(super) fn told(event: &Event) -> Option<Map<String, Value>> {
    let product: Product = event.data()?;
    let listing = product.listing;
    let told = json!({
        "id": product.id,
        "title": listing.title,
        "description": listing.description,
        "price": listing.price,
        "seller": product.seller,
        "category": listing.category,
        "images": listing.images.iter().map(image).collect::<Vec<_>>(),
        "createdAt": product.created_at,
        "updatedAt": product.updated_at,
    });
    match told {
        Value::Object(told) => Some(told),
        _ => None,
    }
}

fn image(image: &Image) -> Value {
    json!({ "url": image.url, "thumbnail": image.thumbnail, "id": image.id })
}
