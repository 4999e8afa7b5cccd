//! The files of consumers: read strictly, refused whole.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use straznica_types::{CivilDate, check_name};

use super::profile::{Denied, Field, Grant, Profile, Way, state_of};
use super::state::State;
use crate::domain::Purposes;

/// Most questions a minute that can be agreed.
const MOST_PER_MINUTE: u32 = 6_000;
/// Most questions a day that can be agreed.
const MOST_PER_DAY: u32 = 1_000_000;
/// Longest text, in bytes: it stands in journal entries.
const LONGEST_TEXT: usize = 256;

/// What is wrong with a file of a consumer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It is no profile.
    #[error("{file}: {reason}")]
    Form {
        /// Which.
        file: String,
        /// Why, with the line.
        reason: String,
    },
    /// It says something no profile can say.
    #[error("{file}: {member}: {expected} expected")]
    Invalid {
        /// Which.
        file: String,
        /// Where in it.
        member: String,
        /// What can stand there.
        expected: &'static str,
    },
    /// Two files for one consumer.
    #[error("{file}: {id} has a profile already")]
    Twice {
        /// The second one.
        file: String,
        /// Whose.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    id: String,
    state: String,
    authority: String,
    passes_on_to: Vec<String>,
    valid_from: String,
    valid_to: String,
    per_minute: u32,
    per_day: u32,
    purpose: Vec<RawGrant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrant {
    id: String,
    legal_basis: String,
    fields: Vec<Field>,
    by: Vec<Way>,
}

/// The consumers of this node.
#[derive(Debug, Clone, Default)]
pub struct Consumers(BTreeMap<String, Profile>);

impl Consumers {
    /// From files, each with its name. Vulnerabilities can be granted for a purpose only that the node itself lets see them.
    ///
    /// # Errors
    /// [`ProfileError`], for the first thing that is wrong.
    pub fn parse<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        purposes: &Purposes,
    ) -> Result<Self, ProfileError> {
        let mut consumers = BTreeMap::new();
        for (file, text) in files {
            let profile = read(file, text, purposes)?;
            if let Some(other) = consumers.insert(profile.id.clone(), profile) {
                return Err(ProfileError::Twice { file: file.to_owned(), id: other.id });
            }
        }
        Ok(Self(consumers))
    }

    /// The profile of a consumer, by its name in the certificate.
    ///
    /// # Errors
    /// [`Denied::NoProfile`].
    pub fn get(&self, peer: &str) -> Result<&Profile, Denied> {
        self.0.get(peer).ok_or(Denied::NoProfile)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.values()
    }
}

fn read(file: &str, text: &str, purposes: &Purposes) -> Result<Profile, ProfileError> {
    let raw: RawProfile = toml::from_str(text).map_err(|error| ProfileError::Form {
        file: file.to_owned(),
        reason: error.to_string().trim_end().to_owned(),
    })?;
    let invalid =
        |member: &str, expected| ProfileError::Invalid { file: file.to_owned(), member: member.to_owned(), expected };
    let state = State::parse(&raw.state).ok_or_else(|| invalid("state", "a state's three letters"))?;
    if check_name(&raw.id).is_err() || state_of(&raw.id) != Some(state) {
        return Err(invalid("id", "the state, '.', and a name, as in the certificate"));
    }
    if !is_text(&raw.authority) {
        return Err(invalid("authority", "the authority's name"));
    }
    let day = |member, text: &str| text.parse::<CivilDate>().map_err(|_| invalid(member, "a day (YYYY-MM-DD)"));
    let (valid_from, valid_to) = (day("valid_from", &raw.valid_from)?, day("valid_to", &raw.valid_to)?);
    if valid_to <= valid_from {
        return Err(invalid("valid_to", "a day after the first"));
    }
    let passed = raw.passes_on_to.iter().map(|code| State::parse(code)).collect::<Option<Vec<State>>>();
    let passes_on_to = passed.ok_or_else(|| invalid("passes_on_to", "states' three letters"))?;
    if !(1..=MOST_PER_MINUTE).contains(&raw.per_minute) {
        return Err(invalid("per_minute", "1 to 6000"));
    }
    if !(1..=MOST_PER_DAY).contains(&raw.per_day) {
        return Err(invalid("per_day", "1 to 1000000"));
    }
    if raw.purpose.is_empty() {
        return Err(invalid("purpose", "at least one"));
    }
    let mut granted = BTreeMap::new();
    for grant in raw.purpose {
        let id = grant.id.clone();
        let read = read_grant(grant, purposes)
            .map_err(|(member, expected)| invalid(&format!("purpose {id:?}: {member}"), expected))?;
        if granted.insert(id, read).is_some() {
            return Err(invalid("purpose", "each purpose once"));
        }
    }
    Ok(Profile {
        id: raw.id,
        state,
        authority: raw.authority,
        passes_on_to,
        valid_from,
        valid_to,
        per_minute: raw.per_minute,
        per_day: raw.per_day,
        purposes: granted,
        digest: digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

fn read_grant(raw: RawGrant, purposes: &Purposes) -> Result<Grant, (&'static str, &'static str)> {
    if check_name(&raw.id).is_err() {
        return Err(("id", "1 to 64 letters, digits, '.', '_' or '-'"));
    }
    if !is_text(&raw.legal_basis) {
        return Err(("legal_basis", "act and article, up to 256 bytes"));
    }
    let grant = Grant {
        legal_basis: raw.legal_basis,
        fields: raw.fields.into_iter().collect(),
        by: raw.by.into_iter().collect(),
    };
    if grant.fields.is_empty() {
        return Err(("fields", "at least one"));
    }
    if grant.by.is_empty() {
        return Err(("by", "at least one"));
    }
    if grant.fields.contains(&Field::Decisions) && !grant.fields.contains(&Field::Procedures) {
        return Err(("fields", "procedures, where there are decisions"));
    }
    if grant.fields.contains(&Field::Vulnerabilities) && !purposes.see_vulnerabilities(&raw.id) {
        return Err(("fields", "no vulnerabilities, as the node does not let this purpose see them"));
    }
    Ok(grant)
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_TEXT && !text.chars().any(char::is_control)
}
