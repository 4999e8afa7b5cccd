//! TLS configurations that can be replaced while the node runs.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::{Resumption, WebPkiServerVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
    time_provider::TimeProvider as _,
    version::TLS13,
};
use rustls_pki_types::CertificateDer;
use straznica_types::{Environment, SharedClock};

use crate::{
    DEVELOPMENT_PREFIX,
    clock::InjectedTime,
    deny::{DenySet, revoked_by},
    error::{PeerError, TlsError},
    identity::{PeerIdentity, PeerRole},
    material::{TlsFiles, TlsMaterial},
};

/// Most certificates taken on from another listener.
const LONGEST_CHAIN: usize = 6;
/// Largest of them, in bytes.
const LARGEST_CERTIFICATE: usize = 16 * 1024;

/// What a listener is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerUse {
    /// gRPC between services: client certificate required, HTTP/2 only.
    Grpc,
    /// REST for terminals: client certificate required, HTTP/2 or HTTP/1.1.
    HttpMutual,
    /// Pages for people: no client certificate, HTTP/2 or HTTP/1.1.
    HttpOpen,
}

/// Whether [`Tls::reload`] found something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The files are what they were.
    Unchanged,
    /// The new material is in force.
    Replaced,
}

/// The TLS configurations of a node, made from one set of material and replaced together.
#[derive(Debug)]
pub struct Tls {
    files: Option<TlsFiles>,
    environment: Environment,
    clock: SharedClock,
    current: ArcSwap<Configurations>,
    /// One replacement at a time, so that configurations and revocations belong together.
    replacing: Mutex<()>,
    denied: DenySet,
}

#[derive(Debug)]
struct Configurations {
    own: Arc<PeerIdentity>,
    digest: [u8; 32],
    grpc_server: Arc<ServerConfig>,
    http_mutual: Arc<ServerConfig>,
    http_open: Arc<ServerConfig>,
    clients: Arc<dyn ClientCertVerifier>,
    grpc_client: Arc<ClientConfig>,
}

impl Tls {
    /// From files, which [`reload`](Self::reload) reads again. Blocks.
    ///
    /// # Errors
    /// [`TlsError`] when the files do not hold up or belong to another environment.
    pub fn from_files(files: TlsFiles, environment: Environment, clock: SharedClock) -> Result<Arc<Self>, TlsError> {
        let material = TlsMaterial::read(&files)?;
        Self::new(Some(files), material, environment, clock)
    }

    /// From material held in memory.
    ///
    /// # Errors
    /// [`TlsError`] when it does not fit together or belongs to another environment.
    pub fn from_material(
        material: TlsMaterial,
        environment: Environment,
        clock: SharedClock,
    ) -> Result<Arc<Self>, TlsError> {
        Self::new(None, material, environment, clock)
    }

    fn new(
        files: Option<TlsFiles>,
        material: TlsMaterial,
        environment: Environment,
        clock: SharedClock,
    ) -> Result<Arc<Self>, TlsError> {
        refuse_foreign_environment(&material, environment)?;
        let revoked = revoked_by(&material.revocation_lists)?;
        let configurations = Configurations::new(material, &clock)?;
        let denied = DenySet::default();
        denied.replace_revoked(revoked);
        let current = ArcSwap::from_pointee(configurations);
        Ok(Arc::new(Self { files, environment, clock, current, replacing: Mutex::new(()), denied }))
    }

    /// Puts new material in force for connections to come; open ones keep theirs, but what the new revocation lists name is refused at its
    /// next request.
    ///
    /// # Errors
    /// [`TlsError`]; the old material stays in force.
    pub fn replace(&self, material: TlsMaterial) -> Result<(), TlsError> {
        let _alone = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        refuse_foreign_environment(&material, self.environment)?;
        let (old, new) = (self.own().spiffe_id(), material.own.spiffe_id());
        if old != new {
            return Err(TlsError::OtherIdentity { old, new });
        }
        let revoked = revoked_by(&material.revocation_lists)?;
        let configurations = Configurations::new(material, &self.clock)?;
        self.current.store(Arc::new(configurations));
        self.denied.replace_revoked(revoked);
        Ok(())
    }

    /// Reads the files again and puts them in force if they changed. Blocks.
    ///
    /// # Errors
    /// [`TlsError`]; the old material stays in force.
    pub fn reload(&self) -> Result<Reload, TlsError> {
        let files = self.files.as_ref().ok_or(TlsError::NoFiles)?;
        let material = TlsMaterial::read(files)?;
        if material.digest == self.current.load().digest {
            return Ok(Reload::Unchanged);
        }
        self.replace(material)?;
        Ok(Reload::Replaced)
    }

    /// Whether there are files to reload from.
    pub fn is_from_files(&self) -> bool {
        self.files.is_some()
    }

    /// Whom the own certificate names.
    pub fn own(&self) -> Arc<PeerIdentity> {
        self.current.load().own.clone()
    }

