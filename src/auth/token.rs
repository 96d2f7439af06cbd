//! Random values, and what is stored of them.

use sha2::{Digest, Sha256};

use super::AuthError;

/// `N` random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AuthError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(AuthError::Random)?;
    Ok(bytes)
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|n| char::from_digit(n.into(), 16)).collect()
}

/// SHA-256 of `text` for one purpose, hexadecimal: what is derived for another purpose tells nothing of this.
pub(super) fn digest(purpose: &str, text: &str) -> String {
    hex(&Sha256::new().chain_update(purpose).chain_update([0]).chain_update(text).finalize())
}

/// Whether two secrets are equal, in a time that does not tell how much of them is.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    // Comparing two `blake3::Hash`es takes the same time whatever they are.
    blake3::hash(one) == blake3::hash(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_kept_apart() {
        assert_ne!(digest("session", "x"), digest("csrf", "x"));
        assert_ne!(digest("a", "bc"), digest("ab", "c"));
        assert!(same(b"secret", b"secret") && !same(b"secret", b"secres") && !same(b"", b"x"));
        assert_ne!(random::<32>().unwrap(), random::<32>().unwrap());
    }
}
