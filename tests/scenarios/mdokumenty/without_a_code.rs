//! The Border Guard asks a register by law and without a code: with a privilege two others have given, and watched.

use serde_json::{Value, json};
use straznica_cli::person::Person;
use straznica_cli::rest::Answer;
use straznica_cli::suite::SuiteOptions;
use straznica_store::{NoMigrations, on_both_engines};

use super::{Town, done, official, read_accesses, refused};

const POST: &str = "sg-placowka-1";
const LAW: &str = "Act of 12 October 1990 on the Border Guard, Article 11";
const WEEK: u64 = 7 * 86_400;

/// The law defers what the citizen reads by a week; every use is reviewed.
fn by_law(options: &mut SuiteOptions) {
    let identity = &mut options.config.identity;
    identity.verifiers.privilege.review_permille = 1_000;
    for purpose in identity.verification.purposes.iter_mut().filter(|purpose| purpose.id == "identity_check") {
        purpose.deferred_days = 7;
    }
}

/// A post of the Border Guard with its people.
struct Post {
    administrator: Person,
    security: Person,
    officer: Person,
}

impl Post {
    async fn admitted_to(town: &Town) -> Self {
        let administrator = official(&town.suite, "sg-0009").await.1;
        town.admit("service", POST, "Placówka SG Próbne", "identity_check", "sg-0009").await;
        let security = official(&town.suite, "sg-0010").await.1;
        let officer = official(&town.suite, "sg-0001").await.1;
        town.grant(&town.central[0], POST, "sg-0010", "security_officer").await;
        town.grant(&administrator, POST, "sg-0001", "official").await;
        Self { administrator, security, officer }
    }

    /// The officer asks the register about the citizen.
    async fn check(&self, town: &Town) -> Answer {
        check(&self.officer, town).await
    }

    async fn proposed(&self) -> Answer {
        let proposal = json!({
            "officer": "sg-0001", "legalBasis": LAW, "kinds": ["identity_card"], "reason": "works in the pursuit unit",
            "expiresAt": "2027-01-22T00:00:00Z",
        });
        self.administrator.post(&path("privileges"), &proposal).await.unwrap()
    }
}

fn path(rest: &str) -> String {
    format!("/v1/institutions/{POST}/{rest}")
}

async fn check(officer: &Person, town: &Town) -> Answer {
    let asking = json!({
        "pesel": town.holder.pesel.expose(), "kind": "identity_card", "purpose": "identity_check", "case": "SG-12/2026",
    });
    officer.post("/v1/checks", &asking).await.unwrap()
}

async fn list(person: &Person, what: &str) -> Vec<Value> {
    done(&person.get(&path(what)).await.unwrap())[what].as_array().unwrap().clone()
}

