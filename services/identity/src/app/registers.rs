//! The state registers: which of them answers for a kind of document, and what it says.
//!
//! One adapter process stands before each register; the configuration says where it is and what it answers for. A question is asked once, within the
//! time-out of its channel. What comes back is looked at before anybody sees it: another kind than was asked for, another person, a photo that is none,
//! a time to come are answers of a broken adapter, and count as none. Answers live in memory alone: they print as `***` and wipe themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use identifiers::Pesel;
use prost::Message as _;
use straznica_contracts::sources::v1 as sources;
use straznica_contracts::sources::v1::document::Details;
use straznica_contracts::sources::v1::lookup_request::Identifier;
use straznica_contracts::sources::v1::lookup_response::Outcome;
use straznica_contracts::sources::v1::register_service_client::RegisterServiceClient;
use straznica_pki::Tls;
use straznica_runtime::channel::{self, Channel, ChannelError};
use straznica_types::{SharedClock, Timestamp, check_name};

use crate::config::RegisterConfig;
use crate::domain::verification::DocumentKind;

/// Most documents of one answer.
const MOST_DOCUMENTS: usize = 32;
/// Largest photo, in bytes.
const LARGEST_PHOTO: usize = 256 * 1024;
/// Most bytes of a document beside its photo.
const LARGEST_DOCUMENT: usize = 32 * 1024;
/// How far a register's clock may be ahead.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);

/// Why the configured registers cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistersError {
    /// A name that can stand in no certificate.
    #[error("register {0:?}: a name has 1 to 56 letters, digits, '.', '_' or '-'")]
    Name(String),
    /// Two registers for one kind.
    #[error("two registers are configured to answer for {0}")]
    Twice(DocumentKind),
    /// The channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

/// What a register said.
#[derive(Debug)]
pub(crate) enum Answer {
    /// These documents.
    Found(Vec<sources::Document>, Age),
    /// It has none.
    NoSuchDocument(Age),
    /// It cannot be asked, its adapter cannot be reached, or what came was no answer.
    Unavailable(Option<Duration>),
    /// It does not answer this question.
    Refused,
}

/// How old an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age {
    /// The time the data are of.
    pub(crate) as_of: Timestamp,
    /// Whether they are older than is taken for current.
    pub(crate) stale: bool,
}

impl Answer {
    /// As the journal names it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Found(..) => "found",
            Self::NoSuchDocument(_) => "no_such_document",
            Self::Unavailable(_) => "register_unavailable",
            Self::Refused => "register_refused",
        }
    }

    /// Whether somebody has learned something by it.
    pub(crate) const fn is_shown(&self) -> bool {
        matches!(self, Self::Found(..) | Self::NoSuchDocument(_))
    }
}

/// The registers of this node.
pub(crate) struct Registers {
    registers: Vec<Register>,
    by_kind: BTreeMap<DocumentKind, usize>,
    clock: SharedClock,
}

struct Register {
    name: String,
    client: RegisterServiceClient<Channel>,
    fresh: Duration,
}

/// An answer that does not keep the contract. Says what is wrong, never with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed(&'static str);

impl Registers {
    /// As configured. No register need be there yet.
    pub(crate) fn new(
        configs: &[RegisterConfig],
        tls: &std::sync::Arc<Tls>,
        clock: SharedClock,
    ) -> Result<Self, RegistersError> {
        let mut registers = Vec::with_capacity(configs.len());
        let mut by_kind = BTreeMap::new();
        for config in configs {
            let service = format!("sources-{}", config.name);
            if config.name.is_empty() || check_name(&service).is_err() {
                return Err(RegistersError::Name(config.name.clone()));
            }
            for kind in &config.documents {
                if by_kind.insert(*kind, registers.len()).is_some() {
                    return Err(RegistersError::Twice(*kind));
                }
            }
            registers.push(Register {
                name: config.name.clone(),
                client: RegisterServiceClient::new(channel::connect(&service, &config.channel, tls)?),
                fresh: Duration::from_secs(config.fresh_seconds),
            });
        }
        Ok(Self { registers, by_kind, clock })
    }

    /// Name of the register that answers for a kind; `None` where there is none.
    pub(crate) fn answering(&self, kind: DocumentKind) -> Option<&str> {
        self.register(kind).map(|register| register.name.as_str())
    }

    fn register(&self, kind: DocumentKind) -> Option<&Register> {
        self.by_kind.get(&kind).and_then(|index| self.registers.get(*index))
    }

