//! Where an order goes: as its buyer has it at the moment, and no other way later.

use serde::{Deserialize, Serialize};

use crate::domain::account;

/// Where an order goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
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
}

impl From<account::Address> for Address {
    fn from(own: account::Address) -> Self {
        Self {
            street: own.street,
            city: own.city,
            state: own.state,
            country: own.country,
            zip: own.zip,
            phone: own.phone,
        }
    }
}
