//! Raising a ticket: what was promised to whoever raised it is kept.

pub(crate) mod full_disk;

use serde_json::{Value, json};

use crate::harness::{PNG, Reply, Server, Site, tree};

/// The words of a good submission.
const WORDS: &[(&str, &str)] = &[
    ("type", "software"),
    ("application", "VPN 客户端"),
    ("title", "连不上 VPN: 错误 #809"),
    ("description", "一开机就这样\n---\n<script>alert(1)</script>\n第三行"),
    ("urgency", "important"),
    ("impact", "team"),
    ("name", "张三"),
    ("department", "财务部"),
    ("contact", "13800138000"),
    ("steps_tried", "重启过"),
    ("query", "vpn 809"),
    ("viewed", "articles/network/vpn-setup.md,articles/network/no-internet.md"),
];

fn object(words: &[(&str, &str)]) -> Value {
    words.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}

fn without<'a>(words: &[(&'a str, &'a str)], names: &[&str]) -> Vec<(&'a str, &'a str)> {
    words.iter().copied().filter(|(name, _)| !names.contains(name)).collect()
}

/// A filed ticket, as its 201 tells it.
struct Filed {
    id: String,
    /// The tracking link's path.
    track: String,
}

impl Filed {
    fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 201, "{}", reply.text());
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        let url = reply.json()["url"].as_str().unwrap().to_owned();
        let track = url[url.find("/track/").unwrap()..].to_owned();
        assert!(reply.header("location").ends_with(&track), "{}", reply.header("location"));
        Self { id, track }
    }

    fn secret(&self) -> &str {
        self.track.rsplit('/').next().unwrap()
    }

    /// The number within its day.
    fn serial(&self) -> u64 {
        let digits = self.id.strip_prefix("TS").unwrap();
        assert!(digits.len() >= 12 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", self.id);
        digits[8..].parse().unwrap()
    }

    /// Relative to the site's root.
    fn file(&self) -> String {
        format!("content/tickets/{}/{}/{}/{}.md", &self.id[2..6], &self.id[6..8], &self.id[8..10], self.id)
    }

    fn json(&self, server: &Server) -> Value {
        let bearer = format!("Bearer {}", self.secret());
        server.get_with(&format!("/api/tickets/{}", self.id), &[("authorization", &bearer)]).expect(200).json()
    }
}

/// The files in the tickets' and attachments' folders.
fn kept(site: &Site) -> Vec<String> {
    let there = ["content/tickets", "content/attachments"].into_iter().filter(|folder| site.path(folder).is_dir());
    there.flat_map(|folder| tree(&site.path(folder)).into_keys().map(move |name| format!("{folder}/{name}"))).collect()
}

#[test]
fn a_ticket_by_json_becomes_a_file_with_its_origin() {
    let site = Site::repository();
    let server = site.serve();
    let mut body = object(WORDS);
    body["viewed"] = json!(["articles/network/vpn-setup.md", "articles/network/no-internet.md"]);
    let reply = server.post_json("/api/tickets", &body, &[]);
    let filed = Filed::of(&reply);
    assert!(reply.json()["created_at"].as_str().unwrap().ends_with("+08:00"), "{}", reply.text());
    assert_eq!(filed.serial(), 1);

    let text = site.read(&filed.file());
    let (head, body) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    let ticket: serde_yaml::Value = serde_yaml::from_str(head).unwrap();
    assert_eq!(ticket["id"], filed.id.as_str());
    assert_eq!(ticket["title"], "连不上 VPN: 错误 #809");
    assert_eq!(
        (&ticket["type"], &ticket["urgency"], &ticket["impact"]),
        (&"software".into(), &"important".into(), &"team".into())
    );
    assert_eq!(ticket["status"], "new");
    assert_eq!(ticket["requester"]["contact"], "13800138000", "a number stays a text");
    assert_eq!(ticket["origin"]["query"], "vpn 809");
    assert_eq!(ticket["origin"]["viewed"][1], "articles/network/no-internet.md");
    assert_eq!(ticket["fields"]["application"], "VPN 客户端");
    assert!(body.contains("一开机就这样\n---\n<script>alert(1)</script>\n第三行"), "{body}");
    assert!(!text.contains(filed.secret()), "the secret is kept as a hash");

    assert_eq!(filed.json(&server)["title"], "连不上 VPN: 错误 #809");
    let page = server.page(&filed.track).expect(200);
    page.says(&[&filed.id, "连不上 VPN: 错误 #809", "待受理", "&lt;script&gt;"]);
    assert!(!page.text().contains("<script>alert"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");

    let second = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[]));
    assert_eq!(second.serial(), 2, "the next number");
    server.stop();
}

