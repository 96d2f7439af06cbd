//! Sign-in through the whole router, with a clock that the test sets.

mod outsiders;

use axum::body::Body;
use axum::http::Request;

use super::{Staff, router};
use crate::auth::{Account, SignOn};
use crate::ticket::Role;
use crate::web::testing::{Got, TestSite, get};

const PASSWORD: &str = "correct horse battery";

fn site(toml: &str) -> TestSite {
    let site = TestSite::with(&format!("title = '服务台'\n{toml}"));
    let account = |login: &str, role| Account {
        role,
        email: format!("{login}@example.com"),
        department: "财务部".into(),
        ..Account::employee(login.into(), login.to_uppercase())
    };
    for (login, role) in [("wang", Role::Employee), ("li", Role::Agent)] {
        site.app.accounts.add(account(login, role), Some(PASSWORD)).unwrap();
    }
    site
}

fn form(path: &str, body: &str, cookie: &str) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("accept", "text/html").header("origin", "http://localhost");
    request.header("cookie", cookie).body(Body::from(body.to_owned())).unwrap()
}

fn with_cookie(path: &str, cookie: &str) -> Request<Body> {
    Request::get(path).header("accept", "text/html").header("cookie", cookie).body(Body::empty()).unwrap()
}

async fn sign_in(site: &TestSite, login: &str) -> String {
    let got = site.ask(form("/desk/sign-in", &format!("login={login}&password={PASSWORD}"), "")).await;
    assert_eq!(got.status, 303, "{}", got.text());
    cookie_of(&got)
}

