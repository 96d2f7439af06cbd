//! Who gets at a ticket over the API, by every way there is.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::auth::Account;
use crate::ticket::Role;
use crate::web::testing::{Got, TestSite};

const PASSWORD: &str = "correct horse battery";
const TOML: &str =
    "title = '服务台'\n[[types]]\nkey = 'access'\nteam = 'security'\nneeds_approval = true\napprovers = ['zhao']\n";

fn site() -> TestSite {
    let site = TestSite::with(TOML);
    for (login, role, team) in [
        ("zhang", Role::Employee, ""),
        ("sun", Role::Employee, ""),
        ("zhao", Role::Employee, ""),
        ("jin", Role::Agent, "security"),
        ("he", Role::Agent, "network"),
        ("wang", Role::Lead, "security"),
        ("root", Role::Admin, ""),
    ] {
        let teams = if team.is_empty() { vec![] } else { vec![team.to_owned()] };
        let account = Account { role, teams, ..Account::employee(login.into(), login.to_uppercase()) };
        site.app.accounts.add(account, Some(PASSWORD)).unwrap();
    }
    site
}

/// The headers somebody asks with.
type Way = Vec<(&'static str, String)>;

async fn signed_in(site: &TestSite, login: &str) -> Way {
    let form = Request::post("/desk/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let got = site.ask(form.body(Body::from(format!("login={login}&password={PASSWORD}"))).unwrap()).await;
    assert_eq!(got.status, 303, "{}", got.text());
    let cookie = got.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = Request::get("/my").header("accept", "text/html").header("cookie", &cookie).body(Body::empty()).unwrap();
    let page = site.ask(page).await;
    let csrf = page.text().split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    vec![("cookie", cookie), ("x-csrf-token", csrf)]
}

async fn ask(site: &TestSite, path: &str, body: Option<Value>, way: &Way) -> Got {
    let mut request = match &body {
        Some(_) => Request::post(path).header("content-type", "application/json"),
        None => Request::get(path),
    };
    for (name, value) in way {
        request = request.header(*name, value);
    }
    site.ask(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
}

async fn file(site: &TestSite, way: &Way) -> (String, Way) {
    let body = json!({ "type": "access", "title": "CRM 权限", "description": "canary-words", "urgency": "normal",
        "name": "张三", "contact": "canary-contact" });
    let filed = ask(site, "/api/tickets", Some(body), way).await;
    assert_eq!(filed.status, 201, "{}", filed.text());
    let url = filed.json()["url"].as_str().unwrap().to_owned();
    let secret = url.rsplit('/').next().unwrap();
    (filed.json()["id"].as_str().unwrap().to_owned(), vec![("authorization", format!("Bearer {secret}"))])
}

#[tokio::test]
async fn every_way_to_a_ticket_by_every_role() {
    let site = site();
    let owner = signed_in(&site, "zhang").await;
    let (id, link) = file(&site, &owner).await;
    let (_, other_link) = file(&site, &vec![]).await;
    let path = format!("/api/tickets/{id}");
    let act = |step: &str| (format!("{path}/actions"), Some(json!({ "action": step, "text": "x", "reason": "x" })));
    let jin = signed_in(&site, "jin").await;
    let zhao = signed_in(&site, "zhao").await;
    assert_eq!(ask(&site, &path, None, &zhao).await.status, 404, "nobody has asked for an approval yet");
    for (step, more) in [("accept", json!({})), ("note", json!({ "text": "canary-note" }))] {
        let mut body = json!({ "action": step });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let got = ask(&site, &format!("{path}/actions"), Some(body), &jin).await;
        assert_eq!(got.status, 200, "{step}: {}", got.text());
    }
    let ways = [
        ("nobody", vec![], (401, 401, 401)),
        ("link", link.clone(), (200, 403, 403)),
        ("another link", other_link, (404, 404, 404)),
        ("owner", owner.clone(), (200, 403, 403)),
        ("another employee", signed_in(&site, "sun").await, (404, 404, 404)),
        ("agent", jin.clone(), (200, 200, 403)),
        ("other agent", signed_in(&site, "he").await, (200, 403, 403)),
        ("lead", signed_in(&site, "wang").await, (200, 200, 403)),
        ("admin", signed_in(&site, "root").await, (200, 200, 403)),
        // Last: a decision ends the waiting.
        ("approver", zhao.clone(), (200, 403, 200)),
    ];
    for (who, way, (read, note, approve)) in ways {
        let got = ask(&site, &path, None, &way).await;
        assert_eq!(got.status, read, "{who} reads: {}", got.text());
        let text = got.text().to_owned();
        let full = matches!(who, "agent" | "other agent" | "lead" | "admin");
        assert_eq!(text.contains("canary-note"), full, "{who}: {text}");
        assert_eq!(text.contains("canary-words"), read == 200, "{who}: {text}");
        assert_eq!(text.contains("张三"), full || who == "approver", "{who}: {text}");
        assert!(!text.contains("tracking") && !text.contains("salt"), "{who}: {text}");
        for (step, status) in [("note", note), ("approve", approve)] {
            let (path, body) = act(step);
            let got = ask(&site, &path, body, &way).await;
            assert_eq!(got.status, status, "{who} {step}: {}", got.text());
        }
    }
    let decided = ask(&site, &path, None, &zhao).await;
    assert!(decided.status == 200 && !decided.text().contains("canary-note"), "{}", decided.text());
    assert!(!decided.text().contains("canary-contact"), "{}", decided.text());
    // A session without its token, and a number that is none.
    let (path, body) = act("note");
    let cookie_only = vec![jin[0].clone()];
    assert_eq!(ask(&site, &path, body.clone(), &cookie_only).await.status, 403);
    assert_eq!(ask(&site, "/api/tickets/TS199901010001", None, &jin).await.status, 404);
    assert_eq!(ask(&site, "/api/tickets/x/actions", body, &jin).await.status, 404);
}

#[tokio::test]
async fn the_second_of_two_programs_is_told() {
    let site = site();
    let jin = signed_in(&site, "jin").await;
    let (id, _) = file(&site, &vec![]).await;
    let path = format!("/api/tickets/{id}");
    let etag = ask(&site, &path, None, &jin).await.header("etag").to_owned();
    let with = |etag: &str| [jin.clone(), vec![("if-match", etag.to_owned())]].concat();
    let accept = Some(json!({ "action": "accept", "note": "我来" }));
    let first = ask(&site, &format!("{path}/actions"), accept.clone(), &with(&etag)).await;
    assert_eq!((first.status.as_u16(), first.json()["pending_on"].as_str()), (200, Some("approval")));
    let note = Some(json!({ "action": "note", "text": "x" }));
    let second = ask(&site, &format!("{path}/actions"), note.clone(), &with(&etag)).await;
    assert_eq!(second.status, 412, "{}", second.text());
    let fresh = first.header("etag").to_owned();
    assert_eq!(ask(&site, &format!("{path}/actions"), note, &with(&fresh)).await.status, 200);
    let again = ask(&site, &format!("{path}/actions"), accept, &jin).await;
    assert_eq!((again.status.as_u16(), again.text().contains("possible now")), (409, true), "{}", again.text());
    let bad = ask(&site, &format!("{path}/actions"), Some(json!({ "action": "resolve" })), &jin).await;
    assert_eq!((bad.status.as_u16(), bad.json()["errors"][0]["field"].as_str()), (409, None), "approval comes first");
    for nonsense in ["\"x\"", "x", "\"\""] {
        let step = Some(json!({ "action": "note", "text": "y" }));
        assert_eq!(ask(&site, &format!("{path}/actions"), step, &with(nonsense)).await.status, 412, "{nonsense}");
    }
}
