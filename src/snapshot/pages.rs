//! The files of `public/`: which are made again, and which are taken away.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::compilation::{Compilation, timed};
use super::options::CompileError;
use super::redirects::redirects;
use super::render::{self, Outcome, Tools};
use crate::content::Document;
use crate::site::listing::Made;
use crate::site::output::{Output, OutputError};
use crate::site::theme::Theme;
use crate::site::{common, document, listing, machine};

impl Compilation {
    pub(super) fn tools(&self) -> Tools<'_> {
        Tools {
            config: &self.config,
            theme: &self.theme,
            links: &self.links,
            visible: &self.visible,
            output: self.output.as_ref(),
            index: &self.index,
            compress: self.options.compress,
        }
    }

    /// Renders those of `candidates` whose inputs changed. Gives what has to be read again, and whether a summary or
    /// a heading that listings show is new.
    pub(super) fn render_documents(
        &mut self,
        candidates: &[Arc<Document>],
        forced: &BTreeSet<String>,
    ) -> Result<(BTreeSet<String>, bool), CompileError> {
        let word = |lang: &str, key: &str| self.theme.text(lang, key);
        let tools = self.tools();
        let _timed = timed("render documents");
        let done = AtomicUsize::new(0);
        let one = |document: &Arc<Document>| {
            let words = listing::Words(&word);
            let surroundings = document::surroundings(&self.config, &words, &self.catalog, &self.related, document);
            let path = &document.meta().path;
            let file = listing::file_of(&document.meta().url);
            let inputs = hash_inputs(&self.theme, &document.body().hash, &(&surroundings.common, &surroundings.page));
            let entry = self.tree.entries.get(path);
            let made = self.pages.get(path).filter(|(made, _)| *made == file);
            let held = entry.is_some_and(|entry| entry.held) && made.is_some();
            let same = made.is_some_and(|(_, made)| *made == inputs) && !forced.contains(path);
            let count = done.fetch_add(1, Ordering::Relaxed) + 1;
            (self.options.progress)(count, candidates.len());
            if same || held {
                return Ok(None);
            }
            let indexed = entry.and_then(|entry| entry.rendered.indexed);
            let outcome = render::render(&tools, document, surroundings, indexed)?;
            Ok(Some((path.clone(), file, inputs, outcome)))
        };
        let outcomes: Vec<_> =
            candidates.par_iter().map(one).filter_map(Result::transpose).collect::<Result<_, CompileError>>()?;
        let mut stale = BTreeSet::new();
        let mut restated = Vec::new();
        for (path, file, inputs, outcome) in outcomes {
            let Outcome::Rendered(rendered) = outcome else {
                stale.insert(path);
                continue;
            };
            self.pages.insert(path.clone(), (file, inputs));
            if self.tree.note(&path, *rendered) {
                restated.push(path);
            }
        }
        let visible = restated.into_iter().filter_map(|path| self.visible.get_key_value(&path));
        let cards: Vec<_> = visible.map(|(path, document)| (path.clone(), Some(self.card(document)))).collect();
        let listed = !cards.is_empty();
        // Documents show neither summaries nor headings of one another: no page is concerned.
        self.catalog.update(cards);
        Ok((stale, listed))
    }

    /// Everything but the documents and the index. Gives the files beside documents that have to be read again.
    pub(super) fn finish(&mut self, all: bool, listings: bool) -> Result<BTreeSet<String>, CompileError> {
        if listings {
            self.render_listings(all)?;
        }
        let _timed = timed("copy files, remove leftovers");
        let mut stale = BTreeSet::new();
        if let Some(output) = self.output.take() {
            let copies = match all || std::mem::take(&mut self.tree.uses_other_files) {
                true => self.copy_files_beside(&output).map(Some),
                false => Ok(None),
            };
            let done = copies.and_then(|copies| {
                if let Some((copies, others)) = copies {
                    stale = others;
                    self.retired.extend(self.copies.keys().filter(|file| !copies.contains_key(*file)).cloned());
                    self.copies = copies;
                }
                self.remove_retired(&output)
            });
            self.output = Some(output);
            done?;
        }
        Ok(stale)
    }

    /// Renders the pages about documents, and the files for machines, where what they show changed.
    pub(super) fn render_listings(&mut self, all: bool) -> Result<(), CompileError> {
        let _timed = timed("render listings");
        if self.output.is_none() {
            // Nothing is written, but an alias may be taken all the same.
            let word = |lang: &str, key: &str| self.theme.text(lang, key);
            let groups = listing::groups(&self.config, &listing::Words(&word), &self.catalog, &HashMap::new());
            let jobs = groups.into_iter().filter_map(|group| group.jobs).flatten();
            let made: Vec<_> = jobs.map(|job| (job.file, [0; 32])).collect();
            let (pages, clashes) = redirects(&self.config, &self.visible, &made);
            self.redirect_clashes = clashes;
            self.unwritten =
                made.into_iter().map(|(file, _)| file).chain(pages.into_iter().map(|(file, _)| file)).collect();
            self.tree.addresses_moved = true;
            return Ok(());
        }
        if all {
            self.groups.clear();
        }
        let mut made = self.render_groups()?;
        self.render_machine_files(&mut made)?;
        let listings: HashMap<String, [u8; 32]> =
            made.values().flat_map(|group| &group.files).map(|(file, inputs)| (file.clone(), *inputs)).collect();
        let offline = self.listings.remove_entry(machine::OFFLINE_INDEX);
        self.tree.addresses_moved |=
            listings.len() != self.listings.len() || listings.keys().any(|file| !self.listings.contains_key(file));
        let gone = self.listings.drain().map(|(file, _)| file).filter(|file| !listings.contains_key(file));
        self.retired.extend(gone);
        self.listings = listings;
        self.listings.extend(offline);
        self.groups = made;
        self.offline_stale = true;
        Ok(())
    }

    /// Pages about documents, by what changes together.
    fn render_groups(&self) -> Result<HashMap<String, Made>, CompileError> {
        let word = |lang: &str, key: &str| self.theme.text(lang, key);
        let tools = self.tools();
        let render = |lang: &str, mut job: listing::Job| {
            let inputs = hash_inputs(&self.theme, &[0; 32], &job);
            if self.listings.get(&job.file) != Some(&inputs) {
                job.fill(&self.config, lang);
                let html = self.theme.render(job.template, &job.common, &job.page)?;
                render::put(&tools, &job.file, html.as_bytes())?;
            }
            Ok((job.file, inputs))
        };
        let groups = listing::groups(&self.config, &listing::Words(&word), &self.catalog, &self.groups);
        let group = |group: listing::Group| {
            let files = match (group.jobs, self.groups.get(&group.id)) {
                (Some(jobs), _) => {
                    jobs.into_par_iter().map(|job| render(&group.lang, job)).collect::<Result<_, CompileError>>()?
                }
                (None, known) => known.map(|made| made.files.clone()).unwrap_or_default(),
            };
            Ok((group.id, Made { version: group.version, count: group.count, files }))
        };
        groups.into_par_iter().map(group).collect()
    }

    /// Files for machines, redirects, and the theme's own.
    fn render_machine_files(&mut self, made: &mut HashMap<String, Made>) -> Result<(), CompileError> {
        let tools = self.tools();
        let write = |files: Vec<machine::File>| {
            let write = |(file, bytes): machine::File| {
                let hash = *blake3::hash(&bytes).as_bytes();
                if self.listings.get(&file) != Some(&hash) {
                    render::put(&tools, &file, &bytes)?;
                }
                Ok((file, hash))
            };
            files.into_iter().map(write).collect::<Result<Vec<_>, CompileError>>()
        };
        let keep = |id: &str| self.groups.get(id).map(|made| made.files.clone());
        let version = Some(self.catalog.versions.addresses);
        let sitemaps = match self.groups.get("sitemaps").filter(|made| made.version == version) {
            Some(made) => made.files.clone(),
            None => write(machine::sitemaps(&self.config, &self.catalog))?,
        };
        let feeds = write(machine::files(&self.config, &self.catalog))?;
        let assets = match keep("assets") {
            Some(files) => files,
            None => self.put_assets()?,
        };
        let others = [("sitemaps", version, sitemaps), ("feeds", None, feeds), ("assets", None, assets)];
        made.extend(others.map(|(id, version, files)| (id.to_owned(), Made { version, count: 0, files })));

        let listed: Vec<(String, [u8; 32])> = made.values().flat_map(|group| group.files.iter().cloned()).collect();
        // An address that became free counts as one that is taken.
        let earlier: usize =
            self.groups.iter().filter(|(id, _)| *id != "redirects").map(|(_, it)| it.files.len()).sum();
        let moved = listed.len() != earlier || listed.iter().any(|(file, _)| !self.listings.contains_key(file));
        let (files, clashes) = match keep("redirects").filter(|_| !moved && !self.redirects_stale) {
            Some(files) => (files, None),
            None => {
                let (pages, clashes) = redirects(&self.config, &self.visible, &listed);
                (write(pages)?, Some(clashes))
            }
        };
        made.insert("redirects".to_owned(), Made { version: None, count: 0, files });
        if let Some(clashes) = clashes {
            self.redirect_clashes = clashes;
        }
        self.redirects_stale = false;
        Ok(())
    }

    fn put_assets(&self) -> Result<Vec<(String, [u8; 32])>, CompileError> {
        let mut files = Vec::new();
        for asset in self.theme.assets() {
            let forms = [("", Some(&asset.bytes)), (".br", asset.brotli.as_ref()), (".gz", asset.gzip.as_ref())];
            for (suffix, bytes) in forms.into_iter().filter_map(|(suffix, bytes)| Some((suffix, bytes?))) {
                let file = format!("{}{suffix}", asset.path);
                if let Some(output) = &self.output {
                    output.put(&file, bytes)?;
                }
                files.push((file, [0; 32]));
            }
        }
        Ok(files)
    }

    /// Writes the offline index if it is owed; true when it was.
    pub(super) fn write_offline_index(&mut self) -> Result<bool, CompileError> {
        if !std::mem::take(&mut self.offline_stale) || self.output.is_none() {
            return Ok(false);
        }
        let bytes = machine::offline_index(&self.config, &self.catalog);
        render::put(&self.tools(), machine::OFFLINE_INDEX, &bytes)?;
        self.listings.insert(machine::OFFLINE_INDEX.to_owned(), *blake3::hash(&bytes).as_bytes());
        Ok(true)
    }

    /// Copies the files that public pages use, and says which those are, and which are no longer what was read.
    pub(super) fn copy_files_beside(&self, output: &Output) -> Result<(Copies, BTreeSet<String>), CompileError> {
        let used: BTreeSet<&String> = self
            .visible
            .keys()
            .filter_map(|path| self.tree.entries.get(path))
            .flat_map(|entry| &entry.rendered.assets)
            .collect();
        let (mut copies, mut stale) = (HashMap::new(), BTreeSet::new());
        for path in used {
            let Some(file) = self.beside.get(path) else { continue };
            if self.copies.get(&file.output) != Some(&file.hash) {
                let bytes = std::fs::read(self.config.content_dir().join(path)).ok();
                // Its name holds the hash: other bytes have another.
                let Some(bytes) = bytes.filter(|bytes| *blake3::hash(bytes).as_bytes() == file.hash) else {
                    stale.insert(path.clone());
                    continue;
                };
                output.put(&file.output, &bytes)?;
            }
            copies.insert(file.output.clone(), file.hash);
        }
        if let Some((logo, file)) = common::logo_file(&self.config) {
            if self.copies.get(&file) != Some(&logo.hash) {
                let path = self.config.root.join(&logo.path);
                let changed = || std::io::Error::other("it changed while the site was built; build it again");
                let bytes = std::fs::read(&path).and_then(|bytes| match blake3::hash(&bytes) == logo.hash {
                    true => Ok(bytes),
                    false => Err(changed()),
                });
                output.put(&file, &bytes.map_err(|source| OutputError { path, source })?)?;
            }
            copies.insert(file, logo.hash);
        }
        Ok((copies, stale))
    }

    /// Removes those of the retired files that nothing makes any more.
    pub(super) fn remove_retired(&mut self, output: &Output) -> Result<(), CompileError> {
        if self.retired.is_empty() {
            return Ok(());
        }
        let made = self.visible.values().map(|document| &document.meta().url);
        let retired: HashSet<String> = std::mem::take(&mut self.retired).into_iter().collect();
        let wanted: HashSet<String> =
            made.map(|url| listing::file_of(url)).filter(|file| retired.contains(file)).collect();
        let standing: HashSet<&String> = self.stand_ins.files().filter(|file| retired.contains(*file)).collect();
        let wanted = |file: &str| {
            wanted.contains(file)
                || self.listings.contains_key(file)
                || self.copies.contains_key(file)
                || standing.contains(&file.to_owned())
        };
        let manifest = output.manifest();
        for file in retired.iter().filter(|file| !wanted(file)) {
            for suffix in ["", ".br", ".gz"] {
                let file = format!("{file}{suffix}");
                if manifest.files.contains_key(&file) && !wanted(&file) {
                    output.remove(&file)?;
                }
            }
        }
        Ok(())
    }
}

/// Copies of files beside documents, by their names in the output, with their hashes.
type Copies = HashMap<String, [u8; 32]>;

/// One hash over everything a rendering reads.
pub(super) fn hash_inputs(theme: &Theme, text: &[u8; 32], context: &impl serde::Serialize) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(theme.fingerprint().as_bytes());
    hasher.update(text);
    // Plain structures of strings and numbers always serialise.
    let _ = serde_json::to_writer(&mut hasher, context);
    *hasher.finalize().as_bytes()
}
