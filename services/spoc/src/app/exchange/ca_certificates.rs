//! GetCACertificates of another state's SPOC, and the push of new ones to all of them.

use exchange::{
    Country,
    code::{GetCaCertificatesCode as Code, StatusInfo},
    message::{GetCaCertificates, GetCaCertificatesAnswer, Message, SendCertificates},
};
use prost::Message as _;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::v1::GetCaCertificatesResponse;
use straznica_exchange_wire::grpc::convert::{self, kept};
use straznica_runtime::failpoint;
use straznica_store::StoreError;
use straznica_types::RequestId;

use super::{
    issue::{self, ATTEMPTS},
    outbox, refused,
    seen::{Received, Seen},
};
use crate::{
    app::{App, call::Call, issuing, record},
    domain::{
        exchange::{ca_sequence, partner::Answers, policy::Rule},
        records::{CertificateRecord, Day},
    },
    error::SpocError,
    store::{
        exchange::partners,
        generations::{self, Subject},
    },
};

/// Answers GetCACertificates. What fails inside is failure_internal_error: nothing was decided, and the same message may come again.
pub(crate) async fn get_ca_certificates(
    app: &App,
    caller: Country,
    message: GetCaCertificates,
) -> GetCaCertificatesAnswer {
    failpoint::reach("spoc.ca_certificates.received").await;
    let call = Call::of_partner(caller, RequestId::generate(app.clock.as_ref()));
    let received = Received::read(caller, &message.caller_id, &message.message_id, kept::GET_CA_CERTIFICATES, &[]);
    let Some(received) = received else {
        let noted = refused::note(app, &call, caller, kept::GET_CA_CERTIFICATES, Rule::Message, None).await;
        return GetCaCertificatesAnswer::of(match noted {
            Ok(()) => Code::FailureSyntax,
            Err(failure) => failed(&failure, caller),
        });
    };
    let answer = process(app, &call, &received).await;
    answer.unwrap_or_else(|failure| GetCaCertificatesAnswer::of(failed(&failure, caller)))
}

fn failed(failure: &SpocError, caller: Country) -> Code {
    tracing::error!(error = failure as &dyn std::error::Error, %caller, "CVCA certificates were not given");
    Code::FailureInternalError
}

async fn process(app: &App, call: &Call, received: &Received) -> Result<GetCaCertificatesAnswer, SpocError> {
    let mut turn = None;
    for _ in 0..ATTEMPTS {
        match received.seen(app.store.reader()).await? {
            Seen::Answered(answer) => return kept_answer(&answer),
            Seen::Otherwise => {
                let (caller, id) = (received.caller, Some(received.message_id.as_str()));
                refused::note(app, call, caller, kept::GET_CA_CERTIFICATES, Rule::MessageId, id).await?;
                return Ok(GetCaCertificatesAnswer::of(Code::FailureRequestNotAccepted));
            }
            Seen::Never => {}
        }
        match answer(app, call, received).await {
            Ok(Some(answer)) => {
                failpoint::reach("spoc.ca_certificates.committed").await;
                return Ok(answer);
            }
            // The CVCA changed meanwhile.
            Ok(None) => issue::overtaken(app, &mut turn).await?,
            // The same message came twice at once, and the other one was first.
            Err(SpocError::Store(StoreError::Duplicate(_))) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(SpocError::Busy)
}

async fn answer(app: &App, call: &Call, received: &Received) -> Result<Option<GetCaCertificatesAnswer>, SpocError> {
    let now = app.clock.now();
    let state = app.control.at(now);
    let today = Day::of(now).date().ok_or_else(|| SpocError::Corrupt("the clock's date".to_owned()))?;
    let years = app.policy.common().validity.document_years;
    let certificates = ca_sequence::all(state.records(), &app.config.country, years, today);
    let later = app.partners.get(received.caller).is_some_and(|partner| partner.answers == Answers::Asynchronous);
    let answer = match (certificates.is_empty(), later) {
        (true, _) => GetCaCertificatesAnswer::of(Code::FailureRequestNotAccepted),
        (false, true) => GetCaCertificatesAnswer::of(Code::OkReceptionAck),
        (false, false) => GetCaCertificatesAnswer { result: Code::OkCertAvailable, certificates: certificates.clone() },
    };
    let rule = certificates.is_empty().then_some(Rule::NationalCvca);
    app.store
        .write_tx(async |tx| {
            if generations::current(tx, Subject::Certificates).await?.number != state.generation() {
                return Ok(None);
            }
            let bytes = convert::get_ca_answer_to_wire(answer.clone()).encode_to_vec();
            received.answer(tx, bytes, answer.result.as_str(), rule, now).await?;
            if answer.result == Code::OkReceptionAck {
                let message = SendCertificates {
                    caller_id: app.config.country.clone(),
                    message_id: Some(received.message_id.clone()),
                    certificates: certificates.clone(),
                    status_info: StatusInfo::OkCertAvailable,
                };
                outbox::enqueue(app, tx, received.caller, &Message::SendCertificates(message), "").await?;
            }
            let detail = json!({ "caller": received.caller, "messageId": received.message_id, "code": answer.result.as_str(), "certificates": certificates.len() });
            record(app, tx, call, "exchange.ca_certificates_asked", detail).await?;
            Ok(Some(answer))
        })
        .await
}

fn kept_answer(bytes: &[u8]) -> Result<GetCaCertificatesAnswer, SpocError> {
    let corrupt = |why: String| SpocError::Corrupt(format!("an answer kept for a partner: {why}"));
    let answer = GetCaCertificatesResponse::decode(bytes).map_err(|why| corrupt(why.to_string()))?;
    convert::get_ca_answer_from_wire(answer).map_err(|why| corrupt(why.to_string()))
}

/// Sends new certificates of our CVCA to every partner, in the transaction in which they enter use. Suspended partners get them when they are resumed.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn push(
    app: &App,
    tx: &DatabaseTransaction,
    certificates: &[Vec<u8>],
    about: &str,
) -> Result<(), SpocError> {
    for country in partners::registered_countries(tx).await? {
        let country = country.parse().map_err(|_| SpocError::Corrupt(format!("country {country} of a partner")))?;
        let message = SendCertificates {
            caller_id: app.config.country.clone(),
            message_id: None,
            certificates: certificates.to_vec(),
            status_info: StatusInfo::NewCertAvailableNotification,
        };
        outbox::enqueue(app, tx, country, &Message::SendCertificates(message), about).await?;
    }
    Ok(())
}

/// A certificate of one of our CVCAs as an operator sees it.
#[derive(Debug)]
pub(crate) struct CaView {
    pub(crate) record: CertificateRecord,
    pub(crate) fingerprint: String,
    /// Its key issues today.
    pub(crate) current: bool,
}

impl CaView {
    /// All of them, by effective date.
    pub(crate) fn all(app: &App) -> Vec<Self> {
        let now = app.clock.now();
        let (state, today) = (app.control.at(now), Day::of(now));
        let ours = state.records().iter().filter(|one| one.role.is_cvca() && one.chr.starts_with(&app.config.country));
        let view = |record: &CertificateRecord| {
            let current = ca_sequence::current(state.records(), &record.cvca, today);
            Self {
                fingerprint: issuing::fingerprint(&record.der),
                current: current.is_some_and(|(newest, _)| newest.car == record.car && newest.chr == record.chr),
                record: record.clone(),
            }
        };
        ours.map(view).collect()
    }
}
