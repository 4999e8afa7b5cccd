//! The life of a message: where it is, what may come next, and what an answer or a receipt of the SMSC means for it.
//!
//! ```text
//! created → queued → submitted → accepted → delivered
//!    └────────┴──────────┴──────────┴─────→ failed (temporary | permanent | technical), expired
//!                        └──────────┴─────→ unknown → delivered, failed, expired
//! ```
//!
//! News only moves a state forward, so receipts may come doubled and in any order. *Unknown* is no end: a receipt that still comes decides it. What
//! ended stays as it ended. One step leads back, and no news from outside takes it: what was handed to a link and is known not to be on its way may be
//! queued again ([`State::handed_back`]).

/// Why a message failed, which decides who acts: the sender may try later, the recipient's data need a look, or our own set-up does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The SMSC could not just now; the same message may succeed later.
    Temporary,
    /// This number or this message will not succeed.
    Permanent,
    /// The link, the account or the form of our messages has to be mended.
    Technical,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Ordered, not yet due.
    Created,
    /// Due; nothing has been written to a link.
    Queued,
    /// Handed to a link: from here on it may be on its way, and is never sent again on the chance that it is not.
    Submitted,
    /// The SMSC answered for it.
    Accepted,
    /// On the handset, says the receipt.
    Delivered,
    /// Not delivered, and known not to be.
    Failed(Failure),
    /// Its time ran out, here or at the SMSC.
    Expired,
    /// Nobody knows: the connection was lost between writing and answer, or the SMSC has lost track.
    Unknown,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Queued,
        Self::Submitted,
        Self::Accepted,
        Self::Unknown,
        Self::Delivered,
        Self::Failed(Failure::Temporary),
        Self::Failed(Failure::Permanent),
        Self::Failed(Failure::Technical),
        Self::Expired,
    ];

    /// The name it has in databases and interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Queued => "queued",
            Self::Submitted => "submitted",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Failed(Failure::Temporary) => "failed_temporary",
            Self::Failed(Failure::Permanent) => "failed_permanent",
            Self::Failed(Failure::Technical) => "failed_technical",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing follows.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed(_) | Self::Expired)
    }

    /// Whether `next` may follow. Nothing follows itself.
    pub const fn may_become(self, next: Self) -> bool {
        if self.is_final() {
            return false;
        }
        match next {
            Self::Created => false,
            Self::Queued => matches!(self, Self::Created),
            Self::Submitted => matches!(self, Self::Queued),
            Self::Accepted => matches!(self, Self::Submitted),
            // A receipt may overtake the SMSC's own answer.
            Self::Delivered => matches!(self, Self::Submitted | Self::Accepted | Self::Unknown),
            Self::Unknown => matches!(self, Self::Submitted | Self::Accepted),
            Self::Failed(_) | Self::Expired => true,
        }
    }

    /// What it is after news of `next`: `next` when that is forward, else unchanged.
    #[must_use]
    pub const fn after(self, next: Self) -> Self {
        if self.may_become(next) { next } else { self }
    }

    /// What it is after a link has handed the message back: nothing of it was written, or the SMSC has not taken it and may do so later. Submitted is
    /// queued again; nothing else goes back.
    #[must_use]
    pub const fn handed_back(self) -> Self {
        match self {
            Self::Submitted => Self::Queued,
            other => other,
        }
    }

    /// The state of a message from those of its parts, each of which has receipts of its own: failed or expired as soon as one part is, for the
    /// handset shows no message with a hole; otherwise as far as the part that is least far. `None` for no parts.
    pub fn of_parts(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        // The later in this order, the more it says about the whole.
        const fn weight(state: State) -> u8 {
            match state {
                State::Delivered => 0,
                State::Accepted => 1,
                State::Submitted => 2,
                State::Queued => 3,
                State::Created => 4,
                State::Unknown => 5,
                State::Expired => 6,
                State::Failed(Failure::Temporary) => 7,
                State::Failed(Failure::Technical) => 8,
                State::Failed(Failure::Permanent) => 9,
            }
        }
        parts.into_iter().max_by_key(|state| weight(*state))
    }
}

