//! From files to what the builder remembers of them: of the whole tree, or of those that may have changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::changes::Changed;
use super::compilation::{Compilation, timed};
use super::tree::Difference;
use crate::content::{self, Standing};
use crate::diagnostic::Diagnostic;
use crate::site::{files, listing};

impl Compilation {
    /// Reads the whole tree and says how it differs from what is remembered.
    pub(super) fn read_tree(&mut self) -> Changed {
        let _timed = timed("read the tree");
        let library = content::load(&self.config);
        let mut changed = Changed::default();
        self.tree.strays = library.diagnostics;
        let found: HashSet<String> = library.found.iter().map(|found| found.document.meta().path.clone()).collect();
        for found in library.found {
            changed.note(found.document.meta().path.clone(), self.tree.take(found, self.options.hold));
        }
        let gone: Vec<String> = self.tree.entries.keys().filter(|path| !found.contains(*path)).cloned().collect();
        for path in gone {
            self.forget(&path, &mut changed);
        }
        let beside = files::load(&self.config, &library.assets, &mut self.tree.strays);
        changed.beside = differing(&self.beside, &beside);
        self.beside = beside;
        changed
    }

    /// Whether a path is a folder, or was one when the tree was last read.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        let first = |key: Option<&String>| key.is_some_and(|key| key.starts_with(&inside));
        first(self.tree.entries.range(inside.clone()..).next().map(|(key, _)| key))
            || first(self.beside.range(inside.clone()..).next().map(|(key, _)| key))
            || self.config.content_dir().join(path).is_dir()
    }

    /// Reads the named files only.
    pub(super) fn read_some(&mut self, paths: &BTreeSet<String>) -> Changed {
        let mut changed = Changed::default();
        for path in paths {
            self.read_one(path, self.options.hold, &mut changed);
        }
        changed
    }

    /// Reads files again that changed between their reading and their rendering.
    pub(super) fn read_again(&mut self, stale: BTreeSet<String>) -> Changed {
        let mut changed = Changed::default();
        for path in &stale {
            // A last good page can be kept only where there is one.
            let hold = self.options.hold && self.has_its_page(path);
            self.read_one(path, hold, &mut changed);
        }
        changed.text.extend(stale.into_iter().filter(|path| self.tree.entries.contains_key(path)));
        changed
    }

    /// Leaves out files that never stay as they were read for as long as a rendering takes.
    pub(super) fn leave_out(&mut self, stale: BTreeSet<String>) -> Changed {
        let mut changed = Changed::default();
        for path in stale {
            self.forget(&path, &mut changed);
            if self.beside.remove(&path).is_some() {
                changed.beside.insert(path.clone());
            }
            let message = "the file changes all the time; it is left out until it rests";
            self.tree.strays.push(Diagnostic::warning("HM019", &format!("content/{path}"), message));
        }
        changed
    }

    /// Whether the page of a document, at the address that it has now, is there.
    fn has_its_page(&self, path: &str) -> bool {
        let Some(entry) = self.tree.entries.get(path) else { return false };
        let file = listing::file_of(&entry.document.meta().url);
        self.pages.get(path).is_some_and(|(made, _)| *made == file)
    }

    fn read_one(&mut self, path: &str, hold: bool, changed: &mut Changed) {
        let file = format!("content/{path}");
        self.tree.strays.retain(|found| found.path != file);
        let standing = content::standing(&self.config, path);
        let read = if standing == Standing::Document { content::read(&self.config, path) } else { Ok(None) };
        match read {
            Ok(Some(found)) => {
                let difference = self.tree.take(found, hold);
                changed.note(path.to_owned(), difference);
            }
            Ok(None) => self.forget(path, changed),
            // As a clean build has it: no page of what cannot be read.
            Err(diagnostic) => {
                self.forget(path, changed);
                self.tree.strays.push(diagnostic);
            }
        }
        let assets = if standing == Standing::Asset { vec![path.to_owned()] } else { Vec::new() };
        let new = files::load(&self.config, &assets, &mut self.tree.strays).remove(path);
        if self.beside.get(path) != new.as_ref() {
            changed.beside.insert(path.to_owned());
            match new {
                Some(file) => self.beside.insert(path.to_owned(), file),
                None => self.beside.remove(path),
            };
        }
        if let Standing::LeftOut(diagnostic) = standing {
            self.tree.strays.push(*diagnostic);
        }
    }

    fn forget(&mut self, path: &str, changed: &mut Changed) {
        if self.tree.forget(path) {
            changed.note(path.to_owned(), Difference::Face);
        }
    }
}

/// The paths at which two maps differ.
fn differing<V: PartialEq>(old: &BTreeMap<String, V>, new: &BTreeMap<String, V>) -> BTreeSet<String> {
    let changed = new.iter().filter(|(path, file)| old.get(*path) != Some(file)).map(|(path, _)| path);
    let gone = old.keys().filter(|path| !new.contains_key(*path));
    changed.chain(gone).cloned().collect()
}
