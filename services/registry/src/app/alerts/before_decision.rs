//! Decisions that grant a stay wait for alerts.

use sea_orm::DatabaseTransaction;
use straznica_types::Timestamp;

use crate::app::App;
use crate::domain::Refusal;
use crate::domain::alerts::{LastCheck, hindrance};
use crate::domain::calendar::warsaw;
use crate::domain::file::WholeCase;
use crate::domain::merge::{group, last_regrouped};
use crate::error::RegistryError;
use crate::store::{KeptCheck, alert_consultations_of, findings_of, last_person_check, resolutions_of};

impl App {
    /// That nothing stands in the way of issuing a decision. Where the node has no source of alerts there is nothing to wait for: a production node starts without one
    /// only where its operator says so.
    pub(in crate::app) async fn alerts_allow(
        &self,
        tx: &DatabaseTransaction,
        case: &WholeCase,
        decision: &str,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let rule = self.alerts.law.check_before(&case.file.case_type, decision, warsaw::date(now));
        let (Some(rule), Some(_)) = (rule, &self.alerts.source) else { return Ok(()) };
        let consultations = alert_consultations_of(tx, None, Some(case.file.id)).await?;
        let merges = self.merges(tx, case.persons.iter().copied()).await?;
        for person in &case.persons {
            // Who was merged is checked under any of the ids, by everything stated of any of them.
            let members = group(*person, &merges, now).members;
            let resolutions = resolutions_of(tx, members.iter().copied()).await?;
            let regrouped = last_regrouped(&members, &merges);
            // Before they were one, or after they were taken for one and were not, somebody else was checked.
            let of_them = |check: &KeptCheck| regrouped.is_none_or(|at| at < check.checked_at);
            let last = match last_person_check(tx, &members).await?.filter(of_them) {
                None => None,
                Some(check) => {
                    let findings = findings_of(tx, [check.id]).await?;
                    let checked_at = check.checked_at;
                    let shown = self.shown_check(check, &findings, &resolutions)?;
                    let kept = findings.iter().zip(shown.findings);
                    Some(LastCheck {
                        checked_at,
                        outcome: shown.outcome,
                        findings: kept
                            .map(|(kept, shown)| (kept.alert.clone(), shown.finding, shown.standing))
                            .collect(),
                    })
                }
            };
            let mut progresses = Vec::with_capacity(consultations.len());
            for kept in consultations.iter().filter(|kept| members.contains(&kept.person)) {
                progresses.push((kept.alert.as_str(), self.shown_consultation(kept, now)?.progress));
            }
            let consulted = |alert: &str| {
                progresses.iter().find(|(consulted, _)| *consulted == alert).map(|(_, progress)| *progress)
            };
            let owed = |finding: &_| self.owed(finding, now).is_some();
            if let Some(hindrance) = hindrance(last.as_ref(), rule.fresh, now, owed, consulted) {
                return Err(Refusal::from(hindrance).into());
            }
        }
        Ok(())
    }
}
