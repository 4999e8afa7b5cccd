//! The tester's server: where the target delivers what it answers later.

use std::sync::Arc;

use exchange::identity::{AllowedBindings, Demands, RegisteredRoot, Registration, RootError, RootState};
use exchange::profile::{Catalogue, ExtendedKeyUsage, Profile, ProfileError};
use exchange::soap::{Decoder, Limits};
use exchange::{Binding, Country};
use straznica_exchange_wire::development::{DevelopmentSpocError, credential};
use straznica_exchange_wire::grpc::{GrpcServer, GrpcServerConfig};
use straznica_exchange_wire::material::MaterialError;
use straznica_exchange_wire::soap::{
    Profiles, SoapLimits, SoapServer, SoapServerParts, SoapTls, SoapTlsError, SoapUrl, SoapUrlError,
};
use straznica_exchange_wire::{Admission, CrlConfig, CrlSource, CurrentMaterial, Judge, MemoryCrls, SpocMaterial};
use straznica_types::{SharedClock, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::listener::Listener;
use crate::tester::{Credentials, yesterday};

/// Days a target's root is taken for its own: longer than any run.
const ROOT_DAYS: u64 = 3650;

/// Why the tester cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// Its credentials.
    #[error(transparent)]
    Credentials(#[from] DevelopmentSpocError),
    /// TLS of the gRPC binding.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// TLS of the SOAP binding.
    #[error(transparent)]
    Tls(#[from] SoapTlsError),
    /// The profiles.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Its address.
    #[error(transparent)]
    Url(#[from] SoapUrlError),
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct CallbackServer {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Drop for CallbackServer {
    fn drop(&mut self) {
        self.stop.cancel();
        self.task.abort();
    }
}

struct OneProfile(Arc<Profile>);

impl Profiles for OneProfile {
    fn of(&self, _: Country) -> Arc<Profile> {
        self.0.clone()
    }
}

/// What a server of the tester's is made of.
pub struct CallbackParts {
    /// Over which binding.
    pub binding: Binding,
    /// The URL the target has registered.
    pub url: String,
    /// In whose words, over SOAP.
    pub profile: Arc<Profile>,
    /// The server's certificate.
    pub credentials: Credentials,
    /// Who is let in: the target alone.
    pub admission: Arc<dyn Admission>,
    /// What takes the deliveries.
    pub listener: Arc<Listener>,
}

impl CallbackServer {
    /// Serves on a socket bound before.
    ///
    /// # Errors
    /// [`CallbackError`]
    pub fn start(socket: TcpListener, parts: CallbackParts) -> Result<Self, CallbackError> {
        let stop = CancellationToken::new();
        let material = SpocMaterial::of_one(credential(&parts.credentials.issued)?);
        let task = match parts.binding {
            Binding::Grpc => {
                let material = CurrentMaterial::new(material);
                let config = GrpcServerConfig::default();
                let server = GrpcServer::new(material, parts.admission, parts.listener, config)?;
                tokio::spawn(server.serve(socket, stop.clone()))
            }
            Binding::Soap => {
                let server = SoapServer::new(SoapServerParts {
                    application: parts.listener,
                    admission: parts.admission,
                    tls: SoapTls::server(&material.server, parts.profile.tls())?,
                    decoder: decoder(&parts.profile)?,
                    profiles: Arc::new(OneProfile(parts.profile)),
                    url: SoapUrl::parse(&parts.url)?,
                    limits: SoapLimits::default(),
                });
                tokio::spawn(server.serve(socket, stop.clone()))
            }
        };
        Ok(Self { stop, task })
    }
}

/// Reads documents of this profile and of those built in.
///
/// # Errors
/// [`ProfileError`] when one of the latter were faulty.
pub fn decoder(profile: &Profile) -> Result<Decoder, ProfileError> {
    let mut catalogue = Catalogue::built_in()?;
    catalogue.add(profile.clone());
    Ok(Decoder::new(Arc::new(catalogue), Limits::default()))
}

/// What is registered of a target: its roots.
///
/// # Errors
/// [`RootError`] for one that is no certificate.
pub fn registration(country: Country, roots: &[Vec<u8>], now: Timestamp) -> Result<Registration, RootError> {
    let used = (yesterday(now), now + std::time::Duration::from_secs(ROOT_DAYS * 86_400));
    let register = |der: &Vec<u8>| {
        let fingerprint = emrtd::x509::Certificate::parse(der)?.fingerprint();
        RegisteredRoot::new(der, fingerprint, used, AllowedBindings::BOTH, RootState::Confirmed)
    };
    let roots = roots.iter().map(register).collect::<Result<_, _>>()?;
    Ok(Registration { country, roots, demands: Demands::STANDARD, purposes: ExtendedKeyUsage::of_both_standards() })
}

/// Judges a target with its revocation lists fetched.
#[must_use]
pub fn judge(clock: &SharedClock) -> Judge {
    let lists = CrlSource::new(Arc::new(MemoryCrls::default()), clock.clone(), CrlConfig::development());
    Judge::new(Arc::new(lists), clock.clone())
}
