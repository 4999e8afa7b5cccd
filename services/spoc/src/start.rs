//! From configuration to a service ready to run.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

use emrtd::x509::{CertificateError, Fingerprint};
use exchange::{
    Country,
    bundle::LARGEST_FILE,
    country::NotACountry,
    profile::{Catalogue, Profile, ProfileError},
};
use straznica_contracts::spoc::v1::{
    issuing_service_server::IssuingServiceServer, message_service_server::MessageServiceServer,
    national_pki_service_server::NationalPkiServiceServer, partner_service_server::PartnerServiceServer,
    subscription_service_server::SubscriptionServiceServer,
    terminal_control_centre_service_server::TerminalControlCentreServiceServer,
    trust_service_server::TrustServiceServer,
};
use straznica_exchange_wire::{Admission, CrlSource, Judge};
use straznica_journal::Footing;
use straznica_runtime::service::{ServiceContext, ServiceParts, StartError};
use straznica_types::Environment;
use tokio::sync::Semaphore;
use tonic::service::Routes;

use crate::{
    app::{
        App,
        control_centre::ControlCentre,
        document_trust::DocumentTrust,
        exchange::{
            admission::{LastRefusals, PartnerAdmission},
            contacts::{KeptCrls, Noted},
            delivery,
            fallback::BundleSigner,
            partners::Partners,
        },
    },
    config::{Config, ExchangeConfig, KeyStoreConfig},
    domain::{
        environment,
        exchange::policy::{Policy, PolicyError},
        shift::ShiftPlan,
    },
    jobs,
    keystore::{self, KeyStore, KeyStoreError},
    links::{Credentials, LinkError, PartnerClients, Sockets, TlsKeys},
    metrics::Metrics,
    rpc::Handler,
    store::{Migrations, node},
    timewatch::TimeWatch,
};

/// What a message has beside the file it carries: names, the certificates of authorities.
const FRAME: usize = 64 * 1024;

/// Opens database, journal and key store, takes the trust in, and gives what [`straznica_runtime::service::run`] runs.
///
/// # Errors
/// [`StartError`] names the part that failed: configuration, database, key store (wrong secret, other environment), journal or trust.
pub async fn build(config: &Config, context: &ServiceContext) -> Result<ServiceParts, StartError> {
    let failed = |failure: LinkError| StartError::part("the exchange with other states", failure);
    let sockets = Sockets::bind(&config.exchange).await.map_err(failed)?;
    let app = open(config, context).await?;
    serve(&app, sockets).await
}

/// What runs around the application, and the ways to partners it is given. Nothing of it outlives the parts: the database closes with them.
async fn serve(app: &Arc<App>, sockets: Sockets) -> Result<ServiceParts, StartError> {
    let failed = |failure: LinkError| StartError::part("the exchange with other states", failure);
    let keystore = TlsKeys::new(Arc::clone(&app.keystore), &app.config.keystore, app.environment);
    let (exchange, profiles) = (app.config.exchange.clone(), Arc::clone(&app.profiles));
    let read = move || Credentials::read(&exchange, keystore, &profiles);
    let credentials = tokio::task::spawn_blocking(read)
        .await
        .map_err(|failure| StartError::part("the exchange with other states", failure))?;
    let credentials = Arc::new(credentials.map_err(failed)?);
    let mut parts = parts(app);
    if credentials.is_any() {
        let admission: Arc<dyn Admission> = Arc::new(PartnerAdmission::new(app));
        let clients = PartnerClients::new(
            &app.config.exchange,
            Arc::clone(&credentials),
            Arc::clone(&admission),
            Arc::clone(&app.profiles),
        );
        // Set once: this is the only place.
        let _ = app.clients.set(Arc::new(clients));
        let _ = app.bundles.set(Arc::clone(&credentials) as Arc<dyn BundleSigner>);
        parts.servers = sockets.servers(app, &credentials, &admission).map_err(failed)?;
        parts.jobs.push(jobs::credentials(credentials));
    }
    Ok(parts)
}

