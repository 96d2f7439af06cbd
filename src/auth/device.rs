//! Browsers in which an account was opened before: a stranger who fails at that account, or from the same address, does
//! not make them wait.
//!
//! What such a browser keeps opens nothing: it says only that the right password was typed in it once.

use std::time::Duration;

use jiff::Timestamp;

use super::sessions::Sessions;
use super::{AuthError, token};

/// How long a browser is known after the last sign-in.
pub const KNOWN: Duration = Duration::from_secs(180 * 86_400);

/// Bytes of what tells one browser from another.
const NONCE: usize = 16;

impl Sessions {
    /// What a browser keeps in which `login` was opened at `now`: `<when>.<which>.<proof>`.
    ///
    /// # Errors
    /// When the server's key cannot be read or made, or there is no randomness.
    pub async fn device(&self, login: &str, now: Timestamp) -> Result<String, AuthError> {
        let claim = format!("{}.{}", now.as_second(), token::hex(&token::random::<NONCE>()?));
        let proof = self.proof(login, &claim).await?;
        Ok(format!("{claim}.{proof}"))
    }

    /// What tells the browser that keeps `device` from others, if `login` was opened in it not too long ago.
    ///
    /// # Errors
    /// When the server's key cannot be read or made.
    pub async fn known_device(&self, login: &str, device: &str, now: Timestamp) -> Result<Option<String>, AuthError> {
        let parts: Vec<&str> = device.split('.').collect();
        let [at, nonce, proof] = parts[..] else { return Ok(None) };
        let at = at.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let age = at.and_then(|at| Duration::try_from(now.duration_since(at)).ok());
        if nonce.len() != 2 * NONCE || age.is_none_or(|age| age > KNOWN) {
            return Ok(None);
        }
        let claim = &device[..device.len() - proof.len() - 1];
        let right = token::same(self.proof(login, claim).await?.as_bytes(), proof.as_bytes());
        Ok(right.then(|| nonce.to_owned()))
    }

    async fn proof(&self, login: &str, claim: &str) -> Result<String, AuthError> {
        // No login has a NUL in it: this is never the token of a form.
        self.keyed(&format!("device\0{claim}\0{}", login.trim().to_ascii_lowercase())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_browser_is_known_for_one_account_and_not_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path());
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let device = sessions.device("wang", now).await.unwrap();
        let known = async |login: &str, device: &str, days: i64| {
            let then = now + jiff::SignedDuration::from_hours(24 * days);
            sessions.known_device(login, device, then).await.unwrap().is_some()
        };
        assert!(known("wang", &device, 0).await && known(" WANG", &device, 179).await);
        assert!(!known("li", &device, 0).await && !known("wang", &device, 181).await);
        assert!(!known("wang", &device, -1).await, "of the future");
        let later = device.replacen("18000", "18100", 1);
        for forged in ["", "..", "1.2.3", "a.b.c.d", later.as_str(), &device[..device.len() - 1]] {
            assert!(!known("wang", forged, 0).await, "{forged}");
        }
        assert_ne!(sessions.device("wang", now).await.unwrap(), device);
        let again = Sessions::open(dir.path());
        assert!(again.known_device("wang", &device, now).await.unwrap().is_some(), "after a restart as well");
        let other = tempfile::tempdir().unwrap();
        assert!(Sessions::open(other.path()).known_device("wang", &device, now).await.unwrap().is_none());
    }
}
