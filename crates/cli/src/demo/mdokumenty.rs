//! The scene `mdokumenty`: somebody proves who they are without a document, by a code and by a tap on the phone, and reads who asked.

use std::time::Duration;

use serde_json::{Value, json};
use straznica_gateway::LOCAL_ISSUER;
use straznica_identity::CentralAdministratorConfig;
use straznica_identity::domain::verification::DocumentKind;
use straznica_simulators::phone_operator::{PhoneAnswer, PhoneOperator};
use straznica_simulators::registers::{MadeUp, RegisterSimulator, made_up_people};
use straznica_types::OfficerId;

use super::lane::{self, accepted};
use super::stage::{Shown, Stage};
use super::{DemoError, expect};
use crate::arguments::Demo;
use crate::person::{Account, Holder, Person};
use crate::registers::{self, Announced, Served};
use crate::suite::{Suite, SuiteOptions};

const SCENE: &str = "mdokumenty";
const ABOUT: &str = "somebody proves who they are without a document";

/// Two central administrators: service identifiers and accounts.
const CENTRAL: [(&str, &str); 2] = [("CA-01", "c.first"), ("CA-02", "c.second")];
const OFFICE: &str = "um-zmyslone";
const OFFICE_NAME: &str = "Urząd Gminy Zmyślone";
const LOCAL: (&str, &str) = ("um-adm-01", "l.administrator");
const OFFICIAL: (&str, &str) = ("um-0001", "o.official");
/// The first citizen has a phone that can be asked, the second one has text messages only.
const PHONES: [&str; 2] = ["+48501234567", "+48602345678"];
const ACCOUNTS: [&str; 2] = ["citizen-1", "citizen-2"];

/// How long a message, a prompt or an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// What has to be there before the node starts: the register, the operator that asks phones, and who administers.
pub(super) struct Cast {
    people: [MadeUp; 2],
    register: Announced,
    phones: PhoneOperator,
}

impl Cast {
    /// Tells the node of it.
    ///
    /// # Errors
    /// When there is no free port.
    pub(super) async fn prepare(options: &mut SuiteOptions) -> Result<Self, DemoError> {
        let everybody = made_up_people(options.clock.now().date())
            .map_err(|error| DemoError::Expectation(format!("the made-up people: {error}")))?;
        let register = RegisterSimulator::srp(everybody.clone(), options.clock.clone());
        let register = registers::announce(register, &[DocumentKind::IdentityCard], &mut options.config).await?;
        let mut everybody = everybody.into_iter();
        let (Some(first), Some(second)) = (everybody.next(), everybody.next()) else {
            return Err(DemoError::Expectation("the register has two people".to_owned()));
        };
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
        let phones = PhoneOperator::new();
        phones.connect(PHONES[0]);
        options.phones = Some(phones.clone());
        Ok(Self { people: [first, second], register, phones })
    }
}

/// Plays the scene on a node of its own.
///
/// # Errors
/// The first step that does not hold.
pub(super) async fn play_alone(demo: &Demo, mut options: SuiteOptions) -> Result<(), DemoError> {
    let mut stage = Stage::open(demo.json, SCENE, ABOUT)?;
    let cast = Cast::prepare(&mut options).await?;
    let suite = stage
        .step("raise-suite", "gateway, identity and dispatch in one process, mutual TLS between them", async {
            let suite = Box::pin(Suite::start(options)).await?;
            let seen = format!("for people at https://{}", suite.people());
            Ok(Shown::new(suite, seen))
        })
        .await?;
    let outcome = Box::pin(scene(&mut stage, &suite, cast)).await;
    if outcome.is_ok() {
        stage.close()?;
        if demo.keep {
            super::border_check::keep(&suite, &stage).await?;
        }
    }
    suite.stop().await?;
    outcome
}

/// Plays the scene on a node that was told of it.
///
/// # Errors
/// The first step that does not hold.
pub(super) async fn play(demo: &Demo, suite: &Suite, cast: Cast) -> Result<(), DemoError> {
    let mut stage = Stage::open(demo.json, SCENE, ABOUT)?;
    Box::pin(scene(&mut stage, suite, cast)).await?;
    stage.close()
}

