//! Generations of a CVCA: links, switches of algorithm and parameters, replacement, and the path through them.

use cvc::issue::{self, Template};
use cvc::trust::Outcome;
use cvc::{
    Algorithm, ChainError, Code, ParameterForm, PrivateKey, Rights, Role, Signer, StandardisedCurve, TrustGraph,
};

use crate::pki::{Holder, Raw, START, TODAY, chat, codes, days, ec, errors, like, name, trusting, verify, verify_at};

fn root() -> Holder {
    Holder::root("PLCVCA00001", ec(StandardisedCurve::BrainpoolP256r1))
}

#[test]
fn a_legal_link_without_parameters_leads_on() {
    let old = root();
    let (new, link) = old.successor("PLCVCA00002", like(&old.key), ParameterForm::Inherited);
    assert!(!link.public_key().has_parameters());
    let dv = new.dv("DEDV00001");
    let answer = verify(&trusting(&old.certificate), &[&dv.certificate, &link]);
    assert!(answer.valid, "{:?}", answer.findings);
    assert_eq!(answer.path, [old.chr(), new.chr(), dv.chr()]);
}

#[test]
fn a_link_that_changes_parameters_without_carrying_them_is_refused() {
    let old = root();
    for curve in [StandardisedCurve::P256, StandardisedCurve::BrainpoolP384r1] {
        let new = ec(curve);
        let key = new.public_key().encode(ParameterForm::Inherited).unwrap();
        let link = Raw::new("PLCVCA00001", "PLCVCA00002", key, 0xC3).sign(|body| old.key.sign(body).unwrap());
        let answer = verify(&trusting(&old.certificate), &[&link]);
        assert_eq!(errors(&answer), [Code::ParameterChangeWithoutParameters], "{curve}");
    }
}

#[test]
fn a_link_switches_curve_hash_and_family_and_is_signed_the_old_way() {
    let old = root();
    let keys = [
        PrivateKey::generate_ec(Algorithm::EcdsaSha512, StandardisedCurve::P521).unwrap(),
        PrivateKey::generate_ec(Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP256r1).unwrap(),
        PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 2048).unwrap(),
    ];
    for key in keys {
        let (new, link) = old.successor("PLCVCA00002", key, ParameterForm::Written);
        let dv = new.dv("DEDV00001");
        let terminal = dv.terminal("DEIS00001");
        let presented = [&terminal.certificate, &link, &dv.certificate];
        let answer = verify(&trusting(&old.certificate), &presented);
        assert!(answer.valid, "{:?}", answer.findings);
        assert_eq!(answer.path.len(), 4);
    }
}

#[test]
fn a_link_signed_with_the_new_algorithm_is_refused_by_name() {
    let old = root();
    let new = PrivateKey::generate_ec(Algorithm::EcdsaSha512, StandardisedCurve::BrainpoolP256r1).unwrap();
    let wrong = PrivateKey::from_pkcs8(Algorithm::EcdsaSha512, &old.key.to_pkcs8().unwrap()).unwrap();
    let key = new.public_key().encode(ParameterForm::Written).unwrap();
    let link = Raw::new("PLCVCA00001", "PLCVCA00002", key, 0xC3).sign(|body| wrong.sign(body).unwrap());
    let answer = verify(&trusting(&old.certificate), &[&link]);
    assert_eq!(errors(&answer), [Code::LinkSignedWithNewAlgorithm]);
}

#[test]
fn a_link_signed_with_the_new_key_is_refused() {
    let old = root();
    let new = like(&old.key);
    let key = new.public_key().encode(ParameterForm::Written).unwrap();
    let link = Raw::new("PLCVCA00001", "PLCVCA00002", key, 0xC3).sign(|body| new.sign(body).unwrap());
    assert_eq!(errors(&verify(&trusting(&old.certificate), &[&link])), [Code::SignatureInvalid]);
}

