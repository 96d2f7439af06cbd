//! A resolution record: what a solved ticket leaves behind, free of personal data.

use super::{Body, Meta};

/// A record of `content/resolutions/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub meta: Meta,
    pub body: Body,
    /// The ticket's id, `TS202405210001`.
    pub id: String,
    pub environment: String,
    /// The path of the article that answers it, relative to `content/`.
    pub linked_article: Option<String>,
}
