//! The report as tables: the same ones for the terminal and for the page.

use serde::Serialize;

use super::words::{self, mark, say, span};
use super::{Chart, Figures, Group, Report, SelfService};

/// A table with a caption; the first cell of a row names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Every table of the report: the breakdowns, and how far people came by themselves.
pub fn tables(report: &Report, lang: &str) -> Vec<Table> {
    let mut tables: Vec<_> = Group::ALL.into_iter().map(|group| breakdown(report, group, lang)).collect();
    if let Some(self_service) = &report.self_service {
        tables.push(searches(self_service, lang));
        tables.extend(found_nothing(self_service, lang));
    }
    tables
}

/// The table of one group, with the sum as its last row.
pub(super) fn breakdown(report: &Report, group: Group, lang: &str) -> Table {
    let mut head = vec![words::group(group, lang).to_owned()];
    head.extend(columns(lang).into_iter().map(str::to_owned));
    let row = |name: &str, figures: &Figures| {
        let mut cells = vec![name.to_owned()];
        cells.extend(cells_of(figures, lang));
        cells
    };
    let name = |name: &str| if name.is_empty() { words::nobody(group, lang).to_owned() } else { name.to_owned() };
    let mut rows: Vec<_> = report.rows(group).iter().map(|line| row(&name(&line.name), &line.figures)).collect();
    rows.push(row(say(lang, "合计", "Total"), &report.total));
    let caption = match group {
        Group::Month => say(lang, "按月份", "By month"),
        Group::Type => say(lang, "按类型", "By type"),
        Group::Team => say(lang, "按处理组", "By team"),
        Group::Agent => say(lang, "按处理人", "By owner"),
    };
    Table { caption: caption.to_owned(), head, rows }
}

fn columns(lang: &str) -> [&'static str; 11] {
    [
        say(lang, "提报", "Filed"),
        say(lang, "解决", "Solved"),
        say(lang, "未完成", "Open"),
        say(lang, "首次响应（中位）", "First answer, median"),
        say(lang, "九成以内", "90% within"),
        say(lang, "响应达标", "Answered in time"),
        say(lang, "解决用时（中位）", "Solution, median"),
        say(lang, "九成以内", "90% within"),
        say(lang, "解决达标", "Solved in time"),
        say(lang, "重新打开", "Reopened"),
        say(lang, "满意：已解决", "Rated solved"),
    ]
}

fn cells_of(figures: &Figures, lang: &str) -> [String; 11] {
    [
        figures.filed.to_string(),
        figures.solved.to_string(),
        figures.open.to_string(),
        span(figures.first_response.median, lang),
        span(figures.first_response.p90, lang),
        figures.first_response_met.percent(),
        span(figures.resolution.median, lang),
        span(figures.resolution.p90, lang),
        figures.resolve_met.percent(),
        figures.reopened.percent(),
        figures.satisfaction.solved.percent(),
    ]
}

/// The marks, by team and in all.
pub(super) fn satisfaction(report: &Report, lang: &str) -> Table {
    let head = [
        words::group(Group::Team, lang),
        say(lang, "评价数", "Ratings"),
        say(lang, "已解决", "Solved"),
        say(lang, "速度", "Speed"),
        say(lang, "态度", "Attitude"),
        say(lang, "专业", "Skill"),
        say(lang, "结果", "Result"),
    ];
    let row = |name: &str, figures: &Figures| {
        let satisfaction = &figures.satisfaction;
        let mut cells = vec![name.to_owned(), satisfaction.solved.of.to_string(), satisfaction.solved.percent()];
        cells.extend(satisfaction.marks().map(mark));
        cells
    };
    let rated = report.teams.iter().filter(|row| row.figures.satisfaction.solved.of > 0);
    let mut rows: Vec<_> = rated.map(|line| row(&line.name, &line.figures)).collect();
    rows.push(row(say(lang, "合计", "Total"), &report.total));
    Table {
        caption: say(lang, "满意度（1–5 分）", "Satisfaction (1 to 5)").to_owned(),
        head: head.map(str::to_owned).into(),
        rows,
    }
}

