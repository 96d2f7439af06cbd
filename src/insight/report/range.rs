//! The days of a report.

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use serde::Serialize;

/// Whole days, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    pub from: Date,
    pub to: Date,
}

/// A text that names no day, or days in the wrong order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADate {
    #[error("`{0}` is not a day; one looks like 2026-11-23")]
    Form(String),
    #[error("the report would end on {to}, before it begins on {from}")]
    Order { from: Date, to: Date },
    #[error("a report spans ten years at most")]
    Length,
}

impl Range {
    /// This month and the five before it.
    pub fn usual(now: &Zoned) -> Self {
        let to = now.date();
        let first = to.first_of_month();
        Self { from: first.checked_sub(5.months()).unwrap_or(first), to }
    }

    /// Reads `2026-11-01` and `2026-11-30`; what is not given is as in [`Range::usual`].
    ///
    /// # Errors
    /// When a text is no day, or the end lies before the beginning.
    pub fn parse(from: Option<&str>, to: Option<&str>, now: &Zoned) -> Result<Self, NotADate> {
        let day = |text: &str| {
            text.trim().parse::<Date>().map_err(|_| NotADate::Form(text.trim().chars().take(40).collect()))
        };
        let usual = Self::usual(now);
        let to = to.filter(|text| !text.trim().is_empty()).map(day).transpose()?.unwrap_or(usual.to);
        let from = match from.filter(|text| !text.trim().is_empty()).map(day).transpose()? {
            Some(from) => from,
            None if to < usual.from => to.first_of_month(),
            None => usual.from,
        };
        if from > to {
            return Err(NotADate::Order { from, to });
        }
        if i32::from(to.year()) - i32::from(from.year()) > 10 {
            return Err(NotADate::Length);
        }
        Ok(Self { from, to })
    }

    pub(super) fn holds(self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// `2026-11`.
    fn month_of(day: Date) -> String {
        format!("{:04}-{:02}", day.year(), day.month())
    }

    /// The place of a day's month among [`Range::month_ends`]; past the end for days after the range.
    pub(super) fn month_index(self, day: Date) -> Option<usize> {
        let number = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
        usize::try_from(number(day) - number(self.from)).ok()
    }

    /// Every month with its last day in the range.
    pub(super) fn month_ends(self) -> Vec<(String, Date)> {
        let mut ends = Vec::new();
        let mut first = self.from.first_of_month();
        while first <= self.to {
            ends.push((Self::month_of(first), first.last_of_month().min(self.to)));
            let Ok(next) = first.checked_add(1.month()) else { break };
            first = next;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn now() -> Zoned {
        "2026-11-23T10:00:00+08:00[Asia/Shanghai]".parse().unwrap()
    }

    #[test]
    fn half_a_year_is_usual() {
        let range = Range::parse(None, Some(" "), &now()).unwrap();
        assert_eq!(range, Range { from: date(2026, 6, 1), to: date(2026, 11, 23) });
        let ends = range.month_ends();
        assert_eq!((ends.len(), ends[0].0.as_str(), ends[0].1), (6, "2026-06", date(2026, 6, 30)));
        assert_eq!((ends[5].0.as_str(), ends[5].1), ("2026-11", date(2026, 11, 23)));
        assert_eq!((range.month_index(date(2026, 7, 31)), range.month_index(date(2026, 5, 31))), (Some(1), None));
        assert!(range.holds(range.from) && range.holds(range.to) && !range.holds(date(2026, 11, 24)));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let parse = |from, to| Range::parse(Some(from), Some(to), &now()).map_err(|error| error.to_string());
        assert!(parse("yesterday", "").unwrap_err().contains("2026-11-23"));
        assert!(parse("2026-11-02", "2026-11-01").unwrap_err().contains("before it begins"));
        assert!(parse("0001-01-01", "2026-11-01").is_err());
        assert_eq!(Range::parse(None, Some("2025-03-09"), &now()).unwrap().from, date(2025, 3, 1));
    }
}
