//! How each service wants a message signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// HMAC-SHA256, which takes a key of any length.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().to_vec(),
        // HMAC hashes long keys and pads short ones; the type has an error for other algorithms.
        Err(_) => Vec::new(),
    }
}

/// DingTalk, custom robots: base64(HMAC(key = secret, "<ms>\n<secret>")), sent as `timestamp` and `sign` in the URL.
pub(super) fn dingtalk(secret: &str, millis: i64) -> String {
    STANDARD.encode(hmac(secret.as_bytes(), format!("{millis}\n{secret}").as_bytes()))
}

/// Feishu and Lark, custom bots: base64(HMAC(key = "<s>\n<secret>", "")), sent as `timestamp` and `sign` in the body.
pub(super) fn feishu(secret: &str, seconds: i64) -> String {
    STANDARD.encode(hmac(format!("{seconds}\n{secret}").as_bytes(), b""))
}

/// Helpmark's own: `sha256=` + hex(HMAC(key = secret, "<s>.<body>")), in `X-Helpmark-Signature`, with the seconds in
/// `X-Helpmark-Timestamp`.
pub(super) fn json(secret: &str, seconds: i64, body: &[u8]) -> String {
    let mut message = format!("{seconds}.").into_bytes();
    message.extend_from_slice(body);
    let hex: String = hmac(secret.as_bytes(), &message).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "SEC6d0b5c1f8a9e4d7c";

    // The expected values are Python's:
    //   base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())
    #[test]
    fn signatures_are_those_that_python_computes() {
        assert_eq!(dingtalk(SECRET, 1_795_397_400_123), "575pF3ypKweibsLg9A4YLZENsLMPxJzJ2rPlln+yVbw=");
        assert_eq!(feishu(SECRET, 1_795_397_400), "dC8QAkbXM2jnWPtwMAFV4IcP+sVgeF/ECsjlQBBUHSs=");
        let body = "{\"text\":\"工单\"}".as_bytes();
        assert_eq!(
            json(SECRET, 1_795_397_400, body),
            "sha256=f9fae138e60101580439ce99bbe3566cd8e48bfb553d26f4db2fe69a3c86cd8a"
        );
    }

    #[test]
    fn a_key_may_be_longer_than_a_block() {
        assert_eq!(hmac("k".repeat(200).as_bytes(), b"x").len(), 32);
        assert_ne!(dingtalk("a", 1), dingtalk("a", 2));
    }
}
