//! A country signing certification authority of a made-up state: certificates and revocation lists (Doc 9303-12 §7).

use time::{Date, OffsetDateTime};

use super::algorithm::{Algorithm, SigningKey};
use super::cms::Signatory;
use super::{BuilderError, Digest, der};
use crate::asn1::{Tag, encode};

/// A state by its codes. They are made up unless a test wants a wrong one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// ISO 3166-1 alpha-2, as certificates carry it: `UT`.
    pub alpha2: String,
    /// ICAO's code, as the machine readable zone carries it: `UTO`.
    pub icao: String,
    /// Name for people.
    pub name: String,
}

impl State {
    /// Utopia, the state of ICAO's specimens.
    #[must_use]
    pub fn utopia() -> Self {
        Self::new("UT", "UTO", "Utopia")
    }

    /// A state from its codes.
    #[must_use]
    pub fn new(alpha2: &str, icao: &str, name: &str) -> Self {
        Self { alpha2: alpha2.into(), icao: icao.into(), name: name.into() }
    }
}

/// First and last day a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From the first second of this day,
    pub from: Date,
    /// until the last second of this day.
    pub until: Date,
}

impl Validity {
    /// A validity from `from` for so many days.
    #[must_use]
    pub fn days(from: Date, days: i64) -> Self {
        Self { from, until: from + time::Duration::days(days) }
    }
}

/// The authority: its key, its certificate and its count of serial numbers.
#[derive(Clone, Debug)]
pub struct Csca {
    state: State,
    generation: u32,
    signatory: Signatory,
    name: Vec<u8>,
    next_serial: u32,
}

/// What a certificate is for; decides its extensions.
enum Purpose<'a> {
    Authority,
    DocumentSigner(&'a [&'a str]),
    ListSigner(&'a str),
}

impl Csca {
    /// A new authority with a self-signed certificate.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn create(state: State, algorithm: Algorithm, validity: Validity) -> Result<Self, BuilderError> {
        Self::of_generation(state, 1, algorithm, validity)
    }

    fn of_generation(
        state: State,
        generation: u32,
        algorithm: Algorithm,
        validity: Validity,
    ) -> Result<Self, BuilderError> {
        let key = SigningKey::generate(algorithm)?;
        let name = authority_name(&state, generation)?;
        let serial = der::number(1);
        let purpose = Purpose::Authority;
        let certificate = certificate(&Template {
            issuer: &name,
            issuer_key: &key,
            issuer_state: &state,
            subject: &name,
            subject_key: &key,
            serial: &serial,
            validity,
            purpose,
        })?;
        let signatory = Signatory { key, certificate, issuer: name.clone(), serial };
        Ok(Self { state, generation, signatory, name, next_serial: 2 })
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The self-signed certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.signatory.certificate
    }

    /// The key, for certificates that a test wants wrong.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.signatory.key
    }

    /// The next generation with a new key, and the link certificate by which this one vouches for it (Doc 9303-12 §3).
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn renew(&mut self, algorithm: Algorithm, validity: Validity) -> Result<(Self, Vec<u8>), BuilderError> {
        let next = Self::of_generation(self.state.clone(), self.generation + 1, algorithm, validity)?;
        let serial = self.serial();
        let link = certificate(&Template {
            issuer: &self.name,
            issuer_key: &self.signatory.key,
            issuer_state: &self.state,
            subject: &next.name,
            subject_key: &next.signatory.key,
            serial: &serial,
            validity,
            purpose: Purpose::Authority,
        })?;
        Ok((next, link))
    }

    /// A document signer for documents of these codes (`P`, `ID`…; Doc 9303-12 §7.1.1.6).
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn document_signer(
        &mut self,
        algorithm: Algorithm,
        validity: Validity,
        document_types: &[&str],
    ) -> Result<DocumentSigner, BuilderError> {
        let serial_number = format!("{:05}", self.next_serial);
        let subject = name(&self.state, "Document Signer", Some(&serial_number))?;
        Ok(DocumentSigner(self.issue(algorithm, validity, &subject, Purpose::DocumentSigner(document_types))?))
    }

    /// A signer of master lists: extended key usage 2.23.136.1.1.3 (Doc 9303-12 §7.1).
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn master_list_signer(&mut self, algorithm: Algorithm, validity: Validity) -> Result<ListSigner, BuilderError> {
        let subject = name(&self.state, "Master List Signer", None)?;
        Ok(ListSigner(self.issue(algorithm, validity, &subject, Purpose::ListSigner("2.23.136.1.1.3"))?))
    }

    /// A signer of defect lists: extended key usage 0.4.0.127.0.7.3.11.2.1.2.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn defect_list_signer(&mut self, algorithm: Algorithm, validity: Validity) -> Result<ListSigner, BuilderError> {
        let subject = name(&self.state, "Defect List Signer", None)?;
        Ok(ListSigner(self.issue(algorithm, validity, &subject, Purpose::ListSigner("0.4.0.127.0.7.3.11.2.1.2"))?))
    }

    /// A revocation list (Doc 9303-12 §7.1.4) over certificates named by their serial numbers, each since a day.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn revocation_list(
        &self,
        number: u32,
        this_update: OffsetDateTime,
        next_update: OffsetDateTime,
        revoked: &[(&SerialNumber, Date)],
    ) -> Result<Vec<u8>, BuilderError> {
        let entries: Vec<Vec<u8>> = revoked
            .iter()
            .map(|(serial, since)| der::sequence(&[&serial.0, &der::time(der::start_of(*since))]))
            .collect();
        let entries = if entries.is_empty() { Vec::new() } else { encode(Tag::SEQUENCE, &entries.concat()) };
        let extensions = [
            extension("2.5.29.35", false, &authority_key_identifier(&self.signatory.key)?)?,
            extension("2.5.29.20", false, &der::number(number))?,
        ]
        .concat();
        let algorithm = self.signatory.key.algorithm().identifier()?;
        let to_be_signed = der::sequence(&[
            &der::number(1),
            &algorithm,
            &self.name,
            &der::time(this_update),
            &der::time(next_update),
            &entries,
            &der::context(0, &encode(Tag::SEQUENCE, &extensions)),
        ]);
        signed(&to_be_signed, &algorithm, &self.signatory.key)
    }

    fn serial(&mut self) -> Vec<u8> {
        let serial = der::number(self.next_serial);
        self.next_serial += 1;
        serial
    }

    fn issue(
        &mut self,
        algorithm: Algorithm,
        validity: Validity,
        subject: &[u8],
        purpose: Purpose<'_>,
    ) -> Result<Signatory, BuilderError> {
        let key = SigningKey::generate(algorithm)?;
        let serial = self.serial();
        let certificate = certificate(&Template {
            issuer: &self.name,
            issuer_key: &self.signatory.key,
            issuer_state: &self.state,
            subject,
            subject_key: &key,
            serial: &serial,
            validity,
            purpose,
        })?;
        Ok(Signatory { key, certificate, issuer: self.name.clone(), serial })
    }
}