/// message_state of a receipt (SMPP 3.4 §5.2.28; SCHEDULED and SKIPPED from SMPP 5.0 §4.7.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// Not yet sent on.
    Scheduled,
    /// On its way.
    Enroute,
    /// On the handset.
    Delivered,
    /// Its validity period ran out.
    Expired,
    /// Deleted at the SMSC.
    Deleted,
    /// Cannot be delivered.
    Undeliverable,
    /// Taken over by the SMSC.
    Accepted,
    /// The SMSC has lost track.
    Unknown,
    /// Refused after all.
    Rejected,
    /// Left out by the SMSC.
    Skipped,
}

impl MessageState {
    /// From the TLV 0x0427.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Scheduled,
            1 => Self::Enroute,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Undeliverable,
            6 => Self::Accepted,
            7 => Self::Unknown,
            8 => Self::Rejected,
            9 => Self::Skipped,
            _ => return None,
        })
    }

    /// From `stat:` of the text form: the seven-letter words of SMPP 3.4 appendix B and the full words some operators write, in either case.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_uppercase().as_str() {
            "SCHEDLD" | "SCHEDULED" => Self::Scheduled,
            "ENROUTE" | "BUFFERED" => Self::Enroute,
            "DELIVRD" | "DELIVERED" => Self::Delivered,
            "EXPIRED" => Self::Expired,
            "DELETED" => Self::Deleted,
            "UNDELIV" | "UNDELIVERABLE" | "UNDELIVERED" | "FAILED" => Self::Undeliverable,
            "ACCEPTD" | "ACCEPTED" => Self::Accepted,
            "UNKNOWN" => Self::Unknown,
            "REJECTD" | "REJECTED" => Self::Rejected,
            "SKIPPED" => Self::Skipped,
            _ => return None,
        })
    }

    /// What it means for the message.
    pub const fn state(self) -> State {
        match self {
            Self::Scheduled | Self::Enroute | Self::Accepted => State::Accepted,
            Self::Delivered => State::Delivered,
            Self::Expired => State::Expired,
            Self::Undeliverable | Self::Rejected => State::Failed(Failure::Permanent),
            // Somebody at the operator did that; neither the number nor the network is at fault.
            Self::Deleted | Self::Skipped => State::Failed(Failure::Technical),
            Self::Unknown => State::Unknown,
        }
    }
}

/// What the command_status of a `submit_sm_resp` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The SMSC took the message.
    Accepted,
    /// Too fast: the message was not taken, the whole link slows down, and the message goes again.
    SlowDown,
    /// The message was not taken.
    Refused(Failure),
}

/// ESME_RTHROTTLED: more than the agreed rate.
pub const THROTTLED: u32 = 0x58;
/// ESME_RMSGQFUL: the SMSC's queue is full.
pub const QUEUE_FULL: u32 = 0x14;
/// ESME_RINVBNDSTS: the SMSC does not think we are bound for this.
pub const WRONG_BIND_STATE: u32 = 0x04;

