//! What the check of a document's holder and of the document against alerts (Schengen Information System) came to, and what the terminal does about it.
//!
//! It changes no verdict: that is about the document. What was not checked is never "no hit" (docs/decisions/0039), and what was found stays, whatever a later check says
//! (docs/decisions/0045).

use std::fmt;
use std::str::FromStr;

use straznica_types::Timestamp;

straznica_types::typed_id! {
    /// A check, as registry's journal names it.
    pub struct AlertCheckId;
}

/// A word the database holds and this release does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such word")]
pub struct UnknownWord;

/// Why holder and document were not checked, or not completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchecked {
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

impl Unchecked {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::HolderNotRead,
        Self::HolderUnreadable,
        Self::NotConfigured,
        Self::TimedOut,
        Self::Unreachable,
        Self::SourceDown,
        Self::Refused,
        Self::Malformed,
        Self::Incomplete,
        Self::Stale,
    ];

    /// As the database, the journal and metrics name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HolderNotRead => "holder_not_read",
            Self::HolderUnreadable => "holder_unreadable",
            Self::NotConfigured => "not_configured",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::SourceDown => "source_down",
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::Incomplete => "incomplete",
            Self::Stale => "stale",
        }
    }
}

impl FromStr for Unchecked {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|why| why.as_str() == text).ok_or(UnknownWord)
    }
}

/// What a check came to. Nothing but a complete answer without anything in it is [`NoHit`](Self::NoHit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertsResult {
    /// Not checked.
    NotChecked(Unchecked),
    /// Checked completely, and nothing is there.
    NoHit,
    /// An alert that may be on the holder; a part of the check may be missing.
    Possible(Option<Unchecked>),
    /// An alert; a part of the check may be missing.
    Hit(Option<Unchecked>),
}

impl AlertsResult {
    /// Its names in the database.
    pub const NAMES: [&str; 4] = ["not_checked", "no_hit", "possible", "hit"];

    /// As the database, the journal and metrics name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotChecked(_) => "not_checked",
            Self::NoHit => "no_hit",
            Self::Possible(_) => "possible",
            Self::Hit(_) => "hit",
        }
    }

    /// Why it, or a part of it, was not checked.
    #[must_use]
    pub const fn unchecked(self) -> Option<Unchecked> {
        match self {
            Self::NotChecked(why) => Some(why),
            Self::NoHit => None,
            Self::Possible(part) | Self::Hit(part) => part,
        }
    }

    /// From what the database holds; `None` where the two do not go together.
    #[must_use]
    pub fn from_parts(name: &str, unchecked: Option<Unchecked>) -> Option<Self> {
        match (name, unchecked) {
            ("not_checked", Some(why)) => Some(Self::NotChecked(why)),
            ("no_hit", None) => Some(Self::NoHit),
            ("possible", part) => Some(Self::Possible(part)),
            ("hit", part) => Some(Self::Hit(part)),
            _ => None,
        }
    }

    /// Of two that found something the graver is the greater.
    const fn gravity(self) -> u8 {
        match self {
            Self::NoHit | Self::NotChecked(_) => 0,
            Self::Possible(_) => 1,
            Self::Hit(_) => 2,
        }
    }
}

/// What the terminal does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertsStep {
    /// Alerts stand in nobody's way.
    GoOn,
    /// Brings DG1; if the chip does not give it, sends the person to the second line.
    ReadHolder,
    /// Sends the person to the second line, or keeps them there.
    SecondLine,
    /// Follows the instructions where the person stands: nothing may tell them of the alert.
    Discreetly,
    /// This node checks nobody: the officer does by other means.
    CheckElsewhere,
}

impl AlertsStep {
    /// Every step.
    pub const ALL: [Self; 5] = [Self::GoOn, Self::ReadHolder, Self::SecondLine, Self::Discreetly, Self::CheckElsewhere];

    /// As the database names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GoOn => "go_on",
            Self::ReadHolder => "read_holder",
            Self::SecondLine => "second_line",
            Self::Discreetly => "discreetly",
            Self::CheckElsewhere => "check_elsewhere",
        }
    }

    /// What follows of a result and of what was found.
    #[must_use]
    pub fn after(result: AlertsResult, found: &[FoundAlert]) -> Self {
        match result {
            AlertsResult::NoHit => Self::GoOn,
            AlertsResult::NotChecked(Unchecked::HolderNotRead) => Self::ReadHolder,
            AlertsResult::NotChecked(Unchecked::NotConfigured) if found.is_empty() => Self::CheckElsewhere,
            // To be sent away from the others because of it would tell the person.
            AlertsResult::Possible(None) | AlertsResult::Hit(None)
                if !found.is_empty() && found.iter().all(|alert| alert.discreet) =>
            {
                Self::Discreetly
            }
            AlertsResult::NotChecked(_) | AlertsResult::Possible(_) | AlertsResult::Hit(_) => Self::SecondLine,
        }
    }
}

