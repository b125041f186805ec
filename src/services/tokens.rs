//! The token a signed-in client carries: a JWT under HS256, and nothing else is one.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Clock;
use crate::domain::account::{Profile, Role, Session, SessionId};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// No token of ours comes near it; what does is not worth a signature check.
const TOKEN_BYTES_MAX: usize = 4_096;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    pub id: Id,
    /// Its email address when the token was made.
    pub email: String,
    /// Its username when the token was made.
    pub username: String,
    /// What it may do. A new role ends the sessions that have the old one.
    pub role: Role,
    /// The session.
    pub jti: SessionId,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

impl Claims {
    /// When it ends.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        Timestamp::from_millis(self.exp.saturating_mul(1000))
    }
}

/// A text that is not a token of ours, or not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct BadToken;

/// Makes tokens and reads them.
pub struct Tokens {
    seal: Hmac<Sha256>,
    sign: EncodingKey,
    check: DecodingKey,
    validation: Validation,
    lifetime: Duration,
    clock: Clock,
}

impl Tokens {
    /// Tokens under this secret, which are good for so long. One is made and read here, so that a
    /// build without exactly one implementation of the signature fails at the start.
    ///
    /// # Errors
    /// When it cannot read the token it made.
    pub fn new(secret: &[u8], lifetime: Duration, clock: Clock) -> Result<Self, BadToken> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp"]);
        // The end is compared with the clock of the runtime, not with the library's own.
        validation.leeway = 0;
        validation.validate_exp = false;
        let tokens = Self {
            seal: Hmac::new_from_slice(secret).map_err(|_| BadToken)?,
            sign: EncodingKey::from_secret(secret),
            check: DecodingKey::from_secret(secret),
            validation,
            lifetime,
            clock,
        };
        tokens.try_one()?;
        Ok(tokens)
    }

    /// How long a token is good for.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// What the token of this session says.
    #[must_use]
    pub fn claims(&self, profile: &Profile, session: Session) -> Claims {
        Claims {
            id: profile.id,
            email: profile.email.to_string(),
            username: profile.username.clone(),
            role: profile.role,
            jti: session.id,
            iat: session.since.seconds(),
            exp: session.since.after(self.lifetime).seconds(),
        }
    }

    /// The token that says this: always the same one for the same claims.
    ///
    /// # Errors
    /// When the signature cannot be made, which the start would have shown.
    pub fn issue(&self, claims: &Claims) -> Result<String, BadToken> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.sign).map_err(|_| BadToken)
    }

    /// What a token says, if it is one of ours and has not ended.
    ///
    /// # Errors
    /// In every other case, without a reason: it would only help whoever forges one.
    pub fn verify(&self, token: &str) -> Result<Claims, BadToken> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(BadToken);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.check, &self.validation)
            .map_err(|_| BadToken)?
            .claims;
        if claims.exp <= self.clock.now().seconds() {
            return Err(BadToken);
        }
        Ok(claims)
    }

    /// A text by which the same text is known again, by whoever has the secret.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        let mut seal = self.seal.clone();
        seal.update(b"seal ");
        seal.update(text.as_bytes());
        hex::encode(seal.finalize().into_bytes())
    }

    fn try_one(&self) -> Result<(), BadToken> {
        let now = self.clock.now().seconds();
        let claims = Claims {
            id: Id::from_bytes([0; 12]),
            email: String::new(),
            username: String::new(),
            role: Role::User,
            jti: SessionId {
                epoch: 0,
                chance: [0; 12],
            },
            iat: now,
            exp: now + 60,
        };
        let read = self.verify(&self.issue(&claims)?)?;
        if read == claims { Ok(()) } else { Err(BadToken) }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &[u8] = b"a secret of thirty-two bytes.....";
    const NOW: i64 = 1_700_000_000;
    const DAY: Duration = Duration::from_hours(24);

    fn tokens_at(seconds: i64) -> Tokens {
        let clock = Clock::fixed(Timestamp::from_millis(seconds * 1000));
        Tokens::new(SECRET, DAY, clock).unwrap()
    }

    fn claims() -> Value {
        json!({
            "id": "6553f1000707070707070707", "email": "anna@example.com", "username": "anna",
            "role": "user", "jti": "0.070707070707070707070707", "iat": NOW, "exp": NOW + 60,
        })
    }

    fn forged(algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    #[test]
    fn a_token_says_what_it_was_made_to_say_until_it_ends() {
        let wanted: Claims = serde_json::from_value(claims()).unwrap();
        let token = tokens_at(NOW).issue(&wanted).unwrap();
        assert_eq!(tokens_at(NOW).verify(&token), Ok(wanted.clone()));
        assert_eq!(tokens_at(NOW + 59).verify(&token), Ok(wanted.clone()));
        assert_eq!(tokens_at(NOW + 60).verify(&token), Err(BadToken));
        assert_eq!(
            tokens_at(NOW).issue(&wanted).unwrap(),
            token,
            "the same claims make the same token"
        );
    }

    #[test]
    fn whatever_is_not_our_token_is_a_bad_token() {
        let without = |field: &str| {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(field);
            forged(Algorithm::HS256, SECRET, &claims)
        };
        let with = |field: &str, value: Value| {
            let mut claims = claims();
            claims[field] = value;
            forged(Algorithm::HS256, SECRET, &claims)
        };
        let good = forged(Algorithm::HS256, SECRET, &claims());
        let (_, body_and_signature) = good.split_once('.').unwrap();
        let (body, _) = body_and_signature.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let cases = [
            ("nothing", String::new()),
            ("no token at all", "anna".into()),
            ("alg none without a signature", format!("{none}.{body}.")),
            (
                "alg none with a signature",
                format!("{none}.{body_and_signature}"),
            ),
            ("HS384", forged(Algorithm::HS384, SECRET, &claims())),
            ("HS512", forged(Algorithm::HS512, SECRET, &claims())),
            ("another secret", forged(Algorithm::HS256, b"another", &claims())),
            ("a cut signature", good[..good.len() - 1].to_owned()),
            ("no exp", without("exp")),
            ("exp as a string", with("exp", json!((NOW + 60).to_string()))),
            ("exp as a fraction", with("exp", json!(1e300))),
            ("ended", with("exp", json!(NOW))),
            ("no jti", without("jti")),
            ("a jti that is none", with("jti", json!("anna"))),
            ("no role", without("role")),
            ("a role that is none", with("role", json!("root"))),
            ("an id that is none", with("id", json!("1"))),
            ("64 KB", with("email", json!("a".repeat(64 * 1024)))),
        ];
        assert!(tokens_at(NOW).verify(&good).is_ok(), "the case without a fault");
        for (what, token) in cases {
            assert_eq!(tokens_at(NOW).verify(&token), Err(BadToken), "{what}");
        }
    }
}
