//! What is written down beforehand: who the tester is, in a directory of its own, and who the target is and how it is reached, in a profile file.
//!
//! The directory holds private keys without encryption: they are those of a made-up state and open nothing.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cvc::{Certificate, PrivateKey, StandardisedCurve};
use exchange::development::{Algorithm, Authority, DevelopmentError, Digest, SigningKey};
use exchange::{Binding, Country};
use serde::{Deserialize, Serialize};
use straznica_types::Timestamp;
use time::Date;

use crate::cvca::{Cvca, Generation, MakingError};
use crate::target::Patience;
use crate::tester::{Holders, Lists, Tester};

const ROOT: &str = "spoc-root.der";
const ROOT_KEY: &str = "spoc-root.key.pem";
const HOLDERS: &str = "holders.toml";

/// Why a directory or a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// A file.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A profile.
    #[error("{}: {source}", path.display())]
    Profile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// Holders cannot be written.
    #[error(transparent)]
    Write(#[from] toml::ser::Error),
    /// A certificate or key of the SPOC.
    #[error(transparent)]
    Spoc(#[from] DevelopmentError),
    /// A key of the SPOC.
    #[error(transparent)]
    Key(#[from] emrtd::builder::BuilderError),
    /// The CVCA.
    #[error(transparent)]
    Cvca(#[from] MakingError),
    /// A certificate in PEM that is none.
    #[error("{}: neither DER nor PEM", .0.display())]
    NoCertificate(PathBuf),
}

/// The profile of a target.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its state.
    pub country: Country,
    /// Its SPOC roots, files in DER or PEM beside this one.
    pub roots: Vec<PathBuf>,
    /// Which of its CVCAs is asked, by mnemonic.
    #[serde(default)]
    pub cvca: Option<String>,
    /// How long the kit waits.
    #[serde(default)]
    pub patience: PatienceSeconds,
    /// How it is reached.
    pub line: Vec<LineProfile>,
}

/// Seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatienceSeconds {
    /// For an answer on the same connection.
    pub answer: u64,
    /// For SendCertificates.
    pub callback: u64,
    /// How long nothing has to come, to believe that nothing will.
    pub silence: u64,
}

impl Default for PatienceSeconds {
    fn default() -> Self {
        let Patience { answer, callback, silence } = Patience::default();
        Self { answer: answer.as_secs(), callback: callback.as_secs(), silence: silence.as_secs() }
    }
}

impl From<PatienceSeconds> for Patience {
    fn from(seconds: PatienceSeconds) -> Self {
        let PatienceSeconds { answer, callback, silence } = seconds;
        let [answer, callback, silence] = [answer, callback, silence].map(Duration::from_secs);
        Self { answer, callback, silence }
    }
}

/// One line of a target.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineProfile {
    /// `grpc` or `soap`.
    pub binding: BindingName,
    /// Where the SPOC listens.
    pub url: String,
    /// Its edition of the standard: `2009`, `icao`, `2018`, or a file.
    #[serde(default = "icao")]
    pub profile: String,
    /// Directory of the tester the target has registered for this binding.
    pub tester: PathBuf,
    /// Directory of a second state the target has registered.
    #[serde(default)]
    pub other: Option<PathBuf>,
    /// Where the tester takes deliveries.
    pub callback: Place,
    /// Where the tester's revocation lists are fetched.
    pub lists: Place,
}

/// A binding by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindingName {
    /// gRPC.
    Grpc,
    /// SOAP.
    Soap,
}

impl From<BindingName> for Binding {
    fn from(name: BindingName) -> Self {
        match name {
            BindingName::Grpc => Self::Grpc,
            BindingName::Soap => Self::Soap,
        }
    }
}

/// Where the kit listens, and how that is known to the target.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Address of this machine.
    pub listen: SocketAddr,
    /// As the target reaches it.
    pub url: String,
}

fn icao() -> String {
    "icao".to_owned()
}

/// Reads a profile.
///
/// # Errors
/// [`DossierError`]
pub fn read_profile(path: &Path) -> Result<Profile, DossierError> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    toml::from_str(&text).map_err(|source| DossierError::Profile { path: path.to_owned(), source: Box::new(source) })
}

/// Reads a certificate in DER or PEM.
///
/// # Errors
/// [`DossierError`]
pub fn read_certificate(path: &Path) -> Result<Vec<u8>, DossierError> {
    let content = read(path)?;
    if content.first() == Some(&0x30) {
        return Ok(content);
    }
    let text = String::from_utf8_lossy(&content);
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    BASE64_STANDARD.decode(body).map_err(|_| DossierError::NoCertificate(path.to_owned()))
}

/// Makes a tester and writes it down: what the partner has to register of it lies beside its keys.
///
/// # Errors
/// [`DossierError`]
pub fn prepare(
    directory: &Path,
    country: Country,
    holders: &Holders,
    now: Timestamp,
    today: Date,
) -> Result<(), DossierError> {
    let failed = |source| DossierError::File { path: directory.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let root = Tester::found_root(country, now, &Nowhere)?;
    let cvca = Cvca::found(country.as_str(), StandardisedCurve::BrainpoolP256r1, today)?;
    let write = |name: &str, content: &[u8]| write(&directory.join(name), content);
    write(ROOT, root.certificate())?;
    write(ROOT_KEY, &root.key().to_pkcs8_pem()?)?;
    for (number, generation) in [&cvca.expired, &cvca.current].into_iter().enumerate() {
        let number = number + 1;
        write(&format!("cvca-{number}.cvcert"), generation.root.as_der())?;
        write(&format!("cvca-{number}.pkcs8"), &generation.key.to_pkcs8().map_err(MakingError::from)?)?;
        if let Some(link) = &generation.link {
            write(&format!("cvca-{number}.link.cvcert"), link.as_der())?;
        }
    }
    write(HOLDERS, toml::to_string(&Written { country, holders: holders.clone() })?.as_bytes())
}

/// What is written down of a tester beside certificates and keys.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    country: Country,
    holders: Holders,
}

