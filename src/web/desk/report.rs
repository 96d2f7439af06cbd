//! `GET /desk/report`: the figures of the service desk, as charts with their tables, and as CSV.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};

use super::Page;
use super::actions::{Values, text};
use super::controls::options;
use super::who::Staff;
use super::words::pick;
use crate::config::Config;
use crate::insight::gaps;
use crate::insight::report::{self, Lines, Names, Range, Report, SelfService, Table};
use crate::site::context::ChoiceOption;
use crate::site::context::desk::DeskFigure;
use crate::site::context::report::{DeskChart, DeskReport, DeskTable};
use crate::web::App;
use crate::web::error::{FieldError, WebError};

/// Months to choose from.
const MONTHS: i32 = 12;

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let lang = page.viewer.lang.as_str();
    let report = gather(&app, &page, &parameters).await?;
    let (from, to) = (report.range.from, report.range.to);
    let view = report::page(&report, lang);
    let figure = |tile: report::Tile| DeskFigure {
        value: tile.value,
        label: tile.label,
        note: tile.note,
        url: String::new(),
        tone: "",
    };
    let chart = |chart: report::ChartView| DeskChart {
        id: chart.id,
        title: chart.title,
        svg: chart.svg,
        table: table(chart.table),
    };
    let context = DeskReport {
        desk: page.desk("report", &parameters),
        months: months(&page.now, &text(&parameters, "month"), lang),
        csv_url: page.url(&format!("/report.csv?from={from}&to={to}")),
        figures: view.tiles.into_iter().map(figure).collect(),
        charts: view.charts.into_iter().map(chart).collect(),
        tables: view.tables.into_iter().map(table).collect(),
        from: view.from,
        to: view.to,
        note: view.note,
    };
    page.render("desk_report.html", pick(lang, "服务报表", "Report"), "/report", &context)
}

pub(super) async fn csv(
    State(app): State<App>,
    staff: Staff,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let report = gather(&app, &page, &parameters).await?;
    let name = format!("attachment; filename=\"report-{}-{}.csv\"", report.range.from, report.range.to);
    // Spreadsheets take a file without the mark for another encoding.
    let body = format!("{}{}", report::BOM, report::csv(&report));
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok(super::private((headers, body).into_response()))
}

/// The report of the month, or of the days, that were asked for.
async fn gather(app: &App, page: &Page, parameters: &Values) -> Result<Report, WebError> {
    let (now, config) = (&page.now, &page.snapshot.config);
    let range = match month(&text(parameters, "month")) {
        Some(first) => Range { from: first, to: first.last_of_month() },
        None => {
            let given = |name| parameters.get(name).map(String::as_str);
            Range::parse(given("from"), given("to"), now).map_err(|error| {
                WebError::Validation(vec![FieldError { field: "from".to_owned(), message: error.to_string() }])
            })?
        }
    };
    let instant = now.timestamp();
    let lines = app.kept.lines(config).read(&app.tickets, config, range.to, instant).await.map_err(super::failed)?;
    let mut names = Names::of(config, &page.viewer.lang);
    let people = super::people_of(app).await?;
    names.agents = people.iter().map(|(login, person)| (login.clone(), person.name.clone())).collect();
    let (app, logged) = (app.clone(), config.search.log);
    let count = move || {
        let searched = logged.then(|| searched(&app, range)).flatten();
        report::figures(lines, range, instant, &names, searched)
    };
    tokio::task::spawn_blocking(count).await.map_err(WebError::internal)
}

/// How far people came without a ticket; the report is told without it when the log cannot be read.
fn searched(app: &App, range: Range) -> Option<SelfService> {
    let lines = app.search_log.flush().and_then(|()| app.search_log.lines(range.from, range.to));
    match lines {
        Ok(lines) => Some(gaps::gaps(&lines, range.from, range.to).for_report()),
        Err(error) => {
            tracing::warn!(%error, "the search log could not be read");
            None
        }
    }
}

/// What is kept of the tickets from one report to the next, for as long as the configuration stays: it holds the
/// targets that the lines were measured by.
#[derive(Debug, Default)]
pub struct Kept {
    lines: Lines,
    of: Mutex<Weak<Config>>,
}

impl Kept {
    fn lines(&self, config: &Arc<Config>) -> Lines {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if !of.upgrade().is_some_and(|old| Arc::ptr_eq(&old, config)) {
            self.lines.clear();
            *of = Arc::downgrade(config);
        }
        self.lines.clone()
    }
}

/// The first day of `2026-11`.
fn month(text: &str) -> Option<Date> {
    format!("{text}-01").parse().ok()
}

fn months(now: &Zoned, chosen: &str, lang: &str) -> Vec<ChoiceOption> {
    let first = now.date().first_of_month();
    let all = (0..MONTHS).filter_map(|back| first.checked_sub(back.months()).ok());
    let named = all.map(|day| {
        let name = match lang {
            "zh" => format!("{} 年 {} 月", day.year(), day.month()),
            _ => day.strftime("%B %Y").to_string(),
        };
        (day.strftime("%Y-%m").to_string(), name)
    });
    let usual = (String::new(), pick(lang, "近六个月", "The last six months").to_owned());
    options(std::iter::once(usual).chain(named).collect(), chosen)
}

fn table(table: Table) -> DeskTable {
    DeskTable { caption: table.caption, head: table.head, rows: table.rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twelve_months_can_be_chosen() {
        let now: Zoned = "2026-03-31T12:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let months = months(&now, "2025-12", "zh");
        assert_eq!((months.len(), months[1].key.as_str(), months[12].key.as_str()), (13, "2026-03", "2025-04"));
        let chosen: Vec<_> = months.iter().filter(|one| one.selected).map(|one| one.name.as_str()).collect();
        assert_eq!(chosen, ["2025 年 12 月"]);
        assert_eq!(month("2026-02").map(Date::last_of_month).unwrap().to_string(), "2026-02-28");
        assert!(month("").is_none() && month("2026-13").is_none());
    }
}
