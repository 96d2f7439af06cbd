//! What a person did in a ticket's file: a status they set, and steps they wrote below the history.

use jiff::Zoned;

use super::Office;
use crate::config::Config;
use crate::ticket::apply::{self, Applied, Refusal, Rules};
use crate::ticket::{Actor, Intent, Occasion, PendingOn, Rating, Role, Sections, Status, Step, Summary, Ticket};

/// What the rules of the process make of an edited file.
#[derive(Debug)]
pub(super) struct Meant {
    /// The ticket after the steps that were taken.
    pub(super) ticket: Ticket,
    pub(super) taken: Vec<Taken>,
    /// Why the rest was not.
    pub(super) refused: Option<Unmeant>,
}

/// A step that is taken, and the ticket after it.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) action: &'static str,
    pub(super) actor: Actor,
    pub(super) occasions: Vec<Occasion>,
    pub(super) ticket: Ticket,
}

/// Something in the file that no step leads to.
#[derive(Debug)]
pub(super) enum Unmeant {
    /// The status that the file says.
    Status(String),
    /// A value that the file gives to this key, and why.
    Key(&'static str, String),
    /// An entry of the history without a time: its action, and why.
    Step(String, String),
}

/// Whoever edits the file is trusted with it; who that was, only git knows.
pub(super) fn editor() -> Actor {
    Actor { account: "editor".to_owned(), role: Role::Admin, ..Actor::system() }
}

impl Office {
    /// The steps that a person meant who edited the file of `ticket`; it was `before` when the status they set is another,
    /// and `old` is what is remembered of it. All of the steps that a status stands for are taken or none; the others as
    /// far as they go.
    pub(super) fn meant(
        &self,
        config: &Config,
        ticket: &Ticket,
        before: Option<Status>,
        old: Option<&Summary>,
        now: &Zoned,
    ) -> Meant {
        let mut meant = Meant { ticket: ticket.clone(), taken: Vec::new(), refused: None };
        self.with_rules(config, config.default_language(), |rules| {
            if let Some(before) = before {
                match follow(ticket, before, now, rules) {
                    Ok(taken) => meant.add(taken),
                    Err(why) => meant.refused = Some(Unmeant::Status(why)),
                }
            }
            for find in [placed, triaged, rated] {
                let Some(Found { base, step, actor, key }) = find(&meant.ticket, old) else { continue };
                match take(&base, &step, actor, now, rules) {
                    Ok(taken) if meant.refused.is_none() => meant.add(vec![taken]),
                    Ok(_) => {}
                    Err(why) => _ = meant.refused.get_or_insert(Unmeant::Key(key, why.message)),
                }
            }
            while meant.refused.is_none() && !meant.ticket.intents.is_empty() {
                let mut base = meant.ticket.clone();
                let intent = base.intents.remove(0);
                match self.intended(&base, &intent, now, rules) {
                    Ok(taken) => meant.add(vec![taken]),
                    Err(why) => meant.refused = Some(Unmeant::Step(intent.action().to_owned(), why)),
                }
            }
        });
        meant
    }

