//! What a provider says of orders, payments and refunds, in our words.

use crate::domain::money::Money;

/// An order that is to be made at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Our name for it, by which it is found again: 40 characters at the most.
    pub receipt: String,
    /// What is to be paid.
    pub amount: Money,
    /// What the provider's own pages show beside it: 15 at the most, of 256 characters each.
    pub notes: Vec<(String, String)>,
}

/// An order at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderOrder {
    /// Its name there.
    pub id: String,
    /// Our name for it.
    pub receipt: String,
    /// What is to be paid.
    pub amount: Money,
    /// What has been paid.
    pub paid: Money,
}

/// How far an attempt to pay has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// The buyer is at it.
    Created,
    /// The money is set aside and comes when it is captured.
    Authorized,
    /// The money is ours.
    Captured,
    /// It was ours and went back.
    Refunded,
    /// There will be none.
    Failed,
}

/// An attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRecord {
    /// Its name at the provider.
    pub id: String,
    /// The order there that it pays, if it says so.
    pub order: Option<String>,
    /// How far it has come.
    pub state: PaymentState,
    /// How much it is.
    pub amount: Money,
    /// How much of it went back.
    pub refunded: Money,
    /// What the provider keeps for itself, its taxes included; known once it is captured.
    pub fee: Option<Money>,
    /// The taxes within the fee.
    pub tax: Option<Money>,
    /// How it was made: `card`, `upi`.
    pub method: Option<String>,
    /// Why it failed.
    pub error: Option<Decline>,
}

/// Why an attempt to pay failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// The provider's word for it.
    pub code: String,
    /// The provider's sentence, which may be shown to the buyer.
    pub description: String,
}

/// How far a refund has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    /// The provider has it in hand.
    Pending,
    /// The money is on its way to the buyer.
    Processed,
    /// The provider could not give it back.
    Failed,
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRecord {
    /// Its name at the provider.
    pub id: String,
    /// The payment that it undoes.
    pub payment: String,
    /// How much.
    pub amount: Money,
    /// How far it has come.
    pub state: RefundState,
}
