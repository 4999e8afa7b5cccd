//! Sequence numbers of our holders: how far each has come, and raising one that a restored backup set back.
//!
//! None is ever given twice, which holds as long as the database remembers the last one. One brought back from a backup does not: an officer who knows
//! from elsewhere which number was used tells it here. What a partner sends raises nothing, or whoever certifies us could use our numbers up.

use cvc::reference::Reference;
use serde_json::json;

use super::{
    App,
    call::{Call, reason},
    issuing, record,
};
use crate::{
    domain::sequence::{sequence_ordinal, sequence_text},
    error::SpocError,
    store::sequences,
};

/// More are not skipped without being asked for: the page of officers says that a thousand are enough.
const MOST_SKIPPED: u32 = 10_000;

/// A holder name of ours and the reference given last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// Country and mnemonic.
    pub(crate) holder: String,
    /// The whole reference; empty while none was given.
    pub(crate) last: String,
}

/// What raising a sequence came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raised {
    /// Where it stands now.
    pub(crate) now: Given,
    /// The reference given last before; empty for none.
    pub(crate) before: String,
}

/// Every holder name and how far its numbers have come, by name.
///
/// # Errors
/// [`SpocError::Store`] when the database does not answer.
pub(crate) async fn list(app: &App) -> Result<Vec<Given>, SpocError> {
    let rows = sequences::all(app.store.reader()).await?;
    Ok(rows.into_iter().map(|(holder, last)| Given { last: reference(&holder, last), holder }).collect())
}

/// Sees to it that `chr`, and every number of its holder before it, is given to nobody any more. Said of the number given last it changes nothing.
///
/// # Errors
/// [`SpocError::Field`] for what is no holder reference of ours, [`SpocError::SequenceLower`] when a higher one was given,
/// [`SpocError::SequenceDoubtful`] for what looks like a slip, unless it is said to be meant (`despite_doubts`).
pub(crate) async fn raise(
    app: &App,
    call: &Call,
    chr: &str,
    why: &str,
    despite_doubts: bool,
) -> Result<Raised, SpocError> {
    call.officer_at_desk()?;
    let why = reason(why)?;
    let malformed = "a holder reference is needed: country, one to nine characters, five of sequence, as PLDV00042";
    let named: Reference = chr.parse().map_err(|_| SpocError::field("chr", malformed))?;
    if named.country() != app.config.country {
        return Err(SpocError::field("chr", "it is not of our country, and only our own numbers are given here"));
    }
    let not_ours =
        "no number given here ends like this: five digits from 00001 on, or a letter and four digits or letters";
    let ordinal = sequence_ordinal(named.sequence()).map_err(|_| SpocError::field("chr", not_ours))?;
    let holder = issuing::holder_name(&named);
    let before = app
        .store
        .write_tx(async |tx| {
            let before = sequences::raise(tx, &holder, ordinal).await?;
            if before > ordinal {
                return Err(SpocError::SequenceLower { asked: named.to_string(), last: reference(&holder, before) });
            }
            if let Some(why) = doubt(&holder, before, ordinal).filter(|_| !despite_doubts) {
                return Err(SpocError::SequenceDoubtful { asked: named.to_string(), why });
            }
            if before < ordinal {
                let last = reference(&holder, before);
                let detail = json!({ "holder": holder, "before": last, "now": named.to_string(), "reason": why });
                record(app, tx, call, "sequence.raised", detail).await?;
            }
            Ok(before)
        })
        .await?;
    let before = reference(&holder, before);
    Ok(Raised { now: Given { holder, last: named.to_string() }, before })
}

/// Why a number may be a slip: one digit too many is the number of another holder, and what is skipped is gone.
fn doubt(holder: &str, before: u32, ordinal: u32) -> Option<String> {
    if before == 0 {
        return Some(format!("{holder} was given no number here"));
    }
    let skipped = ordinal.saturating_sub(before);
    (skipped > MOST_SKIPPED).then(|| format!("{skipped} numbers after {} would be gone", reference(holder, before)))
}

/// The reference an ordinal stands for; empty for none. Past the last one it is the last one: there is no other to give.
fn reference(holder: &str, ordinal: u32) -> String {
    match ordinal {
        0 => String::new(),
        ordinal => format!("{holder}{}", sequence_text(ordinal).unwrap_or_else(|_| "ZZZZZ".to_owned())),
    }
}