    fn intended(&self, base: &Ticket, intent: &Intent, now: &Zoned, rules: &Rules<'_>) -> Result<Taken, String> {
        let actor = match intent.by() {
            "" | "editor" => editor(),
            "requester" => Actor::link(),
            login => {
                let account = self.accounts.get(login).filter(|account| !account.disabled);
                account.map(|account| account.actor()).ok_or_else(|| format!("there is no account `{login}`"))?
            }
        };
        let step = intent.step(&rules.config.time_zone, rules.lang).map_err(|errors| {
            let lines: Vec<_> = errors.into_iter().map(|error| error.message).collect();
            lines.join("; ")
        })?;
        take(base, &step, actor, now, rules).map_err(|why| why.to_string())
    }
}

impl Meant {
    fn add(&mut self, taken: Vec<Taken>) {
        if let Some(last) = taken.last() {
            self.ticket = last.ticket.clone();
        }
        self.taken.extend(taken);
    }
}

fn take(base: &Ticket, step: &Step, actor: Actor, now: &Zoned, rules: &Rules<'_>) -> Result<Taken, Refusal> {
    let Applied { ticket, occasions } = apply::apply(base, step, &actor, now, rules)?;
    Ok(Taken { action: step.key(), actor, occasions, ticket })
}

/// Takes the steps that lead from `before` to the status of the file.
fn follow(ticket: &Ticket, before: Status, now: &Zoned, rules: &Rules<'_>) -> Result<Vec<Taken>, String> {
    let mut base = Ticket { status: before, closed_at: None, ..ticket.clone() };
    if before != Status::Pending {
        (base.pending_on, base.pended_at, base.waiting) = (None, None, None);
    } else if base.pending_on.is_none() {
        base.pending_on = Some(PendingOn::Requester);
    }
    if before == Status::New
        && ticket.assignee.is_empty()
        && !matches!(ticket.status, Status::Cancelled | Status::Merged)
    {
        return Err("nobody has it; write who does: `assignee: LOGIN`".to_owned());
    }
    let mut taken: Vec<Taken> = Vec::new();
    let mut at = before;
    while at != ticket.status {
        let (next, step) = step(ticket, at).ok_or_else(|| no_way(before, ticket.status))?;
        if let Step::Resolve { .. } = step {
            (base.body, base.resolved_at) = (Sections::of(ticket).description, None);
        }
        let one = take(&base, &step, editor(), now, rules).map_err(|why| why.to_string())?;
        // Accepting may go on to the approvers by itself.
        at = if one.ticket.status == ticket.status { ticket.status } else { next };
        base = one.ticket.clone();
        taken.push(one);
    }
    Ok(taken)
}

fn no_way(before: Status, after: Status) -> String {
    format!(
        "no step leads from {before} to {after}; write it as an entry of `history` without a time, or set the status back"
    )
}

/// A step that a changed key stands for, and the ticket before it.
struct Found {
    base: Ticket,
    step: Step,
    actor: Actor,
    key: &'static str,
}

/// Another team or owner than the last step says.
fn placed(ticket: &Ticket, old: Option<&Summary>) -> Option<Found> {
    let last = ticket.history.iter().rev().find(|entry| matches!(entry.action.as_str(), "accept" | "assign"));
    let said = last.and_then(|entry| entry.to.split_once('/'));
    let (team, assignee) = said.or_else(|| old.map(|old| (old.team.as_str(), old.assignee.as_str())))?;
    let moved = ticket.team != team;
    if !moved && (ticket.assignee == assignee || ticket.assignee.is_empty()) {
        return None;
    }
    let base = Ticket { team: team.to_owned(), assignee: assignee.to_owned(), ..ticket.clone() };
    let step = Step::Assign {
        team: if moved { ticket.team.clone() } else { String::new() },
        assignee: ticket.assignee.clone(),
        note: String::new(),
    };
    Some(Found { base, step, actor: editor(), key: if moved { "team" } else { "assignee" } })
}

/// Another type, urgency, impact or title than is remembered.
fn triaged(ticket: &Ticket, old: Option<&Summary>) -> Option<Found> {
    let old = old?;
    let other = |before: &String, now: &String| (before != now).then(|| now.clone());
    let (kind, urgency) = (other(&old.kind, &ticket.kind), other(&old.urgency, &ticket.urgency));
    let (impact, title) = (other(&old.impact, &ticket.impact), other(&old.title, &ticket.title));
    let changed = [("type", &kind), ("urgency", &urgency), ("impact", &impact), ("title", &title)];
    let (key, _) = changed.into_iter().find(|(_, value)| value.is_some())?;
    let base = Ticket {
        kind: old.kind.clone(),
        urgency: old.urgency.clone(),
        impact: old.impact.clone(),
        title: old.title.clone(),
        ..ticket.clone()
    };
    Some(Found { base, step: Step::Triage { kind, urgency, impact, title }, actor: editor(), key })
}

/// A rating that no step gave.
fn rated(ticket: &Ticket, _: Option<&Summary>) -> Option<Found> {
    let rating: &Rating = ticket.rating.as_ref()?;
    if ticket.history.is_empty() || ticket.history.iter().any(|entry| entry.action == "rate") {
        return None;
    }
    let step = Step::Rate { rating: rating.clone() };
    Some(Found { base: Ticket { rating: None, ..ticket.clone() }, step, actor: Actor::link(), key: "rating" })
}

/// The next step on the way from `at` to the status of the file, and where it leads.
fn step(ticket: &Ticket, at: Status) -> Option<(Status, Step)> {
    let none = String::new;
    let said = || "—".to_owned();
    let step = match (at, ticket.status) {
        (_, Status::Cancelled) => (Status::Cancelled, Step::Cancel { reason: said() }),
        (_, Status::Merged) => (Status::Merged, Step::Merge { into: ticket.merged_into? }),
        (Status::New, _) => {
            (Status::Accepted, Step::Accept { assignee: ticket.assignee.clone(), team: none(), note: none() })
        }
        (Status::Accepted, Status::InProgress) => (Status::InProgress, Step::Start { note: none() }),
        (Status::Accepted | Status::InProgress, Status::Pending) => (Status::Pending, pend(ticket)),
        (Status::Pending, Status::InProgress | Status::Resolved | Status::Closed) => {
            (Status::InProgress, Step::Resume { note: none() })
        }
        (Status::Accepted | Status::InProgress, Status::Resolved | Status::Closed) => {
            let Sections { environment, cause, resolution, .. } = Sections::of(ticket);
            (Status::Resolved, Step::Resolve { cause, resolution, environment })
        }
        (Status::Resolved, Status::InProgress | Status::Pending) => {
            (Status::InProgress, Step::Reopen { reason: said() })
        }
        (Status::Resolved, Status::Closed) => (Status::Closed, Step::Close { reason: said() }),
        _ => return None,
    };
    Some(step)
}

fn pend(ticket: &Ticket) -> Step {
    match ticket.pending_on {
        Some(PendingOn::Requester) | None => Step::Ask { text: asked(ticket) },
        Some(on) => {
            let waiting = ticket.waiting.clone().unwrap_or_default();
            Step::Pend { on, with: waiting.with, until: waiting.until, note: String::new() }
        }
    }
}

fn asked(ticket: &Ticket) -> String {
    match ticket.lang.as_str() {
        "en" => "Please add what is missing",
        _ => "请补充处理所需的信息",
    }
    .to_owned()
}

/// The status that the history leads to; `None` where it holds no step of the process.
pub(super) fn reached(ticket: &Ticket) -> Option<Status> {
    let status = |action: &str| {
        Some(match action {
            "file" => Status::New,
            "accept" => Status::Accepted,
            "start" | "resume" | "reopen" => Status::InProgress,
            "ask" | "pend" => Status::Pending,
            "resolve" => Status::Resolved,
            "confirm" | "close" | "auto_close" => Status::Closed,
            "cancel" => Status::Cancelled,
            "merge" => Status::Merged,
            // It leaves a ticket in one of two states, and the file says which.
            "erase" => ticket.status,
            _ => return None,
        })
    };
    ticket.history.iter().rev().find_map(|entry| status(&entry.action))
}
