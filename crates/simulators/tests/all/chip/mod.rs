//! The chip enforces TR-03110 on its side.

mod access;
mod certificates;
mod trust_points;

use crate::home::{DG3, Home, System, Verifier, reference};
use cvc::algorithm::Algorithm;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::{PrivateKey, Signer};
use straznica_simulators::chip::{Chip, Status};
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::terminal::{Terminal, TerminalError};
use time::macros::date;
use time::{Date, Duration};

const FOUNDED: Date = date!(2025 - 03 - 01);
const TODAY: Date = date!(2026 - 11 - 22);

struct Border {
    partner: PartnerState,
    verifier: Verifier,
    system: System,
}

/// A partner with one generation, our verifier and our system under it.
fn border() -> Border {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let home = Home::found(FOUNDED);
    partner.access.register(std::slice::from_ref(&home.cvca_certificate)).unwrap();
    let (verifier, _) = home.obtain_dv(&mut partner, "PLBGDV00001", TODAY - Duration::days(5));
    let system = verifier.inspection_system("PLBGIS00001", TODAY - Duration::days(3), TODAY + Duration::days(20), DG3);
    Border { partner, verifier, system }
}

impl Border {
    fn chain(&self) -> Vec<Vec<u8>> {
        vec![self.verifier.certificate.clone(), self.system.certificate.clone()]
    }
}

/// Chip Authentication, chain, Terminal Authentication.
fn authenticate(chip: &mut Chip, chain: &[Vec<u8>], key: &PrivateKey, pace: bool) -> Result<usize, TerminalError> {
    let mut terminal = Terminal::connect(chip, pace)?;
    assert!(terminal.chip_authentication()?.succeeded);
    terminal.present_chain(chain)?;
    let input = terminal.signature_input()?;
    terminal.authenticate(&key.sign(&input.message()).unwrap())?;
    terminal.read_fingerprints()?.count()
}

fn status(result: Result<usize, TerminalError>) -> (&'static str, Status) {
    match result {
        Err(TerminalError::Refused { command, status }) => (command, status),
        other => panic!("a refusal was expected: {other:?}"),
    }
}

/// A CVCA of our own making, valid 1000 days.
fn own_authority(curve: StandardisedCurve, on: Date) -> (PrivateKey, Vec<u8>) {
    let cvca = PrivateKey::generate_ec(Algorithm::EcdsaSha256, curve).unwrap();
    let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
    let template = Template::new(reference("UTOWN00001"), chat, on, on + Duration::days(1000));
    let root = issue::self_signed(&cvca, &template).unwrap();
    (cvca, root.as_der().to_vec())
}

/// A chip that trusts it and believes the day to be [`FOUNDED`].
fn own_chip(root: &[u8], change: impl FnOnce(&mut emrtd::builder::SpecimenDocument)) -> Chip {
    let algorithm = emrtd::builder::Algorithm::ecdsa(StandardisedCurve::P256, emrtd::builder::Digest::Sha256);
    let validity = emrtd::builder::Validity::days(FOUNDED, 4000);
    let mut csca = emrtd::builder::Csca::create(emrtd::builder::State::utopia(), algorithm, validity).unwrap();
    let signer = csca.document_signer(algorithm, validity, &["P"]).unwrap();
    let holder = emrtd::builder::Holder::specimen();
    let mut document = emrtd::builder::Personalisation::passport(holder, "UT0000009", date!(2034 - 01 - 01))
        .issue(csca.state(), &signer)
        .unwrap();
    change(&mut document);
    Chip::personalise(document, root, FOUNDED).unwrap()
}

/// A chip of such an authority, so that a domestic verifier can be had.
fn domestic_chip() -> (Chip, PrivateKey) {
    let (cvca, root) = own_authority(StandardisedCurve::P256, FOUNDED);
    (own_chip(&root, |_| {}), cvca)
}

fn certificate(issuer: &PrivateKey, car: &str, chr: &str, chat: Chat, from: Date, days: i64) -> (PrivateKey, Vec<u8>) {
    let key = PrivateKey::generate_like(issuer.public_key()).unwrap();
    let template = Template::new(reference(chr), chat, from, from + Duration::days(days));
    let certificate = issue::subordinate(issuer, reference(car), key.public_key(), &template).unwrap();
    (key, certificate.as_der().to_vec())
}
