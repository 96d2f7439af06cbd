//! Signing in, one's own tickets, another password: in a browser, at an address without TLS.

use super::access::{axe, check};
use super::driver::{Browser, browser, check_and_send};
use crate::harness::{Server, Site};
use crate::story_accounts::{PASSWORD, staffed};

/// A name that a browser trusts less than `localhost`: it then says in `Origin` alone where a form comes from.
const ELSEWHERE: &str = "--host-resolver-rules=MAP help.corp 127.0.0.1";

fn at(server: &Server, path: &str) -> String {
    format!("{}{path}", server.url.replace("127.0.0.1", "help.corp"))
}

fn sign_in(browser: &Browser, login: &str, password: &str) {
    browser.fill("#f-login", login);
    browser.fill("#f-password", password);
    browser.click(".sign-in button");
}

fn arrives(browser: &Browser, path: &str) {
    browser.until(path, &format!("location.pathname === '{path}' && document.readyState === 'complete'"));
}

#[test]
fn an_employee_signs_in_files_and_signs_out() {
    let Some(browser) = browser("an_employee_signs_in_files_and_signs_out", &[ELSEWHERE]) else { return };
    let site: Site = staffed();
    let server = site.serve();
    browser.open(&at(&server, "/my"));
    arrives(&browser, "/desk/sign-in");
    sign_in(&browser, "wang", "wrong password");
    browser.until("the refusal", "document.querySelector('.error-summary:not([hidden])')");
    browser.shows(&["账号或密码不对"]);
    assert_eq!((browser.value("#f-login"), browser.value("#f-password")), ("wang".into(), String::new()));
    browser.fill("#f-password", PASSWORD);
    browser.click(".sign-in button");
    arrives(&browser, "/my");
    browser.shows(&["我的工单", "wang", "你还没有登录后提交的工单"]);

    browser.click(".my-head a[data-ticket]");
    arrives(&browser, "/tickets/new");
    assert_eq!(browser.value("#f-name"), "wang");
    browser.click("input[name=type][value=other]");
    browser.fill("#f-title", "屏幕不亮");
    browser.fill("#f-description", "按了没有反应");
    browser.click("input[name=urgency][value=normal]");
    browser.fill("#f-contact", "8000");
    check_and_send(&browser);
    browser.until("the tracker", "location.pathname.startsWith('/track/')");
    browser.shows(&["我的工单"]);
    browser.open(&at(&server, "/my"));
    browser.click(".my-tickets a");
    browser.until("the ticket", "/^\\/my\\/TS\\d+$/.test(location.pathname)");
    browser.shows(&["屏幕不亮", "按了没有反应"]);

    browser.open(&at(&server, "/my/password"));
    let another = "tea in the afternoon";
    browser.fill("#f-current", PASSWORD);
    browser.fill("#f-password", another);
    browser.fill("#f-again", another);
    browser.click(".sign-in button");
    arrives(&browser, "/my");
    browser.shows(&["密码已修改"]);
    browser.click(".my-head form button");
    arrives(&browser, "/");
    browser.open(&at(&server, "/my"));
    arrives(&browser, "/desk/sign-in");
    sign_in(&browser, "wang", another);
    arrives(&browser, "/my");

    let Some(axe) = axe() else { return };
    let pages = ["/my", "/en/my", "/my/password", "/en/my/password"];
    check(&browser, &axe, &pages.map(|path| (path, at(&server, path))));
    browser.open(&at(&server, "/my"));
    browser.click(".my-head form button");
    arrives(&browser, "/");
    check(&browser, &axe, &["/desk/sign-in", "/en/desk/sign-in"].map(|path| (path, at(&server, path))));
    server.stop();
}
