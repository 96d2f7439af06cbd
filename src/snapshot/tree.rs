//! What the builder remembers of every document: its face, what its last rendering found, never its text.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::changes::Changed;
use crate::config::Config;
use crate::content::{Body, Document, Found, place};
use crate::diagnostic::Diagnostic;
use crate::markdown::{Lost, Outgoing, SiteLink};

/// One document file.
pub(super) struct Entry {
    /// Without its text.
    pub(super) document: Arc<Document>,
    /// Findings of reading the file as it is now.
    pub(super) read: Vec<Diagnostic>,
    /// The file as it is now is broken, and `document` is the last good one.
    pub(super) held: bool,
    pub(super) rendered: Rendered,
    /// Its links to headings that other documents do not have ([`Tree::check_anchors`]).
    dangling: Vec<Diagnostic>,
    /// Its links to addresses that the site does not have ([`super::compilation::Compilation::check_addresses`]).
    pub(super) dead: Vec<Diagnostic>,
}

/// What a rendering leaves behind.
#[derive(Default)]
pub(super) struct Rendered {
    pub(super) summary: String,
    /// Second-level headings, joined ([`crate::site::catalog::join_headings`]).
    pub(super) headings: Box<str>,
    /// Every id of the page, one a line: what a link may name.
    pub(super) anchors: Box<str>,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) site_links: Vec<SiteLink>,
    /// Other documents whose text is part of the page.
    pub(super) included: Vec<String>,
    pub(super) lost: Vec<Lost>,
    pub(super) assets: Vec<String>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The fingerprint under which the search index has it.
    pub(super) indexed: Option<[u8; 32]>,
}

/// How much of a document a new reading changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    None,
    /// Its text: only its own page shows that.
    Text,
    /// Its front matter, or that it is there at all: other pages may show it.
    Face,
}

#[derive(Default)]
pub(super) struct Tree {
    pub(super) entries: BTreeMap<String, Entry>,
    /// Findings about files that are no documents.
    pub(super) strays: Vec<Diagnostic>,
    /// Two documents at one URL.
    pub(super) clashes: Vec<Diagnostic>,
    /// Whether [`Tree::take`] found something else to say about a file than before, since this was last cleared.
    pub(super) says_otherwise: bool,
    /// Another set of files beside documents may be in use, since this was last cleared.
    pub(super) uses_other_files: bool,
    /// Documents whose own links to headings are not checked yet, and those to which links are not.
    pub(super) unchecked: (BTreeSet<String>, HashSet<String>),
    /// Addresses of the site came or went, since this was last cleared.
    pub(super) addresses_moved: bool,
    /// By document, those whose pages include its text.
    includers: HashMap<String, BTreeSet<String>>,
    /// Documents that are held since the last compilation, or no more.
    held: BTreeSet<String>,
}

/// A document that readers see, before and after a change.
pub(super) struct Moved {
    pub(super) path: String,
    pub(super) old: Option<Arc<Document>>,
    pub(super) new: Option<Arc<Document>>,
}

impl Moved {
    /// Whether it came, went, or has another address.
    pub(super) fn elsewhere(&self) -> bool {
        let url = |document: &Option<Arc<Document>>| document.as_ref().map(|document| document.meta().url.clone());
        url(&self.old) != url(&self.new)
    }
}

impl Tree {
    /// Takes in a document as it was just read. With `hold`, a broken one leaves the last good one in place.
    pub(super) fn take(&mut self, found: Found, hold: bool) -> Difference {
        let mut document = found.document;
        document.drop_text();
        let path = document.meta().path.clone();
        let Some(entry) = self.entries.get_mut(&path) else {
            let entry = Entry {
                document: Arc::new(document),
                read: found.diagnostics,
                held: false,
                rendered: Rendered::default(),
                dangling: Vec::new(),
                dead: Vec::new(),
            };
            self.says_otherwise |= !entry.read.is_empty();
            self.entries.insert(path, entry);
            return Difference::Face;
        };
        let was_good =
            entry.held || !entry.read.iter().any(|found| found.severity == crate::diagnostic::Severity::Error);
        self.says_otherwise |= entry.read != found.diagnostics;
        entry.read = found.diagnostics;
        if entry.held != (found.broken && hold && was_good) {
            self.held.insert(path.clone());
            self.unchecked.1.insert(path);
        }
        if found.broken && hold && was_good {
            entry.held = true;
            return Difference::None;
        }
        entry.held = false;
        let difference = difference(&entry.document, &document);
        if difference != Difference::None {
            entry.document = Arc::new(document);
        }
        difference
    }

