//! A mail to one person: composed here, sent over SMTP by [`send`].

mod compose;

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::Failure;
use crate::config::notices::{Mail, Security};

pub use compose::{Letter, compose};

/// How long the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a whole delivery may take; relays look through a letter before they take it.
const WHOLE: Duration = Duration::from_secs(40);

/// Hands a letter to the mail server.
///
/// # Errors
/// Why the server did not take it; hopeless when it says that there is no such mailbox.
pub async fn send(mail: &Mail, letter: &Letter) -> Result<(), Failure> {
    let message = letter.message()?;
    match tokio::time::timeout(WHOLE, hand_over(mail, message)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(format!("{} took longer than {} s", mail.server, WHOLE.as_secs()))),
    }
}

async fn hand_over(mail: &Mail, message: Message) -> Result<(), Failure> {
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(mail.server.as_str());
    let tls = match mail.security {
        Security::None => Tls::None,
        Security::Starttls => Tls::Required(tls(mail).await?),
        Security::Tls => Tls::Wrapper(tls(mail).await?),
    };
    let mut builder = builder.port(mail.port).tls(tls).timeout(Some(ANSWER));
    let mut secrets = Vec::new();
    if let (Some(login), Some(password)) = (&mail.login, &mail.password) {
        let read = |secret: &crate::config::notices::Secret| secret.read().map_err(|why| Failure::new(why.to_string()));
        let (login, password) = (read(login)?, read(password)?);
        secrets.push(password.clone());
        builder = builder.credentials(Credentials::new(login, password));
    }
    let refused = |error: lettre::transport::smtp::Error| {
        let secrets: Vec<_> = secrets.iter().map(String::as_str).collect();
        let failure = Failure::chain(&mail.server, &error).without(&secrets);
        Failure { hopeless: is_hopeless(&error), ..failure }
    };
    builder.build().send(message).await.map(drop).map_err(refused)
}

/// No such mailbox. Other lasting refusals (a wrong password, a relay that does not know us) are mended by people.
fn is_hopeless(error: &lettre::transport::smtp::Error) -> bool {
    error.is_permanent() && error.status().is_some_and(|code| matches!(u16::from(code), 550 | 551 | 553))
}

async fn tls(mail: &Mail) -> Result<TlsParameters, Failure> {
    let wrong = |error: lettre::transport::smtp::Error| Failure::chain("TLS", &error);
    let mut builder = TlsParameters::builder(mail.server.clone());
    if let Some(file) = &mail.ca_file {
        let pem = tokio::fs::read(file).await;
        let pem = pem.map_err(|error| Failure::new(format!("cannot read `ca_file` {}: {error}", file.display())))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(wrong)?);
    }
    builder.build().map_err(wrong)
}
