//! Messages to chats and gateways: [`post`] sends one, signed as its service wants it.

mod body;
mod sign;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};

use super::{Event, Failure, chat};
use crate::config::Config;
use crate::config::notices::{Secret, Webhook, WebhookKind};

/// How long a service may take, from the first packet to the last byte of its answer.
const WHOLE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;
/// The longest wait that a service may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// The ways out.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Through the proxy of the environment, where there is one.
    outside: Client,
    /// To gateways on this machine.
    here: Client,
}

impl Clients {
    /// # Errors
    /// When TLS cannot be set up: no certificates on this machine.
    pub fn new() -> Result<Self, reqwest::Error> {
        // Another part of the program may have chosen the same provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || Client::builder().redirect(Policy::none()).timeout(WHOLE).user_agent("helpmark");
        Ok(Self { outside: builder().https_only(true).build()?, here: builder().no_proxy().build()? })
    }
}

/// Tells a webhook of these events, as one message.
///
/// # Errors
/// Why it did not take them, without its address or its key.
pub async fn post(
    clients: &Clients,
    hook: &Webhook,
    events: &[Event],
    config: &Config,
    now: Timestamp,
) -> Result<(), Failure> {
    let read = |secret: &Secret| secret.read().map_err(|why| Failure::new(why.to_string()));
    let address = read(&hook.url)?;
    let secret = hook.secret.as_ref().map(read).transpose()?;
    let outcome = send(clients, hook, &address, secret.as_deref(), events, config, now).await;
    outcome.map_err(|failure| {
        let mut private: Vec<&str> = address.split(['/', '?', '=', '&']).skip(3).collect();
        private.push(&address);
        private.extend(secret.as_deref());
        private.sort_by_key(|part| std::cmp::Reverse(part.len()));
        failure.without(&private)
    })
}

async fn send(
    clients: &Clients,
    hook: &Webhook,
    address: &str,
    secret: Option<&str>,
    events: &[Event],
    config: &Config,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut url = permitted(address, &config.notices.allowed_hosts)?;
    let note = chat::note(events, hook, config);
    let mut body = body::body(hook.kind, &note, events);
    match (hook.kind, secret) {
        (WebhookKind::Dingtalk, Some(secret)) => {
            let millis = now.as_millisecond();
            let sign = sign::dingtalk(secret, millis);
            let sign = utf8_percent_encode(&sign, NON_ALPHANUMERIC);
            let query = url.query().map_or_else(String::new, |query| format!("{query}&"));
            url.set_query(Some(&format!("{query}timestamp={millis}&sign={sign}")));
        }
        (WebhookKind::Feishu, Some(secret)) => {
            let seconds = now.as_second();
            body["timestamp"] = seconds.to_string().into();
            body["sign"] = sign::feishu(secret, seconds).into();
        }
        _ => {}
    }
    let bytes = body.to_string().into_bytes();
    let client = if is_here(&url) { &clients.here } else { &clients.outside };
    let ids: Vec<_> = events.iter().map(|event| event.id.as_str()).collect();
    let mut request = client
        .post(url)
        .header("content-type", "application/json; charset=utf-8")
        .header("x-helpmark-event", ids.join(","));
    if let (WebhookKind::Json, Some(secret)) = (hook.kind, secret) {
        let seconds = now.as_second();
        request = request
            .header("x-helpmark-timestamp", seconds)
            .header("x-helpmark-signature", sign::json(secret, seconds, &bytes));
    }
    let failed = |error: reqwest::Error| Failure::chain(&hook.name, &error.without_url());
    let mut response = request.body(bytes).send().await.map_err(failed)?;
    judge_status(hook, &response)?;
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        answer.extend_from_slice(&chunk);
        if answer.len() > ANSWER {
            answer.truncate(ANSWER);
            break;
        }
    }
    body::understood(hook.kind, &answer)
}

fn judge_status(hook: &Webhook, response: &Response) -> Result<(), Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let more = if status.is_redirection() { "; redirects are not followed, use the final address" } else { "" };
    let mut failure = Failure::new(format!("{} answered {status}{more}", hook.name));
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let seconds = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        failure.retry_after = seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    Err(failure)
}

/// The address, if messages may go there: https to a listed host, or http to a listed one on this machine.
fn permitted(address: &str, allowed: &BTreeSet<String>) -> Result<Url, Failure> {
    let url = Url::parse(address).map_err(|error| Failure::new(format!("the webhook's address is none: {error}")))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    if url.scheme() != "https" && !(url.scheme() == "http" && is_here(&url)) {
        return Err(Failure::new(format!("the webhook's address ({host}) must begin with https://")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::new(format!("the webhook's address ({host}) must not hold a login")));
    }
    if !allowed.contains(&host) {
        let message = format!("{host} is not in `allowed_hosts` of [notices]; add it there if messages may go to it");
        return Err(Failure::new(message));
    }
    Ok(url)
}

/// Whether it is an address of this machine, as written: no name service is asked.
fn is_here(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_only_where_the_site_allows() {
        let allowed = BTreeSet::from(["oapi.dingtalk.com".to_owned(), "127.0.0.1".to_owned()]);
        let why = |address: &str| permitted(address, &allowed).map(drop).map_err(|failure| failure.why);
        assert_eq!(why("https://oapi.dingtalk.com/robot/send?access_token=k"), Ok(()));
        assert_eq!(why("https://OAPI.dingtalk.com:443/robot/send"), Ok(()));
        assert_eq!(why("http://127.0.0.1:9/x"), Ok(()));
        for (address, word) in [
            ("http://oapi.dingtalk.com/x", "https://"),
            ("https://oapi.dingtalk.com.evil.com/x", "allowed_hosts"),
            ("https://evil.com/oapi.dingtalk.com", "allowed_hosts"),
            ("https://oapi.dingtalk.com@evil.com/", "login"),
            ("http://localhost:1/x", "allowed_hosts"),
            ("http://169.254.169.254/latest", "https://"),
            ("ftp://oapi.dingtalk.com/", "https://"),
            ("key-without-address", "is none"),
        ] {
            let found = why(address).unwrap_err();
            assert!(found.contains(word), "{address}: {found}");
        }
    }
}
