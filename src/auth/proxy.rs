//! Single sign-on: whom a reverse proxy may vouch for.

use std::net::IpAddr;

use super::account::{Account, login_of};
use super::accounts::Accounts;
use super::token;
use crate::config::{Proxy, SecretError};

/// The rules of `[accounts.proxy]` with the secret read.
#[derive(Clone)]
pub struct SignOn {
    rules: Proxy,
    secret: Vec<u8>,
}

impl std::fmt::Debug for SignOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignOn").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// What a proxy says of the person behind a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    pub login: String,
    /// For people without a local account; empty where the proxy does not say.
    pub name: String,
    pub email: String,
}

/// Why a claim is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("its address is not in `from` of [accounts.proxy]")]
    Address,
    #[error("it did not send the secret of [accounts.proxy]")]
    Secret,
    #[error("it names nobody who can have an account here")]
    Login,
    #[error("the account is disabled")]
    Disabled,
}

impl SignOn {
    /// Reads the secret of the rules; `env` gives the variables of the environment.
    ///
    /// # Errors
    /// A secret that is not there or too short.
    pub fn new(rules: &Proxy, env: impl Fn(&str) -> Option<String>) -> Result<Self, SecretError> {
        Ok(Self { secret: rules.secret.read(env)?.into_bytes(), rules: rules.clone() })
    }

    /// The names of the headers.
    pub fn rules(&self) -> &Proxy {
        &self.rules
    }

    /// Who `claim` is, when it came from a listed address (that of the TCP connection) with the right secret. People
    /// with a local account get its role, everybody else is an employee.
    ///
    /// # Errors
    /// Why nobody is signed in by it.
    pub fn accept(
        &self,
        peer: IpAddr,
        secret: Option<&[u8]>,
        claim: Claim,
        accounts: &Accounts,
    ) -> Result<Account, Distrust> {
        let peer = peer.to_canonical();
        if !self.rules.from.iter().any(|network| network.contains(&peer)) {
            return Err(Distrust::Address);
        }
        if !secret.is_some_and(|secret| token::same(secret, &self.secret)) {
            return Err(Distrust::Secret);
        }
        let login = login_of(&claim.login).ok_or(Distrust::Login)?;
        match accounts.get(&login) {
            Some(account) if account.disabled => Err(Distrust::Disabled),
            // The company's sign-on has its own password.
            Some(account) => Ok(Account { must_change: false, ..account }),
            None => {
                let name = if claim.name.is_empty() { login.clone() } else { claim.name };
                Ok(Account { email: claim.email, ..Account::employee(login, name) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Role;

    fn claim(login: &str) -> Claim {
        Claim { login: login.into(), name: "李雷".into(), email: "li@example.com".into() }
    }

    #[test]
    fn a_claim_needs_the_address_and_the_secret() {
        let dir = tempfile::tempdir().unwrap();
        let toml =
            "title = 'x'\n[accounts.proxy]\nfrom = ['10.0.0.5', '10.1.0.0/16', '2001:db8::/32']\nsecret_env = 'P'";
        let config = crate::config::Config::parse(dir.path(), toml).unwrap();
        let rules = config.accounts.proxy.unwrap();
        let sign_on = SignOn::new(&rules, |_| Some("0123456789abcdef".into())).unwrap();
        let accounts = Accounts::open(dir.path());
        accounts.add(Account { role: Role::Lead, ..Account::employee("wang".into(), "王芳".into()) }, None).unwrap();
        let accept = |peer: &str, secret: Option<&str>, login: &str| {
            sign_on.accept(peer.parse().unwrap(), secret.map(str::as_bytes), claim(login), &accounts)
        };
        let right = Some("0123456789abcdef");
        assert_eq!(accept("10.0.0.5", right, "WANG").unwrap().role, Role::Lead);
        assert_eq!(accept("::ffff:10.1.2.3", right, "wang").unwrap().name, "王芳");
        let stranger = accept("2001:db8::1", right, "li").unwrap();
        assert_eq!(
            (stranger.role, stranger.name.as_str(), stranger.email.as_str()),
            (Role::Employee, "李雷", "li@example.com")
        );
        for peer in ["10.0.0.6", "10.2.0.1", "127.0.0.1", "2001:db9::1"] {
            assert_eq!(accept(peer, right, "wang"), Err(Distrust::Address), "{peer}");
        }
        for wrong in [None, Some(""), Some("0123456789abcdeg"), Some("0123456789abcdef ")] {
            assert_eq!(accept("10.0.0.5", wrong, "wang"), Err(Distrust::Secret), "{wrong:?}");
        }
        for login in ["", "system", "a b", "requester"] {
            assert_eq!(accept("10.0.0.5", right, login), Err(Distrust::Login), "{login}");
        }
        accounts.update("wang", |account| account.disabled = true).unwrap();
        assert_eq!(accept("10.0.0.5", right, "wang"), Err(Distrust::Disabled));
        assert!(!format!("{sign_on:?}").contains("0123456789abcdef"), "the secret is in no log");
    }
}
