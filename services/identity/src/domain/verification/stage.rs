//! The stages of a verification and what leads from one to the next.

use std::fmt;

/// How the citizen said yes. Before they have, nobody here knows which way they are asked: dispatch keeps it to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChallengeChannel {
    /// A code by text message, which the citizen reads out.
    Sms,
    /// A question on the citizen's phone (Mobile Connect), answered there.
    MobileConnect,
}

impl ChallengeChannel {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Sms, Self::MobileConnect];

    /// As the database and the API name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::MobileConnect => "mobile_connect",
        }
    }

    /// The channel of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// What data are shown upon. There is nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// The citizen said yes.
    Consent(ChallengeChannel),
    /// The privilege of a service to ask without a code.
    Privilege,
}

/// Who ended a verification before anything was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedBy {
    /// The citizen said no.
    Citizen,
    /// The citizen withdrew from the service meanwhile.
    Withdrawal,
    /// The official gave it up.
    Official,
    /// The citizen who asked gave it up.
    Asker,
}

impl RefusedBy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Citizen, Self::Withdrawal, Self::Official, Self::Asker];

    /// As the database and the API name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Withdrawal => "withdrawal",
            Self::Official => "official",
            Self::Asker => "asker",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

/// Where a verification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nobody was asked yet.
    Opened,
    /// The citizen was asked.
    Challenged,
    /// There is a ground to show the data.
    Approved(Ground),
    /// The register is being asked; from here on the data may have been seen.
    Disclosing(Ground),
    /// The answer of the register was shown. Once.
    Shown(Ground),
    /// Somebody said no.
    Refused(RefusedBy),
    /// Its time ran out.
    Expired,
    /// Too many wrong codes.
    Locked,
}

/// What can happen to a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The citizen is asked.
    Challenge,
    /// The citizen says yes.
    Approve(ChallengeChannel),
    /// A service uses its privilege.
    UsePrivilege,
    /// Somebody says no.
    Refuse(RefusedBy),
    /// No attempt is left.
    Lock,
    /// The time is over.
    Expire,
    /// The register is going to be asked.
    Disclose,
    /// The register gave nothing: it may be asked again.
    Release,
    /// The register's answer leaves.
    Complete,
}

