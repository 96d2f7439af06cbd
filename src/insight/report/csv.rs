//! The report for a spreadsheet: one line per group and row, plain numbers, times in seconds.

use super::{Figures, Group, Report};

/// What Excel needs to read a file as UTF-8: put it before [`csv`] in a download.
pub const BOM: &str = "\u{feff}";

const HEAD: [&str; 22] = [
    "group",
    "key",
    "name",
    "filed",
    "solved",
    "open",
    "first_response_median_s",
    "first_response_p90_s",
    "first_response_met",
    "first_response_judged",
    "resolution_median_s",
    "resolution_p90_s",
    "resolve_met",
    "resolve_judged",
    "reopened",
    "reopened_of",
    "ratings",
    "rated_solved",
    "speed",
    "attitude",
    "skill",
    "result",
];

/// RFC 4180, lines ended by CRLF. Names that a spreadsheet would take for a formula begin with an apostrophe.
pub fn csv(report: &Report) -> String {
    let mut text = format!("{}\r\n", HEAD.join(","));
    text.push_str(&line("total", "", "", &report.total));
    for group in Group::ALL {
        for row in report.rows(group) {
            text.push_str(&line(group.key(), &row.key, &row.name, &row.figures));
        }
    }
    text
}

fn line(group: &str, key: &str, name: &str, figures: &Figures) -> String {
    let mut cells = vec![group.to_owned(), cell(key), cell(name)];
    cells.extend([figures.filed, figures.solved, figures.open].map(|number| number.to_string()));
    for (spread, share) in
        [(figures.first_response, figures.first_response_met), (figures.resolution, figures.resolve_met)]
    {
        cells.extend([spread.median, spread.p90].map(|seconds| seconds.map_or_else(String::new, |s| s.to_string())));
        cells.extend([share.count, share.of].map(|number| number.to_string()));
    }
    let rated = figures.satisfaction.solved;
    cells.extend([figures.reopened.count, figures.reopened.of, rated.of, rated.count].map(|number| number.to_string()));
    cells.extend(figures.satisfaction.marks().map(|mark| mark.map_or_else(String::new, |mark| format!("{mark:.2}"))));
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    // Full width as well: where a Chinese keyboard writes them, Excel reads them as the others.
    let formula = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text };
    match text.contains([',', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_a_formula_or_another_cell() {
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        assert_eq!(cell("桌面,\r\n支持"), "\"桌面,支持\"");
        assert_eq!(cell("-1"), "'-1");
        for wide in ["＝1+1", "＋1", "－1", "＠SUM(1)"] {
            assert_eq!(cell(wide), format!("'{wide}"));
        }
    }

    #[test]
    fn every_line_has_every_column() {
        let columns = line("team", "a", "A", &Figures::default()).trim_end().split(',').count();
        assert_eq!(columns, HEAD.len());
    }
}
