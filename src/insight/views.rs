//! How often pages are opened: one JSON line per page and batch in `.helpmark/views/2026-11.jsonl`.
//!
//! A line says that a page was asked for so many times on a day, by whom it does not: no address, no cookie, no time of
//! the day. What a cache or a static host answers is not seen here, and a robot's visit looks like a person's. Counted
//! in memory and written in batches, like the search log. Bounded as [`super::months`] says.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::months::{self, Months};

/// Bytes after which a month's file is begun again.
const FULL: u64 = 16 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    day: Date,
    /// Root-relative, without the site's base path.
    url: String,
    opened: u32,
}

/// The openings of one site's pages.
#[derive(Debug)]
pub struct Views {
    months: Months,
    waiting: Mutex<HashMap<(Date, String), u32>>,
    writing: Mutex<()>,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The first day that anything is known of.
    pub since: Option<Date>,
    /// Openings by root-relative URL, from `since` on.
    pub by_url: HashMap<String, u64>,
}

impl Views {
    /// The counts under `.helpmark/`; nothing is created before the first batch.
    pub fn new(state_dir: &Path) -> Self {
        let months = Months { directory: state_dir.join("views"), full: FULL };
        Self { months, waiting: Mutex::default(), writing: Mutex::default() }
    }

    /// Counts an opening, in memory. `url` is that of a document, so that what waits is bounded by the site.
    pub fn record(&self, day: Date, url: &str) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.get_mut(&(day, url.to_owned())) {
            Some(count) => *count += 1,
            None => drop(waiting.insert((day, url.to_owned()), 1)),
        }
    }

    /// Writes what waits. What cannot be written waits on.
    ///
    /// # Errors
    /// Naming the file that could not be written.
    pub fn flush(&self) -> io::Result<()> {
        // The lock guards files, not a value: a panic under it leaves nothing to mend.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_month: BTreeMap<String, BTreeMap<(Date, String), u32>> = BTreeMap::new();
        for (key, count) in waiting {
            by_month.entry(months::name(key.0)).or_default().insert(key, count);
        }
        let mut outcome = Ok(());
        for (month, counts) in by_month {
            let lines = counts.iter().map(|((day, url), opened)| Line { day: *day, url: url.clone(), opened: *opened });
            if let Err(error) = self.months.append(&month, lines) {
                outcome = Err(error);
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                for (key, count) in counts {
                    *waiting.entry(key).or_default() += count;
                }
            }
        }
        outcome
    }

    /// Everything that was written. A line that was torn by a crash is left out.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn opened(&self) -> io::Result<Opened> {
        let mut opened = Opened::default();
        for line in self.months.lines::<Line>(None)? {
            opened.since = Some(opened.since.map_or(line.day, |since| since.min(line.day)));
            *opened.by_url.entry(line.url).or_default() += u64::from(line.opened);
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use jiff::civil::date;

    use super::*;

    #[test]
    fn openings_add_up_across_batches_and_torn_lines_do_not_hide_others() {
        let directory = tempfile::tempdir().unwrap();
        let views = Views::new(directory.path());
        assert_eq!(views.opened().unwrap(), Opened::default());
        for _ in 0..3 {
            views.record(date(2026, 11, 23), "/articles/a/");
        }
        views.flush().unwrap();
        let file = views.months.file("2026-11");
        OpenOptions::new().append(true).open(&file).unwrap().write_all(b"{\"day\":\n").unwrap();
        views.record(date(2026, 12, 1), "/articles/a/");
        views.flush().unwrap();
        let opened = views.opened().unwrap();
        assert_eq!((opened.since, opened.by_url["/articles/a/"]), (Some(date(2026, 11, 23)), 4));
    }

    #[test]
    fn a_year_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let views = Views::new(directory.path());
        for month in 1..=12 {
            views.record(date(2025, month, 1), "/a/");
            views.flush().unwrap();
        }
        views.record(date(2026, 1, 1), "/a/");
        views.record(date(2026, 2, 1), "/a/");
        views.flush().unwrap();
        assert_eq!(views.opened().unwrap().since, Some(date(2025, 2, 1)));
    }
}
