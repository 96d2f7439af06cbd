//! How often pages are opened: one JSON line per page and batch in `.helpmark/views/2026-11.jsonl`.
//!
//! A line says that a page was asked for so many times on a day, by whom it does not: no address, no cookie, no time of
//! the day. What a cache or a static host answers is not seen here, and a robot's visit looks like a person's. Counted
//! in memory and written in batches, like the search log. Bounded: a month's file at [`FULL`] becomes
//! `2026-11.old.jsonl`, over the one before; only [`MONTHS`] files are kept.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Bytes after which a month's file is begun again.
const FULL: u64 = 16 << 20;
/// Months that are kept: a year, and the one that has begun.
const MONTHS: usize = 13;

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
    directory: PathBuf,
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
        Self { directory: state_dir.join("views"), waiting: Mutex::default(), writing: Mutex::default() }
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
        let mut months: BTreeMap<String, BTreeMap<(Date, String), u32>> = BTreeMap::new();
        for (key, count) in waiting {
            months.entry(key.0.strftime("%Y-%m").to_string()).or_default().insert(key, count);
        }
        let mut outcome = Ok(());
        for (month, lines) in months {
            if let Err(error) = self.append(&month, &lines) {
                let path = self.directory.join(format!("{month}.jsonl"));
                outcome = Err(io::Error::new(error.kind(), format!("{}: {error}", path.display())));
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                for (key, count) in lines {
                    *waiting.entry(key).or_default() += count;
                }
            }
        }
        outcome
    }

    fn append(&self, month: &str, lines: &BTreeMap<(Date, String), u32>) -> io::Result<()> {
        let mut text = String::new();
        for ((day, url), opened) in lines {
            text.push_str(&serde_json::to_string(&Line { day: *day, url: url.clone(), opened: *opened })?);
            text.push('\n');
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let path = self.directory.join(format!("{month}.jsonl"));
        let is_new = !path.exists();
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() >= FULL) {
            fs::rename(&path, self.directory.join(format!("{month}.old.jsonl")))?;
        }
        // One write for the batch: with O_APPEND two processes do not mix theirs.
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?.write_all(text.as_bytes())?;
        if is_new {
            // What cannot be removed is tried again next month.
            let months: std::collections::BTreeSet<String> =
                self.files()?.into_iter().map(|(month, _)| month).collect();
            let old: Vec<_> = months.iter().rev().skip(MONTHS).cloned().collect();
            for (_, path) in self.files()?.into_iter().filter(|(month, _)| old.contains(month)) {
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }

    /// The files with their months.
    fn files(&self) -> io::Result<Vec<(String, PathBuf)>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| name.ends_with(".jsonl")) else { continue };
            files.extend(name.get(..7).map(|month| (month.to_owned(), entry.path())));
        }
        files.sort();
        Ok(files)
    }

    /// Everything that was written. A line that was torn by a crash is left out.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn opened(&self) -> io::Result<Opened> {
        let mut opened = Opened::default();
        for (_, path) in self.files()? {
            let bytes = fs::read(&path)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
            for line in bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok())
            {
                opened.since = Some(opened.since.map_or(line.day, |since| since.min(line.day)));
                *opened.by_url.entry(line.url).or_default() += u64::from(line.opened);
            }
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
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
        let file = views.directory.join("2026-11.jsonl");
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
