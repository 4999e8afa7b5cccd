//! Puts the service together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use emrtd::inspection::{Profile, ProfileError};
use straznica_contracts::identity::v1::citizen_service_server::CitizenServiceServer;
use straznica_contracts::identity::v1::inspection_service_server::InspectionServiceServer;
use straznica_contracts::identity::v1::institution_service_server::InstitutionServiceServer;
use straznica_contracts::identity::v1::official_service_server::OfficialServiceServer;
use straznica_contracts::identity::v1::peer_check_service_server::PeerCheckServiceServer;
use straznica_contracts::identity::v1::privilege_service_server::PrivilegeServiceServer;
use straznica_contracts::identity::v1::verification_service_server::VerificationServiceServer;
use straznica_journal::Footing;
use straznica_runtime::channel::Channel;
use straznica_runtime::service::{ServiceContext, ServiceParts, StartError};
use straznica_runtime::{channel, limits};
use straznica_types::{Environment, OfficerId};
use tonic::service::Routes;

use crate::app::{
    AlertDesk, App, Appointed, Challenger, ControlCentre, Judges, Registers, Rules, Trust, TrustSettings,
    VerificationRules, Verifications, Verifiers,
};
use crate::config::{AlertsConfig, Config, VerifiersConfig};
use crate::domain::Purposes;
use crate::domain::verification::{CitizenId, VerificationPurposes};
use crate::domain::verifiers::Logins;
use crate::keys::{CitizenKeys, Field};
use crate::metrics::Metrics;
use crate::rpc::{
    CitizenHandler, InspectionHandler, InstitutionHandler, OfficialHandler, PeerCheckHandler, PrivilegeHandler,
    VerificationHandler,
};
use crate::store::KeptCitizen;
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

    let registry = registry(&config.alerts, context)?;

    let footing = Footing::open::<Migrations>(&config.database, &config.journal, context).await?;

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
        alerts: AlertDesk::new(registry, config.alerts.patience(), clock.clone(), metrics.clone()),
        rules: Rules {
            purposes,
            referral_reasons: config.referral_reasons.clone(),
            limits: config.sizes,
            timing: config.inspection.timing(),
            challenge_life: Duration::from_secs(config.inspection.challenge_seconds),
            session_life: Duration::from_secs(config.inspection.session_seconds),
        },
        store: footing.store.clone(),
        journal: footing.journal.clone(),
        clock,
        metrics: metrics.clone(),
    });

    let verifications = Arc::new(verifications(config, context, &footing, metrics)?);

    let inspection =
        InspectionServiceServer::new(InspectionHandler(app.clone())).max_decoding_message_size(limits::MESSAGE);
    let mut parts = footing.parts(
        Routes::new(inspection)
            .add_service(VerificationServiceServer::new(VerificationHandler(verifications.clone())))
            .add_service(CitizenServiceServer::new(CitizenHandler(verifications.clone())))
            .add_service(InstitutionServiceServer::new(InstitutionHandler(verifications.verifiers.clone())))
            .add_service(PeerCheckServiceServer::new(PeerCheckHandler(verifications.clone())))
            .add_service(PrivilegeServiceServer::new(PrivilegeHandler(verifications.clone())))
            .add_service(OfficialServiceServer::new(OfficialHandler(verifications.verifiers.clone()))),
    );
    parts.jobs.extend([
        jobs::learn_answers(&verifications, Duration::from_secs(config.verification.learn_seconds.max(1))),
        jobs::end_verifications(&verifications, Duration::from_secs(config.verification.sweep_seconds.max(1))),
        jobs::sweep(&app, Duration::from_secs(config.inspection.sweep_seconds.max(1))),
    ]);
    Ok(parts)
}

/// A production node that would check nobody, and does not say that this is meant.
#[derive(Debug, thiserror::Error)]
#[error("alerts.registry is missing; a node that checks nobody says alerts.without_registry = true")]
struct NobodyChecked;

