//! The journal on both engines.

mod record;
