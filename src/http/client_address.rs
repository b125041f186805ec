//! The address a request comes from: the peer's own, unless the peer is a proxy of ours, whose
//! word is believed for the address before it.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, X_FORWARDED_FOR};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::state::Web;
use crate::config::Network;

/// The address of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address of the client behind this request.
    #[must_use]
    pub fn of(request: &HttpRequest, proxies: &[Network]) -> Self {
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let peer = request.peer_addr().map_or(unknown, |peer| peer.ip());
        let said = said(request, &X_FORWARDED_FOR);
        Self(believed(peer, &said, proxies))
    }
}

fn said(request: &HttpRequest, header: &HeaderName) -> Vec<String> {
    let values = request.headers().get_all(header);
    let texts = values.filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(',').map(|one| one.trim().to_owned()))
        .collect()
}

/// Each proxy writes down whom it was asked by, behind what was there before. From the end, the
/// first one that is no proxy of ours is the client: everything before it is hearsay.
fn believed(peer: IpAddr, said: &[String], proxies: &[Network]) -> IpAddr {
    let mut client = peer;
    for hop in said.iter().rev() {
        if !proxies.iter().any(|proxy| proxy.contains(client)) {
            break;
        }
        let Some(before) = address(hop) else { break };
        client = before;
    }
    client
}

/// An address as proxies write it down: some add the port, and then put brackets around an IPv6.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(in_brackets)
}

impl FromRequest for ClientAddress {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let proxies = request
            .app_data::<Data<Web>>()
            .map_or(&[][..], |web| web.config.server.trusted_proxies.as_slice());
        ready(Ok(Self::of(request, proxies)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_of_our_own_proxies_counts() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let client: IpAddr = "203.0.113.7".parse().unwrap();
        let hops = |text: &str| {
            text.split(',')
                .map(|hop| hop.trim().to_owned())
                .collect::<Vec<_>>()
        };
        let ours = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(believed(client, &hops("1.2.3.4"), &ours), client, "a client lies");
        assert_eq!(believed(proxy, &hops("203.0.113.7"), &ours), client);
        assert_eq!(
            believed(proxy, &hops("1.2.3.4, 203.0.113.7"), &ours),
            client,
            "it lies to the proxy"
        );
        assert_eq!(
            believed(proxy, &hops("203.0.113.7, 10.0.0.2"), &ours),
            client,
            "two proxies"
        );
        assert_eq!(believed(proxy, &hops("nonsense"), &ours), proxy);
        assert_eq!(believed(proxy, &[], &ours), proxy);
    }

    #[test]
    fn a_hop_may_have_a_port() {
        for hop in ["203.0.113.7", "203.0.113.7:1234"] {
            assert_eq!(address(hop), "203.0.113.7".parse().ok(), "{hop}");
        }
        for hop in ["::1", "[::1]", "[::1]:80"] {
            assert_eq!(address(hop), "::1".parse().ok(), "{hop}");
        }
        for hop in ["", "unknown", "[::1", "203.0.113.7:", "_gazonk"] {
            assert_eq!(address(hop), None, "{hop}");
        }
    }
}
