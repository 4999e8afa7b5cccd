//! Chains and signatures for terminals.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use cvc::{
    algorithm::Algorithm, certificate::Certificate, domain_parameters::StandardisedCurve, public_key::PublicKey,
};
use straznica_contracts::journal::v1::GetCheckpointRequest;
use straznica_contracts::spoc::v1::{
    CertificateRole, ChainResult, GetCertificateChainRequest, GetCertificateChainResponse, GetTaSignatureRequest,
    GetTaSignatureResponse, OpenInspectionRequest, ResumeHolderRequest, SuspendHolderRequest, TaSignatureParts,
    TaSignatureResult, get_ta_signature_request::ToBeSigned, national_pki_service_client::NationalPkiServiceClient,
};
use straznica_runtime::channel::Channel;
use straznica_spoc::Migrations;
use straznica_store::{Engine, Store, StoreError, on_both_engines, testing::TestDatabase};
use straznica_types::{Clock, InspectionId};
use tonic::{Response, Status};

use super::{
    foreign_state::{ForeignCvca, ders},
    house::{DAY, House, Node, OFFICER, SECOND_OFFICER, code, desk, terminal},
    national_pki::{found, import_cvca, import_dv, issue_is, request},
};

const TERMINAL: &str = "PL-WAW-017";
const GUARD: &str = "bg-7";

pub(crate) async fn open(house: &House, node: &Node) -> InspectionId {
    let id = InspectionId::generate(&house.clock);
    let open = OpenInspectionRequest {
        context: terminal(TERMINAL, GUARD),
        inspection_id: id.to_string(),
        opened_at_ms: house.clock.now().millis(),
    };
    node.centre_for_identity().open_inspection(open).await.unwrap();
    id
}

async fn chain(node: &Node, cars: &[&str]) -> GetCertificateChainResponse {
    let request = GetCertificateChainRequest {
        context: terminal(TERMINAL, GUARD),
        inspection_id: String::new(),
        cars: cars.iter().map(ToString::to_string).collect(),
    };
    node.centre().get_certificate_chain(request).await.unwrap().into_inner()
}

fn chrs(chain: &GetCertificateChainResponse) -> Vec<&str> {
    chain.certificates.iter().map(|certificate| certificate.chr.as_str()).collect()
}

pub(crate) struct Ask<'a> {
    terminal_id: &'a str,
    officer: &'a str,
    inspection: String,
    is_chr: &'a str,
    to_be_signed: ToBeSigned,
}

impl<'a> Ask<'a> {
    pub(crate) fn usual(inspection: InspectionId, is_chr: &'a str) -> Self {
        Self {
            terminal_id: TERMINAL,
            officer: GUARD,
            inspection: inspection.to_string(),
            is_chr,
            to_be_signed: ToBeSigned::Hash(vec![5; 32]),
        }
    }

    pub(crate) async fn of(self, node: &Node) -> Result<GetTaSignatureResponse, Status> {
        let request = GetTaSignatureRequest {
            context: terminal(self.terminal_id, self.officer),
            inspection_id: self.inspection,
            is_chr: self.is_chr.to_owned(),
            to_be_signed: Some(self.to_be_signed),
        };
        node.centre().get_ta_signature(request).await.map(Response::into_inner)
    }
}

/// A foreign CVCA under which everything is held.
pub(crate) async fn ready(house: &House, node: &Node) -> (ForeignCvca, String) {
    let mut foreign = ForeignCvca::new("UT", house.today());
    found(node, &foreign).await;
    let made = request(node, "UTCVCA").await.unwrap();
    import_dv(node, &[foreign.answer(&made.request, house.today(), 60)]).await.unwrap();
    let issued = issue_is(node, "UTCVCA", 30).await.unwrap();
    (foreign, issued.chr)
}

