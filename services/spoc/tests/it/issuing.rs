//! The national CVCA towards other states, as operators and the gateway see it.

use cvc::certificate::Certificate;
use straznica_contracts::spoc::v1::{
    ConfirmHolderRequest, ConfirmRolloverRequest, CreateNationalCvcaRequest, DeclineRequestRequest, GetRequestRequest,
    HolderRegistration, IssueDomesticDvRequest, IssueDomesticDvResponse, ListCaCertificatesRequest,
    ListForeignHoldersRequest, ListIssuedRequest, ListRequestsRequest, ProposeRolloverRequest, RegisterHolderRequest,
    SuspendForeignHolderRequest,
};
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use tonic::{Code, Response, Status};

use super::{
    house::{House, Node, OFFICER, SECOND_OFFICER, code, desk},
    national_pki::issue_is,
};

fn registration(holder: &str) -> Option<HolderRegistration> {
    Some(HolderRegistration {
        holder: holder.to_owned(),
        domestic_cvca: "PLCVCA".to_owned(),
        approval: "automatic".to_owned(),
        dg3: true,
        validity_days: 60,
        ..HolderRegistration::default()
    })
}

/// A national CVCA, and our own verifier registered by two officers.
pub(crate) async fn registered(node: &Node) {
    let national = CreateNationalCvcaRequest {
        context: desk(OFFICER),
        mnemonic: "CVCA".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        validity_days: 0,
    };
    node.pki().create_national_cvca(national).await.unwrap();
    holder(node).await;
}

/// Our own verifier registered by two officers.
pub(crate) async fn holder(node: &Node) {
    let register = RegisterHolderRequest { context: desk(OFFICER), registration: registration("PLDVBG") };
    let proposal = node.issuing().register_holder(register).await.unwrap().into_inner().proposal;
    let confirm = ConfirmHolderRequest { context: desk(SECOND_OFFICER), holder: "PLDVBG".to_owned(), proposal };
    node.issuing_of_second().confirm_holder(confirm).await.unwrap();
}

async fn issue_dv(node: &Node) -> String {
    let issued = ask_for_dv(node).await.unwrap();
    assert!(!issued.waiting);
    issued.chr
}

/// A certificate of our own CVCA for our own verifier.
pub(crate) async fn ask_for_dv(node: &Node) -> Result<IssueDomesticDvResponse, Status> {
    let request =
        IssueDomesticDvRequest { context: desk(OFFICER), cvca: "PLCVCA".to_owned(), dv_mnemonic: "DVBG".to_owned() };
    node.pki().issue_domestic_dv(request).await.map(Response::into_inner)
}

