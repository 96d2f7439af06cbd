//! Files of `public/`, known by a manifest: what is there, with its hash, and nothing else is served.

mod journal;
mod leftovers;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::journal::Journal;
use super::shards::Shards;

/// One file of the built site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// blake3 of the bytes, hexadecimal where it is written.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub hash: blake3::Hash,
    /// Bytes.
    pub size: u64,
}

/// Every file of `public/`, by its path relative to it (`articles/network/vpn/index.html`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub files: Shards<Entry>,
}

fn write_hash<S: Serializer>(hash: &blake3::Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hash.to_hex())
}

fn read_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<blake3::Hash, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    blake3::Hash::from_hex(text.as_bytes()).map_err(serde::de::Error::custom)
}

impl Manifest {
    /// The file a URL path stands for: `/a/b/` is `a/b/index.html`. The path is already percent-decoded and has no
    /// base path. `None` when the manifest has no such file: nothing outside it can be named.
    pub fn resolve(&self, path: &str) -> Option<(&str, &Entry)> {
        let relative = path.strip_prefix('/').unwrap_or(path);
        let file = if relative.is_empty() || relative.ends_with('/') {
            std::borrow::Cow::Owned(format!("{relative}index.html"))
        } else {
            std::borrow::Cow::Borrowed(relative)
        };
        self.files.get_key_value(&file)
    }
}

/// The file that lists what a build wrote, in the folder itself: a deploy uploads what changed, the next build
/// removes what is no longer made. It is not part of the site.
pub const MANIFEST_FILE: &str = "manifest.json";

/// A failure to write the built site.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct OutputError {
    pub path: PathBuf,
    pub source: std::io::Error,
}

/// A folder of built files. Files are written only when their bytes differ from what is there.
#[derive(Debug)]
pub struct Output {
    dir: PathBuf,
    files: Mutex<Shards<Entry>>,
    /// What the folder's list has.
    listed: Mutex<Shards<Entry>>,
    /// What is there beyond that.
    journal: Mutex<Journal>,
    directories: Mutex<HashSet<PathBuf>>,
    written: AtomicUsize,
}

impl Output {
    /// Opens `dir`, which may be missing, empty or an earlier build's.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(dir: &Path) -> Result<Self, OutputError> {
        fs::create_dir_all(dir).map_err(|source| OutputError { path: dir.to_owned(), source })?;
        Ok(Self {
            dir: dir.to_owned(),
            files: Mutex::default(),
            listed: Mutex::new(listed(dir).unwrap_or_default().files),
            journal: Mutex::new(Journal::of(dir)),
            directories: Mutex::default(),
            written: AtomicUsize::new(0),
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What is in the folder now, apart from files of other origin. Cheap.
    pub fn manifest(&self) -> Manifest {
        Manifest { files: lock(&self.files).clone() }
    }

    /// How many files have been written since the folder was opened.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    /// Puts a file there; true when its bytes are new. A reader sees the old file or the new one.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn put(&self, file: &str, bytes: &[u8]) -> Result<bool, OutputError> {
        let entry = Entry { hash: blake3::hash(bytes), size: bytes.len() as u64 };
        let path = self.dir.join(file);
        if !lock(&self.files).contains_key(file) && !lock(&self.listed).contains_key(file) {
            let mut journal = lock(&self.journal);
            // Before the file is there: what is killed in between has named one too many.
            journal.note(file).map_err(|source| OutputError { path: journal.path(), source })?;
        }
        let known = lock(&self.files).insert(file, entry.clone());
        if known.as_ref() == Some(&entry) && path.exists() {
            return Ok(false);
        }
        let failed = |source| OutputError { path: path.clone(), source };
        if known.is_none() && same_bytes(&path, bytes) {
            return Ok(false);
        }
        self.make_parent(&path).map_err(failed)?;
        replace(&path, bytes).map_err(failed)?;
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }

    /// Takes a file away, and the folders that it leaves empty.
    ///
    /// # Errors
    /// When the file system refuses; a file that is not there is no error.
    pub fn remove(&self, file: &str) -> Result<(), OutputError> {
        lock(&self.files).remove(file);
        let path = self.dir.join(file);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(OutputError { path, source }),
            _ => {}
        }
        let mut directories = lock(&self.directories);
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != self.dir) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
            directories.remove(parent);
        }
        Ok(())
    }

    /// Removes what an earlier build made and this one did not.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove_earlier(&self) -> Result<(), OutputError> {
        let now = self.manifest();
        self.earlier().iter().filter(|file| !now.files.contains_key(file)).try_for_each(|file| self.remove(file))
    }

    /// Writes the list of what is there now.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn list(&self) -> Result<(), OutputError> {
        let path = self.dir.join(MANIFEST_FILE);
        let failed = |source| OutputError { path: path.clone(), source };
        let manifest = self.manifest();
        let bytes = serde_json::to_vec(&manifest).map_err(io::Error::other).map_err(failed)?;
        if !same_bytes(&path, &bytes) {
            replace(&path, &bytes).map_err(failed)?;
        }
        *lock(&self.listed) = manifest.files;
        let mut journal = lock(&self.journal);
        journal.clear().map_err(|source| OutputError { path: journal.path(), source })
    }

    /// What an earlier build made, or a server that was killed: by its list and by what it had not listed yet.
    fn earlier(&self) -> Vec<String> {
        let mut files: Vec<String> = lock(&self.listed).keys().map(str::to_owned).collect();
        files.extend(lock(&self.journal).names());
        files.retain(|file| is_inside(file));
        files
    }

    /// Empties the folder of everything that an earlier build made (`build --clean`), listed or not. `prefixes` are the
    /// folders of the languages that have one.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn clean(&self, prefixes: &[&str]) -> Result<(), OutputError> {
        self.earlier().iter().try_for_each(|file| self.remove(file))?;
        leftovers::find(&self.dir, prefixes).iter().try_for_each(|file| self.remove(file))
    }

    fn make_parent(&self, path: &Path) -> io::Result<()> {
        let Some(parent) = path.parent() else { return Ok(()) };
        if lock(&self.directories).contains(parent) && parent.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(parent)?;
        lock(&self.directories).insert(parent.to_owned());
        Ok(())
    }
}

