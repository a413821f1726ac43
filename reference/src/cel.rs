//! CEL, as far as the expressions of scenarios go: texts, numbers, truth values, names, fields,
//! calls, `&&`, `==`, `>`, `+`.

use serde_json::Value;

/// A parsed expression.
#[derive(Debug)]
pub struct Expression {
    root: Node,
    names: Vec<String>,
}

#[derive(Debug)]
enum Node {
    Literal(Value),
    Name(String),
    Field(Box<Node>, String),
    /// What is called, with what; of a module or of a value: `data.query(…)`, `….size()`.
    Call(Box<Node>, String, Vec<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
}

/// The operators, from those that bind least.
const LEVELS: [&str; 4] = ["&&", "==", ">", "+"];

/// What swamp lets no field be called, of the words that CEL reserves.
const RESERVED: &str = "namespace";

/// What the names in an expression stand for.
pub trait Scope {
    /// The value of a variable; none where there is no such variable.
    fn variable(&self, name: &str) -> Option<Value>;
    /// Calls a function, such as `data.latest`. The error is the message for the user.
    fn call(&mut self, function: &str, arguments: &[Value]) -> Result<Value, String>;
}

impl Expression {
    /// Parses `source`. The error says what is wrong, and where.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut parser = Parser {
            source,
            at: 0,
            names: Vec::new(),
        };
        let root = parser.binary(&LEVELS)?;
        match parser.next() {
            None => Ok(Self {
                root,
                names: parser.names,
            }),
            Some(c) => Err(parser.error(&format!("Unexpected character: '{c}'"), parser.at)),
        }
    }

    /// The names that it refers to, in order, with repetitions.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Its value. The error is the message for the user.
    pub fn evaluate(&self, scope: &mut impl Scope) -> Result<Value, String> {
        self.root.evaluate(scope)
    }
}

impl Node {
    fn evaluate(&self, scope: &mut impl Scope) -> Result<Value, String> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Name(name) => scope
                .variable(name)
                .ok_or_else(|| format!("Unknown variable: {name}")),
            Self::Field(of, key) => match of.evaluate(scope)?.get(key) {
                Some(value) => Ok(value.clone()),
                None => Err(format!("No such key: {key}")),
            },
            Self::Call(of, name, arguments) => {
                let arguments: Result<Vec<_>, _> =
                    arguments.iter().map(|node| node.evaluate(scope)).collect();
                match (of.as_ref(), name.as_str()) {
                    (Self::Name(module), _) => scope.call(&format!("{module}.{name}"), &arguments?),
                    (value, "size") => match value.evaluate(scope)? {
                        Value::Array(items) => Ok(items.len().into()),
                        other => Err(format!("no size of {other}")),
                    },
                    _ => Err(format!("no function {name}")),
                }
            }
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.evaluate(scope)?, right.evaluate(scope)?);
                match (*operator, &left, &right) {
                    ("==", left, right) => Ok((left == right).into()),
                    ("&&", Value::Bool(left), Value::Bool(right)) => Ok((*left && *right).into()),
                    (">", Value::Number(left), Value::Number(right)) => {
                        Ok((left.as_f64() > right.as_f64()).into())
                    }
                    ("+", Value::String(left), Value::String(right)) => {
                        Ok(format!("{left}{right}").into())
                    }
                    _ => Err(format!("no such overload: {left} {operator} {right}")),
                }
            }
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    names: Vec<String>,
}

type Parsed = Result<Node, String>;

impl<'a> Parser<'a> {
    /// The message and the line of byte `at`, with a caret below it.
    fn error(&self, message: &str, at: usize) -> String {
        let before = &self.source[..at];
        let number = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.source[start..].lines().next().unwrap_or_default();
        let column = " ".repeat(9 + before[start..].chars().count());
        format!("{message}\n\n> {number:>4} | {line}\n{column}^")
    }

    /// The next character that is no blank, which the parser then stands at.
    fn next(&mut self) -> Option<char> {
        let rest = self.source[self.at..].trim_start();
        self.at = self.source.len() - rest.len();
        rest.chars().next()
    }

    /// Goes over `text`, if it comes next.
    fn take(&mut self, text: &str) -> bool {
        let found = self.next().is_some() && self.source[self.at..].starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// The characters that `belongs` accepts.
    fn run(&mut self, belongs: fn(char) -> bool) -> &'a str {
        let rest = &self.source[self.at..];
        let run = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.at += run.len();
        run
    }

