//! Background work. Each piece starts anew wherever it stopped.

use std::{sync::Arc, time::Duration};

use straznica_runtime::job::Job;
use straznica_types::Timestamp;

use crate::{
    app::{
        App,
        clearing::Rounds,
        exchange::{delivery, is_renewals, own_certificates, renewals, requests_job},
        key_clean_up,
    },
    domain::records::{Day, Role},
    error::SpocError,
    links::Credentials,
    store::inspections,
};

/// How often old inspections and counters are cleared away.
const CLEAN_UP_PERIOD: Duration = Duration::from_secs(300);
/// How often the files of our SPOC certificates are read.
const CREDENTIALS_PERIOD: Duration = Duration::from_secs(60);
/// How often it is asked whether a round is due that clears away what was kept long enough.
const RETENTION_PERIOD: Duration = Duration::from_secs(60);
/// Counters of shifts are kept a little longer than the longest shift.
const COUNTER_LIFE_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// How often expiry is looked at.
const EXPIRY_PERIOD: Duration = Duration::from_secs(3600);

/// All jobs of spoc itself.
pub(crate) fn all(app: &Arc<App>) -> Vec<Job> {
    vec![
        watch(app),
        renewals(app),
        delivery(app),
        inspection_systems(app),
        clean_up(app),
        expiry(app),
        time_watch(app),
        keys(app),
        waiting_requests(app),
        retention(app),
    ]
}

/// Decides on requests of other states that waited for nothing but their turn, and tells of those that fall due.
fn waiting_requests(app: &Arc<App>) -> Job {
    let period = Duration::from_secs(app.config.issuing.waiting_requests_seconds.max(1));
    let app = Arc::clone(app);
    Job::every("spoc_waiting_requests", period, move || {
        let app = Arc::clone(&app);
        async move { Ok(requests_job::run(&app).await?) }
    })
}

/// Deletes what was kept long enough.
fn retention(app: &Arc<App>) -> Job {
    let (app, rounds) = (Arc::clone(app), Arc::new(Rounds::default()));
    Job::every("spoc_retention", RETENTION_PERIOD, move || {
        let (app, rounds) = (Arc::clone(&app), Arc::clone(&rounds));
        async move { Ok(rounds.look(&app).await?) }
    })
}

/// Compares the clock with its sources.
fn time_watch(app: &Arc<App>) -> Job {
    let period = Duration::from_secs(app.config.time_watch.every_seconds);
    let app = Arc::clone(app);
    Job::every("spoc_time_watch", period, move || {
        let app = Arc::clone(&app);
        async move {
            app.time_watch.look().await;
            Ok(())
        }
    })
}

/// Destroys keys that have had their day.
fn keys(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    Job::every("spoc_key_clean_up", EXPIRY_PERIOD, move || {
        let app = Arc::clone(&app);
        async move { Ok(key_clean_up::run(&app).await?) }
    })
}

/// Takes in what other replicas changed, and works chains out anew at midnight.
fn watch(app: &Arc<App>) -> Job {
    let period = Duration::from_secs(app.config.watch_seconds.max(1));
    let app = Arc::clone(app);
    Job::every("spoc_trust_watch", period, move || {
        let app = Arc::clone(&app);
        async move {
            app.refresh().await?;
            app.control.at(app.clock.now());
            Ok(())
        }
    })
}

/// Decides about renewals.
fn renewals(app: &Arc<App>) -> Job {
    let period = Duration::from_secs(app.config.watch_seconds.max(1));
    let app = Arc::clone(app);
    Job::every("spoc_renewals", period, move || {
        let app = Arc::clone(&app);
        async move { Ok(renewals::turn(&app).await?) }
    })
}

/// Sends what is due to partners.
fn delivery(app: &Arc<App>) -> Job {
    let period = Duration::from_secs(app.config.watch_seconds.max(1));
    let app = Arc::clone(app);
    Job::every("spoc_delivery", period, move || {
        let app = Arc::clone(&app);
        async move { Ok(delivery::turn(&app).await?) }
    })
}

/// Renews the control centre's inspection systems.
fn inspection_systems(app: &Arc<App>) -> Job {
    let period = Duration::from_secs(app.config.watch_seconds.max(1));
    let app = Arc::clone(app);
    Job::every("spoc_inspection_systems", period, move || {
        let app = Arc::clone(&app);
        async move { Ok(is_renewals::turn(&app).await?) }
    })
}

fn clean_up(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    Job::every("spoc_clean_up", CLEAN_UP_PERIOD, move || {
        let app = Arc::clone(&app);
        async move { Ok(forget_the_old(&app).await?) }
    })
}

/// Forgets inspections no signature can name any more, and counters of past shifts.
pub(crate) async fn forget_the_old(app: &App) -> Result<(), SpocError> {
    let now = app.clock.now().millis();
    // Twice the age that can be named: whoever asks a little late is told that it is too old, not that it never was.
    let age = i64::try_from(app.config.terminal_authentication.inspection_max_age().as_millis()).unwrap_or(i64::MAX);
    let inspections_before = Timestamp::from_millis(now.saturating_sub(age.saturating_mul(2)));
    let shifts_before = Timestamp::from_millis(now.saturating_sub(COUNTER_LIFE_MS));
    let (inspections, shifts) = app
        .store
        .write_tx(async |tx| {
            let inspections = inspections::forget_opened_before(tx, inspections_before).await?;
            Ok::<_, SpocError>((inspections, inspections::forget_shifts_before(tx, shifts_before).await?))
        })
        .await?;
    tracing::debug!(inspections, shifts, "cleared away");
    Ok(())
}

/// Warns of certificates that have to be renewed.
fn expiry(app: &Arc<App>) -> Job {
    let app = Arc::clone(app);
    Job::every("spoc_expiry_watch", EXPIRY_PERIOD, move || {
        let app = Arc::clone(&app);
        async move {
            let today = Day::of(app.clock.now());
            for (chr, expires) in due_for_renewal(&app, today) {
                tracing::warn!(%chr, %expires, "a document verifier's certificate is due for renewal");
            }
            for own in own_certificates::in_force(&app) {
                if let Some(days) = own.days_left(&app) {
                    let (subject, binding, side) = (own.subject, own.binding.as_str(), own.side);
                    tracing::warn!(
                        subject,
                        binding,
                        side,
                        days,
                        "a certificate by which partners know this SPOC ends soon"
                    );
                }
            }
            Ok(())
        }
    })
}

/// Verifiers of ours whose newest certificate under their CVCA ends soon.
fn due_for_renewal(app: &App, today: Day) -> Vec<(String, Day)> {
    let state = app.control.at(app.clock.now());
    let ours = state.records().iter().filter(|record| record.role.is_dv() && record.key.is_some());
    let newest = ours.clone().filter(|record| {
        record.role != Role::InspectionSystem
            && !ours.clone().any(|other| other.cvca == record.cvca && other.expires > record.expires)
    });
    let due = newest.filter(|record| {
        let renewal = app.policy.for_country(record.cvca_country()).renewal;
        record.expires <= today.plus(i64::from(renewal.lead_days) + i64::from(renewal.fallback_days))
    });
    due.map(|record| (record.chr.clone(), record.expires)).collect()
}

/// Reads our SPOC certificates again, so that renewed ones need no restart.
pub(crate) fn credentials(credentials: Arc<Credentials>) -> Job {
    Job::every("spoc_exchange_credentials", CREDENTIALS_PERIOD, move || {
        let credentials = Arc::clone(&credentials);
        async move { Ok(tokio::task::spawn_blocking(move || credentials.reload()).await??) }
    })
}
