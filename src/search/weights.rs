//! Every number that ranking depends on, each with what chose it.

/// The searched parts of an article, in the order of [`super::schema::Fields::text`].
pub(crate) const FIELDS: usize = 4;
pub(crate) const TITLE: usize = 0;
pub(crate) const KEYS: usize = 1;
pub(crate) const HEADING: usize = 2;
pub(crate) const BODY: usize = 3;

/// How much an occurrence counts, by field: title, keys, heading, body.
pub(crate) const FIELD_WEIGHT: [f32; FIELDS] = [3.0, 1.0, 1.5, 1.0];
/// BM25's b, by field.
pub(crate) const FIELD_B: [f32; FIELDS] = [0.5, 0.3, 0.6, 0.75];
/// BM25's k1.
pub(crate) const K1: f32 = 1.2;

/// A pair of characters that is not a dictionary word, against one that is.
pub(crate) const PAIR: f32 = 0.25;
/// A single character that stands alone.
pub(crate) const SINGLE: f32 = 0.5;
/// A dictionary word of three characters or more (its pairs count beside it).
pub(crate) const WORD: f32 = 1.0;
/// The parts of a Latin run (`wi`, `fi`) where the whole (`wifi`) is known.
pub(crate) const PARTS: f32 = 0.6;
/// Two Latin words typed apart that the index knows as one.
pub(crate) const JOINED: f32 = 0.8;
/// Synonyms of `site.toml`.
pub(crate) const SYNONYM: f32 = 0.9;
/// The mainland word for a Taiwanese one.
pub(crate) const REGIONAL: f32 = 0.9;
/// A corrected word, against the word as typed.
pub(crate) const CORRECTION: f32 = 0.9;

/// How strongly a missing part of the question lowers an article: its score × coverage^this.
pub(crate) const COVERAGE_POWER: f32 = 0.5;
/// An article whose title is exactly the question scores this much more (× its own score).
pub(crate) const TITLE_MATCH: f32 = 0.6;
/// The best section's own score, added to the article's.
pub(crate) const SECTION: f32 = 0.5;
/// How many of the best articles have their sections weighed.
pub(crate) const SECTION_DEPTH: usize = 30;

/// A resolution record against an article of the same strength.
pub(crate) const RESOLUTION: f32 = 0.85;
pub(crate) const PINNED: f32 = 1.05;
/// The newest document against a very old one.
pub(crate) const RECENT: f32 = 0.03;
/// Days after which half of the recency is gone.
pub(crate) const RECENT_HALF_LIFE: f32 = 365.0;
/// A document in the reader's language against one in another.
pub(crate) const OWN_LANGUAGE: f32 = 1.3;

/// Share of the question's weight that a hit must contain, tried in order until enough are found.
pub(crate) const REQUIRED: [f32; 3] = [0.5, 0.3, 0.05];
/// Hits that are enough.
pub(crate) const ENOUGH: usize = 5;
/// Below this coverage of the best hit the answer is weak.
pub(crate) const WEAK_COVERAGE: f32 = 0.55;
