//! Document verifiers and terminals: dates, roles, policy, the terminal's signature.

use cvc::issue::{self, Template};
use cvc::policy::TR_03139;
use cvc::report::{ShowReport, VerifyReport};
use cvc::terminal_authentication::{self as ta, Input, InputError};
use cvc::{
    Algorithm, Chat, Code, ParameterForm, PrivateKey, Rights, Role, Severity, Signer, StandardisedCurve, TerminalType,
    TrustGraph, VerifyOptions,
};
use time::Date;
use time::macros::date;

use crate::pki::{Holder, Raw, START, chat, codes, days, ec, errors, name, trusting, verify, verify_at};

fn root() -> Holder {
    Holder::root("PLCVCA00001", ec(StandardisedCurve::BrainpoolP256r1))
}

#[test]
fn expired_and_not_yet_valid_verifiers_and_terminals_are_refused_and_their_last_day_counts() {
    let root = root();
    let dv = root.dv("DEDV00001");
    let terminal = dv.terminal("DEIS00001");
    let trust = trusting(&root.certificate);
    let presented = [&dv.certificate, &terminal.certificate];
    for (day, expected) in [
        (-1, vec![Code::NotYetValid, Code::NotYetValid, Code::NotYetValid]),
        (0, vec![]),
        (30, vec![]),
        (31, vec![Code::Expired]),
        (61, vec![Code::Expired, Code::Expired]),
    ] {
        let answer = verify_at(&trust, &presented, days(day));
        assert_eq!(errors(&answer), expected, "day {day}");
        assert_eq!(answer.valid, expected.is_empty(), "day {day}");
        assert_eq!(answer.rights.is_some(), answer.valid, "rights are never shown for what is not valid");
    }
}

#[test]
fn a_certificate_whose_issuer_is_missing_is_undecided_and_that_has_its_own_code() {
    let root = root();
    let dv = root.dv("DEDV00001");
    let terminal = dv.terminal("DEIS00001");
    let answer = verify(&trusting(&root.certificate), &[&terminal.certificate]);
    assert_eq!((answer.valid, errors(&answer)), (false, vec![Code::IssuerUnknown]));
    let answer = verify(&TrustGraph::new(), &[&dv.certificate, &terminal.certificate]);
    assert_eq!(errors(&answer), [Code::IssuerUnknown, Code::IssuerUnknown]);
}

#[test]
fn only_verifiers_issue_to_terminals_and_only_cvcas_to_verifiers() {
    let root = root();
    let dv = root.dv("DEDV00001");
    let trust = trusting(&root.certificate);
    let from_root = root.dv_with(Template::new(name("DEIS00001"), chat(Role::Terminal, true, true), START, days(9)));
    assert_eq!(errors(&verify(&trust, &[&from_root.certificate])), [Code::IssuerRole]);
    let sub = dv.dv_with(Template::new(name("DEDV00002"), chat(Role::DvForeign, true, true), START, days(9)));
    let presented = [&dv.certificate, &sub.certificate, &sub.terminal("DEIS00001").certificate];
    let answer = verify(&trust, &presented);
    assert_eq!(errors(&answer), [Code::IssuerRole, Code::IssuerRefused]);
}

#[test]
fn terminal_types_do_not_mix() {
    let root = root();
    let rights = Rights::none(TerminalType::AuthenticationTerminal);
    let dv = root.dv_with(Template::new(name("DEDV00001"), Chat::new(Role::DvForeign, rights), START, days(60)));
    assert_eq!(errors(&verify(&trusting(&root.certificate), &[&dv.certificate])), [Code::TerminalTypeMismatch]);
}

#[test]
fn two_terminals_at_once_or_none_are_no_question() {
    let root = root();
    let dv = root.dv("DEDV00001");
    let (one, two) = (dv.terminal("DEIS00001"), dv.terminal("DEIS00002"));
    let trust = trusting(&root.certificate);
    let answer = verify(&trust, &[&dv.certificate, &one.certificate, &two.certificate]);
    assert_eq!(errors(&answer), [Code::SeveralTargets]);
    assert_eq!(errors(&verify(&trust, &[])), [Code::NothingPresented]);
    // The same certificate twice is one.
    assert!(verify(&trust, &[&dv.certificate, &one.certificate, &one.certificate]).valid);
}

