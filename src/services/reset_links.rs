//! The links under which a new password can be given. A secret follows from the seed that the
//! account keeps, but only with the shop's own secret; the account knows its digest alone.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::tokens::Tokens;
use crate::domain::id::Id;

/// The page of the shop that takes the new password.
const PAGE: &str = "/reset-password";
/// An id has so many digits.
const ID_DIGITS: usize = 24;

/// Makes the links.
pub struct ResetLinks {
    tokens: Arc<Tokens>,
    shop: String,
}

impl ResetLinks {
    /// Links to the pages of a shop.
    #[must_use]
    pub fn new(tokens: Arc<Tokens>, shop: String) -> Self {
        Self { tokens, shop }
    }

    /// The secret of a link: the account that it is for, and what nobody can guess.
    #[must_use]
    pub fn secret(&self, account: Id, seed: &str) -> String {
        let seal = self.tokens.seal(&format!("password reset {account} {seed}"));
        format!("{account}{seal}")
    }

    /// The whole link.
    #[must_use]
    pub fn link(&self, account: Id, seed: &str) -> String {
        format!("{}{PAGE}?token={}", self.shop, self.secret(account, seed))
    }
}

/// The account that a secret says it is for.
#[must_use]
pub fn account_of(secret: &str) -> Option<Id> {
    secret.get(..ID_DIGITS)?.parse().ok()
}

/// What is kept of a secret.
#[must_use]
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}
