//! Who somebody is: found in another script, taken for two and merged by two officers, split again; and who looked.

use serde_json::{Value, json};
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Desk, Office, done, main_name, refused, tag};

fn called(given: &str, surname: &str, original: (&str, &str)) -> Value {
    json!({"name": {
        "kind": "main", "latinGiven": given, "latinSurname": surname, "originalGiven": original.0, "originalSurname": original.1,
    }})
}

fn born(date: &str) -> Value {
    json!({"birth": {"date": date}})
}

fn asked(name: &str, date: &str) -> Value {
    json!({"question": {"person": {"name": name, "birthDate": date}}})
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["personId"].as_str().unwrap()).collect()
}

/// What the register knows of somebody, without whose it is read as.
async fn nationalities(desk: &Desk, person: &str) -> Vec<String> {
    let shown = done(&desk.get(&format!("/persons/{person}")).await);
    let stated = shown["statements"].as_array().unwrap().iter();
    stated.filter_map(|one| one["fact"]["nationality"]["code"].as_str().map(ToOwned::to_owned)).collect()
}

async fn version(desk: &Desk, person: &str) -> u64 {
    done(&desk.get(&format!("/persons/{person}")).await)["version"].as_u64().unwrap()
}

on_both_engines! {
    NoMigrations;

    async fn somebody_is_found_by_a_name_heard_in_another_script_and_the_hit_says_why(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let stated = [called("Oleksandr", "Shevchenko", ("Олександр", "Шевченко")), born("1990-05-07"), json!({"nationality": {"code": "UKR"}}), json!({"sex": "male"})];
        let person = officer.registers(&stated).await;
        officer.registers(&[main_name("", "Kowalski"), born("1970-03-04")]).await;
        office.pass(3_600);

        let reader = office.let_in("udsc-0002", &["registry_reader"]).await;
        let found = done(&reader.make("/search", &asked("Szewczenko Aleksander", "1990-07-05")).await);
        assert_eq!(ids(&found["persons"]), [person.as_str()], "{found}");
        let hit = &found["persons"][0];
        assert!(hit["score"].as_f64().unwrap() > 0.5 && hit["history"] == false, "{hit}");
        assert_eq!(hit["name"]["originalSurname"], "Шевченко");
        let said: Vec<_> = hit["why"].as_array().unwrap().iter().map(|why| (why["field"].as_str().unwrap(), why["said"].as_str().unwrap())).collect();
        assert!(said.contains(&("date of birth", "1990-05-07: near")), "{said:?}");
        assert!(hit["known"].as_array().unwrap().contains(&json!({"sex": "male"})), "{hit}");
        // By the number of the register as well, and nobody by a name nobody has.
        let found = done(&reader.make("/search", &json!({"question": {"number": person}})).await);
        assert_eq!((ids(&found["persons"]), &found["persons"][0]["score"]), (vec![person.as_str()], &json!(1.0)));
        let nobody = done(&reader.make("/search", &asked("Brzęczyszczykiewicz", "")).await);
        assert_eq!(nobody["persons"], json!([]));
        // Before the person was registered there was nobody to be found.
        let mut then = asked("Szewczenko", "1990-05-07");
        then["knownAt"] = json!("2026-04-20T07:00:00Z");
        assert_eq!(done(&reader.make("/search", &then).await)["persons"], json!([]));
        refused(&reader.make("/search", &asked(" ", "")).await, 400, "registry.invalid_request");
        refused(&reader.make("/search", &asked("Szewczenko", "5 May")).await, 400, "registry.invalid_request");

        // Whom the search showed is on record, and so is that the reader asked.
        let entries = done(&officer.get(&format!("/persons/{person}/accesses?limit=2")).await);
        let newest = &entries["entries"][0];
        assert_eq!((&newest["kind"], &newest["officer"]), (&json!("person.found"), &json!("udsc-0002")), "{entries}");
        office.end().await;
    }

    async fn two_registrations_that_are_one_are_merged_by_two_officers_and_split_again(database: TestDatabase) {
        let office = Office::found(database).await;
        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let passport = json!({"document": {"kind": "passport", "number": "FA012345", "issuer": "UKR"}});
        let first = guard.registers(&[called("Oleksandr", "Shevchenko", ("Олександр", "Шевченко")), born("1990-05-07"), passport, json!({"nationality": {"code": "UKR"}})]).await;
        office.pass(3_600);
        // At another post, by what was said there. Whoever registers is told at once.
        let stated: Vec<_> = [called("Aleksander", "Szewczenko", ("", "")), born("1990-05-07"), json!({"nationality": {"code": "RUS"}})]
            .iter()
            .map(|fact| json!({"fact": fact, "source": "own word", "reason": "application for protection"}))
            .collect();
        let registered = done(&guard.make("/persons", &json!({ "statements": stated })).await);
        assert_eq!(ids(&registered["likelyDuplicates"]), [first.as_str()], "{registered}");
        assert!(registered["likelyDuplicates"][0]["score"].as_f64().unwrap() > 0.5);
        let second = registered["personId"].as_str().unwrap().to_owned();
        let (case, number) = guard.opens(&[&second], "application_registered", "2026-04-20T09:00:00Z").await;

        let officer = office.let_in("udsc-0001", &["registry_officer", "registry_approver"]).await.on(&number);
        let listed = done(&officer.get("/duplicates").await);
        let pair = &listed["duplicates"][0];
        let mut both = [pair["personId"].as_str().unwrap(), pair["other"]["personId"].as_str().unwrap()];
        both.sort_unstable();
        assert_eq!(both, [first.as_str().min(&second), first.as_str().max(&second)]);
        assert!(!pair["other"]["why"].as_array().unwrap().is_empty(), "{pair}");

        office.pass(60);
        let (seen, seen_other) = (version(&officer, &first).await, version(&officer, &second).await);
        let new = |version: u64| json!({
            "personId": first, "version": version, "mergedPersonId": second, "mergedVersion": seen_other, "reason": "one face, one passport",
        });
        refused(&guard.make("/merges", &new(seen)).await, 403, "gateway.role_missing");
        refused(&officer.make("/merges", &new(seen + 1)).await, 412, "registry.stale");
        let proposed = officer.make("/merges", &new(seen)).await;
        assert_eq!(proposed.status, 201);
        let merge = done(&proposed)["mergeId"].as_str().unwrap().to_owned();
        refused(&officer.make("/merges", &new(seen)).await, 409, "registry.not_now");
        // It is not open any more, and waits.
        assert_eq!(done(&officer.get("/duplicates").await)["duplicates"], json!([]));
        let approver = office.let_in("udsc-0002", &["registry_approver"]).await.on(&number);
        let waiting = done(&approver.get("/merges").await);
        assert_eq!((&waiting["merges"][0]["mergeId"], &waiting["merges"][0]["steps"][0]["reason"]), (&json!(merge), &json!("one face, one passport")));
        let confirmation = format!("/merges/{merge}/confirmation");
        let both = json!({"version": seen, "mergedVersion": seen_other});
        // Whoever proposed it does not confirm it, though their roles would let them.
        refused(&officer.make(&confirmation, &both).await, 403, "registry.four_eyes");
        let confirmed = approver.make(&confirmation, &both).await;
        assert_eq!(tag(&confirmed), format!("\"{}\"", done(&confirmed)["version"]));

        // One person under both ids, with the case and everything stated of either, and found once.
        office.pass(60);
        let shown = done(&officer.get(&format!("/persons/{second}")).await);
        assert_eq!((&shown["personId"], &shown["mergedPersonIds"]), (&json!(first), &json!([second])));
        assert_eq!((nationalities(&officer, &first).await, nationalities(&officer, &second).await), (vec!["UKR".to_owned(), "RUS".to_owned()], vec!["UKR".to_owned(), "RUS".to_owned()]));
        let cases = done(&officer.get(&format!("/persons/{first}/cases")).await);
        assert_eq!((&cases["cases"][0]["number"], &cases["cases"][0]["personId"]), (&json!(number), &json!(second)));
        let found = done(&officer.make("/search", &asked("Szewczenko Aleksander", "1990-05-07")).await);
        assert_eq!(ids(&found["persons"]), [first.as_str()]);
        assert!(done(&officer.get(&case).await)["personIds"].as_array().unwrap().contains(&json!(second)));

        // A brother, it turns out: two again, each with what was stated of them.
        let split = officer.make(&format!("/merges/{merge}/split"), &json!({"reason": "two birth certificates"})).await;
        assert_eq!(split.status, 204);
        let version = version(&approver, &first).await;
        let both = json!({"version": version, "mergedVersion": version});
        done(&approver.make(&confirmation, &both).await);
        assert_eq!((nationalities(&officer, &first).await, nationalities(&officer, &second).await), (vec!["UKR".to_owned()], vec!["RUS".to_owned()]));
        let steps = done(&officer.get(&format!("/persons/{second}/merges")).await)["merges"][0]["steps"].clone();
        let steps: Vec<_> = steps.as_array().unwrap().iter().map(|step| (step["step"].as_str().unwrap().to_owned(), step["officer"].as_str().unwrap().to_owned())).collect();
        let expected = [("proposed", "udsc-0001"), ("confirmed", "udsc-0002"), ("split_proposed", "udsc-0001"), ("split_confirmed", "udsc-0002")];
        assert_eq!(steps, expected.map(|(step, officer)| (step.to_owned(), officer.to_owned())));
        // What the register said while they were one can be asked for ever.
        let then = done(&officer.get(&format!("/persons/{second}?knownAt=2026-04-20T09:01:30Z")).await);
        assert_eq!(then["personId"], json!(first), "{then}");
        office.end().await;
    }

    async fn a_pair_of_two_is_dismissed_and_a_proposal_taken_back(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let twins = ["Olena", "Oksana", "Olha"];
        let mut persons = Vec::new();
        for given in twins {
            persons.push(officer.registers(&[called(given, "Shevchenko", ("", "")), born("1990-05-07"), json!({"document": {"kind": "birth_certificate", "number": "I-AB 17", "issuer": "UKR"}})]).await);
            office.pass(60);
        }
        let pairs = done(&officer.get("/duplicates").await);
        let pairs = pairs["duplicates"].as_array().unwrap();
        assert_eq!(pairs.len(), 3, "one certificate tells of all three");
        let dismissed = json!({"personId": persons[0], "otherPersonId": persons[1], "reason": "sisters: both were here"});
        assert_eq!(officer.make("/duplicates/dismissals", &dismissed).await.status, 204);
        refused(&officer.make("/duplicates/dismissals", &dismissed).await, 404, "registry.not_found");
        assert_eq!(done(&officer.get("/duplicates").await)["duplicates"].as_array().unwrap().len(), 2);
        let new = json!({"personId": persons[0], "version": 1, "mergedPersonId": persons[2], "mergedVersion": 1, "reason": "one certificate"});
        let merge = done(&officer.make("/merges", &new).await)["mergeId"].as_str().unwrap().to_owned();
        let rejection = format!("/merges/{merge}/rejection");
        assert_eq!(officer.make(&rejection, &json!({"reason": "a copy of the sister's"})).await.status, 204);
        refused(&officer.make(&rejection, &json!({"reason": "again"})).await, 409, "registry.not_now");
        assert_eq!(done(&officer.get("/merges").await)["merges"], json!([]));
        office.end().await;
    }

    async fn who_looked_at_a_person_and_a_case_is_told_and_that_reading_with_it(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let person = officer.registers(&[main_name("", "Ivanov")]).await;
        let (case, number) = officer.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
        let curious = office.let_in("udsc-0007", &["registry_reader"]).await.on("protection/2025/000001");
        for _ in 0..3 {
            office.pass(60);
            done(&curious.get(&format!("/persons/{person}")).await);
        }
        done(&curious.get(&case).await);
        refused(&curious.get(&format!("/persons/{person}/accesses")).await, 403, "gateway.role_missing");

        // The superior asks who has been there, and for what.
        let superior = office.let_in("udsc-0002", &["registry_approver"]).await.on(&number);
        office.pass(60);
        let told = done(&superior.get(&format!("/persons/{person}/accesses")).await);
        let entries = told["entries"].as_array().unwrap();
        let who: Vec<_> = entries.iter().map(|entry| (entry["kind"].as_str().unwrap(), entry["officer"].as_str().unwrap(), entry["case"].as_str().unwrap())).collect();
        let read = ("person.read", "udsc-0007", "protection/2025/000001");
        assert_eq!(who, [read, read, read, ("person.registered", "udsc-0001", "NO-SG.420.1.2026")]);
        assert!(entries.iter().all(|entry| entry["purpose"] == "protection_proceedings" && entry["actor"] == "service/gateway"), "{told}");
        assert_eq!(told.get("before"), None);
        let told = done(&superior.get(&format!("{case}/accesses?limit=1")).await);
        assert_eq!((&told["entries"][0]["kind"], &told["entries"][0]["officer"]), (&json!("case.read"), &json!("udsc-0007")));
        let again = done(&superior.get(&format!("/persons/{person}/accesses?limit=1")).await);
        assert_eq!((&again["entries"][0]["kind"], &again["entries"][0]["officer"]), (&json!("person.history_listed"), &json!("udsc-0002")));
        office.end().await;
    }
}
