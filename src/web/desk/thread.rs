//! The thread of a ticket: words, and what was done.

use jiff::Zoned;

use super::due::absolute;
use super::people::People;
use super::words::{done, done_icon, level, pick, team_name, way};
use crate::config::Config;
use crate::site::context::desk::{DeskEntry, DeskFile};
use crate::ticket::{HistoryEntry, Moment, Ticket};
use crate::web::when;

/// All entries, the oldest first, with the files that came with them. Those from `fresh_from` on came after the reader's
/// page was made.
pub(super) fn entries(
    config: &Config,
    ticket: &Ticket,
    people: &People,
    now: &Zoned,
    lang: &str,
    fresh_from: Option<usize>,
    files: &[(DeskFile, Option<usize>)],
) -> Vec<DeskEntry> {
    let waits = ticket.history.iter().rposition(|entry| entry.action == "pend");
    let entries = ticket.history.iter().enumerate().filter(|(at, _)| !ticket.resumed_by_itself(*at));
    entries
        .map(|(at, entry)| {
            let mut shown = of(config, entry, ticket, people, now, lang);
            shown.fresh = fresh_from.is_some_and(|first| at >= first);
            shown.files = files.iter().filter(|(_, with)| *with == Some(at)).map(|(file, _)| file.clone()).collect();
            let until = ticket.waiting.as_ref().and_then(|waiting| waiting.until.as_ref());
            if let Some(until) = until.filter(|_| waits == Some(at)) {
                shown.to.push_str(&until_words(until, now, lang));
            }
            shown
        })
        .collect()
}

fn until_words(until: &Moment, now: &Zoned, lang: &str) -> String {
    let until = absolute(until, now);
    match lang {
        "zh" => format!("，预计到 {until}"),
        _ => format!(", until {until}"),
    }
}

/// What the process wrote with labels of the requester's language, with those of the reader's.
fn relabelled(entry: &HistoryEntry, lang: &str) -> String {
    const RISK: [[&str; 2]; 2] = [["风险：", "\n退回办法："], ["Risk: ", "\nWay back: "]];
    const BEFORE: [[&str; 2]; 2] = [["此前的答复：", "\n"], ["Before: ", "\n"]];
    let labels = match entry.action.as_str() {
        "risk" => RISK,
        "resolve" => BEFORE,
        _ => return entry.note.clone(),
    };
    let [first, second] = labels[usize::from(lang != "zh")];
    let parts = labels.iter().find_map(|[one, two]| entry.note.strip_prefix(one)?.split_once(two));
    parts.map_or_else(|| entry.note.clone(), |(one, two)| format!("{first}{one}{second}{two}"))
}

fn of(config: &Config, entry: &HistoryEntry, ticket: &Ticket, people: &People, now: &Zoned, lang: &str) -> DeskEntry {
    let theirs = entry.by == "requester";
    let kind = match entry.action.as_str() {
        _ if entry.note.is_empty() => "event",
        "key_step" => "key",
        _ if !entry.public => "note",
        "reply" | "ask" | "contact" | "risk" | "resolve" | "reopen" | "comment" => "reply",
        _ => "event",
    };
    let icon = match kind {
        "note" => "lock",
        "key" => "key-round",
        "reply" if entry.action == "reply" => "mail",
        _ => done_icon(&entry.action),
    };
    DeskEntry {
        kind,
        icon,
        by: who(&entry.by, ticket, people, lang),
        theirs,
        action: done(&entry.action, lang).to_owned(),
        to: to(config, entry, people, lang),
        text: relabelled(entry, lang),
        time: when::short(&entry.at.in_zone(now.time_zone()), now),
        absolute: absolute(&entry.at, now),
        public: entry.public,
        files: Vec::new(),
        fresh: false,
    }
}

