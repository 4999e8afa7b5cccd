//! Whether there are alerts on whoever shows a document.

use std::fmt;
use std::mem::take;

use serde::Serialize;
use straznica_contracts::identity::v1 as contract;
use utoipa::ToSchema;

use super::scalars::{Instant, present};

/// What the check of holder and document against alerts (Schengen Information System) came to. It says nothing of the document: that is the verdict.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BorderAlerts {
    /// What it came to. A value a terminal does not know is `not_checked`.
    result: BorderAlertsResult,
    /// Why it was not checked; with `possible` and `hit`, why a part of it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    unchecked: Option<BorderAlertsUnchecked>,
    /// What to do. A value a terminal does not know is `second_line`.
    step: BorderAlertsStep,
    /// The check in registry's journal; absent where registry did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    check_id: Option<String>,
    /// When it was made; absent: not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Instant>,
    /// What was found: in the answer to the reading that brought DG1 alone. It is kept nowhere and shown no second time.
    found: Vec<BorderAlert>,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BorderAlertsResult {
    /// Not checked. Never "no hit".
    NotChecked,
    /// Checked completely, and nothing is there.
    NoHit,
    /// An alert that may be on the holder.
    Possible,
    /// An alert on the holder or the document.
    Hit,
}

/// Why holder and document were not checked.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BorderAlertsUnchecked {
    /// DG1 was not brought yet.
    HolderNotRead,
    /// DG1 tells nobody one could ask about.
    HolderUnreadable,
    /// This node asks nobody.
    NotConfigured,
    /// No answer in time.
    TimedOut,
    /// Registry, the source or its adapter cannot be reached or failed.
    Unreachable,
    /// The adapter says that the source cannot be asked.
    SourceDown,
    /// Registry or the source does not answer this question.
    Refused,
    /// What came is no answer.
    Malformed,
    /// A part of the answer is missing.
    Incomplete,
    /// Older than is taken for current.
    Stale,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BorderAlertsStep {
    /// Alerts stand in nobody's way.
    GoOn,
    /// Bring DG1; if the chip does not give it, the second line.
    ReadHolder,
    /// The person goes to the second line, or stays there: refer for `alert` or `alerts_not_checked`.
    SecondLine,
    /// Follow the instructions where the person stands: nothing may tell them of the alert, no referral either.
    Discreetly,
    /// This node checks nobody: check by other means before the person goes on.
    CheckElsewhere,
}

/// One alert, as far as an officer outside SIRENE sees it: what to do, not the file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BorderAlert {
    /// What it is for.
    #[schema(example = "refusal_of_entry")]
    category: String,
    /// What that is called.
    title: BorderAlertText,
    /// Act and article.
    #[schema(
        example = "Regulation (EU) 2018/1861 on the Schengen Information System in the field of border checks, art. 24, 25"
    )]
    basis: String,
    /// What is to be done.
    #[schema(example = "refuse_entry")]
    action: String,
    /// In words.
    instruction: BorderAlertText,
    /// Nobody tells the person that there is an alert.
    discreet: bool,
    /// The state that entered it, ISO 3166-1 alpha-3.
    #[schema(example = "DEU")]
    issuing_state: String,
    /// It may be somebody else: the identity has to be verified.
    possible: bool,
}

/// An alert is somebody's.
impl fmt::Debug for BorderAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BorderAlert(***)")
    }
}

/// A text in both languages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BorderAlertText {
    /// Polish.
    #[schema(example = "Odmówić wjazdu lub pobytu; skontaktować się z biurem SIRENE.")]
    pl: String,
    /// English.
    #[schema(example = "Refuse entry or stay; contact the SIRENE bureau.")]
    en: String,
}

