//! Which certificates a chain may be made of.

use super::{FOUNDED, TODAY, authenticate, certificate, domestic_chip, own_authority, own_chip, status};
use crate::home::{DG3, reference};
use cvc::algorithm::Algorithm;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::{PrivateKey, Signer};
use cvc::public_key::ParameterForm;
use straznica_simulators::chip::Status;
use straznica_simulators::terminal::Terminal;
use time::Duration;

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
