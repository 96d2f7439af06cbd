use super::{Old, import, is_clean, told};
use crate::harness::{PNG, Site};

fn old() -> Old {
    let old = Old::new(&[
        (
            "hugo.toml",
            "baseURL = 'https://old.example/'\ndefaultContentLanguage = 'zh'\n[languages.zh]\nweight = 1\n[languages.en]\nweight = 2\n",
        ),
        ("layouts/x.html", "x"),
        ("content/_index.md", "---\ntitle: 首页\n---\n"),
        ("content/net/_index.md", "+++\ntitle = '网络'\n+++\n本类文章讲网络。\n"),
        (
            "content/net/vpn/index.md",
            "+++\ntitle = 'VPN 设置'\ndate = 2024-05-01T08:00:00+08:00\nlastmod = 2025-02-03\nweight = 10\ndescription = '在家上内网'\n\
             tags = ['远程']\ncategories = ['指南']\naliases = ['/old-vpn/', 'vpn-old']\ntoc = true\n+++\n\n\
             先看[无线网]({{< relref \"/net/wifi.md#一\" >}})，或 [首选](/net/wifi/)。\n\n\
             {{< figure src=\"shot.png\" alt=\"界面\" caption=\"设置界面\" >}}\n\n![总图](/img/map.png)\n\n\
             {{% alert title=\"注意\" color=\"warning\" %}}\n别泄露口令。\n{{% /alert %}}\n\n{{< swagger url=\"x\" >}}\n\n[没有](gone.md)\n",
        ),
        (
            "content/net/vpn/index.en.md",
            "---\ntitle: Set up VPN\ndate: 2025-02-04\n---\nSee [Wi-Fi](../wifi.md) and [home](https://old.example/net/wifi/).\n",
        ),
        (
            "content/net/wifi.md",
            "{\n  \"title\": \"无线网\",\n  \"draft\": false,\n  \"slug\": \"wifi\"\n}\n\n## 一\n\n{{< highlight bash >}}\nnmcli dev\n{{< /highlight >}}\n",
        ),
        ("content/net/wifi.en.md", "---\ntitle: Wi-Fi\n---\nText.\n"),
        ("content/net/wifi.fr.md", "---\ntitle: Wifi\n---\nTexte.\n"),
        ("content/net/new.md", "---\ntitle: 草稿\ndraft: true\n---\n未完\n"),
    ]);
    old.write("content/net/vpn/shot.png", PNG);
    old.write("static/img/map.png", PNG);
    old.write("static/unused.png", PNG);
    old
}

#[test]
fn hugo() {
    let (old, site) = (old(), Site::bare());
    let ran = import(&site, "hugo", old.dir.path(), &[]);
    ran.expect(0);
    assert_eq!(
        told(&ran, &old),
        [
            "content/_index.md: note: a heading of a folder without a text of its own; it is left out [HM074]",
            "content/net/vpn/index.md:23: warning: the shortcode `swagger` has no counterpart; it is kept as a comment [HM072]",
            "content/net/vpn/index.md:25: warning: `gone.md` is nothing that was imported; the link stays as it was [HM071]",
            "content/net/wifi.fr.md: warning: it is in `fr`, which the site does not have; it is left out [HM074]",
            "layouts: note: its templates are not used: this site has its own theme [HM074]",
        ]
    );
    assert!(ran.stdout.contains("[[categories]]\nkey = \"net\""), "{}", ran.stdout);
    assert_eq!(
        site.read("content/articles/net/vpn/index.md"),
        "---\ntitle: VPN 设置\nsummary: 在家上内网\ntags:\n  - 远程\n  - 指南\ncreated: 2024-05-01\nupdated: 2025-02-03\n\
         aliases:\n  - \"/net/vpn-old\"\n  - \"/net/vpn/\"\n  - \"/old-vpn/\"\nweight: 10\ntoc: true\n---\n\
         先看[无线网](../wifi.md#一)，或 [首选](../wifi.md)。\n\n\
         ![界面](<shot.png>)\n\n*设置界面*\n\n![总图](../../img/map.png)\n\n\
         > [!WARNING]\n> **注意**\n>\n> 别泄露口令。\n\n<!-- {{< swagger url=\"x\" >}} -->\n\n[没有](gone.md)\n"
    );
    assert!(site.path("content/articles/img/map.png").exists() && !site.path("content/articles/unused.png").exists());
    let english = site.read("content/articles/net/vpn/index.en.md");
    assert!(
        english.contains("aliases:\n  - \"/en/net/vpn/\"\n")
            && english.contains("[Wi-Fi](../wifi.en.md) and [home](../wifi.en.md)"),
        "{english}"
    );

    // The author mends what was told; then everything is clean.
    site.replace("content/articles/net/vpn/index.md", "[没有](gone.md)", "没有");
    is_clean(&site);
    site.run(&["build"]).expect(0);
    let page = site.read("public/articles/net/vpn/index.html");
    assert!(
        page.contains("href=\"/articles/net/wifi/#") && page.contains("alt=\"界面\"") && !page.contains("swagger"),
        "{page}"
    );
    assert!(page.contains("别泄露口令") && !page.contains("[!WARNING]"));
    assert!(site.read("public/en/articles/net/vpn/index.html").contains("/en/articles/net/wifi/"));
    assert!(site.read("public/net/vpn-old/index.html").contains("/articles/net/vpn/"), "old addresses lead on");
    assert!(!site.path("public/articles/net/new/index.html").exists(), "a draft stays one");
    assert!(site.read("public/articles/net/wifi/index.html").contains("nmcli"));
}
