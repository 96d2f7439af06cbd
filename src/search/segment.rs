//! One immutable segment of the index, with the tables that ranking reads.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::schema::Value;
use tantivy::store::StoreReader;
use tantivy::{DocId, InvertedIndexReader, SegmentReader, TantivyDocument};

use super::SearchError;
use super::analysis::Analyzer;
use super::schema::{Fields, Meta, load_section};
use super::vocabulary::Vocabulary;
use super::weights::FIELDS;
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
    pub(crate) metas: Vec<Arc<Meta>>,
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
        for (field, lengths) in fields.text.iter().zip(&mut lengths) {
            let norms = reader.get_fieldnorms_reader(*field)?;
            for doc in 0..reader.max_doc() {
                lengths[article_of[doc as usize] as usize] += norms.fieldnorm(doc) as f32;
            }
        }
        let mut inverted = Vec::with_capacity(FIELDS);
        for field in fields.text {
            inverted.push(reader.inverted_index(field)?);
        }
        let inverted: [_; FIELDS] = inverted.try_into().map_err(|_| SearchError::Damaged)?;
        let vocabulary = Vocabulary::new(&inverted, analyzer)?;
        Ok(Self {
            id: reader.segment_id(),
            inverted,
            starts,
            article_of,
            lengths,
            metas,
            vocabulary,
            store,
            section: fields.section,
        })
    }

    /// The stored section `doc`; empty when it cannot be read.
    pub(crate) fn section(&self, doc: DocId) -> Section {
        let stored = self.store.get::<TantivyDocument>(doc).ok();
        let text = stored.as_ref().and_then(|stored| stored.get_first(self.section)).and_then(|value| value.as_str());
        load_section(text.unwrap_or_default())
    }
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
