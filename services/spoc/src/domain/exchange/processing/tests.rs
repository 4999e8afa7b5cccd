//! One request of Germany to Poland, and everything that can be wrong with it, one thing at a time.

use std::sync::Arc;

use cvc::{
    algorithm::Algorithm,
    certificate::Certificate,
    chat::{Chat, Rights, Role as ChatRole},
    domain_parameters::StandardisedCurve,
    issue::{self, Template},
    private_key::{PrivateKey, Signer},
    public_key::ParameterForm,
    reference::Reference,
};
use exchange::code::{RequestCertificateCode as Code, StatusInfo};
use time::{Date, Duration, macros::date};

use super::{Asked, Facts, Grant, Issued, Refusal, Used, judge, status_info};
use crate::{
    domain::{
        authorities::Authorities,
        exchange::{
            holder::{ApprovalMode, Holder, Registration},
            policy::{Policy, Rule, Values},
        },
        records::{CertificateRecord, Day, Role, State, holder_name},
    },
    keystore::{KeyHandle, KeyRole},
};

const TODAY: Date = date!(2026 - 05 - 28);
const P256: StandardisedCurve = StandardisedCurve::BrainpoolP256r1;
const P384: StandardisedCurve = StandardisedCurve::BrainpoolP384r1;

fn key(curve: StandardisedCurve) -> PrivateKey {
    key_with(Algorithm::EcdsaSha256, curve)
}

fn key_with(algorithm: Algorithm, curve: StandardisedCurve) -> PrivateKey {
    PrivateKey::generate_ec(algorithm, curve).unwrap()
}

fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

fn template(chr: &str, role: ChatRole, from: Date, days: i64) -> Template {
    let chat = Chat::new(role, Rights::inspection(true, true));
    Template::new(reference(chr), chat, from, from + Duration::days(days))
}

/// Poland's node and Germany's keys.
struct World {
    policy: Policy,
    records: Vec<CertificateRecord>,
    authorities: Authorities,
    issued: Vec<Issued>,
    holder: Option<Holder>,
    used: Used,
    today: Date,
    polish: Arc<PrivateKey>,
    german: Arc<PrivateKey>,
    verifier: Arc<PrivateKey>,
    fresh: Arc<PrivateKey>,
}

impl World {
    fn new() -> Self {
        let [polish, german, verifier, fresh] = [(); 4].map(|()| Arc::new(key(P256)));
        let holder = Holder {
            registration: Registration {
                name: "DEDV".to_owned(),
                domestic_cvca: "DECVCA".to_owned(),
                purposes: String::new(),
                organisations: String::new(),
                approval: ApprovalMode::Automatic,
                dg3: true,
                dg4: false,
                validity_days: 30,
            },
            suspended: false,
        };
        let mut world = Self {
            policy: Policy::embedded(),
            records: Vec::new(),
            authorities: Authorities::default(),
            issued: Vec::new(),
            holder: Some(holder),
            used: Used::default(),
            today: TODAY,
            polish,
            german,
            verifier,
            fresh,
        };
        world.root(&world.polish.clone(), "PLCVCA00001", 900, true);
        world.root(&world.german.clone(), "DECVCA00001", 900, true);
        world.issued.push(world.certify("DEDV00001", &world.verifier, 30));
        world
    }

    /// Takes in a self-signed certificate.
    fn root(&mut self, key: &PrivateKey, chr: &str, days: i64, trusted: bool) {
        let certificate = issue::self_signed(key, &template(chr, ChatRole::Cvca, TODAY, days)).unwrap();
        self.admit(&certificate);
        if trusted {
            self.authorities.trust(&reference(chr));
        }
    }

    fn link(&mut self, from: (&PrivateKey, &str), to: (&PrivateKey, &str)) {
        let template = template(to.1, ChatRole::Cvca, TODAY, 900);
        let written = ParameterForm::Written;
        let link = issue::link(from.0, reference(from.1), to.0.public_key(), written, &template).unwrap();
        self.admit(&link);
    }

