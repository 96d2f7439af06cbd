//! The schemas that editors read: they say of a file what the program says.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use crate::harness::{Ran, Site, helpmark, repository, tree};

/// A schema of `helpmark schema`, ready to judge.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn of(schema: &str) -> Self {
        let value: Value = serde_json::from_str(schema).unwrap();
        assert_eq!(value["$schema"], "http://json-schema.org/draft-07/schema#", "what editors' extensions read");
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler.add_resource("https://helpmark.example/schema.json", value).unwrap();
        let index = compiler.compile("https://helpmark.example/schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn complaint(&self, value: &Value) -> Option<String> {
        self.schemas.validate(value, self.index).err().map(|error| error.to_string())
    }
}

fn schema(site: &Site, of: &[&str]) -> Judge {
    let ran = site.run(&[&["schema"], of].concat());
    ran.expect(0);
    Judge::of(&ran.stdout)
}

/// The front matter of a Markdown file, as an editor's YAML reader sees it.
fn front(text: &str) -> Value {
    let yaml = text.trim_start_matches('\u{feff}').strip_prefix("---").and_then(|rest| rest.split("\n---").next());
    serde_yaml::from_str(yaml.unwrap()).unwrap()
}

#[test]
fn what_is_written_here_agrees_with_the_schemas() {
    let site = Site::repository();
    let (article, resolution) = (schema(&site, &["article"]), schema(&site, &["resolution"]));
    let mut judged = 0;
    let starter = Site::new();
    for (root, folder) in [(site.root(), "articles"), (site.root(), "resolutions"), (starter.root(), "articles")] {
        for (name, bytes) in tree(&root.join("content").join(folder)) {
            let Some(text) = std::str::from_utf8(&bytes).ok().filter(|_| name.ends_with(".md")) else { continue };
            let judge = if folder == "articles" { &article } else { &resolution };
            assert_eq!(judge.complaint(&front(text)), None, "{folder}/{name}");
            judged += 1;
        }
    }
    assert!(judged > 50, "{judged}");
    let toml: Value = toml::from_str(&site.read("site.toml")).unwrap();
    assert_eq!(schema(&site, &["site"]).complaint(&toml), None);
    // What is commented out in it is an example: it must hold as well.
    let examples = uncommented(&site.read("site.toml"));
    assert_eq!(schema(&site, &["site"]).complaint(&toml::from_str(&examples).unwrap()), None, "{examples}");
}

/// The configuration with every example switched on.
fn uncommented(text: &str) -> String {
    let example = |line: &str| {
        let line = line.strip_prefix("# ").filter(|rest| {
            let key = rest.split(" = ").next().unwrap_or("");
            rest.starts_with(['[', '{', ']'])
                || rest.starts_with("  {")
                || (rest.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        });
        line.map(str::to_owned)
    };
    text.lines().map(|line| example(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn a_filed_ticket_agrees_with_its_schema() {
    let site = Site::new();
    let ran = site.run(&[
        "ticket",
        "file",
        "--title",
        "VPN 连不上",
        "--name",
        "王芳",
        "--contact",
        "8001",
        "--type",
        "other",
        "--description",
        "报错 691",
        "--urgency",
        "normal",
    ]);
    ran.expect(0);
    let tickets = tree(&site.path("content/tickets"));
    let (name, bytes) = tickets.iter().next().unwrap();
    let ticket = schema(&site, &["ticket", "--strict"]);
    let mut value = front(std::str::from_utf8(bytes).unwrap());
    assert_eq!(ticket.complaint(&value), None, "{name}");
    value["title"] = 4711.into();
    value["assignee"] = Value::Null;
    assert_eq!(ticket.complaint(&value), None, "people leave quotes away");
    value["status"] = "lost".into();
    assert!(ticket.complaint(&value).is_some_and(|said| said.contains("/status")));
}

#[test]
fn what_the_program_refuses_the_schema_refuses() {
    let site = Site::repository();
    let article = schema(&site, &["article"]);
    let wrong = [
        "{}",
        "title:",
        "title: [a]",
        "title: a\naudience: everyone",
        "title: a\nconfidence: sure",
        "title: a\npinned: perhaps",
        "title: a\nweight: heavy",
        "title: a\ntags: {a: b}",
        "title: a\ncreated: soon",
        "title: a\naliases: [old/]",
    ];
    for text in wrong {
        assert!(article.complaint(&serde_yaml::from_str(text).unwrap()).is_some(), "{text}");
    }
    for text in ["title: a\nsomething: else", "title: 2026", "title: a\ntags: a, b\nkeywords:\ncategory: a folder"] {
        assert_eq!(article.complaint(&serde_yaml::from_str(text).unwrap()), None, "{text}");
    }
    let strict = schema(&site, &["article", "--strict"]);
    assert!(strict.complaint(&serde_yaml::from_str("title: a\ntilte: b").unwrap()).is_some());
    let config = schema(&site, &["site"]);
    for text in [
        "",
        "title = 1",
        "title = 'a'\nfoter = 'b'",
        "title = 'a'\n[tickets]\nauto_close = 'soon'",
        "title = 'a'\n[accounts.proxy]\nsecret = 'literal'",
        "title = 'a'\n[calendar]\ndays = ['monday']",
    ] {
        let refused = config.complaint(&toml::from_str(text).unwrap());
        assert!(refused.is_some(), "{text}");
        let site = Site::bare().file("site.toml", text);
        site.run(&["check"]).expect(1);
    }
}

#[test]
fn the_schemas_beside_the_configuration_are_those_of_today() {
    let written = tempfile::tempdir().unwrap();
    Ran::of(helpmark().arg("--root").arg(repository()).args(["schema", "--out"]).arg(written.path())).expect(0);
    assert!(
        tree(written.path()) == tree(&repository().join("schemas")),
        "run `helpmark schema --out schemas` in the repository"
    );
    let site = Site::new();
    assert_eq!(tree(&site.path("schemas")).len(), 4, "a new site has its own");
    assert!(site.read("site.toml").starts_with("#:schema schemas/site.json\n"));
    let outside = tempfile::tempdir().unwrap();
    Ran::of(helpmark().current_dir(outside.path()).args(["schema", "article"])).expect(0);
    Ran::of(helpmark().args(["schema", "articles"])).expect(2);
}
