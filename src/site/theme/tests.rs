use std::path::Path;

use super::*;
use crate::site::context::*;

mod samples;

fn config(root: &Path, more: &str) -> Config {
    let toml = format!(
        "title = {{ zh = \"IT 服务台\", en = \"IT Service Desk\" }}\nlanguages = [\"zh\", \"en\"]\n{more}\n\
         [contact]\nphone = \"8000\"\nhours = \"工作日 9:00–18:00\"\nemail = \"it@example.com\"\n"
    );
    Config::parse(root, &toml).unwrap()
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join("themes").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn errors(root: &Path) -> Vec<Diagnostic> {
    Theme::load(&config(root, "")).err().expect("the theme has a mistake")
}

#[test]
fn every_template_renders_in_every_language() {
    let root = tempfile::tempdir().unwrap();
    let theme = Theme::load(&config(root.path(), "")).unwrap();
    for lang in ["zh", "en"] {
        for (name, html) in samples::pages(&theme, lang) {
            assert!(html.starts_with("<!doctype html>"), "{name}");
            assert!(!html.contains(" style=") && !html.contains(" onclick="), "{name} must obey the strict CSP");
            assert!(html.contains("id=\"main\"") && html.contains("</html>"), "{name} is whole");
        }
    }
}

#[test]
fn what_people_wrote_is_escaped() {
    let root = tempfile::tempdir().unwrap();
    let theme = Theme::load(&config(root.path(), "")).unwrap();
    let page = ErrorPage { status: 404, heading: "<script>x</script>".into(), message: "a & b".into() };
    let html = theme.render("error.html", &samples::common("zh", "error", "\"><b>"), &page).unwrap();
    assert!(html.contains("&lt;script&gt;x") && html.contains("a &amp; b"), "{html}");
    assert!(!html.contains("\"><b>"));
}

#[test]
fn a_site_overlays_files_and_strings_one_by_one() {
    let root = tempfile::tempdir().unwrap();
    let before = Theme::load(&config(root.path(), "")).unwrap();
    write(root.path(), "default/templates/error.html", "{{ page.status }} {{ t.home }} {{ icon(name=\"wifi\") }}");
    write(root.path(), "default/theme.toml", "[strings.zh]\nhome = \"门户\"\n");
    let after = Theme::load(&config(root.path(), "")).unwrap();
    let page = ErrorPage { status: 404, heading: String::new(), message: String::new() };
    let html = after.render("error.html", &samples::common("zh", "error", ""), &page).unwrap();
    assert!(html.starts_with("404 门户 <svg"), "{html}");
    assert_eq!(after.text("zh", "search"), before.text("zh", "search"));
    assert_ne!(after.fingerprint(), before.fingerprint());
    let again = Theme::load(&config(root.path(), "")).unwrap();
    assert_eq!(after.fingerprint(), again.fingerprint());
}

#[test]
fn mistakes_are_placed() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "default/templates/error.html", "fine\n{{ page.status | nosuch }}");
    let found = errors(root.path());
    assert_eq!((found[0].code, found[0].path.as_str()), ("HM040", "themes/default/templates/error.html"));
    assert_eq!(found[0].line, 2);

    write(root.path(), "default/templates/error.html", "\n\n{{ t.hom }}");
    let found = errors(root.path());
    assert_eq!((found[0].code, found[0].line, found[0].column), ("HM041", 3, 4));
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `t.home`?"));

    std::fs::remove_dir_all(root.path().join("themes")).unwrap();
    write(root.path(), "default/theme.toml", "[strings.zh]\nhome = '门户'\nhoem = '门户'\nown = '甲'\n");
    write(root.path(), "default/templates/error.html", "{{ t.own }}");
    let theme = Theme::load(&config(root.path(), "")).unwrap();
    let [note] = theme.notes() else { panic!("{:?}", theme.notes()) };
    assert_eq!((note.line, note.hint.as_deref()), (3, Some("did you mean `home`?")));

    std::fs::remove_dir_all(root.path().join("themes")).unwrap();
    write(root.path(), "default/theme.toml", "[strings.zh]\nhome = 3\n");
    assert_eq!((errors(root.path())[0].code, errors(root.path())[0].line), ("HM042", 2));
}

#[test]
fn a_theme_that_does_not_exist_is_named() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "acme/theme.toml", "");
    let config = config(root.path(), "[theme]\nname = \"acmee\"");
    let found = Theme::load(&config).err().unwrap();
    assert_eq!(found[0].code, "HM042");
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `acme`?"));
}