impl BorderAlerts {
    /// As identity tells it. What it does not tell, or tells in a word nobody here knows, was not checked.
    pub(super) fn of(told: Option<contract::BorderAlerts>) -> Self {
        let told = told.unwrap_or_default();
        let result = match told.result() {
            contract::BorderAlertsResult::NotChecked | contract::BorderAlertsResult::Unspecified => {
                BorderAlertsResult::NotChecked
            }
            contract::BorderAlertsResult::NoHit => BorderAlertsResult::NoHit,
            contract::BorderAlertsResult::Possible => BorderAlertsResult::Possible,
            contract::BorderAlertsResult::Hit => BorderAlertsResult::Hit,
        };
        let unchecked = match told.unchecked() {
            contract::BorderAlertsUnchecked::Unspecified => None,
            contract::BorderAlertsUnchecked::HolderNotRead => Some(BorderAlertsUnchecked::HolderNotRead),
            contract::BorderAlertsUnchecked::HolderUnreadable => Some(BorderAlertsUnchecked::HolderUnreadable),
            contract::BorderAlertsUnchecked::NotConfigured => Some(BorderAlertsUnchecked::NotConfigured),
            contract::BorderAlertsUnchecked::TimedOut => Some(BorderAlertsUnchecked::TimedOut),
            contract::BorderAlertsUnchecked::Unreachable => Some(BorderAlertsUnchecked::Unreachable),
            contract::BorderAlertsUnchecked::SourceDown => Some(BorderAlertsUnchecked::SourceDown),
            contract::BorderAlertsUnchecked::Refused => Some(BorderAlertsUnchecked::Refused),
            contract::BorderAlertsUnchecked::Malformed => Some(BorderAlertsUnchecked::Malformed),
            contract::BorderAlertsUnchecked::Incomplete => Some(BorderAlertsUnchecked::Incomplete),
            contract::BorderAlertsUnchecked::Stale => Some(BorderAlertsUnchecked::Stale),
        };
        let step = match told.step() {
            contract::BorderAlertsStep::GoOn => BorderAlertsStep::GoOn,
            contract::BorderAlertsStep::ReadHolder => BorderAlertsStep::ReadHolder,
            contract::BorderAlertsStep::SecondLine | contract::BorderAlertsStep::Unspecified => {
                BorderAlertsStep::SecondLine
            }
            contract::BorderAlertsStep::Discreetly => BorderAlertsStep::Discreetly,
            contract::BorderAlertsStep::CheckElsewhere => BorderAlertsStep::CheckElsewhere,
        };
        let unsaid = (result == BorderAlertsResult::NotChecked).then_some(BorderAlertsUnchecked::Malformed);
        // "Go on" follows of "no hit" alone.
        let led = if step == BorderAlertsStep::GoOn && result != BorderAlertsResult::NoHit {
            BorderAlertsStep::SecondLine
        } else {
            step
        };
        Self {
            result,
            unchecked: unchecked.or(unsaid),
            step: led,
            check_id: present(told.check_id),
            checked_at: told.checked_at_ms.and_then(Instant::from_contract),
            found: told.found.into_iter().map(found).collect(),
        }
    }
}

fn found(mut told: contract::BorderAlert) -> BorderAlert {
    let both = |text: Option<contract::BorderAlertText>| {
        let mut text = text.unwrap_or_default();
        BorderAlertText { pl: take(&mut text.pl), en: take(&mut text.en) }
    };
    BorderAlert {
        title: both(told.title.take()),
        instruction: both(told.instruction.take()),
        category: take(&mut told.category),
        basis: take(&mut told.basis),
        action: take(&mut told.action),
        discreet: told.discreet,
        issuing_state: take(&mut told.issuing_state),
        possible: told.possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identity_does_not_say_was_not_checked() {
        let unknown = contract::BorderAlerts { result: 99, step: 99, ..contract::BorderAlerts::default() };
        let contradicting = contract::BorderAlerts {
            result: contract::BorderAlertsResult::NotChecked.into(),
            step: contract::BorderAlertsStep::GoOn.into(),
            ..contract::BorderAlerts::default()
        };
        for told in [None, Some(contract::BorderAlerts::default()), Some(unknown), Some(contradicting)] {
            let shown = serde_json::to_value(BorderAlerts::of(told)).unwrap();
            let expected = serde_json::json!({
                "result": "not_checked", "unchecked": "malformed", "step": "second_line", "found": [],
            });
            assert_eq!(shown, expected);
        }
    }
}
