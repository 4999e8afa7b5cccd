//! Delivery receipts as operators send them: fields of their own (TLVs) where the operator has them, a text with fields where not, and identifiers
//! that may be written otherwise than in the answer to the submission.
//!
//! How a caller matches them: at acceptance it stores each part's [`MessageId`] with its [`keys`](MessageId::keys); a receipt is looked up by the
//! keys of its own id, and [`resolve`] decides among what is found. A receipt that finds nothing is stored as it is (parked), for it may have
//! overtaken the answer; whoever stores an id looks among the parked ones by the same keys.

mod id;
mod text;

pub use id::{Likeness, MessageId, Resolution, resolve};

use crate::life::MessageState;
use text::TextForm;

/// The fields of a `deliver_sm` or `data_sm` that make a receipt, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiptFields<'a> {
    /// short_message, or the TLV message_payload in its place.
    pub text: &'a [u8],
    /// TLV receipted_message_id 0x001E, without its closing NUL.
    pub receipted_message_id: Option<&'a [u8]>,
    /// TLV message_state 0x0427.
    pub message_state: Option<u8>,
    /// TLV network_error_code 0x0423: network type and error.
    pub network_error_code: Option<[u8; 3]>,
}

/// What an SMSC says became of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The part, by the SMSC's name for it.
    pub id: MessageId,
    /// What became of it.
    pub state: MessageState,
    /// The operator's own error: `err:` of the text, else the number of the TLV; `None` when there is none or it is zero.
    pub error: Option<String>,
    /// When it ended, as the SMSC wrote it (`YYMMDDhhmm` and variants): its local time, whose zone it does not say.
    pub done: Option<String>,
}

/// Why something that came as a receipt is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Neither a TLV nor the text names a message.
    #[error("the receipt names no message")]
    NoId,
    /// The name is empty, too long or not printable.
    #[error("the receipt's message id is empty, too long or not printable")]
    BadId,
    /// Neither a TLV nor the text says what became of it.
    #[error("the receipt states no outcome")]
    NoState,
    /// The state is none of SMPP's.
    #[error("the receipt's state is none of SMPP's")]
    BadState,
}

