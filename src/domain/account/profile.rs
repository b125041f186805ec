//! What the world may see of an account: the `user` of the API and of events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Address, Email, Role};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// An account without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Id,
    /// Its name among users, which no other account has.
    pub username: String,
    /// Its email address, in small letters, which no other account has.
    #[schema(value_type = String, format = Email)]
    pub email: Email,
    /// Whose it is.
    pub full_name: FullName,
    /// The number that text messages go to.
    #[serde(default)]
    pub phone: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Where its picture is.
    pub avatar_url: Option<String>,
    /// Where parcels may go.
    pub addresses: Vec<Address>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Somebody's name. Either part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FullName {
    /// The given name.
    #[serde(default)]
    pub first_name: String,
    /// The family name.
    #[serde(default)]
    pub last_name: String,
}
