//! Stories of the office: nothing that was promised is lost, nothing is told that did not happen.

use std::fs;
use std::path::PathBuf;

use jiff::ToSpan as _;

use super::*;
use crate::auth::Account;
use crate::config::Config;
use crate::ticket::{PendingOn, Role, Submission};

struct Site {
    dir: tempfile::TempDir,
    config: Config,
    office: Office,
}

fn at(text: &str) -> Zoned {
    format!("2026-11-{text}:00+08:00[Asia/Shanghai]").parse().unwrap()
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let toml = "title = '服务台'\nbase_url = 'https://help.example.com'\n";
        let config = Config::parse(dir.path(), toml).unwrap();
        let accounts = Accounts::open(&config.state_dir());
        for (login, role, team) in [("li", Role::Agent, "application"), ("wang", Role::Lead, "application")] {
            let account = Account {
                role,
                teams: vec![team.to_owned()],
                email: format!("{login}@example.com"),
                ..Account::employee(login.to_owned(), login.to_uppercase())
            };
            accounts.add(account, None).unwrap();
        }
        let office = Office::open(&config, Arc::new(Store::open(dir.path())), accounts);
        Self { dir, config, office }
    }

    /// Another process on the same tree.
    fn other(&self) -> Office {
        let accounts = Accounts::open(&self.config.state_dir());
        Office::open(&self.config, Arc::new(Store::open(self.dir.path())), accounts)
    }

    async fn file(&self, urgency: &str, now: &str) -> TicketId {
        let words = [
            ("type", "software"),
            ("title", "连不上 VPN"),
            ("description", "一开机就这样"),
            ("name", "张三"),
            ("contact", "zhang@example.com"),
            ("urgency", urgency),
            ("application", "VPN"),
        ];
        let fields = words.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let submission = Submission { fields, idempotency_key: None };
        let new = NewTicket::parse(&submission, &self.config, "zh").unwrap();
        self.office.file(&self.config, new, None, at(now)).await.unwrap().id()
    }

    async fn step(&self, who: &str, id: TicketId, now: &str, step: Step) -> Result<Done, ProcessError> {
        let actor = match who {
            "link" => Actor::link(),
            login => self.office.accounts.get(login).unwrap().actor(),
        };
        let request = Request { id, step, actor: &actor, if_match: None, files: None, now: at(now), lang: "zh" };
        self.office.perform(&self.config, request).await
    }

    fn path(&self, id: TicketId) -> PathBuf {
        self.dir.path().join("content/tickets").join(id.file())
    }

    async fn ticket(&self, id: TicketId) -> Ticket {
        self.office.store.get(id).await.unwrap().unwrap().ticket
    }

    /// What the outbox holds: occasion and receivers.
    fn told(&self) -> Vec<(Occasion, Vec<String>)> {
        let waiting = self.office.outbox.waiting().unwrap().into_iter();
        let mut events: Vec<_> = waiting.map(|entry| entry.event).collect();
        events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let people = |event: &Event| event.people.iter().map(|person| person.email.clone()).collect();
        events.iter().map(|event| (event.occasion, people(event))).collect()
    }
}

