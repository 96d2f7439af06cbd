//! Marks that git leaves in a text where two edits met.

use super::entry;
use crate::diagnostic::Diagnostic;

/// Names every mark. A whole conflict within one block of code is an example until somebody says otherwise.
pub(super) fn check(file: &str, body: &str, first_line: u32, diagnostics: &mut Vec<Diagnostic>) {
    if !["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|mark| body.contains(mark)) {
        return;
    }
    let mut fence: Option<(char, usize)> = None;
    // Marks of the open block of code.
    let mut within: Vec<(u32, &str)> = Vec::new();
    for (line, text) in (first_line..).zip(body.lines()) {
        let content = text.trim_start_matches([' ', '\t', '>']);
        let run = |mark: char| content.chars().take_while(|c| *c == mark).count();
        match fence {
            Some((mark, width)) if run(mark) >= width && content.trim_end().len() == run(mark) => {
                fence = None;
                tell_block(file, &std::mem::take(&mut within), diagnostics);
            }
            // `=======` alone underlines a heading in Markdown; the other marks mean nothing else.
            _ if entry::is_conflict_marker(text) && !text.starts_with('=') => match fence {
                Some(_) => within.push((line, text)),
                None => diagnostics.push(left(file, line)),
            },
            Some(_) => {}
            None => fence = ['`', '~'].into_iter().find(|mark| run(*mark) >= 3).map(|mark| (mark, run(mark))),
        }
    }
    // Of a fence that nobody closes, all that follows is code.
    tell_block(file, &within, diagnostics);
}

fn tell_block(file: &str, marks: &[(u32, &str)], diagnostics: &mut Vec<Diagnostic>) {
    let starts = marks.iter().filter(|(_, text)| text.starts_with('<')).count();
    let ends = marks.iter().filter(|(_, text)| text.starts_with('>')).count();
    match marks.first() {
        Some((line, _)) if starts == ends => {
            let message = "a merge conflict in a block of code; it is taken for an example";
            let diagnostic = Diagnostic::note("HM012", file, message).at((*line, 1)).over(7);
            diagnostics.push(diagnostic.hint("if it is none, keep one of the two sides and remove the markers"));
        }
        _ => diagnostics.extend(marks.iter().map(|(line, _)| left(file, *line))),
    }
}

fn left(file: &str, line: u32) -> Diagnostic {
    let diagnostic = Diagnostic::error("HM012", file, "a merge conflict was left in the text").at((line, 1)).over(7);
    diagnostic.hint("keep one of the two sides and remove the markers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_in_a_block_of_code_is_no_mistake() {
        let told = |body: &str| {
            let mut found = Vec::new();
            check("a.md", body, 1, &mut found);
            found.iter().map(|it| format!("{} {}", it.severity, it.line)).collect::<Vec<_>>()
        };
        let conflict = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n";
        assert_eq!(told(&format!("x\n{conflict}")), ["error 2", "error 6"]);
        assert_eq!(told(&format!("```diff\n{conflict}```\n")), ["note 2"]);
        assert_eq!(told(&format!("- x\n\n  ~~~\n{conflict}")), ["note 4"]);
        assert_eq!(told("<<<<<<< HEAD\n```\na\n=======\nb\n>>>>>>> other\n```\n"), ["error 1", "error 6"]);
        assert_eq!(told("标题\n=======\n"), Vec::<String>::new());
    }
}