#[test]
fn a_page_that_lacks_a_variable_says_which() {
    let root = tempfile::tempdir().unwrap();
    let theme = Theme::load(&config(root.path(), "")).unwrap();
    let error = theme.render("error.html", &samples::common("zh", "error", ""), &Crumb::sample()).unwrap_err();
    assert_eq!(error.path, "themes/default/templates/error.html");
    assert!(error.line > 0 && error.message.contains("status"), "{error}");
    assert_eq!(error.diagnostic().code, "HM040");
}

impl Crumb {
    fn sample() -> Self {
        Self { name: "x".into(), url: String::new() }
    }
}

#[test]
fn strings_fall_back_to_the_first_language_and_then_to_the_key() {
    let root = tempfile::tempdir().unwrap();
    let theme = Theme::load(&config(root.path(), "")).unwrap();
    assert_eq!(theme.text("en", "home"), "Home");
    assert_eq!(theme.text("fr", "home"), "首页");
    assert_eq!(theme.text("zh", "no_such_key"), "no_such_key");
}

#[test]
fn scripts_come_in_the_language_of_the_page_and_the_accent_in_the_style_sheet() {
    let root = tempfile::tempdir().unwrap();
    let theme = Theme::load(&config(root.path(), "[theme]\naccent = \"#7733cc\"")).unwrap();
    let scripts: Vec<_> = theme.assets().iter().filter(|asset| asset.path.starts_with("assets/main.")).collect();
    assert_eq!(scripts.len(), 2, "one per language");
    assert!(scripts.iter().any(|asset| asset.bytes.windows(12).any(|bytes| bytes == "正在搜索".as_bytes())));
    let css =
        theme.assets().iter().find(|asset| asset.path.starts_with("assets/theme.") && asset.path.ends_with("css"));
    let css = css.unwrap();
    assert!(String::from_utf8_lossy(&css.bytes).contains("--accent:light-dark(#73c,"), "the accent wins");
    assert!(css.brotli.as_ref().unwrap().len() < 10 * 1024, "budget: 10 KB of CSS");
}

/// The budgets of UI.md, compressed: 10 KB of CSS, 12 KB of script on a public page, 50 KB on the desk.
#[test]
fn assets_keep_to_the_budgets() {
    let root = tempfile::tempdir().unwrap();
    let theme = Theme::load(&config(root.path(), "")).unwrap();
    let size = |asset: &Asset| asset.brotli.as_ref().map_or(asset.bytes.len(), |packed| packed.len());
    let main = theme.assets().iter().filter(|asset| asset.path.starts_with("assets/main.")).map(size).max().unwrap();
    let form = theme.assets().iter().filter(|asset| asset.path.starts_with("assets/form.")).map(size).max().unwrap();
    assert!(main + form <= 12 * 1024, "main {main} + form {form} bytes");
    let track = theme.assets().iter().filter(|asset| asset.path.starts_with("assets/track.")).map(size).max().unwrap();
    assert!(main + track <= 12 * 1024, "main {main} + track {track} bytes");
    let desk =
        theme.assets().iter().filter(|asset| asset.path.starts_with("assets/desk.") && asset.path.ends_with("js"));
    let desk = desk.map(size).max().unwrap();
    assert!(main + desk <= 50 * 1024, "main {main} + desk {desk} bytes");
}

/// Writes every sample page with its assets below `HELPMARK_PREVIEW`, to look at:
/// `HELPMARK_PREVIEW=/tmp/theme-preview cargo test --lib theme::tests::preview -- --ignored`.
#[test]
#[ignore = "writes files to look at"]
fn preview() {
    let Ok(out) = std::env::var("HELPMARK_PREVIEW") else { return };
    let out = Path::new(&out);
    let root = tempfile::tempdir().unwrap();
    let more = std::env::var("HELPMARK_PREVIEW_CONFIG").unwrap_or_default();
    let theme = Theme::load(&config(root.path(), &more)).unwrap();
    for lang in ["zh", "en"] {
        for (name, html) in samples::pages(&theme, lang) {
            let directory = out.join(if lang == "zh" { name } else { format!("en/{name}") });
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join("index.html"), html).unwrap();
        }
    }
    let (common, page) = (samples::common("zh", "article", "VPN"), samples::document("article"));
    let start = std::time::Instant::now();
    for _ in 0..1_000 {
        theme.render("article.html", &common, &page).unwrap();
    }
    println!("{:?} an article", start.elapsed() / 1_000);
    let _ = std::fs::remove_dir_all(out.join("assets"));
    for asset in theme.assets() {
        let path = out.join(&asset.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &asset.bytes).unwrap();
        let packed = asset.brotli.as_ref().map_or(0, |bytes| bytes.len());
        println!("{} {} br {packed}", asset.path, asset.bytes.len());
    }
}