/// The application behind every listener and job.
///
/// # Errors
/// As [`build`].
pub(crate) async fn open(config: &Config, context: &ServiceContext) -> Result<Arc<App>, StartError> {
    environment::permits(context.environment, &config.country)
        .map_err(|refusal| StartError::part("the configured country", refusal))?;
    let shifts = ShiftPlan::parse(&config.terminal_authentication.shift_boundaries_utc)
        .map_err(|fault| StartError::part("the shift plan", fault))?;
    let country: Country =
        config.country.parse().map_err(|fault: NotACountry| StartError::part("the configured country", fault))?;
    let profiles = profiles(&config.exchange.profile_files).await?;
    let other_environment = other_environment(&config.exchange, context.environment).await?;
    let policy = policy(config.policy_file.as_deref()).await?;
    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;
    let (store, journal) = (footing.store, footing.journal);
    node::belongs_to(&store, context.environment)
        .await
        .map_err(|failure| StartError::part("the database of spoc", failure))?;
    delivery::take_up_after_a_restart(&store)
        .await
        .map_err(|failure| StartError::part("the messages of spoc", failure))?;
    let keystore = open_keystore(config.keystore.clone(), context.environment, config.country.clone()).await?;
    let time_watch = TimeWatch::new(&config.time_watch, context.environment, context.clock.clone())
        .map_err(|fault| StartError::part("the time watch", fault))?;
    let parallel = config.terminal_authentication.parallel_signatures.clamp(1, Semaphore::MAX_PERMITS);
    let crls = Arc::new(KeptCrls(store.clone()));
    let fetching = config.exchange.revocation_lists.fetching(context.environment);
    let crls = CrlSource::new(crls, context.clock.clone(), fetching);
    let judge = Judge::new(Arc::new(crls), context.clock.clone());
    let app = Arc::new(App {
        config: config.clone(),
        environment: context.environment,
        store,
        journal,
        clock: context.clock.clone(),
        keystore,
        control: ControlCentre::default(),
        documents: DocumentTrust::empty(context.environment),
        country,
        partners: Partners::default(),
        contacts: Noted::default(),
        last_refusals: LastRefusals::default(),
        judge,
        profiles: Arc::new(profiles),
        other_environment,
        shifts,
        policy,
        signing: Arc::new(Semaphore::new(parallel)),
        issuing: Arc::new(Semaphore::new(config.issuing.parallel_requests.clamp(1, Semaphore::MAX_PERMITS))),
        clients: OnceLock::new(),
        bundles: OnceLock::new(),
        refused_messages: Mutex::default(),
        quota: Mutex::default(),
        taking_turns: tokio::sync::Mutex::default(),
        metrics: Metrics::new(),
        time_watch,
    });
    app.refresh().await.map_err(|failure| StartError::part("the trust held", failure))?;
    tracing::info!(policy = app.policy.title(), "the certificate policy in force");
    Ok(app)
}

fn parts(app: &Arc<App>) -> ServiceParts {
    let limit = app.config.trust.max_list_bytes.saturating_add(FRAME);
    // What officers bring in files; a little too much gets the words of the one that refuses it.
    let crl = app.config.exchange.revocation_lists.max_bytes;
    let brought = limit.max(LARGEST_FILE.saturating_add(FRAME)).max(crl.saturating_add(FRAME));
    let handler = Handler::new(Arc::clone(app));
    let grpc = Routes::new(TerminalControlCentreServiceServer::new(handler.clone()))
        .add_service(NationalPkiServiceServer::new(handler.clone()))
        .add_service(MessageServiceServer::new(handler.clone()))
        .add_service(PartnerServiceServer::new(handler.clone()).max_decoding_message_size(brought))
        .add_service(IssuingServiceServer::new(handler.clone()))
        .add_service(SubscriptionServiceServer::new(handler.clone()))
        .add_service(
            TrustServiceServer::new(handler).max_decoding_message_size(limit).max_encoding_message_size(usize::MAX),
        );
    let footing = Footing::of(app.store.clone(), app.journal.clone(), &app.config.journal, app.clock.clone());
    let mut parts = footing.parts(grpc);
    parts.jobs.extend(jobs::all(app));
    parts
}

/// Why a profile file of the operator's is not taken.
#[derive(Debug, thiserror::Error)]
enum ProfileFileError {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Unread {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no profile.
    #[error("{} is no profile", path.display())]
    NoProfile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: ProfileError,
    },
    /// Which of the two rules could only be guessed.
    #[error("{} and {} are both called {name:?}", first.display(), path.display())]
    Twice {
        /// The one read before.
        first: PathBuf,
        /// The one of the same name.
        path: PathBuf,
        /// That name.
        name: String,
    },
}

/// The profiles that come with the program, and the operator's own.
async fn profiles(files: &[PathBuf]) -> Result<Catalogue, StartError> {
    let failed = |failure: ProfileError| StartError::part("the profiles of spoc", failure);
    let refused = |failure: ProfileFileError| StartError::part("the profile files of spoc", failure);
    let mut catalogue = Catalogue::built_in().map_err(failed)?;
    let mut read: BTreeMap<String, &PathBuf> = BTreeMap::new();
    for file in files {
        let path = || file.clone();
        let text = tokio::fs::read_to_string(file).await;
        let text = text.map_err(|source| refused(ProfileFileError::Unread { path: path(), source }))?;
        let profile = Profile::from_toml(&text);
        let profile = profile.map_err(|source| refused(ProfileFileError::NoProfile { path: path(), source }))?;
        if let Some(first) = read.insert(profile.name().to_owned(), file) {
            let (first, name) = (first.clone(), profile.name().to_owned());
            return Err(refused(ProfileFileError::Twice { first, path: path(), name }));
        }
        tracing::info!(profile = profile.name(), file = %file.display(), verified = profile.verified(), "a profile of ours");
        catalogue.add(profile);
    }
    Ok(catalogue)
}

