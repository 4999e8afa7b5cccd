//! Two persons who are one: proposed, merged by two, split again, and nothing lost on the way.

use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::merge_service_client::MergeServiceClient;
use straznica_contracts::registry::v1::person_question::Question;
use straznica_contracts::registry::v1::search_service_client::SearchServiceClient;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    ConfirmProposalRequest, Correction, DismissDuplicateRequest, FamilyLink, FamilyRelation, GetPersonResponse,
    ListDuplicatesRequest, ListMergesRequest, ListPersonCasesRequest, MergeStep, Nationality, PersonQuestion,
    ProposeMergeRequest, ProposeSplitRequest, RegisterPersonRequest, RejectProposalRequest, SearchPersonsRequest,
};
use straznica_registry::Migrations;
use straznica_runtime::channel::Channel;
use straznica_store::on_both_engines;
use tonic::Status;

use crate::house::{House, context, event, refusal, statement};
use crate::search::{born, named, passport};

fn merges(house: &House) -> MergeServiceClient<Channel> {
    MergeServiceClient::new(house.channel.clone())
}

/// Two writings of one person, and somebody else.
async fn two_who_are_one(house: &House) -> (String, String) {
    let first =
        vec![named("Oleksandr", "Shevchenko", "Олександр", "Шевченко"), born("1990-05-07"), passport("FA012345")];
    let first = house.register(first).await.unwrap();
    house.clock.advance(Duration::from_secs(1));
    house.register(vec![named("Jan", "Kowalski", "", ""), born("1970-03-04")]).await.unwrap();
    (first, house.register(vec![named("Aleksander", "Szewczenko", "", ""), born("1990-05-07")]).await.unwrap())
}

pub(crate) async fn propose(house: &House, one: &str, other: &str) -> Result<String, Status> {
    let request = ProposeMergeRequest {
        context: Some(context("first")),
        person_id: one.to_owned(),
        merged_person_id: other.to_owned(),
        expected_version: house.person(one).await.version,
        expected_merged_version: house.person(other).await.version,
        reason: "one face, two passports".to_owned(),
    };
    Ok(merges(house).propose_merge(request).await?.into_inner().merge_id)
}

pub(crate) async fn confirm(house: &House, officer: &str, merge: &str, versions: (u64, u64)) -> Result<u64, Status> {
    let request = ConfirmProposalRequest {
        context: Some(context(officer)),
        merge_id: merge.to_owned(),
        expected_version: versions.0,
        expected_merged_version: versions.1,
    };
    Ok(merges(house).confirm_proposal(request).await?.into_inner().version)
}

pub(crate) async fn split(house: &House, officer: &str, merge: &str) -> Result<(), Status> {
    let reason = "two birth certificates".to_owned();
    let request = ProposeSplitRequest { context: Some(context(officer)), merge_id: merge.to_owned(), reason };
    merges(house).propose_split(request).await.map(drop)
}

/// What is known of a person, version and merge aside.
fn facts(person: &GetPersonResponse) -> Vec<(String, String, String)> {
    let told = |person: &straznica_contracts::registry::v1::Statement| {
        (
            person.statement_id.clone(),
            person.person_id.clone(),
            prost::Message::encode_to_vec(person).iter().map(|byte| format!("{byte:02x}")).collect(),
        )
    };
    person.statements.iter().map(told).collect()
}

async fn nationality(house: &House, id: &str, code: &str) -> Result<u64, Status> {
    let version = house.person(id).await.version;
    let stated = statement(Stated::Nationality(Nationality { code: code.to_owned() }));
    house.change(id, version, vec![Change::Add(stated)]).await
}

