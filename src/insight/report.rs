//! The report: how much came in, how fast it was answered and solved, and what people thought of it.
//!
//! Every ticket becomes a [`Line`] of a few dozen bytes, which does not grow old; [`figures`] adds lines up in one pass.
//! Times are working time, as the targets are (`ticket::sla`). A ticket counts in the month it was filed for volume and
//! first answer, and in the month it was solved for everything about the solution.

mod chart;
mod csv;
mod figures;
mod line;
mod lines;
mod page;
mod range;
mod table;
mod tally;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::config::Config;
use tally::Tally;

pub use chart::{Chart, Series, bars, lines as line_chart};
pub use csv::{BOM, csv};
pub use figures::{Figures, Satisfaction, Share, Spread};
pub use line::Line;
pub use lines::Lines;
pub use page::{ChartView, Page, Tile, page};
pub use range::{NotADate, Range};
pub use table::{Table, tables, text};

/// What a report is broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Month,
    Type,
    Team,
    Agent,
}

impl Group {
    pub const ALL: [Self; 4] = [Self::Month, Self::Type, Self::Team, Self::Agent];

    pub fn key(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Type => "type",
            Self::Team => "team",
            Self::Agent => "agent",
        }
    }
}

/// The figures of one type, team, agent or month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// `2026-11`, or the key in the tickets; empty where a ticket has none.
    pub key: String,
    /// As people read it.
    pub name: String,
    #[serde(flatten)]
    pub figures: Figures,
}

/// How far people come without a ticket, from the search log of the same days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SelfService {
    pub searches: u64,
    /// Searches with a result good enough to be shown first.
    pub answered: u64,
    /// Results opened.
    pub opened: u64,
    /// Tickets filed after a search.
    pub became_tickets: u64,
    /// What nothing was found for, the most frequent first.
    pub found_nothing: Vec<Question>,
}

/// A question and how often it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    pub query: String,
    pub times: u64,
}

/// The figures of a span of days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    #[serde(flatten)]
    pub range: Range,
    pub total: Figures,
    /// In the order of time.
    pub months: Vec<Row>,
    /// The others with the most filed first.
    pub types: Vec<Row>,
    pub teams: Vec<Row>,
    pub agents: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_service: Option<SelfService>,
}

impl Report {
    pub fn rows(&self, group: Group) -> &[Row] {
        match group {
            Group::Month => &self.months,
            Group::Type => &self.types,
            Group::Team => &self.teams,
            Group::Agent => &self.agents,
        }
    }
}

/// The names behind the keys; a key without one stands for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub types: BTreeMap<String, String>,
    pub teams: BTreeMap<String, String>,
    /// By login.
    pub agents: BTreeMap<String, String>,
}

impl Names {
    /// Types and teams as `site.toml` names them; the caller adds the agents.
    pub fn of(config: &Config, lang: &str) -> Self {
        let types = config.types.iter().map(|kind| (kind.key.clone(), kind.name.get(lang).to_owned()));
        let teams = config.teams.iter().map(|team| (team.key.clone(), team.name.get(lang).to_owned()));
        Self { types: types.collect(), teams: teams.collect(), agents: BTreeMap::new() }
    }

    fn name(&self, group: Group, key: &str) -> String {
        let names = match group {
            Group::Month => None,
            Group::Type => self.types.get(key),
            Group::Team => self.teams.get(key),
            Group::Agent => self.agents.get(key),
        };
        names.map_or(key, String::as_str).to_owned()
    }
}

/// Adds up the lines, one pass over them.
pub fn figures(
    lines: impl IntoIterator<Item = impl std::borrow::Borrow<Line>>,
    range: Range,
    now: Timestamp,
    names: &Names,
    self_service: Option<SelfService>,
) -> Report {
    let mut total = Tally::default();
    let mut months: Vec<_> = range.month_ends().into_iter().map(|(key, end)| (key, end, Tally::default())).collect();
    let mut groups: BTreeMap<Group, BTreeMap<Box<str>, Tally>> = BTreeMap::new();
    for line in lines {
        let line = line.borrow();
        let (filed, solved, open) = (range.holds(line.filed_on), line.solved_in(range), line.is_open_at(range.to));
        let filed_month = range.month_index(line.filed_on).filter(|_| filed);
        let solved_month = line.solved_on.and_then(|day| range.month_index(day)).filter(|_| solved);
        for (month, (_, end, tally)) in months.iter_mut().enumerate() {
            tally.add(line, now, filed_month == Some(month), solved_month == Some(month), line.is_open_at(*end));
        }
        if !(filed || solved || open) {
            continue;
        }
        total.add(line, now, filed, solved, open);
        for (group, key) in [(Group::Type, &line.kind), (Group::Team, &line.team), (Group::Agent, &line.agent)] {
            let rows = groups.entry(group).or_default();
            match rows.get_mut(key) {
                Some(tally) => tally.add(line, now, filed, solved, open),
                None => rows.entry(key.clone()).or_default().add(line, now, filed, solved, open),
            }
        }
    }
    let mut rows = |group: Group| {
        let tallies = groups.remove(&group).unwrap_or_default();
        let row = |(key, tally): (Box<str>, Tally)| Row {
            name: names.name(group, &key),
            figures: tally.figures(),
            key: key.into(),
        };
        let mut rows: Vec<Row> = tallies.into_iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.figures.filed, row.figures.solved)));
        rows
    };
    let month = |(key, _, tally): (String, _, Tally)| Row { name: key.clone(), key, figures: tally.figures() };
    Report {
        range,
        months: months.into_iter().map(month).collect(),
        types: rows(Group::Type),
        teams: rows(Group::Team),
        agents: rows(Group::Agent),
        total: total.figures(),
        self_service,
    }
}

#[cfg(test)]
mod tests;
