//! The index is disposable: whatever a disk loses, the answers stay right.

use std::path::Path;

use helpmark::search::Index;

use crate::fixtures::{first, settings, site};

fn damaged(state: &Path) -> Index {
    Index::open(state, "/it", &settings()).unwrap()
}

#[test]
fn any_lost_or_flipped_byte_only_costs_a_rebuild() {
    let state = tempfile::tempdir().unwrap();
    let index = damaged(state.path());
    for page in site() {
        index.put(&page).unwrap();
    }
    index.commit().unwrap();
    drop(index);
    let reopened = damaged(state.path());
    assert_eq!(reopened.contents().len(), 9);
    assert_eq!(first(&reopened.commit().unwrap(), "忘记密码"), "articles/account/password.md");
    drop(reopened);
    let whole = tempfile::tempdir().unwrap();
    copy(state.path(), whole.path());
    let files = files(whole.path());
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        for damage in 0..4 {
            std::fs::remove_dir_all(state.path().join("index")).unwrap();
            copy(whole.path(), state.path());
            let target = state.path().join(&file);
            let bytes = std::fs::read(&target).unwrap();
            match damage {
                0 => std::fs::remove_file(&target).unwrap(),
                1 => std::fs::write(&target, &bytes[..bytes.len() / 2]).unwrap(),
                2 => std::fs::write(&target, []).unwrap(),
                _ => {
                    let mut bytes = bytes;
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0x55;
                    std::fs::write(&target, bytes).unwrap();
                }
            }
            let index = damaged(state.path());
            let pages = site();
            let contents = index.contents();
            for page in &pages {
                if contents.get(&page.document.meta().path) != Some(&Index::fingerprint(page)) {
                    index.put(page).unwrap();
                }
            }
            let view = index.commit().unwrap();
            assert_eq!(view.documents(), 9, "{} damage {damage}", file.display());
            assert_eq!(first(&view, "忘记密码"), "articles/account/password.md", "{} damage {damage}", file.display());
            assert_eq!(first(&view, "spooler"), "articles/printing/offline.md", "{} damage {damage}", file.display());
        }
    }
}

fn files(root: &Path) -> Vec<std::path::PathBuf> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(root).unwrap().to_owned())
        .collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        std::fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        std::fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}
