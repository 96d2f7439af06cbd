//! The one writer of the index.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rayon::prelude::*;
use tantivy::directory::RamDirectory;
use tantivy::indexer::{LogMergePolicy, UserOperation};
use tantivy::schema::Schema;
use tantivy::{IndexReader, IndexSettings, IndexWriter, ReloadPolicy, SegmentReader, TantivyDocument, Term};

use super::SearchError;
use super::analysis::Analyzer;
use super::calls::{CallsTokenizer, calls_of};
use super::directory::PlainDirectory;
use super::schema::{self, Fields, Meta};
use super::segment::{Known, Segment, Table};
use super::synonyms::Synonyms;
use super::tokenizer::FoldingTokenizer;
use super::view::View;
use super::weights::{BODY, HEADING, KEYS, TITLE};
use crate::config;
use crate::markdown::Page;

/// Threads that write segments, and the memory each may fill before it writes one. Less makes more segments, and their
/// merging costs more than it saves: peak memory of a build of 10,000 articles with 16, 32, 64 MB is 526, 500, 472 MB.
const WRITERS: usize = 1;
const MEMORY_PER_WRITER: usize = 64 << 20;
/// Segments of a similar size that are merged into one, in the background.
const MERGE_FACTOR: usize = 6;

/// The index of one site. Documents are put and removed from any thread; [`Index::commit`] shows them.
pub struct Index {
    store: Arc<Store>,
    synonyms: Arc<Synonyms>,
    base_path: Arc<str>,
}

/// The documents and their files. One at a time may write into a folder.
struct Store {
    fields: Fields,
    analyzer: Analyzer,
    /// What the folder is named after.
    layout: String,
    writer: RwLock<IndexWriter>,
    reader: IndexReader,
    documents: Mutex<Documents>,
    /// Tables of the segments of the last view.
    tables: Mutex<Vec<Arc<Table>>>,
    folder: Option<PathBuf>,
    /// Takes nothing in.
    idle: bool,
}

/// What the writer has been given, committed or not.
#[derive(Default)]
struct Documents {
    by_path: HashMap<String, Arc<Meta>>,
    known: Known,
    last_uid: u64,
}

/// Where an index is kept.
enum Place {
    Folder(PathBuf),
    Memory,
    Nowhere,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("folder", &self.store.folder).finish_non_exhaustive()
    }
}

