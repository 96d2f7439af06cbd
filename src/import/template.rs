//! A site's own shortcodes are small templates: those that only arrange their arguments and what they hold are filled in.
//! One that does more (loops, partials, resources) is not; its shortcode stays a comment.

use std::collections::HashMap;

/// What a template may ask for.
pub(super) struct Asked<'a> {
    /// An argument by its name or its number; empty when it is not there.
    pub(super) get: &'a dyn Fn(&str) -> String,
    /// How many arguments there are.
    pub(super) count: usize,
    /// Stands for what the shortcode holds; empty when it holds nothing.
    pub(super) inner: &'a str,
    /// A parameter of the site, as `a.b`.
    pub(super) param: &'a dyn Fn(&str) -> Option<String>,
}

/// Templates longer than this are programs.
const LONGEST: usize = 16 * 1024;
/// Conditions within conditions are followed this far.
const DEEPEST: u8 = 32;

/// The filled template; `None` when it does what is not done here.
pub(super) fn fill(template: &str, asked: &Asked<'_>) -> Option<String> {
    if template.len() > LONGEST {
        return None;
    }
    let pieces = pieces(template)?;
    let mut run = Run { asked, names: HashMap::new(), out: String::new() };
    let end = run.block(&pieces, 0, "", true, DEEPEST)?;
    (end == pieces.len()).then_some(run.out)
}