#[test]
fn a_ticket_with_a_picture_gives_the_picture_back() {
    let site = Site::bare();
    let server = site.serve();
    let filed = Filed::of(&server.post_form(
        "/api/tickets",
        WORDS,
        &[("截图 1.png", PNG), ("日志.txt", "错误 809".as_bytes())],
        &[],
    ));
    let seen = filed.json(&server);
    assert_eq!(seen["attachments"][0]["name"], "截图 1.png", "{seen}");
    assert_eq!(seen["attachments"][0]["size"], PNG.len());
    let files: Vec<_> = kept(&site).into_iter().filter(|name| name.starts_with("content/attachments/")).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(
        files.iter().all(|name| name.starts_with(&format!("content/attachments/{}/", filed.id)) && name.is_ascii()),
        "{files:?}"
    );

    let picture = server.get(&format!("{}/attachments/1", filed.track)).expect(200);
    assert_eq!(picture.bytes, PNG);
    assert!(
        picture.header("content-disposition").starts_with("attachment;"),
        "{}",
        picture.header("content-disposition")
    );
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    assert!(picture.header("content-security-policy").contains("sandbox"));
    assert_eq!(server.get(&format!("{}/attachments/3", filed.track)).status, 404);
    assert_eq!(server.get(&format!("{}0/attachments/1", filed.track)).status, 404);
    server.stop();
}

#[test]
fn only_the_holder_of_the_link_sees_the_ticket() {
    let site = Site::bare();
    let server = site.serve();
    let [mine, other] = [(), ()].map(|()| Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[])));
    let path = format!("/api/tickets/{}", mine.id);
    let bare = server.get(&path);
    assert_eq!((bare.status, bare.header("content-type")), (401, "application/problem+json"));
    for wrong in [other.secret(), "x", "", &mine.id] {
        let reply = server.get_with(&path, &[("authorization", &format!("Bearer {wrong}"))]);
        assert!([401, 404].contains(&reply.status), "{wrong}: {}", reply.status);
        assert!(!reply.text().contains("VPN"), "{}", reply.text());
    }
    let guessed = "/api/tickets/TS209901010001";
    let unknown = server.get_with(guessed, &[("authorization", &format!("Bearer {}", other.secret()))]);
    let wrong = server.get_with(&path, &[("authorization", &format!("Bearer {}", other.secret()))]);
    assert_eq!((unknown.status, unknown.bytes), (wrong.status, wrong.bytes), "nobody learns what exists");
    assert_eq!(server.page(&format!("/track/{}", mine.id)).status, 404);
    server.stop();
}

#[test]
fn every_mistake_is_told_at_once_in_both_languages() {
    let site = Site::bare();
    let server = site.serve();
    let wrong = without(WORDS, &["title", "contact", "application", "urgency"]);
    for (lang, word) in [("zh-CN", "请填写"), ("en", "Fill in")] {
        let reply = server.post_form("/api/tickets", &wrong, &[("virus.exe", b"MZ")], &[("accept-language", lang)]);
        assert_eq!((reply.status, reply.header("content-type")), (422, "application/problem+json"), "{}", reply.text());
        let mut fields = reply.fields();
        fields.sort();
        assert_eq!(fields, ["application", "attachments", "contact", "title", "urgency"]);
        assert!(reply.text().contains(word), "{}", reply.text());
    }
    let empty = server.post_json("/api/tickets", &json!({}), &[]);
    assert_eq!(empty.status, 422);
    assert!(empty.fields().len() >= 6, "{:?}", empty.fields());
    assert_eq!(kept(&site), Vec::<String>::new(), "nothing is filed");
    server.stop();
}

