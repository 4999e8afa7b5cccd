//! The scene `protection-case`: somebody asks for protection at the border; the case runs to a decision, with a consultation in between, and every term says
//! why it is what it is.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::alert_service_client::AlertServiceClient;
use straznica_contracts::registry::v1::{AlertResult, CheckPersonRequest};
use straznica_gateway::LOCAL_ISSUER;
use straznica_identity::CentralAdministratorConfig;
use straznica_pki::{DevelopmentError, Names, PeerRole};
use straznica_types::OfficerId;

use super::lane::{accepted, refusal};
use super::stage::{Shown, Stage};
use super::{DemoError, expect};
use crate::arguments::{Demo, ServiceName};
use crate::person::{Account, Holder, Person};
use crate::rest::Answer;
use crate::suite::{Suite, SuiteError, SuiteOptions};

const SCENE: &str = "protection-case";
const ABOUT: &str = "somebody asks for protection at the border";

/// Two central administrators: service identifiers and accounts.
const CENTRAL: [(&str, &str); 2] = [("CA-03", "c.third"), ("CA-04", "c.fourth")];
const OFFICE: &str = "udsc";
const OFFICE_NAME: &str = "Urząd Próbny do Spraw Cudzoziemców";
/// The border guard's officer who takes the application, the office's officer who works on the case, and the one who approves.
const GUARD: (&str, &[&str]) = ("sg-0001", &["registry_intake"]);
const OFFICER: (&str, &[&str]) = ("udsc-0001", &["registry_officer", "registry_approver"]);
const APPROVER: (&str, &[&str]) = ("udsc-0002", &["registry_approver"]);
/// What the register is looked at for, and the number intake works under before the case has its own.
const PURPOSE: &str = "protection_proceedings";
const INTAKE_NUMBER: &str = "NO-SG.420.1.2026";
/// Whose opinions are asked.
const BODIES: [&str; 2] = ["abw", "sg"];

/// Tells the node, before it starts, who administers.
///
/// # Errors
/// None that could happen: the names are constants.
pub(super) fn prepare(options: &mut SuiteOptions) -> Result<(), DemoError> {
    for (officer, account) in CENTRAL {
        let officer = OfficerId::parse(officer)
            .map_err(|error| DemoError::Expectation(format!("the administrator {officer}: {error}")))?;
        options.config.identity.verifiers.central_administrators.push(CentralAdministratorConfig {
            officer,
            issuer: LOCAL_ISSUER.to_owned(),
            subject: account.to_owned(),
            certificate_thumbprint: String::new(),
        });
    }
    Ok(())
}

/// Plays the scene on a node of its own.
///
/// # Errors
/// The first step that does not hold.
pub(super) async fn play_alone(demo: &Demo, mut options: SuiteOptions) -> Result<(), DemoError> {
    let mut stage = Stage::open(demo.json, SCENE, ABOUT)?;
    prepare(&mut options)?;
    let alerts = super::border_check::announce_alerts(&mut options).await?;
    let suite = stage
        .step("raise-suite", "every service in one process, mutual TLS between them", async {
            let suite = Box::pin(Suite::start(options)).await?;
            let seen = format!("for people at https://{}", suite.people());
            Ok(Shown::new(suite, seen))
        })
        .await?;
    let alerts = alerts.serve(&suite)?;
    let outcome = Box::pin(acts(&mut stage, &suite)).await;
    if outcome.is_ok() {
        stage.close()?;
        if demo.keep {
            super::border_check::keep(&suite, &stage).await?;
        }
    }
    alerts.stop().await.map_err(|error| DemoError::Expectation(format!("the source of alerts: {error}")))?;
    suite.stop().await?;
    outcome
}

/// Plays the scene on a node that was told of it.
///
/// # Errors
/// The first step that does not hold.
pub(super) async fn play(demo: &Demo, suite: &Suite) -> Result<(), DemoError> {
    let mut stage = Stage::open(demo.json, SCENE, ABOUT)?;
    Box::pin(acts(&mut stage, suite)).await?;
    stage.close()
}

