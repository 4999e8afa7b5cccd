//! A panel: so many members, a majority, dissent on record.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use straznica_types::OfficerId;

use super::text::readable;
use crate::domain::Refusal;

/// Longest dissent, in characters.
const LONGEST_DISSENT: usize = 10_000;

/// How a member of a panel voted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The member.
    pub member: OfficerId,
    /// Whether they are for it.
    pub agrees: bool,
    /// Why not, where they want it noted.
    pub dissent: Option<String>,
}

/// That who signs a ruling for a panel is one of those who are for it.
///
/// # Errors
/// [`Refusal::Panel`].
pub fn signs(votes: &[Vote], officer: &OfficerId) -> Result<(), Refusal> {
    let for_it = |vote: &Vote| vote.agrees && vote.member == *officer;
    if votes.is_empty() || votes.iter().any(for_it) {
        return Ok(());
    }
    Err(Refusal::Panel("approval by a member who is for it"))
}

/// That a panel of this size decides so, by these votes; without a panel nobody votes.
pub(super) fn check(votes: &[Vote], size: Option<u16>) -> Result<(), Refusal> {
    let size = usize::from(size.unwrap_or(0));
    let members: BTreeSet<String> = votes.iter().map(|vote| vote.member.to_string()).collect();
    if votes.len() != size || members.len() != size {
        return Err(Refusal::Panel("as many different members as the rules want"));
    }
    let agree = votes.iter().filter(|vote| vote.agrees).count();
    if size > 0 && agree * 2 <= size {
        return Err(Refusal::Panel("a majority for it"));
    }
    let sound = |vote: &Vote| match &vote.dissent {
        None => true,
        Some(dissent) => !vote.agrees && readable(dissent, LONGEST_DISSENT),
    };
    if votes.iter().all(sound) {
        Ok(())
    } else {
        Err(Refusal::Panel("a dissent of who is against it, and of nobody else"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(member: &str, agrees: bool, dissent: Option<&str>) -> Vote {
        Vote { member: OfficerId::parse(member).unwrap(), agrees, dissent: dissent.map(str::to_owned) }
    }

    #[test]
    fn a_panel_decides_by_its_majority_and_dissent_is_of_the_minority() {
        for (votes, size, holds) in [
            (vec![vote("a", true, None), vote("b", true, None), vote("c", true, None)], Some(3), true),
            (vec![vote("a", true, None), vote("b", true, None), vote("c", false, Some("no"))], Some(3), true),
            (vec![vote("a", true, None), vote("b", true, None), vote("c", false, None)], Some(3), true),
            (vec![vote("a", true, None), vote("b", false, None), vote("c", false, None)], Some(3), false),
            (vec![vote("a", true, None), vote("b", true, None)], Some(3), false),
            (vec![vote("a", true, None), vote("a", true, None), vote("b", true, None)], Some(3), false),
            (vec![vote("a", true, Some("but")), vote("b", true, None), vote("c", true, None)], Some(3), false),
            (vec![vote("a", true, None), vote("b", true, None), vote("c", false, Some(" "))], Some(3), false),
            (Vec::new(), None, true),
            (vec![vote("a", true, None)], None, false),
        ] {
            assert_eq!(check(&votes, size).is_ok(), holds, "{}", votes.len());
        }
    }
}
