//! Our own SPOC certificates and keys, for each binding that is configured.

use std::sync::Arc;

use exchange::bundle::Bundle;
use exchange::profile::{Catalogue, Profile, TlsParameters};
use rustls::sign::SigningKey;
use straznica_exchange_wire::material::{Credential, CredentialFiles, CurrentMaterial, SpocMaterial};
use straznica_exchange_wire::soap::SoapTls;
use straznica_exchange_wire::{Binding, bundle};
use straznica_types::Environment;

use super::LinkError;
use crate::app::exchange::fallback::BundleSigner;
use crate::app::exchange::own_certificates::OwnCertificate;
use crate::config::{CredentialConfig, ExchangeConfig, KeyStoreConfig};
use crate::error::SpocError;
use crate::keystore::{HandshakeTurns, KeyHandle, KeyStore, KeyStoreError, tls_signer};

/// What each binding proves our identity with; replaced while the node runs.
#[derive(Debug)]
pub(crate) struct Credentials {
    config: ExchangeConfig,
    keystore: TlsKeys,
    offered: TlsParameters,
    /// For gRPC.
    pub(crate) grpc: Option<Arc<CurrentMaterial>>,
    /// For SOAP.
    pub(crate) soap: Option<SoapEnds>,
}

/// The key store as handshakes use it.
#[derive(Debug)]
pub(crate) struct TlsKeys {
    store: Arc<dyn KeyStore>,
    turns: Arc<HandshakeTurns>,
    environment: Environment,
}

impl TlsKeys {
    pub(crate) fn new(store: Arc<dyn KeyStore>, config: &KeyStoreConfig, environment: Environment) -> Self {
        Self { store, turns: Arc::new(HandshakeTurns::of(config)), environment }
    }

    fn signer(&self, handle: KeyHandle) -> Result<Arc<dyn SigningKey>, KeyStoreError> {
        tls_signer(Arc::clone(&self.store), handle, Arc::clone(&self.turns))
    }
}

/// TLS of the SOAP binding, both ends.
#[derive(Debug, Clone)]
pub(crate) struct SoapEnds {
    pub(crate) client: Arc<SoapTls>,
    pub(crate) server: Arc<SoapTls>,
    /// What they were made of.
    material: Arc<CurrentMaterial>,
}

impl Credentials {
    /// Reads what is configured. Blocks.
    ///
    /// # Errors
    /// [`LinkError`]
    pub(crate) fn read(config: &ExchangeConfig, keystore: TlsKeys, profiles: &Catalogue) -> Result<Self, LinkError> {
        let offered = TlsParameters::together(profiles.iter().map(|profile| profile.tls()));
        let offered = offered.ok_or(LinkError::NoProfile)?;
        let grpc = match &config.grpc {
            Some(binding) => Some(CurrentMaterial::new(material(&binding.client, &binding.server, &keystore)?)),
            None => None,
        };
        let soap = match &config.soap {
            Some(binding) => {
                let material = material(&binding.client, &binding.server, &keystore)?;
                Some(SoapEnds {
                    client: SoapTls::client(&material.client, &offered)?,
                    server: SoapTls::server(&material.server, &offered)?,
                    material: CurrentMaterial::new(material),
                })
            }
            None => None,
        };
        Ok(Self { config: config.clone(), keystore, offered, grpc, soap })
    }

    /// Reads the files again and puts them in force for connections to come. Blocks.
    ///
    /// # Errors
    /// [`LinkError`]; for the binding at fault the old ones stay. Where both are, that of gRPC.
    pub(crate) fn reload(&self) -> Result<(), LinkError> {
        // One binding's files say nothing of the other's.
        let (grpc, soap) = (self.reload_grpc(), self.reload_soap());
        grpc.and(soap)
    }

    fn reload_grpc(&self) -> Result<(), LinkError> {
        if let (Some(binding), Some(current)) = (&self.config.grpc, &self.grpc) {
            current.replace(material(&binding.client, &binding.server, &self.keystore)?);
        }
        Ok(())
    }

    fn reload_soap(&self) -> Result<(), LinkError> {
        if let (Some(binding), Some(ends)) = (&self.config.soap, &self.soap) {
            let material = material(&binding.client, &binding.server, &self.keystore)?;
            ends.client.replace(&material.client, &self.offered)?;
            ends.server.replace(&material.server, &self.offered)?;
            ends.material.replace(material);
        }
        Ok(())
    }

    /// Whether any binding is configured.
    pub(crate) const fn is_any(&self) -> bool {
        self.grpc.is_some() || self.soap.is_some()
    }
}

/// A bundle proves our identity as the link it stands in for would.
impl BundleSigner for Credentials {
    fn sign(&self, binding: Binding, bundle: &Bundle, profile: &Profile) -> Result<Vec<u8>, SpocError> {
        let material = match binding {
            Binding::Grpc => self.grpc.as_ref(),
            Binding::Soap => self.soap.as_ref().map(|ends| &ends.material),
        };
        let material = material.ok_or(SpocError::NoCredentials)?.load();
        Ok(bundle::sign(&material.client, bundle, profile)?)
    }

    fn certificates(&self) -> Vec<OwnCertificate> {
        let soap = self.soap.as_ref().map(|ends| &ends.material);
        let in_force = [(Binding::Grpc, self.grpc.as_ref()), (Binding::Soap, soap)];
        let in_force = in_force.into_iter().filter_map(|(binding, current)| Some((binding, current?.load())));
        let both_sides = |(binding, material): (Binding, Arc<SpocMaterial>)| {
            [("client", &material.client), ("server", &material.server)]
                .map(|(side, credential)| OwnCertificate::read(binding, side, credential.chain()))
        };
        in_force.flat_map(both_sides).flatten().collect()
    }
}

fn material(
    client: &CredentialConfig,
    server: &CredentialConfig,
    keystore: &TlsKeys,
) -> Result<SpocMaterial, LinkError> {
    Ok(SpocMaterial { client: credential(client, keystore)?, server: credential(server, keystore)? })
}

fn credential(config: &CredentialConfig, keystore: &TlsKeys) -> Result<Credential, LinkError> {
    let CredentialConfig { certificate_chain, private_key, passphrase, key_handle } = config;
    match (private_key, key_handle) {
        (Some(private_key), None) => {
            let files = CredentialFiles {
                certificate_chain: certificate_chain.clone(),
                private_key: private_key.clone(),
                passphrase: passphrase.clone(),
            };
            if keystore.environment == Environment::Production && !files.is_encrypted()? {
                return Err(LinkError::PlainKey { path: private_key.clone() });
            }
            Ok(Credential::read(&files)?)
        }
        (None, Some(handle)) => {
            let handle: KeyHandle = handle.parse()?;
            let unreadable = |source| LinkError::File { path: certificate_chain.clone(), source };
            let chain = std::fs::read(certificate_chain).map_err(unreadable)?;
            Ok(Credential::in_token(&chain, keystore.signer(handle)?)?)
        }
        (Some(_), Some(_)) | (None, None) => Err(LinkError::Key),
    }
}
