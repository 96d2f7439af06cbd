//! How a site is compiled, what came of it, and why it could not be.

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::search::SearchError;
use crate::site::output::OutputError;
use crate::site::theme::RenderError;

/// Where the search index is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// Below this folder, to be used again. One process at a time may.
    In(PathBuf),
    /// Below this folder, for another process: in this one nothing can be searched, and nothing is made ready for it.
    For(PathBuf),
    /// In memory, for as long as the process runs.
    Memory,
    /// Nowhere: nothing can be searched.
    Nowhere,
}

/// How a site is compiled.
#[derive(Clone)]
pub struct Options {
    /// Where the files go; `None` renders for the findings and the index alone (`check`, `search`).
    pub public: Option<PathBuf>,
    /// Where the search index is.
    pub index: Keep,
    /// Whether `confidence: wip` has pages.
    pub drafts: bool,
    /// Whether `.br` and `.gz` go beside every text file.
    pub compress: bool,
    /// Whether a broken edit keeps the last good page (a running server does, a build has none).
    pub hold: bool,
    /// Told about pages: how many are done now, of how many.
    pub progress: Arc<dyn Fn(usize, usize) + Send + Sync>,
}

/// Why a site could not be compiled. Mistakes in documents are diagnostics instead.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("the site cannot be compiled as it is configured")]
    Site(Vec<Diagnostic>),
}

/// What a compilation did, for the last line of `build`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    /// Documents with a page.
    pub documents: usize,
    /// Files of the site.
    pub files: usize,
    /// Files whose bytes are new.
    pub written: usize,
    /// Bytes of the search index.
    pub index_size: u64,
}

impl CompileError {
    /// What authors can mend, of what went wrong.
    pub fn findings(self) -> Result<Vec<Diagnostic>, Self> {
        match self {
            Self::Site(findings) => Ok(findings),
            Self::Render(error) => Ok(vec![error.diagnostic()]),
            other => Err(other),
        }
    }
}
