//! A small site for the tests of this room. The only place that makes a [`Live`] and a [`ticket::Store`].

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{App, app};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::markdown::{Links, render};
use crate::search::{Index, View};
use crate::site::output::{Entry, Manifest};
use crate::site::theme::Theme;
use crate::snapshot::{Live, Snapshot};
use crate::ticket;

/// A site in a directory of its own, with one article (`articles/vpn.md`).
pub(super) struct TestSite {
    directory: tempfile::TempDir,
    config: Arc<Config>,
    manifest: Mutex<Manifest>,
    pub(super) diagnostics: Mutex<Vec<Diagnostic>>,
    pub(super) app: App,
}

/// An answer, read to its end.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Got {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

/// A request without a body.
pub(super) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

impl TestSite {
    pub(super) fn new() -> Self {
        Self::with("title = '服务台'\n")
    }

    pub(super) fn with(toml: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Arc::new(Config::parse(directory.path(), toml).unwrap());
        let public = directory.path().join("public");
        std::fs::create_dir_all(&public).unwrap();
        let snapshot = snapshot(&config, &public, Manifest::default(), vec![], 1);
        let clock: super::Clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
        let live = Arc::new(Live::new(snapshot, true));
        let site = Self {
            app: App::new(live, Arc::new(ticket::Store::open(directory.path())), clock),
            directory,
            config,
            manifest: Mutex::default(),
            diagnostics: Mutex::default(),
        };
        site.file("index.html", "<!doctype html><title>首页</title>");
        site.file("404.html", "找不到");
        site.file("en/404.html", "not found");
        site.file("articles/vpn/index.html", "<p>VPN</p>".repeat(100));
        site.publish();
        site
    }

    /// Writes a file of `public/` and its line in the manifest, which readers get with [`TestSite::publish`].
    pub(super) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let (bytes, path) = (bytes.as_ref(), self.path(name));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        let entry = Entry { hash: blake3::hash(bytes), size: bytes.len() as u64 };
        self.manifest.lock().unwrap().files.insert(name, entry);
    }

    /// The site's directory.
    pub(super) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Where a file of `public/` is on the disk.
    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join("public").join(name)
    }

    /// The next snapshot.
    pub(super) fn publish(&self) {
        let revision = self.app.live.load().revision + 1;
        let manifest = self.manifest.lock().unwrap().clone();
        let diagnostics = self.diagnostics.lock().unwrap().clone();
        let public = self.directory.path().join("public");
        self.app.live.store(snapshot(&self.config, &public, manifest, diagnostics, revision));
    }

    pub(super) fn router(&self) -> Router {
        app(self.app.clone())
    }

    /// Asks from this machine.
    pub(super) async fn ask(&self, mut request: Request<Body>) -> Got {
        let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        if !request.headers().contains_key("host") {
            request.headers_mut().insert("host", "localhost".parse().unwrap());
        }
        let response = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Got { status: parts.status, headers: parts.headers, bytes }
    }
}

fn snapshot(
    config: &Arc<Config>,
    public: &Path,
    manifest: Manifest,
    diagnostics: Vec<Diagnostic>,
    revision: u64,
) -> Snapshot {
    Snapshot {
        config: Arc::clone(config),
        theme: Arc::new(Theme::load(config).unwrap()),
        manifest: Arc::new(manifest),
        public: public.to_owned(),
        view: VIEW.clone(),
        diagnostics: diagnostics.into(),
        revision,
        titles: [("/articles/vpn/".to_owned(), "连接 VPN".into())].into_iter().collect(),
        urls: [("articles/vpn.md".to_owned(), "/articles/vpn/".into())].into_iter().collect(),
    }
}

/// An index of the one article. Made once: opening the dictionary takes longer than a test.
static VIEW: LazyLock<View> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("content/articles/vpn.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, "---\ntitle: 连接 VPN\ncategory: network\n---\n先打开客户端。\n").unwrap();
    let config = Config::parse(directory.path(), "title = 'x'").unwrap();
    let found = crate::content::read(&config, "articles/vpn.md").unwrap().unwrap();
    let index = Index::in_memory("", &config.search).unwrap();
    index.put(&render(Arc::new(found.document), &Links::default())).unwrap();
    index.commit().unwrap()
});
