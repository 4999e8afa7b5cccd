//! The register of visas: asked while the officer waits, its answer judged before anybody sees it, and kept nowhere.
//!
//! What does not keep the contract (another document than was asked for, a state nobody knows, a time to come, more than the limits) counts as no answer, and no answer is never
//! "no visa".

use std::time::Duration;

use prost::Message as _;
use serde_json::json;
use straznica_contracts::sources::v1 as sources;
use straznica_contracts::sources::v1::lookup_visas_request::Criterion;
use straznica_contracts::sources::v1::lookup_visas_response::Outcome;
use straznica_contracts::sources::v1::visa_register_service_client::VisaRegisterServiceClient;
use straznica_pki::Tls;
use straznica_runtime::channel::{self, Channel, ChannelError};
use straznica_types::{CivilDate, SharedClock, Timestamp, check_name};

use super::App;
use super::entry::of_case;
use crate::config::VisaRegisterConfig;
use crate::domain::person::{Fact, Statement, TravelDocument, known};
use crate::domain::{CaseId, Mandate, PersonId, Refusal, StatementId};
use crate::error::RegistryError;
use crate::store::load_case;

/// Most visas of one answer.
const MOST_VISAS: usize = 32;
/// Most bytes of a visa.
const LARGEST_VISA: usize = 32 * 1024;
/// Most documents asked for at once.
const MOST_DOCUMENTS: usize = 20;
/// How far the register's clock may be ahead.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);

/// Why the configured register cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisaRegisterError {
    /// A name that can stand in no certificate.
    #[error("register of visas {0:?}: a name has 1 to 56 letters, digits, '.', '_' or '-'")]
    Name(String),
    /// The channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

/// The register of visas of this node.
pub(crate) struct VisaRegister {
    name: String,
    client: VisaRegisterServiceClient<Channel>,
    fresh: Duration,
    clock: SharedClock,
}

/// What the register said of one document.
#[derive(Debug)]
pub(crate) enum VisaAnswer {
    /// These visas, the newest first.
    Found(Vec<sources::Visa>, Told),
    /// It has none.
    None(Told),
    /// It was not reached, it cannot be asked, or what came was no answer.
    Unavailable,
    /// It does not answer this question.
    Refused,
    /// This node has none.
    NotConfigured,
}

/// Who told it, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The register.
    pub(crate) source: String,
    /// The time the data are of.
    pub(crate) as_of: Timestamp,
    /// Whether they are older than is taken for current.
    pub(crate) stale: bool,
}

impl VisaAnswer {
    /// As the journal names it.
    const fn name(&self) -> &'static str {
        match self {
            Self::Found(..) => "found",
            Self::None(_) => "none",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::NotConfigured => "not_configured",
        }
    }
}

/// What was said of one document of a person.
pub(crate) struct VisaReading {
    pub(crate) person: PersonId,
    pub(crate) statement: StatementId,
    pub(crate) answer: VisaAnswer,
}

/// What was said of the documents of a case.
pub(crate) struct CaseVisas {
    pub(crate) readings: Vec<VisaReading>,
    pub(crate) left_out: usize,
}

/// An answer that does not keep the contract. Says what is wrong, never with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed(&'static str);

impl VisaRegister {
    /// As configured. It need not be there yet.
    pub(crate) fn new(
        config: &VisaRegisterConfig,
        tls: &std::sync::Arc<Tls>,
        clock: SharedClock,
    ) -> Result<Self, VisaRegisterError> {
        let service = format!("sources-{}", config.name);
        if config.name.is_empty() || check_name(&service).is_err() {
            return Err(VisaRegisterError::Name(config.name.clone()));
        }
        let client = VisaRegisterServiceClient::new(channel::connect(&service, &config.channel, tls)?);
        Ok(Self { name: config.name.clone(), client, fresh: Duration::from_secs(config.fresh_seconds), clock })
    }

