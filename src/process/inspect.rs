//! What is wrong with the tickets' files, as people left them: for `helpmark check`.

use jiff::{SignedDuration, Zoned};

use super::Office;
use super::by_hand::{self, Unmeant};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, nearest};
use crate::ticket::{Loaded, PendingOn, Sections, Status, Ticket};

/// Clocks differ by minutes.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

impl Office {
    /// The mistakes in one ticket, and the steps that somebody wrote into its file and nobody took; `path` is relative to
    /// the root.
    pub fn inspect(&self, config: &Config, loaded: &Loaded, path: &str, now: &Zoned) -> Vec<Diagnostic> {
        let (ticket, text) = (&loaded.ticket, &loaded.text);
        let mut found = inspect(config, ticket, text, path);
        found.extend(ahead(ticket, text, path, now));
        let before = by_hand::reached(ticket).filter(|before| *before != ticket.status);
        let meant = self.meant(config, ticket, before, None, now);
        let hint =
            "write what is missing and save it again; `helpmark ticket --help` names the steps and what they need";
        match meant.refused {
            Some(Unmeant::Status(why)) => {
                let message = format!("it was set to {} by hand, and that is no step: {why}", ticket.status);
                found.push(Diagnostic::error("HM060", path, message).at(place(text, "status")).hint(hint));
            }
            Some(Unmeant::Key(key, why)) => {
                let message = format!("`{key}` was changed by hand, and that is no step: {why}");
                found.push(Diagnostic::error("HM060", path, message).at(place(text, key)).hint(hint));
            }
            Some(Unmeant::Step(action, why)) => {
                let message = format!("the step `{action}` in the history was not taken: {why}");
                found.push(Diagnostic::error("HM060", path, message).at(untimed(text, &action)).hint(hint));
            }
            None if !meant.taken.is_empty() => {
                let steps: Vec<_> = meant.taken.iter().map(|one| one.action).collect();
                let message = format!("steps written by hand wait to be taken: {}", steps.join(", "));
                let hint = "a running `helpmark serve` takes them";
                found.push(Diagnostic::note("HM060", path, message).at(place(text, "status")).hint(hint));
            }
            None => {}
        }
        found
    }
}

/// The last entry of the history with this action: those without a time stand below the others.
fn untimed(text: &str, action: &str) -> (u32, u32) {
    let own = |line: &str| {
        let rest = line.trim_start_matches([' ', '-', '{']).strip_prefix("action:");
        rest.is_some_and(|rest| rest.trim_start().trim_start_matches(['"', '\'']).starts_with(action))
    };
    let found = text.lines().enumerate().filter(|(_, line)| own(line)).last();
    found.map_or_else(|| place(text, "history"), |(at, _)| (u32::try_from(at + 1).unwrap_or(u32::MAX), 1))
}

/// The mistakes that show in the fields.
fn inspect(config: &Config, ticket: &Ticket, text: &str, path: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut say = |key: &str, message: String, hint: String| {
        found.push(Diagnostic::error("HM060", path, message).at(place(text, key)).hint(hint));
    };
    let mut known = |key: &str, value: &str, all: Vec<&str>| {
        if !value.is_empty() && !all.contains(&value) {
            let hint = match nearest(value, all.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("site.toml knows: {}", all.join(", ")),
            };
            say(key, format!("there is no {key} `{value}`"), hint);
        }
    };
    known("type", &ticket.kind, config.types.iter().map(|kind| kind.key.as_str()).collect());
    known("urgency", &ticket.urgency, config.urgencies.iter().map(|urgency| urgency.key.as_str()).collect());
    known("impact", &ticket.impact, config.impacts.iter().map(|impact| impact.key.as_str()).collect());
    known("team", &ticket.team, config.teams.iter().map(|team| team.key.as_str()).collect());

    let pending = ticket.status == Status::Pending;
    if pending && ticket.pending_on.is_none() {
        let hint = "add `pending_on: requester`, `approval` or `supplier`";
        say("status", "it is pending and does not say on whom".to_owned(), hint.to_owned());
    }
    if !pending && ticket.pending_on.is_some() {
        say("pending_on", format!("it is {} and pending at once", ticket.status), "remove `pending_on`".to_owned());
    }
    let waits = ticket.waiting.as_ref().is_some_and(|waiting| !waiting.with.is_empty());
    if pending && ticket.pending_on == Some(PendingOn::Supplier) && !waits {
        let hint = "add `waiting:` with `with:` and `until:`";
        say("pending_on", "it waits for a supplier and does not say for whom".to_owned(), hint.to_owned());
    }
    if ticket.status != Status::New && ticket.status.is_open() && ticket.assignee.is_empty() && ticket.team.is_empty() {
        say("status", "somebody accepted it, and nobody has it".to_owned(), "add `assignee:` or `team:`".to_owned());
    }
    let erased = ticket.history.iter().any(|entry| entry.action == "erase");
    if matches!(ticket.status, Status::Resolved | Status::Closed) && !erased {
        let sections = Sections::of(ticket);
        if sections.cause.is_empty() || sections.resolution.is_empty() {
            let hint = "write `## 原因` and `## 解决方案` (or `## Cause` and `## Resolution`) below the description";
            say("status", format!("it is {} without a cause and a resolution", ticket.status), hint.to_owned());
        }
    }
    if let Some(into) = ticket.merged_into.filter(|_| ticket.status != Status::Merged) {
        let hint = "set `status: merged`, or remove `merged_into`".to_owned();
        say("merged_into", format!("it is merged into {into} and {} at once", ticket.status), hint);
    }
    found.extend(out_of_order(ticket, text, path));
    let strange = ticket.history.iter().find(|entry| !is_action(&entry.action));
    if let Some(entry) = strange {
        let message = format!("the history holds a step `{}` that the process does not know", entry.action);
        let near = nearest(&entry.action, ACTIONS.iter().copied());
        let hint =
            near.map_or_else(|| format!("it knows: {}", ACTIONS.join(", ")), |it| format!("did you mean `{it}`?"));
        found.push(Diagnostic::warning("HM060", path, message).at(place(text, "history")).hint(hint));
    }
    found
}

