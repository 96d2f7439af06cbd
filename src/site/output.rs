//! Files of `public/`, known by a manifest: what is there, with its hash, and nothing else is served.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One file of the built site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// blake3 of the bytes, hexadecimal.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// Every file of `public/`, by its path relative to it (`articles/network/vpn/index.html`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub files: BTreeMap<String, Entry>,
}

impl Manifest {
    /// The file a URL path stands for: `/a/b/` is `a/b/index.html`. The path is already percent-decoded and has no
    /// base path. `None` when the manifest has no such file: nothing outside it can be named.
    pub fn resolve(&self, path: &str) -> Option<(&str, &Entry)> {
        let relative = path.strip_prefix('/').unwrap_or(path);
        let file = if relative.is_empty() || relative.ends_with('/') {
            std::borrow::Cow::Owned(format!("{relative}index.html"))
        } else {
            std::borrow::Cow::Borrowed(relative)
        };
        self.files.get_key_value(file.as_ref()).map(|(name, entry)| (name.as_str(), entry))
    }
}