#[derive(Debug)]
enum Piece<'a> {
    Text(&'a str),
    Action(&'a str),
}

/// Text and actions, with the blanks gone that `{{-` and `-}}` take away.
fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let (mut pieces, mut rest) = (Vec::new(), template);
    while let Some(start) = rest.find("{{") {
        let end = if rest[start + 2..].trim_start_matches('-').trim_start().starts_with("/*") {
            start + rest[start..].find("*/")?
        } else {
            start
        };
        let close = end + rest[end..].find("}}")?;
        let (mut text, mut action) = (&rest[..start], &rest[start + 2..close]);
        rest = &rest[close + 2..];
        if let Some(inner) = action.strip_prefix('-') {
            (text, action) = (text.trim_end(), inner);
        }
        if let Some(inner) = action.strip_suffix('-') {
            (rest, action) = (rest.trim_start(), inner);
        }
        pieces.push(Piece::Text(text));
        pieces.push(Piece::Action(action.trim()));
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

struct Run<'a> {
    asked: &'a Asked<'a>,
    names: HashMap<String, String>,
    out: String,
}

impl Run<'_> {
    /// Runs from `at` to the `end` or the `else` that closes the block, and says where that stands.
    fn block(&mut self, pieces: &[Piece<'_>], mut at: usize, dot: &str, live: bool, depth: u8) -> Option<usize> {
        while let Some(piece) = pieces.get(at) {
            let action = match piece {
                Piece::Text(text) => {
                    if live {
                        self.out.push_str(text);
                    }
                    at += 1;
                    continue;
                }
                Piece::Action(action) => *action,
            };
            let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
            match word {
                "end" | "else" => return Some(at),
                "if" | "with" => at = self.choice(pieces, at, (word, rest), dot, live, depth.checked_sub(1)?)?,
                "range" | "define" | "block" | "template" | "return" | "break" | "continue" => return None,
                _ if action.starts_with("/*") => at += 1,
                _ => {
                    if live {
                        self.act(action, dot)?;
                    }
                    at += 1;
                }
            }
        }
        Some(at)
    }

    fn choice(
        &mut self,
        pieces: &[Piece<'_>],
        at: usize,
        (word, condition): (&str, &str),
        dot: &str,
        live: bool,
        depth: u8,
    ) -> Option<usize> {
        let value = if live { self.value(condition, dot)? } else { String::new() };
        let holds = live && is_true(&value);
        let inner = if word == "with" { value.as_str() } else { dot };
        let end = self.block(pieces, at + 1, inner, holds, depth)?;
        let Some(Piece::Action(closing)) = pieces.get(end) else { return None };
        let Some(other) = closing.strip_prefix("else") else { return Some(end + 1) };
        let other = other.trim();
        match other.split_once(char::is_whitespace) {
            None => {
                let end = self.block(pieces, end + 1, dot, live && !holds, depth)?;
                matches!(pieces.get(end), Some(Piece::Action("end"))).then_some(end + 1)
            }
            Some((word @ ("if" | "with"), condition)) => {
                self.choice(pieces, end, (word, condition), dot, live && !holds, depth.checked_sub(1)?)
            }
            Some(_) => None,
        }
    }

    fn act(&mut self, action: &str, dot: &str) -> Option<()> {
        if let Some((name, value)) = action.split_once('=').filter(|_| action.starts_with('$')) {
            let name = name.trim_end_matches([':', ' ']).to_owned();
            let value = self.value(value, dot)?;
            self.names.insert(name, value);
        } else {
            let value = self.value(action, dot)?;
            self.out.push_str(&value);
        }
        Some(())
    }

    /// A chain of calls: the value of each is the last argument of the next.
    fn value(&self, expression: &str, dot: &str) -> Option<String> {
        let mut piped: Option<String> = None;
        for call in split(expression, '|')? {
            let mut words = Vec::new();
            for word in split(call.trim(), ' ')?.into_iter().filter(|word| !word.trim().is_empty()) {
                words.push(word.trim());
            }
            piped = Some(self.call(&words, piped, dot)?);
        }
        piped
    }

    fn call(&self, words: &[&str], piped: Option<String>, dot: &str) -> Option<String> {
        let (first, rest) = words.split_first()?;
        let mut given: Vec<String> = Vec::new();
        for word in rest {
            given.push(self.atom(word, dot)?);
        }
        given.extend(piped);
        let arg = |n: usize| given.get(n).map(String::as_str).unwrap_or_default();
        let yes = |holds: bool| Some(if holds { "true".to_owned() } else { String::new() });
        match (*first, given.len()) {
            (".Get" | "$.Get", 1) => Some((self.asked.get)(arg(0))),
            ("len", 1) if rest.iter().any(|word| word.ends_with(".Params")) => Some(self.asked.count.to_string()),
            ("eq", 2..) => yes(given[1..].contains(&given[0])),
            ("ne", 2) => yes(arg(0) != arg(1)),
            ("not", 1) => yes(!is_true(arg(0))),
            ("and", 1..) => Some(given.iter().find(|one| !is_true(one)).unwrap_or(&given[given.len() - 1]).clone()),
            ("or", 1..) => Some(given.iter().find(|one| is_true(one)).unwrap_or(&given[given.len() - 1]).clone()),
            ("default", 2) => Some(if arg(1).is_empty() { arg(0) } else { arg(1) }.to_owned()),
            ("printf", 1..) => {
                let mut parts = arg(0).split('%');
                let mut text = parts.next()?.to_owned();
                for (n, part) in parts.enumerate() {
                    text.push_str(given.get(n + 1)?);
                    text.push_str(part.strip_prefix(['s', 'v', 'd'])?);
                }
                Some(text)
            }
            ("strings.TrimPrefix", 2) => Some(arg(1).strip_prefix(arg(0)).unwrap_or(arg(1)).to_owned()),
            ("lower" | "urlize" | "anchorize", 1) => Some(arg(0).to_lowercase().replace(' ', "-")),
            ("upper", 1) => Some(arg(0).to_uppercase()),
            ("trim" | "chomp", 1..) => Some(arg(given.len() - 1).trim().to_owned()),
            (
                "safeHTML"
                | "safeURL"
                | "safeHTMLAttr"
                | "safeCSS"
                | "markdownify"
                | "string"
                | "relURL"
                | "absURL"
                | "relLangURL"
                | "absLangURL"
                | "ref"
                | "relref"
                | "htmlEscape"
                | "htmlUnescape"
                | "emojify"
                | "print"
                | ".Page.RenderString"
                | "$.Page.RenderString"
                | "title"
                | "plainify",
                1,
            ) => Some(arg(0).to_owned()),
            ("errorf" | "warnf", _) => Some(String::new()),
            (word, 0) => self.atom(word, dot),
            _ => None,
        }
    }

    fn atom(&self, word: &str, dot: &str) -> Option<String> {
        if let Some(inner) = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')) {
            return self.value(inner, dot);
        }
        if word.len() >= 2 && word.starts_with(['"', '`']) {
            return Some(word[1..word.len() - 1].to_owned());
        }
        for start in ["site.Params.", ".Site.Params.", "$.Site.Params."] {
            if let Some(name) = word.strip_prefix(start) {
                return (self.asked.param)(name);
            }
        }
        match word {
            "." => Some(dot.to_owned()),
            ".Inner" | "$.Inner" => Some(self.asked.inner.to_owned()),
            // Only to be counted.
            ".Params" | "$.Params" => Some(String::new()),
            "true" => Some("true".to_owned()),
            "false" | "nil" => Some(String::new()),
            number if number.parse::<i64>().is_ok() => Some(number.to_owned()),
            name if name.starts_with('$') => self.names.get(name).cloned(),
            _ => None,
        }
    }
}

fn is_true(value: &str) -> bool {
    !matches!(value, "" | "false" | "0")
}

/// The parts between marks that stand outside quotes and parentheses.
fn split(text: &str, mark: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, c) if c == mark && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (quote.is_none() && depth == 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(template: &str) -> Option<String> {
        let get = |name: &str| match name {
            "0" => "一".to_owned(),
            "name" => "名 | x".to_owned(),
            _ => String::new(),
        };
        let param = |name: &str| (name == "a.b").then(|| "参数".to_owned());
        fill(template, &Asked { get: &get, count: 2, inner: "里", param: &param })
    }

    #[test]
    fn what_only_arranges_is_filled_in() {
        for (template, to) in [
            ("<b class=\"x\">{{ .Get 0 }}</b> {{- /* }} */ -}} !", "<b class=\"x\">一</b>!"),
            ("{{ with .Get \"no\" }}{{ . }}{{ else }}{{ .Inner | markdownify }}{{ end }}", "里"),
            ("{{ if eq (.Get 0) \"一\" }}{{ with .Get \"name\" }}({{.}}){{ end }}{{ end }}", "(名 | x)"),
            ("{{ if len .Params | eq 3 }}3{{ else if .Get \"no\" }}n{{ else }}zip{{end}}", "zip"),
            ("{{ $v := .Get 0 | default \"v\" }}{{ $v = printf \"%s-%s\" $v site.Params.a.b }}{{ $v }}", "一-参数"),
            ("{{ if and (.Get 0) (not (.Get 7)) }}y{{ end }}{{ .Get 7 | default `d` }}", "yd"),
            ("", ""),
        ] {
            assert_eq!(done(template).as_deref(), Some(to), "{template}");
        }
    }

    #[test]
    fn what_does_more_is_not() {
        for template in [
            "{{ range .Params }}x{{ end }}",
            "{{ partial \"x.html\" . }}",
            "{{ .Page.Title }}",
            "{{ site.Params.none }}",
            "{{ if .Get 0 }}x",
            "{{ .Get 0",
            "{{ $unknown }}",
            "{{ (.Get 0 }}",
            "{{ \" }}",
            "{{ end }}",
        ] {
            assert_eq!(done(template), None, "{template}");
        }
        assert_eq!(done(&"{{ if .Get 0 }}".repeat(1000)), None);
    }
}
