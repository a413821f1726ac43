//! Forms of output that several commands share.

pub mod size;
pub mod table;
