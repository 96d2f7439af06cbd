//! The words of a mail, and the message they become.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use crate::config::Config;
use crate::config::notices::Mail;
use crate::markup::escape;
use crate::outbound::names::Names;
use crate::outbound::words::{fill, level, words};
use crate::outbound::{Audience, Event, Failure, Person};
use crate::ticket::Occasion;

/// Characters of a title in a subject.
const LONGEST_SUBJECT: usize = 120;

/// A mail, ready to become a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub event_id: String,
    /// The ticket's number: mail programs show its letters as one conversation.
    pub ticket: String,
    pub from: String,
    pub reply_to: Option<String>,
    pub to_name: String,
    pub to_email: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub at: Timestamp,
}

/// What `person` is told of `event`.
pub fn compose(event: &Event, person: &Person, mail: &Mail, config: &Config) -> Letter {
    let lang = if config.language(&person.lang).is_some() { person.lang.as_str() } else { config.default_language() };
    let ticket = &event.ticket;
    let names = Names::of(ticket, config, lang);
    let chinese = lang == "zh";
    let nobody = if chinese { "同事" } else { "A colleague" };
    // Nobody at the desk has read a report that is only confirmed: a stranger's words go to no address they left.
    let bare = person.unverified && event.occasion == Occasion::Filed;
    let title = if bare { ticket.id.to_string() } else { one_line(&ticket.title) };
    let soon = if chinese { "近期" } else { "then" };
    let late = if chinese { "的时限快到了或已经超过" } else { "a target is near or missed" };
    let escalated = level(&event.text, lang).filter(|_| event.occasion == Occasion::Escalated);
    let values = [
        ("id", ticket.id.to_string()),
        ("title", title),
        ("kind", names.kind.clone()),
        ("urgency", names.urgency.clone()),
        ("team", names.team.clone()),
        ("assignee", one_line(if ticket.assignee.is_empty() { nobody } else { &ticket.assignee })),
        ("due", if names.due.is_empty() { soon.to_owned() } else { names.due.clone() }),
        ("level", escalated.unwrap_or(late).to_owned()),
    ];
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let template = words(event.occasion, person.audience, lang);
    let subject: String = one_line(&fill(template.subject, &values)).chars().take(LONGEST_SUBJECT).collect();
    let name = if bare { String::new() } else { one_line(&person.name) };
    let greeting = match (chinese, name.is_empty()) {
        (true, true) => "您好：".to_owned(),
        (true, false) => format!("{name}，您好："),
        (false, true) => "Hello,".to_owned(),
        (false, false) => format!("Hello {name},"),
    };
    let link = if person.audience == Audience::Requester { &ticket.track_url } else { &ticket.desk_url };
    let parts = Parts {
        greeting,
        opening: fill(template.opening, &values),
        quote: if event.occasion == Occasion::Escalated { String::new() } else { event.text.trim().to_owned() },
        facts: facts(event, &names, chinese, bare),
        button: if chinese { "打开工单" } else { "Open the ticket" },
        link: Some(link.trim()).filter(|link| link.starts_with("https://") || link.starts_with("http://")),
        signature: &names.desk,
        footer: if chinese { "这封邮件由系统自动发送。" } else { "This message was sent automatically." },
    };
    Letter {
        event_id: event.id.clone(),
        ticket: ticket.id.to_string(),
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        to_name: name,
        to_email: person.email.trim().to_owned(),
        subject,
        text: parts.text(),
        html: parts.html(),
        at: event.at,
    }
}

/// Without what could begin another line or hide words.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c });
    plain.collect::<String>().trim().to_owned()
}

