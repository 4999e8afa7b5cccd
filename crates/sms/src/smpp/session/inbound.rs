//! What comes in, and what it means for what went out.

use std::collections::VecDeque;

use bytes::BytesMut;
use rusmpp::Pdu;
use tokio::time::Instant;

use super::flight::Late;
use super::{Ending, HIGH_WATER, ReplyTo, Session};
use crate::life::{Failure, Meaning, WRONG_BIND_STATE, meaning};
use crate::smpp::delivery;
use crate::smpp::handler::{Incoming, NotKept};
use crate::smpp::message::PartOutcome;
use crate::smpp::pdu::{self, Frame, RESPONSE};
use crate::smpp::state::count;

impl Session<'_> {
    /// Reads what has come, as far as there is room to deal with it, and gathers what the handler has to keep.
    pub(super) fn take_in(
        &mut self,
        inbox: &mut BytesMut,
        now: Instant,
        to_keep: &mut VecDeque<(ReplyTo, Incoming)>,
        most: usize,
    ) -> Result<(), Ending> {
        while to_keep.len() < most && self.out.len() < HIGH_WATER {
            let frame = pdu::take_frame(inbox, self.shared.config.largest_pdu).map_err(|_| Ending::Garbage)?;
            let Some(frame) = frame else { break };
            self.heard = now;
            match frame.id {
                pdu::DELIVER_SM | pdu::DATA_SM => {
                    let incoming = delivery::read(frame.id, &frame.body);
                    to_keep.push_back((Some((frame.id, frame.sequence)), incoming));
                }
                pdu::ENQUIRE_LINK => self.write(Pdu::EnquireLinkResp, pdu::OK, frame.sequence),
                pdu::UNBIND => self.peer_leaves(frame.sequence, now),
                pdu::GENERIC_NACK => to_keep.extend(self.answered(&frame, now)?),
                id if id == pdu::SUBMIT_SM | RESPONSE => to_keep.extend(self.answered(&frame, now)?),
                id if id == pdu::ENQUIRE_LINK | RESPONSE => self.enquiry_answered(frame.sequence),
                id if id == pdu::UNBIND | RESPONSE && self.has_left() => return Err(Ending::Stopped),
                // Notices that SMPP gives no answer to.
                pdu::ALERT_NOTIFICATION | pdu::OUTBIND => {}
                id if id & RESPONSE != 0 => count(&self.shared.counting.stray),
                _ => self.write(Pdu::GenericNack, pdu::UNKNOWN_COMMAND, frame.sequence),
            }
        }
        Ok(())
    }

    /// An answer to a part: taken, refused, too fast, or too late to matter for the outcome.
    fn answered(&mut self, frame: &Frame, now: Instant) -> Result<Option<(ReplyTo, Incoming)>, Ending> {
        if frame.id == pdu::GENERIC_NACK && self.enquiry.is_some_and(|(sequence, _)| sequence == frame.sequence) {
            // It does not know the question, but it is there.
            self.enquiry = None;
            return Ok(None);
        }
        let counting = &self.shared.counting;
        let meaning = match meaning(frame.status) {
            // "Not acknowledged, no error" is no acceptance.
            Meaning::Accepted if frame.id == pdu::GENERIC_NACK => Meaning::Refused(Failure::Technical),
            meaning => meaning,
        };
        let outcome = match meaning {
            Meaning::Accepted => PartOutcome::Accepted(pdu::message_id(&frame.body)),
            Meaning::Refused(failure) => PartOutcome::Refused { status: frame.status, failure },
            Meaning::SlowDown => PartOutcome::Refused { status: frame.status, failure: Failure::Temporary },
        };
        let Some(flight) = self.flights.answered(frame.sequence) else {
            let Some(Late { tag, part }) = self.flights.late(frame.sequence) else {
                count(&counting.stray);
                return Ok(None);
            };
            count(&counting.late);
            return Ok(Some((None, Incoming::Late { tag, part, outcome })));
        };
        if frame.status == WRONG_BIND_STATE {
            // Not taken, and nothing of ours will be until we bind again.
            self.shared.desk().put_back(flight.ticket);
            return Err(Ending::NotBound);
        }
        match meaning {
            Meaning::SlowDown => {
                count(&counting.too_fast);
                self.pace.slow_down(flight.at, now);
                self.shared.desk().put_back(flight.ticket);
            }
            Meaning::Accepted => {
                count(&counting.accepted);
                self.shared.desk().settle(flight.ticket, outcome);
            }
            Meaning::Refused(_) => {
                count(&counting.refused);
                self.shared.desk().settle(flight.ticket, outcome);
            }
        }
        Ok(None)
    }

    fn enquiry_answered(&mut self, sequence: u32) {
        match self.enquiry {
            Some((asked, _)) if asked == sequence => self.enquiry = None,
            _ => count(&self.shared.counting.stray),
        }
    }

    /// Tells the SMSC whether its delivery was kept.
    pub(super) fn answer(&mut self, to: ReplyTo, result: Result<(), NotKept>) {
        let Some((command, sequence)) = to else {
            if result.is_err() {
                tracing::warn!(link = %self.shared.config.name, "a late answer was not kept; its message stays unknown");
            }
            return;
        };
        let counting = &self.shared.counting;
        count(if result.is_ok() { &counting.kept } else { &counting.not_kept });
        let status = if result.is_ok() { pdu::OK } else { pdu::SYSTEM_ERROR };
        self.write(pdu::delivery_response(command), status, sequence);
    }
}
