//! Who did what when: append-only, each line chained to the one before by hash, apart from the tickets.
//!
//! `.helpmark/audit/<year>.jsonl`. A line names the ticket, the account, the step and what the ticket's file was after
//! it; it holds nothing of what was written, so that erasing a person's data leaves the chain whole.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::disk::{self, DiskError};
use crate::ticket::{Moment, Status, TicketId};

/// Bytes from the end of a file in which its last line is looked for.
const TAIL: u64 = 64 * 1024;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub at: Moment,
    pub ticket: TicketId,
    /// An account, `requester`, `system`, or `file` for an edit that came through none of the program's doors.
    pub by: String,
    pub role: String,
    /// The key of a step, `file`, `erase`; for what came through none of the program's doors `edit`, `refused` (a status
    /// that no step leads to), `recovered`, `found` and `missing`.
    pub action: String,
    /// The status after it.
    pub status: String,
    /// How many entries the ticket's history has after it.
    pub steps: usize,
    /// The first 16 hexadecimal digits of the BLAKE3 hash of the ticket's file after it.
    pub file: String,
}

impl Record {
    /// What it knows of its ticket.
    pub fn cursor(&self) -> Cursor {
        Cursor {
            steps: self.steps,
            status: Status::from_key(&self.status),
            refused: self.action == "refused",
            missing: self.action == "missing",
            file: u64::from_str_radix(&self.file, 16).unwrap_or(0),
        }
    }
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    n: u64,
    #[serde(flatten)]
    record: Record,
    /// The `sum` of the line before; empty on the first.
    prev: String,
    /// BLAKE3 over `prev` and this line without `sum`.
    sum: String,
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// The number of the last line; 0 when there is none.
    pub n: u64,
    pub sum: String,
}

/// What the audit knows of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub steps: usize,
    /// `None` for a word that is no status.
    pub status: Option<Status>,
    /// Whether its file said a status that no step leads to.
    pub refused: bool,
    /// Whether its file was gone.
    pub missing: bool,
    /// The first 8 bytes of the hash of its file.
    pub file: u64,
}

/// A chain that is not whole.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("{}:{line}: {what}", path.display())]
    Broken { path: PathBuf, line: usize, what: String },
    #[error("a line could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The audit of one site. Cheap to clone; its methods touch the disk and block.
#[derive(Debug, Clone)]
pub struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    /// This process's writers queue here, before the lock between processes.
    writing: Mutex<()>,
    seen: Mutex<Seen>,
}

/// What was read of the files so far: they only grow.
#[derive(Debug, Default)]
struct Seen {
    /// Bytes of each file up to the end of its last whole line.
    read: HashMap<PathBuf, u64>,
    cursors: HashMap<TicketId, Cursor>,
}

impl Audit {
    /// The audit under `.helpmark/`; nothing is made before the first line.
    pub fn open(state_dir: &Path) -> Self {
        Self(Arc::new(Inner { dir: state_dir.join("audit"), writing: Mutex::new(()), seen: Mutex::default() }))
    }

    /// Appends lines, durably.
    ///
    /// # Errors
    /// What kept them from being written; the file then ends where it ended before, or with a torn line that the next
    /// call cuts off.
    pub fn append(&self, records: &[Record]) -> Result<(), AuditError> {
        let Some(first) = records.first() else { return Ok(()) };
        let _queue = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        disk::make_dirs(&self.0.dir)?;
        let _lock = disk::lock(&self.0.dir.join("lock"))?;
        let year = first.at.to_string()[..4].to_owned();
        let last = self.files()?.pop();
        let own = self.0.dir.join(format!("{year}.jsonl"));
        // A clock that went back writes on where the chain ends.
        let path = last.clone().filter(|last| *last > own).unwrap_or(own);
        let mut head = match &last {
            Some(last) => end_of(last)?,
            None => Head::default(),
        };
        if head.n == 0
            && let Some(before) = last.as_ref().and_then(|last| self.before(last))
        {
            head = end_of(&before)?;
        }
        let io = |source| DiskError::Io { action: "append to", path: path.clone(), source };
        let fresh = !path.exists();
        let mut file = disk::open_log(&path)?;
        let mut text = String::new();
        for record in records {
            let mut line = Line { n: head.n + 1, record: record.clone(), prev: head.sum, sum: String::new() };
            line.sum = sum(&line)?;
            head = Head { n: line.n, sum: line.sum.clone() };
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
        }
        file.write_all(text.as_bytes()).map_err(io)?;
        disk::sync_file(&file, &path)?;
        if fresh {
            disk::sync_dir(&self.0.dir)?;
        }
        Ok(())
    }

    fn before(&self, file: &Path) -> Option<PathBuf> {
        self.files().ok()?.into_iter().rfind(|path| path.as_path() < file)
    }

