//! Consultations: opened, asked, replied to, answered; what happens in one, and what follows from time, is written in one transaction with journal, event and the case that waits.

mod answer;
mod bodies;
mod case;
mod open;
mod paper;
mod read;
mod silence;

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::registry::events::v1::ConsultationMoved;
use straznica_journal::{Context, Entry};
use straznica_types::{OfficerId, Timestamp};

pub(crate) use bodies::BodyQuestion;
pub(crate) use open::NewConsultation;
pub(crate) use paper::Letter;
pub(crate) use read::{ShownConsultation, Summary};

use super::App;
use super::entry::context;
use crate::domain::calendar::warsaw;
use crate::domain::clock::{Due, Happened};
use crate::domain::consultation::{
    self, Body, By, Consultation, Grounds, NewMove, Noted, Standing, admit, consequences, standing,
};
use crate::domain::rules::{Basis, CaseType, Party};
use crate::domain::{CallerClaims, ConsultationId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::keys::Bound;
use crate::store::{KeptConsultation, Place, insert_noted, load_consultation, update_consultation};

/// Longest remark, in characters.
const LONGEST_REMARK: usize = 300;

/// Who does something in a consultation, and by what law: for the story, the journal and the case.
pub(in crate::app) struct Doer {
    by: By,
    context: Context,
    mandate: Mandate,
}

impl Doer {
    /// An officer of the Office.
    fn officer(mandate: &Mandate) -> Self {
        Self { by: By::Officer(mandate.officer.clone()), context: context(mandate), mandate: mandate.clone() }
    }

    /// An officer of a body.
    fn body(body: &Body, caller: CallerClaims, legal_basis: String) -> Result<Self, Refusal> {
        let officer = caller.officer.clone().ok_or(Refusal::Missing { member: "/context/officer" })?;
        let by = By::Body(body.clone(), officer);
        // In a case the body is who did it: its officers are its own.
        let named = OfficerId::parse(body.as_str());
        let officer = named.map_err(|_| Refusal::Invalid { member: "/context", expected: "a body's certificate" })?;
        let mandate = Mandate { caller, officer, legal_basis, vulnerabilities: false };
        let context = Context { officer: by.officer(), ..context(&mandate) };
        Ok(Self { by, context, mandate })
    }

    /// Nobody of ours: time, or another state by the network.
    pub(in crate::app) fn nobody(by: By, actor: &str, legal_basis: String) -> Result<Self, Refusal> {
        let caller = CallerClaims {
            actor: actor.to_owned(),
            terminal: None,
            officer: None,
            purpose: String::new(),
            case_number: String::new(),
            request_id: None,
        };
        let named = OfficerId::parse(by.name());
        let officer = named.map_err(|_| Refusal::Invalid { member: "/by", expected: "a name" })?;
        let mandate = Mandate { caller, officer, legal_basis, vulnerabilities: false };
        let context = Context { officer: String::new(), ..context(&mandate) };
        Ok(Self { by, context, mandate })
    }

    /// Time itself.
    fn clock(legal_basis: String) -> Result<Self, Refusal> {
        Self::nobody(By::Clock, "service/registry", legal_basis)
    }
}

impl By {
    fn name(&self) -> &str {
        match self {
            Self::Officer(officer) => officer.as_str(),
            Self::Body(body, _) => body.as_str(),
            Self::State(state) => state,
            Self::Clock => "clock",
        }
    }

    fn officer(&self) -> String {
        match self {
            Self::Officer(officer) | Self::Body(_, officer) => officer.to_string(),
            Self::State(_) | Self::Clock => String::new(),
        }
    }
}

/// A place in the law, as the journal has it.
pub(super) fn law_of(basis: &Basis) -> String {
    format!("{}, {}", basis.act.title.en, basis.article)
}

/// What is sealed of a consultation opens with that one only.
pub(in crate::app) fn bound_to(id: ConsultationId) -> Bound {
    let mut bound = *b"................consultation....";
    let (first, _) = bound.split_at_mut(16);
    first.copy_from_slice(id.uuid().as_bytes());
    bound
}

pub(super) fn place(standing: &Standing<'_>) -> Place {
    let by_head = |party| matches!(party, Party::Head);
    let open = standing.deadlines.iter().filter(|deadline| deadline.is_open() && by_head(deadline.rule.owed_by));
    let next_due = open.map(|deadline| Due::instant(deadline.due)).min().filter(|_| !standing.closed);
    Place { outcome: standing.outcome, closed: standing.closed, next_due, next_silence: standing.next_silence }
}

pub(super) fn check_text(text: &str, longest: usize, member: &'static str) -> Result<(), Refusal> {
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        let expected = if longest == LONGEST_REMARK { "up to 300 characters" } else { "up to 64 characters" };
        return Err(Refusal::Invalid { member, expected });
    }
    Ok(())
}

impl App {
    /// The rules of a consultation, as they are at a moment.
    pub(super) fn consultation_law(&self, file: &Consultation, at: Timestamp) -> Result<&CaseType, Refusal> {
        let (opened_on, on) = (warsaw::date(file.opened_at), warsaw::date(at));
        let (_, law) =
            self.rules.governing(file.flow.as_str(), opened_on, on, std::iter::empty()).ok_or(Refusal::NoRules)?;
        Ok(law)
    }