fn accept() -> Step {
    Step::Accept { assignee: String::new(), team: String::new(), note: "先看看".into() }
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn strangers_cannot_have_an_address_flooded() {
    let mut site = Site::new();
    for minute in 10..30 {
        site.file("important", &format!("23T10:{minute}")).await;
    }
    let told = |site: &Site| {
        let people: Vec<_> = site.told().into_iter().flat_map(|(_, people)| people).collect();
        people.iter().filter(|email| *email == "zhang@example.com").count()
    };
    assert_eq!(told(&site), 5);
    site.file("important", "23T11:30").await;
    assert_eq!(told(&site), 6, "an hour later");
    let elsewhere = "title = 'x'\n[notices.mail]\nserver = 'localhost'\nfrom = 'it@example.com'\ncontact_domains = ['example.org']\n";
    site.config = Config::parse(site.dir.path(), elsewhere).unwrap();
    let id = site.file("important", "23T13:30").await;
    site.step("li", id, "23T13:40", accept()).await.unwrap();
    assert_eq!(told(&site), 6, "the site writes to its own people alone");
}

#[tokio::test]
async fn a_number_in_the_audit_alone_does_not_come_back() {
    let site = Site::new();
    site.file("important", "23T10:00").await;
    let newest = site.file("important", "23T10:01").await;
    fs::remove_file(site.path(newest)).unwrap();
    fs::remove_file(site.config.state_dir().join("last-ticket")).unwrap();
    let office = site.other();
    let words = [
        ("type", "other"),
        ("title", "x"),
        ("description", "x"),
        ("name", "x"),
        ("contact", "1"),
        ("urgency", "normal"),
    ];
    let fields = words.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let new = NewTicket::parse(&Submission { fields, idempotency_key: None }, &site.config, "zh").unwrap();
    let next = office.file(&site.config, new, None, at("23T10:02")).await.unwrap().id();
    assert!(next > newest, "{next} after {newest}");
}

#[tokio::test]
async fn every_step_is_audited_and_told_to_those_it_concerns() {
    let site = Site::new();
    let id = site.file("important", "23T10:00").await;
    site.step("li", id, "23T10:10", accept()).await.unwrap();
    site.step("li", id, "23T10:20", Step::Note { text: text("私下") }).await.unwrap();
    let refused = site.step("link", id, "23T10:30", Step::Note { text: text("我") }).await.unwrap_err();
    assert!(matches!(refused, ProcessError::Refused(Refusal { kind: RefusalKind::Denied, .. })), "{refused}");
    let told = site.told();
    let occasions: Vec<_> = told.iter().map(|(occasion, _)| *occasion).collect();
    assert_eq!(occasions, [Occasion::Filed, Occasion::Accepted]);
    assert!(
        told[0].1.contains(&"zhang@example.com".into()) && told[0].1.contains(&"li@example.com".into()),
        "{told:?}"
    );
    assert_eq!(told[1].1, ["zhang@example.com"]);
    let link = &site.office.outbox.waiting().unwrap()[0].event.ticket.track_url;
    let secret = link.rsplit('/').next().unwrap();
    assert!(site.office.store.find_by_secret(secret, at("23T11:00").timestamp()).await.unwrap().is_some(), "{link}");
    let audit = site.office.audit.of_ticket(id).unwrap();
    let lines: Vec<_> = audit.iter().map(|it| (it.by.as_str(), it.action.as_str(), it.steps)).collect();
    assert_eq!(lines, [("requester", "file", 1), ("li", "accept", 2), ("li", "note", 3)]);
    assert_eq!(site.office.audit.verify().unwrap().n, 3);
    assert_eq!(site.office.recover(&site.config, at("23T12:00").timestamp()).await.unwrap(), Recovered::default());
}

#[tokio::test]
async fn the_second_of_two_sees_what_changed() {
    let site = Site::new();
    let id = site.file("normal", "23T10:00").await;
    let seen = site.office.store.get(id).await.unwrap().unwrap().hash;
    site.step("li", id, "23T10:10", accept()).await.unwrap();
    let actor = site.office.accounts.get("wang").unwrap().actor();
    let step = Step::Triage { kind: None, urgency: Some(text("urgent")), impact: None, title: None };
    let request =
        Request { id, step, actor: &actor, if_match: Some(seen), files: None, now: at("23T10:11"), lang: "zh" };
    let Err(ProcessError::Changed(current)) = site.office.perform(&site.config, request).await else { panic!() };
    assert_eq!(current.ticket.assignee, "li");
    assert_eq!(site.told().len(), 2, "nothing is told of a step that was not taken");
    assert!(site.office.outbox.prepared().unwrap().is_empty());
}

#[tokio::test]
async fn a_crash_before_the_audit_is_made_good() {
    let site = Site::new();
    let id = site.file("normal", "23T10:00").await;
    // The ticket is durable, the audit and the notices are not: what a crash after the write leaves.
    let office = site.other();
    let loaded = office.store.get(id).await.unwrap().unwrap();
    let actor = office.accounts.get("li").unwrap().actor();
    let (store, config) = (&office.store, &site.config);
    let done = office.apply(config, &loaded.ticket, &accept(), &actor, &at("23T10:05"), "zh").await.unwrap();
    let events = office.events(config, &done.ticket, &done.occasions, Some(&actor), at("23T10:05").timestamp()).await;
    office.prepare(&events).await;
    // Another one was laid down for a step that never was.
    let never = Event { id: format!("{id}-7-replied-00000000"), occasion: Occasion::Replied, ..events[0].clone() };
    office.prepare(std::slice::from_ref(&never)).await;
    store.change(loaded, done.ticket).await.unwrap();

    site.office.store.reconcile().await.unwrap();
    let recovered = site.office.recover(config, at("23T10:10").timestamp()).await.unwrap();
    assert_eq!(recovered, Recovered { released: 1, dropped: 1, edited: 1, found: 0 });
    assert_eq!(site.told().iter().filter(|(occasion, _)| *occasion == Occasion::Accepted).count(), 1);
    let lines = site.office.audit.of_ticket(id).unwrap();
    assert_eq!((lines.len(), lines[1].action.as_str(), lines[1].steps), (2, "recovered", 2));
    let again = site.office.recover(config, at("23T10:11").timestamp()).await.unwrap();
    assert_eq!(again, Recovered::default());
}

#[tokio::test]
async fn a_status_set_in_an_editor_is_the_step_it_stands_for() {
    let site = Site::new();
    let id = site.file("normal", "23T10:00").await;
    let edit = |from: &str, to: &str| {
        let text = fs::read_to_string(site.path(id)).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(site.path(id), text.replace(from, to)).unwrap();
    };
    edit("status: new\n", "status: accepted # 值班\nassignee: li\n");
    assert!(site.office.edited(&site.config, id, at("23T10:05").timestamp()).await.unwrap());
    let ticket = site.ticket(id).await;
    assert_eq!((ticket.history.len(), ticket.history[1].action.as_str()), (2, "accept"));
    assert!(ticket.accepted_at.is_some());
    assert!(fs::read_to_string(site.path(id)).unwrap().contains("status: accepted # 值班\n"));
    assert!(site.told().iter().any(|(occasion, _)| *occasion == Occasion::Accepted));
    assert!(!site.office.edited(&site.config, id, at("23T10:06").timestamp()).await.unwrap(), "nothing is left to do");

    // A solution without its cause is no solution: the file stays as the person left it.
    edit("status: accepted # 值班", "status: resolved");
    assert!(site.office.edited(&site.config, id, at("23T10:07").timestamp()).await.unwrap());
    assert_eq!(site.ticket(id).await.history.len(), 2);
    edit("status: resolved", "status: accepted");
    site.office.edited(&site.config, id, at("23T10:08").timestamp()).await.unwrap();
    edit("status: accepted", "status: resolved");
    let text = fs::read_to_string(site.path(id)).unwrap();
    fs::write(site.path(id), format!("{text}\n## 原因\n\n证书过期\n\n## 解决方案\n\n更新证书\n")).unwrap();
    assert!(site.office.edited(&site.config, id, at("23T10:09").timestamp()).await.unwrap());
    let ticket = site.ticket(id).await;
    assert_eq!((ticket.status, ticket.history.last().unwrap().action.as_str()), (Status::Resolved, "resolve"));
    assert!(ticket.resolved_at.is_some() && ticket.body.matches("## 原因").count() == 1, "{}", ticket.body);
    assert!(site.office.audit.verify().is_ok());
}

#[tokio::test]
async fn time_reminds_escalates_and_closes() {
    let site = Site::new();
    let urgent = site.file("urgent", "23T10:00").await;
    let tick = async |now: &str| site.office.tick(&site.config, at(now).timestamp()).await.unwrap();
    assert_eq!(tick("23T10:04").await, 0);
    assert_eq!((tick("23T10:05").await, tick("23T10:06").await), (1, 0), "the lead is told once at five minutes");
    assert_eq!((tick("23T10:10").await, tick("23T10:11").await), (1, 0), "and once at ten");
    let escalated = site.told().into_iter().filter(|(occasion, _)| *occasion == Occasion::Escalated);
    assert_eq!(escalated.map(|(_, people)| people).collect::<Vec<_>>(), vec![vec!["wang@example.com"]; 2]);

    site.step("li", urgent, "23T10:12", accept()).await.unwrap();
    let supplier = Step::Pend {
        on: PendingOn::Supplier,
        with: text("电信"),
        until: Some("2026-11-23T12:00:00+08:00".parse().unwrap()),
        note: text(""),
    };
    site.step("li", urgent, "23T10:13", supplier).await.unwrap();
    assert_eq!((tick("23T11:59").await, tick("23T12:00").await, tick("23T12:01").await), (0, 1, 0));
    site.step("li", urgent, "23T12:02", Step::Resume { note: text("") }).await.unwrap();
    let resolve = Step::Resolve { cause: text("光纤"), resolution: text("接好"), environment: text("") };
    site.step("li", urgent, "23T12:03", resolve).await.unwrap();
    // Seven working days after Monday the 23rd: Wednesday, 2 December; reminded one working day before.
    assert_eq!(tick("30T12:03").await, 0);
    let december = |day: i64| at("30T12:03").saturating_add((day * 24).hours()).timestamp();
    let at_day = async |day: i64| site.office.tick(&site.config, december(day)).await.unwrap();
    assert_eq!((at_day(1).await, at_day(1).await), (1, 0));
    assert_eq!((at_day(2).await, at_day(3).await), (1, 0));
    let ticket = site.ticket(urgent).await;
    assert_eq!((ticket.status, ticket.history.last().unwrap().by.as_str()), (Status::Closed, "system"));
}

#[tokio::test]
async fn a_person_can_be_forgotten() {
    let site = Site::new();
    let id = site.file("normal", "23T10:00").await;
    site.step("li", id, "23T10:10", accept()).await.unwrap();
    site.step("link", id, "23T10:20", Step::Reply { text: text("张三的手机 13800138000") }).await.unwrap();
    let admin = Actor { account: "root".into(), name: "R".into(), role: Role::Admin, ..Actor::system() };
    let agent = Actor { role: Role::Agent, ..admin.clone() };
    assert!(site.office.erase(&site.config, id, &agent, at("24T10:00")).await.is_err());
    let erased = site.office.erase(&site.config, id, &admin, at("24T10:00")).await.unwrap();
    assert!(
        erased.fields.contains(&"requester.name".to_owned()) && erased.notes == 2 && erased.notices > 0,
        "{erased:?}"
    );
    for entry in walkdir::WalkDir::new(site.dir.path()).into_iter().flatten().filter(|it| it.file_type().is_file()) {
        let bytes = fs::read(entry.path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("张三") && !text.contains("13800138000"), "{}: {text}", entry.path().display());
    }
    let ticket = site.ticket(id).await;
    assert!(ticket.tracking.is_none() && ticket.accepted_at.is_some(), "the figures stay");
    assert!(site.office.audit.verify().is_ok());
}
