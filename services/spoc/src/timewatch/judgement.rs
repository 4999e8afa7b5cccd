//! The judgement itself: pure, of what sources said and of two clocks.

use std::time::Duration;

use straznica_types::Timestamp;
use thiserror::Error;

/// What is tolerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Between our clock and a source, between two sources, between our clock and the monotonic one since they were last compared.
    pub(super) offset: Duration,
    /// Since sources last confirmed our clock.
    pub(super) age: Duration,
}

/// The two clocks of a node at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// The clock certificates are dated by.
    pub(super) clock: Timestamp,
    /// A clock nobody can set, from an origin of its own.
    pub(super) uptime: Duration,
}

/// Why the node's clock is not to be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Doubt {
    /// No source has answered since the start.
    #[error("no time source has answered yet")]
    NeverCompared,
    /// The sources agree that the clock is wrong. Milliseconds by which it would have to be put forward.
    #[error("the clock is {0} ms from what the time sources say")]
    Offset(i64),
    /// The sources contradict each other: least and greatest offset, in milliseconds.
    #[error("the time sources disagree: offsets from {0} to {1} ms")]
    Disagreement(i64, i64),
    /// The clock moved against the monotonic one, by so many milliseconds, since it was last compared.
    #[error("the clock jumped by {0} ms since it was last compared")]
    Jumped(i64),
    /// No source has confirmed the clock for too long.
    #[error("no time source has confirmed the clock for {} s", .0.as_secs())]
    TooOld(Duration),
}

/// What is held of the clock between two looks at the sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// When the sources last confirmed the clock.
    confirmed: Option<Moment>,
    /// What the last look that brought answers found wrong.
    fault: Option<Doubt>,
}

impl Standing {
    /// Takes in a look at the sources: of each that answered, by how many milliseconds our clock would have to be put forward. A look without answers
    /// changes nothing but that time goes by.
    pub(super) fn take_in(&mut self, offsets: &[i64], at: Moment, limits: Limits) {
        match verdict(offsets, limits.offset) {
            None => {}
            Some(Ok(())) => *self = Self { confirmed: Some(at), fault: None },
            Some(Err(fault)) => self.fault = Some(fault),
        }
    }

    /// Whether the clock is to be relied on now.
    ///
    /// # Errors
    /// The [`Doubt`] there is.
    pub(super) fn judge(&self, now: Moment, limits: Limits) -> Result<(), Doubt> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let confirmed = self.confirmed.ok_or(Doubt::NeverCompared)?;
        // Uptime does not run backwards; a clock that does shows as a jump.
        let age = now.uptime.saturating_sub(confirmed.uptime);
        let passed = now.clock.millis().saturating_sub(confirmed.clock.millis());
        let jump = passed.saturating_sub(millis(age));
        if jump.unsigned_abs() > limits.offset.as_millis().try_into().unwrap_or(u64::MAX) {
            return Err(Doubt::Jumped(jump));
        }
        if age > limits.age { Err(Doubt::TooOld(age)) } else { Ok(()) }
    }
}

