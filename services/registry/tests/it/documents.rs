//! Documents, and the blanks they are made of.

use sea_orm::ConnectionTrait as _;
use straznica_contracts::registry::v1::blank_service_client::BlankServiceClient;
use straznica_contracts::registry::v1::document_service_client::DocumentServiceClient;
use straznica_contracts::registry::v1::{
    BlankAction, BlankOrder, BlankRange, ChangeDocumentRequest, ConfirmBlankCountRequest, ConfirmBlankCountResponse,
    ConfirmBlankOrderRequest, DocumentChange, DocumentState, ExtendDocumentRequest, GetBlankBalanceRequest,
    GetBlankBalanceResponse, GetDocumentRequest, IssueDocumentRequest, IssuedDocument, ListBlankOrdersRequest,
    ListDocumentsRequest, ProposeBlankCountRequest, ProposeBlankOrderRequest, SpoilBlankRequest,
};
use straznica_registry::Migrations;
use straznica_runtime::channel::Channel;
use straznica_store::{StoreError, on_both_engines};
use tonic::Status;

use crate::house::{House, context, event, refusal};

/// The safe of an office.
struct Safe {
    blanks: BlankServiceClient<Channel>,
}

impl Safe {
    fn of(house: &House) -> Self {
        Self { blanks: BlankServiceClient::new(house.channel.clone()) }
    }

    async fn propose(&self, officer: &str, action: BlankAction, to: &str, (first, count): (u32, u32)) -> String {
        let order = BlankOrder {
            action: action.into(),
            office: "debak".to_owned(),
            to_office: to.to_owned(),
            kind: "tztc".to_owned(),
            series: "TZ".to_owned(),
            range: Some(BlankRange { first, count }),
            note: "WZ 17/2026".to_owned(),
            ..BlankOrder::default()
        };
        let request = ProposeBlankOrderRequest { context: Some(context(officer)), order: Some(order) };
        self.blanks.clone().propose_blank_order(request).await.unwrap().into_inner().order_id
    }

    async fn confirm(&self, officer: &str, order: &str) -> Result<(), Status> {
        let request = ConfirmBlankOrderRequest { context: Some(context(officer)), order_id: order.to_owned() };
        self.blanks.clone().confirm_blank_order(request).await.map(drop)
    }

    async fn both(&self, action: BlankAction, to: &str, range: (u32, u32)) -> Result<(), Status> {
        let order = self.propose("first", action, to, range).await;
        self.confirm("second", &order).await
    }

    async fn spoil(&self, blank: &str) -> Result<(), Status> {
        let request = SpoilBlankRequest {
            context: Some(context("first")),
            office: "debak".to_owned(),
            blank: blank.to_owned(),
            reason: "the printer tore it".to_owned(),
        };
        self.blanks.clone().spoil_blank(request).await.map(drop)
    }

    async fn count(&self, first: &[(u32, u32)], second: &[(u32, u32)]) -> ConfirmBlankCountResponse {
        let ranges = |found: &[(u32, u32)]| -> Vec<BlankRange> {
            found.iter().map(|(first, count)| BlankRange { first: *first, count: *count }).collect()
        };
        let request = ProposeBlankCountRequest {
            context: Some(context("first")),
            office: "debak".to_owned(),
            kind: "tztc".to_owned(),
            series: "TZ".to_owned(),
            found: ranges(first),
        };
        let count_id = self.blanks.clone().propose_blank_count(request).await.unwrap().into_inner().count_id;
        let confirm = |officer: &str| ConfirmBlankCountRequest {
            context: Some(context(officer)),
            count_id: count_id.clone(),
            found: ranges(second),
        };
        let alone = self.blanks.clone().confirm_blank_count(confirm("first")).await;
        assert_eq!(refusal(alone), "registry.four_eyes");
        self.blanks.clone().confirm_blank_count(confirm("second")).await.unwrap().into_inner()
    }

    async fn balance(&self, office: &str) -> GetBlankBalanceResponse {
        let request = GetBlankBalanceRequest {
            context: Some(context("first")),
            office: office.to_owned(),
            kind: "tztc".to_owned(),
        };
        self.blanks.clone().get_blank_balance(request).await.unwrap().into_inner()
    }
}

/// A case, and documents that come of it.
struct Counter<'h> {
    house: &'h House,
    documents: DocumentServiceClient<Channel>,
    case: String,
}

