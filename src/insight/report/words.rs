//! The report's words, in Chinese and in English.

use super::Group;

/// One of the two, by the language's code.
pub(super) fn say(lang: &str, zh: &'static str, en: &'static str) -> &'static str {
    if lang == "zh" { zh } else { en }
}

/// A number of things: `1 rating`, `2 ratings`.
pub(super) fn counted(count: u64, lang: &str, zh: &'static str, en: [&'static str; 2]) -> String {
    format!("{count} {}", say(lang, zh, if count == 1 { en[0] } else { en[1] }))
}

pub(super) fn group(group: Group, lang: &str) -> &'static str {
    match group {
        Group::Month => say(lang, "月份", "Month"),
        Group::Type => say(lang, "类型", "Type"),
        Group::Team => say(lang, "处理组", "Team"),
        Group::Agent => say(lang, "处理人", "Owner"),
    }
}

/// What a ticket without a key is listed as.
pub(super) fn nobody(group: Group, lang: &str) -> &'static str {
    match group {
        Group::Agent => say(lang, "未分派", "Nobody yet"),
        Group::Month | Group::Type | Group::Team => say(lang, "未填写", "Not given"),
    }
}

/// How to read the figures.
pub(super) fn note(lang: &str) -> &'static str {
    say(
        lang,
        "时间按工作时间计算，解决用时不含等待提报人、审批和供应商的时间。提报与首次响应按提报日期统计，其余按解决日期统计。",
        "Times are working time; the time to solve leaves out waiting for the requester, an approval or a supplier. Filed \
         and first answer count by the day of filing, the rest by the day of solving.",
    )
}

/// Working seconds for people: `45 min`, `3 h 05 min`; hours go on beyond a day, because a working day is no 24 hours.
pub(super) fn span(seconds: Option<u32>, lang: &str) -> String {
    let Some(seconds) = seconds else { return "–".to_owned() };
    let minutes = seconds.div_ceil(60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (hours, lang) {
        (0, "zh") => format!("{minutes} 分钟"),
        (0, _) => format!("{minutes} min"),
        (_, "zh") => format!("{hours} 小时 {minutes:02} 分"),
        (_, _) => format!("{hours} h {minutes:02} min"),
    }
}

pub(super) fn mark(mark: Option<f64>) -> String {
    mark.map_or_else(|| "–".to_owned(), |mark| format!("{mark:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_hours_and_minutes() {
        assert_eq!(span(Some(59), "en"), "1 min");
        assert_eq!(span(Some(3_900), "zh"), "1 小时 05 分");
        assert_eq!(span(Some(30 * 3_600), "en"), "30 h 00 min");
        assert_eq!(span(None, "en"), "–");
    }
}
