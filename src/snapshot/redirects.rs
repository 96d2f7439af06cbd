//! Old addresses, from `aliases`: each is a page that leads to the article's own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::config::Config;
use crate::content::Document;
use crate::diagnostic::Diagnostic;
use crate::site::{listing, machine};

/// The pages at old addresses, and the old addresses that are taken.
pub(super) fn redirects(
    config: &Config,
    visible: &BTreeMap<String, Arc<Document>>,
    made: &[(String, [u8; 32])],
) -> (Vec<machine::File>, Vec<Diagnostic>) {
    let mut taken: HashMap<String, String> =
        made.iter().map(|(file, _)| (file.clone(), "a page of the site".to_owned())).collect();
    for (path, document) in visible {
        taken.insert(listing::file_of(&document.meta().url), format!("content/{path}"));
    }
    let (mut pages, mut clashes) = (Vec::new(), Vec::new());
    for (path, document) in visible {
        let Document::Article(article) = document.as_ref() else { continue };
        for alias in article.aliases.iter().filter(|alias| alias.starts_with('/')) {
            let Some(file) = alias_file(alias) else { continue };
            if let Some(owner) = taken.get(&file) {
                let message = format!("the alias {alias} is already the address of {owner}");
                let diagnostic = Diagnostic::error("HM031", &format!("content/{path}"), message).at((1, 0));
                clashes.push(diagnostic.hint("remove the alias, or move the other page"));
                continue;
            }
            taken.insert(file.clone(), format!("content/{path} (an alias)"));
            let tag = config.language(&article.meta.lang).map_or("", |language| &language.tag);
            pages.push((file, machine::redirect(config, &article.meta.title, &article.meta.url, tag)));
        }
    }
    (pages, clashes)
}

/// `/kb/old/` and `/kb/old` are `kb/old/index.html`; `/kb/old.html` is itself. `None` for a path that leaves the site.
fn alias_file(alias: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(alias.trim_matches('/')).decode_utf8().ok()?;
    let inside = !decoded.is_empty() && decoded.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    let plain = !decoded.contains(['\\', '\0']);
    (inside && plain)
        .then(|| if decoded.ends_with(".html") { decoded.into_owned() } else { format!("{decoded}/index.html") })
}
