//! What buyers make of a product.

use serde::{Deserialize, Serialize};

use super::{Event, Product, Refusal};
use crate::domain::collection::{Collection, Index};
use crate::domain::entity::{Circumstances, Decision, Key, RowChange};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// Where reviews are kept, one of each buyer for each product. They are not loaded with it.
pub static REVIEWS: Collection =
    Collection::indexed("reviews", &[Index::on("product", &["product", "createdAt"])]);

/// The best that can be said of a product; the worst is 1.
pub const STARS_MAX: u8 = 5;
/// A comment has at most so many characters.
pub const COMMENT_CHARACTERS_MAX: usize = 2_000;

/// What one buyer makes of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// Its id.
    pub id: Id,
    /// The product.
    pub product: Id,
    /// Who says it,
    pub user: Id,
    /// and how he calls himself.
    pub username: String,
    /// From 1 to 5.
    pub rating: u8,
    /// In words.
    pub comment: String,
    /// When he said it.
    pub created_at: Timestamp,
}

/// What all who said something make of a product: whole numbers, so that nothing is lost by
/// adding one to many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    sum: u64,
    count: u64,
}

impl Rating {
    /// How many said something.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// In hundredths, rounded half up; none as long as nobody has said anything.
    #[must_use]
    pub fn average_hundredths(self) -> Option<u64> {
        (self.count > 0).then(|| (self.sum * 200 + self.count) / (2 * self.count))
    }

    fn and(self, stars: u8) -> Self {
        Self {
            sum: self.sum + u64::from(stars),
            count: self.count + 1,
        }
    }
}

impl Product {
    /// A buyer says what he makes of it, once.
    pub(super) fn review(&self, review: &Review, at: &Circumstances) -> Result<Decision<Self>, Refusal> {
        if self.retired {
            return Err(Refusal::Unknown);
        }
        if !(1..=STARS_MAX).contains(&review.rating) {
            return Err(Refusal::Stars);
        }
        if review.comment.chars().count() > COMMENT_CHARACTERS_MAX {
            return Err(Refusal::Comment);
        }
        if self.reviewed.contains(&review.user) {
            return Err(Refusal::Reviewed);
        }
        let mut next = self.clone();
        next.rating = self.rating.and(review.rating);
        let review = Review {
            created_at: at.now,
            ..review.clone()
        };
        // One that is in the way of this row is absorbed, and the command is decided again.
        let key = Key::Part(self.id, review.user.to_string());
        let row = RowChange::insert(&REVIEWS, key, &review);
        Ok(Decision::change(next.clone(), next)
            .event(Event::Reviewed(review))
            .row(row))
    }

    /// Somebody has said something before.
    pub(super) fn has_reviewed(&mut self, somebody: &Review) {
        self.reviewed.insert(somebody.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_average_is_rounded_half_up() {
        let of = |stars: &[u8]| stars.iter().fold(Rating::default(), |all, one| all.and(*one));
        assert_eq!(of(&[]).average_hundredths(), None);
        assert_eq!(of(&[5]).average_hundredths(), Some(500));
        assert_eq!(of(&[5, 4]).average_hundredths(), Some(450));
        assert_eq!(of(&[1, 1, 2]).average_hundredths(), Some(133));
        assert_eq!(of(&[1, 2, 2]).average_hundredths(), Some(167));
        assert_eq!(
            of(&[1, 1, 1, 1, 1, 1, 1, 2]).average_hundredths(),
            Some(113),
            "1.125"
        );
    }

    proptest! {
        #[test]
        fn an_average_lies_between_the_worst_and_the_best(stars in prop::collection::vec(1u8..=5, 1..200)) {
            let rating = stars.iter().fold(Rating::default(), |all, one| all.and(*one));
            let average = rating.average_hundredths().unwrap();
            let (worst, best) = (stars.iter().min().unwrap(), stars.iter().max().unwrap());
            prop_assert!((u64::from(*worst) * 100..=u64::from(*best) * 100).contains(&average));
        }
    }
}