/// The inspection system's public key, from its chain.
fn key_of(foreign: &ForeignCvca, chain: &GetCertificateChainResponse) -> PublicKey {
    let root = PublicKey::resolve(&foreign.certificates.last().unwrap().public_key(), None).unwrap();
    let system = Certificate::parse(chain.certificates.last().unwrap().der.as_slice()).unwrap();
    PublicKey::resolve(&system.public_key(), root.parameters()).unwrap()
}

/// An officer's wish to lift a suspension; whether another officer's is needed.
async fn resume(mut pki: NationalPkiServiceClient<Channel>, officer: &str, car: &str, chr: &str) -> bool {
    let request = ResumeHolderRequest {
        context: desk(officer),
        car: car.to_owned(),
        chr: chr.to_owned(),
        reason: "found".to_owned(),
    };
    pki.resume_holder(request).await.unwrap().into_inner().awaits_second_officer
}

async fn suspend(node: &Node, car: &str, chr: &str) {
    let request = SuspendHolderRequest {
        context: desk(OFFICER),
        car: car.to_owned(),
        chr: chr.to_owned(),
        reason: "lost".to_owned(),
    };
    node.pki().suspend_holder(request).await.unwrap();
}

/// Where one transaction waits for another: SQLite has one writer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inspection_that_grows_too_old_while_the_request_waits_signs_nothing() {
    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    let house = House::new(database);
    let node = house.start().await;
    let (_, is_chr) = ready(&house, &node).await;
    let inspection = open(&house, &node).await;
    let other = Store::connect(&house.config.database, house.clock.shared()).await.unwrap();
    let (held, is_held) = tokio::sync::oneshot::channel();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let (held, released) = (Arc::new(Mutex::new(Some(held))), Arc::new(Mutex::new(Some(released))));
    let holder = tokio::spawn(async move {
        other
            .write_tx(async |_| {
                held.lock().unwrap().take().unwrap().send(()).unwrap();
                let released = released.lock().unwrap().take().unwrap();
                released.await.unwrap();
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    });
    is_held.await.unwrap();
    let ask = Ask::usual(inspection, &is_chr);
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.clock.advance(Duration::from_mins(11));
        release.send(()).unwrap();
    };
    let (answer, ()) = tokio::join!(ask.of(&node), later);
    assert_eq!(answer.map_err(|refusal| code(&refusal)).unwrap_err(), "spoc.inspection_too_old");
    holder.await.unwrap();
    node.end().await;
}

