//! An immutable state of the index, and the answers it gives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::analysis::Analyzer;
use super::averages::{Averages, idf};
use super::fold::fold;
use super::keywords::bare;
use super::lexicon::Lexicon;
use super::prune::Need;
use super::query::{Plan, Reading, Term, normalize};
use super::rank::{Match, rank, segment_of};
use super::schema::Meta;
use super::sections;
use super::segment::Segment;
use super::snippet::Marks;
use super::suggest;
use super::synonyms::Synonyms;
use super::weights::{BODY, FIELDS, HEADING, REQUIRED, SECTION_DEPTH, TITLE, WEIGHTS};
use super::{Answer, Facet, Facets, Hit, Query, Suggestions};

/// The most hits that one answer carries.
pub const MAX_LIMIT: usize = 100;

/// What the index held at one commit. Cheap to clone, safe to ask from any thread.
#[derive(Debug, Clone)]
pub struct View {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) segments: Vec<Segment>,
    pub(crate) averages: Averages,
    pub(crate) analyzer: Analyzer,
    pub(crate) synonyms: Arc<Synonyms>,
    pub(crate) base_path: Arc<str>,
    documents: usize,
    /// What the score of each article is multiplied with before anything is asked ([`prior`]).
    priors: Vec<f32>,
}

impl View {
    pub(crate) fn new(
        segments: Vec<Segment>,
        analyzer: Analyzer,
        synonyms: Arc<Synonyms>,
        base_path: Arc<str>,
    ) -> Self {
        let averages = Averages::new(&segments);
        let alive = |segment: &Segment| (0..segment.articles()).filter(|&at| segment.is_alive(at)).count();
        let documents = segments.iter().map(alive).sum();
        let newest = segments.iter().flat_map(|segment| &segment.table.metas).filter_map(|meta| meta.updated).max();
        let metas = segments.iter().flat_map(|segment| &segment.table.metas);
        let priors = metas.map(|meta| prior(meta, newest)).collect();
        Self { inner: Arc::new(Inner { segments, averages, analyzer, synonyms, base_path, documents, priors }) }
    }

    /// How many documents can be found.
    pub fn documents(&self) -> usize {
        self.inner.documents
    }

    /// How many segments the index has: few are faster.
    pub fn segments(&self) -> usize {
        self.inner.segments.len()
    }

    /// Answers a question. Any text gives an answer, in bounded time.
    pub fn search(&self, query: &Query) -> Answer {
        self.inner.search(query)
    }

    /// Titles and sections that go on from what is being typed.
    pub fn suggest(&self, text: &str, limit: usize, lang: Option<&str>) -> Suggestions {
        suggest::suggest(&self.inner, text, limit, lang)
    }
}

impl Inner {
    pub(crate) fn meta(&self, article: u32) -> &Meta {
        let segment = segment_of(&self.segments, article);
        &segment.table.metas[(article - segment.base) as usize]
    }

