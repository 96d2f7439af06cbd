//! Everything the old site holds, by file and by address: what a link in it may mean.

use std::collections::{BTreeSet, HashMap, HashSet};

use percent_encoding::percent_decode_str;

use super::layout::Layout;
use super::place::{folder, join, name, stem};

/// A document's place in the old site and in this one.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Relative to the source.
    pub(super) source: String,
    /// Relative to `content/`.
    pub(super) target: String,
    /// The language's code in this site.
    pub(super) lang: String,
    /// Its old address, normal; empty where nobody knows it.
    pub(super) address: String,
    /// What its translations share.
    pub(super) group: String,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    entries: Vec<Entry>,
    by_source: HashMap<String, usize>,
    by_address: HashMap<String, Vec<usize>>,
    by_group: HashMap<String, Vec<usize>>,
    /// By file name without extension, in lower case: for links that name a page and not a path.
    by_name: HashMap<String, Vec<usize>>,
    /// Files that travel: where from, where to.
    pub(super) files: HashMap<String, String>,
    /// The targets of files by their names.
    files_by_name: HashMap<String, Vec<String>>,
    /// By target: old ids of headings that are other ones here.
    anchors: HashMap<String, HashMap<String, String>>,
    /// Files in static folders, relative to the source.
    fetchable: HashSet<String>,
    /// Targets that are left out.
    empty: HashSet<String>,
    /// Whether links may count from the top of the documents.
    from_top: bool,
    /// Whether `[[names]]` are links.
    pub(super) wiki: bool,
    statics: Vec<String>,
    roots: Vec<String>,
    pub(super) into: String,
    site_url: String,
}

/// Where a link of the old site leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// A file of this site, relative to `content/`.
    To(String),
    /// A file outside the documents' folders, which has to travel as well: where from, where to.
    Fetch(String, String),
    /// To the page of a category.
    Category(String),
    /// Elsewhere, or within the page: it stays as it is.
    Stay,
    /// To a place of the old site that is not there.
    Nowhere,
}

/// `/a/b` out of `a//b/`, `/a/b/index.html`, `/A/b.html`.
pub(super) fn normal(address: &str) -> String {
    let parts: Vec<&str> = address.split('/').filter(|part| !part.is_empty()).collect();
    let joined = parts.join("/");
    let path = joined.strip_suffix("index.html").or_else(|| joined.strip_suffix(".html")).unwrap_or(&joined);
    format!("/{}", path.trim_end_matches('/').to_lowercase())
}

impl Book {
    pub(super) fn new(entries: Vec<Entry>, files: HashMap<String, String>, layout: &Layout, into: &str) -> Self {
        let mut files_by_name: HashMap<String, Vec<String>> = HashMap::new();
        for (path, target) in &files {
            files_by_name.entry(name(path).to_owned()).or_default().push(target.clone());
        }
        let mut book = Self {
            files,
            files_by_name,
            from_top: layout.from_top,
            wiki: layout.wiki,
            statics: layout.statics.clone(),
            roots: layout.roots.iter().map(|root| root.dir.clone()).collect(),
            into: into.to_owned(),
            site_url: layout.site_url.trim_end_matches('/').to_owned(),
            ..Self::default()
        };
        for (n, entry) in entries.iter().enumerate() {
            book.by_source.insert(entry.source.clone(), n);
            book.by_group.entry(entry.group.clone()).or_default().push(n);
            if !entry.address.is_empty() {
                book.by_address.entry(entry.address.clone()).or_default().push(n);
            }
            book.by_name.entry(name(stem(&entry.source)).to_lowercase()).or_default().push(n);
        }
        book.entries = entries;
        book
    }

    /// Takes in addresses that led to documents before, by source, and what lies in the static folders.
    pub(super) fn with_others(mut self, owners: &HashMap<String, String>, fetchable: HashSet<String>) -> Self {
        for (address, source) in owners {
            if let Some(n) = self.by_source.get(source) {
                self.by_address.entry(address.clone()).or_insert_with(|| vec![*n]);
            }
        }
        self.fetchable = fetchable;
        self
    }

    /// Takes in folders' headings without a text, which are left out: links to them lead to their category.
    pub(super) fn without(mut self, empty: HashSet<String>) -> Self {
        self.empty = empty;
        self
    }

    pub(super) fn leaves_out(&self, target: &str) -> bool {
        self.empty.contains(target)
    }

    /// Takes in the old ids of each target's headings.
    pub(super) fn with_anchors(mut self, anchors: HashMap<String, HashMap<String, String>>) -> Self {
        self.anchors = anchors;
        self
    }

