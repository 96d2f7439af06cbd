//! What each step does to a ticket.

use jiff::Zoned;

use super::{Applied, Refusal, Rules, names};
use crate::ticket::sections::Sections;
use crate::ticket::sla::Targets;
use crate::ticket::{
    Action, Actor, Approval, ApprovalState, Decision, HistoryEntry, Moment, Occasion, PendingOn, Rating, Role, Status,
    Step, Ticket, Waiting,
};

/// The ticket being changed.
pub(super) struct Change<'a> {
    pub(super) ticket: Ticket,
    occasions: Vec<Occasion>,
    pub(super) actor: &'a Actor,
    now: Moment,
    pub(super) rules: &'a Rules<'a>,
}

/// Takes the step; whether the actor may, and whether the state allows it, has been checked.
pub(super) fn change(
    ticket: &Ticket,
    step: &Step,
    actor: &Actor,
    now: &Zoned,
    rules: &Rules<'_>,
) -> Result<Applied, Refusal> {
    let now = Moment::at(now.timestamp(), &rules.config.time_zone);
    let mut change = Change { ticket: ticket.clone(), occasions: Vec::new(), actor, now, rules };
    change.take(step)?;
    let targets = Targets::of(rules.config, &change.ticket.urgency);
    if change.ticket.status.is_open() {
        change.ticket.due_at = targets.due_at(&change.ticket, change.now.timestamp());
    }
    Ok(Applied { ticket: change.ticket, occasions: change.occasions })
}

