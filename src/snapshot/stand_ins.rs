//! Which articles have pages in languages in which they are not written, and the making of these pages.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::compilation::{Compilation, timed};
use super::options::CompileError;
use super::pages::hash_inputs;
use super::render;
use super::tree::Moved;
use crate::content::{self, Document, alias};
use crate::site::{document, listing, stand_in};

/// The pages that stand in for translations, as of the last build.
#[derive(Default)]
pub(super) struct StandIns {
    /// By the article's path: the files, and what they were made from.
    made: HashMap<String, BTreeMap<String, [u8; 32]>>,
    /// What each article wants, whether it has that or not: by its path, the files.
    wants: HashMap<String, BTreeSet<String>>,
    /// The articles that want a file, by the file: the first has it, unless a document or an alias does.
    wanted: HashMap<String, BTreeSet<String>>,
    /// The files at old addresses.
    aliases: HashSet<String>,
    /// The languages that have such pages.
    languages: BTreeSet<String>,
}

/// A page that an article would have in another language.
struct Wanted {
    file: String,
    url: String,
    lang: String,
}

impl StandIns {
    /// Every file of theirs.
    pub(super) fn files(&self) -> impl Iterator<Item = &String> {
        self.made.values().flat_map(BTreeMap::keys)
    }

    pub(super) fn is_at(&self, file: &str) -> bool {
        let path = self.wanted.get(file).and_then(BTreeSet::first);
        path.and_then(|path| self.made.get(path)).is_some_and(|made| made.contains_key(file))
    }

    pub(super) fn count(&self) -> usize {
        self.made.values().map(BTreeMap::len).sum()
    }
}

impl Compilation {
    /// The articles whose stand-ins may be others now, because addresses became free or were taken; and whether a
    /// language got its first article, or lost its last, which concerns all.
    pub(super) fn stand_ins_concerned(&mut self, moved: &[Moved]) -> (BTreeSet<String>, bool) {
        let spoken = self.config.languages.iter().map(|language| language.code.clone());
        let languages: BTreeSet<String> = spoken.filter(|lang| self.catalog.speaks(lang)).collect();
        let everything = self.stand_ins.languages != languages;
        self.stand_ins.languages = languages;
        let urls = moved.iter().filter(|it| it.elsewhere()).flat_map(|it| it.old.iter().chain(&it.new));
        let mut files: Vec<String> = urls.map(|document| listing::file_of(&document.meta().url)).collect();
        if self.redirects_stale {
            let aliases = self.visible.values().filter_map(|document| match document.as_ref() {
                Document::Article(article) => Some(&article.aliases),
                Document::Resolution(_) => None,
            });
            let aliases: HashSet<String> = aliases.flatten().filter_map(|alias| alias::file_of(alias).ok()).collect();
            files.extend(aliases.symmetric_difference(&self.stand_ins.aliases).cloned());
            self.stand_ins.aliases = aliases;
        }
        (files.iter().filter_map(|file| self.stand_ins.wanted.get(file)).flatten().cloned().collect(), everything)
    }

