//! The gateway as terminals and operators meet it: real sockets, real TLS, a real database; identity and spoc are played.

mod it {
    mod bad_input;
    mod border_check;
    mod description;
    mod doubles;
    mod house;
    mod idempotency;
    mod journal;
    mod terminals;
    mod trust;
    mod upstream;
}