#[test]
fn a_document_verifier_may_not_switch_algorithm_curve_or_carry_parameters() {
    let old = root();
    let hash = PrivateKey::generate_ec(Algorithm::EcdsaSha512, StandardisedCurve::BrainpoolP256r1).unwrap();
    let rsa = PrivateKey::generate_rsa(Algorithm::RsaPssSha256, 2048).unwrap();
    let same = like(&old.key);
    for (key, form, expected) in [
        (&hash, ParameterForm::Inherited, Code::AlgorithmMismatch),
        (&ec(StandardisedCurve::P384), ParameterForm::Inherited, Code::AlgorithmMismatch),
        (&rsa, ParameterForm::Inherited, Code::AlgorithmMismatch),
        (&same, ParameterForm::Written, Code::ParametersNotAllowed),
    ] {
        let encoded = key.public_key().encode(form).unwrap();
        let dv = Raw::new("PLCVCA00001", "DEDV00001", encoded, 0x43).sign(|body| old.key.sign(body).unwrap());
        assert_eq!(errors(&verify(&trusting(&old.certificate), &[&dv])), [expected]);
    }
}

#[test]
fn a_root_without_domain_parameters_is_no_trust_point() {
    let key = ec(StandardisedCurve::P256);
    let encoded = key.public_key().encode(ParameterForm::Inherited).unwrap();
    let certificate = Raw::new("PLCVCA00001", "PLCVCA00001", encoded, 0xC3).sign(|body| key.sign(body).unwrap());
    let refused = TrustGraph::new().trust(&certificate).unwrap_err();
    assert_eq!(refused.0[0].code, Code::ParametersMissing);
}

#[test]
fn expired_links_still_build_a_path_and_links_not_yet_valid_do_not() {
    let old = root();
    let (new, link) = old.successor("PLCVCA00002", like(&old.key), ParameterForm::Inherited);
    let key = like(&old.key);
    let template = Template::new(name("PLCVCA00003"), chat(Role::Cvca, true, true), days(390), days(790));
    let second = issue::link(&new.key, new.chr(), key.public_key(), ParameterForm::Inherited, &template).unwrap();
    let newest = Holder { certificate: issue::self_signed(&key, &template).unwrap(), key };
    let template = Template::new(name("DEDV00001"), chat(Role::DvForeign, true, true), days(395), days(460));
    let dv = newest.dv_with(template.clone());
    let trust = trusting(&old.certificate);
    let answer = verify_at(&trust, &[&link, &second, &dv.certificate], days(450));
    assert!(answer.valid, "{:?}", answer.findings);
    assert_eq!(codes(&answer).iter().filter(|code| **code == Code::CvcaExpired).count(), 2);

    // TR-03110-3 2.5.1: for verifiers an expired trust point is disabled, for links it is not.
    let dv = new.dv_with(template);
    assert!(verify_at(&trust, &[&link, &dv.certificate], days(400)).valid, "the last day of the link");
    let answer = verify_at(&trust, &[&link, &dv.certificate], days(401));
    assert_eq!((answer.valid, answer.rights, errors(&answer)), (false, None, vec![Code::CvcaExpired]));

    let answer = verify_at(&trust, &[&link, &new.dv("DEDV00001").certificate], days(-1));
    assert!(!answer.valid);
    assert!(errors(&answer).iter().all(|code| *code == Code::NotYetValid));
}

#[test]
fn a_cvca_replaced_under_another_mnemonic_is_reached_through_its_link() {
    let old = root();
    let (new, link) = old.successor("PLNEWCA00001", like(&old.key), ParameterForm::Written);
    let (newest, second) = new.successor("PLNEWCA00002", like(&old.key), ParameterForm::Written);
    let dv = newest.dv("DEDV00001");
    let answer = verify(&trusting(&old.certificate), &[&dv.certificate, &second, &link]);
    assert!(answer.valid, "{:?}", answer.findings);
    assert_eq!(answer.path, [old.chr(), new.chr(), newest.chr(), dv.chr()]);
}

#[test]
fn a_self_signed_successor_proves_nothing_without_its_link() {
    let old = root();
    let (new, link) = old.successor("PLCVCA00002", like(&old.key), ParameterForm::Written);
    let dv = new.dv("DEDV00001");
    let mut trust = trusting(&old.certificate);
    let answer = verify(&trust, &[&new.certificate, &dv.certificate]);
    assert_eq!(errors(&answer), [Code::IssuerUnknown]);
    assert!(codes(&answer).contains(&Code::SelfSignedNotTrusted));

    assert_eq!(trust.admit(&new.certificate).unwrap().outcome, Outcome::NotTrusted);
    trust.admit(&link).unwrap();
    assert_eq!(trust.admit(&new.certificate).unwrap().outcome, Outcome::Added);
    assert!(verify(&trust, &[&dv.certificate]).valid);
}

