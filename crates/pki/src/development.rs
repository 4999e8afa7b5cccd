//! A certificate authority for demo, training and tests.

use std::{
    fs,
    io::{self, Write},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::rand;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams,
    SanType, SerialNumber,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, pem::PemObject};
use straznica_types::{SharedClock, Timestamp, check_name};
use time::OffsetDateTime;
use x509_parser::{prelude::FromDer, revocation_list::CertificateRevocationList};

use crate::{
    DEVELOPMENT_PREFIX,
    error::{CertificateError, MaterialError},
    identity::{PeerIdentity, PeerRole, check_trust_domain, spiffe_id},
    material::{TlsFiles, TlsMaterial},
};

const CA_LIFE: Duration = Duration::from_secs(10 * 365 * 86_400);
const CERTIFICATE_LIFE: Duration = Duration::from_secs(90 * 86_400);
/// Clocks differ, and tests move theirs back a little.
const BACKDATING: Duration = Duration::from_secs(86_400);

const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca.key";
const CA_LISTS: &str = "ca.crl.pem";

/// Why the development certificate authority cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentError {
    /// A trust domain that production nodes would accept.
    #[error("the trust domain of a development certificate authority begins with \"development.\"")]
    TrustDomain,
    /// A name that cannot stand in a certificate.
    #[error("a name cannot stand in a certificate")]
    Certificate(#[from] CertificateError),
    /// A validity beyond the calendar.
    #[error("a validity is beyond the calendar")]
    Validity(#[from] time::error::ComponentRange),
    /// Random numbers, keys or encoding failed.
    #[error("a certificate cannot be made")]
    Making(#[from] rcgen::Error),
    /// The operating system gave no random numbers.
    #[error("no random numbers")]
    Random,
    /// What was made cannot be read back.
    #[error("stored material cannot be read")]
    Material(#[from] MaterialError),
    /// A file cannot be written or read.
    #[error("{} cannot be written or read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Validity of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// From a day before now (clocks differ) until so much after it.
    pub fn from_now(now: Timestamp, life: Duration) -> Self {
        Self { not_before: now - BACKDATING, not_after: now + life }
    }
}

/// Names a server is reached by, beside `<id>.<trust domain>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// DNS names.
    pub dns: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

impl Names {
    /// This machine: `localhost`, 127.0.0.1, ::1.
    pub fn loopback() -> Self {
        use std::net::{Ipv4Addr, Ipv6Addr};
        Self {
            dns: vec!["localhost".to_owned()],
            addresses: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Issued {
    /// PEM.
    pub certificate: String,
    /// PKCS#8, PEM.
    pub private_key: String,
    /// Whom it names.
    pub identity: PeerIdentity,
}

impl Issued {
    /// What its holder presents in a handshake, in DER.
    ///
    /// # Errors
    /// None of a certificate that was issued.
    pub fn presented(&self) -> Result<Vec<Vec<u8>>, rustls_pki_types::pem::Error> {
        CertificateDer::pem_slice_iter(self.certificate.as_bytes()).map(|der| Ok(der?.to_vec())).collect()
    }
}

/// A certificate authority made on the spot, for one trust domain that begins with `development.`.
#[derive(Debug)]
pub struct DevelopmentCa {
    trust_domain: String,
    clock: SharedClock,
    key: KeyPair,
    certificate: String,
    revoked: Mutex<Vec<RevokedCertParams>>,
}

impl DevelopmentCa {
    /// A new authority. `trust_domain` begins with `development.` and is a DNS name.
    ///
    /// # Errors
    /// [`DevelopmentError::TrustDomain`], or when random numbers or keys fail.
    pub fn create(trust_domain: &str, clock: SharedClock) -> Result<Self, DevelopmentError> {
        check_development(trust_domain)?;
        let key = KeyPair::generate()?;
        let mut params = ca_params(trust_domain);
        let validity = Validity::from_now(clock.now(), CA_LIFE);
        params.not_before = civil(validity.not_before)?;
        params.not_after = civil(validity.not_after)?;
        params.serial_number = Some(random_serial()?);
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { trust_domain: trust_domain.to_owned(), clock, key, certificate, revoked: Mutex::new(Vec::new()) })
    }

    /// The authority kept in a folder by [`save`](Self::save), or a new one that is then kept there.
    ///
    /// # Errors
    /// When files cannot be read or written, or hold something else.
    pub fn open_or_create(folder: &Path, trust_domain: &str, clock: SharedClock) -> Result<Self, DevelopmentError> {
        if !folder.join(CA_KEY).exists() {
            let ca = Self::create(trust_domain, clock)?;
            ca.save(folder)?;
            return Ok(ca);
        }
        check_development(trust_domain)?;
        let key = KeyPair::from_pem(&read(&folder.join(CA_KEY))?)?;
        let certificate = read(&folder.join(CA_CERTIFICATE))?;
        CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|source| MaterialError::Pem { what: "certificate", source })?;
        let revoked = revoked_in(&read(&folder.join(CA_LISTS))?)?;
        Ok(Self { trust_domain: trust_domain.to_owned(), clock, key, certificate, revoked: Mutex::new(revoked) })
    }

    /// Keeps the authority in a folder: key (readable by its owner only), certificate, revocation list.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), DevelopmentError> {
        fs::create_dir_all(folder).map_err(|source| DevelopmentError::File { path: folder.to_owned(), source })?;
        write(&folder.join(CA_CERTIFICATE), &self.certificate, false)?;
        write(&folder.join(CA_LISTS), &self.revocation_list()?, false)?;
        write(&folder.join(CA_KEY), &self.key.serialize_pem(), true)
    }

    /// The trust domain.
    pub fn trust_domain(&self) -> &str {
        &self.trust_domain
    }

    /// The authority's own certificate, PEM: the trust anchor.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The DNS name a service's certificate carries and its callers ask for: `<service>.<trust domain>`.
    pub fn server_name(&self, service: &str) -> String {
        format!("{service}.{}", self.trust_domain)
    }

    /// A certificate of a service, valid 90 days, for both ends of a connection.
    ///
    /// # Errors
    /// [`DevelopmentError`] when a name is not acceptable.
    pub fn issue_service(&self, name: &str, names: &Names) -> Result<Issued, DevelopmentError> {
        self.issue(&PeerRole::Service(name.to_owned()), names, self.usual_validity())
    }

    /// A certificate of a terminal, valid 90 days.
    ///
    /// # Errors
    /// [`DevelopmentError`] when the name is not acceptable.
    pub fn issue_terminal(&self, id: &str) -> Result<Issued, DevelopmentError> {
        self.issue(&PeerRole::Terminal(id.to_owned()), &Names::default(), self.usual_validity())
    }

    /// A certificate of an operator, valid 90 days; `id` is the officer's service identifier.
    ///
    /// # Errors
    /// [`DevelopmentError`] when the name is not acceptable.
    pub fn issue_operator(&self, id: &str) -> Result<Issued, DevelopmentError> {
        self.issue(&PeerRole::Operator(id.to_owned()), &Names::default(), self.usual_validity())
    }

    /// A certificate of a security officer, valid 90 days; `id` is the officer's service identifier.
    ///
    /// # Errors
    /// [`DevelopmentError`] when the name is not acceptable.
    pub fn issue_security_officer(&self, id: &str) -> Result<Issued, DevelopmentError> {
        self.issue(&PeerRole::SecurityOfficer(id.to_owned()), &Names::default(), self.usual_validity())
    }

    /// A certificate of another authority's system, valid 90 days; `id` is the institution's name.
    ///
    /// # Errors
    /// [`DevelopmentError`] when the name is not acceptable.
    pub fn issue_authority(&self, id: &str) -> Result<Issued, DevelopmentError> {
        self.issue(&PeerRole::Authority(id.to_owned()), &Names::default(), self.usual_validity())
    }

    /// The validity the convenient functions give.
    pub fn usual_validity(&self) -> Validity {
        Validity::from_now(self.clock.now(), CERTIFICATE_LIFE)
    }

    /// A certificate of any peer with any validity.
    ///
    /// # Errors
    /// [`DevelopmentError`] when a name or the validity is not acceptable.
    pub fn issue(&self, role: &PeerRole, names: &Names, validity: Validity) -> Result<Issued, DevelopmentError> {
        check_name(role.id()).map_err(CertificateError::from)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&role.to_string());
        params.subject_alt_names = vec![SanType::URI(spiffe_id(&self.trust_domain, role).try_into()?)];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if let PeerRole::Service(name) = role {
            params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
            for name in names.dns.iter().cloned().chain([self.server_name(name)]) {
                params.subject_alt_names.push(SanType::DnsName(name.try_into()?));
            }
            params.subject_alt_names.extend(names.addresses.iter().copied().map(SanType::IpAddress));
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.not_before = civil(validity.not_before)?;
        params.not_after = civil(validity.not_after)?;
        params.serial_number = Some(random_serial()?);
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer())?;
        let identity = PeerIdentity::from_certificate(certificate.der())?;
        Ok(Issued { certificate: certificate.pem(), private_key: key.serialize_pem(), identity })
    }

    /// Puts a certificate on the revocation list. Lists handed out before do not know it.
    ///
    /// # Errors
    /// [`DevelopmentError::Validity`] when the clock is beyond the calendar.
    pub fn revoke(&self, identity: &PeerIdentity) -> Result<(), DevelopmentError> {
        let entry = RevokedCertParams {
            serial_number: SerialNumber::from_slice(&identity.serial),
            revocation_time: civil(self.clock.now())?,
            reason_code: Some(RevocationReason::Superseded),
            invalidity_date: None,
        };
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        Ok(())
    }

    /// The revocation list as of now, PEM; valid as long as a new authority would be.
    ///
    /// # Errors
    /// When signing fails.
    pub fn revocation_list(&self) -> Result<String, DevelopmentError> {
        let now = self.clock.now();
        let revoked_certs = self.revoked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let params = CertificateRevocationListParams {
            this_update: civil(now - BACKDATING)?,
            next_update: civil(now + CA_LIFE)?,
            crl_number: SerialNumber::from(u64::try_from(revoked_certs.len()).unwrap_or(u64::MAX).saturating_add(1)),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(&self.issuer())?.pem()?)
    }

    /// TLS material of a peer, with this authority as the anchor and its revocation list as of now.
    ///
    /// # Errors
    /// When signing the list fails.
    pub fn material(&self, issued: &Issued) -> Result<TlsMaterial, DevelopmentError> {
        let list = self.revocation_list()?;
        let [chain, key, anchor] =
            [&issued.certificate, &issued.private_key, &self.certificate].map(|pem| pem.as_bytes());
        Ok(TlsMaterial::from_pem(chain, key, anchor, Some(list.as_bytes()))?)
    }

    /// Writes a peer's PEM files `<stem>.pem` and `<stem>.key` with `ca.pem` and `ca.crl.pem` beside them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, issued: &Issued, folder: &Path, stem: &str) -> Result<TlsFiles, DevelopmentError> {
        fs::create_dir_all(folder).map_err(|source| DevelopmentError::File { path: folder.to_owned(), source })?;
        let files = TlsFiles {
            certificate_chain: folder.join(format!("{stem}.pem")),
            private_key: folder.join(format!("{stem}.key")),
            trust_anchors: folder.join(CA_CERTIFICATE),
            revocation_lists: Some(folder.join(CA_LISTS)),
        };
        write(&files.certificate_chain, &issued.certificate, false)?;
        write(&files.private_key, &issued.private_key, true)?;
        write(&files.trust_anchors, &self.certificate, false)?;
        write(&folder.join(CA_LISTS), &self.revocation_list()?, false)?;
        Ok(files)
    }

    fn issuer(&self) -> Issuer<'static, &KeyPair> {
        Issuer::new(ca_params(&self.trust_domain), &self.key)
    }
}

