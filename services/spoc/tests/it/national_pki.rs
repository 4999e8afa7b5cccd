//! National CVCA, requests, foreign certificates, inspection systems.

use cvc::{
    algorithm::Algorithm,
    certificate::Certificate,
    chat::Rights,
    domain_parameters::StandardisedCurve,
    private_key::{PrivateKey, Signer},
    public_key::PublicKey,
    request::AuthenticatedRequest,
};
use straznica_contracts::spoc::v1::{
    ConfirmCvcaCertificateRequest, CreateDvRequestRequest, CreateDvRequestResponse, CreateNationalCvcaRequest,
    CreateNationalCvcaResponse, ImportCvcaCertificatesRequest, ImportDvCertificateRequest, ImportDvCertificateResponse,
    IssueInspectionSystemRequest, IssueInspectionSystemResponse, ListHoldersRequest, ResumeHolderRequest,
    SuspendHolderRequest,
};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use tonic::{Response, Status};

use super::{
    foreign_state::{ForeignCvca, ders, full},
    house::{DAY, House, Node, OFFICER, SECOND_OFFICER, code, desk},
};

/// The national CVCA, and trust in the foreign one's oldest root.
pub(crate) async fn found(node: &Node, foreign: &ForeignCvca) -> Vec<u8> {
    let national = create_cvca(node, "CVCA").await.unwrap().into_inner().certificate;
    let imported = import_cvca(node, ders(&foreign.certificates)).await.unwrap();
    let confirm =
        ConfirmCvcaCertificateRequest { context: desk(SECOND_OFFICER), fingerprint: imported, look_at: String::new() };
    node.pki_of_second().confirm_cvca_certificate(confirm).await.unwrap();
    national
}

/// Imports CVCA certificates; returns the fingerprint of the first that awaits confirmation and is self-signed.
pub(crate) async fn import_cvca(node: &Node, certificates: Vec<Vec<u8>>) -> Result<String, Status> {
    let request = ImportCvcaCertificatesRequest { context: desk(OFFICER), certificates };
    let imported = node.pki().import_cvca_certificates(request).await?.into_inner().imported;
    let root = imported.iter().find(|one| one.awaits_confirmation && one.car == one.chr);
    Ok(root.map(|root| root.fingerprint.clone()).unwrap_or_default())
}

async fn confirm(node: &Node, fingerprint: &str) {
    let confirm = ConfirmCvcaCertificateRequest {
        context: desk(SECOND_OFFICER),
        fingerprint: fingerprint.to_owned(),
        look_at: String::new(),
    };
    node.pki_of_second().confirm_cvca_certificate(confirm).await.unwrap();
}

async fn create_cvca(node: &Node, mnemonic: &str) -> Result<Response<CreateNationalCvcaResponse>, Status> {
    create_cvca_for(node, mnemonic, 0).await
}

async fn create_cvca_for(
    node: &Node,
    mnemonic: &str,
    validity_days: u32,
) -> Result<Response<CreateNationalCvcaResponse>, Status> {
    let request = CreateNationalCvcaRequest {
        context: desk(OFFICER),
        mnemonic: mnemonic.to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        validity_days,
    };
    node.pki().create_national_cvca(request).await
}

pub(crate) async fn request(node: &Node, cvca: &str) -> Result<CreateDvRequestResponse, Status> {
    let request =
        CreateDvRequestRequest { context: desk(OFFICER), cvca: cvca.to_owned(), dv_mnemonic: "DVBG".to_owned() };
    node.pki().create_dv_request(request).await.map(Response::into_inner)
}

pub(crate) async fn import_dv(
    node: &Node,
    certificates: &[Certificate],
) -> Result<ImportDvCertificateResponse, Status> {
    let request = ImportDvCertificateRequest { context: desk(OFFICER), certificates: ders(certificates) };
    node.pki().import_dv_certificate(request).await.map(Response::into_inner)
}

pub(crate) async fn issue_is(node: &Node, cvca: &str, days: u32) -> Result<IssueInspectionSystemResponse, Status> {
    let request = IssueInspectionSystemRequest {
        context: desk(OFFICER),
        cvca: cvca.to_owned(),
        mnemonic: "ISBG".to_owned(),
        validity_days: days,
    };
    node.pki().issue_inspection_system(request).await.map(Response::into_inner)
}