    /// Where a consultation stands.
    pub(in crate::app) fn consultation_standing(
        &self,
        kept: &KeptConsultation,
        at: Timestamp,
    ) -> Result<Standing<'_>, Refusal> {
        standing(self.consultation_law(&kept.whole.file, at)?, &kept.whole.happened(), &self.calendar, at)
    }

    pub(in crate::app) async fn consultation_for_change(
        &self,
        tx: &DatabaseTransaction,
        id: ConsultationId,
        expected: Option<u64>,
    ) -> Result<KeptConsultation, RegistryError> {
        let kept = load_consultation(tx, id).await?.filter(|kept| !kept.is_erased()).ok_or(Refusal::NoConsultation)?;
        if expected.is_some_and(|expected| expected != kept.whole.file.version) {
            return Err(Refusal::Stale.into());
        }
        Ok(kept)
    }

    /// Writes that something happens now, with what follows from time before and after it. The consultation moves to its next version.
    pub(in crate::app) async fn note(
        &self,
        tx: &DatabaseTransaction,
        kept: &mut KeptConsultation,
        moves: &[NewMove],
        doer: &Doer,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let law = self.consultation_law(&kept.whole.file, now)?;
        let before = kept.whole.noted.len();
        for new in moves {
            check_text(&new.remark, LONGEST_REMARK, "/remark")?;
            let (follows, event) = admit(law, &kept.whole.happened(), new, &self.calendar, now)?;
            kept.whole.noted.extend(follows.into_iter().map(|happened| by_clock(happened, now)));
            let (grounds, remark) = (new.grounds, new.remark.trim());
            kept.whole.noted.push(noted(event, grounds, remark, doer.by.clone(), now));
        }
        Box::pin(self.write_noted(tx, kept, before, doer, now)).await
    }

    /// Writes what follows from time, if anything does; tells whether it did.
    pub(super) async fn note_time(
        &self,
        tx: &DatabaseTransaction,
        kept: &mut KeptConsultation,
        doer: &Doer,
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let law = self.consultation_law(&kept.whole.file, now)?;
        if consequences(law, &kept.whole.happened(), &self.calendar, now)?.is_empty() {
            return Ok(false);
        }
        let before = kept.whole.noted.len();
        Box::pin(self.write_noted(tx, kept, before, doer, now)).await?;
        Ok(true)
    }

    async fn write_noted(
        &self,
        tx: &DatabaseTransaction,
        kept: &mut KeptConsultation,
        before: usize,
        doer: &Doer,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let law = self.consultation_law(&kept.whole.file, now)?;
        let follows = consequences(law, &kept.whole.happened(), &self.calendar, now)?;
        kept.whole.noted.extend(follows.into_iter().map(|happened| by_clock(happened, now)));
        let standing = standing(law, &kept.whole.happened(), &self.calendar, now)?;
        let place = place(&standing);
        let (file, written) = (&kept.whole.file, kept.whole.noted.get(before..).unwrap_or_default());
        insert_noted(tx, file.id, written).await?;
        Box::pin(self.queue_forms(tx, kept, written, now)).await?;
        if !update_consultation(tx, file.id, file.version, &place).await? {
            return Err(Refusal::Stale.into());
        }
        let clock = Doer::clock(law_of(&law.basis))?;
        for noted in written {
            let by = if noted.by == By::Clock { &clock } else { doer };
            let told = Box::pin(self.tell_case(tx, file, law, &noted.happened, by, now)).await?;
            self.journal.record(tx, self.entry_of(file, noted, &standing, by, told)).await?;
        }
        kept.whole.file.version += 1;
        Ok(())
    }

    fn entry_of(&self, file: &Consultation, noted: &Noted, standing: &Standing<'_>, doer: &Doer, told: bool) -> Entry {
        let happened = &noted.happened;
        let moved = ConsultationMoved {
            consultation_id: file.id.to_string(),
            case_id: file.case.map(|case| case.to_string()).unwrap_or_default(),
            event: happened.event.clone(),
            of: happened.of.clone().unwrap_or_default(),
            decision: happened.decision.clone().unwrap_or_default(),
            at_ms: happened.at.millis(),
            outcome: standing.outcome.as_str().to_owned(),
        };
        let detail = json!({
            "consultation": file.id.to_string(),
            "event": happened.event,
            "of": happened.of,
            "decision": happened.decision,
            "grounds": noted.grounds.map(Grounds::as_str),
            "outcome": standing.outcome.as_str(),
            "case_told": told,
        });
        self.about(file, kind(&happened.event), doer, detail).event(&moved)
    }

    /// An entry about a consultation, under its number.
    pub(super) fn about(
        &self,
        file: &Consultation,
        kind: &'static str,
        doer: &Doer,
        detail: serde_json::Value,
    ) -> Entry {
        Entry::new(kind, Context { case_number: file.number.clone(), ..doer.context.clone() })
            .subject(self.journal.pseudonym("consultation", &file.id.to_string()))
            .legal_basis(doer.mandate.legal_basis.clone())
            .detail(detail)
    }
}

fn by_clock(happened: Happened, now: Timestamp) -> Noted {
    noted(happened, None, "", By::Clock, now)
}

fn noted(happened: Happened, grounds: Option<Grounds>, remark: &str, by: By, now: Timestamp) -> Noted {
    Noted { happened, grounds, remark: remark.to_owned(), recorded_at: now, by }
}

/// What the journal calls an event.
fn kind(event: &str) -> &'static str {
    use consultation::events as e;
    match event {
        e::ASKED => "consultation.asked",
        e::DELIVERED => "consultation.delivered",
        e::REPLIED => "consultation.replied",
        e::EXTENDED => "consultation.extended",
        e::ANSWERED => "consultation.answered",
        e::PROLONGED => "consultation.prolonged",
        e::CONSUL_TOLD => "consultation.consul_told",
        e::COMPLETED => "consultation.completed",
        e::WITHDRAWN => "consultation.withdrawn",
        _ => "consultation.silent",
    }
}