on_both_engines! {
    NoMigrations;

    async fn rank_alone_asks_nobody_and_a_privilege_takes_two_others(database: TestDatabase) {
        let town = Town::found_with(database, by_law).await;
        town.join().await;
        let post = Post::admitted_to(&town).await;
        refused(&post.check(&town).await, 403, "identity.no_privilege");
        refused(&check(&town.official, &town).await, 409, "identity.not_a_service");

        let proposed = done(&post.proposed().await);
        assert_eq!(proposed["state"], "proposed");
        let decision = path(&format!("privileges/{}/decision", proposed["id"].as_str().unwrap()));
        let granting = json!({"grant": true, "reason": "needed for the task"});
        for nobody in [&post.officer, &post.administrator] {
            refused(&nobody.post(&decision, &granting).await.unwrap(), 403, "gateway.role_missing");
        }
        refused(&post.check(&town).await, 403, "identity.no_privilege");
        assert_eq!(town.asked_of_the_register(), 0, "nobody was asked so far");
        let granted = done(&post.security.post(&decision, &granting).await.unwrap());
        assert_eq!((&granted["state"], &granted["proposedBy"], &granted["changedBy"]), (&json!("granted"), &json!("sg-0009"), &json!("sg-0010")));

        let shown = done(&post.check(&town).await);
        assert_eq!((&shown["outcome"], &shown["verification"]["qualifier"]), (&json!("found"), &json!("privilege")));
        assert_eq!(shown["documents"][0]["holder"]["surname"], town.holder.surname);
        town.outbox_is_quiet().await;
        assert_eq!(town.messages(), 1, "the citizen is not asked");

        // It can be taken away at any time.
        let withdrawal = path(&format!("privileges/{}/withdrawal", proposed["id"].as_str().unwrap()));
        done(&post.administrator.post(&withdrawal, &json!({"reason": "another unit"})).await.unwrap());
        refused(&post.check(&town).await, 403, "identity.no_privilege");
        assert_eq!(town.asked_of_the_register(), 1);

        // The citizen reads of it when the law lets them.
        assert!(town.accesses().await.is_empty());
        town.pass(WEEK);
        let citizen = town.log_in(&town.citizen_account).await;
        let accesses = read_accesses(&citizen).await;
        let access = &accesses[0];
        assert_eq!((&access["institution"], &access["officer"]), (&json!("Placówka SG Próbne"), &json!("sg-0001")));
        assert_eq!((&access["qualifier"], &access["legalBasis"], &access["case"]), (&json!("privilege"), &json!(LAW), &json!("SG-12/2026")));
        Box::pin(town.end()).await;
    }

    async fn each_use_is_reviewed_and_an_unusual_one_rings(database: TestDatabase) {
        let town = Town::found_with(database, by_law).await;
        let post = Post::admitted_to(&town).await;
        let proposed = done(&post.proposed().await);
        let decision = path(&format!("privileges/{}/decision", proposed["id"].as_str().unwrap()));
        done(&post.security.post(&decision, &json!({"grant": true, "reason": "needed"})).await.unwrap());
        for _ in 0..3 {
            done(&post.check(&town).await);
        }
        assert!(list(&post.security, "alerts").await.is_empty(), "three of one person may be a long day");
        done(&post.check(&town).await);

        refused(&post.officer.get(&path("alerts")).await.unwrap(), 403, "gateway.role_missing");
        refused(&post.officer.get(&path("reviews")).await.unwrap(), 403, "gateway.role_missing");
        let alerts = list(&post.security, "alerts").await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert_eq!((&alerts[0]["rule"], &alerts[0]["officer"]), (&json!("same_person"), &json!("sg-0001")));
        assert_eq!((&alerts[0]["counted"], &alerts[0]["threshold"]), (&json!(4), &json!(3)));
        let alert = path(&format!("alerts/{}/acknowledgement", alerts[0]["id"].as_str().unwrap()));
        let looked_into = done(&post.security.post(&alert, &json!({"finding": "one pursuit, one night"})).await.unwrap());
        assert_eq!(looked_into["acknowledgedBy"], "sg-0010");
        assert!(list(&post.security, "alerts").await.is_empty());

        let reviews = list(&post.security, "reviews").await;
        assert_eq!(reviews.len(), 4);
        let review = &reviews[0];
        assert_eq!((&review["officer"], &review["case"], &review["legalBasis"]), (&json!("sg-0001"), &json!("SG-12/2026"), &json!(LAW)));
        let result = path(&format!("reviews/{}/result", review["verification"].as_str().unwrap()));
        let finding = json!({"outcome": "in_order", "finding": "the case file bears it out"});
        refused(&post.officer.post(&result, &finding).await.unwrap(), 403, "gateway.role_missing");
        assert_eq!(done(&post.security.post(&result, &finding).await.unwrap())["outcome"], "in_order");
        refused(&post.security.post(&result, &finding).await.unwrap(), 409, "identity.review_state");
        assert_eq!(list(&post.security, "reviews").await.len(), 3);
        Box::pin(town.end()).await;
    }
}
