//! The accounts of a site: `.helpmark/accounts.json`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::account::{Account, login_of};
use super::password::{check_password, hash, is_outdated, matches};
use super::{AuthError, token};
use crate::disk;
use crate::ticket::Role;

/// Passwords verified at once: each takes 19 MiB and a core for a moment.
const AT_ONCE: usize = 4;

/// The door to the accounts. Cheap to clone.
///
/// The file is read again whenever it is another one than before. One that cannot be read is reported, and the last
/// good one stays in force.
#[derive(Debug, Clone)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `.helpmark`.
    dir: PathBuf,
    known: RwLock<Known>,
    turns: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Known {
    stamp: Option<Stamp>,
    records: Arc<Records>,
}

type Records = BTreeMap<String, Record>;

/// What tells a replaced or edited file from the one that was read.
type Stamp = (Option<SystemTime>, u64, u64);

/// An account with what only this room may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) account: Account,
    /// What argon2 made of it, or empty: then only the company's sign-on lets them in.
    #[serde(default)]
    password: String,
    /// Sessions begun under another value are over.
    #[serde(default)]
    pub(super) epoch: String,
}

#[derive(Serialize, Deserialize)]
struct Content {
    accounts: Vec<Record>,
}

impl Accounts {
    /// The accounts kept in `.helpmark`. Touches no file.
    pub fn open(state_dir: &Path) -> Self {
        Self(Arc::new(Inner {
            dir: state_dir.to_owned(),
            known: RwLock::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }))
    }

    fn path(&self) -> PathBuf {
        self.0.dir.join("accounts.json")
    }

    /// The account with this login, disabled or not.
    pub fn get(&self, login: &str) -> Option<Account> {
        self.record(login).map(|record| record.account)
    }

    pub(super) fn record(&self, login: &str) -> Option<Record> {
        self.records().get(login).cloned()
    }

    /// All accounts, by login.
    pub fn list(&self) -> Vec<Account> {
        self.records().values().map(|record| record.account.clone()).collect()
    }

    /// Whether the account has a password of its own.
    pub fn has_password(&self, login: &str) -> bool {
        self.record(login).is_some_and(|record| !record.password.is_empty())
    }

    fn records(&self) -> Arc<Records> {
        let stamp = stamp(&self.path());
        {
            let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
            if known.stamp == stamp {
                return Arc::clone(&known.records);
            }
        }
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        // The stamp was taken before reading: a file replaced meanwhile is read again with the next question.
        match self.read() {
            Ok(records) => *known = Known { stamp, records: Arc::new(records) },
            Err(error) => {
                tracing::error!(%error, "the accounts that were read before stay in force");
                if matches!(error, AuthError::Broken { .. }) {
                    known.stamp = stamp;
                }
            }
        }
        Arc::clone(&known.records)
    }

