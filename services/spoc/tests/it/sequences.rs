//! Numbers of our holders: none is given twice, also on a database brought back from a backup.

use std::collections::BTreeSet;

use straznica_contracts::spoc::v1::{
    CreateNationalCvcaRequest, ListSequencesRequest, RaiseSequenceRequest, RaiseSequenceResponse, TaSignatureResult,
};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use tonic::{Code, Response, Status};

use super::{
    control_centre::{Ask, open, ready},
    foreign_state::ForeignCvca,
    house::{House, Node, OFFICER, SECOND_OFFICER, code, desk},
    national_pki::{found, import_dv, issue_is, request},
};

fn to(chr: &str) -> RaiseSequenceRequest {
    let reason = "UT holds it".to_owned();
    RaiseSequenceRequest { context: desk(OFFICER), chr: chr.to_owned(), reason, despite_doubts: true }
}

async fn raise(node: &Node, chr: &str) -> Result<RaiseSequenceResponse, Status> {
    node.pki().raise_sequence(to(chr)).await.map(Response::into_inner)
}

async fn given(node: &Node) -> Vec<(String, String)> {
    let answer = node.pki().list_sequences(ListSequencesRequest {}).await.unwrap().into_inner();
    answer.sequences.into_iter().map(|sequence| (sequence.holder, sequence.last)).collect()
}

fn raised(holder: &str, last: &str, before: &str) -> RaiseSequenceResponse {
    RaiseSequenceResponse { holder: holder.to_owned(), last: last.to_owned(), before: before.to_owned() }
}

