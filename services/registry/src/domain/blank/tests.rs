//! Whatever happens to blanks, nothing appears or vanishes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Balance, BlankNumber, BlankState, Movement, Range, compare, numbers_of, ranges_of};
use crate::domain::Refusal;

/// The books of two offices, kept by the rules alone.
#[derive(Default)]
struct Books {
    blanks: BTreeMap<u32, (usize, BlankState)>,
    happened: Vec<(usize, Movement)>,
}

impl Books {
    fn apply(&mut self, office: usize, number: u32, movement: Movement) -> Result<(), Refusal> {
        let here = self.blanks.get(&number).filter(|(at, _)| *at == office).map(|(_, state)| *state);
        // A number exists once, wherever it is.
        if here.is_none() && self.blanks.contains_key(&number) {
            return Err(Refusal::Blank);
        }
        match movement.of(here)? {
            Some(state) => self.blanks.insert(number, (office, state)),
            None => self.blanks.remove(&number),
        };
        self.happened.push((office, movement));
        Ok(())
    }

    fn balance(&self, office: usize) -> Balance {
        let mut balance = Balance::default();
        for (_, movement) in self.happened.iter().filter(|(at, _)| *at == office) {
            *balance.movements.entry(*movement).or_default() += 1;
        }
        for (_, state) in self.blanks.values().filter(|(at, _)| *at == office) {
            *balance.states.entry(*state).or_default() += 1;
        }
        balance
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_balance_adds_up_whatever_happens_to_the_blanks(
        steps in proptest::collection::vec((0_usize..2, 0_u32..12, 0_usize..9), 0..200),
    ) {
        let mut books = Books::default();
        for (office, number, movement) in steps {
            // What the rules refuse leaves nothing.
            let _ = books.apply(office, number, Movement::ALL[movement]);
            for office in 0..2 {
                let balance = books.balance(office);
                prop_assert_eq!(balance.discrepancy(), 0, "{:?}", balance);
                prop_assert!(balance.expected() >= 0);
            }
        }
    }

    #[test]
    fn a_blank_that_vanishes_from_the_books_or_appears_in_them_shows(number in 0_u32..10, state in 0_usize..5) {
        let mut books = Books::default();
        for number in 0..10 {
            books.apply(0, number, Movement::Delivered).unwrap();
        }
        books.blanks.remove(&number);
        prop_assert_eq!(books.balance(0).discrepancy(), 1);
        books.blanks.insert(number, (0, BlankState::InStock));
        books.blanks.insert(99, (0, BlankState::ALL[state]));
        prop_assert_eq!(books.balance(0).discrepancy(), 1);
    }

    #[test]
    fn ranges_and_numbers_say_the_same(numbers in proptest::collection::btree_set(0_u32..500, 0..200)) {
        let numbers: Vec<u32> = numbers.into_iter().collect();
        let ranges = ranges_of(&numbers);
        prop_assert_eq!(numbers_of(&ranges).unwrap(), numbers);
        prop_assert!(ranges.windows(2).all(|pair| pair[0].first + pair[0].count < pair[1].first));
    }
}

#[test]
fn what_cannot_happen_to_a_blank_is_refused() {
    use BlankState::{Destroyed, InStock, Issued, Missing, Spoilt};
    for (movement, before, after) in [
        (Movement::Delivered, None, Some(InStock)),
        (Movement::Issued, Some(InStock), Some(Issued)),
        (Movement::Spoilt, Some(InStock), Some(Spoilt)),
        (Movement::Destroyed, Some(Spoilt), Some(Destroyed)),
        (Movement::Withdrawn, Some(InStock), Some(Destroyed)),
        (Movement::Missed, Some(InStock), Some(Missing)),
        (Movement::Found, Some(Missing), Some(InStock)),
    ] {
        assert_eq!(movement.of(before), Ok(after), "{movement:?}");
        for other in [None, Some(InStock), Some(Issued), Some(Spoilt), Some(Missing), Some(Destroyed)] {
            assert!(other == before || movement.of(other).is_err(), "{movement:?} {other:?}");
        }
    }
}

#[test]
fn a_count_tells_what_is_missing_found_again_and_too_many() {
    let counted = compare(&[1, 2, 3, 4], &[8, 9], &[1, 3, 4, 9, 20]);
    assert_eq!((counted.missing, counted.found_again, counted.surplus), (vec![2], vec![9], vec![20]));
}

#[test]
fn numbers_are_read_as_they_are_printed() {
    let number = BlankNumber::parse("TZ0000017").unwrap();
    assert_eq!((number.series.as_str(), number.number, number.to_string().as_str()), ("TZ", 17, "TZ0000017"));
    for wrong in ["", "0000017", "TZ000017", "tz0000017", "ABCDE0000017", "TZ00000l7", "ŻŻ0000017", "TZ+000017"] {
        assert!(BlankNumber::parse(wrong).is_err(), "{wrong}");
    }
    for (first, count) in [(0, 0), (0, 5_001), (9_999_999, 2), (u32::MAX, 1)] {
        assert!(Range::new(first, count).is_err(), "{first} {count}");
    }
    assert!(Range::new(9_999_999, 1).is_ok());
    let twice = [Range { first: 1, count: 3 }, Range { first: 3, count: 1 }];
    assert!(numbers_of(&twice).is_err());
}
