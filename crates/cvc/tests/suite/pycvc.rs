//! Beside another implementation: PyPI's pycvc, which shares no code with this library. It reads what is issued here, and
//! what it issues is read here, padded P-521 coefficient included.
//!
//! STRAZNICA_PYTHON names the interpreter that can import it; without one that can, the test says so and is skipped,
//! except in continuous integration.

use std::io::Write;
use std::process::{Command, Stdio};

use cvc::{
    Algorithm, Certificate, Code, ParameterForm, PrivateKey, PublicKey, Request, Rights, Signer, StandardisedCurve,
    issue,
};
use serde_json::{Value, json};

use crate::pki::{Holder, codes, ec, errors, name, trusting, verify};

/// One task as JSON in, one answer out: verifies a chain and a request, or issues them with fresh keys.
const SCRIPT: &str = r#"
import json, sys
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cvc.certificates import CVC
from cvc.terminal import Type, TypeIS

CURVES = {known.__name__.lower(): known for known in ec.EllipticCurve.__subclasses__()}
answers = []
for task in json.load(sys.stdin):
    answer = {}
    curve = CURVES[task["curve"].lower()]() if task["curve"] else None
    if task["do"] == "verify":
        chain = [bytes.fromhex(der) for der in task["chain"]]
        request = bytes.fromhex(task["request"])
        issuers = [chain[0]] + chain[:-1]
        answer["verified"] = [CVC().decode(der).verify(dica=issuer, curve=curve) for der, issuer in zip(chain, issuers)]
        answer["chr"] = [bytes(CVC().decode(der).chr()).decode() for der in chain]
        answer["request"] = CVC().decode(request).verify(dica=request, curve=curve)
    else:
        scheme = bytes.fromhex(task["oid"])
        new = lambda: ec.generate_private_key(curve) if curve else rsa.generate_private_key(65537, 2048)
        one, two = new(), new()
        root = CVC().cert(pubkey=one.public_key(), scheme=scheme, signkey=one, signscheme=scheme, car=b"UTCVCA00001",
            chr=b"UTCVCA00001", role=TypeIS(Type.CVCA, read_fingerprint=1, read_iris=1), days=365, since="260301")
        dv = CVC().cert(pubkey=two.public_key(), scheme=scheme, signkey=one, signscheme=scheme, car=b"UTCVCA00001",
            chr=b"UTDV00001", role=TypeIS(Type.DV_domestic, read_fingerprint=1), days=60, since="260301")
        request = CVC().req(pubkey=two.public_key(), scheme=scheme, signkey=two, signscheme=scheme, car=b"UTCVCA00001",
            chr=b"UTDV00002")
        outer = CVC().req(pubkey=two.public_key(), scheme=scheme, signkey=two, signscheme=scheme, car=b"UTCVCA00001",
            chr=b"UTDV00002", outercar=b"UTCVCA00001", outerkey=one, outerscheme=scheme)
        answer = {"root": root, "dv": dv, "request": request, "outer": outer}
        answer = {part: bytes(made.encode()).hex() for part, made in answer.items()}
    answers.append(answer)
json.dump(answers, sys.stdout)
"#;

