//! The use of privileges watched: reviews of what was drawn, alerts on what is unusual.

use serde_json::json;

use super::Verifiers;
use crate::domain::CallerClaims;
use crate::domain::verification::{Verification, VerificationId};
use crate::domain::verifiers::{Alert, AlertId, Change, Reason, Review, ReviewOutcome, Role, VerifierRefusal};
use crate::error::IdentityError;
use crate::store::{
    acknowledge_alert, alerts_of, close_review, find_alert, find_review, find_verification, reviews_of,
};

/// Reviews or alerts of one page.
const PAGE: u64 = 100;

impl Verifiers {
    /// Uses drawn for review, with what is known of each.
    pub(crate) async fn reviews(
        &self,
        caller: &CallerClaims,
        institution: &str,
        closed_too: bool,
    ) -> Result<Vec<(Review, Verification)>, IdentityError> {
        let reader = self.store.reader();
        self.entitled(reader, caller, institution, &[Role::SecurityOfficer]).await?;
        let mut found = Vec::new();
        for review in reviews_of(reader, institution, closed_too, PAGE).await? {
            let verification = find_verification(reader, review.verification).await?;
            found.push((review, verification));
        }
        let detail = json!({ "institution_id": institution, "count": found.len() });
        self.journal.record_read(Self::entry("reviews.read", caller, detail)).await?;
        Ok(found)
    }

    /// Writes down what a review found: once, and not by whose use it was.
    pub(crate) async fn close_review(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: VerificationId,
        outcome: ReviewOutcome,
        finding: &Reason,
    ) -> Result<(Review, Verification), IdentityError> {
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let by = self.entitled(tx, caller, institution, &[Role::SecurityOfficer]).await?;
                let mut review = find_review(tx, institution, id).await?.ok_or(VerifierRefusal::ReviewUnknown)?;
                if review.officer == *by {
                    return Err(VerifierRefusal::FourEyes.into());
                }
                let change = Change { by: by.clone(), at: now, reason: finding.clone() };
                if !close_review(tx, id, outcome, &change).await? {
                    return Err(VerifierRefusal::ReviewState.into());
                }
                let detail = json!({
                    "verification_id": id,
                    "institution_id": institution,
                    "official": review.officer,
                    "outcome": outcome.as_str(),
                    "finding": finding.as_str(),
                });
                let entry = Self::entry("review.closed", caller, detail).subject(self.pseudonym(&review.officer));
                self.journal.record(tx, entry).await?;
                review.outcome = Some((outcome, change));
                Ok((review, find_verification(tx, id).await?))
            })
            .await
    }

    /// Unusual uses.
    pub(crate) async fn alerts(
        &self,
        caller: &CallerClaims,
        institution: &str,
        acknowledged_too: bool,
    ) -> Result<Vec<Alert>, IdentityError> {
        let reader = self.store.reader();
        self.entitled(reader, caller, institution, &[Role::SecurityOfficer]).await?;
        let found = alerts_of(reader, institution, acknowledged_too, PAGE).await?;
        let detail = json!({ "institution_id": institution, "count": found.len() });
        self.journal.record_read(Self::entry("alerts.read", caller, detail)).await?;
        Ok(found)
    }

    /// Says that an alert was looked into: once, and not by whom it is about.
    pub(crate) async fn acknowledge_alert(
        &self,
        caller: &CallerClaims,
        institution: &str,
        id: AlertId,
        finding: &Reason,
    ) -> Result<Alert, IdentityError> {
        let now = self.clock.now();
        self.store
            .write_tx(async |tx| {
                let by = self.entitled(tx, caller, institution, &[Role::SecurityOfficer]).await?;
                let mut alert = find_alert(tx, institution, id).await?.ok_or(VerifierRefusal::AlertUnknown)?;
                if alert.officer == *by {
                    return Err(VerifierRefusal::FourEyes.into());
                }
                let change = Change { by: by.clone(), at: now, reason: finding.clone() };
                if !acknowledge_alert(tx, id, &change).await? {
                    return Err(VerifierRefusal::AlertState.into());
                }
                let detail = json!({
                    "alert_id": id,
                    "institution_id": institution,
                    "official": alert.officer,
                    "rule": alert.rule.as_str(),
                    "finding": finding.as_str(),
                });
                let entry = Self::entry("alert.acknowledged", caller, detail).subject(self.pseudonym(&alert.officer));
                self.journal.record(tx, entry).await?;
                alert.acknowledged = Some(change);
                Ok(alert)
            })
            .await
    }
}
