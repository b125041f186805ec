//! An address that parcels can go to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::Id;

/// So many addresses has an account at the most.
pub const ADDRESSES_MAX: usize = 20;

/// An address of an account, as a postman reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Id,
    /// Street and number.
    pub street: String,
    /// City.
    pub city: String,
    /// State or region.
    pub state: String,
    /// Country.
    pub country: String,
    /// Postal code.
    pub zip: String,
    /// Whom the driver may call.
    pub phone: Option<String>,
    /// Whether parcels go there when nothing else is said.
    pub is_default: bool,
}
