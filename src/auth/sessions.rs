//! Sessions: who is signed in.
//!
//! A session is a file of `.helpmark/sessions/`, named by a tag of its account and the SHA-256 of its token; the token
//! itself is in the browser alone. The file's modification time says when the session was last used. So sessions
//! survive a restart, servers on one tree share them, and what is signed out is gone for all of them.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::accounts::Accounts;
use super::{AuthError, token};
use crate::config::Accounts as Limits;
use crate::disk::{self, DiskError};

/// Sessions of one account; the one unused for longest makes room.
const PER_ACCOUNT: usize = 20;
/// Sessions of all accounts.
const IN_ALL: usize = 10_000;
/// A use is noted when the last note is older: not every request writes.
const NOTED: Duration = Duration::from_secs(60);

/// Hexadecimal digits of the account's tag and of the secret in a token.
const TAG: usize = 16;
const SECRET: usize = 64;

/// The door to the sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    /// What the CSRF tokens of people without a session of their own are made with.
    key: OnceLock<[u8; 32]>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub account: Account,
    /// What a form has to send back. Made from the token, which it does not tell.
    pub csrf: String,
}

/// What is stored of a session.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    login: String,
    epoch: String,
    started: Timestamp,
}

impl Sessions {
    /// The sessions kept in `.helpmark`. Touches no file.
    pub fn open(state_dir: &Path) -> Self {
        Self(Arc::new(Inner { dir: state_dir.join("sessions"), key: OnceLock::new() }))
    }

