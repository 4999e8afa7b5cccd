//! What a source of alerts can be told to do wrong.

use std::time::Duration;

use straznica_contracts::alerts::v1::{Action, AlertCategory, Answered, Exactness, Hit, Person, PersonName};

/// A value no contract has.
const UNKNOWN: i32 = 99;
/// More than an answer may have.
const TOO_MANY: usize = 65;

/// A fault, in force until another one, or none, is scripted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers after this long.
    Slow(Duration),
    /// The adapter itself fails.
    Broken,
    /// The adapter says that SIS cannot be asked.
    Down,
    /// Refuses what it is asked.
    Refusing,
    /// Answers without saying what.
    Mute,
    /// Answers from a copy so old.
    Stale(Duration),
    /// Answers from a time to come.
    Ahead(Duration),
    /// Leaves a part of the answer out, and says so.
    Partial,
    /// Does not say of when its answer is.
    Timeless,
    /// Adds an alert of a category nobody knows.
    UnknownCategory,
    /// Adds an alert with an action nobody knows.
    UnknownAction,
    /// Adds an alert without saying how well it matches.
    UnknownExactness,
    /// Adds an alert without a handle.
    Handleless,
    /// Adds an alert of no state.
    Stateless,
    /// Adds a possible match without saying whom the alert is on.
    Nameless,
    /// Adds an alert on somebody born on no day.
    Birthless,
    /// Answers with more alerts than an answer may have.
    TooMany,
}

impl Fault {
    /// Every way to answer what is no answer.
    pub const MALFORMED: [Self; 10] = [
        Self::Mute,
        Self::Timeless,
        Self::UnknownCategory,
        Self::UnknownAction,
        Self::UnknownExactness,
        Self::Handleless,
        Self::Stateless,
        Self::Nameless,
        Self::Birthless,
        Self::TooMany,
    ];

    /// Spoils an answer that is given all the same.
    pub(super) fn spoil(self, answered: &mut Answered) {
        let millis = |by: Duration| i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let mut hit = somebody();
        match self {
            Self::Slow(_) | Self::Broken | Self::Down | Self::Refusing | Self::Mute => return,
            Self::Stale(by) => {
                answered.as_of_ms -= millis(by);
                return;
            }
            Self::Ahead(by) => {
                answered.as_of_ms += millis(by);
                return;
            }
            Self::Partial => {
                answered.complete = false;
                return;
            }
            Self::Timeless => {
                answered.as_of_ms = 0;
                return;
            }
            Self::TooMany => {
                answered.hits = std::iter::repeat_with(somebody).take(TOO_MANY).collect();
                return;
            }
            Self::UnknownCategory => hit.category = UNKNOWN,
            Self::UnknownAction => hit.action = UNKNOWN,
            Self::UnknownExactness => hit.exactness = 0,
            Self::Handleless => hit.alert_id.clear(),
            Self::Stateless => hit.issuing_state = "Utopia".to_owned(),
            Self::Nameless => hit.subject = None,
            Self::Birthless => {
                if let Some(subject) = &mut hit.subject {
                    subject.birth_dates = vec!["1867-02-31".to_owned()];
                }
            }
        }
        answered.hits.push(hit);
    }
}

/// A possible match that is well-formed.
fn somebody() -> Hit {
    let mut name = PersonName::default();
    name.latin_surname = "Niebylski".to_owned();
    let mut subject = Person::default();
    subject.names = vec![name];
    let mut hit = Hit::default();
    hit.alert_id = "made-up".to_owned();
    hit.set_category(AlertCategory::RefusalOfEntry);
    hit.set_action(Action::RefuseEntry);
    hit.issuing_state = "DEU".to_owned();
    hit.set_exactness(Exactness::Possible);
    hit.subject = Some(subject);
    hit
}
