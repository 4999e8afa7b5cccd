//! What one partner's edition of the standard looks like on the wire, as data: namespace, the codes it knows and what it is told instead of the
//! others, spellings, TLS and extended key usages.
//!
//! Three profiles are built in: `2009` (CSN 36 9791:2009), `icao` (Doc 9303-12 §8) and `2018` (CSN 36 9791:2018, whose text is not public:
//! [`Profile::verified`] is false, and [`Profile::note`] says it wherever the profile is shown). An operator loads an edited file over any of them.
//!
//! A code is *told* by a profile: what the partner does not know becomes the nearest code it knows. That loses the cause for the partner, never
//! for the operator: the application journals the code it decided on, and [`Profile::told_as`] tells what became of it.

mod file;
mod tls;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use file::ProfileError;
pub use tls::{TlsParameters, TlsVersion};

use crate::code::{Code, CodeSet};

/// The 2009 schema's spelling of the notification of new certificates, accepted from everybody.
const MISSPELT_NOTIFICATION: &str = "new_cer_available_notification";
/// What it means.
const NOTIFICATION: &str = "new_cert_available_notification";

/// The files built in, by the names in them.
const BUILT_IN: [(&str, &str); 3] = [
    ("2009", include_str!("../profiles/2009.toml")),
    ("icao", include_str!("../profiles/icao.toml")),
    ("2018", include_str!("../profiles/2018.toml")),
];

/// The file of a profile built in, with its comments: what an operator edits and loads in its place. `None` where none has the name.
#[must_use]
pub fn built_in_file(name: &str) -> Option<&'static str> {
    BUILT_IN.into_iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| text)
}

/// One edition of the standard, or one partner's reading of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    name: String,
    verified: bool,
    note: String,
    namespace: String,
    codes: BTreeMap<CodeSet, Vec<Entry>>,
    tls: TlsParameters,
    extended_key_usage: ExtendedKeyUsage,
}

/// What becomes of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The standard's word.
    name: &'static str,
    /// The code the partner is told; the same where it knows this one.
    told_as: &'static str,
    /// That code as the partner spells it.
    spelling: String,
}

/// Extended key usages by which a partner's SPOC certificates are told, dotted: one of them has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// Accepted of a partner that connects to us.
    pub client: Vec<String>,
    /// Accepted of a partner we connect to.
    pub server: Vec<String>,
}

impl ExtendedKeyUsage {
    /// Those of CSN 36 9791 and those of Doc 9303-12 §7.1.4, either of which every built-in profile takes.
    #[must_use]
    pub fn of_both_standards() -> Self {
        let both = |csn: &str, icao: &str| vec![csn.to_owned(), icao.to_owned()];
        Self {
            client: both("1.2.203.7064.1.1.369791.1", "2.23.136.1.1.10.1"),
            server: both("1.2.203.7064.1.1.369791.2", "2.23.136.1.1.10.2"),
        }
    }
}

impl Profile {
    /// Reads and checks a profile file.
    ///
    /// # Errors
    /// [`ProfileError`] says what is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        file::read(text)
    }

    /// By which a registration names it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was checked against the text it stands for.
    #[must_use]
    pub const fn verified(&self) -> bool {
        self.verified
    }

    /// Where it comes from, to be shown with its name.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Target namespace of the messages.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Versions, suites and groups of TLS.
    #[must_use]
    pub const fn tls(&self) -> &TlsParameters {
        &self.tls
    }

    /// Extended key usages.
    #[must_use]
    pub const fn extended_key_usage(&self) -> &ExtendedKeyUsage {
        &self.extended_key_usage
    }

    /// Whether the partner knows a code.
    #[must_use]
    pub fn knows<C: Code>(&self, code: C) -> bool {
        self.told_as(code) == code
    }

    /// The code the partner is told instead of `code`; the same where it knows it.
    #[must_use]
    pub fn told_as<C: Code>(&self, code: C) -> C {
        let told = self.entry(code).map(|entry| entry.told_as);
        C::all().iter().copied().find(|one| Some(one.name()) == told).unwrap_or(code)
    }

    /// The word that goes to the partner.
    #[must_use]
    pub fn spell<C: Code>(&self, code: C) -> &str {
        self.entry(code).map_or(code.name(), |entry| &entry.spelling)
    }

    /// Reads a partner's word: its own spelling, the standard's, or that of 2009; of codes its edition does not have as well, since a partner may
    /// be ahead of its registration.
    #[must_use]
    pub fn read<C: Code>(&self, text: &str) -> Option<C> {
        let spelt = || {
            let entries = self.codes.get(&C::SET)?;
            entries.iter().find(|entry| entry.name == entry.told_as && entry.spelling == text).map(|entry| entry.name)
        };
        let name = match text {
            MISSPELT_NOTIFICATION => NOTIFICATION,
            _ => spelt().unwrap_or(text),
        };
        C::all().iter().copied().find(|one| one.name() == name)
    }

    /// The words of a set as the partner spells them, without those it does not know: the enumeration of its schema.
    #[must_use]
    pub fn vocabulary(&self, set: CodeSet) -> Vec<&str> {
        let known = |entry: &&Entry| entry.name == entry.told_as;
        self.codes
            .get(&set)
            .map(|entries| entries.iter().filter(known).map(|entry| entry.spelling.as_str()).collect())
            .unwrap_or_default()
    }

    fn entry<C: Code>(&self, code: C) -> Option<&Entry> {
        self.codes.get(&C::SET)?.iter().find(|entry| entry.name == code.name())
    }
}

