//! The peer's own certificate: its form, and whether it is for what it is used for (Doc 9303-12 §8, table of SPOC certificates).

use std::net::IpAddr;

use emrtd::asn1::Oid;
use emrtd::x509::{Certificate, Extensions};
use straznica_types::Timestamp;

use super::{IdentityRefusal, moment, timestamp};
use crate::profile::ExtendedKeyUsage;
use crate::{Binding, Side};

/// KeyUsage: digitalSignature
const DIGITAL_SIGNATURE: u16 = 0x8000;
/// KeyUsage: keyEncipherment
const KEY_ENCIPHERMENT: u16 = 0x2000;

/// What needs no issuer to be seen.
pub(super) fn check_form(leaf: &Certificate, at: Timestamp) -> Result<(), IdentityRefusal> {
    check_any(leaf, at)?;
    if matches!(leaf.extensions().basic_constraints, Some((true, _))) {
        return Err(IdentityRefusal::IsAuthority);
    }
    Ok(())
}

/// What holds for every certificate on a path.
pub(super) fn check_any(certificate: &Certificate, at: Timestamp) -> Result<(), IdentityRefusal> {
    let extensions = certificate.extensions();
    let subject = || certificate.subject().to_string();
    if let Some(oid) = extensions.unknown_critical.first() {
        return Err(IdentityRefusal::UnknownCriticalExtension { subject: subject(), oid: oid.clone() });
    }
    if let Some(oid) = extensions.repeated.first() {
        return Err(IdentityRefusal::RepeatedExtension { subject: subject(), oid: oid.clone() });
    }
    if moment(at) < certificate.not_before() {
        return Err(IdentityRefusal::NotYetValid { subject: subject(), from: timestamp(certificate.not_before()) });
    }
    if moment(at) > certificate.not_after() {
        return Err(IdentityRefusal::Expired { subject: subject(), until: timestamp(certificate.not_after()) });
    }
    Ok(())
}

/// Whether the certificate is one of a SPOC on this side of the connection.
pub(super) fn check_purpose(
    leaf: &Certificate,
    side: Side<'_>,
    binding: Binding,
    purposes: &ExtendedKeyUsage,
) -> Result<(), IdentityRefusal> {
    let extensions = leaf.extensions();
    check_key_usage(extensions, side, binding)?;
    let Some(named) = &extensions.extended_key_usage else { return Err(IdentityRefusal::NoExtendedKeyUsage) };
    let (role, taken) = match side {
        Side::Client => ("client", &purposes.client),
        Side::Server { .. } => ("server", &purposes.server),
    };
    let is_taken = |named: &Vec<u8>| Oid::from_contents(named).is_ok_and(|oid| taken.contains(&oid.to_string()));
    if !named.iter().any(is_taken) {
        return Err(IdentityRefusal::ExtendedKeyUsage { role });
    }
    match side {
        Side::Server { host, .. } if !is_for_host(extensions, host) => {
            Err(IdentityRefusal::OtherHost { host: host.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Signing the handshake. The RSA suites of CSN 36 9791 have the client encrypt to the server's key instead, which is another usage
/// (RFC 5246 §7.4.2).
fn check_key_usage(extensions: &Extensions, side: Side<'_>, binding: Binding) -> Result<(), IdentityRefusal> {
    let wanted = match (side, binding) {
        (Side::Server { .. }, Binding::Soap) => DIGITAL_SIGNATURE | KEY_ENCIPHERMENT,
        _ => DIGITAL_SIGNATURE,
    };
    let usage = extensions.key_usage.ok_or(IdentityRefusal::NoKeyUsage)?;
    if usage & wanted == 0 { Err(IdentityRefusal::KeyUsage) } else { Ok(()) }
}

/// Whether the certificate names the host (RFC 6125 §6.4): as a whole, no wildcard, never by its common name. A host that is an address is looked for
/// among the addresses.
fn is_for_host(extensions: &Extensions, host: &str) -> bool {
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = literal.parse::<IpAddr>() {
        return extensions.ip_addresses.contains(&address);
    }
    let absolute = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let host = absolute(host);
    !host.is_empty() && extensions.dns_names.iter().any(|name| absolute(name) == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_as_a_whole() {
        let names = Extensions {
            dns_names: vec!["Spoc.Example.".into(), "*.wild.example".into(), "192.0.2.9".into()],
            ip_addresses: vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
            ..Extensions::default()
        };
        for (host, named) in [
            ("spoc.example", true),
            ("SPOC.EXAMPLE.", true),
            ("127.0.0.1", true),
            ("[::1]", true),
            ("::1", true),
            ("a.spoc.example", false),
            ("spoc.example.evil", false),
            ("a.wild.example", false),
            ("192.0.2.9", false),
            ("127.0.0.2", false),
            ("", false),
        ] {
            assert_eq!(is_for_host(&names, host), named, "{host}");
        }
    }
}
