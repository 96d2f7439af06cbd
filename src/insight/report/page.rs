//! The report for a page: the figures on top, charts with their tables below.

use serde::Serialize;

use super::chart::{self, Chart, Series};
use super::table::{self, Table};
use super::words::{self, counted, say, span};
use super::{Group, Report, Row, SelfService, Share};

/// Everything a template needs, in the reader's language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    pub from: String,
    pub to: String,
    pub tiles: Vec<Tile>,
    pub charts: Vec<ChartView>,
    /// Tables without a chart.
    pub tables: Vec<Table>,
    /// How to read the figures.
    pub note: String,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tile {
    /// `filed`, `solved`, …: stable, for a template's own order.
    pub key: &'static str,
    pub label: String,
    pub value: String,
    /// A second figure in words; may be empty.
    pub note: String,
}

/// A chart with the table that says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChartView {
    pub id: String,
    pub title: String,
    /// Inline SVG, escaped: print it as it is.
    pub svg: String,
    pub table: Table,
}

/// The report as a page.
pub fn page(report: &Report, lang: &str) -> Page {
    let mut charts = vec![
        volume(report, Group::Month, lang),
        in_time(report, lang),
        resolution(report, lang),
        volume(report, Group::Type, lang),
        volume(report, Group::Team, lang),
        satisfaction(report, lang),
    ];
    let mut tables = vec![table::breakdown(report, Group::Agent, lang)];
    if let Some(figures) = &report.self_service {
        charts.push(self_service(figures, lang));
        tables.extend(table::found_nothing(figures, lang));
    }
    Page {
        from: report.range.from.to_string(),
        to: report.range.to.to_string(),
        tiles: tiles(report, lang),
        charts,
        tables,
        note: words::note(lang).to_owned(),
    }
}

fn tiles(report: &Report, lang: &str) -> Vec<Tile> {
    let total = &report.total;
    let tile =
        |key, zh, en, value: String, note: String| Tile { key, label: say(lang, zh, en).to_owned(), value, note };
    let in_time = |share: Share| format!("{} {}", say(lang, "达标", "in time"), share.percent());
    let rated = total.satisfaction.solved;
    let mut tiles = vec![
        tile("filed", "提报", "Filed", total.filed.to_string(), String::new()),
        tile("solved", "解决", "Solved", total.solved.to_string(), String::new()),
        tile("open", "未完成", "Open", total.open.to_string(), String::new()),
        tile(
            "first_response",
            "首次响应（中位）",
            "First answer, median",
            span(total.first_response.median, lang),
            in_time(total.first_response_met),
        ),
        tile(
            "resolution",
            "解决用时（中位）",
            "Solution, median",
            span(total.resolution.median, lang),
            in_time(total.resolve_met),
        ),
        tile("reopened", "重新打开", "Reopened", total.reopened.percent(), String::new()),
        tile(
            "satisfaction",
            "评价为已解决",
            "Rated solved",
            rated.percent(),
            counted(rated.of, lang, "条评价", ["rating", "ratings"]),
        ),
    ];
    if let Some(figures) = &report.self_service {
        let found = Share { count: figures.answered, of: figures.searches };
        let note = counted(figures.searches, lang, "次搜索", ["search", "searches"]);
        tiles.push(tile("self_service", "搜到答案", "Searches answered", found.percent(), note));
    }
    tiles
}

fn view(chart: &Chart, svg: String, table: Table) -> ChartView {
    ChartView { id: chart.id.clone(), title: chart.title.clone(), svg, table }
}

fn labels(rows: &[Row], group: Group, lang: &str) -> Vec<String> {
    let label = |row: &Row| if row.name.is_empty() { words::nobody(group, lang).to_owned() } else { row.name.clone() };
    rows.iter().map(label).collect()
}

fn series(name: &str, rows: &[Row], value: impl Fn(&Row) -> Option<f64>) -> Series {
    Series { name: name.to_owned(), values: rows.iter().map(value).collect() }
}

fn whole(number: u64) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

