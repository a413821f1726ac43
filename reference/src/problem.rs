//! What goes wrong between here and a bucket.

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no such object.
    Missing,
    /// The object is not as the request wants it to be.
    Precondition,
    /// Anything else.
    Other,
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble it is.
    pub kind: Kind,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The name of the error, as a program would have it.
    pub name: String,
    /// The code that the backend gave.
    pub code: Option<String>,
    /// The whole message.
    pub message: String,
    /// What people are shown besides.
    pub details: Option<String>,
}

impl Problem {
    /// Something else than a request went wrong.
    pub fn of(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Other,
            // An answer that needs no second try.
            status: Some(0),
            name: "Error".to_owned(),
            code: None,
            message: message.into(),
            details: None,
        }
    }

    /// Whether there is no such object.
    pub fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// Whether the next attempt may fare better: the backend was busy, or was not reached at all.
    pub fn may_pass(&self) -> bool {
        match self.status {
            None => true,
            Some(status) => status == 429 || (500..600).contains(&status),
        }
    }
}

/// The summary that swamp makes of a sync that failed: one line, not too long.
pub fn summary(operation: &str, label: &str, problem: &Problem) -> String {
    const MOST: usize = 200;
    let details = match &problem.code {
        Some(code) => format!(" (code={code})"),
        None => String::new(),
    };
    let lines = problem.message.split('\n').map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let line = lines.join(" ");
    let units: Vec<u16> = line.encode_utf16().collect();
    let shown = if units.len() <= MOST {
        line
    } else {
        format!("{}…", String::from_utf16_lossy(&units[..MOST]))
    };
    format!("{label} {operation} failed{details}: {shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_one_line_and_not_too_long() {
        let mut problem = Problem::of("a\n  - b:\n c");
        assert_eq!(
            summary("push", "@x/y", &problem),
            "@x/y push failed: a - b: c"
        );
        problem.code = Some("NotFound".into());
        problem.message = "x".repeat(201);
        assert_eq!(
            summary("pull", "t", &problem),
            format!("t pull failed (code=NotFound): {}…", "x".repeat(200))
        );
    }

    #[test]
    fn a_busy_backend_may_be_asked_again() {
        let with = |status| Problem {
            status,
            ..Problem::of("")
        };
        assert!(
            [None, Some(429), Some(503)]
                .map(with)
                .iter()
                .all(Problem::may_pass)
        );
        assert!(
            ![Some(0), Some(403), Some(404)]
                .map(with)
                .iter()
                .any(Problem::may_pass)
        );
    }
}
