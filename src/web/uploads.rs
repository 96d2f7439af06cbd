//! How many submissions with files may be on their way in: what they have sent so far lies on the disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::WebError;
use super::limit::Who;

/// Submissions of one client at the same moment, and of everybody. A whole submission is some hundred megabytes.
const OF_ONE: usize = 16;
const OF_ALL: usize = 64;
/// Seconds after which there may be room again.
const RETRY: u64 = 10;

/// Counts submissions under way.
#[derive(Debug, Default)]
pub struct Uploads(Mutex<HashMap<Who, usize>>);

/// A submission under way, until it is dropped.
#[derive(Debug)]
pub(super) struct Upload<'a> {
    uploads: &'a Uploads,
    who: Who,
}

impl Uploads {
    /// # Errors
    /// [`WebError::TooMany`] when `who` sends as many as one client may, [`WebError::Unavailable`] when everybody does.
    pub(super) fn begin(&self, who: Who) -> Result<Upload<'_>, WebError> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = under_way.get(&who).copied().unwrap_or(0);
        if own >= OF_ONE {
            return Err(WebError::TooMany { retry_after: RETRY });
        }
        if under_way.values().sum::<usize>() >= OF_ALL {
            return Err(WebError::Unavailable { message: String::new(), retry_after: RETRY });
        }
        under_way.insert(who.clone(), own + 1);
        Ok(Upload { uploads: self, who })
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        let mut under_way = self.uploads.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = under_way.get_mut(&self.who) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                under_way.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_one_client_nor_all_of_them_fill_the_disk() {
        let uploads = Uploads::default();
        let client = |n: u8| Who::from(std::net::IpAddr::from([192, 0, 2, n]));
        let of_one: Vec<_> = (0..100).map_while(|_| uploads.begin(client(1)).ok()).collect();
        assert_eq!(of_one.len(), OF_ONE);
        assert!(matches!(uploads.begin(client(1)), Err(WebError::TooMany { .. })));
        let of_all: Vec<_> = (2..100).map_while(|n| uploads.begin(client(n)).ok()).collect();
        assert_eq!(of_one.len() + of_all.len(), OF_ALL);
        assert!(matches!(uploads.begin(client(200)), Err(WebError::Unavailable { .. })));
        drop((of_one, of_all));
        assert!(uploads.begin(client(1)).is_ok());
        assert!(uploads.0.lock().unwrap().is_empty(), "who is done is forgotten");
    }
}