/// The channel to registry, where the node asks it about alerts. Registry need not be there yet.
fn registry(config: &AlertsConfig, context: &ServiceContext) -> Result<Option<Channel>, StartError> {
    if context.environment == Environment::Production && config.registry.is_none() && !config.without_registry {
        return Err(StartError::part("preparing checks against alerts", NobodyChecked));
    }
    let channel = config.registry.as_ref().map(|registry| channel::connect("registry", registry, &context.tls));
    channel.transpose().map_err(|error| StartError::part("preparing the channel to registry", error))
}

/// The parts of mDokumenty. Neither dispatch nor a register need be there.
fn verifications(
    config: &Config,
    context: &ServiceContext,
    footing: &Footing,
    metrics: Arc<Metrics>,
) -> Result<Verifications, StartError> {
    let settings = &config.verification;
    let purposes = VerificationPurposes::new(&settings.purposes)
        .map_err(|error| StartError::part("reading the purposes of verifications", error))?;
    let keys = CitizenKeys::open(&config.citizen_keys)
        .map_err(|error| StartError::part("reading the keys of citizens", error))?;
    let registers = Registers::new(&config.registers, &context.tls, context.clock.clone())
        .map_err(|error| StartError::part("preparing the channels to the registers", error))?;
    let dispatch = channel::connect("dispatch", &config.dispatch, &context.tls)
        .map_err(|error| StartError::part("preparing the channel to dispatch", error))?;
    let verifiers = Arc::new(Verifiers {
        store: footing.store.clone(),
        journal: footing.journal.clone(),
        clock: context.clock.clone(),
        purposes: purposes.clone(),
        appointed: appointed(&config.verifiers)
            .map_err(|error| StartError::part("reading the central administrators", error))?,
        waiting_applications: config.verifiers.waiting_applications,
    });
    let nobody = nobody(&keys, context).map_err(|error| StartError::part("trying the keys of citizens", error))?;
    Ok(Verifications {
        store: footing.store.clone(),
        journal: footing.journal.clone(),
        clock: context.clock.clone(),
        keys,
        verifiers,
        registers,
        challenger: Challenger::new(dispatch),
        rules: VerificationRules {
            environment: context.environment,
            purposes,
            life: settings.life(),
            official_daily: settings.official_daily.into(),
            subject_daily: settings.subject_daily.into(),
            asker_daily: settings.asker_daily.into(),
            own_institution: settings.own_institution.clone(),
            review_permille: config.verifiers.privilege.review_permille,
            alerts: config.verifiers.privilege.alerts(),
        },
        nobody,
        metrics,
    })
}

/// Central administrators nobody could know.
#[derive(Debug, thiserror::Error)]
enum NotAppointed {
    #[error("{0} needs an account (issuer and subject), a certificate's thumbprint (64 hexadecimal digits), or both")]
    Logins(OfficerId),
    #[error("{0}, or how they log in, is named twice")]
    Twice(OfficerId),
}

fn appointed(config: &VerifiersConfig) -> Result<Appointed, NotAppointed> {
    let mut appointed: Vec<(OfficerId, Logins)> = Vec::new();
    for named in &config.central_administrators {
        let officer = &named.officer;
        let logins = Logins::new(&named.issuer, &named.subject, &named.certificate_thumbprint);
        let logins = logins.ok().flatten().ok_or_else(|| NotAppointed::Logins(officer.clone()))?;
        let twice =
            |(other, known): &(OfficerId, Logins)| other == officer || logins.each().any(|login| known.has(&login));
        if appointed.iter().any(twice) {
            return Err(NotAppointed::Twice(officer.clone()));
        }
        appointed.push((officer.clone(), logins));
    }
    Ok(Appointed(appointed))
}

/// Somebody who is not in the database. The number is read where a citizen's would be, and never sent anywhere.
fn nobody(keys: &CitizenKeys, context: &ServiceContext) -> Result<KeptCitizen, crate::keys::Unopenable> {
    let id = CitizenId::generate_at(context.clock.now());
    Ok(KeptCitizen {
        id,
        pesel_sealed: keys.seal(id, Field::Pesel, "00000000000")?,
        phone_sealed: Some(keys.seal(id, Field::Phone, "+48500000000")?),
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
