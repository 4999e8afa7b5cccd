//! The chip enforces TR-03110 on its side.

use crate::home::{DG3, Home, System, Verifier, reference};
use cvc::algorithm::Algorithm;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::{PrivateKey, Signer};
use cvc::public_key::ParameterForm;
use straznica_simulators::chip::{Access, Chip, File, Status};
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::partner_state::access::AccessAuthority;
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

#[test]
fn fingerprints_open_to_a_terminal_with_a_chain_and_the_right_by_bac_and_by_pace() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    for pace in [false, true] {
        assert_eq!(authenticate(&mut chip, &border.chain(), &border.system.key, pace).unwrap(), 2);
    }
    let terminal = Terminal::connect(&mut chip, false).unwrap();
    let refused = terminal.read_fingerprints().map(|fingerprints| fingerprints.count().unwrap());
    assert_eq!(status(refused).1, Status::SECURITY_STATUS_NOT_SATISFIED, "rights end with the session");
}

#[test]
fn the_digest_of_dg3_is_the_one_the_security_object_lists() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    terminal.chip_authentication().unwrap();
    terminal.present_chain(&border.chain()).unwrap();
    let input = terminal.signature_input().unwrap();
    terminal.authenticate(&border.system.key.sign(&input.message()).unwrap()).unwrap();
    let digest = terminal.read_fingerprints().unwrap().digest(emrtd::crypto::HashAlgorithm::Sha256).unwrap();
    let sod = terminal.read_document().unwrap().sod;
    assert!(sod.windows(digest.len()).any(|window| window == digest));
}

#[test]
fn nothing_but_card_access_is_read_without_a_channel_and_dg3_not_without_terminal_authentication() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    assert!(chip.read(File::CardAccess).is_ok());
    for file in [File::Com, File::Sod, File::DataGroup(1), File::DataGroup(3), File::Cvca] {
        assert_eq!(chip.read(file), Err(Status::SECURITY_STATUS_NOT_SATISFIED), "{file}");
    }
    let wrong = Access::Bac { document_number: "UT00000099" };
    assert_eq!(chip.open_channel(wrong), Err(Status::VERIFICATION_FAILED));
    assert_eq!(chip.read(File::Sod), Err(Status::SECURITY_STATUS_NOT_SATISFIED));

    let number = chip.printed_document_number().to_owned();
    chip.open_channel(Access::Bac { document_number: &number }).unwrap();
    for file in [File::Com, File::Sod, File::DataGroup(1), File::DataGroup(15), File::Cvca] {
        assert!(chip.read(file).is_ok(), "{file}");
    }
    assert_eq!(chip.read(File::DataGroup(3)), Err(Status::SECURITY_STATUS_NOT_SATISFIED));
    assert_eq!(chip.read(File::DataGroup(7)), Err(Status::FILE_NOT_FOUND));
    assert_eq!(chip.read(File::CardSecurity), Err(Status::FILE_NOT_FOUND));
}

#[test]
fn ef_cvca_has_36_bytes_and_names_the_newest_trust_point_first() {
    let mut border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    border.partner.access.renew(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1, TODAY).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    assert_eq!(terminal.trusted_authorities().unwrap(), [reference("UTCVCASIM00001")]);
    // The chain ends with a CVCA here, so MSE:Set AT is refused; the link is adopted all the same.
    assert!(terminal.present_chain(&border.partner.access.links()).is_err());
    let authorities = terminal.trusted_authorities().unwrap();
    assert_eq!(authorities, [reference("UTCVCASIM00002"), reference("UTCVCASIM00001")]);
    assert_eq!(chip.read(File::Cvca).unwrap().len(), 36);
}

