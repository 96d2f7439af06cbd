//! One immutable segment of the index, with the tables that ranking reads.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tantivy::index::SegmentId;
use tantivy::schema::Value;
use tantivy::store::StoreReader;
use tantivy::{DocId, InvertedIndexReader, SegmentReader, TantivyDocument};

use super::SearchError;
use super::analysis::Analyzer;
use super::calls::Calls;
use super::keywords::Keywords;
use super::schema::{Fields, Meta, load_section, path_number};
use super::vocabulary::Vocabulary;
use super::weights::{BODY, FIELDS};
use crate::content::Kind;
use crate::markdown::Section;

/// Metadata of every article the writer knows, by uid.
pub(crate) type Known = HashMap<u64, Arc<Meta>>;

/// What does not change while a segment lives: built once, shared by all views that hold it.
pub(crate) struct Table {
    pub(crate) id: SegmentId,
    pub(crate) inverted: [Arc<InvertedIndexReader>; FIELDS],
    /// The first section of each article, and the end.
    pub(crate) starts: Vec<DocId>,
    /// The article of each section.
    pub(crate) article_of: Vec<u32>,
    /// Tokens of each article, by field.
    pub(crate) lengths: [Vec<f32>; FIELDS],
    /// Tokens before the first heading of each article.
    pub(crate) leads: Vec<f32>,
    /// Tokens of each section.
    pub(crate) section_lengths: Vec<f32>,
    /// The weight of all terms of each title, as bits; 0 before it is first asked for.
    title_weights: Vec<AtomicU32>,
    pub(crate) metas: Vec<Arc<Meta>>,
    /// The different pairs of kind and category, and which each article has: what facets count.
    pub(crate) faces: Vec<(Kind, String)>,
    pub(crate) face_of: Vec<u32>,
    /// The [`path_number`] of each article.
    pub(crate) paths: Vec<u64>,
    pub(crate) calls: Calls,
    pub(crate) keywords: Keywords,
    pub(crate) vocabulary: Vocabulary,
    store: StoreReader,
    section: tantivy::schema::Field,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("id", &self.id).field("articles", &self.metas.len()).finish()
    }
}

impl Table {
    pub(crate) fn new(
        reader: &SegmentReader,
        fields: &Fields,
        known: &Known,
        analyzer: &Analyzer,
    ) -> Result<Self, SearchError> {
        let uids = reader.fast_fields().u64("uid")?;
        let store = reader.get_store_reader(16)?;
        let (mut starts, mut article_of, mut metas) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = None;
        for doc in 0..reader.max_doc() {
            let uid = uids.first(doc).ok_or(SearchError::Damaged)?;
            if last != Some(uid) {
                last = Some(uid);
                starts.push(doc);
                metas.push(match known.get(&uid) {
                    Some(meta) => Arc::clone(meta),
                    None => Arc::new(read_meta(&store, doc, fields)?),
                });
            }
            article_of.push(starts.len() as u32 - 1);
        }
        starts.push(reader.max_doc());
        let mut lengths: [Vec<f32>; FIELDS] = std::array::from_fn(|_| vec![0.0; metas.len()]);
        let mut leads = vec![0.0; metas.len()];
        let mut section_lengths = vec![0.0; article_of.len()];
        for (field, lengths) in fields.text.iter().zip(&mut lengths) {
            let norms = reader.get_fieldnorms_reader(*field)?;
            let is_body = *field == fields.text[BODY];
            for doc in 0..reader.max_doc() {
                let (length, article) = (norms.fieldnorm(doc) as f32, article_of[doc as usize] as usize);
                lengths[article] += length;
                if is_body {
                    section_lengths[doc as usize] = length;
                    if starts[article] == doc {
                        leads[article] = length;
                    }
                }
            }
        }
        let mut inverted = Vec::with_capacity(FIELDS);
        for field in fields.text {
            inverted.push(reader.inverted_index(field)?);
        }
        let inverted: [_; FIELDS] = inverted.try_into().map_err(|_| SearchError::Damaged)?;
        let keywords = metas.iter().flat_map(|meta| &meta.keywords).map(String::as_str);
        let vocabulary = Vocabulary::new(&inverted, analyzer, keywords)?;
        let (faces, face_of) = faces(&metas);
        Ok(Self {
            id: reader.segment_id(),
            inverted,
            starts,
            article_of,
            lengths,
            leads,
            section_lengths,
            title_weights: metas.iter().map(|_| AtomicU32::new(0)).collect(),
            faces,
            face_of,
            paths: metas.iter().map(|meta| path_number(&meta.path)).collect(),
            calls: Calls::new(&reader.inverted_index(fields.calls)?, &metas)?,
            keywords: Keywords::new(metas.iter().map(|meta| meta.keywords.as_slice())),
            metas,
            vocabulary,
            store,
            section: fields.section,
        })
    }

    /// The weight of all terms of a title, computed once.
    pub(crate) fn title_weight(&self, article: usize, compute: impl FnOnce(&str) -> f32) -> f32 {
        let slot = &self.title_weights[article];
        match slot.load(Ordering::Relaxed) {
            0 => {
                let weight = compute(&self.metas[article].title).max(f32::MIN_POSITIVE);
                slot.store(weight.to_bits(), Ordering::Relaxed);
                weight
            }
            bits => f32::from_bits(bits),
        }
    }

    /// The stored section `doc`; empty when it cannot be read.
    pub(crate) fn section(&self, doc: DocId) -> Section {
        let stored = self.store.get::<TantivyDocument>(doc).ok();
        let text = stored.as_ref().and_then(|stored| stored.get_first(self.section)).and_then(|value| value.as_str());
        load_section(text.unwrap_or_default())
    }
}

/// The different pairs of kind and category, and the number of each document's.
fn faces(metas: &[Arc<Meta>]) -> (Vec<(Kind, String)>, Vec<u32>) {
    let (mut faces, mut numbers) = (Vec::new(), HashMap::new());
    let mut number = |meta: &Arc<Meta>| {
        *numbers.entry((meta.resolution, meta.category.clone())).or_insert_with(|| {
            faces.push((meta.kind(), meta.category.clone()));
            faces.len() as u32 - 1
        })
    };
    let face_of = metas.iter().map(&mut number).collect();
    (faces, face_of)
}

fn read_meta(store: &StoreReader, doc: DocId, fields: &Fields) -> Result<Meta, SearchError> {
    let stored: TantivyDocument = store.get(doc)?;
    let text = stored.get_first(fields.meta).and_then(|value| value.as_str()).ok_or(SearchError::Damaged)?;
    serde_json::from_str(text).map_err(|_| SearchError::Damaged)
}

/// A segment as one view sees it.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) table: Arc<Table>,
    /// Articles of the segments before it.
    pub(crate) base: u32,
    alive: Option<Arc<tantivy::fastfield::AliveBitSet>>,
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.table.fmt(f)
    }
}

impl Segment {
    pub(crate) fn new(table: Arc<Table>, base: u32, reader: &SegmentReader) -> Self {
        Self { table, base, alive: reader.alive_bitset().cloned().map(Arc::new) }
    }

    pub(crate) fn articles(&self) -> usize {
        self.table.metas.len()
    }

    /// Whether the article (numbered in the segment) was neither removed nor replaced.
    pub(crate) fn is_alive(&self, article: usize) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.is_alive(self.table.starts[article]))
    }
}