    fn admit(&mut self, certificate: &Certificate) {
        self.authorities.admit(certificate).unwrap();
        let root = certificate.is_self_signed();
        let ours = certificate.chr().country() == "PL";
        self.records.push(CertificateRecord {
            car: certificate.car().to_string(),
            chr: certificate.chr().to_string(),
            role: if root { Role::Cvca } else { Role::CvcaLink },
            cvca: holder_name(&certificate.chr()),
            state: State::Active,
            effective: Day::of_date(certificate.effective()),
            expires: Day::of_date(certificate.expires()),
            rights: certificate.chat().rights(),
            algorithm: certificate.public_key().algorithm,
            key: (root && ours).then(|| KeyHandle::new(KeyRole::NationalCvca, uuid::Uuid::now_v7())),
            der: Arc::from(certificate.as_der()),
        });
    }

    /// What Poland issues to a German verifier.
    fn certify(&self, chr: &str, key: &PrivateKey, days: i64) -> Issued {
        self.certify_from(chr, key, TODAY, days)
    }

    fn certify_from(&self, chr: &str, key: &PrivateKey, from: Date, days: i64) -> Issued {
        let template = template(chr, ChatRole::DvForeign, from, days);
        let car = reference("PLCVCA00001");
        let certificate = issue::subordinate(self.polish.as_ref(), car, key.public_key(), &template).unwrap();
        Issued { certificate, withdrawn: false }
    }

    fn judge(&self, request: &[u8]) -> Result<Grant, Refusal> {
        self.judge_by(request, self.policy.common())
    }

    fn judge_by(&self, request: &[u8], values: &Values) -> Result<Grant, Refusal> {
        let facts = Facts {
            caller: "DE".parse().unwrap(),
            country: "PL",
            records: &self.records,
            authorities: &self.authorities,
            issued: &self.issued,
            holder: self.holder.as_ref(),
            used: self.used,
            values,
            today: self.today,
        };
        let asked = Asked::read(request)?;
        judge(&asked, asked.possession()?, &facts)
    }

    fn initial(&self) -> Vec<u8> {
        request(&self.fresh, Some("PLCVCA00001"), "DEDV00002", &self.german, "DECVCA00001")
    }

    fn successive(&self) -> Vec<u8> {
        request(&self.fresh, Some("PLCVCA00001"), "DEDV00002", &self.verifier, "DEDV00001")
    }
}

fn request(key: &PrivateKey, car: Option<&str>, chr: &str, outer: &PrivateKey, outer_car: &str) -> Vec<u8> {
    let inner = issue::request(key, car.map(reference), reference(chr), &[]).unwrap();
    issue::countersign(outer, reference(outer_car), &inner).unwrap().as_der().to_vec()
}

/// Bytes with the last bit of the inner signature turned over, countersigned anew.
fn with_a_broken_inner_signature(world: &World) -> Vec<u8> {
    let inner =
        issue::request(world.fresh.as_ref(), Some(reference("PLCVCA00001")), reference("DEDV00002"), &[]).unwrap();
    let mut bytes = inner.as_der().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let broken = cvc::request::Request::parse(bytes).unwrap();
    issue::countersign(world.german.as_ref(), reference("DECVCA00001"), &broken).unwrap().as_der().to_vec()
}

fn with_a_broken_outer_signature(mut request: Vec<u8>) -> Vec<u8> {
    *request.last_mut().unwrap() ^= 1;
    request
}

#[test]
fn an_initial_and_a_successive_request_are_granted_by_their_rule() {
    let world = World::new();
    let initial = world.judge(&world.initial()).unwrap();
    assert_eq!(
        (initial.rule, initial.chr, initial.car),
        (Rule::Initial, reference("DEDV00002"), reference("PLCVCA00001"))
    );
    let successive = world.judge(&world.successive()).unwrap();
    assert_eq!((successive.rule, successive.asked_car), (Rule::Successive, successive.car));
}

#[test]
fn rights_and_validity_come_from_registration_and_policy_alone() {
    let mut world = World::new();
    let grant = world.judge(&world.initial()).unwrap();
    assert_eq!(grant.chat, Chat::new(ChatRole::DvForeign, Rights::inspection(true, false)));
    assert_eq!((grant.effective, grant.expires), (TODAY, TODAY + Duration::days(29)));
    world.holder.as_mut().unwrap().registration.validity_days = 0;
    assert_eq!(world.judge(&world.initial()).unwrap().expires, TODAY + Duration::days(41));
    // Never longer than the CVCA.
    world.today = TODAY + Duration::days(880);
    let grant = world.judge(&world.initial()).unwrap();
    assert_eq!(grant.expires, TODAY + Duration::days(900));
}

