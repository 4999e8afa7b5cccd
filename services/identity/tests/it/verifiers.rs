//! Who may ask: nobody alone, nobody for themselves, nobody longer than they may.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::resolve_official_request::Login;
use straznica_contracts::identity::v1::{
    DisclosureOutcome, GetInstitutionRequest, InstitutionKind, InstitutionState, ListInstitutionsRequest,
    ListOfficialsRequest, ListStagesRequest, OpenVerificationRequest, ReplaceLoginsRequest, Role,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::Migrations;
use straznica_simulators::registers::Circumstance;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;
use tonic::Status;

use crate::dispatch::CODE;
use crate::house::{House, code, members};
use crate::institutions::{ADMINISTRATOR, CENTRAL, application, by, granting, logins};
use crate::office::{OFFICE, PHONE, by_pesel, official, opening};

const CARD: DocumentKind = DocumentKind::IdentityCard;
const DAY_MS: i64 = 86_400_000;

fn refusal(answered: Result<impl Sized, Status>) -> String {
    code(&answered.err().unwrap())
}

/// The office's opening, for another institution and official.
fn opening_of(house: &House, institution: &str, officer: &str) -> OpenVerificationRequest {
    let mut request = opening(by_pesel(&house.person(Circumstance::HasEverything)), CARD);
    request.context = Some(CallContext { officer: officer.to_owned(), ..official() });
    request.institution_id = institution.to_owned();
    request
}

on_both_engines! {
    Migrations;

    async fn an_institution_asks_only_after_another_person_has_let_it_in(database: TestDatabase) {
        let house = House::office(database).await;
        let open = || async {
            house.verifications().open_verification(opening_of(&house, "bank-1", "bank-1-clerk")).await
        };
        assert_eq!(refusal(open().await), "identity.not_an_official");
        let applied = application("bank-1", "Bank Próbny", InstitutionKind::PrivateBody);
        house.institutions().apply_institution(applied.clone()).await.unwrap();
        assert_eq!(refusal(house.institutions().apply_institution(applied).await), "identity.institution_known");
        assert_eq!(refusal(house.grant("bank-1-admin", "bank-1", "bank-1-clerk", Role::Official).await), "identity.institution_state");
        assert_eq!(refusal(house.decide(CENTRAL[0], "bank-1", true).await), "identity.four_eyes");
        assert_eq!(refusal(house.decide(ADMINISTRATOR, "bank-1", true).await), "identity.not_entitled");
        assert_eq!(refusal(house.resolve("bank-1-admin").await), "identity.official_unknown");

        let active = house.decide(CENTRAL[1], "bank-1", true).await.unwrap();
        assert_eq!((active.state(), active.changed_by.as_str()), (InstitutionState::Active, CENTRAL[1]));
        assert_eq!(refusal(house.decide(CENTRAL[1], "bank-1", false).await), "identity.institution_state");
        assert_eq!(refusal(open().await), "identity.not_an_official");
        house.grant("bank-1-admin", "bank-1", "bank-1-clerk", Role::Official).await.unwrap();
        let opened = open().await.unwrap().into_inner().verification.unwrap();
        assert_eq!(opened.binding_text, "Bank Próbny: dowód osobisty, sprawa urzędowa");
        house.close().await;
    }

    async fn whoever_makes_a_central_administrator_does_not_decide_with_them(database: TestDatabase) {
        let house = House::office(database).await;
        let [first, second] = CENTRAL;
        house.grant(first, "", "c-0003", Role::CentralAdministrator).await.unwrap();
        house.grant("c-0003", "", "c-0004", Role::CentralAdministrator).await.unwrap();
        for (at, (enters, decides)) in [(first, "c-0003"), ("c-0003", first), (first, "c-0004"), ("c-0004", first)].into_iter().enumerate() {
            let id = format!("bank-{at}");
            let mut applied = application(&id, "Bank Próbny", InstitutionKind::PrivateBody);
            applied.context = by(enters);
            house.institutions().apply_institution(applied).await.unwrap();
            assert_eq!(refusal(house.decide(decides, &id, true).await), "identity.four_eyes", "{enters} {decides}");
        }
        // Nor when the one in between, or who entered it, was sent away since.
        house.withdraw_role(first, "", "c-0003", Role::CentralAdministrator).await.unwrap();
        assert_eq!(refusal(house.decide("c-0004", "bank-0", true).await), "identity.four_eyes");
        assert_eq!(refusal(house.decide(first, "bank-1", true).await), "identity.four_eyes");
        assert_eq!(house.decide(second, "bank-0", true).await.unwrap().state(), InstitutionState::Active);
        assert_eq!(house.decide("c-0004", "bank-2", false).await.unwrap().state(), InstitutionState::Refused, "to refuse takes nobody else");
        let mut applied = application("bank-9", "Bank Próbny", InstitutionKind::PrivateBody);
        applied.context = by(ADMINISTRATOR);
        assert_eq!(refusal(house.institutions().apply_institution(applied).await), "identity.not_entitled");
        house.close().await;
    }

    async fn one_refused_may_apply_again_and_what_is_missing_is_named(database: TestDatabase) {
        let house = House::office(database).await;
        let applied = application("um-2", "Urząd Gminy Inne", InstitutionKind::Office);
        house.institutions().apply_institution(applied.clone()).await.unwrap();
        let refused = house.decide(CENTRAL[1], "um-2", false).await.unwrap();
        assert_eq!(refused.state(), InstitutionState::Refused);
        house.institutions().apply_institution(applied.clone()).await.unwrap();
        assert_eq!(house.decide(CENTRAL[1], "um-2", true).await.unwrap().state(), InstitutionState::Active);

        type Spoil = fn(&mut straznica_contracts::identity::v1::ApplyInstitutionRequest);
        let table: [(Spoil, &str); 10] = [
            (|request| request.institution_id = "u m".into(), "/institution_id"),
            (|request| request.name = "U".repeat(37), "/name"),
            (|request| request.kind = 0, "/kind"),
            (|request| request.legal_basis.clear(), "/legal_basis"),
            (|request| request.contact = "a\nb".into(), "/contact"),
            (|request| request.kinds.clear(), "/kinds"),
            (|request| request.kinds.push(DocumentKind::WantedPerson.into()), "/kinds"),
            (|request| request.purposes = vec!["curiosity".into()], "/purposes"),
            (|request| request.administrator.clear(), "/administrator"),
            (|request| request.administrator_logins = None, "/administrator_logins"),
        ];
        for (spoil, member) in table {
            let mut spoilt = applied.clone();
            spoilt.institution_id = "um-3".to_owned();
            spoil(&mut spoilt);
            let refused = house.institutions().apply_institution(spoilt).await.unwrap_err();
            assert_eq!(members(&refused), [member]);
        }
        house.close().await;
    }

    async fn special_services_are_not_let_in_and_ask_nothing_if_somebody_let_them_in(database: TestDatabase) {
        let house = House::office(database).await;
        for (id, name) in [("abw-lodz", "Delegatura w Łodzi"), ("x-1", "Centralne Biuro Antykorupcyjne"), ("x-2", "Agencja Wywiadu")] {
            let refused = house.institutions().apply_institution(application(id, name, InstitutionKind::Service)).await;
            assert_eq!(refusal(refused), "identity.institution_excluded", "{name}");
        }
        assert_eq!(house.journal_kinds().await, ["institution.application_refused"; 3]);
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.approved(&person, CARD).await;
        // By hand, past every rule.
        house.execute("UPDATE institution SET name = 'Służba Kontrwywiadu Wojskowego'").await;
        assert_eq!(refusal(house.open_verification(by_pesel(&person), CARD).await), "identity.institution_excluded");
        assert_eq!(refusal(house.show(&id).await), "identity.institution_excluded");
        assert_eq!(refusal(house.resolve("um-0001").await), "identity.official_unknown");
        assert!(house.srp.asked().is_empty());
        house.close().await;
    }

    async fn a_kind_is_served_in_its_stage_and_officials_are_told_plainly(database: TestDatabase) {
        let house = House::office(database).await;
        house.found("um-pilot", "Urząd Pilotażowy", InstitutionKind::Office, "pilot-1").await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let now = house.clock.now().millis();
        let card = CARD as i32;
        house.set_stage(card, "", now + DAY_MS, 0).await.unwrap();
        house.set_stage(card, "um-pilot", now, now + 2 * DAY_MS).await.unwrap();
        let pilot = || async { house.verifications().open_verification(opening_of(&house, "um-pilot", "pilot-1")).await };
        assert_eq!(refusal(house.open_verification(by_pesel(&person), CARD).await), "identity.kind_not_yet_served");
        pilot().await.unwrap();
        house.clock.advance(std::time::Duration::from_secs(86_400));
        let id = house.approved(&person, CARD).await;
        // A stage that is closed ends what is under way.
        house.set_stage(card, "", now, now).await.unwrap();
        assert_eq!(refusal(house.show(&id).await), "identity.kind_not_yet_served");
        pilot().await.unwrap();
        house.clock.advance(std::time::Duration::from_secs(86_400));
        assert_eq!(refusal(pilot().await), "identity.kind_not_yet_served");
        assert!(house.srp.asked().is_empty());
        assert_eq!(refusal(house.set_stage(card, "um-nowhere", now, 0).await), "identity.institution_unknown");
        let stages = house.institutions().list_stages(ListStagesRequest { context: None }).await.unwrap().into_inner().stages;
        assert_eq!(stages.iter().filter(|stage| stage.kind() == CARD).count(), 2);
        house.close().await;
    }

    async fn what_is_suspended_or_withdrawn_ends_what_is_under_way(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let approved = house.approved(&person, CARD).await;
        let asked = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.suspend(OFFICE).await;
        assert_eq!(refusal(house.show(&approved).await), "identity.institution_state");
        assert_eq!(refusal(house.confirm_code(&asked, CODE).await), "identity.institution_state");
        assert_eq!(refusal(house.open_verification(by_pesel(&person), CARD).await), "identity.institution_state");
        assert!(!house.resolve("um-0001").await.unwrap().posts[0].institution_active);
        house.resume(OFFICE).await;
        house.withdraw_role(ADMINISTRATOR, OFFICE, "um-0001", Role::Official).await.unwrap();
        assert_eq!(refusal(house.show(&approved).await), "identity.not_an_official");
        assert_eq!(refusal(house.confirm_code(&asked, CODE).await), "identity.not_an_official");
        assert_eq!(refusal(house.resolve("um-0001").await), "identity.official_unknown");
        assert!(house.srp.asked().is_empty());
        house.grant(ADMINISTRATOR, OFFICE, "um-0001", Role::Official).await.unwrap();
        assert_eq!(house.show(&approved).await.unwrap().outcome(), DisclosureOutcome::Found);
        house.close().await;
    }

    async fn a_post_ends_by_its_time(database: TestDatabase) {
        let house = House::office(database).await;
        let mut request = granting(ADMINISTRATOR, OFFICE, "um-0002", Role::Official);
        request.expires_at_ms = house.clock.now().millis();
        assert_eq!(members(&house.officials().grant_role(request.clone()).await.unwrap_err()), ["/expires_at_ms"]);
        request.expires_at_ms = house.clock.now().millis() + DAY_MS;
        house.officials().grant_role(request).await.unwrap();
        let open = || async { house.verifications().open_verification(opening_of(&house, OFFICE, "um-0002")).await };
        open().await.unwrap();
        assert_eq!(house.resolve("um-0002").await.unwrap().posts[0].roles, [Role::Official as i32]);
        house.clock.advance(std::time::Duration::from_secs(86_400));
        assert_eq!(refusal(open().await), "identity.not_an_official");
        assert_eq!(refusal(house.resolve("um-0002").await), "identity.official_unknown");
        house.close().await;
    }

    async fn officials_are_the_institutions_own_business_and_who_looks_after_or_watches_them_the_centres(database: TestDatabase) {
        let house = House::office(database).await;
        house.found("um-2", "Urząd Gminy Inne", InstitutionKind::Office, "inne-1").await;
        for (granter, institution, officer, role, refused) in [
            (ADMINISTRATOR, OFFICE, ADMINISTRATOR, Role::Official, "identity.own_post"),
            ("um-0001", OFFICE, "um-0002", Role::Official, "identity.not_entitled"),
            ("um-2-admin", OFFICE, "um-0002", Role::Official, "identity.not_entitled"),
            (CENTRAL[0], OFFICE, "um-0002", Role::Official, "identity.not_entitled"),
            // One administrator does not make the second person, nor choose who watches them.
            (ADMINISTRATOR, OFFICE, "um-0002", Role::LocalAdministrator, "identity.not_entitled"),
            (ADMINISTRATOR, OFFICE, "um-0002", Role::SecurityOfficer, "identity.not_entitled"),
            (ADMINISTRATOR, "", "um-0002", Role::CentralAdministrator, "identity.not_entitled"),
            (ADMINISTRATOR, OFFICE, "um-0002", Role::CentralAdministrator, "identity.invalid_request"),
            (ADMINISTRATOR, "um-none", "um-0002", Role::Official, "identity.institution_unknown"),
            // Somebody else's official, by another account.
            (ADMINISTRATOR, OFFICE, CENTRAL[1], Role::Official, "identity.official_known_otherwise"),
        ] {
            assert_eq!(refusal(house.grant(granter, institution, officer, role).await), refused, "{granter} {officer} {role:?}");
        }
        // Whoever could give an official another login could act as them.
        let mut hijack = granting(ADMINISTRATOR, OFFICE, "inne-1", Role::Official);
        hijack.logins = logins("um-9999");
        assert_eq!(refusal(house.officials().grant_role(hijack).await), "identity.official_known_otherwise");
        let mut double = granting(ADMINISTRATOR, OFFICE, "um-0002", Role::Official);
        double.logins = logins("inne-1");
        assert_eq!(refusal(house.officials().grant_role(double).await), "identity.official_known_otherwise");
        let mut nameless = granting(ADMINISTRATOR, OFFICE, "um-0002", Role::Official);
        nameless.logins = None;
        assert_eq!(members(&house.officials().grant_role(nameless).await.unwrap_err()), ["/logins"]);

        house.grant(CENTRAL[0], OFFICE, "um-0002", Role::SecurityOfficer).await.unwrap();
        house.grant(ADMINISTRATOR, OFFICE, "um-0003", Role::Official).await.unwrap();
        house.grant(CENTRAL[0], "", "c-0003", Role::CentralAdministrator).await.unwrap();
        assert!(house.resolve("c-0003").await.unwrap().central_administrator);
        for (taker, institution, officer, role, refused) in [
            ("um-2-admin", OFFICE, "um-0002", Role::SecurityOfficer, "identity.not_entitled"),
            (ADMINISTRATOR, OFFICE, ADMINISTRATOR, Role::LocalAdministrator, "identity.own_post"),
            (ADMINISTRATOR, OFFICE, "um-0004", Role::Official, "identity.post_unknown"),
            // Nor do they send away who watches them.
            (ADMINISTRATOR, OFFICE, "um-0002", Role::SecurityOfficer, "identity.not_entitled"),
            (ADMINISTRATOR, OFFICE, "um-0002", Role::Unspecified, "identity.not_entitled"),
            (ADMINISTRATOR, "", "c-0003", Role::CentralAdministrator, "identity.not_entitled"),
        ] {
            assert_eq!(refusal(house.withdraw_role(taker, institution, officer, role).await), refused, "{taker} {officer}");
        }
        house.withdraw_role(CENTRAL[0], OFFICE, "um-0002", Role::Unspecified).await.unwrap();
        house.withdraw_role(ADMINISTRATOR, OFFICE, "um-0003", Role::Unspecified).await.unwrap();
        house.withdraw_role(CENTRAL[1], "", "c-0003", Role::CentralAdministrator).await.unwrap();
        assert_eq!(refusal(house.resolve("c-0003").await), "identity.official_unknown");
        house.close().await;
    }

    async fn an_institution_without_an_administrator_gets_one_from_the_centre(database: TestDatabase) {
        let house = House::office(database).await;
        house.execute("DELETE FROM official_role WHERE role = 'local_administrator'").await;
        assert_eq!(refusal(house.grant(CENTRAL[0], OFFICE, "um-0002", Role::Official).await), "identity.not_entitled");
        house.grant(CENTRAL[0], OFFICE, "um-0002", Role::LocalAdministrator).await.unwrap();
        house.grant("um-0002", OFFICE, "um-0003", Role::Official).await.unwrap();
        house.close().await;
    }

    async fn officials_are_known_by_account_or_certificate_and_a_new_one_replaces_the_old(database: TestDatabase) {
        let house = House::office(database).await;
        let first = Login::CertificateThumbprint("ab".repeat(32));
        let second = Login::CertificateThumbprint("CD".repeat(32));
        let mut request = granting(ADMINISTRATOR, OFFICE, "um-0002", Role::Official);
        request.logins.as_mut().unwrap().certificate_thumbprint = "AB".repeat(32);
        house.officials().grant_role(request).await.unwrap();
        assert_eq!(house.resolve("um-0002").await.unwrap().officer, "um-0002");
        let post = house.resolve_by(first.clone()).await.unwrap().posts.remove(0);
        assert_eq!((post.institution_id.as_str(), post.institution_name.as_str()), (OFFICE, "Urząd Gminy Próbne"));

        let mut replacing = ReplaceLoginsRequest::default();
        replacing.context = by(ADMINISTRATOR);
        replacing.institution_id = OFFICE.to_owned();
        replacing.officer = "um-0002".to_owned();
        replacing.logins = logins("um-0002");
        replacing.logins.as_mut().unwrap().certificate_thumbprint = "cd".repeat(32);
        replacing.reason = "nowa karta".to_owned();
        house.officials().replace_logins(replacing.clone()).await.unwrap();
        assert_eq!(refusal(house.resolve_by(first).await), "identity.official_unknown");
        assert_eq!(house.resolve_by(second).await.unwrap().officer, "um-0002");

        // Of somebody with posts elsewhere only the centre does it.
        house.found("um-2", "Urząd Gminy Inne", InstitutionKind::Office, "inne-1").await;
        let mut elsewhere = granting("um-2-admin", "um-2", "um-0002", Role::Official);
        elsewhere.logins = None;
        house.officials().grant_role(elsewhere).await.unwrap();
        assert_eq!(refusal(house.officials().replace_logins(replacing.clone()).await), "identity.not_entitled");
        replacing.context = by(CENTRAL[0]);
        house.officials().replace_logins(replacing.clone()).await.unwrap();
        replacing.logins = logins(CENTRAL[1]);
        assert_eq!(refusal(house.officials().replace_logins(replacing).await), "identity.official_known_otherwise");
        house.close().await;
    }

    async fn the_register_of_aliens_is_opened_by_the_centre_and_by_no_institution(database: TestDatabase) {
        let house = House::office(database).await;
        let roles = [
            Role::RegistryReader, Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover, Role::RegistryArchivist,
        ];
        for role in roles {
            assert_eq!(refusal(house.grant(ADMINISTRATOR, OFFICE, "um-0007", role).await), "identity.not_entitled", "{role:?}");
            assert_eq!(refusal(house.grant(CENTRAL[0], "", "um-0007", role).await), "identity.invalid_request", "{role:?}");
            assert_eq!(refusal(house.grant(CENTRAL[0], OFFICE, CENTRAL[0], role).await), "identity.own_post", "{role:?}");
            house.grant(CENTRAL[0], OFFICE, "um-0007", role).await.unwrap();
        }
        let held = house.resolve("um-0007").await.unwrap().posts.remove(0);
        assert_eq!(held.roles().collect::<Vec<_>>().len(), roles.len());
        assert!(roles.iter().all(|role| held.roles().any(|held| held == *role)), "{held:?}");

        // Whoever could make themselves known as such a person would have their roles.
        let mut replacing = ReplaceLoginsRequest::default();
        replacing.context = by(ADMINISTRATOR);
        replacing.institution_id = OFFICE.to_owned();
        replacing.officer = "um-0007".to_owned();
        replacing.logins = logins("um-0099");
        replacing.reason = "nowa karta".to_owned();
        assert_eq!(refusal(house.officials().replace_logins(replacing.clone()).await), "identity.not_entitled");
        replacing.context = by(CENTRAL[0]);
        house.officials().replace_logins(replacing).await.unwrap();

        // To take a role away takes less than to give it.
        house.withdraw_role(ADMINISTRATOR, OFFICE, "um-0007", Role::RegistryOfficer).await.unwrap();
        let held = house.resolve("um-0099").await.unwrap();
        assert_eq!((held.officer.as_str(), held.posts[0].roles.len()), ("um-0007", roles.len() - 1));
        house.close().await;
    }

    async fn lists_are_for_those_they_concern(database: TestDatabase) {
        let house = House::office(database).await;
        let listing = |officer: &str| ListOfficialsRequest { context: by(officer), institution_id: OFFICE.to_owned(), after_officer: String::new() };
        let people = house.officials().list_officials(listing(ADMINISTRATOR)).await.unwrap().into_inner().officials;
        let names: Vec<_> = people.iter().map(|person| person.officer.as_str()).collect();
        assert_eq!(names, ["um-0001", ADMINISTRATOR]);
        assert_eq!((people[0].roles[0].granted_by.as_str(), people[0].locked), (ADMINISTRATOR, false));
        assert_eq!(refusal(house.officials().list_officials(listing("um-0001")).await), "identity.not_entitled");
        let all = |officer: &str| ListInstitutionsRequest { context: by(officer), ..ListInstitutionsRequest::default() };
        assert_eq!(house.institutions().list_institutions(all(CENTRAL[0])).await.unwrap().into_inner().institutions.len(), 1);
        assert_eq!(refusal(house.institutions().list_institutions(all(ADMINISTRATOR)).await), "identity.not_entitled");
        let one = |officer: &str| GetInstitutionRequest { context: by(officer), institution_id: OFFICE.to_owned() };
        house.institutions().get_institution(one("um-0001")).await.unwrap();
        assert_eq!(refusal(house.institutions().get_institution(one("x-0001")).await), "identity.not_entitled");
        house.execute("UPDATE official_role SET expires_at = granted_at + 1 WHERE officer = 'um-0001'").await;
        house.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!(refusal(house.institutions().get_institution(one("um-0001")).await), "identity.not_entitled", "no more");
        house.close().await;
    }

    async fn only_a_local_administrator_unlocks(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.official_daily = 1).await;
        house.found("um-2", "Urząd Gminy Inne", InstitutionKind::Office, "inne-1").await;
        let person = house.person(Circumstance::HasEverything);
        house.open_verification(by_pesel(&person), CARD).await.unwrap();
        assert_eq!(refusal(house.open_verification(by_pesel(&person), CARD).await), "identity.official_locked");
        assert!(house.resolve("um-0001").await.unwrap().posts[0].locked);
        for other in ["um-2-admin", "inne-1", CENTRAL[0]] {
            assert_eq!(refusal(house.unlock(other, "um-0001", "proszę").await), "identity.not_entitled", "{other}");
        }
        house.unlock(ADMINISTRATOR, "um-0001", "proszę").await.unwrap();
        assert!(!house.resolve("um-0001").await.unwrap().posts[0].locked);
        house.close().await;
    }
}
