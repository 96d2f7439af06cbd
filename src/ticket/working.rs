//! Working time: counting it, and finding the moment when a span of it has passed.
//!
//! All sums are in seconds of working time. A working day is as long as the opening hours of the site say, so a target
//! of `3d` ends at the same time of day three working days later.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::Moment;
use crate::config::Calendar;

/// Seconds of a day on the clock, which is what `1d` is read as in a configuration.
const DAY: u64 = 86_400;
/// Beyond this many days without a single opening hour the search for one ends.
const PATIENCE: u32 = 3_700;

/// A site's working time in its time zone.
#[derive(Debug, Clone, Copy)]
pub struct WorkingTime<'a> {
    pub calendar: &'a Calendar,
    pub zone: &'a TimeZone,
    /// Day and night count: the calendar is left out of it.
    pub round_the_clock: bool,
}

impl WorkingTime<'_> {
    /// Working seconds of a target: whole days of the configuration are working days.
    pub fn seconds(&self, target: Duration) -> u64 {
        match self.round_the_clock {
            true => target.as_secs(),
            false => target.as_secs() / DAY * self.day_length() + target.as_secs() % DAY,
        }
    }

    /// Seconds of an ordinary working day.
    fn day_length(&self) -> u64 {
        self.calendar.hours.iter().map(|(from, to)| span(*from, *to)).sum::<u64>().max(1)
    }

    /// The moment when `seconds` of working time have passed since `start`, with the offset of the site.
    pub fn after(&self, start: &Moment, seconds: u64) -> Moment {
        let start = start.in_zone(self.zone);
        if self.round_the_clock {
            return Moment::from(&start).after(Duration::from_secs(seconds));
        }
        let mut left = seconds;
        let mut date = start.date();
        let mut from = start.time();
        for _ in 0..PATIENCE {
            for (open, close) in self.hours_of(date) {
                let begin = open.max(from);
                if begin >= close {
                    continue;
                }
                let here = span(begin, close);
                if left <= here {
                    return self.at(date, begin, left, &start);
                }
                left -= here;
            }
            let Ok(tomorrow) = date.tomorrow() else { break };
            (date, from) = (tomorrow, Time::MIN);
        }
        Moment::from(&start).after(Duration::from_secs(seconds))
    }

    /// Working seconds from `start` to `end`; 0 when `end` is not later.
    pub fn between(&self, start: Timestamp, end: Timestamp) -> u64 {
        if end <= start {
            return 0;
        }
        if self.round_the_clock {
            return u64::try_from(end.as_second() - start.as_second()).unwrap_or(0);
        }
        let (start, end) = (start.to_zoned(self.zone.clone()), end.to_zoned(self.zone.clone()));
        let mut date = start.date();
        let mut sum = 0;
        for _ in 0..PATIENCE {
            for (open, close) in self.hours_of(date) {
                let begin = if date == start.date() { open.max(start.time()) } else { open };
                let stop = if date == end.date() { close.min(end.time()) } else { close };
                sum += if begin < stop { span(begin, stop) } else { 0 };
            }
            match date.tomorrow() {
                Ok(tomorrow) if tomorrow <= end.date() => date = tomorrow,
                _ => break,
            }
        }
        sum
    }

    fn hours_of(&self, date: Date) -> impl Iterator<Item = (Time, Time)> {
        let works = self.calendar.is_workday(date);
        self.calendar.hours.iter().copied().filter(move |_| works)
    }

    /// `seconds` after a time of day; where the wall clock jumps, the first moment that exists.
    fn at(&self, date: Date, time: Time, seconds: u64, fallback: &Zoned) -> Moment {
        let begin = date.to_datetime(time).to_zoned(self.zone.clone()).unwrap_or_else(|_| fallback.clone());
        Moment::from(&begin).after(Duration::from_secs(seconds))
    }
}

