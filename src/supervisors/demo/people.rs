//! Who is in the demo's shop: an admin, three who sell and two who buy.

use std::fmt;

use crate::domain::account::{Address, Email, FullName, MalformedEmail, Role};
use crate::domain::id::Id;

/// Somebody.
pub(super) struct Person {
    first_name: &'static str,
    last_name: &'static str,
    /// Before the @, and the username with a word behind it.
    pub(super) name: &'static str,
    pub(super) role: Role,
    home: Option<Home>,
}

/// Where parcels go: street, city, state and postal code.
type Home = [&'static str; 4];

/// How somebody of the demo signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// As whom.
    pub role: Role,
    /// The email address.
    pub email: String,
    /// The password; none if it was told when the account was made, and never again.
    pub password: Option<String>,
}

/// The password of everybody but the admin, where nobody but a developer can sign in with it.
pub(super) const PASSWORD: &str = "namaste-bazaar";

/// The admin's email address.
pub(super) const ADMIN: &str = "admin@demo.example";

pub(super) const SELLERS: [Person; 3] = [
    person("Asha", "Kulkarni", "asha", Role::Seller, None),
    person("Rohan", "Mehta", "rohan", Role::Seller, None),
    person("Meera", "Nair", "meera", Role::Seller, None),
];

pub(super) const BUYERS: [Person; 2] = [
    person(
        "Priya",
        "Iyer",
        "priya",
        Role::User,
        Some(["14 Residency Road", "Bengaluru", "Karnataka", "560025"]),
    ),
    person(
        "Arjun",
        "Das",
        "arjun",
        Role::User,
        Some(["7 Park Street", "Kolkata", "West Bengal", "700016"]),
    ),
];

const fn person(
    first_name: &'static str,
    last_name: &'static str,
    name: &'static str,
    role: Role,
    home: Option<Home>,
) -> Person {
    Person {
        first_name,
        last_name,
        name,
        role,
        home,
    }
}

impl Person {
    pub(super) fn id(&self) -> Id {
        super::id_of("person", self.name)
    }

    pub(super) fn email(&self) -> Result<Email, MalformedEmail> {
        format!("{}@demo.example", self.name).parse()
    }

    pub(super) fn username(&self) -> String {
        format!("{}-demo", self.name)
    }

    pub(super) fn full_name(&self) -> FullName {
        FullName {
            first_name: self.first_name.into(),
            last_name: self.last_name.into(),
        }
    }

    pub(super) fn address(&self) -> Option<Address> {
        let [street, city, state, zip] = self.home?.map(str::to_owned);
        Some(Address {
            id: super::id_of("address", self.name),
            street,
            city,
            state,
            country: "IN".into(),
            zip,
            phone: None,
            is_default: true,
        })
    }

    pub(super) fn login(&self, password: Option<&str>) -> Login {
        Login {
            role: self.role,
            email: format!("{}@demo.example", self.name),
            password: password.map(str::to_owned),
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_deref().unwrap_or("(told when it was made)");
        write!(f, "{:<6}  {:<20}  {password}", self.role.name(), self.email)
    }
}
