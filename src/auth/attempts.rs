//! How often somebody may guess a password: per account and address, per account, and per address.
//!
//! The first few tries are free, because people mistype; then every failure makes the next wait longer, up to a quarter
//! of an hour and never for good, so that nobody can be locked out of their account by a stranger. A strange address
//! waits also for what all other addresses did to the same account; one from which the account was opened before does not.
//! A browser in which it was opened before waits for its own failures alone, whatever others do from the same address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a row of failures turns into waiting.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Tries before anybody waits.
    free: u32,
    /// The first wait; every further failure doubles it.
    first: Duration,
    longest: Duration,
    /// After this long without a failure the row is forgotten.
    forget: Duration,
}

/// One account from one address.
const PAIR: Rule = Rule {
    free: 5,
    first: Duration::from_secs(5),
    longest: Duration::from_secs(15 * 60),
    forget: Duration::from_secs(60 * 60),
};
/// One account from anywhere: some 1,400 guesses a day with however many machines.
const ACCOUNT: Rule = Rule {
    free: 20,
    first: Duration::from_secs(5),
    longest: Duration::from_secs(60),
    forget: Duration::from_secs(60 * 60),
};
/// One address at any account: a whole office may share it, so it may fail more often.
const ADDRESS: Rule = Rule {
    free: 50,
    first: Duration::from_secs(2),
    longest: Duration::from_secs(60),
    forget: Duration::from_secs(15 * 60),
};
/// How long an address is remembered from which an account was opened.
const KNOWN: Duration = Duration::from_secs(30 * 86_400);

/// Entries of one table; when it is full, the half that was touched least lately is forgotten.
const MANY: usize = 20_000;

/// What is remembered of failures. In memory: a restart forgets it.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    pairs: Table<(String, IpAddr)>,
    accounts: Table<String>,
    addresses: Table<IpAddr>,
    devices: Table<(String, String)>,
    /// Where an account was opened before.
    known: HashMap<(String, IpAddr), Instant>,
}

#[derive(Debug)]
struct Table<K>(HashMap<K, Row>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    failures: u32,
    last: Instant,
}

/// A try that is under way. It counts as a failure until [`Attempts::succeeded`] takes it back: a thousand tries at once
/// are a thousand.
#[derive(Debug)]
pub struct Attempt {
    login: String,
    from: Origin,
}

/// Where a try comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Address(IpAddr),
    /// A browser in which this very account was opened before, by what tells it from others.
    Device(String),
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl Rule {
    fn wait(&self, row: Option<&Row>, now: Instant) -> Duration {
        let Some(row) = row.filter(|row| now.saturating_duration_since(row.last) < self.forget) else {
            return Duration::ZERO;
        };
        let Some(beyond) = row.failures.checked_sub(self.free) else { return Duration::ZERO };
        let wait = self.first.saturating_mul(1 << beyond.min(16)).min(self.longest);
        wait.saturating_sub(now.saturating_duration_since(row.last))
    }
}

impl<K: Hash + Eq + Clone> Table<K> {
    fn failed(&mut self, key: K, rule: &Rule, now: Instant) {
        if self.0.len() >= MANY && !self.0.contains_key(&key) {
            let mut lasts: Vec<Instant> = self.0.values().map(|row| row.last).collect();
            let (_, middle, _) = lasts.select_nth_unstable(MANY / 2);
            let middle = *middle;
            self.0.retain(|_, row| row.last > middle);
        }
        let row = self.0.entry(key).or_insert(Row { failures: 0, last: now });
        if now.saturating_duration_since(row.last) >= rule.forget {
            row.failures = 0;
        }
        *row = Row { failures: row.failures.saturating_add(1), last: now };
    }

    /// Takes one failure back.
    fn forgive(&mut self, key: &K) {
        if let Some(row) = self.0.get_mut(key) {
            row.failures = row.failures.saturating_sub(1);
        }
    }
}

impl Attempts {
    /// Begins a try at `login`.
    ///
    /// # Errors
    /// How long to wait before the next one. A try that is refused makes nothing worse.
    pub fn begin(&self, login: &str, from: impl Into<Origin>, now: Instant) -> Result<Attempt, Duration> {
        let login = login.trim().to_ascii_lowercase();
        // Long nonsense is one account that does not exist, and takes no more room than that.
        let login: String = login.chars().take(64).collect();
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let address = match from.into() {
            Origin::Address(address) => network(address),
            Origin::Device(device) => {
                let key = (login.clone(), device.clone());
                let wait = PAIR.wait(tables.devices.0.get(&key), now);
                if !wait.is_zero() {
                    return Err(wait);
                }
                tables.devices.failed(key, &PAIR, now);
                return Ok(Attempt { login, from: Origin::Device(device) });
            }
        };
        let pair = (login.clone(), address);
        let known = tables.known.get(&pair).is_some_and(|opened| now.saturating_duration_since(*opened) < KNOWN);
        let everywhere = if known { Duration::ZERO } else { ACCOUNT.wait(tables.accounts.0.get(&login), now) };
        let wait = PAIR
            .wait(tables.pairs.0.get(&pair), now)
            .max(everywhere)
            .max(ADDRESS.wait(tables.addresses.0.get(&address), now));
        if !wait.is_zero() {
            return Err(wait);
        }
        tables.pairs.failed(pair, &PAIR, now);
        tables.accounts.failed(login.clone(), &ACCOUNT, now);
        tables.addresses.failed(address, &ADDRESS, now);
        Ok(Attempt { login, from: Origin::Address(address) })
    }

