//! What a terminal is let read, and what it has to prove before.

use super::{FOUNDED, TODAY, authenticate, border, certificate, own_authority, own_chip, status};
use crate::home::{DG3, reference};
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::private_key::{PrivateKey, Signer};
use straznica_simulators::chip::{Access, Chip, File, Status};
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_simulators::terminal::Terminal;
use time::macros::date;

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
