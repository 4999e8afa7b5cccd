//! The binding straznica.spoc.v1.SpocExchange: gRPC over TLS 1.3.
//!
//! The handshake proves possession of a key and nothing else, on both sides: whose key it is, [`Admission`](crate::Admission) judges when the
//! handshake is over and before a byte of HTTP/2 is read or written. Rustls' own verifiers could not do it: revocation lists are fetched, which a
//! verifier cannot wait for; and a peer that fails there learns from the TLS alert what was wrong with its certificate, where the contract says that
//! whoever is not known gets UNAUTHENTICATED at its message and nothing else.

mod client;
mod connection;
pub mod convert;
mod frame;
mod server;
mod service;
mod tls;

pub use client::{GrpcClient, GrpcClientConfig, GrpcClientError, UrlError};
pub use server::{GrpcServer, GrpcServerConfig};