impl Counter<'_> {
    async fn issue(&self, kind: &str, person: &str, blank: &str) -> Result<(String, String), Status> {
        let request = IssueDocumentRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: self.house.case(&self.case).await.version,
            kind: kind.to_owned(),
            person_id: person.to_owned(),
            office: "debak".to_owned(),
            blank: blank.to_owned(),
        };
        let issued = self.documents.clone().issue_document(request).await?.into_inner();
        Ok((issued.document_id, issued.valid_to))
    }

    async fn show(&self, id: &str) -> IssuedDocument {
        let request = GetDocumentRequest { context: Some(context("first")), document_id: id.to_owned() };
        self.documents.clone().get_document(request).await.unwrap().into_inner().document.unwrap()
    }

    async fn extend(&self, id: &str) -> Result<String, Status> {
        let request = ExtendDocumentRequest {
            context: Some(context("first")),
            document_id: id.to_owned(),
            expected_version: self.show(id).await.version,
        };
        Ok(self.documents.clone().extend_document(request).await?.into_inner().valid_to)
    }

    async fn change(&self, id: &str, expected: u64, change: DocumentChange) -> Result<DocumentState, Status> {
        let request = ChangeDocumentRequest {
            context: Some(context("first")),
            document_id: id.to_owned(),
            expected_version: expected,
            change: change.into(),
            reason: "told at the counter".to_owned(),
        };
        Ok(self.documents.clone().change_document(request).await?.into_inner().state())
    }
}

fn states(balance: &GetBlankBalanceResponse) -> Vec<(&str, u64)> {
    let mut states: Vec<_> = balance.states.iter().map(|(state, count)| (state.as_str(), *count)).collect();
    states.sort_unstable();
    states
}

