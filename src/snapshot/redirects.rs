//! Old addresses, from `aliases`: each is a page that leads to the article's own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::config::Config;
use crate::content::{Article, Document, alias, place};
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
        for alias in &article.aliases {
            // What is no path is named where the file is read.
            let Ok(file) = alias::file_of(alias) else { continue };
            if alias::is_ours(config, &file) {
                clashes.push(ours(config, path, alias));
                continue;
            }
            if let Some(owner) = taken.get(&file) {
                clashes.extend(clash(config, visible, (path, article), alias, owner));
                continue;
            }
            taken.insert(file.clone(), format!("content/{path} (an alias)"));
            let tag = config.language(&article.meta.lang).map_or("", |language| &language.tag);
            pages.push((file, machine::redirect(config, &article.meta.title, &article.meta.url, tag)));
        }
    }
    (pages, clashes)
}

/// An address that the site or its server answers itself.
fn ours(config: &Config, path: &str, alias: &str) -> Diagnostic {
    let spot = place::of_key(config, path, "aliases", Some(alias));
    let message = format!("the alias {alias} is an address that the site itself answers");
    let diagnostic = Diagnostic::error("HM031", &format!("content/{path}"), message).at(spot.place).over(spot.length);
    diagnostic.hint("remove the alias: readers can never arrive at the article there")
}

/// What is wrong with an alias whose address belongs to `owner` already. The same old address in two spellings is
/// nothing.
fn clash(
    config: &Config,
    visible: &BTreeMap<String, Arc<Document>>,
    (path, article): (&str, &Article),
    alias: &str,
    owner: &str,
) -> Option<Diagnostic> {
    let file = format!("content/{path}");
    if owner.strip_suffix(" (an alias)") == Some(&file) {
        return None;
    }
    let spot = place::of_key(config, path, "aliases", Some(alias));
    let place = |diagnostic: Diagnostic| Some(diagnostic.at(spot.place).over(spot.length));
    if owner == file {
        let message = format!("the alias {alias} is the article's own address: it would lead to itself");
        return place(Diagnostic::warning("HM032", &file, message).hint("remove the alias"));
    }
    let own = listing::file_of(&article.meta.url);
    let back = |other: &Document| match other {
        Document::Article(other) => other.aliases.iter().any(|alias| alias::file_of(alias).as_ref() == Ok(&own)),
        Document::Resolution(_) => false,
    };
    if owner.strip_prefix("content/").and_then(|owner| visible.get(owner)).is_some_and(|other| back(other)) {
        let message = format!("the alias {alias} is the address of {owner}, whose alias leads back here: a loop");
        return place(Diagnostic::error("HM032", &file, message).hint("remove the alias from both articles"));
    }
    let message = format!("the alias {alias} is already the address of {owner}");
    place(Diagnostic::error("HM031", &file, message).hint("remove the alias, or move the other page"))
}
