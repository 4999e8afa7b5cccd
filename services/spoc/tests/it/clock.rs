//! A node whose clock is in doubt.

use straznica_contracts::spoc::v1::{CreateNationalCvcaRequest, TaSignatureResult};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use tonic::Code;

use super::{
    control_centre::{Ask, open, ready},
    house::{House, OFFICER, code, desk},
    national_pki::{issue_is, request},
};

on_both_engines! { Migrations;
    async fn a_node_in_doubt_about_its_clock_issues_and_requests_nothing_and_goes_on_signing_for_terminals(database: TestDatabase) {
        let mut house = House::new(database);
        let node = house.start().await;
        let (_, is_chr) = ready(&house, &node).await;
        node.end().await;

        // Nobody answers on this port.
        house.config.time_watch.sources = vec!["127.0.0.1:9".to_owned()];
        let node = house.start().await;
        let national = CreateNationalCvcaRequest { context: desk(OFFICER), mnemonic: "NEW".to_owned(), ..CreateNationalCvcaRequest::default() };
        let refusals = [
            node.pki().create_national_cvca(national).await.unwrap_err(),
            request(&node, "UTCVCA").await.unwrap_err(),
            issue_is(&node, "UTCVCA", 30).await.unwrap_err(),
        ];
        for refusal in refusals {
            assert_eq!((code(&refusal), refusal.code()), ("spoc.clock_in_doubt".to_owned(), Code::Unavailable));
        }
        let inspection = open(&house, &node).await;
        let answer = Ask::usual(inspection, &is_chr).of(&node).await.unwrap();
        assert_eq!(answer.result(), TaSignatureResult::OkSignatureAvailable);
        node.end().await;
    }
}
