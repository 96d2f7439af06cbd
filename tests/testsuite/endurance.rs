//! The promises about crashes, power cuts and races, kept up over many rounds. `HELPMARK_ROUNDS` sets how many.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{PATIENCE, Ran, Server, Site, helpmark, long, tree};

/// How many rounds of a promise: the short form, the long one, or what `HELPMARK_ROUNDS` says.
fn rounds(short: usize, full: usize) -> usize {
    let asked = std::env::var("HELPMARK_ROUNDS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(if long() { full } else { short })
}

fn account(root: &Path) {
    let words = ["user", "add", "li", "--name", "li", "--role", "admin", "--generate"];
    Ran::of(helpmark().arg("--root").arg(root).args(words)).expect(0);
}

fn submission(key: &str) -> Value {
    json!({
        "type": "other", "title": key, "description": format!("描述 {key}"), "urgency": "normal",
        "name": "张三", "contact": "zhang@example.com",
    })
}

/// Counts acknowledgements and wakes whoever waits for one.
#[derive(Default)]
struct Acks {
    count: Mutex<usize>,
    more: Condvar,
}

impl Acks {
    fn add(&self) {
        *self.count.lock().unwrap() += 1;
        self.more.notify_all();
    }

    /// Returns right after the acknowledgement that makes them more than `count`.
    fn wait_for_more_than(&self, count: usize) {
        let (_guard, waited) =
            self.more.wait_timeout_while(self.count.lock().unwrap(), PATIENCE, |acks| *acks <= count).unwrap();
        assert!(!waited.timed_out(), "nothing was acknowledged");
    }
}

/// What was acknowledged, and what was tried.
#[derive(Default)]
struct Ledger {
    /// Idempotency key → the number it got.
    filed: BTreeMap<String, String>,
    /// Notes that were acknowledged, by ticket.
    noted: BTreeSet<(String, String)>,
    tried: BTreeSet<String>,
}

/// Every ticket of the tree: its number and its text. A file that cannot be read back whole fails.
fn tickets(root: &Path) -> BTreeMap<String, String> {
    let folder = root.join("content/tickets");
    let files = if folder.is_dir() { tree(&folder) } else { BTreeMap::new() };
    files
        .into_iter()
        .filter(|(name, _)| name.ends_with(".md"))
        .map(|(name, bytes)| {
            let id = name.rsplit('/').next().unwrap().trim_end_matches(".md").to_owned();
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.starts_with("---\nid: ") && text.ends_with('\n'), "torn: {name}\n{text}");
            (id, text)
        })
        .collect()
}

fn check(root: &Path, ledger: &Ledger, round: usize) {
    let there = tickets(root);
    for (key, id) in &ledger.filed {
        let text = there.get(id).unwrap_or_else(|| panic!("round {round}: {id} ({key}) was acknowledged and is gone"));
        assert!(text.contains(&format!("描述 {key}\n")), "round {round}: {id} is not {key}:\n{text}");
    }
    for (id, note) in &ledger.noted {
        assert_eq!(there[id].matches(note.as_str()).count(), 1, "round {round}: {note} in {id}");
    }
    let mut made: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, text) in &there {
        let title = text.lines().find_map(|line| line.strip_prefix("title: ")).unwrap();
        made.entry(title).or_default().push(id);
    }
    let doubled: Vec<_> = made.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(doubled.is_empty(), "round {round}: one key made several tickets: {doubled:?}");
}

