//! Stories of filing and following, over HTTP.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::web::testing::{Got, TestSite, get};

const BOUNDARY: &str = "----helpmark";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\npicture";

/// The words of a good submission.
fn words<'a>() -> Vec<(&'a str, &'a str)> {
    vec![
        ("type", "software"),
        ("application", "VPN"),
        ("title", "连不上 VPN"),
        ("description", "一开机就这样\r\n---\r\n<script>alert(1)</script>"),
        ("urgency", "urgent"),
        ("name", "张三"),
        ("contact", "8000"),
    ]
}

fn multipart(path: &str, words: &[(&str, &str)], files: &[(&str, &[u8])]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, value) in words {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Request::post(path).header("content-type", kind).body(Body::from(body)).unwrap()
}

fn json(body: serde_json::Value, key: &str) -> Request<Body> {
    let request = Request::post("/api/tickets").header("content-type", "application/json");
    request.header("idempotency-key", key).body(Body::from(body.to_string())).unwrap()
}

fn object(words: &[(&str, &str)]) -> serde_json::Value {
    words.iter().map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(*value))).collect()
}

/// The tracking link's secret.
fn secret(filed: &Got) -> String {
    filed.json()["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn bearer(id: &str, secret: &str) -> Request<Body> {
    let request = Request::get(format!("/api/tickets/{id}")).header("authorization", format!("Bearer {secret}"));
    request.body(Body::empty()).unwrap()
}

fn fields(got: &Got) -> Vec<String> {
    let errors = got.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_ticket_is_filed_and_followed_by_program() {
    let site = TestSite::new();
    let filed = site.ask(multipart("/api/tickets", &words(), &[("截图.png", PNG), ("", b"")])).await;
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.text());
    let id = filed.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (id.as_str(), filed.json()["created_at"].as_str()),
        ("TS197001010001", Some("1970-01-01T08:00:00+08:00"))
    );
    let secret = secret(&filed);
    assert_eq!(filed.header("location"), format!("/track/{secret}"));

    let seen = site.ask(bearer(&id, &secret)).await;
    assert_eq!((seen.status, seen.json()["status"].as_str()), (StatusCode::OK, Some("new")));
    assert_eq!(seen.json()["attachments"][0]["name"], "截图.png");
    assert!(!seen.text().contains("sha256\":\"\"") && !seen.text().contains("tracking"), "{}", seen.text());
    let mut again = bearer(&id, &secret);
    again.headers_mut().insert("if-none-match", seen.header("etag").parse().unwrap());
    assert_eq!(site.ask(again).await.status, StatusCode::NOT_MODIFIED);

    // Nobody learns from the answer whether a ticket exists.
    assert_eq!(site.ask(get(&format!("/api/tickets/{id}"))).await.status, StatusCode::UNAUTHORIZED);
    for other in ["TS197001010002", "TS197001010001", "x"] {
        let wrong = format!("{id}-{}", "0".repeat(40));
        assert_eq!(site.ask(bearer(other, &wrong)).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn every_mistake_comes_at_once_in_the_requests_language() {
    let site = TestSite::new();
    let mut wrong = words();
    wrong.retain(|(name, _)| !matches!(*name, "title" | "contact" | "application"));
    let got = site.ask(multipart("/api/tickets?lang=en", &wrong, &[("virus.exe", b"MZ")])).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(got.header("content-type"), "application/problem+json");
    assert_eq!(fields(&got), ["title", "application", "contact", "attachments"]);
    assert!(got.text().contains("Fill in: Title"), "{}", got.text());
    assert!(!site.root().join("content/tickets").exists());

    let got = site.ask(json(serde_json::json!({ "title": ["x"], "attachments": [] }), "k")).await;
    assert!(fields(&got).contains(&"title".to_owned()) && fields(&got).contains(&"attachments".to_owned()));
}

#[tokio::test]
async fn a_file_alone_that_is_wrong_says_how_by_its_status() {
    let site = TestSite::with("title = '服务台'\n[tickets]\nmax_attachment_mb = 1\nmax_attachments = 2\n");
    let big = vec![b'x'; 1024 * 1024 + 1];
    let huge = vec![b'x'; 5 * 1024 * 1024];
    type Files<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(Files, StatusCode); 6] = [
        (&[("big.txt", &big)], StatusCode::PAYLOAD_TOO_LARGE),
        (&[("huge.txt", &huge)], StatusCode::PAYLOAD_TOO_LARGE),
        (&[("a.svg", b"<svg>")], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&[("a.jpg", PNG)], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&[("a.txt", b"1"), ("b.txt", b"2"), ("c.txt", b"3")], StatusCode::UNPROCESSABLE_ENTITY),
        (&[("a.txt", b"")], StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (files, status) in cases {
        let got = site.ask(multipart("/api/tickets", &words(), files)).await;
        assert_eq!(got.status, status, "{} {}", files[0].0, got.text());
    }
    assert!(!site.root().join("content/tickets").exists(), "no ticket without its files");
    let plain = Request::post("/api/tickets").header("content-type", "text/plain").body(Body::from("x")).unwrap();
    assert_eq!(site.ask(plain).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let cut = Request::post("/api/tickets").header("content-type", "application/json").body(Body::from("{")).unwrap();
    assert_eq!(site.ask(cut).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_retry_gets_the_same_answer() {
    let site = TestSite::new();
    let first = site.ask(json(object(&words()), "key-1")).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let again = site.ask(json(object(&words()), "key-1")).await;
    assert_eq!((again.status, again.json()), (StatusCode::CREATED, first.json()));
    let mut other = words();
    other[2].1 = "另一件事";
    let reused = site.ask(json(object(&other), "key-1")).await;
    assert_eq!(
        (reused.status, fields(&reused)),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["idempotency_key".to_owned()])
    );
    // The form sends its key as a field.
    let mut form = words();
    form.push(("idempotency_key", "key-2"));
    let ids =
        [site.ask(multipart("/api/tickets", &form, &[])).await, site.ask(multipart("/api/tickets", &form, &[])).await];
    assert_eq!(ids[0].json(), ids[1].json());
    assert_eq!(ids[0].json()["id"], "TS197001010002");
}

#[tokio::test]
async fn the_form_works_without_scripts() {
    let site = TestSite::new();
    let form = site.ask(get("/tickets/new?q=%E6%89%93%E5%8D%B0")).await;
    assert_eq!((form.status, form.header("cache-control")), (StatusCode::OK, "no-store"));
    for word in ["打印", "硬件故障", "software.application"] {
        assert!(form.text().contains(word), "{word}: {}", form.text());
    }
    let from = site.ask(get("/tickets/new?from=/articles/vpn/")).await;
    assert!(from.text().contains("连接 VPN") && from.text().contains("/articles/vpn/"), "{}", from.text());
    assert!(site.ask(get("/en/tickets/new")).await.text().contains("Hardware fault"));
    assert_eq!(site.ask(get("/xx/tickets/new")).await.status, StatusCode::NOT_FOUND);

    let mut wrong = words();
    wrong[4].1 = "";
    let back = site.ask(multipart("/tickets/new", &wrong, &[("a.txt", b"log")])).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    for word in ["错误：", "连不上 VPN", "一开机就这样", "请重新选择", "张三"] {
        assert!(back.text().contains(word), "{word}: {}", back.text());
    }

    let sent = site.ask(multipart("/en/tickets/new", &words(), &[("a.txt", b"log")])).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let to = sent.header("location").to_owned();
    assert!(to.starts_with("/en/track/TS197001010001-") && to.ends_with("?sent=1"), "{to}");
    let page = site.ask(get(&to)).await;
    assert!(page.text().contains("TS197001010001") && page.text().contains("today 09:10"), "{}", page.text());

    let urlencoded = "type=other&title=x&description=y&urgency=normal&name=z&contact=1";
    let request = Request::post("/tickets/new").header("content-type", "application/x-www-form-urlencoded");
    let sent = site.ask(request.body(Body::from(urlencoded)).unwrap()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
}

#[tokio::test]
async fn the_tracker_shows_its_ticket_to_the_holder_of_the_link_only() {
    let site = TestSite::new();
    let filed = site.ask(multipart("/api/tickets", &words(), &[("日志 1.txt", "内容".as_bytes())])).await;
    let link = format!("/track/{}", secret(&filed));
    let page = site.ask(get(&link)).await;
    assert_eq!(page.status, StatusCode::OK);
    for word in ["TS197001010001", "连不上 VPN", "待受理", "提交了工单", "今天 09:10"] {
        assert!(page.text().contains(word), "{word}: {}", page.text());
    }
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("no-store", "noindex"));

    let file = site.ask(get(&format!("{link}/attachments/1"))).await;
    assert_eq!((file.status, file.text()), (StatusCode::OK, "内容"));
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"1-"), "{:?}", file.headers);
    assert!(file.header("content-security-policy").starts_with("sandbox"));
    assert_eq!((file.header("x-content-type-options"), file.header("content-length")), ("nosniff", "6"));
    for nothing in ["/attachments/0", "/attachments/2", "/attachments/-1"] {
        let status = site.ask(get(&format!("{link}{nothing}"))).await.status;
        assert!(status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST, "{nothing} {status}");
    }
    for wrong in ["x".to_owned(), link[7..].replace('-', "-0"), format!("TS197001010001-{}", "0".repeat(40))] {
        let page = site.ask(get(&format!("/track/{wrong}"))).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.text().contains("这个链接打不开工单"), "{}", page.text());
        assert_eq!(site.ask(get(&format!("/track/{wrong}/attachments/1"))).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_submission_too_many_is_refused_before_its_files_and_keeps_its_words() {
    let site = TestSite::new();
    let urlencoded = || {
        let request = Request::post("/tickets/new").header("content-type", "application/x-www-form-urlencoded");
        request.body(Body::from("title=x")).unwrap()
    };
    for _ in 0..30 {
        assert_eq!(site.ask(urlencoded()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // A file whose end never comes: whoever waits for it waits for ever.
    let (head, body) = multipart("/tickets/new", &words(), &[("a.txt", b"log")]).into_parts();
    let bytes = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    let end = bytes.windows(3).position(|three| three == b"log").unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    sender.send(Ok::<_, std::io::Error>(bytes.slice(..end))).await.unwrap();
    let body = Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receiver));
    let refused = site.ask(Request::from_parts(head, body));
    let refused = tokio::time::timeout(std::time::Duration::from_secs(10), refused).await.expect("it reads the file");
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "30"));
    assert!(refused.text().contains("连不上 VPN") && refused.text().contains("张三"), "{}", refused.text());
    assert!(!site.root().join(".helpmark/staging").exists(), "nothing of it touched the disk");
    drop(sender);
}

#[tokio::test]
async fn a_store_that_cannot_write_keeps_the_words_and_says_when_to_try_again() {
    let site = TestSite::with("title = '服务台'\n[contact]\nphone = '8888'\n");
    // A file where the directory should be: every write fails, as on a broken disk.
    std::fs::create_dir_all(site.root().join("content")).unwrap();
    std::fs::write(site.root().join("content/tickets"), "").unwrap();
    let got = site.ask(multipart("/api/tickets", &words(), &[])).await;
    assert_eq!((got.status, got.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"), "{}", got.text());
    let form = site.ask(multipart("/tickets/new", &words(), &[])).await;
    assert_eq!((form.status, form.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
    assert!(form.text().contains("拨打 8888") && form.text().contains("连不上 VPN"), "{}", form.text());
}

#[tokio::test]
async fn everything_is_looked_at_once_more_without_scripts() {
    let site = TestSite::with(
        "title = '服务台'\n[[types]]\nkey = 'software'\nname = '软件异常'\nteam = 'application'\n\
         [[types.fields]]\nkey = 'application'\nlabel = '软件名称'\nrequired = true\n",
    );
    let with = |step: &'static str| {
        let own = words().into_iter().map(|(name, value)| match name {
            "application" => ("software.application", value),
            _ => (name, value),
        });
        own.chain([("idempotency_key", "k1"), ("step", step)]).collect::<Vec<_>>()
    };
    let form = site.ask(get("/tickets/new")).await;
    assert!(form.text().contains("10 分钟内首次回复，目标 4 小时内解决（按工作时间）"), "{}", form.text());
    assert!(form.text().contains("由应用系统组处理"), "{}", form.text());

    let mut wrong = with("review");
    wrong.retain(|(name, _)| *name != "title");
    assert_eq!(site.ask(multipart("/tickets/new", &wrong, &[])).await.status, 422, "mistakes come first");

    let review = site.ask(multipart("/tickets/new", &with("review"), &[])).await;
    assert_eq!(review.status, StatusCode::OK, "{}", review.text());
    let hidden = |name: &str, value: &str| format!("type=\"hidden\" name=\"{name}\" value=\"{value}\"");
    for word in [&hidden("title", "连不上 VPN"), &hidden("idempotency_key", "k1"), "软件名称", "10 分钟内首次回复"]
    {
        assert!(review.text().contains(word), "{word}: {}", review.text());
    }
    assert!(!review.text().contains("<script>alert") && !review.text().contains("name=\"step\" value=\"review\""));
    let edit = site.ask(multipart("/tickets/new", &with("edit"), &[])).await;
    assert!(edit.status == StatusCode::OK && edit.text().contains("value=\"连不上 VPN\""), "{}", edit.text());
    assert!(site.app.tickets.list().await.unwrap().is_empty(), "nothing is filed yet");

    // A file that is not taken is told where files are chosen; the words stay.
    let refused = site.ask(multipart("/tickets/new", &with("send"), &[("a.exe", b"MZ")])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("value=\"send\"") && refused.text().contains("a.exe"), "{}", refused.text());
    let sent = site.ask(multipart("/tickets/new", &with("send"), &[("截图.png", PNG)])).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let request = Request::get(sent.header("location")).header("host", "help.corp:8080").body(Body::empty()).unwrap();
    let page = site.ask(request).await;
    let track = sent.header("location").trim_end_matches("?sent=1").to_owned();
    assert!(page.text().contains(&format!(">help.corp:8080{track}</a>")), "a link to write down: {}", page.text());
    assert!(page.text().contains(&format!("href=\"/en{track}?sent=1\"")), "in the other language too");
    assert!(!page.text().contains("canonical"), "nobody else is told of the address");
}
