//! What decisions say: written while they are drafts, read, shown as a letter; and how they were served.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_types::{OfficerId, Timestamp};

use super::App;
use super::cases::NewEvent;
use super::decisions::decision_of;
use super::entry::of_case;
use crate::domain::calendar::warsaw;
use crate::domain::course::NotNow;
use crate::domain::file::{Decision, DecisionState, WholeCase, work};
use crate::domain::person::{Fact, NameKind, valid_on};
use crate::domain::rules::{DeadlineRule, DecisionRule};
use crate::domain::ruling::{Addressee, Letter, Manner, Ruling, Served, ServiceRecord, remedies, signs};
use crate::domain::{CaseId, DecisionId, Mandate, PersonId, Refusal, ServiceId, TextId};
use crate::error::RegistryError;
use crate::keys::Unopenable;
use crate::store::{KeptService, KeptText, insert_service, insert_text, load_case, services_of, texts_of};

/// A service to be recorded.
pub(crate) struct NewService {
    pub(crate) manner: Manner,
    pub(crate) at: Timestamp,
    pub(crate) of: Served,
}

/// A decision as shown.
pub(crate) struct ShownDecision<'r> {
    pub(crate) decision: Decision,
    pub(crate) text: Option<ShownText>,
    pub(crate) remedies: Vec<&'r DeadlineRule>,
    pub(crate) services: Vec<ServiceRecord>,
}

/// A version of its text.
pub(crate) struct ShownText {
    pub(crate) ruling: Ruling,
    pub(crate) version: u32,
    pub(crate) written_by: OfficerId,
    pub(crate) written_at: Timestamp,
}

impl App {
    /// Writes the next version of what a draft says; tells the versions of the case and of the text.
    pub(crate) async fn write_text(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        decision: DecisionId,
        ruling: &Ruling,
    ) -> Result<(u64, u32), RegistryError> {
        let now = self.clock.now();
        let text = TextId::generate_at(now);
        let sealed = &self.keys.seal_in(decision.uuid(), text.uuid(), ruling)?;
        self.store
            .write_tx(async move |tx| {
                let case = self.load_for_change(tx, id, expected).await?;
                let made = decision_of(&case, decision)?;
                if made.state() != DecisionState::Drafted {
                    return Err(Refusal::DecisionState.into());
                }
                let law = self.law(&case, now)?;
                let rule = rule_of(law.decision(&made.decision), &made)?;
                ruling.check(rule)?;
                if ruling.panel.iter().any(|vote| case.took_part_below(&vote.member, law, rule.by)) {
                    return Err(Refusal::TookPart.into());
                }
                let earlier = texts_of(tx, decision).await?;
                let version = earlier.last().map_or(1, |last| last.version.saturating_add(1));
                let written_by = mandate.officer.clone();
                let kept = KeptText { id: text, version, sealed: sealed.clone(), written_by, written_at: now };
                insert_text(tx, decision, &kept).await?;
                let standing = work(law, &case.happened(), &self.calendar, now)?.standing;
                let detail = json!({ "decision": made.decision, "id": decision.to_string(), "text": version });
                let entry = of_case(&self.journal, "decision.text_written", mandate, &case.file, detail);
                let of_case = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((of_case, version))
            })
            .await
    }

