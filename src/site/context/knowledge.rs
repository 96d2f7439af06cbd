//! `desk_knowledge.html`: the authors' page, for staff alone.

use serde::Serialize;

use super::ChoiceOption;
use super::Pair;
use super::desk::{Desk, DeskFigure, DeskLink, DeskPageLink, DeskTrouble};

/// `page` of `desk_knowledge.html`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskKnowledge {
    pub desk: Desk,
    pub figures: Vec<DeskFigure>,
    /// The lists to choose from, with their counts.
    pub views: Vec<DeskLink>,
    /// The key of the list that is shown, and what it is about.
    pub view: String,
    pub about: String,
    pub owners: Vec<ChoiceOption>,
    pub categories: Vec<ChoiceOption>,
    /// Whether owner or category leave something out.
    pub filtered: bool,
    pub clear_url: String,
    pub rows: Vec<KnowledgeRow>,
    /// Rows that are not shown because there are too many; 0 for none.
    pub more: usize,
    pub by_owner: Vec<KnowledgeOwner>,
    /// What the count of openings can say.
    pub note: String,
    /// What deserves an article, and the form for one; only in the list of drafts.
    pub drafts: Option<KnowledgeDrafts>,
    pub trouble: Option<DeskTrouble>,
}

/// What an article could be drafted from.
#[derive(Debug, Clone, Serialize, Default)]
pub struct KnowledgeDrafts {
    /// Where the draft is asked for.
    pub url: String,
    pub groups: Vec<KnowledgeGroup>,
    /// What was typed: ticket numbers, and the title.
    pub from: String,
    pub title: String,
    pub error: String,
}

/// Records about the same thing.
#[derive(Debug, Clone, Serialize, Default)]
pub struct KnowledgeGroup {
    pub title: String,
    pub category: String,
    /// The tickets' numbers with spaces between them, as the form sends them.
    pub from: String,
    pub records: Vec<DeskPageLink>,
    /// Articles that answer some of them already.
    pub articles: Vec<DeskPageLink>,
}

/// `desk_document.html`: an article or a record as it is written, and its review.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskDocument {
    pub desk: Desk,
    pub back_url: String,
    pub title: String,
    /// `content/articles/network/vpn.md`.
    pub place: String,
    /// Relative to `content/`.
    pub path: String,
    /// Its page, or empty.
    pub url: String,
    pub edit_url: String,
    pub badges: Vec<(String, &'static str)>,
    pub facts: Vec<Pair>,
    /// The file after its front matter.
    pub source: String,
    /// Where the review is sent; empty when this reader cannot review it.
    pub review_url: String,
    /// Why not, or empty.
    pub review_note: String,
    pub trouble: Option<DeskTrouble>,
}

/// One article.
#[derive(Debug, Clone, Serialize, Default)]
pub struct KnowledgeRow {
    pub title: String,
    /// Its page; for a draft, which has none, its file.
    pub url: String,
    /// Its file as the desk shows it.
    pub file_url: String,
    /// The file for an editor, `content/articles/network/vpn.md:1`.
    pub place: String,
    /// Where the file is edited in the browser, or empty.
    pub edit_url: String,
    pub category: String,
    /// The name of its language, where the site has several.
    pub language: String,
    pub owner: String,
    /// What is the matter: words, and `error`, `warning` or empty.
    pub badges: Vec<(String, &'static str)>,
    pub updated: String,
    pub review_by: String,
    pub opened: u64,
    pub yes: u64,
    pub no: u64,
    pub tickets: usize,
    /// What readers wrote with a "no": the day, and the words.
    pub comments: Vec<(String, String)>,
}

/// One owner's articles.
#[derive(Debug, Clone, Serialize, Default)]
pub struct KnowledgeOwner {
    /// Empty for the articles that nobody has.
    pub name: String,
    pub url: String,
    pub articles: usize,
    pub overdue: usize,
    pub due_soon: usize,
    pub not_validated: usize,
    pub unhelpful: usize,
    pub stale: usize,
}
