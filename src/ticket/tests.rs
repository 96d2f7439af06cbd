//! Stories of the store: what may never happen to a ticket.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{ToSpan, Zoned};

use super::*;
use crate::config::Config;
use crate::disk::{DiskError, Updated};

const LIMITS: Limits = Limits { count: 3, size: 1_000_000 };

/// A ticket as the form makes it, for the tests of this room.
pub(super) fn sample() -> Ticket {
    let config = Config::parse(Path::new("/x"), "title = \"服务台\"").unwrap();
    let words = [
        ("type", "software"),
        ("title", "连不上 VPN"),
        ("description", "一开机就这样"),
        ("name", "张三"),
        ("contact", "8000"),
        ("urgency", "important"),
        ("application", "VPN"),
    ];
    let fields = words.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let new = NewTicket::parse(&Submission { fields, idempotency_key: None }, &config, "zh").unwrap();
    filing::Filing::new(&new, None, &now()).unwrap().ticket("TS202611230001".parse().unwrap(), "secret")
}

struct Site {
    dir: tempfile::TempDir,
    config: Config,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = \"服务台\"").unwrap();
        Self { dir, config }
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn store(&self) -> Store {
        Store::open(self.root())
    }

    fn new_ticket(&self, title: &str, key: Option<&str>) -> NewTicket {
        let words = [
            ("type", "other"),
            ("title", title),
            ("description", "正文\n---\nid: TS199901010001\n---"),
            ("name", "张三"),
            ("contact", "8000"),
            ("urgency", "urgent"),
        ];
        let fields = words.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let submission = Submission { fields, idempotency_key: key.map(str::to_owned) };
        NewTicket::parse(&submission, &self.config, "zh").unwrap()
    }

    async fn file(&self, store: &Store, title: &str) -> Created {
        store.create(self.new_ticket(title, None), None, now()).await.unwrap()
    }

    /// Every file below the root, but for locks.
    fn files(&self, below: &str) -> Vec<PathBuf> {
        let walk = walkdir::WalkDir::new(self.root().join(below)).into_iter().filter_map(Result::ok);
        walk.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
    }
}

pub(super) fn now() -> Zoned {
    "2026-11-23T14:30:00+08:00[Asia/Shanghai]".parse().unwrap()
}

fn attach(staging: &mut Staging, name: &str, bytes: &[u8]) {
    let mut upload = staging.begin(name).unwrap();
    upload.write(bytes).unwrap();
    staging.finish(upload).unwrap();
}

#[tokio::test]
async fn a_ticket_is_a_markdown_file_that_says_everything() {
    let site = Site::new();
    let created = site.file(&site.store(), "打不开 VPN").await;
    assert_eq!(created.id().to_string(), "TS202611230001");
    let text = fs::read_to_string(site.root().join("content/tickets/2026/11/23/TS202611230001.md")).unwrap();
    assert!(text.starts_with("---\nid: TS202611230001\ntitle: 打不开 VPN\ntype: other\nurgency: urgent\n"), "{text}");
    assert!(text.contains("\ncreated_at: 2026-11-23T14:30:00+08:00\ndue_at: 2026-11-23T14:40:00+08:00\n"), "{text}");
    assert!(text.ends_with("---\n\n正文\n---\nid: TS199901010001\n---\n"), "{text}");
    assert!(!text.contains(&created.secret), "the secret is stored nowhere");
    // Another process reads the same.
    let read = site.store().get(created.id()).await.unwrap().unwrap();
    assert_eq!(read.ticket, created.ticket);
}

