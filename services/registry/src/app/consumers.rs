//! Other authorities read persons: admitted by their profile, counted, released by the law, told what their grant holds, journalled.

use std::collections::BTreeSet;

use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use straznica_error::Coded as _;
use straznica_journal::{Context, Entry};
use straznica_types::Timestamp;

use super::App;
use super::whole::Whole;
use crate::domain::calendar::warsaw;
use crate::domain::consumer::{
    Answer, AskedDocument, Denied, Field, Grant, KnownCase, Profile, Released, Subject, Way, disclose, release,
};
use crate::domain::file::{WholeCase, work};
use crate::domain::person::Fact;
use crate::domain::{CallerClaims, PersonId, Refusal};
use crate::error::RegistryError;
use crate::store::{Window, candidates, case_numbered, cases_of, count_question};

/// Most relatives and companions looked at with a person. Who has more is not told of abroad.
const LARGEST_HOUSEHOLD: usize = 200;

const MINUTE_MS: i64 = 60_000;

/// Whom a consumer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Criterion {
    /// The register's identifier.
    Person(PersonId),
    /// The number of a case.
    Case(String),
    /// A document.
    Document(AskedDocument),
}

impl Criterion {
    const fn way(&self) -> Way {
        match self {
            Self::Person(_) => Way::PersonId,
            Self::Case(_) => Way::CaseNumber,
            Self::Document(_) => Way::Document,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asker {
    /// The consumer's name in its certificate; where nobody vouches for one, why not.
    pub(crate) consumer: Result<String, Denied>,
    /// The service that speaks for it; `None`: it came itself.
    pub(crate) through: Option<String>,
}

/// What a consumer is told.
pub(crate) struct Reading<'p> {
    pub(crate) grant: &'p Grant,
    pub(crate) answers: Vec<Answer>,
    pub(crate) at: Timestamp,
}

/// A question that was admitted.
struct Asked<'p> {
    profile: &'p Profile,
    grant: &'p Grant,
    way: Way,
    through: Option<String>,
    context: Context,
}

/// A person as far as a question needs to know them.
struct Known {
    subject: Subject,
    cases: Vec<WholeCase>,
    /// There are more relatives and companions than are looked at.
    crowded: bool,
}

impl App {
    /// Answers a consumer's question.
    pub(crate) async fn read_persons(
        &self,
        asker: Asker,
        caller: CallerClaims,
        criterion: Result<Criterion, Refusal>,
    ) -> Result<Reading<'_>, RegistryError> {
        let now = self.clock.now();
        let context = context_of(&caller);
        let through = asker.through.clone();
        let (asked, criterion) = match self.admit_consumer(asker, &caller, criterion, context.clone(), now).await {
            Ok(admitted) => admitted,
            Err(refused) => return Err(self.journal_refusal(refused, context, through).await?),
        };
        let abroad = asked.profile.reach().abroad();
        let known = match self.store.read_tx(async |tx| self.known(tx, &criterion, abroad).await).await {
            Err(refused @ RegistryError::Refused(_)) => {
                return Err(self.journal_refusal(refused, context, through).await?);
            }
            known => known?,
        };
        let answers = self.tell(&asked, &known, now)?;
        self.journal_reading(&asked, &criterion, &known, &answers).await?;
        Ok(Reading { grant: asked.grant, answers, at: now })
    }

    /// The profile of a consumer.
    pub(crate) fn consumer(&self, peer: &str) -> Result<&Profile, Denied> {
        self.consumers.get(peer)
    }

    async fn admit_consumer(
        &self,
        asker: Asker,
        caller: &CallerClaims,
        criterion: Result<Criterion, Refusal>,
        context: Context,
        now: Timestamp,
    ) -> Result<(Asked<'_>, Criterion), RegistryError> {
        let peer = asker.consumer?;
        let profile = self.consumers.get(&peer)?;
        self.count(profile, now).await?;
        let missing = |member| RegistryError::from(Refusal::Missing { member });
        if caller.officer.is_none() {
            return Err(missing("/context/officer"));
        }
        if caller.purpose.is_empty() {
            return Err(missing("/context/purpose"));
        }
        if caller.case_number.is_empty() {
            return Err(missing("/context/case_number"));
        }
        let criterion = criterion?;
        let way = criterion.way();
        let grant = profile.admit(&peer, warsaw::date(now), &caller.purpose, way)?;
        // A document nobody is found by yet is not one nobody has.
        if way == Way::Document && !self.finding.complete() {
            return Err(RegistryError::NotFindable);
        }
        Ok((Asked { profile, grant, way, through: asker.through, context }, criterion))
    }

