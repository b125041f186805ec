//! Reads the fields of a JSON object one by one, and goes on after a bad one, so that a client
//! hears of all of them at once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::problem::FieldError;

/// Something that a client sends as a JSON object.
pub trait Input: Sized + 'static {
    /// Reads it; `None` when a field is bad, which is then noted. Every field is to be read
    /// before the first `?`, or the errors of the later ones stay untold.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// What is wrong with a value: the end of a sentence that starts with the field's name.
pub type Wrong = String;

/// The fields of one object. Those that nobody reads are passed over.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// What was asked: the path of the request, where the fields are those of its query.
    asked: &'a str,
    path: String,
    errors: Vec<FieldError>,
}

/// Reads an object.
///
/// # Errors
/// Every bad field.
pub fn read<T: Input>(value: &Value) -> Result<T, Vec<FieldError>> {
    read_at(value, "", String::new())
}

/// Reads an object that was sent to a path, to whom its meaning may be bound.
///
/// # Errors
/// Every bad field.
pub fn read_asked<T: Input>(value: &Value, asked: &str) -> Result<T, Vec<FieldError>> {
    read_at(value, asked, String::new())
}

fn read_at<T: Input>(value: &Value, asked: &str, path: String) -> Result<T, Vec<FieldError>> {
    let Value::Object(object) = value else {
        let msg = "must be an object".to_owned();
        return Err(vec![FieldError { path, msg }]);
    };
    let mut fields = Fields {
        object,
        asked,
        path,
        errors: Vec::new(),
    };
    match T::read(&mut fields) {
        Some(read) if fields.errors.is_empty() => Ok(read),
        _ => Err(fields.errors),
    }
}

impl Fields<'_> {
    /// A field that has to be there.
    pub fn required<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Result<T, Wrong>) -> Option<T> {
        let found = self.optional(name, read)?;
        if found.is_none() {
            self.wrong(name, "is required");
        }
        found
    }

    /// A field that may be missing or null; the outer `None` stands for a bad one.
    pub fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, Wrong>,
    ) -> Option<Option<T>> {
        match self.object.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(_) => self.read(name, read).map(Some),
        }
    }

    /// A field that may be missing; null is as bad as any other value that cannot be read.
    pub fn if_given<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, Wrong>,
    ) -> Option<Option<T>> {
        if self.object.contains_key(name) {
            return self.read(name, read).map(Some);
        }
        Some(None)
    }

    /// An object that may be missing or null; the outer `None` stands for a bad one.
    pub fn optional_object<T: Input>(&mut self, name: &str) -> Option<Option<T>> {
        let value = match self.object.get(name) {
            None | Some(Value::Null) => return Some(None),
            Some(value) => value,
        };
        self.inside(name, value).map(Some)
    }

    /// A list of objects that has to be there.
    pub fn objects<T: Input>(&mut self, name: &str) -> Option<Vec<T>> {
        let Some(Value::Array(values)) = self.object.get(name) else {
            self.wrong(name, "must be a list");
            return None;
        };
        let read = values.iter().enumerate();
        // All of them are read before the first bad one counts.
        let read: Vec<_> = read
            .map(|(n, value)| self.inside(&format!("{name}[{n}]"), value))
            .collect();
        read.into_iter().collect()
    }

    /// Whichever of these names the object has, rather one with a value than one with null: the
    /// first one if it has none. For a field that goes by several names.
    #[must_use]
    pub fn called<'n>(&self, names: &[&'n str]) -> &'n str {
        let filled = |name: &&&str| self.object.get(**name).is_some_and(|value| !value.is_null());
        let there = |name: &&&str| self.object.contains_key(**name);
        let found = names.iter().find(filled).or_else(|| names.iter().find(there));
        found.or(names.first()).copied().unwrap_or_default()
    }

    /// The path that was asked, and all fields but these, in the order of their names.
    #[must_use]
    pub fn asked_but<'f>(&'f self, left_out: &'f [&str]) -> (&'f str, BTreeMap<&'f str, &'f Value>) {
        let all = self.object.iter().map(|(name, value)| (name.as_str(), value));
        (
            self.asked,
            all.filter(|(name, _)| !left_out.contains(name)).collect(),
        )
    }

    /// Notes that a field is bad.
    pub fn wrong(&mut self, name: &str, msg: impl Into<String>) {
        let path = self.path_of(name);
        self.errors.push(FieldError {
            path,
            msg: msg.into(),
        });
    }

    fn read<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Result<T, Wrong>) -> Option<T> {
        let read = read(self.object.get(name)?);
        read.map_err(|wrong| self.wrong(name, wrong)).ok()
    }

    fn inside<T: Input>(&mut self, name: &str, value: &Value) -> Option<T> {
        match read_at(value, self.asked, self.path_of(name)) {
            Ok(read) => Some(read),
            Err(errors) => {
                self.errors.extend(errors);
                None
            }
        }
    }

    fn path_of(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }
}

