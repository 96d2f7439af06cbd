//! Scores the search on judged queries, in this process: a measurement, not a check.
//!
//!     HELPMARK_CORPORA=/tmp/corpora HELPMARK_QUERIES=/work/shared/corpora/queries \
//!         cargo test --config 'profile.dev.opt-level=1' --test search_eval -- --ignored --nocapture
//!
//! The corpora are unpacked folders; their Markdown is cut by headings only, which is near enough. HELPMARK_ONLY names
//! the corpora, HELPMARK_MISSES the kinds whose misses are printed, HELPMARK_STATE a folder that keeps the indexes,
//! HELPMARK_BY_ONE=1 times single changes and suggestions.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use helpmark::config;
use helpmark::content::{Article, Audience, Body, Confidence, Document, Meta};
use helpmark::markdown::{Page, Section};
use helpmark::search::{Index, Query, View};
use rayon::prelude::*;
use serde_json::Value;

fn page(path: &str, text: &str) -> Page {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut title = String::new();
    let mut body = text.as_str();
    if let Some(rest) = text.strip_prefix("---\n")
        && let Some(end) = rest.find("\n---")
    {
        for line in rest[..end].lines() {
            if let Some(value) = line.strip_prefix("title:") {
                title = value.trim().trim_matches(['"', '\'']).to_owned();
            }
        }
        body = &rest[end + 4..];
    }
    let mut sections = vec![Section::default()];
    let mut code = false;
    for line in body.lines() {
        code ^= line.trim_start().starts_with("```");
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if !code && (1..=4).contains(&level) && line[level..].starts_with(' ') {
            let heading = line[level..].trim().to_owned();
            if title.is_empty() {
                title = heading.clone();
            }
            if level > 1 {
                let anchor = format!("s{}", sections.len());
                sections.push(Section { anchor, heading, text: String::new() });
            }
            continue;
        }
        if let Some(section) = sections.last_mut() {
            section.text.push_str(&plain(line));
            section.text.push('\n');
        }
    }
    if title.is_empty() {
        title = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".md").replace('-', " ");
    }
    let meta = Meta {
        path: path.to_owned(),
        url: format!("/{}/", path.trim_end_matches(".md")),
        title,
        summary: String::new(),
        category: path.split('/').nth(1).unwrap_or_default().to_owned(),
        tags: vec![],
        keywords: vec![],
        lang: "zh".into(),
        updated: None,
    };
    let article = Article {
        meta,
        body: Body { text: String::new(), first_line: 1, hash: *blake3::hash(text.as_bytes()).as_bytes() },
        audience: Audience::Employees,
        confidence: Confidence::Validated,
        owner: String::new(),
        applies_to: vec![],
        created: None,
        review_by: None,
        aliases: vec![],
        pinned: false,
        weight: 0,
        linked_tickets: vec![],
        translation_key: String::new(),
    };
    Page {
        document: Arc::new(Document::Article(article)),
        html: String::new(),
        anchors: vec![],
        toc: vec![],
        sections,
        links: vec![],
        assets: vec![],
        minutes: 1,
        diagnostics: vec![],
    }
}

/// Link targets and marks are not text.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("](") {
        out.push_str(&rest[..at]);
        rest = &rest[at + 2..];
        rest = rest.find(')').map_or("", |end| &rest[end + 1..]);
    }
    out.push_str(rest);
    out.replace(['[', ']', '*', '`', '!', '|', '>', '#'], " ")
}

fn load(corpora: &Path, name: &str, index: &Index) -> (usize, usize) {
    let root = corpora.join(name);
    let files: Vec<_> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"))
        .map(walkdir::DirEntry::into_path)
        .collect();
    let bytes: usize = files
        .par_iter()
        .map(|file| {
            let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
            let path = format!("articles/{}", file.strip_prefix(&root).unwrap().display());
            let page = page(&path, &text);
            index.put(&page).unwrap();
            page.sections.iter().map(|section| section.text.len() + section.heading.len()).sum::<usize>()
        })
        .sum();
    (files.len(), bytes)
}

