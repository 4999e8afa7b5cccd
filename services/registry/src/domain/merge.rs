//! Two persons of the register who are one, and two who were taken for one: proposed by one officer, confirmed by another, undone the same way.
//!
//! A merge moves nothing. It is a link between two persons with the steps that were taken; who is linked is read as one, and every statement stays with whom it was stated
//! of. So undoing it gives back both as they were, with what was stated of each meanwhile, and what was known on an earlier day follows from the steps taken by then.

use std::collections::{BTreeMap, BTreeSet};

use straznica_types::{OfficerId, Timestamp};

use super::{MergeId, PersonId, Refusal};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Something done about a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Somebody takes two persons for one.
    Proposed,
    /// Another officer does so too.
    Confirmed,
    /// They are not one, or it cannot be told.
    Rejected,
    /// Somebody takes them for two after all.
    SplitProposed,
    /// Another officer does so too.
    SplitConfirmed,
    /// They stay one.
    SplitRejected,
}

impl Step {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Proposed,
        Self::Confirmed,
        Self::Rejected,
        Self::SplitProposed,
        Self::SplitConfirmed,
        Self::SplitRejected,
    ];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::SplitProposed => "split_proposed",
            Self::SplitConfirmed => "split_confirmed",
            Self::SplitRejected => "split_rejected",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }
}

/// A step, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What.
    pub step: Step,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: OfficerId,
    /// Why; empty where another officer confirmed it.
    pub reason: String,
}

/// What an officer decides about a proposal of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is so.
    Confirm,
    /// It is not, and why.
    Reject(String),
}

/// Two persons, and what was done about their being one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// Under whom both are read.
    pub person: PersonId,
    /// Who is read under the other's id too.
    pub merged: PersonId,
    /// In the order they were taken; never empty.
    pub steps: Vec<Taken>,
}

impl Merge {
    /// Proposes one.
    ///
    /// # Errors
    /// [`Refusal`] for one person twice or without a reason.
    pub fn propose(
        id: MergeId,
        person: PersonId,
        merged: PersonId,
        reason: &str,
        by: &OfficerId,
        at: Timestamp,
    ) -> Result<Self, Refusal> {
        if person == merged {
            return Err(Refusal::Invalid { member: "/merged_person_id", expected: "another person" });
        }
        let first = Taken { step: Step::Proposed, at, by: by.clone(), reason: checked(reason)? };
        Ok(Self { id, person, merged, steps: vec![first] })
    }

    /// The last step.
    #[must_use]
    pub fn stands(&self) -> Step {
        self.steps.last().map_or(Step::Rejected, |taken| taken.step)
    }

    /// Whether another officer has to decide.
    #[must_use]
    pub fn pending(&self) -> bool {
        matches!(self.stands(), Step::Proposed | Step::SplitProposed)
    }

    /// Whether both were read as one at a moment.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        let by_then = self.steps.iter().filter(|taken| taken.at <= at);
        by_then.fold(false, |holds, taken| match taken.step {
            Step::Confirmed => true,
            Step::SplitConfirmed => false,
            Step::Proposed | Step::Rejected | Step::SplitProposed | Step::SplitRejected => holds,
        })
    }

    /// Proposes that they are two after all.
    ///
    /// # Errors
    /// [`Refusal`] where they are not one, or without a reason.
    pub fn propose_split(&mut self, reason: &str, by: &OfficerId, at: Timestamp) -> Result<(), Refusal> {
        if !matches!(self.stands(), Step::Confirmed | Step::SplitRejected) {
            return Err(Refusal::NotMerged);
        }
        let reason = checked(reason)?;
        self.take(Step::SplitProposed, reason, by, at);
        Ok(())
    }

    /// Decides about a proposal: confirmed by another officer than who made it; rejected by anyone, who made it taking it back.
    ///
    /// # Errors
    /// [`Refusal`] where nothing is proposed, for one's own proposal, or for a rejection without a reason.
    pub fn decide(&mut self, verdict: &Verdict, by: &OfficerId, at: Timestamp) -> Result<Step, Refusal> {
        let proposed = self.steps.last().filter(|_| self.pending()).ok_or(Refusal::NothingProposed)?;
        let split = proposed.step == Step::SplitProposed;
        let (step, reason) = match verdict {
            Verdict::Confirm if proposed.by == *by => return Err(Refusal::OwnProposal),
            Verdict::Confirm => (if split { Step::SplitConfirmed } else { Step::Confirmed }, String::new()),
            Verdict::Reject(reason) => (if split { Step::SplitRejected } else { Step::Rejected }, checked(reason)?),
        };
        self.take(step, reason, by, at);
        Ok(step)
    }

    /// Steps have rising moments, so that of two in a millisecond it is known which holds.
    fn take(&mut self, step: Step, reason: String, by: &OfficerId, at: Timestamp) {
        let last = self.steps.last().map_or(at, |taken| Timestamp::from_millis(taken.at.millis() + 1));
        self.steps.push(Taken { step, at: at.max(last), by: by.clone(), reason });
    }
}

