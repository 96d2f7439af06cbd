//! Which of many findings are told: a tree of other origin has thousands that say the same.

use std::collections::BTreeMap;

use clap::Args;

use super::counted;
use crate::diagnostic::{Diagnostic, Severity};

/// So many findings of a code are told with their places.
const EACH: usize = 5;

#[derive(Args)]
pub(super) struct Selection {
    /// Tell every finding, and not only the first few of each code
    #[arg(long)]
    all: bool,
    /// Look at these codes alone (HM021,HM022)
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = code, conflicts_with = "ignore")]
    only: Vec<String>,
    /// Look at all but these codes
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = code)]
    ignore: Vec<String>,
}

/// `HM021`, in any letters.
fn code(text: &str) -> Result<String, String> {
    let code = text.trim().to_uppercase();
    let digits =
        code.strip_prefix("HM").filter(|rest| rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    digits.map(|_| code.clone()).ok_or_else(|| "a code is HM and three digits, such as HM021".to_owned())
}

impl Selection {
    /// Whether a finding is asked for at all.
    pub(super) fn includes(&self, found: &Diagnostic) -> bool {
        let named = |codes: &[String]| codes.iter().any(|code| code == found.code);
        (self.only.is_empty() || named(&self.only)) && !named(&self.ignore)
    }

    /// Those that are told one by one: errors all, of the others the first of each code.
    pub(super) fn told<'a>(&self, findings: &'a [Diagnostic]) -> Vec<&'a Diagnostic> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let few = |found: &&Diagnostic| {
            if self.all || found.severity == Severity::Error {
                return true;
            }
            let count = counts.entry(found.code).or_default();
            *count += 1;
            *count <= EACH
        };
        findings.iter().filter(few).collect()
    }
}

/// One line for each code and severity, and where to see the rest; nothing when all were told.
pub(super) fn tally(findings: &[Diagnostic], told: usize) -> Vec<String> {
    if told == findings.len() {
        return Vec::new();
    }
    let mut kinds: BTreeMap<(std::cmp::Reverse<Severity>, &str), (usize, &Diagnostic)> = BTreeMap::new();
    for found in findings {
        kinds.entry((std::cmp::Reverse(found.severity), found.code)).or_insert((0, found)).0 += 1;
    }
    let mut lines = vec!["By code:".to_owned()];
    for ((severity, code), (count, first)) in kinds {
        lines.push(format!("{:>18}  {code}  {}", counted(count, &severity.0.to_string()), first.message));
    }
    let rest = counted(findings.len() - told, "more place");
    lines.push(format!("{rest} with --all, those of one code with --only HM…"));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_all_told_and_of_the_rest_the_first_five() {
        let of = |severity, code, count: usize| {
            (0..count).map(move |line| Diagnostic::new(severity, code, "a.md", "x").at((line as u32 + 1, 1)))
        };
        let mut findings: Vec<Diagnostic> = of(Severity::Error, "HM012", 8).collect();
        findings.extend(of(Severity::Note, "HM011", 7).chain(of(Severity::Warning, "HM021", 2)));
        let selection = |all, only: &[&str], ignore: &[&str]| {
            let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
            Selection { all, only: codes(only), ignore: codes(ignore) }
        };
        let told = selection(false, &[], &[]).told(&findings).len();
        assert_eq!(told, 8 + 5 + 2);
        assert_eq!(selection(true, &[], &[]).told(&findings).len(), 17);
        let lines = tally(&findings, told);
        assert_eq!(
            lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>(),
            [
                "By code:",
                "8 errors  HM012  x",
                "2 warnings  HM021  x",
                "7 notes  HM011  x",
                "2 more places with --all, those of one code with --only HM…"
            ]
        );
        assert_eq!(tally(&findings, 17), Vec::<String>::new());
        let count = |selection: Selection| findings.iter().filter(|found| selection.includes(found)).count();
        assert_eq!(count(selection(false, &["HM021", "HM012"], &[])), 10);
        assert_eq!(count(selection(false, &[], &["HM011"])), 10);
        assert_eq!((code(" hm021"), code("HM21").is_err()), (Ok("HM021".to_owned()), true));
    }
}