fn facts(event: &Event, names: &Names, chinese: bool, bare: bool) -> Vec<(&'static str, String)> {
    let label = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let facts = [
        (label("编号", "Number"), event.ticket.id.to_string()),
        (label("标题", "Title"), if bare { String::new() } else { one_line(&event.ticket.title) }),
        (label("类型", "Type"), names.kind.clone()),
        (label("紧急程度", "Urgency"), names.urgency.clone()),
        (label("处理组", "Team"), names.team.clone()),
        (label("处理人", "Owner"), one_line(&event.ticket.assignee)),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

struct Parts<'a> {
    greeting: String,
    opening: String,
    quote: String,
    facts: Vec<(&'static str, String)>,
    button: &'static str,
    link: Option<&'a str>,
    signature: &'a str,
    footer: &'static str,
}

impl Parts<'_> {
    fn text(&self) -> String {
        let quote: String = self.quote.lines().map(|line| format!("> {line}\n")).collect();
        let facts: String = self.facts.iter().map(|(label, value)| format!("{label}: {value}\n")).collect();
        let link = self.link.map_or_else(String::new, |link| format!("{}: {link}\n\n", self.button));
        let quote = if quote.is_empty() { quote } else { format!("{quote}\n") };
        format!(
            "{}\n\n{}\n\n{quote}{link}{facts}\n-- \n{}\n{}\n",
            self.greeting, self.opening, self.signature, self.footer
        )
    }

    fn html(&self) -> String {
        let quote = self.quote.lines().map(escape).collect::<Vec<_>>().join("<br>");
        let quote = match quote.is_empty() {
            true => quote,
            false => format!(
                "<blockquote style=\"margin:16px 0;padding:8px 16px;border-left:3px solid #ccd3d9\">{quote}</blockquote>"
            ),
        };
        let button = self.link.map_or_else(String::new, |link| {
            format!(
                "<p><a href=\"{}\" style=\"display:inline-block;padding:10px 18px;border-radius:6px;background:#0a6a6f;color:#fff;text-decoration:none\">{}</a></p>",
                escape(link),
                self.button
            )
        });
        let row = |(label, value): &(&str, String)| {
            format!(
                "<tr><th style=\"text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#556\">{label}</th><td>{}</td></tr>",
                escape(value)
            )
        };
        let facts: String = self.facts.iter().map(row).collect();
        format!(
            "<!doctype html><html><head><meta charset=\"utf-8\"></head><body style=\"font:16px/1.6 system-ui,sans-serif;color:#1c2329;max-width:40em\">\
             <p>{}</p><p>{}</p>{quote}{button}<table role=\"presentation\">{facts}</table>\
             <p style=\"color:#556\">{}<br>{}</p></body></html>",
            escape(&self.greeting),
            escape(&self.opening),
            escape(self.signature),
            self.footer
        )
    }
}

impl Letter {
    /// The message with its headers.
    ///
    /// # Errors
    /// When an address is none; hopeless when it is the receiver's.
    pub(super) fn message(&self) -> Result<Message, Failure> {
        let from: Mailbox =
            self.from.parse().map_err(|_| Failure::new("`from` of [notices.mail] is not a mail address"))?;
        let to: Address = self.to_email.parse().map_err(|_| Failure::hopeless("the address is not a mail address"))?;
        let domain = from.email.domain().to_owned();
        // One event goes to several people: each letter has an id of its own, the same at every try.
        let print = blake3::hash(self.to_email.as_bytes()).to_hex();
        let mut builder = Message::builder()
            .from(from)
            .to(Mailbox::new(Some(self.to_name.clone()).filter(|name| !name.is_empty()), to))
            .subject(&*self.subject)
            .date(SystemTime::from(self.at))
            .message_id(Some(format!("<{}.{}@{domain}>", self.event_id, &print[..8])))
            .references(format!("<{}@{domain}>", self.ticket));
        if let Some(reply_to) = &self.reply_to {
            let wrong = |_| Failure::new("`reply_to` of [notices.mail] is not a mail address");
            builder = builder.reply_to(reply_to.parse().map_err(wrong)?);
        }
        let fixed = [
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Auto-Response-Suppress", "All".to_owned()),
            ("X-Helpmark-Event", self.event_id.clone()),
        ];
        for (name, value) in fixed {
            builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let body = MultiPart::alternative_plain_html(self.text.clone(), self.html.clone());
        builder.multipart(body).map_err(|error| Failure::chain("the letter", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::event::tests::sample;

    fn config() -> Config {
        let text = "title = \"IT 服务台\"\n[notices.mail]\nserver = \"localhost\"\nsecurity = \"none\"\n\
                    from = \"IT 服务台 <it@example.com>\"\nreply_to = \"help@example.com\"";
        Config::parse(std::path::Path::new("/"), text).unwrap()
    }

    fn letter(event: &Event) -> Letter {
        let config = config();
        compose(event, &event.people[0], config.notices.mail.as_ref().unwrap(), &config)
    }

    fn wire(letter: &Letter) -> String {
        String::from_utf8(letter.message().unwrap().formatted()).unwrap()
    }

    #[test]
    fn the_requester_learns_number_link_and_when() {
        let letter = letter(&sample(Occasion::Filed));
        for text in [&letter.text, &letter.html] {
            for word in ["TS202611230001", "track/TS202611230001-secret", "11月23日 09:40", "王小明，您好"] {
                assert!(text.contains(word), "{word} is missing in {text}");
            }
            assert!(!text.contains("/desk/"), "{text}");
        }
        let wire = wire(&letter);
        for header in [
            "Auto-Submitted: auto-generated",
            "Reply-To: help@example.com",
            "References: <TS202611230001@example.com>",
            "Subject: =?utf-8?b?",
            "Date: Mon, 23 Nov 2026 01:30:00 +0000",
        ] {
            assert!(wire.contains(header), "{header} is missing in {wire}");
        }
        assert!(wire.contains(&format!("X-Helpmark-Event: {}\r\n", letter.event_id)), "{wire}");
        assert!(wire.contains(&format!("Message-ID: <{}.", letter.event_id)), "{wire}");
    }

    #[test]
    fn no_words_of_a_stranger_go_to_the_address_they_left() {
        let mut event = sample(Occasion::Filed);
        event.people[0].unverified = true;
        let first = letter(&event);
        for text in [&first.text, &first.html, &first.subject, &wire(&first)] {
            assert!(!text.contains("王小明") && !text.contains("坏了"), "{text}");
        }
        assert!(first.text.starts_with("您好：") && first.subject.contains("TS202611230001"), "{}", first.subject);
        assert!(first.text.contains("track/TS202611230001-secret"), "whoever did file it finds it");
        event.occasion = Occasion::Accepted;
        assert!(letter(&event).subject.contains("王小明的打印机坏了"), "somebody has read it now");
    }

    #[test]
    fn no_value_can_add_a_header_or_markup() {
        let mut event = sample(Occasion::Replied);
        let evil = "a\r\nBcc: evil@example.com\r\n\r\n<script>x</script>";
        event.ticket.title = evil.to_owned();
        event.ticket.assignee = evil.to_owned();
        event.people[0].name = evil.to_owned();
        event.text = evil.to_owned();
        event.ticket.track_url = "javascript:alert(1)".to_owned();
        let letter = letter(&event);
        let wire = wire(&letter);
        let head = wire.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("<script")), "{head}");
        assert_eq!(head.lines().filter(|line| line.starts_with("To: ")).count(), 1);
        assert!(!letter.html.contains("<script") && !letter.html.contains("javascript:"), "{}", letter.html);
    }

    #[test]
    fn a_bad_address_is_hopeless_and_never_reaches_the_server() {
        let mut event = sample(Occasion::Filed);
        for bad in ["nobody", "a@b\r\nRCPT TO:<x@example.com>", "<a@example.com>, b@example.com"] {
            event.people[0].email = bad.to_owned();
            assert!(letter(&event).message().is_err_and(|failure| failure.hopeless), "{bad}");
        }
    }

    #[test]
    fn staff_get_the_desk_and_a_tries_repetition_is_the_same() {
        let mut event = sample(Occasion::Escalated);
        event.people[0].audience = Audience::Lead;
        event.people[0].lang = "en".to_owned();
        let first = letter(&event);
        assert!(first.text.contains("/desk/tickets/TS202611230001") && !first.text.contains("track/"));
        assert!(first.subject.starts_with("[TS202611230001] Needs your attention"), "{}", first.subject);
        assert_eq!(
            wire(&first).lines().find(|l| l.starts_with("Message-ID")),
            wire(&letter(&event)).lines().find(|l| l.starts_with("Message-ID"))
        );
    }
}