#[test]
fn a_chip_with_an_old_trust_point_is_reached_by_a_link_that_switches_the_algorithm() {
    let mut partner = PartnerState::utopia(date!(2024 - 01 - 01)).unwrap();
    let mut chip = partner.passport_trusting("UT0000002", date!(2024 - 02 - 01), 0).unwrap();
    let switched = date!(2026 - 10 - 01);
    partner.access.renew(Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP384r1, switched).unwrap();
    let home = Home::found(FOUNDED);
    partner.access.register(std::slice::from_ref(&home.cvca_certificate)).unwrap();
    let (verifier, issued) = home.obtain_dv(&mut partner, "PLBGDV00001", TODAY);
    assert_eq!(issued.authority_certificates.len(), 3, "two roots and a link");
    let system = verifier.inspection_system("PLBGIS00001", TODAY, TODAY + Duration::days(20), DG3);

    let without_link = vec![verifier.certificate.clone(), system.certificate.clone()];
    let refused = authenticate(&mut chip, &without_link, &system.key, false);
    assert_eq!(status(refused), ("MSE:Set DST", Status::REFERENCED_DATA_NOT_FOUND));

    let chain = [partner.access.links(), without_link].concat();
    assert_eq!(authenticate(&mut chip, &chain, &system.key, false).unwrap(), 2);
    assert_eq!(chip.trust_points(), [reference("UTCVCASIM00002"), reference("UTCVCASIM00001")]);
}

#[test]
fn a_link_that_the_chip_knows_to_have_expired_is_accepted() {
    let (bp256, sha256) = (StandardisedCurve::BrainpoolP256r1, Algorithm::EcdsaSha256);
    let mut partner = PartnerState::utopia(date!(2018 - 01 - 01)).unwrap();
    partner.access.renew(sha256, bp256, date!(2020 - 06 - 01)).unwrap();
    partner.access.renew(sha256, bp256, date!(2023 - 02 - 01)).unwrap();
    // The chip's date is past the end of the first link, 2023-06-01, when it is presented.
    let known = date!(2024 - 01 - 01);
    let mut chip = partner.passport_trusting("UT0000006", known, 0).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let _ = terminal.present_chain(&partner.access.links());
    assert_eq!(chip.trust_points(), [reference("UTCVCASIM00003")]);
    assert_eq!(chip.current_date(), known, "a date never moves back");
}

#[test]
fn of_three_trust_points_all_still_valid_the_two_newest_are_kept() {
    let mut partner = PartnerState::utopia(date!(2025 - 01 - 01)).unwrap();
    let mut chip = partner.passport_trusting("UT0000007", date!(2025 - 01 - 02), 0).unwrap();
    for on in [date!(2025 - 07 - 01), date!(2026 - 01 - 01)] {
        partner.access.renew(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1, on).unwrap();
    }
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let _ = terminal.present_chain(&partner.access.links());
    assert_eq!(chip.trust_points(), [reference("UTCVCASIM00003"), reference("UTCVCASIM00002")]);
}

#[test]
fn a_chip_that_slept_for_years_is_led_to_the_present_and_forgets_what_expired() {
    let mut partner = PartnerState::utopia(date!(2018 - 01 - 01)).unwrap();
    let mut chip = partner.passport_trusting("UT0000003", date!(2018 - 02 - 01), 0).unwrap();
    let (bp256, sha256) = (StandardisedCurve::BrainpoolP256r1, Algorithm::EcdsaSha256);
    partner.access.renew(sha256, bp256, date!(2020 - 06 - 01)).unwrap();
    partner.access.renew(sha256, bp256, date!(2023 - 02 - 01)).unwrap();
    partner.access.renew(sha256, bp256, date!(2025 - 10 - 01)).unwrap();
    let home = Home::found(FOUNDED);
    partner.access.register(std::slice::from_ref(&home.cvca_certificate)).unwrap();
    let (verifier, _) = home.obtain_dv(&mut partner, "PLBGDV00001", TODAY);
    let system = verifier.inspection_system("PLBGIS00001", TODAY, TODAY + Duration::days(20), DG3);

    let chain = [partner.access.links(), vec![verifier.certificate, system.certificate]].concat();
    assert_eq!(authenticate(&mut chip, &chain, &system.key, false).unwrap(), 2);
    let trusted = chip.trust_points();
    assert!(trusted.len() <= 2, "{trusted:?}");
    assert_eq!(trusted[0], reference("UTCVCASIM00004"));
    assert!(!trusted.contains(&reference("UTCVCASIM00001")));
    assert!(!trusted.contains(&reference("UTCVCASIM00002")));

    // The way back is closed: the forgotten trust point opens nothing.
    chip.leave_reader();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let refused = terminal.present_chain(&partner.access.links()).map(|()| 0);
    assert_eq!(status(refused), ("MSE:Set DST", Status::REFERENCED_DATA_NOT_FOUND));
}