async fn scene(stage: &mut Stage, suite: &Suite, cast: Cast) -> Result<(), DemoError> {
    let Cast { people, register, phones } = cast;
    let register = register.serve(suite)?;
    let outcome = Box::pin(acts(stage, suite, &people, &register, &phones)).await;
    register.stop().await.map_err(|error| DemoError::Expectation(format!("the register: {error}")))?;
    outcome
}

async fn acts(
    stage: &mut Stage,
    suite: &Suite,
    people: &[MadeUp; 2],
    register: &Served,
    phones: &PhoneOperator,
) -> Result<(), DemoError> {
    let office = stage
        .step("admit-office", "one administrator enters the office, another approves it: nobody lets in alone", async {
            let office = Box::pin(admit_office(suite)).await?;
            Ok(Shown::new(office, format!("{OFFICE_NAME}: identity cards, since now; {} may ask", OFFICIAL.0)))
        })
        .await?;
    let citizens = stage
        .step("join", "two citizens log in, prove their phones by a code and let one document out", async {
            let citizens = Box::pin(join(suite, people)).await?;
            Ok(Shown::new(citizens, "identity card activated; PESEL and phone are kept encrypted only"))
        })
        .await?;
    let desk = Desk { office };

    let id = stage
        .step(
            "ask-by-text",
            "the official types a PESEL; the citizen reads who asks, and the official reads the same",
            async {
                let (id, text) = desk.open(people[1].pesel.expose()).await?;
                let message = message_to(suite, PHONES[1], 2).await?;
                expect(message.contains(OFFICE_NAME_ASCII), || format!("the citizen reads {message:?}"))?;
                Ok(Shown::new(id, format!("{text:?}")))
            },
        )
        .await?;
    stage
        .step(
            "refuse-guess",
            "a wrong code is counted before it is compared; nothing is shown without the citizen",
            async {
                let code = code_of(&message_to(suite, PHONES[1], 2).await?);
                let guess = if code == "000000" { "000001" } else { "000000" };
                let answer = desk.confirm(&id, guess).await?;
                expect(answer.status.is_client_error(), || format!("a wrong code got {}", answer.status))?;
                let early = desk.show(&id).await?;
                expect(early.status.is_client_error(), || format!("a document before the yes: {}", early.status))?;
                expect(register.simulator.asked().is_empty(), || "the register was asked".to_owned())?;
                Ok(Shown::new((), lane::refusal(answer.status, &answer.json())))
            },
        )
        .await?;
    stage
        .step("show-once", "the code the citizen read out opens the register's answer, live, once", async {
            let code = code_of(&message_to(suite, PHONES[1], 2).await?);
            accepted(&desk.confirm(&id, &code).await?)?;
            let seen = desk.shown(&id, &people[1]).await?;
            let again = desk.show(&id).await?;
            expect(again.status.is_client_error(), || format!("shown a second time: {}", again.status))?;
            Ok(Shown::new((), seen))
        })
        .await?;
    stage
        .step("ask-by-phone", "Mobile Connect: the citizen's own phone asks, and one tap is the answer", async {
            let (id, _) = desk.open(people[0].pesel.expose()).await?;
            let number = prompt_on(phones, PHONES[0]).await?;
            expect(phones.answer(number, PhoneAnswer::Approve), || "the phone took no answer".to_owned())?;
            desk.becomes(&id, "approved").await?;
            let seen = desk.shown(&id, &people[0]).await?;
            expect(suite.messages().messages_to(PHONES[0]).len() == 1, || "a text went out as well".to_owned())?;
            Ok(Shown::new((), seen))
        })
        .await?;
    stage
        .step("refuse-by-phone", "a no is a no: nothing is shown, and the attempt is on record", async {
            let (id, _) = desk.open(people[0].pesel.expose()).await?;
            let number = prompt_on(phones, PHONES[0]).await?;
            expect(phones.answer(number, PhoneAnswer::Refuse), || "the phone took no answer".to_owned())?;
            desk.becomes(&id, "refused").await?;
            let late = desk.show(&id).await?;
            expect(late.status.is_client_error(), || format!("shown after a no: {}", late.status))?;
            Ok(Shown::new((), lane::refusal(late.status, &late.json())))
        })
        .await?;
    stage
        .step("read-who-asked", "the citizen sees every access, successful or not: who, when, why", async {
            let accesses = accepted(&citizens[0].get("/v1/citizen/accesses").await?)?;
            let stages: Vec<&str> = rows(&accesses).iter().filter_map(|one| one["stage"].as_str()).collect();
            expect(stages == ["refused", "shown"], || format!("the citizen reads {accesses}"))?;
            let last = &rows(&accesses)[1];
            let word = |member: &str| last[member].as_str().unwrap_or_default().to_owned();
            Ok(Shown::new((), format!("{}, {}, case {}", word("institution"), word("officer"), word("case"))))
        })
        .await?;
    stage
        .step(
            "verify-journals",
            "every login, grant, question and answer is in the journals, cosigned by another service",
            async {
                super::border_check::cosigned(suite).await?;
                Ok(Shown::new((), super::border_check::journals(suite).await?))
            },
        )
        .await
}

