//! Why an account says no.

use serde::{Deserialize, Serialize};

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// Another account has this email address.
    #[error("User already exists")]
    EmailTaken,
    /// Another account has this username.
    #[error("User already exists")]
    UsernameTaken,
    /// There is no such account.
    #[error("User not found")]
    Unknown,
    /// Nobody becomes an administrator by registering.
    #[error("Nobody can register as admin")]
    AdminByRegistration,
    /// The old password is not the one that counts by now.
    #[error("The old password is wrong")]
    WrongPassword,
    /// The link under which a new password could be given is not good, or not any more.
    #[error("This link is not good any more. Please ask for a new one")]
    BadReset,
    /// The account has no address with this id.
    #[error("Address not found")]
    UnknownAddress,
    /// The account has as many addresses as it may have.
    #[error("An account has at most 20 addresses")]
    TooManyAddresses,
}
