//! PDUs in and out. Headers and bodies that come in are read here, so that a body that does not fit does not cost the connection; what goes out is
//! encoded by rusmpp.

use bytes::{Buf, Bytes, BytesMut};
use rusmpp::pdus::{BindReceiver, BindTransceiver, BindTransmitter, DataSmResp, DeliverSmResp, SubmitSm};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{COctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, InterfaceVersion, Npi, RegisteredDelivery, Ton};
use rusmpp::{Command, CommandStatus, Pdu};
use straznica_types::{CivilDate, Timestamp};
use tokio_util::codec::Encoder;

use super::config::{Account, LinkConfig, Validity};
use super::message::Message;
use crate::receipt::MessageId;
use crate::text::{EncodedPart, Encoding};

pub(super) const GENERIC_NACK: u32 = 0x8000_0000;
pub(super) const RESPONSE: u32 = 0x8000_0000;
pub(super) const BIND_RECEIVER: u32 = 0x01;
pub(super) const BIND_TRANSMITTER: u32 = 0x02;
pub(super) const SUBMIT_SM: u32 = 0x04;
pub(super) const DELIVER_SM: u32 = 0x05;
pub(super) const UNBIND: u32 = 0x06;
pub(super) const BIND_TRANSCEIVER: u32 = 0x09;
pub(super) const OUTBIND: u32 = 0x0B;
pub(super) const ENQUIRE_LINK: u32 = 0x15;
pub(super) const ALERT_NOTIFICATION: u32 = 0x102;
pub(super) const DATA_SM: u32 = 0x103;

/// ESME_ROK.
pub(super) const OK: u32 = 0x00;
/// ESME_RINVCMDID: this side does not know or expect the command.
pub(super) const UNKNOWN_COMMAND: u32 = 0x03;
/// ESME_RSYSERR: not kept, send it again.
pub(super) const SYSTEM_ERROR: u32 = 0x08;

/// UDH indicator in esm_class.
pub(super) const HAS_HEADER: u8 = 0x40;

const HEADER: usize = 16;

/// A PDU that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) id: u32,
    pub(super) status: u32,
    pub(super) sequence: u32,
    pub(super) body: Bytes,
}

/// A length no PDU has: the stream cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PDU of {0} octets")]
pub(super) struct BadLength(pub(super) u32);

/// Takes a PDU off the front; `None` until one is whole.
pub(super) fn take_frame(octets: &mut BytesMut, largest: usize) -> Result<Option<Frame>, BadLength> {
    let Some(length) = octets.first_chunk::<4>().map(|length| u32::from_be_bytes(*length)) else { return Ok(None) };
    let whole = usize::try_from(length).map_err(|_| BadLength(length))?;
    if !(HEADER..=largest).contains(&whole) {
        return Err(BadLength(length));
    }
    if octets.len() < whole {
        return Ok(None);
    }
    let mut frame = octets.split_to(whole).freeze();
    frame.advance(4);
    Ok(Some(Frame { id: frame.get_u32(), status: frame.get_u32(), sequence: frame.get_u32(), body: frame }))
}

/// The message_id of a `submit_sm_resp`; `None` when there is none that can be read.
pub(super) fn message_id(body: &[u8]) -> Option<MessageId> {
    let id = body.split(|octet| *octet == 0).next()?;
    std::str::from_utf8(id).ok().and_then(MessageId::new)
}

/// Appends a PDU without a body of its own.
pub(super) fn write(pdu: Pdu, status: u32, sequence: u32, out: &mut BytesMut) {
    let command = Command::new(CommandStatus::from(status), sequence, pdu);
    #[expect(
        clippy::expect_used,
        reason = "encoding only appends to memory; the codec's error type is the decoder's I/O"
    )]
    CommandCodec::new().encode(&command, out).expect("memory takes octets");
}

/// What the SMSC gets for a delivery.
pub(super) fn delivery_response(request: u32) -> Pdu {
    if request == DATA_SM {
        return DataSmResp::new(COctetString::null(), Vec::new()).into();
    }
    DeliverSmResp::new(COctetString::null(), Vec::new()).into()
}

/// A bind of one of the three kinds. The lengths were checked with the configuration.
pub(super) fn bind(kind: u32, account: &Account) -> Pdu {
    let system_id = c_octets(&account.system_id);
    let password = c_octets(account.password.expose());
    let system_type = c_octets(&account.system_type);
    let version = InterfaceVersion::Smpp3_4;
    let (ton, npi, range) = (Ton::Unknown, Npi::Unknown, COctetString::null());
    match kind {
        BIND_RECEIVER => BindReceiver::new(system_id, password, system_type, version, ton, npi, range).into(),
        BIND_TRANSMITTER => BindTransmitter::new(system_id, password, system_type, version, ton, npi, range).into(),
        _ => BindTransceiver::new(system_id, password, system_type, version, ton, npi, range).into(),
    }
}

