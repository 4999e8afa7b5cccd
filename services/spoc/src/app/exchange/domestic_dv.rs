//! A certificate of the national CVCA for our own document verifier: the same request, the same processing list, without a wire between.

use exchange::code::RequestCertificateCode as Code;
use straznica_exchange_wire::grpc::convert::kept;

use super::{inbound, outbox, seen::Received};
use crate::{
    app::{
        App,
        call::Call,
        dv_certificates::{self, Taken},
        dv_requests,
    },
    error::SpocError,
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
    let country = app.country;
    if !cvca.starts_with(country.as_str()) {
        return Err(SpocError::field("cvca", "a CVCA of our own country is needed"));
    }
    let made = dv_requests::create(app, call, cvca, mnemonic).await?;
    let message_id = outbox::message_id(app);
    let request = [made.request.as_slice()];
    let received = Received::read(country, country.as_str(), &message_id, kept::REQUEST_CERTIFICATE, &request)
        .ok_or_else(|| SpocError::Corrupt("an identifier just made".to_owned()))?;
    let decided = inbound::process(app, call, &received, &made.request).await?;
    match (decided.answer.result, decided.refusal) {
        (Code::OkCertAvailable, _) => {
            dv_certificates::import(app, call, decided.answer.certificates).await.map(Domestic::Issued)
        }
        (Code::OkReceptionAck, _) => Ok(Domestic::Waiting { chr: made.chr }),
        (_, Some(refusal)) => Err(refusal.into()),
        (code, None) => Err(SpocError::Policy(code.to_string())),
    }
}
