//! The source of alerts: asked once, within its time, and believed only where it keeps its contract.
//!
//! What comes back is looked at before anybody sees it. A time-out, an error, a value nobody knows, a part that is missing, an answer too old: each is told apart
//! ([`Unavailable`]), and none is ever an answer. What was understood of such an answer goes with it all the same.

use std::time::Duration;

use straznica_contracts::alerts::v1 as contract;
use straznica_contracts::alerts::v1::alert_source_service_client::AlertSourceServiceClient;
use straznica_contracts::alerts::v1::answer::Outcome;
use straznica_pki::Tls;
use straznica_runtime::channel::{self, Channel, ChannelError};
use straznica_types::{CivilDate, SharedClock, Timestamp, check_name};
use tonic::{Code, Status};

use crate::config::AlertSourceConfig;
use crate::domain::alerts::{Action, Category, Finding, Profile, Unavailable};
use crate::domain::person::{BirthDate, Country, Name, NameKind, Sex, TravelDocument};

/// Most alerts of one answer.
const MOST_HITS: usize = 64;
/// Most names asked with.
const MOST_NAMES: usize = 16;
/// Largest answer, in bytes.
const LARGEST_ANSWER: usize = 256 * 1024;
/// How far the source's clock may be ahead.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);

/// Why the configured source cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// A name that can stand in no certificate.
    #[error("the source of alerts {0:?}: a name has 1 to 56 letters, digits, '.', '_' or '-'")]
    Name(String),
    /// The channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

/// Who asks and why: what the source keeps with its own record.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) request_id: String,
    pub(crate) officer: String,
    pub(crate) terminal: String,
    pub(crate) purpose: String,
    pub(crate) legal_basis: String,
    pub(crate) case_number: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Said {
    /// Who answered; empty: nobody was asked.
    pub(crate) source: String,
    /// The time the answer is of.
    pub(crate) as_of: Option<Timestamp>,
    /// Why it is no answer.
    pub(crate) missing: Option<Unavailable>,
    /// What was understood of it.
    pub(crate) matches: Vec<Match>,
}

/// An alert that matched.
#[derive(Debug)]
pub(crate) struct Match {
    /// The source's handle.
    pub(crate) alert: String,
    pub(crate) exact: bool,
    pub(crate) finding: Finding,
    /// Whom it is on.
    pub(crate) subject: Profile,
}

impl Said {
    /// Nobody was asked, or nothing came.
    pub(crate) fn nothing(source: &str, why: Unavailable) -> Self {
        Self { source: source.to_owned(), as_of: None, missing: Some(why), matches: Vec::new() }
    }
}

/// An answer that does not keep the contract. Says what is wrong, never with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed(&'static str);

/// The adapter before the source.
pub(crate) struct AlertSource {
    name: String,
    client: AlertSourceServiceClient<Channel>,
    patience: Duration,
    fresh: Duration,
    clock: SharedClock,
}

