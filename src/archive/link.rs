//! Linking a ticket to knowledge that is there, instead of writing it again.

use std::path::{Component, Path, PathBuf};

use super::publish::Desk;
use super::{ArchiveError, front};
use crate::config::Config;
use crate::content;
use crate::disk::{self, Updated};
use crate::ticket::TicketId;

/// A ticket that belongs to a document now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Relative to `content/`.
    pub path: String,
    /// Whether the document had to be changed.
    pub changed: bool,
    /// Where a text is kept that somebody wrote in the very moment of the change.
    pub copy: Option<PathBuf>,
}

/// Links a ticket to an article, whose `linked_tickets` names it from then on, or to another ticket's record, which
/// stays as it is. `path` is relative to `content/`.
///
/// # Errors
/// [`ArchiveError::Missing`], [`ArchiveError::Edit`], or what the disk refused.
pub fn link(config: &Config, id: TicketId, path: &str) -> Result<Linked, ArchiveError> {
    let path = path.strip_prefix("content/").unwrap_or(path);
    if path.starts_with("resolutions/") {
        read(config, path)?;
        return Ok(Linked { path: path.to_owned(), changed: false, copy: None });
    }
    change(config, path, |text| front::add(text, "linked_tickets", &id.to_string()))
}

/// The document's text.
pub(super) fn read(config: &Config, path: &str) -> Result<String, ArchiveError> {
    let missing = || ArchiveError::Missing { path: path.to_owned() };
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let target = config.content_dir().join(path);
    if !inside || !content::is_document(path) || !target.symlink_metadata().is_ok_and(|file| file.is_file()) {
        return Err(missing());
    }
    let bytes = disk::read(&target)?;
    String::from_utf8(bytes).map_err(|_| ArchiveError::Edit { path: path.to_owned(), reason: "it is not UTF-8" })
}

/// Changes a document by compare and swap: what somebody saves meanwhile is kept.
pub(super) fn change(
    config: &Config,
    path: &str,
    edit: impl Fn(&str) -> Result<String, &'static str>,
) -> Result<Linked, ArchiveError> {
    let text = read(config, path)?;
    let edited = edit(&text).map_err(|reason| ArchiveError::Edit { path: path.to_owned(), reason })?;
    let mut linked = Linked { path: path.to_owned(), changed: edited != text, copy: None };
    if linked.changed {
        let target = config.content_dir().join(path);
        let read = disk::hash(text.as_bytes());
        let desk = Desk::take(config)?;
        // Not `.md`: a copy must not become a page.
        let conflict =
            PathBuf::from(format!("{}.conflict-{}", target.display(), &disk::hash(edited.as_bytes()).to_hex()[..8]));
        if let Updated::Conflict { copy } = disk::update(&target, read, edited.as_bytes(), &desk.temp, &conflict)? {
            linked.copy = Some(copy);
        }
    }
    Ok(linked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_names_the_tickets_it_answers() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        let folder = config.content_dir().join("articles/vpn");
        std::fs::create_dir_all(&folder).unwrap();
        let text = "---\ntitle: 甲 # 一\n---\n正文\r\n";
        std::fs::write(folder.join("a.md"), text).unwrap();
        let id: TicketId = "TS202611230001".parse().unwrap();
        let linked = link(&config, id, "content/articles/vpn/a.md").unwrap();
        assert_eq!((linked.path.as_str(), linked.changed), ("articles/vpn/a.md", true));
        let now = std::fs::read_to_string(folder.join("a.md")).unwrap();
        assert_eq!(now, text.replace("一\n", "一\nlinked_tickets: [TS202611230001]\n"));
        assert!(!link(&config, id, "articles/vpn/a.md").unwrap().changed);
        for path in
            ["articles/vpn/b.md", "articles/../tickets/x.md", "../site.toml", "tickets/a.md", "resolutions/no.md"]
        {
            assert!(matches!(link(&config, id, path), Err(ArchiveError::Missing { .. })), "{path}");
        }
    }
}
