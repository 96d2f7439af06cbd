//! Who has a ticket open just now. Kept in memory: it is a hint between colleagues, not a lock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::ticket::TicketId;

/// How long a look counts: a page without scripts says nothing when it is left.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug)]
struct Look {
    name: String,
    at: Timestamp,
}

/// The looks of the last minute, by ticket and account.
#[derive(Debug, Default)]
pub(super) struct Presence(Mutex<HashMap<TicketId, HashMap<String, Look>>>);

impl Presence {
    /// `account` looks at the ticket. Gives whether nobody knew that before.
    pub(super) fn look(&self, id: TicketId, account: &str, name: &str, now: Timestamp) -> bool {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, looks| {
            looks.retain(|_, look| now.duration_since(look.at) < FRESH);
            !looks.is_empty()
        });
        let look = Look { name: name.to_owned(), at: now };
        tickets.entry(id).or_default().insert(account.to_owned(), look).is_none()
    }

    /// `account` has left the page.
    pub(super) fn leave(&self, id: TicketId, account: &str) {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(looks) = tickets.get_mut(&id) {
            looks.remove(account);
        }
    }

    /// The names of those who look at the ticket besides `account`, in order.
    pub(super) fn others(&self, id: TicketId, account: &str, now: Timestamp) -> Vec<String> {
        let tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = tickets.get(&id).into_iter().flatten();
        let fresh = looks.filter(|(who, look)| *who != account && now.duration_since(look.at) < FRESH);
        let mut names: Vec<_> = fresh.map(|(_, look)| look.name.clone()).collect();
        names.sort_unstable();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_seen_by_others_and_fades() {
        let presence = Presence::default();
        let id: TicketId = "TS202611230001".parse().unwrap();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert!(presence.look(id, "wang", "王芳", at(0)));
        assert!(!presence.look(id, "wang", "王芳", at(30)));
        assert!(presence.look(id, "li", "李明", at(30)));
        assert_eq!(presence.others(id, "li", at(60)), ["王芳"]);
        assert_eq!(presence.others(id, "li", at(90)), Vec::<String>::new());
        presence.leave(id, "li");
        assert_eq!(presence.others(id, "wang", at(31)), Vec::<String>::new());
    }
}