#[test]
fn certificates_the_path_does_not_need_are_reported_and_bad_ones_refused() {
    let root = root();
    let (dv, other) = (root.dv("DEDV00001"), root.dv("DEDV00002"));
    let terminal = dv.terminal("DEIS00001");
    let trust = trusting(&root.certificate);
    let answer = verify(&trust, &[&dv.certificate, &other.certificate, &terminal.certificate]);
    assert!(answer.valid && codes(&answer).contains(&Code::NotOnPath), "{:?}", answer.findings);

    let forged = Holder::root("PLCVCA00001", ec(StandardisedCurve::BrainpoolP256r1)).dv("DEDV00003");
    let answer = verify(&trust, &[&dv.certificate, &forged.certificate, &terminal.certificate]);
    assert_eq!((answer.valid, errors(&answer)), (false, vec![Code::SignatureInvalid]));
}

#[test]
fn another_issue_of_a_held_certificate_is_judged_by_its_own_dates() {
    let root = root();
    let dv = root.dv("DEDV00001");
    let shorter = Template::new(dv.chr(), chat(Role::DvForeign, true, true), START, days(5));
    let shorter = issue::subordinate(&root.key, root.chr(), dv.key.public_key(), &shorter).unwrap();
    let mut trust = trusting(&root.certificate);
    trust.admit(&dv.certificate).unwrap();
    assert!(verify(&trust, &[&dv.certificate]).valid);
    assert_eq!(errors(&verify(&trust, &[&shorter])), [Code::Expired]);
}

#[test]
fn only_cvca_certificates_are_trust_points_and_their_own_signature_counts() {
    let root = root();
    let dv = root.dv("DEDV00001");
    assert_eq!(TrustGraph::new().trust(&dv.certificate).unwrap_err().0[0].code, Code::TrustPointRole);
    let key = root.key.public_key().encode(ParameterForm::Written).unwrap();
    let forged = Raw::new("PLCVCA00001", "PLCVCA00001", key, 0xC3).sign(|body| dv.key.sign(body).unwrap());
    assert_eq!(TrustGraph::new().trust(&forged).unwrap_err().0[0].code, Code::SelfSignatureInvalid);
}

#[test]
fn reversed_dates_reserved_rights_and_small_country_letters_are_told() {
    let root = root();
    let key = ec(StandardisedCurve::BrainpoolP256r1).public_key().encode(ParameterForm::Inherited).unwrap();
    let mut raw = Raw::new("PLCVCA00001", "deDV00001", key, 0x47);
    let answer = verify(&trusting(&root.certificate), &[&raw.sign(|body| root.key.sign(body).unwrap())]);
    assert!(answer.valid, "{:?}", answer.findings);
    assert_eq!(codes(&answer), [Code::ReservedRights, Code::CountryForm]);
    raw.to = [2, 6, 0, 2, 0, 1];
    let answer = verify(&trusting(&root.certificate), &[&raw.sign(|body| root.key.sign(body).unwrap())]);
    assert_eq!(errors(&answer), [Code::DatesReversed]);
}

#[test]
fn an_rsa_key_of_a_size_the_standard_does_not_name_is_told() {
    for (bits, told) in [(2048, false), (3072, false), (2560, true)] {
        let root = Holder::root("PLCVCA00001", PrivateKey::generate_rsa(Algorithm::RsaPssSha256, bits).unwrap());
        let admission = TrustGraph::new().trust(&root.certificate).unwrap();
        let codes: Vec<Code> = admission.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes.contains(&Code::KeySize), told, "{bits}");
    }
}