impl Index {
    /// Opens `state_dir/index/<fingerprint>/`, where the fingerprint names the layout and the analysis.
    ///
    /// An index that is missing, of another layout, or damaged in any byte is thrown away, and an empty one is made:
    /// [`Index::contents`] says what has to be put again.
    ///
    /// # Errors
    /// When the disk cannot be used.
    pub fn open(state_dir: &Path, base_path: &str, search: &config::Search) -> Result<Self, SearchError> {
        let parent = state_dir.join("index");
        let folder = parent.join(layout_fingerprint(search));
        if folder.is_dir() {
            match Self::open_folder(&folder, base_path, search) {
                Ok(index) => return Ok(index),
                Err(error) => {
                    tracing::warn!("the search index in {} is rebuilt: {error}", folder.display());
                }
            }
        }
        let disk = |source| SearchError::Disk { path: folder.clone(), source };
        match std::fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => std::fs::remove_dir_all(&folder).map_err(disk)?,
            Ok(_) => std::fs::remove_file(&folder).map_err(disk)?,
            Err(_) => {}
        }
        std::fs::create_dir_all(&folder).map_err(disk)?;
        Self::open_folder(&folder, base_path, search)
    }

    fn open_folder(folder: &Path, base_path: &str, search: &config::Search) -> Result<Self, SearchError> {
        let (schema, fields) = schema::schema();
        let directory = PlainDirectory::new(folder);
        let exists = tantivy::Index::exists(&directory).map_err(tantivy::TantivyError::from)?;
        if exists && tantivy::Index::open(directory.clone())?.schema() != schema {
            return Err(SearchError::Damaged);
        }
        let index = if exists {
            tantivy::Index::open(directory)?
        } else {
            tantivy::Index::create(directory, schema, IndexSettings::default())?
        };
        if !index.validate_checksum()?.is_empty() {
            return Err(SearchError::Damaged);
        }
        Self::new(index, fields, base_path, search, Place::Folder(folder.to_owned()))
    }

    /// An index that is never written to a disk.
    ///
    /// # Errors
    /// When its threads cannot be started.
    pub fn in_memory(base_path: &str, search: &config::Search) -> Result<Self, SearchError> {
        let (schema, fields): (Schema, Fields) = schema::schema();
        let index = tantivy::Index::create(RamDirectory::create(), schema, IndexSettings::default())?;
        Self::new(index, fields, base_path, search, Place::Memory)
    }

    /// An index that stays empty, for those who look at pages and search for nothing.
    ///
    /// # Errors
    /// When its threads cannot be started.
    pub fn idle(base_path: &str, search: &config::Search) -> Result<Self, SearchError> {
        let (schema, fields): (Schema, Fields) = schema::schema();
        let index = tantivy::Index::create(RamDirectory::create(), schema, IndexSettings::default())?;
        Self::new(index, fields, base_path, search, Place::Nowhere)
    }

    /// The same documents for a site with another base path, or with other synonyms; `None` when these ask for another
    /// index.
    pub fn shared(&self, base_path: &str, search: &config::Search) -> Option<Self> {
        (!self.store.idle && self.store.layout == layout_fingerprint(search)).then(|| Self {
            store: Arc::clone(&self.store),
            synonyms: Arc::new(Synonyms::new(&search.synonyms)),
            base_path: base_path.into(),
        })
    }

    /// Removes indexes of other layouts from its folder. What cannot be removed only takes space.
    pub fn remove_others(&self) {
        if let Some(folder) = &self.store.folder
            && let Some(parent) = folder.parent()
        {
            remove_others(parent, folder);
        }
    }

    fn new(
        mut index: tantivy::Index,
        fields: Fields,
        base_path: &str,
        search: &config::Search,
        place: Place,
    ) -> Result<Self, SearchError> {
        let analyzer = Analyzer::new(&words(search));
        index.tokenizers().register(schema::TOKENIZER, FoldingTokenizer::new(analyzer.clone()));
        index.tokenizers().register(schema::CALLS_TOKENIZER, CallsTokenizer);
        let _ = index.settings_mut();
        let writer: IndexWriter = index.writer_with_num_threads(WRITERS, WRITERS * MEMORY_PER_WRITER)?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGE_FACTOR);
        policy.set_min_layer_size(2_000);
        policy.set_del_docs_ratio_before_merge(0.3);
        writer.set_merge_policy(Box::new(policy));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let store = Store {
            fields,
            analyzer,
            layout: layout_fingerprint(search),
            writer: RwLock::new(writer),
            reader,
            documents: Mutex::default(),
            tables: Mutex::default(),
            idle: matches!(place, Place::Nowhere),
            folder: if let Place::Folder(folder) = place { Some(folder) } else { None },
        };
        let synonyms = Arc::new(Synonyms::new(&search.synonyms));
        let this = Self { store: Arc::new(store), synonyms, base_path: base_path.into() };
        this.load_documents()?;
        Ok(this)
    }

    /// Learns what the index holds from its files.
    fn load_documents(&self) -> Result<(), SearchError> {
        let segments = self.segments()?;
        let mut documents = lock(&self.store.documents);
        for segment in &segments {
            for (article, meta) in segment.table.metas.iter().enumerate() {
                documents.last_uid = documents.last_uid.max(meta.uid);
                if segment.is_alive(article) {
                    documents.known.insert(meta.uid, Arc::clone(meta));
                    if documents.by_path.insert(meta.path.clone(), Arc::clone(meta)).is_some() {
                        return Err(SearchError::Damaged);
                    }
                }
            }
        }
        Ok(())
    }

    /// What the index holds, put but not committed included: document path → [`Index::fingerprint`] of its page.
    pub fn contents(&self) -> HashMap<String, [u8; 32]> {
        lock(&self.store.documents).by_path.values().map(|meta| (meta.path.clone(), meta.fingerprint)).collect()
    }

    /// The hash of what the index takes from a page; equal means that it need not be put again.
    pub fn fingerprint(page: &Page) -> [u8; 32] {
        schema::fingerprint(page)
    }

    /// Adds a page, or replaces the one with its path.
    ///
    /// # Errors
    /// [`SearchError::NotPublic`] for a document that employees may not find; otherwise when the disk fails.
    pub fn put(&self, page: &Page) -> Result<(), SearchError> {
        if !page.document.is_public() || !page.document.is_listed() {
            return Err(SearchError::NotPublic(page.document.meta().path.clone()));
        }
        if self.store.idle {
            return Ok(());
        }
        let (meta, replaced) = {
            let mut documents = lock(&self.store.documents);
            documents.last_uid += 1;
            let meta = Arc::new(Meta::new(documents.last_uid, page));
            documents.known.insert(meta.uid, Arc::clone(&meta));
            let replaced = documents.by_path.insert(meta.path.clone(), Arc::clone(&meta));
            (meta, replaced)
        };
        let mut operations = Vec::with_capacity(page.sections.len() + 2);
        if let Some(replaced) = replaced {
            operations.push(UserOperation::Delete(Term::from_field_u64(self.store.fields.uid, replaced.uid)));
        }
        operations.extend(self.section_documents(&meta, page).into_iter().map(UserOperation::Add));
        // One batch stays together: the sections of an article are neighbours in one segment.
        self.store.writer.read().unwrap_or_else(PoisonError::into_inner).run(operations)?;
        Ok(())
    }

    fn section_documents(&self, meta: &Meta, page: &Page) -> Vec<TantivyDocument> {
        let [title, keys, heading, body] = [TITLE, KEYS, HEADING, BODY].map(|field| self.store.fields.text[field]);
        let mut first = TantivyDocument::default();
        first.add_text(title, &meta.title);
        first.add_text(keys, schema::keys(&page.document));
        first.add_text(heading, &page.document.meta().summary);
        first.add_text(self.store.fields.calls, calls_of(page, meta.uid, &self.store.analyzer));
        first.add_text(self.store.fields.meta, serde_json::to_string(meta).unwrap_or_default());
        let mut documents = vec![first];
        for (number, section) in page.sections.iter().enumerate() {
            if number > 0 {
                documents.push(TantivyDocument::default());
            }
            let Some(document) = documents.last_mut() else { continue };
            document.add_text(heading, &section.heading);
            document.add_text(body, &section.text);
            document.add_text(self.store.fields.section, schema::store_section(section));
        }
        for document in &mut documents {
            document.add_u64(self.store.fields.uid, meta.uid);
        }
        documents
    }

    /// Takes out the document with this path, if it is in.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(&self, path: &str) -> Result<(), SearchError> {
        let removed = {
            let mut documents = lock(&self.store.documents);
            documents.by_path.remove(path)
        };
        if let Some(meta) = removed {
            let term = Term::from_field_u64(self.store.fields.uid, meta.uid);
            self.store.writer.read().unwrap_or_else(PoisonError::into_inner).delete_term(term);
        }
        Ok(())
    }

    /// Makes every put and remove so far visible, in the view that it returns.
    ///
    /// # Errors
    /// When the disk fails; earlier views keep answering.
    pub fn commit(&self) -> Result<View, SearchError> {
        self.store.writer.write().unwrap_or_else(PoisonError::into_inner).commit()?;
        let segments = self.segments()?;
        {
            let mut documents = lock(&self.store.documents);
            let Documents { by_path, known, .. } = &mut *documents;
            if known.len() > by_path.len() + 1_000 {
                known.retain(|uid, meta| by_path.get(&meta.path).is_some_and(|current| current.uid == *uid));
            }
        }
        Ok(View::new(segments, self.store.analyzer.clone(), Arc::clone(&self.synonyms), Arc::clone(&self.base_path)))
    }

    /// As [`Index::commit`], where nobody in this process searches: the view that it returns is empty.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn commit_unseen(&self) -> Result<View, SearchError> {
        self.store.writer.write().unwrap_or_else(PoisonError::into_inner).commit()?;
        let (analyzer, synonyms) = (self.store.analyzer.clone(), Arc::clone(&self.synonyms));
        Ok(View::new(Vec::new(), analyzer, synonyms, Arc::clone(&self.base_path)))
    }

    /// The committed segments, with the tables of those already known.
    fn segments(&self) -> Result<Vec<Segment>, SearchError> {
        self.store.reader.reload()?;
        let searcher = self.store.reader.searcher();
        let mut tables = lock(&self.store.tables);
        // Nobody puts documents while they are committed.
        let documents = lock(&self.store.documents);
        let table = |reader| match tables.iter().find(|table| table.id == SegmentReader::segment_id(reader)) {
            Some(table) => Ok(Arc::clone(table)),
            None => Table::new(reader, &self.store.fields, &documents.known, &self.store.analyzer).map(Arc::new),
        };
        let made: Vec<_> = searcher.segment_readers().par_iter().map(table).collect::<Result<_, SearchError>>()?;
        let (mut segments, mut base) = (Vec::new(), 0);
        for (reader, table) in searcher.segment_readers().iter().zip(made) {
            let segment = Segment::new(table, base, reader);
            base += segment.articles() as u32;
            segments.push(segment);
        }
        *tables = segments.iter().map(|segment| Arc::clone(&segment.table)).collect();
        Ok(segments)
    }

    /// Bytes of the index on the disk; 0 in memory.
    pub fn size_on_disk(&self) -> u64 {
        let Some(folder) = &self.store.folder else { return 0 };
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        entries.filter_map(|entry| entry.ok()?.metadata().ok()).map(|metadata| metadata.len()).sum()
    }
}

/// The site's own words: those it lists, and those it has synonyms for.
fn words(search: &config::Search) -> Vec<String> {
    search.words.iter().chain(search.synonyms.iter().flatten()).cloned().collect()
}

/// The name of the folder: the schema, the version of the analysis and the words it was given.
fn layout_fingerprint(search: &config::Search) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&schema::VERSION.to_le_bytes());
    hasher.update(serde_json::to_string(&schema::schema().0).unwrap_or_default().as_bytes());
    for word in words(search) {
        hasher.update(word.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

fn remove_others(parent: &Path, keep: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path != keep) {
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        if let Err(error) = removed {
            tracing::debug!("cannot remove {}: {error}", path.display());
        }
    }
}
