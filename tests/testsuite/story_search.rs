//! Searching, as employees type: on the content of this repository, through the running server.

use std::process::ChildStdin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::harness::{Server, Site, encode, tree};

/// One server for all questions: they change nothing.
fn server() -> &'static Server {
    static SERVER: OnceLock<(Site, Server, ChildStdin)> = OnceLock::new();
    let (_, server, _) = SERVER.get_or_init(|| {
        let site = Site::repository();
        let server = Server::start(site.root(), &["--no-watch"]);
        let leash = server.end_with_the_tests();
        (site, server, leash)
    });
    server
}

const RESET: &str = "articles/accounts/reset-password.md";

fn first(query: &str) -> String {
    server().found(query).into_iter().next().unwrap_or_default()
}

#[test]
fn plain_words_find_their_article() {
    assert_eq!(first("忘记密码"), RESET);
    assert!(first("VPN").starts_with("articles/network/vpn"), "{}", first("VPN"));
    assert_eq!(first("打印机脱机"), "articles/printing/printer-offline.md");
    assert_eq!(first("卡纸"), "articles/printing/paper-jam.md");
    let english = server().get(&format!("/api/search?q={}&lang=en", encode("forgot password"))).expect(200).json();
    assert_eq!(english["hits"][0]["path"], "articles/accounts/reset-password.en.md", "{english}");
    assert_eq!(
        english["hits"][0]["url"].as_str().unwrap().split('#').next(),
        Some("/en/articles/accounts/reset-password/")
    );
}

#[test]
fn spelling_does_not_matter() {
    for query in ["wifi", "WIFI", "Wi-Fi", "wi-fi", "ＷｉＦｉ", "WLAN"] {
        let found = server().found(query);
        let place = found.iter().position(|path| path.starts_with("articles/network/wifi-connect"));
        assert!(place.is_some_and(|place| place < 2), "{query}: {found:?}");
    }
    assert_eq!(first("忘記密碼"), RESET, "traditional characters");
    assert!(first("印表機").starts_with("articles/printing/"), "the word of Taiwan: {}", first("印表機"));
    assert!(server().found("wangjimima").contains(&RESET.to_owned()), "pinyin");
    assert_eq!(first("mima"), first("密码"), "pinyin of a word");
}

#[test]
fn a_typing_mistake_is_corrected_and_said() {
    let answer = server().search("outlok");
    let paths: Vec<_> = answer["hits"].as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap()).collect();
    assert!(paths.iter().take(3).any(|path| path.contains("outlook")), "{paths:?}");
    assert_eq!(answer["corrected"], "outlook", "{answer}");
    let page = server().page("/search?q=outlok").expect(200).text();
    assert!(page.contains("exact=1"), "the way to what was typed");
}

#[test]
fn filters_pages_and_facets_agree() {
    let all = server().search("VPN");
    let total = all["total"].as_u64().unwrap();
    let counts = |key: &str| {
        all["facets"][key].as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum::<u64>()
    };
    assert!(total > 2 && counts("kind") == total && counts("category") <= total, "{}", all["facets"]);
    let network = server().get("/api/search?q=VPN&category=network").expect(200).json();
    assert!(network["hits"].as_array().unwrap().iter().all(|hit| hit["category"] == "network"));
    let records = server().get("/api/search?q=VPN&kind=resolution").expect(200).json();
    assert!(
        records["hits"].as_array().unwrap().iter().all(|hit| hit["path"].as_str().unwrap().starts_with("resolutions/"))
    );
    let rest = server().get("/api/search?q=VPN&limit=2&offset=2").expect(200).json();
    assert_eq!(rest["hits"][0]["path"], all["hits"][2]["path"]);
    assert_eq!(server().get("/api/search?q=VPN&kind=ticket").status, 422);
}

