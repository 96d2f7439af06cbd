//! Where tantivy keeps its files: plain reads, no memory maps, no fsync.
//!
//! A mapped file that somebody truncates kills the process with SIGBUS; a plain read is an error. The index can be
//! thrown away, and its checksums are verified at start, so nothing waits for the disk (a commit would fsync about
//! ten files).

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, OwnedBytes, RamDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

/// Bytes of a file of postings that are kept in memory: those of some thirty thousand articles.
const KEPT: usize = 64 << 20;

/// One folder. The exclusive lock of `.helpmark` guards it, so tantivy's own locks are not files.
#[derive(Debug, Clone)]
pub(crate) struct PlainDirectory {
    root: PathBuf,
    /// Holds tantivy's lock files: a crash leaves none behind.
    locks: RamDirectory,
}

impl PlainDirectory {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), locks: RamDirectory::create() }
    }
}

#[derive(Debug)]
struct PlainFile {
    file: File,
    length: usize,
}

impl HasLen for PlainFile {
    fn len(&self) -> usize {
        self.length
    }
}

impl FileHandle for PlainFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}

/// Bytes on their way to a file; `BufWriter` above it gathers them.
struct PlainWriter(File);

impl Write for PlainWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for PlainWriter {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        Ok(())
    }
}

fn open_error(error: io::Error, path: PathBuf) -> OpenReadError {
    if error.kind() == ErrorKind::NotFound {
        OpenReadError::FileDoesNotExist(path)
    } else {
        OpenReadError::wrap_io_error(error, path)
    }
}

impl Directory for PlainDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let full = self.root.join(path);
        let open = || -> io::Result<Arc<dyn FileHandle>> {
            let file = File::open(&full)?;
            let length = file.metadata()?.len() as usize;
            let plain = PlainFile { file, length };
            // Every question reads postings, here and there: a copy in memory spares hundreds of small reads.
            if full.extension().is_some_and(|extension| extension == "idx") && length <= KEPT {
                return Ok(Arc::new(plain.read_bytes(0..length)?) as Arc<dyn FileHandle>);
            }
            Ok(Arc::new(plain) as Arc<dyn FileHandle>)
        };
        open().map_err(|error| open_error(error, full.clone()))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let full = self.root.join(path);
        std::fs::remove_file(&full).map_err(|error| match error.kind() {
            ErrorKind::NotFound => DeleteError::FileDoesNotExist(full),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: full },
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        let full = self.root.join(path);
        full.try_exists().map_err(|error| open_error(error, full))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let full = self.root.join(path);
        match File::create_new(&full) {
            Ok(file) => Ok(BufWriter::new(Box::new(PlainWriter(file)))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(OpenWriteError::FileAlreadyExists(full)),
            Err(error) => Err(OpenWriteError::wrap_io_error(error, full)),
        }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let full = self.root.join(path);
        std::fs::read(&full).map_err(|error| open_error(error, full))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let full = self.root.join(path);
        let temporary = full.with_extension("tmp");
        std::fs::write(&temporary, data)?;
        std::fs::rename(&temporary, &full)
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.locks.acquire_lock(lock)
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