#[test]
fn the_validity_policy_warns_and_refuses_when_insisted_on() {
    let root = root();
    let cases: [(Role, Date, Date, Option<Code>); 12] = [
        (Role::Cvca, START, date!(2026 - 08 - 30), Some(Code::ValidityTooShort)),
        (Role::Cvca, START, date!(2026 - 08 - 31), None),
        (Role::Cvca, START, date!(2029 - 03 - 01), None),
        (Role::Cvca, START, date!(2029 - 03 - 02), Some(Code::ValidityTooLong)),
        (Role::DvForeign, START, date!(2026 - 03 - 13), Some(Code::ValidityTooShort)),
        (Role::DvForeign, START, date!(2026 - 03 - 14), None),
        (Role::DvDomestic, START, date!(2026 - 06 - 01), None),
        (Role::DvDomestic, START, date!(2026 - 06 - 02), Some(Code::ValidityTooLong)),
        (Role::Terminal, START, START, None),
        (Role::Terminal, START, date!(2026 - 04 - 01), None),
        (Role::Terminal, START, date!(2026 - 04 - 02), Some(Code::ValidityTooLong)),
        (Role::Terminal, date!(2027 - 01 - 31), date!(2027 - 03 - 01), Some(Code::ValidityTooLong)),
    ];
    for (role, from, to, expected) in cases {
        let template = Template::new(name("PLTEST00001"), chat(role, true, true), from, to);
        let certificate = match role {
            Role::Cvca => issue::self_signed(&root.key, &template).unwrap(),
            _ => root.dv_with(template).certificate,
        };
        assert_eq!(TR_03139.check(&certificate).map(|finding| finding.code), expected, "{role} {from} {to}");
    }

    let dv = root.dv_with(Template::new(name("DEDV00001"), chat(Role::DvForeign, true, true), START, days(365)));
    let trust = trusting(&root.certificate);
    let answer = verify(&trust, &[&dv.certificate]);
    assert!(answer.valid && codes(&answer) == [Code::ValidityTooLong]);
    let strict = VerifyOptions { policy: Some(&TR_03139), ..VerifyOptions::at(START) };
    let answer = cvc::verify::verify(&trust, &[dv.certificate], &strict);
    assert!(!answer.valid);
    assert_eq!(answer.findings[0].severity, Severity::Error);
}

#[test]
fn a_terminals_signature_verifies_from_parts_and_from_the_hash_alone() {
    for key in [ec(StandardisedCurve::P384), PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 2048).unwrap()] {
        let pcd = [&[4][..], &[7; 32], &[9; 32]].concat();
        let compressed = ta::compress_ecdh(&pcd).unwrap();
        let input = Input::new(b"C01X00T478", &[1, 2, 3, 4, 5, 6, 7, 8], compressed).unwrap();
        assert_eq!(input.message(), [&b"C01X00T478"[..], &[1, 2, 3, 4, 5, 6, 7, 8], &[7; 32]].concat());
        let hash = input.digest(key.algorithm()).unwrap();
        let (by_parts, by_hash) = (ta::sign(&key, &input).unwrap(), ta::sign_hash(&key, &hash).unwrap());
        for signature in [by_parts, by_hash] {
            ta::verify(key.public_key(), &input, &signature).unwrap();
            ta::verify_hash(key.public_key(), &hash, &signature).unwrap();
            let auxiliary = input.with_auxiliary_data(&[0x67, 0]).unwrap();
            assert!(ta::verify(key.public_key(), &auxiliary, &signature).is_err());
        }
        assert!(ta::sign_hash(&key, &hash[1..]).is_err());
    }
    assert_eq!(Input::new(b"", &[0; 8], &[0; 32]).unwrap_err(), InputError::IdPicc(0));
    assert_eq!(Input::new(b"X", &[0; 7], &[0; 32]).unwrap_err(), InputError::Challenge(7));
    assert_eq!(ta::compress_ecdh(&[2, 1]).unwrap_err(), InputError::Point);
}

