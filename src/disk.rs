//! Durable files: what is written here survives a power cut, and every error names its path.
//!
//! The order of the calls is the promise (RELIABILITY.md, write protocol): bytes reach the disk before the name that
//! shows them, and the directory that holds the name reaches it before anybody is told.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// The kernel may have dropped the bytes: asking again would report success for lost data, so nobody retries.
    #[error("cannot flush {} to the disk: {source}; check the disk, then restart: until then nothing is written", path.display())]
    Sync { path: PathBuf, source: io::Error },
    #[error("{} is already there", path.display())]
    Exists { path: PathBuf },
    #[error("{} was changed by somebody else meanwhile; read it again, then repeat the change", path.display())]
    Changed { path: PathBuf },
}

impl DiskError {
    fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// No space or no quota left: the same write may succeed later.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if is_full(source))
    }

    /// The file, or a directory on the way to it, is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
    }

    /// What is on the disk is no longer known: write nothing more until the program is restarted.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Sync { .. })
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Flushes a file that nobody else can see yet. Without space that is no mystery: the caller throws the file away.
///
/// # Errors
/// [`DiskError::Sync`], or [`DiskError::Io`] when the disk is full.
pub fn sync_file(file: &File, path: &Path) -> Result<(), DiskError> {
    file.sync_all().map_err(|source| match is_full(&source) {
        true => DiskError::Io { action: "flush", path: path.to_owned(), source },
        false => DiskError::Sync { path: path.to_owned(), source },
    })
}

/// Flushes the names in a directory.
///
/// # Errors
/// Whatever kept the directory from being opened or flushed.
pub fn sync_dir(dir: &Path) -> Result<(), DiskError> {
    let file = File::open(dir).map_err(DiskError::io("open", dir))?;
    file.sync_all().map_err(|source| DiskError::Sync { path: dir.to_owned(), source })
}

/// Makes `dir` and what is missing above it, and flushes the parent of every directory made.
///
/// # Errors
/// The first directory that could not be made or flushed.
pub fn make_dirs(dir: &Path) -> Result<(), DiskError> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    let parent = parent(dir);
    make_dirs(parent)?;
    match fs::create_dir(dir) {
        Ok(()) => sync_dir(parent),
        // Another process was faster; its own flush of the parent may still be under way.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => sync_dir(parent),
        Err(error) => Err(DiskError::io("make the directory", dir)(error)),
    }
}

/// Reads a whole file.
///
/// # Errors
/// Whatever kept it from being read; see [`DiskError::is_missing`].
pub fn read(path: &Path) -> Result<Vec<u8>, DiskError> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(DiskError::io("read", path))?;
    file.read_to_end(&mut bytes).map_err(DiskError::io("read", path))?;
    Ok(bytes)
}

/// Opens a file that must not exist yet.
///
/// # Errors
/// [`DiskError::Exists`], or what kept it from being made.
pub fn open_new(path: &Path, mode: u32) -> Result<File, DiskError> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => DiskError::Exists { path: path.to_owned() },
        _ => DiskError::io("create", path)(source),
    })
}

/// Writes a new file and flushes it (not its directory). A file that could not be finished is taken away again.
///
/// # Errors
/// [`DiskError::Exists`], or what kept it from being written.
pub fn create_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), DiskError> {
    let mut file = open_new(path, mode)?;
    let written = file.write_all(bytes).map_err(DiskError::io("write", path)).and_then(|()| sync_file(&file, path));
    if written.is_err() {
        // The error that matters is the first one; what stays behind is swept at the next start.
        let _ = fs::remove_file(path);
    }
    written
}

/// [`create_new`] with the permissions of `model`, whatever the umask of this process.
fn create_like(model: &Path, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let permissions = fs::metadata(model).map_err(DiskError::io("read", model))?.permissions();
    // Closed to all others until it has them.
    create_new(path, bytes, permissions.mode() & 0o700)?;
    fs::set_permissions(path, permissions).map_err(DiskError::io("set the permissions of", path)).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// Opens a file that is only added to and that the owner alone may read, also where an earlier version of the program
/// made it for everybody.
///
/// # Errors
/// What kept it from being opened.
pub fn open_log(path: &Path) -> Result<File, DiskError> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let file = file.map_err(DiskError::io("append to", path))?;
    if file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
        // A file of another user's stays as they want it.
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
    Ok(file)
}