    /// Brings `visible` up to date where the documents at `paths` are others now, and says which it shows otherwise.
    /// `taken` says which URLs were those of visible documents.
    pub(super) fn revise(
        &mut self,
        visible: &mut BTreeMap<String, Arc<Document>>,
        paths: &BTreeSet<String>,
        config: &Config,
        drafts: bool,
        taken: &dyn Fn(&str) -> bool,
    ) -> Vec<Moved> {
        let moved: Vec<Moved> = paths
            .iter()
            .map(|path| Moved {
                path: path.clone(),
                old: visible.get(path).cloned(),
                new: self.entries.get(path).map(|entry| &entry.document).filter(|it| may_be_seen(it, drafts)).cloned(),
            })
            .collect();
        let freed: HashSet<&str> = moved.iter().filter_map(|it| Some(it.old.as_ref()?.meta().url.as_str())).collect();
        let mut claimed = HashSet::new();
        let free = |url: &str| (!taken(url) || freed.contains(url)) && claimed.insert(url.to_owned());
        // Two documents at one URL: the order of all paths decides.
        let alone = moved.iter().filter_map(|it| it.new.as_ref()).map(|it| it.meta().url.as_str()).all(free);
        if self.clashes.is_empty() && !visible.is_empty() && alone {
            for it in &moved {
                match &it.new {
                    Some(new) => drop(visible.insert(it.path.clone(), Arc::clone(new))),
                    None => drop(visible.remove(&it.path)),
                }
            }
            return moved;
        }
        let old = std::mem::replace(visible, self.visible(config, drafts));
        let same = |path: &str, document: &Arc<Document>| {
            visible.get(path).is_some_and(|now| Arc::ptr_eq(now, document)) && !paths.contains(path)
        };
        let gone_or_changed: BTreeSet<&String> =
            old.iter().filter(|(path, document)| !same(path, document)).map(|(path, _)| path).collect();
        let come = visible.keys().filter(|path| !old.contains_key(*path));
        let moved = gone_or_changed.into_iter().chain(come).map(|path| Moved {
            path: path.clone(),
            old: old.get(path).cloned(),
            new: visible.get(path).cloned(),
        });
        moved.collect()
    }

    /// Every document that readers may see, by path: public, no draft (unless asked for), alone at its URL. Of two at
    /// one URL, the one whose own file is called so has it, else the first by path.
    fn visible(&mut self, config: &Config, drafts: bool) -> BTreeMap<String, Arc<Document>> {
        let mut owners: HashMap<&str, &str> = HashMap::new();
        let mut visible: BTreeMap<String, Arc<Document>> = BTreeMap::new();
        let mut clashing = Vec::new();
        for (path, entry) in &self.entries {
            if !may_be_seen(&entry.document, drafts) {
                continue;
            }
            let url = entry.document.meta().url.as_str();
            if let Some(owner) = owners.get_mut(url) {
                let named = |path: &str| self.entries.get(path).is_some_and(|entry| is_named_so(&entry.document));
                if named(owner) || !named(path) {
                    clashing.push(path);
                    continue;
                }
                clashing.extend(self.entries.get_key_value(*owner).map(|(path, _)| path));
                visible.remove(*owner);
                *owner = path;
            } else {
                owners.insert(url, path);
            }
            visible.insert(path.clone(), Arc::clone(&entry.document));
        }
        let clash = |path: &String| {
            let document = self.entries.get(path)?.document.as_ref();
            Some(clash(config, document, owners.get(document.meta().url.as_str())?))
        };
        self.clashes = clashing.into_iter().filter_map(clash).collect();
        visible
    }

    /// Takes in what a rendering left behind; true when a listing shows something else of it.
    pub(super) fn note(&mut self, path: &str, rendered: Rendered) -> bool {
        let Some(entry) = self.entries.get_mut(path) else { return false };
        self.says_otherwise |= entry.rendered.diagnostics != rendered.diagnostics;
        self.uses_other_files |= entry.rendered.assets != rendered.assets;
        if entry.rendered.anchors != rendered.anchors {
            self.unchecked.1.insert(path.to_owned());
        }
        self.unchecked.0.insert(path.to_owned());
        for other in entry.rendered.included.iter().filter(|other| !rendered.included.contains(other)) {
            if let Some(pages) = self.includers.get_mut(other) {
                pages.remove(path);
            }
        }
        for other in &rendered.included {
            self.includers.entry(other.clone()).or_default().insert(path.to_owned());
        }
        let restated = entry.rendered.summary != rendered.summary || entry.rendered.headings != rendered.headings;
        entry.rendered = rendered;
        restated
    }

    /// Forgets a document; false when it was not known.
    pub(super) fn forget(&mut self, path: &str) -> bool {
        let known = self.entries.remove(path).is_some();
        if known {
            self.says_otherwise = true;
            self.uses_other_files = true;
            self.unchecked.1.insert(path.to_owned());
        }
        known
    }