    /// A decision with what it says (in a version, or the last), what can be done against it and how it was served.
    pub(crate) async fn decision(
        &self,
        mandate: &Mandate,
        id: CaseId,
        decision: DecisionId,
        version: Option<u32>,
    ) -> Result<ShownDecision<'_>, RegistryError> {
        let (case, made, texts, services) = self.load_decision(id, decision).await?;
        let law = self.law(&case, self.clock.now())?;
        let rule = rule_of(law.decision(&made.decision), &made)?;
        let text = match version {
            None => texts.into_iter().next_back(),
            Some(version) => Some(texts.into_iter().find(|kept| kept.version == version).ok_or(Refusal::NoDecision)?),
        };
        let text = text.map(|kept| self.open_text(decision, kept)).transpose()?;
        let services = services.into_iter().map(|kept| self.open_service(decision, kept)).collect::<Result<_, _>>()?;
        let shown_version = text.as_ref().map(|text| text.version);
        let detail = json!({ "decision": made.decision, "id": decision.to_string(), "text": shown_version });
        self.journal.record_read(of_case(&self.journal, "decision.read", mandate, &case.file, detail)).await?;
        Ok(ShownDecision { remedies: remedies(law, rule), decision: made, text, services })
    }

    /// A decision as a letter.
    pub(crate) async fn letter(
        &self,
        mandate: &Mandate,
        id: CaseId,
        decision: DecisionId,
    ) -> Result<String, RegistryError> {
        let (case, made, texts, _) = self.load_decision(id, decision).await?;
        let law = self.law(&case, self.clock.now())?;
        let rule = rule_of(law.decision(&made.decision), &made)?;
        let text = texts.into_iter().next_back().ok_or(Refusal::NoText)?;
        let text = self.open_text(decision, text)?;
        let mut addressees = Vec::with_capacity(case.persons.len());
        for person in &case.persons {
            addressees.push(self.addressee(*person).await?);
        }
        let letter = Letter {
            case_number: &case.file.number,
            by: rule.by,
            title: &rule.title,
            basis: &rule.basis,
            issued_on: made.issued_at.map(warsaw::date),
            addressees: &addressees,
            ruling: &text.ruling,
            remedies: &remedies(law, rule),
        };
        let page = letter.html();
        let detail = json!({ "decision": made.decision, "id": decision.to_string(), "text": text.version });
        self.journal.record_read(of_case(&self.journal, "decision.rendered", mandate, &case.file, detail)).await?;
        Ok(page)
    }

    /// Records how an issued decision was served, and that it was.
    pub(crate) async fn record_service(
        &self,
        mandate: &Mandate,
        id: CaseId,
        expected: u64,
        decision: DecisionId,
        new: &NewService,
    ) -> Result<(u64, String), RegistryError> {
        let now = self.clock.now();
        if new.at > now {
            return Err(Refusal::Future.into());
        }
        new.of.check(new.manner)?;
        let service = ServiceId::generate_at(now);
        let sealed = &self.keys.seal_in(decision.uuid(), service.uuid(), &new.of)?;
        self.store
            .write_tx(async move |tx| {
                let mut case = self.load_for_change(tx, id, expected).await?;
                let made = decision_of(&case, decision)?;
                if made.state() != DecisionState::Issued {
                    return Err(Refusal::DecisionState.into());
                }
                if !case.persons.contains(&new.of.recipient) {
                    let expected = "a person of the case";
                    return Err(Refusal::Invalid { member: "/service/recipient_person_id", expected }.into());
                }
                let law = self.law(&case, now)?;
                let rule = rule_of(law.decision(&made.decision), &made)?;
                let event = law.serving(rule.by, new.manner.service());
                let event = NewEvent {
                    event: event.ok_or_else(|| unknown(&made))?.id.clone(),
                    at: new.at,
                    decision: Some(made.decision.clone()),
                    of: None,
                    posted_on: None,
                    until: None,
                };
                let standing = self.add_event(tx, mandate, &mut case, law, &event, now).await?;
                let before = services_of(tx, decision).await?.len();
                let kept = KeptService {
                    id: service,
                    manner: new.manner,
                    at: new.at,
                    sealed: sealed.clone(),
                    recorded_by: mandate.officer.clone(),
                    recorded_at: now,
                };
                insert_service(tx, decision, before, &kept).await?;
                let entry = self.moved(mandate, &case.file, "decision.service_recorded", &event, &standing);
                let version = self.write_change(tx, &case.file, expected, &standing, entry).await?;
                Ok::<_, RegistryError>((version, standing.stage))
            })
            .await
    }

    /// That a decision has a text, that none of its authors signs it, and that it is a panel's where the rules want one.
    pub(super) async fn may_sign(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        decision: DecisionId,
    ) -> Result<(), RegistryError> {
        let mut texts = texts_of(tx, decision).await?;
        if texts.iter().any(|kept| kept.written_by == mandate.officer) {
            return Err(Refusal::OwnDraft.into());
        }
        let last = texts.pop().ok_or(Refusal::NoText)?;
        signs(&self.open_text(decision, last)?.ruling.panel, &mandate.officer)?;
        Ok(())
    }

    async fn load_decision(
        &self,
        id: CaseId,
        decision: DecisionId,
    ) -> Result<(WholeCase, Decision, Vec<KeptText>, Vec<KeptService>), RegistryError> {
        self.store
            .read_tx(async |tx| {
                let case = load_case(tx, id).await?.ok_or(Refusal::NoCase)?;
                let made = decision_of(&case, decision)?;
                let (texts, services) = (texts_of(tx, decision).await?, services_of(tx, decision).await?);
                Ok::<_, RegistryError>((case, made, texts, services))
            })
            .await
    }

    fn open_text(&self, decision: DecisionId, kept: KeptText) -> Result<ShownText, Unopenable> {
        Ok(ShownText {
            ruling: self.keys.unseal_in(decision.uuid(), kept.id.uuid(), &kept.sealed)?,
            version: kept.version,
            written_by: kept.written_by,
            written_at: kept.written_at,
        })
    }

    fn open_service(&self, decision: DecisionId, kept: KeptService) -> Result<ServiceRecord, Unopenable> {
        Ok(ServiceRecord {
            of: self.keys.unseal_in(decision.uuid(), kept.id.uuid(), &kept.sealed)?,
            manner: kept.manner,
            at: kept.at,
            recorded_by: kept.recorded_by,
            recorded_at: kept.recorded_at,
        })
    }

    /// How a letter names somebody: the main name and the birth the register knows today.
    async fn addressee(&self, person: PersonId) -> Result<Addressee, RegistryError> {
        let now = self.clock.now();
        let (_, all) = self.statements(person).await?;
        let mut addressee = Addressee { name: String::new(), birth: String::new() };
        for statement in valid_on(&all, now, warsaw::date(now)) {
            match &statement.fact {
                Some(Fact::Name(name)) if name.kind == NameKind::Main => addressee.name = name.for_letters(),
                Some(Fact::Birth(birth)) => addressee.birth = birth.date.to_string(),
                _ => {}
            }
        }
        Ok(addressee)
    }
}

fn rule_of<'r>(rule: Option<&'r DecisionRule>, made: &Decision) -> Result<&'r DecisionRule, Refusal> {
    rule.ok_or_else(|| unknown(made))
}

fn unknown(made: &Decision) -> Refusal {
    Refusal::from(NotNow::Decision { event: made.decision.clone() })
}