fn check_development(trust_domain: &str) -> Result<(), DevelopmentError> {
    check_trust_domain(trust_domain)?;
    trust_domain.starts_with(DEVELOPMENT_PREFIX).then_some(()).ok_or(DevelopmentError::TrustDomain)
}

fn ca_params(trust_domain: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("{trust_domain} certificate authority"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

/// 16 random octets, positive and not zero (RFC 5280 §4.1.2.2).
fn random_serial() -> Result<SerialNumber, DevelopmentError> {
    let mut octets = [0; 16];
    rand::fill(&mut octets).map_err(|_| DevelopmentError::Random)?;
    octets[0] = octets[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&octets))
}

fn civil(at: Timestamp) -> Result<OffsetDateTime, time::error::ComponentRange> {
    OffsetDateTime::from_unix_timestamp(at.seconds())
}

fn revoked_in(pem: &str) -> Result<Vec<RevokedCertParams>, DevelopmentError> {
    let list = CertificateRevocationListDer::from_pem_slice(pem.as_bytes())
        .map_err(|source| MaterialError::Pem { what: "revocation list", source })?;
    let (_, list) = CertificateRevocationList::from_der(&list).map_err(|_| MaterialError::RevocationList)?;
    let entry = |entry: &x509_parser::revocation_list::RevokedCertificate<'_>| {
        Ok(RevokedCertParams {
            serial_number: SerialNumber::from_slice(entry.raw_serial()),
            revocation_time: OffsetDateTime::from_unix_timestamp(entry.revocation_date.timestamp())?,
            reason_code: Some(RevocationReason::Superseded),
            invalidity_date: None,
        })
    };
    list.iter_revoked_certificates().map(entry).collect()
}

fn read(path: &Path) -> Result<String, DevelopmentError> {
    fs::read_to_string(path).map_err(|source| DevelopmentError::File { path: path.to_owned(), source })
}

/// Replaces a file at once, so that a node that reloads never sees half of it.
fn write(path: &Path, text: &str, secret: bool) -> Result<(), DevelopmentError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let attempt = || -> io::Result<()> {
        let temporary = path.with_added_extension("new");
        let mode = if secret { 0o600 } else { 0o644 };
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    attempt().map_err(|source| DevelopmentError::File { path: path.to_owned(), source })
}
