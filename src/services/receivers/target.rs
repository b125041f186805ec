//! Where a webhook may be: what can be said of a URL before anybody is asked where its host is.

use std::net::IpAddr;

use reqwest::Url;

use super::address::is_public;

/// A longer URL is none that somebody meant.
const LENGTH_MAX: usize = 2_048;
/// The ports below this belong to other protocols, but for these two.
const HIGH_PORTS: u16 = 1_024;
const WEB_PORTS: [u16; 2] = [80, 443];

/// What receivers may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether they may have private addresses: on the machines beside the shop.
    pub private: bool,
    /// Whether what is told may be read on its way.
    pub plain: bool,
}

/// Why a URL will not do: the end of a sentence that starts with its name.
pub type Wrong = &'static str;

impl Rules {
    /// Reads a URL as it may be called.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(self, text: &str) -> Result<Url, Wrong> {
        if text.len() > LENGTH_MAX {
            return Err("must have at most 2048 characters");
        }
        let url = Url::parse(text).map_err(|_| "must be a URL")?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain => {}
            "http" => return Err("must begin with https://"),
            _ => return Err("must begin with https:// or http://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user or a password");
        }
        if url.fragment().is_some() {
            return Err("must not hold a fragment");
        }
        if !url.port_or_known_default().is_some_and(is_of_the_web) {
            return Err("must have port 80, 443 or one from 1024 on");
        }
        if !self.private && names_a_private_place(&url) {
            return Err("must not lead to a private address");
        }
        Ok(url)
    }

    /// Whether a receiver may have this address.
    #[must_use]
    pub fn allow(self, address: IpAddr) -> bool {
        self.private || is_public(address)
    }
}

fn is_of_the_web(port: u16) -> bool {
    port >= HIGH_PORTS || WEB_PORTS.contains(&port)
}

/// Addresses as such, in whatever spelling, and the names that are never anything else. All other
/// names are looked at when their addresses are known.
fn names_a_private_place(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return !is_public(address);
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        private: false,
        plain: false,
    };
    const LAX: Rules = Rules {
        private: true,
        plain: true,
    };

    #[test]
    fn a_url_that_leads_to_the_public_web_will_do() {
        for url in [
            "https://example.com/hook?shop=1",
            "https://example.com:8443/",
            "https://1.1.1.1/hook",
            "https://[2606:4700::1111]/",
        ] {
            assert!(STRICT.read(url).is_ok(), "{url}: {:?}", STRICT.read(url));
        }
        assert!(LAX.read("http://127.0.0.1:3000/hook").is_ok());
    }

    #[test]
    fn what_leads_anywhere_else_will_not() {
        for url in [
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "http://example.com/",
            "https://user@example.com/",
            "https://user:secret@example.com/",
            "https://example.com/#part",
            "https://example.com:22/",
            "https://example.com:25/",
            "https://example.com:0/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://shop.localhost/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fd00::1]/",
            "https://169.254.169.254/latest/meta-data",
        ] {
            assert!(STRICT.read(url).is_err(), "{url}");
        }
        assert!(
            STRICT
                .read(&format!("https://example.com/{}", "a".repeat(2_048)))
                .is_err()
        );
    }
}
