//! Charts as inline SVG, made by the server: no script, no colour of their own, a title and all values in words.
//!
//! Everything is drawn in `currentColor`; the series differ by fill and by dash, and by the classes `chart-series-0`,
//! `chart-series-1`, … where a theme wants colours.

use std::fmt::Write;

use crate::markup::escape;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 260.0;
/// Room for the numbers at the left, the legend above and the names below.
const LEFT: f64 = 48.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 28.0;
/// Names below the axis, beyond which some are left out.
const MOST_NAMES: usize = 12;
/// Bars, beyond which their numbers are left to the table.
const MOST_NUMBERS: usize = 14;

/// What a chart shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Unique on its page: Latin letters, digits, `-`.
    pub id: String,
    pub title: String,
    /// What the numbers are: `%`, `h`; empty for a count.
    pub unit: String,
    /// Along the axis.
    pub labels: Vec<String>,
    pub series: Vec<Series>,
}

/// One row of values, one for each label.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

/// Groups of bars.
pub fn bars(chart: &Chart) -> String {
    draw(chart, |out, frame| {
        let group = frame.step() * 0.7;
        let bar = group / count(chart.series.len().max(1));
        let numbers = chart.labels.len() * chart.series.len() <= MOST_NUMBERS;
        for (s, series) in chart.series.iter().enumerate() {
            for (x, value) in series.values.iter().enumerate() {
                let Some(value) = value else { continue };
                let left = frame.x(x) - group / 2.0 + bar * count(s);
                let top = frame.y(*value);
                let fill = if s == 0 { 1.0 } else { 0.35 };
                writeln!(
                    out,
                    "<rect class=\"chart-series-{s}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"currentColor\" fill-opacity=\"{fill}\" stroke=\"currentColor\"/>",
                    left,
                    (bar - 2.0).max(1.0),
                    frame.y(0.0) - top
                )?;
                if numbers {
                    let middle = left + bar / 2.0;
                    writeln!(
                        out,
                        "<text class=\"chart-number\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\" fill=\"currentColor\">{}</text>",
                        top - 4.0,
                        number(*value)
                    )?;
                }
            }
        }
        Ok(())
    })
}

/// A line per series; a label without a value leaves a gap.
pub fn lines(chart: &Chart) -> String {
    draw(chart, |out, frame| {
        for (s, series) in chart.series.iter().enumerate() {
            let mut path = String::new();
            let mut pen = 'M';
            for (x, value) in series.values.iter().enumerate() {
                match value {
                    Some(value) => {
                        write!(path, "{pen}{:.1} {:.1}", frame.x(x), frame.y(*value))?;
                        pen = 'L';
                    }
                    None => pen = 'M',
                }
            }
            let dash = if s == 0 { "" } else { " stroke-dasharray=\"6 4\"" };
            writeln!(
                out,
                "<path class=\"chart-series-{s}\" d=\"{path}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"{dash}/>"
            )?;
            for (x, value) in series.values.iter().enumerate() {
                let Some(value) = value else { continue };
                let (x, y) = (frame.x(x), frame.y(*value));
                let fill = if s == 0 { "currentColor" } else { "none" };
                writeln!(
                    out,
                    "<circle class=\"chart-series-{s}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{fill}\" stroke=\"currentColor\"/>"
                )?;
            }
        }
        Ok(())
    })
}

/// Where values stand in the picture.
struct Frame {
    labels: usize,
    top: f64,
}

impl Frame {
    fn step(&self) -> f64 {
        (WIDTH - LEFT) / count(self.labels.max(1))
    }

    fn x(&self, label: usize) -> f64 {
        LEFT + self.step() * (count(label) + 0.5)
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value / self.top).clamp(0.0, 1.0);
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(0.0, f64::from)
}

fn draw(chart: &Chart, body: impl FnOnce(&mut String, &Frame) -> std::fmt::Result) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut out, chart, body);
    out
}

