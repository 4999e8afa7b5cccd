//! A certificate of the national CVCA for our own document verifier: the same request, the same processing list, without a wire between.
//!
//! The holder reference asked for, which is given once, is the request's identifier: submitted again, after a crash or by another replica, it gets what
//! was decided the first time.

use exchange::code::RequestCertificateCode as Code;
use straznica_exchange_wire::grpc::convert::kept;

use super::{inbound, seen::Received};
use crate::{
    app::{
        App,
        call::Call,
        dv_certificates::{self, Taken},
        dv_requests,
    },
    error::SpocError,
    store::{certificates, entity::application, exchange::applications},
};

/// What came of it.
#[derive(Debug)]
pub(crate) enum Domestic {
    /// The certificate is in use.
    Issued(Taken),
    /// Two officers have to approve the request of this holder reference.
    Waiting {
        /// The reference.
        chr: String,
    },
}

/// Makes a key and a request for the verifier `mnemonic` under our own CVCA `cvca`, has it judged, and takes the certificate in.
///
/// # Errors
/// [`SpocError::RequestRefused`] with the rule it breaks: the verifier has to be registered like any other.
pub(crate) async fn issue(app: &App, call: &Call, cvca: &str, mnemonic: &str) -> Result<Domestic, SpocError> {
    if !cvca.starts_with(app.country.as_str()) {
        return Err(SpocError::field("cvca", "a CVCA of our own country is needed"));
    }
    let made = dv_requests::create(app, call, cvca, mnemonic).await?;
    submit(app, call, &made.chr, &made.request).await
}

/// Has a request for `chr` judged, once however often it is submitted, and takes the certificate in when there is one.
///
/// # Errors
/// [`SpocError::RequestRefused`] with the rule it breaks, the first time; [`SpocError::Policy`] with the code again later. The request is closed.
pub(super) async fn submit(app: &App, call: &Call, chr: &str, request: &[u8]) -> Result<Domestic, SpocError> {
    let country = app.country;
    let received = Received::read(country, country.as_str(), chr, kept::REQUEST_CERTIFICATE, &[request])
        .ok_or_else(|| SpocError::Corrupt(format!("holder reference {chr} as an identifier")))?;
    let decided = inbound::process(app, call, &received, request).await?;
    let code = decided.answer.result;
    match code {
        Code::OkCertAvailable => {
            dv_certificates::take(app, call, decided.answer.certificates).await.map(Domestic::Issued)
        }
        Code::OkReceptionAck => waited(app, call, chr).await,
        _ => {
            close(app, chr, code.as_str()).await?;
            Err(decided.refusal.map_or_else(|| SpocError::Policy(code.to_string()), SpocError::from))
        }
    }
}

/// How a request stands that waited for two officers.
async fn waited(app: &App, call: &Call, chr: &str) -> Result<Domestic, SpocError> {
    let db = app.store.reader();
    let row = applications::of_message(db, app.country.as_str(), chr).await?;
    let row = row.ok_or_else(|| SpocError::Corrupt(format!("the request for {chr} is gone")))?;
    match row.state.as_str() {
        "issued" => take_in(app, call, &row).await.map(Domestic::Issued),
        "refused" => {
            let code = row.code.unwrap_or_default();
            close(app, chr, &code).await?;
            Err(SpocError::Policy(code))
        }
        _ => Ok(Domestic::Waiting { chr: chr.to_owned() }),
    }
}

/// A certificate our own verifier waited for is in use since it was issued.
async fn take_in(app: &App, call: &Call, row: &application::Model) -> Result<Taken, SpocError> {
    let issued = applications::issued_for(app.store.reader(), row.id).await?;
    let issued = issued.ok_or_else(|| SpocError::Corrupt(format!("request {}: its certificate", row.id)))?;
    dv_certificates::take(app, call, vec![issued.certificate]).await
}

async fn close(app: &App, chr: &str, code: &str) -> Result<(), SpocError> {
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let request = certificates::find_request(tx, chr).await?;
            if let Some(request) = request.filter(|request| request.state == "open" && request.closed_at.is_none()) {
                certificates::close(tx, request, code, now).await?;
            }
            Ok(())
        })
        .await
}
