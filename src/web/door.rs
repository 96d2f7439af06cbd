//! Who may come in: how many connections one address may hold, so that nobody takes every place.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limit::network;

/// How often it is said that somebody was turned away.
const SAID: Duration = Duration::from_secs(60);

/// Counts connections by address. One address may hold a quarter of all places, and a sixteenth of them once half are
/// taken. A reverse proxy speaks for many people, and has a limit of its own: it is not counted.
pub(super) struct Door {
    places: usize,
    is_proxy: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    by: HashMap<IpAddr, usize>,
    said: Option<Instant>,
}

/// A connection that was let in; counted until it is dropped.
pub(super) struct Guest {
    door: Arc<Door>,
    /// `None` for a proxy.
    network: Option<IpAddr>,
}

impl Door {
    pub(super) fn new(places: usize, is_proxy: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { places, is_proxy: Box::new(is_proxy), inside: Mutex::default() })
    }

    /// `None` when `peer` holds as many connections as it may.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Guest> {
        let peer = peer.to_canonical();
        let counted = (!(self.is_proxy)(peer)).then(|| network(peer));
        // A panic while the lock was held leaves plain numbers: they can still be used.
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(network) = counted {
            let share = if inside.all < self.places / 2 { 4 } else { 16 };
            let held = inside.by.get(&network).copied().unwrap_or(0);
            if held >= (self.places / share).max(1) {
                if inside.said.is_none_or(|said| said.elapsed() > SAID) {
                    inside.said = Some(Instant::now());
                    tracing::warn!(
                        %peer, held,
                        "further connections are refused; if this is a reverse proxy, list it in `trusted_proxies` of site.toml"
                    );
                }
                return None;
            }
            inside.by.insert(network, held + 1);
        }
        inside.all += 1;
        Some(Guest { door: Arc::clone(self), network: counted })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut inside = self.door.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all = inside.all.saturating_sub(1);
        if let Some(network) = self.network
            && let Some(held) = inside.by.get_mut(&network)
        {
            *held = held.saturating_sub(1);
            if *held == 0 {
                inside.by.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(door: &Arc<Door>, peer: &str, times: usize) -> Vec<Guest> {
        (0..times).map_while(|_| door.enter(peer.parse().unwrap())).collect()
    }

    #[test]
    fn nobody_takes_every_place_but_a_proxy() {
        let door = Door::new(64, |peer| peer.is_loopback());
        let first = enter(&door, "192.0.2.1", 100);
        assert_eq!(first.len(), 16);
        let second = enter(&door, "192.0.2.2", 100);
        assert_eq!(second.len(), 16, "half of the places are taken now");
        assert_eq!(enter(&door, "192.0.2.3", 100).len(), 4);
        assert_eq!(enter(&door, "::ffff:127.0.0.1", 100).len(), 100, "a proxy speaks for many");
        assert!(door.enter("192.0.2.1".parse().unwrap()).is_none());
        drop((first, second));
        assert_eq!(enter(&door, "192.0.2.1", 100).len(), 16);
        assert_eq!(door.inside.lock().unwrap().by.len(), 0, "who has gone is forgotten");
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let door = Door::new(4, |_| false);
        let _guest = door.enter("2001:db8::1".parse().unwrap()).unwrap();
        assert!(door.enter("2001:db8::2".parse().unwrap()).is_none());
        assert!(door.enter("2001:db8:0:1::2".parse().unwrap()).is_some());
    }
}
