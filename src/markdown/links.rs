//! Where links lead: files of the content tree to URLs.

use std::collections::HashMap;

/// What a link to a document's file becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Root-relative, without the base path.
    pub url: String,
}

/// What a link to an image or a file beside an article becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetTarget {
    /// Root-relative and fingerprinted, without the base path.
    pub url: String,
    /// Width and height in CSS pixels, for images.
    pub size: Option<(u32, u32)>,
}

/// A link to an address of the site that is no document's file, such as `/categories/network/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLink {
    /// As it is written: root-relative, without the base path.
    pub address: String,
    /// Line and column of the file, 1-based, and how many characters the link has on that line.
    pub place: (u32, u32),
    pub length: usize,
}

/// Every place a link of the content tree may lead to. Holds nothing that employees may not see.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Put before every root-relative URL: `/it`, or empty.
    pub base_path: String,
    /// By path relative to `content/`.
    pub documents: HashMap<String, Target>,
    /// By path relative to `content/`.
    pub assets: HashMap<String, AssetTarget>,
}
