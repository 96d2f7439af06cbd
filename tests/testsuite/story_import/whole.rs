//! What whole sites have and small examples do not: documents beside the configuration, orders made elsewhere, templates of
//! their own, addresses that two documents claim, the same finding in hundreds of places.

use super::{Old, english, import, is_clean, told};
use crate::harness::PNG;

#[test]
fn docusaurus_beside_its_documents() {
    let old = Old::new(&[
        (
            "website/docusaurus.config.js",
            "// @ts-check\nmodule.exports = {\n  url: 'https://old.example', baseUrl: '/',\n  presets: [['classic', /** @type {X} */ ({docs: {path: '../docs', routeBasePath: '/'}, blog: false})]],\n\
             \x20 plugins: [['@docusaurus/plugin-content-docs', {id: 'staff', path: 'staff', routeBasePath: 'staff'}]],\n};\n",
        ),
        (
            "website/sidebars.js",
            "module.exports = {\n  docs: [\n    'start', // first\n    {type: 'category', label: 'Get connected', items: ['net/vpn', {type: 'doc', id: 'net/wifi'}]},\n    {'Odds and ends': ['printing']},\n  ],\n};\n",
        ),
        ("website/staff/tools.md", "# Tools\n\n![Map](/img/map.png)\n"),
        ("docs/start.md", "# Start\n\nSee [VPN](net/vpn.md) and [Wi-Fi](/net/wifi).\n"),
        ("docs/net/wifi.md", "# Wi-Fi\n"),
        (
            "docs/net/connect.md",
            "---\nid: vpn\ntitle: VPN\n---\nimport Steps from './_steps.mdx';\n\n<Steps where=\"the tray\" />\n",
        ),
        ("docs/net/vpn.md", "# Not listed\n"),
        ("docs/net/_steps.mdx", "Open {props.where}.\n"),
        ("docs/printing.md", "# Printing\n\n```js title=\"queue.js\" {2}\na\n```\n"),
    ]);
    old.write("website/static/img/map.png", PNG);
    let site = english();
    let ran = import(&site, "docusaurus", old.dir.path(), &[]);
    ran.expect(0);
    let weight = |file: &str| {
        let text = site.read(&format!("content/articles/{file}"));
        text.lines().find_map(|line| line.strip_prefix("weight: ").map(str::to_owned))
    };
    assert_eq!(
        ["start.md", "net/connect.md", "net/wifi.md", "printing.md"].map(|file| weight(file).unwrap()),
        ["1", "2", "3", "4"]
    );
    assert!(site.read("content/articles/net/connect.md").ends_with("---\nOpen the tray.\n"));
    let printing = site.read("content/articles/printing.md");
    assert!(
        printing.contains("category: odds-and-ends\n") && printing.contains("**queue.js**\n\n```js\na\n"),
        "{printing}"
    );
    assert!(site.read("content/articles/start.md").contains("[Wi-Fi](net/wifi.md)"));
    assert!(site.read("content/articles/staff/tools.md").contains("aliases:\n  - \"/staff/tools/\""));
    assert!(site.path("content/articles/img/map.png").exists());
    let names = ran.stdout.find("name = \"Get connected\"").zip(ran.stdout.find("name = \"Odds and ends\""));
    assert!(names.is_some_and(|(net, odds)| net < odds), "{}", ran.stdout);
    is_clean(&site);
}

