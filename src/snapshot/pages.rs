//! The files of `public/`: which are made again, and which are taken away.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::compilation::{Compilation, CompileError, timed};
use super::redirects::redirects;
use super::render::{self, Outcome, Tools};
use crate::content::Document;
use crate::site::output::{Output, OutputError};
use crate::site::theme::Theme;
use crate::site::{common, document, listing, machine};

impl Compilation {
    fn tools(&self) -> Tools<'_> {
        Tools {
            config: &self.config,
            theme: &self.theme,
            links: &self.links,
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
        let mut listed = false;
        for (path, file, inputs, outcome) in outcomes {
            let Outcome::Rendered(rendered) = outcome else {
                stale.insert(path);
                continue;
            };
            self.pages.insert(path.clone(), (file, inputs));
            if let Some(entry) = self.tree.entries.get_mut(&path) {
                listed |= entry.rendered.summary != rendered.summary || entry.rendered.toc != rendered.toc;
                entry.rendered = *rendered;
            }
        }
        Ok((stale, listed))
    }

    /// Renders the pages about documents, and the files for machines, where their inputs changed.
    pub(super) fn render_listings(&mut self) -> Result<(), CompileError> {
        let _timed = timed("render listings");
        self.catalog = Arc::new(self.make_catalog());
        let word = |lang: &str, key: &str| self.theme.text(lang, key);
        let tools = self.tools();
        let jobs = listing::jobs(&self.config, &listing::Words(&word), &self.catalog);
        let Some(output) = &self.output else {
            // Nothing is written, but an alias may be taken all the same.
            let made: Vec<_> = jobs.iter().map(|job| (job.file.clone(), [0; 32])).collect();
            self.redirect_clashes = redirects(&self.config, &self.visible, &made).1;
            return Ok(());
        };
        let render = |job: &listing::Job| {
            let inputs = hash_inputs(&self.theme, &[0; 32], job);
            if self.listings.get(&job.file) != Some(&inputs) {
                let html = self.theme.render(job.template, &job.common, &job.page)?;
                render::put(&tools, &job.file, html.as_bytes())?;
            }
            Ok((job.file.clone(), inputs))
        };
        let mut made: Vec<(String, [u8; 32])> = jobs.par_iter().map(render).collect::<Result<_, CompileError>>()?;
        let redirects = redirects(&self.config, &self.visible, &made);
        for (file, bytes) in machine::files(&self.config, &self.catalog).into_iter().chain(redirects.0) {
            render::put(&tools, &file, &bytes)?;
            made.push((file, *blake3::hash(&bytes).as_bytes()));
        }
        for asset in self.theme.assets() {
            let forms = [("", Some(&asset.bytes)), (".br", asset.brotli.as_ref()), (".gz", asset.gzip.as_ref())];
            for (suffix, bytes) in forms.into_iter().filter_map(|(suffix, bytes)| Some((suffix, bytes?))) {
                let file = format!("{}{suffix}", asset.path);
                output.put(&file, bytes)?;
                made.push((file, [0; 32]));
            }
        }
        self.redirect_clashes = redirects.1;
        self.listings = made.into_iter().collect();
        Ok(())
    }

    /// Copies the files that public pages use, and says which those are.
    pub(super) fn copy_files_beside(&self, output: &Output) -> Result<HashMap<String, [u8; 32]>, CompileError> {
        let used: BTreeSet<&String> = self
            .visible
            .keys()
            .filter_map(|path| self.tree.entries.get(path))
            .flat_map(|entry| &entry.rendered.assets)
            .collect();
        let mut copies = HashMap::new();
        for path in used {
            let Some(file) = self.beside.get(path) else { continue };
            if self.copies.get(&file.output) != Some(&file.hash) {
                // A file that went away since the tree was read is missed by the next change.
                let Ok(bytes) = std::fs::read(self.config.content_dir().join(path)) else { continue };
                output.put(&file.output, &bytes)?;
            }
            copies.insert(file.output.clone(), file.hash);
        }
        if let Some((path, file)) = common::logo_file(&self.config) {
            let path = self.config.root.join(path);
            let bytes = std::fs::read(&path).map_err(|source| OutputError { path, source })?;
            output.put(&file, &bytes)?;
            copies.insert(file, *blake3::hash(&bytes).as_bytes());
        }
        Ok(copies)
    }

    /// Removes the files that nothing makes any more.
    pub(super) fn remove_leftovers(&self, output: &Output) -> Result<(), CompileError> {
        let wanted: HashSet<&str> = (self.pages.values().map(|(file, _)| file.as_str()))
            .chain(self.listings.keys().map(String::as_str))
            .chain(self.copies.keys().map(String::as_str))
            .collect();
        let compressed = |file: &str| {
            let plain = file.strip_suffix(".br").or_else(|| file.strip_suffix(".gz"));
            self.options.compress && plain.is_some_and(|plain| wanted.contains(plain))
        };
        let manifest = output.manifest();
        for file in manifest.files.keys().filter(|file| !wanted.contains(file.as_str()) && !compressed(file)) {
            output.remove(file)?;
        }
        Ok(())
    }
}

/// One hash over everything a rendering reads.
fn hash_inputs(theme: &Theme, text: &[u8; 32], context: &impl serde::Serialize) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(theme.fingerprint().as_bytes());
    hasher.update(text);
    // Plain structures of strings and numbers always serialise.
    let _ = serde_json::to_writer(&mut hasher, context);
    *hasher.finalize().as_bytes()
}
