//! The partner behind a port of its own, over either binding, and its way to the node it plagues.
//!
//! In front stands a line ([`Line`]) that can misbehave as well: bytes pass through it to a proper server with the partner behind, or it does
//! wrong itself, with the partner's credentials and without the partner. What the line does, and which certificate is shown, may change at any
//! moment; open connections are cut then, so that the next message meets the new state of things.

mod desk;
mod front;
mod pest;
mod reply;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, MutexGuard, PoisonError};

use exchange::development::Issued;
use exchange::identity::Registration;
use exchange::message::Message;
use exchange::profile::{Catalogue, Profile, ProfileError};
use exchange::soap::{Decoder, Limits};
use exchange::{Binding, Country};
use straznica_exchange_wire::SpocMaterial;
use straznica_exchange_wire::client::PartnerClient;
use straznica_exchange_wire::development::{
    DevelopmentSpoc, DevelopmentSpocError, FixedAdmission, SpocKeys, credential,
};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig, GrpcClientError, GrpcServer, GrpcServerConfig};
use straznica_exchange_wire::material::MaterialError;
use straznica_exchange_wire::soap::{
    Profiles, SoapClient, SoapLimits, SoapServer, SoapServerParts, SoapTimeouts, SoapTls, SoapTlsError, SoapUrl,
    SoapUrlError,
};
use straznica_exchange_wire::{Admission, Credential, CrlConfig, CrlSource, CurrentMaterial, Judge, MemoryCrls};
use straznica_types::SharedClock;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use front::Line;
pub use pest::PestError;
pub use reply::{End, Reply};

use super::SpocPartner;
use desk::Desk;
use front::Front;

/// Where the partner is reached, as its certificates name it.
const HOST: &str = "127.0.0.1";

