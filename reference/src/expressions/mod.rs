//! Expressions in definitions and workflows: `${{ … }}` in any text, replaced by its value.

pub mod evaluator;
pub mod lookup;
pub mod template;

pub use evaluator::{Evaluator, Strictness};