    /// `#old` in a target as it is here.
    pub(super) fn fragment(&self, target: &str, fragment: &str) -> String {
        let name = percent_decode_str(fragment.trim_start_matches('#')).decode_utf8_lossy().to_lowercase();
        let ours = self.anchors.get(target).and_then(|old| old.get(&name));
        ours.map_or_else(|| fragment.to_owned(), |id| format!("#{id}"))
    }

    /// Where `written`, without query and fragment, leads from `from`.
    pub(super) fn find(&self, from: &Entry, written: &str) -> Way {
        let decoded = percent_decode_str(written).decode_utf8_lossy().replace('\\', "/");
        let mut path = decoded.as_str();
        if !self.site_url.is_empty()
            && let Some(rest) = path.strip_prefix(&self.site_url)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            path = if rest.is_empty() { "/" } else { rest };
        }
        path = path.strip_prefix("pathname://").unwrap_or(path);
        if path.is_empty() || path.starts_with("//") || has_scheme(path) {
            return Way::Stay;
        }
        if let Some(inside) = path.strip_prefix("@site/") {
            return self.at(from, inside).unwrap_or(Way::Nowhere);
        }
        let found = match path.strip_prefix('/') {
            Some(inside) => {
                let below = self.statics.iter().filter_map(|dir| self.at(from, &format!("{dir}/{inside}")));
                let roots =
                    ["", "docs/", "content/"].into_iter().filter_map(|dir| self.at(from, &format!("{dir}{inside}")));
                let address = || self.addressed(from, path);
                address().or_else(|| below.chain(roots).next())
            }
            None => {
                let by_file = join(folder(&from.source), path)
                    .and_then(|path| self.at(from, &path).or_else(|| self.in_other_root(from, &path)));
                let address = || {
                    // A relative address counts from the page's own, with and without a slash at its end.
                    let from_page = join(&from.address, path).and_then(|path| self.addressed(from, &path));
                    from_page.or_else(|| join(folder(&from.address), path).and_then(|path| self.addressed(from, &path)))
                };
                let by_address = || if from.address.is_empty() { None } else { address() };
                // `relref "guides/vpn"` counts from the top of the documents, and a name alone is looked for everywhere.
                let from_top = || {
                    let mut roots = self.roots.iter().filter(|_| !path.starts_with('.'));
                    let found = roots.find_map(|root| self.at(from, join(root, path)?.trim_start_matches('/')));
                    found.filter(|_| self.from_top).or_else(|| {
                        let name = Some(path.trim_end_matches('/')).filter(|name| self.from_top && !name.contains('/'));
                        self.named(from, name?).map(Way::To)
                    })
                };
                by_file.or_else(by_address).or_else(from_top)
            }
        };
        match found {
            Some(Way::To(target)) if self.empty.contains(&target) => {
                let category = target.split('/').nth(1).unwrap_or_default();
                Way::Category(format!("/categories/{category}/"))
            }
            found => found.unwrap_or(Way::Nowhere),
        }
    }

    /// The document or the file at a path of the source.
    fn at(&self, from: &Entry, path: &str) -> Option<Way> {
        let path = path.trim_end_matches('/');
        let names = ["", ".md", ".mdx", ".markdown", "/index.md", "/_index.md", "/README.md", "/index.mdx"];
        let document = names.iter().find_map(|end| self.by_source.get(&format!("{path}{end}")));
        if let Some(n) = document {
            return Some(Way::To(self.in_language(&from.lang, *n)));
        }
        if let Some(target) = self.files.get(path) {
            return Some(Way::To(target.clone()));
        }
        let inside = self.statics.iter().find_map(|dir| path.strip_prefix(dir.as_str())?.strip_prefix('/'))?;
        if !self.fetchable.contains(path) {
            return None;
        }
        Some(Way::Fetch(path.to_owned(), self.fetched(inside)))
    }

    /// What another language has at this path, where this one has nothing.
    fn in_other_root(&self, from: &Entry, path: &str) -> Option<Way> {
        let own = self.roots.iter().filter(|root| !root.is_empty()).find_map(|root| {
            let inside = path.strip_prefix(root.as_str())?.strip_prefix('/')?;
            Some((root, inside))
        });
        let (own, inside) = own?;
        self.roots.iter().filter(|root| *root != own).find_map(|root| self.at(from, &format!("{root}/{inside}")))
    }

    /// Where a file of a static folder goes.
    fn fetched(&self, inside: &str) -> String {
        join("articles", &format!("{}/{inside}", self.into)).unwrap_or_default()
    }

    fn addressed(&self, from: &Entry, address: &str) -> Option<Way> {
        let all = self.by_address.get(&normal(address))?;
        let own = all.iter().find(|n| self.entries[**n].lang == from.lang).or(all.first())?;
        Some(Way::To(self.in_language(&from.lang, *own)))
    }

    /// The one document of that name; several of one name are none.
    pub(super) fn named(&self, from: &Entry, title: &str) -> Option<String> {
        let wanted = name(title.trim().trim_end_matches(".md")).to_lowercase();
        let all: BTreeSet<&str> = self
            .by_name
            .get(&wanted)?
            .iter()
            .map(|n| &self.entries[*n])
            .filter(|entry| entry.lang == from.lang)
            .map(|entry| entry.target.as_str())
            .collect();
        if all.len() == 1 { all.first().map(|target| (*target).to_owned()) } else { None }
    }

    /// The one file of that name among those that travel.
    pub(super) fn file_named(&self, wanted: &str) -> Option<String> {
        self.files_by_name.get(name(wanted)).filter(|all| all.len() == 1).map(|all| all[0].clone())
    }

    /// The same document in the reader's language, where it is there.
    fn in_language(&self, lang: &str, n: usize) -> String {
        let entry = &self.entries[n];
        let twins = self.by_group.get(&entry.group).into_iter().flatten().map(|n| &self.entries[*n]);
        let twin = twins.into_iter().find(|twin| twin.lang == lang);
        twin.unwrap_or(entry).target.clone()
    }
}

