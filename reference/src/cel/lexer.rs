//! Tokens of a CEL expression, with the messages that swamp has for what is none.

use super::excerpt::SyntaxError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those in messages")]
pub enum Kind {
    Eof,
    Number,
    String,
    Bytes,
    Boolean,
    Null,
    Identifier,
    Plus,
    Minus,
    Multiply,
    Divide,
    Modulo,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    Not,
    In,
    Lparen,
    Rparen,
    Lbracket,
    Rbracket,
    Lbrace,
    Rbrace,
    Dot,
    Comma,
    Colon,
    Question,
}

impl Kind {
    /// The name in messages: `RPAREN`.
    pub fn name(self) -> String {
        format!("{self:?}").to_uppercase()
    }
}

/// A token: its kind and where it stands, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

/// Reads token after token.
#[derive(Debug)]
pub struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

const TWO: [(&str, Kind); 6] = [
    ("==", Kind::Eq),
    ("!=", Kind::Ne),
    ("<=", Kind::Le),
    (">=", Kind::Ge),
    ("&&", Kind::And),
    ("||", Kind::Or),
];

impl<'a> Lexer<'a> {
    /// A lexer at the beginning of `source`.
    pub fn new(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn error(&self, message: impl Into<String>, at: usize) -> SyntaxError {
        SyntaxError::new(message, self.source, at)
    }

    /// The next token; at the end, an end token again and again.
    pub fn next_token(&mut self) -> Result<Token, SyntaxError> {
        self.skip();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(self.token(Kind::Eof, start));
        };
        if let Some((text, kind)) = TWO.iter().find(|(text, _)| self.rest().starts_with(text)) {
            self.at += text.len();
            return Ok(self.token(*kind, start));
        }
        let kind = match first {
            '+' => Kind::Plus,
            '-' => Kind::Minus,
            '*' => Kind::Multiply,
            '/' => Kind::Divide,
            '%' => Kind::Modulo,
            '<' => Kind::Lt,
            '>' => Kind::Gt,
            '!' => Kind::Not,
            '(' => Kind::Lparen,
            ')' => Kind::Rparen,
            '[' => Kind::Lbracket,
            ']' => Kind::Rbracket,
            '{' => Kind::Lbrace,
            '}' => Kind::Rbrace,
            '.' => Kind::Dot,
            ',' => Kind::Comma,
            ':' => Kind::Colon,
            '?' => Kind::Question,
            '"' | '\'' => return self.string(start),
            c if c.is_ascii_digit() => return self.number(start),
            c if c == '_' || c.is_ascii_alphabetic() => return self.word(start),
            c => return Err(self.error(format!("Unexpected character: {c}"), start)),
        };
        self.at += 1;
        Ok(self.token(kind, start))
    }

    fn token(&self, kind: Kind, start: usize) -> Token {
        let end = self.at;
        Token { kind, start, end }
    }

