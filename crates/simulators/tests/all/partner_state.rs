//! The partner answers requests by the rules of TR-03139 table 2.

use crate::home::{DG3, Home, reference};
use cvc::algorithm::Algorithm;
use cvc::certificate::Certificate;
use cvc::chat::Role;
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue;
use cvc::private_key::PrivateKey;
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::partner_state::access::{Refusal, RequestError};
use time::macros::{date, datetime};
use time::{Date, Duration};

const FOUNDED: Date = date!(2025 - 03 - 01);
const TODAY: Date = date!(2026 - 11 - 22);

fn registered() -> (PartnerState, Home) {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let home = Home::found(FOUNDED);
    partner.access.register(std::slice::from_ref(&home.cvca_certificate)).unwrap();
    (partner, home)
}

fn refusal(partner: &mut PartnerState, request: &[u8], on: Date) -> Refusal {
    match partner.access.process_dv_request(request, on) {
        Err(RequestError::Refused(refusal)) => refusal,
        other => panic!("a refusal was expected: {other:?}"),
    }
}

#[test]
fn an_initial_request_countersigned_by_a_registered_cvca_is_answered() {
    let (mut partner, home) = registered();
    let (verifier, issued) = home.obtain_dv(&mut partner, "PLBGDV00001", TODAY);
    let certificate = Certificate::parse(issued.certificate.as_slice()).unwrap();
    assert_eq!((certificate.car(), certificate.chr()), (reference("UTCVCASIM00001"), verifier.reference));
    assert_eq!(certificate.chat().role(), Role::DvForeign);
    assert_eq!(certificate.chat().rights(), DG3, "rights are the partner's to give");
    assert_eq!((certificate.effective(), certificate.expires()), (TODAY, TODAY + Duration::days(90)));
    assert_eq!(issued.authority_certificates.len(), 1);
}

#[test]
fn a_successive_request_is_vouched_for_by_the_certificate_still_valid_and_not_by_an_expired_one() {
    let (mut partner, home) = registered();
    let (verifier, _) = home.obtain_dv(&mut partner, "PLBGDV00001", TODAY);
    let successive = |chr: &str| {
        let key = Home::key_for(&partner);
        let request = issue::request(&key, Some(reference("UTCVCASIM00001")), reference(chr), &[]).unwrap();
        issue::countersign(&verifier.key, verifier.reference, &request).unwrap().as_der().to_vec()
    };
    let (good, late, foreign) = (successive("PLBGDV00002"), successive("PLBGDV00003"), successive("PLOTHER00001"));
    let last_day = TODAY + Duration::days(90);
    assert!(partner.access.process_dv_request(&good, last_day).is_ok());
    assert_eq!(refusal(&mut partner, &late, last_day + Duration::days(1)), Refusal::Expired);
    assert_eq!(refusal(&mut partner, &foreign, TODAY), Refusal::NotAccepted, "another holder");
}

#[test]
fn an_initial_request_vouched_for_by_an_expired_cvca_is_refused() {
    let (mut partner, home) = registered();
    let request = home.initial_request(&partner, &Home::key_for(&partner), reference("PLBGDV00001"));
    let after = FOUNDED + Duration::days(1001);
    assert_eq!(refusal(&mut partner, &request, after), Refusal::Expired);
    assert!(partner.access.process_dv_request(&request, after - Duration::days(1)).is_ok(), "the last day");
}

