//! The authority: a key, a certificate, a count of serial numbers, and whom it revoked.

use emrtd::asn1::{Tag, encode};
use emrtd::builder::{Algorithm, Digest, SigningKey, der};
use emrtd::x509::{Certificate, Fingerprint};
use straznica_types::Timestamp;

use super::template::{
    LeafRequest, Template, authority_extensions, authority_key_identifier, calendar, extension, leaf_extensions, name,
    signed,
};
use super::{DevelopmentError, Validity};

/// An authority of a made-up state.
#[derive(Clone, Debug)]
pub struct Authority {
    country: String,
    key: SigningKey,
    name: Vec<u8>,
    certificate: Vec<u8>,
    /// Certificates between it and its root, its own first; empty for a root.
    above: Vec<Vec<u8>>,
    crl_uris: Vec<String>,
    next_serial: u32,
    revoked: Vec<(u32, Timestamp)>,
}

/// A certificate that was issued, with its key.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificates that lead to the root, the root left out, DER.
    pub above: Vec<Vec<u8>>,
    /// The key.
    pub key: SigningKey,
    serial: u32,
}

impl Issued {
    /// What its holder presents: its certificate and those that lead to the root.
    #[must_use]
    pub fn presented(&self) -> Vec<Vec<u8>> {
        [std::slice::from_ref(&self.certificate), &self.above].concat()
    }
}

/// What can be wrong with the form of a revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrlFault {
    /// It tells changes only.
    Delta,
    /// It tells of certificates of other issuers too.
    Indirect,
}

