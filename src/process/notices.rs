//! From what happened to whom it is told.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Office;
use super::strangers::is_at;
use crate::auth::Account;
use crate::config::Config;
use crate::outbound::{Audience, Event, Person, TicketFacts, also_when_urgent, audiences, email_in, is_poor};
use crate::ticket::{Actor, Occasion, Role, Sections, Ticket};

impl Office {
    /// The events of one step. `actor` is told nothing of what they did themselves.
    pub(super) async fn events(
        &self,
        config: &Config,
        ticket: &Ticket,
        occasions: &[Occasion],
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Vec<Event> {
        let secret = self.store.tracking_secret(ticket.clone(), now).await.ok().flatten();
        let index = ticket.history.len().saturating_sub(1);
        let at = ticket.history.last().map_or(now, |entry| entry.at.timestamp());
        let event = |occasion: &Occasion| {
            let text = words(ticket, *occasion, &config.time_zone);
            Event {
                id: Event::new_id(ticket.id, index, *occasion, at, &text),
                occasion: *occasion,
                at,
                ticket: facts(config, ticket, self, secret.as_deref()),
                people: self.people(config, ticket, *occasion, actor, now),
                text,
            }
        };
        occasions.iter().map(event).collect()
    }

    fn people(
        &self,
        config: &Config,
        ticket: &Ticket,
        occasion: Occasion,
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Vec<Person> {
        if occasion == Occasion::Rated && !ticket.rating.as_ref().is_some_and(is_poor) {
            return Vec::new();
        }
        let most_pressing = config.urgencies.first().is_some_and(|urgency| urgency.key == ticket.urgency);
        let urgent = if most_pressing { also_when_urgent(occasion) } else { &[] };
        let mut people: Vec<Person> = Vec::new();
        for audience in audiences(occasion).iter().chain(urgent) {
            for mut person in self.of_audience(config, ticket, *audience, actor) {
                if person.unverified && !self.may_write(config, ticket, &person.email, occasion, now) {
                    person.email.clear();
                }
                // A lead who is the assignee as well is told once.
                let told = people.iter().any(|other| !person.email.is_empty() && other.email == person.email);
                if !told {
                    people.push(person);
                }
            }
        }
        people
    }

    fn of_audience(&self, config: &Config, ticket: &Ticket, audience: Audience, actor: Option<&Actor>) -> Vec<Person> {
        if audience == Audience::Requester {
            // The link's holder knows what they did; a filing has no actor, and its requester gets the link.
            let own = actor.is_some_and(|actor| actor.is_requester_of(ticket));
            return if own { Vec::new() } else { vec![self.requester(config, ticket)] };
        }
        let accounts = self.accounts.list().into_iter().filter(|account| !account.disabled);
        let staff = |account: &Account| matches!(account.role, Role::Agent | Role::Lead | Role::Admin);
        let in_team = |account: &Account| account.teams.contains(&ticket.team);
        let concerned = |account: &Account| match audience {
            Audience::Requester => false,
            Audience::Assignee => account.login == ticket.assignee,
            Audience::Team => staff(account) && in_team(account),
            Audience::Lead => account.role == Role::Lead && in_team(account),
            Audience::Approver => crate::ticket::apply::may_be_approver(ticket, &account.actor(), config),
        };
        let mut found: Vec<_> = accounts.filter(concerned).collect();
        if found.is_empty() && audience == Audience::Lead {
            // A team without a lead has the administrators for one.
            found = self.accounts.list();
            found.retain(|account| account.role == Role::Admin && !account.disabled);
        }
        found.retain(|account| actor.is_none_or(|actor| actor.account != account.login));
        let person = |account: Account| Person {
            audience,
            lang: if account.lang.is_empty() { config.default_language().to_owned() } else { account.lang.clone() },
            name: account.actor().name,
            email: account.email,
            unverified: false,
        };
        found.into_iter().map(person).collect()
    }

    /// Whether an address that a stranger left may be written to. What confirms a report comes without anybody at the
    /// desk having looked at it, so that one may not be had too often.
    fn may_write(&self, config: &Config, ticket: &Ticket, email: &str, occasion: Occasion, now: Timestamp) -> bool {
        let domains = config.notices.mail.as_ref().map_or(&[][..], |mail| &mail.contact_domains);
        if email.is_empty() || !is_at(email, domains) {
            return false;
        }
        let may = occasion != Occasion::Filed || self.strangers.may_be_told(email, now);
        if !may {
            tracing::warn!(id = %ticket.id, "an address without an account has had too many confirmations: no mail");
        }
        may
    }

    fn requester(&self, config: &Config, ticket: &Ticket) -> Person {
        let requester = &ticket.requester;
        let account = (!requester.account.is_empty()).then(|| self.accounts.get(&requester.account)).flatten();
        let email = email_in(&requester.contact).or_else(|| account.map(|account| account.email));
        let lang = config.language(&ticket.lang).map_or(config.default_language(), |lang| lang.code.as_str());
        Person {
            audience: Audience::Requester,
            name: requester.name.clone(),
            email: email.unwrap_or_default(),
            lang: lang.to_owned(),
            unverified: requester.account.is_empty(),
        }
    }
}

/// The public words of the last step.
fn words(ticket: &Ticket, occasion: Occasion, zone: &TimeZone) -> String {
    match occasion {
        Occasion::Resolved => Sections::of(ticket).resolution,
        Occasion::Rated => ticket.rating.as_ref().map(|rating| rating.comment.clone()).unwrap_or_default(),
        Occasion::Merged => ticket.merged_into.map(|id| id.to_string()).unwrap_or_default(),
        Occasion::Pended => {
            let said = ticket.history.last().map(|entry| entry.note.clone()).unwrap_or_default();
            let whom = ticket.waiting.as_ref().map(|waiting| {
                let until = waiting.until.as_ref().map(|at| at.in_zone(zone).strftime("%Y-%m-%d %H:%M").to_string());
                [Some(waiting.with.clone()), until].into_iter().flatten().collect::<Vec<_>>().join(" · ")
            });
            [whom.unwrap_or_default(), said].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Occasion::Escalated => ticket.history.last().map(|entry| entry.to.clone()).unwrap_or_default(),
        _ => {
            // A reply or a decision that brought the ticket back by itself is followed by that.
            let said = ticket.history.iter().rev().take(2).find(|entry| entry.public && entry.action != "resume");
            said.map(|entry| entry.note.clone()).unwrap_or_default()
        }
    }
}

fn facts(config: &Config, ticket: &Ticket, office: &Office, secret: Option<&str>) -> TicketFacts {
    let assignee = office.accounts.get(&ticket.assignee).map(|account| account.actor().name);
    // A site that does not know its address cannot be linked to from outside.
    let base = (!config.base_url.is_empty()).then_some(&config.base_url);
    let prefix = match ticket.lang.as_str() {
        lang if lang != config.default_language() && config.language(lang).is_some() => format!("/{lang}"),
        _ => String::new(),
    };
    let track_url = base.zip(secret).map(|(base, secret)| format!("{base}{prefix}/track/{secret}"));
    TicketFacts {
        id: ticket.id,
        title: ticket.title.clone(),
        kind: ticket.kind.clone(),
        urgency: ticket.urgency.clone(),
        status: ticket.status.key().to_owned(),
        team: ticket.team.clone(),
        assignee: assignee.unwrap_or_else(|| ticket.assignee.clone()),
        requester: ticket.requester.name.clone(),
        lang: ticket.lang.clone(),
        due_at: ticket.due_at.clone(),
        track_url: track_url.unwrap_or_default(),
        desk_url: base.map(|base| format!("{base}/desk/tickets/{}", ticket.id)).unwrap_or_default(),
    }
}
