//! One process at a time writes a site's search index and shows its files.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use super::say;

/// Who locks a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// For as long as it is asked to serve.
    Server,
    /// For a moment.
    Build,
}

/// The lock, held until it is dropped or the process ends in any way.
pub(super) struct Claim(File);

/// A server has the lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The server's process id, as it wrote it down.
    pub(super) process: String,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server with process id {}", self.process)
    }
}

/// What a server writes into the file that it locks, before its process id.
const SERVER: &str = "server ";
/// How often a build that is waited for is looked after.
const LOOK: Duration = Duration::from_millis(50);

impl Claim {
    /// Locks `folder`. A build that has it is waited for; where a server has it, that is the answer.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn take(folder: &Path, holder: Holder) -> anyhow::Result<Result<Self, Held>> {
        let path = folder.join("site.lock");
        let failed = || format!("cannot lock {}", path.display());
        fs::create_dir_all(folder).with_context(failed)?;
        let file =
            File::options().create(true).truncate(false).read(true).write(true).open(&path).with_context(failed)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
                Err(TryLockError::WouldBlock) => {}
            }
            // Whoever has just locked it has not written yet who it is: that is seen the next time.
            let text = fs::read_to_string(&path).with_context(failed)?;
            if let Some(process) = text.strip_prefix(SERVER) {
                return Ok(Err(Held { process: process.trim().to_owned() }));
            }
            if !std::mem::replace(&mut told, true) {
                say("another build of this site is under way: waiting for its end");
            }
            std::thread::sleep(LOOK);
        }
        let mut claim = Self(file);
        claim.0.set_len(0).with_context(failed)?;
        if holder == Holder::Server {
            write!(claim.0, "{SERVER}{}", std::process::id()).with_context(failed)?;
        }
        Ok(Ok(claim))
    }

    /// Locks `folder` for a server.
    ///
    /// # Errors
    /// When the folder cannot be written, or another server shows this site.
    pub(super) fn of_server(folder: &Path) -> anyhow::Result<Self> {
        match Self::take(folder, Holder::Server)? {
            Ok(claim) => Ok(claim),
            Err(held) => anyhow::bail!(
                "{held} serves this site already\n    hint: use that one, or stop it first (kill {})",
                held.process
            ),
        }
    }
}

impl Drop for Claim {
    /// The next one shall not be taken for this one. Should that fail, the next one writes over it.
    fn drop(&mut self) {
        let _ = self.0.set_len(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_and_a_claim_ends_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let server = Claim::of_server(folder.path()).unwrap();
        let held = Claim::take(folder.path(), Holder::Build).unwrap().err().unwrap();
        assert_eq!(held.to_string(), format!("the server with process id {}", std::process::id()));
        let refused = format!("{:#}", Claim::of_server(folder.path()).err().unwrap());
        assert!(refused.contains("serves this site already") && refused.contains("hint: "), "{refused}");
        drop(server);
        assert!(Claim::take(folder.path(), Holder::Build).unwrap().is_ok());
        assert!(Claim::of_server(folder.path()).is_ok());
    }

    #[test]
    fn a_build_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let build = Claim::take(folder.path(), Holder::Build).unwrap().ok().unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| sender.send(Claim::of_server(folder.path()).is_ok()).unwrap());
            assert!(receiver.recv_timeout(3 * LOOK).is_err(), "it has the lock still");
            drop(build);
            assert!(receiver.recv().unwrap());
        });
    }
}
