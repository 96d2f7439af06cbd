//! Dates as people read them.

use jiff::civil::Date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2026 年 11 月 2 日` in Chinese, `2 November 2026` in any other language; empty for no date.
pub fn long(date: Option<Date>, lang: &str) -> String {
    let Some(date) = date else { return String::new() };
    if lang.starts_with("zh") {
        return format!("{} 年 {} 月 {} 日", date.year(), date.month(), date.day());
    }
    let month = usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default();
    format!("{} {month} {}", date.day(), date.year())
}

/// `2026-11-02`; empty for no date.
pub fn iso(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}
