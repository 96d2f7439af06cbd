//! Which articles answer a question, and how well.
//!
//! BM25F over articles, computed from the postings of their sections: the occurrences of a word in title, keys,
//! headings and body are weighted, shortened by the length of the field, summed over the article, and only then
//! saturated (Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple weighted fields, 2004). Of a concept's
//! alternatives the best counts. tantivy's own scorer adds up fields and sections instead, so that a long article
//! that repeats one word beats a short one that has both.

use std::cell::RefCell;
use std::sync::Arc;

use tantivy::postings::{Postings as _, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, TERMINATED};

use super::averages::{Averages, Shares, idf};
use super::columns::{self, COMMON, Column, Entry};
use super::prune::{Need, Spread, order};
use super::query::{Alternative, Concept, Plan, Term};
use super::segment::Segment;
use super::weights::{BODY, FIELDS, TITLE, WEIGHTS};

/// What ranking knows of an article.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Match {
    /// Numbered over all segments.
    pub(crate) article: u32,
    pub(crate) score: f32,
    /// Share of the question's weight that the article holds.
    pub(crate) coverage: f32,
    /// Share of the question's weight that its title holds.
    pub(crate) title_coverage: f32,
    /// Weight of the question's terms that the title holds, among titles ([`title_idf`]).
    pub(crate) title_weight: f32,
}

/// One number per article and what has been written since the last reset.
#[derive(Default)]
struct Scratch {
    fields: usize,
    frequency: Vec<f32>,
    touched: Vec<u32>,
    /// Of one alternative.
    alternative: Vec<Part>,
    in_alternative: Vec<u32>,
    /// Of one concept.
    concept: Vec<Part>,
    in_concept: Vec<u32>,
    /// Of the whole question.
    total: Vec<Part>,
    in_total: Vec<u32>,
    /// The only articles that are looked at, ascending; all when `None`.
    only: Option<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    score: f32,
    mass: f32,
    /// What of `mass` stands in the title.
    title: f32,
    /// The same by weight among titles.
    named: f32,
}

impl Part {
    fn add(&mut self, other: Part) {
        self.score += other.score;
        self.mass += other.mass;
        self.title += other.title;
        self.named += other.named;
    }
}

/// What a term says about the articles that hold it.
struct Found {
    weight: f32,
    /// Its weight among titles.
    named: f32,
}

impl Found {
    fn new(term: &Term, column: &Column, averages: &Averages) -> Self {
        let weigh = |found: u32| term.weight * idf(averages.articles, found as usize);
        Self { weight: weigh(column.spread.articles), named: weigh(column.spread.titles) }
    }

    fn part(&self, entry: Entry, factor: f32) -> Part {
        let (title, named) = if entry.is_titled() { (self.weight, self.named) } else { (0.0, 0.0) };
        let score = factor * self.weight * entry.worth();
        Part { score, mass: self.weight.max(f32::MIN_POSITIVE), title, named }
    }
}

/// How many postings are read in the time of one jump to an article's.
const SEEK: usize = 24;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// All articles that hold as much of the question as they need, and some that hold less, in no order.
///
/// `fields` says how many of the fields count, from the title on.
pub(crate) fn rank(
    plan: &Plan,
    segments: &[Segment],
    averages: &Averages,
    fields: usize,
    needs: &[Need],
) -> Vec<Match> {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.prepare(averages.articles, fields);
        let mut whole = 0.0;
        for (concept, left) in order(&plan.concepts, averages, fields) {
            if let Some(left) = left {
                let only = scratch.candidates(whole + left, left, needs, segments);
                scratch.only = only.or(scratch.only.take());
            }
            whole += scratch.concept(concept, segments, averages);
        }
        scratch.take(whole, segments)
    })
}

impl Scratch {
    fn prepare(&mut self, articles: usize, fields: usize) {
        self.fields = fields;
        self.frequency.resize(articles, 0.0);
        for parts in [&mut self.alternative, &mut self.concept, &mut self.total] {
            parts.resize(articles, Part::default());
        }
    }