    /// Asks for a person's documents of one kind. `context` is what the register keeps with its own record.
    pub(crate) async fn lookup(&self, kind: DocumentKind, pesel: &Pesel, context: sources::LookupContext) -> Answer {
        let Some(register) = self.register(kind) else { return Answer::Unavailable(None) };
        let mut request = sources::LookupRequest::default();
        request.context = Some(context);
        request.set_kind(contract_kind(kind));
        request.identifier = Some(Identifier::Pesel(pesel.expose().to_owned()));
        let mut answered = match register.client.clone().lookup(request).await {
            Ok(response) => response.into_inner(),
            Err(status) => {
                // The code alone: an adapter that errs may have written anything into the text.
                tracing::warn!(register = register.name, code = ?status.code(), "a state register was not reached");
                return Answer::Unavailable(None);
            }
        };
        let judged = answered
            .outcome
            .take()
            .ok_or(Malformed("no outcome"))
            .and_then(|outcome| self.judge(outcome, kind, pesel, register.fresh));
        judged.unwrap_or_else(|Malformed(what)| {
            tracing::error!(register = register.name, what, "a state register's adapter does not keep the contract");
            Answer::Unavailable(None)
        })
    }

    fn judge(
        &self,
        mut outcome: Outcome,
        kind: DocumentKind,
        pesel: &Pesel,
        fresh: Duration,
    ) -> Result<Answer, Malformed> {
        let now = self.clock.now();
        match &mut outcome {
            Outcome::Found(found) => {
                let documents = std::mem::take(&mut found.documents);
                if !(1..=MOST_DOCUMENTS).contains(&documents.len()) {
                    return Err(Malformed("number of documents"));
                }
                for document in &documents {
                    judge_document(document, kind, pesel)?;
                }
                let oldest = documents.iter().map(|document| document.as_of_ms).min().unwrap_or(0);
                Ok(Answer::Found(documents, age(oldest, now, fresh)?))
            }
            Outcome::NoSuchDocument(none) => Ok(Answer::NoSuchDocument(age(none.as_of_ms, now, fresh)?)),
            Outcome::RegisterUnavailable(why) => {
                let retry_after = u64::try_from(why.retry_after_ms).ok().filter(|millis| *millis > 0);
                Ok(Answer::Unavailable(retry_after.map(Duration::from_millis)))
            }
            Outcome::Refused(_) => Ok(Answer::Refused),
        }
    }
}

fn age(as_of_ms: i64, now: Timestamp, fresh: Duration) -> Result<Age, Malformed> {
    let as_of = Timestamp::from_millis(as_of_ms);
    if as_of_ms <= 0 || as_of > now + CLOCK_TOLERANCE {
        return Err(Malformed("time of the data"));
    }
    Ok(Age { as_of, stale: now.saturating_since(as_of) > fresh })
}

fn judge_document(document: &sources::Document, kind: DocumentKind, pesel: &Pesel) -> Result<(), Malformed> {
    if document.kind != i32::from(contract_kind(kind)) || document.details.as_ref().map(kind_of) != Some(kind) {
        return Err(Malformed("kind of a document"));
    }
    if !matches!(sources::DocumentState::try_from(document.state), Ok(state) if state != sources::DocumentState::Unspecified)
    {
        return Err(Malformed("state of a document"));
    }
    let photo = &document.photo_jpeg;
    let is_jpeg = photo.starts_with(&[0xFF, 0xD8, 0xFF]) && photo.ends_with(&[0xFF, 0xD9]);
    if photo.len() > LARGEST_PHOTO || !(photo.is_empty() || is_jpeg) {
        return Err(Malformed("photo of a document"));
    }
    if document.encoded_len().saturating_sub(photo.len()) > LARGEST_DOCUMENT {
        return Err(Malformed("size of a document"));
    }
    if !is_of(document, pesel) {
        return Err(Malformed("holder of a document"));
    }
    Ok(())
}

/// Whether a document can be this person's: the register names them, nobody, or a number they had before.
fn is_of(document: &sources::Document, pesel: &Pesel) -> bool {
    let named = document.holder.as_ref().map_or("", |holder| holder.pesel.as_str());
    let asked = pesel.expose();
    named.is_empty()
        || named == asked
        || matches!(&document.details, Some(Details::Person(entry)) if entry.former_pesels.iter().any(|former| former == asked))
}

const fn kind_of(details: &Details) -> DocumentKind {
    match details {
        Details::IdentityCard(_) => DocumentKind::IdentityCard,
        Details::DrivingLicence(_) => DocumentKind::DrivingLicence,
        Details::VehicleRegistration(_) => DocumentKind::VehicleRegistration,
        Details::LiabilityInsurance(_) => DocumentKind::LiabilityInsurance,
        Details::TechnicalInspection(_) => DocumentKind::TechnicalInspection,
        Details::VehicleCard(_) => DocumentKind::VehicleCard,
        Details::StudentCard(_) => DocumentKind::StudentCard,
        Details::LargeFamilyCard(_) => DocumentKind::LargeFamilyCard,
        Details::PensionerCard(_) => DocumentKind::PensionerCard,
        Details::SchoolCard(_) => DocumentKind::SchoolCard,
        Details::CityCard(_) => DocumentKind::CityCard,
        Details::LoyaltyCard(_) => DocumentKind::LoyaltyCard,
        Details::Person(_) => DocumentKind::Person,
        Details::WantedPerson(_) => DocumentKind::WantedPerson,
    }
}

