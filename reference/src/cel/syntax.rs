//! Whether a text is a CEL expression, in swamp's words where it is not, and which names it refers to.
//!
//! The `cel` crate parses and evaluates; its messages are its own, though, and the suite compares swamp's byte for byte.
//! So this recogniser goes first: what it lets through is CEL.

use super::excerpt::SyntaxError;
use super::lexer::{Kind, Lexer, Token};

/// Names that no field and no variable may have.
const RESERVED: &str = "as break const continue else for function if import let loop package namespace return var void \
    while __proto__ prototype";

const MOST_NESTED: usize = 250;
const MOST_ELEMENTS: usize = 1000;
const MOST_ARGUMENTS: usize = 32;

/// The binary operators, from the weakest level to the strongest.
const LEVELS: [&[Kind]; 6] = [
    &[Kind::Or],
    &[Kind::And],
    &[Kind::Eq, Kind::Ne],
    &[Kind::Lt, Kind::Le, Kind::Gt, Kind::Ge, Kind::In],
    &[Kind::Plus, Kind::Minus],
    &[Kind::Multiply, Kind::Divide, Kind::Modulo],
];

/// The names that an expression refers to (not those of functions and fields), in order, with repetitions.
pub fn names(source: &str) -> Result<Vec<String>, SyntaxError> {
    let mut lexer = Lexer::new(source);
    let current = lexer.next_token()?;
    let mut recogniser = Recogniser {
        source,
        lexer,
        current,
        depth: 0,
        names: Vec::new(),
    };
    recogniser.expression()?;
    let Token { kind, start, end } = recogniser.current;
    if kind != Kind::Eof {
        let last = source[..end].chars().next_back().unwrap_or_default();
        return Err(recogniser.error(format!("Unexpected character: '{last}'"), start));
    }
    Ok(recogniser.names)
}

struct Recogniser<'a> {
    source: &'a str,
    lexer: Lexer<'a>,
    current: Token,
    depth: usize,
    names: Vec<String>,
}

/// Where the node stands that was recognised.
type Place = Result<usize, SyntaxError>;

