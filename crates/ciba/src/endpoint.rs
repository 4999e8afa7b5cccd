//! Addresses of a provider.

use std::fmt;
use std::net::IpAddr;

use ::http::Uri;
use straznica_types::Environment;

/// An address requests may go to: https, or http to this machine itself in a test environment.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Uri);

/// Why a text is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an absolute http or https address, or longer than 2048 octets.
    #[error("not an absolute http or https address")]
    Unreadable,
    /// With a user's name, or a fragment.
    #[error("an address with a user's name or a fragment")]
    Extras,
    /// http to another machine, or in production.
    #[error("https is required")]
    NotHttps,
}

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    /// [`EndpointError`]
    pub fn parse(text: &str, environment: Environment) -> Result<Self, EndpointError> {
        if text.len() > 2_048 {
            return Err(EndpointError::Unreadable);
        }
        if text.contains('#') {
            return Err(EndpointError::Extras);
        }
        let uri: Uri = text.parse().map_err(|_| EndpointError::Unreadable)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(EndpointError::Unreadable);
        };
        if authority.as_str().contains('@') {
            return Err(EndpointError::Extras);
        }
        match scheme {
            _ if authority.host().is_empty() => Err(EndpointError::Unreadable),
            "https" => Ok(Self(uri)),
            "http" if environment == Environment::Test && is_this_machine(authority.host()) => Ok(Self(uri)),
            "http" => Err(EndpointError::NotHttps),
            _ => Err(EndpointError::Unreadable),
        }
    }

    pub(crate) const fn uri(&self) -> &Uri {
        &self.0
    }
}

/// By address only: a name may lead elsewhere.
fn is_this_machine(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use Environment::{Production, Test};

    use super::*;

    #[test]
    fn nothing_goes_in_the_clear_but_to_this_machine_in_a_test() {
        for (text, environment, refused) in [
            ("https://op.example/token", Production, None),
            ("https://op.example:8443/token?x=1", Production, None),
            ("http://127.0.0.1:9/token", Test, None),
            ("http://[::1]:9/token", Test, None),
            ("http://127.0.0.1:9/token", Production, Some(EndpointError::NotHttps)),
            ("http://op.example/token", Test, Some(EndpointError::NotHttps)),
            ("http://localhost/token", Test, Some(EndpointError::NotHttps)),
            ("http://127.0.0.1.op.example/token", Test, Some(EndpointError::NotHttps)),
            ("https://user@op.example/token", Production, Some(EndpointError::Extras)),
            ("https://op.example/token#x", Production, Some(EndpointError::Extras)),
            ("ftp://op.example/token", Production, Some(EndpointError::Unreadable)),
            ("/token", Production, Some(EndpointError::Unreadable)),
            ("op.example", Production, Some(EndpointError::Unreadable)),
            ("", Production, Some(EndpointError::Unreadable)),
        ] {
            assert_eq!(Endpoint::parse(text, environment).err(), refused, "{text}");
        }
    }
}
