//! Tracking secrets: what the requester's link holds and nobody can guess.

use sha2::{Digest, Sha256};

use super::TicketId;

/// Hexadecimal digits of the unguessable part: 160 bits.
const DIGITS: usize = 40;

/// 32 random bytes of the operating system.
///
/// # Errors
/// When the system has no randomness to give.
pub(super) fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A new `Idempotency-Key` for a form.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_key() -> Result<String, getrandom::Error> {
    Ok(hex(&random()?[..16]))
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|n| char::from_digit(n.into(), 16)).collect()
}

/// SHA-256, hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The secret of a ticket: its number, so that it is found without an index, and 160 bits.
///
/// The bits come from the server's own key and the ticket's salt, so that the link can be told again, in a notice or to
/// a repeated submission, although it is stored nowhere.
pub(super) fn tracking(id: TicketId, server_key: &[u8; 32], seed: &[u8]) -> String {
    let bits = blake3::keyed_hash(server_key, seed).to_hex();
    format!("{id}-{}", &bits[..DIGITS])
}

/// The ticket a secret claims to belong to.
pub(super) fn claimed_id(secret: &str) -> Option<TicketId> {
    let (id, bits) = secret.split_once('-')?;
    (bits.len() == DIGITS && bits.bytes().all(|b| b.is_ascii_hexdigit())).then(|| id.parse().ok())?
}

/// Whether `secret` is the one whose SHA-256 is `sha256`, in a time that does not tell how much of it was right.
pub(super) fn matches(secret: &str, sha256_hex: &str) -> bool {
    let ours = sha256(secret.as_bytes());
    let differences = ours.bytes().zip(sha256_hex.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    ours.len() == sha256_hex.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_names_its_ticket_and_fits_its_hash_only() {
        let id: TicketId = "TS202611230001".parse().unwrap();
        let secret = tracking(id, &random().unwrap(), b"key");
        assert_eq!(claimed_id(&secret), Some(id));
        let stored = sha256(secret.as_bytes());
        assert!(matches(&secret, &stored));
        assert!(!matches(&tracking(id, &random().unwrap(), b"key"), &stored));
        assert!(!matches(&secret, "") && !matches(&secret, &stored[1..]));
        for bad in ["", "TS202611230001", "TS202611230001-", "TS202611230001-../../../../../../../../../../../../../"] {
            assert_eq!(claimed_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_same_submission_gets_the_same_secret() {
        let id: TicketId = "TS202611230001".parse().unwrap();
        let key = random().unwrap();
        assert_eq!(tracking(id, &key, b"a"), tracking(id, &key, b"a"));
        assert_ne!(tracking(id, &key, b"a"), tracking(id, &key, b"b"));
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }
}
