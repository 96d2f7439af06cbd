//! Which files are there, or are about to be, that the folder's list does not have yet.
//!
//! The list is written once a build is done and a server's folder rests. What a process that was killed had made until
//! then is known from here alone: without it, the page of an article that is private since would stay for ever. It
//! lies among what the world may read, and a name may tell of what is private since: it holds hashes of names.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Beside the list.
const JOURNAL_FILE: &str = ".manifest.journal";

#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
    file: Option<File>,
}

impl Journal {
    /// The journal of the built site in `dir`, which may have none.
    pub(super) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), file: None }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.join(JOURNAL_FILE)
    }

    /// Notes a file, by its path relative to the folder. The note survives the end of the process, not that of the
    /// machine: nothing is fsynced.
    pub(super) fn note(&mut self, name: &str) -> io::Result<()> {
        let path = self.path();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::options().create(true).append(true).open(path)?),
        };
        // On a line of its own, even where the last one was not written to its end.
        file.write_all(format!("\n{}", line(name)).as_bytes())
    }

    /// The files of the folder that are noted.
    pub(super) fn names(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        let noted: HashSet<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        if noted.is_empty() {
            return Vec::new();
        }
        let files = walkdir::WalkDir::new(&self.dir).into_iter().flatten().filter(|file| file.file_type().is_file());
        let names = files.filter_map(|file| Some(file.path().strip_prefix(&self.dir).ok()?.to_str()?.to_owned()));
        names.filter(|name| noted.contains(line(name).as_str())).collect()
    }

    /// Forgets them: the list has them now.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.file = None;
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn line(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex()[..32].to_owned()
}