#[test]
fn the_previous_trust_point_is_dropped_once_the_chip_knows_it_has_expired() {
    let mut partner = PartnerState::utopia(date!(2020 - 01 - 01)).unwrap();
    let mut chip = partner.passport_trusting("UT0000004", date!(2020 - 02 - 01), 0).unwrap();
    // The first generation ends on 2022-12-31; the second takes effect afterwards.
    let late = date!(2023 - 02 - 01);
    partner.access.renew(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1, late).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let _ = terminal.present_chain(&partner.access.links());
    assert_eq!(chip.trust_points(), [reference("UTCVCASIM00002")]);
    assert_eq!(chip.current_date(), late);
}

#[test]
fn the_date_moves_with_foreign_verifiers_but_not_with_their_terminals() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    assert_eq!(chip.current_date(), FOUNDED);
    authenticate(&mut chip, &border.chain(), &border.system.key, false).unwrap();
    assert_eq!(chip.current_date(), TODAY - Duration::days(5), "the day of the DV certificate, not of the system's");
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

#[test]
fn the_date_moves_with_terminals_under_a_domestic_verifier() {
    let (mut chip, cvca) = domestic_chip();
    let dv_chat = Chat::new(Role::DvDomestic, DG3);
    let (dv, dv_bytes) = certificate(&cvca, "UTOWN00001", "UTDV00001", dv_chat, TODAY - Duration::days(9), 60);
    let (is, is_bytes) = certificate(&dv, "UTDV00001", "UTIS00001", Chat::new(Role::Terminal, DG3), TODAY, 20);
    authenticate(&mut chip, &[dv_bytes, is_bytes], &is, true).unwrap();
    assert_eq!(chip.current_date(), TODAY);
}

#[test]
fn an_expired_verifier_or_terminal_is_refused_once_the_chip_knows_the_date() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    // A terminal of last month is good for a chip that has not heard of this month yet.
    let old_from = TODAY - Duration::days(4);
    let old = border.verifier.inspection_system("PLBGIS00009", old_from, old_from, DG3);
    let chain = vec![border.verifier.certificate.clone(), old.certificate];
    assert!(authenticate(&mut chip, &chain, &old.key, false).is_ok());

    // A newer verifier moves the date past both.
    let (mut domestic, cvca) = domestic_chip();
    let chat = Chat::new(Role::DvForeign, DG3);
    let (dv, dv_bytes) = certificate(&cvca, "UTOWN00001", "PLDV00001", chat, FOUNDED, 30);
    let (is, is_bytes) = certificate(&dv, "PLDV00001", "PLIS00001", Chat::new(Role::Terminal, DG3), FOUNDED, 20);
    let first = [dv_bytes.clone(), is_bytes.clone()];
    assert!(authenticate(&mut domestic, &first, &is, false).is_ok());
    let (_, newer) = certificate(&cvca, "UTOWN00001", "PLDV00002", chat, FOUNDED + Duration::days(25), 60);
    let refused = authenticate(&mut domestic, &[newer], &is, false);
    assert_eq!(status(refused), ("MSE:Set AT", Status::REFERENCED_DATA_NOT_FOUND), "a verifier is no terminal");
    let refused = authenticate(&mut domestic, &first, &is, false);
    assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED), "the terminal has expired");
    let (_, newest) = certificate(&cvca, "UTOWN00001", "PLDV00003", chat, FOUNDED + Duration::days(31), 60);
    let _ = authenticate(&mut domestic, &[newest], &is, false);
    let mut terminal = Terminal::connect(&mut domestic, false).unwrap();
    let refused = terminal.present_chain(&[dv_bytes]).map(|()| 0);
    assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED), "so has the verifier");
}