#[test]
fn rights_come_from_the_link_that_signed_the_verifier_so_a_link_may_widen_them() {
    let key = ec(StandardisedCurve::BrainpoolP256r1);
    let narrow = Template::new(name("PLCVCA00001"), chat(Role::Cvca, true, false), START, days(365));
    let old = Holder { certificate: issue::self_signed(&key, &narrow).unwrap(), key };
    let (new, link) = old.successor("PLCVCA00002", like(&old.key), ParameterForm::Inherited);
    let dv = new.dv("DEDV00001");
    let both = Template::new(name("DEIS00001"), chat(Role::Terminal, true, true), START, days(30));
    let wide = dv.dv_with(both.clone());
    let answer = verify(&trusting(&old.certificate), &[&link, &dv.certificate, &wide.certificate]);
    assert_eq!(answer.rights, Some(Rights::inspection(true, true)));

    let direct = old.dv("DEDV00002");
    let terminal = direct.dv_with(both);
    let answer = verify(&trusting(&old.certificate), &[&direct.certificate, &terminal.certificate]);
    assert_eq!(answer.rights, Some(Rights::inspection(true, false)));
}

#[test]
fn the_storage_key_is_the_pair_of_references() {
    // Two authorities may each have issued to the same holder reference.
    let (poland, germany) = (root(), Holder::root("DECVCA00001", ec(StandardisedCurve::P256)));
    let (one, two) = (poland.dv("LTDV00001"), germany.dv("LTDV00001"));
    let mut trust = TrustGraph::new();
    trust.trust(&poland.certificate).unwrap();
    trust.trust(&germany.certificate).unwrap();
    trust.admit(&one.certificate).unwrap();
    trust.admit(&two.certificate).unwrap();
    assert_eq!(trust.holders(name("LTDV00001")).count(), 2);
    for dv in [one, two] {
        let answer = verify(&trust, &[&dv.terminal("LTIS00001").certificate]);
        assert!(answer.valid, "{:?}", answer.findings);
        assert_eq!(answer.path[0], dv.certificate.car());
    }
}

#[test]
fn the_order_does_not_matter_even_where_another_authority_has_the_holder_under_the_same_name() {
    let (poland, germany) = (root(), Holder::root("DECVCA00001", ec(StandardisedCurve::BrainpoolP256r1)));
    let mut trust = trusting(&poland.certificate);
    trust.trust(&germany.certificate).unwrap();
    trust.admit(&poland.dv("LTDV00001").certificate).unwrap();
    let dv = germany.dv("LTDV00001");
    let terminal = dv.terminal("LTIS00001");
    for presented in [[&dv.certificate, &terminal.certificate], [&terminal.certificate, &dv.certificate]] {
        let answer = verify(&trust, &presented);
        assert!(answer.valid, "{:?}", answer.findings);
        assert_eq!(answer.path, [germany.chr(), dv.chr(), terminal.chr()]);
    }
}

#[test]
fn a_sequence_number_used_again_for_another_key_is_a_conflict() {
    let old = root();
    let mut trust = trusting(&old.certificate);
    trust.admit(&old.dv("DEDV00001").certificate).unwrap();
    let refused = trust.admit(&old.dv("DEDV00001").certificate).unwrap_err();
    assert_eq!(refused.0[0].code, Code::ConflictingCertificate);
}

#[test]
fn a_key_used_again_in_another_certificate_is_reported() {
    let old = root();
    let dv = old.dv("DEDV00001");
    let template = Template::new(name("DEDV00002"), chat(Role::DvForeign, true, true), START, days(60));
    let again = issue::subordinate(&old.key, old.chr(), dv.key.public_key(), &template).unwrap();
    let mut trust = trusting(&old.certificate);
    trust.admit(&dv.certificate).unwrap();
    let admission = trust.admit(&again).unwrap();
    assert!(admission.findings.iter().any(|finding| finding.code == Code::KeyReused));
}

