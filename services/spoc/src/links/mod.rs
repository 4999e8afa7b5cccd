//! The ways between this node and its partners: its credentials, the listeners partners connect to and the clients that connect to them. One
//! application stands behind both bindings ([`door`]).

mod clients;
mod credentials;
mod door;
mod listeners;

use std::io;

use straznica_exchange_wire::grpc::GrpcClientError;
use straznica_exchange_wire::material::MaterialError;
use straznica_exchange_wire::soap::{SoapTlsError, SoapUrlError};
use thiserror::Error;

use crate::keystore::{KeyStoreError, NotAHandle};

pub(crate) use clients::PartnerClients;
pub(crate) use credentials::{Credentials, TlsKeys};
pub(crate) use door::Door;
pub(crate) use listeners::Sockets;

/// Why a way to partners cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum LinkError {
    /// Neither key file nor handle, or both.
    #[error("a credential of the exchange needs either private_key or key_handle")]
    Key,
    /// Whoever gets hold of the file has the key.
    #[error("{} is not encrypted: a production node takes a key with a passphrase over it (PKCS#8, BEGIN ENCRYPTED PRIVATE KEY)", path.display())]
    PlainKey {
        /// Which.
        path: std::path::PathBuf,
    },
    /// The handle names no key of the exchange.
    #[error("the key handle of the exchange")]
    Handle(#[from] NotAHandle),
    /// The key store does not have it, or it is no key for TLS.
    #[error("the key of the exchange")]
    KeyStore(#[from] KeyStoreError),
    /// Certificate or key do not hold up.
    #[error("a credential of the exchange")]
    Material(#[from] MaterialError),
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: io::Error,
    },
    /// OpenSSL takes the credential or the profiles' TLS parameters for unusable.
    #[error("TLS of the SOAP binding")]
    SoapTls(#[from] SoapTlsError),
    /// No profile is known, so nothing says what TLS to offer.
    #[error("no profile is loaded")]
    NoProfile,
    /// The own URL.
    #[error("the URL of the SOAP binding")]
    SoapUrl(#[from] SoapUrlError),
    /// A partner's URL.
    #[error("the URL of a partner")]
    GrpcUrl(#[from] GrpcClientError),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Bind {
        /// Which.
        address: std::net::SocketAddr,
        /// Why.
        source: io::Error,
    },
}
