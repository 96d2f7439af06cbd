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

    /// The first team of somebody who is not in `team` and can only take tickets of their own; `None` for everybody
    /// who needs no other team.
    pub(super) fn team_of(&self, login: &str, team: &str) -> Option<&str> {
        let person = self.0.get(login).filter(|person| person.role != Role::Admin)?;
        match person.teams.iter().any(|own| own == team) {
            true => None,
            false => person.teams.first().map(String::as_str),
        }
    }

    /// Agents, leads and administrators for a choice: login, name with the role of a lead and the teams.
    pub(super) fn staff(&self, config: &Config, lang: &str) -> Vec<(String, String)> {
        let staff = self
            .0
            .iter()
            .filter(|(_, person)| person.active && matches!(person.role, Role::Agent | Role::Lead | Role::Admin));
        let label = |person: &Person| {
            let teams: Vec<_> = person.teams.iter().map(|team| team_name(config, team, lang)).collect();
            let lead = match (person.role, lang) {
                (Role::Lead, "zh") => "（组长）",
                (Role::Lead, _) => " (lead)",
                _ => "",
            };
            match teams.is_empty() {
                true => format!("{}{lead}", person.name),
                false => format!("{}{lead} · {}", person.name, teams.join(if lang == "zh" { "、" } else { ", " })),
            }
        };
        staff.map(|(login, person)| (login.clone(), label(person))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_are_marked_and_bring_their_team() {
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'").unwrap();
        let person = |name: &str, role, team: &str| {
            let teams = if team.is_empty() { Vec::new() } else { vec![team.to_owned()] };
            Person { name: name.to_owned(), role, teams, email: String::new(), active: true }
        };
        let people = People::new([
            ("li".to_owned(), person("李雷", Role::Lead, "desktop")),
            ("chen".to_owned(), person("陈晨", Role::Agent, "network")),
            ("root".to_owned(), person("管理员", Role::Admin, "")),
        ]);
        let staff = people.staff(&config, "zh");
        assert_eq!(staff[1].1, "李雷（组长） · 桌面支持组");
        assert_eq!(people.staff(&config, "en")[0].1, "陈晨 · Network team");
        assert_eq!((people.team_of("chen", "desktop"), people.team_of("chen", "network")), (Some("network"), None));
        assert_eq!((people.team_of("root", "desktop"), people.team_of("nobody", "desktop")), (None, None));
    }
}
