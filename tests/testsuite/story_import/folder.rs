use super::{Old, import, told, warnings};
use crate::harness::{PNG, Site};

#[test]
fn a_folder_of_anything() {
    let old = Old::new(&[
        ("运维 手册/README.md", "# 运维手册\n\n见 [[打印机]] 和 [[网络#故障|网络故障]]。\n\n![[图 1.png|300]]\n"),
        (
            "运维 手册/网络.md",
            "---\ntitle: 网络: 常见问题\ndate: 2023/4/5\npublished: false\npermalink: /kb/net.html\n---\n\n## 故障\n\n> [!question]- 上不了网？\n> 看指示灯。\n",
        ),
        ("notes.docx", "x"),
        ("image.bin", "x"),
    ]);
    let (gbk, _, _) = encoding_rs::GBK.encode("# 打印机\r\n\r\n卡纸怎么办：[回到首页](README.md)\r\n");
    old.write("运维 手册/打印机.md", &gbk);
    let utf16: Vec<u8> = "\u{feff}# 邮箱\n\n容量满了。\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    old.write("运维 手册/邮箱.MD", &utf16);
    old.write("运维 手册/图 1.png", PNG);
    old.write("broken.md", b"a\0\xff\xfe\x80b");
    let site = Site::bare();
    let ran = import(&site, "folder", old.dir.path(), &["--into", "ops"]);
    ran.expect(1);
    assert_eq!(
        told(&ran, &old),
        [
            "broken.md: error: it is no text in UTF-8, UTF-16 or GB18030 [HM070]",
            "image.bin: note: neither Markdown nor a file that travels with it; it is left out [HM074]",
            "运维 手册/打印机.md: note: it was GB18030; it becomes UTF-8 [HM072]",
            "运维 手册/网络.md:2: warning: the value of `title` is no YAML and was read as text: mapping values are not allowed in this context at line 1 column 10 [HM073]",
            "运维 手册/邮箱.MD: note: it was UTF-16; it becomes UTF-8 [HM072]",
        ]
    );
    let index = site.read("content/articles/ops/运维 手册/index.md");
    assert!(
        index.contains("见 [打印机](打印机.md) 和 [网络故障](网络.md#故障)")
            && index.contains("![图 1.png](图%201.png)"),
        "{index}"
    );
    let net = site.read("content/articles/ops/运维 手册/网络.md");
    assert!(net.starts_with("---\ntitle: \"网络: 常见问题\"\nconfidence: wip\ncreated: 2023-04-05\n---\n"), "{net}");
    assert!(net.contains("> [!NOTE]\n> **上不了网？**\n>\n> 看指示灯。"), "{net}");
    assert!(site.read("content/articles/ops/运维 手册/打印机.md").contains("[回到首页](index.md)"));
    assert!(site.read("content/articles/ops/运维 手册/邮箱.md").contains("title: 邮箱"));
    // What was not published is a draft, and a page that readers see says that it leads there.
    let [draft] = &warnings(&site)[..] else { panic!("{:#?}", warnings(&site)) };
    assert!(
        draft.contains(
            "运维 手册/index.md:6:19: warning: link to articles/ops/运维 手册/网络.md, which exists, but is a draft"
        ),
        "{draft}"
    );
    site.run(&["build", "--drafts"]).expect(0);
    assert!(site.read("public/articles/ops/运维-手册/打印机/index.html").contains("卡纸怎么办"));
}