/// A part to submit: with a receipt asked for, whatever becomes of it, and valid for as long as the message is of use.
pub(super) fn submit(message: &Message, part: &EncodedPart, config: &LinkConfig, now: Timestamp) -> SubmitSm {
    let (ton, npi, from) = config.sender.as_ref().unwrap_or(&message.from).address();
    // From the octet: rusmpp's default sets a bit of ANSI-41.
    let esm_class = EsmClass::from(if part.has_header { HAS_HEADER } else { 0 });
    let data_coding = match part.encoding {
        Encoding::Gsm7 => DataCoding::McSpecific,
        Encoding::Ucs2 => DataCoding::Ucs2,
    };
    let mut submit = SubmitSm::default();
    submit.source_addr_ton = Ton::from(ton);
    submit.source_addr_npi = Npi::from(npi);
    submit.source_addr = c_octets(from);
    submit.dest_addr_ton = Ton::International;
    submit.dest_addr_npi = Npi::Isdn;
    submit.destination_addr = c_octets(message.to.expose());
    submit.esm_class = esm_class;
    submit.validity_period =
        EmptyOrFullCOctetString::from_string(validity_period(config.validity, message.expires, now))
            .unwrap_or_default();
    submit.registered_delivery = RegisteredDelivery::from(1);
    submit.data_coding = data_coding;
    submit.set_short_message(OctetString::from_slice(&part.octets).unwrap_or_default());
    submit
}

/// A text whose length and alphabet the type it comes from has checked.
fn c_octets<const MOST: usize>(text: &str) -> COctetString<1, MOST> {
    COctetString::from_string(text.to_owned()).unwrap_or_default()
}

/// Longest span that is written; operators keep messages for days, not months.
const LONGEST_DAYS: u64 = 30;