#[test]
fn crashes_lose_and_double_nothing() {
    let site = Site::bare();
    account(site.root());
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut highest = String::new();
    for round in 0..rounds(4, 1_000) {
        let server = site.serve();
        let stop = Arc::new(AtomicBool::new(false));
        let acks = Arc::new(Acks::default());
        let child = Arc::new(AtomicU32::new(0));
        let by_server = writer(server.url.clone(), round, &ledger, &stop, &acks);
        let by_line = line_writer(site.root().to_owned(), round, &ledger, (&stop, &child), &acks);
        // Dies right after an acknowledgement, a different one each round; the command line with it, wherever it is.
        acks.wait_for_more_than(round % 9);
        server.kill();
        stop.store(true, Ordering::Release);
        let pid = child.load(Ordering::Acquire);
        if pid != 0 {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
        }
        by_server.join().unwrap();
        by_line.join().unwrap();
        let ledger = ledger.lock().unwrap();
        check(site.root(), &ledger, round);
        let last = ledger.filed.values().max().cloned().unwrap_or_default();
        assert!(last >= highest, "round {round}: numbers went back from {highest} to {last}");
        highest = last;
    }
    // What the crashes left undone is made good: every ticket is in the audit, and was told of.
    let server = site.serve();
    let there = tickets(site.root());
    let behind = || {
        let audit = tree(&site.path(".helpmark/audit"));
        let lines: String = audit.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        there.keys().filter(|id| !lines.contains(id.as_str())).count()
    };
    let started = std::time::Instant::now();
    while behind() > 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "{} tickets are not in the audit", behind());
        std::thread::park_timeout(Duration::from_millis(50));
    }
    server.stop();
    site.run(&["audit", "verify"]).expect(0);
    let ledger = ledger.lock().unwrap();
    eprintln!("{} tickets and {} notes acknowledged, all there", ledger.filed.len(), ledger.noted.len());
}

