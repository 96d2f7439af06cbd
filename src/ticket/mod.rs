//! Placeholder: the ticket engineer's room.

/// Placeholder.
#[derive(Debug, Default)]
pub struct Store;

impl Store {
    /// Whether a ticket could be filed now.
    pub fn writable(&self) -> bool {
        true
    }
}
