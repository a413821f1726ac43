//! What can go wrong, and the exit code that goes with it.

use std::fmt;
use std::io;
use std::path::Path;

use crate::problem::Problem;

/// The code of a failure for want of a lock. Its exit code says so too: 75 (`EX_TEMPFAIL`).
pub const LOCK_TIMEOUT: &str = "lock_timeout";

/// The kind of failure that a database reports.
pub const SQLITE: &str = "SqliteError";
/// The kind of failure that a directory in place of a file is.
pub const IS_A_DIRECTORY: &str = "IsADirectory";

/// The way a command failed. Each kind has its own exit code and its own form on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The user asked for something that swamp refuses: a message, exit 1.
    Refused(String),
    /// The same, with a code for programs.
    Coded {
        /// The code.
        code: &'static str,
        /// What is wrong.
        message: String,
    },
    /// Something around the command broke (a file, a format): a log line of level fatal, exit 1.
    Broken {
        /// The kind of error, as a program would name it: `SyntaxError`.
        kind: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A backend did not do what was asked of it: as [`Failure::Broken`], with what the backend
    /// says.
    Backend(Box<Problem>),
    /// The command line of `namespace set` does not parse: help on stdout, the message on stderr,
    /// exit 2.
    Usage(String),
    /// The command line names no known command: a message alone, exit 2.
    UnknownCommand(String),
    /// The command failed and has said so in its result: exit 1.
    Reported,
    /// Real swamp can do it, this implementation cannot: exit 70 (`EX_SOFTWARE`).
    NotImplemented(String),
}

/// The result of everything that a command does.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A refusal with this message.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }

    /// A refusal with a code for programs.
    pub fn coded(code: &'static str, message: impl Into<String>) -> Self {
        Self::Coded {
            code,
            message: message.into(),
        }
    }

    /// Something around the command broke.
    pub fn broken(message: impl Into<String>) -> Self {
        Self::Broken {
            kind: "Error",
            message: message.into(),
        }
    }

    /// A text that does not parse.
    pub fn syntax(message: impl Into<String>) -> Self {
        Self::Broken {
            kind: "SyntaxError",
            message: message.into(),
        }
    }

    /// An input or output error on `path`.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::IsADirectory {
            return Self::Broken {
                kind: IS_A_DIRECTORY,
                message: format!("{error}: readfile '{}'", path.display()),
            };
        }
        Self::broken(format!("{error}: {}", path.display()))
    }

    /// The refusal to go on without having been told to, as a prompt would ask.
    pub fn nobody_to_ask() -> Self {
        Self::refused(
            "stdin is not a terminal — use --yes (-y) to skip confirmation prompts non-interactively",
        )
    }

    /// The refusal to pretend that `what` was done.
    pub fn not_implemented(what: &str) -> Self {
        Self::NotImplemented(format!("{what}: not implemented by the reference yet"))
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Coded {
                code: LOCK_TIMEOUT, ..
            } => 75,
            Self::Refused(_)
            | Self::Coded { .. }
            | Self::Reported
            | Self::Broken { .. }
            | Self::Backend(_) => 1,
            Self::Usage(_) | Self::UnknownCommand(_) => 2,
            Self::NotImplemented(_) => 70,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message)
            | Self::Coded { message, .. }
            | Self::Broken { message, .. }
            | Self::UnknownCommand(message)
            | Self::NotImplemented(message)
            | Self::Usage(message) => f.write_str(message),
            Self::Backend(problem) => f.write_str(&problem.message),
            Self::Reported => f.write_str("The command failed"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        if problem.code.as_deref() == Some(LOCK_TIMEOUT) {
            return Self::coded(LOCK_TIMEOUT, problem.message);
        }
        Self::Backend(Box::new(problem))
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let mut problem = match failure {
            Failure::Backend(problem) => return *problem,
            ref other => Self::of(other.to_string()),
        };
        if let Failure::Broken { kind, .. } = failure {
            kind.clone_into(&mut problem.name);
        }
        problem
    }
}
