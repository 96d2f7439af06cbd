//! Shortcodes of Hugo and of the themes that many sites have, with what they are here.

use super::attributes::{named, positional};
use super::shortcodes::{Call, quoted};

/// Names of boxes in themes that many sites have (Docsy, Book, Hextra, Kubernetes), with the kind they are here.
const BOXES: &[(&str, &str)] = &[
    ("note", "NOTE"),
    ("info", "NOTE"),
    ("tip", "TIP"),
    ("success", "TIP"),
    ("important", "IMPORTANT"),
    ("warning", "WARNING"),
    ("caution", "CAUTION"),
    ("danger", "CAUTION"),
    ("error", "CAUTION"),
];

/// Shortcodes that wrap what they hold, with what they say about it.
const NAMED_BOXES: &[&str] = &["alert", "hint", "callout", "admonition", "notice", "pageinfo", "blockquote"];

/// Shortcodes that only arrange what they hold.
const WRAPPERS: &[&str] =
    &["tabs", "tabpane", "tabset", "cards", "cardpane", "columns", "steps", "section", "blocks", "buttons"];

pub(super) enum Wrapped {
    /// Nobody knows it.
    Unknown,
    Text(String),
    Box(&'static str, String),
    /// What it holds, after these words.
    Inside(String),
}

/// A shortcode around a text.
pub(super) fn wrapped(call: &Call<'_>, inside: &str) -> Wrapped {
    let title = ["title", "name", "header", "summary"]
        .iter()
        .find_map(|name| named(&call.attributes, name))
        .unwrap_or_default();
    if let Some((_, kind)) = BOXES.iter().find(|(name, _)| *name == call.name) {
        let title = if title.is_empty() { positional(&call.attributes, 0).unwrap_or_default() } else { title };
        return Wrapped::Box(kind, title.to_owned());
    }
    if NAMED_BOXES.contains(&call.name) {
        let said = ["type", "color", "context", "style"].iter().find_map(|name| named(&call.attributes, name));
        let said = said.or(positional(&call.attributes, 0)).unwrap_or("note");
        return Wrapped::Box(kind_of(said), title.to_owned());
    }
    match call.name {
        "highlight" => {
            let language = positional(&call.attributes, 0).unwrap_or_default();
            Wrapped::Text(format!("```{language}\n{}\n```", inside.trim_matches('\n')))
        }
        "details" | "expand" | "tab" => {
            let title = if title.is_empty() { positional(&call.attributes, 0).unwrap_or_default() } else { title };
            let head = if title.is_empty() { String::new() } else { format!("**{title}**\n\n") };
            if let Some(language) = named(&call.attributes, "codelang").or(named(&call.attributes, "lang")) {
                return Wrapped::Text(format!("{head}```{language}\n{}\n```\n", inside.trim_matches('\n')));
            }
            Wrapped::Inside(head)
        }
        "mermaid" => Wrapped::Text(format!("```mermaid\n{}\n```", inside.trim_matches('\n'))),
        "code" | "code-toggle" | "output" | "console" => {
            let file = named(&call.attributes, "file");
            let own = ["lang", "language"].iter().find_map(|name| named(&call.attributes, name));
            let end = file.and_then(|file| file.rsplit_once('.')).map_or("", |(_, end)| end);
            let language = own.unwrap_or(if call.name == "code-toggle" && end.is_empty() { "toml" } else { end });
            let head = file.map_or_else(String::new, |file| format!("**{file}**\n\n"));
            if inside.trim_start().starts_with("```") {
                return Wrapped::Text(head + inside.trim_matches('\n'));
            }
            Wrapped::Text(format!("{head}```{language}\n{}\n```", inside.trim_matches('\n')))
        }
        "katex" | "math" => {
            let inside = inside.trim();
            let is_block = inside.contains('\n')
                || call.attributes.iter().any(|(name, value)| name.is_none() && value == "display");
            Wrapped::Text(if is_block { format!("$$\n{inside}\n$$") } else { format!("${inside}$") })
        }
        "button" | "link" => {
            let names = ["relref", "href", "url", "link", "ref"];
            let to = names.iter().find_map(|name| named(&call.attributes, name)).or(positional(&call.attributes, 0));
            let words = inside.split_whitespace().collect::<Vec<_>>().join(" ");
            to.map_or(Wrapped::Unknown, |to| Wrapped::Text(format!("[{words}]({})", to.replace(' ', "%20"))))
        }
        "mark" | "kbd" | "sub" | "sup" | "u" | "small" | "ins" | "del" => {
            Wrapped::Text(format!("<{0}>{1}</{0}>", call.name, inside.trim()))
        }
        "rem" | "comment" => Wrapped::Text(format!("<!-- {} -->", inside.trim().replace("--", "- -"))),
        "badge" => Wrapped::Text(format!("**{}**", inside.trim())),
        "rawhtml" | "raw-html" | "unsafe" | "html" => Wrapped::Text(inside.to_owned()),
        name if WRAPPERS.contains(&name) => Wrapped::Inside(String::new()),
        _ => Wrapped::Unknown,
    }
}

/// A shortcode that stands alone; `None` when nobody knows it.
pub(super) fn single(call: &Call<'_>) -> Option<String> {
    let first = positional(&call.attributes, 0);
    Some(match call.name {
        "ref" | "relref" => first.or_else(|| named(&call.attributes, "path")).map(|path| path.replace(' ', "%20"))?,
        "figure" | "img" | "image" => {
            let get = |name| named(&call.attributes, name).unwrap_or_default();
            let source = if get("src").is_empty() { first.unwrap_or_default() } else { get("src") };
            let caption = [get("caption"), get("title")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            let alt = if get("alt").is_empty() { caption } else { get("alt") };
            let image = format!("![{}](<{source}>)", alt.replace(['[', ']'], ""));
            let image = if get("link").is_empty() { image } else { format!("[{image}](<{}>)", get("link")) };
            if caption.is_empty() || caption == alt { image } else { format!("{image}\n\n*{caption}*") }
        }
        "youtube" => first
            .or_else(|| named(&call.attributes, "id"))
            .map(|id| format!("<https://www.youtube.com/watch?v={id}>"))?,
        "vimeo" => first.or_else(|| named(&call.attributes, "id")).map(|id| format!("<https://vimeo.com/{id}>"))?,
        "gist" => match (first, positional(&call.attributes, 1)) {
            (Some(user), Some(id)) => format!("<https://gist.github.com/{user}/{id}>"),
            _ => return None,
        },
        "br" => "<br>".to_owned(),
        "glossary_tooltip" => {
            named(&call.attributes, "text").or(named(&call.attributes, "term_id")).unwrap_or_default().to_owned()
        }
        "tweet" | "x" => {
            let (user, id) = (named(&call.attributes, "user")?, named(&call.attributes, "id")?);
            format!("<https://x.com/{user}/status/{id}>")
        }
        "instagram" => format!("<https://www.instagram.com/p/{}/>", first?),
        "alert" | "hint" | "callout" | "notice" => {
            let text = named(&call.attributes, "text")?;
            let kind = ["type", "color", "context"].iter().find_map(|name| named(&call.attributes, name));
            quoted(kind.map_or("NOTE", kind_of), "", text)
        }
        "button" => {
            let names = ["relref", "href", "url", "link"];
            let to = names.iter().find_map(|name| named(&call.attributes, name))?;
            let words = ["text", "label", "title"].iter().find_map(|name| named(&call.attributes, name))?;
            format!("[{words}]({})", to.replace(' ', "%20"))
        }
        // Lists of pages and places in them, which this site makes itself.
        "toc" | "children" | "toc-tree" | "childpages" | "section-index" => String::new(),
        "icon" | "fontawesome" => String::new(),
        "rem" | "comment" => {
            let words: Vec<_> = call.attributes.iter().map(|(_, value)| value.replace("--", "- -")).collect();
            format!("<!-- {} -->", words.join(" "))
        }
        _ => return None,
    })
}

/// The kind of box that a word of a theme means.
fn kind_of(said: &str) -> &'static str {
    BOXES.iter().find(|(name, _)| *name == said).map_or("NOTE", |(_, kind)| kind)
}
