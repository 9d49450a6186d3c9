//! The result once more in other forms: `--write FORMAT=FILE`, and the step summary of a GitHub workflow.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::OutputFormat;
use crate::error::Error;
use crate::report::Format;

/// GitHub sets it to the file that becomes the summary of a step.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

#[derive(Debug, Args)]
pub(super) struct Copies {
    /// Write the result to FILE as well, in that format; can be given again
    #[arg(long = "write", value_name = "FORMAT=FILE", value_parser = parse)]
    wanted: Vec<(OutputFormat, PathBuf)>,
}

fn parse(text: &str) -> Result<(OutputFormat, PathBuf), String> {
    let names = || OutputFormat::value_variants().iter().map(|format| format.format().as_str()).collect::<Vec<_>>().join(", ");
    let (format, file) = text.split_once('=').ok_or("write it like sarif=findings.sarif")?;
    let format = OutputFormat::from_str(format, false).map_err(|_| format!("`{format}` is no format; they are {}", names()))?;
    if file.is_empty() { Err("the file's name is missing".to_owned()) } else { Ok((format, file.into())) }
}

/// What a verb has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Findings: every format can tell them.
    Findings,
    /// Changes.
    Changes,
}

impl Copies {
    /// Opens the files: one that cannot be written must be known before a run, not after it. `main` is the form of stdout.
    pub(super) fn open(&self, main: Format, subject: Subject) -> Result<OpenCopies, Error> {
        let mut formats = self.wanted.iter().map(|(format, _)| format.format()).chain([main]);
        if let Some(format) = formats.find(|format| subject == Subject::Changes && !format.tells_changes()) {
            let message =
                format!("{} is a form for the findings of `validate`; here it is human, json, markdown or github", format.as_str());
            return Err(Error::Usage(message));
        }
        let mut files = Vec::with_capacity(self.wanted.len());
        for (format, path) in &self.wanted {
            let file = File::create(path).map_err(|error| cannot("--write", path, &error))?;
            files.push((format.format(), path.clone(), file));
        }
        if let Some(path) =
            std::env::var_os(STEP_SUMMARY).map(PathBuf::from).filter(|path| main == Format::Github && !path.as_os_str().is_empty())
        {
            let file = OpenOptions::new().append(true).create(true).open(&path).map_err(|error| cannot(STEP_SUMMARY, &path, &error))?;
            files.push((Format::Markdown, path, file));
        }
        Ok(OpenCopies(files))
    }
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::Usage(format!("{what} {}: {error}", crate::key::printable(&path.to_string_lossy())))
}

/// Files that wait for the result.
pub(super) struct OpenCopies(Vec<(Format, PathBuf, File)>);

impl OpenCopies {
    /// Writes each, without colour.
    pub(super) fn write(self, render: impl Fn(Format) -> String) -> Result<(), Error> {
        for (format, path, mut file) in self.0 {
            let text = anstream::adapter::strip_str(&render(format)).to_string();
            file.write_all(text.as_bytes())
                .and_then(|()| file.flush())
                .map_err(|error| Error::Unexpected(format!("cannot write {}: {error}", crate::key::printable(&path.to_string_lossy()))))?;
        }
        Ok(())
    }
}
