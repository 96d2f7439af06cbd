//! Files of `public/`, known by a manifest: what is there, with its hash, and nothing else is served.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

    /// Removes what an earlier build listed and this one did not make.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove_earlier(&self) -> Result<(), OutputError> {
        let earlier = self.listed();
        let now = self.manifest();
        let gone = |file: &&str| !now.files.contains_key(file) && is_inside(file);
        earlier.files.keys().filter(gone).try_for_each(|file| self.remove(file))
    }

    /// Writes the list of what is there now.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn list(&self) -> Result<(), OutputError> {
        let path = self.dir.join(MANIFEST_FILE);
        let failed = |source| OutputError { path: path.clone(), source };
        let bytes = serde_json::to_vec(&self.manifest()).map_err(io::Error::other).map_err(failed)?;
        if same_bytes(&path, &bytes) { Ok(()) } else { replace(&path, &bytes).map_err(failed) }
    }

    /// What the folder's list says an earlier build wrote.
    fn listed(&self) -> Manifest {
        let list = fs::read(self.dir.join(MANIFEST_FILE)).unwrap_or_default();
        serde_json::from_slice(&list).unwrap_or_default()
    }

    /// Empties the folder of everything an earlier build listed (`build --clean`).
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn clean(&self) -> Result<(), OutputError> {
        self.listed().files.keys().filter(|file| is_inside(file)).try_for_each(|file| self.remove(file))
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
