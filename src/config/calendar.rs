//! Working time: `[calendar]` of `site.toml`, and the days off of each year in `content/calendar/<year>.toml`.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::{Date, Time, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::raw::line_column;
use super::resolve::Checker;
use super::spanned::Spanned;
use crate::diagnostic::Diagnostic;

/// The yearly files, relative to the root.
pub const FOLDER: &str = "content/calendar";

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    /// Opening hours of a working day, such as 09:00-12:00.
    #[schemars(example = ["09:00-12:00", "13:00-18:00"])]
    hours: Option<Vec<Spanned<String>>>,
    /// Working days of the week.
    #[schemars(extend("items" = {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}))]
    days: Option<Vec<Spanned<String>>>,
}

/// A yearly file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    #[serde(default)]
    holidays: Vec<Spanned<String>>,
    #[serde(default)]
    workdays: Vec<Spanned<String>>,
}

/// When the service desk works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Calendar {
    /// The opening hours of a working day, in order and apart from each other.
    pub hours: Vec<(Time, Time)>,
    /// Working days of the week, Monday first.
    pub weekdays: [bool; 7],
    /// Days off, weekends among them or not.
    pub holidays: BTreeSet<Date>,
    /// Make-up workdays (调休): worked although the week says otherwise.
    pub workdays: BTreeSet<Date>,
    /// The years that have a file.
    pub years: BTreeSet<i16>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            hours: vec![(Time::constant(9, 0, 0, 0), Time::constant(18, 0, 0, 0))],
            weekdays: [true, true, true, true, true, false, false],
            holidays: BTreeSet::new(),
            workdays: BTreeSet::new(),
            years: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// Whether people work on `date`. A make-up workday wins over a day off.
    pub fn is_workday(&self, date: Date) -> bool {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.workdays.contains(&date) || self.weekdays[weekday] && !self.holidays.contains(&date)
    }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

pub(super) fn resolve(checker: &mut Checker<'_>, raw: Raw, root: &Path) -> Calendar {
    let mut calendar = Calendar::default();
    if let Some(hours) = raw.hours {
        calendar.hours = opening_hours(checker, &hours);
    }
    if let Some(days) = raw.days {
        calendar.weekdays = [false; 7];
        for day in days {
            match WEEKDAYS.iter().position(|(name, _)| name == day.get_ref()) {
                Some(index) => calendar.weekdays[index] = true,
                None => {
                    let message = format!("`{}` is not a day of the week", day.get_ref());
                    checker.wrong(day.span(), message, "use mon, tue, wed, thu, fri, sat and sun");
                }
            }
        }
        if !calendar.weekdays.contains(&true) {
            calendar.weekdays = Calendar::default().weekdays;
        }
    }
    years(checker, &mut calendar, &root.join(FOLDER));
    calendar
}

fn opening_hours(checker: &mut Checker<'_>, hours: &[Spanned<String>]) -> Vec<(Time, Time)> {
    let mut read = Vec::new();
    for range in hours {
        let times = range.get_ref().split_once(['-', '–']).and_then(|(from, to)| Some((clock(from)?, clock(to)?)));
        let after = read.last().map_or(Time::MIN, |(_, to)| *to);
        match times {
            Some((from, to)) if from < to && from >= after => read.push((from, to)),
            _ => checker.wrong(
                range.span(),
                format!("`{}` is not a time of day from and to, after the one before", range.get_ref()),
                "write hours = [\"09:00-12:00\", \"13:00-18:00\"]",
            ),
        }
    }
    if read.is_empty() { Calendar::default().hours } else { read }
}

/// `9:00`, `09:00`, and `24:00` for the last moment of the day.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    match (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?) {
        (24, 0) => Some(Time::MAX),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

fn years(checker: &mut Checker<'_>, calendar: &mut Calendar, folder: &Path) {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
    files.sort();
    for path in files {
        let name = format!("{FOLDER}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let mut wrong = |text: &str, at: usize, message: String, hint: &str| {
            checker.diagnostics.push(Diagnostic::error("HM001", &name, message).at(line_column(text, at)).hint(hint));
        };
        let year = path.file_stem().and_then(|stem| stem.to_str()?.parse::<i16>().ok());
        let Some(year) = year else {
            wrong("", 0, "the file of a year is named after it".to_owned(), "rename it to `2026.toml`");
            continue;
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                wrong("", 0, format!("it cannot be read: {error}"), "save it as UTF-8 text");
                continue;
            }
        };
        match toml::from_str::<Year>(&text) {
            Ok(days) => {
                calendar.years.insert(year);
                for (into, list) in [(&mut calendar.holidays, &days.holidays), (&mut calendar.workdays, &days.workdays)]
                {
                    for item in list {
                        match dates(item.get_ref()) {
                            Some(dates) if dates.iter().all(|date| date.year() != year) => wrong(
                                &text,
                                item.span().start,
                                format!("`{}` is no day of {year}", item.get_ref()),
                                "write it into the file of its own year",
                            ),
                            Some(dates) => into.extend(dates),
                            None => wrong(
                                &text,
                                item.span().start,
                                format!("`{}` is not a date or a range of dates", item.get_ref()),
                                "write \"2026-10-01\" or \"2026-10-01/2026-10-07\"",
                            ),
                        }
                    }
                }
            }
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                wrong(
                    &text,
                    at,
                    error.message().to_owned(),
                    "it has two lists: holidays = [\"…\"] and workdays = [\"…\"]",
                );
            }
        }
    }
}

/// One date, or all from one to another; at most a year.
fn dates(text: &str) -> Option<Vec<Date>> {
    let (from, to) = text.split_once('/').unwrap_or((text, text));
    let (from, to) = (from.trim().parse::<Date>().ok()?, to.trim().parse::<Date>().ok()?);
    let all: Vec<_> = from.series(1.day()).take_while(|date| *date <= to).take(366).collect();
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_year_2026_is_as_announced() {
        let config = Config::parse(Path::new(env!("CARGO_MANIFEST_DIR")), "title = \"x\"").unwrap();
        let calendar = &config.calendar;
        assert!(calendar.years.contains(&2026));
        for (day, works) in [
            (date(2026, 1, 2), false),
            (date(2026, 1, 4), true),
            (date(2026, 2, 14), true),
            (date(2026, 2, 23), false),
            (date(2026, 2, 24), true),
            (date(2026, 9, 20), true),
            (date(2026, 10, 7), false),
            (date(2026, 10, 10), true),
            (date(2026, 11, 21), false),
            (date(2026, 11, 23), true),
        ] {
            assert_eq!(calendar.is_workday(day), works, "{day}");
        }
        // PyPI chinesecalendar 1.11 counts the same 248 working days.
        let days = date(2026, 1, 1).series(1.day()).take(365);
        assert_eq!(days.filter(|day| calendar.is_workday(*day)).count(), 248);
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(FOLDER);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("2027.toml"), "holidays = [\n  \"2027-13-01\",\n]\n").unwrap();
        let toml = "title = \"x\"\n[calendar]\nhours = [\"09:00-12:00\", \"11:00-18:00\"]\ndays = [\"monday\"]\n";
        let errors = Config::parse(dir.path(), toml).unwrap_err();
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 3, "{told:?}");
        assert!(told[0].starts_with("site.toml:3:"), "{told:?}");
        assert!(told[1].starts_with("site.toml:4:"), "{told:?}");
        assert!(told[2].starts_with("content/calendar/2027.toml:2:3"), "{told:?}");
    }
}