    /// The articles that can still hold what they need, where no others can: what is `left` of the `whole` weight is
    /// too little for an article that holds nothing yet, and enough articles hold it already.
    fn candidates(&self, whole: f32, left: f32, needs: &[Need], segments: &[Segment]) -> Option<Vec<u32>> {
        for need in needs {
            // Sums in another order differ in their last digits.
            let needed = need.share * whole * 0.999;
            if left >= needed {
                continue;
            }
            let sure = need.share * whole * 1.001;
            let holds = |article: &&u32| {
                self.total[**article as usize].mass >= sure && {
                    let segment = segment_of(segments, **article);
                    segment.is_alive((**article - segment.base) as usize)
                }
            };
            // Who was left out before cannot hold it.
            let among = self.only.as_ref().unwrap_or(&self.in_total);
            if among.iter().filter(holds).take(need.enough).count() < need.enough {
                continue;
            }
            let can = |article: &u32| self.total[*article as usize].mass + left >= needed;
            if self.only.is_none() && self.in_total.len() > self.total.len() / 16 {
                // Nearly all: looking at each is quicker than putting them in order.
                let holds_any = |article: &u32| self.total[*article as usize].mass > 0.0 && can(article);
                return Some((0..self.total.len() as u32).filter(holds_any).collect());
            }
            let mut only = among.iter().copied().filter(can).collect::<Vec<_>>();
            if self.only.is_none() {
                only.sort_unstable();
            }
            return Some(only);
        }
        None
    }

    /// Adds a concept's best alternative to every article that has one; gives the concept's weight.
    fn concept(&mut self, concept: &Concept, segments: &[Segment], averages: &Averages) -> f32 {
        if let [Alternative { terms, weight }] = &concept.alternatives[..]
            && let [term] = &terms[..]
        {
            return self.word(term, *weight, segments, averages);
        }
        let mut mass: f32 = 0.0;
        let mut unknown: f32 = 0.0;
        for alternative in &concept.alternatives {
            let (mut all, mut any) = (0.0, false);
            for term in &alternative.terms {
                let (weight, found) = self.term(term, alternative.weight, segments, averages);
                all += weight;
                any |= found;
            }
            let known = if any { &mut mass } else { &mut unknown };
            *known = known.max(all);
            for article in self.in_alternative.drain(..) {
                let part = std::mem::take(&mut self.alternative[article as usize]);
                let best = &mut self.concept[article as usize];
                if best.mass == 0.0 {
                    self.in_concept.push(article);
                }
                if part.score > best.score {
                    // Coverage is a share: of this alternative, not of one that the index words differently.
                    let scale = if all > 0.0 { alternative.weight / all } else { 0.0 };
                    let (mass, title) = (part.mass * scale, part.title * scale);
                    *best = Part { score: part.score, mass, title, named: part.named * alternative.weight };
                }
            }
        }
        let mass = if mass > 0.0 { mass } else { unknown };
        for article in self.in_concept.drain(..) {
            let mut part = std::mem::take(&mut self.concept[article as usize]);
            part.mass *= mass;
            part.title *= mass;
            let total = &mut self.total[article as usize];
            if total.mass == 0.0 {
                self.in_total.push(article);
            }
            total.add(part);
        }
        mass
    }

    /// A concept that is one word: as [`Self::concept`], without the detours.
    fn word(&mut self, term: &Term, factor: f32, segments: &[Segment], averages: &Averages) -> f32 {
        let column = self.column(term, segments, averages);
        let found = Found::new(term, &column, averages);
        let (total, in_total) = (&mut self.total, &mut self.in_total);
        let add = |entry: Entry| {
            let slot = &mut total[entry.article()];
            let mut part = found.part(entry, factor);
            part.mass *= factor;
            part.title *= factor;
            part.named *= factor;
            if slot.mass == 0.0 {
                in_total.push(entry.article() as u32);
            }
            slot.add(part);
        };
        match &self.only {
            None => column.entries.iter().copied().for_each(add),
            Some(only) => column.among(only, add),
        }
        found.weight
    }

