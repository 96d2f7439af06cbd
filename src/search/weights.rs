//! Every number that ranking depends on, each with what chose it.

/// The searched parts of an article, in the order of [`super::schema::Fields::text`].
pub(crate) const FIELDS: usize = 4;
pub(crate) const TITLE: usize = 0;
pub(crate) const KEYS: usize = 1;
pub(crate) const HEADING: usize = 2;
pub(crate) const BODY: usize = 3;
/// How many of the best articles have their sections weighed.
pub(crate) const SECTION_DEPTH: usize = 60;
/// Share of the question's weight that a hit must contain, tried in order until enough are found.
pub(crate) const REQUIRED: [f32; 3] = [0.35, 0.2, 0.0];
/// Hits that are enough.
pub(crate) const ENOUGH: usize = 5;

/// The weights of ranking.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    /// How much an occurrence counts, by field: title, keys, heading, body.
    pub(crate) field_weight: [f32; FIELDS],
    /// BM25's b, by field.
    pub(crate) field_b: [f32; FIELDS],
    /// An occurrence before the first heading counts this much more: the first paragraph says what it is about.
    pub(crate) lead: f32,
    /// BM25's b for the first paragraph.
    pub(crate) lead_b: f32,
    /// BM25's b for sections.
    pub(crate) section_b: f32,
    /// BM25's k1.
    pub(crate) k1: f32,
    /// A pair of characters that is not a dictionary word, against one that is.
    pub(crate) pair: f32,
    /// A single character that stands alone.
    pub(crate) single: f32,
    /// A dictionary word of three characters or more (its pairs count beside it).
    pub(crate) word: f32,
    /// The parts of a Latin run (`wi`, `fi`) where the whole (`wifi`) is known.
    pub(crate) parts: f32,
    /// Another form of a word (`printers` for `printing`) against the one typed.
    pub(crate) other_form: f32,
    /// Two Latin words typed apart that the index knows as one.
    pub(crate) joined: f32,
    /// Synonyms of `site.toml`.
    pub(crate) synonym: f32,
    /// The mainland word for a Taiwanese one.
    pub(crate) regional: f32,
    /// A corrected word, against the word as typed.
    pub(crate) correction: f32,
    /// A concept that weighs less than this, against the heaviest, is not looked for in a long question: it would
    /// touch most articles and tell little about any.
    pub(crate) negligible: f32,
    /// An article whose title is exactly the question scores this much more (× its own score).
    pub(crate) title_match: f32,
    /// The best section's own score, added to the article's.
    pub(crate) section: f32,
    /// A resolution record against an article of the same strength.
    pub(crate) resolution: f32,
    pub(crate) pinned: f32,
    /// The newest document against a very old one.
    pub(crate) recent: f32,
    /// Days after which half of the recency is gone.
    pub(crate) recent_half_life: f32,
    /// A document in the reader's language against one in another.
    pub(crate) own_language: f32,
    /// Below this coverage of the best hit the answer is weak.
    pub(crate) weak_coverage: f32,
}

/// The weights in use.
pub(crate) const WEIGHTS: Weights = Weights {
    field_weight: [5.0, 3.0, 2.0, 1.0],
    field_b: [0.5, 0.3, 0.6, 0.75],
    lead: 0.5,
    lead_b: 0.75,
    section_b: 0.75,
    k1: 2.2,
    pair: 0.25,
    single: 0.5,
    word: 1.0,
    parts: 0.6,
    other_form: 0.85,
    joined: 0.8,
    synonym: 0.9,
    regional: 0.9,
    correction: 0.9,
    negligible: 0.04,
    title_match: 1.5,
    section: 0.6,
    resolution: 0.85,
    pinned: 1.05,
    recent: 0.03,
    recent_half_life: 365.0,
    own_language: 1.3,
    weak_coverage: 0.55,
};
