//! Words for a shell.

/// `text` as one word for the shell, in quotes where it needs them.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_the_shell_would_read_them() {
        assert_eq!(quote("--path"), "--path");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("in fra"), "'in fra'");
        assert_eq!(quote("it's *"), r"'it'\''s *'");
    }
}
