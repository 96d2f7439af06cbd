//! `helpmark init`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::{Failure, print, schema};
use crate::config::{Config, FILE_NAME};

#[derive(Args)]
pub(super) struct Init {
    /// The new site's folder; made when it is not there
    dir: PathBuf,
}

/// The configuration that this repository itself is served with.
const SITE: &str = include_str!("../../site.toml");

const STARTER: &[(&str, &str)] = &[
    (".gitignore", "/public/\n/.helpmark/\n"),
    ("content/calendar/2026.toml", include_str!("../../content/calendar/2026.toml")),
    ("content/articles/guide/write-an-article.md", include_str!("starter/write-an-article.md")),
    ("content/articles/guide/write-an-article.en.md", include_str!("starter/write-an-article.en.md")),
];

pub(super) fn run(command: &Init) -> Result<(), Failure> {
    let dir = &command.dir;
    if dir.join(FILE_NAME).exists() {
        return Err(Failure::Wrong(format!(
            "{} already holds a site; nothing was changed\n    hint: serve it with `helpmark --root {} serve`",
            dir.display(),
            dir.display()
        )));
    }
    for (name, text) in std::iter::once(&(FILE_NAME, SITE)).chain(STARTER) {
        let path = dir.join(name);
        if path.exists() {
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for folder in ["content/resolutions", "themes"] {
        std::fs::create_dir_all(dir.join(folder))
            .with_context(|| format!("cannot make {}", dir.join(folder).display()))?;
    }
    // The first line of site.toml names one of them.
    schema::write(&dir.join("schemas"), Config::parse(dir, SITE).ok().as_ref(), false)?;
    print(&format!("{} is ready. Next:\n    helpmark --root {} serve", dir.display(), dir.display()))
}
