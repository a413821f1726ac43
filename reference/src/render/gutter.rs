//! The lines that a running method prints: a status on the left, what it is about on the right.

/// A line with a status, and the time where it matters.
pub fn status(status: &str, content: &str, time: Option<&str>) -> String {
    let time = time.map_or(String::new(), |time| format!(" · {time}"));
    format!("{status:>11}   {content}{time}")
}

/// A line without a status.
pub fn content(content: &str) -> String {
    format!("{:14}{content}", "")
}
