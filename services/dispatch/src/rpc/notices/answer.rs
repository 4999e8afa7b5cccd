//! What the use cases of notices give → answers.

use std::collections::HashMap;

use straznica_contracts::dispatch::v1 as proto;
use straznica_types::Timestamp;

use crate::app::{Page, Progress};
use crate::config::NoticeConfig;
use crate::domain::{Notice, NoticeState, Place};
use crate::store::{KeptTemplate, LanguageCount, Told};

pub(super) fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::millis)
}

/// The rows of a page as the contract has them, and the token of the page after it.
pub(super) fn page<T, R>(page: Page<T>, token: impl Fn(&T) -> String, row: impl Fn(T) -> R) -> (Vec<R>, String) {
    let next = if page.more { page.rows.last().map(token) } else { None };
    (page.rows.into_iter().map(row).collect(), next.unwrap_or_default())
}

pub(super) fn version(kept: KeptTemplate) -> proto::TemplateVersion {
    let place = |place: Place| proto::TemplatePlace { name: place.name, longest: place.longest };
    proto::TemplateVersion {
        template: kept.name,
        version: kept.version,
        places: kept.words.places.into_iter().map(place).collect(),
        texts: kept.words.texts.into_iter().collect(),
        fallback: kept.words.fallback,
        proposed_by: kept.proposed_by,
        proposed_at_ms: kept.proposed_at.millis(),
        approved_by: kept.approved_by.unwrap_or_default(),
    }
}

pub(super) fn notice(notice: Notice) -> proto::Notice {
    let mut answer = proto::Notice {
        notice_id: notice.id.to_string(),
        template: notice.template,
        version: notice.version,
        valid_hours: notice.valid_hours,
        created_by: notice.created_by,
        created_at_ms: notice.created_at.millis(),
        proposed_by: notice.proposed_by.unwrap_or_default(),
        started_by: notice.started_by.unwrap_or_default(),
        started_at_ms: millis(notice.started_at),
        ended_at_ms: millis(notice.ended_at),
        ..proto::Notice::default()
    };
    answer.set_state(match notice.state {
        NoticeState::Prepared => proto::NoticeState::Prepared,
        NoticeState::Proposed => proto::NoticeState::Proposed,
        NoticeState::Running => proto::NoticeState::Running,
        NoticeState::Stopped => proto::NoticeState::Stopped,
        NoticeState::Finished => proto::NoticeState::Finished,
    });
    answer
}

pub(super) fn progress(progress: Progress) -> proto::GetNoticeResponse {
    let recipients: HashMap<String, u32> =
        progress.recipients.into_iter().map(|(state, count)| (state, number(count.recipients))).collect();
    proto::GetNoticeResponse {
        notice: Some(notice(progress.notice)),
        recipients,
        quiet_until_ms: millis(progress.quiet_until),
    }
}

pub(super) fn language(count: LanguageCount, price: &NoticeConfig) -> proto::LanguagePreview {
    proto::LanguagePreview {
        language: count.language,
        recipients: number(count.recipients),
        in_ucs2: number(count.in_ucs2),
        parts: number(count.parts),
        cost_grosz: price.cost(count.parts),
    }
}

pub(super) fn recipient(told: Told, price: &NoticeConfig) -> proto::RecipientReport {
    proto::RecipientReport {
        reference: told.reference,
        state: told.state,
        language: told.language,
        in_ucs2: told.in_ucs2,
        parts: told.parts,
        cost_grosz: price.cost(u64::from(told.parts)),
    }
}