/// The name as a text message of the default alphabet spells it.
const OFFICE_NAME_ASCII: &str = "Urzad Gminy Zmyslone";

/// An office is entered, approved and has its official, who is logged in.
async fn admit_office(suite: &Suite) -> Result<Person, DemoError> {
    let operator = suite.operator_rest("OP-07")?;
    let now = suite.clock().now();
    let mut central = Vec::new();
    for (_, account) in CENTRAL {
        central.push(log_in(suite, &Account::make(&operator, account, Holder::Official).await?).await?);
    }
    let [local, official] = [LOCAL, OFFICIAL];
    let local_account = Account::make(&operator, local.1, Holder::Official).await?;
    let official_account = Account::make(&operator, official.1, Holder::Official).await?;
    let application = json!({
        "id": OFFICE,
        "name": OFFICE_NAME,
        "kind": "office",
        "legalBasis": "Ustawa o ewidencji ludności, art. 46",
        "contact": "ul. Próbna 1, 00-000 Zmyślone",
        "kinds": ["identity_card"],
        "purposes": ["office_matter"],
        "administrator": local.0,
        "administratorLogins": { "issuer": LOCAL_ISSUER, "subject": local.1 },
    });
    accepted(&central[0].post("/v1/institutions", &application).await?)?;
    let decision = json!({ "approve": true, "reason": "Complete and competent." });
    let path = format!("/v1/institutions/{OFFICE}/decision");
    let alone = central[0].post(&path, &decision).await?;
    expect(alone.status.is_client_error(), || format!("one administrator alone got {}", alone.status))?;
    accepted(&central[1].post(&path, &decision).await?)?;
    let stage = json!({ "kind": "identity_card", "from": now.to_string() });
    accepted(&central[0].post("/v1/stages", &stage).await?)?;

    let administrator = log_in(suite, &local_account).await?;
    let grant = json!({
        "officer": official.0,
        "role": "official",
        "logins": { "issuer": LOCAL_ISSUER, "subject": official.1 },
        "reason": "Works at the counter.",
    });
    accepted(&administrator.post(&format!("/v1/institutions/{OFFICE}/officials"), &grant).await?)?;
    log_in(suite, &official_account).await
}

/// Both citizens log in, prove their phones and let their identity cards out.
async fn join(suite: &Suite, people: &[MadeUp; 2]) -> Result<[Person; 2], DemoError> {
    let operator = suite.operator_rest("OP-07")?;
    let mut joined = Vec::new();
    for ((person, phone), account) in people.iter().zip(PHONES).zip(ACCOUNTS) {
        let holder =
            Holder::Citizen { pesel: person.pesel.expose(), given_names: person.given_names, surname: person.surname };
        let citizen = log_in(suite, &Account::make(&operator, account, holder).await?).await?;
        let sent = accepted(&citizen.post("/v1/citizen/phone", &json!({ "phone": phone })).await?)?;
        let code = code_of(&message_to(suite, phone, 1).await?);
        let proof = json!({ "proofId": sent["proofId"], "code": code });
        accepted(&citizen.post("/v1/citizen/phone/confirmation", &proof).await?)?;
        accepted(&citizen.post("/v1/citizen/activations", &json!({ "kinds": ["identity_card"] })).await?)?;
        joined.push(citizen);
    }
    joined.try_into().map_err(|_| DemoError::Expectation("two citizens".to_owned()))
}

