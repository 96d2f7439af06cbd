//! Whole tickets read one after the other, for reports: each is read, looked at and let go.

use rayon::prelude::*;

use super::files::Files;
use super::{Store, StoreError, Summary, Ticket, TicketId, file};
use crate::disk;

impl Store {
    /// What `look` makes of every ticket whose line `wanted` takes, in the order of their numbers. A file that cannot
    /// be read just now is left out: [`Store::broken`] names it.
    ///
    /// # Errors
    /// When the tree cannot be locked.
    pub async fn survey<T: Send + 'static>(
        &self,
        wanted: impl Fn(&Summary) -> bool + Send + 'static,
        look: impl Fn(&Summary, &Ticket) -> T + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.blocking(move |files| files.survey(wanted, look)).await
    }
}

impl Files {
    fn survey<T: Send>(
        &self,
        wanted: impl Fn(&Summary) -> bool,
        look: impl Fn(&Summary, &Ticket) -> T + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let lines: Vec<_> = self.list()?.into_iter().rev().filter(wanted).collect();
        let read = |id: TicketId| file::read(id, &disk::read(&self.path_of(id)).ok()?).ok();
        Ok(lines.par_iter().filter_map(|line| Some(look(line, &read(line.id)?))).collect())
    }
}