#[test]
fn the_reports_have_the_agreed_json() {
    let root = root();
    let dv = root.dv("DEDV00001");
    let terminal = dv.terminal("DEIS00001");
    let answer = verify(&trusting(&root.certificate), &[&dv.certificate, &terminal.certificate]);
    let report = serde_json::to_value(VerifyReport::new(Vec::new(), answer)).unwrap();
    let expected = serde_json::json!({
        "valid": true,
        "path": ["PLCVCA00001", "DEDV00001", "DEIS00001"],
        "role": "terminal",
        "rights": {"terminal_type": "IS", "bits": "01", "dg3": true, "dg4": false},
        "findings": [],
    });
    assert_eq!(report, expected);

    let object = cvc::input::Object::from_file(root.certificate.as_der()).unwrap();
    let report = serde_json::to_value(ShowReport::new(&object)).unwrap();
    let expected = serde_json::json!({
        "kind": "certificate", "car": "PLCVCA00001", "chr": "PLCVCA00001", "outer_car": null, "role": "cvca",
        "rights": {"terminal_type": "IS", "bits": "03", "dg3": true, "dg4": true},
        "algorithm": "id-TA-ECDSA-SHA-256", "parameters": "brainpoolP256r1",
        "effective": "2026-03-01", "expires": "2027-03-01",
        "self_signature": "valid", "inner_signature": "not_applicable",
    });
    assert_eq!(report, expected);

    let request = issue::request(&dv.key, Some(root.chr()), name("DEDV00002"), &[]).unwrap();
    let outer = issue::countersign(&dv.key, dv.chr(), &request).unwrap();
    let object = cvc::input::Object::from_file(outer.as_der()).unwrap();
    let report = serde_json::to_value(ShowReport::new(&object)).unwrap();
    assert_eq!(report["kind"], "authenticated_request");
    assert_eq!(report["outer_car"], "DEDV00001");
    assert_eq!(report["inner_signature"], "valid");
    assert_eq!(report["self_signature"], "not_applicable");
    assert_eq!(report["effective"], serde_json::Value::Null);

    let refused = verify(&TrustGraph::new(), &[&dv.certificate]);
    let report = serde_json::to_value(VerifyReport::new(Vec::new(), refused)).unwrap();
    let keys: Vec<&String> = report["findings"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["certificate", "code", "detail", "severity"]);
    assert_eq!(report["findings"][0]["severity"], "error");
    assert_eq!(report["rights"], serde_json::Value::Null);
}

#[test]
fn a_bad_trust_point_makes_the_answer_not_valid_and_an_unneeded_one_says_nothing() {
    let (root, other) = (root(), Holder::root("deCVCA00001", ec(StandardisedCurve::P256)));
    let dv = root.dv("DEDV00001");
    let options = VerifyOptions::at(START);
    let trust = [other.certificate.clone(), root.certificate.clone()];
    let report = VerifyReport::verify(&trust, std::slice::from_ref(&dv.certificate), &options);
    assert!(report.valid && report.findings.is_empty(), "{report}");

    let trust = [root.certificate.clone(), dv.certificate.clone()];
    let report = VerifyReport::verify(&trust, &[dv.certificate], &options);
    assert_eq!((report.valid, report.rights), (false, None));
    assert_eq!(report.findings[0].code, Code::TrustPointRole);
}

#[test]
fn trust_points_may_be_links_in_any_order_and_one_without_its_issuer_is_reported() {
    let first = root();
    let (second, to_second) = first.successor("PLCVCA00002", ec(StandardisedCurve::P256), ParameterForm::Written);
    let (third, to_third) = second.successor("PLCVCA00003", ec(StandardisedCurve::P256), ParameterForm::Inherited);
    let dv = third.dv("DEDV00001").certificate;
    let options = VerifyOptions::at(START);
    let trust = [to_third.clone(), to_second.clone(), first.certificate];
    let report = VerifyReport::verify(&trust, std::slice::from_ref(&dv), &options);
    assert!(report.valid && report.findings.is_empty(), "{report}");

    let report = VerifyReport::verify(&[to_third, to_second], std::slice::from_ref(&dv), &options);
    assert!(report.valid, "{report}");
    let unverified = VerifyReport::verify(&[third.certificate], &[dv], &options);
    assert!(unverified.valid && unverified.findings.is_empty(), "{unverified}");
    let (_, link) = first_link_alone();
    let report = VerifyReport::verify(std::slice::from_ref(&link), std::slice::from_ref(&link), &options);
    assert!(
        report.valid && report.findings.iter().any(|finding| finding.code == Code::TrustPointUnverified),
        "{report}"
    );
}

fn first_link_alone() -> (Holder, cvc::Certificate) {
    root().successor("PLCVCA00002", ec(StandardisedCurve::P256), ParameterForm::Written)
}

#[test]
fn every_finding_names_its_rule() {
    for code in Code::ALL {
        let finding = cvc::Finding::general(*code, "detail");
        assert!(code.rule().starts_with("TR-03"), "{code}");
        assert!(finding.detail.ends_with(&format!("({})", code.rule())), "{code}");
    }
}
