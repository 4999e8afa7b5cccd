//! The runtime as services and their callers meet it: real sockets, real TLS, a clock that can be moved.

mod it {
    mod calls;
    mod configuration;
    mod ending;
    mod house;
    mod http;
    mod jobs;
    mod telemetry;
}
