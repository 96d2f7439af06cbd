//! One process at a time writes a site's search index and shows its files.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

/// The lock, held until it is dropped or the process ends in any way.
pub(super) struct Claim(#[expect(dead_code, reason = "its life is what counts")] File);

/// A server has the lock.
pub(super) struct Held {
    /// `the server with process id 123`
    pub(super) by: String,
}

const SERVER: &str = "server";

impl Claim {
    /// Locks `folder` for a `server` or a `build`. A build is waited for: it ends by itself.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn take(folder: &Path, who: &str) -> anyhow::Result<Result<Self, Held>> {
        let path = folder.join("site.lock");
        let failed = || format!("cannot lock {}", path.display());
        fs::create_dir_all(folder).with_context(failed)?;
        let mut file =
            File::options().create(true).truncate(false).read(true).write(true).open(&path).with_context(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).with_context(failed)?;
                if let Some(id) = holder.trim().strip_prefix(SERVER) {
                    return Ok(Err(Held { by: format!("the server with process id {}", id.trim()) }));
                }
                file.lock().with_context(failed)?;
            }
        }
        file.set_len(0).with_context(failed)?;
        writeln!(file, "{who} {}", std::process::id()).with_context(failed)?;
        Ok(Ok(Self(file)))
    }

    /// Locks `folder` for a server.
    ///
    /// # Errors
    /// When the folder cannot be written, or another server shows this site.
    pub(super) fn of_server(folder: &Path) -> anyhow::Result<Self> {
        match Self::take(folder, SERVER)? {
            Ok(claim) => Ok(claim),
            Err(Held { by }) => {
                anyhow::bail!(
                    "{by} serves this site already\n    hint: use that one, or stop it first (kill {})",
                    pid(&by)
                )
            }
        }
    }
}

fn pid(by: &str) -> &str {
    by.rsplit(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_and_a_claim_ends_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let server = Claim::of_server(folder.path()).unwrap();
        let held = Claim::take(folder.path(), "build").unwrap().err().unwrap();
        assert_eq!(held.by, format!("the server with process id {}", std::process::id()));
        let refused = format!("{:#}", Claim::of_server(folder.path()).err().unwrap());
        assert!(refused.contains("serves this site already") && refused.contains("hint: "), "{refused}");
        drop(server);
        assert!(Claim::take(folder.path(), "build").unwrap().is_ok());
        assert!(Claim::of_server(folder.path()).is_ok());
    }
}
