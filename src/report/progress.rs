//! What happens, on stderr: bars on a terminal for what takes more than a moment, lines elsewhere.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Printer, Shade};
use crate::event::{Event, Reporter, Stage};
use crate::key::printable;

/// Anything shorter passes without a bar.
const MOMENT: Duration = Duration::from_millis(400);

/// Letters of a build's step that are shown beside its bar.
const LONGEST_STEP: usize = 60;

/// Shows events on stderr.
#[derive(Debug)]
pub struct Terminal {
    printer: Printer,
    bars: bool,
    verbose: bool,
    quiet: bool,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    bar: ProgressBar,
    since: Instant,
    by_bytes: bool,
    shown: bool,
}

impl Terminal {
    /// `bars`: the user wants them, and stderr can show them.
    #[must_use]
    pub fn new(printer: Printer, bars: bool, verbose: bool, quiet: bool) -> Self {
        Self { printer, bars, verbose, quiet, running: Mutex::default() }
    }

    fn start(&self, stage: Stage, items: u64, bytes: u64) {
        if !self.bars {
            return;
        }
        let by_bytes = bytes > 0 && stage != Stage::Observe;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let (length, template) = match (by_bytes, items) {
            (true, _) => (Some(bytes), "{msg} [{bar:30}] {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}"),
            (false, _) if stage == Stage::Build => (Some(items), "{msg} {spinner} {pos}/{len}"),
            (false, 0) => (None, "{msg} {spinner}"),
            (false, _) => (Some(items), "{msg} [{bar:30}] {pos}/{len} {eta}"),
        };
        if let Some(length) = length {
            bar.set_length(length);
        }
        // The template is a constant of this file; indicatif's own style stands in should it ever be wrong.
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.set_message(match stage {
            Stage::Fetch => "fetching",
            Stage::Hash => "reading files",
            Stage::Observe => "reading what is live",
            Stage::Verify => "comparing live files",
            Stage::Build => "building images",
            Stage::Apply => "applying",
        });
        if matches!(stage, Stage::Observe | Stage::Build) {
            // Nothing tells how far a listing or a build is: it is shown to be alive.
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(MOMENT);
        }
        *self.lock() = Some(Running { bar, since: Instant::now(), by_bytes, shown: false });
    }

    fn advance(&self, items: u64, bytes: u64) {
        let mut running = self.lock();
        let Some(running) = running.as_mut() else { return };
        running.bar.inc(if running.by_bytes { bytes } else { items });
        if !running.shown && running.since.elapsed() >= MOMENT {
            running.shown = true;
            running.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// A step of a build: beside its bar, or as a line where no bar is.
    fn build_step(&self, path: &str, line: &str, is_step: bool) {
        let text = format!("{}: {}", printable(path), printable(line.trim_end()));
        if !self.bars || self.verbose {
            if self.verbose || (is_step && !self.quiet) {
                self.line(&text);
            }
        } else if let Some(running) = self.lock().as_ref().filter(|_| is_step) {
            running.bar.set_message(text.chars().take(LONGEST_STEP).collect::<String>());
        }
    }

    fn finish(&self) {
        if let Some(running) = self.lock().take() {
            running.bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let line = format!("{text}\n");
        match self.lock().as_ref() {
            Some(running) => running.bar.suspend(|| self.printer.say(&line)),
            None => self.printer.say(&line),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter for Terminal {
    fn event(&self, event: &Event) {
        match event {
            Event::StageStarted { stage, items, bytes } => self.start(*stage, *items, *bytes),
            Event::Progress { items, bytes } => self.advance(*items, *bytes),
            Event::StageFinished(_) => self.finish(),
            Event::Retry { endpoint, reason, wait } if self.verbose => {
                self.line(&format!("{} again in {:.1} s: {}", printable(endpoint), wait.as_secs_f64(), printable(reason)));
            }
            Event::Building { path, line, is_step } => self.build_step(path, line, *is_step),
            Event::Applied { key, done } if self.verbose => self.line(&format!("{done} {key}")),
            Event::Waiting { holder } if !self.quiet => self.line(&format!("waiting for another run: {}", printable(holder))),
            Event::Warning(text) => {
                let warning = self.printer.paint(Shade::Warning, "warning");
                self.line(&format!("{warning}: {}", printable(text)));
            }
            Event::Retry { .. } | Event::Applied { .. } | Event::Waiting { .. } => {}
        }
    }
}