/// Fingerprints a line, empty lines and those that begin with `#` passed over.
async fn other_environment(config: &ExchangeConfig, environment: Environment) -> Result<BTreeSet<String>, StartError> {
    const WHAT: &str = "the fingerprints of the other environment";
    let failed = |failure: CertificateError| StartError::part(WHAT, failure);
    let Some(file) = &config.other_environment else {
        if config.grpc.is_some() || config.soap.is_some() {
            tracing::warn!(%environment, "spoc.exchange.other_environment is not set: roots and CVCA certificates of the other environment are refused only where they show it");
        }
        return Ok(BTreeSet::new());
    };
    let text = tokio::fs::read_to_string(file).await.map_err(|failure| StartError::part(WHAT, failure))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.parse().map(|fingerprint: Fingerprint| fingerprint.to_string()).map_err(failed)).collect()
}

async fn policy(file: Option<&Path>) -> Result<Policy, StartError> {
    let Some(file) = file else { return Ok(Policy::embedded()) };
    let text = tokio::fs::read_to_string(file)
        .await
        .map_err(|failure| StartError::part("the policy file of spoc", failure))?;
    Policy::parse(&text).map_err(|fault: PolicyError| StartError::part("the policy file of spoc", fault))
}

async fn open_keystore(
    config: KeyStoreConfig,
    environment: Environment,
    country: String,
) -> Result<Arc<dyn KeyStore>, StartError> {
    let opened = tokio::task::spawn_blocking(move || keystore::open(&config, environment, &country)).await;
    let failed = |failure: KeyStoreError| StartError::part("the key store of spoc", failure);
    opened.map_err(|failure| StartError::part("the key store of spoc", failure))?.map_err(failed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use std::sync::Arc;

    use straznica_exchange_wire::development::{DevelopmentSpoc, SpocKeys, write_pem};
    use straznica_store::on_both_engines;

    use straznica_types::{Environment, Secret};

    use super::serve;
    use crate::{
        Migrations,
        config::{CredentialConfig, GrpcBinding},
        links::{Credentials, LinkError, Sockets, TlsKeys},
        testing::House,
    };

    const HOST: &str = "127.0.0.1";

    on_both_engines! { Migrations;
        async fn a_production_node_takes_no_key_that_lies_open(database: TestDatabase) {
            let house = House::new(database);
            let spoc = DevelopmentSpoc::start("PL".parse().unwrap(), SpocKeys::P256, house.clock.shared()).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let (chain, key) = (folder.path().join("spoc.pem"), folder.path().join("spoc.key"));
            let app = house.app().await;
            let passphrase = Secret::new("a word for the key".to_owned());
            let read = |environment, passphrase: Option<&Secret<String>>| {
                let credential = CredentialConfig {
                    certificate_chain: chain.clone(),
                    private_key: Some(key.clone()),
                    passphrase: passphrase.cloned(),
                    key_handle: None,
                };
                let mut exchange = app.config.exchange.clone();
                exchange.grpc = Some(GrpcBinding {
                    listen: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
                    client: credential.clone(),
                    server: credential,
                    limits: Default::default(),
                    calls: Default::default(),
                });
                let keys = TlsKeys::new(Arc::clone(&app.keystore), &app.config.keystore, environment);
                Credentials::read(&exchange, keys, &app.profiles).map(drop)
            };
            let issued = spoc.issue(&spoc.request(HOST)).unwrap();
            write_pem(&issued, &chain, &key, None).unwrap();
            read(Environment::Test, None).unwrap();
            // A passphrase in the configuration does not make the file a closed one.
            for given in [None, Some(&passphrase)] {
                assert!(matches!(read(Environment::Production, given), Err(LinkError::PlainKey { .. })));
            }
            write_pem(&issued, &chain, &key, Some(&passphrase)).unwrap();
            read(Environment::Production, Some(&passphrase)).unwrap();
            assert!(matches!(read(Environment::Production, None), Err(LinkError::Material(_))));
        }

        async fn a_node_that_ends_lets_go_of_its_database(database: TestDatabase) {
            let mut house = House::new(database);
            let spoc = DevelopmentSpoc::start("PL".parse().unwrap(), SpocKeys::P256, house.clock.shared()).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let (chain, key) = (folder.path().join("spoc.pem"), folder.path().join("spoc.key"));
            write_pem(&spoc.issue(&spoc.request(HOST)).unwrap(), &chain, &key, None).unwrap();
            let credential =
                CredentialConfig { certificate_chain: chain, private_key: Some(key), passphrase: None, key_handle: None };
            house.config.exchange.grpc = Some(GrpcBinding {
                listen: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
                client: credential.clone(),
                server: credential,
                limits: Default::default(),
                calls: Default::default(),
            });
            let app = house.app().await;
            let sockets = Sockets::bind(&app.config.exchange).await.unwrap();
            let parts = serve(&app, sockets).await.unwrap();
            assert!(app.clients.get().is_some() && parts.servers.len() == 1, "partners can be met");
            let application = Arc::downgrade(&app);
            drop((app, parts));
            assert!(application.upgrade().is_none(), "nothing holds what holds it");
        }
    }
}
