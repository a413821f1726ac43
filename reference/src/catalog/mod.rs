//! The catalog: a SQLite index of what lies on the disk, so that queries need not walk it.
//!
//! It belongs to one repository, but holds rows of other namespaces too. A write adds its row; what
//! was written by others, or before there was a catalog, comes in by a backfill before the first
//! query.

pub mod backfill;
pub mod notify;
pub mod row;
mod schema;
pub mod store;

pub use row::Row;
pub use store::Catalog;
