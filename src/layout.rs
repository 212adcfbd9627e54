//! The bytes of a record.