    /// Everything that is wrong with documents, in no order.
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.entries.values().flat_map(|entry| {
            entry.read.iter().chain(&entry.rendered.diagnostics).chain(&entry.dangling).chain(&entry.dead)
        })
    }

    /// The pages that show the text of a document which is another now.
    pub(super) fn including(&mut self, changed: &Changed) -> BTreeSet<String> {
        let held = std::mem::take(&mut self.held);
        if self.includers.is_empty() {
            return BTreeSet::new();
        }
        let changed = changed.text.iter().chain(&changed.faces).chain(&held);
        changed.filter_map(|path| self.includers.get(path)).flatten().cloned().collect()
    }

    /// Checks links to headings of other documents, where these or the headings are new.
    pub(super) fn check_anchors(&mut self) {
        let (mut own, targets) = std::mem::take(&mut self.unchecked);
        if !targets.is_empty() {
            let leads_there = |link: &Outgoing| link.anchor.is_some() && targets.contains(&link.path);
            let leading = self.entries.iter().filter(|(_, entry)| entry.rendered.outgoing.iter().any(leads_there));
            own.extend(leading.map(|(path, _)| path.clone()));
        }
        let paths: Vec<&String> = own.iter().collect();
        let found: Vec<_> = paths.into_par_iter().map(|path| (path, self.dangling(path))).collect();
        for (path, dangling) in found {
            if let Some(entry) = self.entries.get_mut(path).filter(|entry| entry.dangling != dangling) {
                entry.dangling = dangling;
                self.says_otherwise = true;
            }
        }
    }

    /// Links of one document to headings of others that are not there.
    fn dangling(&self, path: &str) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let links = self.entries.get(path).map_or(&[][..], |entry| &entry.rendered.outgoing);
        for link in links {
            let Some(anchor) = link.anchor.as_deref().filter(|anchor| !anchor.is_empty()) else { continue };
            let Some(target) = self.entries.get(&link.path).filter(|_| link.path != *path) else { continue };
            let known = &target.rendered.anchors;
            // An article that readers do not see was not rendered; the link itself is reported then.
            let unseen = target.held || known.is_empty();
            if unseen || known.lines().any(|id| id == anchor) {
                continue;
            }
            let message = format!("link to #{anchor}, but content/{} has no such heading", link.path);
            let mut diagnostic =
                Diagnostic::warning("HM022", &format!("content/{path}"), message).at(link.place).over(link.length);
            if let Some(near) = crate::diagnostic::nearest(anchor, known.lines()) {
                diagnostic = diagnostic.hint(format!("did you mean #{near}?"));
            }
            diagnostics.push(diagnostic);
        }
        diagnostics
    }
}

/// Whether a document's address comes from the name of its file.
fn is_named_so(document: &Document) -> bool {
    match document {
        Document::Article(article) => !article.slugged,
        Document::Resolution(record) => {
            let name = record.meta.path.rsplit('/').next().unwrap_or_default();
            name.strip_suffix(".md").or_else(|| name.strip_suffix(".markdown")) == Some(&record.id)
        }
    }
}

/// A document that has no page because `owner`, another file, has its address.
fn clash(config: &Config, document: &Document, owner: &str) -> Diagnostic {
    let meta = document.meta();
    let (key, message, hint) = match document {
        Document::Article(article) if article.slugged => (
            "slug",
            format!("this `slug` makes its address {}, which content/{owner} has already", meta.url),
            "write another `slug`, or none; this file has no page until then",
        ),
        Document::Article(_) => (
            "title",
            format!("its address {} already belongs to content/{owner}", meta.url),
            "rename one of the two files, or give one a `slug`; this one has no page until then",
        ),
        Document::Resolution(record) => (
            "id",
            format!("content/{owner} is the record of {} already", record.id),
            "correct the `id`, or make one record of the two; this one has no page until then",
        ),
    };
    let spot = place::of_key(config, &meta.path, key, None);
    let diagnostic = Diagnostic::error("HM030", &format!("content/{}", meta.path), message);
    diagnostic.at(spot.place).over(spot.length).hint(hint)
}

fn may_be_seen(document: &Document, drafts: bool) -> bool {
    document.is_public() && (drafts || !document.is_draft())
}

fn difference(old: &Document, new: &Document) -> Difference {
    if old == new {
        return Difference::None;
    }
    if face(old) == face(new) { Difference::Text } else { Difference::Face }
}

fn face(document: &Document) -> Document {
    let mut face = document.clone();
    match &mut face {
        Document::Article(article) => article.body = Body::default(),
        Document::Resolution(resolution) => resolution.body = Body::default(),
    }
    face
}
