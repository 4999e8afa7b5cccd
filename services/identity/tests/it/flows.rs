//! What happens at the border.

use prost::Message as _;
use straznica_contracts::identity::events::v1::InspectionJudged;
use straznica_contracts::identity::v1::{
    AccessProtocol, CloseReferralRequest, Evidence, GetInspectionRequest, RecordFingerprintResultRequest,
    ReferInspectionRequest, UnreadableDataGroup, Verdict,
};
use straznica_contracts::journal::v1::events_service_client::EventsServiceClient;
use straznica_contracts::journal::v1::journal_service_client::JournalServiceClient;
use straznica_contracts::journal::v1::{GetCheckpointRequest, TailRequest};
use straznica_identity::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use crate::documents::{
    OTHER_TERMINAL, TERMINAL, Utopia, adding, answer, at, chip_authentication, data_groups, mapping, opening,
    terminal_only,
};
use crate::house::{House, code, failed, members, result};

fn sha256(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec()
}

on_both_engines! {
    Migrations;

    async fn a_genuine_passport_read_step_by_step_becomes_genuine_and_its_fingerprints_count(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();

        let opened = house.create(opening(&passport, &[1, 14], house.clock.now())).await.unwrap();
        assert_eq!(opened.verdict(), Verdict::Undetermined, "{opened:#?}");
        assert_eq!(opened.scope, "document");
        assert_eq!(opened.issuing_state, "UTO");
        assert_eq!(failed(&opened), [] as [&str; 0]);
        assert_eq!(result(&opened, "optical_mrz"), "successful");
        assert_eq!(result(&opened, "dg2_hash"), "undetermined");
        assert!(opened.terminal_authentication_available);
        assert_eq!((opened.trust_generation, opened.trust_confirmed_at_ms), (1, house.clock.now().millis()));
        let announced = house.spoc.announced();
        assert_eq!(announced.len(), 1);
        assert_eq!(announced[0].inspection_id, opened.id);
        assert_eq!(announced[0].context, Some(at(TERMINAL)));

        let proof = Evidence { chip_authentication: Some(chip_authentication(&passport)), ..Evidence::default() };
        let proven = house.add(adding(&opened.id, proof)).await.unwrap();
        assert_eq!(result(&proven, "chip_authentication"), "successful");
        assert_eq!(result(&proven, "chip_authenticity"), "successful");

        let faced = house.add(adding(&opened.id, data_groups(&passport, &[2]))).await.unwrap();
        assert_eq!(faced.verdict(), Verdict::Genuine, "{faced:#?}");
        assert_eq!(result(&faced, "dg1_hash"), "successful");

        let match_result = |context| RecordFingerprintResultRequest {
            context: Some(context),
            inspection_id: opened.id.clone(),
            result: "match".to_owned(),
        };
        let early = house.identity.clone().record_fingerprint_result(match_result(at(TERMINAL))).await.unwrap_err();
        assert_eq!(code(&early), "identity.fingerprint_result_refused");

        let digest = Evidence { digests: [(3, sha256(&passport.data_groups[&3]))].into(), ..Evidence::default() };
        let opened_prints = house.add(adding(&opened.id, digest)).await.unwrap();
        assert_eq!(opened_prints.verdict(), Verdict::Genuine);
        assert_eq!(result(&opened_prints, "dg3_hash"), "successful");
        assert!(
            opened_prints.checks.iter().any(|check| check.check == "dg3_hash"
                && check.evidence.values().any(|value| value == "computed by the terminal")),
            "{opened_prints:#?}"
        );

        let nobody = match_result(terminal_only(TERMINAL));
        let anonymous = house.identity.clone().record_fingerprint_result(nobody).await.unwrap_err();
        assert_eq!(code(&anonymous), "identity.invalid_request");
        let recorded = house.identity.clone().record_fingerprint_result(match_result(at(TERMINAL))).await.unwrap();
        assert_eq!(recorded.into_inner().inspection.unwrap().fingerprint_result, "match");
        let again = house.identity.clone().record_fingerprint_result(match_result(at(TERMINAL))).await.unwrap_err();
        assert_eq!(code(&again), "identity.fingerprint_result_refused");

        let reading = GetInspectionRequest { context: Some(terminal_only(TERMINAL)), inspection_id: opened.id.clone() };
        let read = house.identity.clone().get_inspection(reading).await.unwrap().into_inner().inspection.unwrap();
        assert_eq!(read.verdict(), Verdict::Genuine);
        assert_eq!(read.checks, opened_prints.checks);
        assert_eq!(house.journal_kinds().await, [
            "inspection.opened",
            "inspection.evidence_added",
            "inspection.evidence_added",
            "inspection.evidence_added",
            "fingerprint_result.recorded",
            "inspection.read",
        ]);
        let officers = house.texts("SELECT officer FROM journal ORDER BY row_number").await;
        assert!(officers.iter().all(|officer| officer == "sg-4711"), "{officers:?}");
        // Opened, turned genuine, fingerprints: evidence that changed no verdict is nobody else's news.
        assert_eq!(house.texts("SELECT type_name FROM event ORDER BY entry_id").await.len(), 3);
        house.close().await;
    }

    async fn a_clone_with_the_same_files_is_caught_by_active_authentication_alone(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let clone = passport.cloned_into_another_chip().unwrap();
        for (document, verdict, wrong) in [
            (&passport, Verdict::Genuine, [].as_slice()),
            (&clone, Verdict::NotGenuine, ["active_authentication", "chip_authenticity"].as_slice()),
        ] {
            let challenge = house.challenge(TERMINAL).await;
            assert_eq!(challenge.challenge.len(), 8);
            assert_eq!(challenge.expires_at_ms - house.clock.now().millis(), 300_000);
            let mut request = opening(document, &[1, 2, 14, 15], house.clock.now());
            request.evidence.as_mut().unwrap().active_authentication =
                Some(answer(document, &challenge.challenge_id, &challenge.challenge));
            let judged = house.create(request).await.unwrap();
            assert_eq!(judged.verdict(), verdict, "{judged:#?}");
            assert_eq!(failed(&judged), wrong);
        }
        house.close().await;
    }

    async fn active_authentication_added_later_uses_the_keys_read_before(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let opened = house.create(opening(&passport, &[1, 2, 14, 15], house.clock.now())).await.unwrap();
        assert_eq!(result(&opened, "chip_authenticity"), "undetermined");
        let challenge = house.challenge(TERMINAL).await;
        let evidence = Evidence {
            active_authentication: Some(answer(&passport, &challenge.challenge_id, &challenge.challenge)),
            ..Evidence::default()
        };
        let proven = house.add(adding(&opened.id, evidence)).await.unwrap();
        assert_eq!(result(&proven, "active_authentication"), "successful");
        assert_eq!(proven.verdict(), Verdict::Genuine, "{proven:#?}");
        house.close().await;
    }

    async fn a_check_that_failed_stays_failed_whatever_is_sent_later(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let altered = passport.with_altered(2).unwrap();
        let opened = house.create(opening(&altered, &[1, 2, 14], house.clock.now())).await.unwrap();
        assert_eq!(opened.verdict(), Verdict::NotGenuine);
        assert_eq!(failed(&opened), ["dg2_hash"]);
        let mended = house.add(adding(&opened.id, data_groups(&passport, &[2]))).await.unwrap();
        assert_eq!(mended.verdict(), Verdict::NotGenuine);
        assert_eq!(failed(&mended), ["dg2_hash"]);
        let record = RecordFingerprintResultRequest {
            context: Some(at(TERMINAL)),
            inspection_id: opened.id,
            result: "not_possible".to_owned(),
        };
        let recorded = house.identity.clone().record_fingerprint_result(record).await.unwrap().into_inner();
        assert_eq!(recorded.inspection.unwrap().fingerprint_result, "not_possible");
        house.close().await;
    }

    async fn of_two_pieces_of_evidence_added_at_once_neither_is_lost(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let opened = house.create(opening(&passport, &[1], house.clock.now())).await.unwrap();
        let unreadable = UnreadableDataGroup { data_group: 3, status_word: 0x6982 };
        let pieces = [
            data_groups(&passport, &[2]),
            data_groups(&passport, &[14]),
            data_groups(&passport, &[15]),
            Evidence { unreadable: vec![unreadable], ..Evidence::default() },
        ];
        let calls = pieces.map(|piece| house.add(adding(&opened.id, piece)));
        for added in futures::future::join_all(calls).await {
            added.unwrap();
        }
        let proof = Evidence { chip_authentication: Some(chip_authentication(&passport)), ..Evidence::default() };
        let last = house.add(adding(&opened.id, proof)).await.unwrap();
        for check in ["dg1_hash", "dg2_hash", "dg14_hash", "dg15_hash", "chip_authentication"] {
            assert_eq!(result(&last, check), "successful", "{check}");
        }
        assert_eq!(result(&last, "dg3_hash"), "aborted");
        assert_eq!(last.verdict(), Verdict::Genuine, "{last:#?}");
        assert_eq!(house.count("SELECT revision FROM inspection").await, 5);
        house.close().await;
    }

    async fn the_second_line_is_another_officer_at_another_terminal(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let opened = house.create(opening(&utopia.passport(), &[1], house.clock.now())).await.unwrap();
        let mut client = house.identity.clone();
        let second_line = straznica_contracts::common::v1::CallContext { officer: "sg-0815".to_owned(), ..at(OTHER_TERMINAL) };
        let refer = |reason: &str| ReferInspectionRequest {
            context: Some(at(TERMINAL)),
            inspection_id: opened.id.clone(),
            reason: reason.to_owned(),
        };
        let close = |outcome: &str| CloseReferralRequest {
            context: Some(second_line.clone()),
            inspection_id: opened.id.clone(),
            outcome: outcome.to_owned(),
        };
        let read = || GetInspectionRequest { context: Some(second_line.clone()), inspection_id: opened.id.clone() };

        assert_eq!(code(&client.close_referral(close("released")).await.unwrap_err()), "identity.referral_state");
        assert_eq!(code(&client.get_inspection(read()).await.unwrap_err()), "identity.inspection_unknown");
        assert_eq!(code(&client.refer_inspection(refer("boredom")).await.unwrap_err()), "identity.invalid_request");
        let referred = client.refer_inspection(refer("document_suspect")).await.unwrap().into_inner().inspection.unwrap();
        assert_eq!(referred.referral.unwrap().reason, "document_suspect");
        assert_eq!(code(&client.refer_inspection(refer("alert")).await.unwrap_err()), "identity.referral_state");

        // Nobody else's name stands in the journal for the officer at the other terminal.
        let nobody = GetInspectionRequest { context: Some(terminal_only(OTHER_TERMINAL)), inspection_id: opened.id.clone() };
        let unnamed = client.get_inspection(nobody).await.unwrap_err();
        assert_eq!((code(&unnamed).as_str(), members(&unnamed)), ("identity.invalid_request", vec!["/context/officer".to_owned()]));
        assert!(client.get_inspection(read()).await.is_ok());
        assert_eq!(code(&client.close_referral(close("eaten")).await.unwrap_err()), "identity.invalid_request");
        house.clock.advance(std::time::Duration::from_secs(7_200));
        let closed = client.close_referral(close("document_retained")).await.unwrap().into_inner().inspection.unwrap();
        let referral = closed.referral.unwrap();
        assert_eq!((referral.outcome.as_str(), referral.closed_at_ms), ("document_retained", house.clock.now().millis()));
        assert_eq!(code(&client.close_referral(close("released")).await.unwrap_err()), "identity.referral_state");

        assert_eq!(house.journal_kinds().await, [
            "inspection.opened",
            "inspection.referred",
            "inspection.read",
            "inspection.referral_closed",
        ]);
        let officers = house.texts("SELECT officer FROM journal ORDER BY row_number").await;
        assert_eq!(officers, ["sg-4711", "sg-4711", "sg-0815", "sg-0815"]);
        house.close().await;
    }

    async fn what_is_kept_of_a_session_goes_when_it_ends(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let opened = house.create(opening(&passport, &[1, 2, 14, 15], house.clock.now())).await.unwrap();
        house.challenge(TERMINAL).await;
        let names = house.texts("SELECT name FROM kept_evidence ORDER BY name").await;
        assert_eq!(names, ["card_access", "dg14", "dg15", "sod"]);

        house.clock.set(straznica_types::Timestamp::from_millis(opened.open_until_ms));
        let late = house.add(adding(&opened.id, data_groups(&passport, &[2]))).await.unwrap_err();
        assert_eq!(code(&late), "identity.inspection_closed");
        let swept = async {
            while house.count("SELECT (SELECT count(*) FROM kept_evidence) + (SELECT count(*) FROM challenge)").await > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(15), swept).await.unwrap();
        assert_eq!(house.count("SELECT count(*) FROM inspection").await, 1);
        let reading = GetInspectionRequest { context: Some(terminal_only(TERMINAL)), inspection_id: opened.id.clone() };
        let read = house.identity.clone().get_inspection(reading).await.unwrap().into_inner().inspection.unwrap();
        assert_eq!(read.checks, opened.checks);
        house.close().await;
    }

    async fn what_happened_is_numbered_and_others_can_follow_it(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let opened = house.create(opening(&utopia.passport(), &[1], house.clock.now())).await.unwrap();
        let mut events = EventsServiceClient::new(house.channel.clone())
            .tail(TailRequest::default())
            .await
            .unwrap()
            .into_inner();
        let first = tokio::time::timeout(std::time::Duration::from_secs(15), events.message()).await.unwrap();
        let first = first.unwrap().unwrap();
        assert_eq!(first.type_name, "straznica.identity.events.v1.InspectionJudged");
        assert_eq!(
            InspectionJudged::decode(first.payload.as_slice()).unwrap(),
            InspectionJudged {
                inspection_id: opened.id,
                terminal_id: TERMINAL.to_owned(),
                verdict: "undetermined".to_owned(),
                issuing_state: "UTO".to_owned(),
                first: true,
            }
        );
        drop(events);
        let mut journal = JournalServiceClient::new(house.channel.clone());
        let checkpoint = journal.get_checkpoint(GetCheckpointRequest {}).await.unwrap().into_inner().checkpoint;
        assert!(checkpoint.starts_with("identity.test/journal\n1\n"), "{checkpoint}");
        house.close().await;
    }

    async fn a_chip_proven_by_pace_with_mapping_is_genuine_and_another_chips_mapping_is_not(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport_with_mapping();
        let clone = passport.cloned_into_another_chip().unwrap();
        for (chip, verdict, wrong) in [
            (&passport, Verdict::Genuine, [].as_slice()),
            (&clone, Verdict::NotGenuine, ["pace_cam", "chip_authenticity"].as_slice()),
        ] {
            let mut request = opening(&passport, &[1, 2, 14], house.clock.now());
            request.set_access(AccessProtocol::PaceCam);
            let opened = house.create(request).await.unwrap();
            let proof = Evidence {
                card_security: passport.card_security.clone().unwrap(),
                chip_authentication: Some(mapping(chip)),
                ..Evidence::default()
            };
            let proven = house.add(adding(&opened.id, proof)).await.unwrap();
            assert_eq!(proven.verdict(), verdict, "{proven:#?}");
            assert_eq!(failed(&proven), wrong);
        }
        house.close().await;
    }

    async fn what_cannot_be_journalled_does_not_happen_and_is_not_shown(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let opened = house.create(opening(&passport, &[1], house.clock.now())).await.unwrap();
        house.execute("ALTER TABLE journal_payload RENAME TO journal_payload_gone").await;

        assert!(house.create(opening(&passport, &[1], house.clock.now())).await.is_err());
        assert!(house.add(adding(&opened.id, data_groups(&passport, &[2]))).await.is_err());
        let reading = GetInspectionRequest { context: Some(terminal_only(TERMINAL)), inspection_id: opened.id.clone() };
        assert!(house.identity.clone().get_inspection(reading.clone()).await.is_err());
        assert_eq!(house.count("SELECT count(*) FROM inspection").await, 1);
        assert_eq!(house.count("SELECT revision FROM inspection").await, 0);

        house.execute("ALTER TABLE journal_payload_gone RENAME TO journal_payload").await;
        assert!(house.identity.clone().get_inspection(reading).await.is_ok());
        house.close().await;
    }
}
