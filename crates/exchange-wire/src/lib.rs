//! The SPOC protocol on the wire: a server and a client for each of the two bindings, gRPC (rustls, TLS 1.3) and SOAP 1.1 of CSN 36 9791
//! (OpenSSL).
//!
//! Both servers meet the same [`Application`], and both let only those in whom [`Admission`] knows: after the handshake a connection is judged
//! once, with the certificates it presented, and again before every message. Who is not admitted gets 401 or UNAUTHENTICATED and no reason; the
//! reason is for the operator, which is why admission is asked and not told. What admission itself asks is [`Judge`]: the peer's certificate against
//! its registration, with revocation lists fetched by [`CrlSource`].
//!
//! Our own credentials are [`material`]'s, replaced while the node runs; [`development`] makes throw-away ones.

pub mod bundle;
pub mod client;
pub mod crl;
pub mod development;
pub mod error;
pub mod grpc;
mod judge;
pub mod material;
pub mod port;
mod slots;
pub mod soap;
mod turns;

pub use client::PartnerClient;
pub use crl::{CrlConfig, CrlProblem, CrlSource, CrlStore, MemoryCrls};
pub use error::{CallError, FaultOf};
pub use judge::{Judge, Judged, Refused};
pub use material::{Credential, CurrentMaterial, SpocMaterial};
pub use port::{Admission, Application, Binding, Caller, NotAdmitted, Side};