impl Authority {
    /// A root. `path_length` authorities may be below it, any number without. Its lists are at `crl_uris`.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn root(
        country: &str,
        common_name: &str,
        algorithm: Algorithm,
        validity: Validity,
        path_length: Option<u32>,
        crl_uris: Vec<String>,
    ) -> Result<Self, DevelopmentError> {
        let key = SigningKey::generate(algorithm)?;
        let name = name(&[country.to_owned()], common_name)?;
        let certificate = Template {
            issuer: &name,
            issuer_key: &key,
            subject: &name,
            subject_key: key.public_key_info(),
            serial: 1,
            validity,
            extensions: authority_extensions(path_length, &[])?,
        }
        .sign()?;
        Ok(Self {
            country: country.to_owned(),
            key,
            name,
            certificate,
            above: Vec::new(),
            crl_uris,
            next_serial: 2,
            revoked: Vec::new(),
        })
    }

    /// A root made before, from its certificate and key. `next_serial` has to be beyond every serial number it gave.
    ///
    /// # Errors
    /// [`DevelopmentError`] when the certificate cannot be read.
    pub fn restore(
        country: &str,
        certificate: Vec<u8>,
        key: SigningKey,
        crl_uris: Vec<String>,
        next_serial: u32,
    ) -> Result<Self, DevelopmentError> {
        let name = Certificate::parse(&certificate)?.subject().der().to_vec();
        let (country, above, revoked) = (country.to_owned(), Vec::new(), Vec::new());
        Ok(Self { country, key, name, certificate, above, crl_uris, next_serial, revoked })
    }

    /// The key, to be kept with the certificate.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// An authority below this one.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn subordinate(
        &mut self,
        common_name: &str,
        algorithm: Algorithm,
        validity: Validity,
        path_length: Option<u32>,
        crl_uris: Vec<String>,
    ) -> Result<Self, DevelopmentError> {
        let key = SigningKey::generate(algorithm)?;
        let name = name(std::slice::from_ref(&self.country), common_name)?;
        let certificate = self.vouch(&name, &key, validity, path_length)?;
        let above = [std::slice::from_ref(&certificate), &self.above].concat();
        let country = self.country.clone();
        Ok(Self { country, key, name, certificate, above, crl_uris, next_serial: 2, revoked: Vec::new() })
    }

    /// The link certificate by which this root vouches for a new one (Doc 9303-12 §3.2).
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn link_to(&mut self, new: &Self, validity: Validity) -> Result<Vec<u8>, DevelopmentError> {
        let (name, key) = (new.name.clone(), new.key.clone());
        self.vouch(&name, &key, validity, Some(0))
    }

    fn vouch(
        &mut self,
        subject: &[u8],
        key: &SigningKey,
        validity: Validity,
        path_length: Option<u32>,
    ) -> Result<Vec<u8>, DevelopmentError> {
        let serial = self.serial();
        Template {
            issuer: &self.name,
            issuer_key: &self.key,
            subject,
            subject_key: key.public_key_info(),
            serial,
            validity,
            extensions: authority_extensions(path_length, &self.crl_uris)?,
        }
        .sign()
    }

    /// Whoever holds a certificate, playing an authority that it is not.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn impostor(issued: &Issued) -> Result<Self, DevelopmentError> {
        let certificate = Certificate::parse(&issued.certificate)?;
        Ok(Self {
            country: certificate.subject().country().unwrap_or_default().to_owned(),
            key: issued.key.clone(),
            name: certificate.subject().der().to_vec(),
            certificate: issued.certificate.clone(),
            above: issued.presented(),
            crl_uris: Vec::new(),
            next_serial: 2,
            revoked: Vec::new(),
        })
    }

    /// Its name and key under its own signature, as a root has them.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn own_root(&self, validity: Validity) -> Result<Vec<u8>, DevelopmentError> {
        Template {
            issuer: &self.name,
            issuer_key: &self.key,
            subject: &self.name,
            subject_key: self.key.public_key_info(),
            serial: 1,
            validity,
            extensions: authority_extensions(None, &[])?,
        }
        .sign()
    }

    /// From now on it signs over another hash, a weak one for instance.
    pub fn sign_over(&mut self, digest: Digest) {
        self.key = self.key.clone().with_digest(digest);
    }

    /// A certificate of a SPOC with a new key.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn issue(&mut self, request: &LeafRequest) -> Result<Issued, DevelopmentError> {
        let key = SigningKey::generate(request.algorithm.unwrap_or(self.key.algorithm()))?;
        let serial = self.serial();
        let certificate = self.certify(request, serial, key.public_key_info())?;
        Ok(Issued { certificate, above: self.above.clone(), key, serial })
    }

    /// A certificate for a key somebody else holds, by its SubjectPublicKeyInfo (DER), and those that lead to the root.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn issue_to(
        &mut self,
        request: &LeafRequest,
        public_key_info: &[u8],
    ) -> Result<Vec<Vec<u8>>, DevelopmentError> {
        let serial = self.serial();
        let certificate = self.certify(request, serial, public_key_info)?;
        Ok([&[certificate][..], &self.above].concat())
    }

    fn certify(&self, request: &LeafRequest, serial: u32, subject_key: &[u8]) -> Result<Vec<u8>, DevelopmentError> {
        Template {
            issuer: &self.name,
            issuer_key: &self.key,
            subject: &name(&request.countries, &request.common_name)?,
            subject_key,
            serial,
            validity: request.validity,
            extensions: leaf_extensions(request, &self.crl_uris)?,
        }
        .sign()
    }

    /// Puts a certificate it issued on its lists to come.
    pub fn revoke(&mut self, issued: &Issued, on: Timestamp) {
        self.revoked.push((issued.serial, on));
    }

    /// A revocation list, DER. Without `next_update` it does not say when the next one is due.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn crl(&self, this_update: Timestamp, next_update: Option<Timestamp>) -> Result<Vec<u8>, DevelopmentError> {
        self.crl_with(this_update, next_update, 1, None)
    }

    /// A revocation list with a number of its own; [`Self::crl`] gives all the same one.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn numbered_crl(
        &self,
        this_update: Timestamp,
        next_update: Timestamp,
        number: u32,
    ) -> Result<Vec<u8>, DevelopmentError> {
        self.crl_with(this_update, Some(next_update), number, None)
    }

    /// A revocation list that is none to be relied on.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn faulty_crl(
        &self,
        this_update: Timestamp,
        next_update: Timestamp,
        fault: CrlFault,
    ) -> Result<Vec<u8>, DevelopmentError> {
        self.crl_with(this_update, Some(next_update), 1, Some(fault))
    }

    fn crl_with(
        &self,
        this_update: Timestamp,
        next_update: Option<Timestamp>,
        number: u32,
        fault: Option<CrlFault>,
    ) -> Result<Vec<u8>, DevelopmentError> {
        let mut entries = Vec::new();
        for (serial, on) in &self.revoked {
            entries.extend(der::sequence(&[&der::number(*serial), &der::time(calendar(*on)?)]));
        }
        let entries = if entries.is_empty() { entries } else { encode(Tag::SEQUENCE, &entries) };
        let mut extensions = vec![
            extension("2.5.29.35", false, &authority_key_identifier(&self.key)?)?,
            extension("2.5.29.20", false, &der::number(number))?,
        ];
        match fault {
            Some(CrlFault::Delta) => extensions.push(extension("2.5.29.27", true, &der::number(1))?),
            Some(CrlFault::Indirect) => {
                let indirect = der::sequence(&[&der::context_primitive(4, &[0xFF])]);
                extensions.push(extension("2.5.29.28", true, &indirect)?);
            }
            None => {}
        }
        let next_update = next_update.map(calendar).transpose()?.map(der::time).unwrap_or_default();
        let to_be_signed = der::sequence(&[
            &der::number(1),
            &self.key.algorithm().identifier()?,
            &self.name,
            &der::time(calendar(this_update)?),
            &next_update,
            &entries,
            &der::context(0, &encode(Tag::SEQUENCE, &extensions.concat())),
        ]);
        signed(&to_be_signed, &self.key)
    }

    /// Its certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// SHA-256 of its certificate, as officers compare it.
    ///
    /// # Errors
    /// [`DevelopmentError`]
    pub fn fingerprint(&self) -> Result<Fingerprint, DevelopmentError> {
        Ok(Certificate::parse(&self.certificate)?.fingerprint())
    }

    fn serial(&mut self) -> u32 {
        let serial = self.next_serial;
        self.next_serial += 1;
        serial
    }
}
