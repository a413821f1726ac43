//! What goes to stdout and stderr.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use crate::errors::{Failure, IS_A_DIRECTORY, Result, SQLITE};
use crate::help;
use crate::log::{self, Level};
use crate::time;

/// Standard output and standard error, and what may go there.
#[derive(Debug, Default)]
pub struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    /// Sets the mode: JSON or human.
    pub fn set_json(&mut self, json: bool) {
        self.json = json;
    }

    /// Sets whether only errors are logged.
    pub fn set_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Whether results and errors are JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Refuses to go on where people would read the result: there is no text for them here.
    pub fn is_for_programs(&self) -> Result<()> {
        if self.json {
            return Ok(());
        }
        Err(Failure::refused(
            "The reference has no such output for people. Add --json.",
        ))
    }

    /// Refuses to go on where a program would read the result: there is no JSON for it here.
    pub fn is_for_people(&self) -> Result<()> {
        if !self.json {
            return Ok(());
        }
        Err(Failure::refused(
            "The reference has no such output for programs. Leave out --json.",
        ))
    }

    /// A line for people, where results are not JSON.
    pub fn progress(&mut self, text: &str) {
        if !self.json {
            self.text(text);
        }
    }

    /// A line (or several) for people, on stdout.
    pub fn text(&mut self, text: &str) {
        put(&mut io::stdout(), text);
    }

    /// Prints a text as it is, without a line break behind it.
    pub fn raw(&mut self, text: &str) {
        let mut out = io::stdout();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// A line (or several) for people, on stderr.
    pub fn aside(&mut self, text: &str) {
        put(&mut io::stderr(), text);
    }

    /// A result as JSON, on stdout.
    pub fn json(&mut self, result: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(result)
            .map_err(|error| Failure::broken(error.to_string()))?;
        put(&mut io::stdout(), &text);
        Ok(())
    }

    /// A result in the mode that was asked for.
    pub fn result(
        &mut self,
        result: &impl Serialize,
        human: impl FnOnce() -> String,
    ) -> Result<()> {
        if self.json {
            return self.json(result);
        }
        let text = human();
        if !text.is_empty() {
            self.text(&text);
        }
        Ok(())
    }

    /// A log line. There is none in JSON mode; what is worse than info goes to stderr.
    pub fn log(&mut self, level: Level, category: &str, message: &str) {
        if self.json || self.quiet && level < Level::Error {
            return;
        }
        let line = log::line(&time::now(), level, category, message);
        if level > Level::Info {
            self.aside(&line)
        } else {
            self.text(&line)
        }
    }

    /// A log line of level info.
    pub fn info(&mut self, category: &str, message: &str) {
        self.log(Level::Info, category, message);
    }

    /// Says why the command failed.
    pub fn failure(&mut self, failure: &Failure) {
        match failure {
            Failure::Reported => {}
            Failure::Usage(message) => {
                self.text(&help::of_namespace_set());
                self.aside(&format!("  error: {message}\n"));
            }
            _ if self.json => self.json_failure(failure),
            Failure::UnknownCommand(message) => self.aside(&format!("error: {message}")),
            Failure::Broken { kind, message } => {
                let kind = match *kind {
                    SQLITE => "Error",
                    kind => kind,
                };
                // For people too swamp shows where in its code it noticed.
                let message = format!("{kind}: {message}\n    at swamp_reference");
                self.aside(&log::line(&time::now(), Level::Fatal, "error", &message));
            }
            Failure::Backend(problem) => {
                let mut message = format!("{}: {}", problem.name, problem.message);
                if let Some(details) = &problem.details {
                    message.push_str(&format!("\n    at swamp_reference {{\n{details}"));
                }
                self.aside(&log::line(&time::now(), Level::Fatal, "error", &message));
            }
            other => self.aside(&format!("\nError: {other}")),
        }
    }

    fn json_failure(&mut self, failure: &Failure) {
        let mut data = json!({ "error": failure.to_string() });
        match failure {
            // Swamp shows where in its code it noticed; consumers must not rely on what it says.
            Failure::UnknownCommand(_) | Failure::Broken { .. } => {
                data["stack"] = json!("    at swamp_reference");
                let code = match failure {
                    Failure::Broken { kind, .. } => match *kind {
                        "PermissionDenied" => Some("EACCES"),
                        IS_A_DIRECTORY => Some("EISDIR"),
                        SQLITE => Some("ERR_SQLITE_ERROR"),
                        _ => None,
                    },
                    _ => None,
                };
                if let Some(code) = code {
                    data["code"] = json!(code);
                }
            }
            Failure::Backend(problem) => {
                data["stack"] = json!("    at swamp_reference");
                if let Some(code) = &problem.code {
                    data["code"] = json!(code);
                }
            }
            Failure::Coded { code, .. } => data["code"] = json!(code),
            _ => {}
        }
        self.aside(&format!("{data:#}"));
    }
}

/// A reader that went away is no reason to fail: there is nobody left to tell.
fn put(stream: &mut impl Write, text: &str) {
    let _ = writeln!(stream, "{text}");
    let _ = stream.flush();
}
