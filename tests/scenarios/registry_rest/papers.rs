//! Documents and their blanks: a card issued, lost and replaced, and the books of the safe.

use serde_json::{Value, json};
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Desk, Office, done, main_name, refused, tag};

const CARDS: &str = "residence_card";

fn order(action: &str, (first, count): (u32, u32)) -> Value {
    json!({
        "action": action, "office": "warsaw", "kind": CARDS, "series": "RC", "range": {"first": first, "count": count}, "note": "WZ 17/2026",
    })
}

/// Proposed by one, confirmed by another.
async fn both(one: &Desk, other: &Desk, order: &Value) {
    let proposed = done(&one.make("/blanks/orders", order).await)["orderId"].as_str().unwrap().to_owned();
    assert_eq!(other.make(&format!("/blanks/orders/{proposed}/confirmation"), &json!({})).await.status, 204);
}

/// What a stranger's case needs until somebody has refugee status; its address and the person.
async fn refugee(office: &Office, officer: &Desk, approver: &Desk) -> (String, String) {
    let person = officer.registers(&[main_name("", "Ivanov")]).await;
    let (case, _) = officer.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
    for event in ["application_forwarded", "merits_opened"] {
        officer.records(&case, &json!({"event": event, "at": "2026-04-20T08:00:00Z"})).await;
    }
    let seen = tag(&officer.get(&case).await);
    let drafted = officer.change(&format!("{case}/decisions"), &seen, &json!({"decision": "refugee_status"})).await;
    let decision = done(&drafted)["decisionId"].as_str().unwrap().to_owned();
    let text = json!({
        "operative": ["Nadaje się status uchodźcy."],
        "grounds": [{"act": "ustawa z dnia 13 czerwca 2003 r.", "article": "art. 13 ust. 1", "text": "Obawa jest uzasadniona."}],
    });
    let at = |rest: &str| format!("{case}/decisions/{decision}{rest}");
    let written = officer.change(&at("/text"), &tag(&drafted), &text).await;
    let approved = approver.change(&at("/approval"), &tag(&written), &json!({})).await;
    done(&officer.change(&at("/issue"), &tag(&approved), &json!({})).await);
    office.pass(3_600);
    (case, person)
}

