//! The SOAP binding of CSN 36 9791 over HTTPS, by OpenSSL: the standard's cipher suites and the brainpool curves of its certificates exist in no
//! other TLS library at hand (docs/decisions/0009).
//!
//! - [`SoapServer`] takes messages of partners and answers them, [`SoapClient`] sends ours to one of them.
//! - Who the peer is, [`Admission`](crate::Admission) decides on the certificates of the handshake, before anything of a message is looked at
//!   (server) or sent (client). OpenSSL proves possession of the key and nothing else: its own path check refuses explicit curve parameters always, and
//!   a CSCA that is a SPOC's root has them.
//! - Each partner is answered as its [`Profile`] has it; [`Profiles`] says which that is.

mod client;
mod server;
mod tls;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use exchange::{Country, Profile};

pub use client::{SoapClient, SoapTimeouts, SoapUrl, SoapUrlError};
pub use server::{SoapLimits, SoapServer, SoapServerParts};
pub use tls::{SoapTls, SoapTlsError};

/// Which profile a partner is registered with.
pub trait Profiles: Send + Sync + 'static {
    /// The profile of an admitted partner.
    fn of(&self, country: Country) -> Arc<Profile>;
}
