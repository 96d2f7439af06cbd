//! What documents show of each other: addresses, listings, related documents, links.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::changes::Changed;
use super::compilation::{Compilation, timed};
use super::options::CompileError;
use super::tree::Moved;
use crate::content::Document;
use crate::diagnostic::Diagnostic;
use crate::markdown::Target;
use crate::site::catalog::Card;
use crate::site::{files, listing};

/// The pages that a change of faces concerns.
#[derive(Default)]
pub(super) struct Concerned {
    /// What they show of others may be something else now: their inputs tell.
    pub(super) shown: BTreeSet<String>,
    /// Their links may lead elsewhere: inputs do not tell.
    pub(super) forced: BTreeSet<String>,
    /// Documents that are not seen any more.
    pub(super) gone: Vec<String>,
    /// A language was written in for the first time, or is no more: every page may show that.
    pub(super) everything: bool,
}

impl Compilation {
    /// Brings up to date who is visible at which address and related to whom.
    pub(super) fn update_faces(&mut self, changed: &Changed) -> Result<Concerned, CompileError> {
        let _timed = timed("compare faces, relate documents");
        let (titles, drafts) = (&self.titles, self.options.drafts);
        let first = self.visible.is_empty();
        let taken = |url: &str| titles.contains_key(url);
        let moved = self.tree.revise(&mut self.visible, &changed.faces, &self.config, drafts, &taken);
        self.forget_unseen(changed, &moved)?;
        self.note_addresses(&moved);
        if !changed.beside.is_empty() {
            self.names.1 = None;
        }
        if moved.iter().any(|it| it.old.is_some() != it.new.is_some()) {
            self.names.0 = None;
        }
        // What is said about dead links tells of all documents, seen or not; one that was seen and still is changes nothing.
        let stayed: HashSet<&str> =
            moved.iter().filter(|it| it.old.is_some() && it.new.is_some()).map(|it| it.path.as_str()).collect();
        if !changed.beside.is_empty() || changed.faces.iter().any(|path| !stayed.contains(path.as_str())) {
            self.tree.says_otherwise |= self.tree.entries.values().any(|entry| !entry.rendered.lost.is_empty());
        }
        if first || !changed.beside.is_empty() {
            self.links.assets = files::targets(&self.beside);
        }
        let mut concerned = Concerned { shown: changed.faces.clone(), ..Concerned::default() };
        concerned.shown.extend(self.note_records(&moved));
        let cards: Vec<(String, Option<Card>)> =
            moved.iter().map(|it| (it.path.clone(), it.new.as_ref().map(|document| self.card(document)))).collect();
        concerned.shown.extend(self.related.update(cards.iter().map(|(path, card)| (path.as_str(), card.as_ref()))));
        concerned.shown.extend(self.catalog.update(cards));
        let (standing, everything) = self.stand_ins_concerned(&moved);
        concerned.shown.extend(standing);
        concerned.everything = everything;
        concerned.gone = moved.iter().filter(|it| it.new.is_none()).map(|it| it.path.clone()).collect();
        if !first {
            let families = moved.iter().filter(|it| it.elsewhere()).map(|it| family(&it.path)).collect();
            concerned.forced = self.linking_to(&families, &changed.beside);
        }
        Ok(concerned)
    }

    /// What a listing shows of the document, as far as that is known before it is rendered.
    pub(super) fn card(&self, document: &Document) -> Card {
        let rendered = self.tree.entries.get(&document.meta().path).map(|entry| &entry.rendered);
        Card::new(document, rendered.map_or("", |it| &it.summary), rendered.map_or("", |it| &it.headings))
    }

    /// Takes what readers do not see any more out of the index, and its findings out of the tree.
    fn forget_unseen(&mut self, changed: &Changed, moved: &[Moved]) -> Result<(), CompileError> {
        for Moved { path, old, new } in moved {
            let (Some(old), None) = (old, new) else { continue };
            if old.is_listed() {
                self.index.remove(path)?;
            }
            self.tree.note(path, Default::default());
        }
        for path in &changed.faces {
            if let (Some(now), Some(entry)) = (self.visible.get(path), self.tree.entries.get_mut(path))
                && !now.is_listed()
                && entry.rendered.indexed.take().is_some()
            {
                self.index.remove(path)?;
            }
        }
        Ok(())
    }

    /// Who is where now. Two documents may have changed places: first all leave, then all come.
    fn note_addresses(&mut self, moved: &[Moved]) {
        for it in moved {
            if let Some(old) = &it.old {
                self.titles.remove(&old.meta().url);
                if it.elsewhere() {
                    self.retired.push(listing::file_of(&old.meta().url));
                }
            }
            if it.new.is_none() {
                self.urls.remove(&it.path);
                self.links.documents.remove(&it.path);
                self.pages.remove(&it.path);
            }
            let aliases = |document: &Arc<Document>| match document.as_ref() {
                Document::Article(article) => !article.aliases.is_empty(),
                Document::Resolution(_) => false,
            };
            self.tree.addresses_moved |= it.elsewhere();
            self.redirects_stale |= it.elsewhere() || it.old.iter().chain(&it.new).any(aliases);
        }
        for it in moved {
            let Some(meta) = it.new.as_ref().map(|document| document.meta()) else { continue };
            self.titles.insert(&meta.url, meta.title.as_str().into());
            self.urls.insert(&it.path, meta.url.as_str().into());
            self.links.documents.insert(it.path.clone(), Target { url: meta.url.clone() });
        }
    }

    /// Notes which article a resolution record names, and gives the records that name a changed one.
    fn note_records(&mut self, moved: &[Moved]) -> BTreeSet<String> {
        fn named(document: &Option<Arc<Document>>) -> Option<&String> {
            match document.as_deref()? {
                Document::Resolution(resolution) => resolution.linked_article.as_ref(),
                Document::Article(_) => None,
            }
        }
        for it in moved {
            if let Some(records) = named(&it.old).and_then(|article| self.records.get_mut(article)) {
                records.remove(&it.path);
            }
            if let Some(article) = named(&it.new) {
                self.records.entry(article.clone()).or_default().insert(it.path.clone());
            }
        }
        moved.iter().filter_map(|it| self.records.get(&it.path)).flatten().cloned().collect()
    }

    /// The pages whose links may lead elsewhere now.
    fn linking_to(&self, families: &HashSet<String>, beside: &BTreeSet<String>) -> BTreeSet<String> {
        if families.is_empty() && beside.is_empty() {
            return BTreeSet::new();
        }
        let many = beside.len() > MANY;
        let affected = |path: &&String| {
            let Some(entry) = self.tree.entries.get(*path) else { return false };
            // A link that led nowhere may lead somewhere once documents or files came: a finding names what was missing.
            let named = |found: &Diagnostic| many || beside.iter().any(|file| found.message.contains(file.as_str()));
            let unresolved = |found: &Diagnostic| match found.code {
                "HM021" => !families.is_empty() || named(found),
                "HM023" => named(found),
                _ => false,
            };
            // What is included may link to anything.
            !entry.rendered.included.is_empty()
                || entry.rendered.outgoing.iter().any(|link| families.contains(&family(&link.path)))
                || entry.rendered.assets.iter().any(|file| beside.contains(file))
                || entry.rendered.diagnostics.iter().any(unresolved)
        };
        let paths: Vec<&String> = self.visible.keys().collect();
        paths.into_par_iter().filter(affected).cloned().collect()
    }
}

/// So many new files that looking for each of them in the findings takes longer than rendering what has some.
const MANY: usize = 200;

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
