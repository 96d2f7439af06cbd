//! Files of the built site that no list has any more: told by where they are and how they are called.

use std::path::Path;

/// Folders in which every page is a document's, or about documents.
const FOLDERS: [&str; 4] = ["articles", "resolutions", "categories", "tags"];

/// The files below `dir` that can only be an earlier build's, relative to it. `prefixes` are the folders of the
/// languages that have one. What others put there is called otherwise, and stays.
pub(super) fn find(dir: &Path, prefixes: &[&str]) -> Vec<String> {
    let mut folders = vec!["files".to_owned()];
    for folder in FOLDERS {
        folders.push(folder.to_owned());
        folders.extend(prefixes.iter().map(|prefix| format!("{prefix}/{folder}")));
    }
    let mut found = Vec::new();
    for folder in folders {
        let ours = if folder == "files" { is_copy } else { is_page };
        let files = walkdir::WalkDir::new(dir.join(folder)).into_iter().flatten();
        for file in files.filter(|file| file.file_type().is_file()) {
            let name = file.file_name().to_str().unwrap_or_default();
            if let Some(path) = file.path().strip_prefix(dir).ok().and_then(Path::to_str)
                && (ours(name) || is_unfinished(name))
            {
                found.push(path.to_owned());
            }
        }
    }
    found
}

fn is_page(name: &str) -> bool {
    ["index.html", "index.html.br", "index.html.gz"].contains(&name)
}

/// `vpn.0a1b2c3d4e.png`: the name of a file beside an article holds its hash.
fn is_copy(name: &str) -> bool {
    let hexadecimal = |part: &str| part.len() == 10 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    name.rsplit('.').nth(1).is_some_and(hexadecimal)
}

/// `.1234.5.tmp`: never renamed into place.
fn is_unfinished(name: &str) -> bool {
    let numbers =
        name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp")).and_then(|name| name.split_once('.'));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    numbers.is_some_and(|(process, count)| number(process) && number(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_build_names_so_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let ours = [
            "articles/a/index.html",
            "articles/a/index.html.br",
            "articles/a/.12.3.tmp",
            "en/articles/a/index.html",
            "files/a/vpn.0a1b2c3d4e.png",
        ];
        let others =
            ["index.html", "articles/a/notes.pdf", "files/manual.pdf", "files/by-hand/a.b.png", "old/index.html"];
        for file in ours.iter().chain(&others) {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let mut found = find(dir.path(), &["en"]);
        found.sort();
        let mut expected = ours.map(str::to_owned).to_vec();
        expected.sort();
        assert_eq!(found, expected);
    }
}
