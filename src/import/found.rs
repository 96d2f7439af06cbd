//! What lies in the old site: documents, files that travel with them, and what is left.

use std::collections::{HashMap, HashSet};

use super::finding::{Findings, LEFT_OUT, SITE};
use super::layout::{Layout, Root};
use super::place::{folder, is_markdown, join, language, name, number_prefix};
use super::{Generator, ImportError, Options};
use crate::config::Config;
use crate::content;

/// The documents with their roots, and the files that travel: where from, where to.
pub(super) type Found = (Vec<(Root, String)>, HashMap<String, String>);

pub(super) fn walk(
    config: &Config,
    options: &Options,
    layout: &Layout,
    default: &str,
    findings: &mut Vec<Findings>,
) -> Result<Found, ImportError> {
    let (mut documents, mut files) = (Vec::new(), HashMap::new());
    for root in &layout.roots {
        let dir = options.source.join(&root.dir);
        let mut foreign = 0;
        let known = root.lang.as_deref().is_none_or(|code| language(config, code).is_some());
        let visible = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0
                || !(name.starts_with('.')
                    || matches!(name.as_ref(), "node_modules" | "__pycache__" | "public" | "site" | "build")
                        && entry.depth() == 1)
        };
        for entry in walkdir::WalkDir::new(&dir).sort_by_file_name().into_iter().filter_entry(visible) {
            let entry = entry.map_err(|error| ImportError::Read {
                path: error.path().unwrap_or(&dir).to_owned(),
                source: error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop of links")),
            })?;
            let Ok(inside) = entry.path().strip_prefix(&options.source) else { continue };
            let Some(path) = inside.to_str().map(|path| path.replace('\\', "/")) else {
                let mut found = Findings::of(&options.source, &inside.to_string_lossy());
                found.error(LEFT_OUT, 0, "its name is not UTF-8", "rename it, for example with `convmv`");
                findings.push(found);
                continue;
            };
            let inner = layout
                .roots
                .iter()
                .any(|other| other.dir.len() > root.dir.len() && path.starts_with(&format!("{}/", other.dir)));
            if !entry.file_type().is_file() || inner {
                continue;
            }
            if !known {
                foreign += usize::from(is_markdown(&path));
            } else if is_markdown(&path) {
                documents.push((root.clone(), path));
            } else if let Some(target) = asset(options, root, &path) {
                files.insert(path, target);
            } else if !is_machinery(&path) {
                let mut found = Findings::of(&options.source, &path);
                found.note(SITE, 0, "neither Markdown nor a file that travels with it; it is left out", "");
                findings.push(found);
            }
        }
        if foreign > 0 {
            let mut found = Findings::of(&options.source, &root.dir);
            let code = root.lang.as_deref().unwrap_or(default);
            found.warn(
                SITE,
                0,
                format!("{foreign} documents are in `{code}`, which the site does not have"),
                "add it to `languages` of site.toml and run the import again",
            );
            findings.push(found);
        }
    }
    Ok((documents, files))
}

/// The files of the static folders, relative to the source.
pub(super) fn fetchable(options: &Options, layout: &Layout) -> HashSet<String> {
    let mut files = HashSet::new();
    for dir in &layout.statics {
        for entry in walkdir::WalkDir::new(options.source.join(dir)).into_iter().flatten() {
            let inside = entry.path().strip_prefix(&options.source).ok().and_then(|path| path.to_str());
            if let Some(path) = inside.filter(|_| entry.file_type().is_file()) {
                files.insert(path.replace('\\', "/"));
            }
        }
    }
    files
}

/// Settings and programs of a generator, which nobody misses.
fn is_machinery(path: &str) -> bool {
    let name = name(path).to_lowercase();
    let ends = [
        ".yml", ".yaml", ".toml", ".json", ".js", ".ts", ".jsx", ".tsx", ".css", ".scss", ".html", ".lock", ".mod",
        ".sum", ".py",
    ];
    ends.iter().any(|end| name.ends_with(end))
        || matches!(name.as_str(), "makefile" | "license" | "cname" | "codeowners")
}

/// Where a file beside documents goes: where they go.
fn asset(options: &Options, root: &Root, path: &str) -> Option<String> {
    let inside = path.strip_prefix(&root.dir)?.trim_start_matches('/');
    let dir = numberless(options.generator, folder(inside));
    let target = join("articles", &format!("{}/{}/{dir}/{}", options.into, root.into, name(inside)))?;
    content::is_asset(&target).then_some(target)
}

/// A path without the numbers that order its parts.
pub(super) fn numberless(generator: Generator, path: &str) -> String {
    match generator {
        Generator::Docusaurus => path.split('/').map(|part| number_prefix(part).1).collect::<Vec<_>>().join("/"),
        _ => path.to_owned(),
    }
}
