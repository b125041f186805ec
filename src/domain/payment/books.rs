//! What a payment writes into the books of the shop. Money that came and is not yet anybody's is
//! owed to its buyer, so at rest no buyer is owed anything.

use super::{Capture, Payment};
use crate::domain::ledger::{Account, Matter, Transaction};
use crate::domain::money::Money;

impl Payment {
    /// Money came in. What was to come with the goods was promised before.
    pub(super) fn books_capture(&self, capture: &Capture) -> Transaction {
        let from = if self.on_delivery && self.method == capture.provider {
            Account::receivable()
        } else {
            Account::buyer(self.user)
        };
        let to = Account::provider(&capture.provider);
        Transaction::about(Matter::Capture).moves(from, to, capture.amount)
    }

    /// It pays what was sold.
    pub(super) fn books_sale(&self) -> Transaction {
        let buyer = || Account::buyer(self.user);
        let sale = Transaction::about(Matter::Sale);
        let shares = self.split.shares.iter();
        let sale = shares.fold(sale, |sale, share| {
            sale.moves(Account::seller(share.seller), buyer(), share.amount)
        });
        let sale = sale.moves(Account::tax(), buyer(), self.split.tax);
        let sale = sale.moves(Account::shipping(), buyer(), self.split.shipping);
        if self.on_delivery {
            sale.moves(buyer(), Account::receivable(), self.price)
        } else {
            sale
        }
    }

    /// The buyer keeps the goods and gets the money back all the same.
    pub(super) fn books_goodwill(&self) -> Transaction {
        let buyer = Account::buyer(self.user);
        Transaction::about(Matter::Goodwill).moves(buyer, Account::refunds(), self.price)
    }

    /// Money went back.
    pub(super) fn books_refund(&self, capture: &Capture, amount: Money) -> Transaction {
        let from = Account::provider(&capture.provider);
        Transaction::about(Matter::Refund).moves(from, Account::buyer(self.user), amount)
    }

    /// What the provider keeps.
    pub(super) fn books_fee(capture: &Capture, fee: Money) -> Transaction {
        let from = Account::provider(&capture.provider);
        Transaction::about(Matter::Fee).moves(from, Account::fees(), fee)
    }
}
