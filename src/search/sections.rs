//! The best section of each of the best articles: for the deep link, the snippet, and the final order.

use std::ops::Range;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use super::averages::idf;
use super::query::{Plan, Term};
use super::rank::segment_of;
use super::segment::{Segment, Table};
use super::weights::{HEADING, TITLE, WEIGHTS};

/// An article's best section.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Best {
    pub(crate) doc: DocId,
    /// As a share of what a section that holds everything could score: 0 to about 2.
    pub(crate) score: f32,
}

/// The best section of each of `articles`, in their order. `fields` are those that count.
pub(crate) fn best(plan: &Plan, segments: &[Segment], articles: &[u32], fields: &[usize], average: f32) -> Vec<Best> {
    let sections = segments.last().map_or(0, |last| {
        segments.iter().map(|segment| segment.table.article_of.len()).sum::<usize>().max(last.articles())
    });
    let mut order = (0..articles.len()).collect::<Vec<_>>();
    order.sort_by_key(|&at| articles[at]);
    let mut results = vec![Best { doc: 0, score: 0.0 }; articles.len()];
    let mut rest = &order[..];
    while let Some(&first) = rest.first() {
        let segment = segment_of(segments, articles[first]);
        let end = segment.base + segment.articles() as u32;
        let count = rest.iter().take_while(|&&at| articles[at] < end).count();
        let (here, after) = rest.split_at(count.max(1));
        rest = after;
        let ranges = here.iter().map(|&at| range(segment, articles[at])).collect::<Vec<_>>();
        let scores = score(plan, &segment.table, &ranges, (sections, average), fields);
        let mut offset = 0;
        for (&at, range) in here.iter().zip(&ranges) {
            let scores = &scores[offset..offset + range.len()];
            offset += range.len();
            let mut best = Best { doc: range.start, score: 0.0 };
            for (doc, score) in range.clone().zip(scores) {
                if *score > best.score {
                    best = Best { doc, score: *score };
                }
            }
            results[at] = best;
        }
    }
    results
}

fn range(segment: &Segment, article: u32) -> Range<DocId> {
    let article = (article - segment.base) as usize;
    segment.table.starts[article]..segment.table.starts[article + 1]
}

/// The score of every section of the (ascending) ranges, one after the other.
fn score(
    plan: &Plan,
    table: &Table,
    ranges: &[Range<DocId>],
    (sections, average): (usize, f32),
    fields: &[usize],
) -> Vec<f32> {
    let length = ranges.iter().map(ExactSizeIterator::len).sum();
    let mut total = vec![0.0_f32; length];
    let mut concept_best = vec![0.0_f32; length];
    let mut alternative_score = vec![0.0_f32; length];
    let mut frequency = vec![0.0_f32; length];
    let b = WEIGHTS.section_b;
    let shorten = |doc: DocId| 1.0 / (1.0 - b + b * table.section_lengths[doc as usize] / average);
    let shorten = ranges.iter().flat_map(|range| range.clone().map(shorten)).collect::<Vec<_>>();
    for concept in &plan.concepts {
        concept_best.fill(0.0);
        for alternative in &concept.alternatives {
            alternative_score.fill(0.0);
            for term in &alternative.terms {
                frequency.fill(0.0);
                occurrences(term, table, ranges, fields, &mut frequency);
                let weight = alternative.weight * term.weight * idf(sections, term.count as usize);
                for ((score, frequency), shorten) in alternative_score.iter_mut().zip(&frequency).zip(&shorten) {
                    let frequency = frequency * shorten;
                    *score += weight * frequency * (WEIGHTS.k1 + 1.0) / (frequency + WEIGHTS.k1);
                }
            }
            for (best, score) in concept_best.iter_mut().zip(&alternative_score) {
                *best = best.max(*score);
            }
        }
        for (sum, best) in total.iter_mut().zip(&concept_best) {
            *sum += best;
        }
    }
    total
}

fn occurrences(term: &Term, table: &Table, ranges: &[Range<DocId>], fields: &[usize], frequency: &mut [f32]) {
    for &field in fields {
        let reader = &table.inverted[field];
        // The title stands in the first section; it counts there as a heading.
        let weight = if field == TITLE { WEIGHTS.field_weight[HEADING] } else { WEIGHTS.field_weight[field] };
        for form in &term.forms {
            let Ok(Some(info)) = reader.terms().get(form) else { continue };
            let Ok(mut postings) = reader.read_postings_from_terminfo(&info, IndexRecordOption::WithFreqs) else {
                continue;
            };
            let mut offset = 0;
            for range in ranges {
                let mut doc = postings.doc();
                if doc < range.start {
                    doc = postings.seek(range.start);
                }
                while doc < range.end && doc != TERMINATED {
                    frequency[offset + (doc - range.start) as usize] +=
                        weight * tantivy::postings::Postings::term_freq(&postings) as f32;
                    doc = postings.advance();
                }
                offset += range.len();
            }
        }
    }
}