on_both_engines! { Migrations;
    async fn our_own_verifier_reads_our_own_documents(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        registered(&node).await;
        let chr = issue_dv(&node).await;
        // Inspection systems stand under it, as under any other.
        let system = issue_is(&node, "PLCVCA", 10).await.unwrap();
        let certificate = Certificate::parse(system.certificate.as_slice()).unwrap();
        assert_eq!((certificate.car().to_string(), certificate.chat().rights().dg3(), certificate.chat().rights().dg4()), (chr, Some(true), Some(false)));
        node.end().await;
    }

    async fn requests_and_certificates_are_listed_by_page_with_the_rule_that_decided(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        registered(&node).await;
        let mut issued = Vec::new();
        for _ in 0..3 {
            house.clock.advance(std::time::Duration::from_secs(1));
            issued.push(issue_dv(&node).await);
        }
        issued.reverse();
        let list = async |state: &str, page_token: String| {
            let request = ListRequestsRequest { state: state.to_owned(), caller: String::new(), page_size: 2, page_token };
            node.issuing().list_requests(request).await.map(tonic::Response::into_inner)
        };
        let first = list("", String::new()).await.unwrap();
        let rest = list("issued", first.next_page_token.clone()).await.unwrap();
        assert_eq!((first.requests.len(), rest.requests.len(), rest.next_page_token.as_str()), (2, 1, ""));
        let listed: Vec<_> = first.requests.iter().chain(&rest.requests).map(|one| one.chr.clone()).collect();
        assert_eq!(listed, issued);
        assert!(list("waiting", String::new()).await.unwrap().requests.is_empty());
        for (state, token) in [("lost", ""), ("", "not a token")] {
            assert_eq!(code(&list(state, token.to_owned()).await.unwrap_err()), "spoc.field_missing");
        }

        let newest = &first.requests[0];
        assert_eq!((newest.rule.as_str(), newest.caller.as_str()), ("TR-03139/table-2/3 successive", "PL"));
        assert!(newest.rule_text.contains("successive") && newest.rule_source.contains("TR-03139"), "{newest:?}");
        let found = node.issuing().get_request(GetRequestRequest { id: newest.id.clone() }).await.unwrap().into_inner();
        assert_eq!(Certificate::parse(found.certificate.as_slice()).unwrap().chr().to_string(), issued[0]);
        assert!(!found.certificate_request.is_empty());
        let unknown = GetRequestRequest { id: "0197156e-3c5b-7d2a-9c11-0242ac120002".to_owned() };
        assert_eq!(code(&node.issuing().get_request(unknown).await.unwrap_err()), "spoc.application_unknown");
        let decided = DeclineRequestRequest { context: desk(OFFICER), id: newest.id.clone(), reason: "late".to_owned() };
        assert_eq!(code(&node.issuing().decline_request(decided).await.unwrap_err()), "spoc.already_decided");

        let page = ListIssuedRequest { holder: "PLDVBG".to_owned(), page_size: 2, page_token: String::new() };
        let page = node.issuing().list_issued(page).await.unwrap().into_inner();
        let rest = ListIssuedRequest { holder: String::new(), page_size: 2, page_token: page.next_page_token };
        let rest = node.issuing().list_issued(rest).await.unwrap().into_inner();
        let listed: Vec<_> = page.certificates.iter().chain(&rest.certificates).map(|one| one.chr.clone()).collect();
        assert_eq!((listed, rest.next_page_token.as_str()), (issued, ""));
        node.end().await;
    }

    async fn two_officers_roll_the_national_cvca_over_and_everybody_sees_which_generation_issues(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        registered(&node).await;
        let propose = ProposeRolloverRequest {
            context: desk(OFFICER),
            mnemonic: "CVCA".to_owned(),
            algorithm: "id-TA-ECDSA-SHA-384".to_owned(),
            parameters: "brainpoolP384r1".to_owned(),
            validity_days: 0,
        };
        let proposed = node.issuing().propose_rollover(propose).await.unwrap().into_inner();
        let confirm = |officer: &str| ConfirmRolloverRequest {
            context: desk(officer), cvca: proposed.cvca.clone(), proposal: proposed.proposal.clone(),
        };
        assert_eq!(code(&node.issuing().confirm_rollover(confirm(OFFICER)).await.unwrap_err()), "spoc.second_officer_required");
        let list = async || node.issuing().list_ca_certificates(ListCaCertificatesRequest {}).await.unwrap().into_inner();
        assert_eq!((list().await.certificates.len(), list().await.proposals.len()), (1, 1));
        assert_eq!(list().await.proposals[0].proposal, proposed.proposal);
        let made = node.issuing_of_second().confirm_rollover(confirm(SECOND_OFFICER)).await.unwrap().into_inner();
        let found = list().await;
        assert_eq!((found.certificates.len(), found.proposals.len()), (3, 0));
        let current: Vec<_> = found.certificates.iter().filter(|one| one.current).map(|one| one.chr.clone()).collect();
        assert_eq!(current, [made.chr]);
        assert_eq!(made.certificates.len(), 2);
        node.end().await;
    }

    async fn an_officer_the_gateway_vouches_for_may_do_the_same_and_nobody_else(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let register = |officer: &str| RegisterHolderRequest { context: desk(officer), registration: registration("PLDVBG") };
        let proposal = node.issuing_of_gateway().register_holder(register(OFFICER)).await.unwrap().into_inner().proposal;
        assert_eq!(code(&node.issuing_of_gateway().register_holder(register("")).await.unwrap_err()), "spoc.field_missing");
        // An operator's certificate names the officer; another one is refused.
        assert_eq!(code(&node.issuing().register_holder(register(SECOND_OFFICER)).await.unwrap_err()), "spoc.officer_not_caller");
        let listed = node.issuing_of_gateway().list_foreign_holders(ListForeignHoldersRequest {}).await.unwrap().into_inner();
        assert_eq!(listed.proposals[0].proposal, proposal);
        let confirm = ConfirmHolderRequest { context: desk(SECOND_OFFICER), holder: "PLDVBG".to_owned(), proposal };
        node.issuing_of_gateway().confirm_holder(confirm).await.unwrap();
        let suspend = SuspendForeignHolderRequest { context: desk(OFFICER), holder: "PLDVBG".to_owned(), reason: "lost".to_owned() };
        node.issuing_of_gateway().suspend_foreign_holder(suspend).await.unwrap();
        let found = node.issuing_of_gateway().list_foreign_holders(ListForeignHoldersRequest {}).await.unwrap().into_inner();
        assert_eq!((found.holders[0].state.as_str(), found.holders[0].suspended_reason.as_str()), ("suspended", "lost"));
        let identity = node.issuing_of_identity().list_foreign_holders(ListForeignHoldersRequest {}).await.unwrap_err();
        assert_eq!(identity.code(), Code::PermissionDenied);
        node.end().await;
    }
}