    fn binary(&mut self, levels: &[&'static str]) -> Parsed {
        let [operator, tighter @ ..] = levels else {
            return self.postfix();
        };
        let mut left = self.binary(tighter)?;
        while self.take(operator) {
            let right = self.binary(tighter)?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn postfix(&mut self) -> Parsed {
        let mut node = self.primary()?;
        while self.take(".") {
            let name = self.run(is_of_a_word).to_owned();
            node = if self.take("(") {
                Node::Call(Box::new(node), name, self.arguments()?)
            } else {
                Node::Field(Box::new(node), name)
            };
        }
        Ok(node)
    }

    fn arguments(&mut self) -> Result<Vec<Node>, String> {
        let mut arguments = Vec::new();
        while !self.take(")") {
            arguments.push(self.binary(&LEVELS)?);
            self.take(",");
        }
        Ok(arguments)
    }

    fn primary(&mut self) -> Parsed {
        match self.next() {
            None => Err(self.error("Unexpected token: EOF", self.at)),
            Some(quote @ ('"' | '\'')) => self.string(quote),
            Some('0'..='9') => {
                let number = self.run(|c| c.is_ascii_digit()).parse::<u64>();
                Ok(Node::Literal(number.unwrap_or(u64::MAX).into()))
            }
            Some(c) if is_of_a_word(c) => match self.run(is_of_a_word) {
                RESERVED => {
                    let at = self.at - RESERVED.len();
                    Err(self.error(&format!("Reserved identifier: {RESERVED}"), at))
                }
                "true" => Ok(Node::Literal(true.into())),
                "false" => Ok(Node::Literal(false.into())),
                name => {
                    self.names.push(name.to_owned());
                    Ok(Node::Name(name.to_owned()))
                }
            },
            Some(c) => Err(self.error(&format!("Unexpected character: {c}"), self.at)),
        }
    }

    fn string(&mut self, quote: char) -> Parsed {
        let mut text = String::new();
        let mut chars = self.source[self.at..].char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                c if c == quote => {
                    self.at += at + 1;
                    return Ok(Node::Literal(text.into()));
                }
                c => text.push(c),
            }
        }
        Err(self.error("Unterminated string", self.at))
    }
}

fn is_of_a_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Record;

    impl Scope for Record {
        fn variable(&self, name: &str) -> Option<Value> {
            (name == "tags").then(|| json!({ "a": "b" }))
        }

        fn call(&mut self, function: &str, arguments: &[Value]) -> Result<Value, String> {
            Ok(json!([function, arguments]))
        }
    }

    fn evaluated(source: &str) -> Result<Value, String> {
        Expression::parse(source)?.evaluate(&mut Record)
    }

    #[test]
    fn operators_bind_as_they_do_in_cel() {
        assert_eq!(
            evaluated("true && tags.a + 'c' == \"b\" + \"c\""),
            Ok(json!(true))
        );
        assert_eq!(
            evaluated("m.f(\"a \\\" b\", 1)"),
            Ok(json!(["m.f", ["a \" b", 1]]))
        );
        assert_eq!(evaluated("m.f().size() == 2 && 2 > 1"), Ok(json!(true)));
        let names = Expression::parse("a.b == c && m.f(a)").map(|parsed| parsed.names);
        assert_eq!(names, Ok(["a", "c", "m", "a"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn errors_say_what_and_where() {
        for (source, message) in [
            (
                "a ==",
                "Unexpected token: EOF\n\n>    1 | a ==\n             ^",
            ),
            (
                "a\n== 'b",
                "Unterminated string\n\n>    2 | == 'b\n            ^",
            ),
            (
                "a b",
                "Unexpected character: 'b'\n\n>    1 | a b\n           ^",
            ),
            ("(a", "Unexpected character: (\n\n>    1 | (a\n         ^"),
            (
                "m.f(1",
                "Unexpected token: EOF\n\n>    1 | m.f(1\n              ^",
            ),
            (
                "namespace",
                "Reserved identifier: namespace\n\n>    1 | namespace\n         ^",
            ),
            ("tags.x", "No such key: x"),
            ("nope", "Unknown variable: nope"),
            ("1 && true", "no such overload: 1 && true"),
        ] {
            assert_eq!(evaluated(source), Err(message.to_owned()), "{source}");
        }
    }
}