    /// Goes over blanks and comments.
    fn skip(&mut self) {
        loop {
            let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
            self.at = self.source.len() - self.rest().trim_start_matches(blank).len();
            if !self.rest().starts_with("//") {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Takes the bytes that `belongs` accepts.
    fn take(&mut self, belongs: impl Fn(char) -> bool) -> usize {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        length
    }

    fn word(&mut self, start: usize) -> Result<Token, SyntaxError> {
        let quoted = |c: Option<char>| matches!(c, Some('"' | '\''));
        let mut ahead = self.rest().chars();
        let prefix = ahead.next();
        if matches!(prefix, Some('b' | 'B' | 'r' | 'R')) && quoted(ahead.next()) {
            self.at += 1;
            let mut token = self.string(start)?;
            if matches!(prefix, Some('b' | 'B')) {
                token.kind = Kind::Bytes;
            }
            return Ok(token);
        }
        self.take(|c| c == '_' || c.is_ascii_alphanumeric());
        let kind = match &self.source[start..self.at] {
            "true" | "false" => Kind::Boolean,
            "null" => Kind::Null,
            "in" => Kind::In,
            _ => Kind::Identifier,
        };
        Ok(self.token(kind, start))
    }

    fn number(&mut self, start: usize) -> Result<Token, SyntaxError> {
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.at += 2;
            if self.take(|c| c.is_ascii_hexdigit()) == 0 {
                let text = &self.source[start..self.at];
                return Err(self.error(format!("Invalid hex integer: {text}"), start));
            }
        } else {
            self.take(|c| c.is_ascii_digit());
            let mut behind = self.rest().chars();
            if behind.next() == Some('.') && behind.next().is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                self.take(|c| c.is_ascii_digit());
            }
            self.exponent()?;
        }
        if self.rest().starts_with(['u', 'U']) {
            self.at += 1;
        }
        Ok(self.token(Kind::Number, start))
    }

    fn exponent(&mut self) -> Result<(), SyntaxError> {
        if self.rest().starts_with(['e', 'E']) {
            self.at += 1;
            if self.rest().starts_with(['+', '-']) {
                self.at += 1;
            }
            if self.take(|c| c.is_ascii_digit()) == 0 {
                return Err(self.error("Invalid exponent", self.at));
            }
        }
        Ok(())
    }

    /// A string; the lexer stands at the quote, `start` may be its prefix.
    fn string(&mut self, start: usize) -> Result<Token, SyntaxError> {
        let quote_at = self.at;
        let one = &self.source[self.at..=self.at];
        let three = one.repeat(3);
        let (close, triple) = if self.rest().starts_with(&three) {
            (three.as_str(), true)
        } else {
            (one, false)
        };
        self.at += close.len();
        loop {
            let Some(c) = self.rest().chars().next() else {
                let what = if triple {
                    "Unterminated triple-quoted string"
                } else {
                    "Unterminated string"
                };
                return Err(self.error(what, quote_at));
            };
            if self.rest().starts_with(close) {
                self.at += close.len();
                return Ok(self.token(Kind::String, start));
            }
            match c {
                '\n' | '\r' if !triple => {
                    return Err(
                        self.error("Newlines not allowed in single-quoted strings", self.at)
                    );
                }
                '\\' => {
                    self.at += 1;
                    self.at += self.rest().chars().next().map_or(0, char::len_utf8);
                }
                c => self.at += c.len_utf8(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Result<Vec<Kind>, SyntaxError> {
        let mut lexer = Lexer::new(source);
        let mut kinds = Vec::new();
        loop {
            match lexer.next_token()?.kind {
                Kind::Eof => return Ok(kinds),
                kind => kinds.push(kind),
            }
        }
    }

    #[test]
    fn words_numbers_and_strings_are_told_apart() {
        use Kind::*;
        let expected = vec![Identifier, In, Boolean, Null, Number, Number, Number];
        assert_eq!(kinds("a_1 in true null 1 1.5e-3 0xFu"), Ok(expected));
        assert_eq!(
            kinds("r'\\' "),
            Err(SyntaxError::new("Unterminated string", "r'\\' ", 1))
        );
        assert_eq!(
            kinds("'\"' \"a\\\"b\" b'x' \"\"\"a\n\"b\"\"\""),
            Ok(vec![String, String, Bytes, String])
        );
        assert_eq!(
            kinds("a<=b // comment\n!c"),
            Ok(vec![Identifier, Le, Identifier, Not, Identifier])
        );
        assert_eq!(kinds("1.x"), Ok(vec![Number, Dot, Identifier]));
        assert_eq!(Rparen.name(), "RPAREN");
    }

    #[test]
    fn what_is_no_token_is_named() {
        for (source, message) in [
            ("a = b", "Unexpected character: ="),
            ("ü", "Unexpected character: ü"),
            ("'a", "Unterminated string"),
            ("'a\nb'", "Newlines not allowed in single-quoted strings"),
            ("\"\"\"a\"", "Unterminated triple-quoted string"),
            ("0x", "Invalid hex integer: 0x"),
            ("1e+", "Invalid exponent"),
        ] {
            let error = kinds(source).expect_err("no token");
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
