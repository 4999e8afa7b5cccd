//! Which refusals of peers go on record: each reason and peer once an hour, and not more in an hour than people can read, since whoever reaches the
//! port can be refused as often as it likes. Each partner has its share, and strangers have one together: they hide no partner's.

use std::collections::HashMap;

use exchange::Country;
use straznica_types::Timestamp;

/// How long the same refusal of the same peer is not recorded again.
const PERIOD_MS: i64 = 3_600_000;
/// Most refusals of one share recorded in that time.
const MOST: usize = 100;

/// What is to become of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// It goes on record.
    Record,
    /// It goes on record as the last one for now: so many are refused that the rest are only counted.
    RecordAsLast,
    /// It is counted only.
    Count,
}

/// Refusals of the last hour.
#[derive(Debug, Default)]
pub struct Refusals {
    /// Peer and reason; whose share it went on, a partner's or the strangers', and when.
    recorded: HashMap<(String, &'static str), (Option<Country>, Timestamp)>,
}

impl Refusals {
    /// Decides about the refusal of `peer` for `reason` at `now`, by the share of `partner`, or of strangers.
    pub fn note(&mut self, partner: Option<Country>, peer: &str, reason: &'static str, now: Timestamp) -> Note {
        self.recorded.retain(|_, (_, at)| (0..PERIOD_MS).contains(&now.millis().saturating_sub(at.millis())));
        let key = (peer.to_owned(), reason);
        let used = self.recorded.values().filter(|(share, _)| *share == partner).count();
        if used >= MOST || self.recorded.contains_key(&key) {
            return Note::Count;
        }
        self.recorded.insert(key, (partner, now));
        if used + 1 == MOST { Note::RecordAsLast } else { Note::Record }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Note, PERIOD_MS, Refusals};
    use straznica_types::Timestamp;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_reason_and_peer_is_recorded_once_an_hour() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.note(None, "a", "revoked", at(0)), Note::Record);
        assert_eq!(refusals.note(None, "a", "revoked", at(PERIOD_MS - 1)), Note::Count);
        assert_eq!(refusals.note(None, "a", "expired", at(1)), Note::Record);
        assert_eq!(refusals.note(None, "b", "revoked", at(1)), Note::Record);
        assert_eq!(refusals.note(None, "a", "revoked", at(PERIOD_MS)), Note::Record);
    }

    #[test]
    fn a_flood_is_recorded_up_to_its_hundredth_and_then_counted() {
        let mut refusals = Refusals::default();
        let notes: Vec<Note> =
            (0..2 * MOST).map(|peer| refusals.note(None, &peer.to_string(), "unknown", at(0))).collect();
        assert!(notes[..MOST - 1].iter().all(|note| *note == Note::Record));
        assert_eq!(notes[MOST - 1], Note::RecordAsLast);
        assert!(notes[MOST..].iter().all(|note| *note == Note::Count));
        // An hour later there is room again.
        assert_eq!(refusals.note(None, "0", "unknown", at(PERIOD_MS)), Note::Record);
    }

    #[test]
    fn nobody_uses_up_anothers_share() {
        let mut refusals = Refusals::default();
        let partner = |country: &str| Some(country.parse().unwrap());
        for (share, other) in [(None, partner("CZ")), (partner("DE"), None), (partner("UT"), partner("ES"))] {
            for peer in 0..MOST {
                refusals.note(share, &peer.to_string(), "unknown", at(0));
            }
            assert_eq!(refusals.note(share, "a", "revoked", at(0)), Note::Count);
            assert_eq!(
                refusals.note(other, "0", "unknown", at(0)),
                Note::Count,
                "on record already, whosever share it was"
            );
            assert_eq!(refusals.note(other, "a", "revoked", at(0)), Note::Record);
            refusals = Refusals::default();
        }
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_silent_for_ever() {
        let mut refusals = Refusals::default();
        refusals.note(None, "a", "revoked", at(10 * PERIOD_MS));
        assert_eq!(refusals.note(None, "a", "revoked", at(0)), Note::Record);
    }
}
