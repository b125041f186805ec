//! The accounts that a shop is configured with.

use std::sync::Arc;

use secrecy::SecretString;

use super::razorpay::{Address, Keys, Razorpay};
use super::{External, PaymentProvider, Providers};
use crate::config::Config;

/// Where Razorpay's API is.
const RAZORPAY_URL: &str = "https://api.razorpay.com";

/// Where the sandbox is on our own web.
pub const SANDBOX: &str = "/sandbox/razorpay";

/// What the sandbox is used with where nothing else is given. Nobody's money hangs on it.
const SANDBOX_KEY: &str = "rzp_test_bazaarsandbox";
const SANDBOX_SECRET: &str = "bazaar-sandbox-secret";
const SANDBOX_WEBHOOK_SECRET: &str = "bazaar-sandbox-webhook-secret";

/// The keys that are configured, or else those of the sandbox while it stands in; none for a shop
/// that takes no payments.
#[must_use]
pub fn keys(config: &Config) -> Option<Keys> {
    let razorpay = &config.razorpay;
    let builtin = |text: &str| config.sandbox_open().then(|| SecretString::from(text));
    let id = razorpay.key_id.clone();
    Some(Keys {
        id: id.or_else(|| config.sandbox_open().then(|| SANDBOX_KEY.into()))?,
        secret: razorpay.key_secret.clone().or_else(|| builtin(SANDBOX_SECRET))?,
        webhook: razorpay
            .webhook_secret
            .clone()
            .or_else(|| builtin(SANDBOX_WEBHOOK_SECRET)),
    })
}

/// Who takes money for a shop with this configuration, whose own web is at `own`.
#[must_use]
pub fn providers(config: &Config, own: &Address) -> Providers {
    let given = config.razorpay.base_url.as_deref().map(Address::at);
    let address = match given {
        Some(address) => address,
        None if config.sandbox_open() => own.with(SANDBOX),
        None => Address::at(RAZORPAY_URL),
    };
    let account = keys(config).map(|keys| Razorpay::new(keys, address, config.outside));
    let account = account.map(|account| Arc::new(account) as Arc<dyn PaymentProvider>);
    let external = config.payments.external.then(|| Arc::new(External) as _);
    Providers::new(account.into_iter().chain(external))
}
