//! Putting what was mended into the tree, by compare and swap: what somebody saves meanwhile is never lost.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::Mended;
use crate::config::Config;
use crate::disk::{self, DiskError, Updated};

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Written,
    /// Somebody changed the file since it was read: it was left alone.
    LeftAlone,
    /// Somebody saved in the very moment of the change; their text is kept here.
    Conflict(PathBuf),
}

/// Writes the mended files, each whole or not at all, and tells of each as it is done.
///
/// # Errors
/// What the disk refused; the files before it are written.
pub fn write(config: &Config, mended: &[Mended], mut tell: impl FnMut(&Mended, Fate)) -> Result<(), DiskError> {
    let folder = config.state_dir().join("mend");
    disk::make_dirs(&folder)?;
    let _lock = disk::lock(&folder.join("lock"))?;
    let temp = folder.join("new");
    // What a crash left there was never in the tree.
    disk::remove(&temp)?;
    for one in mended {
        let target = config.content_dir().join(&one.path);
        let mode = std::fs::symlink_metadata(&target).map(|file| file.permissions().mode()).ok();
        let read = disk::hash(one.before.as_bytes());
        let sum = disk::hash(one.after.as_bytes()).to_hex();
        // Not `.md`: a copy must not become a page.
        let conflict = PathBuf::from(format!("{}.conflict-{}", target.display(), &sum[..8]));
        let fate = match disk::update(&target, read, one.after.as_bytes(), &temp, &conflict) {
            Ok(Updated::Clean) => Fate::Written,
            Ok(Updated::Conflict { copy }) => Fate::Conflict(copy),
            Err(DiskError::Changed { .. }) => Fate::LeftAlone,
            Err(error) if error.is_missing() => Fate::LeftAlone,
            Err(error) => return Err(error),
        };
        if let Some(mode) = mode.filter(|_| fate == Fate::Written) {
            // A file that was closed to others stays so; a failure leaves it with the usual rights.
            let _ = std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode));
        }
        tell(one, fate);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        let path = |name: &str| config.content_dir().join("articles").join(name);
        std::fs::create_dir_all(path("")).unwrap();
        let mut all = Vec::new();
        for name in ["a.md", "b.md", "c.md"] {
            std::fs::write(path(name), "old").unwrap();
            let (before, after) = ("old".to_owned(), "new".to_owned());
            all.push(Mended { path: format!("articles/{name}"), before, after, done: Vec::new() });
        }
        std::fs::set_permissions(path("a.md"), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(path("b.md"), "other").unwrap();
        std::fs::remove_file(path("c.md")).unwrap();
        let mut fates = Vec::new();
        write(&config, &all, |_, fate| fates.push(fate)).unwrap();
        assert_eq!(fates, [Fate::Written, Fate::LeftAlone, Fate::LeftAlone]);
        let read = |name: &str| std::fs::read_to_string(path(name)).unwrap_or_default();
        assert_eq!([read("a.md"), read("b.md"), read("c.md")], ["new", "other", ""]);
        assert_eq!(std::fs::metadata(path("a.md")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path("")).unwrap().count(), 2);
    }
}