/// Files tickets and answers them over HTTP until the server is gone.
fn writer(
    url: String,
    round: usize,
    ledger: &Arc<Mutex<Ledger>>,
    stop: &Arc<AtomicBool>,
    acks: &Arc<Acks>,
) -> std::thread::JoinHandle<()> {
    let (ledger, stop, acks) = (Arc::clone(ledger), Arc::clone(stop), Arc::clone(acks));
    std::thread::spawn(move || {
        let client = reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        // What the last crash left unanswered is sent again, with its key.
        let again: Vec<String> = {
            let ledger = ledger.lock().unwrap();
            ledger
                .tried
                .iter()
                .filter(|key| key.starts_with('s') && !ledger.filed.contains_key(*key))
                .cloned()
                .collect()
        };
        for key in again.into_iter().chain((0..).map(|n| format!("s{round}-{n}"))) {
            if stop.load(Ordering::Acquire) {
                return;
            }
            ledger.lock().unwrap().tried.insert(key.clone());
            let request = client.post(format!("{url}/api/tickets")).header("idempotency-key", &key);
            let Ok(answer) = request.json(&submission(&key)).send() else { return };
            if answer.status() == 429 {
                ledger.lock().unwrap().tried.remove(&key);
                return;
            }
            assert_eq!(answer.status(), 201);
            let Ok(filed) = answer.json::<Value>() else { return };
            let id = filed["id"].as_str().unwrap().to_owned();
            ledger.lock().unwrap().filed.insert(key.clone(), id.clone());
            acks.add();
            let secret = filed["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            let note = format!("补充〔{key}〕");
            let step = json!({ "action": "reply", "text": note });
            let request = client.post(format!("{url}/api/tickets/{id}/actions"));
            let Ok(answer) = request.bearer_auth(secret).json(&step).send() else { return };
            if answer.status() == 200 && answer.bytes().is_ok() {
                ledger.lock().unwrap().noted.insert((id, note));
                acks.add();
            }
        }
    })
}

/// The second writer: the command line, a process for each ticket.
fn line_writer(
    root: PathBuf,
    round: usize,
    ledger: &Arc<Mutex<Ledger>>,
    (stop, current): (&Arc<AtomicBool>, &Arc<AtomicU32>),
    acks: &Arc<Acks>,
) -> std::thread::JoinHandle<()> {
    let (ledger, stop, acks) = (Arc::clone(ledger), Arc::clone(stop), Arc::clone(acks));
    let current = Arc::clone(current);
    std::thread::spawn(move || {
        let again: Vec<String> = {
            let ledger = ledger.lock().unwrap();
            ledger
                .tried
                .iter()
                .filter(|key| key.starts_with('c') && !ledger.filed.contains_key(*key))
                .cloned()
                .collect()
        };
        for key in again.into_iter().chain((0..).map(|n| format!("c{round}-{n}"))) {
            if stop.load(Ordering::Acquire) {
                return;
            }
            ledger.lock().unwrap().tried.insert(key.clone());
            let description = format!("描述 {key}");
            let mut command = helpmark();
            command.arg("--root").arg(&root).args(["ticket", "file", "--json", "--type", "other", "--title", &key]);
            command.args(["--description", &description, "--urgency", "normal", "--name", "张三", "--contact", "8000"]);
            command.args(["--idempotency-key", &key]).stdout(Stdio::piped()).stderr(Stdio::null());
            let child = command.spawn().unwrap();
            current.store(child.id(), Ordering::Release);
            let output = child.wait_with_output().unwrap();
            current.store(0, Ordering::Release);
            if output.status.success() {
                let filed: Value = serde_json::from_slice(&output.stdout).unwrap();
                ledger.lock().unwrap().filed.insert(key, filed["id"].as_str().unwrap().to_owned());
                acks.add();
            }
        }
    })
}

/// A file system of its own that can lose its power. `None` where this machine cannot mount one.
struct Disk {
    dir: tempfile::TempDir,
}

impl Disk {
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let image = dir.path().join("image");
        fs::File::create(&image).unwrap().set_len(96 * 1024 * 1024).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).status();
        let disk = Self { dir };
        fs::create_dir(disk.root()).unwrap();
        if made.is_ok_and(|status| status.success()) && disk.mount() {
            return Some(disk);
        }
        eprintln!("SKIPPED: no loop device can be mounted here (it takes root, mkfs.ext4 and a kernel with loop)");
        None
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    fn mount(&self) -> bool {
        let image = self.dir.path().join("image");
        let mount =
            Command::new("mount").args(["-o", "loop"]).arg(image).arg(self.root()).stderr(Stdio::null()).status();
        mount.is_ok_and(|status| status.success())
    }

    /// Everything that was not flushed is gone from this moment on: `EXT4_IOC_SHUTDOWN`, without a flush of the log.
    fn cut_power(&self) {
        let script = "import fcntl,os,struct,sys\nfd=os.open(sys.argv[1],os.O_RDONLY)\n\
            fcntl.ioctl(fd,0x8004587D,struct.pack('I',2))\n";
        let status = Command::new("python3").args(["-c", script]).arg(self.root()).status().unwrap();
        assert!(status.success());
    }

    fn mount_again(&self) {
        assert!(self.unmount(), "still in use");
        assert!(self.mount());
    }

    fn unmount(&self) -> bool {
        Command::new("umount").arg(self.root()).status().is_ok_and(|status| status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
    }
}

#[test]
fn power_cuts_lose_nothing_that_was_acknowledged() {
    let Some(disk) = Disk::new() else { return };
    let root = disk.root().join("site");
    fs::create_dir_all(root.join("content/articles")).unwrap();
    fs::write(root.join("site.toml"), "title = \"服务台\"\n").unwrap();
    account(&root);
    Ran::of(Command::new("sync").arg("-f").arg(&root)).expect(0);
    let mut ledger = Ledger::default();
    for round in 0..rounds(3, 200) {
        let server = Server::start(&root, &["--no-watch"]);
        let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        // Half of the cuts come right after a single acknowledgement.
        let writes = if round % 2 == 0 { 1 } else { 2 + round % 5 };
        for n in 0..writes {
            let key = format!("p{round}-{n}");
            let request = client.post(format!("{}/api/tickets", server.url)).header("idempotency-key", &key);
            let filed: Value = request.json(&submission(&key)).send().unwrap().json().unwrap();
            let id = filed["id"].as_str().unwrap_or_else(|| panic!("{filed}")).to_owned();
            ledger.filed.insert(key.clone(), id.clone());
            if n > 0 {
                let secret = filed["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                let note = format!("补充〔{key}〕");
                let step = json!({ "action": "reply", "text": note });
                let request = client.post(format!("{}/api/tickets/{id}/actions", server.url)).bearer_auth(secret);
                assert_eq!(request.json(&step).send().unwrap().status(), 200);
                ledger.noted.insert((id, note));
            }
        }
        disk.cut_power();
        server.kill();
        disk.mount_again();
        check(&root, &ledger, round);
    }
    let all: BTreeSet<_> = ledger.filed.values().collect();
    assert_eq!(all.len(), ledger.filed.len(), "a number was given twice");
    Ran::of(helpmark().arg("--root").arg(&root).args(["audit", "verify"])).expect(0);
    eprintln!("{} tickets and {} notes acknowledged, all there", ledger.filed.len(), ledger.noted.len());
}

/// Steps of the desk, one after the other, until told to stop: how many were taken.
fn desk(root: PathBuf, id: String, done: Arc<AtomicBool>) -> std::thread::JoinHandle<usize> {
    use helpmark::process::{Office, ProcessError, Request};
    use helpmark::ticket::{Store, StoreError};
    std::thread::spawn(move || {
        let config = helpmark::config::Config::load(&root).unwrap();
        let accounts = helpmark::auth::Accounts::open(&config.state_dir());
        let actor = accounts.get("li").unwrap().actor();
        let office = Office::open(&config, Arc::new(Store::open(&root)), accounts);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut taken = 0;
        while !done.load(Ordering::Acquire) {
            let step = helpmark::ticket::Step::Note { text: format!("记录 {taken}") };
            let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
            let id = id.parse().unwrap();
            let request = Request { id, step, actor: &actor, if_match: None, files: None, now, lang: "zh" };
            match runtime.block_on(office.perform(&config, request)) {
                Ok(_) => taken += 1,
                // The editor was faster, or is half way through its write.
                Err(ProcessError::Changed(_) | ProcessError::NotFound(_)) => {}
                Err(ProcessError::Store(StoreError::Broken { .. })) => {}
                Err(error) => panic!("{error}"),
            }
        }
        taken
    })
}

/// The text without the lines of earlier edits and all but the last entries of the history: it stays small.
fn shortened(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').filter(|line| !line.starts_with("# 编辑 ")).collect();
    let entries: Vec<_> = (0..lines.len()).filter(|at| lines[*at].trim_start().starts_with("- at: ")).collect();
    if entries.len() > 60 {
        lines.drain(entries[1]..entries[entries.len() - 5]);
    }
    lines
}

#[test]
fn an_editor_and_the_desk_at_once_lose_no_edit() {
    let site = Site::bare();
    account(site.root());
    let words = ["--type", "other", "--title", "x", "--description", "y", "--urgency", "normal", "--name", "z"];
    let filed = site.run(&[&["ticket", "file", "--contact", "1", "--json"], &words[..]].concat());
    let filed: Value = serde_json::from_str(&filed.expect(0).stdout).unwrap();
    let id = filed["id"].as_str().unwrap().to_owned();
    let path = site.path(&format!("content/tickets/{}/{}/{}/{id}.md", &id[2..6], &id[6..8], &id[8..10]));
    let folder = path.parent().unwrap();
    let copies = || {
        let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.to_string_lossy().contains(".conflict-")).collect::<Vec<_>>()
    };
    let total = rounds(200, 20_000);
    let done = Arc::new(AtomicBool::new(false));
    let desk = desk(site.root().to_owned(), id, Arc::clone(&done));
    let mut conflicts = 0;
    for n in 0..=total {
        // The save before this one is in the file, or another text won and it was kept beside it.
        let last = format!("# 编辑 {}。\n", n.wrapping_sub(1));
        let started = std::time::Instant::now();
        let text = loop {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let whole = text.matches("\n---\n").count() == 1;
            let kept = || copies().iter().any(|copy| fs::read_to_string(copy).unwrap_or_default().contains(&last));
            if whole && (n == 0 || text.contains(&last) || kept()) {
                break text;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "edit {} of {total} is lost:\n{text}", n - 1);
            std::thread::park_timeout(Duration::from_millis(1));
        };
        for copy in copies() {
            conflicts += 1;
            fs::remove_file(copy).unwrap();
        }
        if n == total {
            break;
        }
        // What an editor does: reads, lets the person type, saves; by replacing the file, or by writing into it.
        let marker = format!("# 编辑 {n}。\n");
        let mut lines = shortened(&text);
        lines.insert(1, &marker);
        let text = lines.concat();
        if n % 2 == 0 {
            let temp = folder.join(format!(".{n}.swp"));
            fs::write(&temp, &text).unwrap();
            fs::rename(&temp, &path).unwrap();
        } else {
            let mut file = fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
    }
    done.store(true, Ordering::Release);
    let taken = desk.join().unwrap();
    eprintln!("{total} edits against {taken} steps, {conflicts} conflict copies: none lost");
    assert!(taken > 0);
}