#[test]
fn suggestions_come_while_typing() {
    for (typed, path) in [
        ("忘记", "/articles/accounts/reset-password/"),
        ("vp", "/articles/network/vpn"),
        ("wifi", "/articles/network/wifi-connect/"),
    ] {
        let answer = server().get(&format!("/api/suggest?q={}&limit=8", encode(typed))).expect(200).json();
        let urls: Vec<_> =
            answer["suggestions"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap()).collect();
        assert!(urls.iter().any(|url| url.starts_with(path)), "{typed}: {urls:?}");
        assert!(urls.len() <= 8);
    }
    let nothing = server().get("/api/suggest?q=").expect(200).json();
    assert_eq!(nothing["suggestions"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_results_page_needs_no_scripts() {
    let page = server().page(&format!("/search?q={}", encode("忘记密码"))).expect(200).text();
    assert!(page.contains("<mark>") && page.contains("href=\"/articles/accounts/reset-password/"), "{page}");
    let english = server().page("/en/search?q=vpn").expect(200).text();
    assert!(english.contains("lang=\"en\"") && english.contains("href=\"/en/articles/network/vpn"), "{english}");
    let quoted = server().page(&format!("/search?q={}", encode("\"><script>alert(1)</script>"))).expect(200).text();
    assert!(!quoted.contains("<script>alert"), "what was typed is escaped");
}

/// The addresses of links whose tag, up to its end, contains `mark`.
fn links(page: &str, mark: &str) -> Vec<String> {
    let tags = page.split("<a ").skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
    let href = |tag: &str| Some(tag.split_once("href=\"")?.1.split_once('"')?.0.replace("&amp;", "&"));
    tags.filter(|tag| tag.contains(mark)).filter_map(href).collect()
}

#[test]
fn filters_pages_and_deep_links_work_as_plain_links() {
    let page = server().page("/search?q=VPN").expect(200).text();
    let titles = |page: &str| links(page, "row-title");
    let filter = links(&page, "category=network").remove(0);
    let network = server().page(&filter).expect(200).text();
    assert!(titles(&network).len() < titles(&page).len() && !titles(&network).is_empty(), "{filter}");
    let is_network = |url: &String| url.contains("/network/") || url.starts_with("/resolutions/");
    assert!(titles(&network).iter().all(is_network), "{:?}", titles(&network));
    assert!(!links(&network, "aria-current=\"true\"").is_empty(), "a filter that is on leads back");
    let many = server().page(&format!("/search?q={}", encode("电脑 打印 邮件"))).expect(200).text();
    let next = links(&many, "page=2").remove(0);
    let second = server().page(&next).expect(200).text();
    assert!(!titles(&second).is_empty() && titles(&second).iter().all(|url| !titles(&many).contains(url)), "{next}");
    let deep = server().page(&format!("/search?q={}", encode("0x87D00324"))).expect(200).text();
    let url = titles(&deep).remove(0);
    let (path, anchor) = url.split_once('#').expect("a link to the heading");
    let anchor = percent_encoding::percent_decode_str(anchor).decode_utf8().unwrap().into_owned();
    let article = server().page(path).expect(200).text();
    assert!(article.contains(&format!("id=\"{anchor}\"")), "{url}");
    let foreign = server().page(&format!("/en/search?q={}", encode("候选框"))).expect(200).text();
    assert!(
        foreign.contains("hreflang=\"zh\"") && foreign.contains("中文</span>"),
        "another language is marked as such"
    );
}

#[test]
fn nothing_found_leads_to_a_ticket_first() {
    let nonsense = "qzxwvkjj 咕噜哔哔星舰";
    let answer = server().search(nonsense);
    assert!(answer["weak"] == true || answer["total"] == 0, "{answer}");
    let page = server().page(&format!("/search?q={}", encode(nonsense))).expect(200).text();
    let ticket = page.find("/tickets/new?q=").expect("a way to the form that carries the words");
    // The form's link in the header comes without the words.
    let hits = page.find("data-hits").unwrap();
    assert!(ticket < hits, "the ticket comes before weak hits");
    let nothing = page.find("data-nothing").unwrap();
    assert!(!page[nothing..nothing + 30].contains("hidden"), "{}", &page[nothing..nothing + 200]);
}

#[test]
fn hostile_queries_are_answered_quickly() {
    let server = server();
    let quick = |path: &str| {
        let started = Instant::now();
        let status = server.get(path).status;
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?} for {} bytes", path.len());
        status
    };
    // Two large numbers of the same kind: a refusal for the length is as good as an answer.
    for query in [
        "(".repeat(10_000),
        "((a OR ".repeat(1_000),
        "a ".repeat(10_000),
        "密码".repeat(3_000),
        "\"*~^:[]{}\\!+-&&||".repeat(300),
    ] {
        for path in ["/api/search", "/api/suggest", "/search"] {
            let status = quick(&format!("{path}?q={}", encode(&query)));
            assert!([200, 400, 414, 431].contains(&status), "{path}: {status}");
        }
    }
    // Sent by hand: clients refuse to make such addresses.
    use std::io::{Read, Write};
    let started = Instant::now();
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let request =
        format!("GET /api/search?q={} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "a".repeat(1_000_000));
    // The server may hang up in the middle of it.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let refused =
        answer.is_empty() || [" 200 ", " 400 ", " 414 ", " 431 "].iter().any(|status| answer[..15].contains(status));
    assert!(refused && started.elapsed() < Duration::from_secs(5), "{}", answer.lines().next().unwrap_or_default());
    for query in ["%00", "%FF%FE", "%", "%F0%9F%94%91", "a%0d%0aset-cookie:x"] {
        assert!([200, 400].contains(&quick(&format!("/api/search?q={query}"))), "{query}");
    }
    assert_eq!(first("忘记密码"), RESET, "and all is well afterwards");
}

/// Answers that between them read every file of the index. The best hit, then all in the order of their names: the
/// last digits of scores, and with them the order of near ties, depend on the order in which threads fill the index.
fn answers(server: &Server) -> Vec<String> {
    let queries = ["忘记密码", "VPN", "打印机", "printer offline", "outlok", "dayinji", "蓝屏", "the", "申请权限"];
    let mut all = Vec::new();
    for query in queries {
        let answer = server.get(&format!("/api/search?limit=50&q={}", encode(query))).expect(200).json();
        let field = |hit: &serde_json::Value, name: &str| hit[name].as_str().unwrap().to_owned();
        let hits = answer["hits"].as_array().unwrap();
        all.push(format!("{query}: {} {:?}", answer["total"], hits.first().map(|hit| field(hit, "url"))));
        let names = ["path", "title_html", "category", "lang"];
        let mut told: Vec<_> = hits.iter().map(|hit| names.map(|name| field(hit, name)).join(" ")).collect();
        told.sort();
        all.extend(told);
    }
    all
}

#[test]
fn a_damaged_index_is_rebuilt() {
    let site = Site::repository();
    let server = site.serve();
    let expected = answers(&server);
    server.stop();
    let index = site.path(".helpmark/index");
    let kind = |name: &str| name.rsplit(['.', '/']).next().unwrap().to_owned();
    let kinds: std::collections::BTreeSet<_> = tree(&index).keys().map(|name| kind(name)).collect();
    assert!(kinds.len() > 4, "there is an index to damage: {kinds:?}");
    let check = |damage: &str| {
        let server = site.serve();
        assert_eq!(answers(&server), expected, "after {damage}");
        server.stop();
    };
    for (number, wanted) in kinds.iter().enumerate() {
        let largest = || {
            let files = tree(&index).into_iter().filter(|(name, _)| kind(name) == *wanted);
            files.max_by_key(|(_, bytes)| bytes.len()).filter(|(_, bytes)| !bytes.is_empty())
        };
        // Every rebuilt index has files of other names.
        if let Some((name, mut bytes)) = largest() {
            // The file's own end stays whole: only its checksum tells.
            let (from, to) = (bytes.len() / 4, bytes.len() * 3 / 4);
            bytes[from..=to].iter_mut().step_by(29).for_each(|byte| *byte ^= 0x41);
            std::fs::write(index.join(&name), bytes).unwrap();
            check(&format!("flipped bits in {name}"));
        }
        if let Some((name, bytes)) = largest() {
            if number % 2 == 0 {
                std::fs::remove_file(index.join(&name)).unwrap();
            } else {
                std::fs::write(index.join(&name), &bytes[..bytes.len() / 2]).unwrap();
            }
            check(&format!("the loss of {name} or of half of it"));
        }
    }
    std::fs::remove_dir_all(&index).unwrap();
    check("the loss of all of it");
}
