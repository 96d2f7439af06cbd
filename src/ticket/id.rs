//! Ticket numbers: `TS` + the day + a serial, as in `TS202611230001`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A ticket's number. Ordered by day, then by serial as a number: the five digits of `…10000` come after `…9999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TicketId {
    day: Date,
    serial: u32,
}

impl TicketId {
    /// The first number of a day.
    pub fn first_of(day: Date) -> Self {
        Self { day, serial: 1 }
    }

    /// The number after this one on the same day. The serial widens beyond four digits.
    pub fn next(self) -> Self {
        Self { serial: self.serial.saturating_add(1), ..self }
    }

    /// The number to give out `today` when `last` was the highest ever given. The day never goes back, whatever the
    /// clock says, and so the number never does.
    pub fn after(last: Option<Self>, today: Date) -> Self {
        match last {
            Some(last) if last.day >= today => last.next(),
            _ => Self::first_of(today),
        }
    }

    pub fn day(self) -> Date {
        self.day
    }

    /// The directory of a day's tickets, relative to `content/tickets/`: `2026/11/23`.
    pub fn day_dir(day: Date) -> PathBuf {
        PathBuf::from(format!("{:04}/{:02}/{:02}", day.year(), day.month(), day.day()))
    }

    /// The ticket's file, relative to `content/tickets/`.
    pub fn file(self) -> PathBuf {
        Self::day_dir(self.day).join(format!("{self}.md"))
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TS{:04}{:02}{:02}{:04}", self.day.year(), self.day.month(), self.day.day(), self.serial)
    }
}

impl From<TicketId> for String {
    fn from(id: TicketId) -> Self {
        id.to_string()
    }
}

/// A text that is no ticket number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a ticket number; one looks like TS202611230001")]
pub struct NotAnId(pub String);

impl FromStr for TicketId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let parse = || {
            let digits = text.strip_prefix("TS")?;
            if !(12..=17).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let (day, serial) = digits.split_at(8);
            let day = Date::new(day[..4].parse().ok()?, day[4..6].parse().ok()?, day[6..].parse().ok()?).ok()?;
            let id = Self { day, serial: serial.parse().ok()? };
            // One number, one spelling: `TS2026112300001` is not another name of `TS202611230001`.
            (id.serial > 0 && id.to_string() == text).then_some(id)
        };
        parse().ok_or_else(|| NotAnId(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for TicketId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn id(text: &str) -> TicketId {
        text.parse().unwrap()
    }

    #[test]
    fn one_number_has_one_spelling() {
        assert_eq!(id("TS202611230001").to_string(), "TS202611230001");
        assert_eq!(id("TS202611230001").file(), PathBuf::from("2026/11/23/TS202611230001.md"));
        for bad in ["", "TS20261123001", "TS202611230000", "TS2026112300001", "TS202613230001", "ts202611230001"] {
            assert!(bad.parse::<TicketId>().is_err(), "{bad}");
        }
        assert!("TS２０２６１１２３０００１".parse::<TicketId>().is_err());
        assert!("TS20261123../../".parse::<TicketId>().is_err());
    }

    #[test]
    fn the_serial_widens_and_sorts_as_a_number() {
        let last = id("TS202611239999");
        let next = TicketId::after(Some(last), date(2026, 11, 23));
        assert_eq!(next.to_string(), "TS2026112310000");
        assert!(last < next && id(&next.to_string()) == next);
    }

    #[test]
    fn the_day_follows_the_clock_forward_only() {
        let last = Some(id("TS202611230007"));
        assert_eq!(TicketId::after(last, date(2026, 11, 25)), id("TS202611250001"));
        assert_eq!(TicketId::after(last, date(2026, 11, 21)), id("TS202611230008"));
        assert_eq!(TicketId::after(None, date(2026, 11, 21)), id("TS202611210001"));
    }
}
