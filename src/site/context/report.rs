//! `desk_report.html`: the figures of the service desk, for staff alone.

use serde::Serialize;

use super::ChoiceOption;
use super::desk::{Desk, DeskFigure};

/// `desk_report.html`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskReport {
    pub desk: Desk,
    /// The months to choose from; the first is all of the last half year.
    pub months: Vec<ChoiceOption>,
    /// The days it is about.
    pub from: String,
    pub to: String,
    pub csv_url: String,
    pub figures: Vec<DeskFigure>,
    pub charts: Vec<DeskChart>,
    /// Tables without a chart.
    pub tables: Vec<DeskTable>,
    /// How to read the figures.
    pub note: String,
}

/// A chart, and the table that says the same.
#[derive(Debug, Clone, Serialize)]
pub struct DeskChart {
    pub id: String,
    pub title: String,
    /// Inline SVG, made and escaped by the server: `{{ chart.svg | safe }}`.
    pub svg: String,
    pub table: DeskTable,
}

/// A table; the first cell of a row names it.
#[derive(Debug, Clone, Serialize)]
pub struct DeskTable {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}
