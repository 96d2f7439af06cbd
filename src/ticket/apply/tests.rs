//! Stories of the process, every step against every role, and random walks through it.

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::ticket::tests::{now, sample};
use crate::ticket::{ApprovalState, PendingOn, Rating, Sections, Status, TicketId};

fn config() -> Config {
    let toml = "title = '服务台'\n[[types]]\nkey = 'software'\nteam = 'application'\n\
        [[types]]\nkey = 'access'\nteam = 'application'\nneeds_approval = true\napprovers = ['zhao', 'wang', 'zhang']\n";
    Config::parse(std::path::Path::new("/x"), toml).unwrap()
}

fn member(login: &str) -> Option<Member> {
    let (role, team) = match login {
        "li" => (Role::Agent, "application"),
        "he" => (Role::Agent, "network"),
        "wang" => (Role::Lead, "application"),
        "root" => (Role::Admin, ""),
        "zhao" | "zhang" => (Role::Employee, ""),
        _ => return None,
    };
    let teams = if team.is_empty() { Vec::new() } else { vec![team.to_owned()] };
    Some(Member { name: login.to_uppercase(), role, teams })
}

fn actor(login: &str) -> Actor {
    let Member { name, role, teams } = member(login).unwrap();
    Actor { account: login.to_owned(), name, role, teams, ..Actor::system() }
}

/// The people of the matrix: the requester signed in, the holder of the link, the team's agent and lead, another team's
/// agent, an administrator, an approver, and somebody with no part in it.
fn people() -> Vec<(&'static str, Actor)> {
    let nobody = Actor { account: "sun".into(), name: "孙".into(), role: Role::Employee, ..Actor::system() };
    vec![
        ("requester", actor("zhang")),
        ("link", Actor::link()),
        ("agent", actor("li")),
        ("other agent", actor("he")),
        ("lead", actor("wang")),
        ("admin", actor("root")),
        ("approver", actor("zhao")),
        ("nobody", nobody),
    ]
}

fn ticket(kind: &str) -> Ticket {
    let mut ticket = sample();
    ticket.kind = kind.to_owned();
    ticket.requester.account = "zhang".to_owned();
    ticket
}

struct Desk {
    config: Config,
    ticket: Ticket,
    hours: i64,
    told: Vec<Occasion>,
}

impl Desk {
    fn new(kind: &str) -> Self {
        Self { config: config(), ticket: ticket(kind), hours: 0, told: Vec::new() }
    }

    fn try_step(&mut self, who: &Actor, step: &Step) -> Result<(), Refusal> {
        let rules = Rules { config: &self.config, member: &member, lang: "zh" };
        self.hours += 1;
        let applied = apply(&self.ticket, step, who, &now().saturating_add(self.hours.hours()), &rules)?;
        self.ticket = applied.ticket;
        self.told = applied.occasions;
        Ok(())
    }

    fn step(&mut self, who: &str, step: Step) -> &mut Self {
        let who = if who == "link" { Actor::link() } else { actor(who) };
        self.try_step(&who, &step).unwrap_or_else(|refusal| panic!("{step:?}: {refusal}"));
        self
    }