fn cookie_of(got: &Got) -> String {
    got.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn csrf_of(got: &Got) -> String {
    let at = got.text().split("name=\"csrf\" value=\"").nth(1).expect("a form with a token");
    at.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_right_password_opens_my_tickets_and_nothing_for_staff() {
    let site = site("");
    let wrong = site.ask(form("/desk/sign-in", "login=wang&password=wrong+password", "")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("账号或密码不对") && wrong.text().contains("value=\"wang\""), "{}", wrong.text());
    assert_eq!(wrong.header("set-cookie"), "");
    let empty = site.ask(form("/en/desk/sign-in", "", "")).await;
    assert!(empty.text().contains("Fill in: login") && empty.text().contains("Fill in: password"));

    let cookie = sign_in(&site, "wang").await;
    let my = site.ask(with_cookie("/my", &cookie)).await;
    assert_eq!((my.status.as_u16(), my.header("cache-control")), (200, "no-store"));
    assert!(my.text().contains("WANG") && !my.text().contains("href=\"/desk\""), "{}", my.text());
    let staff = sign_in(&site, "li").await;
    assert!(site.ask(with_cookie("/en/my", &staff)).await.text().contains("href=\"/en/desk\""));
}

#[tokio::test]
async fn a_browser_comes_back_to_where_it_was_and_a_program_is_told() {
    let site = site("");
    let sent = site.ask(with_cookie("/en/my/TS202611230001?a=b", "")).await;
    assert_eq!(sent.status, 303);
    let to = sent.header("location").to_owned();
    assert_eq!(to, "/en/desk/sign-in?next=%2Fen%2Fmy%2FTS202611230001%3Fa%3Db");
    let page = site.ask(get(&to)).await;
    assert!(page.text().contains("name=\"next\" value=\"/en/my/TS202611230001?a=b\""), "{}", page.text());
    let english = Request::get("/my").header("accept", "text/html").header("accept-language", "en");
    let english = site.ask(english.body(Body::empty()).unwrap()).await;
    assert_eq!(english.header("location"), "/desk/sign-in?next=%2Fmy", "in the language of the address");
    let json = Request::get("/my").header("accept", "application/json").body(Body::empty()).unwrap();
    let json = site.ask(json).await;
    assert_eq!((json.status.as_u16(), json.header("content-type")), (401, "application/problem+json"));

    let to = |next: &str| form("/desk/sign-in", &format!("login=wang&password={PASSWORD}&next={next}"), "");
    assert_eq!(site.ask(to("/my/TS202611230001")).await.header("location"), "/my/TS202611230001");
    let elsewhere = [
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "my",
        "/..//evil.example",
        "/%252e%252e//evil.example",
        "/desk/sign-in",
        "",
    ];
    for next in elsewhere {
        let got = site.ask(to(next)).await;
        assert_eq!((got.status.as_u16(), got.header("location")), (303, "/my"), "{next}");
    }
    let li = form("/desk/sign-in", &format!("login=li&password={PASSWORD}"), "");
    assert_eq!(site.ask(li).await.header("location"), "/desk");
}

#[tokio::test]
async fn a_site_below_a_path_keeps_its_people_there() {
    let site = site("base_url = 'https://help.example.com/it'");
    let sent = site.ask(with_cookie("/it/en/my", "")).await;
    assert_eq!(sent.header("location"), "/it/en/desk/sign-in?next=%2Fit%2Fen%2Fmy");
    let to = |next: &str| form("/it/desk/sign-in", &format!("login=wang&password={PASSWORD}&next={next}"), "");
    let got = site.ask(to("/it/en/my")).await;
    assert_eq!(got.header("location"), "/it/en/my");
    let cookie = got.header("set-cookie");
    assert!(cookie.starts_with("helpmark_session=") && cookie.contains("Path=/it; ") && cookie.contains("; Secure"));
    assert_eq!(site.ask(with_cookie("/it/my", &cookie_of(&got))).await.status, 200);
    for outside in ["/my", "/itx/my", "/it", "/it/../my"] {
        assert_eq!(site.ask(to(outside)).await.header("location"), "/it/my", "{outside}");
    }
    let expired = form("/it/my/password", "csrf=x", "");
    let (mut parts, body) = expired.into_parts();
    parts.headers.insert("referer", "https://help.example.com/it/my/password?x=1".parse().unwrap());
    let back = site.ask(Request::from_parts(parts, body)).await;
    assert_eq!(back.header("location"), "/it/desk/sign-in", "to no page that would send them on again");
}

#[tokio::test]
async fn signing_out_needs_the_token_and_ends_the_session() {
    let site = site("");
    let cookie = sign_in(&site, "wang").await;
    let csrf = csrf_of(&site.ask(with_cookie("/my", &cookie)).await);
    for wrong in ["", "csrf=", "csrf=0", &format!("csrf={}0", &csrf[1..])] {
        assert_eq!(site.ask(form("/desk/sign-out", wrong, &cookie)).await.status, 403, "{wrong}");
    }
    let other = csrf_of(&site.ask(with_cookie("/my", &sign_in(&site, "li").await)).await);
    assert_eq!(site.ask(form("/desk/sign-out", &format!("csrf={other}"), &cookie)).await.status, 403);
    assert_eq!(site.ask(with_cookie("/my", &cookie)).await.status, 200);

    let out = site.ask(form("/desk/sign-out", &format!("csrf={csrf}"), &cookie)).await;
    assert_eq!((out.status.as_u16(), out.header("location")), (303, "/"));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(site.ask(with_cookie("/my", &cookie)).await.status, 303, "also for a copy of the cookie");
}

#[tokio::test]
async fn sign_in_makes_a_new_session_and_ends_the_one_before() {
    let site = site("");
    let planted = sign_in(&site, "li").await;
    let body = format!("login=wang&password={PASSWORD}");
    let fresh = cookie_of(&site.ask(form("/desk/sign-in", &body, &planted)).await);
    assert_ne!(fresh, planted);
    assert_eq!(site.ask(with_cookie("/my", &planted)).await.status, 303);
    let invented = format!("helpmark_session={}", "0".repeat(80));
    let fresh = cookie_of(&site.ask(form("/desk/sign-in", &body, &invented)).await);
    assert_ne!(fresh, invented, "nobody chooses their own token");
}

#[tokio::test]
async fn guessing_meets_429_and_says_how_long() {
    let site = site("");
    let guess = |login: &str| form("/desk/sign-in", &format!("login={login}&password=wrong"), "");
    for login in ["wang", "nobody-here"] {
        for _ in 0..5 {
            assert_eq!(site.ask(guess(login)).await.status, 422);
        }
        let stopped = site.ask(guess(login)).await;
        assert_eq!(stopped.status, 429, "{login}: whether there is such an account is not told");
        let seconds: u64 = stopped.header("retry-after").parse().unwrap();
        assert!((1..=5).contains(&seconds) && stopped.text().contains("秒后再试"), "{seconds}");
    }
    let right = form("/desk/sign-in", &format!("login=wang&password={PASSWORD}"), "");
    assert_eq!(site.ask(right).await.status, 429, "also for the right one, or guessing would go on");
    assert_eq!(sign_in(&site, "li").await.len(), "helpmark_session=".len() + 80);
}

#[tokio::test]
async fn a_ticket_belongs_to_who_was_signed_in_and_to_nobody_the_form_names() {
    let site = site("");
    let cookie = sign_in(&site, "wang").await;
    let page = site.ask(with_cookie("/tickets/new", &cookie)).await;
    for known in ["value=\"WANG\"", "value=\"财务部\"", "value=\"wang@example.com\""] {
        assert!(page.text().contains(known), "{known}");
    }
    assert!(!site.ask(get("/tickets/new")).await.text().contains("WANG"));
    let body = "type=other&title=VPN&description=x&urgency=normal&name=W&contact=1&account=li&requester.account=li";
    assert_eq!(site.ask(form("/tickets/new", body, &cookie)).await.status, 303);
    assert_eq!(site.ask(form("/tickets/new", body, "")).await.status, 303);
    let tickets = site.app.tickets.list().await.unwrap();
    let owners: Vec<_> = tickets.iter().map(|ticket| ticket.account.as_str()).collect();
    assert_eq!(owners, ["", "wang"]);

    let (own, other) = (tickets[1].id, tickets[0].id);
    let list = site.ask(with_cookie("/my", &cookie)).await;
    assert!(list.text().contains(&own.to_string()) && !list.text().contains(&other.to_string()));
    let shown = site.ask(with_cookie(&format!("/my/{own}"), &cookie)).await;
    assert_eq!((shown.status.as_u16(), shown.header("cache-control")), (200, "no-store"));
    let staff = sign_in(&site, "li").await;
    for (path, cookie) in [
        (format!("/my/{other}"), &cookie),
        (format!("/my/{own}"), &staff),
        (format!("/en/my/{own}"), &staff),
        (format!("/my/{own}/attachments/1"), &staff),
        ("/my/TS209901010001".to_owned(), &cookie),
        ("/my/..".to_owned(), &cookie),
    ] {
        let got = site.ask(with_cookie(&path, cookie)).await;
        assert_eq!(got.status, 404, "{path}");
        assert!(!got.text().contains("VPN"), "{path}");
    }
}

#[tokio::test]
async fn a_password_of_somebody_else_is_changed_before_anything() {
    let site = site("");
    site.app.accounts.set_password("li", "made-by-admin-1", true).unwrap();
    let got = site.ask(form("/desk/sign-in", "login=li&password=made-by-admin-1", "")).await;
    let cookie = cookie_of(&got);
    for path in ["/my", "/my/TS202611230001", "/staff"] {
        let sent = staff_page(&site, path, &cookie).await;
        let to = sent.headers().get("location").unwrap().to_str().unwrap().to_owned();
        assert!(to.starts_with("/my/password?next=%2F"), "{path}: {to}");
    }
    let page = site.ask(with_cookie("/my/password?next=/my", &cookie)).await;
    assert!(page.text().contains("请先换成自己的"), "{}", page.text());
    let csrf = csrf_of(&page);
    let change = |current: &str, new: &str, again: &str| {
        form("/my/password", &format!("csrf={csrf}&current={current}&password={new}&again={again}&next=/my"), &cookie)
    };
    for (current, new, again, said) in [
        ("", GOOD, GOOD, "请填写密码"),
        ("wrong-password", GOOD, GOOD, "当前密码不对"),
        ("made-by-admin-1", "short", "short", "密码太短"),
        ("made-by-admin-1", "password123", "password123", "太容易被猜到"),
        ("made-by-admin-1", "made-by-admin-1", "made-by-admin-1", "不能和当前密码相同"),
        ("made-by-admin-1", GOOD, "something else", "不一样"),
    ] {
        let got = site.ask(change(current, new, again)).await;
        assert_eq!(got.status, 422, "{said}");
        assert!(got.text().contains(said), "{said}: {}", got.text());
    }
    let forged = form("/my/password", &format!("current=made-by-admin-1&password={GOOD}&again={GOOD}"), &cookie);
    assert_eq!(site.ask(forged).await.status, 403);
    let done = site.ask(change("made-by-admin-1", GOOD, GOOD)).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/my?changed=1"));
    assert_eq!(site.ask(with_cookie("/my", &cookie)).await.status, 303, "the session before is over");
    let page = site.ask(with_cookie("/my?changed=1", &cookie_of(&done))).await;
    assert!(page.text().contains("密码已修改"), "{}", page.text());
}

const GOOD: &str = "tea in the afternoon";

/// A page for staff, inside the layers of every answer.
async fn staff_page(site: &TestSite, path: &str, cookie: &str) -> http::Response<Body> {
    let staff = axum::routing::get(async |Staff(who): Staff| who.actor.account);
    let routes = axum::Router::new().route("/staff", staff.clone()).route("/api/staff", staff).merge(router());
    let router = crate::web::layered(routes, site.app.clone());
    tower::ServiceExt::oneshot(router, with_cookie(path, cookie)).await.unwrap()
}

#[tokio::test]
async fn staff_pages_open_for_staff_alone() {
    let site = site("");
    let employee = sign_in(&site, "wang").await;
    let agent = sign_in(&site, "li").await;
    let status = async |path, cookie| staff_page(&site, path, cookie).await.status().as_u16();
    assert_eq!([status("/staff", &agent).await, status("/api/staff", &agent).await], [200, 200]);
    assert_eq!([status("/staff", &employee).await, status("/api/staff", &employee).await], [403, 403]);
    assert_eq!([status("/staff", "").await, status("/api/staff", "").await], [303, 401]);
    site.app.accounts.update("li", |account| account.role = Role::Employee).unwrap();
    assert_eq!(status("/staff", &agent).await, 303, "rights that were taken away are gone at once");
    site.app.accounts.update("wang", |account| account.disabled = true).unwrap();
    assert_eq!(status("/my", &employee).await, 303);
}

const PROXY: &str = "[accounts.proxy]\nfrom = ['127.0.0.1']\nsecret_env = 'P'\nname_header = 'X-Name'\n";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn vouched(login: &str, secret: &str) -> Request<Body> {
    let request = Request::get("/my").header("accept", "text/html").header("x-remote-user", login);
    let name = http::HeaderValue::from_bytes("李雷".as_bytes()).unwrap();
    request.header("x-helpmark-proxy-secret", secret).header("x-name", name).body(Body::empty()).unwrap()
}

fn trusting(toml: &str) -> TestSite {
    let mut site = site(toml);
    let rules = site.app.live.load().config.accounts.proxy.clone().unwrap();
    let sign_on = SignOn::new(&rules, |_| Some(SECRET.to_owned())).unwrap();
    let app = std::mem::replace(&mut site.app, TestSite::new().app);
    site.app = app.with_sign_on(Some(sign_on));
    site
}

#[tokio::test]
async fn a_trusted_proxy_signs_people_in_and_a_forged_header_nobody() {
    let site = trusting(PROXY);
    let stranger = site.ask(vouched("li.lei", SECRET)).await;
    assert_eq!(stranger.status, 200);
    assert!(stranger.text().contains("李雷") && !stranger.text().contains("href=\"/desk\""));
    assert!(site.ask(vouched("li", SECRET)).await.text().contains("href=\"/desk\""), "a local account keeps its role");
    for forged in ["", "x", &SECRET[1..]] {
        assert_eq!(site.ask(vouched("li", forged)).await.status, 303, "{forged}");
    }
    let mut twice = vouched("li", SECRET);
    twice.headers_mut().append("x-remote-user", "wang".parse().unwrap());
    assert_eq!(site.ask(twice).await.status, 303, "two names are one too many");
    let mut remote = vouched("li", SECRET);
    remote.headers_mut().insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
    let far = trusting(&PROXY.replace("127.0.0.1", "10.0.0.5"));
    assert_eq!(far.ask(remote).await.status, 303, "another address is not believed, whatever it says of itself");
    assert_eq!(site_off().ask(vouched("li", SECRET)).await.status, 303, "off by default");
}

fn site_off() -> TestSite {
    site("")
}

#[tokio::test]
async fn whom_a_proxy_vouches_for_has_a_token_too() {
    let site = trusting(PROXY);
    assert!(!site.ask(vouched("li", SECRET)).await.text().contains("/desk/sign-out"), "the proxy would sign in again");
    let password = |login: &str| {
        let mut request = vouched(login, SECRET);
        *request.uri_mut() = "/my/password".parse().unwrap();
        request
    };
    let csrf = csrf_of(&site.ask(password("li")).await);
    let other = csrf_of(&site.ask(password("wang")).await);
    assert_ne!(csrf, other);
    let out = |token: &str| {
        let mut request = form("/desk/sign-out", &format!("csrf={token}"), "");
        request.headers_mut().insert("x-remote-user", "li".parse().unwrap());
        request.headers_mut().insert("x-helpmark-proxy-secret", SECRET.parse().unwrap());
        request
    };
    assert_eq!(site.ask(out(&other)).await.status, 403);
    assert_eq!(site.ask(out(&csrf)).await.status, 303);
}

#[tokio::test]
async fn a_site_may_take_tickets_from_people_with_an_account_only() {
    let site = site("[tickets]\nrequire_sign_in = true\n");
    let form = with_cookie("/tickets/new?q=vpn", "");
    let sent = site.ask(form).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/desk/sign-in?next=%2Ftickets%2Fnew%3Fq%3Dvpn"));
    let program = Request::post("/api/tickets").header("content-type", "application/json").body(Body::from("{}"));
    assert_eq!(site.ask(program.unwrap()).await.status, 401);
    let closed = site.ask(with_cookie("/desk/sign-in", "")).await;
    let way = "没有账号也可以提交工单";
    assert!(closed.text().contains("<form") && !closed.text().contains(way), "no way that is closed is shown");
    assert!(self::site("").ask(with_cookie("/desk/sign-in", "")).await.text().contains(way));
    let cookie = sign_in(&site, "wang").await;
    assert_eq!(site.ask(with_cookie("/tickets/new", &cookie)).await.status, 200);
}