on_both_engines! {
    Migrations;

    async fn a_duplicate_is_proposed_at_registration_and_nothing_is_merged_by_itself(database: TestDatabase) {
        let house = House::open(database).await;
        let (first, _) = two_who_are_one(&house).await;
        let again = RegisterPersonRequest {
            context: Some(context("first")),
            statements: vec![named("", "", "Александр", "Шевченко"), born("1990-05-07")],
        };
        let registered = house.persons.clone().register_person(again).await.unwrap().into_inner();
        let likely: Vec<&str> = registered.likely_duplicates.iter().map(|likely| likely.person_id.as_str()).collect();
        assert!(likely.len() == 2 && likely.contains(&first.as_str()), "{:?}", registered.likely_duplicates);
        assert!(registered.likely_duplicates.iter().all(|likely| likely.score > 0.5));
        let list = || async {
            let request = ListDuplicatesRequest { context: Some(context("second")), limit: 0 };
            merges(&house).list_duplicates(request).await.unwrap().into_inner().duplicates
        };
        let pairs = list().await;
        assert_eq!(pairs.len(), 3);
        assert!(pairs.iter().all(|pair| !pair.other.as_ref().unwrap().why.is_empty()));
        assert_eq!(house.person(&first).await.merged_person_ids, Vec::<String>::new());
        let dismiss = |one: &str, other: &str| {
            let request = DismissDuplicateRequest {
                context: Some(context("second")),
                person_id: one.to_owned(),
                other_person_id: other.to_owned(),
                reason: "twins".to_owned(),
            };
            let mut client = merges(&house);
            async move { client.dismiss_duplicate(request).await }
        };
        dismiss(&first, &registered.person_id).await.unwrap();
        assert_eq!(list().await.len(), 2);
        assert_eq!(refusal(dismiss(&registered.person_id, &first).await), "registry.not_found");
        propose(&house, &first, &pairs.iter().find_map(|pair| {
            let other = pair.other.as_ref().unwrap().person_id.clone();
            let both = [pair.person_id.clone(), other];
            (both.contains(&first) && !both.contains(&registered.person_id)).then(|| both.into_iter().find(|id| *id != first).unwrap())
        }).unwrap()).await.unwrap();
        assert_eq!(list().await.len(), 1);
        house.close().await;
    }

    async fn one_passport_is_a_likely_duplicate_whatever_the_name(database: TestDatabase) {
        let house = House::open(database).await;
        let (first, _) = two_who_are_one(&house).await;
        let other = RegisterPersonRequest {
            context: Some(context("first")),
            statements: vec![named("Anna", "Zielińska", "", ""), passport("FA 012345")],
        };
        let likely = house.persons.clone().register_person(other).await.unwrap().into_inner().likely_duplicates;
        assert_eq!(likely.iter().map(|likely| likely.person_id.as_str()).collect::<Vec<_>>(), [first.as_str()]);
        house.close().await;
    }

    async fn merged_by_two_a_person_answers_under_both_ids_and_a_split_gives_both_back(database: TestDatabase) {
        let house = House::open(database).await;
        let (one, other) = two_who_are_one(&house).await;
        let case = house.open_case("protection", &[&other], event("application_registered", house.at("2026-04-21T08:00:00Z"))).await.unwrap();
        let before = [facts(&house.person(&one).await), facts(&house.person(&other).await)];
        house.at("2026-05-04T08:00:00Z");
        let apart = house.at("2026-05-05T07:59:59Z");
        house.at("2026-05-05T08:00:00Z");
        let merge = propose(&house, &one, &other).await.unwrap();
        assert_eq!(refusal(propose(&house, &other, &one).await), "registry.not_now");
        assert_eq!(refusal(confirm(&house, "first", &merge, (1, 1)).await), "registry.four_eyes");
        assert_eq!(refusal(confirm(&house, "second", &merge, (1, 2)).await), "registry.stale");
        assert_eq!(facts(&house.person(&one).await), before[0]);
        let version = confirm(&house, "second", &merge, (1, 1)).await.unwrap();
        assert_eq!(refusal(confirm(&house, "third", &merge, (version, version)).await), "registry.not_now");

        for id in [&one, &other] {
            let merged = house.person(id).await;
            assert_eq!((merged.person_id.as_str(), merged.version), (one.as_str(), version));
            assert_eq!(merged.merged_person_ids, [other.as_str()]);
            assert_eq!(facts(&merged), [before[0].clone(), before[1].clone()].concat());
            let then = house.person_as(context("first"), id, Some(apart), "").await.unwrap();
            assert_eq!((then.person_id.as_str(), then.merged_person_ids.len()), (id.as_str(), 0));
            let request = ListPersonCasesRequest { context: Some(context("first")), person_id: id.clone() };
            let cases = house.persons.clone().list_person_cases(request).await.unwrap().into_inner().cases;
            assert!(cases.len() == 1 && cases[0].case_id == case.case_id && cases[0].person_id == other);
        }
        let opened = house.open_case("protection", &[&one, &other], event("application_registered", house.at("2026-05-05T09:00:00Z"))).await;
        assert_eq!(refusal(opened), "registry.invalid_request");

        house.at("2026-05-06T08:00:00Z");
        split(&house, "second", &merge).await.unwrap();
        assert_eq!(refusal(confirm(&house, "second", &merge, (version, version)).await), "registry.four_eyes");
        let next = confirm(&house, "first", &merge, (version, version)).await.unwrap();
        let after = [house.person(&one).await, house.person(&other).await];
        assert_eq!(after.each_ref().map(facts), before);
        assert!(after.iter().all(|person| person.version == next && next > version && person.merged_person_ids.is_empty()));
        let then = house.person_as(context("first"), &other, Some("2026-05-05T12:00:00Z".parse().unwrap()), "").await.unwrap();
        assert_eq!(then.person_id, one);

        let request = ListMergesRequest { context: Some(context("first")), person_id: other.clone(), limit: 0 };
        let listed = merges(&house).list_merges(request).await.unwrap().into_inner().merges;
        let steps: Vec<MergeStep> = listed[0].steps.iter().map(|taken| taken.step()).collect();
        assert_eq!(steps, [MergeStep::Proposed, MergeStep::Confirmed, MergeStep::SplitProposed, MergeStep::SplitConfirmed]);
        assert_eq!((listed[0].steps[0].officer.as_str(), listed[0].steps[1].officer.as_str()), ("first", "second"));
        let kinds = house.journal_kinds().await;
        for kind in ["merge.proposed", "merge.confirmed", "split.proposed", "split.confirmed"] {
            assert_eq!(kinds.iter().filter(|written| *written == kind).count(), 2, "{kind}");
        }
        let told = house.texts("SELECT type_name FROM event WHERE type_name LIKE '%Persons%' ORDER BY at").await;
        assert_eq!(told, ["straznica.registry.events.v1.PersonsMerged", "straznica.registry.events.v1.PersonsSplit"]);
        house.close().await;
    }

    async fn what_is_stated_while_they_are_one_stays_with_whom_it_was_stated_of(database: TestDatabase) {
        let house = House::open(database).await;
        let (one, other) = two_who_are_one(&house).await;
        let merge = propose(&house, &one, &other).await.unwrap();
        confirm(&house, "second", &merge, (1, 1)).await.unwrap();
        nationality(&house, &one, "UKR").await.unwrap();
        nationality(&house, &other, "BLR").await.unwrap();
        let merged = house.person(&one).await;
        // A date that was stated of the other is corrected under the first's id.
        let wrong = merged.statements.iter().find(|stated| stated.person_id == other && matches!(stated.fact.as_ref().unwrap().fact, Some(Stated::Birth(_)))).unwrap();
        let change = Change::Correct(Correction { statement_id: wrong.statement_id.clone(), with: Some(born("1991-05-07")) });
        house.change(&one, merged.version, vec![change]).await.unwrap();
        let stale = house.change(&other, merged.version, vec![Change::Add(born("1992"))]).await;
        assert_eq!(refusal(stale), "registry.stale");
        split(&house, "first", &merge).await.unwrap();
        let version = house.person(&one).await.version;
        confirm(&house, "second", &merge, (version, version)).await.unwrap();
        let stated = |person: GetPersonResponse| -> Vec<String> {
            let facts = person.statements.iter().filter_map(|statement| statement.fact.as_ref()?.fact.clone());
            facts.filter_map(|fact| match &fact {
                Stated::Nationality(nationality) => Some(nationality.code.clone()),
                Stated::Birth(birth) => Some(birth.date.clone()),
                _ => None,
            }).collect()
        };
        assert_eq!(stated(house.person(&one).await), ["1990-05-07", "UKR"]);
        assert_eq!(stated(house.person(&other).await), ["BLR", "1991-05-07"]);
        house.close().await;
    }

    async fn of_a_change_and_a_merge_at_once_nothing_is_lost(database: TestDatabase) {
        let house = House::open(database).await;
        let (one, other) = two_who_are_one(&house).await;
        let merge = propose(&house, &one, &other).await.unwrap();
        let stated = statement(Stated::Nationality(Nationality { code: "UKR".to_owned() }));
        let (changed, merged) = tokio::join!(
            house.change(&other, 1, vec![Change::Add(stated)]),
            confirm(&house, "second", &merge, (1, 1)),
        );
        // One was first; the other was told to look again.
        assert_eq!(usize::from(changed.is_ok()) + usize::from(merged.is_ok()), 1);
        let told = changed.err().or(merged.err()).unwrap();
        assert_eq!(refusal::<()>(Err(told)), "registry.stale");
        house.close().await;
    }

    async fn family_is_not_merged_and_a_rejected_proposal_merges_nobody(database: TestDatabase) {
        let house = House::open(database).await;
        let (one, other) = two_who_are_one(&house).await;
        let merge = propose(&house, &one, &other).await.unwrap();
        let reject = |officer: &str, reason: &str| {
            let (merge_id, reason) = (merge.clone(), reason.to_owned());
            let request = RejectProposalRequest { context: Some(context(officer)), merge_id, reason };
            let mut client = merges(&house);
            async move { client.reject_proposal(request).await }
        };
        assert_eq!(refusal(reject("second", " ").await), "registry.invalid_request");
        reject("first", "brothers").await.unwrap();
        assert_eq!(refusal(confirm(&house, "second", &merge, (1, 1)).await), "registry.not_now");
        assert_eq!(house.person(&one).await.merged_person_ids, Vec::<String>::new());
        let brother = FamilyLink { person_id: other.clone(), relation: FamilyRelation::Sibling.into() };
        house.change(&one, 1, vec![Change::Add(statement(Stated::FamilyLink(brother)))]).await.unwrap();
        assert_eq!(refusal(propose(&house, &other, &one).await), "registry.not_now");
        assert_eq!(refusal(propose(&house, &one, &one).await), "registry.invalid_request");
        house.close().await;
    }

    async fn who_is_merged_is_found_once_by_everything_stated_of_either(database: TestDatabase) {
        let house = House::open(database).await;
        let (one, other) = two_who_are_one(&house).await;
        let merge = propose(&house, &one, &other).await.unwrap();
        confirm(&house, "second", &merge, (1, 1)).await.unwrap();
        for question in [Question::Number("FA012345".to_owned()), Question::Number(other.clone())] {
            let request = SearchPersonsRequest {
                context: Some(CallContext { ..context("first") }),
                question: Some(PersonQuestion { question: Some(question) }),
                ..SearchPersonsRequest::default()
            };
            let found = SearchServiceClient::new(house.channel.clone()).search_persons(request).await.unwrap();
            let ids: Vec<String> = found.into_inner().persons.into_iter().map(|person| person.person_id).collect();
            assert_eq!(ids, [one.as_str()]);
        }
        house.close().await;
    }
}
