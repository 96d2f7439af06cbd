//! What a written link or image means, seen from its document.

use crate::content::Meta;

use super::escape::percent_decode;
use super::headings::fragment;
use super::links::{AssetTarget, Links, Target};
use super::scheme::{Address, address, clean};

/// Where a link leads. Paths are relative to `content/`.
#[derive(Debug, PartialEq)]
pub(super) enum Destination<'a> {
    Document {
        path: String,
        anchor: Option<String>,
        target: &'a Target,
    },
    MissingDocument {
        path: String,
        anchor: Option<String>,
    },
    /// A heading of the same page.
    Fragment(String),
    /// A file beside the articles.
    File {
        path: String,
        target: &'a AssetTarget,
    },
    MissingFile {
        path: String,
    },
    /// A root-relative URL of the site, with the base path.
    Site(String),
    /// On another site.
    External(String),
    /// Opened by a program beside the browser: one of [`super::scheme::PROGRAMS`].
    Program(String),
    /// A path on a computer or a file server, which browsers do not open from a page.
    Local(String),
    /// Above `content/`.
    Outside,
    /// A scheme that a page must not use.
    Refused,
    /// Nothing at all.
    Nowhere,
}

/// What an image's source means.
#[derive(Debug, PartialEq)]
pub(super) enum Picture<'a> {
    File { path: String, target: &'a AssetTarget },
    Missing { path: String },
    External(String),
    Outside,
    Refused,
}

/// Where a link as it is written leads, for those who correct it. Paths are relative to `content/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    Document(String),
    /// To a document that is not there.
    Missing(String),
    /// To an address of the site, with the base path.
    Site(String),
    Elsewhere,
}

/// Follows a link as it is written in a document.
pub fn lead(meta: &Meta, links: &Links, raw: &str) -> Lead {
    match Resolver::new(meta, links).link(raw) {
        Destination::Document { path, .. } => Lead::Document(path),
        Destination::MissingDocument { path, .. } => Lead::Missing(path),
        Destination::Site(url) => Lead::Site(url),
        _ => Lead::Elsewhere,
    }
}

