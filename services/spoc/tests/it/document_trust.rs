//! Anchors, master lists, CRLs and defect lists of a made-up publisher.

use cvc::domain_parameters::StandardisedCurve;
use emrtd::builder::{Algorithm, Csca, Defect, Digest, State, Validity, defect_list, master_list};
use straznica_contracts::spoc::v1::{
    AnchorUse, ConfirmAnchorRequest, DocumentSignerStatus, GetDefectListRequest, GetDocumentSignerInformationRequest,
    GetMasterListRequest, GetTrustSnapshotRequest, GetTrustSnapshotResponse, GetTrustSummaryRequest,
    ImportDefectListRequest, ImportMasterListRequest, ImportMasterListResponse, ImportRevocationListRequest,
    ProposeAnchorRequest, WithdrawAnchorRequest,
};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Clock;
use time::{Date, Duration, OffsetDateTime};
use tonic::{Response, Status};

use super::house::{DAY, House, Node, OFFICER, SECOND_OFFICER, code, desk};

fn algorithm() -> Algorithm {
    Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256)
}

fn csca(alpha2: &str, icao: &str, today: Date) -> Csca {
    Csca::create(State::new(alpha2, icao, "Made Up"), algorithm(), Validity::days(today, 2_000)).unwrap()
}

fn moment(house: &House) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(house.clock.now().millis() / 1000).unwrap()
}

