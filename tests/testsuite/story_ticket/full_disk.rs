//! A disk without space: nothing is promised, nothing typed is lost, and it goes on by itself once there is space.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Filed, WORDS, object};
use crate::harness::{PNG, Server, helpmark};

/// A small disk of its own, taken away with the test.
pub(crate) struct Disk {
    dir: tempfile::TempDir,
}

impl Disk {
    /// `None` where mounting is not allowed.
    pub(crate) fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=32m", "tmpfs"]).arg(dir.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self { dir })
    }

    /// Writes until nothing more fits.
    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.dir.path().join("ballast");
        let mut file = fs::File::create(&path).unwrap();
        for size in [1 << 20, 4096, 1] {
            let block = vec![b'x'; size];
            while file.write_all(&block).is_ok() {}
        }
        path
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("site")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.dir.path()).status();
    }
}

fn init(root: &Path) {
    assert!(helpmark().arg("init").arg(root).output().unwrap().status.success());
}

#[test]
fn a_full_disk_loses_no_word_and_makes_no_promise() {
    let Some(disk) = Disk::mount() else {
        eprintln!("SKIPPED: a_full_disk_loses_no_word_and_makes_no_promise: `mount -t tmpfs` is not allowed here");
        return;
    };
    init(&disk.root());
    let server = Server::start(&disk.root(), &[]);
    let first = Filed::of(&server.post_json("/api/tickets", &object(WORDS), &[]));
    let ready = |server: &Server| server.get("/readyz").json()["tickets"].as_str().unwrap().to_owned();
    let ballast = disk.fill();
    assert_eq!((ready(&server).as_str(), server.get("/readyz").status), ("unwritable", 503));

    let refused = server.post_form("/api/tickets", WORDS, &[("a.png", PNG)], &[]);
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(server.post_json("/api/tickets", &object(WORDS), &[]).status, 503);
    let form = server.post_form("/tickets/new", WORDS, &[], &[("accept", "text/html")]);
    assert_eq!(form.status, 503);
    form.says(&["连不上 VPN: 错误 #809", "第三行", "张三", "13800138000", "8000"]);
    assert!(server.search("文章")["total"].as_u64().unwrap() > 0, "reading and searching go on");
    assert_eq!(server.page(&first.track).status, 200);

    fs::remove_file(ballast).unwrap();
    let after = Filed::of(&server.post_form("/api/tickets", WORDS, &[("a.png", PNG)], &[]));
    assert!(after.serial() > first.serial());
    let files = crate::harness::tree(&disk.root().join("content/tickets"));
    assert_eq!(files.len(), 2, "two were promised: {:?}", files.keys());
    server.stop();
}
