//! Lists handed to terminals (TR-03129 GetMasterList, GetDefectList).

use super::App;
use crate::{error::SpocError, store::trust};

/// The master list imported last among those in use: its digest and its bytes, which are left out when the caller has it.
///
/// # Errors
/// [`SpocError::ListAbsent`] when none is in use.
pub(crate) async fn master_list(app: &App, known_sha256: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SpocError> {
    let state = app.documents.current();
    let newest = state.master_lists.iter().max_by_key(|list| list.imported_at).ok_or(SpocError::ListAbsent)?;
    let sha256 = digest(&newest.sha256)?;
    if sha256 == known_sha256 {
        return Ok((sha256, Vec::new()));
    }
    let row = trust::find_master_list(app.store.reader(), &newest.sha256).await?;
    Ok((sha256, row.ok_or(SpocError::ListAbsent)?.list))
}

/// The defect list imported last among those in use, likewise.
///
/// # Errors
/// [`SpocError::ListAbsent`] when none is in use.
pub(crate) fn defect_list(app: &App, known_sha256: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SpocError> {
    let state = app.documents.current();
    let newest = state.defect_lists.iter().max_by_key(|list| list.imported_at).ok_or(SpocError::ListAbsent)?;
    let sha256 = digest(&newest.sha256)?;
    let list = if sha256 == known_sha256 { Vec::new() } else { newest.der.clone() };
    Ok((sha256, list))
}

fn digest(text: &str) -> Result<Vec<u8>, SpocError> {
    hex::decode(text).map_err(|_| SpocError::Corrupt("the digest of a list".to_owned()))
}
