//! The files of a theme: the embedded default, with the site's own laid over it, file by file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::Embed;

use super::DEFAULT;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, nearest};

/// `themes/default` of this repository. A debug build reads it from the disk, a release build carries it.
#[derive(Embed)]
#[folder = "themes/default"]
#[exclude = "*.md"]
struct Embedded;

/// A file of the theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    /// Relative to its folder: `home.html` of `templates/home.html`.
    pub(crate) name: &'a str,
    /// As diagnostics name it: `themes/default/templates/home.html`.
    pub(crate) path: &'a str,
    pub(crate) bytes: &'a [u8],
}

impl<'a> File<'a> {
    /// The content as text.
    pub(crate) fn text(&self) -> Result<&'a str, Diagnostic> {
        std::str::from_utf8(self.bytes).map_err(|error| {
            Diagnostic::error("HM042", self.path, format!("is not UTF-8 text (byte {})", error.valid_up_to()))
                .hint("save the file as UTF-8")
        })
    }
}

struct Source {
    path: String,
    bytes: Cow<'static, [u8]>,
}

/// Every file of the theme, by its path relative to the theme's folder.
pub(crate) struct Layers {
    files: BTreeMap<String, Source>,
    /// Where the file `name` of each layer is, lowest first: `theme.toml` is merged key by key.
    manifests: Vec<Source>,
}

/// The folder of strings and settings that is merged, not replaced.
pub(crate) const MANIFEST: &str = "theme.toml";

impl Layers {
    pub(crate) fn read(config: &Config) -> Result<Self, Vec<Diagnostic>> {
        let mut layers = Self { files: BTreeMap::new(), manifests: Vec::new() };
        for name in Embedded::iter() {
            if let Some(file) = Embedded::get(&name) {
                layers.insert(DEFAULT, &name, file.data);
            }
        }
        let mut errors = Vec::new();
        if config.theme != DEFAULT && !config.root.join("themes").join(&config.theme).is_dir() {
            errors.push(unknown_theme(config));
        }
        for (name, directory) in named_directories(config) {
            if directory.is_dir() {
                layers.overlay(name, &directory, &mut errors);
            }
        }
        if errors.is_empty() { Ok(layers) } else { Err(errors) }
    }

    fn insert(&mut self, theme: &str, name: &str, bytes: Cow<'static, [u8]>) {
        let source = Source { path: format!("themes/{theme}/{name}"), bytes };
        if name == MANIFEST {
            self.manifests.push(source);
        } else {
            self.files.insert(name.to_owned(), source);
        }
    }

    /// Lays the files of `directory` over what is there. Hidden files (an editor's) are not part of a theme.
    fn overlay(&mut self, theme: &str, directory: &Path, errors: &mut Vec<Diagnostic>) {
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || entry.file_name().to_str().is_some_and(|name| !name.starts_with('.'))
        };
        for entry in walkdir::WalkDir::new(directory).sort_by_file_name().into_iter().filter_entry(visible) {
            let found = entry.map_err(std::io::Error::from).and_then(|entry| {
                let name = relative(directory, entry.path());
                let wanted = entry.file_type().is_file() && !name.ends_with(".md") && !name.ends_with('~');
                if wanted { std::fs::read(entry.path()).map(|bytes| Some((name, bytes))) } else { Ok(None) }
            });
            match found {
                Ok(Some((name, bytes))) => self.insert(theme, &name, bytes.into()),
                Ok(None) => {}
                Err(error) => errors.push(
                    Diagnostic::error("HM042", &format!("themes/{theme}"), format!("cannot be read: {error}"))
                        .hint("make the theme's files readable for the user that runs helpmark"),
                ),
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = File<'_>> {
        let files = self.files.iter().map(|(name, source)| file(name, source));
        files.chain(self.manifests())
    }

    /// `theme.toml` of every layer, the default's first.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = File<'_>> {
        self.manifests.iter().map(|source| file(MANIFEST, source))
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = File<'_>> {
        self.folder("templates/").filter(|file| file.name.ends_with(".html"))
    }

    /// The files below a folder, their names relative to it, in order.
    pub(crate) fn folder<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = File<'a>> {
        self.files.iter().filter_map(move |(name, source)| name.strip_prefix(prefix).map(|rest| file(rest, source)))
    }
}

fn file<'a>(name: &'a str, source: &'a Source) -> File<'a> {
    File { name, path: &source.path, bytes: &source.bytes }
}

fn relative(directory: &Path, path: &Path) -> String {
    let path = path.strip_prefix(directory).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn named_directories(config: &Config) -> Vec<(&str, PathBuf)> {
    let themes = config.root.join("themes");
    let mut names = vec![DEFAULT];
    if config.theme != DEFAULT {
        names.push(&config.theme);
    }
    names.into_iter().map(|name| (name, themes.join(name))).collect()
}

/// The site's own theme folders, lowest layer first. They need not exist.
pub(super) fn directories(config: &Config) -> Vec<PathBuf> {
    named_directories(config).into_iter().map(|(_, directory)| directory).collect()
}

fn unknown_theme(config: &Config) -> Diagnostic {
    let mut known = vec![DEFAULT.to_owned()];
    if let Ok(entries) = std::fs::read_dir(config.root.join("themes")) {
        known.extend(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()));
    }
    let message = format!("the theme `{}` does not exist: there is no folder themes/{}", config.theme, config.theme);
    let hint = match nearest(&config.theme, known.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "remove `theme.name` from site.toml to use the default theme, or make the folder".to_owned(),
    };
    Diagnostic::error("HM042", crate::config::FILE_NAME, message).hint(hint)
}
