//! Background work of the gateway.

use std::time::Duration;

use straznica_contracts::journal::v1::{
    journal_service_client::JournalServiceClient, witness_service_client::WitnessServiceClient,
};
use straznica_journal::Journal;
use straznica_runtime::{channel::Channel, job::Job};

use crate::app::Gateway;

/// Forgets idempotency keys that no longer count, on whose behalf inspections were opened that are over, and sessions that are.
pub(crate) fn sweep(gateway: &Gateway) -> Job {
    let gateway = gateway.clone();
    let period = Duration::from_secs(gateway.config().idempotency.sweep_seconds.max(1));
    Job::every("sweep", period, move || {
        let gateway = gateway.clone();
        async move {
            let (keys, missions) = (gateway.sweep_idempotency_keys().await?, gateway.sweep_missions().await?);
            let people = gateway.sweep_people().await?;
            if keys + missions + people > 0 {
                tracing::debug!(keys, missions, people, "swept");
            }
            Ok(())
        }
    })
}

/// Cosigns the checkpoints of another service's journal: the gateway remembers what that service once said.
pub(crate) fn cosign_for(name: &'static str, journal: &Journal, other: &Channel, period: Duration) -> Job {
    let (journal, client) = (journal.clone(), JournalServiceClient::new(other.clone()));
    Job::every(name, period, move || {
        let (journal, mut client) = (journal.clone(), client.clone());
        async move {
            journal.witness_pull(&mut client).await?;
            Ok(())
        }
    })
}

/// Has the gateway's own checkpoints cosigned: nobody may call the gateway, so it hands them over itself.
pub(crate) fn have_cosigned(name: &'static str, journal: &Journal, witness: &Channel, period: Duration) -> Job {
    let (journal, client) = (journal.clone(), WitnessServiceClient::new(witness.clone()));
    Job::every(name, period, move || {
        let (journal, mut client) = (journal.clone(), client.clone());
        async move {
            journal.witness_push(&mut client).await?;
            Ok(())
        }
    })
}
