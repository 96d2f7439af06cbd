use super::{Old, english, import, is_clean, told};
use crate::harness::PNG;

fn old() -> Old {
    let old = Old::new(&[
        (
            "mkdocs.yml",
            "site_name: Old\nsite_url: https://old.example/kb/\ntheme:\n  name: material\n  language: en\nmarkdown_extensions:\n  - pymdownx.emoji:\n      emoji_index: !!python/name:material.extensions.emoji.twemoji\n\
             nav:\n  - Home: index.md\n  - Network access:\n    - Set up VPN: network/vpn.md\n    - network/wifi.md\n",
        ),
        (
            "docs/index.md",
            "# Welcome\n\n[VPN](network/vpn.md) :material-lan: press ++ctrl+k++\n\n[Go](network/wifi.md){ .md-button }\n",
        ),
        (
            "docs/network/vpn.md",
            "---\ndescription: From home\nhide: [toc]\n---\n\n--8<-- \"includes/warn.md\"\n\n??? tip \"Fast way\"\n    Use the tray, see [Wi-Fi](wifi.md#channels).\n\n    ![Tray](img/tray.png)\n\n\
             === \"Linux\"\n\n    ```bash\n    nmcli\n    ```\n\n=== \"Windows\"\n\n    Click.\n\n--8<-- \"missing.md\"\n",
        ),
        ("docs/network/wifi.md", "# Wi-Fi\n\n## Channels\n\nThe version is {{ version }}.\n\n[Back](/network/vpn/)\n"),
        ("includes/warn.md", "!!! danger\n    Ask first.\n"),
        ("overrides/main.html", "x"),
    ]);
    old.write("docs/network/img/tray.png", PNG);
    old
}

#[test]
fn mkdocs() {
    let (old, site) = (old(), english());
    let ran = import(&site, "mkdocs", old.dir.path(), &[]);
    ran.expect(0);
    assert_eq!(
        told(&ran, &old),
        [
            "docs/index.md:3: note: its icons (`:material-…:`) are left out [HM072]",
            "docs/network/vpn.md:23: warning: the snippet `missing.md` is not there; it is kept as a comment [HM072]",
            "docs/network/wifi.md:5: warning: `{{ … }}` is filled in by a plugin; it stays as it is written [HM072]",
        ]
    );
    assert_eq!(
        site.read("content/articles/network/vpn.md"),
        "---\ntitle: Set up VPN\nsummary: From home\naliases:\n  - \"/network/vpn/\"\nweight: 2\nhide:\n  - toc\n---\n\
         > [!CAUTION]\n> Ask first.\n\n> [!TIP]\n> **Fast way**\n>\n> Use the tray, see [Wi-Fi](wifi.md#channels).\n>\n> ![Tray](img/tray.png)\n\n\
         **Linux**\n\n```bash\nnmcli\n```\n\n**Windows**\n\nClick.\n\n<!-- --8<- \"missing.md\" -->\n"
    );
    assert!(site.read("content/articles/index.md").contains("<kbd>Ctrl</kbd>+<kbd>K</kbd>"));
    assert!(site.read("content/articles/network/wifi.md").contains("[Back](vpn.md)"));
    assert!(ran.stdout.contains("key = \"network\"\nname = \"Network access\""), "{}", ran.stdout);
    is_clean(&site);
    site.run(&["build"]).expect(0);
    let page = site.read("public/articles/network/vpn/index.html");
    assert!(
        page.contains("Ask first.")
            && page.contains("/articles/network/wifi/#channels")
            && page.contains("alt=\"Tray\""),
        "{page}"
    );
    assert!(site.read("public/network/wifi/index.html").contains("/articles/network/wifi/"));
}