/// What a command_status means for the message (SMPP 3.4 §5.1.3, SMPP 5.0 §4.7.6). What is on neither list, the operators' own range 0x400 to 0x4FF
/// included, is technical: somebody has to look.
pub const fn meaning(command_status: u32) -> Meaning {
    match command_status {
        0x00 => Meaning::Accepted,
        THROTTLED | QUEUE_FULL => Meaning::SlowDown,
        // RSYSERR, RSUBMITFAIL, RX_T_APPN, RDELIVERYFAILURE, RUNKNOWNERR
        0x08 | 0x45 | 0x64 | 0xFE | 0xFF => Meaning::Refused(Failure::Temporary),
        // RINVDSTADR, RINVDSTTON, RINVDSTNPI, RX_P_APPN, RX_R_APPN, and of SMPP 5.0 RPROHIBITED
        0x0B | 0x50 | 0x51 | 0x65 | 0x66 | 0x101 => Meaning::Refused(Failure::Permanent),
        _ => Meaning::Refused(Failure::Technical),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_pair_of_states_is_allowed_or_not_as_the_table_says() {
        // Rows and columns in the order of State::ALL: created, queued, submitted, accepted, unknown, delivered, three failures, expired.
        let table = [
            ". q . . . . f f f e",
            ". . s . . . f f f e",
            ". . . a u d f f f e",
            ". . . . u d f f f e",
            ". . . . . d f f f e",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
        ];
        for (from, row) in State::ALL.into_iter().zip(table) {
            for (to, cell) in State::ALL.into_iter().zip(row.split(' ')) {
                assert_eq!(from.may_become(to), cell != ".", "{} → {}", from.as_str(), to.as_str());
                assert_eq!(from.after(to), if cell == "." { from } else { to });
            }
        }
    }

    #[test]
    fn only_what_is_submitted_can_be_handed_back() {
        for state in State::ALL {
            let expected = if state == State::Submitted { State::Queued } else { state };
            assert_eq!(state.handed_back(), expected, "{}", state.as_str());
        }
    }

    #[test]
    fn receipt_states_mean_what_the_table_says() {
        use Failure::{Permanent, Technical};
        for (code, words, state) in [
            (0, ["SCHEDLD", "scheduled"], State::Accepted),
            (1, ["ENROUTE", "enroute"], State::Accepted),
            (2, ["DELIVRD", "Delivered"], State::Delivered),
            (3, ["EXPIRED", "expired"], State::Expired),
            (4, ["DELETED", "deleted"], State::Failed(Technical)),
            (5, ["UNDELIV", "UNDELIVERABLE"], State::Failed(Permanent)),
            (6, ["ACCEPTD", "ACCEPTED"], State::Accepted),
            (7, ["UNKNOWN", "unknown"], State::Unknown),
            (8, ["REJECTD", "REJECTED"], State::Failed(Permanent)),
            (9, ["SKIPPED", "skipped"], State::Failed(Technical)),
        ] {
            let from_code = MessageState::from_code(code).unwrap();
            for word in words {
                assert_eq!(MessageState::from_word(word), Some(from_code), "{word}");
            }
            assert_eq!(from_code.state(), state, "{words:?}");
        }
        assert_eq!(MessageState::from_code(10), None);
        assert_eq!(MessageState::from_word("DELIV"), None);
    }

    #[test]
    fn command_statuses_mean_what_the_table_says() {
        use Failure::{Permanent, Technical, Temporary};
        use Meaning::{Accepted, Refused, SlowDown};
        for (status, expected) in [
            (0x00, Accepted),
            (0x14, SlowDown),
            (0x58, SlowDown),
            (0x08, Refused(Temporary)),
            (0x45, Refused(Temporary)),
            (0x64, Refused(Temporary)),
            (0xFE, Refused(Temporary)),
            (0xFF, Refused(Temporary)),
            (0x0B, Refused(Permanent)),
            (0x50, Refused(Permanent)),
            (0x51, Refused(Permanent)),
            (0x65, Refused(Permanent)),
            (0x66, Refused(Permanent)),
            (0x101, Refused(Permanent)),
            (0x01, Refused(Technical)),
            (0x03, Refused(Technical)),
            (0x04, Refused(Technical)),
            (0x0A, Refused(Technical)),
            (0x43, Refused(Technical)),
            (0x62, Refused(Technical)),
            (0xC3, Refused(Technical)),
            (0x400, Refused(Technical)),
            (0xFFFF_FFFF, Refused(Technical)),
        ] {
            assert_eq!(meaning(status), expected, "{status:#x}");
        }
    }

    #[test]
    fn a_message_is_no_better_than_its_worst_part() {
        use State::{Accepted, Delivered, Expired, Failed, Submitted, Unknown};
        let failed = Failed(Failure::Temporary);
        for (parts, whole) in [
            (vec![Delivered, Delivered], Some(Delivered)),
            (vec![Delivered, Accepted], Some(Accepted)),
            (vec![Submitted, Delivered, Accepted], Some(Submitted)),
            (vec![Delivered, Unknown, Accepted], Some(Unknown)),
            (vec![Unknown, Expired], Some(Expired)),
            (vec![Delivered, failed, Expired], Some(failed)),
            (vec![failed, Failed(Failure::Permanent)], Some(Failed(Failure::Permanent))),
            (vec![], None),
        ] {
            assert_eq!(State::of_parts(parts.clone()), whole, "{parts:?}");
        }
    }

    #[test]
    fn names_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.as_str()), Some(state));
        }
        assert_eq!(State::from_name("sent"), None);
    }

    proptest! {
        #[test]
        fn news_in_any_order_and_number_ends_a_message_once(news in proptest::collection::vec(0_usize..10, 0..30)) {
            let mut state = State::Created;
            let mut ended = None;
            for index in news {
                state = state.after(State::ALL[index]);
                if let Some(end) = ended {
                    prop_assert_eq!(state, end);
                } else if state.is_final() {
                    ended = Some(state);
                }
            }
        }
    }
}