impl Receipt {
    /// Reads a receipt; a TLV counts for more than what the text says.
    ///
    /// # Errors
    /// When it names no message or no outcome. It should then be kept as it is, for a person to read.
    pub fn read(fields: &ReceiptFields<'_>) -> Result<Self, ReceiptError> {
        let form = TextForm::read(fields.text);
        let id = match (fields.receipted_message_id, form.id) {
            (Some(id), _) => std::str::from_utf8(id).map_err(|_| ReceiptError::BadId)?,
            (None, Some(id)) => id,
            (None, None) => return Err(ReceiptError::NoId),
        };
        let id = MessageId::new(id).ok_or(ReceiptError::BadId)?;
        let state = match (fields.message_state, form.stat) {
            (Some(code), _) => MessageState::from_code(code).ok_or(ReceiptError::BadState)?,
            (None, Some(word)) => MessageState::from_word(word).ok_or(ReceiptError::BadState)?,
            (None, None) => return Err(ReceiptError::NoState),
        };
        let of_network = fields.network_error_code.map(|[_, high, low]| u16::from_be_bytes([high, low]));
        let error = form
            .err
            .map(str::to_owned)
            .or_else(|| of_network.map(|code| code.to_string()))
            .filter(|error| !error.bytes().all(|digit| digit == b'0'));
        Ok(Self { id, state, error, done: form.done.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from_text(text: &str) -> Result<Receipt, ReceiptError> {
        Receipt::read(&ReceiptFields { text: text.as_bytes(), ..ReceiptFields::default() })
    }

    fn receipt(id: &str, state: MessageState, error: Option<&str>, done: Option<&str>) -> Receipt {
        Receipt {
            id: MessageId::new(id).unwrap(),
            state,
            error: error.map(str::to_owned),
            done: done.map(str::to_owned),
        }
    }

    #[test]
    fn the_text_form_is_read_in_its_variants() {
        use MessageState::{Delivered, Expired, Rejected, Undeliverable};
        for (text, expected) in [
            (
                "id:0123456789 sub:001 dlvrd:001 submit date:2605280930 done date:2605280931 stat:DELIVRD err:000 text:Kod do potwi",
                receipt("0123456789", Delivered, None, Some("2605280931")),
            ),
            // Seconds, no text, error of the operator.
            (
                "id:1a2B-7 sub:1 dlvrd:0 submit date:260528093001 done date:260528093105 stat:UNDELIV err:27",
                receipt("1a2B-7", Undeliverable, Some("27"), Some("260528093105")),
            ),
            // Capitals, spaces after the colon, fields missing, other order.
            ("ID: 77 STAT: EXPIRED ERR: 0A1", receipt("77", Expired, Some("0A1"), None)),
            ("stat:REJECTD id:5", receipt("5", Rejected, None, None)),
            (
                "id:9 submit_date:2605280930 done_date:2605280931 stat:delivered Text:x",
                receipt("9", Delivered, None, Some("2605280931")),
            ),
            // No spaces at the end, line ends between fields, NUL as a terminator.
            ("id:8\nstat:DELIVRD\nerr:000\0", receipt("8", Delivered, None, None)),
            // The citizen's text does not change what the operator said.
            ("id:4 stat:UNDELIV err:001 text:id:5 stat:DELIVRD", receipt("4", Undeliverable, Some("001"), None)),
        ] {
            assert_eq!(from_text(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn fields_of_their_own_count_for_more_than_the_text() {
        let fields = ReceiptFields {
            text: b"id:111 stat:ENROUTE err:000",
            receipted_message_id: Some(b"6F"),
            message_state: Some(2),
            network_error_code: Some([3, 0, 34]),
        };
        assert_eq!(Receipt::read(&fields), Ok(receipt("6F", MessageState::Delivered, None, None)));
        let without_text = ReceiptFields { text: b"", ..fields };
        assert_eq!(Receipt::read(&without_text), Ok(receipt("6F", MessageState::Delivered, Some("34"), None)));
        let id_only = ReceiptFields { message_state: None, ..fields };
        assert_eq!(Receipt::read(&id_only).unwrap().state, MessageState::Enroute);
    }

    #[test]
    fn what_names_no_message_or_no_outcome_is_no_receipt() {
        for (text, error) in [
            ("", ReceiptError::NoId),
            ("Dziękuję", ReceiptError::NoId),
            ("stat:DELIVRD", ReceiptError::NoId),
            ("paid:5 stat:DELIVRD", ReceiptError::NoId),
            ("text:id:5 stat:DELIVRD", ReceiptError::NoId),
            ("id: stat:DELIVRD", ReceiptError::BadId),
            ("id:żółw stat:DELIVRD", ReceiptError::BadId),
            ("id:5", ReceiptError::NoState),
            ("id:5 stat:MAYBE", ReceiptError::BadState),
        ] {
            assert_eq!(from_text(text), Err(error), "{text}");
        }
        let long = format!("id:{} stat:DELIVRD", "7".repeat(66));
        assert_eq!(from_text(&long), Err(ReceiptError::BadId));
        let bad_state =
            ReceiptFields { text: b"id:5 stat:DELIVRD", message_state: Some(77), ..ReceiptFields::default() };
        assert_eq!(Receipt::read(&bad_state), Err(ReceiptError::BadState));
    }

    proptest! {
        #[test]
        fn a_receipt_written_by_an_operator_reads_back(
            id in "[0-9a-fA-F]{1,65}",
            state in 0_usize..8,
            err in "[0-9]{3}",
            text in "[a-zA-Z0-9 :]{0,20}",
            order in 0_usize..6,
            capital: bool,
        ) {
            let (word, expected) = [
                ("ENROUTE", MessageState::Enroute),
                ("DELIVRD", MessageState::Delivered),
                ("EXPIRED", MessageState::Expired),
                ("DELETED", MessageState::Deleted),
                ("UNDELIV", MessageState::Undeliverable),
                ("ACCEPTD", MessageState::Accepted),
                ("UNKNOWN", MessageState::Unknown),
                ("REJECTD", MessageState::Rejected),
            ][state];
            let mut fields = [format!("id:{id}"), format!("stat:{word}"), format!("err:{err}")];
            fields.rotate_left(order % 3);
            if order >= 3 {
                fields.swap(0, 2);
            }
            let written = format!("{} submit date:2605280930 text:{text}", fields.join(" "));
            let written = if capital { written.replace("id:", "Id:").replace("stat:", "STAT:") } else { written };
            let read = from_text(&written).unwrap();
            prop_assert_eq!(read.id.as_str(), id);
            prop_assert_eq!(read.state, expected);
            prop_assert_eq!(read.error.unwrap_or_else(|| "000".to_owned()), err);
        }

        #[test]
        fn no_octets_make_the_reader_panic(text: Vec<u8>, id: Option<Vec<u8>>, state: Option<u8>) {
            let fields = ReceiptFields {
                text: &text,
                receipted_message_id: id.as_deref(),
                message_state: state,
                network_error_code: None,
            };
            let _ = Receipt::read(&fields);
        }

        #[test]
        fn no_text_with_the_right_words_makes_the_reader_panic(text in "((id|stat|err|text|done date|submit date|ż)[: ]{0,2}[a-z0-9ż]{0,4} ?){0,12}") {
            let _ = from_text(&text);
        }
    }
}