#[tokio::test]
async fn the_link_opens_its_ticket_until_it_expires_or_is_revoked() {
    let site = Site::new();
    let store = site.store();
    let (first, second) = (site.file(&store, "一").await, site.file(&store, "二").await);
    let at = now().timestamp();
    let found = store.find_by_secret(&first.secret, at).await.unwrap().unwrap();
    assert_eq!(found.ticket.id, first.id());
    let mixed = format!("{}-{}", second.id(), first.secret.split_once('-').unwrap().1);
    for wrong in [mixed.as_str(), "", "TS202611230001", &first.secret[..first.secret.len() - 1]] {
        assert!(store.find_by_secret(wrong, at).await.unwrap().is_none(), "{wrong}");
    }
    let later = now().checked_add(366.days()).unwrap().timestamp();
    assert!(store.find_by_secret(&first.secret, later).await.unwrap().is_none());
    let mut ticket = found.ticket.clone();
    ticket.tracking = None;
    store.write(ticket.id, found.hash, file::write(&ticket).unwrap()).await.unwrap();
    assert!(store.find_by_secret(&first.secret, at).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_at_once_never_give_a_number_twice() {
    let site = Site::new();
    let stores = [site.store(), site.store()];
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40 {
        let (store, new) = (stores[n % 2].clone(), site.new_ticket(&format!("{n}"), None));
        tasks.spawn(async move { store.create(new, None, now()).await.unwrap().id() });
    }
    let ids: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 40);
    assert_eq!(ids.last().unwrap().to_string(), "TS202611230040", "without a crash there are no gaps");
    assert_eq!(stores[0].list().await.unwrap().len(), 40);
    assert_eq!(stores[1].list().await.unwrap().len(), 40);
}

#[tokio::test]
async fn numbers_never_go_back_when_the_clock_jumps_and_tickets_are_deleted() {
    let site = Site::new();
    let mut last = None;
    for hours in [0_i64, 48, -48, 0, 47, -1, 49, 0] {
        // A new process each time, as after a crash.
        let at = now().checked_add(hours.hours()).unwrap();
        let id = site.store().create(site.new_ticket("x", None), None, at).await.unwrap().id();
        assert!(last < Some(id), "{last:?} then {id}");
        last = Some(id);
        fs::remove_file(site.root().join("content/tickets").join(id.file())).unwrap();
    }
}

#[tokio::test]
async fn a_lost_mark_is_found_again_in_the_tree() {
    let site = Site::new();
    for _ in 0..2 {
        site.file(&site.store(), "x").await;
    }
    for broken in [None, Some("TS2026"), Some("TS202611220009\n")] {
        let mark = site.root().join(".helpmark/last-ticket");
        match broken {
            None => fs::remove_file(&mark).unwrap(),
            Some(text) => fs::write(&mark, text).unwrap(),
        }
        let before = site.files("content/tickets").len();
        let id = site.file(&site.store(), "x").await.id();
        assert!(id > "TS202611230002".parse().unwrap());
        assert_eq!(site.files("content/tickets").len(), before + 1);
    }
}

#[tokio::test]
async fn a_repeated_submission_makes_one_ticket_with_one_link() {
    let site = Site::new();
    let (first, second) = (site.store(), site.store());
    let new = site.new_ticket("一", Some("form-1"));
    let created = first.create(new.clone(), None, now()).await.unwrap();
    // The same process, another one that was running already, and one started after a crash.
    for store in [&first, &second, &site.store()] {
        let again = store.create(new.clone(), None, now().checked_add(1.hour()).unwrap()).await.unwrap();
        assert!(again.repeated);
        assert_eq!((again.id(), again.secret), (created.id(), created.secret.clone()));
    }
    assert_eq!(site.files("content/tickets").len(), 1);
    let reused = second.create(site.new_ticket("二", Some("form-1")), None, now()).await;
    assert!(matches!(reused, Err(StoreError::KeyReused)), "a stranger's key is no door to this ticket: {reused:?}");
    let other = first.create(site.new_ticket("一", Some("form-2")), None, now()).await.unwrap();
    assert!(!other.repeated && other.id() != created.id());
}

#[tokio::test]
async fn attachments_arrive_whole_with_their_ticket_or_not_at_all() {
    let site = Site::new();
    let store = site.store();
    let mut staging = store.stage(LIMITS).await.unwrap();
    attach(&mut staging, "截图.png", b"\x89PNG\r\n\x1a\nrest");
    attach(&mut staging, "log.txt", "日志".as_bytes());
    assert!(site.files("content").is_empty(), "nothing is visible before its ticket is");
    let created = store.create(site.new_ticket("x", None), Some(staging), now()).await.unwrap();
    let [png, log] = created.ticket.attachments.as_slice() else { panic!("{:?}", created.ticket) };
    assert_eq!((png.name.as_str(), log.size), ("截图.png", 6));
    let path = store.attachment_path(created.id(), &log.file).unwrap();
    assert_eq!(fs::read(path).unwrap(), "日志".as_bytes());
    assert_eq!(store.attachment_path(created.id(), "../../../site.toml"), None);
    // A submission that was given up leaves nothing, nor does a process that ends.
    let mut staging = store.stage(LIMITS).await.unwrap();
    attach(&mut staging, "a.txt", b"x");
    drop(staging);
    drop(store);
    assert!(site.files(".helpmark/staging").is_empty());
    assert_eq!(site.files("content/attachments").len(), 2);
}

#[tokio::test]
async fn a_taken_place_costs_a_number_and_nothing_else() {
    let site = Site::new();
    // Files that no mark knows of: a person made them by hand, or a backup was half restored.
    fs::create_dir_all(site.root().join("content/tickets/2026/11/23")).unwrap();
    let foreign = site.root().join("content/tickets/2026/11/23/TS202611230001.md");
    fs::write(&foreign, "mine").unwrap();
    fs::create_dir_all(site.root().join("content/attachments/TS202611230002")).unwrap();
    fs::create_dir_all(site.root().join(".helpmark")).unwrap();
    fs::write(site.root().join(".helpmark/last-ticket"), "TS202611220005\n").unwrap();
    let store = site.store();
    let mut staging = store.stage(LIMITS).await.unwrap();
    attach(&mut staging, "a.txt", b"x");
    let created = store.create(site.new_ticket("x", None), Some(staging), now()).await.unwrap();
    assert_eq!(created.id().to_string(), "TS202611230003");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "mine");
    assert!(store.attachment_path(created.id(), &created.ticket.attachments[0].file).unwrap().exists());
    store.reconcile().await.unwrap();
    let broken = store.broken().await.unwrap();
    assert!(broken.len() == 1 && broken[0].0 == foreign && broken[0].1.contains("front matter"), "{broken:?}");
}

