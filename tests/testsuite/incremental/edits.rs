//! Random edits of a small tree, each as a person or a script would make it.

use std::collections::BTreeMap;

use crate::harness::{PNG, Site};

/// splitmix64: small, and the same sequence on every machine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn choose<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        let place = self.below(list.len() as u64);
        list[usize::try_from(place).unwrap()]
    }
}

const FOLDERS: [&str; 4] = ["network", "printing", "accounts", "others/deep"];
const NAMES: [&str; 6] = ["vpn", "wifi", "printer", "密码", "quota", "scan"];
const TITLES: [&str; 6] = ["连接无线网", "打印机脱机", "忘记密码", "Printer offline", "重复的标题", "邮箱满了"];
const TAGS: [&str; 4] = ["标签一", "标签二", "Tag", "VPN"];
const WORDS: [&str; 6] = [
    "打开设置。",
    "连接 **打印机**。",
    "Restart the printer.",
    "`ipconfig /all`",
    "> [!NOTE]\n> 先保存",
    "| a | b |\n|---|---|\n| 1 | 2 |",
];

/// Twelve articles that link to each other, two translations and a resolution record.
pub(super) fn plant(site: &Site) {
    for (number, name) in NAMES.iter().enumerate() {
        for folder in [FOLDERS[number % 3], FOLDERS[(number + 1) % 4]] {
            let next = NAMES[(number + 1) % NAMES.len()];
            let text = format!(
                "---\ntitle: {}\ntags: [{}]\nupdated: 2026-0{}-01\n---\n{}\n\n## 步骤\n\n见 [{next}](../{}/{next}.md) 和 [](../network/vpn.md#步骤)。\n",
                TITLES[number],
                TAGS[number % TAGS.len()],
                number + 1,
                WORDS[number],
                FOLDERS[(number + 1) % 3],
            );
            site.write(&format!("content/articles/{folder}/{name}.md"), text);
        }
    }
    for path in ["network/vpn", "printing/wifi"] {
        site.write(&format!("content/articles/{path}.en.md"), "---\ntitle: Connect\n---\nOpen the printer settings.\n");
    }
    site.write("content/articles/network/images/a.png", PNG);
    let record = "---\nid: TS202601020003\ntitle: 打印机的记录\nresolved_on: 2026-01-02\nlinked_article: articles/network/vpn.md\n---\n## 现象\n\n打印机脱机\n";
    site.write("content/resolutions/TS202601020003.md", record);
}

/// The articles that are there, relative to `content/`.
fn articles(site: &Site) -> Vec<String> {
    let files = crate::harness::tree(&site.path("content"));
    files.into_keys().filter(|path| path.starts_with("articles/") && path.ends_with(".md")).collect()
}

/// Sets a key of the front matter, or takes it away.
fn set(site: &Site, path: &str, key: &str, value: Option<&str>) {
    let file = format!("content/{path}");
    let text = site.read(&file);
    let (head, body) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("---\n")).unwrap_or(("", &text));
    let mut keys: BTreeMap<&str, &str> = head.lines().filter_map(|line| line.split_once(": ")).collect();
    match value {
        Some(value) => keys.insert(key, value),
        None => keys.remove(key),
    };
    let head: String = keys.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    site.write(&file, format!("---\n{head}---\n{body}"));
}