impl FromStr for AlertsStep {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|step| step.as_str() == text).ok_or(UnknownWord)
    }
}

/// A text in both languages.
#[derive(Clone, PartialEq, Eq)]
pub struct BothTexts {
    /// In Polish.
    pub pl: String,
    /// In English.
    pub en: String,
}

/// One alert, as far as an officer outside SIRENE sees it. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundAlert {
    /// What it is for, e.g. `refusal_of_entry`.
    pub category: String,
    /// What that is called.
    pub title: BothTexts,
    /// Act and article.
    pub basis: String,
    /// What is to be done, e.g. `refuse_entry`.
    pub action: String,
    /// In words.
    pub instruction: BothTexts,
    /// Nobody tells the person that there is an alert.
    pub discreet: bool,
    /// ISO 3166-1 alpha-3.
    pub issuing_state: String,
    /// It may be somebody else.
    pub possible: bool,
}

impl fmt::Debug for FoundAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FoundAlert(***)")
    }
}

/// The check of an inspection's holder and document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BorderAlerts {
    /// What it came to.
    pub result: AlertsResult,
    /// What the terminal does.
    pub step: AlertsStep,
    /// The check in registry's journal; `None` where registry did not answer.
    pub check: Option<AlertCheckId>,
    /// When it was made; `None`: not yet.
    pub checked_at: Option<Timestamp>,
    /// What was found. Told with the reading, and kept nowhere.
    pub found: Vec<FoundAlert>,
}

impl BorderAlerts {
    /// Before DG1 was brought.
    #[must_use]
    pub fn not_yet() -> Self {
        let result = AlertsResult::NotChecked(Unchecked::HolderNotRead);
        Self { result, step: AlertsStep::after(result, &[]), check: None, checked_at: None, found: Vec::new() }
    }

    /// A check that came to this.
    #[must_use]
    pub fn made(result: AlertsResult, check: Option<AlertCheckId>, at: Timestamp, found: Vec<FoundAlert>) -> Self {
        Self { result, step: AlertsStep::after(result, &found), check, checked_at: Some(at), found }
    }

    /// A check that was not made, or not answered.
    #[must_use]
    pub fn unchecked(why: Unchecked, at: Timestamp) -> Self {
        Self::made(AlertsResult::NotChecked(why), None, at, Vec::new())
    }

