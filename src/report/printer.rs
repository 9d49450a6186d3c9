//! The two streams, and what they can show.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use anstream::ColorChoice;
use anstyle::{AnsiColor, Effects, Style};

/// The widest text that still reads well.
const WIDEST: usize = 120;
/// The narrowest that anything fits into.
const NARROWEST: usize = 40;

/// What a piece of text means; colour only repeats what the words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// Something new.
    Added,
    /// Something changed.
    Changed,
    /// Something goes.
    Removed,
    /// Something is wrong.
    Error,
    /// Something may be wrong.
    Warning,
    /// Less important.
    Faint,
    /// More important.
    Strong,
}

/// Writes to stdout and stderr.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    stdout: ColorChoice,
    stderr: ColorChoice,
}

impl Printer {
    /// `choice` is what the user asked for; `Auto` looks at `NO_COLOR`, `CLICOLOR`, `TERM` and whether a terminal is there.
    #[must_use]
    pub fn new(choice: ColorChoice) -> Self {
        let resolve = |auto: ColorChoice| if choice == ColorChoice::Auto { auto } else { choice };
        Self { stdout: resolve(AutoStream::choice(&io::stdout())), stderr: resolve(AutoStream::choice(&io::stderr())) }
    }

    /// Whether stdout shows colour.
    #[must_use]
    pub fn is_coloured(&self) -> bool {
        self.stdout != ColorChoice::Never
    }

    /// Whether stderr is a terminal.
    #[must_use]
    pub fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// How many columns text may take.
    #[must_use]
    pub fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        columns.or_else(terminal).unwrap_or(100).clamp(NARROWEST, WIDEST)
    }

    /// Text with its meaning; colours are taken out again where they cannot be shown.
    #[must_use]
    pub fn paint(&self, shade: Shade, text: &str) -> String {
        let style = match shade {
            Shade::Added => AnsiColor::Green.on_default(),
            Shade::Changed | Shade::Warning => AnsiColor::Yellow.on_default(),
            Shade::Removed => AnsiColor::Red.on_default(),
            Shade::Error => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Shade::Faint => Style::new().effects(Effects::DIMMED),
            Shade::Strong => Style::new().effects(Effects::BOLD),
        };
        format!("{style}{text}{style:#}")
    }

    /// Writes the result. A reader that went away is no error: it has seen what it wanted.
    pub fn result(&self, text: &str) -> io::Result<()> {
        let mut stdout = AutoStream::new(io::stdout().lock(), self.stdout);
        ignore_closed_pipe(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
    }

    /// Says something along the way. When nobody can hear it, the run goes on.
    pub fn say(&self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.stderr);
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

fn ignore_closed_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
