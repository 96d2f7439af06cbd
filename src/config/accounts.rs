//! `[accounts]`: how long a session lasts, and the company's single sign-on.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;

use super::resolve::Checker;
use super::schema::DURATION;
use super::spanned::Spanned;

const HOURS_8: Duration = Duration::from_secs(8 * 3_600);
const DAYS_7: Duration = Duration::from_secs(7 * 86_400);
/// Characters of a secret between two programs: nobody has to remember it.
const MIN_SECRET: usize = 16;

/// `[accounts]`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// A session ends when it was not used for this long.
    pub idle: Duration,
    /// A session ends after this long, however much it is used.
    pub absolute: Duration,
    /// Single sign-on through a reverse proxy, where the site has one.
    pub proxy: Option<Proxy>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { idle: HOURS_8, absolute: DAYS_7, proxy: None }
    }
}

/// `[accounts.proxy]`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The header that names the login. Lower case, as the other two.
    pub header: String,
    /// The headers that name the person and their address, where the proxy sends them.
    pub name_header: Option<String>,
    pub email_header: Option<String>,
    /// Who is believed.
    pub from: Vec<IpNet>,
    pub secret: SecretSource,
}

/// Where a secret is. Its value is never in site.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of the environment.
    Env(String),
    File(PathBuf),
}

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the environment variable {0}, which site.toml names for a secret, is not set")]
    NoVariable(String),
    #[error("cannot read {}, which site.toml names for a secret: {source}", path.display())]
    NoFile { path: PathBuf, source: std::io::Error },
    #[error("the secret from {0} is too short: use at least {MIN_SECRET} random characters (`openssl rand -hex 32`)")]
    Short(String),
}