/// A certificate's serial number within its issuer, as a DER INTEGER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialNumber(pub(super) Vec<u8>);

/// A document signer with its key.
#[derive(Clone, Debug)]
pub struct DocumentSigner(pub(super) Signatory);

impl DocumentSigner {
    /// Its certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// Its certificate's serial number, for a revocation list.
    #[must_use]
    pub fn serial_number(&self) -> SerialNumber {
        SerialNumber(self.0.serial.clone())
    }

    pub(super) fn issuer_and_serial(&self) -> Vec<u8> {
        self.0.issuer_and_serial()
    }
}

/// A signer of master lists or defect lists with its key.
#[derive(Clone, Debug)]
pub struct ListSigner(pub(super) Signatory);

impl ListSigner {
    /// Its certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }
}

struct Template<'a> {
    issuer: &'a [u8],
    issuer_key: &'a SigningKey,
    issuer_state: &'a State,
    subject: &'a [u8],
    subject_key: &'a SigningKey,
    serial: &'a [u8],
    validity: Validity,
    purpose: Purpose<'a>,
}

fn certificate(template: &Template<'_>) -> Result<Vec<u8>, BuilderError> {
    let algorithm = template.issuer_key.algorithm().identifier()?;
    let validity = der::sequence(&[
        &der::time(der::start_of(template.validity.from)),
        &der::time(der::end_of(template.validity.until)),
    ]);
    let to_be_signed = der::sequence(&[
        &der::context(0, &der::number(2)),
        template.serial,
        &algorithm,
        template.issuer,
        &validity,
        template.subject,
        template.subject_key.public_key_info(),
        &der::context(3, &encode(Tag::SEQUENCE, &extensions(template)?)),
    ]);
    signed(&to_be_signed, &algorithm, template.issuer_key)
}