    /// The yearly files, in order.
    fn files(&self) -> Result<Vec<PathBuf>, DiskError> {
        let entries = match fs::read_dir(&self.0.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(DiskError::Io { action: "list", path: self.0.dir.clone(), source }),
        };
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|kind| kind == "jsonl"));
        files.sort();
        Ok(files)
    }

    /// Goes through the whole chain.
    ///
    /// # Errors
    /// The first line that is not what was written, or does not follow the one before.
    pub fn verify(&self) -> Result<Head, AuditError> {
        let mut head = Head::default();
        self.each(|path, number, line| {
            let broken = |what: String| AuditError::Broken { path: path.to_owned(), line: number, what };
            if line.n != head.n + 1 {
                return Err(broken(format!(
                    "line {} follows line {}: lines are missing or were added",
                    line.n, head.n
                )));
            }
            if line.prev != head.sum {
                return Err(broken("it does not follow the line before it: one of the two was changed".to_owned()));
            }
            if sum(&line)? != line.sum {
                return Err(broken("its words are not those its sum was made from: it was changed".to_owned()));
            }
            head = Head { n: line.n, sum: line.sum };
            Ok(())
        })?;
        Ok(head)
    }

    /// The sum of line `n`, if there is one.
    ///
    /// # Errors
    /// As [`Audit::of_ticket`].
    pub fn sum_of(&self, n: u64) -> Result<Option<String>, AuditError> {
        let mut found = None;
        self.each(|_, _, line| {
            if line.n == n {
                found = Some(line.sum);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The lines about one ticket.
    ///
    /// # Errors
    /// As [`Audit::verify`], for lines that cannot be read.
    pub fn of_ticket(&self, ticket: TicketId) -> Result<Vec<Record>, AuditError> {
        let mut found = Vec::new();
        self.each(|_, _, line| {
            if line.record.ticket == ticket {
                found.push(line.record);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `work` with what the audit last knew of every ticket. Reads what was appended since the last call, by
    /// whatever process.
    ///
    /// # Errors
    /// As [`Audit::of_ticket`].
    pub fn with_cursors<T>(&self, work: impl FnOnce(&HashMap<TicketId, Cursor>) -> T) -> Result<T, AuditError> {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for path in self.files()? {
            let io = |source| DiskError::Io { action: "read", path: path.clone(), source };
            let mut file = File::open(&path).map_err(io)?;
            let length = file.metadata().map_err(io)?.len();
            let mut from = seen.read.get(&path).copied().unwrap_or(0);
            if length < from {
                // Somebody put another file here.
                from = 0;
            }
            file.seek(SeekFrom::Start(from)).map_err(io)?;
            let mut reader = BufReader::with_capacity(1 << 20, file);
            let mut text = String::new();
            for number in 1.. {
                text.clear();
                let bytes = reader.read_line(&mut text).map_err(io)?;
                if bytes == 0 || !text.ends_with('\n') {
                    break;
                }
                let line: Line = serde_json::from_str(&text).map_err(|error| AuditError::Broken {
                    path: path.clone(),
                    line: number,
                    what: format!("it is not a line of the audit: {error}"),
                })?;
                seen.cursors.insert(line.record.ticket, line.record.cursor());
                from += bytes as u64;
            }
            seen.read.insert(path, from);
        }
        Ok(work(&seen.cursors))
    }

    /// What the audit last knew of one ticket. A process that has not read the audit yet, and wants to know no more, looks
    /// for the ticket's last line alone.
    ///
    /// # Errors
    /// As [`Audit::of_ticket`].
    pub fn cursor_of(&self, ticket: TicketId) -> Result<Option<Cursor>, AuditError> {
        if !self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).read.is_empty() {
            return self.with_cursors(|known| known.get(&ticket).copied());
        }
        let own = format!("\"ticket\":\"{ticket}\"");
        for path in self.files()?.into_iter().rev() {
            let text =
                fs::read(&path).map_err(|source| DiskError::Io { action: "read", path: path.clone(), source })?;
            let whole = memchr::memrchr(b'\n', &text).map_or(0, |at| at + 1);
            let Some(at) = memchr::memmem::rfind(&text[..whole], own.as_bytes()) else { continue };
            let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |at| at + 1);
            let end = memchr::memchr(b'\n', &text[at..]).map_or(whole, |length| at + length);
            let line: Line = serde_json::from_slice(&text[start..end]).map_err(|error| AuditError::Broken {
                path: path.clone(),
                line: memchr::memchr_iter(b'\n', &text[..start]).count() + 1,
                what: format!("it is not a line of the audit: {error}"),
            })?;
            return Ok(Some(line.record.cursor()));
        }
        Ok(None)
    }

    /// Every line; a torn one at the very end was never promised to anybody and is left out.
    fn each(&self, mut work: impl FnMut(&Path, usize, Line) -> Result<(), AuditError>) -> Result<(), AuditError> {
        let files = self.files()?;
        for (index, path) in files.iter().enumerate() {
            let io = |source| DiskError::Io { action: "read", path: path.clone(), source };
            let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(io)?);
            let mut text = String::new();
            for number in 1.. {
                text.clear();
                if reader.read_line(&mut text).map_err(io)? == 0 {
                    break;
                }
                let torn = !text.ends_with('\n') && index + 1 == files.len();
                match serde_json::from_str::<Line>(&text) {
                    Ok(line) if !torn => work(path, number, line)?,
                    _ if torn => break,
                    Ok(_) => {}
                    Err(error) => {
                        let what = format!("it is not a line of the audit: {error}");
                        return Err(AuditError::Broken { path: path.clone(), line: number, what });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The first 16 digits of a hash, as a line has them.
pub fn short(hash: blake3::Hash) -> String {
    hash.to_hex()[..16].to_owned()
}

fn sum(line: &Line) -> Result<String, serde_json::Error> {
    let bare = Line { sum: String::new(), ..line.clone() };
    Ok(blake3::hash(serde_json::to_string(&bare)?.as_bytes()).to_hex().to_string())
}

/// Where the chain in this file ends. A torn last line is cut off: nobody was told that it was written.
fn end_of(path: &Path) -> Result<Head, AuditError> {
    let io = |source| DiskError::Io { action: "read", path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let start = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start)).map_err(io)?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).map_err(io)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < tail.len() {
        tracing::warn!(path = %path.display(), "a line of the audit was torn by a crash and is cut off");
        file.set_len(start + whole as u64).map_err(io)?;
        disk::sync_file(&file, path)?;
    }
    let text = String::from_utf8_lossy(&tail[..whole]);
    let Some(last) = text.trim_end().rsplit('\n').next().filter(|line| !line.is_empty()) else {
        return Ok(Head::default());
    };
    let line: Line = serde_json::from_str(last).map_err(|error| AuditError::Broken {
        path: path.to_owned(),
        line: 0,
        what: format!("its last line is not a line of the audit: {error}; move the file away to start a new chain"),
    })?;
    Ok(Head { n: line.n, sum: line.sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(steps: usize, year: &str) -> Record {
        Record {
            at: format!("{year}-11-23T09:00:00+08:00").parse().unwrap(),
            ticket: "TS202611230001".parse().unwrap(),
            by: "li".into(),
            role: "agent".into(),
            action: "accept".into(),
            status: "accepted".into(),
            steps,
            file: "00000000000000ff".into(),
        }
    }

    fn file(dir: &Path, year: &str) -> PathBuf {
        dir.join(format!("audit/{year}.jsonl"))
    }

    #[test]
    fn every_change_to_the_past_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path());
        assert_eq!(audit.verify().unwrap(), Head::default());
        for steps in 1..=3 {
            audit.append(&[record(steps, "2026")]).unwrap();
        }
        // Another process, another year, and a clock that went back.
        let other = Audit::open(dir.path());
        other.append(&[record(4, "2027"), record(5, "2027")]).unwrap();
        audit.append(&[record(6, "2026")]).unwrap();
        assert_eq!(audit.verify().unwrap().n, 6);
        assert_eq!(audit.of_ticket(record(0, "2026").ticket).unwrap().len(), 6);
        let cursor = audit.with_cursors(|known| known[&record(0, "2026").ticket]).unwrap();
        assert_eq!(
            cursor,
            Cursor { steps: 6, status: Some(Status::Accepted), refused: false, missing: false, file: 255 }
        );
        let elsewhere = Audit::open(dir.path());
        assert_eq!(elsewhere.cursor_of(record(0, "2026").ticket).unwrap(), Some(cursor));
        assert_eq!(elsewhere.cursor_of("TS202611230002".parse().unwrap()).unwrap(), None);
        other.append(&[record(7, "2027")]).unwrap();
        let steps = audit.with_cursors(|known| known[&record(0, "2026").ticket].steps).unwrap();
        assert_eq!(steps, 7, "what another process appended is seen");

        let good = fs::read_to_string(file(dir.path(), "2026")).unwrap();
        let lines: Vec<_> = good.lines().collect();
        for bad in [
            good.replace("\"steps\":2", "\"steps\":9"),
            format!("{}\n{}\n", lines[0], lines[2]),
            format!("{}\n{}\n{}\n", lines[1], lines[0], lines[2]),
            format!("{}\n{}\n", lines[0], lines[1]),
            format!("{good}{{}}\n"),
        ] {
            fs::write(file(dir.path(), "2026"), bad).unwrap();
            assert!(audit.verify().is_err());
        }
        fs::write(file(dir.path(), "2026"), good).unwrap();
        assert!(audit.verify().is_ok());
    }

    #[test]
    fn a_torn_line_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path());
        audit.append(&[record(1, "2026")]).unwrap();
        let path = file(dir.path(), "2026");
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{{\"n\":2,\"at\":")).unwrap();
        assert_eq!(audit.verify().unwrap().n, 1);
        audit.append(&[record(2, "2026")]).unwrap();
        assert_eq!(audit.verify().unwrap().n, 2);
        // A year that began with nothing but a torn line.
        fs::write(file(dir.path(), "2027"), "{\"n\":3").unwrap();
        audit.append(&[record(3, "2027")]).unwrap();
        assert_eq!(audit.verify().unwrap().n, 3);
    }
}
