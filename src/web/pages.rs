//! Pages answered by the server, with the same frame as the static ones.

use axum::response::Html;
use serde::Serialize;

use super::error::WebError;
use crate::site::common::{alternates, common, language_prefix};
use crate::site::context::Common;
use crate::snapshot::Snapshot;

/// The frame of a page answered by the server. `path` is root-relative, without base path and without language
/// prefix (`/search`): every language has the page at its own prefix. An empty `path` is for pages without a fixed
/// address (errors): their language switch leads to the other language's home page.
pub fn page_common(snapshot: &Snapshot, lang: &str, kind: &'static str, title: &str, path: &str) -> Common {
    let config = &snapshot.config;
    let path_in = |code: &str| (!path.is_empty()).then(|| format!("{}{path}", language_prefix(config, code)));
    let here = path_in(lang).unwrap_or_default();
    common(config, lang, kind, title, "", &here, alternates(config, lang, path_in))
}

/// The frame of a page made for one reader, who is `user` where they are signed in. `path` is as for [`page_common`],
/// with its query: the switch of languages keeps both, and no search engine is told of either.
pub fn personal(
    snapshot: &Snapshot,
    lang: &str,
    kind: &'static str,
    title: &str,
    path: &str,
    user: Option<&str>,
) -> Common {
    let mut common = page_common(snapshot, lang, kind, title, path);
    common.canonical.clear();
    common.alternates.iter_mut().for_each(|alternate| alternate.absolute.clear());
    common.user = user.unwrap_or_default().to_owned();
    common
}

/// Renders a template of the site's theme.
///
/// # Errors
/// [`WebError::Internal`] when the theme cannot render the page; the reason is logged.
pub fn render<P: Serialize>(
    snapshot: &Snapshot,
    template: &str,
    common: &Common,
    page: &P,
) -> Result<Html<String>, WebError> {
    snapshot.theme.render(template, common, page).map(Html).map_err(WebError::internal)
}