    /// Counts a question in its minute and on its day.
    async fn count(&self, profile: &Profile, now: Timestamp) -> Result<(), RegistryError> {
        let minute = now.millis().div_euclid(MINUTE_MS);
        let today = warsaw::date(now);
        let counted = self
            .store
            .write_tx(async move |tx| {
                // The minute first: what it keeps out is not counted on the day.
                if !count_question(tx, &profile.id, (Window::Minute, minute), profile.per_minute).await? {
                    return Ok(Err(Window::Minute));
                }
                let day = (Window::Day, today.days_since_epoch());
                let counted = count_question(tx, &profile.id, day, profile.per_day).await?;
                Ok::<_, RegistryError>(if counted { Ok(()) } else { Err(Window::Day) })
            })
            .await?;
        counted.map_err(|window| {
            let ends = match window {
                Window::Minute => Timestamp::from_millis((minute + 1) * MINUTE_MS),
                Window::Day => warsaw::start_of(today.plus_days(1)),
            };
            RegistryError::TooOften { retry_after: ends.saturating_since(now) }
        })
    }

    /// Whom a question is about.
    async fn known(
        &self,
        tx: &DatabaseTransaction,
        criterion: &Criterion,
        abroad: bool,
    ) -> Result<Vec<Known>, RegistryError> {
        let persons = match criterion {
            Criterion::Person(id) => vec![*id],
            Criterion::Case(number) => case_numbered(tx, number).await?.map_or_else(Vec::new, |case| case.persons),
            Criterion::Document(document) => self.holders(tx, document).await?,
        };
        let mut known = Vec::with_capacity(persons.len());
        for id in persons {
            let Some(whole) = self.everything(tx, id).await? else { continue };
            // Of several who are read as one, the law asks where any of them came from.
            let members = whole.group.members;
            let ever = whole.statements;
            let mut cases: Vec<WholeCase> = Vec::new();
            for member in &members {
                cases.extend(cases_of(tx, *member).await?);
            }
            let mut others: BTreeSet<PersonId> = cases.iter().flat_map(|case| case.persons.iter().copied()).collect();
            others.extend(ever.iter().filter_map(|statement| match &statement.fact {
                Some(Fact::FamilyLink(link)) => Some(link.person),
                _ => None,
            }));
            others.retain(|other| !members.contains(other));
            let crowded = others.len() > LARGEST_HOUSEHOLD;
            let mut household = Vec::new();
            if abroad && !crowded {
                for other in others {
                    household.extend(self.everything(tx, other).await?.map(|whole| whole.statements));
                }
            }
            known.push(Known { subject: Subject { id, ever, household }, cases, crowded });
        }
        Ok(known)
    }

    /// Of whom a document is stated; of several who are read as one, that one.
    async fn holders(
        &self,
        tx: &DatabaseTransaction,
        document: &AskedDocument,
    ) -> Result<Vec<PersonId>, RegistryError> {
        let digests: Vec<i64> = document.keys().iter().map(|key| self.keys.digest(key)).collect();
        let sharing = candidates(tx, &digests).await?;
        // Its holder may be among those who were not looked at.
        if sharing.more {
            let expected = "the number of one document";
            return Err(Refusal::Invalid { member: "/document/number", expected }.into());
        }
        let mut holders = BTreeSet::new();
        for candidate in sharing.found {
            let Some(whole) = self.everything(tx, candidate.person).await? else { continue };
            if document.is_among(&whole.statements) {
                holders.insert(whole.group.answers_as);
            }
        }
        Ok(holders.into_iter().collect())
    }

    async fn everything(&self, tx: &DatabaseTransaction, id: PersonId) -> Result<Option<Whole>, RegistryError> {
        match self.whole(tx, id, Timestamp::from_millis(i64::MAX)).await {
            Err(RegistryError::Refused(Refusal::NoPerson)) => Ok(None),
            whole => whole.map(Some),
        }
    }

