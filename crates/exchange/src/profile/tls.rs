//! TLS of a profile: versions, suites, groups.

use serde::Deserialize;

/// A version of TLS. Older ones are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum TlsVersion {
    /// RFC 5246.
    #[serde(rename = "1.2")]
    Tls12,
    /// RFC 8446.
    #[serde(rename = "1.3")]
    Tls13,
}

/// What is spoken with a partner, names checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsParameters {
    /// Lowest version.
    pub lowest: TlsVersion,
    /// Highest version.
    pub highest: TlsVersion,
    /// Suites by their IANA names, in order of preference.
    pub suites: Vec<String>,
    /// Groups by the names OpenSSL gives them, in order of preference.
    pub groups: Vec<String>,
}

/// TLS that cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsRefusal {
    /// OpenSSL knows no suite of this name, or it offers no confidentiality.
    #[error("the cipher suite {0} is not available")]
    Suite(String),
    /// Not a name of a group.
    #[error("{0:?} is no name of a group")]
    Group(String),
    /// A version without a suite, or the wrong way round.
    #[error("the versions of TLS leave nothing to speak")]
    Versions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsFile {
    lowest: TlsVersion,
    highest: TlsVersion,
    suites: Vec<String>,
    groups: Vec<String>,
}

impl TlsFile {
    pub(super) fn check(self) -> Result<TlsParameters, TlsRefusal> {
        if let Some(suite) = self.suites.iter().find(|suite| !is_suite(suite)) {
            return Err(TlsRefusal::Suite(suite.clone()));
        }
        let is_group = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if let Some(group) = self.groups.iter().find(|group| !is_group(group)) {
            return Err(TlsRefusal::Group(group.clone()));
        }
        let parameters =
            TlsParameters { lowest: self.lowest, highest: self.highest, suites: self.suites, groups: self.groups };
        let lacks = |version, suites: usize| (parameters.lowest..=parameters.highest).contains(&version) && suites == 0;
        if parameters.lowest > parameters.highest
            || parameters.groups.is_empty()
            || lacks(TlsVersion::Tls12, parameters.suites_of(TlsVersion::Tls12).count())
            || lacks(TlsVersion::Tls13, parameters.suites_of(TlsVersion::Tls13).count())
        {
            return Err(TlsRefusal::Versions);
        }
        Ok(parameters)
    }
}

impl TlsParameters {
    /// The suites of one version.
    pub fn suites_of(&self, version: TlsVersion) -> impl Iterator<Item = &str> {
        self.suites.iter().map(String::as_str).filter(move |suite| version_of(suite) == version)
    }

    /// What a listener has to offer for partners of several profiles: a handshake begins before anybody has said who he is.
    #[must_use]
    pub fn together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        all.into_iter().fold(None, |together: Option<Self>, next| {
            let Some(mut together) = together else { return Some(next.clone()) };
            together.lowest = together.lowest.min(next.lowest);
            together.highest = together.highest.max(next.highest);
            add(&mut together.suites, &next.suites);
            add(&mut together.groups, &next.groups);
            Some(together)
        })
    }
}

fn add(names: &mut Vec<String>, further: &[String]) {
    for name in further {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}

/// TLS 1.3 names its suites without the key exchange (RFC 8446 §B.4).
fn version_of(suite: &str) -> TlsVersion {
    if suite.contains("_WITH_") { TlsVersion::Tls12 } else { TlsVersion::Tls13 }
}

/// A suite OpenSSL has under this IANA name, with authentication and encryption.
fn is_suite(name: &str) -> bool {
    let weak = ["_NULL_", "_anon_", "_EXPORT_", "_RC4_", "_DES_", "_3DES_", "_MD5"];
    name.starts_with("TLS_")
        && !weak.iter().any(|part| name.contains(part))
        && openssl::ssl::cipher_name(name) != "(NONE)"
}

#[cfg(test)]
mod tests {
    use super::{TlsParameters, TlsVersion, is_suite};

    fn parameters(lowest: TlsVersion, suites: &[&str]) -> TlsParameters {
        let suites = suites.iter().map(|suite| (*suite).to_owned()).collect();
        TlsParameters { lowest, highest: TlsVersion::Tls13, suites, groups: vec!["X25519".to_owned()] }
    }

    #[test]
    fn suites_of_the_standard_are_available_and_broken_ones_are_not() {
        for suite in ["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "TLS_AES_128_GCM_SHA256"] {
            assert!(is_suite(suite), "{suite}");
        }
        for suite in ["TLS_RSA_WITH_NULL_SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "AES128-SHA", "TLS_X", "ALL"] {
            assert!(!is_suite(suite), "{suite}");
        }
    }

    #[test]
    fn a_listener_offers_what_any_of_its_partners_needs() {
        let (one, two) = (
            parameters(TlsVersion::Tls13, &["TLS_AES_128_GCM_SHA256"]),
            parameters(TlsVersion::Tls12, &["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"]),
        );
        let together = TlsParameters::together([&one, &two]).unwrap();
        assert_eq!(together, two);
        assert_eq!(together.suites_of(TlsVersion::Tls12).collect::<Vec<_>>(), ["TLS_RSA_WITH_AES_128_CBC_SHA"]);
        assert_eq!(TlsParameters::together([]), None);
    }
}
