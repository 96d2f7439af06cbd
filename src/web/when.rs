//! Times as the requester reads them, in the site's time zone.

use jiff::{ToSpan, Zoned};

/// `今天 14:30`, `明天 09:00`, `11 月 30 日 09:00`; `today 14:30`, `tomorrow 09:00`, `30 November, 09:00`.
pub(super) fn due(at: &Zoned, now: &Zoned, lang: &str) -> String {
    let clock = at.strftime("%H:%M");
    let days = now.date().until(at.date()).map_or(i32::MAX, |span| span.get_days());
    match (lang, days) {
        ("zh", 0) => format!("今天 {clock}"),
        ("zh", 1) => format!("明天 {clock}"),
        ("zh", _) => format!("{} 月 {} 日 {clock}", at.month(), at.day()),
        (_, 0) => format!("today {clock}"),
        (_, 1) => format!("tomorrow {clock}"),
        _ => format!("{}, {clock}", at.strftime("%-d %B")),
    }
}

/// `11-23 09:12`, with the year when it is another one.
pub(super) fn short(at: &Zoned, now: &Zoned) -> String {
    let recent = at.year() == now.year() || *at > now.saturating_sub(180.days());
    at.strftime(if recent { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_days_have_names() {
        let now: Zoned = "2026-12-31T14:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let at = |hours: i64| now.saturating_add(hours.hours());
        assert_eq!(due(&at(1), &now, "zh"), "今天 15:00");
        assert_eq!(due(&at(11), &now, "zh"), "明天 01:00");
        assert_eq!(due(&at(72), &now, "zh"), "1 月 3 日 14:00");
        assert_eq!(due(&at(72), &now, "en"), "3 January, 14:00");
        assert_eq!(due(&at(-72), &now, "en"), "28 December, 14:00");
        assert_eq!(short(&at(0), &now), "12-31 14:00");
        assert_eq!(short(&at(-24 * 400), &now), "2025-11-26 14:00");
    }
}