    async fn lookup(&self, document: &TravelDocument, context: sources::VisaLookupContext) -> VisaAnswer {
        let asked = asked(document);
        let mut request = sources::LookupVisasRequest::default();
        request.context = Some(context);
        request.criterion = Some(Criterion::Document(asked.clone()));
        let mut answered = match self.client.clone().lookup_visas(request).await {
            Ok(response) => response.into_inner(),
            Err(status) => {
                // The code alone: an adapter that errs may have written anything into the text.
                tracing::warn!(register = self.name, code = ?status.code(), "the register of visas was not reached");
                return VisaAnswer::Unavailable;
            }
        };
        let outcome = answered.outcome.take().ok_or(Malformed("no outcome"));
        outcome.and_then(|outcome| self.judge(outcome, &asked)).unwrap_or_else(|Malformed(what)| {
            tracing::error!(
                register = self.name,
                what,
                "the adapter of the register of visas does not keep the contract"
            );
            VisaAnswer::Unavailable
        })
    }

    fn judge(&self, mut outcome: Outcome, asked: &sources::VisaDocument) -> Result<VisaAnswer, Malformed> {
        match &mut outcome {
            Outcome::Found(found) => {
                let visas = std::mem::take(&mut found.visas);
                if !(1..=MOST_VISAS).contains(&visas.len()) {
                    return Err(Malformed("number of visas"));
                }
                for visa in &visas {
                    judge_visa(visa, asked)?;
                }
                let oldest = visas.iter().map(|visa| visa.as_of_ms).min().unwrap_or(0);
                let source = visas.first().map(|visa| visa.source.clone()).unwrap_or_default();
                Ok(VisaAnswer::Found(visas, self.told(source, oldest)?))
            }
            Outcome::NoSuchVisa(none) => Ok(VisaAnswer::None(self.told(none.source.clone(), none.as_of_ms)?)),
            Outcome::RegisterUnavailable(_) => Ok(VisaAnswer::Unavailable),
            Outcome::Refused(_) => Ok(VisaAnswer::Refused),
        }
    }

    fn told(&self, source: String, as_of_ms: i64) -> Result<Told, Malformed> {
        let (now, as_of) = (self.clock.now(), Timestamp::from_millis(as_of_ms));
        if as_of_ms <= 0 || as_of > now + CLOCK_TOLERANCE {
            return Err(Malformed("time of the data"));
        }
        if source.is_empty() || source.len() > 64 {
            return Err(Malformed("name of the register"));
        }
        Ok(Told { source, as_of, stale: now.saturating_since(as_of) > self.fresh })
    }
}

/// A document as the register is asked for it: capitals and digits alone.
fn asked(document: &TravelDocument) -> sources::VisaDocument {
    let mut asked = sources::VisaDocument::default();
    asked.number = document.number.chars().filter(char::is_ascii_alphanumeric).collect();
    asked.number.make_ascii_uppercase();
    document.issuer.as_str().clone_into(&mut asked.issuer);
    asked
}

fn judge_visa(visa: &sources::Visa, asked: &sources::VisaDocument) -> Result<(), Malformed> {
    if visa.encoded_len() > LARGEST_VISA {
        return Err(Malformed("size of a visa"));
    }
    if visa.document.as_ref() != Some(asked) {
        return Err(Malformed("document of a visa"));
    }
    if !matches!(sources::VisaState::try_from(visa.state), Ok(state) if state != sources::VisaState::Unspecified) {
        return Err(Malformed("state of a visa"));
    }
    if !matches!(visa.r#type.as_str(), "A" | "C" | "D") {
        return Err(Malformed("type of a visa"));
    }
    let days = [&visa.decided_on, &visa.valid_from, &visa.valid_until];
    if days.into_iter().any(|day| !day.is_empty() && day.parse::<CivilDate>().is_err()) {
        return Err(Malformed("day of a visa"));
    }
    Ok(())
}

