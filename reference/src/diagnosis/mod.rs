//! What `doctor datastores` and `datastore status` find out about a datastore, and how it is put
//! right.

pub mod completeness;
pub mod health;
pub mod unmigrated;