#[test]
fn each_rule_that_is_broken_is_answered_by_its_code() {
    let (mut partner, home) = registered();
    let car = reference("UTCVCASIM00001");
    let chr = reference("PLBGDV00001");
    let key = Home::key_for(&partner);
    let request = |key: &PrivateKey, car, chr| issue::request(key, Some(car), chr, &[]).unwrap();
    let vouched = |request: &cvc::request::Request| {
        issue::countersign(&home.cvca, home.cvca_reference, request).unwrap().as_der().to_vec()
    };

    let plain = request(&key, car, chr);
    assert_eq!(refusal(&mut partner, plain.as_der(), TODAY), Refusal::Syntax, "nobody vouches");
    assert_eq!(refusal(&mut partner, b"", TODAY), Refusal::Syntax);

    let mut spoilt = plain.as_der().to_vec();
    *spoilt.last_mut().unwrap() ^= 1;
    let spoilt = cvc::request::Request::parse(spoilt.as_slice()).unwrap().to_owned();
    assert_eq!(refusal(&mut partner, &vouched(&spoilt), TODAY), Refusal::InnerSignature);

    let other_authority = vouched(&request(&key, reference("UTOTHER00001"), chr));
    assert_eq!(refusal(&mut partner, &other_authority, TODAY), Refusal::Authority);

    let other_curve = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::P256).unwrap();
    let other_curve = vouched(&request(&other_curve, car, chr));
    assert_eq!(refusal(&mut partner, &other_curve, TODAY), Refusal::DomainParameters);

    let mut outer = vouched(&plain);
    *outer.last_mut().unwrap() ^= 1;
    assert_eq!(refusal(&mut partner, &outer, TODAY), Refusal::OuterSignature);
    let stranger = issue::countersign(&key, reference("PLNOBODY00001"), &plain).unwrap();
    assert_eq!(refusal(&mut partner, stranger.as_der(), TODAY), Refusal::OuterSignature);

    let other_country = vouched(&request(&key, car, reference("DEBGDV00001")));
    assert_eq!(refusal(&mut partner, &other_country, TODAY), Refusal::NotAccepted);

    assert!(partner.access.process_dv_request(&vouched(&plain), TODAY).is_ok());
    let same_key = vouched(&request(&key, car, reference("PLBGDV00002")));
    assert_eq!(refusal(&mut partner, &same_key, TODAY), Refusal::NotAccepted, "the key was used before");
    let same_reference = vouched(&request(&Home::key_for(&partner), car, chr));
    assert_eq!(refusal(&mut partner, &same_reference, TODAY), Refusal::NotAccepted, "the reference was used before");
}

#[test]
fn after_a_renewal_roots_and_links_come_by_ascending_date_and_old_requests_are_refused() {
    let (mut partner, home) = registered();
    let old_key = Home::key_for(&partner);
    let old = home.initial_request(&partner, &old_key, reference("PLBGDV00001"));
    partner.access.renew(Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP384r1, TODAY).unwrap();
    assert_eq!(refusal(&mut partner, &old, TODAY), Refusal::Authority);
    let certificates = partner.access.certificates();
    let dates: Vec<Date> = certificates.iter().map(|c| Certificate::parse(c.as_slice()).unwrap().effective()).collect();
    assert_eq!(dates, [FOUNDED, TODAY, TODAY]);
    assert!(partner.passport_trusting("UT0000001", TODAY, 2).is_err(), "there is no third generation");
}

#[test]
fn only_a_cvca_that_something_vouches_for_is_registered() {
    let (mut partner, home) = registered();
    let (verifier, _) = home.obtain_dv(&mut partner, "PLBGDV00001", TODAY);
    assert!(partner.access.register(&[verifier.certificate]).is_err());
    assert!(partner.access.register(&[b"nothing".to_vec()]).is_err());
    let mut spoilt = home.cvca_certificate.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    assert!(partner.access.register(&[spoilt]).is_err());
}

#[test]
fn revocation_lists_count_up_and_name_the_revoked_signer() {
    let mut partner = PartnerState::utopia(FOUNDED).unwrap();
    let at = datetime!(2026-11-22 6:00 UTC);
    let before = partner.documents.revocation_list(at).unwrap();
    let signer = partner.documents.revoked_signer().clone();
    partner.documents.revoke(&signer, TODAY);
    let after = partner.documents.revocation_list(at).unwrap();
    let read = |der: &[u8]| openssl::x509::X509Crl::from_der(der).unwrap();
    let issuer = openssl::x509::X509::from_der(partner.documents.csca().certificate()).unwrap();
    let certificate = openssl::x509::X509::from_der(signer.certificate()).unwrap();
    assert!(read(&after).verify(&issuer.public_key().unwrap()).unwrap());
    assert!(read(&before).get_revoked().is_none());
    let revoked: Vec<_> =
        read(&after).get_revoked().unwrap().iter().map(|entry| entry.serial_number().to_bn().unwrap()).collect();
    assert_eq!(revoked, [certificate.serial_number().to_bn().unwrap()]);
}