    pub(crate) fn reading(&self, correct: bool) -> Reading<'_> {
        Reading {
            analyzer: &self.analyzer,
            synonyms: &self.synonyms,
            lexicon: Lexicon { segments: &self.segments },
            correct,
        }
    }

    fn search(&self, query: &Query) -> Answer {
        let started = Instant::now();
        let text = normalize(&query.text);
        let plan = Plan::new(&text, self.reading(!query.exact));
        let mut matches = rank(&plan, &self.segments, &self.averages, FIELDS, &REQUIRED);
        let required = required(&matches);
        matches.retain(|found| found.coverage >= required);
        let facets = self.facets(&matches);
        matches.retain(|found| {
            let meta = self.meta(found.article);
            query.kind.is_none_or(|kind| meta.kind() == kind)
                && query.category.as_ref().is_none_or(|category| meta.category == *category)
        });
        let total = matches.len();
        let limit = query.limit.min(MAX_LIMIT);
        let wanted = query.offset.saturating_add(limit).max(SECTION_DEPTH);
        let asked = self.asked_for(&text, plan.corrected.as_deref());
        for found in &mut matches {
            found.score *= self.factor(found, query.lang.as_deref());
            if asked.contains(&found.article) {
                found.score *= 1.0 + WEIGHTS.keyword_match / asked.len() as f32;
            }
        }
        keep_possible(&mut matches, wanted);
        for found in &mut matches {
            found.score *= 1.0 + WEIGHTS.title_match * self.title_likeness(found);
        }
        let by_score = |a: &Match, b: &Match| b.score.total_cmp(&a.score).then(a.article.cmp(&b.article));
        if matches.len() > wanted {
            matches.select_nth_unstable_by(wanted, by_score);
            matches.truncate(wanted);
        }
        matches.sort_unstable_by(by_score);
        let mut sections = Vec::new();
        let depth = matches.len().min(wanted);
        let articles = matches[..depth].iter().map(|found| found.article).collect::<Vec<_>>();
        for (found, best) in matches.iter_mut().zip(sections::best(
            &plan,
            &self.segments,
            &articles,
            &[TITLE, HEADING, BODY],
            self.averages.section,
        )) {
            found.score += WEIGHTS.section * best.score;
            if let Some(standing) = &query.standing {
                found.score *= standing.get(&self.meta(found.article).path).copied().unwrap_or(1.0);
            }
            sections.push((*found, best));
        }
        sections.sort_by(|a, b| by_score(&a.0, &b.0));
        let weak = sections.first().is_none_or(|(best, _)| is_weak(best));
        let marks = Marks::new(plan.marks());
        let page = sections.iter().skip(query.offset).take(limit);
        let hits = page.map(|(found, best)| self.hit(found, best.doc, &marks)).collect();
        Answer {
            query: query.text.clone(),
            corrected: plan.corrected,
            total,
            took_ms: started.elapsed().as_secs_f64() * 1000.0,
            hits,
            facets,
            weak,
        }
    }

    /// The articles one of whose keywords is the question, as typed or as corrected.
    fn asked_for(&self, text: &str, corrected: Option<&str>) -> Vec<u32> {
        if self.segments.iter().all(|segment| segment.table.keywords.is_empty()) {
            return Vec::new();
        }
        let bare: Vec<_> = [Some(text), corrected].into_iter().flatten().map(bare).collect();
        let in_segment = |segment: &Segment| {
            let found = bare.iter().flat_map(|bare| segment.table.keywords.with(bare));
            found.map(|article| segment.base + article).collect::<Vec<_>>()
        };
        self.segments.iter().flat_map(in_segment).collect()
    }

    /// How alike question and title are: the geometric mean of the share of the question that the title holds and
    /// the share of the title that the question holds; 1 when they are the same.
    pub(crate) fn title_likeness(&self, found: &Match) -> f32 {
        if found.title_weight <= 0.0 {
            return 0.0;
        }
        let segment = segment_of(&self.segments, found.article);
        let title = segment.table.title_weight((found.article - segment.base) as usize, |title| {
            let terms = self.reading(false).terms_of(&fold(title));
            terms.iter().map(|term| term.weight * idf(self.averages.articles, self.titles_with(term))).sum()
        });
        (found.title_coverage * (found.title_weight / title).min(1.0)).sqrt()
    }

    /// How many titles hold a term in any form. A name that ends every title tells as little as an article's `the`.
    fn titles_with(&self, term: &Term) -> usize {
        let in_segment = |segment: &Segment| {
            let titles = &segment.table.inverted[TITLE];
            term.forms
                .iter()
                .filter_map(|form| titles.terms().get(form).ok().flatten())
                .map(|info| info.doc_freq as usize)
                .sum::<usize>()
        };
        self.segments.iter().map(in_segment).sum()
    }

    /// What an article's score is multiplied with beside its title's likeness: how much of the question it holds, and
    /// gentle preferences.
    fn factor(&self, found: &Match, lang: Option<&str>) -> f32 {
        // A missing part of the question costs by the fourth root: half of it missing costs a sixth.
        let mut factor = found.coverage.sqrt().sqrt();
        factor *= self.priors[found.article as usize];
        if lang.is_some_and(|lang| self.meta(found.article).lang == lang) {
            factor *= WEIGHTS.own_language;
        }
        factor
    }

    fn facets(&self, matches: &[Match]) -> Facets {
        let mut counts = self.segments.iter().map(|segment| vec![0; segment.table.faces.len()]).collect::<Vec<_>>();
        for found in matches {
            let number = self.segments.partition_point(|segment| segment.base <= found.article) - 1;
            let segment = &self.segments[number];
            let face = segment.table.face_of[(found.article - segment.base) as usize];
            counts[number][face as usize] += 1;
        }
        let (mut kinds, mut categories) = (BTreeMap::new(), BTreeMap::new());
        for (segment, counts) in self.segments.iter().zip(&counts) {
            for ((kind, category), count) in segment.table.faces.iter().zip(counts).filter(|(_, count)| **count > 0) {
                *kinds.entry(kind.as_str()).or_insert(0) += count;
                if !category.is_empty() {
                    *categories.entry(category.as_str()).or_insert(0) += count;
                }
            }
        }
        Facets { kind: sorted(kinds), category: sorted(categories) }
    }

    fn hit(&self, found: &Match, doc: u32, marks: &Marks<'_>) -> Hit {
        let segment = segment_of(&self.segments, found.article);
        let meta = &segment.table.metas[(found.article - segment.base) as usize];
        let section = segment.table.section(doc);
        let anchor = if section.anchor.is_empty() { String::new() } else { format!("#{}", section.anchor) };
        Hit {
            kind: meta.kind(),
            path: meta.path.clone(),
            url: format!("{}{}{anchor}", self.base_path, meta.url),
            title: meta.title.clone(),
            title_html: marks.whole(&meta.title),
            snippet_html: marks.snippet(&section.text),
            section: section.heading,
            category: meta.category.clone(),
            lang: meta.lang.clone(),
            updated: meta.updated,
            score: found.score,
        }
    }
}

