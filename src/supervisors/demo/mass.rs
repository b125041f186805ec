//! Plausible products by the thousand, for load.

use futures_util::stream::{self, StreamExt};

use super::{Demo, DemoError, News, id_of};
use crate::domain::account::Profile;
use crate::domain::money::{Currency, Money};
use crate::domain::product::Listing;

/// So many are asked for at once, so that a batch of the committer is full.
const SIDE_BY_SIDE: usize = 1_024;
/// After so many, owners who have done their part are put to sleep.
const NAP: usize = 8_192;

const MAKES: [&str; 12] = [
    "Handwoven",
    "Vintage",
    "Everyday",
    "Festive",
    "Lightweight",
    "Limited edition",
    "Classic",
    "Monsoon",
    "Heirloom",
    "Compact",
    "Artisan",
    "Travel",
];
const MATERIALS: [&str; 12] = [
    "cotton", "brass", "bamboo", "steel", "jute", "sheesham", "silk", "ceramic", "leather", "linen",
    "copper", "cane",
];
const ORIGINS: [&str; 12] = [
    "Jaipur", "Kochi", "Varanasi", "Surat", "Mysuru", "Shillong", "Bhuj", "Madurai", "Srinagar", "Puri",
    "Nashik", "Leh",
];
/// A thing, its category, and what one costs about, in rupees.
const THINGS: [(&str, &str, i64); 24] = [
    ("rucksack", "Outdoor", 2_400),
    ("tent", "Outdoor", 7_200),
    ("water bottle", "Outdoor", 650),
    ("cricket bat", "Sports", 2_100),
    ("yoga mat", "Sports", 1_300),
    ("badminton set", "Sports", 1_700),
    ("table lamp", "Home", 1_900),
    ("cushion cover", "Home", 480),
    ("wall clock", "Home", 1_150),
    ("tea kettle", "Kitchen", 1_250),
    ("frying pan", "Kitchen", 1_600),
    ("spice box", "Kitchen", 720),
    ("tea set", "Tea and spices", 980),
    ("pepper mill", "Tea and spices", 540),
    ("tasting box", "Tea and spices", 1_100),
    ("desk speaker", "Electronics", 2_900),
    ("phone stand", "Electronics", 390),
    ("headphone case", "Electronics", 560),
    ("kurta", "Fashion", 1_450),
    ("satchel", "Fashion", 3_300),
    ("scarf", "Fashion", 690),
    ("notebook", "Books", 260),
    ("reading stand", "Books", 870),
    ("story book", "Books", 340),
];

impl Demo {
    /// Puts up so many products besides, without pictures.
    ///
    /// # Errors
    /// See [`DemoError`].
    pub async fn put_up_many(&self, many: usize, heard: &dyn Fn(News<'_>)) -> Result<(), DemoError> {
        let sellers = self.sellers().await?;
        let put_up = (0..many).map(|n| self.put_up_one_of_many(n, &sellers[n % sellers.len()]));
        let mut put_up = stream::iter(put_up).buffer_unordered(SIDE_BY_SIDE);
        let mut done = 0;
        while let Some(outcome) = put_up.next().await {
            outcome?;
            done += 1;
            heard(News::Besides(done, many));
            if done % NAP == 0 {
                let _ = (self.products.owners().sweep(), self.products.stocks().sweep());
            }
        }
        Ok(())
    }

    async fn put_up_one_of_many(&self, n: usize, seller: &Profile) -> Result<(), DemoError> {
        let (listing, stock) = one_of_many(n);
        let title = listing.title.clone();
        let launched = self
            .launch(id_of("one of many", &n.to_string()), listing, stock, seller)
            .await;
        launched.map_err(|error| DemoError::Product(title, error))
    }
}

/// The n-th of them, and how many there are of it. Neighbours have little in common.
fn one_of_many(n: usize) -> (Listing, u64) {
    let (thing, category, rupees) = THINGS[n % THINGS.len()];
    let make = MAKES[n / 7 % MAKES.len()];
    let material = MATERIALS[n / 5 % MATERIALS.len()];
    let origin = ORIGINS[n / 11 % ORIGINS.len()];
    let spread = i64::try_from(n * 37 % 101).unwrap_or_default();
    let listing = Listing {
        title: format!("{make} {material} {thing}, no. {}", n + 1),
        description: format!(
            "A {} {thing} with {material} from {origin}, made in small batches and checked by hand. Number {} \
             of its line; leaves our store within two days.",
            make.to_lowercase(),
            n + 1
        ),
        price: Money::of_minor(rupees * (50 + spread), Currency::Inr),
        category: Some(category.to_owned()),
        images: Vec::new(),
    };
    (listing, (n * 13 % 250) as u64)
}