fn percent(share: Share) -> Option<f64> {
    share.permille().map(|permille| whole(permille) / 10.0)
}

fn volume(report: &Report, group: Group, lang: &str) -> ChartView {
    let rows = report.rows(group);
    let title = match group {
        Group::Month => say(lang, "每月提报与解决", "Filed and solved by month"),
        Group::Type => say(lang, "各类型提报与解决", "Filed and solved by type"),
        Group::Team => say(lang, "各处理组提报与解决", "Filed and solved by team"),
        Group::Agent => say(lang, "各处理人提报与解决", "Filed and solved by owner"),
    };
    let chart = Chart {
        id: format!("report-{}", group.key()),
        title: title.to_owned(),
        unit: String::new(),
        labels: labels(rows, group, lang),
        series: vec![
            series(say(lang, "提报", "Filed"), rows, |row| Some(whole(row.figures.filed))),
            series(say(lang, "解决", "Solved"), rows, |row| Some(whole(row.figures.solved))),
        ],
    };
    view(&chart, chart::bars(&chart), table::breakdown(report, group, lang))
}

fn in_time(report: &Report, lang: &str) -> ChartView {
    let rows = &report.months;
    let chart = Chart {
        id: "report-in-time".to_owned(),
        title: say(lang, "达标率", "Targets met").to_owned(),
        unit: "%".to_owned(),
        labels: labels(rows, Group::Month, lang),
        series: vec![
            series(say(lang, "响应达标", "Answered in time"), rows, |row| percent(row.figures.first_response_met)),
            series(say(lang, "解决达标", "Solved in time"), rows, |row| percent(row.figures.resolve_met)),
        ],
    };
    let table = table::of_chart(&chart, words::group(Group::Month, lang));
    view(&chart, chart::lines(&chart), table)
}

fn resolution(report: &Report, lang: &str) -> ChartView {
    let rows = &report.months;
    let hours = |seconds: Option<u32>| seconds.map(|seconds| (f64::from(seconds) / 360.0).round() / 10.0);
    let chart = Chart {
        id: "report-resolution".to_owned(),
        title: say(lang, "解决用时（工作小时）", "Time to solve, working hours").to_owned(),
        unit: "h".to_owned(),
        labels: labels(rows, Group::Month, lang),
        series: vec![
            series(say(lang, "中位", "Median"), rows, |row| hours(row.figures.resolution.median)),
            series(say(lang, "九成以内", "90% within"), rows, |row| hours(row.figures.resolution.p90)),
        ],
    };
    let table = table::of_chart(&chart, words::group(Group::Month, lang));
    view(&chart, chart::lines(&chart), table)
}

fn satisfaction(report: &Report, lang: &str) -> ChartView {
    let rows = &report.months;
    let chart = Chart {
        id: "report-satisfaction".to_owned(),
        title: say(lang, "评价为已解决的比例", "Rated as solved").to_owned(),
        unit: "%".to_owned(),
        labels: labels(rows, Group::Month, lang),
        series: vec![series(say(lang, "已解决", "Solved"), rows, |row| percent(row.figures.satisfaction.solved))],
    };
    view(&chart, chart::bars(&chart), table::satisfaction(report, lang))
}

fn self_service(figures: &SelfService, lang: &str) -> ChartView {
    let steps = [
        (say(lang, "搜索", "Searches"), figures.searches),
        (say(lang, "有合适结果", "Good result"), figures.answered),
        (say(lang, "打开了结果", "Opened"), figures.opened),
        (say(lang, "提报了工单", "Ticket filed"), figures.became_tickets),
    ];
    let chart = Chart {
        id: "report-self-service".to_owned(),
        title: say(lang, "自助", "Self-service").to_owned(),
        unit: String::new(),
        labels: steps.map(|(label, _)| label.to_owned()).into(),
        series: vec![Series {
            name: say(lang, "次数", "Number").to_owned(),
            values: steps.map(|(_, number)| Some(whole(number))).into(),
        }],
    };
    view(&chart, chart::bars(&chart), table::searches(figures, lang))
}
