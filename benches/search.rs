//! The speed, size and memory of the search: `cargo bench --bench search [-- SITE...]`.
//!
//! Without a SITE it takes those that `tests/evaluate` has unpacked under `target/evaluation/`, and where there is none,
//! the content of this repository. Questions come from `QUERIES/<site>.jsonl` (`HELPMARK_QUERIES`, by default
//! `../shared/corpora/queries`), else from the titles of the site. Each site is measured in a process of its own, so
//! that peak memory is its own; its `.helpmark/index` is made again.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use helpmark::config::Config;
use helpmark::search::{Query, View};
use helpmark::snapshot::{Compilation, Options};

/// Says to a child process which site to measure.
const CHILD: &str = "HELPMARK_BENCH_SITE";
/// Rounds over the questions: the first warms up and is not counted.
const ROUNDS: usize = 4;

fn main() -> ExitCode {
    let outcome = match std::env::var_os(CHILD) {
        Some(site) => measure(Path::new(&site)),
        None => all(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn all() -> anyhow::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    // cargo adds `--bench`.
    let mut sites =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).map(PathBuf::from).collect::<Vec<_>>();
    if sites.is_empty() {
        let unpacked = std::fs::read_dir(repository.join("target/evaluation")).into_iter().flatten();
        sites = unpacked
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.join("site.toml").is_file())
            .collect();
        sites.sort();
    }
    let copy = tempfile::tempdir()?;
    if sites.is_empty() {
        copy_site(repository, copy.path())?;
        sites.push(copy.path().to_owned());
    }
    for site in sites {
        let status = Command::new(std::env::current_exe()?).env(CHILD, &site).status()?;
        anyhow::ensure!(status.success(), "{} could not be measured", site.display());
    }
    Ok(())
}

fn copy_site(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::copy(from.join("site.toml"), to.join("site.toml"))?;
    for entry in walkdir::WalkDir::new(from.join("content")) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)?;
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn measure(site: &Path) -> anyhow::Result<()> {
    let config = Config::load(site).map_err(|found| anyhow::anyhow!("{}", found[0]))?;
    let index = config.state_dir().join("index");
    if index.exists() {
        std::fs::remove_dir_all(&index)?;
    }
    let options = Options {
        public: None,
        index: helpmark::snapshot::Keep::In(config.state_dir()),
        drafts: false,
        compress: false,
        hold: false,
        progress: Arc::new(|_, _| {}),
    };
    let (started, busy) = (Instant::now(), processor_seconds());
    let (compilation, snapshot) = Compilation::start(config.clone(), options.clone(), 1)?;
    let (built, busy) = (started.elapsed(), processor_seconds() - busy);
    let (view, summary) = (&snapshot.view, compilation.summary());
    println!("{}: {} documents, {} segments", site.display(), view.documents(), view.segments());
    let text = text_size(&config.content_dir());
    println!(
        "  read, rendered and indexed in {built:.2?} ({busy:.1} s of processor); index {} of {} of Markdown",
        mega(summary.index_size),
        mega(text)
    );
    println!("  peak memory {} while building, {} held by it all", memory("VmHWM")?, memory("VmRSS")?);
    let questions = questions(site, view)?;
    report("with snippets", view, &questions, 10);
    report("ranking alone", view, &questions, 0);
    let typed = questions.iter().map(|text| text.chars().take(4).collect()).collect::<Vec<String>>();
    let times = timed(&typed, |text| drop(view.suggest(text, 8, None)));
    println!("  as one types ({} beginnings): {}", typed.len(), quantiles(times));
    drop((compilation, snapshot));
    let started = Instant::now();
    let (_compilation, _snapshot) = Compilation::start(config, options, 1)?;
    println!("  started again with the index in {:.2?}", started.elapsed());
    Ok(())
}

fn report(name: &str, view: &View, questions: &[String], limit: usize) {
    let ask = |text: &String| drop(view.search(&Query { text: text.clone(), limit, ..Query::default() }));
    let busy = processor_seconds();
    let times = quantiles(timed(questions, ask));
    let each = (processor_seconds() - busy) * 1000.0 / (questions.len() * ROUNDS).max(1) as f64;
    println!("  {name} ({} questions): {times}; {each:.2} ms of processor each", questions.len());
}

fn timed(questions: &[String], ask: impl Fn(&String)) -> Vec<Duration> {
    let mut times = Vec::with_capacity(questions.len() * ROUNDS);
    for round in 0..ROUNDS {
        for question in questions {
            let started = Instant::now();
            ask(question);
            if round > 0 {
                times.push(started.elapsed());
            }
        }
    }
    times
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)));
    let ms = |share| at(share).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    format!("p50 {:.2} ms, p95 {:.2}, p99 {:.2}, max {:.2}", ms(0.5), ms(0.95), ms(0.99), ms(1.0))
}

/// Judged questions for this site where there are any, else the titles of its documents.
fn questions(site: &Path, view: &View) -> anyhow::Result<Vec<String>> {
    let folder = std::env::var("HELPMARK_QUERIES").unwrap_or_else(|_| "../shared/corpora/queries".to_owned());
    let name = site.file_name().unwrap_or_default().to_string_lossy();
    let file = Path::new(&folder).join(format!("{name}.jsonl"));
    if file.is_file() {
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let query =
            |line: &str| Some(serde_json::from_str::<serde_json::Value>(line).ok()?["query"].as_str()?.to_owned());
        return Ok(text.lines().filter_map(query).collect());
    }
    let mut titles = Vec::new();
    for word in ["的", "怎么", "设置", "打不开", "to", "the", "windows", "office", "vpn", "error"] {
        for offset in (0..1_000).step_by(100) {
            let query = Query { text: word.to_owned(), limit: 100, offset, ..Query::default() };
            titles.extend(view.search(&query).hits.into_iter().map(|hit| hit.title));
        }
    }
    titles.sort();
    titles.dedup();
    Ok(titles)
}

fn text_size(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let markdown = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"));
    markdown.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}

/// What this process has used of all processors: on a busy machine the clock tells little.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect::<Vec<_>>();
    [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn mega(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A line of `/proc/self/status`, where there is one.
fn memory(line: &str) -> anyhow::Result<String> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return Ok("unknown".to_owned()) };
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = found.and_then(|text| text.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    Ok(kilobytes.map_or_else(|| "unknown".to_owned(), |kilobytes| mega(kilobytes * 1024)))
}