on_both_engines! { Migrations;
    async fn a_number_given_before_the_backup_was_brought_back_is_not_given_again(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        assert_eq!(request(&node, "UTCVCA").await.unwrap().chr, "PLDVBG00001");

        // Partners have seen numbers up to 42, and one that only the other alphabet has of another holder of ours.
        assert_eq!(raise(&node, "PLDVBG00042").await.unwrap(), raised("PLDVBG", "PLDVBG00042", "PLDVBG00001"));
        assert_eq!(raise(&node, "PLISBGA00ZZ").await.unwrap(), raised("PLISBG", "PLISBGA00ZZ", ""));
        let sequences = [("PLCVCA", "PLCVCA00001"), ("PLDVBG", "PLDVBG00042"), ("PLISBG", "PLISBGA00ZZ")];
        assert_eq!(given(&node).await, sequences.map(|(holder, last)| (holder.to_owned(), last.to_owned())));
        assert_eq!(request(&node, "UTCVCA").await.unwrap().chr, "PLDVBG00043");
        node.end().await;

        // Nor after a restart.
        let node = house.start().await;
        assert_eq!(request(&node, "UTCVCA").await.unwrap().chr, "PLDVBG00044");
        node.end().await;
    }

    async fn a_sequence_is_raised_and_never_lowered(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        raise(&node, "PLDV00042").await.unwrap();
        // Said once more, it stands where it stood, and nothing happened that a journal could tell.
        assert_eq!(raise(&node, "PLDV00042").await.unwrap(), raised("PLDV", "PLDV00042", "PLDV00042"));
        for lower in ["PLDV00041", "PLDV00001"] {
            let refusal = raise(&node, lower).await.unwrap_err();
            assert_eq!((code(&refusal), refusal.code()), ("spoc.sequence_lower".to_owned(), Code::FailedPrecondition));
            assert!(refusal.message().contains("PLDV00042"), "{refusal}");
        }
        raise(&node, "PLDVZZZZZ").await.unwrap();
        assert_eq!(code(&raise(&node, "PLDVZZZZY").await.unwrap_err()), "spoc.sequence_lower");
        assert_eq!(given(&node).await, [("PLDV".to_owned(), "PLDVZZZZZ".to_owned())]);
        node.end().await;
        let told: Vec<_> = house.journal().await.into_iter().filter(|kind| kind == "sequence.raised").collect();
        assert_eq!(told.len(), 2);
    }

    async fn what_looks_like_a_slip_is_refused_unless_it_is_meant(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        raise(&node, "PLDV00042").await.unwrap();
        // One digit too many names another holder; a letter skips a hundred thousand.
        for (slip, why) in [("PLDV000043", "PLDV0 was given no number here"), ("PLDVA0043", "after PLDV00042 would be gone")] {
            let request = RaiseSequenceRequest { despite_doubts: false, ..to(slip) };
            let refusal = node.pki().raise_sequence(request).await.unwrap_err();
            assert_eq!(code(&refusal), "spoc.sequence_doubtful", "{slip}");
            assert!(refusal.message().contains(why), "{refusal}");
        }
        assert_eq!(given(&node).await, [("PLDV".to_owned(), "PLDV00042".to_owned())]);
        let request = RaiseSequenceRequest { despite_doubts: false, ..to("PLDV01042") };
        node.pki().raise_sequence(request).await.unwrap();
        node.end().await;
    }

    async fn only_an_officer_raises_and_only_to_a_number_we_could_have_given(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        for chr in ["", "PLDV", "PL00042", "PLDV0042 ", "UTDV00042", "plDV00042", "PLDV00000", "PLDV0000A", "PLDV9ABCD", "PLDVMNEMONIC00042", "PLD\u{7}V00042"] {
            let refusal = raise(&node, chr).await.unwrap_err();
            assert_eq!((code(&refusal), refusal.code()), ("spoc.field_missing".to_owned(), Code::InvalidArgument), "{chr:?}");
        }
        let speechless = RaiseSequenceRequest { reason: " ".to_owned(), ..to("PLDV00042") };
        assert_eq!(code(&node.pki().raise_sequence(speechless).await.unwrap_err()), "spoc.field_missing");
        let somebody = RaiseSequenceRequest { context: desk(SECOND_OFFICER), ..to("PLDV00042") };
        assert_eq!(code(&node.pki().raise_sequence(somebody).await.unwrap_err()), "spoc.officer_not_caller");
        let nobody = RaiseSequenceRequest { context: desk(""), ..to("PLDV00042") };
        assert_eq!(code(&node.pki_of_gateway().raise_sequence(nobody).await.unwrap_err()), "spoc.field_missing");
        let service = node.pki_of_identity().raise_sequence(to("PLDV00042")).await.unwrap_err();
        assert_eq!(service.code(), Code::PermissionDenied);
        assert_eq!(given(&node).await, Vec::new());
        // Both doors lead to the same sequence.
        node.pki_of_gateway().raise_sequence(to("PLDV00042")).await.unwrap();
        assert_eq!(code(&raise(&node, "PLDV00041").await.unwrap_err()), "spoc.sequence_lower");
        node.end().await;
    }

    async fn a_number_under_way_while_a_sequence_is_raised_is_given_once_all_the_same(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        import_dv(&node, &[foreign.answer(&made.request, house.today(), 60)]).await.unwrap();
        let replica = house.start().await;
        let mut seen = BTreeSet::new();
        for round in 1..=4 {
            let used = format!("PLISBG{:05}", round * 100);
            let (one, two, three, outcome, other) = tokio::join!(
                issue_is(&node, "UTCVCA", 0),
                issue_is(&replica, "UTCVCA", 0),
                issue_is(&node, "UTCVCA", 0),
                raise(&node, &used),
                raise(&replica, &used),
            );
            // Whoever came second may have found it raised and a number given beyond.
            let outcomes = [outcome, other];
            assert!(outcomes.iter().flatten().all(|raised| raised.last == used) && outcomes.iter().any(Result::is_ok), "{outcomes:?}");
            let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
            assert!(refused.map(code).all(|code| code == "spoc.sequence_lower"), "{outcomes:?}");
            for issued in [one, two, three, issue_is(&node, "UTCVCA", 0).await] {
                let chr = issued.unwrap().chr;
                assert_ne!(chr, used);
                assert!(seen.insert(chr.clone()), "{chr} given twice");
            }
            assert!(*seen.last().unwrap() > used, "{seen:?}");
        }
        replica.end().await;
        node.end().await;
    }

    async fn a_node_started_on_a_restored_database_waits_for_its_officers_before_it_issues_anything(database: TestDatabase) {
        let mut house = House::new(database);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        node.end().await;

        house.config.restored = true;
        let node = house.start().await;
        let national = CreateNationalCvcaRequest { context: desk(OFFICER), mnemonic: "NEW".to_owned(), ..CreateNationalCvcaRequest::default() };
        let refusals = [
            node.pki().create_national_cvca(national).await.unwrap_err(),
            request(&node, "UTCVCA").await.unwrap_err(),
            issue_is(&node, "UTCVCA", 30).await.unwrap_err(),
        ];
        for refusal in refusals {
            assert_eq!((code(&refusal), refusal.code()), ("spoc.restored".to_owned(), Code::FailedPrecondition));
        }
        // Terminals are served, and sequences raised.
        let inspection = open(&house, &node).await;
        let answer = Ask::usual(inspection, &is_chr).of(&node).await.unwrap();
        assert_eq!(answer.result(), TaSignatureResult::OkSignatureAvailable);
        raise(&node, "PLISBG00042").await.unwrap();
        node.end().await;

        house.config.restored = false;
        let node = house.start().await;
        assert_eq!(issue_is(&node, "UTCVCA", 30).await.unwrap().chr, "PLISBG00043");
        node.end().await;
    }
}
