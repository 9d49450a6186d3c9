//! What a process that runs for long says along the way: one line for each thing, for people or for programs.

use serde_json::{Map, Value, json};

use super::{Printer, Shade, words};
use crate::event::Event;
use crate::key::{AppId, printable};

/// In which form lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogForm {
    /// For people.
    #[default]
    Text,
    /// For programs: one object a line.
    Json,
}

/// How much somebody should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// So that it can be followed.
    Info,
    /// It may be wrong.
    Warning,
    /// It is wrong.
    Error,
}

/// Writes lines to stderr.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    printer: Printer,
    form: LogForm,
    verbose: bool,
    quiet: bool,
}

impl Log {
    /// `quiet`: only what is wrong; `verbose`: requests that are sent again, too.
    #[must_use]
    pub fn new(printer: Printer, form: LogForm, verbose: bool, quiet: bool) -> Self {
        Self { printer, form, verbose, quiet }
    }

    /// Writes one line; `fields` are for programs, `message` is for people and says it all.
    pub fn line(&self, level: Level, app: Option<&AppId>, message: &str, fields: &[(&str, Value)]) {
        if self.quiet && level == Level::Info {
            return;
        }
        let message = printable(message);
        self.printer.say(&match self.form {
            LogForm::Text => self.text(level, app, &message),
            LogForm::Json => object(level, app, &message, fields),
        });
    }

    /// Writes what happens while an application is looked at, as far as it is worth a line.
    pub fn event(&self, app: &AppId, event: &Event) {
        match event {
            Event::Warning(text) => self.line(Level::Warning, Some(app), text, &[]),
            Event::Waiting { holder } => self.line(Level::Info, Some(app), &format!("waiting for another run: {holder}"), &[]),
            Event::Retry { endpoint, reason, wait } if self.verbose => {
                let message = format!("{endpoint}: {reason}; again in {}", words::time(*wait));
                self.line(Level::Info, Some(app), &message, &[]);
            }
            _ => {}
        }
    }

    fn text(&self, level: Level, app: Option<&AppId>, message: &str) -> String {
        let clock = self.printer.paint(Shade::Faint, &words::clock());
        let app = app.map(|app| self.printer.paint(Shade::Strong, &app.to_string()) + "  ").unwrap_or_default();
        let mark = match level {
            Level::Info => String::new(),
            Level::Warning => self.printer.paint(Shade::Warning, "warning: "),
            Level::Error => self.printer.paint(Shade::Error, "error: "),
        };
        format!("{clock}  {app}{mark}{message}\n")
    }
}

fn object(level: Level, app: Option<&AppId>, message: &str, fields: &[(&str, Value)]) -> String {
    let mut line = Map::new();
    line.insert("time".to_owned(), json!(jiff::Timestamp::now().to_string()));
    let word = match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    line.insert("level".to_owned(), json!(word));
    if let Some(app) = app {
        line.insert("namespace".to_owned(), json!(app.namespace));
        line.insert("name".to_owned(), json!(app.name));
    }
    line.insert("message".to_owned(), json!(message));
    line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Object(line).to_string() + "\n"
}