fn signed(to_be_signed: &[u8], algorithm: &[u8], key: &SigningKey) -> Result<Vec<u8>, BuilderError> {
    Ok(der::sequence(&[to_be_signed, algorithm, &der::bit_string(&key.sign(to_be_signed)?)]))
}

/// The certificate profile of Doc 9303-12 §7.1.
fn extensions(template: &Template<'_>) -> Result<Vec<u8>, BuilderError> {
    let subject_key_identifier = der::octet_string(&key_identifier(template.subject_key)?);
    let state = template.issuer_state;
    let place = encode(
        Tag::SEQUENCE,
        &der::context(4, &der::sequence(&[&relative_name("2.5.4.7", &der::printable(&state.icao))?])),
    );
    let distribution = format!("http://pki.{}.invalid/csca.crl", state.alpha2.to_ascii_lowercase());
    let point = der::context(0, &der::context(0, &der::context_primitive(6, distribution.as_bytes())));
    let key_usage_period = der::sequence(&[
        &der::context_primitive(0, der::generalized(der::start_of(template.validity.from)).as_bytes()),
        &der::context_primitive(1, der::generalized(der::end_of(template.validity.until)).as_bytes()),
    ]);
    let mut all = vec![
        extension("2.5.29.35", false, &authority_key_identifier(template.issuer_key)?)?,
        extension("2.5.29.14", false, &subject_key_identifier)?,
        extension("2.5.29.16", false, &key_usage_period)?,
        extension("2.5.29.17", false, &place)?,
        extension("2.5.29.18", false, &place)?,
        extension("2.5.29.31", false, &der::sequence(&[&der::sequence(&[&point])]))?,
    ];
    match &template.purpose {
        Purpose::Authority => {
            all.push(extension("2.5.29.15", true, &encode(Tag::BIT_STRING, &[1, 0x06]))?);
            let basic = der::sequence(&[&encode(Tag::BOOLEAN, &[0xFF]), &der::number(0)]);
            all.push(extension("2.5.29.19", true, &basic)?);
        }
        Purpose::DocumentSigner(types) => {
            all.push(extension("2.5.29.15", true, &encode(Tag::BIT_STRING, &[7, 0x80]))?);
            let codes = der::set_of(types.iter().map(|code| der::printable(code)).collect());
            all.push(extension("2.23.136.1.1.6.2", false, &der::sequence(&[&der::number(0), &codes]))?);
        }
        Purpose::ListSigner(usage) => {
            all.push(extension("2.5.29.15", true, &encode(Tag::BIT_STRING, &[7, 0x80]))?);
            all.push(extension("2.5.29.37", true, &der::sequence(&[&der::oid(usage)?]))?);
        }
    }
    Ok(all.concat())
}

fn extension(oid: &str, critical: bool, value: &[u8]) -> Result<Vec<u8>, BuilderError> {
    let critical = if critical { encode(Tag::BOOLEAN, &[0xFF]) } else { Vec::new() };
    Ok(der::sequence(&[&der::oid(oid)?, &critical, &der::octet_string(value)]))
}

/// SHA-1 of the public key, the first method of RFC 5280 §4.2.1.2 over the whole structure; it is a name, not a seal.
fn key_identifier(key: &SigningKey) -> Result<Vec<u8>, BuilderError> {
    Ok(Digest::Sha1.digest(key.public_key_info())?)
}

fn authority_key_identifier(key: &SigningKey) -> Result<Vec<u8>, BuilderError> {
    Ok(der::sequence(&[&der::context_primitive(0, &key_identifier(key)?)]))
}

fn authority_name(state: &State, generation: u32) -> Result<Vec<u8>, BuilderError> {
    name(state, "Country Signing CA", Some(&format!("{generation:03}")))
}

fn name(state: &State, common_name: &str, serial_number: Option<&str>) -> Result<Vec<u8>, BuilderError> {
    let mut relative = vec![
        relative_name("2.5.4.6", &der::printable(&state.alpha2))?,
        relative_name("2.5.4.10", &der::utf8(&format!("{} (made up)", state.name)))?,
        relative_name("2.5.4.3", &der::utf8(common_name))?,
    ];
    if let Some(serial_number) = serial_number {
        relative.push(relative_name("2.5.4.5", &der::printable(serial_number))?);
    }
    Ok(encode(Tag::SEQUENCE, &relative.concat()))
}

fn relative_name(oid: &str, value: &[u8]) -> Result<Vec<u8>, BuilderError> {
    Ok(encode(Tag::SET, &der::sequence(&[&der::oid(oid)?, value])))
}