    /// What may be told of them. Of a case's persons all or none: who is left out would be known by the gap.
    fn tell(&self, asked: &Asked<'_>, known: &[Known], now: Timestamp) -> Result<Vec<Answer>, RegistryError> {
        let reach = asked.profile.reach();
        let crowded = reach.abroad() && known.iter().any(|known| known.crowded);
        let released: Option<Vec<Released<'_>>> = known.iter().map(|known| release(&known.subject, &reach)).collect();
        let Some(released) = released.filter(|_| !crowded) else { return Ok(Vec::new()) };
        let vulnerable = self.purposes.see_vulnerabilities(&asked.context.purpose);
        let mut answers = Vec::with_capacity(released.len());
        for (released, known) in released.into_iter().zip(known) {
            let cases = if asked.grant.fields.contains(&Field::Procedures) {
                known.cases.iter().map(|case| self.known_case(case, now)).collect::<Result<Vec<_>, _>>()?
            } else {
                Vec::new()
            };
            answers.push(disclose(released, &cases, asked.grant, warsaw::date(now), vulnerable));
        }
        Ok(answers)
    }

    fn known_case(&self, case: &WholeCase, now: Timestamp) -> Result<KnownCase, Refusal> {
        let law = self.law(case, now)?;
        let standing = work(law, &case.happened(), &self.calendar, now)?.standing;
        let decided = case.decisions.iter();
        Ok(KnownCase {
            number: case.file.number.clone(),
            case_type: case.file.case_type.clone(),
            opened_at: case.file.opened_at,
            stage: standing.stage,
            closed: standing.closed,
            issued: decided.filter_map(|made| Some((made.decision.clone(), made.issued_at?))).collect(),
            as_of: case.events.iter().map(|event| event.recorded_at).max().unwrap_or(case.file.opened_at),
        })
    }

    async fn journal_refusal(
        &self,
        refused: RegistryError,
        context: Context,
        through: Option<String>,
    ) -> Result<RegistryError, RegistryError> {
        let detail = json!({ "code": refused.code().id, "through": through });
        self.journal.record_read(Entry::new("consumer.refused", context).detail(detail)).await?;
        Ok(refused)
    }

    /// An entry for everybody who is told of; where nobody is, one that says so, and for whom the law forbade it.
    async fn journal_reading(
        &self,
        asked: &Asked<'_>,
        criterion: &Criterion,
        known: &[Known],
        answers: &[Answer],
    ) -> Result<(), RegistryError> {
        let pseudonym = |id: PersonId| self.journal.pseudonym("person", &id.to_string());
        let entry = |kind, detail: Value| {
            let mut all =
                json!({ "way": asked.way.as_str(), "profile": asked.profile.digest, "through": asked.through });
            if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
                all.extend(detail);
            }
            Entry::new(kind, asked.context.clone()).legal_basis(asked.grant.legal_basis.clone()).detail(all)
        };
        for answer in answers {
            let fields: Vec<&str> = answer.fields().into_iter().map(Field::as_str).collect();
            let told = entry("consumer.answered", json!({ "fields": fields })).subject(pseudonym(answer.person));
            self.journal.record_read(told).await?;
        }
        if !answers.is_empty() {
            return Ok(());
        }
        for withheld in known {
            let entry = entry("consumer.withheld", json!({ "rule": "country_of_origin" }));
            self.journal.record_read(entry.subject(pseudonym(withheld.subject.id))).await?;
        }
        if known.is_empty() {
            let about = match criterion {
                Criterion::Person(id) => pseudonym(*id),
                Criterion::Case(number) => self.journal.pseudonym("case_number", number),
                Criterion::Document(document) => self.journal.pseudonym("document", &document.text()),
            };
            self.journal.record_read(entry("consumer.nothing_known", json!({})).subject(about)).await?;
        }
        Ok(())
    }
}

fn context_of(caller: &CallerClaims) -> Context {
    Context {
        actor: caller.actor.clone(),
        officer: caller.officer.as_ref().map(ToString::to_string).unwrap_or_default(),
        purpose: caller.purpose.clone(),
        case_number: caller.case_number.clone(),
        request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
        terminal: String::new(),
    }
}
