//! SendCertificates of a partner: answers to requests it acknowledged before, and news of its CVCAs (CSN 36 9791 §6.3).
//!
//! An answer counts from the moment our message exists, also before its receipt was processed here, and after the message was given up. Repeated, it gets
//! the same answer and has no second effect.

use exchange::{
    Country,
    code::{SendCertificatesCode, StatusInfo},
    message::{SendCertificates, is_message_id},
};
use serde_json::json;
use straznica_exchange_wire::grpc::convert::kept;
use straznica_runtime::failpoint;
use straznica_types::RequestId;

use super::{answers, refused as unread, renewals};
use crate::{
    app::{App, call::Call, record},
    domain::exchange::{outbox::State, policy::Rule},
    error::SpocError,
    store::{entity::outbox::Model, exchange::outbox as store},
};

/// Answers a partner's SendCertificates.
pub(crate) async fn send_certificates(app: &App, country: Country, message: SendCertificates) -> SendCertificatesCode {
    failpoint::reach("spoc.callback.received").await;
    let call = Call::of_partner(country, RequestId::generate(app.clock.as_ref()));
    let code = match take(app, &call, country, message).await {
        Ok(code) => code,
        Err(failure) => {
            tracing::error!(%country, error = %failure, cause = std::error::Error::source(&failure), "certificates of a partner could not be processed");
            SendCertificatesCode::FailureInternalError
        }
    };
    failpoint::reach("spoc.callback.taken").await;
    code
}

async fn take(
    app: &App,
    call: &Call,
    country: Country,
    message: SendCertificates,
) -> Result<SendCertificatesCode, SpocError> {
    let SendCertificates { message_id, certificates, status_info, .. } = message;
    let is_failure = !matches!(status_info, StatusInfo::OkCertAvailable | StatusInfo::NewCertAvailableNotification);
    // News need not bring what it is about: the 2009 schema has certificateSequence optional in every SendCertificates.
    let may_be_empty = is_failure || status_info == StatusInfo::NewCertAvailableNotification;
    let malformed = message_id.as_deref().is_some_and(|id| !is_message_id(id))
        || (is_failure && !certificates.is_empty())
        || (!may_be_empty && certificates.is_empty())
        || (message_id.is_none() && status_info != StatusInfo::NewCertAvailableNotification);
    if malformed {
        return refused(app, call, country, Rule::Answer, "its fields do not go together").await;
    }
    if status_info == StatusInfo::NewCertAvailableNotification {
        return news(app, call, country, certificates).await;
    }
    let message_id = message_id.unwrap_or_default();
    let Some(row) = store::find_answerable(app.store.reader(), country, &message_id).await? else {
        let id = Some(message_id.as_str());
        unread::note(app, call, country, kept::SEND_CERTIFICATES, Rule::MessageId, id).await?;
        return Ok(SendCertificatesCode::FailureMessageIdUnknown);
    };
    if row.state == State::Done.as_str() {
        return Ok(SendCertificatesCode::OkReceivedCorrectly);
    }
    if is_failure {
        return declined(app, call, &row, status_info).await;
    }
    let taken = if row.operation == kept::REQUEST_CERTIFICATE {
        answers::certificate(app, call, row.id, certificates.clone()).await
    } else {
        answers::ca_certificates(app, call, country, Some(row.id), certificates.clone()).await
    };
    match taken {
        Ok(()) => Ok(SendCertificatesCode::OkReceivedCorrectly),
        Err(why) => {
            let Some(rule) = why.rule() else { return Err(why) };
            answers::refuse(app, call, country, row.id, certificates, &why, rule).await?;
            Ok(SendCertificatesCode::FailureSyntax)
        }
    }
}

/// News of the partner's CVCAs: links from what is trusted count at once, other roots when two officers have compared them. News that brings nothing is
/// asked for what it is about.
async fn news(
    app: &App,
    call: &Call,
    country: Country,
    certificates: Vec<Vec<u8>>,
) -> Result<SendCertificatesCode, SpocError> {
    if certificates.is_empty() {
        renewals::ask_for_ca_certificates(app, call, country).await?;
        return Ok(SendCertificatesCode::OkReceivedCorrectly);
    }
    match answers::ca_certificates(app, call, country, None, certificates).await {
        Ok(()) => Ok(SendCertificatesCode::OkReceivedCorrectly),
        Err(why) => match why.rule() {
            Some(rule) => refused(app, call, country, rule, &why.to_string()).await,
            None => Err(why),
        },
    }
}

/// The partner will not fulfil the request.
async fn declined(app: &App, call: &Call, row: &Model, status: StatusInfo) -> Result<SendCertificatesCode, SpocError> {
    app.store
        .write_tx(async |tx| {
            let current = answers::current(tx, row.id).await?;
            let is_open = State::from_name(&current.state).is_some_and(State::is_open);
            if is_open { answers::decline(app, tx, call, current, status.as_str()).await } else { Ok(()) }
        })
        .await?;
    Ok(SendCertificatesCode::OkReceivedCorrectly)
}

async fn refused(
    app: &App,
    call: &Call,
    country: Country,
    rule: Rule,
    why: &str,
) -> Result<SendCertificatesCode, SpocError> {
    tracing::warn!(%country, %rule, why, "certificates a partner sent are refused");
    app.metrics.answer_refused(country);
    let detail = json!({ "partner": country, "rule": rule.as_str(), "reason": why });
    app.store.write_tx(async |tx| record(app, tx, call, "exchange.certificates_refused", detail.clone()).await).await?;
    Ok(SendCertificatesCode::FailureSyntax)
}
