//! What the index keeps of a product: the words it is found by, what it is filtered and ordered
//! by, and its id. Nothing that is shown.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, Term};

use super::vocabulary::Vocabulary;
use crate::domain::id::Id;
use crate::domain::product::Product;
use crate::store::Version;

/// Raised with every change of what is kept or of how words are made: an index of another version
/// is made anew.
pub(super) const VERSION: u32 = 2;

/// So many texts a product has that are searched: its description, its category and its title.
pub(super) const TEXTS: usize = 3;

/// The fields of the index.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// The words of its texts. One is in it once that stands in the description alone, twice if it
    /// stands in the category, and three times if it stands in the title.
    pub(super) words: Field,
    /// The id as a text, by which a product is replaced,
    pub(super) id: Field,
    /// and in two numbers, by which it is ordered and read.
    id_high: Field,
    id_low: Field,
    pub(super) category: Field,
    pub(super) seller: Field,
    pub(super) currency: Field,
    pub(super) in_stock: Field,
    pub(super) price: Field,
    created: Field,
    version: Field,
}

/// The names of those fields that are read as columns.
pub(super) mod column {
    pub(in super::super) const ID_HIGH: &str = "id_high";
    pub(in super::super) const ID_LOW: &str = "id_low";
    pub(in super::super) const PRICE: &str = "price";
    pub(in super::super) const CREATED: &str = "created";
    pub(in super::super) const VERSION: &str = "version";
    pub(in super::super) const IN_STOCK: &str = "in_stock";
}

impl Fields {
    pub(super) fn new() -> Self {
        let mut schema = Schema::builder();
        let words = TextFieldIndexing::default()
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(false)
            .set_tokenizer("raw");
        let words = TextOptions::default().set_indexing_options(words);
        Self {
            words: schema.add_text_field("words", words),
            id: schema.add_text_field("id", STRING),
            id_high: schema.add_u64_field(column::ID_HIGH, FAST),
            id_low: schema.add_u64_field(column::ID_LOW, FAST),
            category: schema.add_text_field("category", STRING),
            seller: schema.add_text_field("seller", STRING),
            currency: schema.add_text_field("currency", STRING),
            in_stock: schema.add_u64_field(column::IN_STOCK, FAST | INDEXED),
            price: schema.add_i64_field(column::PRICE, FAST),
            created: schema.add_i64_field(column::CREATED, FAST),
            version: schema.add_u64_field(column::VERSION, FAST),
            schema: schema.build(),
        }
    }

    /// What is kept of a product.
    pub(super) fn document(
        &self,
        vocabulary: &mut Vocabulary,
        product: &Product,
        (version, in_stock): (Version, bool),
    ) -> TantivyDocument {
        let listing = &product.listing;
        let category = listing.category.as_deref();
        let texts: [&str; TEXTS] = [&listing.description, category.unwrap_or_default(), &listing.title];
        let mut document = TantivyDocument::new();
        document.add_pre_tokenized_text(self.words, vocabulary.kept(&texts));
        let (high, low) = in_numbers(product.id);
        document.add_text(self.id, product.id.to_string());
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        if let Some(category) = category {
            document.add_text(self.category, category);
        }
        document.add_text(self.seller, product.seller.to_string());
        document.add_text(self.currency, listing.price.currency().code());
        document.add_u64(self.in_stock, u64::from(in_stock));
        document.add_i64(self.price, listing.price.minor());
        document.add_i64(self.created, product.created_at.millis());
        document.add_u64(self.version, version);
        document
    }

    /// The term that one product alone has.
    pub(super) fn name(&self, id: Id) -> Term {
        Term::from_field_text(self.id, &id.to_string())
    }
}

/// An id as two numbers that sort, first by the first, as ids do.
pub(super) fn in_numbers(id: Id) -> (u64, u64) {
    let bytes = id.bytes();
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    (number(&bytes[..8]), number(&bytes[8..]))
}

/// The id in two numbers.
pub(super) fn id_in(high: u64, low: u64) -> Id {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes()[4..]);
    Id::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_numbers() {
        let id: Id = "0123456789abcdeffedcba98".parse().unwrap();
        let (high, low) = in_numbers(id);
        assert_eq!((high, low), (0x0123_4567_89ab_cdef, 0xfedc_ba98));
        assert_eq!(id_in(high, low), id);
    }
}