/// What the list of the folder says an earlier build wrote; `None` without a list.
fn listed(dir: &Path) -> Option<Manifest> {
    serde_json::from_slice(&fs::read(dir.join(MANIFEST_FILE)).ok()?).ok()
}

/// A file of `dir` that a build would write over although no build made it: the folder is another site's.
pub fn foreign(dir: &Path) -> Option<&'static str> {
    if listed(dir).is_some() || Journal::of(dir).path().exists() {
        return None;
    }
    [MANIFEST_FILE, "index.html"].into_iter().find(|file| dir.join(file).symlink_metadata().is_ok())
}

/// A manifest may have been edited: only names inside the folder are followed.
fn is_inside(file: &str) -> bool {
    Path::new(file).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn same_bytes(path: &Path, bytes: &[u8]) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|there| there == bytes)
}

/// The built site can be made again: renamed into place for readers, not fsynced.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.symlink_metadata().is_err() {
        return fs::write(path, bytes);
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_file_name(format!(".{}.{}.tmp", std::process::id(), number));
    fs::write(&temporary, bytes)?;
    fs::rename(&temporary, path).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// The bytes for `.br`: strong enough to halve gzip's remainder, fast enough for every page of a large site.
pub fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 3);
    let params = brotli::enc::BrotliEncoderParams { quality: 6, lgwin: 20, ..Default::default() };
    let mut input = bytes;
    match brotli::BrotliCompress(&mut input, &mut out, &params) {
        Ok(_) => out,
        // Writing to memory does not fail; should it ever, the plain file is still there.
        Err(_) => Vec::new(),
    }
}

/// The bytes for `.gz`. Deterministic: no name, no time.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 3), flate2::Compression::new(6));
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A panic elsewhere does not make the lists wrong: every change to them is one insertion or removal.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written_and_what_is_gone_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let output = Output::open(dir.path()).unwrap();
        assert!(output.put("a/index.html", b"one").unwrap());
        assert!(output.put("b/c/index.html", b"two").unwrap());
        assert!(!output.put("a/index.html", b"one").unwrap());
        output.list().unwrap();
        fs::write(dir.path().join("CNAME"), "help.example.com").unwrap();

        let output = Output::open(dir.path()).unwrap();
        assert!(!output.put("a/index.html", b"one").unwrap(), "the same bytes are not written again");
        output.remove_earlier().unwrap();
        assert!(!dir.path().join("b").exists(), "an empty folder goes with its last file");
        assert!(dir.path().join("CNAME").exists(), "files of other origin stay");
    }

    #[test]
    fn what_was_never_listed_goes_too() {
        let dir = tempfile::tempdir().unwrap();
        let output = Output::open(dir.path()).unwrap();
        output.put("index.html", b"listed").unwrap();
        output.list().unwrap();
        output.put("articles/new/index.html", b"not listed: killed").unwrap();
        drop(output);

        assert_eq!(foreign(dir.path()), None);
        let output = Output::open(dir.path()).unwrap();
        output.put("index.html", b"listed").unwrap();
        output.remove_earlier().unwrap();
        output.list().unwrap();
        let there: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(there.len(), 2, "index.html and manifest.json: {there:?}");

        output.put("articles/lost/index.html", b"the list is lost").unwrap();
        output.list().unwrap();
        fs::remove_file(dir.path().join(MANIFEST_FILE)).unwrap();
        assert_eq!(foreign(dir.path()), Some("index.html"));
        Output::open(dir.path()).unwrap().clean(&[]).unwrap();
        assert!(!dir.path().join("articles").exists());
    }

    #[test]
    fn a_url_names_a_file_of_the_manifest_or_nothing() {
        let entry = Entry { hash: blake3::hash(b""), size: 0 };
        let files = ["index.html", "a/index.html", "assets/x.css"].map(|name| (name.to_owned(), entry.clone()));
        let manifest = Manifest { files: files.into_iter().collect() };
        let found = |path: &str| manifest.resolve(path).map(|(name, _)| name.to_owned());
        assert_eq!(found("/").as_deref(), Some("index.html"));
        assert_eq!(found("/a/").as_deref(), Some("a/index.html"));
        assert_eq!(found("/assets/x.css").as_deref(), Some("assets/x.css"));
        for path in ["/a", "/../site.toml", "//etc/passwd", "/assets/", "/a/../index.html", "/a\0"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