    /// The configuration for the next connection of a listener.
    pub fn server_config(&self, r#use: ServerUse) -> Arc<ServerConfig> {
        let current = self.current.load();
        match r#use {
            ServerUse::Grpc => &current.grpc_server,
            ServerUse::HttpMutual => &current.http_mutual,
            ServerUse::HttpOpen => &current.http_open,
        }
        .clone()
    }

    /// The configuration for the next connection to a service (HTTP/2).
    pub fn client_config(&self) -> Arc<ClientConfig> {
        self.current.load().grpc_client.clone()
    }

    /// The certificates refused at every request.
    pub fn denied(&self) -> &DenySet {
        &self.denied
    }

    /// The clock certificates are judged by.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Who is at the other end of a connection whose handshake succeeded. `certificates` is what the peer presented.
    ///
    /// # Errors
    /// [`PeerError`] when there is no certificate, it names nobody, or somebody of another trust domain.
    pub fn identify(&self, certificates: Option<&[CertificateDer<'_>]>) -> Result<PeerIdentity, PeerError> {
        let certificate = certificates.and_then(<[_]>::first).ok_or(PeerError::NoCertificate)?;
        let peer = PeerIdentity::from_certificate(certificate)?;
        if peer.trust_domain != self.current.load().own.trust_domain {
            return Err(PeerError::TrustDomain);
        }
        Ok(peer)
    }

    /// Who somebody is whom another listener of the suite let in: what was presented there, looked at as if it had been presented here. Only their key's
    /// possession is that listener's to vouch for.
    ///
    /// # Errors
    /// [`PeerError`] when it does not lead to our anchors, is over or revoked, or names nobody of this trust domain.
    pub fn vouched(&self, presented: &[Vec<u8>]) -> Result<PeerIdentity, PeerError> {
        if presented.len() > LONGEST_CHAIN
            || presented.iter().any(|certificate| certificate.len() > LARGEST_CERTIFICATE)
        {
            return Err(PeerError::Untrusted);
        }
        let chain: Vec<CertificateDer<'_>> = presented.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let (own, above) = chain.split_first().ok_or(PeerError::NoCertificate)?;
        let now = InjectedTime(self.clock.clone()).current_time().ok_or(PeerError::Expired)?;
        self.current.load().clients.verify_client_cert(own, above, now).map_err(|_| PeerError::Untrusted)?;
        let peer = self.identify(Some(&chain))?;
        self.check(&peer)?;
        Ok(peer)
    }

    /// The server at the other end is the one that was called.
    ///
    /// # Errors
    /// [`PeerError`] when it is not, or is refused by now.
    pub fn verify_server(
        &self,
        certificates: Option<&[CertificateDer<'_>]>,
        expected: &PeerRole,
    ) -> Result<PeerIdentity, PeerError> {
        let peer = self.identify(certificates)?;
        if peer.role != *expected {
            return Err(PeerError::Unexpected { expected: expected.to_string(), found: peer.role.to_string() });
        }
        self.check(&peer)?;
        Ok(peer)
    }

    /// The peer of an open connection may still be talked to: asked at every request.
    ///
    /// # Errors
    /// [`PeerError::Expired`] or [`PeerError::Revoked`].
    pub fn check(&self, peer: &PeerIdentity) -> Result<(), PeerError> {
        if !peer.is_valid_at(self.clock.now()) {
            return Err(PeerError::Expired);
        }
        if self.denied.denies(peer) {
            return Err(PeerError::Revoked);
        }
        Ok(())
    }
}

fn refuse_foreign_environment(material: &TlsMaterial, environment: Environment) -> Result<(), TlsError> {
    let development = material.own.trust_domain.starts_with(DEVELOPMENT_PREFIX);
    if development && environment == Environment::Production {
        return Err(TlsError::DevelopmentInProduction(material.own.trust_domain.clone()));
    }
    Ok(())
}

impl Configurations {
    fn new(material: TlsMaterial, clock: &SharedClock) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut anchors = RootCertStore::empty();
        for anchor in &material.anchors {
            anchors.add(anchor.clone())?;
        }
        let anchors = Arc::new(anchors);
        let mut clients = WebPkiClientVerifier::builder_with_provider(anchors.clone(), provider.clone());
        if !material.revocation_lists.is_empty() {
            clients = clients.with_crls(material.revocation_lists.clone()).enforce_revocation_expiration();
        }
        let clients = clients.build()?;
        let server = |r#use| server_config(r#use, &material, &clients, &provider, clock).map(Arc::new);
        Ok(Self {
            grpc_server: server(ServerUse::Grpc)?,
            http_mutual: server(ServerUse::HttpMutual)?,
            http_open: server(ServerUse::HttpOpen)?,
            clients: clients.clone(),
            grpc_client: Arc::new(client_config(&material, &anchors, &provider, clock)?),
            digest: material.digest,
            own: Arc::new(material.own),
        })
    }
}

fn server_config(
    r#use: ServerUse,
    material: &TlsMaterial,
    clients: &Arc<dyn ClientCertVerifier>,
    provider: &Arc<CryptoProvider>,
    clock: &SharedClock,
) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_details(provider.clone(), Arc::new(InjectedTime(clock.clone())))
        .with_protocol_versions(&[&TLS13])?;
    let builder = match r#use {
        ServerUse::HttpOpen => builder.with_no_client_auth(),
        ServerUse::Grpc | ServerUse::HttpMutual => builder.with_client_cert_verifier(clients.clone()),
    };
    let mut config = builder.with_single_cert(material.chain.clone(), material.key.clone_key())?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = match r#use {
        ServerUse::Grpc => vec![b"h2".to_vec()],
        ServerUse::HttpMutual | ServerUse::HttpOpen => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
    };
    Ok(config)
}

fn client_config(
    material: &TlsMaterial,
    anchors: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
    clock: &SharedClock,
) -> Result<ClientConfig, TlsError> {
    let mut verifier = WebPkiServerVerifier::builder_with_provider(anchors.clone(), provider.clone());
    if !material.revocation_lists.is_empty() {
        verifier = verifier.with_crls(material.revocation_lists.clone()).enforce_revocation_expiration();
    }
    let mut config = ClientConfig::builder_with_details(provider.clone(), Arc::new(InjectedTime(clock.clone())))
        .with_protocol_versions(&[&TLS13])?
        .with_webpki_verifier(verifier.build()?)
        .with_client_auth_cert(material.chain.clone(), material.key.clone_key())?;
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}
