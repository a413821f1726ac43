//! Models: their definitions and what running their methods does.

pub mod definition;
pub mod described;
pub mod evaluated;
pub mod extension;
pub mod inputs;
pub mod kind;
pub mod outputs;
pub mod process;
pub mod record;
pub mod shell;
