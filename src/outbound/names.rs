//! The names of a ticket's keys, for people.

use crate::config::Config;
use crate::outbound::TicketFacts;

/// What a notice may name, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) kind: String,
    pub(super) urgency: String,
    pub(super) team: String,
    /// `11月23日 09:40`, `23 Nov, 09:40`; empty when there is no target.
    pub(super) due: String,
    /// The help desk's own name.
    pub(super) desk: String,
}

impl Names {
    /// Keys that `site.toml` no longer has stand for themselves.
    pub(super) fn of(ticket: &TicketFacts, config: &Config, lang: &str) -> Self {
        let kind = config.request_type(&ticket.kind).map(|kind| kind.name.get(lang));
        let urgency = config.urgency(&ticket.urgency).map(|urgency| urgency.name.get(lang));
        let team = config.teams.iter().find(|team| team.key == ticket.team).map(|team| team.name.get(lang));
        let due = ticket.due_at.as_ref().map(|due| {
            let form = if lang == "zh" { "%-m月%-d日 %H:%M" } else { "%-d %b, %H:%M" };
            due.in_zone(&config.time_zone).strftime(form).to_string()
        });
        Self {
            kind: kind.unwrap_or(&ticket.kind).to_owned(),
            urgency: urgency.unwrap_or(&ticket.urgency).to_owned(),
            team: team.unwrap_or(&ticket.team).to_owned(),
            due: due.unwrap_or_default(),
            desk: config.title.get(lang).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::event::tests::sample;
    use crate::ticket::Occasion;

    #[test]
    fn keys_become_names_and_times_are_the_sites() {
        let config = Config::parse(std::path::Path::new("/"), "title = \"T\"").unwrap();
        let mut ticket = sample(Occasion::Filed).ticket;
        let zh = Names::of(&ticket, &config, "zh");
        assert_eq!((zh.kind.as_str(), zh.urgency.as_str(), zh.due.as_str()), ("硬件故障", "紧急", "11月23日 09:40"));
        ticket.team = "gone".to_owned();
        let en = Names::of(&ticket, &config, "en");
        assert_eq!((en.team.as_str(), en.due.as_str()), ("gone", "23 Nov, 09:40"));
    }
}
