//! How messages are carried, and which end of a connection a peer is.

use std::fmt;

use crate::Country;

/// How messages are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// straznica.spoc.v1.SpocExchange over TLS 1.3.
    Grpc,
    /// SOAP 1.1 of CSN 36 9791 over HTTPS.
    Soap,
}

impl Binding {
    /// `grpc` or `soap`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::Soap => "soap",
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which end of a connection the peer is, and so which extended key usage its certificate needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side<'a> {
    /// It connected to us.
    Client,
    /// We connected to it: the state we mean to reach and the host of its registered URL.
    Server {
        /// The state.
        country: Country,
        /// The host its certificate has to carry as dNSName.
        host: &'a str,
    },
}
