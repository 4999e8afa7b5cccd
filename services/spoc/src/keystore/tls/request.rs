//! Requests for certificates of TLS keys (PKCS#10, RFC 2986).

use std::cell::RefCell;

use rcgen::{
    CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose, KeyUsagePurpose, PublicKeyData,
    string::PrintableString,
};

use super::{StoreKey, Suite};
use crate::keystore::KeyStoreError;

/// Client and server of a SPOC by CSN 36 9791, then by Doc 9303-12 §8: whose partner looks for which, no requester knows.
const SPOC_USAGES: [&[u64]; 4] = [
    &[1, 2, 203, 7064, 1, 1, 369_791, 1],
    &[1, 2, 203, 7064, 1, 1, 369_791, 2],
    &[2, 23, 136, 1, 1, 10, 1],
    &[2, 23, 136, 1, 1, 10, 2],
];

/// Whom a TLS certificate of the exchange names.
#[derive(Debug, Clone, Copy)]
pub struct TlsSubject<'a> {
    /// ISO 3166-1 alpha-2: partners hold the callerID against it.
    pub country: &'a str,
    /// The authority.
    pub organisation: &'a str,
    /// The SPOC's name.
    pub common_name: &'a str,
    /// DNS name or address partners reach the SPOC by.
    pub host: &'a str,
}

pub(super) fn make(key: &StoreKey, subject: &TlsSubject<'_>) -> Result<Vec<u8>, KeyStoreError> {
    let mut parameters = CertificateParams::new([subject.host.to_owned()]).map_err(KeyStoreError::Subject)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    // A country is a PrintableString (RFC 5280 appendix A.1, X520countryName), everything else UTF-8.
    let country = PrintableString::try_from(subject.country).map_err(KeyStoreError::Subject)?;
    parameters.distinguished_name.push(DnType::CountryName, DnValue::PrintableString(country));
    for (kind, text) in [(DnType::OrganizationName, subject.organisation), (DnType::CommonName, subject.common_name)] {
        parameters.distinguished_name.push(kind, text);
    }
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages =
        SPOC_USAGES.iter().map(|usage| ExtendedKeyUsagePurpose::Other(usage.to_vec())).collect();
    let requester = Requester { key, failure: RefCell::new(None) };
    match parameters.serialize_request(&requester) {
        Ok(request) => Ok(request.der().to_vec()),
        Err(refusal) => Err(requester.failure.into_inner().unwrap_or(KeyStoreError::Subject(refusal))),
    }
}

/// The key as rcgen sees it; rcgen's own error has no room for why a key does not sign.
struct Requester<'a> {
    key: &'a StoreKey,
    failure: RefCell<Option<KeyStoreError>>,
}

impl PublicKeyData for StoreKey {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.suite {
            Suite::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Suite::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        }
    }
}

impl PublicKeyData for Requester<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        PublicKeyData::algorithm(self.key)
    }
}

impl rcgen::SigningKey for Requester<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key.sign_message(message).map_err(|failure| {
            *self.failure.borrow_mut() = Some(failure);
            rcgen::Error::RemoteKeyError
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use straznica_types::Environment;
    use x509_parser::{
        certification_request::X509CertificationRequest,
        extensions::{GeneralName, ParsedExtension},
        prelude::FromDer,
    };

    use super::TlsSubject;
    use crate::{
        config::KeyStoreConfig,
        keystore::{KeyRole, KeyStoreError, open, tls_certificate_request, tls_key_kind},
    };

    #[test]
    fn a_request_is_signed_by_its_key_and_asks_for_what_partners_look_for() {
        let directory = tempfile::tempdir().unwrap();
        let config = KeyStoreConfig { directory: directory.path().join("keys"), ..KeyStoreConfig::default() };
        let store = open(&config, Environment::Test, "PL").unwrap();
        let key = store.generate(KeyRole::ExchangeTls, &tls_key_kind()).unwrap().handle;
        let subject = TlsSubject {
            country: "PL",
            organisation: "Straż Graniczna",
            common_name: "SPOC Poland",
            host: "spoc.example.pl",
        };
        let request = tls_certificate_request(Arc::clone(&store), key.clone(), &subject).unwrap();
        let (rest, request) = X509CertificationRequest::from_der(&request).unwrap();
        assert!(rest.is_empty());
        request.verify_signature().unwrap();
        assert_eq!(request.certification_request_info.subject.to_string(), "C=PL, O=Straż Graniczna, CN=SPOC Poland");
        let extensions: Vec<_> = request.requested_extensions().unwrap().collect();
        let usages = extensions.iter().find_map(|one| match one {
            ParsedExtension::ExtendedKeyUsage(usage) => Some(usage.other.iter().map(ToString::to_string).collect()),
            _ => None,
        });
        let expected =
            ["1.2.203.7064.1.1.369791.1", "1.2.203.7064.1.1.369791.2", "2.23.136.1.1.10.1", "2.23.136.1.1.10.2"];
        assert_eq!(usages, Some(expected.map(str::to_owned).to_vec()));
        let names = extensions.iter().find_map(|one| match one {
            ParsedExtension::SubjectAlternativeName(names) => Some(names.general_names.clone()),
            _ => None,
        });
        assert_eq!(names, Some(vec![GeneralName::DNSName("spoc.example.pl")]));

        let nonsense = TlsSubject { host: "spöc.example.pl", ..subject };
        let refusal = tls_certificate_request(Arc::clone(&store), key.clone(), &nonsense).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::Subject(_)), "{refusal:?}");
        store.delete(&key).unwrap();
        let refusal = tls_certificate_request(store, key, &subject).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::Unknown(_)), "{refusal:?}");
    }
}
