//! GetCACertificates, and the first CVCA told to partners.

use exchange::{
    code::{GetCaCertificatesCode as Code, RequestCertificateCode, StatusInfo},
    message::{GetCaCertificates, GetCaCertificatesAnswer},
};
use straznica_error::Coded as _;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use super::{
    inbound::{ask, ready, ready_with},
    requests::letters,
    rollover::roll,
};
use crate::{
    Migrations,
    app::{App, cvca_certificates, exchange::ca_certificates::get_ca_certificates, issuing},
    domain::exchange::{holder::ApprovalMode, partner::Answers, policy::Rule},
    testing::{self, DAY, FIRST, ForeignState, House, certificate, desk},
};

async fn get(app: &App, caller_id: &str, message_id: &str) -> GetCaCertificatesAnswer {
    let message = GetCaCertificates { caller_id: caller_id.to_owned(), message_id: message_id.to_owned() };
    get_ca_certificates(app, "DE".parse().unwrap(), message).await
}

fn names(certificates: &[Vec<u8>]) -> Vec<String> {
    let name = |der: &Vec<u8>| {
        let certificate = certificate(der);
        format!("{}>{}", certificate.car().sequence(), certificate.chr().sequence())
    };
    certificates.iter().map(name).collect()
}

on_both_engines! { Migrations;
    async fn a_test_node_takes_no_cvca_certificate_that_production_trusts(database: TestDatabase) {
        let mut house = House::new(database);
        let (germany, france) = (ForeignState::new("DE", house.today(), 1000), ForeignState::new("FR", house.today(), 1000));
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("production");
        std::fs::write(&list, format!("# CVCA of Germany\n{}\n", issuing::fingerprint(germany.root.as_der()))).unwrap();
        house.config.exchange.other_environment = Some(list);
        let app = house.app().await;
        france.trusted_by(&app).await;
        let both = vec![france.root.as_der().to_vec(), germany.root.as_der().to_vec()];
        let refused = cvca_certificates::import(&app, &desk(FIRST), both).await.unwrap_err();
        assert_eq!((refused.code().id, refused.rule()), ("spoc.certificate_refused", Some(Rule::Environment)));
        assert!(refused.to_string().contains("production"), "{refused}");
        assert_eq!(app.control.at(house.clock.now()).records().len(), 1);
    }

    async fn all_generations_a_valid_document_can_trust_are_given_by_effective_date(database: TestDatabase) {
        let house = House::new(database);
        let (app, ..) = ready(&house).await;
        house.clock.advance(DAY * 365);
        roll(&app, "id-TA-ECDSA-SHA-384", "brainpoolP384r1").await;
        house.clock.advance(DAY * 365);
        roll(&app, "", "").await;
        let answer = get(&app, "DE", "m-1").await;
        assert_eq!(answer.result, Code::OkCertAvailable);
        assert_eq!(names(&answer.certificates), ["00001>00001", "00001>00002", "00002>00002", "00002>00003", "00003>00003"]);
        // One certificate with domain parameters for each set of them.
        let sets: std::collections::HashSet<_> = answer
            .certificates
            .iter()
            .map(|der| certificate(der))
            .filter(|one| one.public_key().has_parameters())
            .map(|one| one.public_key().algorithm)
            .collect();
        assert_eq!(sets.len(), 2);

        // The first generation ended in its third year; documents are valid for ten.
        house.clock.advance(DAY * 365 * 12);
        assert_eq!(names(&get(&app, "DE", "m-2").await.certificates).first().map(String::as_str), Some("00001>00002"));
        // What was answered once is answered so again.
        assert_eq!(get(&app, "DE", "m-1").await, answer);
        assert_eq!(house.answers().await.len(), 2);
    }

    async fn an_identifier_is_shared_by_all_operations(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        assert_eq!(get(&app, "DE", "m-1").await.result, Code::OkCertAvailable);
        assert_eq!(ask(&app, "m-1", &germany.fresh(&car)).await.result, RequestCertificateCode::FailureRequestNotAccepted);
        assert_eq!(ask(&app, "m-2", &germany.fresh(&car)).await.result, RequestCertificateCode::OkCertAvailable);
        assert_eq!(get(&app, "DE", "m-2").await.result, Code::FailureRequestNotAccepted);
        for (caller_id, message_id) in [("FR", "m-3"), ("DE", "")] {
            assert_eq!(get(&app, caller_id, message_id).await.result, Code::FailureSyntax);
        }
        let refused = house.journal().await.into_iter().filter(|kind| kind == "exchange.message_refused").count();
        assert_eq!(refused, 3, "two identifiers used for something else, and what was malformed once an hour");
        assert_eq!(house.answers().await.len(), 2);
    }

    async fn a_state_without_a_cvca_gives_none(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        testing::partner(&app, "DE", Answers::Synchronous).await;
        assert_eq!(get(&app, "DE", "m-1").await.result, Code::FailureRequestNotAccepted);
        // Once there is one, partners hear of it.
        let chr = testing::national_cvca(&app).await;
        let letter = letters(&house).await.remove(0);
        assert_eq!((letter.message_id, letter.status_info), (None, StatusInfo::NewCertAvailableNotification));
        assert_eq!(certificate(&letter.certificates[0]).chr().to_string(), chr);
        assert_eq!(get(&app, "DE", "m-2").await.result, Code::OkCertAvailable);
    }

    async fn a_partner_that_is_answered_later_gets_them_once_by_send_certificates(database: TestDatabase) {
        let house = House::new(database);
        let (app, _, car) = ready_with(&house, Answers::Asynchronous, ApprovalMode::Automatic).await;
        for _ in 0..2 {
            assert_eq!(get(&app, "DE", "m-1").await, GetCaCertificatesAnswer::of(Code::OkReceptionAck));
        }
        let letters = letters(&house).await;
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].message_id.as_deref(), letters[0].status_info), (Some("m-1"), StatusInfo::OkCertAvailable));
        assert_eq!(certificate(&letters[0].certificates[0]).chr().to_string(), car);
    }
}