#[test]
fn fingerprints_stay_closed_when_any_certificate_of_the_chain_lacks_the_right() {
    let (full, none) = (Rights::inspection(true, true), Rights::inspection(false, true));
    for (dv_rights, is_rights, open) in [(full, full, true), (none, full, false), (full, none, false)] {
        let (mut chip, cvca) = domestic_chip();
        let dv_chat = Chat::new(Role::DvForeign, dv_rights);
        let (dv, dv_bytes) = certificate(&cvca, "UTOWN00001", "PLDV00001", dv_chat, TODAY, 60);
        let is_chat = Chat::new(Role::Terminal, is_rights);
        let (is, is_bytes) = certificate(&dv, "PLDV00001", "PLIS00001", is_chat, TODAY, 20);
        let result = authenticate(&mut chip, &[dv_bytes, is_bytes], &is, false);
        if open {
            assert_eq!(result.unwrap(), 2);
        } else {
            assert_eq!(status(result), ("read EF.DG3", Status::SECURITY_STATUS_NOT_SATISFIED));
        }
    }
}

#[test]
fn a_certificate_under_the_wrong_role_or_of_another_kind_is_refused() {
    let (mut chip, cvca) = domestic_chip();
    let dv_chat = Chat::new(Role::DvForeign, DG3);
    let is_chat = Chat::new(Role::Terminal, DG3);
    let (dv, dv_bytes) = certificate(&cvca, "UTOWN00001", "PLDV00001", dv_chat, TODAY, 60);
    let (is, is_bytes) = certificate(&dv, "PLDV00001", "PLIS00001", is_chat, TODAY, 20);
    let (_, terminal_under_cvca) = certificate(&cvca, "UTOWN00001", "PLIS00002", is_chat, TODAY, 20);
    let (_, verifier_under_verifier) = certificate(&dv, "PLDV00001", "PLDV00002", dv_chat, TODAY, 20);
    let (_, below_terminal) = certificate(&is, "PLIS00001", "PLIS00003", is_chat, TODAY, 20);
    let other_type = Chat::new(Role::DvForeign, Rights::none(cvc::chat::TerminalType::AuthenticationTerminal));
    let (_, authentication_terminal) = certificate(&cvca, "UTOWN00001", "PLAT00001", other_type, TODAY, 20);
    let stranger = PrivateKey::generate_like(cvca.public_key()).unwrap();
    let (_, forged) = certificate(&stranger, "UTOWN00001", "PLDV00003", dv_chat, TODAY, 60);

    for (name, chain) in [
        ("terminal under CVCA", vec![terminal_under_cvca]),
        ("verifier under verifier", vec![dv_bytes.clone(), verifier_under_verifier]),
        ("terminal under terminal", vec![dv_bytes.clone(), is_bytes.clone(), below_terminal]),
        ("authentication terminal", vec![authentication_terminal]),
        ("forged", vec![forged]),
    ] {
        let mut terminal = Terminal::connect(&mut chip, false).unwrap();
        let refused = terminal.present_chain(&chain).map(|()| 0);
        assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED), "{name}");
    }
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let refused = terminal.present_chain(&[is_bytes]).map(|()| 0);
    assert_eq!(status(refused), ("MSE:Set DST", Status::REFERENCED_DATA_NOT_FOUND), "a link of the chain is missing");
}