    /// Begins a session for an account that was verified; gives its token. What nobody used within the limits is
    /// swept, and the account's oldest sessions beyond [`PER_ACCOUNT`] end.
    ///
    /// # Errors
    /// An account that is gone, or what kept the session from being written.
    pub async fn start(
        &self,
        login: &str,
        accounts: &Accounts,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<String, AuthError> {
        let (sessions, login, accounts, idle) = (self.clone(), login.to_owned(), accounts.clone(), limits.idle);
        tokio::task::spawn_blocking(move || sessions.begin(&login, &accounts, idle, now)).await?
    }

    fn begin(&self, login: &str, accounts: &Accounts, idle: Duration, now: Timestamp) -> Result<String, AuthError> {
        let record = accounts.record(login).ok_or_else(|| AuthError::Unknown(login.to_owned()))?;
        let stored = Stored { login: login.to_owned(), epoch: record.epoch, started: now };
        let bytes = serde_json::to_vec(&stored)
            .map_err(|error| AuthError::Broken { path: self.0.dir.clone(), reason: error.to_string() })?;
        let token = format!("{}{}", tag(login), token::hex(&token::random::<32>()?));
        disk::make_dirs(&self.0.dir)?;
        self.sweep(login, idle, now);
        let path = self.path(&token);
        let mut file = disk::open_new(&path, 0o600)?;
        let io = |source| DiskError::Io { action: "write", path: path.clone(), source };
        let written = file.write_all(&bytes).and_then(|()| file.set_modified(SystemTime::from(now))).map_err(io);
        let written = written.and_then(|()| disk::sync_file(&file, &path)).and_then(|()| disk::sync_dir(&self.0.dir));
        if let Err(error) = written {
            // Nobody was told its token.
            let _ = fs::remove_file(&path);
            return Err(error.into());
        }
        Ok(token)
    }

    /// Who holds `token`, while its session lasts: not idle for too long, not older than the absolute limit, and the
    /// account as it was when the session began (same password, same role, not disabled).
    ///
    /// # Errors
    /// [`AuthError::Interrupted`] when the server stops.
    pub async fn find(
        &self,
        token: &str,
        accounts: &Accounts,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Option<Session>, AuthError> {
        self.seen(token, accounts, limits, now, true).await
    }

    /// As [`Sessions::find`], for a page that looks by itself: that is no use, and keeps no session from idling.
    ///
    /// # Errors
    /// As [`Sessions::find`].
    pub async fn peek(
        &self,
        token: &str,
        accounts: &Accounts,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Option<Session>, AuthError> {
        self.seen(token, accounts, limits, now, false).await
    }

    async fn seen(
        &self,
        token: &str,
        accounts: &Accounts,
        limits: &Limits,
        now: Timestamp,
        uses: bool,
    ) -> Result<Option<Session>, AuthError> {
        if !is_token(token) {
            return Ok(None);
        }
        let (sessions, token, accounts, limits) = (self.clone(), token.to_owned(), accounts.clone(), limits.clone());
        Ok(tokio::task::spawn_blocking(move || sessions.look(&token, &accounts, &limits, now, uses)).await?)
    }

    fn look(&self, token: &str, accounts: &Accounts, limits: &Limits, now: Timestamp, uses: bool) -> Option<Session> {
        let path = self.path(token);
        let file = File::options().read(true).write(true).open(&path).or_else(|_| File::open(&path)).ok()?;
        let used = Timestamp::try_from(file.metadata().ok()?.modified().ok()?).ok()?;
        let stored: Stored = serde_json::from_str(&std::io::read_to_string(&file).ok()?).ok()?;
        if since(used, now) >= limits.idle || since(stored.started, now) >= limits.absolute {
            // Nobody can use it any more; if it stays on a failing disk, it is found dead again.
            let _ = fs::remove_file(&path);
            return None;
        }
        let record = accounts.record(&stored.login)?;
        if record.epoch != stored.epoch || record.account.disabled {
            return None;
        }
        if uses && since(used, now) >= NOTED {
            // On a disk that takes no writes the session ends early, and nothing else happens.
            let _ = file.set_modified(SystemTime::from(now));
        }
        Some(Session { account: record.account, csrf: token::digest("csrf", token) })
    }

    /// Ends a session. One that is not there has ended already.
    ///
    /// # Errors
    /// What kept it from being ended for good.
    pub async fn end(&self, token: &str) -> Result<(), AuthError> {
        if !is_token(token) {
            return Ok(());
        }
        let (sessions, path) = (self.clone(), self.path(token));
        tokio::task::spawn_blocking(move || match fs::remove_file(&path) {
            Ok(()) => Ok(disk::sync_dir(&sessions.0.dir)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(DiskError::Io { action: "remove", path, source }.into()),
        })
        .await?
    }

    /// Removes the sessions of an account. They are over anyway once its password changed or it is disabled or gone.
    pub fn end_all(&self, login: &str) {
        for (name, _) in self.files().into_iter().filter(|(name, _)| name.starts_with(&tag(login))) {
            let _ = fs::remove_file(self.0.dir.join(name));
        }
    }

    /// The CSRF token of somebody whom the company's sign-on vouches for, request by request. The same in every server
    /// of the tree, also after a restart.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub async fn csrf_for(&self, login: &str) -> Result<String, AuthError> {
        self.keyed(login).await
    }

    /// What only a server of this tree can make of `text`.
    pub(super) async fn keyed(&self, text: &str) -> Result<String, AuthError> {
        let sessions = self.clone();
        let key = match self.0.key.get() {
            Some(key) => *key,
            None => tokio::task::spawn_blocking(move || sessions.key()).await??,
        };
        Ok(blake3::keyed_hash(&key, text.as_bytes()).to_hex().to_string())
    }

    /// `.helpmark/csrf.key`: 32 random bytes, made once.
    fn key(&self) -> Result<[u8; 32], AuthError> {
        let state = self.0.dir.parent().unwrap_or(&self.0.dir);
        let path = state.join("csrf.key");
        let stored = || disk::read(&path).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let key = match stored() {
            Some(key) => key,
            None => {
                disk::make_dirs(state)?;
                let _lock = disk::lock(&state.join("lock"))?;
                match stored() {
                    Some(key) => key,
                    None => {
                        let (fresh, temp) = (token::random::<32>()?, state.join("csrf.key.new"));
                        let _ = fs::remove_file(&temp);
                        disk::replace(&path, &fresh, &temp, 0o600)?;
                        fresh
                    }
                }
            }
        };
        Ok(*self.0.key.get_or_init(|| key))
    }

    fn path(&self, token: &str) -> PathBuf {
        let (tag, _) = token.split_at_checked(TAG).unwrap_or((token, ""));
        self.0.dir.join(format!("{tag}-{}", token::digest("session", token)))
    }

    /// Names and last uses, the oldest use first.
    fn files(&self) -> Vec<(String, SystemTime)> {
        let entries = fs::read_dir(&self.0.dir).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let used = entry.metadata().ok()?.modified().ok()?;
                Some((entry.file_name().into_string().ok()?, used))
            })
            .collect();
        files.sort_by_key(|(_, used)| *used);
        files
    }

    /// Takes away what is idle for too long, and the oldest above the bounds, with room for one more of `login`.
    fn sweep(&self, login: &str, idle: Duration, now: Timestamp) {
        let idle_since = SystemTime::from(now).checked_sub(idle);
        let own = tag(login);
        let (mut live, mut gone) = (Vec::new(), Vec::new());
        for (name, used) in self.files() {
            let list = if idle_since.is_some_and(|limit| used < limit) { &mut gone } else { &mut live };
            list.push(name);
        }
        let own: Vec<_> = live.iter().filter(|name| name.starts_with(&own)).cloned().collect();
        gone.extend_from_slice(&own[..own.len().saturating_sub(PER_ACCOUNT - 1)]);
        gone.extend_from_slice(&live[..live.len().saturating_sub(IN_ALL - 1)]);
        for name in gone {
            let _ = fs::remove_file(self.0.dir.join(name));
        }
    }
}

/// What groups an account's sessions, and tells nothing but that.
fn tag(login: &str) -> String {
    token::digest("account", login)[..TAG].to_owned()
}

fn is_token(text: &str) -> bool {
    text.len() == TAG + SECRET && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A clock that was set back makes nothing older.
fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Role;

    const HOUR: i64 = 3_600;

    struct Site {
        dir: tempfile::TempDir,
        accounts: Accounts,
        sessions: Sessions,
        limits: Limits,
    }

    impl Site {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let accounts = Accounts::open(dir.path());
            accounts.add(Account::employee("wang".into(), "王芳".into()), Some("correct horse battery")).unwrap();
            Self { accounts, sessions: Sessions::open(dir.path()), limits: Limits::default(), dir }
        }

        async fn start(&self, now: Timestamp) -> String {
            self.sessions.start("wang", &self.accounts, &self.limits, now).await.unwrap()
        }

        async fn found(&self, token: &str, now: Timestamp) -> Option<Session> {
            self.sessions.find(token, &self.accounts, &self.limits, now).await.unwrap()
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    #[tokio::test]
    async fn only_the_hash_of_a_token_is_stored() {
        let site = Site::new();
        let token = site.start(at(0)).await;
        let session = site.found(&token, at(1)).await.unwrap();
        assert_eq!(session.account.name, "王芳");
        assert!(!token.contains(&session.csrf) && session.csrf.len() == 64);
        for entry in walkdir::WalkDir::new(site.dir.path()).into_iter().flatten() {
            let name = entry.path().to_string_lossy().into_owned();
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            assert!(!name.contains(&token[TAG..]) && !text.contains(&token[TAG..]), "{name}");
            assert!(!text.contains(&session.csrf), "{name}");
        }
        let mut other = token.clone();
        other.replace_range(79..80, if token.ends_with('0') { "1" } else { "0" });
        for wrong in [other.as_str(), "", "../accounts.json", &token[1..], &token.to_uppercase()] {
            assert_eq!(site.found(wrong, at(1)).await, None, "{wrong}");
        }
        assert_ne!(site.start(at(1)).await[TAG..], token[TAG..]);
    }

    #[tokio::test]
    async fn a_session_ends_when_idle_and_at_its_absolute_limit() {
        let site = Site::new();
        let idle = site.start(at(0)).await;
        assert!(site.found(&idle, at(8 * HOUR - 1)).await.is_some());
        assert!(site.found(&idle, at(16 * HOUR - 2)).await.is_some(), "every use begins the idle time anew");
        assert!(site.found(&idle, at(24 * HOUR)).await.is_none());
        assert!(site.found(&idle, at(16 * HOUR)).await.is_none(), "what has ended stays ended");

        let used = site.start(at(0)).await;
        for hours in (0..24 * 7).step_by(7) {
            assert!(site.found(&used, at(hours * HOUR)).await.is_some(), "{hours} hours");
        }
        assert!(site.found(&used, at(24 * 7 * HOUR - 1)).await.is_some());
        assert!(site.found(&used, at(24 * 7 * HOUR)).await.is_none());
    }

    #[tokio::test]
    async fn a_session_survives_a_restart_and_ends_in_every_process() {
        let site = Site::new();
        let token = site.start(at(0)).await;
        let other = Sessions::open(site.dir.path());
        let there = |now| other.find(&token, &site.accounts, &site.limits, now);
        assert!(there(at(HOUR)).await.unwrap().is_some());
        site.sessions.end(&token).await.unwrap();
        site.sessions.end(&token).await.unwrap();
        assert!(there(at(HOUR)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_changed_account_ends_its_sessions() {
        type Change = fn(&Accounts);
        let changes: [Change; 4] = [
            |accounts| accounts.set_password("wang", "another horse battery", false).unwrap(),
            |accounts| drop(accounts.update("wang", |account| account.disabled = true).unwrap()),
            |accounts| drop(accounts.update("wang", |account| account.role = Role::Admin).unwrap()),
            |accounts| {
                accounts.remove("wang").unwrap();
                accounts.add(Account::employee("wang".into(), "Somebody else".into()), None).unwrap();
            },
        ];
        for change in changes {
            let site = Site::new();
            let token = site.start(at(0)).await;
            site.accounts.update("wang", |account| account.email = "w@example.com".into()).unwrap();
            assert!(site.found(&token, at(1)).await.is_some(), "a new address ends nothing");
            change(&Accounts::open(site.dir.path()));
            assert!(site.found(&token, at(1)).await.is_none());
        }
    }

    #[tokio::test]
    async fn sessions_are_bounded_and_swept() {
        let site = Site::new();
        let first = site.start(at(0)).await;
        let mut last = String::new();
        for n in 1..=PER_ACCOUNT {
            last = site.start(at(i64::try_from(n).unwrap())).await;
        }
        assert_eq!(site.sessions.files().len(), PER_ACCOUNT);
        assert!(site.found(&first, at(100)).await.is_none() && site.found(&last, at(100)).await.is_some());
        let fresh = site.start(at(9 * HOUR)).await;
        assert_eq!(site.sessions.files().len(), 1, "what nobody used any more is gone");
        site.sessions.end_all("li");
        assert!(site.found(&fresh, at(9 * HOUR)).await.is_some());
        site.sessions.end_all("wang");
        assert!(site.found(&fresh, at(9 * HOUR)).await.is_none());
    }

    #[tokio::test]
    async fn people_without_a_session_have_a_token_that_every_server_knows() {
        let site = Site::new();
        let token = site.sessions.csrf_for("wang").await.unwrap();
        assert_eq!(Sessions::open(site.dir.path()).csrf_for("wang").await.unwrap(), token);
        assert_ne!(site.sessions.csrf_for("li").await.unwrap(), token);
        assert_ne!(Site::new().sessions.csrf_for("wang").await.unwrap(), token);
    }

    #[tokio::test]
    async fn a_file_that_a_power_cut_tore_opens_nothing() {
        let site = Site::new();
        let token = site.start(at(0)).await;
        let (name, _) = site.sessions.files().remove(0);
        fs::write(site.dir.path().join("sessions").join(name), "{\"login\": \"wa").unwrap();
        assert_eq!(site.found(&token, at(1)).await, None);
    }
}
