//! What stands in a certificate.

use std::net::IpAddr;

use emrtd::asn1::{Tag, encode};
use emrtd::builder::{Algorithm, Digest, SigningKey, der};
use straznica_types::Timestamp;
use time::OffsetDateTime;

use super::{DevelopmentError, ORGANISATION, Validity};

/// id-kp-serverAuth and id-kp-clientAuth: what OpenSSL and BoringSSL ask of a peer when they check its path themselves.
const TLS_SERVER: &str = "1.3.6.1.5.5.7.3.1";
const TLS_CLIENT: &str = "1.3.6.1.5.5.7.3.2";

/// Which sides of a connection a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It connects.
    Client,
    /// It is connected to.
    Server,
    /// Either.
    Both,
}

/// Whose object identifiers stand for the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsnOrIcao {
    /// CSN 36 9791.
    Csn,
    /// Doc 9303-12.
    Icao,
}

/// A certificate of a SPOC to be issued. [`LeafRequest::client`], [`LeafRequest::server`] and [`LeafRequest::both`] are as the standards have
/// them; the fields are public so that each can be made wrong.
#[derive(Clone, Debug)]
pub struct LeafRequest {
    /// Values of C, in order.
    pub countries: Vec<String>,
    /// CN.
    pub common_name: String,
    /// Key and its algorithm; the authority's own when none is given.
    pub algorithm: Option<Algorithm>,
    /// Validity.
    pub validity: Validity,
    /// Purposes of ExtendedKeyUsage, dotted decimal; none leaves the extension out.
    pub purposes: Option<Vec<String>>,
    /// First octet of KeyUsage (0x80 digitalSignature, 0x20 keyEncipherment); none leaves the extension out.
    pub key_usage: Option<u8>,
    /// BasicConstraints says it is an authority.
    pub authority: bool,
    /// Hosts of SubjectAltName: names and addresses.
    pub hosts: Vec<String>,
    /// Where the revocation list is; as the authority has it when none is given.
    pub crl_uris: Option<Vec<String>>,
    /// Further extensions: identifier, critical, content.
    pub further: Vec<(String, bool, Vec<u8>)>,
}

impl LeafRequest {
    /// For a SPOC that connects.
    #[must_use]
    pub fn client(country: &str, validity: Validity) -> Self {
        Self::of(country, Role::Client, CsnOrIcao::Csn, validity)
    }

    /// For a SPOC that is connected to at this host.
    #[must_use]
    pub fn server(country: &str, host: &str, validity: Validity) -> Self {
        Self { hosts: vec![host.to_owned()], ..Self::of(country, Role::Server, CsnOrIcao::Csn, validity) }
    }

    /// For either side.
    #[must_use]
    pub fn both(country: &str, host: &str, validity: Validity) -> Self {
        Self { hosts: vec![host.to_owned()], ..Self::of(country, Role::Both, CsnOrIcao::Csn, validity) }
    }

    /// With the role and the standard chosen.
    #[must_use]
    pub fn of(country: &str, role: Role, standard: CsnOrIcao, validity: Validity) -> Self {
        Self {
            countries: vec![country.to_owned()],
            common_name: format!("{country} SPOC"),
            algorithm: None,
            validity,
            purposes: Some(purposes(role, standard)),
            key_usage: Some(0xA0),
            authority: false,
            hosts: Vec::new(),
            crl_uris: None,
            further: Vec::new(),
        }
    }
}

/// The standard's purposes of a role, and those TLS libraries ask for.
fn purposes(role: Role, standard: CsnOrIcao) -> Vec<String> {
    let arc = match standard {
        CsnOrIcao::Csn => "1.2.203.7064.1.1.369791",
        CsnOrIcao::Icao => "2.23.136.1.1.10",
    };
    let client = [format!("{arc}.1"), TLS_CLIENT.to_owned()];
    let server = [format!("{arc}.2"), TLS_SERVER.to_owned()];
    match role {
        Role::Client => client.to_vec(),
        Role::Server => server.to_vec(),
        Role::Both => [client, server].concat(),
    }
}

/// The parts of a certificate that are the same for authorities and leaves.
pub(super) struct Template<'a> {
    pub(super) issuer: &'a [u8],
    pub(super) issuer_key: &'a SigningKey,
    pub(super) subject: &'a [u8],
    /// SubjectPublicKeyInfo, DER.
    pub(super) subject_key: &'a [u8],
    pub(super) serial: u32,
    pub(super) validity: Validity,
    /// Extensions beyond the key identifiers.
    pub(super) extensions: Vec<Vec<u8>>,
}

impl Template<'_> {
    /// The certificate, signed.
    pub(super) fn sign(&self) -> Result<Vec<u8>, DevelopmentError> {
        let algorithm = self.issuer_key.algorithm().identifier()?;
        let validity =
            der::sequence(&[&der::time(calendar(self.validity.from)?), &der::time(calendar(self.validity.until)?)]);
        let mut extensions = vec![
            extension("2.5.29.35", false, &authority_key_identifier(self.issuer_key)?)?,
            extension("2.5.29.14", false, &der::octet_string(&key_identifier(self.subject_key)?))?,
        ];
        extensions.extend(self.extensions.iter().cloned());
        let to_be_signed = der::sequence(&[
            &der::context(0, &der::number(2)),
            &der::number(self.serial),
            &algorithm,
            self.issuer,
            &validity,
            self.subject,
            self.subject_key,
            &der::context(3, &encode(Tag::SEQUENCE, &extensions.concat())),
        ]);
        signed(&to_be_signed, self.issuer_key)
    }
}