async fn acts(stage: &mut Stage, suite: &Suite) -> Result<(), DemoError> {
    let [mut guard, mut officer, mut approver] = stage
        .step(
            "admit-people",
            "two administrators admit the office; who works with the register is let in by role",
            async {
                let people = Box::pin(admit(suite)).await?;
                let roles = |(name, roles): (&str, &[&str])| format!("{name} {}", roles.join(" and "));
                Ok(Shown::new(people, [GUARD, OFFICER, APPROVER].map(roles).join(", ")))
            },
        )
        .await?;
    let person = stage
        .step(
            "register-person",
            "names as they are written, in both scripts; nothing stated is ever overwritten",
            async {
                let person = guard.registers().await?;
                let seen = accepted(&guard.get(&format!("/persons/{person}")).await?)?;
                let name = &seen["statements"][0]["fact"]["name"];
                expect(name["originalSurname"] == "Ткаченко", || format!("registered as {name}"))?;
                Ok(Shown::new(
                    person,
                    "Олена Ткаченко, in Latin Olena Tkachenko; nationality, birth and passport as shown",
                ))
            },
        )
        .await?;
    let case = stage
        .step("ask-for-protection", "the wish is on record the minute it is said, and the law's clock runs", async {
            let (case, number) = guard.opens(suite, &person).await?;
            let shown = accepted(&guard.get(&case).await?)?;
            guard.case.clone_from(&number);
            officer.case.clone_from(&number);
            approver.case.clone_from(&number);
            Ok(Shown::new(case, format!("{number}; {}", due(&shown, "registration")?)))
        })
        .await?;
    stage
        .step(
            "take-the-application",
            "each event moves the case as its rules let it, and says what is due next",
            async {
                for event in ["application_registered", "application_lodged", "merits_opened"] {
                    officer.records(suite, &case, event, None).await?;
                }
                let shown = accepted(&officer.get(&case).await?)?;
                expect(shown["stage"] == "merits", || format!("the case is at {}", shown["stage"]))?;
                Ok(Shown::new((), due(&shown, "merits")?))
            },
        )
        .await?;
    let consultation = stage
        .step(
            "consult",
            "others are asked for their opinions; until they answer, or the law answers for them, the case waits",
            async {
                let opened = officer.consults(&case, &person).await?;
                let list = accepted(&officer.get("/worklist?caseType=protection").await?)?;
                let item = rows(&list, "items").iter().find(|item| item["number"] == officer.case.as_str());
                let blocked = item.is_some_and(|item| !rows(item, "blockedBy").is_empty());
                expect(blocked, || format!("the worklist says {list}"))?;
                let seen =
                    format!("{}, asked {}; the worklist shows what the case waits for", opened.1, BODIES.join(" and "));
                Ok(Shown::new(opened.0, seen))
            },
        )
        .await?;
    let decision = stage
        .step(
            "decide",
            "who drafts a decision does not approve it, and the law keeps it from being issued too early",
            async {
                let drafted = accepted(&officer.decides(&case, "refugee_status").await?)?;
                let decision = format!("{case}/decisions/{}", word(&drafted, "decisionId"));
                accepted(&officer.changes(&case, &format!("{decision}/text"), &text()).await?)?;
                let alone = refused(&officer.changes(&case, &format!("{decision}/approval"), &json!({})).await?)?;
                accepted(&approver.changes(&case, &format!("{decision}/approval"), &json!({})).await?)?;
                let early = refused(&officer.changes(&case, &format!("{decision}/issue"), &json!({})).await?)?;
                Ok(Shown::new(
                    decision,
                    format!("by one officer alone: {alone}; before the opinions are there: {early}"),
                ))
            },
        )
        .await?;
    stage
        .step(
            "give-opinions",
            "each body answers by its own certificate: its own question, and the least that tells people apart",
            async {
                for body in BODIES {
                    gives_opinion(suite, body, &consultation).await?;
                }
                let shown = accepted(&officer.get(&consultation).await?)?;
                expect(shown["outcome"] == "nothing_against", || format!("the consultation is {}", shown["outcome"]))?;
                Ok(Shown::new((), "nothing is known against it; grounds are never told, only their class"))
            },
        )
        .await?;
    stage
        .step(
            "check-alerts",
            "what grants a stay waits until everybody in the case was checked against alerts",
            async {
                let early = refused(&officer.changes(&case, &format!("{decision}/issue"), &json!({})).await?)?;
                let result = officer.checks_alerts(suite, &case, &person).await?;
                expect(result == AlertResult::NoHit, || format!("the check came to {result:?}"))?;
                Ok(Shown::new((), format!("before: {early}; checked: no hit")))
            },
        )
        .await?;
    stage
        .step("issue-and-serve", "the day it reaches the person begins the term of appeal", async {
            accepted(&officer.changes(&case, &format!("{decision}/issue"), &json!({})).await?)?;
            let service = json!({
                "manner": "in_hand", "at": suite.clock().now().to_string(), "recipientPersonId": person,
                "servedBy": OFFICER.0,
            });
            accepted(&officer.changes(&case, &format!("{decision}/service"), &service).await?)?;
            let shown = accepted(&officer.get(&case).await?)?;
            expect(shown["stage"] == "served", || format!("the case is at {}", shown["stage"]))?;
            Ok(Shown::new((), due(&shown, "appeal")?))
        })
        .await?;
    stage
        .step(
            "verify-journals",
            "who looked at the person and why is in the journals, cosigned by another service",
            async {
                super::border_check::cosigned(suite).await?;
                Ok(Shown::new((), super::border_check::journals(suite).await?))
            },
        )
        .await
}

