//! The staff by name: tickets hold logins, people read names.

use std::collections::BTreeMap;

use super::words::team_name;
use crate::config::Config;
use crate::ticket::Role;

/// An account as colleagues see it.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) teams: Vec<String>,
    /// May be empty.
    pub(super) email: String,
    /// Whether they can sign in, and so take tickets.
    pub(super) active: bool,
}

/// Everybody with an account, by login.
#[derive(Debug, Clone, Default)]
pub(super) struct People(BTreeMap<String, Person>);

impl People {
    pub(super) fn new(people: impl IntoIterator<Item = (String, Person)>) -> Self {
        Self(people.into_iter().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Person)> {
        self.0.iter()
    }

    /// The name of an account; the login where there is none (any more).
    pub(super) fn name(&self, login: &str) -> String {
        self.0.get(login).map_or(login, |person| &person.name).to_owned()
    }

    /// Agents, leads and administrators for a choice: login, name with the teams.
    pub(super) fn staff(&self, config: &Config, lang: &str) -> Vec<(String, String)> {
        let staff = self
            .0
            .iter()
            .filter(|(_, person)| person.active && matches!(person.role, Role::Agent | Role::Lead | Role::Admin));
        let label = |person: &Person| {
            let teams: Vec<_> = person.teams.iter().map(|team| team_name(config, team, lang)).collect();
            match teams.is_empty() {
                true => person.name.clone(),
                false => format!("{} · {}", person.name, teams.join(if lang == "zh" { "、" } else { ", " })),
            }
        };
        staff.map(|(login, person)| (login.clone(), label(person))).collect()
    }
}
