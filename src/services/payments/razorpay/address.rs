//! Where the API is. The sandbox is at our own address, which is known once our web listens.

use std::sync::{Arc, OnceLock};

use crate::services::payments::Failure;

/// A place on the web, known now or later. Cloning it gives another handle to the same one.
#[derive(Debug, Clone, Default)]
pub struct Address {
    host: Arc<OnceLock<String>>,
    path: &'static str,
}

impl Address {
    /// An address that is known from the start.
    #[must_use]
    pub fn at(url: &str) -> Self {
        let address = Self::default();
        address.becomes(url);
        address
    }

    /// It is known from now on. The first to say it is right.
    pub fn becomes(&self, url: &str) {
        let _ = self.host.set(url.trim_end_matches('/').to_owned());
    }

    /// A path there.
    #[must_use]
    pub fn with(&self, path: &'static str) -> Self {
        let host = Arc::clone(&self.host);
        Self { host, path }
    }

    /// The address.
    ///
    /// # Errors
    /// As long as it is not known, nothing can be sent.
    pub fn url(&self) -> Result<String, Failure> {
        match self.host.get() {
            Some(host) => Ok(format!("{host}{}", self.path)),
            None => Err(Failure::Unavailable("the shop is not open yet".into())),
        }
    }
}
