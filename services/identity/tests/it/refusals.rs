//! What is refused, and how it is said.

use std::time::Duration;

use straznica_contracts::identity::v1::{
    AccessProtocol, CreateInspectionRequest, Evidence, InspectionLine, RecordFingerprintResultRequest, Verdict,
};
use straznica_identity::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use crate::documents::{OTHER_TERMINAL, TERMINAL, Utopia, adding, answer, at, data_groups, opening};
use crate::house::{House, code, failed, members, result};

on_both_engines! {
    Migrations;

    async fn a_challenge_is_answered_once_rightly_or_wrongly_by_its_terminal_and_in_time(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let clone = passport.cloned_into_another_chip().unwrap();
        let request = |evidence| {
            let mut request = opening(&passport, &[1, 2, 14, 15], house.clock.now());
            request.evidence.as_mut().unwrap().active_authentication = Some(evidence);
            request
        };

        let challenge = house.challenge(TERMINAL).await;
        let wrong = house.create(request(answer(&clone, &challenge.challenge_id, &challenge.challenge))).await.unwrap();
        assert_eq!(failed(&wrong), ["active_authentication", "chip_authenticity"]);
        let right = answer(&passport, &challenge.challenge_id, &challenge.challenge);
        let reused = house.create(request(right.clone())).await.unwrap_err();
        assert_eq!(code(&reused), "identity.challenge_refused");
        assert!(reused.message().contains("has been used"), "{reused:?}");
        let evidence = Evidence { active_authentication: Some(right), ..Evidence::default() };
        assert_eq!(code(&house.add(adding(&wrong.id, evidence)).await.unwrap_err()), "identity.challenge_refused");

        let others = house.challenge(OTHER_TERMINAL).await;
        let stolen = house.create(request(answer(&passport, &others.challenge_id, &others.challenge))).await.unwrap_err();
        assert!(stolen.message().contains("no such challenge"), "{stolen:?}");

        let slow = house.challenge(TERMINAL).await;
        house.clock.advance(Duration::from_secs(300));
        let late = house.create(request(answer(&passport, &slow.challenge_id, &slow.challenge))).await.unwrap_err();
        assert_eq!(code(&late), "identity.challenge_refused");
        assert_eq!(house.count("SELECT count(*) FROM inspection").await, 1);
        house.close().await;
    }

    async fn of_many_answers_to_one_challenge_at_once_one_is_taken(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let challenge = house.challenge(TERMINAL).await;
        let calls = (0..8).map(|_| {
            let mut request = opening(&passport, &[1, 2, 14, 15], house.clock.now());
            request.evidence.as_mut().unwrap().active_authentication =
                Some(answer(&passport, &challenge.challenge_id, &challenge.challenge));
            house.create(request)
        });
        let (taken, refused): (Vec<_>, Vec<_>) =
            futures::future::join_all(calls).await.into_iter().partition(Result::is_ok);
        assert_eq!((taken.len(), refused.len()), (1, 7));
        assert_eq!(taken[0].as_ref().unwrap().verdict(), Verdict::Genuine);
        for refusal in refused {
            assert_eq!(code(&refusal.unwrap_err()), "identity.challenge_refused");
        }
        house.close().await;
    }

    async fn an_inspection_is_its_terminals_alone(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let opened = house.create(opening(&passport, &[1], house.clock.now())).await.unwrap();
        let mut foreign = adding(&opened.id, data_groups(&passport, &[2]));
        foreign.context = Some(at(OTHER_TERMINAL));
        assert_eq!(code(&house.add(foreign).await.unwrap_err()), "identity.inspection_not_yours");
        let record = RecordFingerprintResultRequest {
            context: Some(at(OTHER_TERMINAL)),
            inspection_id: opened.id.clone(),
            result: "not_possible".to_owned(),
        };
        let refusal = house.identity.clone().record_fingerprint_result(record).await.unwrap_err();
        assert_eq!(code(&refusal), "identity.inspection_not_yours");
        let mut other_purpose = adding(&opened.id, data_groups(&passport, &[2]));
        other_purpose.context.as_mut().unwrap().purpose = "residence_check".to_owned();
        assert_eq!(code(&house.add(other_purpose).await.unwrap_err()), "identity.inspection_not_yours");
        let unknown = adding("0197156e-3c5b-7d2a-9c11-0242ac120002", data_groups(&passport, &[2]));
        assert_eq!(code(&house.add(unknown).await.unwrap_err()), "identity.inspection_unknown");
        assert_eq!(house.count("SELECT revision FROM inspection").await, 0);
        house.close().await;
    }

    async fn a_request_that_lacks_something_names_the_member_and_writes_nothing(database: TestDatabase) {
        type Spoil = fn(&mut CreateInspectionRequest);
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let invalid = "identity.invalid_request";
        let table: [(Spoil, &str, &str); 21] = [
            (|request| request.context = None, invalid, "/context/terminal_id"),
            (|request| request.context.as_mut().unwrap().terminal_id = "no name".into(), invalid, "/context/terminal_id"),
            (|request| request.context.as_mut().unwrap().officer.clear(), invalid, "/context/officer"),
            (|request| request.context.as_mut().unwrap().purpose.clear(), invalid, "/context/purpose"),
            (|request| request.context.as_mut().unwrap().purpose = "curiosity".into(), invalid, "/context/purpose"),
            (|request| request.context.as_mut().unwrap().purpose = "proceedings".into(), invalid, "/context/case_number"),
            (|request| request.context.as_mut().unwrap().case_number = "a name".into(), invalid, "/context/case_number"),
            (|request| request.context.as_mut().unwrap().request_id = "7".into(), invalid, "/context/request_id"),
            (|request| request.document_ref.clear(), invalid, "/document_ref"),
            (|request| request.set_access(AccessProtocol::Unspecified), invalid, "/access"),
            (|request| request.set_line(InspectionLine::Unspecified), invalid, "/line"),
            (|request| request.sod.clear(), invalid, "/sod"),
            (|request| request.read_at_ms = 0, invalid, "/read_at_ms"),
            (|request| request.read_at_ms += 121_000, "identity.reading_out_of_time", "/read_at_ms"),
            (|request| request.read_at_ms -= 901_000, "identity.reading_out_of_time", "/read_at_ms"),
            (|request| groups(request).push((3, vec![0x63])), "identity.biometrics_refused", "/evidence/data_groups"),
            (|request| groups(request).push((4, vec![0x76])), "identity.biometrics_refused", "/evidence/data_groups"),
            (|request| groups(request).push((17, vec![0x70])), invalid, "/evidence/data_groups"),
            (|request| request.sod = vec![0x77; 65_537], "identity.file_too_large", "/sod"),
            (|request| groups(request).push((2, vec![0; 1_048_577])), "identity.file_too_large", "/evidence/data_groups"),
            (|request| request.mrz_optical = "<".repeat(129), "identity.file_too_large", "/mrz_optical"),
        ];
        for (row, (spoil, expected, member)) in table.into_iter().enumerate() {
            let mut request = opening(&passport, &[1], house.clock.now());
            spoil(&mut request);
            let refusal = house.create(request).await.unwrap_err();
            assert_eq!((code(&refusal).as_str(), members(&refusal)), (expected, vec![member.to_owned()]), "row {row}");
        }
        let mut unreadable = opening(&passport, &[1], house.clock.now());
        unreadable.sod.truncate(20);
        let refusal = house.create(unreadable).await.unwrap_err();
        assert_eq!(code(&refusal), "identity.security_object_unreadable");
        assert_eq!(house.count("SELECT (SELECT count(*) FROM inspection) + (SELECT count(*) FROM journal)").await, 0);

        let nothing = house.create(opening(&passport, &[1], house.clock.now())).await.unwrap();
        let empty = house.add(adding(&nothing.id, Evidence::default())).await.unwrap_err();
        assert_eq!((code(&empty).as_str(), members(&empty)), (invalid, vec!["/evidence".to_owned()]));
        house.close().await;
    }

    async fn a_message_of_ten_megabytes_is_refused_and_the_service_goes_on(database: TestDatabase) {
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let mut large = opening(&passport, &[1], house.clock.now());
        groups(&mut large).push((2, vec![0; 10_000_000]));
        assert!(house.create(large).await.is_err());
        let opened = house.create(opening(&passport, &[1], house.clock.now())).await.unwrap();
        assert_eq!(result(&opened, "dg1_hash"), "successful");
        house.close().await;
    }
}

/// Lets a table add to the data groups of a request.
struct Groups<'a>(&'a mut CreateInspectionRequest);

impl Groups<'_> {
    fn push(&mut self, (number, bytes): (u32, Vec<u8>)) {
        self.0.evidence.as_mut().unwrap().data_groups.insert(number, bytes);
    }
}

fn groups(request: &mut CreateInspectionRequest) -> Groups<'_> {
    Groups(request)
}