/// Confirmed when most of the sources that answered are within the limit: of three, one may be wrong; of two, none. `None` without an answer.
fn verdict(offsets: &[i64], limit: Duration) -> Option<Result<(), Doubt>> {
    let (least, most) = (*offsets.iter().min()?, *offsets.iter().max()?);
    let within = |offset: &&i64| offset.unsigned_abs() <= limit.as_millis().try_into().unwrap_or(u64::MAX);
    let agreeing = offsets.iter().filter(within).count();
    Some(if agreeing * 2 > offsets.len() {
        Ok(())
    } else if most.abs_diff(least) <= limit.as_millis().try_into().unwrap_or(u64::MAX) {
        // Between the two, whatever each network adds.
        Err(Doubt::Offset(least.midpoint(most)))
    } else {
        Err(Doubt::Disagreement(least, most))
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{prelude::any, proptest};
    use straznica_types::Timestamp;

    use super::{Doubt, Limits, Moment, Standing};

    const LIMITS: Limits = Limits { offset: Duration::from_secs(5), age: Duration::from_secs(3600) };

    /// Seconds since the start, by both clocks.
    fn at(seconds: i64) -> Moment {
        moment(seconds * 1000, seconds.unsigned_abs())
    }

    fn moment(clock_millis: i64, uptime: u64) -> Moment {
        Moment { clock: Timestamp::from_millis(1_780_000_000_000 + clock_millis), uptime: Duration::from_secs(uptime) }
    }

    fn after(offsets: &[i64]) -> Standing {
        let mut standing = Standing::default();
        standing.take_in(offsets, at(0), LIMITS);
        standing
    }

    #[test]
    fn sources_confirm_or_doubt_by_majority_of_those_that_answer() {
        let cases: &[(&[i64], Result<(), Doubt>)] = &[
            (&[], Err(Doubt::NeverCompared)),
            (&[0], Ok(())),
            (&[-5_000], Ok(())),
            (&[5_000], Ok(())),
            (&[5_001], Err(Doubt::Offset(5_001))),
            (&[-5_001], Err(Doubt::Offset(-5_001))),
            (&[86_400_000, 86_400_100], Err(Doubt::Offset(86_400_050))),
            (&[10, 7_000], Err(Doubt::Disagreement(10, 7_000))),
            (&[10, -20, 86_400_000], Ok(())),
            (&[10, 86_400_000, 86_400_010], Err(Doubt::Disagreement(10, 86_400_010))),
            (&[i64::MIN, i64::MAX], Err(Doubt::Disagreement(i64::MIN, i64::MAX))),
        ];
        for (offsets, expected) in cases {
            assert_eq!(after(offsets).judge(at(1), LIMITS), *expected, "{offsets:?}");
        }
    }

    #[test]
    fn a_confirmation_grows_old_and_silence_does_not_renew_it() {
        let mut standing = after(&[0]);
        assert_eq!(standing.judge(at(3600), LIMITS), Ok(()));
        standing.take_in(&[], at(3600), LIMITS);
        assert_eq!(standing.judge(at(3601), LIMITS), Err(Doubt::TooOld(Duration::from_secs(3601))));
        standing.take_in(&[3], at(3700), LIMITS);
        assert_eq!(standing.judge(at(3701), LIMITS), Ok(()));
    }

    #[test]
    fn a_clock_that_jumps_or_runs_backwards_between_two_looks_is_doubted_until_it_is_compared_again() {
        let mut standing = after(&[0]);
        assert_eq!(standing.judge(moment(14_900, 10), LIMITS), Ok(()));
        assert_eq!(standing.judge(moment(15_001, 10), LIMITS), Err(Doubt::Jumped(5_001)));
        assert_eq!(standing.judge(moment(-86_400_000, 10), LIMITS), Err(Doubt::Jumped(-86_410_000)));
        // A look nobody answers does not make the jump forgotten.
        standing.take_in(&[], moment(86_400_000, 10), LIMITS);
        assert_eq!(standing.judge(moment(86_401_000, 11), LIMITS), Err(Doubt::Jumped(86_390_000)));
        // It was put right: the sources say so.
        standing.take_in(&[1], moment(86_402_000, 12), LIMITS);
        assert_eq!(standing.judge(moment(86_403_000, 13), LIMITS), Ok(()));
    }

    #[test]
    fn a_doubt_stays_through_silence_and_goes_with_the_next_confirmation() {
        let mut standing = after(&[0]);
        standing.take_in(&[9_000], at(300), LIMITS);
        standing.take_in(&[], at(600), LIMITS);
        assert_eq!(standing.judge(at(601), LIMITS), Err(Doubt::Offset(9_000)));
        standing.take_in(&[0], at(900), LIMITS);
        assert_eq!(standing.judge(at(901), LIMITS), Ok(()));
    }

    proptest! {
        #[test]
        fn whatever_clocks_and_sources_say_is_judged(
            offsets: Vec<i64>, clock in any::<i64>(), uptime in any::<u64>(), later in any::<i64>(), up_later in any::<u64>()
        ) {
            let mut standing = Standing::default();
            let moment = |clock, uptime| Moment { clock: Timestamp::from_millis(clock), uptime: Duration::from_secs(uptime) };
            standing.take_in(&offsets, moment(clock, uptime), LIMITS);
            if standing.judge(moment(later, up_later), LIMITS).is_ok() {
                assert!(offsets.iter().any(|offset| offset.unsigned_abs() <= 5_000));
            }
        }
    }
}