    /// Adds a term to the current alternative; gives its weight, and whether anything holds it.
    fn term(&mut self, term: &Term, factor: f32, segments: &[Segment], averages: &Averages) -> (f32, bool) {
        let column = self.column(term, segments, averages);
        let found = Found::new(term, &column, averages);
        let (alternative, in_alternative) = (&mut self.alternative, &mut self.in_alternative);
        let add = |entry: Entry| {
            let slot = &mut alternative[entry.article()];
            if slot.mass == 0.0 {
                in_alternative.push(entry.article() as u32);
            }
            slot.add(found.part(entry, factor));
        };
        match &self.only {
            None => column.entries.iter().copied().for_each(add),
            Some(only) => column.among(only, add),
        }
        (found.weight, column.spread.articles > 0)
    }

    /// The articles that hold a term: all of them, or at least those of `only`.
    fn column(&mut self, term: &Term, segments: &[Segment], averages: &Averages) -> Arc<Column> {
        let key = columns::key(term, self.fields);
        if let Some(column) = averages.columns.get(key) {
            return column;
        }
        // A word that is looked for among few articles once is looked for among them alone.
        let only = self.only.take_if(|_| averages.columns.is_wanted_again(key));
        let column = self.gather(term, key, segments, averages);
        self.only = only.or(self.only.take());
        column
    }

    fn gather(&mut self, term: &Term, key: u64, segments: &[Segment], averages: &Averages) -> Arc<Column> {
        let mut in_title = 0;
        for field in 0..self.fields {
            for (segment, shares) in segments.iter().zip(&averages.shares) {
                for (number, form) in term.forms.iter().enumerate() {
                    let weight = if number == 0 { 1.0 } else { WEIGHTS.other_form };
                    self.postings(form, field, weight, segment, shares);
                }
            }
            if field == TITLE {
                in_title = self.touched.len();
            }
        }
        if self.fields == FIELDS {
            self.calls(term, segments, averages);
        }
        let mut entries = Vec::with_capacity(self.touched.len());
        for (number, article) in self.touched.drain(..).enumerate() {
            let frequency = std::mem::take(&mut self.frequency[article as usize]);
            let saturated = frequency * (WEIGHTS.k1 + 1.0) / (frequency + WEIGHTS.k1);
            entries.push(Entry::new(article, saturated, number < in_title));
        }
        if self.only.is_some() {
            // The order of concepts came from these counts: they are there.
            let spread = averages.spreads.get(key).unwrap_or_default();
            entries.sort_unstable_by_key(|entry| entry.article());
            return Arc::new(Column { entries, spread });
        }
        let spread = Spread { articles: entries.len() as u32, titles: in_title as u32 };
        averages.spreads.keep(key, spread);
        let is_common = entries.len() >= COMMON;
        if is_common {
            entries.sort_unstable_by_key(|entry| entry.article());
        }
        let column = Arc::new(Column { entries, spread });
        if is_common {
            averages.columns.keep(key, &column);
        }
        column
    }

    /// Adds what others call articles.
    fn calls(&mut self, term: &Term, segments: &[Segment], averages: &Averages) {
        for (number, segment) in segments.iter().enumerate() {
            for (at, form) in term.forms.iter().enumerate() {
                let factor = if at == 0 { 1.0 } else { WEIGHTS.other_form };
                for (article, worth) in averages.called.with(number, segment, form) {
                    if self.only.is_some() && self.total[article as usize].mass == 0.0 {
                        continue;
                    }
                    let slot = &mut self.frequency[article as usize];
                    if *slot == 0.0 {
                        self.touched.push(article);
                    }
                    *slot += factor * worth;
                }
            }
        }
    }

