//! Checks of persons and documents of the register, and the reading of those that were made.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use serde_json::json;
use straznica_contracts::registry::events::v1::AlertChecked;
use straznica_types::{RequestId, Timestamp};

use super::shown::{ShownCheck, ShownChecks, standing_of};
use super::source::{Asking, Said};
use crate::app::App;
use crate::app::entry::{of_case, of_person};
use crate::domain::alerts::{About, Finding, Profile, Standing, Unavailable, likeness, outcome};
use crate::domain::file::CaseFile;
use crate::domain::merge::group;
use crate::domain::person::{Fact, TravelDocument, known};
use crate::domain::{AlertCheckId, AlertFindingId, CaseId, Mandate, PersonId, Refusal, StatementId};
use crate::error::RegistryError;
use crate::store::{
    KeptCheck, KeptFinding, alert_consultations_of, checks_of, findings_of, insert_check, load_case, resolutions_of,
};

/// All that will ever be known.
const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// What is checked.
struct Checked {
    person: PersonId,
    /// As whom the source was asked about; `None` where that does not matter.
    version: Option<u64>,
    case: Option<CaseFile>,
    about: About,
    statement: Option<StatementId>,
}

impl App {
    /// Checks a person by everything stated of them, of whatever days: who had another name once has been somebody under it.
    pub(crate) async fn check_person(
        &self,
        mandate: &Mandate,
        person: PersonId,
        case: Option<CaseId>,
    ) -> Result<ShownCheck<'_>, RegistryError> {
        let (version, all) = self.statements(person).await?;
        let profile = Profile::of(known(&all, EVER));
        let case = self.case_of(person, case).await?;
        let checked = Checked { person, version: Some(version), case, about: About::Person, statement: None };
        let mandate = &under(mandate, checked.case.as_ref());
        let said = match &self.alerts.source {
            None => Said::nothing("", Unavailable::NotConfigured),
            Some(source) => source.ask_person(&profile, self.asking(mandate)).await,
        };
        self.keep(mandate, checked, &profile, &profile.canonical(), said).await
    }

    /// Checks a document stated of a person.
    pub(crate) async fn check_document(
        &self,
        mandate: &Mandate,
        person: PersonId,
        statement: StatementId,
        case: Option<CaseId>,
    ) -> Result<ShownCheck<'_>, RegistryError> {
        let (_, all) = self.statements(person).await?;
        let stated = known(&all, EVER).find(|stated| stated.id == statement);
        let Some(Fact::Document(document)) = stated.and_then(|stated| stated.fact.as_ref()) else {
            return Err(Refusal::NoStatement.into());
        };
        let case = self.case_of(person, case).await?;
        let checked = Checked { person, version: None, case, about: About::Document, statement: Some(statement) };
        let mandate = &under(mandate, checked.case.as_ref());
        let said = match &self.alerts.source {
            None => Said::nothing("", Unavailable::NotConfigured),
            Some(source) => source.ask_document(document, self.asking(mandate)).await,
        };
        self.keep(mandate, checked, &Profile::default(), &document_text(document), said).await
    }

    /// The checks of a person, or made for a case.
    pub(crate) async fn alert_checks(
        &self,
        mandate: &Mandate,
        person: Option<PersonId>,
        case: Option<CaseId>,
        limit: u64,
    ) -> Result<ShownChecks<'_>, RegistryError> {
        let now = self.clock.now();
        let (file, members, checks, findings, resolutions, consultations) = self
            .store
            .read_tx(async |tx| {
                let file = match case {
                    None => None,
                    Some(case) => Some(load_case(tx, case).await?.ok_or(Refusal::NoCase)?.file),
                };
                let members = match person {
                    None => None,
                    Some(person) => Some(self.read_with(tx, person).await?),
                };
                let checks = checks_of(tx, members.as_ref(), case, limit).await?;
                let findings = findings_of(tx, checks.iter().map(|check| check.id)).await?;
                let resolutions = resolutions_of(tx, checks.iter().map(|check| check.person)).await?;
                let consultations = alert_consultations_of(tx, members.as_ref(), case).await?;
                Ok::<_, RegistryError>((file, members, checks, findings, resolutions, consultations))
            })
            .await?;
        let detail = json!({ "checks": checks.len() });
        let entries = match (&file, &members) {
            (Some(file), _) => vec![of_case(&self.journal, "alerts.read", mandate, file, detail)],
            // Of several who are read as one, the journal knows each.
            (None, Some(members)) => members
                .iter()
                .map(|member| of_person(&self.journal, "alerts.read", mandate, *member, detail.clone()))
                .collect(),
            (None, None) => return Err(Refusal::Missing { member: "/person_id" }.into()),
        };
        let shown = ShownChecks {
            checks: self.shown_checks(checks, &findings, &resolutions)?,
            consultations: consultations
                .iter()
                .map(|kept| self.shown_consultation(kept, now))
                .collect::<Result<_, _>>()?,
        };
        for entry in entries {
            self.journal.record_read(entry).await?;
        }
        Ok(shown)
    }

    /// Keeps a check with what it found, journals it, and tells what it came to.
    async fn keep(
        &self,
        mandate: &Mandate,
        checked: Checked,
        asked: &Profile,
        asked_text: &str,
        said: Said,
    ) -> Result<ShownCheck<'_>, RegistryError> {
        let now = self.clock.now();
        let Checked { person, version, case, about, statement } = checked;
        let id = AlertCheckId::generate_at(now);
        let Said { source, as_of, missing, matches } = said;
        let mut findings = Vec::with_capacity(matches.len());
        for found in matches {
            let finding_id = AlertFindingId::generate_at(now);
            let compared = format!("{asked_text}\u{1c}{}", found.subject.canonical());
            let explained = !found.exact && !found.subject.names.is_empty();
            let finding = Finding { likeness: explained.then(|| likeness(asked, &found.subject)), ..found.finding };
            findings.push(KeptFinding {
                id: finding_id,
                check: id,
                person,
                alert: self.journal.pseudonym("alert", &found.alert).to_string(),
                compared: self.journal.pseudonym("alert_compared", &compared).to_string(),
                exact: found.exact,
                sealed: self.keys.seal_in(person.uuid(), finding_id.uuid(), &finding)?,
            });
        }
        let (case, source, findings) = (case.as_ref(), &source, &findings);
        let (check, resolutions) = self
            .store
            .write_tx(async move |tx| {
                // Of two checks in one millisecond the second is the later one all the same.
                let whole = self.whole(tx, person, EVER).await?;
                let last = checks_of(tx, Some(&whole.group.members), None, 1).await?;
                let last = last.first().map(|last| last.checked_at);
                let at = last.map_or(now, |last| now.max(Timestamp::from_millis(last.millis() + 1)));
                // Who was changed or merged while the source was asked is somebody it was not asked about.
                let missing = missing
                    .or_else(|| version.filter(|version| *version != whole.version).map(|_| Unavailable::Incomplete));
                let resolutions = resolutions_of(tx, [person]).await?;
                let standings: Vec<Standing> = findings.iter().map(|kept| standing_of(kept, &resolutions)).collect();
                let check = KeptCheck {
                    id,
                    person,
                    case: case.map(|case| case.id),
                    about,
                    statement,
                    outcome: outcome(missing, &standings),
                    findings: u32::try_from(findings.len()).unwrap_or(u32::MAX),
                    source: source.clone(),
                    as_of,
                    checked_at: at,
                    checked_by: mandate.officer.clone(),
                };
                insert_check(tx, &check, findings).await?;
                let detail = json!({
                    "check": id.to_string(),
                    "about": about.as_str(),
                    "outcome": check.outcome.as_str(),
                    "unavailable": check.outcome.unavailable().map(Unavailable::as_str),
                    "source": source,
                    "as_of": as_of.map(Timestamp::millis),
                });
                let told = AlertChecked {
                    check_id: id.to_string(),
                    case_id: check.case.map(|case| case.to_string()).unwrap_or_default(),
                    about: about.as_str().to_owned(),
                    outcome: check.outcome.as_str().to_owned(),
                };
                let entry = of_person(&self.journal, "alerts.checked", mandate, person, detail).event(&told);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>((check, resolutions))
            })
            .await?;
        Ok(self.shown_check(check, findings, &resolutions)?)
    }

    /// Who asks the source, and why.
    pub(super) fn asking(&self, mandate: &Mandate) -> Asking {
        let caller = &mandate.caller;
        let request_id = caller.request_id.unwrap_or_else(|| RequestId::generate_at(self.clock.now()));
        Asking {
            request_id: request_id.to_string(),
            officer: mandate.officer.to_string(),
            terminal: caller.terminal.as_ref().map(ToString::to_string).unwrap_or_default(),
            purpose: caller.purpose.clone(),
            legal_basis: mandate.legal_basis.clone(),
            case_number: caller.case_number.clone(),
        }
    }

    /// Everybody somebody is read with now, themselves among them.
    pub(super) async fn read_with(
        &self,
        tx: &impl ConnectionTrait,
        person: PersonId,
    ) -> Result<BTreeSet<PersonId>, RegistryError> {
        Ok(group(person, &self.merges(tx, [person]).await?, EVER).members)
    }

    /// The case a check is for: one that covers the person, or whom they were merged with.
    async fn case_of(&self, person: PersonId, case: Option<CaseId>) -> Result<Option<CaseFile>, RegistryError> {
        let Some(case) = case else { return Ok(None) };
        let found = self.store.read_tx(async |tx| load_case(tx, case).await).await?.ok_or(Refusal::NoCase)?;
        let members = self.store.read_tx(async |tx| self.read_with(tx, person).await).await?;
        if found.persons.iter().all(|person| !members.contains(person)) {
            return Err(Refusal::Invalid { member: "/case_id", expected: "a case that covers the person" }.into());
        }
        Ok(Some(found.file))
    }
}

/// What is done for a case is done under its number.
fn under(mandate: &Mandate, case: Option<&CaseFile>) -> Mandate {
    let mut mandate = mandate.clone();
    if let Some(case) = case {
        mandate.caller.case_number.clone_from(&case.number);
    }
    mandate
}

/// The same text for the same document.
pub(super) fn document_text(document: &TravelDocument) -> String {
    [&document.kind, &document.number, document.issuer.as_str()].join("\u{1f}")
}
