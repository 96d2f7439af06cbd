//! What is posted to each service, and what its answer means.

use serde_json::{Value, json};

use crate::config::notices::WebhookKind;
use crate::outbound::chat::Note;
use crate::outbound::{Event, Failure};

/// WeCom's limit is 4,096 bytes of content.
const WECOM_BYTES: usize = 4_000;

/// The body of a message, without a signature.
pub(super) fn body(kind: WebhookKind, note: &Note, events: &[Event]) -> Value {
    match kind {
        WebhookKind::Wecom => {
            json!({ "msgtype": "markdown", "markdown": { "content": cut(markdown(note), WECOM_BYTES) } })
        }
        WebhookKind::Dingtalk => {
            json!({ "msgtype": "markdown", "markdown": { "title": note.title, "text": markdown(note) } })
        }
        WebhookKind::Feishu => json!({ "msg_type": "text", "content": { "text": text(note) } }),
        WebhookKind::Json => {
            json!({ "text": text(note), "events": events.iter().map(public).collect::<Vec<_>>() })
        }
    }
}

/// An event for a machine: like a chat, it learns nothing about people.
fn public(event: &Event) -> Value {
    let ticket = &event.ticket;
    json!({
        "event_id": event.id,
        "occasion": event.occasion.key(),
        "at": event.at,
        "ticket": {
            "id": ticket.id,
            "type": ticket.kind,
            "urgency": ticket.urgency,
            "status": ticket.status,
            "team": ticket.team,
            "due_at": ticket.due_at,
            "url": ticket.desk_url,
        },
    })
}

fn markdown(note: &Note) -> String {
    let line = |line: &crate::outbound::chat::Line| match line.link.is_empty() {
        true => line.text.clone(),
        false => format!("{} · [{}]({})", line.text, line.label, line.link),
    };
    let lines: Vec<_> = note.lines.iter().map(line).collect();
    let lines =
        if lines.len() == 1 { lines.join("\n") } else { lines.iter().map(|line| format!("- {line}\n")).collect() };
    format!("**{}**\n\n{}", note.title, lines.trim_end())
}

fn text(note: &Note) -> String {
    let lines = note.lines.iter().map(|line| format!("{} {}", line.text, line.link).trim_end().to_owned());
    std::iter::once(note.title.clone()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// At most so many bytes, ending with a whole line where there is one.
fn cut(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind('\n').unwrap_or(end);
    format!("{}\n…", &text[..end])
}

/// What the answer to a message says: the chat services answer 200 also when they refuse.
pub(super) fn understood(kind: WebhookKind, answer: &[u8]) -> Result<(), Failure> {
    let codes: &[&str] = match kind {
        WebhookKind::Wecom | WebhookKind::Dingtalk => &["errcode"],
        WebhookKind::Feishu => &["code", "StatusCode"],
        // A gateway's status says all.
        WebhookKind::Json => return Ok(()),
    };
    let Ok(Value::Object(answer)) = serde_json::from_slice::<Value>(answer) else {
        return Err(Failure::new(format!("{kind} answered 200 with something that is not its own JSON")));
    };
    let Some(code) = codes.iter().find_map(|key| answer.get(*key)?.as_i64()) else {
        return Err(Failure::new(format!("{kind} answered 200 without `{}`", codes[0])));
    };
    if code == 0 {
        return Ok(());
    }
    let why = ["errmsg", "msg", "StatusMessage"].iter().find_map(|key| answer.get(*key)?.as_str());
    Err(Failure::new(format!("{kind} refused it: {code} {}", why.unwrap_or(""))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::outbound::chat::{MOST, note};
    use crate::outbound::event::tests::sample;
    use crate::ticket::Occasion;

    #[test]
    fn each_service_gets_its_own_shape_and_nothing_private() {
        let config = Config::parse(
            std::path::Path::new("/"),
            "title = \"T\"\n[[notices.webhooks]]\nkind = \"json\"\nurl = \"https://x\"",
        );
        let config = config.unwrap();
        let events = vec![sample(Occasion::Filed); MOST];
        for (kind, place) in [
            (WebhookKind::Wecom, "/markdown/content"),
            (WebhookKind::Dingtalk, "/markdown/text"),
            (WebhookKind::Feishu, "/content/text"),
            (WebhookKind::Json, "/text"),
        ] {
            for events in [&events[..1], &events[..]] {
                let note = note(events, &config.notices.webhooks[0], &config);
                let body = body(kind, &note, events);
                let text = body.pointer(place).and_then(Value::as_str).unwrap();
                assert!(text.contains("TS202611230001") && text.contains("/desk/tickets/"), "{text}");
                assert!(text.len() <= 4_096, "{kind}: {} bytes", text.len());
                let whole = body.to_string();
                for private in ["王小明", "李雷", "138", "wang@", "打印机", "secret"] {
                    assert!(!whole.contains(private), "{kind}: {private} in {whole}");
                }
            }
        }
        let body = body(WebhookKind::Json, &note(&events, &config.notices.webhooks[0], &config), &events[..1]);
        assert_eq!(body.pointer("/events/0/event_id").and_then(Value::as_str), Some(events[0].id.as_str()));
    }

    #[test]
    fn a_refusal_inside_a_200_is_a_failure() {
        let ok = |kind, answer: &str| understood(kind, answer.as_bytes());
        assert!(ok(WebhookKind::Wecom, r#"{"errcode":0,"errmsg":"ok"}"#).is_ok());
        assert!(ok(WebhookKind::Feishu, r#"{"code":0,"msg":"success"}"#).is_ok());
        assert!(ok(WebhookKind::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#).is_ok());
        assert!(ok(WebhookKind::Json, "thanks").is_ok());
        let refused = ok(WebhookKind::Dingtalk, r#"{"errcode":310000,"errmsg":"sign not match"}"#).unwrap_err();
        assert!(refused.why.contains("310000 sign not match"), "{}", refused.why);
        assert!(ok(WebhookKind::Feishu, r#"{"code":19021,"msg":"sign match fail"}"#).is_err());
        assert!(ok(WebhookKind::Wecom, "<html>proxy</html>").is_err() && ok(WebhookKind::Wecom, "{}").is_err());
    }

    #[test]
    fn a_long_text_is_cut_at_a_line() {
        assert_eq!(cut("一行\n二行\n三行".to_owned(), 15), "一行\n二行\n…");
        assert_eq!(cut("短".to_owned(), 10), "短");
    }
}