fn queries(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Hundredths of a second that this process has used: the clock of a busy machine says little.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect::<Vec<_>>();
    [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum()
}

fn ask(view: &View, text: &str) -> helpmark::search::Answer {
    view.search(&Query { text: text.to_owned(), limit: 10, ..Query::default() })
}

/// Reciprocal rank, recall, success at 1, and whether the answer was weak.
type Row = (f64, f64, f64, bool);

fn score(view: &View, path: &Path, misses: &str) {
    let mut by_kind: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut times = Vec::new();
    let (rows, ticks) = (queries(path), cpu_ticks());
    let count = rows.len();
    for row in rows {
        let text = row["query"].as_str().unwrap();
        let started = Instant::now();
        let answer = ask(view, text);
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        let relevant: Vec<_> =
            row["relevant"].as_array().unwrap().iter().map(|p| format!("articles/{}", p.as_str().unwrap())).collect();
        let rank = answer.hits.iter().position(|hit| relevant.contains(&hit.path));
        let found = answer.hits.iter().filter(|hit| relevant.contains(&hit.path)).count();
        let row_score = (
            rank.map_or(0.0, |rank| 1.0 / (rank + 1) as f64),
            found as f64 / relevant.len().min(10) as f64,
            f64::from(u8::from(rank == Some(0))),
            answer.weak,
        );
        let kind = row["kind"].as_str().unwrap_or("-");
        if misses.contains(kind) && rank != Some(0) {
            let got: Vec<_> = answer.hits.iter().take(3).map(|hit| format!("{:.1} {}", hit.score, hit.title)).collect();
            println!("MISS {kind} {rank:?} | {text} | {:?} | want {} | got {got:?}", answer.corrected, relevant[0]);
        }
        by_kind.entry(kind.into()).or_default().push(row_score);
        by_kind.entry("all".into()).or_default().push(row_score);
    }
    println!("  {:.2} ms of processor a query", (cpu_ticks() - ticks) as f64 * 10.0 / count as f64);
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    println!(
        "{}: p50 {:.2} ms, p95 {:.2}, p99 {:.2}, max {:.2}",
        path.file_name().unwrap().display(),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
    for (kind, rows) in by_kind {
        let count = rows.len() as f64;
        let mean = |f: &dyn Fn(&Row) -> f64| rows.iter().map(f).sum::<f64>() / count;
        println!(
            "  {kind:14} n {count:5} mrr {:.4} recall {:.4} s@1 {:.4} weak {:.3}",
            mean(&|row| row.0),
            mean(&|row| row.1),
            mean(&|row| row.2),
            mean(&|row| f64::from(u8::from(row.3)))
        );
    }
}

#[test]
#[ignore = "a measurement: needs the corpora"]
fn score_corpora() {
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let corpora = variable("HELPMARK_CORPORA", "target/corpora");
    let folder = variable("HELPMARK_QUERIES", "../shared/corpora/queries");
    let misses = variable("HELPMARK_MISSES", "");
    let wanted = variable("HELPMARK_ONLY", "en-support zh-support");
    for name in wanted.split_whitespace() {
        // With HELPMARK_STATE the index is kept from run to run.
        let temporary = tempfile::tempdir().unwrap();
        let kept = variable("HELPMARK_STATE", "");
        let state = if kept.is_empty() { temporary.path().to_owned() } else { Path::new(&kept).join(name) };
        let started = Instant::now();
        let index = Index::open(&state, "", &config::Search::default()).unwrap();
        let (files, bytes) = if index.contents().is_empty() { load(Path::new(&corpora), name, &index) } else { (0, 0) };
        let put = started.elapsed();
        let view = index.commit().unwrap();
        println!(
            "{name}: {files} files, {bytes} bytes of text, put {put:.2?}, committed {:.2?}, index {} bytes, {} segments",
            started.elapsed(),
            index.size_on_disk(),
            view.segments()
        );
        for row in queries(&Path::new(&folder).join(format!("{name}.jsonl"))).iter().take(100) {
            ask(&view, row["query"].as_str().unwrap());
        }
        score(&view, &Path::new(&folder).join(format!("{name}.jsonl")), &misses);
        let unanswered = queries(&Path::new(&folder).join("no-answer.jsonl"));
        let weak = unanswered.iter().filter(|row| ask(&view, row["query"].as_str().unwrap()).weak).count();
        println!("  no-answer weak {weak} of {}", unanswered.len());
        if variable("HELPMARK_BY_ONE", "") == "1" {
            let file = page("articles/one/new.md", "# 打印机连不上\n\n请检查电源与网线。\n\n## 原因\n\n纸张用完。");
            let mut times = Vec::new();
            for _ in 0..40 {
                let started = Instant::now();
                index.put(&file).unwrap();
                index.commit().unwrap();
                times.push(started.elapsed().as_secs_f64() * 1000.0);
            }
            println!("  one change: {times:.1?}");
            for text in ["打", "打印", "vpn", "wangluo", "dayi", "how to", "micros", "wl", "安装 off"] {
                let started = Instant::now();
                let suggestions = view.suggest(text, 8, None);
                let ms = started.elapsed().as_secs_f64() * 1000.0;
                println!(
                    "  suggest {text} {ms:.2} ms: {:?}",
                    suggestions.suggestions.iter().map(|s| &s.title_html).take(3).collect::<Vec<_>>()
                );
            }
        }
    }
}
