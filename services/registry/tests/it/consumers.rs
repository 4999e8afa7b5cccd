//! Other authorities read persons, each by its profile.

use std::path::Path;

use prost::Message as _;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::consumer_service_client::ConsumerServiceClient;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::read_persons_request::Criterion;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    AskedBy, AskedDocument, Correction, DescribeAccessRequest, FamilyLink, FamilyRelation, Nationality, PersonField,
    ReadPersonsRequest, ReadPersonsResponse, TravelDocument, Vulnerability,
};
use straznica_pki::{DevelopmentCa, Names, PeerRole};
use straznica_registry::{Config, Migrations};
use straznica_store::on_both_engines;
use tonic::Status;

use crate::house::{House, event, name, refusal, refused_to_start, statement};

/// A social insurer of ours, a police of ours that tells Ukraine's, and offices of Ukraine and Germany.
fn agreed(config: &mut Config, folder: &Path) {
    let folder = folder.join("consumers");
    std::fs::create_dir(&folder).unwrap();
    for (state, name, passes_on, fields, limits) in [
        ("POL", "zus", "", "\"main_name\", \"nationalities\"", (100, 1_000)),
        ("POL", "kgp", "\"UKR\"", "\"main_name\", \"procedures\", \"decisions\"", (100, 1_000)),
        ("POL", "ops", "", "\"main_name\", \"vulnerabilities\"", (2, 3)),
        ("UKR", "dmsu", "", "\"main_name\", \"nationalities\"", (100, 1_000)),
        ("DEU", "bamf", "", "\"main_name\", \"nationalities\", \"family\", \"procedures\"", (100, 1_000)),
    ] {
        let (minute, day) = limits;
        let by = if name == "ops" { "\"person_id\"" } else { "\"person_id\", \"case_number\", \"document\"" };
        let text = format!(
            "id = \"{state}.{name}\"\nstate = \"{state}\"\nauthority = \"Authority {name}\"\npasses_on_to = [{passes_on}]\n\
             valid_from = \"2026-01-01\"\nvalid_to = \"2026-06-01\"\nper_minute = {minute}\nper_day = {day}\n\
             [[purpose]]\nid = \"protection_proceedings\"\nlegal_basis = \"Act {name}\"\nfields = [{fields}]\n\
             by = [{by}]\n"
        );
        std::fs::write(folder.join(format!("{name}.toml")), text).unwrap();
    }
    config.consumers = Some(folder);
}

fn context() -> CallContext {
    CallContext {
        officer: "inspector.7".to_owned(),
        purpose: "protection_proceedings".to_owned(),
        case_number: "ZUS-99/2026".to_owned(),
        ..CallContext::default()
    }
}

async fn ask_as(
    house: &House,
    consumer: &str,
    context: CallContext,
    criterion: Criterion,
) -> Result<ReadPersonsResponse, Status> {
    let request = ReadPersonsRequest { context: Some(context), criterion: Some(criterion), presented: Vec::new() };
    Ok(house.consumer(consumer).read_persons(request).await?.into_inner())
}

async fn ask(house: &House, consumer: &str, id: &str) -> Result<ReadPersonsResponse, Status> {
    ask_as(house, consumer, context(), Criterion::PersonId(id.to_owned())).await
}

fn nationality(code: &str) -> Stated {
    Stated::Nationality(Nationality { code: code.to_owned() })
}

/// What a consumer presents to the gateway, as the gateway hands it on.
fn presented(house: &House, role: &PeerRole) -> Vec<Vec<u8>> {
    house.ca.issue(role, &Names::default(), house.ca.usual_validity()).unwrap().presented().unwrap()
}

/// Asked by way of the gateway.
async fn ask_through(
    house: &House,
    presented: Vec<Vec<u8>>,
    criterion: Criterion,
) -> Result<ReadPersonsResponse, Status> {
    let request = ReadPersonsRequest { context: Some(context()), criterion: Some(criterion), presented };
    Ok(ConsumerServiceClient::new(house.channel.clone()).read_persons(request).await?.into_inner())
}

fn passport(number: &str, issuer: &str) -> Stated {
    let mut document = TravelDocument::default();
    "passport".clone_into(&mut document.kind);
    number.clone_into(&mut document.number);
    issuer.clone_into(&mut document.issuer);
    Stated::Document(document)
}

fn by_document(number: &str, issuer: &str) -> Criterion {
    let mut document = AskedDocument::default();
    number.clone_into(&mut document.number);
    issuer.clone_into(&mut document.issuer);
    Criterion::Document(document)
}

async fn somebody_of(house: &House, code: &str) -> String {
    house.register(vec![statement(name("Iwanow", "Іванов")), statement(nationality(code))]).await.unwrap()
}

