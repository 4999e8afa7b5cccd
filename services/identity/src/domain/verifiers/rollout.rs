//! The staged rollout: which kind of document is served where, from when to when.

use straznica_types::{OfficerId, Timestamp};

use crate::domain::verification::DocumentKind;

/// One stage. What is in none is not served yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutStage {
    /// Of what.
    pub kind: DocumentKind,
    /// The pilot institution; `None`: all.
    pub institution: Option<String>,
    /// Served from then on.
    pub from: Timestamp,
    /// Up to then, not including it; `None`: without end.
    pub until: Option<Timestamp>,
    /// Who said so.
    pub set_by: OfficerId,
    /// And when.
    pub set_at: Timestamp,
}

impl RolloutStage {
    /// Whether this stage lets the institution ask for the kind now.
    #[must_use]
    pub fn serves(&self, kind: DocumentKind, institution: &str, now: Timestamp) -> bool {
        self.kind == kind
            && self.institution.as_deref().is_none_or(|pilot| pilot == institution)
            && self.from <= now
            && self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_serves_its_kind_at_its_institution_in_its_time() {
        let at = Timestamp::from_seconds;
        let pilot = RolloutStage {
            kind: DocumentKind::IdentityCard,
            institution: Some("um-pilot".to_owned()),
            from: at(100),
            until: Some(at(200)),
            set_by: OfficerId::parse("c-1").unwrap(),
            set_at: at(0),
        };
        let everywhere = RolloutStage { institution: None, until: None, ..pilot.clone() };
        let card = DocumentKind::IdentityCard;
        for (stage, kind, institution, now, served) in [
            (&pilot, card, "um-pilot", 99, false),
            (&pilot, card, "um-pilot", 100, true),
            (&pilot, card, "um-pilot", 199, true),
            (&pilot, card, "um-pilot", 200, false),
            (&pilot, card, "um-inne", 150, false),
            (&pilot, DocumentKind::DrivingLicence, "um-pilot", 150, false),
            (&everywhere, card, "um-inne", 150, true),
            (&everywhere, card, "um-inne", i64::from(u32::MAX), true),
            (&everywhere, card, "um-inne", 99, false),
        ] {
            assert_eq!(stage.serves(kind, institution, at(now)), served, "{kind} {institution} {now}");
        }
    }
}
