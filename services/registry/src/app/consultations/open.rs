//! Opening a consultation, and asking.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::registry::events::v1::ConsultationOpened;
use straznica_types::Timestamp;

use super::{Doer, bound_to, check_text, law_of, place};
use crate::app::App;
use crate::app::entry::of_person;
use crate::domain::calendar::warsaw;
use crate::domain::clock::Happened;
use crate::domain::consultation::{Consultation, Flow, NewMove, Noted, Subject, WholeConsultation, events, standing};
use crate::domain::person::{BirthDate, Country, Fact, NameKind, Statement, valid_on};
use crate::domain::{CaseId, ConsultationId, Mandate, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{KeptConsultation, insert_consultation, insert_noted, known_persons, load_case, next_number};

/// Most bodies or states asked at once.
const MOST_ASKED: usize = 40;
/// Longest reference, in characters.
const LONGEST_REFERENCE: usize = 64;
/// Our own state is not asked by ourselves.
const OWN_STATE: &str = "POL";

/// A consultation to be opened.
#[derive(Debug, Clone)]
pub(crate) struct NewConsultation {
    pub(crate) flow: Flow,
    pub(crate) case: Option<CaseId>,
    pub(crate) person: Option<PersonId>,
    /// `None`: as the register knows the person.
    pub(crate) subject: Option<Subject>,
    pub(crate) asked_by: String,
    pub(crate) reference: String,
    pub(crate) asked: Vec<String>,
    /// States are asked by letter: this node is at no network.
    pub(crate) on_paper: bool,
}

impl App {
    /// Opens a consultation and asks at once.
    pub(crate) async fn open_consultation(
        &self,
        mandate: &Mandate,
        new: NewConsultation,
    ) -> Result<Consultation, RegistryError> {
        let subject = match (&new.subject, new.person) {
            (Some(subject), _) => subject.clone().check()?,
            (None, Some(person)) => self.subject_of(person).await?.check()?,
            (None, None) => return Err(Refusal::Missing { member: "/subject" }.into()),
        };
        let (new, subject, doer) = (&new, &subject, &Doer::officer(mandate));
        self.store.write_tx(async move |tx| Box::pin(self.open_in(tx, doer, new, subject)).await).await
    }

    /// The same, in a transaction somebody else began.
    pub(in crate::app) async fn open_in(
        &self,
        tx: &DatabaseTransaction,
        doer: &Doer,
        new: &NewConsultation,
        subject: &Subject,
    ) -> Result<Consultation, RegistryError> {
        self.check_new(new, subject)?;
        // Within the transaction: silence is counted from when it was asked, and not from when somebody began to wait.
        let now = self.clock.now();
        let day = warsaw::date(now);
        let (set, law) =
            self.rules.governing(new.flow.as_str(), day, day, std::iter::empty()).ok_or(Refusal::NoRules)?;
        if let Some(case) = new.case {
            load_case(tx, case).await?.ok_or(Refusal::NoCase)?;
        }
        if let Some(person) = new.person
            && !known_persons(tx, &[person]).await?.contains(&person)
        {
            return Err(Refusal::NoPerson.into());
        }
        let id = ConsultationId::generate_at(now);
        let last = next_number(tx, "KSK", day.year()).await?;
        let file = Consultation {
            id,
            number: format!("KSK/{}/{last:06}", day.year()),
            flow: new.flow,
            rule_set: set.id.clone(),
            case: new.case,
            person: new.person,
            asked_by: new.asked_by.clone(),
            reference: new.reference.clone(),
            opened_at: now,
            version: 1,
        };
        let opening = Noted {
            happened: opening(new.flow, now),
            grounds: None,
            remark: String::new(),
            recorded_at: now,
            by: doer.by.clone(),
        };
        let whole = WholeConsultation { file, noted: vec![opening] };
        let sealed = self.keys.seal_for(bound_to(id), subject)?;
        let opened = standing(law, &whole.happened(), &self.calendar, now)?;
        insert_consultation(tx, &whole.file, &sealed, &place(&opened)).await?;
        insert_noted(tx, id, &whole.noted).await?;
        let told = ConsultationOpened {
            consultation_id: id.to_string(),
            case_id: new.case.map(|case| case.to_string()).unwrap_or_default(),
            flow: new.flow.as_str().to_owned(),
            asked: new.asked.clone(),
        };
        let detail = json!({
            "consultation": id.to_string(),
            "flow": new.flow.as_str(),
            "rule_set": set.id,
            "asked_by": new.asked_by,
            "asked": new.asked,
            "on_paper": new.on_paper,
            "law": law_of(&law.basis),
        });
        self.journal.record(tx, self.about(&whole.file, "consultation.opened", doer, detail).event(&told)).await?;
        if let Some(person) = new.person {
            let detail = json!({ "consultation": id.to_string(), "to": new.asked });
            let entry = of_person(&self.journal, "person.disclosed", &doer.mandate, person, detail);
            self.journal.record(tx, entry).await?;
        }
        let mut kept = KeptConsultation { whole, sealed };
        self.note(tx, &mut kept, &asking(&new.asked), doer, now).await?;
        Ok(kept.whole.file)
    }

    /// Asks further bodies or states.
    pub(crate) async fn ask_further(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        asked: &[String],
    ) -> Result<u64, RegistryError> {
        self.store
            .write_tx(async move |tx| {
                let now = self.clock.now();
                let mut kept = self.consultation_for_change(tx, id, Some(expected)).await?;
                let subject: Subject = self.keys.unseal_for(bound_to(id), &kept.sealed)?;
                self.check_asked(kept.whole.file.flow, asked, &subject)?;
                self.note(tx, &mut kept, &asking(asked), &Doer::officer(mandate), now).await?;
                if let Some(person) = kept.whole.file.person {
                    let detail = json!({ "consultation": id.to_string(), "to": asked });
                    let entry = of_person(&self.journal, "person.disclosed", mandate, person, detail);
                    self.journal.record(tx, entry).await?;
                }
                Ok::<_, RegistryError>(kept.whole.file.version)
            })
            .await
    }

    fn check_new(&self, new: &NewConsultation, subject: &Subject) -> Result<(), Refusal> {
        check_text(&new.asked_by, LONGEST_REFERENCE, "/asked_by")?;
        check_text(&new.reference, LONGEST_REFERENCE, "/reference")?;
        if new.flow.is_opinion() && new.case.is_none() {
            return Err(Refusal::Missing { member: "/case_id" });
        }
        if !new.flow.is_opinion() && new.asked_by.trim().is_empty() {
            return Err(Refusal::Missing { member: "/asked_by" });
        }
        if new.on_paper && (!new.flow.asks_states() || self.network.is_some()) {
            let expected = "false: only other states are asked on paper, by a node that is at no consultation network";
            return Err(Refusal::Invalid { member: "/on_paper", expected });
        }
        if new.flow.asks_states() && self.network.is_none() && !new.on_paper {
            return Err(Refusal::NoNetwork);
        }
        self.check_asked(new.flow, &new.asked, subject)
    }

    /// Bodies of this node; of states never our own, and never that of which the alien is a national (Protection Act art. 9).
    fn check_asked(&self, flow: Flow, asked: &[String], subject: &Subject) -> Result<(), Refusal> {
        if asked.is_empty() || asked.len() > MOST_ASKED {
            return Err(Refusal::Invalid { member: "/asked", expected: "1 to 40 bodies or states" });
        }
        for of in asked {
            if !flow.asks_states() {
                if !self.bodies.iter().any(|body| body.as_str() == of) {
                    return Err(Refusal::Invalid { member: "/asked", expected: "bodies this node is configured with" });
                }
                continue;
            }
            let state = Country::parse(of, "/asked")?;
            if state.as_str().len() != 3 || of == OWN_STATE || state == subject.nationality {
                let expected = "other states than Poland and that of the nationality, by three letters";
                return Err(Refusal::Invalid { member: "/asked", expected });
            }
        }
        Ok(())
    }

    /// Whom those who are asked see, as the register knows them today.
    async fn subject_of(&self, person: PersonId) -> Result<Subject, RegistryError> {
        let (_, all) = self.statements(person).await?;
        let (now, today) = (Timestamp::from_millis(i64::MAX), warsaw::date(self.clock.now()));
        Ok(subject(valid_on(&all, now, today))?)
    }
}

fn opening(flow: Flow, now: Timestamp) -> Happened {
    NewMove::of(flow.opened_by(), None).numbered(1, now)
}

fn asking(asked: &[String]) -> Vec<NewMove> {
    asked.iter().map(|of| NewMove::of(events::ASKED, Some(of))).collect()
}

/// The main name in Latin, or in the original script where nobody gave one; the first of everything else.
fn subject<'s>(statements: impl Iterator<Item = &'s Statement>) -> Result<Subject, Refusal> {
    let mut subject = Subject {
        surname: String::new(),
        given_names: String::new(),
        birth: BirthDate::Unknown,
        sex: None,
        nationality: Country::parse("XXX", "/subject/nationality")?,
        document_number: String::new(),
        matter: String::new(),
    };
    let mut first = (true, true, true);
    let either = |latin: &str, original: &str| if latin.is_empty() { original.to_owned() } else { latin.to_owned() };
    for fact in statements.filter_map(|statement| statement.fact.as_ref()) {
        match fact {
            Fact::Name(name) if name.kind == NameKind::Main && subject.surname.is_empty() => {
                subject.surname = either(&name.latin_surname, &name.original_surname);
                subject.given_names = either(&name.latin_given, &name.original_given);
            }
            Fact::Birth(birth) if first.0 => (subject.birth, first.0) = (birth.date, false),
            Fact::Nationality(country) if first.1 => (subject.nationality, first.1) = (country.clone(), false),
            Fact::Document(document) if first.2 => {
                (subject.document_number, first.2) = (document.number.clone(), false);
            }
            Fact::Sex(sex) if subject.sex.is_none() => subject.sex = Some(*sex),
            _ => {}
        }
    }
    Ok(subject)
}
