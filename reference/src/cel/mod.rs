//! CEL expressions, as swamp reads and evaluates them.
//!
//! The `cel` crate does the work. What it cannot give is added here: swamp's messages for what does not parse
//! ([`syntax`]), the place of an error at run time, and the order of keys in maps, which are hash maps in that crate
//! ([`value::KeyOrder`]).

pub mod excerpt;
pub mod expression;
pub mod lexer;
pub mod scope;
pub mod syntax;
pub mod value;

pub use excerpt::SyntaxError;
pub use expression::{Expression, Fault};
pub use scope::Scope;
pub use value::Numbers;
