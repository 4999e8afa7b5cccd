//! How like a person and an alert are: for the officers who compare. The source has thought of the person; this explains why it may have, and decides nothing.

use names::compare;
use serde::{Deserialize, Serialize};

use super::Profile;
use crate::domain::person::{BirthDate, Name, words};

/// Most reasons kept of a comparison of names.
const MOST_REASONS: usize = 8;
/// Most writings of names compared with one another, on each side.
const MOST_WRITINGS: usize = 8;

words! {
    /// Whether two say the same.
    Agreement {
        /// They do.
        Same = "same",
        /// As far as both are known; one less precisely.
        Compatible = "compatible",
        /// They do not.
        Different = "different",
        /// One of them says nothing.
        Unknown = "unknown",
    }
}

/// How like a person and an alert are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    /// Of the two names most alike: 0 to 1.
    pub name_score: f64,
    /// What that rests on, the strongest first.
    pub name_reasons: Vec<String>,
    /// Dates of birth.
    pub birth: Agreement,
    /// Nationalities.
    pub nationality: Agreement,
    /// Sex.
    pub sex: Agreement,
}

/// Compares a person with whom an alert is on.
#[must_use]
pub fn likeness(person: &Profile, alert: &Profile) -> Likeness {
    let written = |profile: &Profile| -> Vec<names::Name> {
        profile.names.iter().flat_map(writings).take(MOST_WRITINGS).collect()
    };
    let (ours, theirs) = (written(person), written(alert));
    let pairs = ours.iter().flat_map(|ours| theirs.iter().map(move |theirs| (ours, theirs)));
    let best = pairs.map(|(ours, theirs)| compare(ours, theirs)).max_by(|a, b| a.score.total_cmp(&b.score));
    let (name_score, name_reasons) = best.map_or((0.0, Vec::new()), |best| {
        (best.score, best.why.iter().take(MOST_REASONS).map(ToString::to_string).collect())
    });
    let births = person.births.iter().flat_map(|ours| alert.births.iter().map(move |theirs| birth(*ours, *theirs)));
    let shared = person.nationalities.iter().any(|ours| alert.nationalities.contains(ours));
    let sex = match (person.sex, alert.sex) {
        (Some(ours), Some(theirs)) if ours == theirs => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Unknown,
    };
    Likeness {
        name_score,
        name_reasons,
        // The words stand in the order from "same" to "unknown".
        birth: births.min().unwrap_or(Agreement::Unknown),
        nationality: match (person.nationalities.is_empty() || alert.nationalities.is_empty(), shared) {
            (true, _) => Agreement::Unknown,
            (false, true) => Agreement::Same,
            (false, false) => Agreement::Different,
        },
        sex,
    }
}

/// A name in each script it is known in.
fn writings(name: &Name) -> Vec<names::Name> {
    let pairs = [(&name.original_given, &name.original_surname), (&name.latin_given, &name.latin_surname)];
    let written = pairs.into_iter().map(|(given, surname)| names::Name::parse(&format!("{given} {surname}")));
    written.filter(|name| !name.is_empty()).collect()
}

fn birth(ours: BirthDate, theirs: BirthDate) -> Agreement {
    if ours == BirthDate::Unknown || theirs == BirthDate::Unknown {
        return Agreement::Unknown;
    }
    let (ours, theirs) = (ours.to_string(), theirs.to_string());
    if ours == theirs {
        Agreement::Same
    } else if ours.starts_with(&theirs) || theirs.starts_with(&ours) {
        Agreement::Compatible
    } else {
        Agreement::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alerts::profile::tests::profile;

    #[test]
    fn likeness_tells_what_agrees_and_what_does_not() {
        let person = profile("Ivanov Sergei", "1990-05-17", "UKR");
        let alike = likeness(&person, &profile("IVANOV SERGEY", "1990-05", "UKR"));
        assert!(alike.name_score > names::THRESHOLD, "{alike:?}");
        assert!(alike.name_reasons.iter().any(|why| why.contains("ivanov")), "{alike:?}");
        assert_eq!(
            (alike.birth, alike.nationality, alike.sex),
            (Agreement::Compatible, Agreement::Same, Agreement::Same)
        );
        let other = likeness(&person, &profile("Kowalski Jan", "1990-05-18", "POL"));
        assert!(other.name_score < 0.5, "{other:?}");
        assert_eq!((other.birth, other.nationality), (Agreement::Different, Agreement::Different));
        let bare = likeness(&person, &Profile::default());
        assert!(bare.name_score.abs() < f64::EPSILON);
        assert_eq!(
            (bare.birth, bare.nationality, bare.sex),
            (Agreement::Unknown, Agreement::Unknown, Agreement::Unknown)
        );
    }

    #[test]
    fn dates_of_birth_agree_as_far_as_they_are_known() {
        for (ours, theirs, expected) in [
            ("1990-05-17", "1990-05-17", Agreement::Same),
            ("1990-05-17", "1990", Agreement::Compatible),
            ("1990", "1990-05", Agreement::Compatible),
            ("1990-05", "1990-06-01", Agreement::Different),
            ("", "1990", Agreement::Unknown),
        ] {
            let (ours, theirs) = (BirthDate::parse(ours).unwrap(), BirthDate::parse(theirs).unwrap());
            assert_eq!((birth(ours, theirs), birth(theirs, ours)), (expected, expected), "{ours} {theirs}");
        }
    }
}