/// What the program itself writes into a history, besides the steps that people take.
const ACTIONS: [&str; 6] = ["file", "remind", "escalate", "auto_close", "take_in", "erase"];

fn is_action(action: &str) -> bool {
    ACTIONS.contains(&action) || crate::ticket::apply::STEPS.contains(&action)
}

/// A step that nobody can have taken yet.
fn ahead(ticket: &Ticket, text: &str, path: &str, now: &Zoned) -> Option<Diagnostic> {
    let entry = ticket.history.iter().find(|entry| entry.at.timestamp() > now.timestamp() + AHEAD)?;
    let message = format!("the step `{}` is dated {}, which has not come yet", entry.action, entry.at);
    let hint = "mend the time; an entry without `at` is a step to take, and gets the right one";
    Some(Diagnostic::warning("HM060", path, message).at(place(text, "history")).hint(hint))
}

/// A step that stands below a later one: a line that was moved, or a clock that went back.
fn out_of_order(ticket: &Ticket, text: &str, path: &str) -> Option<Diagnostic> {
    let pairs = ticket.history.windows(2);
    let [_, late] = pairs.into_iter().find(|pair| pair[1].at.timestamp() < pair[0].at.timestamp())? else {
        return None;
    };
    let message = format!("the step `{}` at {} comes after a later one", late.action, late.at);
    let hint = "put the line where it belongs, or mend its time, unless the clock itself went back";
    Some(Diagnostic::warning("HM060", path, message).at(place(text, "history")).hint(hint))
}

/// Where a top-level key stands; the first line when it is missing.
fn place(text: &str, key: &str) -> (u32, u32) {
    let own = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let line = text.lines().position(own).map_or(1, |at| at + 1);
    (u32::try_from(line).unwrap_or(u32::MAX), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_left_half_done_is_told_where_it_is() {
        let config = Config::parse(std::path::Path::new("/x"), "title = 'x'").unwrap();
        let text = "---\nid: TS202611230001\ntitle: x\ntype: softwear\nstatus: resolved\npending_on: supplier\nhistory:\n  \
            - at: 2026-11-23T10:00:00+08:00\n    action: file\n  - at: 2026-11-23T09:00:00+08:00\n    action: note\n---\n\nbody\n";
        let ticket: Ticket = serde_yaml::from_str(text.split("---\n").nth(1).unwrap()).unwrap();
        let found = inspect(&config, &ticket, text, "content/tickets/x.md");
        let told: Vec<_> = found.iter().map(ToString::to_string).collect();
        for (line, word) in
            [(4, "did you mean `software`"), (6, "pending at once"), (5, "without a cause"), (7, "later one")]
        {
            let here = format!("content/tickets/x.md:{line}:1");
            assert!(told.iter().any(|it| it.starts_with(&here) && it.contains(word)), "{line} {word}: {told:#?}");
        }
        assert_eq!(found.len(), 4, "{told:#?}");
    }
}