fn checked(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::Missing { member: "/reason" });
    }
    if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member: "/reason", expected: "1 to 500 characters" });
    }
    Ok(reason.to_owned())
}

/// Persons who are read as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Under whose id.
    pub answers_as: PersonId,
    /// All of them, this one among them.
    pub members: BTreeSet<PersonId>,
}

/// Who was read together with somebody at a moment. `merges` are at least those of everybody who ever was.
#[must_use]
pub fn group(person: PersonId, merges: &[Merge], at: Timestamp) -> Group {
    let holding: Vec<&Merge> = merges.iter().filter(|merge| merge.holds_at(at)).collect();
    let under: BTreeMap<PersonId, PersonId> = holding.iter().map(|merge| (merge.merged, merge.person)).collect();
    let mut answers_as = person;
    // Whom somebody was merged into was nobody's then, so that the way up ends; no longer than there are merges in any case.
    for _ in 0..=holding.len() {
        let Some(above) = under.get(&answers_as) else { break };
        answers_as = *above;
    }
    let mut members = BTreeSet::from([answers_as]);
    while let Some(merge) =
        holding.iter().find(|merge| members.contains(&merge.person) && !members.contains(&merge.merged))
    {
        members.insert(merge.merged);
    }
    Group { answers_as, members }
}