/// Puts `bytes` in the place of `path`, whole or not at all, by way of `temp` in a directory of the same file system.
///
/// # Errors
/// What kept it from being written; the old file is then still there.
pub fn replace(path: &Path, bytes: &[u8], temp: &Path, mode: u32) -> Result<(), DiskError> {
    create_new(temp, bytes, mode)?;
    if let Err(error) = fs::rename(temp, path) {
        let _ = fs::remove_file(temp);
        return Err(DiskError::io("replace", path)(error));
    }
    sync_dir(parent(path))
}

/// Removes a file; one that is not there is fine. The caller flushes the directory where that matters.
///
/// # Errors
/// What kept it from being removed.
pub fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(DiskError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Moves a finished file or directory to a name that is free, and never over anything (`RENAME_NOREPLACE`).
/// The caller flushes the directory.
///
/// # Errors
/// [`DiskError::Exists`] when the name is taken.
pub fn publish(from: &Path, to: &Path) -> Result<(), DiskError> {
    let error = match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(()),
        Err(error) => io::Error::from(error),
    };
    match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => Err(DiskError::Exists { path: to.to_owned() }),
        // A file system without RENAME_NOREPLACE (NFS): a hard link refuses a taken name as well.
        ErrorKind::InvalidInput | ErrorKind::Unsupported if from.is_file() => link_into_place(from, to),
        _ => Err(DiskError::io("move a finished file to", to)(error)),
    }
}

fn link_into_place(from: &Path, to: &Path) -> Result<(), DiskError> {
    fs::hard_link(from, to).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => DiskError::Exists { path: to.to_owned() },
        _ => DiskError::io("move a finished file to", to)(source),
    })?;
    fs::remove_file(from).map_err(DiskError::io("remove", from))
}

/// The fingerprint that [`update`] compares.
pub fn hash(bytes: &[u8]) -> blake3::Hash {
    blake3::hash(bytes)
}

/// The first 8 bytes of a fingerprint, where many of them are kept.
pub fn short_hash(hash: blake3::Hash) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_be_bytes(bytes)
}

/// How an [`update`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Updated {
    Clean,
    /// Somebody wrote the file in the very moment of the exchange; their text is kept here.
    Conflict {
        copy: PathBuf,
    },
}

/// Replaces a file that is still what the caller read: compare and swap on its hash.
///
/// Comparing first and renaming after loses the edit that lands in between, so the two files change places
/// (`RENAME_EXCHANGE`) and what came out is hashed: if it is not what was read, it becomes the file `conflict`. It is
/// moved and not copied, so that an editor still holding it open goes on writing into the copy that is kept. Whoever
/// could read the file before can read it afterwards, and nobody else.
///
/// # Errors
/// [`DiskError::Changed`] when the file is already another one (nothing was written), or what went wrong.
pub fn update(
    path: &Path,
    expected: blake3::Hash,
    bytes: &[u8],
    temp: &Path,
    conflict: &Path,
) -> Result<Updated, DiskError> {
    if hash(&read(path)?) != expected {
        return Err(DiskError::Changed { path: path.to_owned() });
    }
    create_like(path, temp, bytes)?;
    if let Err(error) = renameat_with(CWD, temp, CWD, path, RenameFlags::EXCHANGE) {
        let _ = fs::remove_file(temp);
        let error = io::Error::from(error);
        return Err(match error.kind() {
            ErrorKind::NotFound => DiskError::Changed { path: path.to_owned() },
            _ => DiskError::io("exchange", path)(error),
        });
    }
    sync_dir(parent(path))?;
    if hash(&read(temp)?) == expected {
        fs::remove_file(temp).map_err(DiskError::io("remove", temp))?;
        return Ok(Updated::Clean);
    }
    publish(temp, conflict)?;
    sync_dir(parent(conflict))?;
    Ok(Updated::Conflict { copy: conflict.to_owned() })
}

/// The directory of a file, `.` for a bare name.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// An exclusive lock between processes and threads; let go when dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Waits for the lock on `path`, a file that is made when it is not there.
///
/// # Errors
/// What kept the lock file from being opened or locked.
pub fn lock(path: &Path) -> Result<Lock, DiskError> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(DiskError::io("open the lock file", path))?;
    file.lock().map_err(DiskError::io("lock", path))?;
    Ok(Lock { _file: file })
}