/// Drops what cannot be among the `wanted` best whatever its title: how alike a title is, is the dearest question, and
/// how alike it can be at most is known from the terms it holds.
fn keep_possible(matches: &mut Vec<Match>, wanted: usize) {
    if matches.len() <= wanted || wanted == 0 {
        return;
    }
    let mut surely = matches.iter().map(|found| found.score).collect::<Vec<_>>();
    let (_, least, _) = surely.select_nth_unstable_by(wanted - 1, |a, b| b.total_cmp(a));
    let least = *least;
    matches.retain(|found| {
        let likeness = if found.title_weight > 0.0 { found.title_coverage.sqrt() } else { 0.0 };
        found.score * (1.0 + WEIGHTS.title_match * likeness) >= least
    });
}

/// The gentle preferences: an article above a resolution record, a pinned one, a newer one. `newest` is the date of the
/// newest document, against which recency is measured: a view knows no clock.
fn prior(meta: &Meta, newest: Option<jiff::civil::Date>) -> f32 {
    let mut factor = 1.0;
    if meta.resolution {
        factor *= WEIGHTS.resolution;
    }
    if meta.pinned {
        factor *= WEIGHTS.pinned;
    }
    if let (Some(updated), Some(newest)) = (meta.updated, newest) {
        let days = updated.duration_until(newest).as_hours() as f32 / 24.0;
        factor *= 1.0 + WEIGHTS.recent * (-days / WEIGHTS.recent_half_life).exp2();
    }
    factor
}

/// The share of the question that a hit must hold: most of it, or less where too few articles hold most.
fn required(matches: &[Match]) -> f32 {
    let is_met = |need: &&Need| matches.iter().filter(|found| found.coverage >= need.share).count() >= need.enough;
    REQUIRED.iter().find(is_met).map_or(0.0, |need| need.share)
}

/// Whether even the best article leaves too much of the question unanswered.
fn is_weak(best: &Match) -> bool {
    best.coverage < WEIGHTS.weak_coverage
}

/// Facets by count, then by key.
fn sorted(counts: BTreeMap<&str, usize>) -> Vec<Facet> {
    let mut facets = counts.into_iter().map(|(key, count)| Facet { key: key.to_owned(), count }).collect::<Vec<_>>();
    facets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    facets
}
