//! Why a text is no JSON, in the words of swamp's runtime.

/// What is wrong at which character.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    /// The text ends too early.
    End,
    /// Something is expected or out of place, in these words.
    At(usize, &'static str),
    /// A character that cannot be here.
    Token(usize),
}

type Step = Result<(), Problem>;

/// The message for a text that does not parse.
pub fn message(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut scanner = Scanner { text: &text, at: 0 };
    match scanner.document() {
        Ok(()) | Err(Problem::End) => "Unexpected end of JSON input".to_owned(),
        Err(Problem::At(at, what)) => {
            let before = &text[..at.min(text.len())];
            let line = before.iter().filter(|c| **c == '\n').count() + 1;
            let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
            format!("{what} JSON at position {at} (line {line} column {column})")
        }
        Err(Problem::Token(at)) => {
            let token = text.get(at).copied().unwrap_or_default();
            format!(
                "Unexpected token '{token}', {} is not valid JSON",
                context(&text, at)
            )
        }
    }
}

/// The text, or what is around a place in a long one.
fn context(text: &[char], at: usize) -> String {
    const AROUND: usize = 10;
    let length = text.len();
    let long = length > 2 * AROUND;
    let cut_front = long && at >= AROUND;
    let cut_end = long && at + AROUND < length;
    let start = if cut_front { at - AROUND } else { 0 };
    let end = if cut_end { at + AROUND } else { length };
    let shown: String = text[start..end].iter().collect();
    let dots = |cut: bool| if cut { "..." } else { "" };
    format!("{}\"{shown}\"{}", dots(cut_front), dots(cut_end))
}

struct Scanner<'a> {
    text: &'a [char],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn fail(&self, what: &'static str) -> Step {
        Err(Problem::At(self.at, what))
    }

    fn document(&mut self) -> Step {
        self.value()?;
        self.blanks();
        if self.at < self.text.len() {
            return self.fail("Unexpected non-whitespace character after");
        }
        Ok(())
    }

    fn value(&mut self) -> Step {
        self.blanks();
        match self.peek() {
            None => Err(Problem::End),
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"') => self.string(),
            Some('-' | '0'..='9') => self.number(),
            Some('t') => self.word("true"),
            Some('f') => self.word("false"),
            Some('n') => self.word("null"),
            Some(_) => Err(Problem::Token(self.at)),
        }
    }

    fn object(&mut self) -> Step {
        self.at += 1;
        self.blanks();
        if self.take('}') {
            return Ok(());
        }
        let mut expected = "Expected property name or '}' in";
        loop {
            self.blanks();
            if self.peek() != Some('"') {
                return self.fail(expected);
            }
            self.string()?;
            self.blanks();
            if !self.take(':') {
                return self.fail("Expected ':' after property name in");
            }
            self.value()?;
            self.blanks();
            if self.take('}') {
                return Ok(());
            }
            if !self.take(',') {
                return self.fail("Expected ',' or '}' after property value in");
            }
            expected = "Expected double-quoted property name in";
        }
    }

    fn array(&mut self) -> Step {
        self.at += 1;
        self.blanks();
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.value()?;
            self.blanks();
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return self.fail("Expected ',' or ']' after array element in");
            }
        }
    }

    fn string(&mut self) -> Step {
        self.at += 1;
        loop {
            match self.peek() {
                None => return self.fail("Unterminated string in"),
                Some('"') => break,
                Some('\\') => self.escape()?,
                Some(c) if c < ' ' => {
                    return self.fail("Bad control character in string literal in");
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Step {
        self.at += 1;
        match self.peek() {
            Some('u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|c| c.is_ascii_hexdigit()) {
                        return self.fail("Bad Unicode escape in");
                    }
                    self.at += 1;
                }
            }
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => self.at += 1,
            _ => return self.fail("Bad escaped character in"),
        }
        Ok(())
    }

    fn digits(&mut self, missing: &'static str) -> Step {
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.fail(missing);
        }
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Step {
        self.take('-');
        if self.take('0') {
            if self.peek().is_some_and(|c| c.is_ascii_digit()) {
                return self.fail("Unexpected number in");
            }
        } else {
            self.digits("No number after minus sign in")?;
        }
        if self.take('.') {
            self.digits("Unterminated fractional number in")?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits("Exponent part is missing a number in")?;
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Step {
        for wanted in word.chars() {
            match self.peek() {
                None => return Err(Problem::End),
                Some(c) if c == wanted => self.at += 1,
                Some(_) => return Err(Problem::Token(self.at)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_said_as_the_runtime_does() {
        for (text, expected) in [
            ("", "Unexpected end of JSON input"),
            ("{\"a\":", "Unexpected end of JSON input"),
            ("[1,", "Unexpected end of JSON input"),
            ("nul", "Unexpected end of JSON input"),
            (
                "nonsense",
                "Unexpected token 'o', \"nonsense\" is not valid JSON",
            ),
            ("[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON"),
            (
                "abcdefghijklmnopqrstuvwxyz0123456789",
                "Unexpected token 'a', \"abcdefghij\"... is not valid JSON",
            ),
            (
                "{\"a\":nonsense, \"b\": \"cccccccccc\"}",
                "Unexpected token 'o', \"{\"a\":nonsense, \"\"... is not valid JSON",
            ),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
        for (text, expected) in [
            (
                "{ not json",
                "Expected property name or '}' in JSON at position 2 (line 1 column 3)",
            ),
            (
                "{\n  \"a\": 1,\n  b: 2\n}",
                "Expected double-quoted property name in JSON at position 14 (line 3 column 3)",
            ),
            (
                "{\"a\"",
                "Expected ':' after property name in JSON at position 4 (line 1 column 5)",
            ),
            (
                "{\"a\":1",
                "Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)",
            ),
            (
                "[1 2]",
                "Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)",
            ),
            (
                "{\"a\":\"b",
                "Unterminated string in JSON at position 7 (line 1 column 8)",
            ),
            (
                "\"x\n\"",
                "Bad control character in string literal in JSON at position 2 (line 1 column 3)",
            ),
            (
                "\"\\q\"",
                "Bad escaped character in JSON at position 2 (line 1 column 3)",
            ),
            (
                "\"\\u12\"",
                "Bad Unicode escape in JSON at position 5 (line 1 column 6)",
            ),
            (
                "1.",
                "Unterminated fractional number in JSON at position 2 (line 1 column 3)",
            ),
            (
                "-",
                "No number after minus sign in JSON at position 1 (line 1 column 2)",
            ),
            (
                "01",
                "Unexpected number in JSON at position 1 (line 1 column 2)",
            ),
            (
                "1e",
                "Exponent part is missing a number in JSON at position 2 (line 1 column 3)",
            ),
            (
                "{}x",
                "Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)",
            ),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
    }
}