/// A certificate written out by hand, for what an issuer refuses to make.
fn handmade(issuer: &PrivateKey, car: &str, chr: &str, chat: Chat, key: &PrivateKey, form: ParameterForm) -> Vec<u8> {
    let object = |tag: u16, value: &[u8]| {
        let mut out = Vec::new();
        cvc::tlv::write(&mut out, tag, value).unwrap();
        out
    };
    let chat = [object(0x06, chat.terminal_type().oid()), object(0x53, &chat.to_bytes())].concat();
    let body = [
        object(0x5F29, &[0]),
        object(0x42, car.as_bytes()),
        object(0x7F49, &key.public_key().encode(form).unwrap()),
        object(0x5F20, chr.as_bytes()),
        object(0x7F4C, &chat),
        object(0x5F25, &cvc::date::encode(TODAY).unwrap()),
        object(0x5F24, &cvc::date::encode(TODAY + Duration::days(30)).unwrap()),
    ];
    let body = object(0x7F4E, &body.concat());
    let signature = object(0x5F37, &issuer.sign(&body).unwrap());
    object(0x7F21, &[body, signature].concat())
}

#[test]
fn only_a_link_switches_the_algorithm_or_the_curve() {
    let (mut chip, cvca) = domestic_chip();
    let chat = Chat::new(Role::DvForeign, DG3);
    let like = PrivateKey::generate_like(cvca.public_key()).unwrap();
    let other_hash = PrivateKey::generate_ec(Algorithm::EcdsaSha384, StandardisedCurve::P256).unwrap();
    let other_curve = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1).unwrap();
    let mut present = |key: &PrivateKey, form| {
        let certificate = handmade(&cvca, "UTOWN00001", "PLDV00001", chat, key, form);
        let mut terminal = Terminal::connect(&mut chip, false).unwrap();
        status(terminal.present_chain(&[certificate]).map(|()| 0))
    };
    let accepted = ("MSE:Set AT", Status::REFERENCED_DATA_NOT_FOUND);
    assert_eq!(present(&like, ParameterForm::Inherited), accepted, "a verifier, good but no terminal");
    let refused = ("PSO:Verify Certificate", Status::VERIFICATION_FAILED);
    assert_eq!(present(&other_hash, ParameterForm::Inherited), refused);
    assert_eq!(present(&other_curve, ParameterForm::Written), refused);
}

#[test]
fn a_link_signed_with_the_new_key_is_refused() {
    let (mut chip, cvca) = domestic_chip();
    let new_key = PrivateKey::generate_like(cvca.public_key()).unwrap();
    let chat = Chat::new(Role::Cvca, DG3);
    let template = Template::new(reference("UTOWN00002"), chat, TODAY, TODAY + Duration::days(900));
    let public = new_key.public_key();
    let wrong = issue::link(&new_key, reference("UTOWN00001"), public, ParameterForm::Written, &template).unwrap();
    let right = issue::link(&cvca, reference("UTOWN00001"), public, ParameterForm::Inherited, &template).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let refused = terminal.present_chain(&[wrong.as_der().to_vec()]).map(|()| 0);
    assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED));
    let _ = terminal.present_chain(&[right.as_der().to_vec()]);
    assert_eq!(chip.trust_points()[0], reference("UTOWN00002"), "a link may inherit its parameters");
}