on_both_engines! {
    Migrations;

    async fn a_certificate_is_issued_on_a_blank_prolonged_lost_and_issued_anew(database: TestDatabase) {
        let house = House::open(database).await;
        let safe = Safe::of(&house);
        let (mother, child) = (house.somebody().await, house.somebody().await);
        let now = house.at("2026-05-04T08:00:00Z");
        let both = [mother.as_str(), child.as_str()];
        let opened = house.open_case("protection", &both, event("application_registered", now)).await.unwrap();
        let counter = Counter {
            house: &house,
            documents: DocumentServiceClient::new(house.channel.clone()),
            case: opened.case_id.clone(),
        };
        assert_eq!(refusal(counter.issue("tztc", &mother, "TZ0000001").await), "registry.not_now", "no stock");
        safe.both(BlankAction::Delivery, "", (1, 10)).await.unwrap();

        // Monday 4 May, and ninety days: 27 are left in May, 30 in June, 31 in July, so Sunday 2 August, which it does not wait beyond.
        let (id, valid_to) = counter.issue("tztc", &mother, "TZ0000001").await.unwrap();
        assert_eq!(valid_to, "2026-08-02");
        let case = house.case(&opened.case_id).await;
        let deadline = case.deadlines.iter().find(|deadline| deadline.rule == "tztc").unwrap();
        assert_eq!(deadline.state(), straznica_contracts::registry::v1::DeadlineState::Met);
        assert_eq!(refusal(counter.issue("tztc", &child, "TZ0000001").await), "registry.not_now", "used before");
        assert_eq!(refusal(counter.issue("tztc", &mother, "TZ0000002").await), "registry.not_now", "has one");
        assert_eq!(refusal(counter.issue("residence_card_refugee", &mother, "TZ0000002").await), "registry.not_now");
        assert_eq!(refusal(counter.issue("passport", &mother, "TZ0000002").await), "registry.not_now");
        let stranger = house.somebody().await;
        assert_eq!(refusal(counter.issue("tztc", &stranger, "TZ0000002").await), "registry.invalid_request");
        counter.issue("tztc", &child, "TZ0000002").await.unwrap();

        // On its last day, by six months: 2 February 2027; it cannot be prolonged once it is over.
        house.at("2026-08-02T12:00:00Z");
        assert_eq!(counter.extend(&id).await.unwrap(), "2027-02-02");
        house.at("2027-02-02T23:30:00Z");
        let shown = counter.show(&id).await;
        assert_eq!((shown.state(), shown.number.as_str(), shown.version), (DocumentState::Expired, "TZ0000001", 2));
        assert_eq!(refusal(counter.extend(&id).await), "registry.not_now");

        assert_eq!(refusal(counter.change(&id, 1, DocumentChange::Lost).await), "registry.stale");
        assert_eq!(counter.change(&id, 2, DocumentChange::Lost).await.unwrap(), DocumentState::Lost);
        assert_eq!(refusal(counter.change(&id, 3, DocumentChange::Destroyed).await), "registry.not_now");
        let (again, valid_to) = counter.issue("tztc", &mother, "TZ0000003").await.unwrap();
        // Wednesday 3 February 2027 in Warsaw, and ninety days: 25, 31, 30, so 4 May.
        assert_eq!((again == id, valid_to.as_str()), (false, "2027-05-04"));
        assert_eq!(counter.change(&id, 3, DocumentChange::Found).await.unwrap(), DocumentState::Returned);
        assert_eq!(counter.change(&id, 4, DocumentChange::Destroyed).await.unwrap(), DocumentState::Destroyed);
        let steps: Vec<String> = counter.show(&id).await.steps.into_iter().map(|step| step.step).collect();
        assert_eq!(steps, ["issued", "extended", "lost", "found", "destroyed"]);
        let request = ListDocumentsRequest { context: Some(context("first")), case_id: opened.case_id.clone() };
        let listed = counter.documents.clone().list_documents(request).await.unwrap().into_inner().documents;
        let numbers: Vec<&str> = listed.iter().map(|document| document.number.as_str()).collect();
        assert_eq!(numbers, ["TZ0000001", "TZ0000002", "TZ0000003"]);
        let kinds = house.journal_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "document.issued").count(), 3);
        house.close().await;
    }

    async fn every_blank_is_accounted_for_by_two_officers(database: TestDatabase) {
        let house = House::open(database).await;
        let safe = Safe::of(&house);
        let delivery = safe.propose("first", BlankAction::Delivery, "", (1, 20)).await;
        assert_eq!(refusal(safe.confirm("first", &delivery).await), "registry.four_eyes");
        assert_eq!(states(&safe.balance("debak").await), []);
        let request = ListBlankOrdersRequest { context: Some(context("second")), office: "debak".to_owned() };
        let waiting = safe.blanks.clone().list_blank_orders(request).await.unwrap().into_inner().orders;
        assert_eq!((waiting.len(), waiting[0].proposed_by.as_str()), (1, "first"));
        safe.confirm("second", &delivery).await.unwrap();
        assert_eq!(refusal(safe.confirm("third", &delivery).await), "registry.not_now");
        assert_eq!(refusal(safe.both(BlankAction::Delivery, "", (20, 5)).await), "registry.not_now", "20 is there");

        safe.spoil("TZ0000005").await.unwrap();
        assert_eq!(refusal(safe.spoil("TZ0000005").await), "registry.not_now");
        assert_eq!(refusal(safe.both(BlankAction::Destruction, "", (4, 2)).await), "registry.not_now", "4 is good");
        safe.both(BlankAction::Destruction, "", (5, 1)).await.unwrap();
        safe.both(BlankAction::Withdrawal, "", (6, 2)).await.unwrap();
        safe.both(BlankAction::Move, "biala", (11, 4)).await.unwrap();
        assert_eq!(refusal(safe.both(BlankAction::Move, "biala", (11, 4)).await), "registry.not_now");

        // In the safe by the books: 1 to 4, 8 to 10, 15 to 20.
        let differ = safe.count(&[(1, 4), (8, 3), (15, 6)], &[(1, 4), (8, 2), (15, 6)]).await;
        assert_eq!((differ.agreed, differ.differ.as_slice()), (false, &[BlankRange { first: 10, count: 1 }][..]));
        let counted = safe.count(&[(1, 4), (8, 2), (15, 6), (30, 1)], &[(1, 4), (8, 2), (15, 6), (30, 1)]).await;
        assert!(counted.agreed);
        assert_eq!(counted.missing, [BlankRange { first: 10, count: 1 }]);
        assert_eq!(counted.surplus, [BlankRange { first: 30, count: 1 }]);
        let balance = safe.balance("debak").await;
        assert_eq!(states(&balance), [("destroyed", 3), ("in_stock", 12), ("missing", 1)]);
        assert_eq!((balance.expected_in_stock, balance.discrepancy), (12, 0));
        let counted = safe.count(&[(1, 4), (8, 3), (15, 6)], &[(1, 4), (8, 3), (15, 6)]).await;
        assert_eq!(counted.found_again, [BlankRange { first: 10, count: 1 }]);
        let balance = safe.balance("debak").await;
        assert_eq!((states(&balance), balance.discrepancy), (vec![("destroyed", 3), ("in_stock", 13)], 0));
        let there = safe.balance("biala").await;
        assert_eq!((states(&there), there.discrepancy), (vec![("in_stock", 4)], 0));

        // Somebody takes one out of the database.
        let sql = "DELETE FROM blank WHERE series = 'TZ' AND number = 1";
        let tampered = house.database.store().write_tx(async |tx| Ok::<_, StoreError>(tx.execute_unprepared(sql).await?));
        tampered.await.unwrap();
        let balance = safe.balance("debak").await;
        assert_eq!((balance.expected_in_stock, balance.discrepancy), (13, 1));
        house.close().await;
    }
}