#[test]
fn one_key_and_name_under_two_authorities_is_reported_and_a_link_with_its_twin_is_not() {
    let (poland, lithuania) = (root(), Holder::root("LTCVCA00001", ec(StandardisedCurve::BrainpoolP256r1)));
    let dv = poland.dv("DEDV00001");
    let template = Template::new(dv.chr(), chat(Role::DvForeign, true, true), START, days(60));
    let again = issue::subordinate(&lithuania.key, lithuania.chr(), dv.key.public_key(), &template).unwrap();
    let mut trust = trusting(&poland.certificate);
    trust.trust(&lithuania.certificate).unwrap();
    trust.admit(&dv.certificate).unwrap();
    let admission = trust.admit(&again).unwrap();
    assert!(admission.findings.iter().any(|finding| finding.code == Code::KeyReused));

    let (new, link) = poland.successor("PLCVCA00002", like(&poland.key), ParameterForm::Written);
    assert_eq!(trust.admit(&link).unwrap().findings, []);
    assert_eq!(trust.admit(&new.certificate).unwrap().findings, []);
}

#[test]
fn the_chain_for_a_chip_takes_the_newest_generation_it_can_reach() {
    let first = root();
    let (second, to_second) = first.successor("PLCVCA00002", like(&first.key), ParameterForm::Inherited);
    let (third, to_third) = second.successor("PLCVCA00003", like(&first.key), ParameterForm::Inherited);
    let mut trust = trusting(&first.certificate);
    trust.admit(&to_second).unwrap();
    trust.admit(&to_third).unwrap();
    let old_dv = first.dv("DEDV00001");
    let dv = second.dv("DEDV00002");
    let terminals = [old_dv.terminal("DEIS00001"), dv.terminal("DEIS00002")];
    for certificate in [&old_dv.certificate, &dv.certificate, &terminals[0].certificate, &terminals[1].certificate] {
        trust.admit(certificate).unwrap();
    }
    // Nothing is held under the third generation, so the second is the newest that serves.
    let chain = trust.chain_for(first.chr(), TODAY, |_| true).unwrap();
    let shown: Vec<_> = chain.certificates().map(cvc::Certificate::chr).collect();
    assert_eq!(shown, [second.chr(), dv.chr(), terminals[1].chr()]);
    assert_eq!((chain.rights, chain.expires), (Rights::inspection(true, false), days(30)));

    // A chip that trusts the second generation needs no link; one that trusts the third is beyond reach.
    let chain = trust.chain_for(second.chr(), TODAY, |_| true).unwrap();
    assert_eq!(chain.links.len(), 0);
    assert_eq!(trust.chain_for(third.chr(), TODAY, |_| true).unwrap_err(), ChainError::NoTerminal(third.chr()));
    let unknown = name("FRCVCA00001");
    assert_eq!(trust.chain_for(unknown, TODAY, |_| true).unwrap_err(), ChainError::CarUnknown(unknown));

    // Without the newer key the older generation serves; without any, nothing does.
    let chain = trust.chain_for(first.chr(), TODAY, |terminal| terminal.chr() == terminals[0].chr()).unwrap();
    assert_eq!((chain.links.len(), chain.terminal.chr()), (0, terminals[0].chr()));
    assert!(trust.chain_for(first.chr(), TODAY, |_| false).is_err());
    assert!(trust.chain_for(first.chr(), days(31), |_| true).is_err());
    assert_eq!(trust.chains(TODAY, |_| true).len(), 2);
}

#[test]
fn of_several_verifier_generations_the_newest_valid_one_is_shown() {
    let first = root();
    let mut trust = trusting(&first.certificate);
    for (dv, terminal, start) in
        [("DEDV00001", "DEIS00001", 0), ("DEDV00002", "DEIS00002", 5), ("DEDV00003", "DEIS00003", 20)]
    {
        let template = Template::new(name(dv), chat(Role::DvForeign, true, true), days(start), days(start + 60));
        let dv = first.dv_with(template);
        let template = Template::new(name(terminal), chat(Role::Terminal, true, true), days(start), days(start + 20));
        trust.admit(&dv.certificate).unwrap();
        trust.admit(&dv.dv_with(template).certificate).unwrap();
    }
    for (day, expected) in [(1, "DEIS00001"), (9, "DEIS00002"), (25, "DEIS00003")] {
        assert_eq!(trust.chain_for(first.chr(), days(day), |_| true).unwrap().terminal.chr(), name(expected));
    }
}