#[test]
fn hugo_with_templates_of_its_own() {
    let old = Old::new(&[
        ("hugo.toml", "baseURL = 'https://old.example/'\n[params]\nhotline = '4711'\n"),
        (
            "layouts/shortcodes/mail.html",
            "{{- $to := .Get 0 -}}\n<a href=\"mailto:{{ $to }}\">{{ with .Get 1 }}{{ . }}{{ else }}{{ $to }}{{ end }}</a>",
        ),
        ("layouts/shortcodes/map.html", "{{ range .Params }}<iframe src=\"{{ . }}\"></iframe>{{ end }}"),
        (
            "content/_index.md",
            "---\ntitle: Help\n---\nThe [network](/network/) pages, [once](/old-vpn/), [by name]({{< relref \"wifi\" >}}), [here](network/vpn).\n",
        ),
        ("content/network/_index.md", "---\ntitle: Network\nweight: 2\n---\n"),
        (
            "content/network/vpn.md",
            "---\ntitle: VPN\naliases: [/old-vpn/, /network/wifi/]\n---\nWrite {{< mail desk@x.example >}} or {{< mail \"it@x.example\" \"IT\" >}}, call {{< param hotline >}}.\n\n{{% readfile file=\"/shared/steps.md\" %}}\n\n{{< map \"x\" >}}\n\n{{< code file=\"vpn.conf\" >}}\n[[peer]]\n{{< /code >}}\n",
        ),
        (
            "content/network/wifi.md",
            "---\ntitle: Wi-Fi\naliases: /old-vpn/\n---\n## --fast-list=N\n\nSee [above](#fast-list-n).\n",
        ),
        ("content/shared/steps.md", "---\ntitle: Steps\n---\n1. Click.\n"),
        ("content/shared/README.md", "# About these\n"),
        ("content/shared/index.md", "---\ntitle: Shared\n---\nx\n"),
    ]);
    let site = english();
    let ran = import(&site, "hugo", old.dir.path(), &[]);
    ran.expect(0);
    let vpn = site.read("content/articles/network/vpn.md");
    assert!(
        vpn.ends_with(
            "Write <a href=\"mailto:desk@x.example\">desk@x.example</a> or <a href=\"mailto:it@x.example\">IT</a>, call 4711.\n\n1. Click.\n\n\
             <!-- {{< map \"x\" >}} -->\n\n**vpn.conf**\n\n```conf\n[[peer]]\n```\n"
        ),
        "{vpn}"
    );
    let home = site.read("content/articles/index.md");
    let links = "[network](/categories/network/) pages, [once](network/vpn.md), [by name](network/wifi.md), [here](network/vpn.md)";
    assert!(home.contains(links), "{home}");
    let wifi = site.read("content/articles/network/wifi.md");
    assert!(wifi.contains("[above](#--fast-listn)") && !wifi.contains("/old-vpn/"), "{wifi}");
    assert!(site.path("content/articles/shared/README.md").exists());
    assert_eq!(
        told(&ran, &old)[1..],
        [
            "content/network/vpn.md:3: note: the address `/network/wifi/` leads to content/network/wifi.md, which claims it as well; it is left out here [HM073]",
            "content/network/vpn.md:9: warning: the shortcode `map` has no counterpart; it is kept as a comment [HM072]",
            "content/network/wifi.md:3: note: the address `/old-vpn/` leads to content/network/vpn.md, which claims it as well; it is left out here [HM073]",
            "layouts: note: its templates are not used: this site has its own theme [HM074]",
        ]
    );
    is_clean(&site);
    site.run(&["build"]).expect(0);
    assert!(site.read("public/articles/network/vpn/index.html").contains("mailto:desk@x.example"));
}

#[test]
fn mkdocs_with_its_programs() {
    let old = Old::new(&[
        ("pyproject.toml", ""),
        ("app/main.py", "# --8<-- [start:run]\nrun()\n# --8<-- [end:run]\n"),
        (
            "docs/mkdocs.yml",
            "site_name: Old\nmarkdown_extensions:\n  pymdownx.snippets:\n    base_path: [docs, ..]\nnav:\n  - Start: index.md\n  - Daily work:\n    - Printing: printing.md\n  - Reference:\n    - api.md\n",
        ),
        (
            "docs/docs/index.md",
            "# Hello\n\n```py\n--8<-- \"app/main.py:run\"\n```\n\n```py title=\"main.py\"\n{!> ../../app/main.py[ln:2]!}\n```\n\n[second](printing.md#_2)\n",
        ),
        ("docs/docs/printing.md", "# 打印\n\n## 卡纸\n\nsee [`run`][app.main.run]\n"),
        ("docs/docs/api.md", "# API\n\n::: app.main.run\n    options:\n      depth: 2\n\nend\n"),
    ]);
    let site = english();
    let ran = import(&site, "mkdocs", old.dir.path(), &[]);
    ran.expect(0);
    let index = site.read("content/articles/index.md");
    assert!(
        index.ends_with("```py\nrun()\n```\n\n**main.py**\n\n```py\nrun()\n```\n\n[second](printing.md#卡纸)\n"),
        "{index}"
    );
    assert!(site.read("content/articles/api.md").ends_with("# API\n\n`app.main.run`\n\nend\n"));
    let printing = site.read("content/articles/printing.md");
    assert!(printing.contains("category: daily-work\n") && printing.ends_with("see `run`\n"), "{printing}");
    assert!(ran.stdout.contains("key = \"daily-work\"\nname = \"Daily work\""), "{}", ran.stdout);
    is_clean(&site);
}

#[test]
fn what_is_found_often_is_told_by_kind() {
    let mut text = "---\ntitle: A\n---\n".to_owned();
    for n in 0..40 {
        text.push_str(&format!("{{{{< stamp \"{n}\" >}}}} [x](gone-{n}.md)\n\n"));
    }
    let old = Old::new(&[("content/a.md", &text)]);
    let site = english();
    let ran = import(&site, "hugo", old.dir.path(), &[]);
    ran.expect(0);
    assert_eq!(told(&ran, &old).len(), 10, "{}", ran.stderr);
    for line in [
        "    40  HM072  the shortcode `stamp` has no counterpart; it is kept as a comment  (first: ",
        "    40  HM071  `…` is nothing that was imported; the link stays as it was  (first: ",
        "70 more places of these kinds are told with --all",
    ] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    let all = import(&site, "hugo", old.dir.path(), &["--all"]);
    assert_eq!(told(&all, &old).len(), 80);
    assert!(all.stdout.contains("1 articles and 0 files: 0 written, 1 there already") && !all.stdout.contains("--all"));
}
