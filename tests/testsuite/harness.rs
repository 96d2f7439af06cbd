//! A site in a temporary folder, and the program run on it.

mod http;
mod live;
mod people;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub(crate) use http::{PNG, Reply, encode};
pub(crate) use live::Live;
pub(crate) use people::{PASSWORD, Person};
pub(crate) use server::Server;

/// Longer than anything may take on a busy machine; a test that waits this long has failed.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Whether the long forms are asked for (`tests/run --long`).
pub(crate) fn long() -> bool {
    std::env::var_os("HELPMARK_LONG").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The repository's folder.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program, ready to be told what to do. Nothing of the surroundings reaches it.
pub(crate) fn helpmark() -> Command {
    // The long forms go faster with a release build.
    let own = std::env::var_os("HELPMARK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_helpmark").into());
    let mut command = Command::new(own);
    command.env_remove("RUST_LOG").env("NO_COLOR", "1");
    command
}

/// The clients of these tests speak no TLS, and yet want to know which they would speak.
pub(crate) fn choose_tls() {
    // Another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// One site. Its folder goes with it.
pub(crate) struct Site {
    /// Keeps the folder.
    _dir: TempDir,
    root: PathBuf,
}

impl Site {
    /// A site that `helpmark init` made.
    pub(crate) fn new() -> Self {
        let site = Self::empty();
        let ran = Ran::of(helpmark().arg("init").arg(&site.root));
        ran.expect(0);
        site
    }

    /// An article-less site: `site.toml` alone, of the repository.
    pub(crate) fn bare() -> Self {
        let site = Self::empty();
        fs::create_dir_all(site.root.join("content/articles")).unwrap();
        fs::copy(repository().join("site.toml"), site.root.join("site.toml")).unwrap();
        site
    }

    /// The content of this repository.
    pub(crate) fn repository() -> Self {
        let site = Self::bare();
        for folder in ["content/articles", "content/resolutions"] {
            copy_tree(&repository().join(folder), &site.root.join(folder));
        }
        site
    }

    fn empty() -> Self {
        let dir = tempfile::Builder::new().prefix("helpmark-").tempdir().unwrap();
        Self { root: dir.path().join("site"), _dir: dir }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// An article below `content/articles/`, with a title and a body.
    pub(crate) fn article(self, path: &str, title: &str, body: &str) -> Self {
        self.file(&format!("content/articles/{path}"), format!("---\ntitle: {title}\n---\n{body}\n"))
    }

    /// A file with these bytes.
    pub(crate) fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces text that must be there.
    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} does not contain {old}");
        self.write(path, text.replace(old, new));
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::create_dir_all(self.path(to).parent().unwrap()).unwrap();
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Runs a command of the program on this site.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(helpmark().arg("--root").arg(&self.root).args(arguments))
    }

    /// Serves it on a free port; answers once the program says that it listens.
    pub(crate) fn serve(&self) -> Server {
        Server::start(&self.root, &[])
    }
}

pub(crate) fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Every file below `dir`: its path with `/`, and its bytes.
pub(crate) fn tree(dir: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
    files.map(|entry| (name(entry.path()), fs::read(entry.path()).unwrap())).collect()
}

/// A command that has ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("the program speaks UTF-8");
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Fails, with all that was said, when the exit status is another.
    pub(crate) fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Fails when standard error lacks one of the words.
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing in\n{}", self.stderr);
        }
        self
    }

    /// Fails when standard output lacks one of the words.
    pub(crate) fn prints(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.stdout.contains(word), "{word:?} is missing in\n{}", self.stdout);
        }
        self
    }
}