impl Change<'_> {
    fn take(&mut self, step: &Step) -> Result<(), Refusal> {
        match step {
            Step::Accept { assignee, team, note } => self.accept(assignee, team, note),
            Step::Assign { team, assignee, note } => self.assign(team, assignee, note),
            Step::Start { note } => self.move_on(Action::Start, "start", note, true),
            Step::Note { text } => {
                let text = self.text("text", text)?;
                self.record("note", text, "", false);
                Ok(())
            }
            Step::KeyStep { text } => {
                let text = self.text("text", text)?;
                self.record("key_step", text, "", false);
                Ok(())
            }
            Step::Reply { text } => self.reply(text),
            Step::Contact { how, text } => self.contact(how, text),
            Step::Risk { risk, fallback } => self.risk(risk, fallback),
            Step::Ask { text } => {
                let text = self.text("text", text)?;
                self.pend(PendingOn::Requester, "ask", "", None, text)?;
                self.answered();
                self.occasions.push(Occasion::Asked);
                Ok(())
            }
            Step::Pend { on, with, until, note } => self.wait(*on, with, until.as_ref(), note),
            Step::Resume { note } => {
                let note = self.optional("note", note)?;
                self.resume(note)?;
                self.occasions.push(Occasion::Resumed);
                Ok(())
            }
            Step::Approve { reason } => self.decide(true, reason),
            Step::Reject { reason } => self.decide(false, reason),
            Step::Resolve { cause, resolution, environment } => self.resolve(cause, resolution, environment),
            Step::Confirm {} => self.close(Action::Confirm, "confirm", ""),
            Step::Reopen { reason } => self.reopen(reason),
            Step::Rate { rating } => self.rate(rating),
            Step::Close { reason } => {
                let reason = self.text("reason", reason)?;
                self.close(Action::Close, "close", &reason)
            }
            Step::AutoClose {} => self.close(Action::Close, "auto_close", ""),
            Step::Cancel { reason } => {
                let own = self.actor.is_requester_of(&self.ticket);
                let reason = if own { self.optional("reason", reason)? } else { self.text("reason", reason)? };
                self.end(Action::Cancel, "cancel", reason, "", Occasion::Cancelled)
            }
            Step::Merge { into } => {
                if *into == self.ticket.id {
                    return Err(self.invalid("into", "不能合并到自己", "a ticket cannot be merged into itself"));
                }
                self.ticket.merged_into = Some(*into);
                self.end(Action::Merge, "merge", String::new(), &into.to_string(), Occasion::Merged)
            }
            Step::Triage { kind, urgency, impact, title } => {
                self.triage(kind.as_deref(), urgency.as_deref(), impact.as_deref(), title.as_deref())
            }
            Step::Publish { record } => {
                self.ticket.record = self.line("record", record)?;
                let record = self.ticket.record.clone();
                self.record("publish", String::new(), &record, false);
                Ok(())
            }
            Step::Remind {} => {
                self.record("remind", String::new(), "", true);
                self.occasions.push(Occasion::ClosingSoon);
                Ok(())
            }
            Step::Escalate { level } => {
                self.record("escalate", String::new(), level, false);
                self.occasions.push(Occasion::Escalated);
                Ok(())
            }
        }
    }

    // ---- What steps are made of.

    pub(super) fn record(&mut self, action: &str, note: String, to: &str, public: bool) {
        let by = self.actor.signature(&self.ticket);
        let (action, to) = (action.to_owned(), to.to_owned());
        self.ticket.history.push(HistoryEntry { at: self.now.clone(), by, action, note, to, public });
    }

    fn status(&mut self, action: Action) -> Result<(), Refusal> {
        self.ticket.status = self.ticket.status.after(action).map_err(|refused| {
            Refusal::state(self.rules.lang, format!("工单现在不能执行这一步：{refused}"), refused.to_string())
        })?;
        Ok(())
    }

    fn move_on(&mut self, action: Action, key: &str, note: &str, public: bool) -> Result<(), Refusal> {
        let note = self.optional("note", note)?;
        self.status(action)?;
        self.record(key, note, "", public);
        Ok(())
    }

    /// The requester heard from a person: the clock of the first answer stops.
    fn answered(&mut self) {
        if self.ticket.first_response_at.is_none() && self.actor.role != Role::System {
            self.ticket.first_response_at = Some(self.now.clone());
        }
    }

    // ---- The steps.

    fn accept(&mut self, assignee: &str, team: &str, note: &str) -> Result<(), Refusal> {
        let note = self.optional("note", note)?;
        self.set_team(team)?;
        let own = self.actor.account.clone();
        let assignee = if assignee.trim().is_empty() { own.as_str() } else { assignee.trim() };
        self.set_assignee(assignee)?;
        self.status(Action::Accept)?;
        self.ticket.accepted_at = Some(self.now.clone());
        let answered = !note.is_empty();
        let to = self.place();
        self.record("accept", note, &to, true);
        // A first direction is an answer; the bare click is none.
        if answered {
            self.answered();
        }
        self.occasions.push(Occasion::Accepted);
        if self.ticket.assignee != self.actor.account {
            self.occasions.push(Occasion::Assigned);
        }
        // The form promises that it goes to the approvers by itself.
        if self.needs_approval() { self.ask_approval(String::new()) } else { Ok(()) }
    }

    fn needs_approval(&self) -> bool {
        self.rules.config.request_type(&self.ticket.kind).is_some_and(|kind| kind.needs_approval)
    }

    fn ask_approval(&mut self, note: String) -> Result<(), Refusal> {
        self.pend(PendingOn::Approval, "pend", "", None, note)?;
        let mut approval = self.ticket.approval.take().unwrap_or_default();
        approval.state = ApprovalState::Requested;
        approval.requested_at = Some(self.now.clone());
        self.ticket.approval = Some(approval);
        self.occasions.push(Occasion::ApprovalRequested);
        Ok(())
    }

    fn assign(&mut self, team: &str, assignee: &str, note: &str) -> Result<(), Refusal> {
        let note = self.optional("note", note)?;
        let before = (self.ticket.team.clone(), self.ticket.assignee.clone());
        self.set_team(team)?;
        if assignee.trim().is_empty() {
            // Another team's work is nobody's until that team takes it.
            if self.ticket.team != before.0 {
                self.ticket.assignee.clear();
            }
        } else {
            self.set_assignee(assignee.trim())?;
        }
        if (&self.ticket.team, &self.ticket.assignee) == (&before.0, &before.1) {
            return Err(self.invalid("assignee", "请选择另一个团队或处理人", "choose another team or another person"));
        }
        let to = self.place();
        self.record("assign", note, &to, false);
        self.occasions.push(Occasion::Assigned);
        Ok(())
    }

    /// `team/person`, as far as there are any.
    fn place(&self) -> String {
        [&self.ticket.team, &self.ticket.assignee].map(String::as_str).join("/")
    }

    fn set_team(&mut self, team: &str) -> Result<(), Refusal> {
        let team = team.trim();
        if team.is_empty() {
            return Ok(());
        }
        let teams = &self.rules.config.teams;
        if !teams.iter().any(|known| known.key == team) {
            let known: Vec<_> = teams.iter().map(|team| team.key.as_str()).collect();
            let list = known.join(", ");
            return Err(self.invalid(
                "team",
                format!("没有团队“{team}”，可选：{list}"),
                format!("there is no team `{team}`; choose one of: {list}"),
            ));
        }
        self.ticket.team = team.to_owned();
        Ok(())
    }

    fn set_assignee(&mut self, login: &str) -> Result<(), Refusal> {
        let member = (self.rules.member)(login);
        let staff = |role| matches!(role, Role::Agent | Role::Lead | Role::Admin);
        let Some(member) = member.filter(|member| staff(member.role)) else {
            return Err(self.invalid(
                "assignee",
                format!("服务台没有账号“{login}”"),
                format!("the service desk has no account `{login}`"),
            ));
        };
        let team = &self.ticket.team;
        if !team.is_empty() && member.role != Role::Admin && !member.teams.contains(team) {
            let (zh, en) = names::not_in_team(self.rules.config, &member, team);
            return Err(self.invalid("assignee", zh, en));
        }
        self.ticket.assignee = login.to_owned();
        Ok(())
    }

    fn reply(&mut self, text: &str) -> Result<(), Refusal> {
        let text = self.text("text", text)?;
        let own = self.actor.is_requester_of(&self.ticket);
        self.record("reply", text, "", true);
        if !own {
            self.answered();
            self.occasions.push(Occasion::Replied);
            return Ok(());
        }
        self.occasions.push(Occasion::RequesterReplied);
        // What was asked has been answered: it comes back by itself.
        if self.ticket.status == Status::Pending && self.ticket.pending_on == Some(PendingOn::Requester) {
            self.resume(String::new())?;
        }
        Ok(())
    }

    fn contact(&mut self, how: &str, text: &str) -> Result<(), Refusal> {
        let text = self.optional("text", text)?;
        let how = if how.trim().is_empty() { "phone" } else { how.trim() };
        if !["phone", "chat", "visit", "mail"].contains(&how) {
            return Err(self.invalid(
                "how",
                "联系方式可选：phone, chat, visit, mail",
                "choose one of: phone, chat, visit, mail",
            ));
        }
        self.record("contact", text, how, true);
        self.answered();
        self.occasions.push(Occasion::Contacted);
        Ok(())
    }

    fn risk(&mut self, risk: &str, fallback: &str) -> Result<(), Refusal> {
        let (risk, fallback) = (self.text("risk", risk)?, self.text("fallback", fallback)?);
        let note = match self.ticket.lang.as_str() {
            "en" => format!("Risk: {risk}\nWay back: {fallback}"),
            _ => format!("风险：{risk}\n退回办法：{fallback}"),
        };
        self.record("risk", note, "", true);
        self.answered();
        self.occasions.push(Occasion::Risk);
        Ok(())
    }

    fn wait(&mut self, on: PendingOn, with: &str, until: Option<&Moment>, note: &str) -> Result<(), Refusal> {
        let with = self.line("with", with)?;
        match on {
            PendingOn::Requester => {
                let note = self.text("note", note)?;
                self.pend(on, "ask", "", None, note)?;
                self.answered();
                self.occasions.push(Occasion::Asked);
            }
            PendingOn::Supplier => {
                if with.is_empty() {
                    return Err(self.invalid("with", "请写明在等谁", "say whom it waits for"));
                }
                let Some(until) = until else {
                    return Err(self.invalid("until", "请写明等到什么时候", "say until when it waits"));
                };
                if until.timestamp() <= self.now.timestamp() {
                    return Err(self.invalid("until", "这个时间已经过去了", "this time has passed already"));
                }
                let note = self.optional("note", note)?;
                self.pend(on, "pend", &with, Some(until), note)?;
                self.occasions.push(Occasion::Pended);
            }
            PendingOn::Approval => {
                if !self.needs_approval() {
                    return Err(self.invalid("on", "这类工单不需要审批", "this type of ticket needs no approval"));
                }
                let note = self.optional("note", note)?;
                self.ask_approval(note)?;
            }
        }
        Ok(())
    }

    fn pend(
        &mut self,
        on: PendingOn,
        key: &str,
        with: &str,
        until: Option<&Moment>,
        note: String,
    ) -> Result<(), Refusal> {
        self.status(Action::Pend)?;
        self.ticket.pending_on = Some(on);
        self.ticket.pended_at = Some(self.now.clone());
        self.ticket.waiting = (!with.is_empty()).then(|| Waiting { with: with.to_owned(), until: until.cloned() });
        let to = if key == "ask" { String::new() } else { format!("{} {with}", on.key()).trim().to_owned() };
        self.record(key, note, &to, true);
        Ok(())
    }

    fn resume(&mut self, note: String) -> Result<(), Refusal> {
        self.status(Action::Resume)?;
        self.ticket.pending_on = None;
        self.ticket.pended_at = None;
        self.ticket.waiting = None;
        self.record("resume", note, "", true);
        Ok(())
    }

    fn decide(&mut self, approved: bool, reason: &str) -> Result<(), Refusal> {
        let reason = self.text("reason", reason)?;
        let mut approval: Approval = self.ticket.approval.take().unwrap_or_default();
        let since = approval.requested_at.as_ref().map(Moment::timestamp);
        approval.decisions.push(Decision {
            at: self.now.clone(),
            by: self.actor.account.clone(),
            name: self.actor.name.clone(),
            approved,
            reason: reason.clone(),
        });
        let fresh = approval.decisions.iter().filter(|it| since.is_none_or(|since| it.at.timestamp() >= since));
        let agreed = fresh.filter(|decision| decision.approved).count();
        let needed = self.rules.config.request_type(&self.ticket.kind).map_or(1, |kind| kind.approvals);
        let ended = !approved || agreed >= needed;
        if ended {
            approval.state = if approved { ApprovalState::Approved } else { ApprovalState::Rejected };
        }
        self.ticket.approval = Some(approval);
        let name = self.actor.name.clone();
        self.record(if approved { "approve" } else { "reject" }, reason, &name, true);
        if ended {
            self.resume(String::new())?;
            self.occasions.push(if approved { Occasion::Approved } else { Occasion::Rejected });
        }
        Ok(())
    }

    fn resolve(&mut self, cause: &str, resolution: &str, environment: &str) -> Result<(), Refusal> {
        let (cause, resolution) = (self.text("cause", cause)?, self.text("resolution", resolution)?);
        let environment = self.optional("environment", environment)?;
        let before = Sections::of(&self.ticket);
        let environment = if environment.is_empty() { before.environment.clone() } else { environment };
        let sections = Sections { description: before.description.clone(), environment, cause, resolution };
        let note = self.answered_before(&before, &sections);
        self.status(Action::Resolve)?;
        self.ticket.body = sections.body(&self.ticket.lang);
        self.ticket.resolved_at = Some(self.now.clone());
        self.record("resolve", note, "", true);
        self.answered();
        self.occasions.push(Occasion::Resolved);
        Ok(())
    }

    /// An answer that did not hold, for the history: the body keeps the new one only.
    fn answered_before(&self, before: &Sections, now: &Sections) -> String {
        let same = (&before.cause, &before.resolution) == (&now.cause, &now.resolution);
        match (before.resolution.is_empty() || same, self.ticket.lang.as_str()) {
            (true, _) => String::new(),
            (false, "en") => format!("Before: {}\n{}", before.cause, before.resolution),
            (false, _) => format!("此前的答复：{}\n{}", before.cause, before.resolution),
        }
    }

    fn reopen(&mut self, reason: &str) -> Result<(), Refusal> {
        let reason = self.text("reason", reason)?;
        self.status(Action::Reopen)?;
        self.ticket.resolved_at = None;
        self.record("reopen", reason, "", true);
        self.occasions.push(Occasion::Reopened);
        Ok(())
    }

    fn close(&mut self, action: Action, key: &str, reason: &str) -> Result<(), Refusal> {
        self.end(action, key, reason.to_owned(), "", Occasion::Closed)
    }

    fn end(&mut self, action: Action, key: &str, note: String, to: &str, occasion: Occasion) -> Result<(), Refusal> {
        self.status(action)?;
        self.ticket.closed_at = Some(self.now.clone());
        self.ticket.pending_on = None;
        self.ticket.pended_at = None;
        self.ticket.waiting = None;
        self.record(key, note, to, true);
        self.occasions.push(occasion);
        Ok(())
    }

    fn rate(&mut self, rating: &Rating) -> Result<(), Refusal> {
        for (field, mark) in
            [("speed", rating.speed), ("attitude", rating.attitude), ("skill", rating.skill), ("result", rating.result)]
        {
            if mark.is_some_and(|mark| !(1..=5).contains(&mark)) {
                return Err(self.invalid(field, "请打 1 到 5 分", "give a mark from 1 to 5"));
            }
        }
        let comment = self.optional("comment", &rating.comment)?;
        self.ticket.rating = Some(Rating { comment, ..rating.clone() });
        self.record("rate", String::new(), "", true);
        self.occasions.push(Occasion::Rated);
        Ok(())
    }
}
