//! What an office had, what became of it, and whether that adds up.

use std::collections::BTreeMap;

use super::{BlankState, Movement};

/// The blanks of one kind at one office, from two sides: everything that happened, and where each one is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balance {
    /// How many blanks each movement moved.
    pub movements: BTreeMap<Movement, u64>,
    /// How many are where.
    pub states: BTreeMap<BlankState, u64>,
}

impl Balance {
    /// What should be in stock by what happened. Below zero only where somebody changed the database.
    #[must_use]
    pub fn expected(&self) -> i128 {
        let sum = |movements: &[Movement]| movements.iter().map(|movement| self.moved(*movement)).sum::<i128>();
        sum(&[Movement::Delivered, Movement::MovedIn, Movement::Found])
            - sum(&[Movement::MovedOut, Movement::Issued, Movement::Spoilt, Movement::Withdrawn, Movement::Missed])
    }

    /// By how much what is on record as being where differs from what happened: 0 where it adds up, for the stock and for every other state.
    #[must_use]
    pub fn discrepancy(&self) -> u128 {
        let off = |state, expected: i128| expected.abs_diff(self.at(state));
        off(BlankState::InStock, self.expected())
            + off(BlankState::Issued, self.moved(Movement::Issued))
            + off(BlankState::Missing, self.moved(Movement::Missed) - self.moved(Movement::Found))
            + off(BlankState::Spoilt, self.moved(Movement::Spoilt) - self.moved(Movement::Destroyed))
            + off(BlankState::Destroyed, self.moved(Movement::Destroyed) + self.moved(Movement::Withdrawn))
    }

    fn moved(&self, movement: Movement) -> i128 {
        self.movements.get(&movement).copied().map_or(0, i128::from)
    }

    fn at(&self, state: BlankState) -> i128 {
        self.states.get(&state).copied().map_or(0, i128::from)
    }
}
