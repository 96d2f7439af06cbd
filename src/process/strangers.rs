//! Mail to addresses that nobody vouched for: whoever files without an account may leave anybody's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Confirmations that one address gets in [`SPAN`].
const OFTEN: usize = 5;
const SPAN: Duration = Duration::from_secs(3_600);
/// Addresses that are remembered; while all of them are in use no further one is written to.
const MANY: usize = 10_000;

/// When confirmations went to whom. In memory: a restart forgets it.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<HashMap<String, Vec<Timestamp>>>);

impl Strangers {
    /// Counts a confirmation to `address` at `now`. False when it is one too many and must not be sent.
    pub(super) fn may_be_told(&self, address: &str, now: Timestamp) -> bool {
        let recent = |at: &Timestamp| Duration::try_from(now.duration_since(*at)).is_ok_and(|age| age < SPAN);
        let address = address.to_ascii_lowercase();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MANY && !told.contains_key(&address) {
            told.retain(|_, times| times.iter().any(recent));
            if told.len() >= MANY {
                return false;
            }
        }
        let times = told.entry(address).or_default();
        times.retain(recent);
        let may = times.len() < OFTEN;
        if may {
            times.push(now);
        }
        may
    }
}

/// Whether `address` is at one of `domains` or below it; none named means any.
pub(super) fn is_at(address: &str, domains: &[String]) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    let below =
        |own: &String| domain.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    domains.is_empty() || domains.iter().any(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_five_times_an_hour() {
        let (strangers, now) = (Strangers::default(), Timestamp::UNIX_EPOCH);
        let told = (0..20).filter(|_| strangers.may_be_told("Wang@example.com", now)).count();
        assert_eq!(told, 5);
        assert!(!strangers.may_be_told("wang@EXAMPLE.com", now) && strangers.may_be_told("li@example.com", now));
        assert!(strangers.may_be_told("wang@example.com", now + SPAN));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let (strangers, now) = (Strangers::default(), Timestamp::UNIX_EPOCH);
        let told = (0..MANY + 100).filter(|n| strangers.may_be_told(&format!("{n}@example.com"), now)).count();
        assert_eq!((told, strangers.0.lock().unwrap().len()), (MANY, MANY));
        assert!(strangers.may_be_told("late@example.com", now + SPAN));
    }

    #[test]
    fn a_domain_has_those_below_it_and_no_neighbours() {
        let own = ["example.com".to_owned()];
        assert!(is_at("a@Example.com", &own) && is_at("a@mail.example.com", &own) && is_at("a@x.org", &[]));
        assert!(
            !is_at("a@badexample.com", &own) && !is_at("a@example.com.evil.org", &own) && !is_at("example.com", &own)
        );
    }
}
