//! Applications of a watch process, as its API tells of them.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Format, Printer, Shade, in_form, json as machine, words};
use crate::key::printable;

pub(super) fn list(applications: &[Value], format: Format, printer: &Printer) -> String {
    in_form(format, || table(applications, printer), || machine::line(&json!({"format_version": "1.0", "applications": applications})))
}

pub(super) fn one(application: &Value, format: Format, printer: &Printer) -> String {
    in_form(format, || page(application, printer), || machine::line(&json!({"format_version": "1.0", "application": application})))
}

/// A row for each, in columns as wide as what stands in them.
fn table(applications: &[Value], printer: &Printer) -> String {
    if applications.is_empty() {
        return "No application is registered.\n".to_owned();
    }
    let head = ["APPLICATION", "STATUS", "LAST RUN", "REVISION", "LAST SYNC"].map(str::to_owned);
    let rows: Vec<[String; 5]> = applications.iter().map(row).collect();
    let widths: [usize; 5] = std::array::from_fn(|at| rows.iter().chain([&head]).map(|row| row[at].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = printer.paint(Shade::Strong, &line(&head)) + "\n";
    for (row, application) in rows.iter().zip(applications) {
        out.push_str(&printer.paint(shade(application), &line(row)));
        out.push('\n');
    }
    out
}

fn row(application: &Value) -> [String; 5] {
    let operation = match text(application, "suspended") {
        Some(_) => "suspended".to_owned(),
        None if application["deleting"] == true => "deleting".to_owned(),
        None => shown(application, "operation"),
    };
    let revision = text(application, "revision").map(words::revision).unwrap_or_default();
    [name(application), shown(application, "status"), operation, printable(&revision).into_owned(), shown(application, "last_sync")]
}

fn page(application: &Value, printer: &Printer) -> String {
    let mut out = printer.paint(Shade::Strong, &name(application)) + "\n";
    let source = &application["source"];
    let branch = text(source, "branch").map(|branch| format!(" ({})", printable(branch))).unwrap_or_default();
    let below = text(source, "subdir").map(|subdir| format!(" #{}", printable(subdir))).unwrap_or_default();
    let _ = writeln!(out, "  source     {}{below}{branch}", shown(source, "repoURL"));
    let status = format!("{} (last run: {})", shown(application, "status"), shown(application, "operation"));
    let _ = writeln!(out, "  status     {}", printer.paint(shade(application), &status));
    let rows = [
        ("revision", "revision"),
        ("last sync", "last_sync"),
        ("next look", "next_poll"),
        ("suspended", "suspended"),
        ("message", "message"),
    ];
    for (label, key) in rows {
        if let Some(value) = text(application, key) {
            let _ = writeln!(out, "  {label:<9}  {}", printable(value));
        }
    }
    out
}

fn shade(application: &Value) -> Shade {
    match (text(application, "suspended"), text(application, "status")) {
        (Some(_), _) => Shade::Faint,
        (None, Some("Synced")) => Shade::Added,
        (None, Some("OutOfSync")) => Shade::Changed,
        _ => Shade::Warning,
    }
}

fn name(application: &Value) -> String {
    format!("{}/{}", shown(application, "namespace"), shown(application, "name"))
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str()
}

/// What another process says goes to a terminal only as text.
fn shown(value: &Value, key: &str) -> String {
    text(value, key).map_or_else(|| "-".to_owned(), |text| printable(text).into_owned())
}
