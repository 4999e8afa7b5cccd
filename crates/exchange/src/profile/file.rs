//! The file a profile is written in, and what makes it a profile.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::tls::{TlsFile, TlsRefusal};
use super::{Entry, ExtendedKeyUsage, Profile};
use crate::code::CodeSet;

/// Longest word of a code, characters.
const MAX_WORD: usize = 64;

/// Why a file is no profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No TOML, a member missing, or one nobody knows.
    #[error("the profile cannot be read: {0}")]
    File(#[from] Box<toml::de::Error>),
    /// A name by which nobody could register a partner.
    #[error("the profile's name has to be 1 to 32 letters, digits, '-' or '_'")]
    Name,
    /// A namespace no message could carry.
    #[error("the namespace has to be an absolute URI without spaces, quotation marks or angle brackets")]
    Namespace,
    /// A set of codes is not in the file.
    #[error("[codes] says nothing of {0:?}")]
    SetMissing(CodeSet),
    /// No such code in the standard.
    #[error("{set:?} has no code {code}")]
    CodeUnknown {
        /// The set.
        set: CodeSet,
        /// The word.
        code: String,
    },
    /// Listed twice.
    #[error("{set:?} lists {code} twice")]
    CodeTwice {
        /// The set.
        set: CodeSet,
        /// The word.
        code: String,
    },
    /// The application may decide on a code for which the partner has no word.
    #[error("{set:?}: {code} is neither known nor has it a fallback")]
    NoFallback {
        /// The set.
        set: CodeSet,
        /// The word.
        code: &'static str,
    },
    /// The fallback is not in the partner's edition either.
    #[error("{set:?}: {code} falls back to {fallback}, which the partner does not know")]
    FallbackUnknown {
        /// The set.
        set: CodeSet,
        /// The word.
        code: String,
        /// What it should have become.
        fallback: String,
    },
    /// A known code needs none.
    #[error("{set:?}: {code} is known and has a fallback")]
    FallbackUseless {
        /// The set.
        set: CodeSet,
        /// The word.
        code: String,
    },
    /// A failure would be told as a success, or the other way round.
    #[error("{set:?}: {code} may not fall back to {fallback}: one tells of success, the other of failure")]
    FallbackTurns {
        /// The set.
        set: CodeSet,
        /// The word.
        code: String,
        /// What it would have become.
        fallback: String,
    },
    /// A spelling of nothing, of something unspeakable, or of two things.
    #[error("the spelling {spelling:?} of {code} is not usable")]
    Spelling {
        /// The standard's word.
        code: String,
        /// What was to stand for it.
        spelling: String,
    },
    /// An extended key usage that is no object identifier.
    #[error("{0:?} is no object identifier")]
    KeyUsage(String),
    /// No extended key usage is accepted of one side, so no partner could ever connect.
    #[error("[extended_key_usage] accepts none of a {0}")]
    NoKeyUsage(&'static str),
    /// anyExtendedKeyUsage.
    #[error("[extended_key_usage] names anyExtendedKeyUsage, which tells no SPOC from others")]
    AnyKeyUsage,
    /// TLS that cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsRefusal),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    verified: bool,
    note: String,
    namespace: String,
    codes: BTreeMap<CodeSet, Vec<String>>,
    #[serde(default)]
    fallback: BTreeMap<CodeSet, BTreeMap<String, String>>,
    #[serde(default)]
    spelling: BTreeMap<String, String>,
    tls: TlsFile,
    extended_key_usage: KeyUsageFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyUsageFile {
    client: Vec<String>,
    server: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<Profile, ProfileError> {
    let file: File = toml::from_str(text).map_err(Box::new)?;
    let name_is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !(1..=32).contains(&file.name.len()) || !name_is_plain(&file.name) {
        return Err(ProfileError::Name);
    }
    let is_uri = file.namespace.contains(':') && file.namespace.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_uri || file.namespace.contains(['"', '\'', '<', '>', '&']) {
        return Err(ProfileError::Namespace);
    }
    check_spellings(&file.spelling)?;
    let none = BTreeMap::new();
    let mut codes = BTreeMap::new();
    for set in CodeSet::ALL {
        let known = file.codes.get(&set).ok_or(ProfileError::SetMissing(set))?;
        let fallback = file.fallback.get(&set).unwrap_or(&none);
        codes.insert(set, entries(set, known, fallback, &file.spelling)?);
    }
    Ok(Profile {
        name: file.name,
        verified: file.verified,
        note: file.note,
        namespace: file.namespace,
        codes,
        tls: file.tls.check()?,
        extended_key_usage: key_usage(file.extended_key_usage)?,
    })
}

/// One entry for every code of the set: those the partner knows in the order of its schema, then the others.
fn entries(
    set: CodeSet,
    known: &[String],
    fallback: &BTreeMap<String, String>,
    spelling: &BTreeMap<String, String>,
) -> Result<Vec<Entry>, ProfileError> {
    let names = set.names();
    let standard = |code: &str| {
        let unknown = || ProfileError::CodeUnknown { set, code: code.to_owned() };
        names.iter().copied().find(|name| *name == code).ok_or_else(unknown)
    };
    let spelt = |name: &str| spelling.get(name).map_or(name, String::as_str).to_owned();
    let mut entries: Vec<Entry> = Vec::with_capacity(names.len());
    for code in known {
        let name = standard(code)?;
        if entries.iter().any(|entry| entry.name == name) {
            return Err(ProfileError::CodeTwice { set, code: code.clone() });
        }
        entries.push(Entry { name, told_as: name, spelling: spelt(name) });
    }
    let known = entries.clone();
    let is_known = |name: &str| known.iter().any(|entry| entry.name == name);
    for (code, instead) in fallback {
        let (name, instead) = (standard(code)?, standard(instead)?);
        let (code, fallback) = (code.clone(), instead.to_owned());
        if is_known(name) {
            return Err(ProfileError::FallbackUseless { set, code });
        }
        if !is_known(instead) {
            return Err(ProfileError::FallbackUnknown { set, code, fallback });
        }
        if name.starts_with("failure") != instead.starts_with("failure") {
            return Err(ProfileError::FallbackTurns { set, code, fallback });
        }
        entries.push(Entry { name, told_as: instead, spelling: spelt(instead) });
    }
    match names.iter().find(|name| !entries.iter().any(|entry| entry.name == **name)) {
        Some(code) => Err(ProfileError::NoFallback { set, code }),
        None => Ok(entries),
    }
}

/// Every spelling is of a code, can stand in a message, and cannot be taken for another word.
fn check_spellings(spelling: &BTreeMap<String, String>) -> Result<(), ProfileError> {
    let standard: BTreeSet<&str> = CodeSet::ALL.into_iter().flat_map(CodeSet::names).collect();
    let mut taken = BTreeSet::new();
    for (code, spelling) in spelling {
        let is_word = (1..=MAX_WORD).contains(&spelling.len())
            && spelling.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let stands_for_another = spelling != code && standard.contains(spelling.as_str());
        if !standard.contains(code.as_str()) || !is_word || stands_for_another || !taken.insert(spelling) {
            return Err(ProfileError::Spelling { code: code.clone(), spelling: spelling.clone() });
        }
    }
    Ok(())
}

/// anyExtendedKeyUsage (RFC 5280 §4.2.1.12): certificates of no particular purpose carry it.
const ANY: &str = "2.5.29.37.0";

fn key_usage(file: KeyUsageFile) -> Result<ExtendedKeyUsage, ProfileError> {
    let is_oid = |text: &str| {
        text.contains('.')
            && text.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if let Some(wrong) = file.client.iter().chain(&file.server).find(|text| !is_oid(text)) {
        return Err(ProfileError::KeyUsage(wrong.clone()));
    }
    if file.client.iter().chain(&file.server).any(|text| text == ANY) {
        return Err(ProfileError::AnyKeyUsage);
    }
    if file.client.is_empty() {
        return Err(ProfileError::NoKeyUsage("client"));
    }
    if file.server.is_empty() {
        return Err(ProfileError::NoKeyUsage("server"));
    }
    Ok(ExtendedKeyUsage { client: file.client, server: file.server })
}

#[cfg(test)]
mod tests {
    use super::super::{Catalogue, Profile};
    use crate::code::StatusInfo;

    const OLD: &str = include_str!("../../profiles/2009.toml");

    fn refusal(from: &str, to: &str) -> String {
        assert!(OLD.contains(from), "{from}");
        Profile::from_toml(&OLD.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_is_no_profile_is_refused_with_its_reason() {
        for (from, to, said) in [
            ("verified = true", "", "missing field `verified`"),
            ("verified = true", "verified = true\nsecret = 1", "unknown field `secret`"),
            ("name = \"2009\"", "name = \"a b\"", "1 to 32 letters"),
            ("namespace = \"http://", "namespace = \"http:// ", "absolute URI"),
            ("send_certificates = [", "#", "says nothing of SendCertificates"),
            ("send_certificates = [", "send_certificates = [,", "TOML parse error"),
            ("general_message = [\"ok\"", "general_message = [\"okay\"", "GeneralMessage has no code okay"),
            ("general_message = [\"ok\"", "general_message = [\"ok\", \"ok\"", "lists ok twice"),
            ("[\"ok_received_correctly\", ", "[", "ok_received_correctly is neither known nor has it a fallback"),
            (
                "failure_request_syntax = \"failure_syntax\"",
                "failure_request_syntax = \"failure_expired\"",
                "falls back to failure_expired, which the partner does not know",
            ),
            ("failure_expired = ", "failure_syntax = ", "failure_syntax is known and has a fallback"),
            (
                "failure_expired = \"failure_outer_signature\"",
                "failure_expired = \"ok_reception_ack\"",
                "one tells of success",
            ),
            ("\"new_cer_available_notification\"", "\"failure_syntax\"", "is not usable"),
            ("\"new_cer_available_notification\"", "\"new cer\"", "is not usable"),
            ("new_cert_available_notification = ", "new_certificate = ", "is not usable"),
            ("\"2.23.136.1.1.10.1\"", "\"2..23\"", "is no object identifier"),
            ("\"2.23.136.1.1.10.1\"", "\"2.5.29.37.0\"", "names anyExtendedKeyUsage"),
            ("[extended_key_usage]", "[extended_key_usage]\nown_client = \"1.2\"", "unknown field `own_client`"),
            ("lowest = \"1.2\"", "lowest = \"1.1\"", "unknown variant `1.1`"),
            ("\"TLS_AES_256_GCM_SHA384\"", "\"TLS_NONSENSE\"", "TLS_NONSENSE"),
        ] {
            let text = refusal(from, to);
            assert!(text.contains(said), "{to}: {text}");
        }
    }

    #[test]
    fn an_edited_profile_stands_in_for_the_one_of_its_name() {
        let mut catalogue = Catalogue::built_in().unwrap();
        let edited = OLD.replace("new_cer_available_notification", "new-certificates");
        catalogue.add(Profile::from_toml(&edited).unwrap());
        let profile = catalogue.get("2009").unwrap();
        assert_eq!(profile.spell(StatusInfo::NewCertAvailableNotification), "new-certificates");
        for word in ["new-certificates", "new_cer_available_notification", "new_cert_available_notification"] {
            assert_eq!(profile.read(word), Some(StatusInfo::NewCertAvailableNotification), "{word}");
        }
        assert_eq!(catalogue.iter().count(), 3);
    }
}
