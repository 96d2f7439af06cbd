//! Where uploads wait until their ticket exists: `.helpmark/staging/<process>/<submission>/`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::attachment::{FileKind, Sniffer};
use super::{Attachment, AttachmentError, Limits, clean_name, secret};
use crate::disk::{self, DiskError, Lock};

/// A process's own directory below `.helpmark/staging/`, locked as long as the process lives: what carries no lock
/// was left by a crash. Goes when the process ends in order.
#[derive(Debug)]
pub(super) struct Area {
    dir: PathBuf,
    _lock: Option<Lock>,
    /// When the disk was looked at, and whether something could be written.
    looked: Mutex<Option<(Instant, bool)>>,
}

/// How long a look at the disk holds, and what has to fit: some tickets with their directories.
const LOOK: Duration = Duration::from_secs(2);
static ROOM: [u8; 64 * 1024] = [0; 64 * 1024];

impl Area {
    /// Makes one, and sweeps what crashed processes left. Call it with the tree's lock held, so that nobody sweeps a
    /// directory between its making and its locking.
    pub(super) fn make(staging: &Path) -> Result<Self, AttachmentError> {
        disk::make_dirs(staging)?;
        sweep(staging);
        let dir = staging.join(random_name()?);
        disk::make_dirs(&dir)?;
        let lock = disk::try_lock(&dir)?;
        Ok(Self { dir, _lock: lock, looked: Mutex::new(None) })
    }