impl Recogniser<'_> {
    fn error(&self, message: impl Into<String>, at: usize) -> SyntaxError {
        SyntaxError::new(message, self.source, at)
    }

    fn exceeded(&self, limit: &str, most: usize, at: usize) -> SyntaxError {
        self.error(format!("Exceeded {limit} ({most})"), at)
    }

    /// Goes on to the next token and gives the place of this one.
    fn advance(&mut self) -> Place {
        let at = self.current.start;
        self.current = self.lexer.next_token()?;
        Ok(at)
    }

    fn consume(&mut self, kind: Kind) -> Place {
        if self.current.kind == kind {
            return self.advance();
        }
        let message = format!("Expected {}, got {}", kind.name(), self.current.kind.name());
        Err(self.error(message, self.current.start))
    }

    fn enter(&mut self, at: usize) -> Result<(), SyntaxError> {
        if self.depth == MOST_NESTED {
            return Err(self.exceeded("maxDepth", MOST_NESTED, at));
        }
        self.depth += 1;
        Ok(())
    }

    fn expression(&mut self) -> Place {
        self.enter(self.current.start)?;
        let place = self.binary(0)?;
        if self.current.kind == Kind::Question {
            self.advance()?;
            self.expression()?;
            self.consume(Kind::Colon)?;
            self.expression()?;
        }
        self.depth -= 1;
        Ok(place)
    }

    fn binary(&mut self, level: usize) -> Place {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let place = self.binary(level + 1)?;
        while operators.contains(&self.current.kind) {
            self.advance()?;
            self.binary(level + 1)?;
        }
        Ok(place)
    }

    fn unary(&mut self) -> Place {
        let mut place = None;
        while matches!(self.current.kind, Kind::Not | Kind::Minus) {
            let at = self.advance()?;
            place.get_or_insert(at);
        }
        let inner = self.postfix()?;
        Ok(place.unwrap_or(inner))
    }

    fn postfix(&mut self) -> Place {
        let start = self.current.start;
        let mut place = self.primary()?;
        let depth = self.depth;
        loop {
            match self.current.kind {
                Kind::Dot => {
                    let dot = self.advance()?;
                    self.enter(dot)?;
                    place = self.consume(Kind::Identifier)?;
                    if self.current.kind == Kind::Lparen {
                        self.advance()?;
                        self.arguments()?;
                        place = start;
                    }
                }
                Kind::Lbracket => {
                    let bracket = self.advance()?;
                    self.enter(bracket)?;
                    self.expression()?;
                    self.consume(Kind::Rbracket)?;
                    place = start;
                }
                _ => break,
            }
        }
        self.depth = depth;
        Ok(place)
    }

    fn primary(&mut self) -> Place {
        match self.current.kind {
            Kind::Number | Kind::String | Kind::Bytes | Kind::Boolean | Kind::Null => {
                self.advance()
            }
            Kind::Identifier => self.identifier(),
            Kind::Lparen => {
                self.advance()?;
                let place = self.expression()?;
                self.consume(Kind::Rparen)?;
                Ok(place)
            }
            Kind::Lbracket => {
                let place = self.advance()?;
                self.items(
                    Kind::Rbracket,
                    "maxListElements",
                    MOST_ELEMENTS,
                    Self::expression,
                )?;
                Ok(place)
            }
            Kind::Lbrace => {
                let place = self.advance()?;
                self.items(Kind::Rbrace, "maxMapEntries", MOST_ELEMENTS, Self::entry)?;
                Ok(place)
            }
            other => {
                let message = format!("Unexpected token: {}", other.name());
                Err(self.error(message, self.current.start))
            }
        }
    }

    fn identifier(&mut self) -> Place {
        let Token { start, end, .. } = self.current;
        let name = &self.source[start..end];
        self.advance()?;
        if RESERVED.split_whitespace().any(|word| word == name) {
            return Err(self.error(format!("Reserved identifier: {name}"), start));
        }
        if self.current.kind == Kind::Lparen {
            self.advance()?;
            self.arguments()?;
        } else {
            self.names.push(name.to_owned());
        }
        Ok(start)
    }

    fn entry(&mut self) -> Place {
        let place = self.expression()?;
        self.consume(Kind::Colon)?;
        self.expression()?;
        Ok(place)
    }

    fn arguments(&mut self) -> Result<(), SyntaxError> {
        self.items(
            Kind::Rparen,
            "maxCallArguments",
            MOST_ARGUMENTS,
            Self::expression,
        )
    }

    /// Items with commas between them and perhaps behind the last one, up to and including `close`.
    fn items(
        &mut self,
        close: Kind,
        limit: &str,
        most: usize,
        item: fn(&mut Self) -> Place,
    ) -> Result<(), SyntaxError> {
        let mut count = 0;
        while self.current.kind != close {
            let place = item(self)?;
            count += 1;
            if count > most {
                return Err(self.exceeded(limit, most, place));
            }
            if self.current.kind != Kind::Comma {
                break;
            }
            self.advance()?;
        }
        self.consume(close).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_neither_functions_nor_fields() {
        let found = names("size(a.b[c]) > 1 ? d.f(e) : [g, {\"k\": !h}, ]");
        let expected = ["a", "c", "d", "e", "g", "h"].map(str::to_owned);
        assert_eq!(found, Ok(expected.to_vec()));
    }

    #[test]
    fn messages_are_those_of_swamp() {
        for (source, expected) in [
            (
                "name ==",
                "Unexpected token: EOF\n\n>    1 | name ==\n                ^",
            ),
            (
                "(name",
                "Expected RPAREN, got EOF\n\n>    1 | (name\n              ^",
            ),
            (
                "a foo",
                "Unexpected character: 'o'\n\n>    1 | a foo\n           ^",
            ),
            (
                "namespace == 1",
                "Reserved identifier: namespace\n\n>    1 | namespace == 1\n         ^",
            ),
            (
                "a.1",
                "Expected IDENTIFIER, got NUMBER\n\n>    1 | a.1\n           ^",
            ),
        ] {
            let error = names(source).expect_err("no expression");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn nesting_and_lists_have_limits() {
        let nested = |depth: usize| names(&format!("{}1{}", "(".repeat(depth), ")".repeat(depth)));
        std::thread::Builder::new()
            .stack_size(64 << 20)
            .spawn(move || {
                assert!(nested(249).is_ok());
                let error = nested(250).expect_err("too deep");
                assert!(error.to_string().starts_with("Exceeded maxDepth (250)"));
            })
            .expect("a thread")
            .join()
            .expect("no panic");
        let list = |count: usize| names(&format!("x in [{}]", vec!["1"; count].join(",")));
        assert!(list(1000).is_ok());
        let error = list(1001).expect_err("too long");
        assert!(
            error
                .to_string()
                .starts_with("Exceeded maxListElements (1000)")
        );
        let chain = format!("{}x", "!-".repeat(5000));
        assert!(names(&chain).is_ok());
    }
}
