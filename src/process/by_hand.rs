//! What a person did in a ticket's file: a status they set, and steps they wrote below the history.

use jiff::Zoned;

use super::Office;
use crate::config::Config;
use crate::ticket::apply::{self, Applied, Refusal, Rules};
use crate::ticket::{Actor, Intent, Occasion, PendingOn, Role, Sections, Status, Step, Ticket};

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
    /// An entry of the history without a time: its action, and why.
    Step(String, String),
}

/// Whoever edits the file is trusted with it; who that was, only git knows.
pub(super) fn editor() -> Actor {
    Actor { account: "editor".to_owned(), role: Role::Admin, ..Actor::system() }
}

impl Office {
    /// The steps that a person meant who edited the file of `ticket`; it was `before` when the status they set is
    /// another. All of the steps that a status stands for are taken or none; the written ones as far as they go.
    pub(super) fn meant(&self, config: &Config, ticket: &Ticket, before: Option<Status>, now: &Zoned) -> Meant {
        let mut meant = Meant { ticket: ticket.clone(), taken: Vec::new(), refused: None };
        self.with_rules(config, config.default_language(), |rules| {
            if let Some(before) = before {
                match follow(ticket, before, now, rules) {
                    Ok(taken) => meant.add(taken),
                    Err(why) => meant.refused = Some(Unmeant::Status(why)),
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
    let mut taken: Vec<Taken> = Vec::new();
    let mut at = before;
    while at != ticket.status {
        let (next, step) = step(ticket, at).ok_or_else(|| no_way(before, ticket.status))?;
        if let Step::Resolve { .. } = step {
            (base.body, base.resolved_at) = (Sections::of(ticket).description, None);
        }
        let one = take(&base, &step, editor(), now, rules).map_err(|why| why.to_string())?;
        (at, base) = (next, one.ticket.clone());
        taken.push(one);
    }
    Ok(taken)
}

fn no_way(before: Status, after: Status) -> String {
    format!(
        "no step leads from {before} to {after}; write it as an entry of `history` without a time, or set the status back"
    )
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
            _ => return None,
        })
    };
    ticket.history.iter().rev().find_map(|entry| status(&entry.action))
}
