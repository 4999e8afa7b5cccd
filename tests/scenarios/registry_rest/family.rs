//! A family at the border: registered, brought into one case, its deadlines followed with the reason for each, and decided.

use serde_json::{Value, json};
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Office, done, main_name, refused, tag};

fn deadline<'a>(case: &'a Value, rule: &str) -> &'a Value {
    let mut deadlines = case["deadlines"].as_array().unwrap().iter();
    deadlines.find(|deadline| deadline["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {case}"))
}

on_both_engines! {
    NoMigrations;

    async fn a_family_is_registered_its_case_opened_and_its_deadlines_say_why(database: TestDatabase) {
        let office = Office::found(database).await;
        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let mother = guard.registers(&[main_name("Іванова", "Ivanova"), json!({"nationality": {"code": "RUS"}})]).await;
        let child = guard
            .registers(&[
                main_name("Іванов", "Ivanov"),
                json!({"birth": {"date": "2019-03", "place": "Mariupol"}}),
                json!({"familyLink": {"personId": mother, "relation": "parent"}}),
                json!({"vulnerability": {"kind": "minor"}}),
            ])
            .await;

        // Wednesday 29 April 2026: working days are Thursday 30; Friday is 1 May; then Monday 4 and Tuesday 5 May.
        office.pass(9 * 86_400);
        let (case, number) = guard.opens(&[&mother, &child], "intention_declared", "2026-04-29T08:00:00Z").await;
        assert_eq!(number, "protection/2026/000001");
        let guard = guard.on(&number);
        let shown = done(&guard.get(&case).await);
        assert_eq!((&shown["stage"], &shown["ruleSet"]), (&json!("declared"), &json!("protection-2015")));
        assert_eq!(shown["personIds"], json!([mother, child]));
        let registration = deadline(&shown, "registration");
        assert_eq!((&registration["lastDay"], &registration["state"]), (&json!("2026-05-05"), &json!("running")));
        assert_eq!(registration["owedBy"], "border_guard");
        assert!(registration["basis"]["article"].as_str().unwrap().starts_with("art. 28"), "{registration}");
        assert!(registration["says"]["pl"].as_str().unwrap().contains("3 dni"), "{registration}");
        let counted = &registration["why"][0];
        assert_eq!((&counted["kind"], &counted["event"], &counted["number"]), (&json!("counted"), &json!("intention_declared"), &json!(1)));
        assert_eq!((&counted["day"], &counted["reaches"]), (&json!("2026-04-29"), &json!("2026-05-05")));

        office.pass(3_600);
        let stage = guard.records(&case, &json!({"event": "application_registered", "at": "2026-04-29T09:00:00Z"})).await;
        assert_eq!(stage, "registered");
        let forwarding = deadline(&done(&guard.get(&case).await), "forwarding").clone();
        assert_eq!((&forwarding["dueAt"], forwarding.get("lastDay")), (&json!("2026-05-01T09:00:00.000Z"), None));
        // As it stood the moment before, the application was not there.
        let then = done(&guard.get(&format!("{case}?at=2026-04-29T08:59:59Z")).await);
        assert_eq!((&then["stage"], then["deadlines"].as_array().unwrap().len()), (&json!("declared"), 1));
        office.end().await;
    }

    async fn what_was_known_before_a_correction_can_be_asked_for_ever(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let person = officer.registers(&[main_name("", "Ivanov"), json!({"nationality": {"code": "RUS"}})]).await;
        let address = format!("/persons/{person}");
        office.pass(3_600);
        let seen = officer.get(&address).await;
        let wrong = done(&seen)["statements"][1]["statementId"].clone();
        let with = json!({"fact": {"nationality": {"code": "UKR"}}, "source": "passport", "reason": "shown later"});
        let correction = json!({"changes": [{"correct": {"statementId": wrong, "with": with}}]});
        let changed = officer.change(&format!("{address}/changes"), &tag(&seen), &correction).await;
        assert_eq!((done(&changed), tag(&changed).as_str()), (json!({"version": 2}), "\"2\""));

        let code = |person: &Value| person["statements"][1]["fact"]["nationality"]["code"].clone();
        assert_eq!(code(&done(&officer.get(&address).await)), "UKR");
        let then = done(&officer.get(&format!("{address}?knownAt=2026-04-20T08:30:00Z")).await);
        assert_eq!((code(&then), &then["version"]), (json!("RUS"), &json!(2)));
        let history = done(&officer.get(&format!("{address}/history")).await);
        let statements = history["statements"].as_array().unwrap();
        assert_eq!((statements.len(), &statements[1]["replacedBy"]), (3, &statements[2]["statementId"]));
        assert_eq!(statements[2]["replaces"], wrong);

        // An answer that was lost is given again, and the change is not made twice.
        let seen = tag(&officer.get(&address).await);
        let more = json!({"changes": [{"add": {"fact": {"sex": "male"}, "source": "passport", "reason": "shown later"}}]});
        let headers = [("if-match", seen.as_str()), ("idempotency-key", "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")];
        for _ in 0..2 {
            let answer = officer.send(&format!("{address}/changes"), &headers, &more).await;
            assert_eq!((done(&answer), tag(&answer).as_str()), (json!({"version": 3}), "\"3\""));
        }
        let stale = officer.change(&format!("{address}/changes"), &seen, &more).await;
        refused(&stale, 412, "registry.stale");
        office.end().await;
    }

    async fn a_case_is_taken_from_the_worklist_and_decided_by_two_officers(database: TestDatabase) {
        let office = Office::found(database).await;
        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let person = guard.registers(&[main_name("", "Ivanov")]).await;
        let (first, number) = guard.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
        office.pass(3_600);
        let (second, _) = guard.opens(&[&person], "application_registered", "2026-04-20T09:00:00Z").await;

        let officer = office.let_in("udsc-0001", &["registry_officer", "registry_approver"]).await.on(&number);
        let list = done(&officer.get("/worklist?caseType=protection").await);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.iter().map(|item| item["number"].as_str().unwrap()).collect::<Vec<_>>(), ["protection/2026/000001", "protection/2026/000002"]);
        assert_eq!((&items[0]["next"]["rule"], &items[0]["late"]), (&json!("forwarding"), &json!(false)));
        let seen = tag(&officer.get(&second).await);
        let taking = format!("{second}/taking");
        refused(&officer.change(&taking, &seen, &json!({})).await, 409, "registry.out_of_order");
        let taken = officer.change(&taking, &seen, &json!({"reason": "the applicant is in hospital"})).await;
        assert_eq!(done(&taken), json!({"version": 2, "outOfOrder": true}));

        for event in ["application_forwarded", "merits_opened"] {
            officer.records(&first, &json!({"event": event, "at": "2026-04-20T09:00:00Z"})).await;
        }
        let seen = tag(&officer.get(&first).await);
        let drafted = officer.change(&format!("{first}/decisions"), &seen, &json!({"decision": "refugee_status"})).await;
        let decision = done(&drafted)["decisionId"].as_str().unwrap().to_owned();
        let approval = format!("{first}/decisions/{decision}/approval");
        let issue = format!("{first}/decisions/{decision}/issue");
        let text = json!({
            "operative": ["Nadaje się status uchodźcy."],
            "grounds": [{"act": "ustawa z dnia 13 czerwca 2003 r.", "article": "art. 13 ust. 1", "text": "Obawa jest uzasadniona."}],
        });
        let written = officer.change(&format!("{first}/decisions/{decision}/text"), &tag(&drafted), &text).await;
        done(&written);
        refused(&officer.change(&issue, &tag(&written), &json!({})).await, 409, "registry.not_now");
        // Whoever drafted it does not approve it, though their roles would let them.
        refused(&officer.change(&approval, &tag(&written), &json!({})).await, 403, "registry.four_eyes");
        let other = office.let_in("udsc-0002", &["registry_approver"]).await.on(&number);
        let approved = other.change(&approval, &tag(&written), &json!({})).await;
        done(&approved);
        let issued = done(&officer.change(&issue, &tag(&approved), &json!({})).await);
        assert_eq!(issued["stage"], "decided");
        let whole = done(&other.get(&format!("{first}/decisions/{decision}")).await);
        assert_eq!((&whole["text"]["operative"], &whole["textVersion"]), (&text["operative"], &json!(1)));
        assert!(whole["instruction"].as_array().unwrap().iter().any(|remedy| remedy["rule"] == "appeal"), "{whole}");
        let shown = done(&officer.get(&first).await);
        let decided = &shown["decisions"][0];
        assert_eq!((&decided["state"], &decided["draftedBy"], &decided["approvedBy"]), (&json!("issued"), &json!("udsc-0001"), &json!("udsc-0002")));
        office.end().await;
    }
}