/// When somebody last came to be read with any of these, or ceased to be; `None`: never. What was found out of one of them before, was found out of somebody else.
#[must_use]
pub fn last_regrouped(members: &BTreeSet<PersonId>, merges: &[Merge]) -> Option<Timestamp> {
    let touching = merges.iter().filter(|merge| [merge.person, merge.merged].iter().any(|one| members.contains(one)));
    let regrouping = |taken: &&Taken| matches!(taken.step, Step::Confirmed | Step::SplitConfirmed);
    touching.flat_map(|merge| merge.steps.iter().filter(regrouping)).map(|taken| taken.at).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + second)
    }

    fn officer(name: &str) -> OfficerId {
        OfficerId::parse(name).unwrap()
    }

    fn persons() -> [PersonId; 3] {
        [0, 1, 2].map(|second| PersonId::generate_at(at(second)))
    }

    fn proposed(person: PersonId, merged: PersonId, second: i64) -> Merge {
        let id = MergeId::generate_at(at(second));
        Merge::propose(id, person, merged, "one passport", &officer("first"), at(second)).unwrap()
    }

    fn confirmed(person: PersonId, merged: PersonId, second: i64) -> Merge {
        let mut merge = proposed(person, merged, second);
        merge.decide(&Verdict::Confirm, &officer("second"), at(second + 1)).unwrap();
        merge
    }

    #[test]
    fn it_takes_two_to_merge_and_two_to_split() {
        let [one, other, _] = persons();
        let mut merge = proposed(one, other, 10);
        assert_eq!(merge.decide(&Verdict::Confirm, &officer("first"), at(11)), Err(Refusal::OwnProposal));
        assert_eq!(merge.propose_split("no", &officer("first"), at(11)), Err(Refusal::NotMerged));
        assert_eq!(merge.decide(&Verdict::Confirm, &officer("second"), at(12)), Ok(Step::Confirmed));
        assert_eq!(merge.decide(&Verdict::Confirm, &officer("third"), at(12)), Err(Refusal::NothingProposed));
        assert_eq!(merge.propose_split(" ", &officer("second"), at(13)), Err(Refusal::Missing { member: "/reason" }));
        merge.propose_split("two birth certificates", &officer("second"), at(13)).unwrap();
        assert_eq!(merge.decide(&Verdict::Confirm, &officer("second"), at(14)), Err(Refusal::OwnProposal));
        assert_eq!(merge.decide(&Verdict::Confirm, &officer("first"), at(14)), Ok(Step::SplitConfirmed));
        let held: Vec<bool> = (10..16).map(|second| merge.holds_at(at(second))).collect();
        assert_eq!(held, [false, false, true, true, false, false]);
    }

    #[test]
    fn a_proposal_is_taken_back_or_rejected_with_a_reason() {
        let [one, other, _] = persons();
        let reject = |reason: &str| Verdict::Reject(reason.to_owned());
        let mut merge = proposed(one, other, 10);
        assert_eq!(merge.decide(&reject(""), &officer("second"), at(11)), Err(Refusal::Missing { member: "/reason" }));
        assert_eq!(merge.decide(&reject("brothers"), &officer("first"), at(11)), Ok(Step::Rejected));
        assert!(!merge.pending() && !merge.holds_at(at(20)));
        let mut merge = confirmed(one, other, 10);
        merge.propose_split("doubt", &officer("first"), at(13)).unwrap();
        assert_eq!(merge.decide(&reject("fingerprints"), &officer("second"), at(14)), Ok(Step::SplitRejected));
        assert!(merge.holds_at(at(15)) && merge.propose_split("again", &officer("first"), at(16)).is_ok());
        let id = MergeId::generate_at(at(0));
        assert!(Merge::propose(id, one, one, "mirror", &officer("first"), at(0)).is_err());
    }

    #[test]
    fn each_merge_and_split_makes_somebody_else_of_all_it_touches() {
        let [one, two, three] = persons();
        let alone = |person| BTreeSet::from([person]);
        let mut merge = confirmed(one, two, 10);
        assert_eq!(last_regrouped(&alone(one), &[proposed(one, two, 10)]), None);
        assert_eq!(last_regrouped(&alone(three), std::slice::from_ref(&merge)), None);
        assert_eq!(last_regrouped(&BTreeSet::from([one, two]), std::slice::from_ref(&merge)), Some(at(11)));
        merge.propose_split("doubt", &officer("first"), at(30)).unwrap();
        assert_eq!(last_regrouped(&alone(one), std::slice::from_ref(&merge)), Some(at(11)));
        merge.decide(&Verdict::Confirm, &officer("second"), at(31)).unwrap();
        let merges = [confirmed(three, one, 20), merge];
        assert_eq!(
            [one, two, three].map(|person| last_regrouped(&alone(person), &merges)),
            [at(31), at(31), at(21)].map(Some)
        );
    }

    #[test]
    fn who_is_merged_answers_under_every_id_while_it_holds() {
        let [one, two, three] = persons();
        let mut inner = confirmed(two, three, 10);
        let outer = confirmed(one, two, 20);
        let of = |person, merges: &[Merge], second| {
            let group = group(person, merges, at(second));
            (group.answers_as, group.members.len())
        };
        let merges = [inner.clone(), outer.clone()];
        assert_eq!([one, two, three].map(|person| of(person, &merges, 5)), [(one, 1), (two, 1), (three, 1)]);
        assert_eq!([one, two, three].map(|person| of(person, &merges, 15)), [(one, 1), (two, 2), (two, 2)]);
        assert_eq!([one, two, three].map(|person| of(person, &merges, 25)), [(one, 3); 3]);
        inner.propose_split("doubt", &officer("first"), at(30)).unwrap();
        inner.decide(&Verdict::Confirm, &officer("second"), at(31)).unwrap();
        let merges = [inner, outer];
        assert_eq!([one, two, three].map(|person| of(person, &merges, 40)), [(one, 2), (one, 2), (three, 1)]);
        assert_eq!([one, two, three].map(|person| of(person, &merges, 25)), [(one, 3); 3]);
    }
}
