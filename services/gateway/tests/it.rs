//! The gateway as terminals and operators meet it: real sockets, real TLS, a real database; identity and spoc are played.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails; clippy does not see that the bodies of on_both_engines! are tests"
)]

mod it {
    mod bad_input;
    mod border_check;
    mod description;
    mod doubles;
    mod exchange;
    mod house;
    mod idempotency;
    mod journal;
    mod people;
    mod registry;
    mod terminals;
    mod trust;
    mod upstream;
}
