//! Puts the service together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use emrtd::inspection::{Profile, ProfileError};
use straznica_contracts::identity::v1::inspection_service_server::InspectionServiceServer;
use straznica_journal::Journal;
use straznica_pki::PeerIdentity;
use straznica_runtime::service::{Closing, ReadinessCheck, ServiceContext, ServiceParts, StartError};
use straznica_runtime::{channel, limits};
use straznica_store::{Store, migrate};
use straznica_types::Environment;
use tonic::service::Routes;

use crate::app::{App, ControlCentre, Judges, Rules, Trust, TrustSettings};
use crate::config::Config;
use crate::domain::Purposes;
use crate::metrics::Metrics;
use crate::rpc::InspectionHandler;
use crate::{Migrations, jobs};

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
enum ProfileUnusable {
    #[error("the file cannot be read")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

/// Opens the database, brings its schema up to date and puts the service's parts together. Nothing is served yet, and spoc need not be there.
///
/// # Errors
/// [`StartError`] when the database, the journal's keys, the profile, the purposes or spoc's address cannot be used.
pub async fn build(config: &Config, context: &ServiceContext) -> Result<ServiceParts, StartError> {
    let clock = context.clock.clone();
    let purposes = Purposes::new(&config.purposes).map_err(|error| StartError::part("reading the purposes", error))?;
    let (profile, profile_name) = profile(config.inspection.profile.as_deref())
        .await
        .map_err(|error| StartError::part("reading the inspection profile", error))?;
    let spoc = channel::connect("spoc", &config.spoc, &context.tls)
        .map_err(|error| StartError::part("preparing the channel to spoc", error))?;

    let store = Store::connect(&config.database, clock.clone())
        .await
        .map_err(|error| StartError::part("opening the database", error))?;
    migrate::<Migrations>(&store).await.map_err(|error| StartError::part("bringing the schema up to date", error))?;
    let journal = Journal::open(store.clone(), &config.journal, clock.clone())
        .await
        .map_err(|error| StartError::part("opening the journal", error))?;

    let metrics = Arc::new(Metrics::new());
    let trust = TrustSettings {
        environment: document_environment(context.environment),
        patience: config.trust.patience(),
        longest_unconfirmed: config.trust.longest_unconfirmed(),
    };
    let at_once = config.inspection.judged_at_once.unwrap_or_else(threads);
    let app = Arc::new(App {
        trust: Trust::new(spoc.clone(), trust, clock.clone(), metrics.clone()),
        judges: Judges::new(at_once, profile, profile_name, clock.clone(), metrics.clone()),
        control_centre: ControlCentre::new(spoc, config.trust.patience()),
        rules: Rules {
            purposes,
            referral_reasons: config.referral_reasons.clone(),
            limits: config.sizes,
            timing: config.inspection.timing(),
            challenge_life: Duration::from_secs(config.inspection.challenge_seconds),
            session_life: Duration::from_secs(config.inspection.session_seconds),
        },
        store: store.clone(),
        journal: journal.clone(),
        clock,
        metrics,
    });

    let inspection =
        InspectionServiceServer::new(InspectionHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let asked = store.clone();
    let database = ReadinessCheck::new("database", move || {
        let store = asked.clone();
        async move { Ok(store.ping().await?) }
    });
    let peer = |extensions: &tonic::Extensions| extensions.get::<Arc<PeerIdentity>>().map(ToString::to_string);
    let servers = straznica_journal::rpc::servers(&journal, Arc::new(peer));
    let grpc =
        Routes::new(inspection).add_service(servers.journal).add_service(servers.witness).add_service(servers.events);
    Ok(ServiceParts {
        grpc,
        jobs: vec![
            jobs::sequence(&journal),
            jobs::forget_events(&journal, &context.clock, Duration::from_secs(u64::from(config.event_days) * 86_400)),
            jobs::sweep(&app, Duration::from_secs(config.inspection.sweep_seconds.max(1))),
        ],
        readiness: vec![database],
        closing: vec![Closing::new("database", async move { Ok(store.close().await?) })],
        ..ServiceParts::default()
    })
}

/// The profile and the name inspections record: the file's, or that of the built-in one.
async fn profile(file: Option<&Path>) -> Result<(Profile, String), ProfileUnusable> {
    let Some(file) = file else { return Ok((Profile::standard().clone(), "tr-03135-default".to_owned())) };
    let profile = Profile::parse(&tokio::fs::read_to_string(file).await?)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((profile, name))
}

const fn document_environment(environment: Environment) -> emrtd::country::Environment {
    match environment {
        Environment::Test => emrtd::country::Environment::Test,
        Environment::Production => emrtd::country::Environment::Production,
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
