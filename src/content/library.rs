//! The content tree, read in parallel: every file becomes a document or is named in a diagnostic.

use std::io::{ErrorKind, Read};
use std::path::Path;

use rayon::prelude::*;

use super::{Document, article, conflict, invisible, resolution};
use crate::config::Config;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::source;

/// One document file, read.
#[derive(Debug, Clone)]
pub struct Found {
    pub document: Document,
    pub diagnostics: Vec<Diagnostic>,
    /// The front matter could not be trusted: a running server keeps the last good page.
    pub broken: bool,
}

/// A whole content tree.
#[derive(Debug, Default)]
pub struct Library {
    /// By path.
    pub found: Vec<Found>,
    /// Files beside the documents, relative to `content/`, by path.
    pub assets: Vec<String>,
    /// Findings about files that became neither.
    pub diagnostics: Vec<Diagnostic>,
}

/// The directories that are compiled. Tickets and attachments are not among them (invariant 1).
const SECTIONS: [&str; 2] = ["articles", "resolutions"];

/// Files that may travel with an article.
const ASSET_EXTENSIONS: &[&str] = &[
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "avif",
    "svg",
    "ico",
    "bmp",
    "mp4",
    "webm",
    "pdf",
    "zip",
    "txt",
    "csv",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "reg",
    "mobileconfig",
    "rdp",
    "ovpn",
];

/// Walks `content/articles` and `content/resolutions` and reads every document, without stopping at mistakes. The
/// documents come without their texts ([`with_text`] reads them again): a large tree's would fill the memory.
pub fn load(config: &Config) -> Library {
    let content = config.content_dir();
    let mut library = Library::default();
    let mut documents = Vec::new();
    for section in SECTIONS {
        walk(&content, section, &mut documents, &mut library);
    }
    let read_face = |path: &String| {
        let mut outcome = read(config, path);
        if let Ok(Some(found)) = &mut outcome {
            found.document.drop_text();
        }
        outcome
    };
    let read = documents.par_iter().map(read_face).collect::<Vec<_>>();
    for (path, outcome) in documents.iter().zip(read) {
        match outcome {
            Ok(Some(found)) => library.found.push(found),
            Ok(None) => {
                let message = "the file went away while the tree was read";
                library.diagnostics.push(Diagnostic::warning("HM019", &format!("content/{path}"), message));
            }
            Err(diagnostic) => library.diagnostics.push(diagnostic),
        }
    }
    library
}

/// The paths of all documents, relative to `content/`, in the order of the tree.
pub(super) fn paths(config: &Config) -> Vec<String> {
    let (content, mut documents) = (config.content_dir(), Vec::new());
    for section in SECTIONS {
        walk(&content, section, &mut documents, &mut Library::default());
    }
    documents
}

fn walk(content: &Path, section: &str, documents: &mut Vec<String>, library: &mut Library) {
    let root = content.join(section);
    if !root.is_dir() {
        return;
    }
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".");
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().filter_entry(visible) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(&root).display().to_string();
                library.diagnostics.push(Diagnostic::error("HM019", &path, format!("cannot be read: {error}")));
                continue;
            }
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let shown = entry.path().strip_prefix(content).unwrap_or(entry.path());
        let Some(path) = shown.to_str().map(|path| path.replace('\\', "/")) else {
            let shown = format!("content/{}", shown.display());
            library.diagnostics.push(
                Diagnostic::error("HM019", &shown, "the file's name is not UTF-8")
                    .hint("rename it, for example with `convmv`"),
            );
            continue;
        };
        match standing_of(&path, entry.file_type()) {
            Standing::Document => documents.push(path),
            Standing::Asset => library.assets.push(path),
            Standing::LeftOut(diagnostic) => library.diagnostics.push(*diagnostic),
            Standing::Nothing => {}
        }
    }
}

/// What there is at a path of the content tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Document,
    /// A file that may travel with a document.
    Asset,
    /// A file that is neither, and why.
    LeftOut(Box<Diagnostic>),
    /// No file, or none that is looked at: hidden, or in a folder that is a link.
    Nothing,
}

/// What is at `path` (relative to `content/`), by the rules of the walk: no link leads out of the tree.
pub fn standing(config: &Config, path: &str) -> Standing {
    let parts: Vec<&str> = path.split('/').collect();
    let [section, folders @ .., name] = &parts[..] else { return Standing::Nothing };
    if !SECTIONS.contains(section) || parts.iter().any(|part| part.starts_with('.')) {
        return Standing::Nothing;
    }
    let mut place = config.content_dir().join(section);
    for folder in folders {
        place.push(folder);
        if !std::fs::symlink_metadata(&place).is_ok_and(|found| found.is_dir()) {
            return Standing::Nothing;
        }
    }
    match std::fs::symlink_metadata(place.join(name)) {
        Ok(found) if !found.is_dir() => standing_of(path, found.file_type()),
        _ => Standing::Nothing,
    }
}

