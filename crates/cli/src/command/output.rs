//! Reports on standard output, as JSON or as text for people.

use std::fmt::Display;
use std::io::Write;
use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde::Serialize;
use straznica_contracts::FILE_DESCRIPTOR_SET;

/// Nothing can be printed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Standard output is closed or full.
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
    /// A report is not representable as JSON.
    #[error("cannot encode: {0}")]
    Json(#[from] serde_json::Error),
    /// The contracts of this program do not describe it.
    #[error("an answer that is not described cannot be encoded")]
    Undescribed,
}

/// Prints a report: one line of JSON, or its own text.
///
/// # Errors
/// When standard output takes no more.
pub fn report(json: bool, report: &(impl Serialize + Display)) -> Result<(), OutputError> {
    if json { line(&serde_json::to_string(report)?) } else { line(&report.to_string()) }
}

/// Prints text, ending it with one line break.
///
/// # Errors
/// As [`report`].
pub fn line(text: &str) -> Result<(), OutputError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    out.flush()?;
    Ok(())
}

static CONTRACTS: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok());

/// The answer as protobuf's JSON mapping writes it, with the contract's own names and every member, numbers as numbers: what a script reads is
/// described in `proto/`, field by field.
///
/// # Errors
/// None for a message of this program's contracts.
pub(super) fn contract<M: Message + Name>(answer: &M) -> Result<String, OutputError> {
    const OPTIONS: SerializeOptions =
        SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false).skip_default_fields(false);
    let descriptor = CONTRACTS.as_ref().and_then(|contracts| contracts.get_message_by_name(&M::full_name()));
    let Some(descriptor) = descriptor else { return Err(OutputError::Undescribed) };
    let Ok(described) = DynamicMessage::decode(descriptor, answer.encode_to_vec().as_slice()) else {
        return Err(OutputError::Undescribed);
    };
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    described.serialize_with_options(&mut serializer, &OPTIONS)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use straznica_contracts::spoc::v1::{ListPartnersResponse, Partner};

    use super::contract;

    #[test]
    fn json_has_every_member_under_the_contracts_name() {
        let partner = Partner { country: "UT".to_owned(), use_from_ms: 1_779_960_600_000, ..Partner::default() };
        let answer = ListPartnersResponse { partners: vec![partner], proposals: vec![] };
        let read: serde_json::Value = serde_json::from_str(&contract(&answer).unwrap()).unwrap();
        let partner = &read["partners"][0];
        assert_eq!((&partner["country"], &partner["use_from_ms"]), (&"UT".into(), &1_779_960_600_000_i64.into()));
        assert_eq!((&partner["served"], &partner["roots"]), (&false.into(), &serde_json::json!([])));
        assert_eq!(read["proposals"], serde_json::json!([]));
    }
}