/// The office is entered and approved, and its people are let in and logged in.
async fn admit(suite: &Suite) -> Result<[Desk; 3], DemoError> {
    let operator = suite.operator_rest("OP-07")?;
    let log_in = async |account: &str| -> Result<Person, DemoError> {
        let account = Account::make(&operator, account, Holder::Official).await?;
        Ok(Person::log_in(suite.people_rest()?, &account, suite.clock().now()).await?)
    };
    let [first, second] = [log_in(CENTRAL[0].1).await?, log_in(CENTRAL[1].1).await?];
    let application = json!({
        "id": OFFICE,
        "name": OFFICE_NAME,
        "kind": "office",
        "legalBasis": "Ustawa z dnia 13 czerwca 2003 r., art. 3",
        "contact": "ul. Próbna 1, 00-001 Próbne",
        "kinds": ["identity_card"],
        "purposes": ["office_matter"],
        "administrator": "udsc-admin",
        "administratorLogins": { "issuer": LOCAL_ISSUER, "subject": "udsc-admin" },
    });
    accepted(&first.post("/v1/institutions", &application).await?)?;
    let decision = json!({ "approve": true, "reason": "Complete and competent." });
    accepted(&second.post(&format!("/v1/institutions/{OFFICE}/decision"), &decision).await?)?;
    let mut desks = Vec::new();
    for (officer, roles) in [GUARD, OFFICER, APPROVER] {
        for role in roles {
            let grant = json!({
                "officer": officer, "role": role, "logins": { "issuer": LOCAL_ISSUER, "subject": officer },
                "reason": "Works with the register.",
            });
            accepted(&second.post(&format!("/v1/institutions/{OFFICE}/officials"), &grant).await?)?;
        }
        desks.push(Desk { person: log_in(officer).await?, name: officer, case: INTAKE_NUMBER.to_owned() });
    }
    desks.try_into().map_err(|_| DemoError::Expectation("three people".to_owned()))
}

/// Somebody at work on a case.
struct Desk {
    person: Person,
    name: &'static str,
    /// The number worked under.
    case: String,
}

impl Desk {
    async fn get(&self, path: &str) -> Result<Answer, DemoError> {
        let headers = [("x-purpose", PURPOSE), ("x-case", self.case.as_str())];
        Ok(self.person.get_with(&format!("/v1/registry{path}"), &headers).await?)
    }

