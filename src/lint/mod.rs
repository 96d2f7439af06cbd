//! What is wrong between documents, and with the time: findings that no single file shows.
//!
//! Looked for by `check` and `build`, once for the whole tree; a running server does not ask. Findings about one file
//! alone come from the rooms that read it.

mod connections;
mod copies;
mod currency;
mod moved;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::config::Config;
use crate::content::Document;
use crate::diagnostic::{self, Diagnostic};
use crate::snapshot::Known;

pub use moved::{Published, moved, published};

/// The documents by path, as the checks ask for them.
struct Tree<'a> {
    config: &'a Config,
    known: BTreeMap<&'a str, Known<'a>>,
}

/// Everything that only the whole tree shows. `today` is the day by the site's clock; `is_filed` says whether there is
/// a ticket of a number.
pub fn check<'a>(
    config: &'a Config,
    documents: impl Iterator<Item = Known<'a>>,
    is_filed: impl Fn(&str) -> bool,
    today: Date,
) -> Vec<Diagnostic> {
    let known = documents.map(|known| (known.document.meta().path.as_str(), known)).collect();
    let tree = Tree { config, known };
    let mut found = Vec::new();
    currency::check(&tree, today, &mut found);
    connections::check(&tree, is_filed, &mut found);
    copies::check(&tree, &mut found);
    diagnostic::sort(&mut found);
    found
}

impl Tree<'_> {
    /// The file's path for diagnostics.
    fn file(document: &Document) -> String {
        format!("content/{}", document.meta().path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::Outgoing;

    /// A tree of these files, looked at on 2026-11-23 with the ticket TS202611230002 filed.
    pub(super) fn found(files: &[(&str, &str)], links: &[(&str, &str)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        for (path, text) in files {
            let file = config.content_dir().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let library = crate::content::load(&config);
        let outgoing: Vec<Vec<Outgoing>> = library
            .found
            .iter()
            .map(|found| {
                let from = |link: &&(&str, &str)| link.0 == found.document.meta().path;
                let to = |link: &(&str, &str)| Outgoing {
                    path: link.1.to_owned(),
                    anchor: None,
                    text: String::new(),
                    place: (1, 1),
                    length: 1,
                };
                links.iter().filter(from).map(to).collect()
            })
            .collect();
        let known = library.found.iter().zip(&outgoing).map(|(found, links)| Known {
            document: &found.document,
            visible: true,
            links,
        });
        let is_filed = |id: &str| id == "TS202611230002";
        let found = check(&config, known, is_filed, jiff::civil::date(2026, 11, 23));
        found.into_iter().map(|it| format!("{} {} {}", it.place(), it.severity, it.code)).collect()
    }
}