/// Why a partner has no port.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// Its certificates.
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
    /// There is no such profile.
    #[error("there is no profile {0:?}")]
    NoProfile(String),
    /// An address.
    #[error(transparent)]
    Url(#[from] SoapUrlError),
    /// The way to the node.
    #[error(transparent)]
    Client(#[from] GrpcClientError),
    /// No port.
    #[error("no port can be had")]
    Port(#[from] io::Error),
}

/// What a station is made of.
pub struct StationParts {
    /// Who sits in it.
    pub partner: Arc<SpocPartner>,
    /// Its state.
    pub country: Country,
    /// Which binding it speaks.
    pub binding: Binding,
    /// Edition whose words it uses over SOAP: `2009`, `icao`, `2018`.
    pub profile: String,
    /// The node it exchanges messages with: the only one let in.
    pub node: Registration,
    /// Its URL.
    pub node_url: String,
    /// Where that leads.
    pub node_address: SocketAddr,
    /// The time.
    pub clock: SharedClock,
}

/// A partner that can be reached.
pub struct Station {
    partner: Arc<SpocPartner>,
    binding: Binding,
    profile: Arc<Profile>,
    authority: DevelopmentSpoc,
    material: Arc<CurrentMaterial>,
    tls: Arc<SoapTls>,
    front: Arc<Front>,
    desk: Arc<Desk>,
    address: SocketAddr,
    /// Where the node listens.
    node: SocketAddr,
    _stop: DropGuard,
}

impl std::fmt::Debug for Station {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Station")
            .field("partner", &self.partner)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

struct OneProfile(Arc<Profile>);

impl Profiles for OneProfile {
    fn of(&self, _: Country) -> Arc<Profile> {
        self.0.clone()
    }
}

impl Station {
    /// Makes the partner's SPOC certificates, with brainpool keys for SOAP, and opens its port. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`StationError`]
    pub async fn open(parts: StationParts) -> Result<Self, StationError> {
        let StationParts { partner, country, binding, profile, node: them, node_url, node_address: node, clock } =
            parts;
        let catalogue = Arc::new(Catalogue::built_in()?);
        let profile = catalogue.get(&profile).cloned().ok_or(StationError::NoProfile(profile))?;
        let keys = match binding {
            Binding::Grpc => SpocKeys::P256,
            Binding::Soap => SpocKeys::Brainpool,
        };
        let authority = DevelopmentSpoc::start(country, keys, clock.clone()).await?;
        let own = authority.material(HOST)?;
        let tls = SoapTls::server(&own.server, profile.tls())?;
        let material = CurrentMaterial::new(own);
        let lists = CrlSource::new(Arc::new(MemoryCrls::default()), clock.clone(), CrlConfig::development());
        let decoder = Decoder::new(catalogue, Limits::default());
        let admission: Arc<dyn Admission> = FixedAdmission::new(Judge::new(Arc::new(lists), clock), [them.clone()]);

        let outside = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let inside = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, behind) = (outside.local_addr()?, inside.local_addr()?);
        let way: Arc<dyn PartnerClient> = match binding {
            Binding::Grpc => Arc::new(GrpcClient::new(
                them.country,
                &node_url,
                material.clone(),
                admission.clone(),
                GrpcClientConfig::default(),
            )?),
            Binding::Soap => Arc::new(SoapClient {
                country: them.country,
                url: SoapUrl::parse(&node_url)?,
                profile: profile.clone(),
                tls: SoapTls::client(&material.load().client, profile.tls())?,
                admission: admission.clone(),
                decoder: decoder.clone(),
                timeouts: SoapTimeouts::default(),
            }),
        };
        let front = Arc::new(Front::new(binding, profile.clone(), behind, material.clone()));
        let desk = Arc::new(Desk::new(partner.clone(), them.country, way, front.clone()));
        let stop = CancellationToken::new();
        match binding {
            Binding::Grpc => {
                let config = GrpcServerConfig { drain_seconds: 0, ..GrpcServerConfig::default() };
                let server = GrpcServer::new(material.clone(), admission, desk.clone(), config)?;
                tokio::spawn(server.serve(inside, stop.clone()));
            }
            Binding::Soap => {
                let server = SoapServer::new(SoapServerParts {
                    application: desk.clone(),
                    admission,
                    profiles: Arc::new(OneProfile(profile.clone())),
                    decoder,
                    tls: tls.clone(),
                    url: SoapUrl::parse(&url(binding, address))?,
                    limits: SoapLimits { drain_seconds: 0, ..SoapLimits::default() },
                });
                tokio::spawn(server.serve(inside, stop.clone()));
            }
        }
        tokio::spawn(front.clone().serve(outside, stop.clone()));
        let _stop = stop.drop_guard();
        Ok(Self { partner, binding, profile, authority, material, tls, front, desk, address, node, _stop })
    }

    /// Who sits in it.
    #[must_use]
    pub fn partner(&self) -> &Arc<SpocPartner> {
        &self.partner
    }

    /// Where it is registered.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.binding, self.address)
    }

    /// Its authority: roots, certificates, revocation lists.
    #[must_use]
    pub const fn authority(&self) -> &DevelopmentSpoc {
        &self.authority
    }

    /// The edition whose words it uses.
    #[must_use]
    pub const fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// From now on the line does this. Open connections end.
    pub fn set_line(&self, line: Line) {
        self.front.set(line);
    }

    /// Shows this certificate from now on, as server and client. Open connections end.
    ///
    /// # Errors
    /// [`StationError`] when it cannot be shown over this binding.
    pub fn show(&self, issued: &Issued) -> Result<(), StationError> {
        self.wear(credential(issued)?)
    }

    /// Shows a certificate as the standards want it from now on.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn show_the_proper_one(&self) -> Result<(), StationError> {
        self.show(&self.authority.issue(&self.authority.request(HOST))?)
    }

    fn wear(&self, credential: Credential) -> Result<(), StationError> {
        match self.binding {
            // the SOAP client keeps its own: a partner shows another certificate where it is asked
            Binding::Soap => self.tls.replace(&credential, self.profile.tls())?,
            Binding::Grpc => {
                credential.certified_key()?;
            }
        }
        self.material.replace(SpocMaterial::of_one(credential));
        self.front.cut();
        Ok(())
    }

    /// Connections it was met with so far.
    #[must_use]
    pub fn visits(&self) -> usize {
        self.front.visits()
    }

    /// Every message the partner got, in order, repetitions included.
    pub fn heard(&self) -> MutexGuard<'_, Vec<Message>> {
        self.desk.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partner's way to the node.
    #[must_use]
    pub fn way(&self) -> &dyn PartnerClient {
        self.desk.way()
    }

    /// Delivers what the partner has for the node, once. Returns how much is left.
    pub async fn deliver(&self) -> usize {
        self.desk.deliver().await
    }
}

fn url(binding: Binding, address: SocketAddr) -> String {
    match binding {
        Binding::Grpc => format!("https://{address}"),
        Binding::Soap => format!("https://{address}/SPOC"),
    }
}