/// To whom, with whom, how: the short word that a step carries, as people read it.
fn to(config: &Config, entry: &HistoryEntry, people: &People, lang: &str) -> String {
    let to = entry.to.as_str();
    let arrow = |to: &str| if to.is_empty() { String::new() } else { format!("→ {to}") };
    match entry.action.as_str() {
        "accept" | "assign" => {
            let (team, login) = to.split_once('/').unwrap_or((to, ""));
            let team = team_name(config, team, lang);
            let parts = [team, if login.is_empty() { String::new() } else { people.name(login) }];
            arrow(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
        }
        "pend" => match to.split_once(' ').unwrap_or((to, "")) {
            ("approval", _) => arrow(pick(lang, "待审批", "for approval")),
            ("supplier", with) => arrow(with),
            _ => arrow(to),
        },
        "contact" if to.is_empty() => String::new(),
        "contact" if lang == "zh" => format!("（{}）", way(to, lang)),
        "contact" => format!("({})", way(to, lang)),
        "escalate" if lang == "zh" => format!("（{}）", level(to, lang)),
        "escalate" => format!("({})", level(to, lang)),
        // The name of who decided stands before it already.
        "approve" | "reject" => String::new(),
        _ => arrow(to),
    }
}

/// The name behind a history entry's `by`.
pub(super) fn who(by: &str, ticket: &Ticket, people: &People, lang: &str) -> String {
    match by {
        "requester" if ticket.requester.name.is_empty() => pick(lang, "提报人", "Requester").to_owned(),
        "requester" => ticket.requester.name.clone(),
        "system" | "" => pick(lang, "系统", "System").to_owned(),
        login => people.name(login),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_words_are_marked_and_events_stay_small() {
        let yaml = "id: TS202611230001\nrequester: {name: 张三}\nhistory:\n\
            - {at: 2026-11-23T09:00:00+08:00, by: requester, action: file, public: true}\n\
            - {at: 2026-11-23T09:10:00+08:00, by: wang, action: note, note: 查日志}\n\
            - {at: 2026-11-23T09:20:00+08:00, by: wang, action: reply, note: 你好, public: true}\n\
            - {at: 2026-11-23T09:30:00+08:00, by: wang, action: key_step, note: 关 UDP}\n";
        let ticket: Ticket = serde_yaml::from_str(yaml).unwrap();
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'").unwrap();
        let now: Zoned = "2026-11-23T10:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let entries = entries(&config, &ticket, &People::default(), &now, "zh", Some(3), &[]);
        let kinds: Vec<_> = entries.iter().map(|entry| (entry.kind, entry.public, entry.fresh)).collect();
        let wanted = [("event", true, false), ("note", false, false), ("reply", true, false), ("key", false, true)];
        assert_eq!(kinds, wanted);
        assert_eq!((entries[0].by.as_str(), entries[1].by.as_str(), entries[0].theirs), ("张三", "wang", true));
    }

    #[test]
    fn what_went_on_by_itself_is_not_said_and_words_are_the_readers() {
        let yaml = "id: TS202611230001\nlang: zh\nwaiting: {with: 联想, until: 2026-11-25T12:00:00+08:00}\nhistory:\n\
            - {at: 2026-11-23T09:00:00+08:00, by: requester, action: reply, note: 11.2, public: true}\n\
            - {at: 2026-11-23T09:00:00+08:00, by: requester, action: resume, public: true}\n\
            - {at: 2026-11-23T09:10:00+08:00, by: wang, action: resume, public: true}\n\
            - {at: 2026-11-23T09:20:00+08:00, by: system, action: escalate, to: first_response_half}\n\
            - {at: 2026-11-23T09:30:00+08:00, by: wang, action: risk, note: \"风险：要重启\\n退回办法：还原\", public: true}\n\
            - {at: 2026-11-23T09:40:00+08:00, by: wang, action: pend, to: supplier 联想, public: true}\n";
        let ticket: Ticket = serde_yaml::from_str(yaml).unwrap();
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'").unwrap();
        let now: Zoned = "2026-11-23T10:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let entries = entries(&config, &ticket, &People::default(), &now, "en", Some(2), &[]);
        let said: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.fresh)).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert_eq!((said[0], said[1]), (("", false), ("resumed work", true)));
        assert_eq!(entries[2].to, "(half of the first response time is over)");
        assert_eq!(entries[3].text, "Risk: 要重启\nWay back: 还原");
        assert_eq!(entries[4].to, "→ 联想, until 2026-11-25 12:00");
    }
}
