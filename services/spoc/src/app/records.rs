//! Rows of certificates as the domain sees them.

use std::sync::Arc;

use cvc::certificate::Certificate;

use crate::{
    domain::records::{CertificateRecord, Day, Role, State},
    error::SpocError,
    store::entity::cv_certificate,
};

/// Reads a row this program wrote.
///
/// # Errors
/// [`SpocError::Corrupt`] when it holds something this program cannot have written.
pub(crate) fn of_row(row: cv_certificate::Model) -> Result<CertificateRecord, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("certificate {} of {}: {what}", row.chr, row.car));
    let certificate = Certificate::parse(&row.certificate).map_err(|_| corrupt("DER"))?;
    let key = match &row.key_handle {
        Some(handle) => Some(handle.parse().map_err(|_| corrupt("key handle"))?),
        None => None,
    };
    Ok(CertificateRecord {
        role: Role::from_name(&row.role).ok_or_else(|| corrupt("role"))?,
        state: State::from_name(&row.state).ok_or_else(|| corrupt("state"))?,
        effective: Day::from_midnight(row.effective),
        expires: Day::from_midnight(row.expires),
        rights: certificate.chat().rights(),
        algorithm: certificate.public_key().algorithm,
        key,
        der: Arc::from(row.certificate.as_slice()),
        car: row.car,
        chr: row.chr,
        cvca: row.cvca,
    })
}
