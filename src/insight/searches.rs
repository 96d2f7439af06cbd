//! What people search for: one JSON line per question and batch in `.helpmark/searches/2026-11.jsonl`.
//!
//! A line says that a question was asked so many times on a day, whether anything answered it, how often a result was
//! opened and how often it became a ticket. It says nothing about who asked: no address, no cookie, no time of the day,
//! and the question is masked ([`super::words`]). Events are counted in memory and written in batches by whoever calls
//! [`SearchLog::flush`] every few seconds, so a request never waits for the disk and a crash loses those seconds.
//! Bounded as [`super::months`] says.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::months::{self, Months};
use super::words;

/// Bytes after which a month's file is begun again.
const FULL: u64 = 4 << 20;
/// Different questions that wait to be written; more of them are not counted.
const WAITING: usize = 10_000;

/// What a batch knows of one question on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub day: Date,
    /// As [`words::normal`] leaves it.
    pub query: String,
    /// How often it was asked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub searches: u32,
    /// How often nothing good enough was found.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unanswered: u32,
    /// Documents found the last time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hits: u32,
    /// How often a result was opened.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub opened: u32,
    /// How often it became a ticket.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tickets: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Something that happened to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It was asked; `weak` when nothing good enough was found.
    Searched { hits: usize, weak: bool },
    /// One of its results was opened.
    Opened,
    /// A ticket was filed after it.
    BecameTicket,
}

impl Line {
    fn new(day: Date, query: &str) -> Self {
        Self { day, query: query.to_owned(), searches: 0, unanswered: 0, hits: 0, opened: 0, tickets: 0 }
    }

    fn add(&mut self, event: Event) {
        match event {
            Event::Searched { hits, weak } => {
                self.searches += 1;
                self.unanswered += u32::from(weak || hits == 0);
                self.hits = u32::try_from(hits).unwrap_or(u32::MAX);
            }
            Event::Opened => self.opened += 1,
            Event::BecameTicket => self.tickets += 1,
        }
    }
}

/// The search log of one site.
#[derive(Debug)]
pub struct SearchLog {
    months: Months,
    waiting: Mutex<HashMap<(Date, String), Line>>,
    writing: Mutex<()>,
}

impl SearchLog {
    /// The log under `.helpmark/`; nothing is created before the first batch.
    pub fn new(state_dir: &Path) -> Self {
        let months = Months { directory: state_dir.join("searches"), full: FULL };
        Self { months, waiting: Mutex::default(), writing: Mutex::default() }
    }

    /// Counts an event, in memory.
    pub fn record(&self, day: Date, query: &str, event: Event) {
        let query = words::normal(query);
        if query.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let full = waiting.len() >= WAITING;
        let key = (day, query);
        if full && !waiting.contains_key(&key) {
            return;
        }
        let line = Line::new(day, &key.1);
        waiting.entry(key).or_insert(line).add(event);
    }

    /// Writes what waits. What cannot be written waits on.
    ///
    /// # Errors
    /// Naming the file that could not be written.
    pub fn flush(&self) -> io::Result<()> {
        // The lock guards files, not a value: a panic under it leaves nothing to mend.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_month: HashMap<String, Vec<(Date, String)>> = HashMap::new();
        for key in waiting.keys() {
            by_month.entry(months::name(key.0)).or_default().push(key.clone());
        }
        let mut outcome = Ok(());
        for (month, mut keys) in by_month {
            // In the order of the alphabet: not even the order of two questions is kept.
            keys.sort();
            let lines = keys.iter().filter_map(|key| waiting.get(key));
            match self.months.append(&month, lines) {
                Ok(()) => keys.iter().for_each(|key| drop(waiting.remove(key))),
                Err(error) => outcome = Err(error),
            }
        }
        self.keep_waiting(waiting);
        outcome
    }

    fn keep_waiting(&self, unwritten: HashMap<(Date, String), Line>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, line) in unwritten {
            let has_room = waiting.len() < WAITING;
            match waiting.get_mut(&key) {
                Some(newer) => merge(newer, &line),
                None if has_room => drop(waiting.insert(key, line)),
                None => {}
            }
        }
    }

    /// The lines of the days from `from` to `to`, both included. A line that was torn by a crash is left out.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn lines(&self, from: Date, to: Date) -> io::Result<Vec<Line>> {
        let mut lines = self.months.lines::<Line>(Some((months::number_of(from), months::number_of(to))))?;
        lines.retain(|line| (from..=to).contains(&line.day));
        Ok(lines)
    }
}