#[test]
fn a_validity_outside_the_policy_of_today_is_not_granted() {
    let mut world = World::new();
    let days = |world: &mut World, days| {
        world.holder.as_mut().unwrap().registration.validity_days = days;
        world.judge(&world.initial()).map(|grant| (grant.expires - TODAY).whole_days() + 1)
    };
    // Two weeks at least; what was registered when longer ones were allowed is narrowed to three months.
    let short = days(&mut world, 13).unwrap_err();
    assert_eq!((short.code, short.rule), (Code::FailureRequestNotAccepted, Rule::Validity));
    assert_eq!(days(&mut world, 14), Ok(14));
    assert_eq!(days(&mut world, 365), Ok(92));
    // The CVCA ends first.
    for (left, granted) in [(14, true), (13, false), (1, false)] {
        world.today = TODAY + Duration::days(901 - left);
        let judged = world.judge(&world.initial());
        assert_eq!(judged.is_ok(), granted, "{left}");
        assert!(judged.is_ok_and(|grant| grant.expires == TODAY + Duration::days(900)) == granted);
    }
}

#[test]
fn a_cvca_that_replaced_the_holders_own_countersigns_for_it_and_its_predecessor_does_not() {
    let mut world = World::new();
    let (old, new) = (world.german.clone(), key(P256));
    world.link((&old, "DECVCA00001"), (&new, "DENEW00001"));
    world.root(&new, "DENEW00001", 900, true);
    let asked = request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &new, "DENEW00001");
    assert_eq!(world.judge(&asked).map(|grant| grant.rule), Ok(Rule::Initial));
    // The link counts for what is trusted alone.
    for record in &mut world.records {
        record.state = if record.car == "DECVCA00001" { State::AwaitingConfirmation } else { record.state };
    }
    assert_eq!(world.judge(&asked).map(|_| ()).unwrap_err().rule, Rule::DomesticCvca);
    world.holder.as_mut().unwrap().registration.domestic_cvca = "DENEW".to_owned();
    assert_eq!(world.judge(&asked).map(|grant| grant.rule), Ok(Rule::Initial));
    let refused = world.judge(&world.initial()).map(|_| ()).unwrap_err();
    assert_eq!(refused.rule, Rule::DomesticCvca);
    assert!(refused.detail.contains("DECVCA00001 is not of DENEW, the CVCA registered of DEDV"), "{}", refused.detail);
    // A certificate of ours vouches without it.
    assert_eq!(world.judge(&world.successive()).map(|grant| grant.rule), Ok(Rule::Successive));
}

