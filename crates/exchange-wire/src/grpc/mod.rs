//! The binding straznica.spoc.v1.SpocExchange: gRPC over TLS 1.3.

pub mod convert;