fn ask(python: &std::path::Path, tasks: &Value) -> Vec<Value> {
    let mut child =
        Command::new(python).args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(tasks.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The kinds of key both sides know: algorithm, and curve or RSA.
const KINDS: [(Algorithm, Option<StandardisedCurve>); 12] = [
    (Algorithm::RsaPkcs1Sha256, None),
    (Algorithm::RsaPkcs1Sha512, None),
    (Algorithm::EcdsaSha224, Some(StandardisedCurve::P192)),
    (Algorithm::EcdsaSha256, Some(StandardisedCurve::P224)),
    (Algorithm::EcdsaSha256, Some(StandardisedCurve::P256)),
    (Algorithm::EcdsaSha384, Some(StandardisedCurve::P384)),
    (Algorithm::EcdsaSha512, Some(StandardisedCurve::P521)),
    (Algorithm::EcdsaSha256, Some(StandardisedCurve::BrainpoolP256r1)),
    (Algorithm::EcdsaSha512, Some(StandardisedCurve::BrainpoolP256r1)),
    (Algorithm::EcdsaSha384, Some(StandardisedCurve::BrainpoolP384r1)),
    (Algorithm::EcdsaSha512, Some(StandardisedCurve::BrainpoolP512r1)),
    (Algorithm::EcdsaSha224, Some(StandardisedCurve::BrainpoolP256r1)),
];

fn curve_name(curve: Option<StandardisedCurve>) -> Value {
    curve.map_or(Value::Null, |curve| json!(curve.name()))
}

#[test]
fn pycvc_reads_what_is_issued_here() {
    let Some(python) = straznica_testkit::python_with("cvc.certificates") else { return };
    let mut tasks = Vec::new();
    for (algorithm, curve) in KINDS {
        let key = match curve {
            Some(curve) => PrivateKey::generate_ec(algorithm, curve).unwrap(),
            None => PrivateKey::generate_rsa(algorithm, 2048).unwrap(),
        };
        let root = Holder::root("PLCVCA00001", key);
        let dv = root.dv("PLDV00001");
        let terminal = dv.terminal("PLIS00001");
        let request = issue::request(&dv.key, Some(root.chr()), name("PLDV00002"), &[]).unwrap();
        let chain = [&root, &dv, &terminal].map(|holder| hex::encode(holder.certificate.as_der()));
        let request = hex::encode(request.as_der());
        tasks.push(json!({"do": "verify", "chain": chain, "curve": curve_name(curve), "request": request}));
    }
    // One that must fail, so that a yes means something.
    let mut forged = tasks[7].clone();
    forged["chain"][1] = tasks[8]["chain"][1].clone();
    tasks.push(forged);

    let answers = ask(&python, &Value::from(tasks));
    assert_eq!(answers.len(), KINDS.len() + 1);
    for (answer, kind) in answers.iter().zip(KINDS) {
        assert_eq!(answer["verified"], json!([true, true, true]), "{kind:?}");
        assert_eq!(answer["chr"], json!(["PLCVCA00001", "PLDV00001", "PLIS00001"]), "{kind:?}");
        assert_eq!(answer["request"], json!(true), "{kind:?}");
    }
    assert_eq!(answers[KINDS.len()]["verified"][1], json!(false));
}

#[test]
fn what_pycvc_issues_is_read_here_and_its_padded_coefficient_reported() {
    let Some(python) = straznica_testkit::python_with("cvc.certificates") else { return };
    let issue = |(algorithm, curve): (Algorithm, _)| json!({"do": "issue", "curve": curve_name(curve), "oid": hex::encode(algorithm.oid())});
    let tasks: Vec<Value> = KINDS.into_iter().map(issue).collect();
    for (answer, (algorithm, curve)) in ask(&python, &Value::from(tasks)).iter().zip(KINDS) {
        let what = format!("{algorithm} {curve:?}");
        let der = |part: &str| hex::decode(answer[part].as_str().unwrap()).unwrap();
        let root = Certificate::parse(der("root").as_slice()).unwrap().to_owned();
        let dv = Certificate::parse(der("dv").as_slice()).unwrap().to_owned();
        let found = verify(&trusting(&root), &[&dv]);
        assert!(found.valid, "{what}: {:?}", found.findings);
        assert_eq!(found.rights, Some(Rights::inspection(true, false)), "{what}");
        let padded = curve == Some(StandardisedCurve::P521);
        assert_eq!(codes(&found), if padded { vec![Code::PaddedCoefficient] } else { vec![] }, "{what}");

        let root_key = PublicKey::resolve(&root.public_key(), None).unwrap();
        let request = Request::parse(der("request")).unwrap();
        let key = request.verify_inner().unwrap();
        assert!(key.view(ParameterForm::Inherited).same_key(&dv.public_key()), "{what}");
        assert_eq!(request.public_key().has_padded_coefficient(), padded, "{what}");
        let outer = cvc::AuthenticatedRequest::parse(der("outer")).unwrap();
        assert_eq!(outer.outer_car(), root.chr(), "{what}");
        outer.verify_outer(&root_key).unwrap();
        outer.request().verify_inner().unwrap();
    }
}

#[test]
fn pss_with_a_salt_longer_than_the_hash_is_refused() {
    // pycvc salts with the greatest possible length; TR-03110-3 A.6.3 asks for the length of the hash.
    let Some(python) = straznica_testkit::python_with("cvc.certificates") else { return };
    let oid = hex::encode(Algorithm::RsaPssSha256.oid());
    let answer = &ask(&python, &json!([{"do": "issue", "curve": null, "oid": oid}]))[0];
    let root = Certificate::parse(hex::decode(answer["root"].as_str().unwrap()).unwrap()).unwrap();
    let refused = cvc::TrustGraph::new().trust(&root).unwrap_err();
    assert_eq!(refused.0[0].code, Code::SelfSignatureInvalid);
}

#[test]
fn a_padded_coefficient_is_accepted_and_reported_and_an_overlong_one_refused() {
    let key = ec(StandardisedCurve::P521);
    let set = crate::pki::curve_of(&key);
    let set = set.curve().components();
    let point = key.public_key().encode(ParameterForm::Inherited).unwrap();
    let point = &point[point.len() - 133..];
    for (zeros, accepted) in [(0, true), (1, true), (2, false)] {
        let b = [&vec![0; zeros][..], set.b].concat();
        let mut encoded = Vec::new();
        cvc::tlv::write(&mut encoded, 0x06, &Algorithm::EcdsaSha256.oid()).unwrap();
        for (tag, value) in [
            (0x81, set.p),
            (0x82, set.a),
            (0x83, &b),
            (0x84, set.generator),
            (0x85, set.order),
            (0x86, point),
            (0x87, &[1]),
        ] {
            cvc::tlv::write(&mut encoded, tag, value).unwrap();
        }
        let raw = crate::pki::Raw::new("UTCVCA00001", "UTCVCA00001", encoded, 0xC3);
        let mut content = raw.body();
        let signature = key.sign(&content).unwrap();
        cvc::tlv::write(&mut content, 0x5F37, &signature).unwrap();
        let mut der = Vec::new();
        cvc::tlv::write(&mut der, 0x7F21, &content).unwrap();
        let parsed = Certificate::parse(der.as_slice());
        assert_eq!(parsed.is_ok(), accepted, "{zeros} leading zeros");
        let Ok(certificate) = parsed else { continue };
        let certificate = certificate.to_owned();
        let answer = verify(&trusting(&certificate), &[&certificate]);
        assert_eq!(errors(&answer), []);
        assert_eq!(codes(&answer).contains(&Code::PaddedCoefficient), zeros == 1);
    }
}
