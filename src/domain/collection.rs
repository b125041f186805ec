//! Where documents of one type are kept and by what they are found: declared once, honoured by
//! every store as part of the commit.

/// One collection of documents.
#[derive(Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its name in the store.
    pub name: &'static str,
    /// What its documents can be found by, beside their key.
    pub indexes: &'static [Index],
}

/// An order over the documents of a collection.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, which no other index of the collection has.
    pub name: &'static str,
    /// The fields it orders by, first things first; dots reach into embedded documents.
    /// A document that lacks the first of them is not in the index.
    pub fields: &'static [&'static str],
    /// Whether no two documents may share the same values.
    pub unique: bool,
}

impl Collection {
    /// A collection found by key alone.
    #[must_use]
    pub const fn plain(name: &'static str) -> Self {
        Self { name, indexes: &[] }
    }

    /// A collection with indexes.
    #[must_use]
    pub const fn indexed(name: &'static str, indexes: &'static [Index]) -> Self {
        Self { name, indexes }
    }

    /// The index of this name.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<&'static Index> {
        self.indexes.iter().find(|index| index.name == name)
    }
}

impl Index {
    /// An index that many documents may share a place in.
    #[must_use]
    pub const fn on(name: &'static str, fields: &'static [&'static str]) -> Self {
        Self {
            name,
            fields,
            unique: false,
        }
    }

    /// An index whose places are taken by one document each.
    #[must_use]
    pub const fn unique(name: &'static str, fields: &'static [&'static str]) -> Self {
        Self {
            name,
            fields,
            unique: true,
        }
    }
}