on_both_engines! { Migrations;
    async fn an_old_trust_point_is_reached_through_the_link_and_the_signature_verifies(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        house.clock.advance(DAY);
        // The successor arrives with the DV certificate, as CSN 36 9791 sends them; it switches algorithm and curve.
        foreign.renew(house.today(), Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP384r1);
        import_cvca(&node, ders(&foreign.certificates[1..])).await.unwrap();
        let made = request(&node, "UTCVCA").await.unwrap();
        let dv = foreign.answer(&made.request, house.today(), 60);
        import_dv(&node, &[dv, foreign.certificates[1].clone(), foreign.certificates[2].clone()]).await.unwrap();
        let issued = issue_is(&node, "UTCVCA", 30).await.unwrap();

        let (newest, oldest) = (foreign.car(2), foreign.car(1));
        let old = chain(&node, &[&oldest]).await;
        assert_eq!(old.result(), ChainResult::OkCertificateChainAvailable, "{}", old.detail);
        assert_eq!(chrs(&old), [newest.as_str(), &made.chr, &issued.chr]);
        let roles: Vec<_> = old.certificates.iter().map(|one| one.role()).collect();
        assert_eq!(roles, [CertificateRole::CvcaLink, CertificateRole::DvForeign, CertificateRole::InspectionSystem]);
        assert_eq!((old.car_used.as_str(), old.hash.as_str(), old.expires.as_str()), (oldest.as_str(), "SHA-384", issued.expires.as_str()));
        assert!(old.rights.as_ref().unwrap().dg3);
        // A chip that names both gets the one it named first, and "unknown" is passed over.
        assert_eq!(chrs(&chain(&node, &["XXCVCA00009", &newest, &oldest]).await), [made.chr.as_str(), &issued.chr]);

        let inspection = open(&house, &node).await;
        let mut ask = Ask::usual(inspection, &issued.chr);
        ask.to_be_signed = ToBeSigned::Hash(vec![5; 48]);
        let answer = ask.of(&node).await.unwrap();
        assert_eq!(answer.result(), TaSignatureResult::OkSignatureAvailable, "{}", answer.detail);
        let key = key_of(&foreign, &old);
        key.verify_digest(&[5; 48], &answer.signature).unwrap();

        // The parts, digested here.
        let (id_picc, challenge, hash_pk) = (b"T22000129".to_vec(), vec![1; 8], vec![2; 48]);
        let mut ask = Ask::usual(inspection, &issued.chr);
        ask.to_be_signed = ToBeSigned::Parts(TaSignatureParts {
            id_picc: id_picc.clone(), challenge: challenge.clone(), hash_pk: hash_pk.clone(), aux_pcd: Vec::new(),
        });
        let answer = ask.of(&node).await.unwrap();
        key.verify(&[id_picc, challenge, hash_pk].concat(), &answer.signature).unwrap();
        node.end().await;
    }

    async fn a_trust_point_that_leads_nowhere_is_told_from_an_unknown_one(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        for (cars, result) in [
            (vec!["UTCVCA00001"], ChainResult::FailureOtherError),
            (vec!["XXCVCA00001"], ChainResult::FailureCarUnknown),
            (vec!["XXCVCA00001", "UTCVCA00001"], ChainResult::FailureOtherError),
            (vec!["not a reference at all"], ChainResult::FailureSyntax),
            (vec![], ChainResult::FailureSyntax),
            (vec!["XXCVCA00001"; 9], ChainResult::FailureSyntax),
        ] {
            assert_eq!(chain(&node, &cars).await.result(), result, "{cars:?}");
        }
        node.end().await;
    }

    async fn nothing_is_signed_but_for_an_open_inspection_of_the_same_terminal_and_officer(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        let inspection = open(&house, &node).await;
        let ask = || Ask::usual(inspection, &is_chr);
        assert!(ask().of(&node).await.is_ok());

        let other = InspectionId::generate(&house.clock).to_string();
        let cases = [
            ("another terminal", Ask { terminal_id: "PL-WAW-018", ..ask() }, "spoc.inspection_not_yours"),
            ("another officer", Ask { officer: "bg-8", ..ask() }, "spoc.inspection_not_yours"),
            ("no officer", Ask { officer: "", ..ask() }, "spoc.field_missing"),
            ("no terminal", Ask { terminal_id: "", ..ask() }, "spoc.field_missing"),
            ("no inspection", Ask { inspection: other, ..ask() }, "spoc.inspection_unknown"),
            ("no id", Ask { inspection: "x".to_owned(), ..ask() }, "spoc.field_missing"),
            // A stranger learns nothing about inspection systems either.
            ("another terminal, unknown IS", Ask { terminal_id: "PL-WAW-018", is_chr: "PLXX00001", ..ask() }, "spoc.inspection_not_yours"),
        ];
        for (what, ask, expected) in cases {
            assert_eq!(code(&ask.of(&node).await.unwrap_err()), expected, "{what}");
        }
        house.clock.advance(Duration::from_mins(10));
        assert!(ask().of(&node).await.is_ok(), "ten minutes");
        house.clock.advance(Duration::from_mins(1));
        assert_eq!(code(&ask().of(&node).await.unwrap_err()), "spoc.inspection_too_old", "eleven minutes");
        node.end().await;
    }

    async fn an_inspection_system_unknown_suspended_or_expired_signs_nothing(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let (foreign, is_chr) = ready(&house, &node).await;
        let inspection = open(&house, &node).await;
        let dv_chr = chrs(&chain(&node, &["UTCVCA00001"]).await)[0].to_owned();
        let result = async |is_chr: &str, inspection| {
            let answer = Ask::usual(inspection, is_chr).of(&node).await.unwrap();
            (answer.result(), answer.detail, answer.signature.is_empty())
        };
        let unknown = TaSignatureResult::FailureChrUnknown;
        assert_eq!(result("PLISBG99999", inspection).await, (unknown, "unknown inspection system".to_owned(), true));
        assert_eq!(result(&dv_chr, inspection).await.0, unknown, "a verifier's key signs no session");
        for (car, chr) in [(dv_chr.as_str(), is_chr.as_str()), (&foreign.car(1), &dv_chr)] {
            suspend(&node, car, chr).await;
            assert_eq!(result(&is_chr, inspection).await, (unknown, "suspended".to_owned(), true), "{chr}");
            assert_eq!(chain(&node, &["UTCVCA00001"]).await.result(), ChainResult::FailureOtherError);
            // One officer's word is a proposal.
            assert!(resume(node.pki(), OFFICER, car, chr).await);
            assert_eq!(result(&is_chr, inspection).await.1, "suspended", "{chr}");
            assert!(!resume(node.pki_of_second(), SECOND_OFFICER, car, chr).await);
            assert_eq!(result(&is_chr, inspection).await.0, TaSignatureResult::OkSignatureAvailable);
        }
        // Thirty days: the last is day thirty, and with day thirty-one neither chain nor key is good.
        house.clock.advance(DAY * 29);
        let inspection = open(&house, &node).await;
        assert_eq!(result(&is_chr, inspection).await.0, TaSignatureResult::OkSignatureAvailable);
        house.clock.advance(DAY);
        let inspection = open(&house, &node).await;
        assert_eq!(result(&is_chr, inspection).await, (unknown, "expired".to_owned(), true));
        assert_eq!(chain(&node, &["UTCVCA00001"]).await.result(), ChainResult::FailureOtherError);
        node.end().await;
    }

    async fn a_hash_of_another_length_or_malformed_parts_are_failure_syntax(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        let inspection = open(&house, &node).await;
        let parts = TaSignatureParts { id_picc: vec![1], challenge: vec![0; 7], hash_pk: vec![2; 32], aux_pcd: Vec::new() };
        for to_be_signed in [
            ToBeSigned::Hash(Vec::new()), ToBeSigned::Hash(vec![0; 20]), ToBeSigned::Hash(vec![0; 48]), ToBeSigned::Parts(parts),
        ] {
            let ask = Ask { to_be_signed: to_be_signed.clone(), ..Ask::usual(inspection, &is_chr) };
            let answer = ask.of(&node).await.unwrap();
            assert_eq!((answer.result(), answer.signature.len()), (TaSignatureResult::FailureSyntax, 0), "{to_be_signed:?}");
        }
        node.end().await;
    }

    async fn signatures_are_counted_a_terminal_and_shift_with_an_alert_and_a_limit(database: TestDatabase) {
        let mut house = House::new(database);
        house.config.terminal_authentication.alert_after = 2;
        house.config.terminal_authentication.refuse_after = Some(4);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        let inspection = open(&house, &node).await;
        let sign = async |inspection| Ask::usual(inspection, &is_chr).of(&node).await;
        // Four at once: the counter is exact all the same.
        let four = tokio::join!(sign(inspection), sign(inspection), sign(inspection), sign(inspection));
        for answer in [four.0, four.1, four.2, four.3] {
            assert_eq!(answer.unwrap().result(), TaSignatureResult::OkSignatureAvailable);
        }
        assert_eq!(code(&sign(inspection).await.unwrap_err()), "spoc.shift_limit_reached");
        let record = house.journal().await;
        let count = |kind: &str| record.iter().filter(|entry| entry.as_str() == kind).count();
        assert_eq!((count("ta_signature.issued"), count("ta_signature.refused")), (4, 1));
        let events = house.events().await;
        let alerts = events.iter().filter(|name| name.ends_with("TaSignatureAlert")).count();
        assert_eq!(alerts, 1, "{events:?}");
        // 13:00 UTC begins another shift.
        house.clock.advance(Duration::from_hours(4));
        let inspection = open(&house, &node).await;
        assert!(sign(inspection).await.is_ok());
        node.end().await;
    }

    async fn the_record_is_numbered_signed_and_offered_to_witnesses(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        ready(&house, &node).await;
        let mut journal = node.journal_for_identity();
        let mut last = journal.get_checkpoint(GetCheckpointRequest {}).await;
        for _ in 0..100 {
            last = journal.get_checkpoint(GetCheckpointRequest {}).await;
            if last.as_ref().is_ok_and(|answer| !answer.get_ref().checkpoint.is_empty() && answer.get_ref().unsequenced == 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let checkpoint = last.unwrap().into_inner().checkpoint;
        let size: usize = checkpoint.lines().nth(1).unwrap().parse().unwrap();
        assert_eq!((checkpoint.lines().next(), size), (Some("spoc.test.invalid"), house.journal().await.len()));
        node.end().await;
    }

    async fn every_refusal_is_on_record(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        let inspection = open(&house, &node).await;
        Ask { terminal_id: "PL-WAW-018", ..Ask::usual(inspection, &is_chr) }.of(&node).await.unwrap_err();
        Ask { to_be_signed: ToBeSigned::Hash(vec![0; 5]), ..Ask::usual(inspection, &is_chr) }.of(&node).await.unwrap();
        Ask::usual(inspection, "PLXX00001").of(&node).await.unwrap();
        let record = house.journal().await;
        assert_eq!(record.iter().filter(|kind| kind.as_str() == "ta_signature.refused").count(), 3, "{record:?}");
        assert!(!record.iter().any(|kind| kind == "ta_signature.issued"));
        node.end().await;
    }

    async fn reporting_an_inspection_again_changes_nothing_and_with_other_particulars_is_refused(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let id = InspectionId::generate(&house.clock);
        let report = |officer: &str| OpenInspectionRequest {
            context: terminal(TERMINAL, officer),
            inspection_id: id.to_string(),
            opened_at_ms: house.clock.now().millis(),
        };
        let mut identity = node.centre_for_identity();
        identity.open_inspection(report(GUARD)).await.unwrap();
        identity.open_inspection(report(GUARD)).await.unwrap();
        assert_eq!(code(&identity.open_inspection(report("bg-8")).await.unwrap_err()), "spoc.inspection_conflict");
        let refused = node.centre().open_inspection(report(GUARD)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "only identity opens inspections");
        node.end().await;
    }

    async fn a_second_replica_refuses_what_the_first_has_just_suspended(database: TestDatabase) {
        let mut house = House::new(database);
        // Its own look at the database would come only in an hour: what is left is the check before each signature.
        house.config.watch_seconds = 3_600;
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        let replica = house.start().await;
        let inspection = open(&house, &replica).await;
        assert!(!Ask::usual(inspection, &is_chr).of(&replica).await.unwrap().signature.is_empty());
        let dv = chrs(&chain(&node, &["UTCVCA00001"]).await)[0].to_owned();
        let cvca = "UTCVCA00001".to_owned();
        suspend(&node, &cvca, &cvca).await;
        let answer = Ask::usual(inspection, &is_chr).of(&replica).await.unwrap();
        assert_eq!((answer.result(), answer.detail.as_str()), (TaSignatureResult::FailureChrUnknown, "suspended"), "the CVCA");
        resume(node.pki(), OFFICER, &cvca, &cvca).await;
        // A further suspension voids the wish of the first officer.
        suspend(&node, &cvca, &cvca).await;
        assert!(resume(node.pki_of_second(), SECOND_OFFICER, &cvca, &cvca).await);
        assert!(!resume(node.pki(), OFFICER, &cvca, &cvca).await);
        suspend(&node, &dv, &is_chr).await;
        let answer = Ask::usual(inspection, &is_chr).of(&replica).await.unwrap();
        assert_eq!((answer.result(), answer.detail.as_str()), (TaSignatureResult::FailureChrUnknown, "suspended"));
        replica.end().await;
        node.end().await;
    }
}
