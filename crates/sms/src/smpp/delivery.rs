//! Reading what an SMSC delivers (`deliver_sm` SMPP 3.4 §4.6.1, `data_sm` §4.7.1). More forgiving than a codec may be: operators leave out the NUL of a TLV, send
//! dates of odd lengths, end a PDU after short_message. Only lengths that do not fit make it unreadable.

use super::handler::{Incoming, Unreadable};
use super::pdu::{DATA_SM, HAS_HEADER};
use crate::receipt::{Receipt, ReceiptFields};
use crate::text::{Encoding, decode, split_header};

/// message_type "delivery receipt" in esm_class, and "intermediate notification".
const RECEIPT: u8 = 0x04;
const NOTIFICATION: u8 = 0x20;
/// Longest address read, in octets.
const LONGEST_ADDRESS: usize = 65;

const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
const NETWORK_ERROR_CODE: u16 = 0x0423;
const MESSAGE_PAYLOAD: u16 = 0x0424;
const MESSAGE_STATE: u16 = 0x0427;

/// Reads the body of a delivery.
pub(super) fn read(command: u32, body: &[u8]) -> Incoming {
    let unreadable = |reason| Incoming::Unreadable { reason, octets: body.to_vec() };
    let Some(delivery) = Delivery::read(command, body) else { return unreadable(Unreadable::Malformed) };
    if delivery.is_receipt() {
        return delivery.receipt().map_or_else(|error| unreadable(error.into()), Incoming::Receipt);
    }
    delivery.message().unwrap_or_else(|| unreadable(Unreadable::Malformed))
}

#[derive(Debug, Default)]
struct Delivery<'a> {
    from: &'a [u8],
    to: &'a [u8],
    esm_class: u8,
    data_coding: u8,
    text: &'a [u8],
    receipted_message_id: Option<&'a [u8]>,
    message_state: Option<u8>,
    network_error_code: Option<[u8; 3]>,
}

impl<'a> Delivery<'a> {
    fn read(command: u32, body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let mut delivery = Self::default();
        reader.c_string()?; // service_type
        reader.take(2)?; // source TON and NPI
        delivery.from = reader.c_string()?;
        reader.take(2)?; // destination TON and NPI
        delivery.to = reader.c_string()?;
        delivery.esm_class = reader.octet()?;
        if command == DATA_SM {
            reader.octet()?; // registered_delivery
            delivery.data_coding = reader.octet()?;
        } else {
            reader.take(2)?; // protocol_id, priority_flag
            reader.c_string()?; // schedule_delivery_time
            reader.c_string()?; // validity_period
            reader.take(2)?; // registered_delivery, replace_if_present_flag
            delivery.data_coding = reader.octet()?;
            reader.octet()?; // sm_default_msg_id
            let length = reader.octet()?;
            delivery.text = reader.take(usize::from(length))?;
        }
        delivery.read_tlvs(&mut reader)?;
        let plausible = delivery.from.len() <= LONGEST_ADDRESS && delivery.to.len() <= LONGEST_ADDRESS;
        plausible.then_some(delivery)
    }

    fn read_tlvs(&mut self, reader: &mut Reader<'a>) -> Option<()> {
        while !reader.0.is_empty() {
            let tag = u16::from_be_bytes(reader.take(2)?.try_into().ok()?);
            let length = u16::from_be_bytes(reader.take(2)?.try_into().ok()?);
            let value = reader.take(usize::from(length))?;
            match tag {
                RECEIPTED_MESSAGE_ID => self.receipted_message_id = value.split(|octet| *octet == 0).next(),
                MESSAGE_STATE => self.message_state = value.first().copied(),
                NETWORK_ERROR_CODE => self.network_error_code = value.try_into().ok(),
                MESSAGE_PAYLOAD => self.text = value,
                _ => {}
            }
        }
        Some(())
    }

    /// Marked as one, or with the field only receipts have. The text alone does not make a receipt: a citizen can write `id:… stat:DELIVRD` too.
    fn is_receipt(&self) -> bool {
        self.esm_class & (RECEIPT | NOTIFICATION) != 0 || self.receipted_message_id.is_some()
    }

    fn receipt(&self) -> Result<Receipt, crate::receipt::ReceiptError> {
        let body = match self.esm_class & HAS_HEADER {
            0 => self.text,
            _ => split_header(self.text).map_or(self.text, |(_, text)| text),
        };
        // A few operators write even receipts in UCS-2.
        let from_ucs2 = (self.data_coding == Encoding::Ucs2.data_coding()).then(|| decode(Encoding::Ucs2, body));
        Receipt::read(&ReceiptFields {
            text: from_ucs2.as_deref().map_or(body, str::as_bytes),
            receipted_message_id: self.receipted_message_id,
            message_state: self.message_state,
            network_error_code: self.network_error_code,
        })
    }

