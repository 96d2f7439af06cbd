//! Markdown to a page: one parse, many products.
//!
//! [`render`] walks the parser's events once and gives the HTML, the table of contents, the sections for the search
//! index, the outgoing links and the diagnostics, so they cannot disagree.

mod blocks;
mod cjk;
mod containers;
mod dialect;
mod emphasis;
mod escape;
mod flanking;
mod footnotes;
mod headings;
mod highlight;
mod links;
mod place;
mod raw;
mod raw_html;
mod references;
mod resolve;
mod sanitize;
mod walk;

use std::sync::Arc;

use pulldown_cmark::{Options, Parser};

pub(crate) use headings::Ids;
pub use links::{AssetTarget, Links, Target};
pub use resolve::{Lead, lead};

use crate::content::Document;
use crate::diagnostic::Diagnostic;

use walk::Walk;

/// A document as readers and the index get it. Made by [`render`] alone, and so only from a [`Document`].
#[derive(Debug, Clone)]
pub struct Page {
    pub document: Arc<Document>,
    /// The body's HTML: sanitised, with heading ids, resolved links and highlighted code.
    pub html: String,
    pub toc: Vec<Heading>,
    /// The units of the search index, in order; the first, without an anchor, is what stands before any heading.
    pub sections: Vec<Section>,
    pub links: Vec<Outgoing>,
    pub lost: Vec<Lost>,
    /// Files of `content/` that the page shows or offers, relative to `content/`.
    pub assets: Vec<String>,
    /// Every id that a link's fragment may name, sorted: of headings, the title, and the author's own anchors.
    pub anchors: Vec<String>,
    /// Reading time, at least 1.
    pub minutes: u32,
    pub diagnostics: Vec<Diagnostic>,
}

/// A heading of the page, for the contents and for checking anchors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub text: String,
}

/// The text under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// The heading's id, empty for the introduction.
    pub anchor: String,
    pub heading: String,
    /// Plain text, blocks apart by `\n`.
    pub text: String,
}

/// A link to another document of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Relative to `content/`, whether it exists or not.
    pub path: String,
    /// The decoded fragment, when the link has one.
    pub anchor: Option<String>,
    /// What the link says: how this document calls the other.
    pub text: String,
    /// Line and column of the file, 1-based.
    pub place: (u32, u32),
    /// Its characters on that line; 0 where that is not known.
    pub length: usize,
}

/// A link or picture of a file that is not there: the finding about it (HM021, HM023) tells what it can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Relative to `content/`.
    pub path: String,
    /// The finding's.
    pub place: (u32, u32),
}

/// Renders a document's body.
///
/// Mistakes become diagnostics with places in the document's file. Never fails: the worst input gives plain text.
pub fn render(document: Arc<Document>, links: &Links) -> Page {
    let source = dialect::translate(&document.body().text);
    let parser = Parser::new_ext(&source, options()).into_offset_iter();
    let events = emphasis::repair(&source, parser.collect());
    let mut walk = Walk::new(&document, &source, links);
    walk.report_containers(&document.body().text, document.body().first_line);
    for (event, range) in events {
        walk.event(event, range);
    }
    let finished = walk.finish();
    Page {
        html: finished.html,
        toc: finished.toc,
        sections: finished.sections,
        links: finished.links,
        lost: finished.lost,
        assets: finished.assets,
        anchors: finished.anchors,
        minutes: finished.minutes,
        diagnostics: finished.diagnostics,
        document,
    }
}