impl SecretSource {
    /// The secret, without the end of its line.
    ///
    /// # Errors
    /// When it is not there, or shorter than 16 characters.
    pub fn read(&self, env: impl Fn(&str) -> Option<String>) -> Result<String, SecretError> {
        let (secret, place) = match self {
            Self::Env(name) => (env(name).ok_or_else(|| SecretError::NoVariable(name.clone()))?, name.clone()),
            Self::File(path) => {
                let no_file = |source| SecretError::NoFile { path: path.clone(), source };
                (std::fs::read_to_string(path).map_err(no_file)?, path.display().to_string())
            }
        };
        let secret = secret.trim_end_matches(['\r', '\n']).to_owned();
        if secret.chars().count() < MIN_SECRET { Err(SecretError::Short(place)) } else { Ok(secret) }
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    /// A session ends when it was not used for so long, such as 8h.
    #[schemars(extend("pattern" = DURATION))]
    idle: Option<Spanned<String>>,
    /// A session ends after this in any case, such as 7d.
    #[schemars(extend("pattern" = DURATION))]
    absolute: Option<Spanned<String>>,
    /// Single sign-on through a reverse proxy.
    proxy: Option<Spanned<RawProxy>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawProxy {
    /// The header with the login.
    #[schemars(example = "X-Remote-User")]
    header: Option<Spanned<String>>,
    /// The header with the person's name, UTF-8.
    name_header: Option<Spanned<String>>,
    /// The header with the person's mail address.
    email_header: Option<Spanned<String>>,
    /// The proxy's own addresses or networks; nobody else is believed.
    from: Option<Vec<Spanned<String>>>,
    /// The environment variable with the secret that the proxy sends in X-Helpmark-Proxy-Secret.
    secret_env: Option<Spanned<String>>,
    /// The file with that secret.
    secret_file: Option<Spanned<String>>,
    /// Known only to be refused with a word.
    #[schemars(skip)]
    secret: Option<Spanned<String>>,
}

pub(super) fn resolve(checker: &mut Checker<'_>, root: &std::path::Path, raw: Raw) -> Accounts {
    let place = raw.absolute.as_ref().or(raw.idle.as_ref()).map(Spanned::span);
    let idle = checker.duration("idle", raw.idle, HOURS_8);
    let absolute = checker.duration("absolute", raw.absolute, DAYS_7);
    if let Some(place) = place.filter(|_| idle > absolute) {
        checker.wrong(place, "`idle` is longer than `absolute`", "a session cannot be unused for longer than it lasts");
    }
    Accounts { idle, absolute, proxy: raw.proxy.and_then(|proxy| resolve_proxy(checker, root, proxy)) }
}

fn resolve_proxy(checker: &mut Checker<'_>, root: &std::path::Path, raw: Spanned<RawProxy>) -> Option<Proxy> {
    let place = raw.span();
    let raw = raw.into_inner();
    if let Some(secret) = raw.secret {
        let hint = "name a variable of the environment with `secret_env`, or a file with `secret_file`";
        checker.wrong(secret.span(), "a secret must not stand in site.toml", hint);
        return None;
    }
    let secret = match (raw.secret_env, raw.secret_file) {
        (Some(name), None) => Some(SecretSource::Env(name.into_inner())),
        (None, Some(path)) => Some(SecretSource::File(root.join(path.into_inner()))),
        _ => {
            let message = "[accounts.proxy] needs either `secret_env` or `secret_file`";
            checker.wrong(place.clone(), message, "the proxy sends the same secret in `X-Helpmark-Proxy-Secret`");
            None
        }
    };
    let from = networks(checker, raw.from.unwrap_or_default());
    if from.is_empty() {
        let hint = "list the addresses the proxy connects from: from = [\"10.0.0.5\", \"10.1.0.0/16\"]";
        checker.wrong(place, "[accounts.proxy] believes nobody: `from` is empty", hint);
    }
    let header = |checker: &mut Checker<'_>, value: Option<Spanned<String>>| value.map(|value| name(checker, &value));
    Some(Proxy {
        header: header(checker, raw.header).unwrap_or_else(|| "x-remote-user".to_owned()),
        name_header: header(checker, raw.name_header),
        email_header: header(checker, raw.email_header),
        from,
        secret: secret?,
    })
}

/// Addresses and networks of reverse proxies.
pub(super) fn networks(checker: &mut Checker<'_>, values: Vec<Spanned<String>>) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for value in values {
        let text = value.get_ref().trim();
        let parsed = text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
        match parsed {
            Some(network) if network.prefix_len() == 0 => {
                let hint = "list the addresses of the proxy alone";
                checker.wrong(value.span(), format!("`{text}` believes the whole internet"), hint);
            }
            Some(network) => networks.push(network),
            None => {
                let message = format!("`{text}` is neither an address nor a network");
                checker.wrong(value.span(), message, "write for example \"10.0.0.5\" or \"10.1.0.0/16\"");
            }
        }
    }
    networks
}

/// Headers that mean something to HTTP itself, or that this program reads for another reason.
const TAKEN: &[&str] = &["host", "cookie", "authorization", "origin", "referer", "x-forwarded-for", "x-csrf-token"];

fn name(checker: &mut Checker<'_>, value: &Spanned<String>) -> String {
    let lower = value.get_ref().trim().to_ascii_lowercase();
    let plain = !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !plain || TAKEN.contains(&lower.as_str()) || lower == "x-helpmark-proxy-secret" {
        let message = format!("`{lower}` cannot be the header that tells who somebody is");
        checker.wrong(value.span(), message, "use a header of its own, such as \"X-Remote-User\"");
    }
    lower
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn accounts(text: &str) -> Result<Accounts, String> {
        let parsed = Config::parse(Path::new("/site"), &format!("title = 'x'\n[accounts]\n{text}"));
        parsed.map(|config| config.accounts).map_err(|found| {
            let lines = found.iter().map(|one| format!("{}: {}", one.line, one.message));
            lines.collect::<Vec<_>>().join("\n")
        })
    }

    #[test]
    fn off_by_default_with_short_sessions() {
        let read = accounts("").unwrap();
        assert_eq!(read, Accounts::default());
        assert_eq!((read.idle, read.absolute, read.proxy), (HOURS_8, DAYS_7, None));
        assert_eq!(accounts("idle = '30m'\nabsolute = '12h'").unwrap().idle, Duration::from_secs(1_800));
        assert!(accounts("idle = '2d'\nabsolute = '1d'").unwrap_err().contains("4: `idle` is longer"));
    }

    #[test]
    fn a_proxy_is_a_list_of_addresses_and_the_place_of_a_secret() {
        let proxy = accounts("[accounts.proxy]\nfrom = ['10.0.0.5', '10.1.0.0/16']\nsecret_file = 'proxy.secret'");
        let proxy = proxy.unwrap().proxy.unwrap();
        assert_eq!((proxy.header.as_str(), proxy.name_header), ("x-remote-user", None));
        assert_eq!(proxy.secret, SecretSource::File("/site/proxy.secret".into()));
        assert!(proxy.from[1].contains(&"10.1.200.3".parse::<std::net::IpAddr>().unwrap()));
    }

    #[test]
    fn proxies_are_listed_and_those_that_sign_people_in_are_among_them() {
        let read = |text: &str| Config::parse(Path::new("/site"), &format!("title = 'x'\n{text}"));
        assert!(read("").unwrap().trusted_proxies.is_empty());
        let sign_on = "trusted_proxies = ['192.0.2.1']\n[accounts.proxy]\nsecret_env = 'P'\nfrom = ['10.1.0.0/16']";
        let listed = read(sign_on).unwrap().trusted_proxies;
        let trusts =
            |address: &str| listed.iter().any(|one| one.contains(&address.parse::<std::net::IpAddr>().unwrap()));
        assert!(trusts("192.0.2.1") && trusts("10.1.2.3") && !trusts("192.0.2.2"));
        let wrong = read("trusted_proxies = ['0.0.0.0/0']").unwrap_err();
        assert!(wrong[0].message.contains("whole internet") && wrong[0].line == 2, "{wrong:?}");
    }

    #[test]
    fn what_would_open_the_door_too_wide_is_refused() {
        let proxy = |text: &str| accounts(&format!("[accounts.proxy]\n{text}")).unwrap_err();
        assert!(proxy("from = ['10.0.0.5']\nsecret = 'literal'").contains("must not stand in site.toml"));
        assert!(proxy("from = ['10.0.0.5']").contains("either `secret_env` or `secret_file`"));
        assert!(proxy("secret_env = 'P'").contains("`from` is empty"));
        assert!(proxy("secret_env = 'P'\nfrom = ['0.0.0.0/0']").contains("whole internet"));
        assert!(proxy("secret_env = 'P'\nfrom = ['proxy.local']").contains("neither an address nor a network"));
        assert!(proxy("secret_env = 'P'\nfrom = ['10.0.0.5']\nheader = 'Cookie'").contains("`cookie` cannot be"));
        assert!(proxy("secret_env = 'P'\nfrom = ['10.0.0.5']\nheaders = 'x'").contains("unknown key `headers`"));
    }

    #[test]
    fn secrets_come_from_outside() {
        let env = |name: &str| (name == "P").then(|| "0123456789abcdef\n".to_owned());
        assert_eq!(SecretSource::Env("P".into()).read(env).unwrap(), "0123456789abcdef");
        assert!(SecretSource::Env("Q".into()).read(env).unwrap_err().to_string().contains("Q"));
        assert!(matches!(SecretSource::Env("P".into()).read(|_| Some("short".into())), Err(SecretError::Short(_))));
        let missing = SecretSource::File("/nowhere/secret".into()).read(env).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/secret"), "{missing}");
    }
}
