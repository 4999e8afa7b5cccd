//! A terminal's reading of each kind of passport, inspected: what is good is genuine, what is bad is caught by the right check.

use emrtd::country::Environment;
use emrtd::inspection::{CheckName, CheckResult, Inspection, Profile, Verdict, inspect, update};
use emrtd::lists::{Anchor, MasterList};
use emrtd::presentation::{
    AccessProtocol, ActiveAuthenticationEvidence, ChipAuthenticationEvidence, Presentation, Scope,
};
use emrtd::trust::TrustStore;
use emrtd::x509::{Certificate, Crl};
use straznica_simulators::chip::Chip;
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::terminal::Terminal;
use time::macros::{date, datetime};
use time::{Date, OffsetDateTime};

const FOUNDED: Date = date!(2025 - 03 - 01);
const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const CHALLENGE: [u8; 8] = *b"nonce-01";

/// Trust as an import makes it: the partner's master list under its pinned CSCA, and its revocation list.
fn trust(partner: &mut PartnerState) -> TrustStore {
    let anchor = Certificate::parse(partner.documents.csca().certificate()).unwrap();
    let list = MasterList::parse(&partner.documents.master_list(&[], NOW).unwrap()).unwrap();
    let list = list.verify(&[Anchor::Certificate(anchor)], Some(NOW)).unwrap();
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_master_list(&list, "utopia");
    builder.add_crl(Crl::parse(&partner.documents.revocation_list(NOW).unwrap()).unwrap()).unwrap();
    builder.build()
}

/// Reads a chip as a terminal does and has the reading inspected; `prove` also asks the chip to prove itself.
fn inspected(chip: &mut Chip, trust: &TrustStore, prove: bool) -> Inspection {
    let mut terminal = Terminal::connect(chip, false).unwrap();
    let reading = terminal.read_document().unwrap();
    let response = terminal.active_authentication(&CHALLENGE).unwrap();
    let report = terminal.chip_authentication().unwrap();
    let mut presentation = Presentation::new(Scope::Document, &reading.sod);
    presentation.com = reading.com.as_deref();
    presentation.data_groups = reading.data_groups.iter().map(|(number, bytes)| (*number, bytes.as_slice())).collect();
    presentation.optical_mrz = Some(&reading.optical_mrz);
    presentation.card_access = reading.card_access.as_deref();
    presentation.access = Some(AccessProtocol::Bac);
    if prove {
        presentation.active_authentication =
            Some(ActiveAuthenticationEvidence { challenge: CHALLENGE, response: &response });
        presentation.chip_authentication = Some(ChipAuthenticationEvidence::Version1 {
            succeeded: report.succeeded,
            chip_public_key: Some(&report.chip_public_key),
            key_id: report.key_id,
        });
    }
    inspect(&presentation, trust, Profile::standard(), NOW).unwrap()
}

fn failed(inspection: &Inspection) -> Vec<CheckName> {
    let failed = inspection.checks.iter().filter(|check| check.result == CheckResult::Failed);
    failed.map(|check| check.check).collect()
}

#[test]
fn a_genuine_passport_is_genuine_with_nothing_failed() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let trust = trust(&mut partner);
    let mut chip = partner.passport("UT0000001", FOUNDED).unwrap();
    let inspection = inspected(&mut chip, &trust, true);
    assert_eq!(failed(&inspection), []);
    assert_eq!(inspection.verdict, Verdict::Genuine, "{inspection:#?}");
    assert_eq!(inspection.issuing_state.as_deref(), Some("UTO"));
    for check in [CheckName::ActiveAuthentication, CheckName::ChipAuthentication, CheckName::CardAccess] {
        assert_eq!(inspection.result(check), Some(CheckResult::Successful), "{check}");
    }
}