/// GitHub's Markdown. Never `ENABLE_OLD_FOOTNOTES`: it shares a bit with footnotes.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::{Body, Meta, Resolution};

    fn document(path: &str, lang: &str, text: &str) -> Arc<Document> {
        let meta = Meta {
            path: path.into(),
            url: "/x/".into(),
            title: "VPN 连不上".into(),
            summary: String::new(),
            category: String::new(),
            tags: Vec::new(),
            keywords: Vec::new(),
            lang: lang.into(),
            updated: None,
        };
        let body = Body { text: text.into(), first_line: 4, hash: [0; 32] };
        let (id, environment) = (String::new(), String::new());
        Arc::new(Document::Resolution(Resolution { meta, body, id, environment, linked_article: None }))
    }

    fn page(text: &str) -> Page {
        let mut links = Links { base_path: "/it".into(), ..Links::default() };
        links.documents.insert("articles/net/wifi.md".into(), Target { url: "/articles/net/wifi/".into() });
        let size = Some((640, 480));
        links.assets.insert("articles/net/a.png".into(), AssetTarget { url: "/assets/a.1f.png".into(), size });
        links.assets.insert("articles/net/b.zip".into(), AssetTarget { url: "/assets/b.2f.zip".into(), size: None });
        render(document("articles/net/vpn.md", "zh", text), &links)
    }

    fn codes(page: &Page) -> Vec<(&'static str, u32, u32)> {
        page.diagnostics.iter().map(|found| (found.code, found.line, found.column)).collect()
    }

    #[test]
    fn an_article_becomes_html_contents_and_sections() {
        let page = page(
            "# VPN 连不上\n\n导语。\n\n## 现象\n\n看**红灯：**亮。\n\n#### 细节\n\n| 列 | 值 |\n|:-|-:|\n| 甲 | `x<y` |\n\n# 第二\n\n- [x] 好\n",
        );
        assert_eq!(
            page.html,
            "<p>导语。</p>\n\
             <h2 id=\"现象\">现象 <a class=\"anchor\" href=\"#现象\" aria-hidden=\"true\" tabindex=\"-1\">#</a></h2>\n\
             <p>看<strong>红灯：</strong>亮。</p>\n\
             <h4 id=\"细节\">细节 <a class=\"anchor\" href=\"#细节\" aria-hidden=\"true\" tabindex=\"-1\">#</a></h4>\n\
             <div class=\"table\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">列</th>\
             <th scope=\"col\" class=\"align-right\">值</th></tr></thead><tbody>\n\
             <tr><td>甲</td><td class=\"align-right\"><code>x&lt;y</code></td></tr>\n</tbody></table></div>\n\
             <h2 id=\"第二\">第二 <a class=\"anchor\" href=\"#第二\" aria-hidden=\"true\" tabindex=\"-1\">#</a></h2>\n\
             <ul>\n<li><span class=\"task task-done\" role=\"img\" aria-label=\"已完成\">☑</span> 好</li>\n</ul>\n"
        );
        let toc: Vec<_> = page.toc.iter().map(|heading| (heading.level, heading.text.as_str())).collect();
        assert_eq!(toc, [(2, "现象"), (4, "细节"), (2, "第二")]);
        let section = |anchor: &str, heading: &str, text: &str| Section {
            anchor: anchor.into(),
            heading: heading.into(),
            text: text.into(),
        };
        assert_eq!(
            page.sections,
            [
                section("", "", "导语。"),
                section("现象", "现象", "看红灯：亮。\n细节\n列 值\n甲 x<y"),
                section("第二", "第二", "好"),
            ]
        );
        assert_eq!(codes(&page), [("HM027", 12, 1)]);
        assert_eq!(page.anchors, ["vpn-连不上", "现象", "第二", "细节"]);
    }

    #[test]
    fn links_are_resolved_recorded_and_checked() {
        let page = page(
            "[a](wifi.md#Top) [b](gone.md) [c](#nowhere) [d](/tickets/new) [e](https://x.example/?a=1&b) [f](b.zip)\n\n[g](../../../x.md) [h](javascript:x) [i](mailto:it@x.example) <desk@x.example>\n\n## 有\n\n[j](#%E6%9C%89)\n",
        );
        for expected in [
            "<a href=\"/it/articles/net/wifi/#top\">a</a>",
            "<span class=\"missing-link\">b</span>",
            "<a href=\"#nowhere\">c</a>",
            "<a href=\"/it/tickets/new\">d</a>",
            "<a href=\"https://x.example/?a=1&amp;b\" class=\"external\" rel=\"noopener noreferrer\">e</a>",
            "<a href=\"/it/assets/b.2f.zip\" download>f</a>",
            "<span class=\"missing-link\">g</span> h <a href=\"mailto:it@x.example\">i</a> <a href=\"mailto:desk@x.example\">desk@x.example</a>",
            "<a href=\"#有\">j</a>",
        ] {
            assert!(page.html.contains(expected), "{expected}\n{}", page.html);
        }
        let outgoing: Vec<_> =
            page.links.iter().map(|link| (link.path.as_str(), link.anchor.as_deref(), link.place)).collect();
        assert_eq!(outgoing, [("articles/net/wifi.md", Some("top"), (4, 1)), ("articles/net/gone.md", None, (4, 18))]);
        assert_eq!(codes(&page), [("HM021", 4, 18), ("HM024", 6, 1), ("HM022", 4, 31)]);
        assert_eq!(page.diagnostics[0].path, "content/articles/net/vpn.md");
        assert_eq!(page.assets, ["articles/net/b.zip"]);
    }

    #[test]
    fn images_have_sizes_or_stand_ins() {
        let page = page(
            "![图 *一*](a.png \"题\") ![没有](gone.png) ![远](https://x.example/a.png) ![](a.png) [![链](https://x.example/b.png)](wifi.md)",
        );
        for expected in [
            "<img src=\"/it/assets/a.1f.png\" alt=\"图 一\" title=\"题\" width=\"640\" height=\"480\" loading=\"lazy\" decoding=\"async\">",
            "<span class=\"missing-image\">没有</span>",
            "<a href=\"https://x.example/a.png\" class=\"external\" rel=\"noopener noreferrer\">远</a>",
            "<a href=\"/it/articles/net/wifi/\">链</a>",
        ] {
            assert!(page.html.contains(expected), "{expected}\n{}", page.html);
        }
        let codes: Vec<_> = codes(&page).into_iter().map(|(code, ..)| code).collect();
        assert_eq!(codes, ["HM023", "HM025", "HM026", "HM025"]);
        assert_eq!(page.assets, ["articles/net/a.png"]);
        assert!(page.sections[0].text.contains("图 一 没有 远"), "{:?}", page.sections);
    }

    #[test]
    fn alerts_in_both_spellings_and_languages() {
        let expected = "<div class=\"alert alert-note\" role=\"note\"><p class=\"alert-title\">注意</p>\n<p>先保存。</p>\n</div>\n";
        assert_eq!(page("> [!NOTE]\n> 先保存。").html, expected);
        assert_eq!(page("> [!Note] 先保存。").html, expected);
        assert_eq!(page("> [!note]  \n> 先保存。").html, expected);
        let english = render(document("a.md", "en", "> [!WARNING]\n> x"), &Links::default());
        assert!(english.html.contains("<p class=\"alert-title\">Warning</p>"), "{}", english.html);
        assert_eq!(page("> 普通").html, "<blockquote>\n<p>普通</p>\n</blockquote>\n");
    }

    #[test]
    fn raw_html_is_written_anew() {
        for (text, expected) in [
            ("a<br/>b <b onclick=x>c</b> <kbd>Ctrl</kbd>", "<p>a<br>b <b>c</b> <kbd>Ctrl</kbd></p>\n"),
            ("a <b>c\n\nd</b>", "<p>a <b>c</b></p>\n<p>d</p>\n"),
            ("a <script>alert(1)</script> b", "<p>a  b</p>\n"),
            ("<script>\nalert(1)\n\n</script>\n\nb", "<p>b</p>\n"),
            ("a<!-- secret --> b", "<p>a b</p>\n"),
            ("net use <server>", "<p>net use &lt;server&gt;</p>\n"),
            ("<a href=\"javascript:x()\">t</a>", "<p>t</p>\n"),
            ("<a href=\"java&#10;script:x()\">t</a>", "<p>t</p>\n"),
            ("<a href='wifi.md'>t</a>", "<p><a href=\"/it/articles/net/wifi/\">t</a></p>\n"),
            (
                "<img src=a.png alt=x onerror=y>",
                "<img src=\"/it/assets/a.1f.png\" alt=\"x\" width=\"640\" height=\"480\" loading=\"lazy\" decoding=\"async\">\n",
            ),
            ("<img src=x onerror=alert(1)>", "<span class=\"missing-image\">articles/net/x</span>\n"),
            ("<svg onload=alert(1)>", ""),
            ("<svg/onload=alert(1)>", "<p>&lt;svg/onload=alert(1)&gt;</p>"),
            (
                "<details><summary>更多</summary>\n\n**内：**容\n\n</details>\n",
                "<details><summary>更多</summary>\n<p><strong>内：</strong>容</p>\n</details>\n",
            ),
            ("- <div>a\n\nb", "<ul>\n<li><div>a\n</div></li>\n</ul>\n<p>b</p>\n"),
            ("x </div></article></body> y", "<p>x  y</p>\n"),
        ] {
            let html = page(text).html;
            assert_eq!(html.trim(), expected.trim(), "{text}");
        }
        let page =
            page("## <a name=\"Old\"></a>新\n\n<a name=\"Here\"/>文 [x](#old) [y](#here)\n\n<iframe src=x></iframe>");
        assert!(page.html.starts_with("<a id=\"old\"></a><h2 id=\"新\">新 "), "{}", page.html);
        assert!(page.html.contains("<p><a id=\"here\"></a>文"), "{}", page.html);
        assert_eq!(codes(&page), [("HM020", 8, 1)]);
    }

    #[test]
    fn code_and_footnotes() {
        let page = page("```PowerShell title=x\nGet-Service # 查\n```\n\n文[^a]。\n\n[^a]: 注。\n\n```\nopen");
        assert!(
            page.html.contains(
                "<div class=\"code\" data-lang=\"powershell\"><pre tabindex=\"0\"><code class=\"language-powershell\">"
            ),
            "{}",
            page.html
        );
        assert!(page.html.contains("<span class=\"hl-c\"> # 查</span>\n</code>"), "{}", page.html);
        assert!(
            page.html.contains("文<sup class=\"footnote-ref\"><a href=\"#fn-1\" id=\"fnref-1\">1</a></sup>。"),
            "{}",
            page.html
        );
        assert!(page.html.ends_with("<li id=\"fn-1\" value=\"1\"><p>注。 <a href=\"#fnref-1\" aria-label=\"↩ 1\">↩</a></p></li>\n</ol></section>\n"), "{}", page.html);
        assert_eq!(codes(&page), [("HM028", 12, 1)]);
        assert_eq!(page.sections[0].text, "Get-Service # 查\n文。\n注。\nopen");
    }

    #[test]
    fn lines_of_chinese_join_without_a_space() {
        assert_eq!(page("中文\n继续\nEnglish\nmore").html, "<p>中文继续\nEnglish\nmore</p>\n");
        assert_eq!(page("> 中文\n> 继续").sections[0].text, "中文继续");
    }

    #[test]
    fn hostile_input_ends_soon_and_stays_shallow() {
        for piece in [
            "[",
            ">",
            "> ",
            "*",
            "**a ",
            "- ",
            "<div>",
            "<b>",
            "![",
            "`",
            "~~",
            "a**：",
            "](",
            "|",
            "# ",
            "<!--",
            "&",
            "[^a]",
            "\\",
            ":::image",
            "[!INCLUDE ",
            "*_",
        ] {
            let text = piece.repeat(200_000 / piece.len());
            let started = std::time::Instant::now();
            let page = page(&text);
            let took = started.elapsed();
            // Generous for an unoptimised build; quadratic work takes minutes.
            assert!(took.as_secs() < 20, "{piece:?} took {took:?}");
            let (mut depth, mut deepest) = (0_i32, 0);
            for tag in page.html.split('<').skip(1) {
                depth +=
                    if tag.starts_with('/') { -1 } else { i32::from(!tag.starts_with("br") && !tag.starts_with("hr")) };
                deepest = deepest.max(depth);
            }
            assert!(deepest < 200, "{piece:?}: {deepest}");
        }
    }

    /// Start and end tags pair up, and no tag or attribute is of the active kind.
    fn assert_sound(html: &str) {
        let mut open: Vec<&str> = Vec::new();
        for tag in html.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
            assert!(!["script", "style", "iframe", "svg", "object", "base", "form"].contains(&name), "{html}");
            // An attribute's own quotes are escaped, so a quote here is markup.
            assert!(!tag.contains("onclick=\"") && !tag.contains("=\"javascript:"), "{html}");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{html}");
            } else if !["br", "hr", "img", "wbr", "col"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?} {html}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_text_gives_sound_html(pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "中", "：", "“", "*", "**", "***", "_", "~~", "~", "`", "```", "\n", "\n\n", "    ", "- ", "> ", "# ", "## ",
            "[", "]", "(", ")", "](wifi.md)", "![", "](a.png)", "[x](javascript:y)", "<b>", "</b>", "<div>", "</div>", "<table>",
            "<td>", "</table>", "<script>", "</script>", "<a href=\"javascript:z\" onclick=\"q\">", "</a>", "<p>", "<!--", "-->",
            "| a | b |\n|---|---|\n", "|", "[^1]", "[^1]: ", "\\", "&lt;", "&#42;", "[!NOTE]", ":::", ":::image source=\"a.png\"",
            "[!INCLUDE [x](y)]", "\r\n", "\t", "<br>", "- [ ] ", "1. ", "{#id}", "https://x.example", "<li>", "<svg>", "\u{0}",
        ]), 0..60)) {
            let text: String = pieces.concat();
            let page = page(&text);
            assert_sound(&page.html);
            prop_assert_eq!(page.html, super::tests::page(&text).html);
        }
    }
}
