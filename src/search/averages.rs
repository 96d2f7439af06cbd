//! What ranking compares an article with: all articles of a view.

use std::sync::Arc;

use super::calls::Called;
use super::columns::Columns;
use super::prune::Spreads;
use super::segment::Segment;
use super::weights::{FIELDS, WEIGHTS};

/// Averages over the articles of a view.
#[derive(Debug, Clone)]
pub(crate) struct Averages {
    pub(crate) articles: usize,
    /// Tokens of a section.
    pub(crate) section: f32,
    /// By segment.
    pub(crate) shares: Vec<Shares>,
    pub(crate) called: Called,
    pub(crate) spreads: Arc<Spreads>,
    pub(crate) columns: Arc<Columns>,
}

/// What one occurrence in an article is worth: its field's weight, shortened by the field's length.
#[derive(Debug, Clone)]
pub(crate) struct Shares {
    pub(crate) fields: [Vec<f32>; FIELDS],
    /// What it is worth more before the first heading.
    pub(crate) lead: Vec<f32>,
}

fn shares(weight: f32, b: f32, lengths: &[f32], average: f32) -> Vec<f32> {
    lengths.iter().map(|length| weight / (1.0 - b + b * length / average)).collect()
}

impl Averages {
    pub(crate) fn new(segments: &[Segment]) -> Self {
        let articles = segments.iter().map(Segment::articles).sum::<usize>();
        let mean = |values: &dyn Fn(&Segment) -> &[f32]| {
            let count = segments.iter().map(|segment| values(segment).len()).sum::<usize>();
            let sum = segments.iter().flat_map(values).sum::<f32>();
            (sum / count.max(1) as f32).max(1.0)
        };
        let lengths: [f32; FIELDS] = std::array::from_fn(|field| mean(&|segment| &segment.table.lengths[field]));
        let lead = mean(&|segment| &segment.table.leads);
        let of_segment = |segment: &Segment| Shares {
            fields: std::array::from_fn(|field| {
                let (weight, b) = (WEIGHTS.field_weight[field], WEIGHTS.field_b[field]);
                shares(weight, b, &segment.table.lengths[field], lengths[field])
            }),
            lead: shares(WEIGHTS.lead, WEIGHTS.lead_b, &segment.table.leads, lead),
        };
        Self {
            articles,
            section: mean(&|segment| &segment.table.section_lengths),
            shares: segments.iter().map(of_segment).collect(),
            called: Called::new(segments, WEIGHTS.called, WEIGHTS.called_b),
            spreads: Arc::default(),
            columns: Arc::new(Columns::new(articles)),
        }
    }
}

/// The weight of a term in `found` of `articles` (BM25's idf, never negative).
pub(crate) fn idf(articles: usize, found: usize) -> f32 {
    let (articles, found) = (articles as f32, found.min(articles) as f32);
    ((articles - found + 0.5) / (found + 0.5)).ln_1p()
}
