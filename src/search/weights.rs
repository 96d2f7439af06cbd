//! Every number that ranking depends on, each with what chose it.
//!
//! Figures are MRR@10 over all judged queries of the English (en) and Chinese (zh) corpora, as `tests/search_eval.rs`
//! prints them: en .832, zh .754 with the values below. Differences under .003 are noise; where a range is flat, the
//! round number in its middle was taken. What says "chosen by sense" has no judged query behind it.

use super::prune::Need;

/// The searched parts of an article, in the order of [`super::schema::Fields::text`].
pub(crate) const FIELDS: usize = 4;
pub(crate) const TITLE: usize = 0;
pub(crate) const KEYS: usize = 1;
pub(crate) const HEADING: usize = 2;
pub(crate) const BODY: usize = 3;
/// How many of the best articles have their sections weighed. 30, 60: en .795, .802; zh .716, .727.
pub(crate) const SECTION_DEPTH: usize = 60;
/// Share of the question's weight that a hit must contain, tried in order until enough are found. Where hundreds hold
/// most of it, those that hold less only cost time; half for a handful cost recall where an article words it
/// differently. Without and with the first: en .832, .832; zh .754, .753; processor a question, 7,500 articles: 0.98, 0.67 ms.
pub(crate) const REQUIRED: [Need; 4] = [
    Need { share: 0.6, enough: 300 },
    Need { share: 0.35, enough: 5 },
    Need { share: 0.2, enough: 5 },
    Need { share: 0.0, enough: 0 },
];

/// The weights of ranking.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    /// How much an occurrence counts, by field: title, keys, heading, body. Title 3, 5, 8 and heading 2, 3 are alike; keys
    /// (keywords, tags, file and folder names) 0 → 1: en +.005, zh +.005; 2 → 3: en +.001.
    pub(crate) field_weight: [f32; FIELDS],
    /// BM25's b, by field: how much a long field lowers an occurrence. Body .65, .75, .85: en .801, .802, .802.
    pub(crate) field_b: [f32; FIELDS],
    /// An occurrence before the first heading counts this much more: the first paragraph says what an article is about.
    /// 0.2 and 1 are within .001.
    pub(crate) lead: f32,
    /// BM25's b for the first paragraph, as for the body.
    pub(crate) lead_b: f32,
    /// How much a call counts: a term of the text of another article's link to this one. 0, 2, 4: en .820, .823, .823; zh
    /// .738, .746, .746; 2, 3 with the title's likeness as it is now: en .831, .831; zh .754, .756.
    pub(crate) called: f32,
    /// BM25's b for calls: much linked articles are called many things.
    pub(crate) called_b: f32,
    /// BM25's b for sections, as for the body; without it the longest section always won: en -.04.
    pub(crate) section_b: f32,
    /// BM25's k1. 1.2, 1.8: en .788, .795; 1.8, 2.4: en .802, .803; 3 gains .002 in zh and costs .003 in en.
    pub(crate) k1: f32,
    /// A pair of characters that is not a dictionary word, against one that is. 0.25, 0.4: zh .716, .714; the same value
    /// was best on the help documents of the design's measurements.
    pub(crate) pair: f32,
    /// A single character that stands alone: chosen by sense, half a word.
    pub(crate) single: f32,
    /// A dictionary word of three characters or more (its pairs count beside it).
    pub(crate) word: f32,
    /// A word that says nothing about the matter (`how`, `怎么`), against one that does. 1, .2: en .831, .832; zh .756, .754;
    /// the starter content .948, .965; of 231 questions without an answer 208, 218 are flagged in zh.
    pub(crate) function: f32,
    /// The parts of a Latin run (`wi`, `fi`) where the whole (`wifi`) is known. 0.2, 0.6: within .002.
    pub(crate) parts: f32,
    /// Another form of a word (`printers` for `printing`) against the one typed. 0.7, 0.85, 1: en .807, .808, .806.
    pub(crate) other_form: f32,
    /// Two Latin words typed apart that the index knows as one: chosen by sense, just below the words as typed.
    pub(crate) joined: f32,
    /// Synonyms of `site.toml`: chosen by sense, just below the word typed.
    pub(crate) synonym: f32,
    /// The mainland word for a Taiwanese one: with the table .77 on traditional queries, the best reference engine .42.
    pub(crate) regional: f32,
    /// A corrected word, against the word as typed; where the typed word is unknown only the order of equals depends on it.
    pub(crate) correction: f32,
    /// A concept that weighs less than this, against the heaviest, is not looked for in a long question: it would touch
    /// most articles and tell little about any. 0, .04, .08, .15: zh .730, .730, .728, .717.
    pub(crate) negligible: f32,
    /// An article whose title is exactly the question scores this much more (× its own score), others by likeness
    /// (`Inner::title_likeness`). .7, 1, 1.5, 2: en .832, .831, .827, .823; zh .752, .754, .753, .754. Without it, scored
    /// again from the features of 60 candidates, .02 and .06 less.
    pub(crate) title_match: f32,
    /// An article one of whose keywords is the whole question scores this much more (× its own score), shared by all that
    /// have that keyword: what one author alone wrote down is meant for the question, what twenty wrote down is a topic.
    /// Chosen by sense: the one comes first even where others have the words in titles and headings.
    pub(crate) keyword_match: f32,
    /// The best section's own score, added to the article's. Without the title's likeness 0, .3, 1: en .776, .786, .777;
    /// zh .665, .676, .664; with it .3, .6: en .799, .805; zh .734, .728.
    pub(crate) section: f32,
    /// A resolution record against an article of the same strength: chosen by sense, the article is the checked text.
    pub(crate) resolution: f32,
    /// A pinned article against another: decides between near equals only.
    pub(crate) pinned: f32,
    /// The newest document against a very old one: decides between near equals only.
    pub(crate) recent: f32,
    /// Days after which half of the recency is gone.
    pub(crate) recent_half_life: f32,
    /// A document in the reader's language against one in another: a translation of the same article always comes first, a
    /// much better one in the other language still wins.
    pub(crate) own_language: f32,
    /// Below this coverage of the best hit, by weight of the question's words, the answer is weak and the ticket leads.
    /// Of 231 questions without an answer it flags 217 (en) and 218 (zh), of answered ones 1.2 % and 4.8 %. Before function
    /// words weighed little, .45, .5, .55: 212, 216, 218 (en) and 204, 208, 212 (zh), of answered ones 0.6, 1.3, 1.9 % and
    /// 2.9, 4.8, 7.5 %.
    pub(crate) weak_coverage: f32,
}

/// The weights in use.
pub(crate) const WEIGHTS: Weights = Weights {
    field_weight: [5.0, 3.0, 2.0, 1.0],
    field_b: [0.5, 0.3, 0.6, 0.75],
    lead: 0.5,
    lead_b: 0.75,
    called: 3.0,
    called_b: 0.5,
    section_b: 0.75,
    k1: 2.2,
    pair: 0.25,
    single: 0.5,
    word: 1.0,
    function: 0.2,
    parts: 0.6,
    other_form: 0.85,
    joined: 0.8,
    synonym: 0.9,
    regional: 0.9,
    correction: 0.9,
    negligible: 0.04,
    title_match: 1.0,
    keyword_match: 6.0,
    section: 0.6,
    resolution: 0.85,
    pinned: 1.05,
    recent: 0.03,
    recent_half_life: 365.0,
    own_language: 1.3,
    weak_coverage: 0.5,
};
