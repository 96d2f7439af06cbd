//! `desk_knowledge.html`: the authors' page, for staff alone.

use serde::Serialize;

use super::ChoiceOption;
use super::desk::{Desk, DeskFigure, DeskLink};

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
}

/// One article.
#[derive(Debug, Clone, Serialize, Default)]
pub struct KnowledgeRow {
    pub title: String,
    /// Empty for a draft, which has no page here.
    pub url: String,
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
