//! The end of a suspension: it lets somebody back in, so it takes two officers. The first one's reason is a proposal; another one who says the same ends
//! the suspension. Whatever else is said about the matter takes its place, and a further suspension voids it.

use sea_orm::DatabaseTransaction;
use straznica_types::Timestamp;

use crate::{
    domain::two_officers::{self, Approval},
    error::SpocError,
    store::{entity::resumption_proposal::Model, resumptions},
};

/// What came of an officer's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resumption {
    /// It is proposed.
    AwaitsSecond,
    /// Two officers agree.
    Agreed,
}

/// How a suspended document verifier of another state is called in proposals.
pub(crate) fn of_holder(name: &str) -> String {
    format!("holder/{name}")
}

/// How a suspended certificate is called in proposals.
pub(crate) fn of_certificate(car: &str, chr: &str) -> String {
    format!("certificate/{car}/{chr}")
}

/// Proposes the end of a suspension, or agrees with what another officer proposed.
///
/// # Errors
/// [`SpocError::SameOfficer`] for an officer who says the same twice.
pub(crate) async fn wish(
    tx: &DatabaseTransaction,
    subject: String,
    officer: &str,
    why: &str,
    now: Timestamp,
) -> Result<Resumption, SpocError> {
    if let Some(proposal) = resumptions::find(tx, &subject).await?.filter(|proposal| proposal.reason == why) {
        let at = Timestamp::from_millis(proposal.proposed_at);
        two_officers::confirm(&Approval::Proposed { by: proposal.proposed_by, at }, officer)?;
        resumptions::forget(tx, &subject).await?;
        return Ok(Resumption::Agreed);
    }
    let (reason, proposed_by) = (why.to_owned(), officer.to_owned());
    resumptions::propose(tx, Model { subject, reason, proposed_by, proposed_at: now.millis() }).await?;
    Ok(Resumption::AwaitsSecond)
}