    fn read(&self) -> Result<Records, AuthError> {
        let path = self.path();
        let bytes = match disk::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(Records::new()),
            Err(error) => return Err(error.into()),
        };
        let broken = |reason: String| AuthError::Broken { path: path.clone(), reason };
        let content: Content = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        let mut records = Records::new();
        for record in content.accounts {
            let Account { login, role, .. } = &record.account;
            if login_of(login).as_ref() != Some(login) {
                return Err(broken(format!("`{login}` cannot be a login")));
            }
            if matches!(role, Role::Link | Role::System) {
                return Err(broken(format!("`{login}` has the role `{}`, which no account can have", role.key())));
            }
            if let Some(twice) = records.insert(login.clone(), record) {
                return Err(broken(format!("`{}` is there twice", twice.account.login)));
            }
        }
        Ok(records)
    }

    /// Changes the file as the only writer of the tree.
    fn change<T>(&self, work: impl FnOnce(&mut Records) -> Result<T, AuthError>) -> Result<T, AuthError> {
        disk::make_dirs(&self.0.dir)?;
        let _lock = disk::lock(&self.0.dir.join("lock"))?;
        let mut records = self.read()?;
        let done = work(&mut records)?;
        let content = Content { accounts: records.into_values().collect() };
        let mut bytes = serde_json::to_vec_pretty(&content)
            .map_err(|error| AuthError::Broken { path: self.path(), reason: error.to_string() })?;
        bytes.push(b'\n');
        let temp = self.0.dir.join("accounts.json.new");
        // One that a crash left behind: nobody else writes it while the lock is held.
        let _ = fs::remove_file(&temp);
        disk::replace(&self.path(), &bytes, &temp, 0o600)?;
        Ok(done)
    }

    /// Adds an account. Without a password only the company's sign-on lets them in.
    ///
    /// # Errors
    /// A login that is taken or none, a weak password, or what kept the file from being written.
    pub fn add(&self, account: Account, password: Option<&str>) -> Result<(), AuthError> {
        if login_of(&account.login).as_ref() != Some(&account.login) {
            return Err(AuthError::Login(account.login));
        }
        let password = password.map(|password| strong(&account.login, password)).transpose()?.unwrap_or_default();
        let epoch = epoch()?;
        self.change(|records| match records.contains_key(&account.login) {
            true => Err(AuthError::Exists(account.login)),
            false => {
                records.insert(account.login.clone(), Record { account, password, epoch });
                Ok(())
            }
        })
    }

    /// Gives an account another password, and ends its sessions. `must_change` when somebody else chose it.
    ///
    /// # Errors
    /// An unknown login, a weak password, or what kept the file from being written.
    pub fn set_password(&self, login: &str, password: &str, must_change: bool) -> Result<(), AuthError> {
        let (password, epoch) = (strong(login, password)?, epoch()?);
        self.change(|records| {
            let record = records.get_mut(login).ok_or_else(|| AuthError::Unknown(login.to_owned()))?;
            (record.password, record.epoch) = (password, epoch);
            record.account.must_change = must_change;
            Ok(())
        })
    }

    /// The owner of an account gives it another password: [`Accounts::set_password`] on a thread made for waiting.
    ///
    /// # Errors
    /// As [`Accounts::set_password`].
    pub async fn choose_password(&self, login: &str, password: &str) -> Result<(), AuthError> {
        let (accounts, login, password) = (self.clone(), login.to_owned(), password.to_owned());
        tokio::task::spawn_blocking(move || accounts.set_password(&login, &password, false)).await?
    }

    /// Changes an account; its login stays. Its sessions end when it is disabled, and when it is given another role.
    ///
    /// # Errors
    /// An unknown login, or what kept the file from being written.
    pub fn update(&self, login: &str, change: impl FnOnce(&mut Account)) -> Result<Account, AuthError> {
        let epoch = epoch()?;
        self.change(|records| {
            let record = records.get_mut(login).ok_or_else(|| AuthError::Unknown(login.to_owned()))?;
            let before = (record.account.disabled, record.account.role);
            change(&mut record.account);
            record.account.login = login.to_owned();
            if before != (record.account.disabled, record.account.role) {
                record.epoch = epoch;
            }
            Ok(record.account.clone())
        })
    }

    /// Takes an account away.
    ///
    /// # Errors
    /// An unknown login, or what kept the file from being written.
    pub fn remove(&self, login: &str) -> Result<Account, AuthError> {
        self.change(|records| {
            let record = records.remove(login).ok_or_else(|| AuthError::Unknown(login.to_owned()))?;
            Ok(record.account)
        })
    }

    /// The account that `login` and `password` open. `None` for a wrong password, an unknown login and a disabled
    /// account alike, in the same time.
    ///
    /// # Errors
    /// [`AuthError::Interrupted`] when the server stops.
    pub async fn verify(&self, login: &str, password: &str) -> Result<Option<Account>, AuthError> {
        // The semaphore is never closed. The turn goes with the work: who hangs up does not give it back early.
        let turn = Arc::clone(&self.0.turns).acquire_owned().await.ok();
        let (accounts, login, password) = (self.clone(), login_of(login), password.to_owned());
        let verified = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let record = login.as_deref().and_then(|login| accounts.record(login));
            let right = matches(&password, record.as_ref().map(|record| record.password.as_str()));
            let record = record.filter(|record| right && !record.account.disabled)?;
            if is_outdated(&record.password)
                && let Err(error) = accounts.rehash(&record, &password)
            {
                // They are who they say; the next time will do.
                tracing::warn!(%error, login = record.account.login, "the password keeps its old cost");
            }
            Some(record.account)
        });
        Ok(verified.await?)
    }

    /// Stores the same password at today's cost. Sessions go on.
    fn rehash(&self, verified: &Record, password: &str) -> Result<(), AuthError> {
        let fresh = hash(password)?;
        self.change(|records| {
            // Unless it was changed meanwhile.
            if let Some(record) = records.get_mut(&verified.account.login)
                && record.password == verified.password
            {
                record.password = fresh;
            }
            Ok(())
        })
    }
}

fn strong(login: &str, password: &str) -> Result<String, AuthError> {
    check_password(login, password)?;
    hash(password)
}

