//! What the search answers, and the place where it goes on.

use super::ranking::Rank;
use crate::domain::id::Id;

/// A part of the products that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Their ids, in order.
    pub ids: Vec<Id>,
    /// The place of the last one, if something comes after it.
    pub next: Option<Place>,
    /// How many were found in all.
    pub total: u64,
}

/// A place in the order of what was found. It says how the words were taken as well: a word that
/// was taken for a misspelt one stays so for all parts of a list, even when somebody puts up a
/// product meanwhile that is misspelt in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub(super) rank: Rank,
    pub(super) misspelt: u16,
}

impl Place {
    /// It as bytes.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        let Rank { primary, created, id } = self.rank;
        let numbers = [primary, created].map(u64::to_be_bytes).concat();
        [&self.misspelt.to_be_bytes()[..], &numbers, &id.bytes()].concat()
    }

    /// The place in these bytes, if it is one.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (misspelt, rest) = bytes.split_first_chunk()?;
        let (primary, rest) = rest.split_first_chunk()?;
        let (created, id) = rest.split_first_chunk()?;
        let rank = Rank {
            primary: u64::from_be_bytes(*primary),
            created: u64::from_be_bytes(*created),
            id: Id::from_bytes(id.try_into().ok()?),
        };
        let misspelt = u16::from_be_bytes(*misspelt);
        Some(Self { rank, misspelt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_bytes_and_nothing_else_is_one() {
        let place = Place {
            rank: Rank {
                primary: 7,
                created: 8,
                id: Id::from_bytes([9; 12]),
            },
            misspelt: 5,
        };
        let bytes = place.bytes();
        assert_eq!(Place::read(&bytes), Some(place));
        for length in (0..bytes.len()).chain([bytes.len() + 1]) {
            let mut other = bytes.clone();
            other.resize(length, 0);
            assert_eq!(Place::read(&other), None, "{length} bytes");
        }
    }
}
