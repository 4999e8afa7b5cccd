//! The providers that ask people on their phones, made of the configuration.

mod config;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ciba::{
    Acr, AcrLevels, AcrValues, Channel, Ciba, ClientAuthentication, ConfigError, Endpoint, EndpointError, HintForm,
    InvalidKey, MemoryKey, MobileConnect, MobileConnectConfig, ProviderConfig, Response, SignatureAlgorithm,
};
use identifiers::{InvalidIdentifier, PhoneNumber, PhonePrefix};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use straznica_types::{Environment, SharedClock};

pub use config::{ClientKeyConfig, Delivery, Hint, PhoneConfig, PhoneKind, PromptConfig};

/// Why a provider cannot be asked as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// Its name is none.
    #[error("{0:?}: 1 to 64 letters, digits, '.', '_' or '-' expected")]
    Name(String),
    /// Two have the same name.
    #[error("{0}: configured twice")]
    Twice(String),
    /// A file cannot be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: pem::Error,
    },
    /// Certificates that are none.
    #[error("{}: {cause}", path.display())]
    Roots {
        /// Of which file.
        path: PathBuf,
        /// Why.
        cause: rustls::Error,
    },
    /// TLS cannot be prepared.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// An algorithm nobody signs with.
    #[error("{0:?}: ES256, ES384, EdDSA, PS256 or RS256 expected")]
    Algorithm(String),
    /// The key is not one for its algorithm.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// The classes of authentication are none, twice the same, or not of the provider.
    #[error("{0}: acr_values or levels")]
    Levels(String),
    /// The address for notifications is none.
    #[error("notification_uri: {0}")]
    NotificationUri(EndpointError),
    /// It is missing.
    #[error("{0}: notification_uri is missing")]
    NoNotificationUri(String),
    /// A prefix that is none.
    #[error(transparent)]
    Prefix(#[from] InvalidIdentifier),
    /// A time out of bounds.
    #[error("{0}: ask_seconds from 1 to 20, look_seconds from 1 to 40")]
    Times(String),
    /// The adapter refuses the rest.
    #[error(transparent)]
    Provider(#[from] ConfigError),
}

/// A provider.
#[derive(Debug)]
pub(crate) struct Phone {
    name: String,
    prefixes: Vec<PhonePrefix>,
    pub(crate) channel: Box<dyn Channel>,
    pub(crate) acr_values: AcrValues,
    /// It is given a token to notify with.
    pub(crate) notifies: bool,
}

impl Phone {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// All of them, in the order they are asked.
#[derive(Debug, Default)]
pub(crate) struct Phones(Vec<Phone>);

impl Phones {
    /// As configured. Nothing is fetched before the first question.
    pub(crate) fn open(
        configs: &[PhoneConfig],
        environment: Environment,
        clock: &SharedClock,
    ) -> Result<Self, PhoneError> {
        let mut phones: Vec<Phone> = Vec::new();
        for config in configs {
            if phones.iter().any(|phone| phone.name == config.name) {
                return Err(PhoneError::Twice(config.name.clone()));
            }
            phones.push(phone(config, environment, clock)?);
        }
        Ok(Self(phones))
    }

    /// Whoever asks this number.
    pub(crate) fn serving(&self, number: &PhoneNumber) -> Option<&Phone> {
        let serves = |phone: &&Phone| {
            phone.prefixes.is_empty() || phone.prefixes.iter().any(|prefix| number.starts_with(prefix))
        };
        self.0.iter().find(serves)
    }

    /// Anyone: where there is no number.
    pub(crate) fn any(&self) -> Option<&Phone> {
        self.0.first()
    }

    /// The one of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Phone> {
        self.0.iter().find(|phone| phone.name == name)
    }

    /// Whether any of them notifies.
    pub(crate) fn notify(&self) -> bool {
        self.0.iter().any(|phone| phone.notifies)
    }

    /// Whether there is any.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn phone(config: &PhoneConfig, environment: Environment, clock: &SharedClock) -> Result<Phone, PhoneError> {
    straznica_types::check_name(&config.name).map_err(|_| PhoneError::Name(config.name.clone()))?;
    if !(1..=20).contains(&config.ask_seconds) || !(1..=40).contains(&config.look_seconds) {
        return Err(PhoneError::Times(config.name.clone()));
    }
    let unfit = || PhoneError::Levels(config.name.clone());
    let classes = |texts: &[String]| texts.iter().map(|text| Acr::new(text)).collect::<Option<Vec<_>>>();
    let acr_values = classes(&config.acr_values).and_then(AcrValues::new).ok_or_else(unfit)?;
    // Mobile Connect's adapter has levels of its own.
    let levels = if config.kind == PhoneKind::Ciba { &config.levels } else { &config.acr_values };
    let levels = classes(levels).and_then(AcrLevels::new).ok_or_else(unfit)?;
    let authentication = ClientAuthentication::PrivateKeyJwt(Arc::new(client_key(&config.key)?));
    let tls = client_tls(config)?;
    let tls = Arc::new(move || tls.clone());
    let mut provider = ProviderConfig::new(&config.issuer, &config.client_id, authentication, levels, tls, environment);
    provider.scope.clone_from(&config.scope);
    provider.limits.ask_time = Duration::from_secs(config.ask_seconds);
    provider.limits.look_time = Duration::from_secs(config.look_seconds);
    let notifies = config.delivery == Delivery::Notify;
    let channel: Box<dyn Channel> = match config.kind {
        PhoneKind::Ciba => {
            let delivery = if notifies { ciba::Delivery::Ping } else { ciba::Delivery::Poll };
            let hint = match config.hint {
                Hint::Number => HintForm::Number,
                Hint::Tel => HintForm::Tel,
            };
            Box::new(Ciba::new(provider, delivery, hint, clock.clone())?)
        }
        PhoneKind::MobileConnect => {
            let response =
                if notifies { Response::Notification(notified_at(config, environment)?) } else { Response::Polling };
            let mut profile = MobileConnectConfig::new(provider, response)?;
            if let Some(version) = &config.version {
                profile.version.clone_from(version);
            }
            Box::new(MobileConnect::new(profile, clock.clone())?)
        }
    };
    let prefixes = config.prefixes.iter().map(|text| PhonePrefix::parse(text)).collect::<Result<_, _>>()?;
    Ok(Phone { name: config.name.clone(), prefixes, channel, acr_values, notifies })
}

fn notified_at(config: &PhoneConfig, environment: Environment) -> Result<Endpoint, PhoneError> {
    let uri = config.notification_uri.as_ref().ok_or_else(|| PhoneError::NoNotificationUri(config.name.clone()))?;
    Endpoint::parse(uri, environment).map_err(PhoneError::NotificationUri)
}

fn client_key(config: &ClientKeyConfig) -> Result<MemoryKey, PhoneError> {
    let algorithm = SignatureAlgorithm::ALL.into_iter().find(|one| one.name() == config.algorithm);
    let algorithm = algorithm.ok_or_else(|| PhoneError::Algorithm(config.algorithm.clone()))?;
    let key = PrivatePkcs8KeyDer::from_pem_file(&config.file)
        .map_err(|cause| PhoneError::File { path: config.file.clone(), cause })?;
    Ok(MemoryKey::from_pkcs8(algorithm, &config.id, key.secret_pkcs8_der())?)
}

/// Whom we trust to be the provider: the certificates of the configuration, and nobody else.
fn client_tls(config: &PhoneConfig) -> Result<Arc<ClientConfig>, PhoneError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &config.roots {
        let failed = |cause| PhoneError::File { path: path.clone(), cause };
        for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
            let certificate = certificate.map_err(failed)?;
            roots.add(certificate).map_err(|cause| PhoneError::Roots { path: path.clone(), cause })?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