async fn propose(node: &Node, certificate: &[u8], anchor_use: AnchorUse) -> Result<(String, bool), Status> {
    let request =
        ProposeAnchorRequest { context: desk(OFFICER), certificate: certificate.to_vec(), r#use: anchor_use.into() };
    let answer = node.trust().propose_anchor(request).await?.into_inner();
    Ok((answer.fingerprint, answer.confirmed))
}

async fn anchor(node: &Node, certificate: &[u8], anchor_use: AnchorUse) -> String {
    let (fingerprint, _) = propose(node, certificate, anchor_use).await.unwrap();
    let confirm = ConfirmAnchorRequest {
        context: desk(SECOND_OFFICER),
        fingerprint: fingerprint.clone(),
        r#use: anchor_use.into(),
    };
    node.trust_of_second().confirm_anchor(confirm).await.unwrap();
    fingerprint
}

async fn import(node: &Node, list: &[u8]) -> Result<ImportMasterListResponse, Status> {
    let request = ImportMasterListRequest { context: desk(OFFICER), list: list.to_vec() };
    node.trust().import_master_list(request).await.map(Response::into_inner)
}

async fn import_crl(node: &Node, crl: &[u8]) -> Result<u32, Status> {
    let request = ImportRevocationListRequest { context: desk(OFFICER), crl: crl.to_vec() };
    Ok(node.trust().import_revocation_list(request).await?.into_inner().revoked)
}

async fn snapshot(node: &Node, known_generation: u64) -> GetTrustSnapshotResponse {
    node.trust_for_identity()
        .get_trust_snapshot(GetTrustSnapshotRequest { known_generation })
        .await
        .unwrap()
        .into_inner()
}

async fn signer_status(node: &Node, certificate: &[u8]) -> (DocumentSignerStatus, Vec<String>) {
    let request = GetDocumentSignerInformationRequest { certificate: certificate.to_vec() };
    let answer = node.centre().get_document_signer_information(request).await.unwrap().into_inner();
    (answer.status(), answer.reasons)
}

on_both_engines! { Migrations;
    async fn a_master_list_counts_only_under_an_anchor_two_officers_agreed_on(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let (mut publisher, one, two) = (csca("UT", "UTO", today), csca("XA", "XAA", today), csca("XB", "XBB", today));
        let signer = publisher.master_list_signer(algorithm(), Validity::days(today, 300)).unwrap();
        let list = master_list(&[one.certificate(), two.certificate()], &signer, &publisher, moment(&house)).unwrap();

        assert_eq!(code(&import(&node, &list).await.unwrap_err()), "spoc.list_not_vouched");
        let (fingerprint, confirmed) = propose(&node, publisher.certificate(), AnchorUse::MasterList).await.unwrap();
        assert!(!confirmed);
        assert_eq!(code(&import(&node, &list).await.unwrap_err()), "spoc.list_not_vouched", "one officer is not enough");
        let confirm = |officer: &str, anchor_use: AnchorUse| ConfirmAnchorRequest {
            context: desk(officer), fingerprint: fingerprint.clone(), r#use: anchor_use.into(),
        };
        let refusal = node.trust().confirm_anchor(confirm(OFFICER, AnchorUse::MasterList)).await.unwrap_err();
        assert_eq!(code(&refusal), "spoc.second_officer_required");
        let refusal = node.trust_of_second().confirm_anchor(confirm(SECOND_OFFICER, AnchorUse::Csca)).await.unwrap_err();
        assert_eq!(code(&refusal), "spoc.anchor_unknown", "an anchor is for one use");
        node.trust_of_second().confirm_anchor(confirm(SECOND_OFFICER, AnchorUse::MasterList)).await.unwrap();
        assert!(propose(&node, publisher.certificate(), AnchorUse::MasterList).await.unwrap().1);

        let taken = import(&node, &list).await.unwrap();
        assert_eq!((taken.anchor_fingerprint.as_str(), taken.cscas, taken.added), (fingerprint.as_str(), 2, 2));
        let trust = snapshot(&node, 0).await;
        assert_eq!((trust.generation, trust.cscas.len()), (taken.generation, 3));
        let listed = trust.cscas.iter().find(|csca| csca.certificate == one.certificate()).unwrap();
        assert!(listed.vouched_by.len() == 1 && listed.vouched_by[0].contains("master list"), "{listed:?}");
        assert!(snapshot(&node, taken.generation).await.cscas.is_empty(), "the caller has it");

        // The same list again changes nothing.
        assert_eq!(import(&node, &list).await.unwrap().generation, taken.generation);
        // Terminals get it once.
        let handed = node.centre().get_master_list(GetMasterListRequest::default()).await.unwrap().into_inner();
        assert_eq!(handed.list, list);
        let known = GetMasterListRequest { known_sha256: handed.sha256 };
        assert!(node.centre().get_master_list(known).await.unwrap().into_inner().list.is_empty());

        let withdraw = WithdrawAnchorRequest {
            context: desk(OFFICER), fingerprint, r#use: AnchorUse::MasterList.into(), reason: "compromised".to_owned(),
        };
        let removed = node.trust().withdraw_anchor(withdraw).await.unwrap().into_inner().cscas_removed;
        assert_eq!((removed, snapshot(&node, 0).await.cscas.len()), (3, 0));
        node.end().await;
    }

    async fn the_german_lists_of_two_dates_are_taken_whole_and_told_apart(database: TestDatabase) {
        let Some(vectors) = straznica_testkit::vectors() else { return };
        let read = |name: &str| std::fs::read(vectors.join("masterlists").join(name)).unwrap();
        let house = House::new(database);
        let node = house.start().await;
        let newer = read("DE_ML_2026-05-28-08-28-45.ml");
        anchor(&node, &read("DE_ROOT_CA_CSCA07.cer"), AnchorUse::MasterList).await;
        let older = import(&node, &read("DE_ML_2026-01-08-12-20-54.ml")).await.unwrap();
        let taken = import(&node, &newer).await.unwrap();
        assert_eq!(taken.cscas, 588);
        assert_eq!(older.cscas + taken.added - taken.removed, 588);
        // The list names its publisher's own root, too.
        let trust = snapshot(&node, 0).await;
        assert_eq!(trust.cscas.len(), 588);
        let handed = node.centre().get_master_list(GetMasterListRequest::default()).await.unwrap().into_inner();
        assert_eq!(handed.list, newer);
        node.end().await;

        let node = house.start().await;
        assert_eq!(snapshot(&node, 0).await, trust, "a restart keeps it");
        node.end().await;
    }

    async fn a_newer_list_replaces_its_publishers_and_an_older_one_does_not_come_back(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let (mut publisher, one, two) = (csca("UT", "UTO", today), csca("XA", "XAA", today), csca("XB", "XBB", today));
        let signer = publisher.master_list_signer(algorithm(), Validity::days(today, 300)).unwrap();
        anchor(&node, publisher.certificate(), AnchorUse::MasterList).await;
        let list = |certificates: &[&[u8]]| master_list(certificates, &signer, &publisher, moment(&house)).unwrap();
        let (old, new) = (list(&[one.certificate()]), list(&[two.certificate()]));
        import(&node, &old).await.unwrap();
        let taken = import(&node, &new).await.unwrap();
        assert_eq!((taken.cscas, taken.added, taken.removed), (1, 1, 1));
        assert_eq!(code(&import(&node, &old).await.unwrap_err()), "spoc.list_outdated");
        let yesterday = moment(&house) - Duration::days(1);
        let unseen = master_list(&[one.certificate(), two.certificate()], &signer, &publisher, yesterday).unwrap();
        let refused = import(&node, &unseen).await.unwrap_err();
        assert_eq!(code(&refused), "spoc.list_outdated", "signed before the one held, though never seen here");
        let certificates: Vec<_> = snapshot(&node, 0).await.cscas.into_iter().map(|csca| csca.certificate).collect();
        assert!(certificates.contains(&two.certificate().to_vec()) && !certificates.contains(&one.certificate().to_vec()));

        let summary = node.trust().get_trust_summary(GetTrustSummaryRequest {}).await.unwrap().into_inner();
        assert_eq!((summary.cscas, summary.countries, summary.master_lists.len()), (2, 2, 1));
        node.end().await;
    }

    async fn a_list_altered_or_too_large_is_refused_and_nothing_changes(database: TestDatabase) {
        let mut house = House::new(database);
        house.config.trust.max_list_bytes = 100_000;
        let node = house.start().await;
        let today = house.today();
        let (mut publisher, one) = (csca("UT", "UTO", today), csca("XA", "XAA", today));
        let signer = publisher.master_list_signer(algorithm(), Validity::days(today, 300)).unwrap();
        anchor(&node, publisher.certificate(), AnchorUse::MasterList).await;
        let list = master_list(&[one.certificate()], &signer, &publisher, moment(&house)).unwrap();
        let generation = snapshot(&node, 0).await.generation;
        let mut altered = list.clone();
        *altered.last_mut().unwrap() ^= 1;
        for (what, list, expected) in [
            ("altered", altered, "spoc.list_unreadable"),
            ("cut short", list[..list.len() / 2].to_vec(), "spoc.list_unreadable"),
            ("another type", one.certificate().to_vec(), "spoc.list_unreadable"),
            ("nothing", Vec::new(), "spoc.list_unreadable"),
            ("too large", vec![0; 100_001], "spoc.list_too_large"),
        ] {
            assert_eq!(code(&import(&node, &list).await.unwrap_err()), expected, "{what}");
        }
        assert_eq!(snapshot(&node, 0).await.generation, generation);
        node.end().await;
    }

    async fn revocation_lists_come_from_trusted_cscas_and_only_get_newer(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let mut csca = csca("XA", "XAA", today);
        let signer = csca.document_signer(algorithm(), Validity::days(today, 1_000), &["P"]).unwrap();
        let (now, month) = (moment(&house), Duration::days(30));
        let clean = csca.revocation_list(1, now - Duration::hours(2), now + month, &[]).unwrap();
        let revoking = csca.revocation_list(2, now - Duration::hours(1), now + month, &[(&signer.serial_number(), today)]).unwrap();

        assert_eq!(signer_status(&node, signer.certificate()).await.0, DocumentSignerStatus::CertificateUndetermined);
        assert_eq!(code(&import_crl(&node, &clean).await.unwrap_err()), "spoc.list_not_vouched");
        anchor(&node, csca.certificate(), AnchorUse::Csca).await;
        assert_eq!(import_crl(&node, &clean).await.unwrap(), 0);
        let (status, reasons) = signer_status(&node, signer.certificate()).await;
        assert_eq!(status, DocumentSignerStatus::CertificateOk, "{reasons:?}");
        assert_eq!(import_crl(&node, &revoking).await.unwrap(), 1);
        assert_eq!(import_crl(&node, &revoking).await.unwrap(), 1, "the same again");
        let (status, reasons) = signer_status(&node, signer.certificate()).await;
        assert_eq!(status, DocumentSignerStatus::CertificateInvalid, "{reasons:?}");
        assert_eq!(code(&import_crl(&node, &clean).await.unwrap_err()), "spoc.list_outdated");
        let mut altered = revoking.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert_eq!(code(&import_crl(&node, &altered).await.unwrap_err()), "spoc.list_not_vouched");

        house.clock.advance(DAY * 40);
        let summary = node.trust().get_trust_summary(GetTrustSummaryRequest {}).await.unwrap().into_inner();
        assert_eq!((summary.revocation_lists, summary.stale_revocation_lists), (1, 1));
        node.end().await;
    }

    async fn defect_lists_need_an_anchor_of_their_own(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let today = house.today();
        let (mut publisher, mut csca) = (csca("UT", "UTO", today), csca("XA", "XAA", today));
        let list_signer = publisher.defect_list_signer(algorithm(), Validity::days(today, 300)).unwrap();
        let signer = csca.document_signer(algorithm(), Validity::days(today, 1_000), &["P"]).unwrap();
        let defects = [(&signer, vec![Defect::CertificateRevoked { status: 3 }])];
        let list = defect_list(&defects, &list_signer, &publisher, moment(&house)).unwrap();
        let import_this = async |list: &[u8]| {
            let request = ImportDefectListRequest { context: desk(OFFICER), list: list.to_vec() };
            node.trust().import_defect_list(request).await.map(|answer| answer.into_inner().defects)
        };
        let import = async || import_this(&list).await;
        anchor(&node, csca.certificate(), AnchorUse::Csca).await;
        anchor(&node, publisher.certificate(), AnchorUse::MasterList).await;
        assert_eq!(code(&import().await.unwrap_err()), "spoc.list_not_vouched");
        let absent = node.centre().get_defect_list(GetDefectListRequest::default()).await.unwrap_err();
        assert_eq!(code(&absent), "spoc.list_absent");
        anchor(&node, publisher.certificate(), AnchorUse::DefectList).await;
        assert_eq!(import().await.unwrap(), 1);
        let older = defect_list(&[], &list_signer, &publisher, moment(&house) - Duration::days(1)).unwrap();
        let refused = import_this(&older).await.unwrap_err();
        assert_eq!(code(&refused), "spoc.list_outdated", "an older list would take the revocation back");
        let trust = snapshot(&node, 0).await;
        assert_eq!(trust.defect_lists, std::slice::from_ref(&list));
        assert_eq!(trust.defect_list_anchors, [publisher.certificate().to_vec()]);
        assert_eq!(signer_status(&node, signer.certificate()).await.0, DocumentSignerStatus::CertificateInvalid);
        let handed = node.centre().get_defect_list(GetDefectListRequest::default()).await.unwrap().into_inner();
        assert_eq!(handed.list, list);
        node.end().await;
    }
}