fn has_scheme(path: &str) -> bool {
    path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(source: &str, target: &str, lang: &str, address: &str) -> Entry {
        let group = address.strip_prefix("/en").unwrap_or(address);
        Entry {
            source: source.into(),
            target: target.into(),
            lang: lang.into(),
            address: address.into(),
            group: group.into(),
        }
    }

    #[test]
    fn links_by_file_by_address_and_by_name() {
        let entries = vec![
            entry("content/docs/a.md", "articles/docs/a.md", "zh", "/docs/a"),
            entry("content/docs/b/index.md", "articles/docs/b/index.md", "zh", "/docs/b"),
            entry("content/docs/b/index.en.md", "articles/docs/b/index.en.md", "en", "/en/docs/b"),
            entry("content/docs/net/_index.md", "articles/docs/net/index.md", "zh", "/docs/net"),
        ];
        let from = entries[0].clone();
        let english = entries[2].clone();
        let files = HashMap::from([("content/docs/b/x.png".to_owned(), "articles/docs/b/x.png".to_owned())]);
        let layout =
            Layout { statics: vec!["static".into()], site_url: "https://old.example".into(), ..Layout::default() };
        let owners = HashMap::from([("/once".to_owned(), "content/docs/a.md".to_owned())]);
        let fetchable = HashSet::from(["static/img/y.png".to_owned()]);
        let empty = HashSet::from(["articles/docs/net/index.md".to_owned()]);
        let book = Book::new(entries, files, &layout, "").with_others(&owners, fetchable).without(empty);
        let to = |path: &str| Way::To(format!("articles/docs/{path}"));
        for (written, way) in [
            ("b/index.md", to("b/index.md")),
            ("b", to("b/index.md")),
            ("../B/", to("b/index.md")),
            ("/docs/b/", to("b/index.md")),
            ("https://old.example/docs/b/index.html", to("b/index.md")),
            ("b/x.png", to("b/x.png")),
            ("/img/y.png", Way::Fetch("static/img/y.png".into(), "articles/img/y.png".into())),
            ("/img/z.png", Way::Nowhere),
            ("/once/", to("a.md")),
            ("net/_index.md", Way::Category("/categories/docs/".into())),
            ("https://new.example/docs/b/", Way::Stay),
            ("mailto:a@b.example", Way::Stay),
            ("../../../etc/passwd", Way::Nowhere),
            ("c.md", Way::Nowhere),
        ] {
            assert_eq!(book.find(&from, written), way, "{written}");
        }
        assert_eq!(book.find(&english, "/docs/b/"), to("b/index.en.md"));
        assert_eq!(book.named(&english, "Index"), None, "its English file is named index.en");
        assert_eq!(book.named(&from, "A"), Some("articles/docs/a.md".into()));
        assert_eq!(normal("Docs//x.html"), "/docs/x");
    }
}