fn epoch() -> Result<String, AuthError> {
    Ok(token::hex(&token::random::<8>()?))
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const GOOD: &str = "correct horse battery";

    fn site() -> (tempfile::TempDir, Accounts) {
        let dir = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(&dir.path().join(".helpmark"));
        (dir, accounts)
    }

    fn agent(login: &str) -> Account {
        Account { role: Role::Agent, ..Account::employee(login.to_owned(), "王芳".to_owned()) }
    }

    #[tokio::test]
    async fn the_right_password_opens_an_account_until_it_is_disabled() {
        let (dir, accounts) = site();
        assert_eq!(accounts.verify("wang", GOOD).await.unwrap(), None, "nobody is there yet");
        accounts.add(agent("wang"), Some(GOOD)).unwrap();
        let mode = fs::metadata(dir.path().join(".helpmark/accounts.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(accounts.verify(" WANG ", GOOD).await.unwrap().unwrap().actor().name, "王芳");
        for (login, password) in [("wang", "correct horse batterx"), ("wang", ""), ("li", GOOD), ("../x", GOOD)] {
            assert_eq!(accounts.verify(login, password).await.unwrap(), None, "{login} {password}");
        }
        accounts.update("wang", |account| account.disabled = true).unwrap();
        assert_eq!(accounts.verify("wang", GOOD).await.unwrap(), None);
        assert!(matches!(accounts.add(agent("wang"), None), Err(AuthError::Exists(_))));
        accounts.remove("wang").unwrap();
        assert!(matches!(accounts.remove("wang"), Err(AuthError::Unknown(_))));
    }

    #[tokio::test]
    async fn two_processes_see_each_others_changes_and_lose_none() {
        let (dir, server) = site();
        assert_eq!(server.list(), []);
        let line = Accounts::open(&dir.path().join(".helpmark"));
        std::thread::scope(|scope| {
            for (door, prefix) in [(&server, "a"), (&line, "b")] {
                scope.spawn(move || {
                    for n in 0..10 {
                        door.add(agent(&format!("{prefix}{n}")), None).unwrap();
                    }
                });
            }
        });
        assert_eq!(server.list().len(), 20);
        line.set_password("a0", GOOD, false).unwrap();
        assert!(server.verify("a0", GOOD).await.unwrap().is_some());
        assert!(server.verify("a1", "").await.unwrap().is_none(), "no password is not an empty password");
    }

    #[tokio::test]
    async fn an_old_hash_is_made_anew_at_sign_in() {
        let (_dir, accounts) = site();
        accounts.add(agent("wang"), Some(GOOD)).unwrap();
        let epoch = accounts.record("wang").unwrap().epoch;
        let old = {
            use argon2::password_hash::PasswordHasher as _;
            let argon2 = argon2::Argon2::from(argon2::Params::new(8, 1, 1, None).unwrap());
            argon2.hash_password_with_salt(GOOD.as_bytes(), b"0123456789abcdef").unwrap().to_string()
        };
        let put = |records: &mut Records| {
            records.get_mut("wang").unwrap().password = old;
            Ok(())
        };
        accounts.change(put).unwrap();
        assert!(accounts.verify("wang", "wrong password").await.unwrap().is_none());
        assert!(is_outdated(&accounts.record("wang").unwrap().password));
        assert!(accounts.verify("wang", GOOD).await.unwrap().is_some());
        let record = accounts.record("wang").unwrap();
        assert!(!is_outdated(&record.password) && record.epoch == epoch, "and sessions go on");
        assert!(accounts.verify("wang", GOOD).await.unwrap().is_some());
    }

    #[test]
    fn a_broken_file_changes_nothing() {
        let (dir, accounts) = site();
        accounts.add(agent("wang"), None).unwrap();
        assert_eq!(accounts.list().len(), 1);
        let path = dir.path().join(".helpmark/accounts.json");
        let good = fs::read_to_string(&path).unwrap();
        for broken in [
            "{",
            &good.replace("\"agent\"", "\"system\""),
            &good.replace("\"wang\"", "\"requester\""),
            &good.replace("\"agent\"", "\"root\""),
        ] {
            fs::write(&path, broken).unwrap();
            assert_eq!(accounts.list().len(), 1, "the last good one stays in force");
            let refused = accounts.add(agent("li"), None).unwrap_err();
            assert!(refused.to_string().contains("accounts.json"), "{refused}");
            assert_eq!(fs::read_to_string(&path).unwrap(), *broken);
        }
    }

    #[test]
    fn what_a_crash_left_is_no_obstacle() {
        let (dir, accounts) = site();
        fs::create_dir(dir.path().join(".helpmark")).unwrap();
        fs::write(dir.path().join(".helpmark/accounts.json.new"), "half").unwrap();
        accounts.add(agent("wang"), None).unwrap();
        assert_eq!(accounts.list().len(), 1);
    }
}