impl AlertSource {
    /// As configured. It need not be there yet.
    pub(crate) fn new(
        config: &AlertSourceConfig,
        tls: &std::sync::Arc<Tls>,
        clock: SharedClock,
    ) -> Result<Self, SourceError> {
        let service = format!("alerts-{}", config.name);
        if config.name.is_empty() || check_name(&service).is_err() {
            return Err(SourceError::Name(config.name.clone()));
        }
        let channel = channel::connect(&service, &config.channel, tls)?;
        Ok(Self {
            name: config.name.clone(),
            client: AlertSourceServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER),
            patience: Duration::from_millis(config.channel.timeout_ms),
            fresh: Duration::from_secs(config.fresh_seconds),
            clock,
        })
    }

    /// Asks for alerts on a person.
    pub(crate) async fn ask_person(&self, profile: &Profile, asking: Asking) -> Said {
        let request =
            contract::QueryPersonRequest { context: Some(context(asking)), person: Some(contract_person(profile)) };
        let mut client = self.client.clone();
        let answered = tokio::time::timeout(self.patience, client.query_person(request)).await;
        self.judge(answered.map(|answered| answered.map(|response| response.into_inner().answer)))
    }

    /// Asks for alerts on a document.
    pub(crate) async fn ask_document(&self, document: &TravelDocument, asking: Asking) -> Said {
        let mut asked = contract::Document::default();
        asked.kind.clone_from(&document.kind);
        asked.number =
            document.number.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_uppercase();
        asked.issuing_state = alpha3(&document.issuer);
        let request = contract::QueryDocumentRequest { context: Some(context(asking)), document: Some(asked) };
        let mut client = self.client.clone();
        let answered = tokio::time::timeout(self.patience, client.query_document(request)).await;
        self.judge(answered.map(|answered| answered.map(|response| response.into_inner().answer)))
    }

    fn judge(&self, answered: Result<Result<Option<contract::Answer>, Status>, tokio::time::error::Elapsed>) -> Said {
        let answer = match answered {
            Ok(Ok(answer)) => answer,
            Ok(Err(status)) => {
                // The code alone: an adapter that errs may have written anything into the text.
                tracing::warn!(source = self.name, code = ?status.code(), "the source of alerts did not answer");
                let why = match status.code() {
                    // A client's own time-out shows as cancelled.
                    Code::Cancelled | Code::DeadlineExceeded => Unavailable::TimedOut,
                    // Larger than an answer may be.
                    Code::OutOfRange => Unavailable::Malformed,
                    _ => Unavailable::Unreachable,
                };
                return Said::nothing(&self.name, why);
            }
            Err(_) => {
                tracing::warn!(source = self.name, "the source of alerts did not answer in time");
                return Said::nothing(&self.name, Unavailable::TimedOut);
            }
        };
        match answer.and_then(|mut answer| answer.outcome.take()).as_mut() {
            Some(Outcome::Answered(answered)) => self.believe(answered),
            Some(Outcome::Unavailable(_)) => Said::nothing(&self.name, Unavailable::SourceDown),
            Some(Outcome::Refused(_)) => Said::nothing(&self.name, Unavailable::Refused),
            None => self.malformed(Malformed("no outcome"), Said::nothing(&self.name, Unavailable::Malformed)),
        }
    }

    fn believe(&self, answered: &mut contract::Answered) -> Said {
        let now = self.clock.now();
        let mut said = Said { source: self.name.clone(), as_of: None, missing: None, matches: Vec::new() };
        let hits = std::mem::take(&mut answered.hits);
        if hits.len() > MOST_HITS {
            return self.malformed(Malformed("number of alerts"), said);
        }
        let mut wrong = None;
        for hit in hits {
            match read_hit(hit, now.date()) {
                Ok(hit) => said.matches.push(hit),
                Err(malformed) => wrong = Some(malformed),
            }
        }
        let as_of = Timestamp::from_millis(answered.as_of_ms);
        if answered.as_of_ms <= 0 || as_of > now + CLOCK_TOLERANCE {
            return self.malformed(Malformed("time of the answer"), said);
        }
        said.as_of = Some(as_of);
        let named =
            (1..=64).contains(&answered.source.chars().count()) && !answered.source.chars().any(char::is_control);
        if !named {
            return self.malformed(Malformed("name of the source"), said);
        }
        said.source = std::mem::take(&mut answered.source);
        if let Some(wrong) = wrong {
            return self.malformed(wrong, said);
        }
        said.missing = if !answered.complete {
            Some(Unavailable::Incomplete)
        } else if now.saturating_since(as_of) > self.fresh {
            Some(Unavailable::Stale)
        } else {
            None
        };
        said
    }

    fn malformed(&self, Malformed(what): Malformed, said: Said) -> Said {
        tracing::error!(source = self.name, what, "the adapter of the source of alerts does not keep the contract");
        Said { missing: Some(Unavailable::Malformed), ..said }
    }
}

fn context(asking: Asking) -> contract::QueryContext {
    let mut context = contract::QueryContext::default();
    context.request_id = asking.request_id;
    context.officer = asking.officer;
    context.terminal = asking.terminal;
    context.purpose = asking.purpose;
    context.legal_basis = asking.legal_basis;
    context.case_number = asking.case_number;
    context
}

fn contract_person(profile: &Profile) -> contract::Person {
    let name = |name: &Name| {
        let mut named = contract::PersonName::default();
        named.original_surname.clone_from(&name.original_surname);
        named.original_given.clone_from(&name.original_given);
        named.latin_surname.clone_from(&name.latin_surname);
        named.latin_given.clone_from(&name.latin_given);
        named
    };
    let mut person = contract::Person::default();
    person.names = profile.names.iter().take(MOST_NAMES).map(name).collect();
    person.birth_dates = profile.births.iter().map(ToString::to_string).collect();
    person.nationalities = profile.nationalities.iter().map(alpha3).collect();
    person.set_sex(match profile.sex {
        None => contract::Sex::Unspecified,
        Some(Sex::Female) => contract::Sex::Female,
        Some(Sex::Male) => contract::Sex::Male,
        Some(Sex::Other) => contract::Sex::Other,
    });
    person
}

