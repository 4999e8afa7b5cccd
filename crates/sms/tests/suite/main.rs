//! Links against message centres: one written here that does what no decent one would, and one nobody here wrote.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails where it stands"
)]

mod hostile;
mod link;
mod peer;
mod pool;
mod smsc;
