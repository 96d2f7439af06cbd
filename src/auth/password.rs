//! Passwords: what is good enough, and argon2id.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

use super::{AuthError, token};

/// Characters.
pub const MIN_PASSWORD: usize = 10;
/// Bytes: a sentence fits, and nobody makes the server hash a book.
const MAX_BYTES: usize = 1_024;

/// The lowest cost that OWASP's Password Storage Cheat Sheet (2025) lists first for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Verified where there is no account, so that the time of an answer does not tell who has one. Nobody knows a
/// password for it: its output was drawn at random.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$aGVscG1hcmstbm9ib2R5$0Dq7XG/C6dVO7fzLMUdbM0ZMn5nGS7Zn6PPIgayN6i8";

/// Long enough for the rule, and still the first ones that anybody tries.
const COMMON: &[&str] = &[
    "0123456789",
    "1234567890",
    "123456789a",
    "1q2w3e4r5t",
    "abcdefghij",
    "iloveyou123",
    "password12",
    "password123",
    "p@ssw0rd123",
    "qwerty12345",
    "qwertyuiop",
    "zaq12wsxcde",
    "helpmark123",
    "admin123456",
    "a123456789",
];

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("the password is too short: use at least {MIN_PASSWORD} characters; a sentence is easiest to keep in mind")]
    Short,
    #[error("the password is too long: use at most {MAX_BYTES} bytes")]
    Long,
    #[error("the password is among the first that anybody would try: use another one, such as a sentence")]
    Common,
}

/// Checks a password for the account `login`.
///
/// # Errors
/// Why it is not taken.
pub fn check_password(login: &str, password: &str) -> Result<(), WeakPassword> {
    if password.len() > MAX_BYTES {
        return Err(WeakPassword::Long);
    }
    if password.trim().chars().count() < MIN_PASSWORD {
        return Err(WeakPassword::Short);
    }
    let lower = password.to_lowercase();
    let kinds: std::collections::BTreeSet<char> = lower.chars().collect();
    // `zhangwei@corp` as the password of `zhangwei` is no secret.
    let of_login = !login.is_empty() && lower.replace(login, "").chars().count() < 4;
    match kinds.len() < 4 || of_login || COMMON.contains(&lower.as_str()) {
        true => Err(WeakPassword::Common),
        false => Ok(()),
    }
}

/// A password for somebody else, to be changed by them: 16 letters and digits that are not mistaken for one another.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_password() -> Result<String, AuthError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<char> =
        token::random::<16>()?.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

fn argon2id() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| AuthError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The same password, whichever way a keyboard composes its characters (NIST SP 800-63B).
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// The string to store: algorithm, cost, salt and hash.
pub(super) fn hash(password: &str) -> Result<String, AuthError> {
    let salt = token::random::<16>()?;
    let hashed = argon2id()?.hash_password_with_salt(normal(password).as_bytes(), &salt);
    hashed.map(|hash| hash.to_string()).map_err(|error| AuthError::Hash(error.to_string()))
}

/// Whether it is the password of `stored`; without one, the same work is done for nothing.
pub(super) fn matches(password: &str, stored: Option<&str>) -> bool {
    if password.len() > MAX_BYTES {
        return false;
    }
    let (text, real) = match stored {
        Some(text) if !text.is_empty() => (text, true),
        _ => (NOBODY, false),
    };
    let Ok(parsed) = PasswordHash::new(text) else { return false };
    Argon2::default().verify_password(normal(password).as_bytes(), &parsed).is_ok() && real
}

/// Whether `stored` was made with another algorithm or another cost than a new hash would be.
pub(super) fn is_outdated(stored: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else { return true };
    let cost = |name| parsed.params.get_decimal(name);
    parsed.algorithm.as_str() != "argon2id"
        || [cost("m"), cost("t"), cost("p")] != [Some(MEMORY_KIB), Some(PASSES), Some(LANES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_matches_and_every_hash_is_another() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(matches("correct horse battery", Some(&stored)));
        assert!(!matches("correct horse batterz", Some(&stored)));
        assert!(!matches("", Some(&stored)) && !matches(&"x".repeat(2_000), Some(&stored)));
        assert_ne!(hash("correct horse battery").unwrap(), stored);
        // Composed or not, an é is an é.
        assert!(matches("cafe\u{301} au lait", Some(&hash("caf\u{e9} au lait").unwrap())));
    }

    #[test]
    fn nobody_has_a_password() {
        assert!(PasswordHash::new(NOBODY).is_ok() && !is_outdated(NOBODY), "the same work as for an account");
        for password in ["", "nobody", "correct horse battery"] {
            assert!(!matches(password, None) && !matches(password, Some("")) && !matches(password, Some("plain")));
        }
    }

    #[test]
    fn other_costs_are_outdated() {
        assert!(!is_outdated(&hash("correct horse battery").unwrap()));
        let cheap = Argon2::from(Params::new(8_192, 1, 1, None).unwrap());
        let cheap = cheap.hash_password_with_salt(b"correct horse battery", b"0123456789abcdef").unwrap().to_string();
        assert!(matches("correct horse battery", Some(&cheap)) && is_outdated(&cheap));
        assert!(is_outdated("plain"));
    }

    #[test]
    fn weak_passwords_are_refused() {
        let check = |password: &str| check_password("zhangwei", password);
        assert_eq!(check("short"), Err(WeakPassword::Short));
        assert_eq!(check("         x          "), Err(WeakPassword::Short));
        assert_eq!(check(&"长".repeat(400)), Err(WeakPassword::Long));
        for common in ["Password123", "aaaaaaaaaaaa", "1212121212", "zhangwei123", "ZhangweiZhangwei"] {
            assert_eq!(check(common), Err(WeakPassword::Common), "{common}");
        }
        for good in ["中文密码也可以用的哦十", "correct horse", "zhangwei likes tea"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let random = random_password().unwrap();
        assert_eq!((random.len(), check(&random)), (19, Ok(())), "{random}");
    }
}
