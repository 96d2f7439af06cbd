//! A ticket's body: the requester's description, and below it, once solved, the sections of the solution.

use super::Ticket;

/// The parts of a body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sections {
    /// The requester's own words.
    pub description: String,
    pub environment: String,
    pub cause: String,
    pub resolution: String,
}

/// Headings by language, in the order of a resolution record (KCS v6).
const HEADINGS: [(&str, &str); 3] = [("环境", "Environment"), ("原因", "Cause"), ("解决方案", "Resolution")];

impl Sections {
    /// Takes a body apart. The requester's words may hold the same headings: the last run of them is the solution, and
    /// only the body of a ticket that was solved has one.
    pub fn of(ticket: &Ticket) -> Self {
        let was_solved = ticket.history.iter().any(|entry| entry.action == "resolve") || !ticket.status.is_open();
        let starts = starts(&ticket.body);
        let cause = starts.iter().rposition(|(kind, _, _)| *kind == 1);
        let Some(cause) = cause.filter(|_| was_solved) else {
            return Self { description: ticket.body.trim_end().to_owned(), ..Self::default() };
        };
        let first = if cause > 0 && starts[cause - 1].0 == 0 { cause - 1 } else { cause };
        let mut sections =
            Self { description: ticket.body[..starts[first].1].trim_end().to_owned(), ..Self::default() };
        for (index, (kind, _, text)) in starts.iter().enumerate().skip(first) {
            let end = starts.get(index + 1).map_or(ticket.body.len(), |next| next.1);
            let text = ticket.body[*text..end].trim().to_owned();
            match kind {
                0 => sections.environment = text,
                1 => sections.cause = text,
                _ => sections.resolution = text,
            }
        }
        sections
    }

    /// The body that holds these parts, with headings in the requester's language.
    pub(super) fn body(&self, lang: &str) -> String {
        let mut body = self.description.clone();
        for ((zh, en), text) in HEADINGS.into_iter().zip([&self.environment, &self.cause, &self.resolution]) {
            if !text.is_empty() {
                let heading = if lang == "zh" || lang.is_empty() { zh } else { en };
                body.push_str(&format!("\n\n## {heading}\n\n{}", below(text)));
            }
        }
        body
    }
}

/// Headings inside of a section stay below it.
fn below(text: &str) -> String {
    let mut fenced = false;
    let line = |line: &str| {
        fenced ^= line.trim_start().starts_with("```");
        let level = line.chars().take_while(|c| *c == '#').count();
        match !fenced && (1..3).contains(&level) && line[level..].starts_with(' ') {
            true => format!("###{}", &line[level..]),
            false => line.to_owned(),
        }
    };
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Every section's kind, where its heading begins, and where its text begins.
fn starts(body: &str) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if let Some(heading) = line.strip_prefix("## ").map(str::trim)
            && let Some(kind) = HEADINGS.iter().position(|(zh, en)| heading == *zh || heading == *en)
        {
            found.push((kind, at, at + line.len()));
        }
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Status;
    use crate::ticket::tests::sample;

    #[test]
    fn a_solution_is_found_again_below_whatever_the_requester_wrote() {
        let parts = Sections {
            description: "## 原因\n我不知道\n\n## 解决方案\n没有".into(),
            environment: String::new(),
            cause: "证书过期".into(),
            resolution: "# 一步\n```\n# 注释\n```\n更新证书".into(),
        };
        let mut ticket = sample();
        ticket.body = parts.body("zh");
        assert!(ticket.body.ends_with("## 解决方案\n\n### 一步\n```\n# 注释\n```\n更新证书"), "{}", ticket.body);
        assert_eq!(Sections::of(&ticket).description, ticket.body, "nothing was solved yet");
        ticket.status = Status::Resolved;
        let read = Sections::of(&ticket);
        assert_eq!((read.description, read.cause), (parts.description, parts.cause));
        assert_eq!(read.resolution, "### 一步\n```\n# 注释\n```\n更新证书");
    }
}