#[test]
fn a_signature_by_another_key_over_other_bytes_or_used_twice_opens_nothing() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    terminal.chip_authentication().unwrap();
    terminal.present_chain(&border.chain()).unwrap();

    let input = terminal.signature_input().unwrap();
    let stranger = PrivateKey::generate_like(border.system.key.public_key()).unwrap();
    let by_another = terminal.authenticate(&stranger.sign(&input.message()).unwrap()).map(|()| 0);
    assert_eq!(status(by_another).1, Status::VERIFICATION_FAILED);
    let good = border.system.key.sign(&input.message()).unwrap();
    let used_twice = terminal.authenticate(&good).map(|()| 0);
    assert_eq!(status(used_twice).1, Status::CONDITIONS_NOT_SATISFIED, "the challenge is spent");

    let mut input = terminal.signature_input().unwrap();
    input.id_picc[0] ^= 1;
    let other_document = terminal.authenticate(&border.system.key.sign(&input.message()).unwrap()).map(|()| 0);
    assert_eq!(status(other_document).1, Status::VERIFICATION_FAILED);

    let input = terminal.signature_input().unwrap();
    terminal.authenticate(&border.system.key.sign(&input.message()).unwrap()).unwrap();
    // A new Chip Authentication begins anew.
    terminal.chip_authentication().unwrap();
    let closed = terminal.read_fingerprints().map(|fingerprints| fingerprints.count().unwrap());
    assert_eq!(status(closed).1, Status::SECURITY_STATUS_NOT_SATISFIED);
}

#[test]
fn terminal_authentication_needs_chip_authentication_first() {
    let border = border();
    let mut chip = border.partner.passport("UT0000001", FOUNDED).unwrap();
    let number = chip.printed_document_number().to_owned();
    let id_picc = chip.open_channel(Access::Bac { document_number: &number }).unwrap();
    for certificate in border.chain() {
        let car = cvc::certificate::Certificate::parse(certificate.as_slice()).unwrap().car();
        chip.set_digital_signature_template(car.as_bytes()).unwrap();
        chip.verify_certificate(&certificate).unwrap();
    }
    chip.set_authentication_template(border.system.reference.as_bytes()).unwrap();
    let challenge = chip.get_challenge().unwrap();
    let message = [id_picc.as_slice(), &challenge].concat();
    let signature = border.system.key.sign(&message).unwrap();
    assert_eq!(chip.external_authenticate(&signature), Err(Status::CONDITIONS_NOT_SATISFIED));
    assert_eq!(chip.verify_certificate(b"garbage"), Err(Status::CONDITIONS_NOT_SATISFIED), "no key selected");
    chip.set_digital_signature_template(b"UTCVCASIM00001").unwrap();
    assert_eq!(chip.verify_certificate(b"garbage"), Err(Status::WRONG_DATA));
    assert_eq!(chip.chip_authentication(&[4, 1, 2]), Err(Status::WRONG_DATA));
}

#[test]
fn a_clone_has_every_byte_of_the_original_and_fails_chip_and_active_authentication() {
    let border = border();
    let (mut original, mut clone) = border.partner.passport_and_clone("UT0000005", FOUNDED).unwrap();
    let read = |chip: &mut Chip| {
        let mut terminal = Terminal::connect(chip, false).unwrap();
        let reading = terminal.read_document().unwrap();
        let answer = terminal.active_authentication(b"12345678").unwrap();
        (reading, terminal.chip_authentication().unwrap(), answer)
    };
    let (genuine, proof, answer) = read(&mut original);
    let (copied, copied_proof, copied_answer) = read(&mut clone);
    assert_eq!((genuine.sod, &genuine.data_groups), (copied.sod, &copied.data_groups));
    assert!(proof.succeeded && !copied_proof.succeeded);
    assert_eq!(proof.chip_public_key, copied_proof.chip_public_key);

    let judge = |response: &[u8]| {
        let evidence = emrtd::presentation::ActiveAuthenticationEvidence { challenge: *b"12345678", response };
        let dg14 = genuine.data_groups.get(&14).map(Vec::as_slice);
        emrtd::chip::active_authentication::verify(&evidence, &genuine.data_groups[&15], dg14).result
    };
    assert_eq!(judge(&answer), emrtd::inspection::CheckResult::Successful);
    assert_eq!(judge(&copied_answer), emrtd::inspection::CheckResult::Failed);
}

