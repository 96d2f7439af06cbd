//! The names of files that are there, or are about to be, and that the folder's list does not have yet.
//!
//! The list is written once a build is done and a server's folder rests. What a process that was killed had made until
//! then is known from here alone: without it, the page of an article that is private since would stay for ever.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Beside the list. One name a line, as a JSON string.
const JOURNAL_FILE: &str = ".manifest.journal";

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: Option<File>,
}

impl Journal {
    /// The journal of the built site in `dir`, which may have none.
    pub(super) fn of(dir: &Path) -> Self {
        Self { path: dir.join(JOURNAL_FILE), file: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes a name. It survives the end of the process, not that of the machine: nothing is fsynced.
    pub(super) fn note(&mut self, name: &str) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::options().create(true).append(true).open(&self.path)?),
        };
        // On a line of its own, even where the last one was not written to its end.
        file.write_all(format!("\n{}", serde_json::to_string(name)?).as_bytes())
    }

    /// The names in it. A line that was not written to its end names nothing that is there.
    pub(super) fn names(&self) -> Vec<String> {
        let text = fs::read(&self.path).unwrap_or_default();
        text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Forgets them: the list has them now.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.file = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