#[test]
fn files_that_are_not_what_they_say_are_refused() {
    let site = Site::bare();
    site.replace("site.toml", "# max_attachment_mb = 10", "max_attachment_mb = 1");
    let server = site.serve();
    let large = vec![b'a'; 1024 * 1024 + 1];
    let huge = vec![b'a'; 8 * 1024 * 1024];
    let cases: [(&str, &[u8], &[u16]); 6] = [
        ("a.png", b"GIF89a not a picture", &[415, 422]),
        ("a.jpg", PNG, &[415, 422]),
        ("a.html", b"<script>", &[415, 422]),
        ("a.zip", b"MZ", &[415, 422]),
        ("large.txt", &large, &[413]),
        ("huge.txt", &huge, &[413]),
    ];
    for (name, bytes, allowed) in cases {
        let reply = server.post_form("/api/tickets", WORDS, &[("good.png", PNG), (name, bytes)], &[]);
        assert!(allowed.contains(&reply.status), "{name}: {} {}", reply.status, reply.text());
        assert!(reply.status == 413 || reply.text().contains(name), "the file is named: {}", reply.text());
    }
    assert_eq!(kept(&site), Vec::<String>::new(), "no ticket without its files, no files without their ticket");
    assert_eq!(server.post("/api/tickets", "text/plain", b"title=x").status, 415);
    assert_eq!(server.post("/api/tickets", "application/json", b"{\"title\": ").status, 400);
    server.stop();
}

#[test]
fn a_repeated_request_makes_one_ticket() {
    let site = Site::bare();
    let server = site.serve();
    let key = [("idempotency-key", "0123-abc")];
    let first = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &key));
    let again = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &key));
    assert_eq!((&first.id, &first.track), (&again.id, &again.track));
    server.kill();
    let server = site.serve();
    let after = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &key));
    assert_eq!(after.id, first.id, "also after a crash");
    let mut other = object(WORDS);
    other["title"] = "另一件事".into();
    assert_eq!(server.post_json("/api/tickets", &other, &key).status, 422);
    assert_eq!(kept(&site).len(), 1);
    server.stop();
}

#[test]
fn the_form_works_without_scripts() {
    let site = Site::repository();
    let server = site.serve();
    let form = server.page("/tickets/new?q=vpn%20809&from=/articles/network/vpn-setup/").expect(200);
    form.says(&["vpn 809", "multipart/form-data", "name=\"title\"", "硬件故障", "/articles/network/vpn-setup/"]);
    server.page("/en/tickets/new").expect(200).says(&["Hardware fault"]);

    let html = [("accept", "text/html")];
    let back = server.post_form("/tickets/new", &without(WORDS, &["contact"]), &[("a.png", PNG)], &html);
    assert_eq!(back.status, 422);
    back.says(&["连不上 VPN: 错误 #809", "第三行", "张三", "财务部", "重启过", "vpn 809", "f-contact"]);
    assert_eq!(kept(&site), Vec::<String>::new());

    let sent = server.post_form("/tickets/new", WORDS, &[("a.png", PNG)], &html);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = server.page(sent.header("location")).expect(200);
    let tickets: Vec<_> = kept(&site).into_iter().filter(|name| name.starts_with("content/tickets/")).collect();
    let id = tickets[0].rsplit('/').next().unwrap().trim_end_matches(".md");
    page.says(&[id, "/track/"]);
    server.stop();
}

