//! Forms of output that several commands share.

pub mod data_box;
pub mod gutter;
pub mod log_file;
pub mod size;
pub mod table;
