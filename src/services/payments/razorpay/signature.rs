//! Razorpay's signatures: HMAC-SHA256, written as 64 lower-case hexadecimal digits. Compared in
//! constant time, so that nobody can feel his way to a right one.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The signature of some bytes under a secret.
#[must_use]
pub fn sign(secret: &SecretString, bytes: &[u8]) -> String {
    hex::encode(mac(secret, bytes).finalize().into_bytes())
}

/// Whether this is the signature of these bytes.
#[must_use]
pub fn verify(secret: &SecretString, bytes: &[u8], signature: &str) -> bool {
    // Capitals would decode to the same bytes, and a signature with a bit turned over is none.
    let written_right = !signature.bytes().any(|byte| byte.is_ascii_uppercase());
    let signature = hex::decode(signature).unwrap_or_default();
    written_right && mac(secret, bytes).verify_slice(&signature).is_ok()
}

/// What the checkout signs: that this payment pays this order.
#[must_use]
pub fn checkout(order: &str, payment: &str) -> String {
    format!("{order}|{payment}")
}

fn mac(secret: &SecretString, bytes: &[u8]) -> Hmac<Sha256> {
    let secret = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(bytes);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_right_for_these_bytes_under_this_secret_alone() {
        let secret = SecretString::from("secret");
        let signature = sign(&secret, b"order_1|pay_1");
        assert_eq!(signature.len(), 64);
        assert!(verify(&secret, b"order_1|pay_1", &signature));
        assert!(!verify(&secret, b"order_1|pay_2", &signature));
        assert!(!verify(
            &SecretString::from("other"),
            b"order_1|pay_1",
            &signature
        ));
        for wrong in ["", "00", &signature[..62], &format!("{signature}00"), "☃"] {
            assert!(!verify(&secret, b"order_1|pay_1", wrong), "{wrong:?}");
        }
    }

    #[test]
    fn no_bit_of_a_signature_can_be_turned_over() {
        let secret = SecretString::from("secret");
        let signature = sign(&secret, b"{}");
        for bit in 0..signature.len() * 8 {
            let mut bytes = signature.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let turned = String::from_utf8_lossy(&bytes);
            assert!(!verify(&secret, b"{}", &turned), "bit {bit}: {turned}");
        }
    }
}
