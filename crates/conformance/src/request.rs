//! Certificate requests: proper ones, and each of the ways in which one can be wrong.

use cvc::algorithm::Algorithm;
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue;
use cvc::private_key::{PrivateKey, Signer};
use cvc::public_key::ParameterForm;
use cvc::reference::Reference;
use cvc::tlv;
use cvc::{Certificate, Request};

use crate::cvca::{Generation, MakingError};

/// A DV key, and the request for a certificate of it.
#[derive(Debug)]
pub struct DvRequest {
    /// The key.
    pub key: PrivateKey,
    /// The reference asked for.
    pub chr: Reference,
    /// The request, signed with its key and not vouched for yet.
    pub inner: Request,
}

/// A DV certificate that was issued, with its key: what a successive request is signed with.
#[derive(Debug)]
pub struct HeldDv {
    /// The key.
    pub key: PrivateKey,
    /// The certificate.
    pub certificate: Certificate,
}

impl DvRequest {
    /// A request to the authority `car` for a new key of the kind of that authority's.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn new(authority: &cvc::PublicKey, car: Reference, chr: Reference) -> Result<Self, MakingError> {
        Self::with_key(PrivateKey::generate_like(authority)?, Some(car), chr)
    }

    /// A request for a key of another kind.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn of_kind(
        algorithm: Algorithm,
        curve: StandardisedCurve,
        car: Reference,
        chr: Reference,
    ) -> Result<Self, MakingError> {
        Self::with_key(PrivateKey::generate_ec(algorithm, curve)?, Some(car), chr)
    }

    /// A request for this key; `car` may be left out.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn with_key(key: PrivateKey, car: Option<Reference>, chr: Reference) -> Result<Self, MakingError> {
        let inner = issue::request(&key, car, chr, &[])?;
        Ok(Self { key, chr, inner })
    }

    /// A request whose key comes without its domain parameters.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn without_parameters(authority: &cvc::PublicKey, car: Reference, chr: Reference) -> Result<Self, MakingError> {
        let key = PrivateKey::generate_like(authority)?;
        let mut body = Vec::new();
        tlv::write(&mut body, 0x5F29, &[0])?;
        tlv::write(&mut body, 0x42, car.as_bytes())?;
        tlv::write(&mut body, 0x7F49, &key.public_key().encode(ParameterForm::Inherited)?)?;
        tlv::write(&mut body, 0x5F20, chr.as_bytes())?;
        let mut content = Vec::new();
        tlv::write(&mut content, 0x7F4E, &body)?;
        let signature = key.sign(&content)?;
        tlv::write(&mut content, 0x5F37, &signature)?;
        let mut der = Vec::new();
        tlv::write(&mut der, 0x7F21, &content)?;
        let inner = Request::parse(der.as_slice())?.to_owned();
        Ok(Self { key, chr, inner })
    }

    /// Vouched for by a CVCA of the state that asks.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn initial(&self, cvca: &Generation) -> Result<Vec<u8>, MakingError> {
        Ok(cvca.countersign(&self.inner)?.as_der().to_vec())
    }

    /// Vouched for by the certificate before.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn successive(&self, before: &HeldDv) -> Result<Vec<u8>, MakingError> {
        let request = issue::countersign(&before.key, before.certificate.chr(), &self.inner)?;
        Ok(request.as_der().to_vec())
    }

    /// Vouched for by nobody: signed outside by the key it asks a certificate for.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn vouching_for_itself(&self) -> Result<Vec<u8>, MakingError> {
        Ok(issue::countersign(&self.key, self.chr, &self.inner)?.as_der().to_vec())
    }

    /// With the inner signature spoilt, then vouched for.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn with_spoilt_inner_signature(&self, cvca: &Generation) -> Result<Vec<u8>, MakingError> {
        let spoilt = spoil_last_bit(self.inner.as_der());
        let request = Request::parse(spoilt.as_slice())?.to_owned();
        Ok(cvca.countersign(&request)?.as_der().to_vec())
    }
}

/// Turns the last bit of something signed: the last of its signature.
#[must_use]
pub fn spoil_last_bit(der: &[u8]) -> Vec<u8> {
    let mut spoilt = der.to_vec();
    if let Some(last) = spoilt.last_mut() {
        *last ^= 1;
    }
    spoilt
}

/// The same object with its outermost length written in more bytes than needed, which DER forbids.
#[must_use]
pub fn with_long_length(der: &[u8]) -> Vec<u8> {
    let Ok(mut reader) = tlv::Reader::new(der) else { return der.to_vec() };
    let Ok(element) = reader.expect(0x67) else { return der.to_vec() };
    let value = &der[element.value];
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut long = vec![0x67, 0x84];
    long.extend_from_slice(&length);
    long.extend_from_slice(value);
    long
}

#[cfg(test)]
mod tests {
    use super::{DvRequest, HeldDv, spoil_last_bit, with_long_length};
    use crate::cvca::Cvca;
    use cvc::{AuthenticatedRequest, Signer};
    use time::macros::date;

    #[test]
    fn each_request_is_wrong_in_one_way_alone() {
        let cvca = Cvca::found("XA", cvc::StandardisedCurve::P256, date!(2026 - 03 - 01)).unwrap();
        let partner = &cvca.current;
        let key = partner.key.public_key();
        let (car, chr) = (partner.reference(), "XADVKIT00001".parse().unwrap());
        let request = DvRequest::new(key, car, chr).unwrap();

        let good = request.initial(partner).unwrap();
        let parsed = AuthenticatedRequest::parse(good.as_slice()).unwrap();
        parsed.request().verify_inner().unwrap();
        parsed.verify_outer(key).unwrap();

        let inner_spoilt = request.with_spoilt_inner_signature(partner).unwrap();
        let parsed = AuthenticatedRequest::parse(inner_spoilt.as_slice()).unwrap();
        parsed.request().verify_inner().unwrap_err();
        parsed.verify_outer(key).unwrap();

        let outer_spoilt = spoil_last_bit(&good);
        let parsed = AuthenticatedRequest::parse(outer_spoilt.as_slice()).unwrap();
        parsed.request().verify_inner().unwrap();
        parsed.verify_outer(key).unwrap_err();

        let bare = DvRequest::without_parameters(key, car, chr).unwrap();
        assert!(!bare.inner.public_key().has_parameters());
        AuthenticatedRequest::parse(bare.initial(partner).unwrap().as_slice()).unwrap();

        AuthenticatedRequest::parse(with_long_length(&good).as_slice()).unwrap_err();
        let held = HeldDv { key: request.key, certificate: partner.root.clone() };
        let next = DvRequest::new(key, car, "XADVKIT00002".parse().unwrap()).unwrap();
        assert_eq!(
            AuthenticatedRequest::parse(next.successive(&held).unwrap().as_slice()).unwrap().outer_car(),
            partner.reference()
        );
    }
}