/// The last entries of the journal: kind, actor and purpose.
async fn last_entries(house: &House, many: usize) -> Vec<String> {
    let sql = "SELECT kind || ' ' || actor || ' ' || purpose FROM journal ORDER BY row_number";
    let all = house.texts(sql).await;
    all[all.len() - many..].to_vec()
}

on_both_engines! {
    Migrations;

    async fn the_gateway_speaks_for_whom_it_was_shown_certificates_of_and_for_nobody_else(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let id = somebody_of(&house, "UKR").await;
        let by_id = || Criterion::PersonId(id.clone());
        let consumer = |name: &str| PeerRole::Consumer(name.to_owned());
        let zus = presented(&house, &consumer("POL.zus"));
        assert_eq!(ask_through(&house, zus.clone(), by_id()).await.unwrap().persons.len(), 1);
        assert_eq!(last_entries(&house, 1).await, ["consumer.answered consumer/POL.zus protection_proceedings"]);
        let through = "SELECT detail FROM journal_payload WHERE detail LIKE '%service/gateway%'";
        assert_eq!(house.texts(through).await.len(), 1);
        // What it says of itself changes nothing: Ukraine learns nothing by this way either.
        let dmsu = presented(&house, &consumer("UKR.dmsu"));
        assert!(ask_through(&house, dmsu, by_id()).await.unwrap().persons.is_empty());

        let other_ca = DevelopmentCa::create("development.straznica", house.clock.shared()).unwrap();
        let forged = other_ca.issue(&consumer("POL.zus"), &Names::default(), other_ca.usual_validity()).unwrap();
        let elsewhere = DevelopmentCa::create("development.elsewhere", house.clock.shared()).unwrap();
        let foreign = elsewhere.issue(&consumer("POL.zus"), &Names::default(), elsewhere.usual_validity()).unwrap();
        for (what, certificates) in [
            ("nothing", Vec::new()),
            ("no certificate", vec![b"consumer/POL.zus".to_vec()]),
            ("its own", presented(&house, &PeerRole::Service("gateway".to_owned()))),
            ("an authority's", presented(&house, &PeerRole::Authority("POL.zus".to_owned()))),
            ("another authority's over it", [zus.clone(), vec![vec![0; 17 * 1024]]].concat()),
            ("a stranger's", forged.presented().unwrap()),
            ("another domain's", foreign.presented().unwrap()),
        ] {
            assert_eq!(refusal(ask_through(&house, certificates, by_id()).await), "registry.no_access", "{what}");
            assert!(last_entries(&house, 1).await[0].starts_with("consumer.refused service/gateway"), "{what}");
        }
        // A consumer speaks for itself.
        let request = ReadPersonsRequest { context: Some(context()), criterion: Some(by_id()), presented: zus };
        let refused = house.consumer("DEU.bamf").read_persons(request).await;
        assert_eq!(refusal(refused), "registry.no_access");
        house.close().await;
    }

    async fn whoever_holds_a_document_asks_whose_it_is_and_gets_exactly_that(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        house.turn("registry_finding_keys").await;
        let known = |number: &str, issuer: &str| {
            vec![statement(name("Iwanow", "")), statement(nationality("UKR")), statement(passport(number, issuer))]
        };
        let id = house.register(known("FE 100200", "UKR")).await.unwrap();
        // Another document, that search would take for the same.
        house.register(known("FE1OO2OO", "UKR")).await.unwrap();
        house.register(known("FE100200", "BLR")).await.unwrap();
        let found = async |consumer: &str, number: &str, issuer: &str| {
            let answer = ask_as(&house, consumer, context(), by_document(number, issuer)).await.unwrap();
            answer.persons.into_iter().map(|person| person.person_id).collect::<Vec<_>>()
        };
        assert_eq!(found("POL.zus", "fe-100200", "UKR").await, [id.as_str()]);
        for (number, issuer) in [("FE100201", "UKR"), ("FE10020", "UKR"), ("FE100200", "RUS")] {
            assert!(found("POL.zus", number, issuer).await.is_empty(), "{number} {issuer}");
        }
        // The state somebody may come from holds the same document in its hands, and gets what it gets for a number nobody has.
        let known = ask_as(&house, "UKR.dmsu", context(), by_document("FE100200", "UKR")).await.unwrap();
        let unknown = ask_as(&house, "UKR.dmsu", context(), by_document("FE999999", "UKR")).await.unwrap();
        assert!(known.persons.is_empty());
        assert_eq!(known.encode_to_vec(), unknown.encode_to_vec());
        let kinds = ["withheld", "nothing_known"].map(|kind| format!("consumer.{kind} consumer/UKR.dmsu protection_proceedings"));
        assert_eq!(last_entries(&house, 2).await, kinds);
        // A number that was corrected is nobody's.
        let person = house.person(&id).await;
        let wrong = person.statements.iter().find(|stated| matches!(stated.fact.as_ref().unwrap().fact, Some(Stated::Document(_))));
        let correction = Correction { statement_id: wrong.unwrap().statement_id.clone(), with: Some(statement(passport("FE100207", "UKR"))) };
        house.change(&id, person.version, vec![Change::Correct(correction)]).await.unwrap();
        assert!(found("POL.zus", "FE100200", "UKR").await.is_empty());
        assert_eq!(found("POL.zus", "FE100207", "UKR").await, [id.as_str()]);
        for (number, issuer) in [("", "UKR"), ("FE100200", "ukr"), ("FE100200", "")] {
            let refused = ask_as(&house, "POL.zus", context(), by_document(number, issuer)).await;
            assert_eq!(refusal(refused), "registry.invalid_request", "{number} {issuer}");
        }
        let refused = ask_as(&house, "POL.ops", context(), by_document("FE100207", "UKR")).await;
        assert_eq!(refusal(refused), "registry.not_for_this_purpose");
        house.close().await;
    }

    async fn an_authority_reads_the_fields_of_its_profile_and_nothing_else(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let id = somebody_of(&house, "UKR").await;
        let at = house.at("2026-05-04T08:00:00Z");
        let answer = ask(&house, "POL.zus", &id).await.unwrap();
        assert_eq!(answer.fields, [PersonField::MainName as i32, PersonField::Nationalities as i32]);
        assert_eq!((answer.persons.len(), answer.answered_at_ms), (1, at.millis()));
        let facts = &answer.persons[0].facts;
        assert_eq!(facts.iter().map(|told| told.field).collect::<Vec<_>>(), answer.fields);
        assert_eq!((facts[1].source.as_str(), facts[1].as_of_ms < at.millis()), ("passport", true));
        assert!(answer.persons[0].procedures.is_empty());
        assert_eq!(last_entries(&house, 1).await, ["consumer.answered consumer/POL.zus protection_proceedings"]);

        let access = house.consumer("POL.zus").describe_access(DescribeAccessRequest::default()).await.unwrap().into_inner();
        assert_eq!((access.state.as_str(), access.per_day, access.purposes.len()), ("POL", 1_000, 1));
        let ways = [AskedBy::PersonId, AskedBy::CaseNumber, AskedBy::Document].map(|way| way as i32);
        assert_eq!(access.purposes[0].asked_by, ways);
        house.close().await;
    }

    async fn a_state_somebody_may_come_from_learns_nothing_and_not_even_that(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let id = somebody_of(&house, "UKR").await;
        let other = if id.ends_with('0') { '1' } else { '0' };
        let nobody = format!("{}{other}", &id[..35]);
        for consumer in ["UKR.dmsu", "POL.kgp"] {
            let known = ask(&house, consumer, &id).await.unwrap();
            let unknown = ask(&house, consumer, &nobody).await.unwrap();
            assert!(known.persons.is_empty());
            assert_eq!(known.encode_to_vec(), unknown.encode_to_vec(), "{consumer}");
            let kinds = [
                format!("consumer.withheld consumer/{consumer} protection_proceedings"),
                format!("consumer.nothing_known consumer/{consumer} protection_proceedings"),
            ];
            assert_eq!(last_entries(&house, 2).await, kinds);
        }
        assert_eq!(ask(&house, "DEU.bamf", &id).await.unwrap().persons.len(), 1);
        // The stateless may come from anywhere.
        let stateless = somebody_of(&house, "XXA").await;
        assert!(ask(&house, "DEU.bamf", &stateless).await.unwrap().persons.is_empty());
        assert_eq!(ask(&house, "POL.zus", &stateless).await.unwrap().persons.len(), 1);
        house.close().await;
    }

    async fn of_a_family_all_are_told_of_or_none(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let (wife, husband) = (somebody_of(&house, "UKR").await, somebody_of(&house, "BLR").await);
        let at = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&wife, &husband], event("application_registered", at)).await.unwrap();
        let of_case = || Criterion::CaseNumber(opened.number.clone());
        let told = ask_as(&house, "DEU.bamf", context(), of_case()).await.unwrap();
        assert_eq!(told.persons.len(), 2);
        assert_eq!(told.persons[0].procedures[0].case_number, opened.number);
        assert!(told.persons[0].procedures[0].decisions.is_empty());
        // Who is in a case with a Ukrainian is not told of to Ukraine either.
        for criterion in [of_case(), Criterion::PersonId(husband.clone())] {
            assert!(ask_as(&house, "UKR.dmsu", context(), criterion).await.unwrap().persons.is_empty());
        }
        // Nor is a relative.
        let link = FamilyLink { person_id: wife.clone(), relation: FamilyRelation::Sibling.into() };
        let facts = [name("Iwanow", ""), nationality("GEO"), Stated::FamilyLink(link)];
        let brother = house.register(facts.map(statement).into()).await.unwrap();
        assert!(ask(&house, "UKR.dmsu", &brother).await.unwrap().persons.is_empty());
        assert_eq!(ask(&house, "DEU.bamf", &brother).await.unwrap().persons.len(), 1);
        house.close().await;
    }

    async fn a_question_outside_the_profile_is_refused_and_journalled(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let id = somebody_of(&house, "UKR").await;
        let with = |change: fn(&mut CallContext)| {
            let mut context = context();
            change(&mut context);
            context
        };
        let by_id = || Criterion::PersonId(id.clone());
        for (consumer, context, criterion, code) in [
            ("POL.krus", context(), by_id(), "registry.no_access"),
            ("DEU.zus", context(), by_id(), "registry.no_access"),
            ("POL.zus", with(|context| context.purpose = "border_intake".to_owned()), by_id(), "registry.not_for_this_purpose"),
            ("POL.zus", with(|context| context.purpose.clear()), by_id(), "registry.invalid_request"),
            ("POL.zus", with(|context| context.case_number.clear()), by_id(), "registry.invalid_request"),
            ("POL.zus", with(|context| context.officer.clear()), by_id(), "registry.invalid_request"),
            ("POL.zus", context(), Criterion::PersonId("somebody".to_owned()), "registry.invalid_request"),
        ] {
            assert_eq!(refusal(ask_as(&house, consumer, context, criterion).await), code, "{consumer}");
            let last = &last_entries(&house, 1).await[0];
            assert!(last.starts_with(&format!("consumer.refused consumer/{consumer}")), "{last}");
        }
        house.at("2026-05-31T22:30:00Z");
        assert_eq!(refusal(ask(&house, "POL.zus", &id).await), "registry.no_access");
        house.close().await;
    }

    async fn nobody_else_comes_by_the_consumers_door(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let id = somebody_of(&house, "UKR").await;
        let criterion = Some(Criterion::PersonId(id));
        let request = ReadPersonsRequest { context: Some(context()), criterion, presented: Vec::new() };
        for role in [
            PeerRole::Service("identity".to_owned()),
            PeerRole::Operator("POL.zus".to_owned()),
            PeerRole::Authority("POL.zus".to_owned()),
        ] {
            let channel = house.channel_of(&role);
            let mut client = ConsumerServiceClient::new(channel);
            let refused = client.read_persons(request.clone()).await.unwrap_err();
            assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{role}");
        }
        house.close().await;
    }

    async fn who_asks_too_often_is_told_when_to_come_back(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let id = house.somebody().await;
        house.at("2026-05-04T08:00:10Z");
        let wait = async || {
            let refused = ask(&house, "POL.ops", &id).await.unwrap_err();
            assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
            straznica_error::detail_of(&refused).unwrap().retry_after_ms.unwrap()
        };
        for _ in 0..2 {
            ask(&house, "POL.ops", &id).await.unwrap();
        }
        assert_eq!(wait().await, 50_000);
        house.at("2026-05-04T08:01:00Z");
        ask(&house, "POL.ops", &id).await.unwrap();
        // Until midnight in Warsaw, which is two hours ahead.
        house.at("2026-05-04T21:00:00Z");
        assert_eq!(wait().await, 3_600_000);
        house.at("2026-05-04T22:00:00Z");
        ask(&house, "POL.ops", &id).await.unwrap();
        // Others are counted apart.
        ask(&house, "POL.zus", &id).await.unwrap();
        house.close().await;
    }

    async fn vulnerabilities_leave_for_purposes_of_the_node_that_see_them(database: TestDatabase) {
        let house = House::open_with(database, agreed).await;
        let vulnerable = Stated::Vulnerability(Vulnerability { kind: "tortured".to_owned(), note: String::new() });
        let id = house.register(vec![statement(name("Iwanow", "")), statement(vulnerable)]).await.unwrap();
        let told = ask(&house, "POL.ops", &id).await.unwrap();
        assert!(told.persons[0].facts.iter().any(|told| told.field == PersonField::Vulnerabilities as i32));
        let told = ask(&house, "POL.zus", &id).await.unwrap();
        assert_eq!(told.persons[0].facts.len(), 1);
        house.close().await;
    }
}

#[tokio::test]
async fn a_node_with_a_wrong_profile_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zus.toml"), "id = \"POL.zus\"\n").unwrap();
    let why = refused_to_start(|config| config.consumers = Some(folder.path().to_owned())).await.unwrap();
    assert!(why.contains("zus.toml") && why.contains("missing field"), "{why}");
}
