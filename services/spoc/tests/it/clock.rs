//! A node whose clock is in doubt.

use straznica_contracts::spoc::v1::{
    ConfirmRolloverRequest, CreateNationalCvcaRequest, ListCaCertificatesRequest, ListIssuedRequest,
    ProposeRolloverRequest, TaSignatureResult,
};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use tonic::Code;

use super::{
    control_centre::{Ask, open, ready},
    house::{House, Node, OFFICER, SECOND_OFFICER, code, desk},
    issuing::{ask_for_dv, holder},
    national_pki::{issue_is, request},
};

on_both_engines! { Migrations;
    async fn a_node_in_doubt_about_its_clock_issues_and_requests_nothing_and_goes_on_signing_for_terminals(database: TestDatabase) {
        let mut house = House::new(database);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        // our own verifier may be certified, and two officers want a new generation: nothing but the clock stands against either
        holder(&node).await;
        let propose = ProposeRolloverRequest { context: desk(OFFICER), mnemonic: "CVCA".to_owned(), ..ProposeRolloverRequest::default() };
        let proposed = node.issuing().propose_rollover(propose).await.unwrap().into_inner();
        let rollover = || ConfirmRolloverRequest {
            context: desk(SECOND_OFFICER), cvca: proposed.cvca.clone(), proposal: proposed.proposal.clone(),
        };
        let generations = async |node: &Node| {
            let listed = node.issuing().list_ca_certificates(ListCaCertificatesRequest {}).await.unwrap().into_inner();
            listed.certificates.iter().filter(|one| one.chr.starts_with("PLCVCA")).count()
        };
        let certified = async |node: &Node| node.issuing().list_issued(ListIssuedRequest::default()).await.unwrap().into_inner().certificates.len();
        node.end().await;

        // Nobody answers on this port.
        house.config.time_watch.sources = vec!["127.0.0.1:9".to_owned()];
        let node = house.start().await;
        let national = CreateNationalCvcaRequest { context: desk(OFFICER), mnemonic: "NEW".to_owned(), ..CreateNationalCvcaRequest::default() };
        let refusals = [
            node.pki().create_national_cvca(national).await.unwrap_err(),
            request(&node, "UTCVCA").await.unwrap_err(),
            issue_is(&node, "UTCVCA", 30).await.unwrap_err(),
            node.issuing_of_second().confirm_rollover(rollover()).await.unwrap_err(),
            ask_for_dv(&node).await.unwrap_err(),
        ];
        for refusal in refusals {
            assert_eq!((code(&refusal), refusal.code()), ("spoc.clock_in_doubt".to_owned(), Code::Unavailable));
        }
        assert_eq!((generations(&node).await, certified(&node).await), (1, 0), "neither link nor root, and no verifier");
        let inspection = open(&house, &node).await;
        let answer = Ask::usual(inspection, &is_chr).of(&node).await.unwrap();
        assert_eq!(answer.result(), TaSignatureResult::OkSignatureAvailable);
        node.end().await;

        // With a clock to rely on all of that goes on.
        house.config.time_watch.sources = Vec::new();
        let node = house.start().await;
        assert!(!ask_for_dv(&node).await.unwrap().waiting);
        node.issuing_of_second().confirm_rollover(rollover()).await.unwrap();
        assert_eq!((generations(&node).await, certified(&node).await), (3, 1), "root, link and new root; the verifier");
        node.end().await;
    }
}
