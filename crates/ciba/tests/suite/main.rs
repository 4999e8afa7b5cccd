//! Channels against providers: one written here that does what no decent one would, and one nobody here wrote.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails where it stands")]

mod hostile;
mod mobile_connect;
mod mutual_tls;
mod peer;
mod world;