/// Adds the counts of `other`, a line of the same question.
pub(super) fn merge(line: &mut Line, other: &Line) {
    line.searches += other.searches;
    line.unanswered += other.unanswered;
    line.opened += other.opened;
    line.tickets += other.tickets;
    if other.searches > 0 && other.day >= line.day {
        line.hits = other.hits;
    }
    line.day = line.day.max(other.day);
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    use jiff::civil::date;

    use super::*;

    const FOUND: Event = Event::Searched { hits: 3, weak: false };
    const NOTHING: Event = Event::Searched { hits: 0, weak: true };

    #[test]
    fn events_are_counted_per_question_and_day() {
        let directory = tempfile::tempdir().unwrap();
        let log = SearchLog::new(directory.path());
        let (one, two) = (date(2026, 11, 30), date(2026, 12, 1));
        for (day, query, event) in [
            (one, "VPN  连不上", FOUND),
            (one, "vpn 连不上", Event::Opened),
            (one, " ", FOUND),
            (two, "vpn 连不上", NOTHING),
            (two, "vpn 连不上", Event::BecameTicket),
        ] {
            log.record(day, query, event);
        }
        assert_eq!(log.lines(one, two).unwrap(), [], "nothing is written before the batch");
        log.flush().unwrap();
        log.flush().unwrap();
        let lines = log.lines(one, two).unwrap();
        let counts = lines.iter().map(|l| (l.searches, l.unanswered, l.hits, l.opened, l.tickets)).collect::<Vec<_>>();
        assert_eq!(counts, [(1, 0, 3, 1, 0), (1, 1, 0, 0, 1)]);
        assert_eq!(log.lines(two, two).unwrap().len(), 1);
        let text = fs::read_to_string(log.months.file("2026-11")).unwrap();
        assert_eq!(text, "{\"day\":\"2026-11-30\",\"query\":\"vpn 连不上\",\"searches\":1,\"hits\":3,\"opened\":1}\n");
    }

    #[test]
    fn only_the_owner_may_read_it_and_torn_lines_hide_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let log = SearchLog::new(directory.path());
        let day = date(2026, 11, 23);
        log.record(day, "li.si@example.com 密码", FOUND);
        log.flush().unwrap();
        let path = log.months.file("2026-11");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!fs::read_to_string(&path).unwrap().contains("li.si"));
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"day\":\n").unwrap();
        log.record(day, "outlook", FOUND);
        log.flush().unwrap();
        assert_eq!(log.lines(day, day).unwrap().len(), 2);
    }

    #[test]
    fn files_and_memory_are_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let mut log = SearchLog::new(directory.path());
        log.months.full = 2_000;
        let mut day = date(2024, 1, 1);
        for month in 0..30 {
            for batch in 0..30 {
                log.record(day, &format!("问题 {month} {batch}"), FOUND);
                log.flush().unwrap();
            }
            day = day.checked_add(jiff::Span::new().months(1)).unwrap();
        }
        let size: u64 =
            fs::read_dir(&log.months.directory).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
        assert!(size < 13 * 2 * 2_200, "{size}");
        let months = log.months.files().unwrap().iter().map(|file| file.1).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(months.len(), 13);
        for number in 0..WAITING + 10 {
            log.record(day, &format!("q{number}x"), FOUND);
        }
        assert_eq!(log.waiting.lock().unwrap().len(), WAITING);
    }

    #[test]
    fn what_cannot_be_written_waits() {
        let directory = tempfile::tempdir().unwrap();
        let log = SearchLog::new(directory.path());
        let day = date(2026, 11, 23);
        fs::write(directory.path().join("searches"), "in the way").unwrap();
        log.record(day, "vpn", FOUND);
        assert!(log.flush().unwrap_err().to_string().contains("2026-11.jsonl"));
        fs::remove_file(directory.path().join("searches")).unwrap();
        log.record(day, "vpn", Event::Opened);
        log.flush().unwrap();
        assert_eq!(log.lines(day, day).unwrap()[0].opened, 1);
        assert_eq!(log.lines(day, day).unwrap()[0].searches, 1);
    }
}