#[test]
fn a_chip_with_mapping_proves_itself_at_once_and_opens_without_chip_authentication() {
    let border = border();
    let change = emrtd::builder::Personalisation::chip_authentication_mapping;
    let (mut original, mut clone) = border.partner.passport_and_clone_with("UT0000010", FOUNDED, change).unwrap();
    let (mut terminal, report) = Terminal::connect_with_mapping(&mut original).unwrap();
    assert!(report.succeeded);
    terminal.present_chain(&border.chain()).unwrap();
    let input = terminal.signature_input().unwrap();
    terminal.authenticate(&border.system.key.sign(&input.message()).unwrap()).unwrap();
    assert_eq!(terminal.read_fingerprints().unwrap().count().unwrap(), 2);

    let (_, copied) = Terminal::connect_with_mapping(&mut clone).unwrap();
    assert!(!copied.succeeded, "a clone does not know the key of EF.CardSecurity");
    assert_eq!(report.card_security, copied.card_security);

    let mut without = border.partner.passport("UT0000011", FOUNDED).unwrap();
    let refused = Terminal::connect_with_mapping(&mut without).map(|_| 0);
    assert_eq!(status(refused), ("open channel", Status::CONDITIONS_NOT_SATISFIED));
}

#[test]
fn a_chip_that_trusts_a_stranger_is_not_opened_by_our_chain() {
    let border = border();
    let stranger = AccessAuthority::found("UT", "STRANGER", FOUNDED).unwrap();
    let mut chip = border.partner.passport_of_authority("UT0000012", FOUNDED, &stranger).unwrap();
    assert_eq!(chip.trust_points(), [reference("UTSTRANGER00001")]);
    let refused = authenticate(&mut chip, &border.chain(), &border.system.key, false);
    assert_eq!(status(refused), ("MSE:Set DST", Status::REFERENCED_DATA_NOT_FOUND));
}

#[test]
fn a_chip_is_not_personalised_with_anything_but_a_root_for_inspection_systems() {
    let border = border();
    let document = |number| {
        let holder = emrtd::builder::Holder::specimen();
        emrtd::builder::Personalisation::passport(holder, number, date!(2034 - 01 - 01))
            .issue(border.partner.documents.csca().state(), border.partner.documents.signer())
            .unwrap()
    };
    let mut unsigned = border.partner.access.root(0).unwrap().as_der().to_vec();
    *unsigned.last_mut().unwrap() ^= 1;
    for wrong in [border.verifier.certificate.as_slice(), b"", &border.system.certificate, &unsigned] {
        assert!(Chip::personalise(document("UT0000001"), wrong, FOUNDED).is_err());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn no_bytes_make_the_chip_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        thread_local! {
            static CHIP: std::cell::RefCell<Chip> =
                std::cell::RefCell::new(PartnerState::utopia(FOUNDED).unwrap().passport("UT0000001", FOUNDED).unwrap());
        }
        CHIP.with_borrow_mut(|chip| {
            chip.open_channel(Access::Pace).unwrap();
            proptest::prop_assert!(chip.chip_authentication(&bytes).is_err());
            proptest::prop_assert!(chip.set_digital_signature_template(&bytes).is_err());
            chip.set_digital_signature_template(b"UTCVCASIM00001").unwrap();
            proptest::prop_assert!(chip.verify_certificate(&bytes).is_err());
            proptest::prop_assert!(chip.set_authentication_template(&bytes).is_err());
            proptest::prop_assert!(chip.external_authenticate(&bytes).is_err());
            Ok(())
        })?;
    }
}

#[test]
fn iris_images_stay_closed_to_a_terminal_with_the_right_to_fingerprints_alone() {
    for (rights, open) in [(DG3, false), (Rights::inspection(true, true), true)] {
        let (cvca, root) = own_authority(StandardisedCurve::P256, FOUNDED);
        let mut chip = own_chip(&root, |document| {
            document.data_groups.insert(4, vec![0x76, 0]);
        });
        let (dv, dv_bytes) =
            certificate(&cvca, "UTOWN00001", "PLDV00001", Chat::new(Role::DvForeign, rights), TODAY, 60);
        let (is, is_bytes) = certificate(&dv, "PLDV00001", "PLIS00001", Chat::new(Role::Terminal, rights), TODAY, 20);
        chip.open_channel(Access::Pace).unwrap();
        assert_eq!(chip.read(File::DataGroup(4)), Err(Status::SECURITY_STATUS_NOT_SATISFIED));
        authenticate(&mut chip, &[dv_bytes, is_bytes], &is, true).unwrap();
        assert_eq!(chip.read(File::DataGroup(4)).is_ok(), open);
    }
}

