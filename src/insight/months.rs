//! Counts by month: a folder of files `2026-11.jsonl`, one JSON line each, for the owner alone to read.
//!
//! Bounded: a month's file that is full becomes `2026-11.old.jsonl`, over the one before; files of months that are too
//! long ago are removed when a month begins.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Months that are kept: a year, and the one that has begun.
const KEPT: i32 = 13;

/// One folder of them.
#[derive(Debug, Clone)]
pub(super) struct Months {
    pub(super) directory: PathBuf,
    /// Bytes after which a month's file is begun again.
    pub(super) full: u64,
}

impl Months {
    pub(super) fn file(&self, month: &str) -> PathBuf {
        self.directory.join(format!("{month}.jsonl"))
    }

    /// Adds lines to a month's file. The caller sees to it that nobody else in this process does.
    ///
    /// # Errors
    /// Naming the file that could not be written.
    pub(super) fn append<T: Serialize>(&self, month: &str, lines: impl Iterator<Item = T>) -> io::Result<()> {
        let path = self.file(month);
        self.append_to(&path, month, lines).map_err(|error| at(&path, &error))
    }

    fn append_to<T: Serialize>(&self, path: &Path, month: &str, lines: impl Iterator<Item = T>) -> io::Result<()> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
        }
        let is_new = !path.exists();
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        if fs::metadata(path).is_ok_and(|metadata| metadata.len() >= self.full) {
            fs::rename(path, self.directory.join(format!("{month}.old.jsonl")))?;
        }
        // One write for the batch: with O_APPEND two processes do not mix theirs.
        OpenOptions::new().create(true).append(true).mode(0o600).open(path)?.write_all(text.as_bytes())?;
        if is_new {
            self.remove_before(month);
        }
        Ok(())
    }

    /// Removes the files of months that are too long ago; what cannot be removed is tried again next month.
    fn remove_before(&self, month: &str) {
        let Some(newest) = number(month) else { return };
        for (path, number) in self.files().unwrap_or_default() {
            if number <= newest - KEPT {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// The files with the numbers of their months, the oldest first.
    pub(super) fn files(&self) -> io::Result<Vec<(PathBuf, i32)>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let Some(name) = name.to_str().filter(|name| name.ends_with(".jsonl")) else { continue };
            if let Some(number) = name.get(..7).and_then(number) {
                files.push((self.directory.join(name), number));
            }
        }
        files.sort_by_key(|(path, number)| (*number, !path.to_string_lossy().ends_with(".old.jsonl")));
        Ok(files)
    }

    /// The lines of the months `within` (first and last, as [`number`]s; all when `None`), the oldest first. A line that
    /// was torn by a crash is left out.
    ///
    /// # Errors
    /// When a file is there and cannot be read, naming it.
    pub(super) fn lines<T: DeserializeOwned>(&self, within: Option<(i32, i32)>) -> io::Result<Vec<T>> {
        let mut lines = Vec::new();
        for (path, number) in self.files()? {
            if within.is_some_and(|(first, last)| number < first || number > last) {
                continue;
            }
            let bytes = fs::read(&path).map_err(|error| at(&path, &error))?;
            lines.extend(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()));
        }
        Ok(lines)
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The month of a day: `2026-11`.
pub(super) fn name(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// Months since year 0 of the month of a day.
pub(super) fn number_of(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month())
}

/// Months since year 0 of `2026-11`.
fn number(month: &str) -> Option<i32> {
    let (year, month) = month.split_once('-')?;
    Some(year.parse::<i32>().ok()? * 12 + month.parse::<i32>().ok()?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_is_the_same_by_day_and_by_name() {
        for day in [date(2026, 1, 1), date(2026, 11, 30), date(2025, 12, 31)] {
            assert_eq!(number(&name(day)), Some(number_of(day)));
        }
        assert_eq!(number("backups"), None);
    }

    #[test]
    fn full_files_are_begun_again_and_what_is_old_goes() {
        let directory = tempfile::tempdir().unwrap();
        let months = Months { directory: directory.path().join("m"), full: 40 };
        for day in ["2025-01", "2025-10", "2026-11"] {
            for line in ["first", "second", "third"] {
                months.append(day, [format!("{line} line of {day}")].iter()).unwrap();
            }
        }
        let numbers = months.files().unwrap().into_iter().map(|(_, number)| number).collect::<Vec<_>>();
        assert_eq!(numbers, [2026 * 12 + 11; 2], "thirteen months");
        let lines: Vec<String> = months.lines(None).unwrap();
        assert_eq!(lines, ["first", "second", "third"].map(|line| format!("{line} line of 2026-11")));
        let before = (0, 2026 * 12 + 10);
        assert_eq!(months.lines::<String>(Some(before)).unwrap(), [""; 0]);
    }
}