/// What is changed in the world, the request made there, and what the partner is told by which rule.
type Case = (&'static str, fn(&mut World) -> Vec<u8>, Code, Rule);

#[test]
fn each_step_of_the_list_refuses_by_its_own_code_and_rule() {
    let cases: [Case; 29] = [
        (
            "its holder was suspended since",
            |world| {
                world.issued[0].withdrawn = true;
                world.successive()
            },
            Code::FailureOuterSignature,
            Rule::Successive,
        ),
        ("garbage", |_| vec![0x67, 3, 1, 2, 3], Code::FailureRequestSyntax, Rule::Syntax),
        ("bytes after it", |world| [world.initial(), vec![0]].concat(), Code::FailureRequestSyntax, Rule::Syntax),
        (
            "no outer signature",
            |world| {
                let car = Some(reference("PLCVCA00001"));
                issue::request(world.fresh.as_ref(), car, reference("DEDV00002"), &[]).unwrap().as_der().to_vec()
            },
            Code::FailureOuterSignature,
            Rule::Initial,
        ),
        (
            "another key signed",
            |world| with_a_broken_inner_signature(world),
            Code::FailureInnerSignature,
            Rule::InnerSignature,
        ),
        (
            "no CVCA named",
            |world| request(&world.fresh, None, "DEDV00002", &world.german, "DECVCA00001"),
            Code::FailureRequestSyntax,
            Rule::IssuerNamed,
        ),
        (
            "another state's CVCA asked",
            |world| request(&world.fresh, Some("DECVCA00001"), "DEDV00002", &world.german, "DECVCA00001"),
            Code::FailureRequestNotAccepted,
            Rule::Issuer,
        ),
        (
            "a generation that never was",
            |world| request(&world.fresh, Some("PLCVCA00009"), "DEDV00002", &world.german, "DECVCA00001"),
            Code::FailureRequestNotAccepted,
            Rule::Issuer,
        ),
        (
            "no valid CVCA",
            |world| {
                world.today = TODAY + Duration::days(901);
                world.initial()
            },
            Code::FailureRequestNotAccepted,
            Rule::NationalCvca,
        ),
        (
            "another curve",
            |world| request(&key(P384), Some("PLCVCA00001"), "DEDV00002", &world.german, "DECVCA00001"),
            Code::FailureDomainParameters,
            Rule::DomainParameters,
        ),
        (
            "another algorithm on the same curve",
            |world| {
                let key = key_with(Algorithm::EcdsaSha384, P256);
                request(&key, Some("PLCVCA00001"), "DEDV00002", &world.german, "DECVCA00001")
            },
            Code::FailureDomainParameters,
            Rule::DomainParameters,
        ),
        (
            "a CVCA that changed its parameters meanwhile",
            |world| {
                let (old, new) = (world.polish.clone(), key_with(Algorithm::EcdsaSha384, P384));
                world.link((&old, "PLCVCA00001"), (&new, "PLCVCA00002"));
                world.root(&new, "PLCVCA00002", 900, false);
                world.initial()
            },
            Code::FailureDomainParameters,
            Rule::DomainParameters,
        ),
        (
            "countersigned by another state",
            |world| {
                let french = key(P256);
                world.root(&french, "FRCVCA00001", 900, true);
                request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &french, "FRCVCA00001")
            },
            Code::FailureOuterSignature,
            Rule::OtherState,
        ),
        (
            "countersigned by ourselves",
            |world| request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &world.polish, "PLCVCA00001"),
            Code::FailureOuterSignature,
            Rule::OtherState,
        ),
        (
            "countersigned by an unknown CVCA",
            |world| request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &world.german, "DECVCA00009"),
            Code::FailureOuterSignature,
            Rule::Initial,
        ),
        (
            "countersigned by a CVCA nobody confirmed",
            |world| {
                let other = key(P256);
                world.root(&other, "DEOTHER00001", 900, false);
                request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &other, "DEOTHER00001")
            },
            Code::FailureOuterSignature,
            Rule::Initial,
        ),
        (
            "countersigned by another CVCA of the state than the holder's own",
            |world| {
                let other = key(P256);
                world.root(&other, "DEOTHER00001", 900, true);
                request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &other, "DEOTHER00001")
            },
            Code::FailureOuterSignature,
            Rule::DomesticCvca,
        ),
        (
            "countersigned with another key",
            |world| request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &key(P256), "DECVCA00001"),
            Code::FailureOuterSignature,
            Rule::OuterSignature,
        ),
        (
            "an outer signature with a bit turned over",
            |world| with_a_broken_outer_signature(world.initial()),
            Code::FailureOuterSignature,
            Rule::OuterSignature,
        ),
        (
            "signed by itself alone",
            |world| request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &world.fresh, "DEDV00002"),
            Code::FailureOuterSignature,
            Rule::Successive,
        ),
        (
            "signed by another holder's certificate",
            |world| {
                let other = key(P256);
                world.issued.push(world.certify("DEOTHER00001", &other, 30));
                request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &other, "DEOTHER00001")
            },
            Code::FailureOuterSignature,
            Rule::Successive,
        ),
        (
            "the countersigning CVCA expired",
            |world| {
                let old = key(P256);
                world.root(&old, "DEOLD00001", 10, true);
                world.today = TODAY + Duration::days(11);
                request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &old, "DEOLD00001")
            },
            Code::FailureExpired,
            Rule::Expired,
        ),
        (
            "the vouching certificate expired",
            |world| {
                world.today = TODAY + Duration::days(31);
                world.successive()
            },
            Code::FailureExpired,
            Rule::Expired,
        ),
        (
            "the vouching certificate is not yet valid",
            |world| {
                world.issued[0] = world.certify_from("DEDV00001", &world.verifier, TODAY + Duration::days(1), 30);
                world.successive()
            },
            Code::FailureOuterSignature,
            Rule::Expired,
        ),
        (
            "a reference of another state",
            |world| request(&world.fresh, Some("PLCVCA00001"), "FRDV00002", &world.german, "DECVCA00001"),
            Code::FailureRequestNotAccepted,
            Rule::HolderCountry,
        ),
        (
            "a holder nobody registered",
            |world| {
                world.holder = None;
                world.initial()
            },
            Code::FailureRequestNotAccepted,
            Rule::Holder,
        ),
        (
            "a suspended holder",
            |world| {
                world.holder.as_mut().unwrap().suspended = true;
                world.successive()
            },
            Code::FailureRequestNotAccepted,
            Rule::HolderSuspended,
        ),
        (
            "a reference used before",
            |world| {
                world.used.reference = true;
                world.initial()
            },
            Code::FailureRequestNotAccepted,
            Rule::ReferenceUsed,
        ),
        (
            "a key used before",
            |world| {
                world.used.key = true;
                world.initial()
            },
            Code::FailureRequestNotAccepted,
            Rule::KeyUsed,
        ),
    ];
    for (what, make, code, rule) in cases {
        let mut world = World::new();
        let request = make(&mut world);
        let refusal = world.judge(&request).expect_err(what);
        assert_eq!((refusal.code, refusal.rule), (code, rule), "{what}: {refusal}");
    }
}

