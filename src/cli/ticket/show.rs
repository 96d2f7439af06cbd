//! `helpmark ticket show`: one ticket for people and for programs.

use clap::Args;

use super::number;
use crate::cli::{Failure, print};
use crate::config::Config;
use crate::ticket::{ApprovalState, Loaded, Store, Ticket, TicketId};

#[derive(Args)]
pub(super) struct Show {
    /// The ticket's number, such as TS202611230001
    #[arg(value_name = "ID", value_parser = number)]
    id: TicketId,
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, store: &Store, command: &Show) -> Result<(), Failure> {
    let Some(loaded) = store.get(command.id).await? else {
        return Err(Failure::Wrong(format!("there is no ticket {}; `helpmark ticket list` shows all", command.id)));
    };
    if command.json {
        return print(&serde_json::to_string_pretty(&view(&loaded))?);
    }
    print(&human(config, &loaded.ticket))
}

/// The whole ticket, with the `etag` that a step may be made to depend on.
pub(super) fn view(loaded: &Loaded) -> serde_json::Value {
    let mut view = loaded.ticket.full_view();
    view["etag"] = format!("\"{}\"", loaded.hash.to_hex()).into();
    view
}

fn human(config: &Config, ticket: &Ticket) -> String {
    let time = |moment: &Option<crate::ticket::Moment>| {
        moment
            .as_ref()
            .map_or_else(String::new, |moment| moment.in_zone(&config.time_zone).strftime("%Y-%m-%d %H:%M").to_string())
    };
    let requester = [&ticket.requester.name, &ticket.requester.department, &ticket.requester.contact];
    let requester: Vec<_> = requester.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
    let waiting = ticket.waiting.as_ref().map_or_else(String::new, |waiting| {
        let until = time(&waiting.until);
        if until.is_empty() { waiting.with.clone() } else { format!("{} until {until}", waiting.with) }
    });
    let state = match ticket.pending_on {
        Some(on) => format!("{} on {}", ticket.status.key(), on.key()),
        None => ticket.status.key().to_owned(),
    };
    let due = if ticket.status.is_open() { time(&ticket.due_at) } else { String::new() };
    let lines = [
        ("status", state),
        ("waits for", waiting),
        ("type", ticket.kind.clone()),
        ("urgency", ticket.urgency.clone()),
        ("impact", ticket.impact.clone()),
        ("requester", requester.join(", ")),
        ("team", ticket.team.clone()),
        ("assignee", ticket.assignee.clone()),
        ("happened", time(&ticket.occurred_at)),
        ("trigger", ticket.trigger.clone()),
        ("tried", ticket.steps_tried.clone()),
        ("created", time(&ticket.created_at)),
        ("accepted", time(&ticket.accepted_at)),
        ("answered", time(&ticket.first_response_at)),
        ("due", due),
        ("resolved", time(&ticket.resolved_at)),
        ("closed", time(&ticket.closed_at)),
        ("approval", approval(config, ticket)),
        ("rating", rating(ticket)),
        ("record", ticket.record.clone()),
        ("merged into", ticket.merged_into.map_or_else(String::new, |id| id.to_string())),
    ];
    let own = ticket.fields.iter().map(|(key, value)| (key.as_str(), value.clone()));
    let files = ticket.attachments.iter().map(|file| {
        ("attachment", format!("{} (content/attachments/{}/{}, {} bytes)", file.name, ticket.id, file.file, file.size))
    });
    let lines = lines.into_iter().chain(own).chain(files).filter(|(_, value)| !value.is_empty());
    let indent = format!("\n{}", " ".repeat(14));
    let lines: String =
        lines.map(|(label, value)| format!("{label:>12}: {}\n", value.trim_end().replace('\n', &indent))).collect();
    let line = |entry: &crate::ticket::HistoryEntry| {
        let words = [&entry.to, &entry.note].map(|text| text.replace('\n', "\n    "));
        let words: Vec<_> = words.iter().filter(|text| !text.is_empty()).map(String::as_str).collect();
        let at = entry.at.in_zone(&config.time_zone).strftime("%m-%d %H:%M").to_string();
        let private = if entry.public { "" } else { " (private)" };
        format!("  {at}  {:<12} {}{private}  {}\n", entry.by, entry.action, words.join(": "))
    };
    let history: String = ticket.history.iter().map(line).collect();
    format!("{} {}\n{lines}\n{}\n\n{history}", ticket.id, ticket.title, ticket.body.trim_end())
}

/// Who decided what, when and why.
fn approval(config: &Config, ticket: &Ticket) -> String {
    let Some(approval) = &ticket.approval else { return String::new() };
    let state = match approval.state {
        ApprovalState::Requested => "requested",
        ApprovalState::Approved => "approved",
        ApprovalState::Rejected => "rejected",
    };
    let decisions = approval.decisions.iter().map(|it| {
        let at = it.at.in_zone(&config.time_zone).strftime("%Y-%m-%d %H:%M");
        let word = if it.approved { "approved" } else { "rejected" };
        format!("\n{} {word} by {} {at}: {}", it.name, it.by, it.reason)
    });
    format!("{state}{}", decisions.collect::<String>())
}

fn rating(ticket: &Ticket) -> String {
    let Some(rating) = &ticket.rating else { return String::new() };
    let marks =
        [("speed", rating.speed), ("attitude", rating.attitude), ("skill", rating.skill), ("result", rating.result)];
    let marks = marks.into_iter().filter_map(|(name, mark)| Some(format!("{name} {}", mark?)));
    let solved = if rating.solved { "solved" } else { "not solved" };
    let words = [solved.to_owned()].into_iter().chain(marks).chain([rating.comment.clone()]);
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
}
