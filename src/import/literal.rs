//! Objects and lists as programs write them out: `sidebars.js`, `docusaurus.config.ts`. Nothing is run; what is no plain
//! value (a call, a name, a function) is read over and left empty.

use serde_yaml::{Mapping, Value};

/// Values within values are followed this far.
const DEEPEST: u8 = 64;

/// The value that a module exports: after `module.exports =` or `export default`, or that of the name which it exports.
pub(super) fn exported(program: &str) -> Option<Value> {
    let program = uncommented(program);
    let after = |mark: &str| program.find(mark).map(|at| program[at + mark.len()..].trim_start());
    let rest = after("module.exports =").or_else(|| after("module.exports=")).or_else(|| after("export default"))?;
    if rest.starts_with(['{', '[']) {
        return Some(read(rest));
    }
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$')).collect();
    ["const ", "let ", "var "].iter().find_map(|word| {
        let rest = after(&format!("{word}{name}")).filter(|_| !name.is_empty())?;
        Some(read(&rest[rest.find('=')? + 1..]))
    })
}

fn read(text: &str) -> Value {
    Reader { rest: text }.value(DEEPEST)
}

/// Without comments; texts keep theirs (`'https://…'`).
fn uncommented(program: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(program.len()), program);
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' | '`' => {
                let length = quoted(rest);
                out.push_str(&rest[..length]);
                length
            }
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

/// The length of the text in quotes that `text` begins with. One that is not closed ends with its line.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let mark = text.chars().next();
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if Some(c) == mark => return at + c.len_utf8(),
            '\n' if mark != Some('`') => return at,
            _ => {}
        }
    }
    text.len()
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    fn value(&mut self, depth: u8) -> Value {
        let value = match self.peek() {
            Some('{') if depth > 0 => self.object(depth - 1),
            Some('[') if depth > 0 => self.list(depth - 1),
            Some('\'' | '"' | '`') => Value::from(self.text()),
            // `({ … })`, which a comment with a type stands before.
            Some('(') if depth > 0 => {
                self.skip(1);
                let value = self.value(depth - 1);
                if self.peek() == Some(')') {
                    self.skip(1);
                }
                value
            }
            _ => {
                let end = self.rest.find([',', '}', ']', ')', '\n', ';']).unwrap_or(self.rest.len());
                match self.rest[..end].trim() {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    word => word.parse::<f64>().map_or(Value::Null, Value::from),
                }
            }
        };
        // A call, a sum, `as const`: up to the comma or the bracket that ends it.
        let read_over = self.read_over(depth);
        let plain = read_over.trim().trim_end_matches(';').trim();
        let name = |text: &str| text.starts_with("as ") || text.starts_with("satisfies ");
        let number = matches!(value, Value::Bool(_) | Value::Number(_));
        if plain.is_empty() || number || name(plain) { value } else { Value::Null }
    }

    /// Up to the comma or the closing bracket of the value around this one.
    fn read_over(&mut self, depth: u8) -> String {
        let mut over = String::new();
        let mut open = 0_usize;
        while let Some(c) = self.rest.chars().next() {
            let length = match c {
                ',' | '}' | ']' | ')' if open == 0 => break,
                // After the outermost value comes the rest of the program.
                ';' | '\n' if open == 0 && depth == DEEPEST => break,
                '{' | '[' | '(' => {
                    open += 1;
                    1
                }
                '}' | ']' | ')' => {
                    open = open.saturating_sub(1);
                    1
                }
                '\'' | '"' | '`' => quoted(self.rest),
                c => c.len_utf8(),
            };
            over.push_str(&self.rest[..length]);
            self.skip(length);
        }
        over
    }

    fn text(&mut self) -> String {
        let length = quoted(self.rest);
        let inner = self.rest[1..length].trim_end_matches(['\'', '"', '`']);
        let (mut out, mut escaped) = (String::new(), false);
        for c in inner.chars() {
            match c {
                '\\' if !escaped => escaped = true,
                'n' if escaped => {
                    out.push('\n');
                    escaped = false;
                }
                c => {
                    out.push(c);
                    escaped = false;
                }
            }
        }
        self.skip(length);
        out
    }

    fn list(&mut self, depth: u8) -> Value {
        self.skip(1);
        let mut items = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                ']' => {
                    self.skip(1);
                    break;
                }
                '}' | ')' => break,
                ',' => self.skip(1),
                _ => items.push(self.value(depth)),
            }
        }
        Value::Sequence(items)
    }

    fn object(&mut self, depth: u8) -> Value {
        self.skip(1);
        let mut map = Mapping::new();
        while let Some(c) = self.peek() {
            match c {
                '}' => {
                    self.skip(1);
                    break;
                }
                ']' | ')' => break,
                ',' => self.skip(1),
                _ => {
                    let key = if matches!(c, '\'' | '"' | '`') {
                        self.text()
                    } else {
                        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')));
                        let key = self.rest[..end.unwrap_or(self.rest.len())].to_owned();
                        self.skip(key.len());
                        key
                    };
                    if self.peek() == Some(':') {
                        self.skip(1);
                        let value = self.value(depth);
                        map.insert(key.into(), value);
                    } else {
                        // `...others`, `name`, `name() {}`.
                        self.read_over(depth);
                    }
                }
            }
        }
        Value::Mapping(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Value {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_written_out_is_read() {
        let program = "// @ts-check\nimport x from 'y';\nconst sidebars: SidebarsConfig = {\n  docs: [\n    'a/b', // 'no'\n    {type: 'category', label: \"It's\", \
                       items: [`c`,], collapsed: false, link: {type: 'doc', id: 'd'},},\n    ...others,\n    make({a: 1}),\n  ],\n  /* url: 'x' */ url: 'https://x.example', n: 2, e: process.env.X || 'y',\n  f() { return 1 },\n} satisfies X;\n\nexport default sidebars;\n";
        assert_eq!(
            exported(program),
            Some(yaml(
                "{docs: [a/b, {type: category, label: \"It's\", items: [c], collapsed: false, link: {type: doc, id: d}}, null, null], url: 'https://x.example', n: 2.0, e: null}"
            ))
        );
        assert_eq!(
            exported("module.exports = ['a', /** @type {X} */ ({b: 'c'}), (d)]"),
            Some(yaml("[a, {b: c}, null]"))
        );
        assert_eq!(exported("module.exports = make()"), None);
    }

    #[test]
    fn what_is_cut_off_ends() {
        for text in [
            "module.exports = {",
            "module.exports = {a: [",
            "module.exports = {'a",
            "module.exports = [}]",
            "module.exports = [)",
            "module.exports = {)",
            "module.exports = {a: (",
            "module.exports = {a: '\\",
        ] {
            exported(text);
        }
        assert!(exported(&format!("module.exports = {}", "[".repeat(100_000))).is_some());
    }
}