fn write_all(
    out: &mut String,
    chart: &Chart,
    body: impl FnOnce(&mut String, &Frame) -> std::fmt::Result,
) -> std::fmt::Result {
    let highest = chart.series.iter().flat_map(|series| &series.values).flatten().copied().fold(0.0, f64::max);
    let frame = Frame { labels: chart.labels.len(), top: top(&chart.unit, highest) };
    let id = escape(&chart.id);
    writeln!(
        out,
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">"
    )?;
    writeln!(out, "<title id=\"{id}-title\">{}</title>", escape(&chart.title))?;
    writeln!(out, "<desc id=\"{id}-desc\">{}</desc>", escape(&in_words(chart)))?;
    for quarter in 0..=4_u32 {
        let value = frame.top * f64::from(quarter) / 4.0;
        let y = frame.y(value);
        writeln!(
            out,
            "<path class=\"chart-grid\" d=\"M{LEFT} {y:.1}H{WIDTH}\" stroke=\"currentColor\" stroke-opacity=\"0.2\"/>\
             <text class=\"chart-axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"12\" fill=\"currentColor\">{}{}</text>",
            LEFT - 8.0,
            y + 4.0,
            number(value),
            escape(&chart.unit)
        )?;
    }
    body(out, &frame)?;
    let every = chart.labels.len().div_ceil(MOST_NAMES).max(1);
    for (x, label) in chart.labels.iter().enumerate().step_by(every) {
        writeln!(
            out,
            "<text class=\"chart-axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"12\" fill=\"currentColor\">{}</text>",
            frame.x(x),
            HEIGHT - 8.0,
            escape(&short(label))
        )?;
    }
    let mut left = LEFT;
    for (s, series) in chart.series.iter().enumerate() {
        let fill = if s == 0 { 1.0 } else { 0.35 };
        writeln!(
            out,
            "<rect class=\"chart-series-{s}\" x=\"{left:.1}\" y=\"8\" width=\"12\" height=\"12\" fill=\"currentColor\" fill-opacity=\"{fill}\" stroke=\"currentColor\"/>\
             <text class=\"chart-legend\" x=\"{:.1}\" y=\"18\" font-size=\"12\" fill=\"currentColor\">{}</text>",
            left + 18.0,
            escape(&series.name)
        )?;
        // Wide enough for Chinese, whose characters are as wide as they are high.
        left += 36.0 + 12.0 * count(series.name.chars().count());
    }
    out.push_str("</svg>");
    Ok(())
}

/// Every value, for whoever cannot see the picture.
fn in_words(chart: &Chart) -> String {
    let value = |value: Option<&Option<f64>>| match value {
        Some(Some(value)) => format!("{}{}", number(*value), chart.unit),
        _ => "–".to_owned(),
    };
    let label = |(x, label): (usize, &String)| {
        let values = chart.series.iter().map(|series| format!("{} {}", series.name, value(series.values.get(x))));
        format!("{label}: {}", values.collect::<Vec<_>>().join(", "))
    };
    chart.labels.iter().enumerate().map(label).collect::<Vec<_>>().join("; ")
}

/// Where the axis ends: the whole of a share; a count in four whole steps.
fn top(unit: &str, highest: f64) -> f64 {
    if unit == "%" { 100.0 } else { ceiling(highest, unit.is_empty()) }
}

/// The next round number that is not below the highest value; `whole` when each of its four quarters has to be.
fn ceiling(highest: f64, whole: bool) -> f64 {
    if highest <= 4.0 {
        return 4.0;
    }
    let power = 10_f64.powf(highest.log10().floor());
    let steps = [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0, 12.0];
    let fits = |top: &f64| *top >= highest - 1e-9 && (!whole || (top / 4.0).fract() < 1e-9);
    steps.into_iter().map(|step| step * power).find(fits).unwrap_or(highest)
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// What fits below the axis.
fn short(label: &str) -> String {
    match label.char_indices().nth(12) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        Chart {
            id: "volume".to_owned(),
            title: "提报与解决 <b>".to_owned(),
            unit: String::new(),
            labels: ["2026-10", "2026-11"].map(str::to_owned).into(),
            series: vec![
                Series { name: "提报".to_owned(), values: vec![Some(12.0), Some(7.0)] },
                Series { name: "解决".to_owned(), values: vec![Some(10.0), None] },
            ],
        }
    }

    #[test]
    fn a_chart_says_all_its_values_and_holds_no_markup() {
        for svg in [bars(&chart()), lines(&chart())] {
            assert!(
                svg.contains("<desc id=\"volume-desc\">2026-10: 提报 12, 解决 10; 2026-11: 提报 7, 解决 –</desc>"),
                "{svg}"
            );
            assert!(svg.contains("aria-labelledby=\"volume-title volume-desc\"") && svg.contains("&lt;b&gt;"), "{svg}");
            assert!(!svg.contains("style=") && !svg.contains("<script") && !svg.contains("NaN"), "{svg}");
        }
        assert_eq!(bars(&chart()).matches("<rect").count(), 3 + 2);
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let mut gap = chart();
        gap.labels.push("2026-12".to_owned());
        gap.series = vec![Series { name: "x".to_owned(), values: vec![Some(1.0), None, Some(2.0)] }];
        assert_eq!(lines(&gap).split(" d=\"M").filter(|part| part.starts_with(char::is_numeric)).count(), 5 + 1);
        assert!(!lines(&gap).contains("L"), "no line across the gap");
    }

    #[test]
    fn the_axis_ends_on_a_round_number() {
        for (highest, top) in [(0.0, 4.0), (3.0, 4.0), (12.0, 12.0), (13.0, 16.0), (99.0, 100.0), (1_001.0, 1_200.0)] {
            assert!((ceiling(highest, false) - top).abs() < 1e-6, "{highest}: {}", ceiling(highest, false));
        }
        // Nobody raises one ticket and a half.
        for (highest, top) in [(5.0, 8.0), (6.0, 8.0), (9.0, 12.0), (10.0, 12.0), (18.0, 20.0), (150.0, 160.0)] {
            assert!((ceiling(highest, true) - top).abs() < 1e-6, "{highest}: {}", ceiling(highest, true));
        }
        assert!(bars(&Chart { labels: vec![], series: vec![], ..chart() }).ends_with("</svg>"));
    }
}