/// The profiles a node knows, by name.
#[derive(Clone, Debug)]
pub struct Catalogue(BTreeMap<String, Arc<Profile>>);

impl Catalogue {
    /// The three that come with the software.
    ///
    /// # Errors
    /// [`ProfileError`] when one of them were faulty.
    pub fn built_in() -> Result<Self, ProfileError> {
        let mut catalogue = Self(BTreeMap::new());
        for (_, text) in BUILT_IN {
            catalogue.add(Profile::from_toml(text)?);
        }
        Ok(catalogue)
    }

    /// Adds a profile, in place of one of the same name.
    pub fn add(&mut self, profile: Profile) {
        self.0.insert(profile.name.clone(), Arc::new(profile));
    }

    /// The profile of a registration.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.0.values()
    }

    /// The first of these profiles, by name, that has this namespace.
    #[must_use]
    pub fn of_namespace(&self, namespace: &str) -> Option<&Arc<Profile>> {
        self.iter().find(|profile| profile.namespace == namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, Profile};
    use crate::code::{
        CodeSet, GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
    };

    fn profile(name: &str) -> std::sync::Arc<Profile> {
        Catalogue::built_in().unwrap().get(name).unwrap().clone()
    }

    #[test]
    fn a_partner_of_2009_is_told_the_nearest_code_it_knows() {
        let old = profile("2009");
        for (code, told) in [
            (RequestCertificateCode::FailureRequestSyntax, "failure_syntax"),
            (RequestCertificateCode::FailureExpired, "failure_outer_signature"),
            (RequestCertificateCode::FailureDomainParameters, "failure_request_not_accepted"),
            (RequestCertificateCode::FailureInnerSignature, "failure_inner_signature"),
            (RequestCertificateCode::OkCertAvailable, "ok_cert_available"),
        ] {
            assert_eq!(old.spell(code), told);
            assert_eq!(old.told_as(code).as_str(), told);
            assert_eq!(old.knows(code), code.as_str() == told);
        }
        assert_eq!(old.spell(StatusInfo::FailureCertificate), "failure_request_not_accepted");
        assert_eq!(old.spell(GetCaCertificatesCode::FailureSyntax), "failure_request_not_accepted");
        assert_eq!(old.spell(GeneralMessageCode::FailureSyntax), "failure_internal_error");
        assert_eq!(old.spell(SendCertificatesCode::FailureMessageIdUnknown), "failure_messageID_unknown");
    }

    #[test]
    fn a_partner_of_the_icao_edition_is_told_everything_that_edition_has() {
        let icao = profile("icao");
        assert!(RequestCertificateCode::ALL.iter().all(|code| icao.knows(*code)));
        assert!(StatusInfo::ALL.iter().all(|code| icao.knows(*code)));
        assert_eq!(icao.spell(GetCaCertificatesCode::FailureRequestNotAccepted), "failure_syntax");
    }

    #[test]
    fn the_notification_is_spelt_as_the_partner_does_and_read_in_both_spellings() {
        let new = StatusInfo::NewCertAvailableNotification;
        assert_eq!(profile("2009").spell(new), "new_cer_available_notification");
        assert_eq!(profile("icao").spell(new), "new_cert_available_notification");
        for name in ["2009", "icao", "2018"] {
            for word in ["new_cer_available_notification", "new_cert_available_notification"] {
                assert_eq!(profile(name).read::<StatusInfo>(word), Some(new), "{name} {word}");
            }
        }
    }

    #[test]
    fn what_is_read_is_what_was_meant_even_by_a_partner_ahead_of_its_registration() {
        let old = profile("2009");
        for code in RequestCertificateCode::ALL {
            assert_eq!(old.read(code.as_str()), Some(*code));
        }
        assert_eq!(old.read::<RequestCertificateCode>("OK_CERT_AVAILABLE"), None);
        assert_eq!(old.read::<RequestCertificateCode>("new_cer_available_notification"), None);
    }

    #[test]
    fn only_the_edition_that_nobody_may_read_is_unverified() {
        let unverified: Vec<_> = Catalogue::built_in()
            .unwrap()
            .iter()
            .filter(|profile| !profile.verified())
            .map(|profile| profile.name().to_owned())
            .collect();
        assert_eq!(unverified, ["2018"]);
        assert!(profile("2018").note().contains("not verified"));
    }

    #[test]
    fn the_file_of_a_built_in_profile_is_found_by_its_name_and_no_other() {
        for profile in Catalogue::built_in().unwrap().iter() {
            let file = super::built_in_file(profile.name()).unwrap();
            assert_eq!(Profile::from_toml(file).unwrap(), **profile);
        }
        assert_eq!(super::built_in_file("2017"), None);
    }

    #[test]
    fn the_vocabulary_leaves_out_what_the_partner_does_not_know() {
        let words = profile("2009").vocabulary(CodeSet::StatusInfo).len();
        assert_eq!(words, StatusInfo::ALL.len() - 1);
        assert_eq!(profile("2009").vocabulary(CodeSet::StatusInfo)[0], "new_cer_available_notification");
    }
}