    /// Makes the stand-ins of `candidates` whose inputs changed, and retires those that are wanted no more. Gives what
    /// has to be read again.
    pub(super) fn render_stand_ins(
        &mut self,
        candidates: &[Arc<Document>],
        gone: &[String],
        forced: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, CompileError> {
        let _timed = timed("stand in for translations");
        let known: HashSet<&str> = candidates.iter().map(|document| document.meta().path.as_str()).collect();
        let mut concerned: BTreeSet<String> = known.iter().map(|path| (*path).to_owned()).collect();
        concerned.extend(gone.iter().cloned());
        let mut wants: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
        let mut rivals = BTreeSet::new();
        for path in &concerned {
            let now = self.wants(path);
            let files: BTreeSet<String> = now.iter().map(|it| it.file.clone()).collect();
            let before = match files.is_empty() {
                true => self.stand_ins.wants.remove(path),
                false => self.stand_ins.wants.insert(path.clone(), files.clone()),
            };
            for file in before.iter().flatten().filter(|file| !files.contains(*file)) {
                rivals.extend(unwant(&mut self.stand_ins.wanted, file, path));
            }
            for file in files {
                let all = self.stand_ins.wanted.entry(file).or_default();
                all.insert(path.clone());
                rivals.extend(all.iter().filter(|_| all.len() > 1).cloned());
            }
            wants.insert(path.clone(), now);
        }
        for path in rivals {
            let now = self.wants(&path);
            wants.entry(path).or_insert(now);
        }
        let has = |path: &String, it: &Wanted| {
            self.stand_ins.wanted.get(&it.file).and_then(BTreeSet::first) == Some(path)
                && !self.titles.contains_key(&it.url)
                && !self.stand_ins.aliases.contains(&it.file)
        };
        let jobs: Vec<(&String, &Wanted)> = wants
            .iter()
            .flat_map(|(path, wants)| wants.iter().map(move |it| (path, it)))
            .filter(|(path, it)| has(path, it))
            .collect();
        let made: Vec<Option<[u8; 32]>> = jobs
            .par_iter()
            .map(|(path, it)| self.stand_in(path, it, forced.contains(*path)))
            .collect::<Result<_, CompileError>>()?;
        let mut stale = BTreeSet::new();
        let mut now: BTreeMap<&String, BTreeMap<String, [u8; 32]>> = BTreeMap::new();
        for ((path, it), inputs) in jobs.iter().zip(made) {
            match inputs {
                Some(inputs) => drop(now.entry(*path).or_default().insert(it.file.clone(), inputs)),
                None => drop(stale.insert((*path).clone())),
            }
        }
        for path in wants.keys() {
            let now = now.remove(path).unwrap_or_default();
            let before = match now.is_empty() {
                true => self.stand_ins.made.remove(path),
                false => self.stand_ins.made.insert(path.clone(), now.clone()),
            };
            let before = before.unwrap_or_default();
            self.tree.addresses_moved |= !before.keys().eq(now.keys());
            self.retired.extend(before.into_keys().filter(|file| !now.contains_key(file)));
        }
        Ok(stale)
    }

    /// The pages that would stand in for translations of an article; none for one that is not seen.
    fn wants(&self, path: &str) -> Vec<Wanted> {
        let seen = self.visible.get(path).and_then(|_| self.catalog.cards.get(path));
        let Some(card) = seen else { return Vec::new() };
        let languages = stand_in::languages(&self.config, &self.catalog, card).into_iter();
        let wanted = languages.map(|lang| {
            let url = stand_in::url(&self.config, lang, &card.url, &card.lang);
            Wanted { file: listing::file_of(&url), url, lang: lang.to_owned() }
        });
        wanted.collect()
    }

    /// Makes one page when its inputs are others now, and gives these; `None` when the article must be read again.
    fn stand_in(&self, path: &str, it: &Wanted, forced: bool) -> Result<Option<[u8; 32]>, CompileError> {
        let Some(document) = self.visible.get(path) else { return Ok(None) };
        let word = |lang: &str, key: &str| self.theme.text(lang, key);
        let words = listing::Words(&word);
        let surroundings = stand_in::surroundings(&self.config, &words, &self.catalog, document, &it.lang);
        let inputs = hash_inputs(&self.theme, &document.body().hash, &(&surroundings.common, &surroundings.page));
        let made = self.stand_ins.made.get(path).and_then(|files| files.get(&it.file)).copied();
        let held = self.tree.entries.get(path).is_some_and(|entry| entry.held);
        if self.output.is_none() || made == Some(inputs) && !forced {
            return Ok(Some(inputs));
        }
        if held {
            // Its text is not at hand until it is mended.
            return Ok(Some(made.unwrap_or_default()));
        }
        let Some(full) = content::with_text(&self.config, document) else { return Ok(None) };
        let page = render::page(&self.tools(), full);
        let surroundings = document::complete(surroundings, &page, &document::summary(&page));
        let html = self.theme.render(document::template(document.kind()), &surroundings.common, &surroundings.page)?;
        render::put(&self.tools(), &it.file, html.as_bytes())?;
        Ok(Some(inputs))
    }
}

/// Takes a want back, and gives those that have another chance now.
fn unwant(wanted: &mut HashMap<String, BTreeSet<String>>, file: &str, path: &str) -> BTreeSet<String> {
    let Some(all) = wanted.get_mut(file) else { return BTreeSet::new() };
    all.remove(path);
    let rest = all.clone();
    if rest.is_empty() {
        wanted.remove(file);
    }
    rest
}
