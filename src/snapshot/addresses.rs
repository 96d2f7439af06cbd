//! Links to addresses of the site, such as `/categories/network/`: whether anything is there. Which listings there are
//! is known only when all documents are; so this comes last.

use percent_encoding::percent_decode_str;
use rayon::prelude::*;

use super::compilation::Compilation;
use super::tree::Entry;
use crate::content::address;
use crate::diagnostic::Diagnostic;
use crate::markdown::SiteLink;
use crate::site::{common, routes};

impl Compilation {
    /// Checks the links of pages that were rendered anew, and all of them where addresses came or went.
    pub(super) fn check_addresses(&mut self) {
        let moved = std::mem::take(&mut self.tree.addresses_moved);
        let paths: Vec<String> = match moved {
            true => {
                let has_some = |entry: &Entry| !entry.rendered.site_links.is_empty() || !entry.dead.is_empty();
                let entries = self.tree.entries.iter().filter(|(_, entry)| has_some(entry));
                entries.map(|(path, _)| path.clone()).collect()
            }
            false => self.tree.unchecked.0.iter().cloned().collect(),
        };
        let dead = |path: String| {
            let entry = self.tree.entries.get(&path)?;
            let dead: Vec<Diagnostic> =
                entry.rendered.site_links.iter().filter_map(|link| self.dead(&path, link)).collect();
            (entry.dead != dead).then_some((path, dead))
        };
        let found: Vec<_> = paths.into_par_iter().filter_map(dead).collect();
        for (path, dead) in found {
            if let Some(entry) = self.tree.entries.get_mut(&path) {
                entry.dead = dead;
                self.tree.says_otherwise = true;
            }
        }
    }

    fn dead(&self, path: &str, link: &SiteLink) -> Option<Diagnostic> {
        if self.has_address(&link.address) {
            return None;
        }
        let message = format!("link to {}, but the site has no such address", link.address);
        let base = &self.config.base_path;
        let hint = match link.address.strip_prefix(base.as_str()) {
            Some(rest) if !base.is_empty() && self.has_address(rest) => format!("leave out {base}: write {rest}"),
            _ => "correct the address; an article is best linked to by its file, as ../network/vpn.md".to_owned(),
        };
        let diagnostic = Diagnostic::warning("HM021", &format!("content/{path}"), message).at(link.place);
        Some(if link.length > 0 { diagnostic.over(link.length) } else { diagnostic }.hint(hint))
    }

    /// Whether something answers at a root-relative address without the base path.
    fn has_address(&self, written: &str) -> bool {
        let Some(path) = written.split(['?', '#']).next().filter(|path| path.starts_with('/')) else { return false };
        let Ok(decoded) = percent_decode_str(path).decode_utf8() else { return false };
        let plain = decoded.trim_matches('/');
        let page = plain.strip_suffix("index.html").map_or(plain, |folder| folder.trim_end_matches('/'));
        let url: String = page.split('/').filter(|part| !part.is_empty()).map(|it| address::encode(it) + "/").collect();
        let file = if page.is_empty() { "index.html".to_owned() } else { format!("{page}/index.html") };
        let is_made = |file: &str| {
            self.listings.contains_key(file) || self.unwritten.contains(file) || self.stand_ins.is_at(file)
        };
        self.titles.contains_key(&format!("/{url}"))
            || is_made(&file)
            || routes::is_served(&self.config, plain)
            || (!path.ends_with('/') && (is_made(plain) || self.has_file(plain)))
    }

    /// Whether a file that is no page is there: of the theme, beside a document, or the logo.
    fn has_file(&self, file: &str) -> bool {
        self.copies.contains_key(file)
            || self.theme.assets().iter().any(|asset| asset.path == file)
            || self.beside.values().any(|beside| beside.output == file)
            || common::logo_file(&self.config).is_some_and(|(_, logo)| logo == file)
    }
}
