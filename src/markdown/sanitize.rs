//! The last gate for pages with structural HTML of their author: ammonia's parser puts the tree in order and lets only
//! known elements and attributes through. The tags were written from an allow-list before; this does not rely on it.

use std::sync::LazyLock;

use ammonia::Builder;

use super::scheme::PROGRAMS;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .add_tags(["section", "figure", "figcaption", "ruby", "rt", "rp", "details", "summary", "mark", "ins"])
        .add_generic_attributes([
            "id",
            "class",
            "title",
            "lang",
            "dir",
            "role",
            "aria-label",
            "aria-hidden",
            "tabindex",
        ])
        .add_tag_attributes("a", ["href", "rel", "download"])
        .add_tag_attributes("div", ["data-lang"])
        .add_tag_attributes("img", ["src", "alt", "width", "height", "loading", "decoding"])
        .add_tag_attributes("ol", ["start", "reversed"])
        .add_tag_attributes("li", ["value"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("th", ["scope", "colspan", "rowspan"])
        .add_tag_attributes("td", ["colspan", "rowspan"])
        .add_tag_attributes("col", ["span", "width"])
        .add_tag_attributes("time", ["datetime"])
        // Links carry their `rel` already.
        .link_rel(None)
        .url_schemes(["http", "https"].into_iter().chain(PROGRAMS).collect());
    builder
});

pub(super) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_markup_passes_unchanged() {
        for html in [
            "<h2 id=\"a\">A <a class=\"anchor\" href=\"#a\" aria-hidden=\"true\" tabindex=\"-1\">#</a></h2>",
            "<div class=\"code\" data-lang=\"sh\"><pre tabindex=\"0\"><code class=\"language-sh\"><span class=\"hl-c\">#</span></code></pre></div>",
            "<p><a href=\"https://x.example/\" class=\"external\" rel=\"noopener noreferrer\">x</a><a href=\"/f.pdf\" download=\"\">f</a></p>",
            "<img src=\"/a.png\" alt=\"a\" width=\"1\" height=\"2\" loading=\"lazy\" decoding=\"async\">",
            "<div class=\"alert alert-note\" role=\"note\"><p class=\"alert-title\">注意</p></div>",
            "<ol start=\"3\"><li id=\"fn-1\" value=\"1\">x</li></ol>",
            "<details class=\"alert alert-tip\" open=\"\"><summary>x</summary>y</details>",
            "<a href=\"ms-settings:network\">x</a>",
        ] {
            assert_eq!(clean(html), html);
        }
    }

    #[test]
    fn nothing_active_passes() {
        let html = "<p onclick=\"x()\">a<script>x()</script><a href=\"javascript:x()\">b</a><a href=\"file:///c:/x\">c</a><style>p{}</style><iframe></iframe></p>";
        assert_eq!(clean(html), "<p>a<a>b</a><a>c</a></p>");
    }
}