#[test]
fn keys_and_signatures_weaker_than_policy_are_refused() {
    let world = World::new();
    let mut values = world.policy.common().clone();
    values.keys.ec_bits = 384;
    let refusal = world.judge_by(&world.initial(), &values).unwrap_err();
    assert_eq!((refusal.code, refusal.rule), (Code::FailureRequestNotAccepted, Rule::KeyStrength));
    values.keys.algorithms.retain(|one| *one != Algorithm::EcdsaSha256);
    let refusal = world.judge_by(&world.initial(), &values).unwrap_err();
    assert_eq!((refusal.code, refusal.rule), (Code::FailureOuterSignature, Rule::OuterSignature));
}

#[test]
fn a_request_for_an_earlier_generation_of_the_same_kind_is_granted_under_the_current_one() {
    let mut world = World::new();
    let (old, new) = (world.polish.clone(), key(P256));
    world.link((&old, "PLCVCA00001"), (&new, "PLCVCA00002"));
    world.root(&new, "PLCVCA00002", 900, false);
    for request in [world.initial(), world.successive()] {
        let grant = world.judge(&request).unwrap();
        assert_eq!((grant.asked_car, grant.car), (reference("PLCVCA00001"), reference("PLCVCA00002")));
    }
}

#[test]
fn a_successive_request_across_an_algorithm_switch_is_signed_with_the_old_kind_and_asks_for_the_new() {
    let mut world = World::new();
    let (old, new) = (world.polish.clone(), key_with(Algorithm::EcdsaSha384, P384));
    world.link((&old, "PLCVCA00001"), (&new, "PLCVCA00002"));
    world.root(&new, "PLCVCA00002", 900, false);
    let fresh = PrivateKey::generate_like(new.public_key()).unwrap();
    let request = request(&fresh, Some("PLCVCA00002"), "DEDV00002", &world.verifier, "DEDV00001");
    assert_eq!(world.judge(&request).unwrap().rule, Rule::Successive);
}

#[test]
fn a_countersignature_by_a_generation_reached_through_an_expired_link_counts() {
    let mut world = World::new();
    let new = key(P256);
    let days = Duration::days(20);
    // Germany's first generation ends in ten days; the link is of the second and signed with the first key.
    let old = key(P256);
    world.root(&old, "DENEW00001", 10, true);
    let template =
        Template { effective: TODAY, expires: TODAY + days * 40, ..template("DENEW00002", ChatRole::Cvca, TODAY, 0) };
    let link = issue::link(&old, reference("DENEW00001"), new.public_key(), ParameterForm::Written, &template).unwrap();
    world.admit(&link);
    world.today = TODAY + days;
    world.holder.as_mut().unwrap().registration.domestic_cvca = "DENEW".to_owned();
    let request = request(&world.fresh, Some("PLCVCA00001"), "DEDV00002", &new, "DENEW00002");
    assert_eq!(world.judge(&request).unwrap().rule, Rule::Initial);
}

