//! Times as a ticket's file shows them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// A point in time, to the second, with an offset: RFC 3339, `2026-11-23T14:30:00+08:00`. The offset is the site's,
/// or the one a person wrote. Compared as an instant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Moment(Zoned);

impl Moment {
    pub fn timestamp(&self) -> Timestamp {
        self.0.timestamp()
    }

    /// A point in time with the offset that `zone` has then.
    pub fn at(timestamp: Timestamp, zone: &TimeZone) -> Self {
        Self::from(&timestamp.to_zoned(zone.clone()))
    }

    /// The same instant on a wall clock.
    pub fn in_zone(&self, zone: &TimeZone) -> Zoned {
        self.0.with_time_zone(zone.clone())
    }

    /// `span` later, with the offset this moment has; the end of time where there is no such moment.
    pub fn after(&self, span: std::time::Duration) -> Self {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        let later = self.timestamp().checked_add(span).unwrap_or(Timestamp::MAX);
        Self(later.to_zoned(self.0.time_zone().clone()))
    }

    /// Reads what people and browsers write: RFC 3339, or a date with or without a time, which is then in `zone`.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Option<Self> {
        let pieces = Pieces::parse(text.trim()).ok()?;
        let civil = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
        let zone = match pieces.to_numeric_offset() {
            Some(offset) => TimeZone::fixed(offset),
            None => zone.clone(),
        };
        civil.to_zoned(zone).ok().map(|zoned| Self::from(&zoned))
    }
}

impl From<&Zoned> for Moment {
    fn from(zoned: &Zoned) -> Self {
        let second = Timestamp::from_second(zoned.timestamp().as_second()).unwrap_or(zoned.timestamp());
        Self(second.to_zoned(TimeZone::fixed(zoned.offset())))
    }
}

/// 1 January 1970, for records that are filled in field by field.
impl Default for Moment {
    fn default() -> Self {
        Self(Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%:z").fmt(f)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

/// A text that is no point in time.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a time with an offset; one looks like 2026-11-23T14:30:00+08:00")]
pub struct NotAMoment(String);

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let parse = || {
            let pieces = Pieces::parse(text.trim()).ok()?;
            let offset = pieces.to_numeric_offset()?;
            let zoned = pieces.date().to_datetime(pieces.time()?).to_zoned(TimeZone::fixed(offset)).ok()?;
            Some(Self::from(&zoned))
        };
        parse().ok_or_else(|| NotAMoment(text.chars().take(60).collect()))
    }
}

impl TryFrom<String> for Moment {
    type Error = NotAMoment;

    fn try_from(text: String) -> Result<Self, NotAMoment> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_rfc_3339_with_its_offset() {
        let text = "2026-11-23T14:30:05+08:00";
        let moment: Moment = text.parse().unwrap();
        assert_eq!(moment.to_string(), text);
        assert_eq!(moment, "2026-11-23T06:30:05Z".parse().unwrap());
        assert_eq!("2026-11-23 06:30:05.9Z".parse::<Moment>().unwrap().to_string(), "2026-11-23T06:30:05+00:00");
        assert!("2026-11-23T14:30:05".parse::<Moment>().is_err());
    }

    #[test]
    fn a_wall_clock_time_is_in_the_sites_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        for text in ["2026-11-23T09:05", "2026-11-23 09:05:00", "2026-11-23T01:05:00Z"] {
            let at = Moment::parse_in(text, &zone).unwrap();
            assert_eq!(at.in_zone(&zone).strftime("%H:%M").to_string(), "09:05", "{text}");
        }
        assert_eq!(Moment::parse_in("2026-11-23", &zone).unwrap().to_string(), "2026-11-23T00:00:00+08:00");
        assert!(Moment::parse_in("yesterday", &zone).is_none());
    }
}
