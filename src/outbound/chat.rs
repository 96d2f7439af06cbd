//! What a chat is told: number, type, urgency, team, target and link, and nothing about people. Who may open the link
//! reads the rest at the desk.

use super::names::Names;
use super::words::{headline, level};
use super::{Event, TicketFacts};
use crate::config::Config;
use crate::config::notices::Webhook;
use crate::ticket::Occasion;

/// Events in one message, of which a long list stays within WeCom's 4,096 bytes.
pub const MOST: usize = 20;
/// Characters of a title.
const LONGEST_TITLE: usize = 60;

/// A message to a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub title: String,
    pub lines: Vec<Line>,
}

/// One ticket's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// The desk's page; may be empty.
    pub link: String,
    pub label: &'static str,
}

/// Several events as one message, one as one.
pub fn note(events: &[Event], hook: &Webhook, config: &Config) -> Note {
    let lang = hook.lang.as_str();
    let single = events.len() == 1;
    let title = match events {
        [event] => format!("{} {}", happened(event, lang), event.ticket.id),
        _ if lang == "zh" => format!("{} 条工单动态", events.len()),
        _ => format!("{} ticket updates", events.len()),
    };
    let label = if lang == "zh" { "打开工单" } else { "Open" };
    let line = |event: &Event| {
        let what = if single { String::new() } else { format!("{} {} · ", happened(event, lang), event.ticket.id) };
        let link = Some(event.ticket.desk_url.clone()).filter(|link| is_link(link)).unwrap_or_default();
        Line { text: format!("{what}{}", about(&event.ticket, hook, config, single)), link, label }
    };
    Note { title, lines: events.iter().map(line).collect() }
}

/// In a few words; of an escalation, which target it is about.
fn happened(event: &Event, lang: &str) -> &'static str {
    let level = level(&event.text, lang).filter(|_| event.occasion == Occasion::Escalated);
    level.unwrap_or_else(|| headline(event.occasion, lang))
}

/// What may be said of a ticket where everybody reads along.
fn about(ticket: &TicketFacts, hook: &Webhook, config: &Config, with_title: bool) -> String {
    let names = Names::of(ticket, config, &hook.lang);
    let due = match (names.due.is_empty(), hook.lang.as_str()) {
        (true, _) => String::new(),
        (false, "zh") => format!("时限 {}", names.due),
        (false, _) => format!("due {}", names.due),
    };
    let title = match hook.include_title && with_title {
        true => plain(&ticket.title.chars().take(LONGEST_TITLE).collect::<String>()),
        false => String::new(),
    };
    let parts = [names.kind, names.urgency, names.team, due, title];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Words of an employee among a chat's own markup: nothing of them may become a link, a mention or a heading.
fn plain(text: &str) -> String {
    let wide = |c: char| match c {
        '<' | '>' | '[' | ']' | '(' | ')' | '@' | '*' | '_' | '`' | '#' | '\\' | '!' | '&' | '~' | '|' => {
            char::from_u32(u32::from(c) + 0xfee0).unwrap_or(' ')
        }
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(wide).collect::<String>().trim().to_owned()
}

fn is_link(link: &str) -> bool {
    (link.starts_with("https://") || link.starts_with("http://")) && !link.contains([' ', ')', '\n', '<', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::event::tests::sample;

    fn setup(more: &str) -> (Config, Webhook) {
        let text = format!("title = \"T\"\n[[notices.webhooks]]\nkind = \"wecom\"\nurl_env = \"X\"\n{more}");
        let config = Config::parse(std::path::Path::new("/"), &text).unwrap();
        let hook = config.notices.webhooks[0].clone();
        (config, hook)
    }

    #[test]
    fn a_chat_learns_nothing_about_people() {
        let (config, hook) = setup("");
        for occasion in Occasion::ALL {
            let event = sample(occasion);
            for events in [vec![event.clone()], vec![event.clone(), event]] {
                let said = format!("{:?}", note(&events, &hook, &config));
                assert!(said.contains("TS202611230001") && said.contains("硬件故障"), "{said}");
                for private in ["王小明", "李雷", "138", "wang@", "打印机", "secret", "track"] {
                    assert!(!said.contains(private), "{private} in {said}");
                }
            }
        }
    }

    #[test]
    fn a_title_is_shown_where_the_site_wants_it_and_stays_text() {
        let (config, hook) = setup("include_title = true\nlang = \"en\"");
        let mut event = sample(Occasion::Filed);
        event.ticket.title = "<@all> [x](http://evil) **b**\n# h".to_owned();
        let note = note(&[event], &hook, &config);
        assert_eq!(note.title, "New ticket TS202611230001");
        let text = &note.lines[0].text;
        assert!(text.contains("Hardware fault · Urgent · Desktop support · due 23 Nov, 09:40 · ＜＠all＞"), "{text}");
        assert!(!text.contains(['<', '@', '[', '*', '#', '\n']), "{text}");
    }

    #[test]
    fn many_are_a_list() {
        let (config, hook) = setup("");
        let events: Vec<_> = (0..MOST).map(|_| sample(Occasion::Filed)).collect();
        let note = note(&events, &hook, &config);
        assert_eq!((note.title.as_str(), note.lines.len()), ("20 条工单动态", MOST));
        assert!(note.lines[3].text.starts_with("新工单 TS202611230001 · "), "{}", note.lines[3].text);
    }
}
