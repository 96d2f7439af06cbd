//! The figures of the service desk, out of the tickets' files.

use serde_json::Value;

use crate::harness::{Ran, Site};

/// A ticket's file: filed, answered and solved at these times of the day, or not at all.
fn ticket(site: &Site, id: &str, team: &str, times: [&str; 3], more: &str) {
    let day = format!("{}-{}-{}", &id[2..6], &id[6..8], &id[8..10]);
    let moment = |key: &str, time: &str| match time {
        "" => String::new(),
        time => format!("{key}: {day}T{time}:00+08:00\n"),
    };
    let [filed, answered, solved] = times;
    let status = if solved.is_empty() { "accepted" } else { "closed" };
    let text = format!(
        "---\nid: {id}\ntitle: 机密标题\ntype: software\nurgency: important\nstatus: {status}\n\
         requester:\n  name: 王小明\n  contact: \"13800138000\"\nteam: {team}\nassignee: li\n{}{}{}{more}---\n\n正文\n",
        moment("created_at", filed),
        moment("first_response_at", answered),
        moment("resolved_at", solved)
    );
    site.write(&format!("content/tickets/{}/{}/{}/{id}.md", &id[2..6], &id[6..8], &id[8..10]), text);
}

fn site() -> Site {
    let site = Site::bare();
    ticket(&site, "TS202611100001", "desktop", ["09:00", "09:20", "11:00"], "rating:\n  solved: true\n  speed: 5\n");
    ticket(&site, "TS202611100002", "desktop", ["09:00", "10:30", "17:30"], "rating:\n  solved: false\n  speed: 2\n");
    ticket(&site, "TS202610130001", "network", ["10:00", "", ""], "");
    site.write("content/tickets/2026/11/11/TS202611110001.md", "no front matter");
    site
}

fn report(site: &Site, arguments: &[&str]) -> Ran {
    let range = ["report", "--from", "2026-10-01", "--to", "2026-11-30"];
    let ran = site.run(&[&range[..], arguments].concat());
    ran.expect(0);
    ran
}

#[test]
fn the_report_counts_what_the_files_say() {
    let site = site();
    let ran = report(&site, &["--json"]);
    ran.says(&["not counted", "TS202611110001.md"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&json["from"], &json["to"]), (&"2026-10-01".into(), &"2026-11-30".into()));
    let total = &json["total"];
    assert_eq!((&total["filed"], &total["solved"], &total["open"]), (&3.into(), &2.into(), &1.into()));
    // An hour for the answer: 20 minutes were in time, 90 were not, and one still waits, long overdue.
    assert_eq!(total["first_response_met"], serde_json::json!({ "count": 1, "of": 3 }));
    assert_eq!(total["first_response"]["median"], 20 * 60);
    assert_eq!(total["satisfaction"]["speed"], 3.5);
    assert_eq!(json["months"][0]["key"], "2026-10");
    assert_eq!((&json["teams"][0]["key"], &json["teams"][0]["filed"]), (&"desktop".into(), &2.into()));
    // Another way to the same: a narrower range.
    let october = site.run(&["report", "--from", "2026-10-01", "--to", "2026-10-31", "--json"]);
    let october: Value = serde_json::from_str(&october.expect(0).stdout).unwrap();
    assert_eq!((&october["total"]["filed"], &october["total"]["open"]), (&1.into(), &1.into()));
}

#[test]
fn it_is_a_table_in_two_languages_and_a_spreadsheet() {
    let site = site();
    let zh = report(&site, &[]).stdout;
    for word in ["服务台报告 2026-10-01 – 2026-11-30", "桌面支持组", "软件异常", "合计", "33.3%", "3.50"]
    {
        assert!(zh.contains(word), "{word} is missing in\n{zh}");
    }
    let en = report(&site, &["--lang", "en"]).stdout;
    for word in ["Service desk report", "Desktop support", "Answered in time", "20 min"] {
        assert!(en.contains(word), "{word} is missing in\n{en}");
    }
    let csv = report(&site, &["--csv"]).stdout;
    assert!(csv.starts_with("group,key,name,filed,") && csv.contains("team,network,网络组,1,0,1,"), "{csv}");
    for said in [&zh, &en, &csv] {
        assert!(!said.contains("王小明") && !said.contains("机密标题") && !said.contains("138"), "{said}");
    }
}

#[test]
fn a_range_that_is_none_is_refused() {
    let site = Site::bare();
    site.run(&["report", "--from", "last week"]).expect(1).says(&["`last week` is not a day", "2026-11-23"]);
    site.run(&["report", "--from", "2026-11-02", "--to", "2026-11-01"]).expect(1).says(&["before it begins"]);
    site.run(&["report", "--lang", "fr"]).expect(1).says(&["no language `fr`"]);
    // A site without a single ticket has a report, too.
    assert!(site.run(&["report"]).expect(0).stdout.contains("合计"));
}