    /// Whether something fits on the disk now. Asked for is what a file system charges at once, not that it is flushed.
    pub(super) fn has_room(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, room)) = *looked
            && at.elapsed() < LOOK
        {
            return room;
        }
        let room = self.fresh().is_ok_and(|probe| {
            let written = disk::open_new(&probe, 0o600).is_ok_and(|mut file| file.write_all(&ROOM).is_ok());
            let _ = fs::remove_file(&probe);
            written
        });
        *looked = Some((Instant::now(), room));
        room
    }

    /// A path that nobody uses yet.
    pub(super) fn fresh(&self) -> Result<PathBuf, AttachmentError> {
        Ok(self.dir.join(random_name()?))
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // What stays behind is swept at the next start.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Removes the directories of processes that are gone. Best effort: litter harms nobody.
fn sweep(staging: &Path) {
    for entry in fs::read_dir(staging).into_iter().flatten().flatten() {
        if let Ok(Some(_lock)) = disk::try_lock(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn random_name() -> Result<String, AttachmentError> {
    let bytes = secret::random().map_err(AttachmentError::Random)?;
    Ok(secret::hex(&bytes[..8]))
}

/// The files of one submission. Dropping it throws away what no ticket took.
#[derive(Debug)]
pub struct Staging {
    area: Arc<Area>,
    limits: Limits,
    dir: Option<PathBuf>,
    files: Vec<Attachment>,
}

/// A file on its way in.
pub struct Upload {
    file: File,
    path: PathBuf,
    name: String,
    stored: String,
    size: u64,
    limit: u64,
    digest: Sha256,
    sniffer: Sniffer,
}

impl Staging {
    pub(super) fn new(area: Arc<Area>, limits: Limits) -> Self {
        Self { area, limits, dir: None, files: Vec::new() }
    }

    /// Starts a file that the requester calls `name`.
    ///
    /// # Errors
    /// When there are too many, the extension is not one that is taken, or the disk fails.
    pub fn begin(&mut self, name: &str) -> Result<Upload, AttachmentError> {
        if self.files.len() >= self.limits.count {
            return Err(AttachmentError::TooMany { limit: self.limits.count });
        }
        let name = clean_name(name);
        let Some(kind) = FileKind::of(&name) else { return Err(AttachmentError::Type { name }) };
        let dir = match &self.dir {
            Some(dir) => dir.clone(),
            None => {
                let dir = self.area.fresh()?;
                disk::make_dirs(&dir)?;
                self.dir.insert(dir).clone()
            }
        };
        let stored = format!("{}-{}.{}", self.files.len() + 1, random_name()?, kind.extension());
        let path = dir.join(&stored);
        let file = disk::open_new(&path, 0o640)?;
        let (digest, sniffer) = (Sha256::new(), Sniffer::new(kind));
        Ok(Upload { file, path, name, stored, size: 0, limit: self.limits.size, digest, sniffer })
    }

    /// Flushes a file that is complete, and takes it in.
    ///
    /// # Errors
    /// When it is empty, its content and extension disagree, or the disk fails; the file is then gone.
    pub fn finish(&mut self, upload: Upload) -> Result<(), AttachmentError> {
        let Upload { file, path, name, stored, size, digest, sniffer, .. } = upload;
        let verdict = match size {
            0 => Err(AttachmentError::Empty { name: name.clone() }),
            _ if !sniffer.agrees() => Err(AttachmentError::Mismatch { name: name.clone() }),
            _ => disk::sync_file(&file, &path).map_err(AttachmentError::from),
        };
        if verdict.is_err() {
            let _ = fs::remove_file(&path);
        }
        verdict?;
        self.files.push(Attachment {
            file: stored,
            name,
            size,
            sha256: secret::hex(&digest.finalize()),
            ..Attachment::default()
        });
        Ok(())
    }

    /// What was taken in so far.
    pub fn files(&self) -> &[Attachment] {
        &self.files
    }

    /// Flushes the names of the files: after this only the place of the directory is missing.
    pub(super) fn seal(&self) -> Result<(), DiskError> {
        self.dir.as_deref().filter(|_| !self.files.is_empty()).map_or(Ok(()), disk::sync_dir)
    }

    /// The directory with all files, where there are any.
    pub(super) fn dir(&self) -> Option<&Path> {
        self.dir.as_deref().filter(|_| !self.files.is_empty())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(dir) = &self.dir {
            // Moved to its ticket, or unwanted; the sweep at the next start takes what resists.
            let _ = fs::remove_dir_all(dir);
        }
    }
}

impl Upload {
    /// Appends a piece.
    ///
    /// # Errors
    /// When the file grows too large, or the disk fails.
    pub fn write(&mut self, chunk: &[u8]) -> Result<(), AttachmentError> {
        self.size += chunk.len() as u64;
        if self.size > self.limit {
            return Err(AttachmentError::TooLarge { name: self.name.clone(), limit: self.limit });
        }
        self.digest.update(chunk);
        self.sniffer.feed(chunk);
        self.file
            .write_all(chunk)
            .map_err(|source| DiskError::Io { action: "write", path: self.path.clone(), source }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staging(dir: &Path, count: usize, size: u64) -> Staging {
        Staging::new(Arc::new(Area::make(dir).unwrap()), Limits { count, size })
    }

    #[test]
    fn takes_good_files_and_forgets_bad_ones() {
        let dir = tempfile::tempdir().unwrap();
        let mut staging = staging(dir.path(), 1, 10);
        let mut upload = staging.begin("a.png").unwrap();
        upload.write(b"no png").unwrap();
        assert!(matches!(staging.finish(upload), Err(AttachmentError::Mismatch { .. })));
        let empty = staging.begin("a.txt").unwrap();
        assert!(matches!(staging.finish(empty), Err(AttachmentError::Empty { .. })));
        let mut upload = staging.begin("日志.TXT").unwrap();
        upload.write(b"12345").unwrap();
        staging.finish(upload).unwrap();
        let file = staging.files()[0].clone();
        assert_eq!((file.name.as_str(), file.size, file.sha256.len()), ("日志.TXT", 5, 64));
        assert!(file.file.starts_with("1-") && file.file.ends_with(".txt"), "{}", file.file);
        assert!(matches!(staging.begin("b.txt"), Err(AttachmentError::TooMany { limit: 1 })));
        let kept = staging.dir().unwrap().to_owned();
        assert_eq!(fs::read_dir(&kept).unwrap().count(), 1);
        drop(staging);
        assert!(!kept.exists());
    }

    #[test]
    fn a_file_is_cut_off_at_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let mut staging = staging(dir.path(), 9, 10);
        let mut upload = staging.begin("a.txt").unwrap();
        upload.write(b"12345").unwrap();
        assert!(matches!(upload.write(b"123456"), Err(AttachmentError::TooLarge { limit: 10, .. })));
        assert!(matches!(staging.begin("a.exe"), Err(AttachmentError::Type { .. })));
    }

    #[test]
    fn the_sweep_spares_the_living() {
        let dir = tempfile::tempdir().unwrap();
        let dead = dir.path().join("dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("half"), "x").unwrap();
        let first = Area::make(dir.path()).unwrap();
        assert!(!dead.exists());
        let second = Area::make(dir.path()).unwrap();
        assert!(first.dir.exists() && second.dir.exists());
    }
}