    async fn send(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Answer, DemoError> {
        let own = [("x-purpose", PURPOSE), ("x-case", self.case.as_str())];
        let headers = [&own[..], headers].concat();
        Ok(self.person.post_with(&format!("/v1/registry{path}"), &headers, body).await?)
    }

    /// Changes something of a case as it is now.
    async fn changes(&self, case: &str, path: &str, body: &Value) -> Result<Answer, DemoError> {
        let seen = self.get(case).await?;
        let version = seen.headers.get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        self.send(path, &[("if-match", version)], body).await
    }

    /// Registers the person, by what she says and shows.
    async fn registers(&self) -> Result<String, DemoError> {
        let facts = [
            json!({ "name": {
                "kind": "main", "originalSurname": "Ткаченко", "originalGiven": "Олена",
                "latinSurname": "Tkachenko", "latinGiven": "Olena",
            } }),
            json!({ "birth": { "date": "1991-08-24", "place": "Kharkiv" } }),
            json!({ "sex": "female" }),
            json!({ "nationality": { "code": "UKR" } }),
            json!({ "document": { "kind": "passport", "number": "FX000017", "issuer": "UKR" } }),
        ];
        let stated =
            |fact: Value| json!({ "fact": fact, "source": "passport", "reason": "application for protection" });
        let body = json!({ "statements": facts.map(stated) });
        Ok(word(&accepted(&self.send("/persons", &[], &body).await?)?, "personId"))
    }

    /// Opens the case; its address and number.
    async fn opens(&self, suite: &Suite, person: &str) -> Result<(String, String), DemoError> {
        let event = json!({ "event": "intention_declared", "at": suite.clock().now().to_string() });
        let new = json!({ "caseType": "protection", "personIds": [person], "event": event });
        let opened = accepted(&self.send("/cases", &[], &new).await?)?;
        Ok((format!("/cases/{}", word(&opened, "caseId")), word(&opened, "number")))
    }

    async fn records(&self, suite: &Suite, case: &str, event: &str, decision: Option<&str>) -> Result<(), DemoError> {
        let mut event = json!({ "event": event, "at": suite.clock().now().to_string() });
        if let Some(decision) = decision {
            event["decision"] = decision.into();
        }
        accepted(&self.changes(case, &format!("{case}/events"), &json!({ "event": event })).await?)?;
        Ok(())
    }

    async fn decides(&self, case: &str, decision: &str) -> Result<Answer, DemoError> {
        self.changes(case, &format!("{case}/decisions"), &json!({ "decision": decision })).await
    }

    /// Asks for opinions; the consultation's address and its number.
    async fn consults(&self, case: &str, person: &str) -> Result<(String, String), DemoError> {
        let new = json!({
            "flow": "protection_opinion", "caseId": case.trim_start_matches("/cases/"), "personId": person,
            "asked": BODIES,
        });
        let opened = accepted(&self.send("/consultations", &[], &new).await?)?;
        Ok((format!("/consultations/{}", word(&opened, "consultationId")), word(&opened, "number")))
    }

    /// Has the person checked for the case.
    async fn checks_alerts(&self, suite: &Suite, case: &str, person: &str) -> Result<AlertResult, DemoError> {
        let mut client = AlertServiceClient::new(suite.operator_channel(ServiceName::Registry, self.name)?);
        let context = Some(CallContext {
            officer: self.name.to_owned(),
            purpose: PURPOSE.to_owned(),
            case_number: self.case.clone(),
            ..CallContext::default()
        });
        let case_id = case.trim_start_matches("/cases/").to_owned();
        let request = CheckPersonRequest { context, person_id: person.to_owned(), case_id };
        Ok(client.check_person(request).await?.into_inner().check.unwrap_or_default().result())
    }
}

/// A body reads its questions at its own system, and replies to the one about this person.
async fn gives_opinion(suite: &Suite, body: &str, consultation: &str) -> Result<(), DemoError> {
    let authority = suite.authority()?;
    let certificate = authority
        .issue(&PeerRole::Consulted(body.to_owned()), &Names::default(), authority.usual_validity())
        .map_err(|error: DevelopmentError| SuiteError::from(error))?;
    let system = suite.rest(&certificate)?;
    let officer = format!("{body}-17");
    let officer = [("x-officer", officer.as_str())];
    let list = accepted(&system.send(Method::GET, "/v1/consultations", &officer, Bytes::new()).await?)?;
    let id = consultation.trim_start_matches("/consultations/");
    let question = rows(&list, "questions").iter().find(|question| question["consultationId"] == id);
    let surname = question.map(|question| word(&question["subject"], "surname")).unwrap_or_default();
    expect(surname == "Tkachenko", || format!("{body} is asked about {surname:?}"))?;
    let reply = json!({ "reply": "no_objection", "reference": format!("{}-1/2026", body.to_uppercase()) });
    let headers = [officer[0], ("content-type", "application/json")];
    let path = format!("/v1{consultation}/reply");
    let replied = accepted(&system.send(Method::POST, &path, &headers, reply.to_string().into()).await?)?;
    expect(replied["late"] == false, || format!("{body} was told {replied}"))
}

/// What is decided, and why.
fn text() -> Value {
    json!({
        "operative": ["Nadaje się status uchodźcy."],
        "grounds": [{
            "act": "ustawa z dnia 13 czerwca 2003 r. (Dz.U. 2023 poz. 1504)",
            "article": "art. 13 ust. 1",
            "text": "Obawa przed prześladowaniem jest uzasadniona.",
        }],
        "translation": {
            "language": "uk",
            "operative": ["Надається статус біженця."],
            "instruction": "Рішення можна оскаржити протягом 14 днів.",
        },
    })
}

/// When something is due, and by what law, in a line.
fn due(case: &Value, rule: &str) -> Result<String, DemoError> {
    let deadline = rows(case, "deadlines").iter().find(|deadline| deadline["rule"] == rule);
    let deadline = deadline.ok_or_else(|| DemoError::Expectation(format!("no {rule} in {case}")))?;
    let expected = deadline["why"].as_array().is_some_and(|steps| !steps.is_empty());
    expect(expected, || format!("{rule} does not say why: {deadline}"))?;
    let last = deadline["lastDay"].as_str().or_else(|| deadline["dueAt"].as_str()).unwrap_or_default();
    let basis = &deadline["basis"];
    Ok(format!("{rule} by {last}: {}, {}", word(basis, "article"), word(basis, "journal")))
}

/// A refusal in one line; anything else ends the scene.
fn refused(answer: &Answer) -> Result<String, DemoError> {
    expect(answer.status.is_client_error(), || format!("this was let happen: {}", answer.status))?;
    Ok(refusal(answer.status, &answer.json()))
}

fn word(of: &Value, member: &str) -> String {
    of[member].as_str().unwrap_or_default().to_owned()
}

fn rows<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().map_or(&[], Vec::as_slice)
}
