//! What may have changed, as hints: everything named here is looked at again.

use std::collections::BTreeSet;

use super::tree::Difference;

/// Hints from the watcher, merged until the builder takes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files of the content tree, relative to `content/`.
    pub paths: BTreeSet<String>,
    /// A directory moved, an event was lost, or time has passed: compare the whole tree.
    pub tree: bool,
    /// Something in `themes/`.
    pub theme: bool,
    /// `site.toml`.
    pub config: bool,
    /// Files of the built site are not what was written: all are made again.
    pub files: bool,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn merge(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.tree |= other.tree;
        self.theme |= other.theme;
        self.config |= other.config;
        self.files |= other.files;
    }
}

/// How the tree differs from what is remembered.
#[derive(Default)]
pub(super) struct Changed {
    /// Documents whose text alone is new.
    pub(super) text: BTreeSet<String>,
    /// Documents that came, went, or have another face.
    pub(super) faces: BTreeSet<String>,
    /// Files beside documents that came, went or changed.
    pub(super) beside: BTreeSet<String>,
    pub(super) everything: bool,
}

impl Changed {
    pub(super) fn note(&mut self, path: String, difference: Difference) {
        match difference {
            Difference::None => {}
            Difference::Text => drop(self.text.insert(path)),
            Difference::Face => drop(self.faces.insert(path)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.faces.is_empty() && self.beside.is_empty() && !self.everything
    }
}
