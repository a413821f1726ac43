//! Queries: predicates in CEL over the rows of the catalog, and what is known of the rows that they
//! match.

pub mod fields;
pub mod record;
pub mod records;

pub use record::Record;
pub use records::Records;
