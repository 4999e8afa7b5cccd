//! The SPOC protocol on the wire: a server and a client for each of the two bindings, gRPC (rustls, TLS 1.3) and SOAP 1.1 of CSN 36 9791
//! (OpenSSL).
//!
//! Both servers meet the same [`Application`], and both let only those in whom [`Admission`] knows: after the handshake a connection is judged
//! once, with the certificates it presented, and again before every message. Who is not admitted gets 401 or UNAUTHENTICATED and no reason; the
//! reason is for the operator, which is why admission is asked and not told.

pub mod client;
pub mod error;
pub mod grpc;
pub mod port;

pub use client::PartnerClient;
pub use error::{CallError, FaultOf};
pub use port::{Admission, Application, Binding, Caller, NotAdmitted, Side};