pub(super) fn searches(figures: &SelfService, lang: &str) -> Table {
    let share = |count| super::Share { count, of: figures.searches }.percent();
    let row = |zh, en, count: u64| vec![say(lang, zh, en).to_owned(), count.to_string(), share(count)];
    Table {
        caption: say(lang, "自助", "Self-service").to_owned(),
        head: [say(lang, "搜索", "Searches"), say(lang, "次数", "Number"), say(lang, "占搜索", "Of all searches")]
            .map(str::to_owned)
            .into(),
        rows: vec![
            row("全部搜索", "All searches", figures.searches),
            row("有合适结果", "With a good result", figures.answered),
            row("打开了结果", "Results opened", figures.opened),
            row("之后提报了工单", "Followed by a ticket", figures.became_tickets),
        ],
    }
}

/// The questions without an answer, where there are any.
pub(super) fn found_nothing(figures: &SelfService, lang: &str) -> Option<Table> {
    let rows = figures.found_nothing.iter().take(20).map(|line| vec![line.query.clone(), line.times.to_string()]);
    let table = || Table {
        caption: say(lang, "搜不到的问题", "Searches that found nothing").to_owned(),
        head: [say(lang, "问题", "Question"), say(lang, "次数", "Times")].map(str::to_owned).into(),
        rows: rows.collect(),
    };
    (!figures.found_nothing.is_empty()).then(table)
}

/// The numbers that a chart draws.
pub(super) fn of_chart(chart: &Chart, label: &str) -> Table {
    let head = std::iter::once(label.to_owned()).chain(chart.series.iter().map(|series| series.name.clone()));
    let cell = |value: Option<&Option<f64>>| match value {
        Some(Some(value)) => format!("{value:.1}{}", chart.unit),
        _ => "–".to_owned(),
    };
    let row = |(place, label): (usize, &String)| {
        let cells = chart.series.iter().map(|series| cell(series.values.get(place)));
        std::iter::once(label.clone()).chain(cells).collect()
    };
    Table {
        caption: chart.title.clone(),
        head: head.collect(),
        rows: chart.labels.iter().enumerate().map(row).collect(),
    }
}

/// The whole report for a terminal: one aligned table after the other.
pub fn text(report: &Report, lang: &str) -> String {
    let mut all =
        vec![format!("{} {} – {}", say(lang, "服务台报告", "Service desk report"), report.range.from, report.range.to)];
    let mut list = tables(report, lang);
    list.insert(Group::ALL.len(), satisfaction(report, lang));
    all.extend(list.iter().map(Table::aligned));
    all.push(words::note(lang).to_owned());
    all.join("\n\n")
}

impl Table {
    /// With columns of even width: names to the left, numbers to the right.
    fn aligned(&self) -> String {
        let lines: Vec<_> = std::iter::once(&self.head).chain(&self.rows).collect();
        let columns = self.head.len();
        let widest = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| width(cell)).max();
        let widths: Vec<_> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
        let mut text = self.caption.clone();
        for line in lines {
            text.push('\n');
            for (column, cell) in line.iter().enumerate() {
                let pad = " ".repeat(widths.get(column).map_or(0, |width_| width_.saturating_sub(width(cell))));
                match column {
                    0 => text.extend([cell.as_str(), &pad]),
                    _ => text.extend(["  ", pad.as_str(), cell.as_str()]),
                }
            }
            text.truncate(text.trim_end().len());
        }
        text
    }
}

/// Columns of a terminal: characters of Chinese, Japanese and Korean and full-width forms take two.
fn width(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_also_in_chinese() {
        let table = Table {
            caption: "C".to_owned(),
            head: ["组", "提报"].map(str::to_owned).into(),
            rows: vec![["桌面支持组", "7"].map(str::to_owned).into(), ["Network", "1234567"].map(str::to_owned).into()],
        };
        let lines: Vec<_> = table.aligned().lines().map(str::to_owned).collect();
        assert_eq!(lines[1..].iter().map(|line| width(line)).collect::<Vec<_>>(), [19, 19, 19]);
        assert!(lines[2].ends_with("        7"), "{}", lines[2]);
    }
}
