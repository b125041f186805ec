//! Usernames for people who did not choose one.

use std::fmt::Write;

use super::Email;

/// A username has at least so many characters.
pub const CHARACTERS_MIN: usize = 3;
/// A username has at most so many characters.
pub const CHARACTERS_MAX: usize = 64;

/// The username that an email address suggests, and others in case it is taken: more of the
/// chance each time, so that one of them is free.
#[must_use]
pub fn from_email(email: &Email, chance: [u8; 8]) -> Vec<String> {
    let mut name: String = email
        .local()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || "._-".contains(*letter))
        .take(CHARACTERS_MAX - 17)
        .collect();
    if name.chars().count() < CHARACTERS_MIN {
        name.insert_str(0, "user");
    }
    let suffixed = |bytes: usize| {
        chance[..bytes].iter().fold(format!("{name}-"), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        })
    };
    vec![name.clone(), suffixed(2), suffixed(4), suffixed(8)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_suggests_a_username_and_three_more() {
        let check = |email: &str, expected: &str| {
            let names = from_email(&email.parse().unwrap(), [0xa5; 8]);
            assert_eq!(names[0], expected, "{email}");
            assert_eq!(names[1], format!("{expected}-a5a5"), "{email}");
            assert_eq!(names.len(), 4, "{email}");
            for name in names {
                assert!(
                    (CHARACTERS_MIN..=CHARACTERS_MAX).contains(&name.chars().count()),
                    "{name}"
                );
            }
        };
        check("anna.b@example.com", "anna.b");
        check("anna+shop@example.com", "annashop");
        check("x@example.com", "userx");
        check("++@example.com", "user");
        check(&format!("{}@example.com", "a".repeat(64)), &"a".repeat(47));
    }
}