/// validity_period, 16 characters (SMPP 3.4 §7.1.1): at least a second.
fn validity_period(form: Validity, expires: Timestamp, now: Timestamp) -> String {
    let most = LONGEST_DAYS * 86_400;
    let seconds = expires.saturating_since(now).as_secs().clamp(1, most);
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    match form {
        Validity::Relative => {
            format!("0000{days:02}{:02}{:02}{:02}000R", of_day / 3_600, of_day / 60 % 60, of_day % 60)
        }
        Validity::AbsoluteUtc => {
            let at = now + std::time::Duration::from_secs(seconds);
            let date: CivilDate = at.date();
            let of_day = at.seconds().rem_euclid(86_400);
            format!(
                "{:02}{:02}{:02}{:02}{:02}{:02}000+",
                date.year().rem_euclid(100),
                date.month(),
                date.day(),
                of_day / 3_600,
                of_day / 60 % 60,
                of_day % 60
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use straznica_types::Secret;

    use super::*;
    use crate::smpp::config::LinkName;
    use crate::smpp::message::{Class, Recipient, Sender};
    use crate::text::{ReferenceWidth, parts};

    fn message(text: &str) -> Message {
        Message {
            tag: "m".to_owned(),
            to: Recipient::new("48600100200").unwrap(),
            from: Sender::name("Straznica").unwrap(),
            parts: parts(text, ReferenceWidth::Eight).unwrap(),
            class: Class::Code,
            expires: Timestamp::from_seconds(300),
        }
    }

    fn written(pdu: impl Into<Pdu>) -> String {
        let mut out = BytesMut::new();
        write(pdu.into(), OK, 7, &mut out);
        hex::encode(out)
    }

    /// As npm `smpp` 0.5.1 encodes the same fields.
    #[test]
    fn pdus_have_the_octets_of_an_independent_encoder() {
        let account = Account {
            system_id: "straznica".to_owned(),
            password: Secret::new("tajne".to_owned()),
            system_type: String::new(),
        };
        let name = LinkName::new("operator-a").unwrap();
        let config = LinkConfig::new(name, "127.0.0.1", 2775, account.clone());
        for (kind, octets) in INDEPENDENT_BINDS {
            assert_eq!(written(bind(kind, &account)), octets);
        }
        for (text, octets) in [("kod 123456 {}", INDEPENDENT_GSM), ("zażółć", INDEPENDENT_UCS2)] {
            let message = message(text);
            let part = &message.parts.encode(0)[0];
            let submitted = submit(&message, part, &config, Timestamp::UNIX_EPOCH);
            assert_eq!(written(submitted), octets, "{text}");
        }
        let long = message(&"a".repeat(161));
        let part = &long.parts.encode(0xA7)[1];
        let submitted = submit(&long, part, &config, Timestamp::UNIX_EPOCH);
        assert_eq!(written(submitted), INDEPENDENT_SECOND_PART);
        let of_contract = LinkConfig { sender: Sender::short("7055"), ..config };
        let submitted = submit(&long, part, &of_contract, Timestamp::UNIX_EPOCH);
        let from = submitted.source_addr.to_string();
        assert_eq!((submitted.source_addr_ton, from.as_str()), (Ton::NetworkSpecific, "7055"));
    }

    const INDEPENDENT_BINDS: [(u32, &str); 3] = [
        (BIND_RECEIVER, "00000025000000010000000000000007737472617a6e6963610074616a6e65000034000000"),
        (BIND_TRANSMITTER, "00000025000000020000000000000007737472617a6e6963610074616a6e65000034000000"),
        (BIND_TRANSCEIVER, "00000025000000090000000000000007737472617a6e6963610074616a6e65000034000000"),
    ];
    const INDEPENDENT_GSM: &str = "00000054000000040000000000000007000500537472617a6e69636100010134383630303130303230300000000000\
        3030303030303030303530303030305200010000000f6b6f6420313233343536201b281b29";
    const INDEPENDENT_UCS2: &str = "00000051000000040000000000000007000500537472617a6e69636100010134383630303130303230300000000000\
        3030303030303030303530303030305200010008000c007a0061017c00f301420107";
    const INDEPENDENT_SECOND_PART: &str = "00000053000000040000000000000007000500537472617a6e69636100010134383630303130303230300040000000\
        3030303030303030303530303030305200010000000e050003a702026161616161616161";

    #[test]
    fn validity_is_the_life_of_the_message() {
        let now: Timestamp = "2026-12-31T23:58:30Z".parse().unwrap();
        for (seconds, relative, absolute) in [
            (300, "000000000500000R", "270101000330000+"),
            (0, "000000000001000R", "261231235831000+"),
            (86_400 * 2 + 3_661, "000002010101000R", "270103005931000+"),
            (86_400 * 400, "000030000000000R", "270130235830000+"),
        ] {
            let expires = now + Duration::from_secs(seconds);
            assert_eq!(validity_period(Validity::Relative, expires, now), relative);
            assert_eq!(validity_period(Validity::AbsoluteUtc, expires, now), absolute);
        }
    }

    #[test]
    fn a_length_no_pdu_has_ends_the_stream() {
        for length in [0_u32, 15, 8_193, u32::MAX] {
            let mut octets = BytesMut::from(&length.to_be_bytes()[..]);
            assert_eq!(take_frame(&mut octets, 8_192), Err(BadLength(length)));
        }
    }

    #[test]
    fn ids_are_read_with_and_without_their_terminator() {
        for (body, id) in
            [(&b"1aF\0"[..], Some("1aF")), (b"77", Some("77")), (b"\0", None), (b"", None), (b"\xFF\0", None)]
        {
            assert_eq!(message_id(body).as_ref().map(MessageId::as_str), id, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn frames_come_whole_however_they_are_cut(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..6), cut in 1_usize..30) {
            let mut stream = Vec::new();
            for (sequence, body) in bodies.iter().enumerate() {
                stream.extend(u32::try_from(HEADER + body.len()).unwrap().to_be_bytes());
                stream.extend([0, 0, 0, 5, 0, 0, 0, 0]);
                stream.extend(u32::try_from(sequence).unwrap().to_be_bytes());
                stream.extend(body);
            }
            let mut octets = BytesMut::new();
            let mut read = Vec::new();
            for piece in stream.chunks(cut) {
                octets.extend_from_slice(piece);
                while let Some(frame) = take_frame(&mut octets, 8_192).unwrap() {
                    prop_assert_eq!((frame.id, frame.status), (DELIVER_SM, OK));
                    prop_assert_eq!(usize::try_from(frame.sequence).unwrap(), read.len());
                    read.push(frame.body.to_vec());
                }
            }
            prop_assert_eq!(read, bodies);
        }

        #[test]
        fn no_octets_make_the_reader_panic(octets: Vec<u8>) {
            let _ = take_frame(&mut BytesMut::from(&octets[..]), 8_192);
            let _ = message_id(&octets);
        }
    }
}