#[test]
fn a_verifier_with_domain_parameters_of_its_own_is_refused() {
    let (cvca, root) = own_authority(StandardisedCurve::P256, FOUNDED);
    let mut chip = own_chip(&root, |_| {});
    let key = PrivateKey::generate_like(cvca.public_key()).unwrap();
    // What the builder does not make for a verifier it makes for a link: only role and signature are exchanged.
    let chat = Chat::new(Role::Cvca, DG3);
    let template = Template::new(reference("PLDV00001"), chat, TODAY, TODAY + Duration::days(60));
    let link =
        issue::link(&cvca, reference("UTOWN00001"), key.public_key(), ParameterForm::Written, &template).unwrap();
    let mut body = link.body().to_vec();
    let role = body.windows(3).position(|window| window == [0x53, 1, 0xC1]).unwrap();
    body[role + 2] = 0x41;
    let mut content = body.clone();
    cvc::tlv::write(&mut content, 0x5F37, &cvca.sign(&body).unwrap()).unwrap();
    let mut verifier = Vec::new();
    cvc::tlv::write(&mut verifier, 0x7F21, &content).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let refused = terminal.present_chain(&[verifier]).map(|()| 0);
    assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED));
}

#[test]
fn an_expired_trust_point_verifies_links_but_no_verifiers() {
    let (cvca, root) = own_authority(StandardisedCurve::P256, date!(2020 - 01 - 01));
    let mut chip = own_chip(&root, |_| {});
    let chat = Chat::new(Role::DvForeign, DG3);
    let (_, dv) = certificate(&cvca, "UTOWN00001", "PLDV00001", chat, TODAY, 60);
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let refused = terminal.present_chain(&[dv]).map(|()| 0);
    assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED));
    assert_eq!(chip.current_date(), FOUNDED);

    let key = PrivateKey::generate_like(cvca.public_key()).unwrap();
    let chat = Chat::new(Role::Cvca, DG3);
    let template = Template::new(reference("UTOWN00002"), chat, TODAY, TODAY + Duration::days(900));
    let link =
        issue::link(&cvca, reference("UTOWN00001"), key.public_key(), ParameterForm::Inherited, &template).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let _ = terminal.present_chain(&[link.as_der().to_vec()]);
    assert_eq!(chip.trust_points(), [reference("UTOWN00002")]);
}

#[test]
fn a_link_to_another_key_under_a_known_name_is_refused() {
    let (cvca, root) = own_authority(StandardisedCurve::P256, FOUNDED);
    let mut chip = own_chip(&root, |_| {});
    let chat = Chat::new(Role::Cvca, DG3);
    let links: Vec<Vec<u8>> = (0..2)
        .map(|_| {
            let key = PrivateKey::generate_like(cvca.public_key()).unwrap();
            let template = Template::new(reference("UTOWN00002"), chat, TODAY, TODAY + Duration::days(900));
            let car = reference("UTOWN00001");
            issue::link(&cvca, car, key.public_key(), ParameterForm::Inherited, &template).unwrap().as_der().to_vec()
        })
        .collect();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let _ = terminal.present_chain(&links[..1]);
    let _ = terminal.present_chain(&links[..1]);
    let refused = terminal.present_chain(&links[1..]).map(|()| 0);
    assert_eq!(status(refused), ("PSO:Verify Certificate", Status::VERIFICATION_FAILED));
    assert_eq!(chip.trust_points(), [reference("UTOWN00002"), reference("UTOWN00001")]);
}
