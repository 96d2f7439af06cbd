//! What documents show of each other: addresses, listings, related documents, links.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::compilation::{Changed, Compilation, CompileError, timed};
use crate::content::Document;
use crate::diagnostic::Diagnostic;
use crate::markdown::Target;
use crate::site::catalog::{Card, Catalog};
use crate::site::files;

impl Compilation {
    /// Recomputes who is visible at which address and related to whom. Gives the documents whose links may lead
    /// elsewhere now.
    pub(super) fn update_faces(&mut self, changed: &Changed) -> Result<BTreeSet<String>, CompileError> {
        let _timed = timed("compare faces, relate documents");
        let old = std::mem::take(&mut self.visible);
        self.visible = self.tree.visible(self.options.drafts);
        let mut families: HashSet<String> = HashSet::new();
        for (path, document) in &old {
            if self.visible.get(path).is_none_or(|now| now.meta().url != document.meta().url) {
                families.insert(family(path));
            }
            if !self.visible.contains_key(path) {
                if document.is_listed() {
                    self.index.remove(path)?;
                }
                // Findings about a page that is gone go with it.
                if let Some(entry) = self.tree.entries.get_mut(path) {
                    entry.rendered = Default::default();
                }
            }
        }
        families.extend(self.visible.keys().filter(|path| !old.contains_key(*path)).map(|path| family(path)));
        for path in &changed.faces {
            if let (Some(now), Some(entry)) = (self.visible.get(path), self.tree.entries.get_mut(path))
                && !now.is_listed()
                && entry.rendered.indexed.take().is_some()
            {
                self.index.remove(path)?;
            }
        }
        let touched: BTreeSet<&String> = old
            .keys()
            .filter(|path| !self.visible.contains_key(*path))
            .chain(self.visible.keys().filter(|path| !old.contains_key(*path)))
            .chain(changed.faces.iter())
            .collect();
        let cards: Vec<(&String, Option<Card>)> = touched
            .into_iter()
            .map(|path| (path, self.visible.get(path).map(|document| Card::new(document, "", Vec::new()))))
            .collect();
        self.related.update(cards.iter().map(|(path, card)| (path.as_str(), card.as_ref())));
        self.links.documents =
            self.visible.iter().map(|(path, it)| (path.clone(), Target { url: it.meta().url.clone() })).collect();
        self.links.assets = files::targets(&self.beside);
        self.catalog = Arc::new(self.make_catalog());
        let titles = self.visible.values().map(|it| (it.meta().url.clone(), it.meta().title.clone())).collect();
        self.titles = Arc::new(titles);
        self.urls = Arc::new(self.visible.iter().map(|(path, it)| (path.clone(), it.meta().url.clone())).collect());
        let affected = |path: &&String| {
            let Some(entry) = self.tree.entries.get(*path) else { return false };
            // A link that led nowhere may lead somewhere once documents or files came.
            let unresolved = |found: &Diagnostic| match found.code {
                "HM021" => !families.is_empty(),
                "HM023" => changed.beside,
                _ => false,
            };
            entry.rendered.outgoing.iter().any(|link| families.contains(&family(&link.path)))
                || (changed.beside && !entry.rendered.assets.is_empty())
                || entry.rendered.diagnostics.iter().any(unresolved)
        };
        Ok(self.visible.keys().filter(affected).cloned().collect())
    }

    pub(super) fn make_catalog(&self) -> Catalog {
        let card = |path: &String, document: &Document| {
            let rendered = self.tree.entries.get(path).map(|entry| &entry.rendered);
            let headings = rendered.map(|rendered| {
                rendered.toc.iter().filter(|heading| heading.level == 2).map(|heading| heading.text.clone()).collect()
            });
            Card::new(document, rendered.map_or("", |it| &it.summary), headings.unwrap_or_default())
        };
        Catalog::new(self.visible.iter().map(|(path, it)| (path.clone(), Arc::new(card(path, it)))).collect())
    }
}

/// Links to any member of a family may change their target when another member comes or goes: the translations of a
/// document, and a folder's index.
fn family(path: &str) -> String {
    let stem = path.trim_end_matches('/');
    let stem = stem.strip_suffix(".md").or_else(|| stem.strip_suffix(".markdown")).unwrap_or(stem);
    let stem = match stem.rsplit_once('.') {
        Some((rest, suffix)) if suffix.len() <= 3 && !suffix.contains('/') => rest,
        _ => stem,
    };
    let stem = stem.strip_suffix("/index").or_else(|| stem.strip_suffix("/README")).unwrap_or(stem);
    stem.to_lowercase()
}