#[test]
fn a_ticket_survives_kill_9() {
    let site = Site::bare();
    let mut serial = 0;
    for round in 0..if crate::harness::long() { 50 } else { 3 } {
        let server = site.serve();
        let filed = Filed::of(&server.post_form("/api/tickets", WORDS, &[("a.png", PNG)], &[]));
        // The acknowledgement has just arrived: whatever it promised is on the disk already.
        server.kill();
        assert_eq!(filed.serial(), serial + 1, "round {round}");
        let server = site.serve();
        assert_eq!(filed.json(&server)["attachments"][0]["name"], "a.png", "round {round}");
        assert_eq!(server.get(&format!("{}/attachments/1", filed.track)).expect(200).bytes, PNG);
        let next = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[]));
        serial = next.serial();
        assert_eq!(serial, filed.serial() + 1, "numbers go on, and none comes twice");
        server.kill();
    }
    let staging = site.path(".helpmark/staging");
    let server = site.serve();
    let left = if staging.is_dir() { tree(&staging).into_keys().collect() } else { Vec::new() };
    assert!(left.is_empty(), "what the crashes left is swept: {left:?}");
    server.stop();
}

#[test]
fn a_deleted_ticket_does_not_free_its_number() {
    let site = Site::bare();
    let server = site.serve();
    let first = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[]));
    server.stop();
    site.remove(&first.file());
    let server = site.serve();
    assert_eq!(Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[])).serial(), 2);
    server.stop();
}

#[test]
fn server_and_command_line_share_one_row_of_numbers() {
    let site = Site::bare().file("a.png", PNG);
    let server = site.serve();
    let picture = site.path("a.png");
    let arguments = [
        "ticket",
        "file",
        "--json",
        "--type",
        "other",
        "--title",
        "打不开",
        "--description",
        "第一行",
        "--urgency",
        "normal",
        "--name",
        "张三",
        "--contact",
        "8000",
        "--attach",
        picture.to_str().unwrap(),
    ];
    // Two writers at once, each with its own process.
    let (by_line, by_server): (Vec<String>, Vec<Filed>) = std::thread::scope(|scope| {
        let lines = scope.spawn(|| {
            (0..4)
                .map(|_| {
                    let ran = site.run(&arguments);
                    ran.expect(0);
                    serde_json::from_str::<Value>(&ran.stdout).unwrap()["id"].as_str().unwrap().to_owned()
                })
                .collect()
        });
        let filed = (0..8).map(|_| Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[]))).collect();
        (lines.join().unwrap(), filed)
    });
    let mut serials: Vec<u64> = by_server.iter().map(Filed::serial).collect();
    serials.extend(by_line.iter().map(|id| id[10..].parse::<u64>().unwrap()));
    serials.sort_unstable();
    serials.dedup();
    assert_eq!(serials.len(), 12, "no number comes twice");

    let listed = site.run(&["ticket", "list", "--json"]);
    listed.expect(0);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&listed.stdout).unwrap().len(), 12);
    let shown = site.run(&["ticket", "show", "--json", &by_line[0]]);
    shown.expect(0);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((shown["title"].as_str(), shown["attachments"][0]["name"].as_str()), (Some("打不开"), Some("a.png")));
    site.run(&["ticket", "show", "TS209901010001"]).expect(1).says(&["TS209901010001"]);
    site.run(&["ticket", "show", "seven"]).expect(2);
    server.stop();
}

#[test]
fn the_command_line_tells_every_mistake_at_once() {
    let site = Site::bare().file("a.exe", "MZ");
    let program = site.path("a.exe");
    let ran = site.run(&[
        "ticket",
        "file",
        "--type",
        "printing",
        "--title",
        " ",
        "--description",
        "x",
        "--urgency",
        "soon",
        "--name",
        "x",
        "--contact",
        "y",
        "--attach",
        program.to_str().unwrap(),
    ]);
    ran.expect(1).says(&["type", "title", "urgency"]);
    assert_eq!(kept(&site), Vec::<String>::new());
}