/// Opens a tester that was prepared. Its lists are published by `lists`; `run` tells this run's references from those of others.
///
/// # Errors
/// [`DossierError`]
pub fn open(directory: &Path, lists: Box<dyn Lists>, now: Timestamp, run: u32) -> Result<Tester, DossierError> {
    let file = |name: &str| read(&directory.join(name));
    let written = written(directory)?;
    let algorithm = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
    let key = SigningKey::from_pkcs8_pem(algorithm, &file(ROOT_KEY)?)?;
    let uris = vec![lists.uri("current")];
    // beyond those of earlier runs, each of which took fewer than it had seconds
    let next_serial = u32::try_from(now.seconds()).unwrap_or(u32::MAX / 2);
    let authority = Authority::restore(written.country.as_str(), file(ROOT)?, key, uris, next_serial)?;
    let generation = |number: u8, link: bool| -> Result<Generation, DossierError> {
        let certificate = |name: String| -> Result<Certificate, DossierError> {
            let der = file(&name)?;
            Ok(Certificate::parse(der.as_slice()).map_err(MakingError::from)?.to_owned())
        };
        let key = PrivateKey::from_pkcs8(cvc::Algorithm::EcdsaSha256, &file(&format!("cvca-{number}.pkcs8"))?);
        Ok(Generation {
            key: key.map_err(MakingError::from)?,
            root: certificate(format!("cvca-{number}.cvcert"))?,
            link: if link { Some(certificate(format!("cvca-{number}.link.cvcert"))?) } else { None },
        })
    };
    let curve = StandardisedCurve::BrainpoolP256r1;
    let cvca = Cvca { expired: generation(1, false)?, current: generation(2, true)?, curve };
    Ok(Tester::new(written.country, authority, lists, cvca, written.holders, run))
}

/// Whose tester lies in a directory.
///
/// # Errors
/// [`DossierError`]
pub fn country_of(directory: &Path) -> Result<Country, DossierError> {
    Ok(written(directory)?.country)
}

fn written(directory: &Path) -> Result<Written, DossierError> {
    let path = directory.join(HOLDERS);
    let text = String::from_utf8_lossy(&read(&path)?).into_owned();
    toml::from_str(&text).map_err(|source| DossierError::Profile { path, source: Box::new(source) })
}

/// For a root whose lists have no place yet: its own certificate names none.
#[derive(Debug)]
struct Nowhere;

impl Lists for Nowhere {
    fn uri(&self, name: &str) -> String {
        format!("http://localhost/{name}")
    }

    fn put(&self, _: &str, _: Vec<u8>) {}
}

fn read(path: &Path) -> Result<Vec<u8>, DossierError> {
    fs::read(path).map_err(|source| DossierError::File { path: path.to_owned(), source })
}

/// Writes a file nobody else reads; one that is there is not written over.
fn write(path: &Path, content: &[u8]) -> Result<(), DossierError> {
    let failed = |source| DossierError::File { path: path.to_owned(), source };
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(content).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{Holders, Profile, open, prepare};
    use crate::bench::today;
    use crate::tester::Lists;
    use cvc::Signer;

    #[derive(Debug)]
    struct Nobody;

    impl Lists for Nobody {
        fn uri(&self, name: &str) -> String {
            format!("http://lists.test/{name}")
        }

        fn put(&self, _: &str, _: Vec<u8>) {}
    }

    #[test]
    fn a_tester_that_was_written_down_is_the_same_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("tester");
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        let holders = Holders { automatic: "DVONE".into(), second: None, two_person: Some("DVPEOPLE".into()) };
        prepare(&directory, "XA".parse().unwrap(), &holders, now, today(now)).unwrap();
        prepare(&directory, "XA".parse().unwrap(), &holders, now, today(now)).unwrap_err();

        let tester = open(&directory, Box::new(Nobody), now, 7).unwrap();
        assert_eq!((tester.country.as_str(), &tester.holders), ("XA", &holders));
        assert_eq!(tester.root(), std::fs::read(directory.join("spoc-root.der")).unwrap());
        let cvca = &tester.cvca.current;
        cvca.key.public_key().verify(cvca.root.body(), cvca.root.signature()).unwrap();
        let credentials = tester.issue(&tester.client(now)).unwrap();
        assert_eq!(credentials.issued.presented().len(), 1);
    }

    #[test]
    fn a_profile_names_lines_and_nothing_it_does_not_know() {
        let text = "country = 'PL'\nroots = ['root.pem']\n[[line]]\nbinding = 'soap'\nurl = 'https://spoc.test/spoc'\n\
            profile = '2009'\ntester = 'xa'\ncallback = { listen = '0.0.0.0:9443', url = 'https://me.test:9443/spoc' }\n\
            lists = { listen = '0.0.0.0:9080', url = 'http://me.test:9080' }\n";
        let profile: Profile = toml::from_str(text).unwrap();
        assert_eq!((profile.line.len(), profile.line[0].profile.as_str()), (1, "2009"));
        assert_eq!(profile.patience.answer, 30);
        toml::from_str::<Profile>(&format!("{text}speed = 9\n")).unwrap_err();
    }
}