#[test]
fn a_clone_is_caught_by_chip_authenticity_and_by_nothing_else() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let trust = trust(&mut partner);
    let (mut original, mut clone) = partner.passport_and_clone("UT0000002", FOUNDED).unwrap();
    assert_eq!(inspected(&mut original, &trust, true).verdict, Verdict::Genuine);
    let inspection = inspected(&mut clone, &trust, true);
    assert_eq!(inspection.verdict, Verdict::NotGenuine);
    assert_eq!(
        failed(&inspection),
        [CheckName::ActiveAuthentication, CheckName::ChipAuthentication, CheckName::ChipAuthenticity]
    );
    // Passive authentication alone does not see it, and says that it has not seen everything.
    let blind = inspected(&mut clone, &trust, false);
    assert_eq!((blind.verdict, failed(&blind)), (Verdict::Undetermined, vec![]));
}

#[test]
fn an_altered_portrait_a_revoked_signer_and_a_wrong_state_are_each_caught_by_their_check() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let signer = partner.documents.revoked_signer().clone();
    partner.documents.revoke(&signer, date!(2026 - 10 - 01));
    let trust = trust(&mut partner);
    for (chip, check) in [
        (partner.altered_passport("UT0000003", FOUNDED), CheckName::DataGroupHash(2)),
        (partner.passport_of_revoked_signer("UT0000004", FOUNDED), CheckName::DsRevocation),
        (partner.wrong_state_passport("UT0000005", FOUNDED, "POL"), CheckName::IssuingState),
    ] {
        let inspection = inspected(&mut chip.unwrap(), &trust, true);
        assert_eq!((inspection.verdict, failed(&inspection)), (Verdict::NotGenuine, vec![check]));
    }
}

#[test]
fn a_passport_of_a_state_nobody_vouches_for_is_undetermined() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let trust = trust(&mut partner);
    let impostor = PartnerState::utopia(FOUNDED).unwrap();
    let inspection = inspected(&mut impostor.passport("UT0000006", FOUNDED).unwrap(), &trust, true);
    assert_ne!(inspection.verdict, Verdict::Genuine);
}

#[test]
fn specimens_are_worth_nothing_in_production() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let anchor = Certificate::parse(partner.documents.csca().certificate()).unwrap();
    let mut builder = TrustStore::builder(Environment::Production);
    builder.add_csca(anchor, "by mistake");
    builder.add_crl(Crl::parse(&partner.documents.revocation_list(NOW).unwrap()).unwrap()).unwrap();
    let inspection = inspected(&mut partner.passport("UT0000007", FOUNDED).unwrap(), &builder.build(), true);
    assert_ne!(inspection.verdict, Verdict::Genuine);
}

#[test]
fn a_digest_of_dg3_brings_an_open_inspection_up_to_date() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let trust = trust(&mut partner);
    let home = crate::home::Home::found(FOUNDED);
    partner.access.register(std::slice::from_ref(&home.cvca_certificate)).unwrap();
    let mut chip = partner.passport("UT0000008", FOUNDED).unwrap();
    let first = inspected(&mut chip, &trust, true);
    assert_eq!(first.result(CheckName::DataGroupHash(3)), Some(CheckResult::Undetermined));

    let today = NOW.date();
    let (verifier, _) = home.obtain_dv(&mut partner, "PLBGDV00001", today);
    let system = verifier.inspection_system("PLBGIS00001", today, today, crate::home::DG3);
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    terminal.chip_authentication().unwrap();
    terminal.present_chain(&[verifier.certificate, system.certificate]).unwrap();
    let input = terminal.signature_input().unwrap();
    let signature = cvc::private_key::Signer::sign(&system.key, &input.message()).unwrap();
    terminal.authenticate(&signature).unwrap();
    let digest = terminal.read_fingerprints().unwrap().digest(emrtd::crypto::HashAlgorithm::Sha256).unwrap();

    let sod = terminal.read_document().unwrap().sod;
    let mut more = Presentation::new(Scope::Document, &sod);
    more.digests.insert(3, digest);
    let updated = update(&first, &more, &trust, Profile::standard(), NOW).unwrap();
    assert_eq!(updated.verdict, Verdict::Genuine);
    assert_eq!(updated.result(CheckName::DataGroupHash(3)), Some(CheckResult::Successful));
    more.digests.insert(3, vec![0; 32]);
    let updated = update(&first, &more, &trust, Profile::standard(), NOW).unwrap();
    assert_eq!((updated.verdict, failed(&updated)), (Verdict::NotGenuine, vec![CheckName::DataGroupHash(3)]));
}
