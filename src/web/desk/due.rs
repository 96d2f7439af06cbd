//! Targets in words, and the clock that runs.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::words::pick;
use crate::site::context::desk::DeskDue;
use crate::ticket::{Moment, Status, Summary};

/// Below this a target is near.
pub(super) const SOON: SignedDuration = SignedDuration::from_hours(1);

/// `2 小时`, `1 小时 20 分钟`, `35 分钟`, `3 天`; `2 h`, `1 h 20 min`, `35 min`, `3 days`. Rounded down: nobody is told that
/// there is more time than there is.
pub(super) fn span(length: SignedDuration, lang: &str) -> String {
    let minutes = length.as_secs().unsigned_abs() / 60;
    let (hours, days) = (minutes / 60, minutes / 1_440);
    match (lang, minutes) {
        ("zh", 0) => "不到 1 分钟".to_owned(),
        ("zh", 1..60) => format!("{minutes} 分钟"),
        ("zh", 60..180) if !minutes.is_multiple_of(60) => format!("{hours} 小时 {} 分钟", minutes % 60),
        ("zh", 60..2_880) => format!("{hours} 小时"),
        ("zh", _) => format!("{days} 天"),
        (_, 0) => "under 1 min".to_owned(),
        (_, 1..60) => format!("{minutes} min"),
        (_, 60..180) if !minutes.is_multiple_of(60) => format!("{hours} h {} min", minutes % 60),
        (_, 60..2_880) => format!("{hours} h"),
        (_, _) => format!("{days} days"),
    }
}

/// A target that runs: `还剩 2 小时`, `逾期 35 分钟`.
pub(super) fn running(due: &Moment, now: &Zoned, lang: &str) -> DeskDue {
    let left = due.timestamp().duration_since(now.timestamp());
    let length = span(left, lang);
    let (state, text) = match left {
        left if left.is_negative() && lang == "zh" => ("late", format!("逾期 {length}")),
        left if left.is_negative() => ("late", format!("{length} overdue")),
        left if lang == "zh" => (if left < SOON { "soon" } else { "" }, format!("还剩 {length}")),
        left => (if left < SOON { "soon" } else { "" }, format!("{length} left")),
    };
    DeskDue { text, state, absolute: absolute(due, now), at: due.to_string(), label: String::new() }
}

/// `2026-11-23 14:30`, in the site's zone.
pub(super) fn absolute(at: &Moment, now: &Zoned) -> String {
    at.in_zone(now.time_zone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// What the queue's column says of a ticket: nothing once it is solved, that the clock stands while it waits.
pub(super) fn of(ticket: &Summary, now: &Zoned, lang: &str) -> DeskDue {
    let Some(due) = ticket.due_at.as_ref().filter(|_| ticket.status.is_open()) else { return DeskDue::default() };
    let clock = running(due, now, lang);
    // Waiting stops the clock of the solution, not that of the first answer.
    match ticket.status == Status::Pending && ticket.first_response_at.is_some() {
        true => DeskDue { text: pick(lang, "已暂停", "Paused").to_owned(), state: "paused", ..clock },
        false => clock,
    }
}

/// Whether a running target is near and not missed yet.
pub(super) fn is_soon(ticket: &Summary, now: Timestamp) -> bool {
    ticket.is_due_within(SOON, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_and_time_lost_read_well() {
        let now: Zoned = "2026-11-23T14:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let due = |text: &str, lang: &str| running(&text.parse().unwrap(), &now, lang);
        let left = due("2026-11-23T16:00:30+08:00", "zh");
        assert_eq!((left.text.as_str(), left.state, left.absolute.as_str()), ("还剩 2 小时", "", "2026-11-23 16:00"));
        let lost = due("2026-11-23T13:25:00+08:00", "zh");
        assert_eq!((lost.text.as_str(), lost.state), ("逾期 35 分钟", "late"));
        assert_eq!(due("2026-11-23T15:20:00+08:00", "en").text, "1 h 20 min left");
        assert_eq!(due("2026-11-23T14:00:59+08:00", "en").state, "soon");
        assert_eq!(due("2026-11-20T14:00:00+08:00", "en").text, "3 days overdue");
    }

    #[test]
    fn a_waiting_ticket_is_not_late() {
        let now: Zoned = "2026-11-23T14:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let of = |yaml: &str| {
            let yaml = format!("id: TS202611230001\ndue_at: 2026-11-23T14:30:00+08:00\n{yaml}\n");
            let ticket: crate::ticket::Ticket = serde_yaml::from_str(&yaml).unwrap();
            let summary = Summary::from(&ticket);
            (of(&summary, &now, "zh").state, is_soon(&summary, now.timestamp()))
        };
        let answered = "first_response_at: 2026-11-23T13:00:00+08:00";
        assert_eq!(of("status: in_progress"), ("soon", true));
        assert_eq!(of(&format!("status: pending\npending_on: supplier\n{answered}")), ("paused", false));
        assert_eq!(of("status: pending\npending_on: approval"), ("soon", true));
        assert_eq!(of("status: closed"), ("", false));
    }
}
