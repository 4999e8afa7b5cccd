//! Where lists are fetched from. A list's address is its issuer's word: without limits a partner could make a node ask its own machines.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;
use serde::{Deserialize, Serialize};

/// The port of plain http.
const HTTP: u16 = 80;

/// Hosts and addresses that may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrlReach {
    /// The only ones; without any: every host and port.
    pub hosts: Vec<CrlHost>,
    /// Whether this machine and its own link may be asked: loopback, link-local and unspecified addresses. Groups never are.
    pub local: bool,
}

/// A host and its port, written `host`, when the port is 80, or `host:port`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CrlHost {
    name: String,
    port: u16,
}

/// Neither `host` nor `host:port`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a host nor host:port")]
pub struct NotAHost(String);

impl CrlHost {
    /// The host an address names; none names none.
    pub(super) fn of(address: &Uri) -> Option<Self> {
        address.authority().and_then(Self::of_authority)
    }

    fn of_authority(authority: &Authority) -> Option<Self> {
        let name = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        (!name.is_empty()).then(|| Self { name, port: authority.port_u16().unwrap_or(HTTP) })
    }

    /// For looking it up.
    pub(super) fn for_lookup(&self) -> (&str, u16) {
        (&self.name, self.port)
    }
}

impl std::fmt::Display for CrlHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]", self.name)?;
        } else {
            f.write_str(&self.name)?;
        }
        if self.port == HTTP { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl FromStr for CrlHost {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let not = || NotAHost(text.to_owned());
        let authority: Authority = text.parse().map_err(|_| not())?;
        // Somebody's name before the host, or a port that is none.
        if text.contains('@') || (authority.port_u16().is_none() && text != authority.host()) {
            return Err(not());
        }
        Self::of_authority(&authority).ok_or_else(not)
    }
}

impl TryFrom<String> for CrlHost {
    type Error = NotAHost;

    fn try_from(text: String) -> Result<Self, NotAHost> {
        text.parse()
    }
}

impl From<CrlHost> for String {
    fn from(host: CrlHost) -> Self {
        host.to_string()
    }
}

impl CrlReach {
    pub(super) fn names(&self, host: &CrlHost) -> bool {
        self.hosts.is_empty() || self.hosts.contains(host)
    }

    /// Asked of what a name was resolved to, so that no name leads around it.
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let (local, group) = match address {
            IpAddr::V4(v4) => (v4.is_loopback() || v4.is_link_local() || v4.octets()[0] == 0, v4.is_broadcast()),
            IpAddr::V6(v6) => (v6.is_loopback() || v6.is_unicast_link_local() || v6 == Ipv6Addr::UNSPECIFIED, false),
        };
        !group && !address.is_multicast() && (self.local || !local)
    }
}

#[cfg(test)]
mod tests {
    use super::{CrlHost, CrlReach};

    #[test]
    fn this_machine_and_its_link_are_asked_only_where_that_is_allowed() {
        let (near, far) = (CrlReach { local: true, ..CrlReach::default() }, CrlReach::default());
        for (address, is_local) in [
            ("127.0.0.1", true),
            ("127.8.9.10", true),
            ("0.0.0.0", true),
            ("169.254.169.254", true),
            ("::1", true),
            ("::", true),
            ("fe80::1", true),
            ("::ffff:127.0.0.1", true),
            ("::ffff:169.254.169.254", true),
            ("10.1.2.3", false),
            ("192.0.2.7", false),
            ("2001:db8::7", false),
            ("fd00::7", false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!((far.permits(address), near.permits(address)), (!is_local, true), "{address}");
        }
        for group in ["255.255.255.255", "224.0.0.1", "ff02::1"] {
            assert!(!near.permits(group.parse().unwrap()), "{group}");
        }
    }

    #[test]
    fn hosts_are_told_by_name_and_port() {
        let host = |uri: &str| CrlHost::of(&uri.parse().unwrap()).unwrap();
        let reach = CrlReach {
            hosts: ["crl.example.cz", "Lists.example.de:8080", "[2001:db8::7]:80"]
                .map(|one| one.parse().unwrap())
                .into(),
            local: false,
        };
        for (uri, named) in [
            ("http://crl.example.cz/a.crl", true),
            ("http://CRL.example.cz:80/a.crl", true),
            ("http://crl.example.cz:8080/a.crl", false),
            ("http://lists.example.de:8080/", true),
            ("http://lists.example.de/", false),
            ("http://other.example.cz/a.crl", false),
            ("http://crl.example.cz@other.example.cz/", false),
            ("http://[2001:db8::7]/a", true),
        ] {
            assert_eq!(reach.names(&host(uri)), named, "{uri}");
        }
        assert!(CrlReach::default().names(&host("http://anywhere.example:9/")));
        for wrong in
            ["", "a b", "http://crl.example.cz/", "user@crl.example.cz", "crl.example.cz:99999", "crl.example.cz/a"]
        {
            assert!(wrong.parse::<CrlHost>().is_err(), "{wrong}");
        }
        for (text, written) in [("[2001:db8::7]", "[2001:db8::7]"), ("A.example:80", "a.example"), ("a:81", "a:81")] {
            assert_eq!(text.parse::<CrlHost>().unwrap().to_string(), written);
        }
    }
}
