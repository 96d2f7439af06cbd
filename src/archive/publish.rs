//! Writing a resolution record, durably and never over another.

use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::draft::RecordDraft;
use super::gate::{Decision, Found, decide, gate};
use crate::config::Config;
use crate::disk::{self, DiskError};
use crate::redaction::Rules;

/// A record that is on the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Relative to `content/`: `resolutions/TS202611230001.md`.
    pub path: String,
    pub text: String,
    /// What was found and let stand: for the audit.
    pub confirmed: Vec<Found>,
}

/// Writes the record of a ticket once every finding in it was decided.
///
/// The gate is run here, on the very draft that is written, whoever calls: `names` are those of the requester and the
/// staff.
///
/// # Errors
/// [`ArchiveError::Undecided`], [`ArchiveError::Incomplete`], [`ArchiveError::Exists`], or what the disk refused.
pub fn publish(
    config: &Config,
    draft: &RecordDraft,
    names: &[String],
    decisions: &[Decision],
) -> Result<Published, ArchiveError> {
    let parts =
        [("title", &draft.title), ("issue", &draft.issue), ("cause", &draft.cause), ("resolution", &draft.resolution)];
    let missing: Vec<_> = parts.into_iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| name).collect();
    if !missing.is_empty() {
        return Err(ArchiveError::Incomplete(missing));
    }
    let rules = Rules::new(config);
    let found = gate(draft, names, &rules);
    let (decided, confirmed) = decide(draft, &found, decisions).map_err(ArchiveError::Undecided)?;
    let (path, text) = (decided.path(), decided.text());
    match write(config, &path, &text) {
        // A crash came between the record and the ticket: the same words are no second record.
        Err(ArchiveError::Exists { path }) if disk::read(&path).is_ok_and(|there| there == text.as_bytes()) => {}
        outcome => drop(outcome?),
    }
    Ok(Published { path, text, confirmed })
}

/// Writes a new document, `path` relative to `content/`, durably, and never over another.
///
/// # Errors
/// [`ArchiveError::Exists`], or what the disk refused.
pub fn write(config: &Config, path: &str, text: &str) -> Result<PathBuf, ArchiveError> {
    let target = config.content_dir().join(path);
    let folder = target.parent().unwrap_or(Path::new("."));
    disk::make_dirs(folder)?;
    if target.exists() {
        return Err(ArchiveError::Exists { path: target });
    }
    // Whole or not at all: the name appears when the bytes are on the disk.
    let desk = Desk::take(config)?;
    disk::create_new(&desk.temp, text.as_bytes(), 0o644)?;
    disk::publish(&desk.temp, &target)?;
    disk::sync_dir(folder)?;
    Ok(target)
}

/// The place where one file at a time is made before it gets its name, on the file system of the content.
pub(super) struct Desk {
    _lock: disk::Lock,
    pub(super) temp: PathBuf,
}

impl Desk {
    /// Waits for it, and clears away what a crash left there.
    pub(super) fn take(config: &Config) -> Result<Self, ArchiveError> {
        let folder = config.state_dir().join("archive");
        disk::make_dirs(&folder)?;
        let lock = disk::lock(&folder.join("lock"))?;
        let temp = folder.join("new");
        match std::fs::remove_file(&temp) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(DiskError::Io { action: "remove", path: temp, source }.into())
            }
            _ => Ok(Self { _lock: lock, temp }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::draft_record;
    use super::super::draft::tests::solved;
    use super::super::gate::Choice;
    use super::*;

    #[test]
    fn a_record_is_written_once_and_only_when_all_is_decided() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        let names = super::super::names_of(&solved(), &[]);
        let mut draft = draft_record(&config, &solved(), "zh").unwrap();
        draft.cause = "张三的密码过期".into();
        let Err(ArchiveError::Undecided(found)) = publish(&config, &draft, &names, &[]) else { panic!("it passed") };
        assert!(!config.content_dir().join("resolutions").exists());
        let decisions = [Decision { finding: found[0].id.clone(), choice: Choice::Redact }];
        let published = publish(&config, &draft, &names, &decisions).unwrap();
        let text = std::fs::read_to_string(config.content_dir().join(&published.path)).unwrap();
        assert_eq!(text, published.text);
        assert!(text.contains("〔姓名〕的密码过期") && !text.contains("张三"));
        assert_eq!(
            publish(&config, &draft, &names, &decisions).unwrap(),
            published,
            "the same record again is no harm"
        );
        draft.resolution.push_str("，再试");
        let again = publish(&config, &draft, &names, &decisions);
        assert!(matches!(again, Err(ArchiveError::Exists { .. })), "{again:?}");
        assert!(!config.state_dir().join("archive/new").exists());
        draft.cause = " ".into();
        let empty = publish(&config, &draft, &names, &decisions).unwrap_err();
        assert!(empty.to_string().contains("cause"), "{empty}");
    }

    #[test]
    fn what_is_written_reads_back_as_the_record() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        let mut draft = draft_record(&config, &solved(), "zh").unwrap();
        draft.title = "- \"a\": #1 'x'".into();
        draft.keywords = vec!["yes".into(), "a, b".into()];
        draft.linked_article = Some("articles/a: b.md".into());
        let published = publish(&config, &draft, &[], &[]).unwrap();
        let read = crate::content::read(&config, &published.path).unwrap().unwrap();
        assert_eq!(read.diagnostics, []);
        let crate::content::Document::Resolution(record) = read.document else { panic!("no record") };
        assert_eq!(
            (record.id, record.meta.title, record.meta.keywords),
            (draft.id.to_string(), draft.title, draft.keywords)
        );
        assert_eq!(record.linked_article, draft.linked_article);
        assert_eq!(record.meta.updated, Some(draft.resolved_on));
    }
}
