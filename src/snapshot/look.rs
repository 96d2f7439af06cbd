//! What a compilation knows of the documents, for those who look at all of them at once.

use super::Snapshot;
use super::compilation::Compilation;
use super::options::{CompileError, Keep, Options};
use crate::config::Config;
use crate::content::Document;
use crate::markdown::{Links, Outgoing};

/// One document of the tree, without its text.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub document: &'a Document,
    /// Whether readers see it.
    pub visible: bool,
    /// Its links to other documents, whether these exist or not.
    pub links: &'a [Outgoing],
}

impl Compilation {
    /// Compiles the whole tree for its findings alone: nothing is written, and nothing can be searched.
    ///
    /// # Errors
    /// As [`Compilation::start`].
    pub fn look(config: Config, options: Options) -> Result<(Self, Snapshot), CompileError> {
        let options = Options { public: None, index: Keep::Nowhere, ..options };
        let (mut compilation, mut snapshot) = Self::start(config, options, 1)?;
        let failing = compilation.proof();
        compilation.blame_the_theme(failing);
        snapshot.diagnostics = compilation.diagnostics();
        Ok((compilation, snapshot))
    }

    /// What links are resolved with.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Every document, by path.
    pub fn documents(&self) -> impl Iterator<Item = Known<'_>> {
        self.tree.entries.iter().map(|(path, entry)| Known {
            document: &entry.document,
            visible: self.visible.contains_key(path),
            links: &entry.rendered.outgoing,
        })
    }
}
