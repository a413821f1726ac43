//! What a sync does, against a bucket in memory.