/// The kind as the contract names it.
pub(crate) const fn contract_kind(kind: DocumentKind) -> sources::DocumentKind {
    match kind {
        DocumentKind::IdentityCard => sources::DocumentKind::IdentityCard,
        DocumentKind::DrivingLicence => sources::DocumentKind::DrivingLicence,
        DocumentKind::VehicleRegistration => sources::DocumentKind::VehicleRegistration,
        DocumentKind::LiabilityInsurance => sources::DocumentKind::LiabilityInsurance,
        DocumentKind::TechnicalInspection => sources::DocumentKind::TechnicalInspection,
        DocumentKind::VehicleCard => sources::DocumentKind::VehicleCard,
        DocumentKind::StudentCard => sources::DocumentKind::StudentCard,
        DocumentKind::LargeFamilyCard => sources::DocumentKind::LargeFamilyCard,
        DocumentKind::PensionerCard => sources::DocumentKind::PensionerCard,
        DocumentKind::SchoolCard => sources::DocumentKind::SchoolCard,
        DocumentKind::CityCard => sources::DocumentKind::CityCard,
        DocumentKind::LoyaltyCard => sources::DocumentKind::LoyaltyCard,
        DocumentKind::Person => sources::DocumentKind::Person,
        DocumentKind::WantedPerson => sources::DocumentKind::WantedPerson,
    }
}

#[cfg(test)]
mod tests {
    use identifiers::Sex;

    use super::*;

    fn pesel(serial: u16) -> Pesel {
        let day = |text: &str| text.parse().unwrap();
        Pesel::made_up(day("1867-11-07"), serial, Sex::Female, day("2026-11-22")).unwrap()
    }

    fn card() -> sources::Document {
        let mut document = sources::Document::default();
        document.set_kind(sources::DocumentKind::IdentityCard);
        document.set_state(sources::DocumentState::Lost);
        document.details = Some(Details::IdentityCard(sources::IdentityCard::default()));
        document.photo_jpeg = vec![0xFF, 0xD8, 0xFF, 0xDB, 0xFF, 0xD9];
        let mut holder = sources::Holder::default();
        holder.pesel = pesel(1).expose().to_owned();
        document.holder = Some(holder);
        document
    }

    #[test]
    fn a_document_of_another_kind_person_or_form_is_no_answer() {
        type Spoil = fn(&mut sources::Document);
        let table: [(Spoil, &str); 9] = [
            (|document| document.set_kind(sources::DocumentKind::Person), "kind of a document"),
            (|document| document.details = None, "kind of a document"),
            (
                |document| document.details = Some(Details::Person(sources::PersonEntry::default())),
                "kind of a document",
            ),
            (|document| document.state = 0, "state of a document"),
            (|document| document.state = 99, "state of a document"),
            (|document| document.photo_jpeg = b"\x89PNG".to_vec(), "photo of a document"),
            (|document| document.photo_jpeg.splice(4..4, vec![0; LARGEST_PHOTO]).for_each(drop), "photo of a document"),
            (|document| document.issuer = "u".repeat(LARGEST_DOCUMENT), "size of a document"),
            (|document| document.holder.as_mut().unwrap().pesel = pesel(2).expose().to_owned(), "holder of a document"),
        ];
        for (spoil, what) in table {
            let mut document = card();
            spoil(&mut document);
            assert_eq!(judge_document(&document, DocumentKind::IdentityCard, &pesel(1)), Err(Malformed(what)));
        }
        assert_eq!(judge_document(&card(), DocumentKind::IdentityCard, &pesel(1)), Ok(()));
        let mut unnamed = card();
        unnamed.holder = None;
        unnamed.photo_jpeg.clear();
        assert_eq!(judge_document(&unnamed, DocumentKind::IdentityCard, &pesel(1)), Ok(()));
    }

    #[test]
    fn a_person_is_found_by_a_number_they_had_before() {
        let mut entry = sources::PersonEntry::default();
        entry.former_pesels = vec![pesel(2).expose().to_owned()];
        let mut document = card();
        document.set_kind(sources::DocumentKind::Person);
        document.details = Some(Details::Person(entry));
        assert_eq!(judge_document(&document, DocumentKind::Person, &pesel(2)), Ok(()));
        assert_eq!(judge_document(&document, DocumentKind::Person, &pesel(3)), Err(Malformed("holder of a document")));
    }

    #[test]
    fn an_answer_says_how_old_it_is_and_is_not_of_a_time_to_come() {
        let now = Timestamp::from_seconds(1_795_341_600);
        let fresh = Duration::from_secs(900);
        let stale = |seconds: u64| age((now - Duration::from_secs(seconds)).millis(), now, fresh).map(|age| age.stale);
        assert_eq!((stale(0), stale(900), stale(901)), (Ok(false), Ok(false), Ok(true)));
        let ahead = |seconds: u64| age((now + Duration::from_secs(seconds)).millis(), now, fresh).is_ok();
        assert!(ahead(120) && !ahead(121));
        assert_eq!(age(0, now, fresh), Err(Malformed("time of the data")));
    }
}