impl Stage {
    /// The stage an event leads to; `None` where it cannot happen.
    #[must_use]
    pub const fn after(self, event: Event) -> Option<Self> {
        Some(match (self, event) {
            (Self::Opened, Event::Challenge) => Self::Challenged,
            (Self::Opened, Event::UsePrivilege) => Self::Approved(Ground::Privilege),
            (Self::Challenged, Event::Approve(channel)) => Self::Approved(Ground::Consent(channel)),
            (Self::Challenged, Event::Lock) => Self::Locked,
            (Self::Opened | Self::Challenged | Self::Approved(_), Event::Refuse(by)) => Self::Refused(by),
            (Self::Opened | Self::Challenged | Self::Approved(_), Event::Expire) => Self::Expired,
            (Self::Approved(ground), Event::Disclose) => Self::Disclosing(ground),
            (Self::Disclosing(ground), Event::Release) => Self::Approved(ground),
            // Whoever died in the middle may have shown the data: it counts as shown, and the citizen reads so.
            (Self::Disclosing(ground), Event::Complete | Event::Expire) => Self::Shown(ground),
            _ => return None,
        })
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Shown(_) | Self::Refused(_) | Self::Expired | Self::Locked)
    }

    /// Names of the stages in which something can still happen.
    pub const OPEN_NAMES: [&'static str; 4] = ["opened", "challenged", "approved", "disclosing"];

    /// Names of all stages.
    pub const NAMES: [&'static str; 8] =
        ["opened", "challenged", "approved", "disclosing", "shown", "refused", "expired", "locked"];

    /// As the database and the API name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Challenged => "challenged",
            Self::Approved(_) => "approved",
            Self::Disclosing(_) => "disclosing",
            Self::Shown(_) => "shown",
            Self::Refused(_) => "refused",
            Self::Expired => "expired",
            Self::Locked => "locked",
        }
    }

    /// The rest of what the stage says: upon what the data are shown, or who refused; empty where there is nothing.
    #[must_use]
    pub const fn qualifier(self) -> &'static str {
        match self {
            Self::Opened | Self::Challenged | Self::Expired | Self::Locked => "",
            Self::Approved(Ground::Consent(channel))
            | Self::Disclosing(Ground::Consent(channel))
            | Self::Shown(Ground::Consent(channel)) => channel.as_str(),
            Self::Approved(Ground::Privilege)
            | Self::Disclosing(Ground::Privilege)
            | Self::Shown(Ground::Privilege) => "privilege",
            Self::Refused(by) => by.as_str(),
        }
    }

    /// The stage of this name and qualifier.
    #[must_use]
    pub fn named(name: &str, qualifier: &str) -> Option<Self> {
        let ground = || match qualifier {
            "privilege" => Some(Ground::Privilege),
            _ => ChallengeChannel::named(qualifier).map(Ground::Consent),
        };
        let stage = match name {
            "opened" => Self::Opened,
            "challenged" => Self::Challenged,
            "approved" => Self::Approved(ground()?),
            "disclosing" => Self::Disclosing(ground()?),
            "shown" => Self::Shown(ground()?),
            "refused" => Self::Refused(RefusedBy::named(qualifier)?),
            "expired" => Self::Expired,
            "locked" => Self::Locked,
            _ => return None,
        };
        (stage.qualifier() == qualifier).then_some(stage)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events() -> Vec<Event> {
        let mut events = vec![
            Event::Challenge,
            Event::UsePrivilege,
            Event::Lock,
            Event::Expire,
            Event::Disclose,
            Event::Release,
            Event::Complete,
        ];
        events.extend(ChallengeChannel::ALL.map(Event::Approve));
        events.extend(RefusedBy::ALL.map(Event::Refuse));
        events
    }

    /// Every stage that can be reached, found by walking from the first.
    fn stages() -> Vec<Stage> {
        let mut found = vec![Stage::Opened];
        let mut next = 0;
        while next < found.len() {
            for event in events() {
                if let Some(stage) = found[next].after(event).filter(|stage| !found.contains(stage)) {
                    found.push(stage);
                }
            }
            next += 1;
        }
        found
    }

    proptest! {
        #[test]
        fn no_path_leads_to_the_data_without_the_citizens_yes_or_the_privilege(
            path in proptest::collection::vec(proptest::sample::select(events()), 0..40),
        ) {
            let (mut stage, mut asked, mut consent, mut privilege, mut shown) = (Stage::Opened, false, false, false, 0);
            for event in path {
                let before = stage;
                let Some(after) = stage.after(event) else { continue };
                prop_assert!(!before.is_final(), "{before:?} is final, and {event:?} led to {after:?}");
                stage = after;
                match event {
                    Event::Challenge => asked = true,
                    Event::Approve(_) => consent = asked,
                    Event::UsePrivilege => privilege = true,
                    _ => {}
                }
                if let Stage::Disclosing(ground) | Stage::Shown(ground) = stage {
                    prop_assert_eq!(consent, matches!(ground, Ground::Consent(_)));
                    prop_assert_eq!(privilege, ground == Ground::Privilege);
                }
                shown += u32::from(matches!(stage, Stage::Shown(_)));
            }
            prop_assert!(shown <= 1);
        }
    }

    #[test]
    fn an_ended_stage_is_final_and_every_other_can_end() {
        let stages = stages();
        assert_eq!(stages.len(), 17);
        for stage in stages {
            let ways_out: Vec<Stage> = events().into_iter().filter_map(|event| stage.after(event)).collect();
            assert_eq!(stage.is_final(), ways_out.is_empty(), "{stage:?}");
            assert_eq!(stage.is_final(), !Stage::OPEN_NAMES.contains(&stage.name()), "{stage:?}");
            assert!(stage.is_final() || stage.after(Event::Expire).is_some_and(Stage::is_final), "{stage:?}");
        }
    }

    #[test]
    fn stages_are_read_back_as_they_were_written_and_nothing_else_is() {
        for stage in stages() {
            assert_eq!(Stage::named(stage.name(), stage.qualifier()), Some(stage));
            assert!(Stage::NAMES.contains(&stage.name()));
            for wrong in ["pigeon", "privileged"] {
                assert_eq!(Stage::named(stage.name(), wrong), None, "{stage:?}");
            }
        }
        assert_eq!(Stage::named("approved", ""), None);
        assert_eq!(Stage::named("challenged", "sms"), None);
        assert_eq!(Stage::named("expired", "sms"), None);
        assert_eq!(Stage::named("open", ""), None);
    }
}
