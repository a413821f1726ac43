//! Models: their definitions and what running their methods does.

pub mod definition;