impl App {
    /// Asks for the visas in the travel documents of a case's persons. Nothing of the answer is kept.
    pub(crate) async fn case_visas(&self, mandate: &Mandate, id: CaseId) -> Result<CaseVisas, RegistryError> {
        let (case, known) = self
            .store
            .read_tx(async |tx| {
                let case = load_case(tx, id).await?.ok_or(Refusal::NoCase)?;
                let mut known = Vec::with_capacity(case.persons.len());
                for person in &case.persons {
                    let whole = self.whole(tx, *person, Timestamp::from_millis(i64::MAX)).await?;
                    known.push((*person, whole.statements));
                }
                Ok::<_, RegistryError>((case, known))
            })
            .await?;
        let mut documents = Vec::new();
        for (person, ever) in &known {
            documents.extend(travel_documents(ever).map(|(statement, document)| (*person, statement, document)));
        }
        let left_out = documents.len().saturating_sub(MOST_DOCUMENTS);
        documents.truncate(MOST_DOCUMENTS);
        // The question itself tells another authority of the person, so it is on record before it is asked.
        let detail = json!({ "documents": documents.len(), "left_out": left_out });
        let entry = of_case(&self.journal, "case.visas_asked", mandate, &case.file, detail);
        self.journal.record_read(entry).await?;
        let mut readings = Vec::with_capacity(documents.len());
        let mut reached = true;
        for (person, statement, document) in documents {
            let answer = match &self.visas {
                None => VisaAnswer::NotConfigured,
                // Whoever did not answer once is not waited for again.
                Some(_) if !reached => VisaAnswer::Unavailable,
                Some(register) => register.lookup(document, self.visa_context(mandate, &case.file.number)).await,
            };
            reached = !matches!(answer, VisaAnswer::Unavailable);
            readings.push(VisaReading { person, statement, answer });
        }
        let outcomes: Vec<&str> = readings.iter().map(|reading| reading.answer.name()).collect();
        let entry = of_case(&self.journal, "case.visas_read", mandate, &case.file, json!({ "outcomes": outcomes }));
        self.journal.record_read(entry).await?;
        Ok(CaseVisas { readings, left_out })
    }

    fn visa_context(&self, mandate: &Mandate, case_number: &str) -> sources::VisaLookupContext {
        let request = mandate.caller.request_id.unwrap_or_else(|| straznica_types::RequestId::generate(&*self.clock));
        let mut context = sources::VisaLookupContext::default();
        context.request_id = request.to_string();
        context.officer = mandate.officer.to_string();
        context.purpose.clone_from(&mandate.caller.purpose);
        context.legal_basis.clone_from(&mandate.legal_basis);
        case_number.clone_into(&mut context.case_number);
        context
    }
}

/// Documents stated of a person that a visa can be in, also those that have ended: a visa outlives the passport it was asked for with.
fn travel_documents(ever: &[Statement]) -> impl Iterator<Item = (StatementId, &TravelDocument)> {
    known(ever, Timestamp::from_millis(i64::MAX)).filter_map(|statement| match &statement.fact {
        Some(Fact::Document(document)) if document.kind != "birth_certificate" => Some((statement.id, document)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visa() -> sources::Visa {
        let mut visa = sources::Visa::default();
        visa.r#type = "D".to_owned();
        visa.set_state(sources::VisaState::Issued);
        visa.valid_from = "2026-01-01".to_owned();
        visa.document = Some(document());
        visa
    }

    fn document() -> sources::VisaDocument {
        let mut document = sources::VisaDocument::default();
        document.number = "FE123456".to_owned();
        document.issuer = "UKR".to_owned();
        document
    }

    #[test]
    fn a_visa_of_another_document_or_form_is_no_answer() {
        type Spoil = fn(&mut sources::Visa);
        let table: [(Spoil, &str); 8] = [
            (|visa| visa.document = None, "document of a visa"),
            (|visa| visa.document.as_mut().unwrap().number.push('7'), "document of a visa"),
            (|visa| visa.document.as_mut().unwrap().issuer = "BLR".to_owned(), "document of a visa"),
            (|visa| visa.state = 0, "state of a visa"),
            (|visa| visa.state = 99, "state of a visa"),
            (|visa| visa.r#type = "E".to_owned(), "type of a visa"),
            (|visa| visa.valid_until = "2026-02-30".to_owned(), "day of a visa"),
            (|visa| visa.grounds = "g".repeat(LARGEST_VISA), "size of a visa"),
        ];
        for (spoil, what) in table {
            let mut visa = visa();
            spoil(&mut visa);
            assert_eq!(judge_visa(&visa, &document()), Err(Malformed(what)));
        }
        assert_eq!(judge_visa(&visa(), &document()), Ok(()));
    }
}
