//! Throw-away certificates of every kind of key a SPOC may have.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509NameBuilder, X509Ref};

use crate::soap::SoapCredentials;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    P256,
    P384,
    Brainpool256,
    /// Curve written out in full, as in many CSCAs.
    BrainpoolExplicit,
    Rsa,
}

impl Kind {
    fn key(self) -> PKey<Private> {
        let curve = match self {
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
            Self::Brainpool256 | Self::BrainpoolExplicit => Nid::BRAINPOOL_P256R1,
            Self::Rsa => return PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        };
        let mut group = EcGroup::from_curve_name(curve).unwrap();
        let explicit = self == Self::BrainpoolExplicit;
        group.set_asn1_flag(if explicit { Asn1Flag::EXPLICIT_CURVE } else { Asn1Flag::NAMED_CURVE });
        PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
    }
}

/// A state's authority: a root and an intermediate below it.
pub(super) struct Authority {
    country: &'static str,
    pub(super) root: X509,
    intermediate: (X509, PKey<Private>),
}

/// A certificate with its key and what leads to the root.
pub(super) struct Issued {
    pub(super) chain: Vec<X509>,
    pub(super) key: PKey<Private>,
}

impl Issued {
    pub(super) fn credentials(&self) -> SoapCredentials {
        let chain: Vec<_> = self.chain.iter().map(|certificate| certificate.to_der().unwrap()).collect();
        SoapCredentials::from_der(&chain, &self.key.private_key_to_pkcs8().unwrap()).unwrap()
    }

    pub(super) fn ders(&self) -> Vec<Vec<u8>> {
        self.chain.iter().map(|certificate| certificate.to_der().unwrap()).collect()
    }

    pub(super) fn chain_pem(&self) -> Vec<u8> {
        self.chain.iter().flat_map(|certificate| certificate.to_pem().unwrap()).collect()
    }
}

pub(super) enum For {
    Client,
    Server,
}

impl Authority {
    /// Root of one kind; everything below it of the same.
    pub(super) fn new(country: &'static str, kind: Kind) -> Self {
        let key = kind.key();
        let mut builder = begin(country, "SPOC root", &key);
        builder.set_issuer_name(builder_name(country, "SPOC root").as_ref()).unwrap();
        certificate_authority(&mut builder);
        key_identifiers(&mut builder, None);
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        let root = builder.build();
        let below = kind.key();
        let mut builder = begin(country, "SPOC CA", &below);
        builder.set_issuer_name(root.subject_name()).unwrap();
        certificate_authority(&mut builder);
        key_identifiers(&mut builder, Some(&root));
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { country, root, intermediate: (builder.build(), below) }
    }

    /// A SPOC's certificate.
    pub(super) fn issue(&self, kind: Kind, purpose: For) -> Issued {
        let key = kind.key();
        let mut builder = begin(self.country, "SPOC", &key);
        let (issuer, issuer_key) = &self.intermediate;
        builder.set_issuer_name(issuer.subject_name()).unwrap();
        let mut usage = ExtendedKeyUsage::new();
        usage.other(match purpose {
            For::Client => "1.2.203.7064.1.1.369791.1",
            For::Server => "1.2.203.7064.1.1.369791.2",
        });
        // What other TLS libraries look for; ours looks for the above.
        usage.client_auth().server_auth();
        builder.append_extension(usage.build().unwrap()).unwrap();
        // keyEncipherment: without it a key cannot serve the RSA suites.
        builder.append_extension(KeyUsage::new().digital_signature().key_encipherment().build().unwrap()).unwrap();
        let context = builder.x509v3_context(Some(issuer), None);
        let names = SubjectAlternativeName::new().ip("127.0.0.1").dns("localhost").build(&context).unwrap();
        builder.append_extension(names).unwrap();
        key_identifiers(&mut builder, Some(issuer));
        builder.sign(issuer_key, MessageDigest::sha256()).unwrap();
        Issued { chain: vec![builder.build(), issuer.clone()], key }
    }
}

fn begin(country: &str, name: &str, key: &PKey<Private>) -> X509Builder {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(64, MsbOption::MAYBE_ZERO, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(365).unwrap()).unwrap();
    builder.set_subject_name(builder_name(country, name).as_ref()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
}

fn builder_name(country: &str, name: &str) -> openssl::x509::X509Name {
    let mut builder = X509NameBuilder::new().unwrap();
    builder.append_entry_by_nid(Nid::COUNTRYNAME, country).unwrap();
    builder.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    builder.build()
}

fn certificate_authority(builder: &mut X509Builder) {
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build().unwrap()).unwrap();
}

/// Of the subject, and of the issuer where there is another one.
fn key_identifiers(builder: &mut X509Builder, issuer: Option<&X509Ref>) {
    let context = builder.x509v3_context(issuer, None);
    let own = SubjectKeyIdentifier::new().build(&context).unwrap();
    builder.append_extension(own).unwrap();
    if issuer.is_some() {
        let context = builder.x509v3_context(issuer, None);
        let issuer = AuthorityKeyIdentifier::new().keyid(true).build(&context).unwrap();
        builder.append_extension(issuer).unwrap();
    }
}
