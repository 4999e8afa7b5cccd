//! The register of aliens at the gateway: who may knock, what registry is asked, and that a change names the version that was seen.

mod addresses;
mod alerts;
mod archive;
mod consultations;
mod consumers;
pub(crate) mod double;
mod files;
mod papers;
mod request;

use std::collections::BTreeSet;

use straznica_contracts::identity::v1::Role;
use straznica_error::{Class, Code, Coded};
use straznica_store::{NoMigrations, on_both_engines};

use super::{
    house::{Answer, House},
    people::browser::{Account, Browser},
};
use addresses::{all, changes_of_a_person};
use request::{CASE_NUMBER, PURPOSE, Request};
use straznica_runtime::channel::ChannelConfig;

const ROLES: [Role; 5] = [
    Role::RegistryReader,
    Role::RegistryIntake,
    Role::RegistryOfficer,
    Role::RegistryApprover,
    Role::RegistryArchivist,
];

/// What registry says of a change to a version that is no longer there.
#[derive(Debug, thiserror::Error)]
#[error("somebody else changed it meanwhile")]
struct Stale;

impl Coded for Stale {
    fn code(&self) -> &'static Code {
        const CODE: Code = Code::new("registry.stale", Class::PreconditionFailed, "Somebody else changed it meanwhile");
        &CODE
    }
}

async fn official(house: &House, name: &str, roles: &[Role]) -> Browser {
    let account = Account::official(house, name).await;
    house.people.knows(name, &[("udsc", roles)]);
    Browser::logged_in(house, &account).await
}

async fn sent(browser: &Browser, request: &Request) -> Answer {
    let headers: Vec<(&str, &str)> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = if request.body.is_null() { String::new() } else { request.body.to_string() };
    browser.send(request.verb.clone(), &request.path, &headers, &body).await
}

#[test]
fn every_address_of_the_register_is_tried() {
    let document = straznica_gateway::openapi();
    let tried = all();
    let mut untried = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let ours = path.starts_with("/v1/registry/");
            if ours && !tried.iter().any(|request| request.is_at(method, path)) {
                untried.insert(format!("{method} {path}"));
            }
        }
    }
    assert!(untried.is_empty(), "{untried:?}");
}

on_both_engines! {
    NoMigrations;

    async fn officials_ask_registry_in_their_own_name_for_their_purpose_in_their_case(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house, "j.kowalska", &ROLES).await;
        for request in all() {
            house.registry.script.take();
            let answer = sent(&browser, &request).await;
            request.is_right(&answer, &house.registry.script.take());
        }
        house.end().await;
    }

    async fn each_role_reaches_what_is_its_own_and_nothing_else(database: TestDatabase) {
        let house = House::people(database).await;
        for (name, role) in [("reader", ROLES[0]), ("intake", ROLES[1]), ("officer", ROLES[2]), ("approver", ROLES[3]), ("archivist", ROLES[4])] {
            let browser = official(&house, name, &[role]).await;
            for request in all() {
                house.registry.script.take();
                let answer = sent(&browser, &request).await;
                if request.roles.contains(&role) {
                    assert_eq!(answer.status.as_u16(), request.status, "{name}: {} {answer:?}", request.path);
                } else {
                    answer.problem(403, "gateway.role_missing");
                    assert!(house.registry.script.take().is_empty(), "{name}: {}", request.path);
                }
            }
        }
        // Whoever deals with others' documents, or looks after an institution, has no business here.
        let others = [Role::Official, Role::LocalAdministrator, Role::SecurityOfficer];
        let browser = official(&house, "others", &others).await;
        for request in all() {
            sent(&browser, &request).await.problem(403, "gateway.role_missing");
        }
        let sql = "SELECT CAST(count(*) AS TEXT) AS line FROM journal WHERE kind = 'access.refused' AND purpose = 'access'";
        let refused: usize = house.text(sql).await.parse().unwrap();
        let theirs: usize = ROLES.iter().map(|role| all().iter().filter(|request| !request.roles.contains(role)).count()).sum();
        assert_eq!(refused, theirs + all().len(), "each is on record");
        house.end().await;
    }

    async fn people_of_a_suspended_institution_may_only_read(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house, "j.kowalska", &ROLES).await;
        house.people.suspends("j.kowalska");
        for request in all() {
            let answer = sent(&browser, &request).await;
            if request.reads() {
                assert_eq!(answer.status.as_u16(), request.status, "{}", request.path);
            } else {
                answer.problem(403, "gateway.role_missing");
            }
        }
        house.end().await;
    }

    async fn a_change_names_the_version_that_was_seen(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house, "j.kowalska", &ROLES).await;
        let changes = || all().into_iter().filter(|request| request.headers.iter().any(|(name, _)| *name == "if-match"));
        assert_eq!(changes().count(), 18);
        for request in changes() {
            let with = |tag: Option<&str>| {
                let mut request = request.clone();
                request.headers.retain(|(name, _)| *name != "if-match");
                request.headers.extend(tag.map(|tag| ("if-match", tag.to_owned())));
                request
            };
            sent(&browser, &with(None)).await.problem(428, "gateway.version_missing");
            for tag in ["*", "7", "W/\"7\"", "\"seven\"", "\"7\", \"8\""] {
                sent(&browser, &with(Some(tag))).await.problem(400, "gateway.invalid_header");
            }
            house.registry.script.refuse(straznica_error::status(&Stale));
            sent(&browser, &request).await.problem(412, "registry.stale");
        }
        house.end().await;
    }

    async fn nobody_looks_without_a_purpose_nor_at_a_person_without_a_case(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house, "j.kowalska", &ROLES).await;
        for request in all() {
            let without = |header: &str| {
                let mut request = request.clone();
                request.headers.retain(|(name, _)| *name != header);
                request
            };
            house.registry.script.take();
            sent(&browser, &without("x-purpose")).await.problem(400, "gateway.invalid_header");
            let answer = sent(&browser, &without("x-case")).await;
            if request.is_of_a_person() || request.path.ends_with("/visas") {
                answer.problem(400, "gateway.invalid_header");
            } else {
                assert_eq!(answer.status.as_u16(), request.status, "{}", request.path);
            }
        }
        house.end().await;
    }

    async fn a_change_sent_again_under_its_key_is_made_once(database: TestDatabase) {
        let house = House::people(database).await;
        let browser = official(&house, "j.kowalska", &ROLES).await;
        let mut request = changes_of_a_person();
        request.headers.push(("idempotency-key", "k-1".to_owned()));
        let first = sent(&browser, &request).await;
        let again = sent(&browser, &request).await;
        for answer in [&first, &again] {
            assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"8\""), "{answer:?}");
        }
        assert_eq!(house.registry.script.take().len(), 1);
        request.headers.retain(|(name, _)| *name != "x-case");
        request.headers.push(("x-case", "protection/2026/000018".to_owned()));
        sent(&browser, &request).await.problem(422, "gateway.idempotency_key_reused");
        house.end().await;
    }

    async fn a_gateway_without_a_registry_says_so(database: TestDatabase) {
        let house = House::with(database, |config| {
            config.people.accounts.enabled = true;
            config.registry = ChannelConfig::default();
        })
        .await;
        let browser = official(&house, "j.kowalska", &ROLES).await;
        let headers = [("x-purpose", PURPOSE), ("x-case", CASE_NUMBER)];
        let answer = browser.send("GET".parse().unwrap(), "/v1/registry/worklist", &headers, "").await;
        answer.problem(503, "gateway.no_registry");
        house.end().await;
    }
}
