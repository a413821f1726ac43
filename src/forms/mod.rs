//! What swamp prints and writes, as types that know every field.

pub(crate) mod exact;
pub(crate) mod marker;
pub(crate) mod metadata;
pub(crate) mod record;
pub(crate) mod reply;
pub mod schemas;
