use super::{Old, english, import, is_clean, told};
use crate::harness::PNG;

fn old() -> Old {
    let old = Old::new(&[
        (
            "docusaurus.config.js",
            "module.exports = {\n  url: 'https://old.example',\n  baseUrl: '/',\n  i18n: { defaultLocale: 'en', locales: ['en', 'zh-CN'] },\n};\n",
        ),
        ("blog/2024-01-01-x.md", "# x\n"),
        ("versioned_docs/version-1.0/a.md", "# a\n"),
        (
            "docs/intro.md",
            "---\nid: intro\nsidebar_position: 1\nslug: /start\n---\n\n# Welcome\n\nGo to [VPN](./01-network/02-vpn.mdx#setup) or [again](/docs/network/vpn).\n",
        ),
        ("docs/01-network/_category_.json", "{\"label\": \"Network\", \"position\": 1}"),
        ("docs/01-network/_part.mdx", "shared\n"),
        (
            "docs/01-network/02-vpn.mdx",
            "---\ntitle: VPN\ndescription: From home\nkeywords: [remote]\ntags: [net]\nsidebar_label: VPN!\nhide_title: true\n---\n\
             import Tabs from '@theme/Tabs';\nimport TabItem from '@theme/TabItem';\nimport Part from './_part.mdx';\n\n\
             ## Set up {/* #setup */}\n\n:::warning[Careful]\n\nKeep it secret, see [start](@site/docs/intro.md).\n\n:::\n\n\
             <Tabs>\n<TabItem value=\"l\" label=\"Linux\">\n\n```bash\nnmcli con up vpn\n```\n\n</TabItem>\n</Tabs>\n\n<Part />\n\n\
             <img src={require('@site/static/img/v.png').default} alt=\"Dialog\" width=\"200\" />\n\n![Same](/img/v.png)\n",
        ),
        (
            "i18n/zh-CN/docusaurus-plugin-content-docs/current/intro.md",
            "---\nid: intro\nslug: /start\n---\n# 欢迎\n\n见 [VPN](01-network/02-vpn.mdx)。\n",
        ),
    ]);
    old.write("static/img/v.png", PNG);
    old
}

#[test]
fn docusaurus() {
    let (old, site) = (old(), english());
    let ran = import(&site, "docusaurus", old.dir.path(), &[]);
    ran.expect(0);
    assert_eq!(
        told(&ran, &old),
        [
            "blog: note: the blog is not imported [HM074]",
            "docs/01-network/_part.mdx: note: a part of other documents, which show it [HM074]",
            "versioned_docs: note: versions of documents are not imported: the current one is [HM074]",
        ]
    );
    assert_eq!(
        site.read("content/articles/network/vpn.md"),
        "---\ntitle: VPN\nsummary: From home\ntags:\n  - net\nkeywords:\n  - remote\naliases:\n  - \"/docs/network/vpn/\"\nweight: 2\n\
         sidebar_label: \"VPN!\"\nhide_title: true\n---\n## Set up {#setup}\n\n> [!WARNING]\n> **Careful**\n>\n> Keep it secret, see [start](../intro.md).\n\
         \n**Linux**\n\n```bash\nnmcli con up vpn\n```\n\nshared\n\n\
         <img src=\"../img/v.png\" alt=\"Dialog\" width=\"200\" />\n\n![Same](../img/v.png)\n"
    );
    let intro = site.read("content/articles/intro.md");
    assert!(
        intro.starts_with("---\ntitle: Welcome\nslug: start\naliases:\n  - \"/docs/start/\"\nweight: 1\n---\n"),
        "{intro}"
    );
    assert!(intro.contains("[VPN](network/vpn.md#setup) or [again](network/vpn.md)"), "{intro}");
    assert!(site.read("content/articles/intro.zh.md").contains("[VPN](network/vpn.md)"));
    assert!(ran.stdout.contains("key = \"network\"\nname = \"Network\""), "{}", ran.stdout);
    is_clean(&site);
    site.run(&["build"]).expect(0);
    let page = site.read("public/articles/network/vpn/index.html");
    assert!(page.contains("id=\"setup\"") && page.contains("alt=\"Dialog\"") && !page.contains("TabItem"), "{page}");
    assert!(site.read("public/docs/start/index.html").contains("/articles/start/"));
}
