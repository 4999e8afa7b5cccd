//! What went over the consultation network, and notices.

use std::mem::take;

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{consultations::page, facts::Personal};
use crate::rest::wire::scalars::{Instant, Text, present};

/// What was sent and what came, in figures, and each that is not in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkReport {
    /// Forms A to H that were sent.
    #[schema(example = 120)]
    sent: u64,
    /// Those of them a delivery notification (form R) came for.
    #[schema(example = 118)]
    notified: u64,
    /// Forms A to H that came.
    #[schema(example = 74)]
    received: u64,
    /// How many of them came again.
    #[schema(example = 3)]
    copies: u64,
    /// How many came again with another content.
    #[schema(example = 0)]
    conflicts: u64,
    /// Forms without a delivery notification, the oldest first; at most 200.
    unmatched: Vec<UnmatchedForm>,
    /// What names something unknown so far, and is kept until that comes; at most 200.
    waiting: Vec<WaitingForm>,
    /// What could not be read, and notifications of what was never sent; the latest first, at most 200.
    strays: Vec<StrayMessage>,
}

impl NetworkReport {
    pub(in crate::rest::registry) fn of(told: contract::GetNetworkReportResponse) -> Self {
        let unmatched = told.unmatched.into_iter().map(|form| UnmatchedForm {
            unifier: form.unifier,
            state: form.state,
            letter: form.letter,
            reference: present(form.reference),
            made_at: Instant::at(form.made_at_ms),
            attempts: form.attempts,
            next_attempt_at: form.next_attempt_at_ms.map(Instant::at),
            overdue: form.overdue,
        });
        let waiting = told.waiting.into_iter().map(|form| WaitingForm {
            unifier: form.unifier,
            state: form.state,
            letter: form.letter,
            reference: present(form.reference),
            received_at: Instant::at(form.received_at_ms),
        });
        let strays = told.strays.into_iter().map(|stray| StrayMessage {
            state: stray.state,
            kind: stray.kind,
            what: stray.what,
            at: Instant::at(stray.at_ms),
        });
        Self {
            sent: told.sent,
            notified: told.notified,
            received: told.received,
            copies: told.copies,
            conflicts: told.conflicts,
            unmatched: unmatched.collect(),
            waiting: waiting.collect(),
            strays: strays.collect(),
        }
    }
}

/// A form without a delivery notification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnmatchedForm {
    /// Its document unifier.
    #[schema(example = "POL-0197a3c09b5d7e118a3c6d0f2b9e4c55")]
    unifier: String,
    /// Where it goes.
    #[schema(example = "FRA")]
    state: String,
    /// Which form: A, B, C, E, F, G or H.
    #[schema(example = "A")]
    letter: String,
    /// The matter's file number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "POL2026000000000017")]
    reference: Option<String>,
    /// When it was made.
    made_at: Instant,
    /// How often it was sent.
    #[schema(example = 2)]
    attempts: u32,
    /// When it is sent again; absent: it is left to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Instant>,
    /// Longer than any notification takes.
    #[schema(example = false)]
    overdue: bool,
}

/// A form that waits for something it names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingForm {
    /// Its document unifier.
    #[schema(example = "FRA-B-POL2026000000000017")]
    unifier: String,
    /// Where it comes from.
    #[schema(example = "FRA")]
    state: String,
    /// Which form.
    #[schema(example = "B")]
    letter: String,
    /// What it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "POL2026000000000017")]
    reference: Option<String>,
    /// When it came.
    received_at: Instant,
}

/// A message nobody can place.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StrayMessage {
    /// Where it comes from; `???`: it does not say.
    #[schema(example = "FRA")]
    state: String,
    /// `unreadable` or `unknown_receipt`.
    #[schema(example = "unreadable")]
    kind: String,
    /// Why it cannot be read, or the unifier nobody knows.
    #[schema(example = "a heading is missing")]
    what: String,
    /// When it came.
    at: Instant,
}

/// Sends a notice to another state.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewNotice {
    /// To which state.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "FRA")]
    state: Text<3>,
    /// Which form: E, F, G or H.
    #[schema(value_type = String, pattern = "^[EFGH]$", example = "H")]
    letter: Text<1>,
    /// The matter's file number: letters and digits.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9]{1,19}$", example = "FRA0000017")]
    file_number: Text<19>,
    /// What it says.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "visa POL000000001")]
    text: Personal,
}

impl NewNotice {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::SendNoticeRequest {
        contract::SendNoticeRequest {
            context: None,
            state: self.state.0,
            letter: self.letter.0,
            file_number: self.file_number.0,
            text: self.text.into_contract(),
        }
    }
}

/// A notice in the outbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentNotice {
    /// Its document unifier, by which the report knows it.
    #[schema(example = "POL-0197a3c09b5d7e118a3c6d0f2b9e4c55")]
    pub(in crate::rest::registry) unifier: String,
}

/// How many notices.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoticeQuery {
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

/// Notices of other states.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticesOfStates {
    /// The latest first.
    notices: Vec<NoticeOfState>,
}

impl NoticesOfStates {
    pub(in crate::rest::registry) fn of(told: contract::ListNoticesResponse) -> Self {
        Self { notices: told.notices.into_iter().map(NoticeOfState::of).collect() }
    }
}

/// A notice of another state.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeOfState {
    /// Its document unifier.
    #[schema(example = "FRA-9")]
    unifier: String,
    /// Where it comes from.
    #[schema(example = "FRA")]
    state: String,
    /// Which form: E, F, G or H.
    #[schema(example = "H")]
    letter: String,
    /// The matter's file number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FRA0000017")]
    file_number: Option<String>,
    /// What it says.
    #[schema(value_type = String, example = "visa FRA000000009")]
    text: Personal,
    /// When it came.
    received_at: Instant,
}

impl NoticeOfState {
    fn of(mut told: contract::ForeignNotice) -> Self {
        Self {
            unifier: take(&mut told.unifier),
            state: take(&mut told.state),
            letter: take(&mut told.letter),
            file_number: present(take(&mut told.file_number)),
            text: Personal::out_of(&mut told.text),
            received_at: Instant::at(told.received_at_ms),
        }
    }
}
