//! What people without a session, or with one that is over, can take from others: nothing.

use super::*;

#[tokio::test]
async fn a_browser_that_is_known_does_not_wait_for_strangers() {
    let site = site("");
    let first = site.ask(form("/desk/sign-in", &format!("login=wang&password={PASSWORD}"), "")).await;
    let cookies: Vec<_> = first.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let device = cookies.iter().find(|line| line.starts_with("helpmark_device=")).expect("it is remembered");
    assert!(device.contains("HttpOnly") && device.contains("Max-Age=15552000"), "{device}");
    let device = device.split(';').next().unwrap();
    // From the same address: an office, or a proxy that says nothing of its clients.
    for n in 0..60 {
        site.ask(form("/desk/sign-in", &format!("login=user{n}&password=wrong"), "")).await;
        site.ask(form("/desk/sign-in", "login=wang&password=wrong", "")).await;
    }
    let right =
        |login: &str, cookie: &str| form("/desk/sign-in", &format!("login={login}&password={PASSWORD}"), cookie);
    assert_eq!(site.ask(right("wang", "")).await.status, 429);
    assert_eq!(site.ask(right("li", device)).await.status, 429, "it is known for one account");
    assert_eq!(site.ask(right("wang", "helpmark_device=1.2.3")).await.status, 429);
    assert_eq!(site.ask(right("wang", device)).await.status, 303);
    let guess = async || site.ask(form("/desk/sign-in", "login=wang&password=wrong", device)).await.status.as_u16();
    let mut guesses = Vec::new();
    for _ in 0..6 {
        guesses.push(guess().await);
    }
    assert_eq!(guesses, [422, 422, 422, 422, 422, 429], "and guesses no more than others");
}

#[tokio::test]
async fn filing_in_the_name_of_a_cookie_takes_a_page_of_this_site_or_the_token() {
    let site = site("");
    let cookie = sign_in(&site, "wang").await;
    let csrf = csrf_of(&site.ask(with_cookie("/my", &cookie)).await);
    let body = r#"{"type":"other","title":"VPN","description":"x","urgency":"normal","name":"W","contact":"1"}"#;
    let post = |headers: &[(&'static str, &str)], key: &str| {
        let mut request = Request::post("/api/tickets").header("content-type", "application/json");
        request = request.header("idempotency-key", key.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from(body)).unwrap()
    };
    assert_eq!(site.ask(post(&[("cookie", &cookie)], "a")).await.status, 403);
    assert_eq!(site.ask(post(&[("cookie", &cookie), ("x-csrf-token", "x")], "a")).await.status, 403);
    let form = "type=other&title=VPN&description=x&urgency=normal&name=W&contact=1";
    let mut bare = self::form("/tickets/new", form, &cookie);
    bare.headers_mut().remove("origin");
    assert_eq!(site.ask(bare).await.status, 403);
    assert!(site.app.tickets.list().await.unwrap().is_empty());
    let own = site.ask(post(&[("cookie", &cookie), ("x-csrf-token", &csrf)], "a")).await;
    assert_eq!(own.status, 201, "{}", own.text());
    assert_eq!(
        site.ask(post(&[("cookie", &cookie), ("referer", "http://localhost/tickets/new")], "b")).await.status,
        201
    );

    // The same key and the same words of somebody else are another ticket, with another link.
    let nobody = site.ask(post(&[], "a")).await;
    let li = sign_in(&site, "li").await;
    let other = site.ask(post(&[("cookie", &li), ("origin", "http://localhost")], "a")).await;
    let again = site.ask(post(&[("cookie", &cookie), ("x-csrf-token", &csrf)], "a")).await;
    assert_eq!(again.json()["url"], own.json()["url"]);
    let urls = [own, nobody, other].map(|got| got.json()["url"].as_str().unwrap().to_owned());
    assert!(urls[0] != urls[1] && urls[1] != urls[2] && urls[0] != urls[2], "{urls:?}");

    // Strangers behind the same address use up their own tickets.
    let mut statuses = Vec::new();
    for n in 0..31 {
        statuses.push(site.ask(post(&[], &format!("s{n}"))).await.status.as_u16());
    }
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(site.ask(post(&[("cookie", &cookie), ("x-csrf-token", &csrf)], "c")).await.status, 201);
}

#[tokio::test]
async fn the_desk_tells_nothing_to_who_has_signed_out() {
    use http_body_util::BodyExt as _;
    let site = site("");
    for ends in ["signed out", "disabled"] {
        let cookie = sign_in(&site, "li").await;
        let response = tower::ServiceExt::oneshot(site.router(), with_cookie("/desk/live", &cookie)).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        match ends {
            "disabled" => drop(site.app.accounts.update("li", |account| account.disabled = true).unwrap()),
            _ => {
                let csrf = csrf_of(&site.ask(with_cookie("/my", &cookie)).await);
                site.ask(form("/desk/sign-out", &format!("csrf={csrf}"), &cookie)).await;
            }
        }
        site.app.hub.changed("TS202611230001".parse().unwrap());
        let end =
            tokio::time::timeout(std::time::Duration::from_secs(20), async { while body.frame().await.is_some() {} });
        end.await.unwrap_or_else(|_| panic!("{ends}, and the stream goes on"));
    }
}