/// Resolves from one document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) links: &'a Links,
    /// The document's directory, with `/` at its end.
    directory: &'a str,
    /// `.en.md` when the document's file has a language suffix.
    translation: Option<&'a str>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(meta: &'a Meta, links: &'a Links) -> Self {
        let (directory, name) = meta.path.split_at(meta.path.rfind('/').map_or(0, |slash| slash + 1));
        let translation = name
            .strip_suffix(".md")
            .and_then(|stem| stem.strip_suffix(meta.lang.as_str())?.strip_suffix('.'))
            .map(|stem| &name[stem.len()..]);
        Self { links, directory, translation }
    }

    /// From another document's folder, in the same reader's language.
    pub(super) fn beside(mut self, document: Option<&'a str>) -> Self {
        if let Some(path) = document {
            self.directory = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
        }
        self
    }

    /// The path of the document that a link leads to.
    pub(super) fn document_at(&self, raw: &str) -> Option<String> {
        match self.link(raw) {
            Destination::Document { path, .. } => Some(path),
            _ => None,
        }
    }

    pub(super) fn link(&self, raw: &str) -> Destination<'a> {
        let written = clean(raw);
        let written = match address(&written) {
            Address::Elsewhere(url) => return Destination::External(url),
            Address::Program => return Destination::Program(written),
            Address::Local(path) => return Destination::Local(path),
            Address::Share(path) => {
                // `\images\a.png` may be a file of the site all the same.
                let file = join("articles/", &written.replace('\\', "/")).map(|path| self.file(path, None));
                return match file {
                    Some(found @ (Destination::File { .. } | Destination::Document { .. })) => found,
                    _ => Destination::Local(path),
                };
            }
            Address::Refused => return Destination::Refused,
            Address::Here => written,
        };
        let (rest, anchor) = match written.split_once('#') {
            Some((rest, anchor)) => (rest, Some(anchor)),
            None => (written.as_str(), None),
        };
        let file = rest.split('?').next().unwrap_or_default();
        if rest.is_empty() {
            return match anchor {
                Some("") | None => Destination::Nowhere,
                Some(anchor) => Destination::Fragment(fragment(anchor)),
            };
        }
        if file.is_empty() {
            return Destination::Nowhere;
        }
        let anchor = anchor.filter(|anchor| !anchor.is_empty()).map(fragment);
        let decoded = percent_decode(file).replace('\\', "/");
        let Some(path) = decoded.strip_prefix('/') else {
            return match join(self.directory, &decoded) {
                Some(path) => self.file(path, anchor),
                None => Destination::Outside,
            };
        };
        for root in ["articles/", ""] {
            if let Some(path) = join(root, path) {
                match self.file(path, anchor.clone()) {
                    Destination::MissingDocument { .. } | Destination::MissingFile { .. } => {}
                    found => return found,
                }
            }
        }
        match join("articles/", path) {
            Some(path) if path.ends_with(".md") => Destination::MissingDocument { path, anchor },
            _ => Destination::Site(format!("{}{written}", self.links.base_path)),
        }
    }

    /// A file of the tree: as it is written, then what a directory or a name without an extension may stand for.
    fn file(&self, path: String, anchor: Option<String>) -> Destination<'a> {
        let path = path.trim_end_matches('/').to_owned();
        if let Some(target) = self.links.assets.get(&path) {
            return Destination::File { path, target };
        }
        if path.ends_with(".md") {
            return match self.document(&path) {
                Some((path, target)) => Destination::Document { path, anchor, target },
                None => Destination::MissingDocument { path, anchor },
            };
        }
        for ending in [".md", "/index.md", "/README.md"] {
            if let Some((path, target)) = self.document(&format!("{path}{ending}")) {
                return Destination::Document { path, anchor, target };
            }
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.contains('.') {
            Destination::MissingFile { path }
        } else {
            Destination::MissingDocument { path: format!("{path}.md"), anchor }
        }
    }

    /// A document, in the reader's language where there is a translation.
    fn document(&self, path: &str) -> Option<(String, &'a Target)> {
        if let Some(suffix) = self.translation
            && !path.ends_with(suffix)
        {
            let translated = format!("{}{suffix}", path.strip_suffix(".md").unwrap_or(path));
            if let Some(target) = self.links.documents.get(&translated) {
                return Some((translated, target));
            }
        }
        self.links.documents.get(path).map(|target| (path.to_owned(), target))
    }

    pub(super) fn image(&self, raw: &str) -> Picture<'a> {
        let written = clean(raw);
        match address(&written) {
            Address::Elsewhere(url) => return Picture::External(url),
            Address::Program | Address::Local(_) | Address::Refused => return Picture::Refused,
            Address::Share(_) => {}
            Address::Here => {}
        }
        let file = written.split(['#', '?']).next().unwrap_or_default();
        if file.is_empty() {
            return Picture::Refused;
        }
        let decoded = percent_decode(file).replace('\\', "/");
        let candidates = match decoded.strip_prefix('/') {
            Some(path) => [join("articles/", path), join("", path)],
            None => [join(self.directory, &decoded), None],
        };
        let mut missing = None;
        for path in candidates.into_iter().flatten() {
            if let Some(target) = self.links.assets.get(&path) {
                return Picture::File { path, target };
            }
            missing.get_or_insert(path);
        }
        missing.map_or(Picture::Outside, |path| Picture::Missing { path })
    }
}

