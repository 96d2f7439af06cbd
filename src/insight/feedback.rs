//! "Did this solve it?": votes on documents, one JSON line each in `.helpmark/feedback/votes.jsonl`.
//!
//! Nothing says who voted. The file is bounded: at [`FULL`] it becomes `votes.1.jsonl`, over the one before.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::disk::{self, DiskError};

/// Bytes after which a new file is begun.
const FULL: u64 = 5 * 1024 * 1024;
/// Characters of a comment that are kept.
pub const LONGEST_COMMENT: usize = 1_000;

/// One answer to "did this solve it?".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub at: Timestamp,
    /// Relative to `content/`.
    pub path: String,
    pub helpful: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// The votes of one site.
#[derive(Debug)]
pub struct Feedback {
    directory: PathBuf,
    full: u64,
    writing: Mutex<()>,
}

impl Feedback {
    /// The votes under `.helpmark/`; nothing is created before the first vote.
    pub fn new(state_dir: &Path) -> Self {
        Self { directory: state_dir.join("feedback"), full: FULL, writing: Mutex::new(()) }
    }

    /// The file that grows.
    fn file(&self) -> PathBuf {
        self.directory.join("votes.jsonl")
    }

    fn older(&self) -> PathBuf {
        self.directory.join("votes.1.jsonl")
    }

    /// Appends a vote.
    ///
    /// # Errors
    /// Naming the file that could not be written.
    pub fn record(&self, vote: &Vote) -> io::Result<()> {
        let path = self.file();
        self.append(vote).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }

    fn append(&self, vote: &Vote) -> io::Result<()> {
        let mut line = serde_json::to_string(vote)?;
        line.push('\n');
        // The lock guards a file, not a value: a panic under it leaves nothing to mend.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir_all(&self.directory)?;
        if fs::metadata(self.file()).is_ok_and(|metadata| metadata.len() >= self.full) {
            fs::rename(self.file(), self.older())?;
        }
        // One write for the whole line: with O_APPEND two processes do not mix theirs.
        let file = disk::open_log(&self.file());
        file.map_err(|error| match error {
            DiskError::Io { source, .. } => source,
            other => io::Error::other(other),
        })?
        .write_all(line.as_bytes())
    }

    /// Every vote kept, the oldest first. A line that was torn by a crash is left out.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn votes(&self) -> io::Result<Vec<Vote>> {
        let mut votes = Vec::new();
        for path in [self.older(), self.file()] {
            match fs::read(&path) {
                Ok(bytes) => votes
                    .extend(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
            }
        }
        Ok(votes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(path: &str, comment: &str) -> Vote {
        Vote { at: Timestamp::UNIX_EPOCH, path: path.to_owned(), helpful: false, comment: comment.to_owned() }
    }

    #[test]
    fn votes_come_back_in_order_and_torn_lines_do_not_hide_others() {
        let directory = tempfile::tempdir().unwrap();
        let feedback = Feedback::new(directory.path());
        assert_eq!(feedback.votes().unwrap(), []);
        feedback.record(&vote("articles/a.md", "第一行\n第二行")).unwrap();
        fs::OpenOptions::new().append(true).open(feedback.file()).unwrap().write_all(b"{\"at\":\n").unwrap();
        feedback.record(&vote("articles/b.md", "")).unwrap();
        assert_eq!(feedback.votes().unwrap(), [vote("articles/a.md", "第一行\n第二行"), vote("articles/b.md", "")]);
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(feedback.file()).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "people write more into a comment than they should");
    }

    #[test]
    fn the_files_are_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let feedback = Feedback { full: 1_000, ..Feedback::new(directory.path()) };
        for n in 0..100 {
            feedback.record(&vote(&format!("articles/{n}.md"), "")).unwrap();
        }
        let size: u64 =
            fs::read_dir(&feedback.directory).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        assert!(size < 2_200, "{size}");
        let votes = feedback.votes().unwrap();
        assert_eq!(votes.last().unwrap().path, "articles/99.md");
        assert!(votes.len() > 10);
    }
}
