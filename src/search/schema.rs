//! What the index holds: one document per section, an article's sections next to each other.

use serde::{Deserialize, Serialize};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};

use super::weights::FIELDS;
use crate::content::{Document, Kind};
use crate::markdown::{Page, Section};

/// Raised when analysis or layout change in a way that the schema does not show.
pub(crate) const VERSION: u32 = 5;
pub(crate) const TOKENIZER: &str = "helpmark";
/// Cuts [`Fields::calls`] at [`BETWEEN`].
pub(crate) const CALLS_TOKENIZER: &str = "helpmark-calls";

#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// Title; keywords, tags and file name; headings and summary; body. The first two only in an article's first
    /// document.
    pub(crate) text: [Field; FIELDS],
    /// How this article calls others where it links to them: [`call`]s, in its first document. The words are terms, not
    /// stored text, so that they are read in one go.
    pub(crate) calls: Field,
    /// Number of the article: equal for its sections, never used twice.
    pub(crate) uid: Field,
    /// [`Meta`] as JSON, in an article's first document.
    pub(crate) meta: Field,
    /// Anchor, heading and text, separated by [`SEPARATOR`].
    pub(crate) section: Field,
}

pub(crate) const SEPARATOR: char = '\u{1}';

/// Between two calls, and inside one between the term and the document.
pub(crate) const BETWEEN: char = '\u{2}';
pub(crate) const OF: char = '\u{1}';

/// One term by which the article `uid` calls a document.
pub(crate) fn call(term: &str, target: u64, uid: u64) -> String {
    format!("{term}{OF}{target:x}{OF}{uid:x}")
}

/// The parts of a [`call`].
pub(crate) fn read_call(call: &str) -> Option<(&str, u64, u64)> {
    let mut parts = call.split(OF);
    let (term, target, uid) = (parts.next()?, parts.next()?, parts.next()?);
    Some((term, u64::from_str_radix(target, 16).ok()?, u64::from_str_radix(uid, 16).ok()?))
}

/// A document's path as a number, the same in every index.
pub(crate) fn path_number(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    // Six bytes: among a hundred thousand documents two are alike once in fifty thousand sites.
    hash.as_bytes().iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let text = ["title", "keys", "heading", "body"].map(|name| builder.add_text_field(name, text.clone()));
    let fields = Fields {
        text,
        calls: builder.add_text_field(
            "calls",
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer(CALLS_TOKENIZER)
                    .set_index_option(IndexRecordOption::Basic)
                    .set_fieldnorms(false),
            ),
        ),
        uid: builder.add_u64_field("uid", INDEXED | FAST),
        meta: builder.add_text_field("meta", STORED),
        section: builder.add_text_field("section", STORED),
    };
    (builder.build(), fields)
}

/// What a hit shows of its document, and what the index must know to replace it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) uid: u64,
    pub(crate) path: String,
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) resolution: bool,
    pub(crate) category: String,
    pub(crate) lang: String,
    pub(crate) updated: Option<jiff::civil::Date>,
    pub(crate) pinned: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keywords: Vec<String>,
    pub(crate) fingerprint: [u8; 32],
}

impl Meta {
    pub(crate) fn new(uid: u64, page: &Page) -> Self {
        let meta = page.document.meta();
        Self {
            uid,
            path: meta.path.clone(),
            url: meta.url.clone(),
            title: meta.title.clone(),
            resolution: page.document.kind() == Kind::Resolution,
            category: meta.category.clone(),
            lang: meta.lang.clone(),
            updated: meta.updated,
            pinned: is_pinned(&page.document),
            keywords: meta.keywords.clone(),
            fingerprint: fingerprint(page),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.resolution { Kind::Resolution } else { Kind::Article }
    }
}

fn is_pinned(document: &Document) -> bool {
    matches!(document, Document::Article(article) if article.pinned)
}

/// The hash of everything that the index takes from a page.
pub(crate) fn fingerprint(page: &Page) -> [u8; 32] {
    let meta = page.document.meta();
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(&page.document.body().hash);
    // The text of other documents that the page includes is its own for those who search.
    if let Some(expanded) = &page.expanded {
        add(expanded);
    }
    for text in [&meta.path, &meta.url, &meta.title, &meta.summary, &meta.category, &meta.lang] {
        add(text.as_bytes());
    }
    for text in meta.tags.iter().chain(&meta.keywords) {
        add(text.as_bytes());
    }
    add(meta.updated.map(|date| date.to_string()).unwrap_or_default().as_bytes());
    add(&[u8::from(is_pinned(&page.document)), u8::from(page.document.kind() == Kind::Resolution)]);
    *hasher.finalize().as_bytes()
}

/// What people may type that is neither in the title nor in the text: keywords, tags, what it applies to, and the
/// words of the file's name (its author's own short title).
pub(crate) fn keys(document: &Document) -> String {
    let meta = document.meta();
    let mut keys = meta.keywords.iter().chain(&meta.tags).map(String::as_str).collect::<Vec<_>>();
    match document {
        Document::Article(article) => keys.extend(article.applies_to.iter().map(String::as_str)),
        Document::Resolution(resolution) => keys.extend([resolution.id.as_str(), resolution.environment.as_str()]),
    }
    let (folders, name) = meta.path.rsplit_once('/').unwrap_or(("", &meta.path));
    let name = name.split('.').next().unwrap_or_default().replace(['-', '_'], " ");
    keys.push(&name);
    keys.extend(folders.split('/').skip(1));
    keys.join("\n")
}

pub(crate) fn store_section(section: &Section) -> String {
    let mut stored = String::with_capacity(section.anchor.len() + section.heading.len() + section.text.len() + 2);
    stored.push_str(&section.anchor);
    stored.push(SEPARATOR);
    stored.push_str(&section.heading);
    stored.push(SEPARATOR);
    stored.push_str(&section.text);
    stored
}

pub(crate) fn load_section(stored: &str) -> Section {
    let mut parts = stored.splitn(3, SEPARATOR).map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Section { anchor: next(), heading: next(), text: next() }
}