    fn message(&self) -> Option<Incoming> {
        let (part, text) = match self.esm_class & HAS_HEADER {
            0 => (None, self.text),
            _ => split_header(self.text)?,
        };
        let text = match self.data_coding {
            0x08 => decode(Encoding::Ucs2, text),
            // ASCII and Latin-1: each octet is the character of its number.
            0x01 | 0x03 => text.iter().copied().map(char::from).collect(),
            _ => decode(Encoding::Gsm7, text),
        };
        let address = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Some(Incoming::Message { from: address(self.from), to: address(self.to), text, part })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn octet(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// Up to a NUL, which has to be there.
    fn c_string(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|octet| *octet == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::life::MessageState;
    use crate::receipt::ReceiptError;
    use crate::smpp::pdu::DELIVER_SM;
    use crate::text::{Concatenation, Reference};

    /// A `deliver_sm` body as an operator would write it.
    fn body(esm_class: u8, data_coding: u8, text: &[u8], tlvs: &[u8]) -> Vec<u8> {
        let mut body = b"\0\x01\x0148600100200\0\x05\0Straznica\0".to_vec();
        body.extend([esm_class, 0, 0, 0, 0, 0, 0, data_coding, 0, u8::try_from(text.len()).unwrap()]);
        body.extend(text);
        body.extend(tlvs);
        body
    }

    #[test]
    fn a_receipt_is_what_is_marked_as_one_or_has_its_field() {
        let text = b"id:1a stat:DELIVRD err:000";
        let state = |incoming| match incoming {
            Incoming::Receipt(receipt) => (receipt.id.as_str().to_owned(), receipt.state),
            other => panic!("{other:?}"),
        };
        let delivered = ("1a".to_owned(), MessageState::Delivered);
        assert_eq!(state(read(DELIVER_SM, &body(0x04, 0, text, b""))), delivered);
        assert_eq!(state(read(DELIVER_SM, &body(0x20, 0, text, b""))), delivered);
        // TLVs alone, with and without the closing NUL.
        for id in [&b"\x00\x1E\x00\x031a\0"[..], b"\x00\x1E\x00\x021a"] {
            let tlvs = [id, b"\x04\x27\x00\x01\x02"].concat();
            assert_eq!(state(read(DELIVER_SM, &body(0, 0, b"", &tlvs))), delivered);
        }
        let in_ucs2: Vec<u8> = String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(state(read(DELIVER_SM, &body(0x04, 8, &in_ucs2, b""))), delivered);
        let payload = [&b"\x04\x24\x00\x1A"[..], text].concat();
        assert_eq!(state(read(DELIVER_SM, &body(0x04, 0, b"", &payload))), delivered);
    }

    #[test]
    fn a_citizen_cannot_write_a_receipt() {
        let forged = read(DELIVER_SM, &body(0, 0, b"id:1a stat:DELIVRD err:000", b""));
        assert!(matches!(forged, Incoming::Message { .. }), "{forged:?}");
    }

    #[test]
    fn a_citizens_message_is_read_in_its_alphabet() {
        let part = Concatenation { reference: Reference::Eight(9), total: 2, number: 1 };
        for (esm_class, data_coding, text, read_text, part) in [
            (0, 0, &b"STOP \x00\x1B\x65"[..], "STOP @€", None),
            (0, 8, b"\x01\x42", "ł", None),
            (0, 3, b"\xF3", "ó", None),
            (0x40, 0, b"\x05\0\x03\x09\x02\x01ab", "ab", Some(part)),
        ] {
            let expected = Incoming::Message {
                from: "48600100200".to_owned(),
                to: "Straznica".to_owned(),
                text: read_text.to_owned(),
                part,
            };
            assert_eq!(read(DELIVER_SM, &body(esm_class, data_coding, text, b"")), expected);
        }
    }

    #[test]
    fn data_sm_carries_its_text_in_a_field() {
        let mut octets = b"\0\x01\x0148600100200\0\x05\0Straznica\0\x04\0\0".to_vec();
        octets.extend(b"\x00\x1E\x00\x0277\x04\x27\x00\x01\x05");
        let Incoming::Receipt(receipt) = read(DATA_SM, &octets) else { panic!("no receipt") };
        assert_eq!((receipt.id.as_str(), receipt.state), ("77", MessageState::Undeliverable));
    }

    #[test]
    fn what_does_not_fit_is_kept_as_it_is() {
        let whole = body(0x04, 0, b"id:1 stat:DELIVRD", b"\x04\x27\x00\x01\x02");
        for end in [0, 5, 20, 30, whole.len() - 1] {
            let cut = &whole[..end];
            let expected = Incoming::Unreadable { reason: Unreadable::Malformed, octets: cut.to_vec() };
            assert_eq!(read(DELIVER_SM, cut), expected, "{end}");
        }
        let nameless = body(0x04, 0, b"dlvrd:001", b"");
        let reason = Unreadable::Receipt(ReceiptError::NoId);
        assert_eq!(read(DELIVER_SM, &nameless), Incoming::Unreadable { reason, octets: nameless });
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(octets: Vec<u8>, data: bool) {
            let _ = read(if data { DATA_SM } else { DELIVER_SM }, &octets);
        }

        #[test]
        fn no_field_makes_the_reader_panic(esm_class: u8, coding: u8, text in proptest::collection::vec(any::<u8>(), 0..255), tlvs: Vec<u8>) {
            let _ = read(DELIVER_SM, &body(esm_class, coding, &text, &tlvs));
        }
    }
}