/// Takes the lock on an existing file or directory if nobody has it.
///
/// # Errors
/// What kept it from being opened or locked, other than its being taken.
pub fn try_lock(path: &Path) -> Result<Option<Lock>, DiskError> {
    let file = File::open(path).map_err(DiskError::io("open", path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(DiskError::io("lock", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("a"), dir.path().join("b"));
        create_new(&from, b"new", 0o600).unwrap();
        create_new(&to, b"old", 0o600).unwrap();
        assert!(matches!(create_new(&to, b"x", 0o600), Err(DiskError::Exists { .. })));
        assert!(matches!(publish(&from, &to), Err(DiskError::Exists { .. })));
        assert!(matches!(link_into_place(&from, &to), Err(DiskError::Exists { .. })));
        assert_eq!(read(&to).unwrap(), b"old");
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::create_dir(dir.path().join("e")).unwrap();
        let taken = publish(&dir.path().join("d"), &dir.path().join("e"));
        assert!(matches!(taken, Err(DiskError::Exists { .. })), "{taken:?}");
    }

    #[test]
    fn an_update_needs_the_file_as_it_was_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ticket.md");
        let (temp, copy) = (dir.path().join("temp"), dir.path().join("copy"));
        create_new(&path, b"one", 0o600).unwrap();
        assert_eq!(update(&path, hash(b"one"), b"two", &temp, &copy).unwrap(), Updated::Clean);
        assert_eq!(read(&path).unwrap(), b"two");
        let stale = update(&path, hash(b"one"), b"three", &temp, &copy);
        assert!(matches!(stale, Err(DiskError::Changed { .. })), "{stale:?}");
        assert_eq!(read(&path).unwrap(), b"two");
        assert!(!temp.exists() && !copy.exists());
    }

    #[test]
    fn whoever_could_read_a_file_can_read_it_after_a_change_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ticket.md");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(&path, "one").unwrap();
        for wanted in [0o640, 0o600, 0o664, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            let before = hash(&read(&path).unwrap());
            update(&path, before, format!("{wanted}").as_bytes(), &dir.path().join("temp"), Path::new("/x")).unwrap();
            assert_eq!(mode(&path), wanted, "{wanted:o}");
        }
        let log = dir.path().join("log");
        open_log(&log).unwrap();
        assert_eq!(mode(&log), 0o600);
        fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
        open_log(&log).unwrap().write_all(b"x").unwrap();
        assert_eq!((mode(&log), read(&log).unwrap()), (0o600, b"x".to_vec()));
    }

    #[test]
    fn racing_editors_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ticket.md");
        fs::write(&path, "start").unwrap();
        let text_of = |path: &Path| String::from_utf8(read(path).unwrap()).unwrap();
        // What the editor saw itself overwrite, and what the server had read or kept.
        let (mut accounted, overwritten) = std::thread::scope(|scope| {
            // An editor that saves by rename, as vim and VS Code do, and knows of no lock.
            let editor = scope.spawn(|| {
                let save = dir.path().join("editor.tmp");
                let save_one = |n| {
                    fs::write(&save, format!("human {n}")).unwrap();
                    renameat_with(CWD, &save, CWD, &path, RenameFlags::EXCHANGE).unwrap();
                    text_of(&save)
                };
                (0..300).map(save_one).collect::<Vec<_>>()
            });
            let mut accounted = Vec::new();
            for n in 0.. {
                if editor.is_finished() {
                    break;
                }
                let seen = text_of(&path);
                let copy = dir.path().join(format!("copy {n}"));
                let bytes = format!("server {n}");
                match update(&path, hash(seen.as_bytes()), bytes.as_bytes(), &dir.path().join("temp"), &copy) {
                    Ok(Updated::Clean) => accounted.push(seen),
                    Ok(Updated::Conflict { copy }) => accounted.push(text_of(&copy)),
                    Err(DiskError::Changed { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            (accounted, editor.join().unwrap())
        });
        accounted.extend(overwritten);
        accounted.push(text_of(&path));
        let lost: Vec<_> = (0..300).map(|n| format!("human {n}")).filter(|text| !accounted.contains(text)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }

    #[test]
    fn an_error_names_the_path_and_a_full_disk_is_told_apart() {
        let missing = read(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(missing.is_missing() && missing.to_string().contains("/nowhere/at/all"));
        let mut full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = full.write_all(b"x").map_err(DiskError::io("write", Path::new("/dev/full"))).unwrap_err();
        assert!(error.is_full() && !error.is_fatal());
    }

    #[test]
    fn a_lock_keeps_the_second_out_until_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = lock(&path).unwrap();
        assert!(try_lock(&path).unwrap().is_none());
        drop(first);
        assert!(try_lock(&path).unwrap().is_some());
    }
}