    /// The try opened the account: the person behind it may mistype anew. What others failed stays counted.
    pub fn succeeded(&self, attempt: Attempt, now: Instant) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let address = match attempt.from {
            Origin::Address(address) => address,
            Origin::Device(device) => {
                tables.devices.0.remove(&(attempt.login, device));
                return;
            }
        };
        let pair = (attempt.login.clone(), address);
        tables.accounts.forgive(&attempt.login);
        tables.addresses.forgive(&address);
        tables.pairs.0.remove(&pair);
        if tables.known.len() >= MANY {
            tables.known.clear();
        }
        tables.known.insert(pair, now);
    }
}

/// An IPv6 client owns a whole /64: it counts as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    /// Guesses for `span`, waiting exactly as long as told; gives how many were taken.
    fn guess(attempts: &Attempts, from: impl Fn(u32) -> IpAddr, start: Instant, span: Duration) -> u32 {
        let (mut now, mut taken) = (start, 0);
        while now < start + span {
            match attempts.begin("wang", from(taken), now) {
                Ok(_) => taken += 1,
                Err(wait) => now += wait,
            }
        }
        taken
    }

    #[test]
    fn five_tries_are_free_and_then_the_wait_grows_to_a_quarter_of_an_hour() {
        let (attempts, mut now) = (Attempts::default(), Instant::now());
        for _ in 0..5 {
            attempts.begin("wang", ip(1), now).unwrap();
        }
        let mut waits = Vec::new();
        for _ in 0..12 {
            let wait = attempts.begin(" WANG", ip(1), now).unwrap_err();
            assert_eq!(attempts.begin("wang", ip(1), now).unwrap_err(), wait, "asking again makes nothing worse");
            waits.push(wait.as_secs());
            now += wait;
            attempts.begin("wang", ip(1), now).unwrap();
        }
        assert_eq!(waits[..9], [5, 10, 20, 40, 80, 160, 320, 640, 900]);
        assert_eq!(waits[11], 900, "and never for good");
    }

    #[test]
    fn a_day_of_guessing_gets_nowhere() {
        let day = Duration::from_secs(86_400);
        let from_one = guess(&Attempts::default(), |_| ip(1), Instant::now(), day);
        assert!(from_one < 120, "{from_one} guesses from one address");
        let from_many = guess(&Attempts::default(), ip, Instant::now(), day);
        assert!(from_many < 1_500, "{from_many} guesses from as many addresses as one likes");
    }

    #[test]
    fn many_accounts_from_one_address_are_counted_too() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let taken = (0..1_000).filter(|n| attempts.begin(&format!("user{n}"), ip(1), now).is_ok()).count();
        assert_eq!(taken, 50);
        attempts.begin("user1", ip(2), now).unwrap();
    }

    #[test]
    fn tries_at_the_same_moment_are_counted_before_any_has_ended() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let open: Vec<_> = (0..1_000).filter_map(|_| attempts.begin("wang", ip(1), now).ok()).collect();
        assert_eq!(open.len(), 5);
    }

    #[test]
    fn a_stranger_cannot_lock_a_person_out() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let mine = attempts.begin("wang", ip(1), now).unwrap();
        attempts.succeeded(mine, now);
        guess(&attempts, |n| ip(1_000 + n), now, Duration::from_secs(3_600));
        let later = now + Duration::from_secs(3_600);
        assert!(attempts.begin("wang", ip(2), later).is_err(), "a strange address waits");
        attempts.begin("wang", ip(1), later).unwrap();
    }

    #[test]
    fn a_known_browser_waits_for_its_own_failures_alone() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for n in 0..1_000 {
            let _ = attempts.begin(&format!("user{n}"), ip(1), now);
            let _ = attempts.begin("wang", ip(1), now);
        }
        assert!(attempts.begin("wang", ip(1), now).is_err(), "a stranger's neighbour waits");
        let known = || Origin::Device("a1".into());
        for _ in 0..5 {
            attempts.begin("wang", known(), now).unwrap();
        }
        assert!(attempts.begin("wang", known(), now).is_err(), "whoever took the browser does not guess on");
        attempts.begin("wang", Origin::Device("b2".into()), now).unwrap();
        let later = now + Duration::from_secs(5);
        let right = attempts.begin("wang", known(), later).unwrap();
        attempts.succeeded(right, later);
        attempts.begin("wang", known(), later).unwrap();
    }

    #[test]
    fn success_gives_the_free_tries_back_and_time_forgets() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..10 {
            for _ in 0..4 {
                attempts.begin("li", ip(1), now).unwrap();
            }
            let right = attempts.begin("li", ip(1), now).unwrap();
            attempts.succeeded(right, now);
        }
        let (attempts, now) = (Attempts::default(), Instant::now());
        guess(&attempts, |_| ip(1), now, Duration::from_secs(600));
        let later = now + Duration::from_secs(600 + 3_700);
        for _ in 0..5 {
            attempts.begin("wang", ip(1), later).unwrap();
        }
    }

    #[test]
    fn many_names_do_not_fill_the_memory() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for n in 0..50_000 {
            let _ = attempts.begin(&format!("{n}"), ip(n), now + Duration::from_micros(n.into()));
        }
        let tables = attempts.0.lock().unwrap();
        assert!(tables.pairs.0.len() <= MANY && tables.accounts.0.len() <= MANY && tables.addresses.0.len() <= MANY);
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for n in 0..5 {
            attempts.begin("wang", format!("2001:db8::{n}").parse::<IpAddr>().unwrap(), now).unwrap();
        }
        assert!(attempts.begin("wang", "2001:db8::ffff".parse::<IpAddr>().unwrap(), now).is_err());
    }
}
