//! What can be wrong with a file of rules.

use std::fmt;

/// Where in a file. Displays as `file:line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A file that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No TOML, or not of this form: an unknown member, a missing one, a value it cannot have.
    #[error("{place}: {message}")]
    Form {
        /// Where.
        place: Place,
        /// What the reader says.
        message: String,
    },
    /// Names an act the file does not list.
    #[error("{place}: there is no act \"{act}\" under [acts]")]
    UnknownAct {
        /// Where.
        place: Place,
        /// The name.
        act: String,
    },
    /// Says that there is a legal basis, but not which.
    #[error("{place}: the legal basis names no article")]
    NoBasis {
        /// Where.
        place: Place,
    },
    /// Two of a name.
    #[error("{place}: {what} \"{id}\" stands twice")]
    Twice {
        /// Where the second is.
        place: Place,
        /// Of which things.
        what: &'static str,
        /// The name.
        id: String,
    },
    /// Ends on or before the day it begins.
    #[error("{place}: \"{id}\" ends before it begins")]
    EndsBeforeItBegins {
        /// Where.
        place: Place,
        /// What.
        id: String,
    },
    /// Exactly one of several members has to stand.
    #[error("{place}: \"{id}\" has exactly one of {members}")]
    OneOf {
        /// Where.
        place: Place,
        /// What.
        id: String,
        /// Which.
        members: &'static str,
    },
    /// No day of a year.
    #[error("{place}: \"{text}\" is no day of the form MM-DD")]
    NoDayOfYear {
        /// Where.
        place: Place,
        /// What stands there.
        text: String,
    },
    /// A reference to what is not there.
    #[error("{place}: there is no {what} \"{id}\"")]
    Dangling {
        /// Where.
        place: Place,
        /// What is looked for.
        what: &'static str,
        /// Its name.
        id: String,
    },
    /// No event leads to a stage.
    #[error("{place}: no event leads to stage \"{stage}\"")]
    Unreachable {
        /// Where the stage is.
        place: Place,
        /// Its name.
        stage: String,
    },
    /// No event leads out of a stage that is not the end.
    #[error("{place}: no event leads out of stage \"{stage}\", and it is not closed")]
    DeadEnd {
        /// Where the stage is.
        place: Place,
        /// Its name.
        stage: String,
    },
    /// One event leads from one stage to two.
    #[error("{place}: event \"{event}\" says twice where it leads from stage \"{stage}\"")]
    Ambiguous {
        /// Where the event is.
        place: Place,
        /// Its name.
        event: String,
        /// The stage.
        stage: String,
    },
    /// An event that cannot happen.
    #[error("{place}: event \"{event}\" neither opens a case, nor moves it, nor happens anywhere")]
    Nowhere {
        /// Where the event is.
        place: Place,
        /// Its name.
        event: String,
    },
    /// Nothing opens a case of this type.
    #[error("{place}: no event opens a case \"{case}\"")]
    NeverOpened {
        /// Where the case type is.
        place: Place,
        /// Its name.
        case: String,
    },
    /// What is deemed to have happened follows from something deemed to have happened.
    #[error("{place}: \"{event}\" is deemed to happen itself; what follows from it has to be recorded")]
    DeemedFromDeemed {
        /// Where.
        place: Place,
        /// The event.
        event: String,
    },
    /// A document without a blank, or prolonged by nobody knows how long.
    #[error("{place}: document \"{document}\" names its blank, and its renewal where it is prolonged")]
    Document {
        /// Where its blank is.
        place: Place,
        /// The document.
        document: String,
    },
    /// A panel without a majority.
    #[error("{place}: a panel for \"{decision}\" has an odd number of members")]
    EvenPanel {
        /// Where the number is.
        place: Place,
        /// The decision.
        decision: String,
    },
    /// An extension that reaches no further than the term.
    #[error("{place}: extension \"{event}\" reaches no further than the term, or is of another unit")]
    ExtendsNothing {
        /// Where.
        place: Place,
        /// The event that extends.
        event: String,
    },
    /// Silence is written of a deadline whose passing has no meaning of its own.
    #[error("{place}: \"{event}\" is written of silence, but the deadline is merely late when it passes")]
    SilenceMeansNothing {
        /// Where.
        place: Place,
        /// The event.
        event: String,
    },
    /// Hours neither roll over holidays nor care for the post.
    #[error("{place}: \"{id}\" is counted in hours: rolls_over and posting_keeps mean nothing")]
    HoursDoNotRoll {
        /// Where.
        place: Place,
        /// The deadline.
        id: String,
    },
    /// Two sets of a family hold on the same day.
    #[error("{place}: rule set \"{second}\" begins while \"{first}\" of the same family holds")]
    Overlap {
        /// Where the second is.
        place: Place,
        /// The earlier one.
        first: String,
        /// The later one.
        second: String,
    },
    /// A type of cases in two families.
    #[error("{place}: cases \"{case}\" belong to family \"{family}\" already")]
    OtherFamily {
        /// Where.
        place: Place,
        /// The type.
        case: String,
        /// The family that has it.
        family: String,
    },
    /// A set that takes over open cases does not know where they are.
    #[error("{place}: takes over open cases, but {what} \"{id}\" of \"{from}\" is not in it")]
    LeftBehind {
        /// Where the set is.
        place: Place,
        /// What is missing.
        what: &'static str,
        /// Its name.
        id: String,
        /// The set that has it.
        from: String,
    },
    /// Something is deleted while it is still needed.
    #[error("{place}: {id} is shorter than the {needed} for which it is needed")]
    KeptTooShort {
        /// Where.
        place: Place,
        /// What is too short.
        id: &'static str,
        /// What it is needed for.
        needed: &'static str,
    },
}
