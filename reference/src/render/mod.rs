//! Forms of output that several commands share.

pub mod table;