/// What a file is that is no folder.
fn standing_of(path: &str, kind: std::fs::FileType) -> Standing {
    let file = format!("content/{path}");
    if !kind.is_file() {
        let message = "not a regular file (a link, a pipe or a device); it is left out";
        let diagnostic = Diagnostic::warning("HM019", &file, message).hint("put the file itself here");
        Standing::LeftOut(Box::new(diagnostic))
    } else if is_document(path) {
        Standing::Document
    } else if is_asset(path) {
        Standing::Asset
    } else {
        let message = "neither a document nor a file that travels with one; it is left out";
        Standing::LeftOut(Box::new(Diagnostic::note("HM019", &file, message)))
    }
}

/// Whether a path relative to `content/` is a document's.
pub fn is_document(path: &str) -> bool {
    let inside = SECTIONS.iter().any(|section| path.strip_prefix(section).is_some_and(|rest| rest.starts_with('/')));
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    inside && !hidden && (path.ends_with(".md") || path.ends_with(".markdown"))
}

/// Whether a path relative to `content/` is that of a file which may travel with a document.
pub fn is_asset(path: &str) -> bool {
    let inside = SECTIONS.iter().any(|section| path.strip_prefix(section).is_some_and(|rest| rest.starts_with('/')));
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    inside && extension.is_some_and(|extension| ASSET_EXTENSIONS.contains(&extension.as_str()))
}

/// Reads one document; `path` is relative to `content/`. `Ok(None)` when it is not there (any more).
///
/// # Errors
/// The diagnostic of a file that is there but cannot be read.
pub fn read(config: &Config, path: &str) -> Result<Option<Found>, Diagnostic> {
    let file = format!("content/{path}");
    let failed = |error: std::io::Error| {
        Diagnostic::error("HM019", &file, format!("cannot be read: {error}")).hint("check its permissions")
    };
    let bytes = match bytes(&config.content_dir().join(path)) {
        Ok(bytes) => bytes,
        // A folder on the way to it may have become a file.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if bytes.len() > source::MAX_DOCUMENT {
        let message = format!("the document is {} MB long", bytes.len() / (1024 * 1024));
        return Err(Diagnostic::error("HM019", &file, message).hint("split it; a document may have 8 MB"));
    }
    Ok(Some(parse(config, path, &bytes)))
}

/// Reads a regular file without following a link at its end and without blocking on a pipe.
pub(super) fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let metadata = std::fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::new(ErrorKind::NotFound, "not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).saturating_add(1));
    let limit = source::MAX_DOCUMENT as u64 + 1;
    std::fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes a document of a file's bytes; `path` is relative to `content/`.
pub(crate) fn parse(config: &Config, path: &str, bytes: &[u8]) -> Found {
    let mut diagnostics = Vec::new();
    let file = format!("content/{path}");
    let hash = *blake3::hash(bytes).as_bytes();
    let source = source::read(&file, bytes, &mut diagnostics);
    invisible::check(&file, bytes, &source, &mut diagnostics);
    conflict::check(&file, &source.body, source.body_line, &mut diagnostics);
    let document = if path.starts_with("resolutions/") {
        Document::Resolution(resolution::read(config, path, source, hash, &mut diagnostics))
    } else {
        Document::Article(article::read(config, path, source, hash, &mut diagnostics))
    };
    diagnostic::sort(&mut diagnostics);
    let broken = diagnostics.iter().any(|found| found.severity == Severity::Error);
    Found { document, diagnostics, broken }
}

/// The document with its text, read again from its file. `None` when the file is no longer the one that was read.
pub fn with_text(config: &Config, document: &Document) -> Option<Document> {
    let meta = document.meta();
    let bytes = bytes(&config.content_dir().join(&meta.path)).ok()?;
    if *blake3::hash(&bytes).as_bytes() != document.body().hash {
        return None;
    }
    let source = source::read(&meta.path, &bytes, &mut Vec::new());
    let mut document = document.clone();
    match &mut document {
        Document::Article(article) => article.body.text = source.body,
        Document::Resolution(resolution) => resolution.body.text = source.body,
    }
    Some(document)
}
