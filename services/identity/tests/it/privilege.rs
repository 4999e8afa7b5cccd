//! A service asks without a code: by privilege, counted, reviewed and watched.

use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::privilege_service_client::PrivilegeServiceClient;
use straznica_contracts::identity::v1::{
    AcknowledgeAlertRequest, Alert, AlertRule, CheckByPrivilegeRequest, CloseReviewRequest, DecidePrivilegeRequest,
    DisclosureOutcome, InstitutionKind, ListAlertsRequest, ListPrivilegesRequest, ListReviewsRequest, Privilege,
    PrivilegeState, ProposePrivilegeRequest, Review, ReviewOutcome, Role, ShowDocumentResponse,
    WithdrawPrivilegeRequest,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::Migrations;
use straznica_identity::domain::verification::VerificationPurpose;
use straznica_runtime::channel::Channel;
use straznica_simulators::registers::{Circumstance, Fault, MadeUp};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_types::Clock as _;
use tonic::Status;

use crate::house::{House, code, members};
use crate::institutions::{CENTRAL, by};
use crate::office::{OFFICE, PHONE};

const CARD: DocumentKind = DocumentKind::IdentityCard;
const SERVICE: &str = "sg-placowka-1";
const OFFICER: &str = "sg-0001";
const ADMINISTRATOR: &str = "sg-placowka-1-admin";
const SECURITY: &str = "sg-security";
const DAY: Duration = Duration::from_secs(86_400);

fn on_duty(officer: &str) -> Option<CallContext> {
    Some(CallContext {
        officer: officer.to_owned(),
        purpose: "identity_check".to_owned(),
        case_number: "SG-12/2026".to_owned(),
        ..CallContext::default()
    })
}

/// A house with a Border Guard post: one officer, one security officer.
pub(crate) async fn post(database: TestDatabase, review_permille: u32) -> House {
    let house = House::office_with(database, |config| {
        config.verifiers.privilege.review_permille = review_permille;
        config.verifiers.privilege.alert_daily = 6;
        let check = config.verification.purposes.iter_mut().find(|purpose| purpose.id == "identity_check").unwrap();
        *check = VerificationPurpose { deferred_days: 7, ..check.clone() };
    })
    .await;
    house.found(SERVICE, "Placówka SG Próbne", InstitutionKind::Service, OFFICER).await;
    house.grant(CENTRAL[0], SERVICE, SECURITY, Role::SecurityOfficer).await.unwrap();
    house
}

impl House {
    fn privileges(&self) -> PrivilegeServiceClient<Channel> {
        PrivilegeServiceClient::new(self.channel.clone())
    }

    fn proposing(&self, proposer: &str, officer: &str) -> ProposePrivilegeRequest {
        ProposePrivilegeRequest {
            context: by(proposer),
            institution_id: SERVICE.to_owned(),
            officer: officer.to_owned(),
            legal_basis: "Act of 12 October 1990 on the Border Guard, Article 11".to_owned(),
            kinds: vec![CARD.into()],
            expires_at_ms: (self.clock.now() + 60 * DAY).millis(),
            reason: "patrole".to_owned(),
        }
    }

    async fn propose(&self, proposer: &str, officer: &str) -> Result<Privilege, Status> {
        let proposed = self.privileges().propose_privilege(self.proposing(proposer, officer)).await?;
        Ok(proposed.into_inner().privilege.unwrap())
    }

    async fn decide_privilege(&self, officer: &str, id: &str, grant: bool) -> Result<Privilege, Status> {
        let request = DecidePrivilegeRequest {
            context: by(officer),
            institution_id: SERVICE.to_owned(),
            privilege_id: id.to_owned(),
            grant,
            reason: "służba patrolowa".to_owned(),
        };
        Ok(self.privileges().decide_privilege(request).await?.into_inner().privilege.unwrap())
    }

    async fn withdraw_privilege(&self, officer: &str, id: &str) -> Result<Privilege, Status> {
        let request = WithdrawPrivilegeRequest {
            context: by(officer),
            institution_id: SERVICE.to_owned(),
            privilege_id: id.to_owned(),
            reason: "przeniesiony".to_owned(),
        };
        Ok(self.privileges().withdraw_privilege(request).await?.into_inner().privilege.unwrap())
    }

    /// The officer's privilege, given by two others.
    pub(crate) async fn privileged(&self) -> String {
        let id = self.propose(ADMINISTRATOR, OFFICER).await.unwrap().id;
        self.decide_privilege(SECURITY, &id, true).await.unwrap();
        id
    }

    fn checking(person: &MadeUp) -> CheckByPrivilegeRequest {
        let mut request = CheckByPrivilegeRequest::default();
        request.context = on_duty(OFFICER);
        request.institution_id = SERVICE.to_owned();
        request.pesel = person.pesel.expose().to_owned();
        request.kind = CARD.into();
        request
    }

    pub(crate) async fn check(&self, person: &MadeUp) -> Result<ShowDocumentResponse, Status> {
        Ok(self.privileges().check_by_privilege(Self::checking(person)).await?.into_inner().shown.unwrap())
    }

    async fn reviews(&self, officer: &str, closed_too: bool) -> Result<Vec<Review>, Status> {
        let request = ListReviewsRequest { context: by(officer), institution_id: SERVICE.to_owned(), closed_too };
        Ok(self.privileges().list_reviews(request).await?.into_inner().reviews)
    }

    async fn alerts(&self, officer: &str, acknowledged_too: bool) -> Result<Vec<Alert>, Status> {
        let request = ListAlertsRequest { context: by(officer), institution_id: SERVICE.to_owned(), acknowledged_too };
        Ok(self.privileges().list_alerts(request).await?.into_inner().alerts)
    }
}

fn refusal(answered: Result<impl Sized, Status>) -> String {
    code(&answered.err().unwrap())
}

on_both_engines! {
    Migrations;

    async fn with_the_privilege_an_officer_asks_without_a_code_and_the_citizen_reads_of_it_later(database: TestDatabase) {
        let house = post(database, 0).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let sent = house.dispatch.sent().len();
        assert_eq!(refusal(house.check(&person).await), "identity.no_privilege");
        assert!(house.srp.asked().is_empty(), "without the privilege nobody is asked");
        let privilege = house.privileged().await;
        let before = house.journal_kinds().await.len();
        let shown = house.check(&person).await.unwrap();
        assert_eq!((shown.outcome(), shown.documents.len()), (DisclosureOutcome::Found, 1));
        let verification = shown.verification.as_ref().unwrap();
        assert_eq!((verification.stage.as_str(), verification.qualifier.as_str()), ("shown", "privilege"));
        assert_eq!(house.dispatch.sent().len(), sent, "no code");
        assert_eq!(house.journal_kinds().await[before..], [
            "verification.opened",
            "verification.privilege_used",
            "verification.disclosure",
            "verification.shown",
        ]);
        assert_eq!(house.count("SELECT count(*) FROM privilege_use").await, 1);
        assert_eq!(house.accesses(&person).await.len(), 0, "deferred by the purpose's law");
        house.clock.advance(7 * DAY);
        let access = house.accesses(&person).await.remove(0);
        assert_eq!((access.officer.as_str(), access.qualifier.as_str()), (OFFICER, "privilege"));
        assert_eq!(access.legal_basis, "Act of 12 October 1990 on the Border Guard, Article 11");

        // It rests on law: who does not use the service is found as well, and it can be taken away at any time.
        let stranger = house.person(Circumstance::CardLost);
        assert_eq!(house.check(&stranger).await.unwrap().outcome(), DisclosureOutcome::Found);
        house.withdraw_privilege(ADMINISTRATOR, &privilege).await.unwrap();
        assert_eq!(refusal(house.check(&person).await), "identity.no_privilege");
        assert_eq!(house.srp.asked().len(), 2);
        house.close().await;
    }

    async fn a_privilege_takes_two_others_and_an_end(database: TestDatabase) {
        let house = post(database, 0).await;
        assert_eq!(refusal(house.propose(OFFICER, OFFICER).await), "identity.not_entitled");
        assert_eq!(refusal(house.propose(SECURITY, OFFICER).await), "identity.not_entitled");
        assert_eq!(refusal(house.propose(ADMINISTRATOR, "um-0001").await), "identity.not_an_official");
        assert_eq!(refusal(house.propose(ADMINISTRATOR, ADMINISTRATOR).await), "identity.four_eyes");
        let id = house.propose(ADMINISTRATOR, OFFICER).await.unwrap().id;
        let person = house.person(Circumstance::HasEverything);
        assert_eq!(refusal(house.check(&person).await), "identity.no_privilege");
        assert_eq!(refusal(house.decide_privilege(ADMINISTRATOR, &id, true).await), "identity.not_entitled");
        // Roles do not make one person two.
        house.execute("INSERT INTO official_role (institution_id, officer, role, granted_by, granted_at, reason) \
            VALUES ('sg-placowka-1', 'sg-placowka-1-admin', 'security_officer', 'c-0001', 0, 'x')").await;
        assert_eq!(refusal(house.decide_privilege(ADMINISTRATOR, &id, true).await), "identity.four_eyes");
        house.execute("INSERT INTO official_role (institution_id, officer, role, granted_by, granted_at, reason) \
            VALUES ('sg-placowka-1', 'sg-0001', 'security_officer', 'c-0001', 0, 'x')").await;
        assert_eq!(refusal(house.decide_privilege(OFFICER, &id, true).await), "identity.four_eyes");
        // Nor do two whom one central administrator has appointed, or that one and their own: this one let the institution in with its administrator.
        assert_eq!(refusal(house.decide_privilege(CENTRAL[1], &id, true).await), "identity.four_eyes");
        house.grant(CENTRAL[1], SERVICE, SECURITY, Role::SecurityOfficer).await.unwrap();
        assert_eq!(refusal(house.decide_privilege(SECURITY, &id, true).await), "identity.four_eyes");
        assert_eq!(house.decide_privilege(CENTRAL[0], &id, true).await.unwrap().state(), PrivilegeState::Granted);
        assert_eq!(refusal(house.decide_privilege(SECURITY, &id, true).await), "identity.privilege_state");
        house.check(&person).await.unwrap();
        house.clock.advance(60 * DAY);
        assert_eq!(refusal(house.check(&person).await), "identity.no_privilege");

        type Spoil = fn(&mut ProposePrivilegeRequest);
        let table: [(Spoil, &str); 4] = [
            (|request| request.legal_basis.clear(), "/legal_basis"),
            (|request| request.kinds.clear(), "/kinds"),
            (|request| request.expires_at_ms += 400 * 86_400_000, "/expires_at_ms"),
            (|request| request.reason.clear(), "/reason"),
        ];
        for (spoil, member) in table {
            let mut request = house.proposing(ADMINISTRATOR, OFFICER);
            spoil(&mut request);
            assert_eq!(members(&house.privileges().propose_privilege(request).await.unwrap_err()), [member]);
        }
        let listing = |officer: &str| ListPrivilegesRequest { context: by(officer), institution_id: SERVICE.to_owned() };
        assert_eq!(house.privileges().list_privileges(listing(OFFICER)).await.unwrap().into_inner().privileges.len(), 1);
        assert_eq!(refusal(house.privileges().list_privileges(listing("um-0001")).await), "identity.not_entitled");
        house.close().await;
    }

    async fn only_services_ask_without_a_code_and_only_for_a_case(database: TestDatabase) {
        let house = post(database, 0).await;
        house.privileged().await;
        let person = house.person(Circumstance::HasEverything);
        let mut nameless = House::checking(&person);
        nameless.context.as_mut().unwrap().case_number.clear();
        assert_eq!(members(&house.privileges().check_by_privilege(nameless).await.unwrap_err()), ["/context/case_number"]);
        let mut office = House::checking(&person);
        office.institution_id = OFFICE.to_owned();
        office.context.as_mut().unwrap().officer = "um-0001".to_owned();
        assert_eq!(refusal(house.privileges().check_by_privilege(office).await), "identity.not_a_service");
        let mut proposing = house.proposing("um-admin", "um-0001");
        proposing.institution_id = OFFICE.to_owned();
        assert_eq!(refusal(house.privileges().propose_privilege(proposing).await), "identity.not_a_service");
        let mut other_kind = House::checking(&person);
        other_kind.kind = DocumentKind::DrivingLicence.into();
        assert_eq!(refusal(house.privileges().check_by_privilege(other_kind).await), "identity.no_privilege");
        house.suspend(SERVICE).await;
        assert_eq!(refusal(house.check(&person).await), "identity.institution_state");
        house.resume(SERVICE).await;
        house.set_stage(CARD.into(), "", 0, 1).await.unwrap();
        assert_eq!(refusal(house.check(&person).await), "identity.kind_not_yet_served");
        assert!(house.srp.asked().is_empty());
        house.close().await;
    }

    async fn a_register_that_is_down_shows_nothing_and_the_use_counts_all_the_same(database: TestDatabase) {
        let house = post(database, 0).await;
        house.privileged().await;
        let person = house.person(Circumstance::HasEverything);
        house.srp.script(Some(Fault::Down));
        let down = house.check(&person).await.unwrap();
        assert_eq!((down.outcome(), down.documents.len()), (DisclosureOutcome::RegisterUnavailable, 0));
        house.srp.script(None);
        // Nothing is left to come back to: it is another check.
        let id = down.verification.as_ref().unwrap().id.clone();
        assert_eq!(refusal(house.show_to(on_duty(OFFICER).unwrap(), SERVICE, &id).await), "identity.verification_state");
        assert_eq!(house.check(&person).await.unwrap().outcome(), DisclosureOutcome::Found);
        assert_eq!(house.count("SELECT count(*) FROM privilege_use").await, 2);
        house.execute("ALTER TABLE journal_payload RENAME TO journal_payload_gone").await;
        assert!(house.check(&person).await.is_err());
        assert_eq!(house.srp.asked().len(), 2, "what cannot be journalled is not asked");
        house.close().await;
    }

    async fn the_days_limit_holds_for_the_privileged_too(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.official_daily = 2).await;
        house.found(SERVICE, "Placówka SG Próbne", InstitutionKind::Service, OFFICER).await;
        house.grant(CENTRAL[0], SERVICE, SECURITY, Role::SecurityOfficer).await.unwrap();
        house.privileged().await;
        let person = house.person(Circumstance::HasEverything);
        for _ in 0..2 {
            house.check(&person).await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(refusal(house.check(&person).await), "identity.official_locked");
        }
        assert_eq!(house.srp.asked().len(), 2);
        house.close().await;
    }

    async fn uses_are_drawn_for_review_by_another_person(database: TestDatabase) {
        let house = post(database, 1_000).await;
        house.privileged().await;
        let person = house.person(Circumstance::HasEverything);
        let id = house.check(&person).await.unwrap().verification.as_ref().unwrap().id.clone();
        assert_eq!(refusal(house.reviews(OFFICER, false).await), "identity.not_entitled");
        let review = house.reviews(SECURITY, false).await.unwrap().remove(0);
        assert_eq!((review.verification_id.as_str(), review.officer.as_str()), (id.as_str(), OFFICER));
        assert_eq!((review.case_number.as_str(), review.outcome()), ("SG-12/2026", ReviewOutcome::Unspecified));
        let closing = |officer: &str| CloseReviewRequest {
            context: by(officer),
            institution_id: SERVICE.to_owned(),
            verification_id: id.clone(),
            outcome: ReviewOutcome::InOrder.into(),
            finding: "notatka w aktach".to_owned(),
        };
        house.execute("INSERT INTO official_role (institution_id, officer, role, granted_by, granted_at, reason) \
            VALUES ('sg-placowka-1', 'sg-0001', 'security_officer', 'c-0001', 0, 'x')").await;
        assert_eq!(refusal(house.privileges().close_review(closing(OFFICER)).await), "identity.four_eyes");
        let closed = house.privileges().close_review(closing(SECURITY)).await.unwrap().into_inner().review.unwrap();
        assert_eq!((closed.outcome(), closed.reviewed_by.as_str()), (ReviewOutcome::InOrder, SECURITY));
        assert_eq!(refusal(house.privileges().close_review(closing(SECURITY)).await), "identity.review_state");
        assert_eq!(house.reviews(SECURITY, false).await.unwrap().len(), 0);
        assert_eq!(house.reviews(SECURITY, true).await.unwrap().len(), 1);
        house.close().await;
    }

    async fn unusual_use_raises_an_alert_once_a_day_and_somebody_looks_into_it(database: TestDatabase) {
        let house = post(database, 0).await;
        house.privileged().await;
        let person = house.person(Circumstance::HasEverything);
        for _ in 0..8 {
            house.check(&person).await.unwrap();
        }
        assert_eq!(refusal(house.alerts(OFFICER, false).await), "identity.not_entitled");
        let alerts = house.alerts(SECURITY, false).await.unwrap();
        let mut told: Vec<_> = alerts.iter().map(|alert| (alert.rule(), alert.counted, alert.threshold)).collect();
        told.sort();
        assert_eq!(told, [(AlertRule::Many, 7, 6), (AlertRule::SamePerson, 4, 3)]);
        let raised = house.texts("SELECT type_name FROM event WHERE type_name LIKE '%PrivilegeAlertRaised'").await;
        assert_eq!(raised.len(), 2);
        for alert in &alerts {
            let request = AcknowledgeAlertRequest {
                context: by(SECURITY),
                institution_id: SERVICE.to_owned(),
                alert_id: alert.id.clone(),
                finding: "akcja na drodze".to_owned(),
            };
            let looked_into = house.privileges().acknowledge_alert(request).await.unwrap().into_inner().alert.unwrap();
            assert_eq!(looked_into.acknowledged_by, SECURITY);
        }
        assert_eq!(house.alerts(SECURITY, false).await.unwrap().len(), 0);
        assert_eq!(house.alerts(SECURITY, true).await.unwrap().len(), 2);
        house.close().await;
    }
}
