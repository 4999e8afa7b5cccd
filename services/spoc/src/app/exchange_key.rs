//! The key of the exchange's TLS identity, made where it stays.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use serde_json::json;

use super::{App, blocking, call::Call, record};
use crate::{
    error::SpocError,
    keystore::{KeyHandle, KeyRole, KeyStore, KeyStoreError, TlsSubject, tls_certificate_request, tls_key_kind},
};

/// Longest part of a subject's name taken (the upper bound of X.520 for organisation and common name).
const MAX_NAME: usize = 64;

/// Whom the certificate is to name; the country is the node's.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) organisation: String,
    pub(crate) common_name: String,
    pub(crate) host: String,
}

/// A key made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) handle: KeyHandle,
    pub(crate) request: Vec<u8>,
}

/// Makes a key pair and the request for its certificate (PKCS#10). A request is not dated, so the clock does not matter here.
///
/// # Errors
/// [`SpocError::Field`] for a name that cannot stand in a certificate.
pub(crate) async fn create(app: &App, call: &Call, name: Name) -> Result<Made, SpocError> {
    call.officer_at_desk()?;
    short("organisation", &name.organisation, MAX_NAME)?;
    short("common_name", &name.common_name, MAX_NAME)?;
    if ServerName::try_from(name.host.as_str()).is_err() {
        return Err(SpocError::field("host", "a DNS name or an address is needed"));
    }
    let keystore = Arc::clone(&app.keystore);
    let country = app.config.country.clone();
    let host = name.host.clone();
    let made = blocking(move || make(keystore, &country, &name)).await?;
    let detail = json!({ "key": made.handle.to_string(), "host": host });
    app.store.write_tx(async |tx| record(app, tx, call, "exchange_tls_key.created", detail.clone()).await).await?;
    Ok(made)
}

fn make(keystore: Arc<dyn KeyStore>, country: &str, name: &Name) -> Result<Made, SpocError> {
    let handle = keystore.generate(KeyRole::ExchangeTls, &tls_key_kind())?.handle;
    let Name { organisation, common_name, host } = name;
    let subject = TlsSubject { country, organisation, common_name, host };
    match tls_certificate_request(Arc::clone(&keystore), handle.clone(), &subject) {
        Ok(request) => Ok(Made { handle, request }),
        Err(failure) => {
            keystore.delete(&handle)?;
            Err(match failure {
                KeyStoreError::Subject(_) => SpocError::field("host", "a DNS name or an address is needed"),
                other => other.into(),
            })
        }
    }
}

fn short(field: &'static str, text: &str, longest: usize) -> Result<(), SpocError> {
    if text.trim().is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(SpocError::field(field, "it is empty, too long or has control characters"));
    }
    Ok(())
}
