//! What is known about a document signer (TR-03129 GetDocumentSignerInformation).

use emrtd::{
    inspection::{DocumentSignerInformation, document_signer_information},
    x509::Certificate,
};

use super::{App, blocking, master_lists::moment};
use crate::error::SpocError;

/// Judges a document signer's certificate by the trust held. Returns the generation of that trust with it.
///
/// # Errors
/// [`SpocError::ListUnreadable`] when it is no certificate.
pub(crate) async fn information(app: &App, der: Vec<u8>) -> Result<(u64, DocumentSignerInformation), SpocError> {
    let state = app.documents.current();
    let at = moment(app.clock.now()).ok_or_else(|| SpocError::Corrupt("the clock's date".to_owned()))?;
    blocking(move || {
        let certificate = Certificate::parse(&der).map_err(|why| SpocError::ListUnreadable(why.to_string()))?;
        let information = document_signer_information(&certificate, &state.trust, at);
        Ok::<_, SpocError>((state.generation.number, information))
    })
    .await
}