    fn refused(&mut self, who: &str, step: Step) -> Refusal {
        let who = if who == "link" { Actor::link() } else { actor(who) };
        let before = self.ticket.clone();
        let refusal = self.try_step(&who, &step).unwrap_err();
        assert_eq!(self.ticket, before);
        refusal
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn accept(note: &str) -> Step {
    Step::Accept { assignee: String::new(), team: String::new(), note: text(note) }
}

fn resolve() -> Step {
    Step::Resolve { cause: text("证书过期"), resolution: text("更新证书"), environment: text("Windows 11") }
}

#[test]
fn from_the_report_to_the_archive() {
    let mut desk = Desk::new("software");
    desk.step("li", accept("先远程看看"));
    assert_eq!((desk.ticket.status, desk.ticket.assignee.as_str()), (Status::Accepted, "li"));
    assert!(desk.ticket.accepted_at.is_some() && desk.ticket.accepted_at == desk.ticket.first_response_at);
    assert_eq!(desk.told, [Occasion::Accepted]);

    desk.step("li", Step::Ask { text: text("版本号？") });
    assert_eq!((desk.ticket.status, desk.ticket.pending_on), (Status::Pending, Some(PendingOn::Requester)));
    desk.step("link", Step::Reply { text: text("11.2") });
    assert_eq!((desk.ticket.status, desk.ticket.pending_on), (Status::InProgress, None), "it comes back by itself");
    assert_eq!(desk.told, [Occasion::RequesterReplied]);
    let last = desk.ticket.history.len() - 1;
    assert!(desk.ticket.resumed_by_itself(last) && !desk.ticket.resumed_by_itself(last - 1));

    desk.step("li", Step::Note { text: text("查了日志") }).step("li", Step::KeyStep { text: text("重装证书") });
    desk.step("li", Step::Risk { risk: text("要重启"), fallback: text("还原快照") });
    let supplier = Step::Pend {
        on: PendingOn::Supplier,
        with: text("深信服"),
        until: Some("2026-11-30T18:00:00+08:00".parse().unwrap()),
        note: String::new(),
    };
    desk.step("li", supplier);
    assert_eq!(desk.ticket.waiting.as_ref().unwrap().with, "深信服");
    desk.step("li", Step::Resume { note: String::new() });
    assert!(!desk.ticket.resumed_by_itself(desk.ticket.history.len() - 1), "an agent went on");
    let refusal = desk.refused("li", Step::Resolve { cause: text(" "), resolution: text("x"), environment: text("") });
    assert_eq!((refusal.kind, refusal.field), (RefusalKind::Invalid, Some("cause")));
    desk.step("li", resolve());
    let sections = Sections::of(&desk.ticket);
    assert_eq!((sections.cause.as_str(), sections.resolution.as_str()), ("证书过期", "更新证书"));
    assert_eq!(sections.description, "一开机就这样");

    desk.step("link", Step::Reopen { reason: text("还是不行") });
    assert_eq!(
        (desk.ticket.status, desk.ticket.assignee.as_str()),
        (Status::InProgress, "li"),
        "back to the same owner"
    );
    desk.step("li", resolve());
    assert_eq!(desk.ticket.body.matches("## 原因").count(), 1);
    desk.step("zhang", Step::Confirm {});
    assert_eq!(desk.ticket.status, Status::Closed);
    let rating = Rating { comment: text("谢谢"), ..rating() };
    let refusal = desk.refused("link", Step::Rate { rating: Rating { skill: Some(6), ..rating.clone() } });
    assert_eq!(refusal.field, Some("skill"));
    desk.step("link", Step::Rate { rating: rating.clone() });
    let refusal = desk.refused("link", Step::Rate { rating });
    assert!(refusal.message.contains("已经评价"), "{refusal}");
    desk.step("li", Step::Publish { record: text("resolutions/TS202611230001.md") });
    let refusal = desk.refused("link", Step::Reopen { reason: text("又坏了") });
    assert_eq!(refusal.kind, RefusalKind::State);
    let private: Vec<_> =
        desk.ticket.history.iter().filter(|entry| !entry.public).map(|it| it.action.as_str()).collect();
    assert_eq!(private, ["note", "key_step", "publish"]);
}

#[test]
fn filing_without_an_account_is_no_way_to_approve_ones_own() {
    for (name, contact, own) in [("ZHAO", "8000", true), ("某人", "zhao", true), ("某人", "8000", false)] {
        let mut desk = Desk::new("access");
        desk.ticket.requester.account.clear();
        (desk.ticket.requester.name, desk.ticket.requester.contact) = (text(name), text(contact));
        desk.step("li", accept(""));
        if own {
            assert!(desk.refused("zhao", Step::Approve { reason: text("同意") }).message.contains("自己"));
            assert!(!may_read_request(&desk.ticket, &actor("zhao"), &desk.config));
            // Nor is it let at what may be somebody else's.
            assert_eq!(desk.refused("zhao", Step::Cancel { reason: text("x") }).kind, RefusalKind::Denied);
            desk.step("zhang", Step::Approve { reason: text("同意") });
        } else {
            desk.step("zhao", Step::Approve { reason: text("同意") });
        }
    }
}

#[test]
fn access_needs_an_approval_that_nobody_gives_themselves() {
    let approval = || Step::Pend { on: PendingOn::Approval, with: text(""), until: None, note: text("") };
    let mut desk = Desk::new("access");
    desk.step("li", accept(""));
    assert!(desk.ticket.first_response_at.is_none(), "a bare click is no answer");
    // As the form promised, nobody has to remember it.
    assert_eq!(desk.told, [Occasion::Accepted, Occasion::ApprovalRequested]);
    assert_eq!((desk.ticket.status, desk.ticket.pending_on), (Status::Pending, Some(PendingOn::Approval)));
    assert!(desk.ticket.accepted_at.is_some() && desk.ticket.approval.as_ref().unwrap().requested_at.is_some());
    for early in [Step::Start { note: text("") }, resolve()] {
        assert!(desk.refused("li", early).message.contains("审批"));
    }
    // The requester is named as an approver, the agent is not.
    assert!(desk.refused("zhang", Step::Approve { reason: text("") }).message.contains("自己"));
    assert_eq!(desk.refused("li", Step::Approve { reason: text("") }).kind, RefusalKind::Denied);
    assert_eq!(desk.refused("zhao", Step::Reject { reason: text("") }).field, Some("reason"));
    desk.step("zhao", Step::Reject { reason: text("先说明用途") });
    let last = desk.ticket.history.len() - 1;
    assert!(
        desk.ticket.resumed_by_itself(last) && !desk.ticket.resumed_by_itself(last - 1) && desk.ticket.is_rejected()
    );
    let approved = desk.ticket.approval.clone().unwrap();
    assert_eq!((approved.state, desk.ticket.status), (ApprovalState::Rejected, Status::InProgress));
    assert_eq!((approved.decisions[0].name.as_str(), approved.decisions[0].reason.as_str()), ("ZHAO", "先说明用途"));
    desk.step("li", approval());
    assert_eq!(desk.told, [Occasion::ApprovalRequested]);
    desk.step("zhao", Step::Approve { reason: text("可以") });
    assert_eq!(desk.ticket.approval.as_ref().unwrap().state, ApprovalState::Approved);
    assert_eq!(desk.told, [Occasion::Approved]);
    desk.step("li", resolve());
}

#[test]
fn tickets_go_to_people_who_can_take_them() {
    let assign =
        |team: &str, assignee: &str| Step::Assign { team: text(team), assignee: text(assignee), note: text("") };
    let mut desk = Desk::new("software");
    assert_eq!(desk.refused("li", assign("", "nobody")).field, Some("assignee"));
    assert_eq!(desk.refused("li", assign("", "he")).field, Some("assignee"), "another team's");
    assert_eq!(desk.refused("li", assign("moon", "")).field, Some("team"));
    desk.step("he", assign("network", "")).step("he", accept("")).step("he", assign("application", ""));
    assert_eq!((desk.ticket.team.as_str(), desk.ticket.assignee.as_str()), ("application", ""));
    assert_eq!(desk.refused("he", Step::Note { text: text("x") }).kind, RefusalKind::Denied);
    desk.step("wang", assign("", "li"));
    assert_eq!(desk.told, [Occasion::Assigned]);
    assert_eq!(desk.refused("li", Step::Merge { into: desk_id() }).field, Some("into"));
}

fn desk_id() -> TicketId {
    sample().id
}

fn rating() -> Rating {
    let mark = Some(5);
    Rating { solved: true, speed: mark, attitude: mark, skill: mark, result: mark, comment: String::new() }
}

/// A step of every kind with everything it needs.
fn every_step() -> Vec<Step> {
    let words = || text("因为");
    vec![
        accept("好"),
        Step::Start { note: text("") },
        Step::Reply { text: words() },
        Step::Contact { how: text("phone"), text: words() },
        Step::Ask { text: words() },
        Step::Risk { risk: words(), fallback: words() },
        Step::Pend {
            on: PendingOn::Supplier,
            with: words(),
            until: Some("2036-11-30T18:00:00+08:00".parse().unwrap()),
            note: text(""),
        },
        Step::Resume { note: text("") },
        Step::Approve { reason: words() },
        Step::Reject { reason: words() },
        resolve(),
        Step::Confirm {},
        Step::Reopen { reason: words() },
        Step::Rate { rating: rating() },
        Step::Close { reason: words() },
        Step::Assign { team: text("network"), assignee: text(""), note: text("") },
        Step::Triage { kind: None, urgency: Some(text("urgent")), impact: None, title: None },
        Step::Note { text: words() },
        Step::KeyStep { text: words() },
        Step::Merge { into: "TS202611230009".parse().unwrap() },
        Step::Cancel { reason: words() },
        Step::Publish { record: text("resolutions/x.md") },
    ]
}

#[test]
fn every_step_by_every_role() {
    let steps = every_step();
    assert_eq!(steps.iter().map(Step::key).collect::<Vec<_>>(), STEPS, "the matrix holds every step");
    // Who may take the step, in a state that allows it.
    let expected = |key: &str| -> &[&str] {
        match key {
            "assign" | "triage" | "note" => &["agent", "other agent", "lead", "admin"],
            "reply" | "cancel" | "reopen" => &["requester", "link", "agent", "lead", "admin"],
            "confirm" | "rate" => &["requester", "link"],
            "approve" | "reject" => &["lead", "approver"],
            _ => &["agent", "lead", "admin"],
        }
    };
    for step in &steps {
        let mut desk = Desk::new("software");
        match step.key() {
            "accept" | "assign" | "triage" | "note" => {}
            "approve" | "reject" => {
                desk = Desk::new("access");
                desk.step("li", accept(""));
            }
            "confirm" | "reopen" | "rate" | "close" | "publish" => {
                desk.step("li", accept("")).step("li", resolve());
            }
            "resume" => {
                desk.step("li", accept("")).step("li", every_step()[6].clone());
            }
            _ => {
                desk.step("li", accept(""));
            }
        }
        let before = desk.ticket.clone();
        let mut allowed = Vec::new();
        for (who, person) in people() {
            desk.ticket = before.clone();
            match desk.try_step(&person, step) {
                Ok(()) => allowed.push(who),
                Err(refusal) => {
                    assert_eq!(refusal.kind, RefusalKind::Denied, "{} by {who}: {refusal}", step.key());
                    assert!(!refusal.allowed.contains(&step.key()), "{refusal}");
                }
            }
        }
        assert_eq!(allowed, expected(step.key()), "{}", step.key());
    }
    // What the program does, no person does.
    for step in [Step::Remind {}, Step::Escalate { level: text("x") }, Step::AutoClose {}] {
        for (who, person) in people() {
            let refusal = Desk::new("software").try_step(&person, &step).unwrap_err();
            assert_eq!(refusal.kind, RefusalKind::Denied, "{} by {who}", step.key());
        }
    }
}

#[test]
fn the_clock_follows_the_urgency() {
    let mut desk = Desk::new("software");
    let before = desk.ticket.due_at.clone().unwrap();
    desk.step("li", Step::Triage { kind: None, urgency: Some(text("urgent")), impact: None, title: None });
    assert!(desk.ticket.due_at.clone().unwrap().timestamp() < before.timestamp());
    assert_eq!(desk.ticket.history.last().unwrap().to, "urgency important → urgent");
}

proptest! {
    #[test]
    fn random_walks_stay_on_the_paths(walk in proptest::collection::vec((0usize..8, 0usize..22), 0..60)) {
        let (people, steps) = (people(), every_step());
        for kind in ["software", "access"] {
            let mut desk = Desk::new(kind);
            for &(who, step) in &walk {
                let (person, step) = (&people[who].1, &steps[step]);
                let before = desk.ticket.clone();
                let rules = Rules { config: &desk.config.clone(), member: &member, lang: "en" };
                let offered = possible(&before, person, &rules);
                match desk.try_step(person, step) {
                    Ok(()) => {
                        prop_assert!(offered.contains(&step.key()), "{} was not offered", step.key());
                        let after = &desk.ticket;
                        prop_assert!(after.history.len() > before.history.len(), "every step leaves a trace");
                        prop_assert!(after.history.starts_with(&before.history), "history is only added to");
                        prop_assert!(after.body.starts_with("一开机就这样"), "the requester's words stay");
                        // A final state is left by nothing.
                        let last = |status| matches!(status, Status::Closed | Status::Cancelled | Status::Merged);
                        prop_assert!(!last(before.status) || after.status == before.status);
                        prop_assert_eq!(after.status == Status::Pending, after.pending_on.is_some());
                        prop_assert_eq!(last(after.status), after.closed_at.is_some());
                        if after.status == Status::Resolved {
                            prop_assert!(!Sections::of(after).cause.is_empty());
                            let cleared = after.approval.as_ref().is_some_and(|it| it.state != ApprovalState::Requested);
                            prop_assert!(kind != "access" || cleared, "resolved without a decision");
                        }
                    }
                    Err(refusal) => {
                        prop_assert_eq!(&desk.ticket, &before);
                        prop_assert!(!offered.contains(&step.key()) || refusal.kind == RefusalKind::Invalid, "{}", refusal);
                    }
                }
            }
        }
    }
}