/// Nothing to be read.
impl Input for () {
    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(())
    }
}

/// A text of so many characters.
pub fn text(length: RangeInclusive<usize>) -> impl Fn(&Value) -> Result<String, Wrong> {
    move |value| {
        let text = value.as_str().ok_or("must be a text")?;
        let characters = text.chars().count();
        if length.contains(&characters) {
            return Ok(text.to_owned());
        }
        let (least, most) = (length.start(), length.end());
        Err(match (characters < *least, *least) {
            (true, 1) => "must not be empty".to_owned(),
            (true, least) => format!("must have at least {least} characters"),
            (false, _) => format!("must have at most {most} characters"),
        })
    }
}

/// A whole number within a range. A text that is one is taken for it, as forms send it.
pub fn whole(range: RangeInclusive<i64>) -> impl Fn(&Value) -> Result<i64, Wrong> {
    move |value| {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64().or_else(|| whole_float(value)),
        };
        let (least, most) = (range.start(), range.end());
        match number {
            None => Err("must be a whole number".to_owned()),
            Some(number) if !range.contains(&number) => Err(format!("must be from {least} to {most}")),
            Some(number) => Ok(number),
        }
    }
}

/// `2.0` is a whole number to every client whose language has but one kind of number.
fn whole_float(value: &Value) -> Option<i64> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    format!("{number:.0}").parse().ok()
}

/// True or false.
///
/// # Errors
/// When it is anything else.
pub fn flag(value: &Value) -> Result<bool, Wrong> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

/// A text that can be parsed as something: an id, a role, an address.
///
/// # Errors
/// When it cannot.
pub fn parsed<T: FromStr<Err: Display>>(value: &Value) -> Result<T, Wrong> {
    let text = value.as_str().ok_or("must be a text")?;
    text.parse()
        .map_err(|error: T::Err| format!("is not valid: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Parcel {
        to: String,
        pieces: i64,
        fragile: Option<bool>,
        sender: Option<Sender>,
    }

    #[derive(Debug, PartialEq)]
    struct Sender {
        name: String,
        zip: String,
    }

    impl Input for Parcel {
        fn read(fields: &mut Fields<'_>) -> Option<Self> {
            let to = fields.required("to", text(1..=5));
            let pieces = fields.required("pieces", whole(1..=10_000));
            let fragile = fields.optional("fragile", flag);
            let sender = fields.optional_object("sender");
            Some(Self {
                to: to?,
                pieces: pieces?,
                fragile: fragile?,
                sender: sender?,
            })
        }
    }

    impl Input for Sender {
        fn read(fields: &mut Fields<'_>) -> Option<Self> {
            let name = fields.required("name", text(1..=100));
            let zip = fields.required(fields.called(&["zip", "pincode"]), text(1..=10));
            Some(Self {
                name: name?,
                zip: zip?,
            })
        }
    }

    fn wrong(value: &Value) -> Vec<String> {
        let errors = read::<Parcel>(value).unwrap_err();
        errors
            .into_iter()
            .map(|error| format!("{} {}", error.path, error.msg))
            .collect()
    }

    #[test]
    fn a_good_object_is_read_whatever_else_stands_in_it() {
        let parcel = json!({
            "to": "Anna", "pieces": "2", "sender": { "name": "Bert", "pincode": "12345" }, "price": 1,
        });
        let sender = Sender {
            name: "Bert".into(),
            zip: "12345".into(),
        };
        let wanted = Parcel {
            to: "Anna".into(),
            pieces: 2,
            fragile: None,
            sender: Some(sender),
        };
        assert_eq!(read::<Parcel>(&parcel), Ok(wanted));
    }

    #[test]
    fn every_bad_field_is_named() {
        let parcel = json!({ "to": 5, "pieces": 1.5, "fragile": "no", "sender": { "name": "" } });
        let named = [
            "to must be a text",
            "pieces must be a whole number",
            "fragile must be true or false",
            "sender.name must not be empty",
            "sender.zip is required",
        ];
        assert_eq!(wrong(&parcel), named);
        assert_eq!(wrong(&json!({})), ["to is required", "pieces is required"]);
        assert_eq!(wrong(&json!([])), [" must be an object"]);
    }

    #[test]
    fn a_quantity_is_a_whole_number_in_its_range() {
        let quantity = whole(1..=10_000);
        for good in [json!(1), json!("1"), json!(10_000), json!(2.0)] {
            assert!(quantity(&good).is_ok(), "{good}");
        }
        for bad in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!(1e9),
            json!(1e300),
            json!("1.5"),
            json!(""),
            json!(null),
            json!({ "$gt": 0 }),
        ] {
            assert!(quantity(&bad).is_err(), "{bad}");
        }
    }
}
