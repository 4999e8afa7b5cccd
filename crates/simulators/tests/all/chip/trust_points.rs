//! Which CVCAs the chip trusts, how it is led from one to the next, and what day it believes it is.

use super::{FOUNDED, TODAY, authenticate, border, certificate, domestic_chip, own_authority, own_chip, status};
use crate::home::{DG3, Home, reference};
use cvc::algorithm::Algorithm;
use cvc::chat::{Chat, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::{PrivateKey, Signer};
use cvc::public_key::ParameterForm;
use straznica_simulators::chip::{File, Status};
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::terminal::Terminal;
use time::Duration;
use time::macros::date;

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
