//! Razorpay's JSON, as far as it concerns us. Amounts are whole numbers of the smallest unit.

use serde::Deserialize;

use crate::domain::money::{Currency, Money, MoneyError};
use crate::services::payments::{
    Decline, PaymentRecord, PaymentState, ProviderOrder, RefundRecord, RefundState,
};

/// A list of things.
#[derive(Debug, Deserialize)]
pub(super) struct Collection<T> {
    pub(super) items: Vec<T>,
}

/// An order.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    id: String,
    amount: i64,
    #[serde(default)]
    pub(super) amount_paid: i64,
    currency: String,
    pub(super) receipt: Option<String>,
    #[serde(default)]
    pub(super) created_at: i64,
}

/// A payment.
#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    id: String,
    amount: i64,
    currency: String,
    status: PaymentStatus,
    order_id: Option<String>,
    amount_refunded: Option<i64>,
    fee: Option<i64>,
    tax: Option<i64>,
    /// What the fee is in, when the payment itself is in another currency.
    base_currency: Option<String>,
    method: Option<String>,
    error_code: Option<String>,
    error_description: Option<String>,
    #[serde(default)]
    pub(super) created_at: i64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PaymentStatus {
    Created,
    Authorized,
    Captured,
    Refunded,
    Failed,
}

/// A refund.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    id: String,
    payment_id: String,
    amount: i64,
    currency: String,
    /// Accounts of long ago get none: their refunds are processed at once.
    status: Option<RefundStatus>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RefundStatus {
    Pending,
    Processed,
    Failed,
}

/// Why Razorpay says no.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Error,
}

/// Its word and its sentence.
#[derive(Debug, Deserialize)]
pub(super) struct Error {
    pub(super) code: String,
    #[serde(default)]
    pub(super) description: String,
}

fn money(minor: i64, currency: &str) -> Result<Money, MoneyError> {
    Ok(Money::of_minor(minor, currency.parse()?))
}

impl TryFrom<Order> for ProviderOrder {
    type Error = MoneyError;

    fn try_from(order: Order) -> Result<Self, MoneyError> {
        Ok(Self {
            amount: money(order.amount, &order.currency)?,
            paid: money(order.amount_paid, &order.currency)?,
            id: order.id,
            receipt: order.receipt.unwrap_or_default(),
        })
    }
}

impl TryFrom<Payment> for PaymentRecord {
    type Error = MoneyError;

    fn try_from(payment: Payment) -> Result<Self, MoneyError> {
        let currency: Currency = payment.currency.parse()?;
        let of_fee = payment
            .base_currency
            .as_deref()
            .map_or(Ok(currency), str::parse)?;
        let error = payment.error_code.map(|code| Decline {
            code,
            description: payment.error_description.unwrap_or_default(),
        });
        Ok(Self {
            id: payment.id,
            order: payment.order_id,
            state: payment.status.into(),
            amount: Money::of_minor(payment.amount, currency),
            refunded: Money::of_minor(payment.amount_refunded.unwrap_or(0), currency),
            fee: payment.fee.map(|fee| Money::of_minor(fee, of_fee)),
            tax: payment.tax.map(|tax| Money::of_minor(tax, of_fee)),
            method: payment.method,
            error,
        })
    }
}

impl TryFrom<Refund> for RefundRecord {
    type Error = MoneyError;

    fn try_from(refund: Refund) -> Result<Self, MoneyError> {
        Ok(Self {
            amount: money(refund.amount, &refund.currency)?,
            id: refund.id,
            payment: refund.payment_id,
            state: refund.status.map_or(RefundState::Processed, RefundState::from),
        })
    }
}

impl From<PaymentStatus> for PaymentState {
    fn from(status: PaymentStatus) -> Self {
        match status {
            PaymentStatus::Created => Self::Created,
            PaymentStatus::Authorized => Self::Authorized,
            PaymentStatus::Captured => Self::Captured,
            PaymentStatus::Refunded => Self::Refunded,
            PaymentStatus::Failed => Self::Failed,
        }
    }
}

impl From<RefundStatus> for RefundState {
    fn from(status: RefundStatus) -> Self {
        match status {
            RefundStatus::Pending => Self::Pending,
            RefundStatus::Processed => Self::Processed,
            RefundStatus::Failed => Self::Failed,
        }
    }
}