/// The extensions of a leaf.
pub(super) fn leaf_extensions(request: &LeafRequest, crl_uris: &[String]) -> Result<Vec<Vec<u8>>, DevelopmentError> {
    let mut all = Vec::new();
    if let Some(usage) = request.key_usage {
        let unused = u8::try_from(usage.trailing_zeros().min(7)).unwrap_or(0);
        all.push(extension("2.5.29.15", true, &encode(Tag::BIT_STRING, &[unused, usage]))?);
    }
    if request.authority {
        all.push(extension("2.5.29.19", true, &der::sequence(&[&encode(Tag::BOOLEAN, &[0xFF])]))?);
    }
    if let Some(purposes) = &request.purposes {
        let identifiers = purposes.iter().map(|purpose| der::oid(purpose)).collect::<Result<Vec<_>, _>>()?;
        all.push(extension("2.5.29.37", false, &encode(Tag::SEQUENCE, &identifiers.concat()))?);
    }
    if !request.hosts.is_empty() {
        let names: Vec<Vec<u8>> = request.hosts.iter().map(|host| general_name(host)).collect();
        all.push(extension("2.5.29.17", false, &encode(Tag::SEQUENCE, &names.concat()))?);
    }
    all.extend(distribution_points(request.crl_uris.as_deref().unwrap_or(crl_uris))?);
    for (oid, critical, value) in &request.further {
        all.push(extension(oid, *critical, value)?);
    }
    Ok(all)
}

/// The extensions of an authority; `path_length` authorities may follow, any number without.
pub(super) fn authority_extensions(
    path_length: Option<u32>,
    crl_uris: &[String],
) -> Result<Vec<Vec<u8>>, DevelopmentError> {
    let path_length = path_length.map(der::number).unwrap_or_default();
    let basic = der::sequence(&[&encode(Tag::BOOLEAN, &[0xFF]), &path_length]);
    let mut all = vec![
        extension("2.5.29.19", true, &basic)?,
        // keyCertSign and cRLSign
        extension("2.5.29.15", true, &encode(Tag::BIT_STRING, &[1, 0x06]))?,
    ];
    all.extend(distribution_points(crl_uris)?);
    Ok(all)
}

fn distribution_points(uris: &[String]) -> Result<Option<Vec<u8>>, DevelopmentError> {
    if uris.is_empty() {
        return Ok(None);
    }
    let points: Vec<Vec<u8>> = uris
        .iter()
        .map(|uri| der::context(0, &der::context(0, &der::context_primitive(6, uri.as_bytes()))))
        .map(|point| der::sequence(&[&point]))
        .collect();
    Ok(Some(extension("2.5.29.31", false, &encode(Tag::SEQUENCE, &points.concat()))?))
}

fn general_name(host: &str) -> Vec<u8> {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => der::context_primitive(7, &address.octets()),
        Ok(IpAddr::V6(address)) => der::context_primitive(7, &address.octets()),
        Err(_) => der::context_primitive(2, host.as_bytes()),
    }
}

pub(super) fn extension(oid: &str, critical: bool, value: &[u8]) -> Result<Vec<u8>, DevelopmentError> {
    let critical = if critical { encode(Tag::BOOLEAN, &[0xFF]) } else { Vec::new() };
    Ok(der::sequence(&[&der::oid(oid)?, &critical, &der::octet_string(value)]))
}

pub(super) fn signed(to_be_signed: &[u8], key: &SigningKey) -> Result<Vec<u8>, DevelopmentError> {
    let algorithm = key.algorithm().identifier()?;
    Ok(der::sequence(&[to_be_signed, &algorithm, &der::bit_string(&key.sign(to_be_signed)?)]))
}

/// SHA-1 of the public key (RFC 5280 §4.2.1.2, over the whole structure); it is a name, not a seal.
fn key_identifier(public_key_info: &[u8]) -> Result<Vec<u8>, DevelopmentError> {
    Ok(Digest::Sha1.digest(public_key_info)?)
}

pub(super) fn authority_key_identifier(key: &SigningKey) -> Result<Vec<u8>, DevelopmentError> {
    Ok(der::sequence(&[&der::context_primitive(0, &key_identifier(key.public_key_info())?)]))
}

/// `C=…,O=development.spoc,CN=…`
pub(super) fn name(countries: &[String], common_name: &str) -> Result<Vec<u8>, DevelopmentError> {
    let mut relative = Vec::new();
    for country in countries {
        relative.push(relative_name("2.5.4.6", &der::printable(country))?);
    }
    relative.push(relative_name("2.5.4.10", &der::utf8(&format!("{ORGANISATION}spoc")))?);
    relative.push(relative_name("2.5.4.3", &der::utf8(common_name))?);
    Ok(encode(Tag::SEQUENCE, &relative.concat()))
}

fn relative_name(oid: &str, value: &[u8]) -> Result<Vec<u8>, DevelopmentError> {
    Ok(encode(Tag::SET, &der::sequence(&[&der::oid(oid)?, value])))
}

pub(super) fn calendar(at: Timestamp) -> Result<OffsetDateTime, DevelopmentError> {
    Ok(OffsetDateTime::from_unix_timestamp(at.seconds())?)
}