/// Whole seconds from one time of day to a later one; the last moment of the day counts as midnight.
fn span(from: Time, to: Time) -> u64 {
    let second = |time: Time| {
        let rounded_up = u64::from(time == Time::MAX);
        [(time.hour(), 3_600), (time.minute(), 60), (time.second(), 1)]
            .iter()
            .map(|(count, unit)| u64::try_from(*count).unwrap_or(0) * unit)
            .sum::<u64>()
            + rounded_up
    };
    second(to).saturating_sub(second(from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calendar() -> Calendar {
        let config =
            crate::config::Config::parse(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), "title = \"x\"").unwrap();
        let noon = (Time::constant(12, 0, 0, 0), Time::constant(13, 0, 0, 0));
        let (open, close) = config.calendar.hours[0];
        Calendar { hours: vec![(open, noon.0), (noon.1, close)], ..(*config.calendar).clone() }
    }

    fn with<T>(round_the_clock: bool, test: impl FnOnce(WorkingTime<'_>) -> T) -> T {
        let (calendar, zone) = (calendar(), TimeZone::get("Asia/Shanghai").unwrap());
        test(WorkingTime { calendar: &calendar, zone: &zone, round_the_clock })
    }

    fn moment(text: &str) -> Moment {
        format!("{text}:00+08:00").parse().unwrap()
    }

    #[test]
    fn nights_weekends_holidays_and_lunch_do_not_count() {
        let cases = [
            // An ordinary day, across lunch.
            ("2026-11-23T11:30", "1h", "2026-11-23T13:30"),
            // Filed at night.
            ("2026-11-23T23:55", "10m", "2026-11-24T09:10"),
            // Friday afternoon to Monday.
            ("2026-11-20T17:30", "1h", "2026-11-23T09:30"),
            // Three working days keep the time of day.
            ("2026-11-20T16:00", "3d", "2026-11-25T16:00"),
            // Saturday 14 February is a make-up workday before the Spring Festival, which ends on the 23rd.
            ("2026-02-13T17:00", "4h", "2026-02-14T12:00"),
            ("2026-02-14T17:00", "2h", "2026-02-24T10:00"),
            // National Day: back on the 8th, and Saturday the 10th is worked.
            ("2026-09-30T17:00", "3d", "2026-10-10T17:00"),
        ];
        with(false, |time| {
            for (start, target, end) in cases {
                let target = match target {
                    "3d" => Duration::from_secs(3 * DAY),
                    "10m" => Duration::from_secs(600),
                    hours => Duration::from_secs(hours[..1].parse::<u64>().unwrap() * 3_600),
                };
                assert_eq!(time.after(&moment(start), time.seconds(target)), moment(end), "{start}");
                let counted = time.between(moment(start).timestamp(), moment(end).timestamp());
                assert_eq!(counted, time.seconds(target), "{start}");
            }
        });
        with(true, |time| {
            assert_eq!(time.after(&moment("2026-11-21T23:55"), 600), moment("2026-11-22T00:05"));
        });
    }

    proptest! {
        #[test]
        fn what_was_added_is_what_passed(start in 1_767_200_000i64..1_798_000_000, seconds in 1u64..600_000) {
            with(false, |time| {
                let start = Moment::from(&Timestamp::from_second(start).unwrap().to_zoned(time.zone.clone()));
                let end = time.after(&start, seconds);
                assert_eq!(time.between(start.timestamp(), end.timestamp()), seconds);
            });
        }

        #[test]
        fn spans_add_up(start in 1_767_200_000i64..1_798_000_000, a in 0i64..2_000_000, b in 0i64..2_000_000) {
            with(false, |time| {
                let at = |second| Timestamp::from_second(second).unwrap();
                let whole = time.between(at(start), at(start + a + b));
                let parts = time.between(at(start), at(start + a)) + time.between(at(start + a), at(start + a + b));
                assert_eq!(whole, parts);
            });
        }
    }
}