async fn states(node: &Node) -> Vec<(String, String)> {
    let holders = node.pki().list_holders(ListHoldersRequest {}).await.unwrap().into_inner().holders;
    holders.into_iter().map(|holder| (holder.chr, holder.state)).collect()
}

on_both_engines! { Migrations;
    async fn a_request_is_countersigned_first_and_signed_by_the_verifier_itself_later(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        let national = found(&node, &foreign).await;

        let initial = request(&node, "UTCVCA").await.unwrap();
        assert!(initial.initial);
        let parsed = AuthenticatedRequest::parse(initial.request.as_slice()).unwrap();
        let national = Certificate::parse(national.as_slice()).unwrap();
        assert_eq!((parsed.outer_car(), parsed.request().car()), (national.chr(), Some(foreign.certificates[0].chr())));
        parsed.verify_outer(&PublicKey::resolve(&national.public_key(), None).unwrap()).unwrap();

        let dv = foreign.answer(&initial.request, house.today(), 60);
        let taken = import_dv(&node, std::slice::from_ref(&dv)).await.unwrap();
        assert_eq!((taken.chr.as_str(), taken.warnings.len()), (initial.chr.as_str(), 0));

        let successive = request(&node, "UTCVCA").await.unwrap();
        assert!(!successive.initial && successive.chr != initial.chr);
        let parsed = AuthenticatedRequest::parse(successive.request.as_slice()).unwrap();
        assert_eq!(parsed.outer_car(), dv.chr());
        let inherited = PublicKey::resolve(&foreign.certificates[0].public_key(), None).unwrap();
        let dv_key = PublicKey::resolve(&dv.public_key(), inherited.parameters()).unwrap();
        parsed.verify_outer(&dv_key).unwrap();

        // The verifier expires with its request unanswered: back to the national CVCA.
        house.clock.advance(DAY * 61);
        assert!(request(&node, "UTCVCA").await.unwrap().initial);
        node.end().await;
    }

    async fn a_certificate_that_does_not_answer_the_request_is_refused(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let mut foreign = ForeignCvca::new("UT", today);
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        let parsed = AuthenticatedRequest::parse(made.request.as_slice()).unwrap();
        let (key, chr) = (parsed.request().verify_inner().unwrap(), parsed.request().chr());
        let other = PrivateKey::generate_like(&key).unwrap();
        let mut stranger = ForeignCvca::new("UT", today);
        let mut unknown = ForeignCvca::new("XX", today);
        let unasked = "PLDVXX00001".parse().unwrap();

        let cases = [
            ("another key", foreign.issue_dv(other.public_key(), chr, today, 60, full()), "spoc.certificate_refused"),
            ("another CVCA's signature", stranger.issue_dv(&key, chr, today, 60, full()), "spoc.certificate_refused"),
            ("an unknown CVCA", unknown.issue_dv(&key, chr, today, 60, full()), "spoc.certificate_refused"),
            ("nobody asked", foreign.issue_dv(&key, unasked, today, 60, full()), "spoc.request_unknown"),
            ("expired", foreign.issue_dv(&key, chr, today - time::Duration::days(30), 29, full()), "spoc.certificate_refused"),
            ("outlives its issuer", foreign.issue_dv(&key, chr, today, 1001, full()), "spoc.certificate_refused"),
            ("no DV", foreign.certificates[0].clone(), "spoc.request_unknown"),
        ];
        for (what, certificate, expected) in cases {
            let refusal = import_dv(&node, &[certificate]).await.unwrap_err();
            assert_eq!(code(&refusal), expected, "{what}: {refusal}");
        }
        assert_eq!(issue_is(&node, "UTCVCA", 0).await.map_err(|refusal| code(&refusal)).unwrap_err(), "spoc.dv_missing");

        // Narrower rights and a long validity are told, and taken.
        let narrow = foreign.issue_dv(&key, chr, today, 120, Rights::inspection(false, true));
        let taken = import_dv(&node, std::slice::from_ref(&narrow)).await.unwrap();
        assert_eq!(taken.warnings.len(), 2, "{:?}", taken.warnings);
        // The same once more changes nothing; another one for the same request is a conflict.
        assert_eq!(import_dv(&node, &[narrow]).await.unwrap().chr, made.chr);
        let second = foreign.issue_dv(&key, chr, today, 61, full());
        assert_eq!(code(&import_dv(&node, &[second]).await.unwrap_err()), "spoc.certificate_conflict");
        node.end().await;
    }

    async fn another_cvca_of_the_same_state_that_no_link_joins_does_not_answer_for_the_one_asked(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let mut foreign = ForeignCvca::new("UT", today);
        found(&node, &foreign).await;
        let mut other = ForeignCvca::named("UT", "OTHER", today);
        confirm(&node, &import_cvca(&node, ders(&other.certificates)).await.unwrap()).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        let refusal = import_dv(&node, &[other.answer(&made.request, today, 60)]).await.unwrap_err();
        assert_eq!(code(&refusal), "spoc.certificate_refused", "{refusal}");
        // A successor under another mnemonic, reached by a link, does.
        let [link, root] = foreign.replace(today, "NEW");
        import_dv(&node, &[foreign.answer(&made.request, today, 60), link, root]).await.unwrap();
        node.end().await;
    }

    async fn cvca_certificates_that_come_with_an_answer_taken_before_enter_use_all_the_same(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        let dv = foreign.answer(&made.request, house.today(), 60);
        import_dv(&node, std::slice::from_ref(&dv)).await.unwrap();
        let [link, root] = foreign.renew(house.today(), Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1);
        import_dv(&node, &[dv, link, root]).await.unwrap();
        let newest = foreign.car(2);
        assert!(states(&node).await.contains(&(newest, "active".to_owned())), "{:?}", states(&node).await);
        node.end().await;
    }

    async fn a_suspended_cvca_answers_no_request_and_signs_no_chain(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let mut foreign = ForeignCvca::new("UT", today);
        let first = foreign.car(1);
        foreign.renew(today, Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1);
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        let newest = foreign.car(2);
        // Its root and the link to it: trust must not come back along the link.
        for car in [&newest, &first] {
            let suspend = SuspendHolderRequest {
                context: desk(OFFICER), car: car.clone(), chr: newest.clone(), reason: "compromised".to_owned(),
            };
            node.pki().suspend_holder(suspend).await.unwrap();
            let refusal = import_dv(&node, &[foreign.answer(&made.request, today, 60)]).await.unwrap_err();
            assert_eq!(code(&refusal), "spoc.certificate_refused", "{refusal}");
        }
        node.end().await;
    }

    async fn a_verifier_another_replica_has_just_suspended_signs_no_request_and_issues_nothing(database: TestDatabase) {
        let mut house = House::new(database);
        // Its own look at the database would come only in an hour.
        house.config.watch_seconds = 3_600;
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        import_dv(&node, &[foreign.answer(&made.request, house.today(), 60)]).await.unwrap();
        let replica = house.start().await;
        assert!(!request(&replica, "UTCVCA").await.unwrap().initial);
        let suspend = SuspendHolderRequest {
            context: desk(OFFICER), car: foreign.car(1), chr: made.chr.clone(), reason: "lost".to_owned(),
        };
        node.pki().suspend_holder(suspend).await.unwrap();
        assert!(request(&replica, "UTCVCA").await.unwrap().initial, "countersigned, not signed by the one suspended");
        assert_eq!(code(&issue_is(&replica, "UTCVCA", 1).await.unwrap_err()), "spoc.dv_missing");
        replica.end().await;
        node.end().await;
    }

    async fn the_national_cvca_is_valid_for_six_months_to_three_years(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        for (mnemonic, days, taken) in [("A", 1, false), ("B", 120, false), ("C", 184, true), ("D", 1095, true), ("E", 1097, false)] {
            let outcome = create_cvca_for(&node, mnemonic, days).await;
            let finding = outcome.as_ref().ok().and_then(|made| {
                let certificate = Certificate::parse(made.get_ref().certificate.as_slice()).unwrap();
                cvc::policy::TR_03139.check(&certificate)
            });
            assert_eq!(outcome.map(|_| finding.is_none()).map_err(|refusal| code(&refusal)), if taken { Ok(true) } else { Err("spoc.field_missing".to_owned()) }, "{days} days");
        }
        node.end().await;
    }

    async fn a_foreign_root_counts_only_when_a_second_officer_has_compared_it(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        create_cvca(&node, "CVCA").await.unwrap();
        assert_eq!(code(&create_cvca(&node, "CVCA").await.unwrap_err()), "spoc.national_cvca");
        let mut foreign = ForeignCvca::new("UT", house.today());
        foreign.renew(house.today(), Algorithm::EcdsaSha384, StandardisedCurve::BrainpoolP384r1);
        // Links first: the order does not matter.
        let reversed: Vec<_> = foreign.certificates.iter().rev().cloned().collect();
        let fingerprint = import_cvca(&node, ders(&reversed)).await.unwrap();
        assert_eq!(code(&request(&node, "UTCVCA").await.unwrap_err()), "spoc.cvca_unknown");

        // The root the first officer compares is the oldest one; what came with it is reached by links.
        let oldest = straznica_fingerprint(&foreign.certificates[0]);
        let confirm = |officer: &str, fingerprint: &str| ConfirmCvcaCertificateRequest {
            context: desk(officer), fingerprint: fingerprint.to_owned(),
            look_at: String::new(),
        };
        let refusal = node.pki().confirm_cvca_certificate(confirm(OFFICER, &oldest)).await.unwrap_err();
        assert_eq!(code(&refusal), "spoc.second_officer_required");
        let refusal = node.pki().confirm_cvca_certificate(confirm(SECOND_OFFICER, &oldest)).await.unwrap_err();
        assert_eq!(code(&refusal), "spoc.officer_not_caller");
        node.pki_of_second().confirm_cvca_certificate(confirm(SECOND_OFFICER, &oldest)).await.unwrap();
        assert!(!fingerprint.is_empty());
        let waiting: Vec<_> = states(&node).await.into_iter().filter(|(_, state)| state != "active").collect();
        assert_eq!(waiting, Vec::new());

        // The request is for the newest generation, with its algorithm.
        let made = request(&node, "UTCVCA").await.unwrap();
        let parsed = AuthenticatedRequest::parse(made.request.as_slice()).unwrap();
        assert_eq!(parsed.request().car().unwrap().to_string(), foreign.car(2));
        assert_eq!(parsed.request().verify_inner().unwrap().algorithm(), Algorithm::EcdsaSha384);
        node.end().await;
    }

    async fn both_doors_count_as_one_where_two_officers_are_needed(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let foreign = ForeignCvca::new("UT", house.today());
        let import = |officer: &str| ImportCvcaCertificatesRequest { context: desk(officer), certificates: ders(&foreign.certificates) };
        let nobody = node.pki_of_gateway().import_cvca_certificates(import("")).await.unwrap_err();
        assert_eq!(code(&nobody), "spoc.field_missing");
        let identity = node.pki_of_identity().import_cvca_certificates(import(OFFICER)).await.unwrap_err();
        assert_eq!(identity.code(), tonic::Code::PermissionDenied);
        let imported = node.pki_of_gateway().import_cvca_certificates(import(OFFICER)).await.unwrap().into_inner().imported;

        // Who took it in through the gateway does not confirm it at a desk, nor through the gateway.
        let confirm = |officer: &str| ConfirmCvcaCertificateRequest { context: desk(officer), fingerprint: imported[0].fingerprint.clone(), look_at: String::new() };
        for mut door in [node.pki(), node.pki_of_gateway()] {
            let own = door.confirm_cvca_certificate(confirm(OFFICER)).await.unwrap_err();
            assert_eq!(code(&own), "spoc.second_officer_required");
        }
        let mut other = confirm(SECOND_OFFICER);
        other.fingerprint.replace_range(..8, "00000000");
        assert_eq!(code(&node.pki_of_gateway().confirm_cvca_certificate(other).await.unwrap_err()), "spoc.certificate_unknown");
        let confirmed = node.pki_of_gateway().confirm_cvca_certificate(confirm(SECOND_OFFICER)).await.unwrap().into_inner();
        assert_eq!((confirmed.chr, confirmed.awaits_second_officer), (foreign.car(1), false));

        let (car, chr) = (foreign.car(1), foreign.car(1));
        let suspend = SuspendHolderRequest { context: desk(OFFICER), car: car.clone(), chr: chr.clone(), reason: "lost".to_owned() };
        node.pki_of_gateway().suspend_holder(suspend).await.unwrap();
        assert_eq!(states(&node).await, [(chr.clone(), "suspended".to_owned())]);
        let resume = |officer: &str| ResumeHolderRequest { context: desk(officer), car: car.clone(), chr: chr.clone(), reason: "found".to_owned() };
        assert!(node.pki_of_gateway().resume_holder(resume(OFFICER)).await.unwrap().into_inner().awaits_second_officer);
        let own = node.pki().resume_holder(resume(OFFICER)).await.unwrap_err();
        assert_eq!(code(&own), "spoc.second_officer_required");
        assert!(!node.pki_of_second().resume_holder(resume(SECOND_OFFICER)).await.unwrap().into_inner().awaits_second_officer);
        assert_eq!(states(&node).await, [(chr, "active".to_owned())]);
        node.end().await;
    }

    async fn a_cvca_certificate_that_breaks_a_rule_is_refused_with_all_that_came_with_it(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        foreign.renew(house.today(), Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1);
        let stranger = ForeignCvca::new("UT", house.today());
        let mut flipped = ders(&foreign.certificates);
        *flipped[0].last_mut().unwrap() ^= 1;
        let cases = [
            ("a link without its root", ders(&foreign.certificates[1..2]), "spoc.certificate_refused"),
            ("a bad signature", flipped, "spoc.certificate_refused"),
            ("garbage", vec![vec![0x7f, 0x21, 0x01]], "spoc.certificate_unreadable"),
            ("nothing", Vec::new(), "spoc.field_missing"),
        ];
        for (what, certificates, expected) in cases {
            let refusal = import_cvca(&node, certificates).await.unwrap_err();
            assert_eq!(code(&refusal), expected, "{what}: {refusal}");
        }
        assert_eq!(states(&node).await, Vec::new(), "nothing half-written");
        import_cvca(&node, ders(&foreign.certificates)).await.unwrap();
        let refusal = import_cvca(&node, ders(&stranger.certificates)).await.unwrap_err();
        assert_eq!(code(&refusal), "spoc.certificate_conflict");
        node.end().await;
    }

    async fn holder_references_are_never_given_twice(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut seen = std::collections::HashSet::new();
        for country in ["UT", "XA"] {
            let mut foreign = ForeignCvca::new(country, house.today());
            if country == "UT" {
                found(&node, &foreign).await;
            } else {
                let fingerprint = import_cvca(&node, ders(&foreign.certificates)).await.unwrap();
                let confirm = ConfirmCvcaCertificateRequest { context: desk(SECOND_OFFICER), fingerprint, look_at: String::new() };
                node.pki_of_second().confirm_cvca_certificate(confirm).await.unwrap();
            }
            let made = request(&node, &foreign.name()).await.unwrap();
            assert!(seen.insert(made.chr.clone()));
            import_dv(&node, &[foreign.answer(&made.request, house.today(), 60)]).await.unwrap();
            let cvca = foreign.name();
            let at_once = tokio::join!(issue_is(&node, &cvca, 0), issue_is(&node, &cvca, 7));
            for issued in [at_once.0.unwrap(), at_once.1.unwrap()] {
                assert!(seen.insert(issued.chr.clone()), "{} given twice", issued.chr);
            }
        }
        node.end().await;
    }

    async fn an_inspection_system_never_outlives_its_verifier_and_has_its_rights(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        let rights = Rights::inspection(true, false);
        let dv = foreign.answer_with(&made.request, house.today(), 15, rights);
        import_dv(&node, std::slice::from_ref(&dv)).await.unwrap();
        house.clock.advance(DAY * 5);
        let issued = issue_is(&node, "UTCVCA", 31).await.unwrap();
        assert_eq!(issued.expires, dv.expires().to_string());
        let certificate = Certificate::parse(issued.certificate.as_slice()).unwrap();
        assert_eq!((certificate.chat().rights(), certificate.effective()), (rights, house.today()));
        assert_eq!(code(&issue_is(&node, "UTCVCA", 32).await.unwrap_err()), "spoc.field_missing");
        let one_day = issue_is(&node, "UTCVCA", 1).await.unwrap();
        assert_eq!(one_day.expires, house.today().to_string());
        // A suspended verifier issues nothing.
        let suspend = SuspendHolderRequest {
            context: desk(OFFICER), car: foreign.car(1), chr: made.chr.clone(), reason: "lost".to_owned(),
        };
        node.pki().suspend_holder(suspend).await.unwrap();
        assert_eq!(code(&issue_is(&node, "UTCVCA", 1).await.unwrap_err()), "spoc.dv_missing");
        node.end().await;
    }
}

fn straznica_fingerprint(certificate: &Certificate) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.as_der()))
}
