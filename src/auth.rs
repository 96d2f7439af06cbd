//! Accounts, sessions and sign-in: who somebody is. Knows no HTTP.
//!
//! Accounts are one file, sessions a file each, all below `.helpmark/` and readable by the server alone. Both are looked
//! at again with every question, so that `helpmark user` works beside a running server: a password that changed, an
//! account that was disabled or removed ends its sessions at once, in every process.

mod account;
mod accounts;
mod attempts;
mod device;
mod password;
mod proxy;
mod sessions;
mod token;

pub use account::{Account, FORBIDDEN_LOGINS, login_of};
pub use accounts::Accounts;
pub use attempts::{Attempt, Attempts, Origin};
pub use device::KNOWN as DEVICE_KNOWN;
pub use password::{MIN_PASSWORD, WeakPassword, check_password, random_password};
pub use proxy::{Claim, Distrust, SignOn};
pub use sessions::{Session, Sessions};

use std::path::PathBuf;

use crate::disk::DiskError;

/// Why accounts or sessions could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("{} cannot be read: {reason}; mend it or restore it from a backup: nothing was changed", path.display())]
    Broken { path: PathBuf, reason: String },
    #[error("there is an account `{0}` already; `helpmark user set {0}` changes it")]
    Exists(String),
    #[error("there is no account `{0}`")]
    Unknown(String),
    #[error(
        "`{0}` cannot be a login; use 1 to 64 Latin letters, digits and `.` `_` `-` `@`, a letter or a digit first"
    )]
    Login(String),
    #[error(transparent)]
    Password(#[from] WeakPassword),
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    #[error("the work was cut off: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl AuthError {
    /// Whether the request was wrong, and not the system.
    pub fn is_wrong_request(&self) -> bool {
        matches!(self, Self::Exists(_) | Self::Unknown(_) | Self::Login(_) | Self::Password(_))
    }
}