/// Makes one edit; says what it was and which paths (relative to `content/`) a watcher would name.
pub(super) fn edit(site: &Site, random: &mut Random) -> (String, Vec<String>) {
    let all = articles(site);
    let paths: Vec<&str> = all.iter().map(String::as_str).collect();
    let any = |random: &mut Random| random.choose(&paths).to_owned();
    let fresh = |random: &mut Random| format!("articles/{}/{}.md", random.choose(&FOLDERS), random.choose(&NAMES));
    let edited = |path: String, what: String| (format!("{path}: {what}"), vec![path]);
    if all.len() < 4 {
        plant(site);
        return ("planted again".to_owned(), tree_paths(site));
    }
    match random.below(21) {
        0 | 1 => {
            let path = any(random);
            let text = format!("{}\n{}\n", site.read(&format!("content/{path}")), random.choose(&WORDS));
            site.write(&format!("content/{path}"), text);
            edited(path, "more text".to_owned())
        }
        2 => {
            let (path, other) = (any(random), any(random));
            let up = "../".repeat(path.split('/').count() - 1);
            let text = format!("{}\n[](/{other}) [那篇]({up}{other}#步骤)\n", site.read(&format!("content/{path}")));
            site.write(&format!("content/{path}"), text);
            edited(path, format!("a link to {other}"))
        }
        3 => {
            let (path, title) = (any(random), random.choose(&TITLES));
            set(site, &path, "title", Some(title));
            edited(path, format!("title {title}"))
        }
        4 => {
            let (path, tags) = (any(random), format!("[{}, {}]", random.choose(&TAGS), random.choose(&TAGS)));
            set(site, &path, "tags", Some(&tags));
            edited(path, format!("tags {tags}"))
        }
        5 | 6 => {
            let (from, to) = (any(random), fresh(random));
            if from == to {
                return edited(from, "nothing".to_owned());
            }
            site.rename(&format!("content/{from}"), &format!("content/{to}"));
            (format!("{from} moved to {to}"), vec![from, to])
        }
        7 => {
            let path = any(random);
            site.remove(&format!("content/{path}"));
            edited(path, "deleted".to_owned())
        }
        8 => {
            let path = any(random).replace(".en.md", ".md").replace(".md", ".en.md");
            if site.path(&format!("content/{path}")).is_symlink() {
                site.remove(&format!("content/{path}"));
            }
            site.write(
                &format!("content/{path}"),
                format!("---\ntitle: In English {}\n---\nThe printer.\n", random.below(3)),
            );
            edited(path, "a translation".to_owned())
        }
        9 => {
            let path = any(random);
            let text = format!("{}\n![图](images/a.png)\n", site.read(&format!("content/{path}")));
            site.write(&format!("content/{path}"), text);
            edited(path, "shows images/a.png".to_owned())
        }
        10 => {
            let image = format!("articles/{}/images/a.png", random.choose(&FOLDERS));
            if site.path(&format!("content/{image}")).exists() && random.below(2) == 0 {
                site.remove(&format!("content/{image}"));
                return edited(image, "deleted".to_owned());
            }
            let mut bytes = PNG.to_vec();
            bytes.push(u8::try_from(random.below(4)).unwrap());
            site.write(&format!("content/{image}"), bytes);
            edited(image, "a picture".to_owned())
        }
        11 => {
            let path = any(random);
            let english = random.choose(&["", "/en"]);
            let alias = format!("[/old/{}, {english}/articles/network/{}/]", random.below(5), random.choose(&NAMES));
            set(site, &path, "aliases", Some(&alias));
            edited(path, format!("aliases {alias}"))
        }
        12 => {
            let (path, audience) = (any(random), random.choose(&["agents", "employees", "everybody"]));
            set(site, &path, "audience", Some(audience));
            edited(path, format!("audience {audience}"))
        }
        16 => {
            let path = any(random);
            let text = format!("{}\n[手册](manual.pdf)\n", site.read(&format!("content/{path}")));
            site.write(&format!("content/{path}"), text);
            edited(path, "links to manual.pdf".to_owned())
        }
        17 => {
            let manual = format!("articles/{}/manual.pdf", random.choose(&FOLDERS));
            if site.path(&format!("content/{manual}")).exists() {
                site.remove(&format!("content/{manual}"));
                return edited(manual, "deleted".to_owned());
            }
            site.write(&format!("content/{manual}"), "%PDF-1");
            edited(manual, "a manual".to_owned())
        }
        18 => {
            // A link to a file of the tree itself: it is left out all the same.
            let (path, other) = (fresh(random).replace(".md", ".en.md"), any(random));
            let place = site.path(&format!("content/{path}"));
            if place.exists() {
                return edited(path, "nothing".to_owned());
            }
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(site.path(&format!("content/{other}")), place).unwrap();
            edited(path, format!("a link to {other}"))
        }
        13 => {
            let (path, confidence) = (any(random), random.choose(&["archived", "wip", "validated"]));
            set(site, &path, "confidence", Some(confidence));
            edited(path, format!("confidence {confidence}"))
        }
        14 => {
            let path = any(random);
            let (key, value) = *random.choose(&[
                &("category", "printing"),
                &("pinned", "true"),
                &("weight", "5"),
                &("updated", "2026-11-01"),
                &("keywords", "[归档, mima]"),
                &("slug", "same-slug"),
                &("summary", "一句话"),
            ]);
            set(site, &path, key, Some(value));
            edited(path, format!("{key} {value}"))
        }
        15 => {
            let (path, other) = (any(random), any(random));
            let up = "../".repeat(path.split('/').count() - 1);
            let text = format!("{}\n[!INCLUDE [x]({up}{other})]\n", site.read(&format!("content/{path}")));
            site.write(&format!("content/{path}"), text);
            edited(path, format!("includes {other}"))
        }
        19 => {
            let path = any(random);
            let address = random.choose(&[
                "/articles/network/vpn/",
                "/categories/printing/",
                "/tags/标签一/",
                "/en/tags/Tag",
                "/old/3",
                "/tickets/new",
                "/articles/none/",
            ]);
            let text = format!("{}\n[那里]({address})\n", site.read(&format!("content/{path}")));
            site.write(&format!("content/{path}"), text);
            edited(path, format!("a link to {address}"))
        }
        _ => {
            let (path, key) =
                (any(random), random.choose(&["tags", "aliases", "audience", "title", "slug", "confidence"]));
            set(site, &path, key, None);
            edited(path, format!("no {key}"))
        }
    }
}

fn tree_paths(site: &Site) -> Vec<String> {
    crate::harness::tree(&site.path("content")).into_keys().collect()
}
