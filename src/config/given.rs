//! How the values of settings are read: an empty text is a value that was not given, a list may
//! be written with commas, a time is a number in the unit that its key names.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// A value, or nothing for an empty text.
pub(super) fn value<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr + Named,
{
    from.deserialize_any(Text).and_then(|text| match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| D::Error::custom(format!("must be {}", T::NAME))),
    })
}

/// A secret, or nothing for an empty text. A number is taken as it is written.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(value::<D, String>(from)?.map(SecretString::from))
}

/// A list, or a text with commas in it as the environment gives it.
pub(super) fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr + Named,
{
    let items = from.deserialize_any(Items)?;
    let read = |item: &String| {
        item.parse()
            .map_err(|_| D::Error::custom(format!("must be a list of which each item is {}", T::NAME)))
    };
    items.iter().map(read).collect()
}

/// A time in seconds.
pub(super) fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u32::deserialize(from).map(|seconds| Duration::from_secs(seconds.into()))
}

/// A time in milliseconds.
pub(super) fn millis<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u32::deserialize(from).map(|millis| Duration::from_millis(millis.into()))
}

/// A number with at most two decimals, in hundredths.
pub(super) fn hundredths<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let text = from.deserialize_any(Text)?;
    let wrong = || D::Error::custom("must be a number with at most two decimals");
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return Err(wrong());
    }
    format!("{whole}{fraction:0<2}").parse().map_err(|_| wrong())
}

/// What a type is called in a complaint.
pub(super) trait Named {
    /// Continues "must be …".
    const NAME: &'static str;
}

impl Named for String {
    const NAME: &'static str = "a text";
}

impl Named for bool {
    const NAME: &'static str = "true or false";
}

/// A proxy, or a network of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(ipnet::IpNet);

impl Network {
    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(&self, address: std::net::IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(network) => Ok(Self(network)),
            Err(_) => text
                .parse::<std::net::IpAddr>()
                .map(|address| Self(address.into())),
        }
    }
}

impl Named for Network {
    const NAME: &'static str = "an address or a network such as 10.0.0.0/8";
}

/// Reads any plain value as text.
struct Text;

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    /// As it was written: the shortest text that stands for the number.
    fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }
}

/// Reads a list, or a text with commas.
struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Ok(items.map(str::to_owned).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<String>()? {
            items.push(item);
        }
        Ok(items)
    }
}