async fn log_in(suite: &Suite, account: &Account) -> Result<Person, DemoError> {
    Ok(Person::log_in(suite.people_rest()?, account, suite.clock().now()).await?)
}

/// The official's desk.
struct Desk {
    office: Person,
}

impl Desk {
    /// Asks somebody; the verification, and what the citizen reads.
    async fn open(&self, pesel: &str) -> Result<(String, String), DemoError> {
        let asked =
            json!({ "pesel": pesel, "kind": "identity_card", "purpose": "office_matter", "case": "OR.5345.1.2026" });
        let opened = accepted(&self.office.post("/v1/verifications", &asked).await?)?;
        let word = |member: &str| opened["verification"][member].as_str().unwrap_or_default().to_owned();
        Ok((word("id"), word("bindingText")))
    }

    async fn confirm(&self, id: &str, code: &str) -> Result<crate::rest::Answer, DemoError> {
        Ok(self.office.post(&format!("/v1/verifications/{id}/code"), &json!({ "code": code })).await?)
    }

    async fn show(&self, id: &str) -> Result<crate::rest::Answer, DemoError> {
        Ok(self.office.post(&format!("/v1/verifications/{id}/document"), &json!({})).await?)
    }

    /// The document is shown, and is this person's.
    async fn shown(&self, id: &str, person: &MadeUp) -> Result<String, DemoError> {
        let shown = accepted(&self.show(id).await?)?;
        let holder = &shown["documents"][0]["holder"];
        let right = shown["outcome"] == "found" && holder["surname"] == person.surname;
        expect(right, || format!("the register answered {}", shown["outcome"]))?;
        let state = shown["documents"][0]["state"].as_str().unwrap_or_default();
        let register = shown["register"].as_str().unwrap_or_default();
        Ok(format!("{} {}, identity card {state}, as the register {register} says", person.given_names, person.surname))
    }

    /// Looks at the verification, as the official's screen does, until it is at this stage.
    async fn becomes(&self, id: &str, stage: &str) -> Result<(), DemoError> {
        let looks = async {
            loop {
                let now = accepted(&self.office.get(&format!("/v1/verifications/{id}")).await?)?;
                if now["stage"] == stage {
                    return Ok(());
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let late = |_| DemoError::Expectation(format!("not {stage} within {PATIENCE:?}"));
        tokio::time::timeout(PATIENCE, looks).await.map_err(late)?
    }
}

/// The text of the message that is the `count`th to this phone.
async fn message_to(suite: &Suite, phone: &str, count: usize) -> Result<String, DemoError> {
    let looks = async {
        loop {
            if let Some(message) = suite.messages().messages_to(phone).into_iter().nth(count - 1) {
                return message.text;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let late = |_| DemoError::Expectation(format!("message {count} did not come within {PATIENCE:?}"));
    tokio::time::timeout(PATIENCE, looks).await.map_err(late)
}

/// The question that stands unanswered on this phone's screen.
async fn prompt_on(phones: &PhoneOperator, phone: &str) -> Result<u64, DemoError> {
    let looks = async {
        loop {
            if let Some(prompt) = phones.screen(phone).into_iter().find(|prompt| prompt.answer.is_none()) {
                return prompt.number;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let late = |_| DemoError::Expectation(format!("the phone was not asked within {PATIENCE:?}"));
    tokio::time::timeout(PATIENCE, looks).await.map_err(late)
}

/// The code a message begins with.
fn code_of(message: &str) -> String {
    message.chars().take_while(char::is_ascii_digit).collect()
}

fn rows(accesses: &Value) -> &[Value] {
    accesses["accesses"].as_array().map_or(&[], Vec::as_slice)
}
