//! Razorpay's API as the sandbox speaks it, its switches, and the page that plays the checkout.
//! All of it is there only where the sandbox stands in for Razorpay.

pub mod account;
pub mod call;
pub mod checkout;
pub mod orders;
pub mod pay;
pub mod payments;
pub mod refusal;
pub mod switches;