    /// What counts after another check of the same inspection: nothing makes what was found go away, nor the way it led; otherwise the later word. What is found anew is told
    /// in any case.
    #[must_use]
    pub fn followed_by(self, later: Self) -> Self {
        let (before, after) = (self.result.gravity(), later.result.gravity());
        let to_second_line = |one: &Self| one.step == AlertsStep::SecondLine;
        if before <= after {
            let step = if before > 0 && to_second_line(&self) { self.step } else { later.step };
            return Self { step, ..later };
        }
        // An incomplete answer may name what the earlier one did not.
        let step = if !later.found.is_empty() && to_second_line(&later) { later.step } else { self.step };
        Self { step, found: later.found, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(discreet: bool) -> FoundAlert {
        let text = || BothTexts { pl: "pl".to_owned(), en: "en".to_owned() };
        FoundAlert {
            category: "check".to_owned(),
            title: text(),
            basis: "art. 36".to_owned(),
            action: "gather_discreetly".to_owned(),
            instruction: text(),
            discreet,
            issuing_state: "NLD".to_owned(),
            possible: false,
        }
    }

    #[test]
    fn nobody_goes_on_but_after_a_complete_answer_without_anything_in_it() {
        use AlertsResult::{Hit, NoHit, NotChecked, Possible};
        assert_eq!(AlertsStep::after(NoHit, &[]), AlertsStep::GoOn);
        let parts = [None].into_iter().chain(Unchecked::ALL.map(Some));
        let others =
            Unchecked::ALL.map(NotChecked).into_iter().chain(parts.flat_map(|part| [Possible(part), Hit(part)]));
        for result in others {
            for found in [&[][..], &[alert(false)], &[alert(true)], &[alert(true), alert(false)]] {
                assert_ne!(AlertsStep::after(result, found), AlertsStep::GoOn, "{result:?}");
            }
        }
    }

    #[test]
    fn the_second_line_is_for_hits_and_for_whom_nobody_checked_unless_it_would_tell_them() {
        use AlertsResult::{Hit, NotChecked, Possible};
        use AlertsStep::{CheckElsewhere, Discreetly, ReadHolder, SecondLine};
        for (result, found, step) in [
            (Hit(None), &[alert(false)][..], SecondLine),
            (Hit(None), &[], SecondLine),
            (Possible(None), &[alert(false)], SecondLine),
            (Hit(None), &[alert(true)], Discreetly),
            (Possible(None), &[alert(true), alert(true)], Discreetly),
            (Hit(None), &[alert(true), alert(false)], SecondLine),
            // Not checked completely: that is why.
            (Hit(Some(Unchecked::Stale)), &[alert(true)], SecondLine),
            (NotChecked(Unchecked::Incomplete), &[alert(true)], SecondLine),
            (NotChecked(Unchecked::TimedOut), &[], SecondLine),
            (NotChecked(Unchecked::HolderUnreadable), &[], SecondLine),
            (NotChecked(Unchecked::HolderNotRead), &[], ReadHolder),
            (NotChecked(Unchecked::NotConfigured), &[], CheckElsewhere),
        ] {
            assert_eq!(AlertsStep::after(result, found), step, "{result:?}");
        }
    }

    #[test]
    fn what_was_found_stays_and_what_was_not_checked_can_be() {
        use AlertsResult::{Hit, NoHit, NotChecked, Possible};
        let down = NotChecked(Unchecked::SourceDown);
        for (earlier, later, counts) in [
            (down, NoHit, NoHit),
            (NoHit, down, down),
            (NotChecked(Unchecked::HolderNotRead), Hit(None), Hit(None)),
            (Hit(None), NoHit, Hit(None)),
            (Hit(None), down, Hit(None)),
            (Hit(None), Possible(None), Hit(None)),
            (Possible(None), NoHit, Possible(None)),
            (Possible(None), Hit(None), Hit(None)),
            (Hit(None), Hit(Some(Unchecked::Stale)), Hit(Some(Unchecked::Stale))),
        ] {
            let made = |result| BorderAlerts::made(result, None, Timestamp::UNIX_EPOCH, Vec::new());
            assert_eq!(made(earlier).followed_by(made(later)).result, counts, "{earlier:?} {later:?}");
        }
        let found = |result, alert| BorderAlerts::made(result, None, Timestamp::UNIX_EPOCH, vec![alert]);
        let both = found(Hit(None), alert(true)).followed_by(found(down, alert(false)));
        assert_eq!((both.result, both.step, both.found.len()), (Hit(None), AlertsStep::SecondLine, 1));
        let again = found(Hit(None), alert(false)).followed_by(found(Hit(None), alert(true)));
        assert_eq!(again.step, AlertsStep::SecondLine);
        let discreet = found(Hit(None), alert(true)).followed_by(found(Hit(None), alert(true)));
        assert_eq!(discreet.step, AlertsStep::Discreetly);
    }

    #[test]
    fn a_result_is_read_as_it_was_written_and_in_no_other_way() {
        use AlertsResult::{Hit, NoHit, NotChecked, Possible};
        let stale = Unchecked::Stale;
        for result in [NotChecked(stale), NoHit, Possible(None), Possible(Some(stale)), Hit(None), Hit(Some(stale))] {
            assert!(AlertsResult::NAMES.contains(&result.as_str()));
            assert_eq!(AlertsResult::from_parts(result.as_str(), result.unchecked()), Some(result));
        }
        for (name, part) in [("no_hit", Some(stale)), ("not_checked", None), ("clear", None)] {
            assert_eq!(AlertsResult::from_parts(name, part), None);
        }
        for why in Unchecked::ALL {
            assert_eq!(why.as_str().parse(), Ok(why));
        }
        for step in AlertsStep::ALL {
            assert_eq!(step.as_str().parse(), Ok(step));
        }
    }

    #[test]
    fn an_alert_does_not_print() {
        assert_eq!(format!("{:?}", alert(false)), "FoundAlert(***)");
    }
}
