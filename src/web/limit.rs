//! How often one client may ask: a token bucket for each, in memory.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::WebError;
use super::session::SessionActor;

/// With this many clients the buckets that are full again are forgotten, and while none is, new clients are refused:
/// an attacker with many addresses cannot fill the memory.
const MANY: usize = 10_000;

/// Whom requests are counted under. People with an account are themselves wherever they are: a stranger in the same
/// office, behind the same address, takes nothing from them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Address(IpAddr),
    /// A login.
    Account(String),
}

impl Who {
    /// The person who is signed in, else the address.
    pub(super) fn of(client: IpAddr, visitor: Option<&SessionActor>) -> Self {
        visitor.map_or_else(|| client.into(), |visitor| Self::Account(visitor.account.login.clone()))
    }
}

impl From<IpAddr> for Who {
    fn from(client: IpAddr) -> Self {
        Self::Address(network(client))
    }
}

/// `capacity` requests at once, refilled evenly over `period`.
#[derive(Debug)]
pub struct Limiter {
    capacity: f64,
    period: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    buckets: HashMap<Who, Bucket>,
    /// When full buckets were last looked for. That walks over all of them, so it must not happen on every request.
    swept: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limiter {
    pub fn new(capacity: u32, period: Duration) -> Self {
        Self { capacity: f64::from(capacity), period, state: Mutex::default() }
    }

    /// Takes one token of `client` at `now`.
    ///
    /// # Errors
    /// [`WebError::TooMany`] with the whole seconds until there is one again.
    pub fn check(&self, client: impl Into<Who>, now: Instant) -> Result<(), WebError> {
        let rate = self.capacity / self.period.as_secs_f64();
        let refilled = |bucket: &Bucket| {
            let since = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.tokens + since * rate).min(self.capacity)
        };
        // A panic while the lock was held leaves plain numbers: they can still be used.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { buckets, swept } = &mut *state;
        let client = client.into();
        if buckets.len() >= MANY && !buckets.contains_key(&client) {
            if swept.is_none_or(|swept| now.saturating_duration_since(swept) * 10 > self.period) {
                buckets.retain(|_, bucket| refilled(bucket) < self.capacity);
                *swept = Some(now);
            }
            if buckets.len() >= MANY {
                return Err(WebError::TooMany { retry_after: self.period.as_secs().max(1) });
            }
        }
        let bucket = buckets.entry(client).or_insert(Bucket { tokens: self.capacity, at: now });
        let tokens = refilled(bucket);
        if tokens < 1.0 {
            let seconds = ((1.0 - tokens) / rate).ceil().max(1.0);
            // A handful of seconds: far inside u64.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Err(WebError::TooMany { retry_after: seconds as u64 });
        }
        *bucket = Bucket { tokens: tokens - 1.0, at: now };
        Ok(())
    }
}

/// An IPv6 client owns a whole /64: it counts as one.
pub(super) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_is_bounded_and_refills() {
        let limiter = Limiter::new(3, Duration::from_secs(60));
        let start = Instant::now();
        let client: IpAddr = "192.0.2.1".parse().unwrap();
        for _ in 0..3 {
            limiter.check(client, start).unwrap();
        }
        let refused = limiter.check(client, start).unwrap_err();
        assert!(matches!(refused, WebError::TooMany { retry_after: 20 }), "{refused:?}");
        limiter.check("192.0.2.2".parse::<IpAddr>().unwrap(), start).unwrap();
        limiter.check(Who::Account("wang".into()), start).unwrap();
        limiter.check(client, start + Duration::from_secs(20)).unwrap();
        assert!(limiter.check(client, start + Duration::from_secs(21)).is_err());
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let limiter = Limiter::new(1, Duration::from_secs(60));
        let now = Instant::now();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        limiter.check(ip("2001:db8::1"), now).unwrap();
        assert!(limiter.check(ip("2001:db8::ffff"), now).is_err());
        limiter.check(ip("2001:db8:0:1::1"), now).unwrap();
    }

    #[test]
    fn many_clients_do_not_fill_the_memory() {
        let limiter = Limiter::new(1, Duration::from_secs(1));
        let now = Instant::now();
        for n in 0..50_000u32 {
            let _ = limiter.check(IpAddr::V4(n.into()), now + Duration::from_micros(u64::from(n)));
        }
        assert!(limiter.state.lock().unwrap().buckets.len() <= MANY);
        limiter.check("203.0.113.9".parse::<IpAddr>().unwrap(), now + Duration::from_secs(5)).unwrap();
    }
}