#[tokio::test]
async fn edits_by_people_show_and_stale_writes_are_refused() {
    let site = Site::new();
    let store = site.store();
    let id = site.file(&store, "旧标题").await.id();
    assert_eq!(store.list().await.unwrap()[0].title, "旧标题");
    let read = store.get(id).await.unwrap().unwrap();
    let path = site.root().join("content/tickets").join(id.file());
    fs::write(&path, read.text.replace("旧标题", "新的标题")).unwrap();
    let stale = store.write(id, read.hash, read.text).await;
    assert!(matches!(stale, Err(StoreError::Disk(DiskError::Changed { .. }))), "{stale:?}");
    store.reconcile().await.unwrap();
    assert_eq!(store.list().await.unwrap()[0].title, "新的标题");
    let fresh = store.get(id).await.unwrap().unwrap();
    let text = fresh.text.replace("新的", "又新的");
    assert_eq!(store.write(id, fresh.hash, text).await.unwrap(), Updated::Clean);
    assert_eq!(store.list().await.unwrap()[0].title, "又新的标题");
    fs::remove_file(&path).unwrap();
    store.reconcile().await.unwrap();
    assert!(store.list().await.unwrap().is_empty());
    assert!(store.get(id).await.unwrap().is_none());
}

/// A file system of 512 KB, where this process may make one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"])
            .arg(dir.path())
            .output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_takes_nothing_halfway_and_works_again_once_there_is_room() {
    let Some(disk) = SmallDisk::new() else { return eprintln!("skipped: no right to mount a small file system") };
    let root = disk.0.path();
    fs::write(root.join("ballast"), vec![0; 64 * 1024]).unwrap();
    let (site, store) = (Site::new(), Store::open(root));
    let mut new = site.new_ticket("满", None);
    new.description = "字".repeat(5_000);
    let mut filed = Vec::new();
    let error = loop {
        let staging = async {
            let mut staging = store.stage(LIMITS).await?;
            let mut upload = staging.begin("log.txt")?;
            upload.write(&[b'x'; 9_000])?;
            staging.finish(upload)?;
            Ok::<_, StoreError>(staging)
        };
        let created = match staging.await {
            Ok(staging) => store.create(new.clone(), Some(staging), now()).await,
            Err(error) => Err(error),
        };
        match created {
            Ok(created) => filed.push(created),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, StoreError::Disk(error) if error.is_full()), "{error}");
    assert!(error.is_unavailable() && store.writable() && !filed.is_empty());
    for created in &filed {
        assert_eq!(store.get(created.id()).await.unwrap().unwrap().ticket, created.ticket);
        let file = store.attachment_path(created.id(), &created.ticket.attachments[0].file).unwrap();
        assert_eq!(fs::metadata(file).unwrap().len(), 9_000);
    }
    store.reconcile().await.unwrap();
    assert_eq!(store.list().await.unwrap().len(), filed.len(), "what was not acknowledged is not there");
    assert!(store.broken().await.unwrap().is_empty());
    let homes = fs::read_dir(root.join("content/attachments")).unwrap().count();
    assert_eq!(homes, filed.len(), "no files without a ticket");
    fs::remove_file(root.join("ballast")).unwrap();
    assert!(store.create(new, None, now()).await.is_ok());
}