    /// Adds the occurrences of one form in one field to the articles' frequencies.
    fn postings(&mut self, form: &str, field: usize, factor: f32, segment: &Segment, shares: &Shares) {
        let table = &*segment.table;
        let reader = &table.inverted[field];
        // A file that cannot be read holds nothing; the next start rebuilds it.
        let Ok(Some(info)) = reader.terms().get(form) else { return };
        if let Some(only) = self.only.take() {
            let from = only.partition_point(|article| *article < segment.base);
            let to =
                only.partition_point(|article| ((*article - segment.base.min(*article)) as usize) < segment.articles());
            if (info.doc_freq as usize) > (to - from.min(to)) * SEEK {
                self.seek(&info, field, factor, (segment, shares), &only[from.min(to)..to]);
                self.only = Some(only);
                return;
            }
            self.only = Some(only);
        }
        let Ok(mut block) = reader.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs) else {
            return;
        };
        let worth = &shares.fields[field];
        loop {
            let docs = block.docs();
            if docs.is_empty() {
                return;
            }
            for (doc, frequency) in docs.iter().zip(block.freqs()) {
                // A byte flipped under a running server may name any section.
                let Some(&article) = table.article_of.get(*doc as usize) else { continue };
                let article = article as usize;
                if self.only.is_some() && self.total[segment.base as usize + article].mass == 0.0 {
                    continue;
                }
                let slot = &mut self.frequency[segment.base as usize + article];
                if *slot == 0.0 {
                    self.touched.push(segment.base + article as u32);
                }
                let frequency = *frequency as f32;
                *slot += factor * frequency * worth[article];
                if field == BODY && table.starts[article] == *doc {
                    *slot += factor * frequency * shares.lead[article];
                }
            }
            block.advance();
        }
    }

    /// As [`Self::postings`], for some articles of a segment.
    fn seek(
        &mut self,
        info: &TermInfo,
        field: usize,
        factor: f32,
        (segment, shares): (&Segment, &Shares),
        only: &[u32],
    ) {
        let table = &*segment.table;
        let Ok(mut postings) = table.inverted[field].read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)
        else {
            return;
        };
        let worth = &shares.fields[field];
        for &number in only {
            let article = (number - segment.base) as usize;
            let (start, end) = (table.starts[article], table.starts[article + 1]);
            let mut doc = postings.doc();
            if doc < start {
                doc = postings.seek(start);
            }
            while doc < end {
                let slot = &mut self.frequency[number as usize];
                if *slot == 0.0 {
                    self.touched.push(number);
                }
                let frequency = postings.term_freq() as f32;
                *slot += factor * frequency * worth[article];
                if field == BODY && start == doc {
                    *slot += factor * frequency * shares.lead[article];
                }
                doc = postings.advance();
            }
            if doc == TERMINATED {
                return;
            }
        }
    }

    /// The result, leaving everything at zero for the next question.
    fn take(&mut self, whole: f32, segments: &[Segment]) -> Vec<Match> {
        self.only = None;
        let whole = whole.max(f32::MIN_POSITIVE);
        let mut matches = Vec::with_capacity(self.in_total.len());
        for article in self.in_total.drain(..) {
            let part = std::mem::take(&mut self.total[article as usize]);
            let segment = segment_of(segments, article);
            if segment.is_alive((article - segment.base) as usize) {
                matches.push(Match {
                    article,
                    score: part.score,
                    coverage: (part.mass / whole).min(1.0),
                    title_coverage: (part.title / whole).min(1.0),
                    title_weight: part.named,
                });
            }
        }
        matches
    }
}

/// The segment of an article.
pub(crate) fn segment_of(segments: &[Segment], article: u32) -> &Segment {
    let at = segments.partition_point(|segment| segment.base <= article).saturating_sub(1);
    &segments[at]
}