/// Applies a relative path to a directory; `None` above the root.
fn join(directory: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        let mut links = Links { base_path: "/it".into(), ..Links::default() };
        for path in ["articles/net/vpn.md", "articles/net/vpn.en.md", "articles/net/wifi.md", "articles/index.md"] {
            links.documents.insert(path.into(), Target { url: format!("/{path}/") });
        }
        for path in ["articles/net/img/中文 图.png", "articles/net/guide.pdf"] {
            links.assets.insert(path.into(), AssetTarget { url: format!("/assets/{path}"), size: None });
        }
        links
    }

    fn meta(path: &str, lang: &str) -> Meta {
        Meta {
            path: path.into(),
            url: String::new(),
            title: String::new(),
            summary: String::new(),
            category: String::new(),
            tags: Vec::new(),
            keywords: Vec::new(),
            lang: lang.into(),
            updated: None,
        }
    }

    /// A short word for what a link became.
    fn resolve(from: (&str, &str), raw: &str) -> String {
        let (links, meta) = (links(), meta(from.0, from.1));
        match Resolver::new(&meta, &links).link(raw) {
            Destination::Document { path, anchor: None, .. } => path,
            Destination::Document { path, anchor: Some(anchor), .. } => format!("{path}#{anchor}"),
            Destination::MissingDocument { path, .. } => format!("missing {path}"),
            Destination::Fragment(id) => format!("#{id}"),
            Destination::File { path, .. } => format!("file {path}"),
            Destination::MissingFile { path } => format!("missing file {path}"),
            Destination::Site(url) | Destination::External(url) | Destination::Program(url) => url,
            Destination::Local(path) => format!("local {path}"),
            Destination::Nowhere => "nowhere".into(),
            Destination::Outside => "outside".into(),
            Destination::Refused => "refused".into(),
        }
    }

    #[test]
    fn links_between_documents() {
        let zh = ("articles/net/wifi.md", "zh");
        for (raw, expected) in [
            ("vpn.md", "articles/net/vpn.md"),
            ("./vpn.md#%E7%8E%B0%E8%B1%A1", "articles/net/vpn.md#现象"),
            ("../net/VPN.md", "missing articles/net/VPN.md"),
            ("vpn.md?view=o365", "articles/net/vpn.md"),
            ("vpn", "articles/net/vpn.md"),
            ("../", "articles/index.md"),
            ("vpn.en.md", "articles/net/vpn.en.md"),
            ("/net/vpn.md", "articles/net/vpn.md"),
            ("/articles/net/vpn.md", "articles/net/vpn.md"),
            ("/net/gone.md", "missing articles/net/gone.md"),
            ("/tickets/new?from=x", "/it/tickets/new?from=x"),
            ("../../../etc/passwd", "outside"),
            ("..%2f..%2f..%2fx.md", "outside"),
            ("guide.pdf", "file articles/net/guide.pdf"),
            ("gone.pdf", "missing file articles/net/gone.pdf"),
            ("#Top-X", "#top-x"),
            ("", "nowhere"),
            ("#", "nowhere"),
        ] {
            assert_eq!(resolve(zh, raw), expected, "{raw}");
        }
    }

    #[test]
    fn the_readers_language_wins() {
        let en = ("articles/net/wifi.en.md", "en");
        assert_eq!(resolve(en, "vpn.md"), "articles/net/vpn.en.md");
        assert_eq!(resolve(en, "vpn"), "articles/net/vpn.en.md");
        assert_eq!(resolve(en, "wifi.md"), "articles/net/wifi.md");
        assert_eq!(resolve(("articles/net/children.md", "en"), "vpn.md"), "articles/net/vpn.md");
    }

    #[test]
    fn only_harmless_schemes_pass() {
        let zh = ("articles/net/wifi.md", "zh");
        for raw in [
            "javascript:alert(1)",
            " JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "ms-msdt:/id",
            "search-ms:query=x",
            "/\\evil.example",
        ] {
            assert_eq!(resolve(zh, raw), "refused", "{raw:?}");
        }
        assert_eq!(resolve(zh, "HTTPS://x.example/a"), "HTTPS://x.example/a");
        assert_eq!(resolve(zh, "//x.example/a"), "https://x.example/a");
        assert_eq!(resolve(zh, "mailto:it@x.example"), "mailto:it@x.example");
        assert_eq!(resolve(zh, "tel:110"), "tel:110");
        assert_eq!(resolve(zh, "ms-settings:network-vpn"), "ms-settings:network-vpn");
        for (raw, path) in [
            ("file:///c:/x%20y", "c:\\x y"),
            ("file://files.corp/share/a", "\\\\files.corp\\share\\a"),
            ("file:///etc/hosts", "/etc/hosts"),
            ("C:\\x", "C:\\x"),
            ("\\\\server\\share", "\\\\server\\share"),
            // As Markdown leaves it.
            ("\\files.corp\\share", "\\\\files.corp\\share"),
        ] {
            assert_eq!(resolve(zh, raw), format!("local {path}"), "{raw:?}");
        }
        assert_eq!(resolve(zh, "\\net\\vpn.md"), "articles/net/vpn.md");
    }

    #[test]
    fn images() {
        let (links, meta) = (links(), meta("articles/net/wifi.md", "zh"));
        let resolver = Resolver::new(&meta, &links);
        assert!(matches!(resolver.image("img/%E4%B8%AD%E6%96%87%20图.png"), Picture::File { .. }));
        assert!(matches!(resolver.image("/net/img/中文 图.png"), Picture::File { .. }));
        assert!(matches!(resolver.image("x.png"), Picture::Missing { path } if path == "articles/net/x.png"));
        assert!(matches!(resolver.image("data:image/png;base64,x"), Picture::Refused));
        assert!(matches!(resolver.image("../../../x.png"), Picture::Outside));
    }
}