/// Germany is "D" in documents (ICAO Doc 9303-3 §5), and in no other table.
fn alpha3(country: &Country) -> String {
    if country.as_str() == "D" { "DEU".to_owned() } else { country.as_str().to_owned() }
}

fn read_hit(mut hit: contract::Hit, today: CivilDate) -> Result<Match, Malformed> {
    let category = match hit.category() {
        contract::AlertCategory::Unspecified => return Err(Malformed("category of an alert")),
        contract::AlertCategory::RefusalOfEntry => Category::RefusalOfEntry,
        contract::AlertCategory::Return => Category::Return,
        contract::AlertCategory::Arrest => Category::Arrest,
        contract::AlertCategory::MissingOrVulnerable => Category::MissingOrVulnerable,
        contract::AlertCategory::JudicialProcedure => Category::JudicialProcedure,
        contract::AlertCategory::Check => Category::Check,
        contract::AlertCategory::Object => Category::Object,
    };
    let action = match hit.action() {
        contract::Action::Unspecified => return Err(Malformed("action of an alert")),
        contract::Action::RefuseEntry => Action::RefuseEntry,
        contract::Action::VerifyReturn => Action::VerifyReturn,
        contract::Action::Arrest => Action::Arrest,
        contract::Action::Locate => Action::Locate,
        contract::Action::Protect => Action::Protect,
        contract::Action::EstablishResidence => Action::EstablishResidence,
        contract::Action::GatherDiscreetly => Action::GatherDiscreetly,
        contract::Action::Interview => Action::Interview,
        contract::Action::Search => Action::Search,
        contract::Action::Seize => Action::Seize,
    };
    let exact = match hit.exactness() {
        contract::Exactness::Unspecified => return Err(Malformed("exactness of a match")),
        contract::Exactness::Exact => true,
        contract::Exactness::Possible => false,
    };
    if check_name(&hit.alert_id).is_err() {
        return Err(Malformed("handle of an alert"));
    }
    let issuing_state =
        Country::parse(&hit.issuing_state, "/issuing_state").ok().filter(|state| state.as_str().len() == 3);
    let issuing_state = issuing_state.ok_or(Malformed("state of an alert"))?;
    if hit.entry_ban.is_some() && category != Category::Return {
        return Err(Malformed("entry ban of an alert"));
    }
    let subject = hit.subject.take().map(|subject| read_subject(subject, today)).transpose()?.unwrap_or_default();
    if !exact && category != Category::Object && subject.names.is_empty() {
        return Err(Malformed("subject of a possible match"));
    }
    let finding = Finding { category, action, issuing_state, entry_ban: hit.entry_ban, likeness: None };
    Ok(Match { alert: std::mem::take(&mut hit.alert_id), exact, finding, subject })
}

fn read_subject(mut person: contract::Person, today: CivilDate) -> Result<Profile, Malformed> {
    if person.names.len() > MOST_NAMES
        || person.birth_dates.len() > MOST_NAMES
        || person.nationalities.len() > MOST_NAMES
    {
        return Err(Malformed("size of a subject"));
    }
    let name = |mut name: contract::PersonName| {
        let named = Name {
            kind: NameKind::Alias,
            original_surname: std::mem::take(&mut name.original_surname),
            original_given: std::mem::take(&mut name.original_given),
            latin_surname: std::mem::take(&mut name.latin_surname),
            latin_given: std::mem::take(&mut name.latin_given),
        };
        named.check().map_err(|_| Malformed("name of a subject"))
    };
    let birth = |text: &String| {
        let birth = BirthDate::parse(text).map_err(|_| Malformed("birth of a subject"))?;
        match birth {
            BirthDate::Day(day) if day > today => Err(Malformed("birth of a subject")),
            birth => Ok(birth),
        }
    };
    let nationality =
        |code: &String| Country::parse(code, "/nationality").map_err(|_| Malformed("nationality of a subject"));
    Ok(Profile {
        names: std::mem::take(&mut person.names).into_iter().map(name).collect::<Result<_, _>>()?,
        births: person.birth_dates.iter().map(birth).collect::<Result<_, _>>()?,
        nationalities: person.nationalities.iter().map(nationality).collect::<Result<_, _>>()?,
        sex: match contract::Sex::try_from(person.sex) {
            Ok(contract::Sex::Unspecified) => None,
            Ok(contract::Sex::Female) => Some(Sex::Female),
            Ok(contract::Sex::Male) => Some(Sex::Male),
            Ok(contract::Sex::Other) => Some(Sex::Other),
            Err(_) => return Err(Malformed("sex of a subject")),
        },
    })
}