#[test]
fn one_reference_may_name_a_cvca_and_a_certificate_we_issued() {
    let mut world = World::new();
    // A verifier whose mnemonic and sequence are those of its state's CVCA.
    world.issued.push(world.certify("DECVCA00001", &world.verifier, 30));
    world.holder.as_mut().unwrap().registration.name = "DECVCA".to_owned();
    for (outer, rule) in [(world.german.clone(), Rule::Initial), (world.verifier.clone(), Rule::Successive)] {
        let request = request(&world.fresh, Some("PLCVCA00001"), "DECVCA00002", &outer, "DECVCA00001");
        assert_eq!(world.judge(&request).unwrap().rule, rule);
    }
}

#[test]
fn a_request_without_domain_parameters_is_refused_as_such() {
    let world = World::new();
    let fresh = world.fresh.as_ref();
    // What the library does not write: the key with its parameters left out, signed as it stands.
    let written = fresh.public_key().encode(ParameterForm::Written).unwrap();
    let inherited = fresh.public_key().encode(ParameterForm::Inherited).unwrap();
    let whole = issue::request(fresh, Some(reference("PLCVCA00001")), reference("DEDV00002"), &[]).unwrap();
    let body = whole.body();
    let at = body.windows(written.len()).position(|window| window == written).unwrap();
    let rest = &body[at + written.len()..];
    let car = tlv(&[0x42], b"PLCVCA00001");
    let content = [tlv(&[0x5F, 0x29], &[0]), car, tlv(&[0x7F, 0x49], &inherited), rest.to_vec()].concat();
    let body = tlv(&[0x7F, 0x4E], &content);
    let signature = tlv(&[0x5F, 0x37], &fresh.sign(&body).unwrap());
    let bare = cvc::request::Request::parse(tlv(&[0x7F, 0x21], &[body, signature].concat())).unwrap();
    let request = issue::countersign(world.german.as_ref(), reference("DECVCA00001"), &bare).unwrap();
    let refusal = world.judge(request.as_der()).unwrap_err();
    assert_eq!((refusal.code, refusal.rule), (Code::FailureDomainParameters, Rule::DomainParameters));
}

/// One object in DER, below 65 536 bytes.
fn tlv(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let length = match value.len() {
        short @ 0..=0x7F => vec![u8::try_from(short).unwrap()],
        middle @ 0x80..=0xFF => vec![0x81, u8::try_from(middle).unwrap()],
        long => [vec![0x82], u16::try_from(long).unwrap().to_be_bytes().to_vec()].concat(),
    };
    [tag.to_vec(), length, value.to_vec()].concat()
}

#[test]
fn a_key_is_known_again_under_another_reference() {
    let world = World::new();
    let digest = |key: &PrivateKey, chr: &str| {
        Asked::read(&request(key, None, chr, &world.german, "DECVCA00001")).unwrap().key_sha256()
    };
    assert_eq!(digest(&world.fresh, "DEDV00002"), digest(&world.fresh, "DEOTHER00001"));
    assert_ne!(digest(&world.fresh, "DEDV00002"), digest(&world.verifier, "DEDV00002"));
}

#[test]
fn every_refusal_can_be_told_later_in_a_word_of_either_edition() {
    for (code, status) in [
        (Code::FailureExpired, StatusInfo::FailureOuterSignature),
        (Code::FailureOuterSignature, StatusInfo::FailureOuterSignature),
        (Code::FailureInnerSignature, StatusInfo::FailureInnerSignature),
        (Code::FailureDomainParameters, StatusInfo::FailureCertificate),
        (Code::FailureRequestSyntax, StatusInfo::FailureSyntax),
        (Code::FailureRequestNotAccepted, StatusInfo::FailureRequestNotAccepted),
        (Code::OkCertAvailable, StatusInfo::OkCertAvailable),
    ] {
        assert_eq!(status_info(code), status, "{code}");
    }
}