on_both_engines! {
    NoMigrations;

    async fn a_residence_card_is_issued_on_a_blank_lost_and_replaced(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let approver = office.let_in("udsc-0002", &["registry_approver"]).await;
        let (case, person) = refugee(&office, &officer, &approver).await;
        let documents = format!("{case}/documents");
        let card = |blank: &str| json!({"kind": "residence_card_refugee", "personId": person, "office": "warsaw", "blank": blank});
        let seen = tag(&officer.get(&case).await);
        // Nothing lies in the safe yet.
        refused(&officer.change(&documents, &seen, &card("RC0000001")).await, 409, "registry.not_now");
        both(&officer, &approver, &order("delivery", (1, 10))).await;
        refused(&officer.change(&documents, "\"1\"", &card("RC0000001")).await, 412, "registry.stale");
        refused(&officer.change(&documents, &seen, &card("ticket 7")).await, 400, "registry.invalid_request");
        let headers = [("if-match", seen.as_str()), ("idempotency-key", "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")];
        let issued = officer.send(&documents, &headers, &card("RC0000001")).await;
        assert_eq!(issued.status, 201);
        // An answer that was lost is given again, and no second blank goes.
        assert_eq!(done(&officer.send(&documents, &headers, &card("RC0000001")).await), done(&issued));
        // Three years from the day of issue.
        assert_eq!((&done(&issued)["validFrom"], &done(&issued)["validTo"]), (&json!("2026-04-20"), &json!("2029-04-20")));
        let address = issued.headers["location"].to_str().unwrap().strip_prefix("/v1/registry").unwrap().to_owned();
        let shown = officer.get(&address).await;
        assert_eq!((&done(&shown)["state"], &done(&shown)["number"], tag(&shown).as_str()), (&json!("valid"), &json!("RC0000001"), "\"1\""));
        // One at a time.
        let seen = tag(&officer.get(&case).await);
        refused(&officer.change(&documents, &seen, &card("RC0000002")).await, 409, "registry.not_now");

        let changes = format!("{address}/changes");
        let lost = json!({"change": "lost", "reason": "stolen on the tram, told to the police"});
        let moved = officer.change(&changes, "\"1\"", &lost).await;
        assert_eq!((done(&moved), tag(&moved).as_str()), (json!({"version": 2, "state": "lost"}), "\"2\""));
        refused(&officer.change(&format!("{address}/extension"), "\"2\"", &json!({})).await, 409, "registry.not_now");
        let replaced = officer.change(&documents, &seen, &card("RC0000002")).await;
        assert_eq!(replaced.status, 201);
        let listed = done(&approver.get(&documents).await);
        let listed: Vec<_> = listed["documents"].as_array().unwrap().iter().map(|one| (one["number"].as_str().unwrap(), one["state"].as_str().unwrap())).collect();
        assert_eq!(listed, [("RC0000001", "lost"), ("RC0000002", "valid")]);
        // The first turns up. It is no more valid for that, and is destroyed.
        done(&officer.change(&changes, "\"2\"", &json!({"change": "found", "reason": "brought by a neighbour"})).await);
        done(&officer.change(&changes, "\"3\"", &json!({"change": "destroyed", "reason": "protocol 4/2026"})).await);
        let steps = done(&officer.get(&address).await)["steps"].clone();
        let steps: Vec<_> = steps.as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
        assert_eq!(steps, ["issued", "lost", "found", "destroyed"]);

        let books = done(&approver.get(&format!("/blanks/balance?office=warsaw&kind={CARDS}")).await);
        assert_eq!((&books["movements"], &books["discrepancy"]), (&json!({"delivered": 10, "issued": 2}), &json!(0)), "{books}");
        office.end().await;
    }

    async fn a_certificate_of_ninety_days_is_prolonged_by_half_a_year(database: TestDatabase) {
        let office = Office::found(database).await;
        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let other = office.let_in("sg-0002", &["registry_intake"]).await;
        let person = guard.registers(&[main_name("", "Ivanov")]).await;
        let (case, number) = guard.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
        let guard = guard.on(&number);
        let delivery = json!({"action": "delivery", "office": "terespol", "kind": "tztc", "series": "TZ", "range": {"first": 1, "count": 5}});
        both(&guard, &other, &delivery).await;
        let new = json!({"kind": "tztc", "personId": person, "office": "terespol", "blank": "TZ0000001"});
        let issued = guard.change(&format!("{case}/documents"), &tag(&guard.get(&case).await), &new).await;
        // 10 days are left in April, 31 in May, 30 in June, so 19 July: a Sunday.
        assert_eq!(done(&issued)["validTo"], "2026-07-19");
        let document = done(&issued)["documentId"].as_str().unwrap().to_owned();
        let stage = done(&guard.get(&case).await)["deadlines"].clone();
        assert!(stage.as_array().unwrap().iter().any(|deadline| deadline["rule"] == "tztc" && deadline["state"] == "met"), "{stage}");
        let extended = guard.change(&format!("/documents/{document}/extension"), "\"1\"", &json!({})).await;
        assert_eq!((done(&extended), tag(&extended).as_str()), (json!({"version": 2, "validTo": "2027-01-19"}), "\"2\""));
        let reader = office.let_in("udsc-0003", &["registry_reader"]).await;
        done(&reader.get(&format!("/documents/{document}")).await);
        refused(&reader.change(&format!("/documents/{document}/extension"), "\"2\"", &json!({})).await, 403, "gateway.role_missing");
        office.end().await;
    }

    async fn the_books_of_a_safe_balance_and_two_count_it(database: TestDatabase) {
        let office = Office::found(database).await;
        let one = office.let_in("udsc-0001", &["registry_officer"]).await;
        let other = office.let_in("udsc-0002", &["registry_approver"]).await;
        let delivery = done(&one.make("/blanks/orders", &order("delivery", (1, 20))).await)["orderId"].as_str().unwrap().to_owned();
        let confirmation = format!("/blanks/orders/{delivery}/confirmation");
        refused(&one.make(&confirmation, &json!({})).await, 403, "registry.four_eyes");
        let waiting = done(&other.get("/blanks/orders?office=warsaw").await);
        assert_eq!((&waiting["orders"][0]["proposedBy"], &waiting["orders"][0]["range"]), (&json!("udsc-0001"), &json!({"first": 1, "count": 20})));
        assert_eq!(other.make(&confirmation, &json!({})).await.status, 204);
        refused(&other.make(&confirmation, &json!({})).await, 409, "registry.not_now");

        assert_eq!(one.make("/blanks/spoilt", &json!({"office": "warsaw", "blank": "RC0000005", "reason": "the printer tore it"})).await.status, 204);
        both(&one, &other, &order("destruction", (5, 1))).await;
        let mut away = order("move", (11, 4));
        away["toOffice"] = json!("biala");
        both(&one, &other, &away).await;

        // By the books 1 to 4, 6 to 10 and 15 to 20 lie in the safe; number 10 does not.
        let found = json!([{"first": 1, "count": 4}, {"first": 6, "count": 4}, {"first": 15, "count": 6}]);
        let counts = async |first: &Value, second: &Value| {
            let new = json!({"office": "warsaw", "kind": CARDS, "series": "RC", "found": first});
            let count = done(&one.make("/blanks/counts", &new).await)["countId"].as_str().unwrap().to_owned();
            // The second is not shown what the first found.
            let waiting = done(&other.get("/blanks/orders?office=warsaw").await);
            assert_eq!((&waiting["orders"][0]["action"], waiting["orders"][0].get("range")), (&json!("count"), None));
            done(&other.make(&format!("/blanks/counts/{count}/confirmation"), &json!({ "found": second })).await)
        };
        let hasty = json!([{"first": 1, "count": 4}, {"first": 6, "count": 5}, {"first": 15, "count": 6}]);
        let differ = counts(&found, &hasty).await;
        assert_eq!((&differ["agreed"], &differ["differ"]), (&json!(false), &json!([{"first": 10, "count": 1}])));
        let agreed = counts(&found, &found).await;
        assert_eq!((&agreed["agreed"], &agreed["missing"]), (&json!(true), &json!([{"first": 10, "count": 1}])));
        let books = done(&one.get(&format!("/blanks/balance?office=warsaw&kind={CARDS}")).await);
        assert_eq!(books["states"], json!({"in_stock": 14, "missing": 1, "destroyed": 1}), "{books}");
        assert_eq!((&books["expectedInStock"], &books["discrepancy"]), (&json!(14), &json!(0)));
        let there = done(&one.get(&format!("/blanks/balance?office=biala&kind={CARDS}")).await);
        assert_eq!(there["states"], json!({"in_stock": 4}));
        office.end().await;
    }
}
