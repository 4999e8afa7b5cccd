//! That the policy file rules: each of its values changes something anybody can see, and each refusal on record names one of its rules.

use std::collections::{BTreeMap, BTreeSet};

use cvc::{algorithm::Algorithm, domain_parameters::StandardisedCurve, private_key::PrivateKey, public_key::PublicKey};
use exchange::{
    Country,
    code::StatusInfo,
    development as spoc_root,
    message::{GeneralMessage, RequestCertificate, SendCertificates},
    operation::Operation,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use straznica_exchange_wire::Binding;
use straznica_store::{Engine, StoreError, on_both_engines, testing::TestDatabase};
use straznica_types::{Clock as _, Timestamp};
use uuid::Uuid;

use super::{
    callbacks::{deliver, news},
    foreign_state::ders,
    house::{CVCA, DAY, House, change_partners, officer, today},
    partner::Step,
};
use crate::{
    Migrations,
    app::{
        App, cvca_certificates,
        exchange::{
            admission, calendar, delivery, foreign_holders, health, inbound, messages,
            own_certificates::OwnCertificate, refused, registration, requests_job, retention, roots, subscriptions,
        },
        holders, key_clean_up, national_cvca, repository,
    },
    domain::{
        exchange::{
            calendar::Kind,
            holder::{ApprovalMode, Registration},
            policy::{Policy, Rule},
            root::RootEntry,
        },
        records::Day,
    },
    store::{
        entity::{application, issued_certificate, partner, partner_cvca, taken_in_bundle},
        exchange::{bundles, messages::Narrowing, partners},
    },
};

const FILE: &str = include_str!("../../../../policy/tr-03139.toml");

/// What somebody looks at.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// Whether a national CVCA may be valid so many days.
    CvcaOf(u32),
    /// Whether a document verifier of a partner may be registered for so many days.
    HolderOf(u16),
    /// Whether inspection systems may be ordered for so many days.
    SystemsOf(u32),
    /// Until when a verifier's certificate is valid whose registration names no days.
    Granted,
    /// Whether what our CVCA issued is still there after so many days.
    IssuedAfter(u32),
    /// Whether what our verifier obtained is still there after so many days.
    ObtainedAfter(u32),
    /// Whether a message somebody has read is still there after so many days.
    MessageAfter(u32),
    /// Whether a CVCA may be made with a key of this kind.
    Key(&'static str, &'static str),
    /// What is said of Utopia's CVCA, whose certificates are valid for a thousand days.
    ForeignCvca,
    /// What a request of Utopia's with a key of the CVCA's kind, one of these, comes to.
    Asked(&'static str, &'static str),
    /// Until when a request that waits is answered.
    AnswerDue,
    /// Whether people are told of a request that has waited for so many days.
    ToldAfter(u32),
    /// Requests made of a partner that only acknowledges, or that fails, in so many days.
    Requests(Step, u32),
    /// When the renewal of a verifier begins.
    RenewalDue,
    /// Inspection systems made in so many days.
    SystemsAfter(u32),
    /// The pause after so many attempts at a message.
    Pause(u32),
    /// How old a revocation list may be.
    CrlAge,
    /// How much it matters that our CVCA ends in so many days.
    CvcaEndsIn(u32),
    /// How much it matters that a partner's registration ends in so many days.
    PartnerEndsIn(u32),
    /// Whether a root of Utopia's with a key of this kind may be announced.
    Root(&'static str),
    /// What Utopia's SPOC certificates are held against.
    Demands,
    /// What the board says of Utopia so many days after everything went well.
    BoardAfter(u32),
    /// The same where a message has waited for so many hours.
    BoardWaiting(u32),
    /// The same where Utopia did not take a certificate so many days ago.
    BoardRefused(u32),
    /// Whether people are told of a SPOC certificate of ours that ends in so many days.
    OwnEndsIn(u32),
    /// How many certificates of Utopia's and for it, ended without a successor, the calendar still has after so many days.
    MissedAfter(u32),
    /// How many of three messages of a partner are taken in.
    TakenIn(Operation),
    /// What the board says of a bundle of Utopia's that was not taken in to its end so many days ago.
    BundleBegun(u32),
}

/// Every value of the file, another one in its place, and what shows the difference.
const ROWS: &[(&str, &str, Look)] = &[
    ("validity.cvca.shortest.months", "12", Look::CvcaOf(200)),
    ("validity.cvca.longest.months", "48", Look::CvcaOf(1200)),
    ("validity.dv.shortest.days", "25", Look::HolderOf(20)),
    ("validity.dv.longest.months", "2", Look::HolderOf(80)),
    ("validity.inspection_system.shortest.days", "7", Look::SystemsOf(3)),
    ("validity.inspection_system.longest.months", "2", Look::SystemsOf(45)),
    ("validity.dv_granted_days", "20", Look::Granted),
    ("validity.document_years", "5", Look::IssuedAfter(7 * 365)),
    ("keys.ec_bits", "192", Look::Key("id-TA-ECDSA-SHA-224", "brainpoolP192r1")),
    ("keys.rsa_bits", "3072", Look::Key("id-TA-RSA-PSS-SHA-256", "2048")),
    ("keys.algorithms", "[\"id-TA-ECDSA-SHA-256\"]", Look::Key("id-TA-ECDSA-SHA-384", "brainpoolP384r1")),
    ("answers.within_days", "10", Look::AnswerDue),
    ("answers.alert_days", "5", Look::ToldAfter(3)),
    ("answers.callback_overdue_days", "20", Look::Requests(Step::Acknowledge, 12)),
    ("answers.internal_error_days", "6", Look::Requests(Step::Stick, 4)),
    ("renewal.lead_days", "20", Look::RenewalDue),
    ("renewal.fallback_days", "6", Look::RenewalDue),
    ("renewal.inspection_system_lead_days", "10", Look::SystemsAfter(5)),
    ("delivery.first_seconds", "60", Look::Pause(1)),
    ("delivery.longest_seconds", "7200", Look::Pause(20)),
    ("delivery.jitter_percent", "0", Look::Pause(1)),
    ("revocation.crl_max_age_days", "30", Look::CrlAge),
    ("spoc_certificates.ec_bits", "320", Look::Root("P-256")),
    ("spoc_certificates.rsa_bits", "3072", Look::Root("RSA")),
    ("spoc_certificates.shortest_days", "200", Look::Demands),
    ("spoc_certificates.longest_days", "400", Look::Demands),
    ("rollover.root_announced_days", "40", Look::PartnerEndsIn(50)),
    ("rollover.root_distributed_days", "15", Look::PartnerEndsIn(12)),
    ("rollover.cvca_lead_days", "80", Look::CvcaEndsIn(70)),
    ("intake.messages_per_hour", "2", Look::TakenIn(Operation::RequestCertificate)),
    ("intake.general_messages_per_hour", "1", Look::TakenIn(Operation::GeneralMessage)),
    ("intake.ca_certificate_questions_per_hour", "1", Look::TakenIn(Operation::GetCaCertificates)),
    ("intake.bundle_days", "5", Look::BundleBegun(10)),
    ("alarms.silent_days", "10", Look::BoardAfter(20)),
    ("alarms.waiting_hours", "6", Look::BoardWaiting(12)),
    ("alarms.refused_days", "10", Look::BoardRefused(20)),
    ("alarms.expiry_days", "2000", Look::BoardAfter(0)),
    ("alarms.own_expiry_days", "60", Look::OwnEndsIn(45)),
    ("alarms.missed_days", "20", Look::MissedAfter(42 + 40)),
    ("retention.cvca_months", "24", Look::IssuedAfter(30 + 3653 + 400)),
    ("retention.dv_months", "24", Look::ObtainedAfter(42 + 500)),
    ("retention.messages_months", "6", Look::MessageAfter(400)),
];

/// What shows the difference a partner's own value makes, where that is another thing than for the common one.
const OF_A_PARTNER: &[(&str, &str, Look)] = &[
    ("validity.cvca.shortest.months", "34", Look::ForeignCvca),
    ("validity.cvca.longest.months", "30", Look::ForeignCvca),
    ("keys.ec_bits", "320", Look::Asked("id-TA-ECDSA-SHA-256", "brainpoolP256r1")),
    ("keys.rsa_bits", "3072", Look::Asked("id-TA-RSA-PSS-SHA-256", "2048")),
    ("keys.algorithms", "[\"id-TA-ECDSA-SHA-384\"]", Look::Asked("id-TA-ECDSA-SHA-256", "brainpoolP256r1")),
    ("spoc_certificates.ec_bits", "320", Look::Demands),
    ("spoc_certificates.rsa_bits", "3072", Look::Demands),
];

/// Values no partner deviates in.
const FOR_ALL: [&str; 3] = ["validity.document_years", "rollover.cvca_lead_days", "alarms.own_expiry_days"];

fn leaves(table: &toml::Table, above: &str, found: &mut BTreeSet<String>) {
    for (name, value) in table {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            toml::Value::Table(below) => leaves(below, &path, found),
            _ => {
                found.insert(path);
            }
        }
    }
}

/// The file with one value replaced.
fn with(path: &str, value: &str) -> String {
    let mut file: toml::Table = FILE.parse().unwrap();
    let value: toml::Table = format!("x = {value}").parse().unwrap();
    let (above, name) = path.rsplit_once('.').unwrap();
    let mut table = file["values"].as_table_mut().unwrap();
    for step in above.split('.') {
        table = table[step].as_table_mut().unwrap();
    }
    assert_ne!(table[name], value["x"], "{path} has that value already");
    table[name] = value["x"].clone();
    toml::to_string(&file).unwrap()
}

/// The file with a value of a partner's own.
fn with_partner(country: &str, path: &str, value: &str) -> String {
    let mut lines = path.rsplit('.').fold(value.to_owned(), |below, name| format!("{{ {name} = {below} }}"));
    lines = format!("{FILE}\n[partner]\n{country} = {lines}\n");
    // A table in one line is a table.
    assert!(lines.parse::<toml::Table>().is_ok(), "{path}");
    lines
}

fn utopia() -> Country {
    "UT".parse().unwrap()
}

fn allowed<T, E: std::fmt::Display>(outcome: Result<T, E>) -> String {
    outcome.map_or_else(|why| why.to_string(), |_| "allowed".to_owned())
}

fn holder(name: &str, approval: ApprovalMode, validity_days: u16) -> Registration {
    Registration { validity_days, ..crate::testing::registration(name, approval) }
}

/// A request of Utopia's verifier for a key of this kind under a CVCA of ours, to which it is registered for so many days. What it came to.
async fn asked_for(house: &House, cvca: &str, key: PrivateKey, approval: ApprovalMode, days: u16) -> String {
    let app = &house.app;
    let proposal = foreign_holders::register(app, &officer("so-1"), holder("UTDV", approval, days)).await.unwrap();
    foreign_holders::confirm(app, &officer("so-2"), "UTDV", &proposal).await.unwrap();
    let certificate_request = house.spoc.with(|state| state.request(&key, cvca, "UTDV00001"));
    let request = RequestCertificate { caller_id: "UT".to_owned(), message_id: "m-1".to_owned(), certificate_request };
    inbound::request_certificate(app, utopia(), request).await.result.as_str().to_owned()
}

/// A certificate our CVCA issues to Utopia's verifier, or a request that waits for officers.
async fn asked(house: &House, approval: ApprovalMode, days: u16) {
    let expected = if approval == ApprovalMode::Automatic { "ok_cert_available" } else { "ok_reception_ack" };
    let came_to = asked_for(house, "PLCVCA00001", crate::testing::key(), approval, days).await;
    assert_eq!(came_to, expected);
}

async fn order(app: &App, is_days: u32) -> String {
    let order = subscriptions::Order {
        cvca: CVCA.to_owned(),
        country: "UT".to_owned(),
        dv_mnemonic: "DVBG".to_owned(),
        is_mnemonic: "ISBG".to_owned(),
        is_days,
    };
    allowed(subscriptions::subscribe(app, &officer("so-1"), order).await)
}

/// What the board says of Utopia.
async fn concerns(app: &App) -> String {
    format!("{:?}", health::look(app, Some(utopia())).await.unwrap().remove(0).concerns)
}

/// What the calendar says of the one entry of a kind and a country.
async fn calendar_line(app: &App, kind: Kind, country: &str) -> String {
    let entries = calendar::entries(app, "", "").await.unwrap();
    let entry = entries.into_iter().find(|one| one.kind == kind && one.country == country).unwrap();
    format!("{:?}", entry.severity)
}

/// Changes Utopia's registration behind everybody's back.
pub(super) async fn change_partner(app: &App, change: impl Fn(&mut partner::ActiveModel)) {
    let row = partners::find(app.store.reader(), utopia()).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    change(&mut row);
    change_partners(app, async |tx| {
        row.clone().update(tx).await.map_err(StoreError::from)?;
        Ok(())
    })
    .await;
}

async fn is_told(house: &House) -> bool {
    requests_job::run(&house.app).await.unwrap();
    house.journal().await.contains(&"exchange.request_nearly_due".to_owned())
}

/// Looks at a node under a policy.
async fn look(look: Look, policy: &str) -> String {
    Box::pin(seen(look, policy)).await
}

async fn seen(look: Look, policy: &str) -> String {
    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    let house = House::under(database, Some(policy)).await;
    let app = &house.app;
    match look {
        Look::CvcaOf(days) => allowed(national_cvca::validity(app, Day::of(app.clock.now()), days)),
        Look::HolderOf(days) => {
            let registration = holder("UTDV", ApprovalMode::Automatic, days);
            allowed(foreign_holders::register(app, &officer("so-1"), registration).await)
        }
        Look::SystemsOf(days) => order(app, days).await,
        Look::Granted => {
            asked(&house, ApprovalMode::Automatic, 0).await;
            issued_certificate::Entity::find().one(app.store.reader()).await.unwrap().unwrap().expires.to_string()
        }
        Look::IssuedAfter(days) => {
            asked(&house, ApprovalMode::Automatic, 30).await;
            house.clock.advance(DAY * days);
            retention::run(app).await.unwrap();
            issued_certificate::Entity::find().count(app.store.reader()).await.unwrap().to_string()
        }
        Look::ObtainedAfter(days) => {
            house.subscribe().await;
            house.settle().await;
            house.clock.advance(DAY * days);
            key_clean_up::run(app).await.unwrap();
            repository::run(app).await.unwrap();
            format!("{} {}", house.held("dv_foreign").await.len(), house.requests().await.len())
        }
        Look::MessageAfter(days) => {
            messages::general_message(app, utopia(), general("g-1")).await;
            let inbox = async || messages::list(app, Narrowing { limit: 9, ..Narrowing::default() }).await.unwrap().0;
            messages::acknowledge(app, &officer("so-1"), inbox().await[0].id).await.unwrap();
            house.clock.advance(DAY * days);
            retention::run(app).await.unwrap();
            inbox().await.len().to_string()
        }
        Look::Key(algorithm, parameters) => {
            let order = national_cvca::Order {
                mnemonic: "CVCA".to_owned(),
                algorithm: algorithm.to_owned(),
                parameters: parameters.to_owned(),
                validity_days: 0,
            };
            allowed(national_cvca::key_kind(app, &order))
        }
        Look::ForeignCvca => {
            let board = health::look(app, Some(utopia())).await.unwrap().remove(0);
            let by_rule = |concern: &String| concern.contains(Rule::ReceivedValidity.as_str());
            format!("{:?}", board.concerns.into_iter().filter(by_rule).collect::<Vec<_>>())
        }
        Look::Asked(algorithm, parameters) => {
            let order = national_cvca::Order {
                mnemonic: "NEW".to_owned(),
                algorithm: algorithm.to_owned(),
                parameters: parameters.to_owned(),
                validity_days: 0,
            };
            let (cvca, der) = national_cvca::create(app, &officer("so-1"), order).await.unwrap();
            let own = PublicKey::resolve(&crate::testing::certificate(&der).public_key(), None).unwrap();
            let key = PrivateKey::generate_like(&own).unwrap();
            asked_for(&house, &cvca, key, ApprovalMode::Automatic, 30).await
        }
        Look::AnswerDue => {
            asked(&house, ApprovalMode::TwoPerson, 30).await;
            application::Entity::find().one(app.store.reader()).await.unwrap().unwrap().due_at.to_string()
        }
        Look::ToldAfter(days) => {
            asked(&house, ApprovalMode::TwoPerson, 30).await;
            assert!(!is_told(&house).await);
            house.clock.advance(DAY * days);
            is_told(&house).await.to_string()
        }
        Look::Requests(step, days) => {
            house.spoc.plan([step]);
            house.subscribe().await;
            house.settle().await;
            house.pass(days).await;
            house.requests().await.len().to_string()
        }
        Look::RenewalDue => {
            house.subscribe().await;
            house.settle().await;
            format!("{:?}", subscriptions::list(app).await.unwrap()[0].due_at)
        }
        Look::SystemsAfter(days) => {
            house.subscribe().await;
            house.settle().await;
            house.pass(days).await;
            house.held("is").await.len().to_string()
        }
        Look::Pause(attempts) => format!("{:?}", delivery::pauses(app, utopia()).after(Uuid::from_u128(7), attempts)),
        Look::CrlAge => {
            let partner = app.partners.get(utopia()).unwrap();
            format!("{:?}", admission::registration(app, &partner).unwrap().demands.crl_max_age)
        }
        Look::Demands => {
            let partner = app.partners.get(utopia()).unwrap();
            format!("{:?}", admission::registration(app, &partner).unwrap().demands)
        }
        Look::Root(kind) => {
            let algorithm = match kind {
                "RSA" => spoc_root::Algorithm::rsa(2048, spoc_root::Digest::Sha256),
                _ => spoc_root::Algorithm::ecdsa(StandardisedCurve::P256, spoc_root::Digest::Sha256),
            };
            let validity = spoc_root::Validity::days(app.clock.now() - DAY, 1000);
            let root = spoc_root::Authority::root("UT", "next", algorithm, validity, None, Vec::new()).unwrap();
            let entry = RootEntry {
                certificate: root.certificate().to_vec(),
                use_from: None,
                use_until: None,
                bindings: None,
                link: None,
            };
            allowed(roots::announce(app, &officer("so-1"), utopia(), entry).await)
        }
        Look::BoardAfter(days) => {
            house.subscribe().await;
            house.settle().await;
            house.clock.advance(DAY * days);
            concerns(app).await
        }
        Look::BoardWaiting(hours) => {
            let text = messages::Text::Free("Please look.".to_owned());
            messages::send(app, &officer("so-1"), utopia(), "DV not compliant", text).await.unwrap();
            house.clock.advance(DAY / 24 * hours);
            concerns(app).await
        }
        Look::BoardRefused(days) => {
            house.subscribe().await;
            house.settle().await;
            let mut letter = house.letters().await.remove(0).into_active_model();
            letter.operation = Set("send_certificates".to_owned());
            letter.state = Set("failed".to_owned());
            letter.code = Set(Some("failure_syntax".to_owned()));
            letter.answered_at = Set(Some(app.clock.now().millis()));
            change_partners(app, async |tx| {
                letter.clone().update(tx).await.map_err(StoreError::from)?;
                Ok(())
            })
            .await;
            house.clock.advance(DAY * days);
            concerns(app).await
        }
        Look::OwnEndsIn(days) => {
            let (binding, until) = (Binding::Grpc, app.clock.now() + DAY * days);
            let own = OwnCertificate { binding, side: "client", subject: "ours".to_owned(), until };
            format!("{:?}", own.days_left(app))
        }
        Look::MissedAfter(days) => {
            house.subscribe().await;
            house.settle().await;
            house.clock.advance(DAY * days);
            let entries = calendar::entries(app, "", "").await.unwrap();
            entries.iter().filter(|one| one.kind == Kind::DvExpires && one.country == "UT").count().to_string()
        }
        Look::CvcaEndsIn(days) => {
            let ends = house.held("cvca").await.into_iter().find(|row| row.chr.starts_with("PL")).unwrap().expires;
            house.clock.set(Timestamp::from_millis(ends - i64::from(days) * 86_400_000));
            calendar_line(app, Kind::NationalCvcaExpires, "PL").await
        }
        Look::PartnerEndsIn(days) => {
            let until = (app.clock.now() + DAY * days).millis();
            change_partner(app, |row| row.use_until = Set(Some(until))).await;
            calendar_line(app, Kind::RegistrationEnds, "UT").await
        }
        Look::TakenIn(operation) => {
            let mut taken = 0;
            for _ in 0..3 {
                taken += u32::from(refused::is_taken_in(app, utopia(), operation).await);
            }
            taken.to_string()
        }
        Look::BundleBegun(days) => {
            let begun = taken_in_bundle::Model {
                sender: utopia().to_string(),
                bundle_id: "b1".to_owned(),
                officer: "so-1".to_owned(),
                taken_in_at: app.clock.now().millis(),
                sha256: Some("00".repeat(32)),
                finished_at: None,
            };
            app.store.write_tx(async |tx| bundles::begin(tx, begun.clone()).await).await.unwrap();
            house.clock.advance(DAY * days);
            concerns(app).await
        }
    }
}

#[tokio::test]
async fn every_value_of_the_policy_rules_something() {
    let file: toml::Table = FILE.parse().unwrap();
    let mut found = BTreeSet::new();
    leaves(file["values"].as_table().unwrap(), "", &mut found);
    let rows: BTreeSet<String> = ROWS.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(found, rows, "each value has a row in this table");
    let changed = ROWS.iter().map(|(path, value, what)| (*path, *what, with(path, value)));
    assert_eq!(idle(changed).await, [""; 0]);
}

#[tokio::test]
async fn every_value_of_a_partner_s_own_rules_what_it_names_for_that_partner_or_is_refused() {
    let mut changed = Vec::new();
    for row in ROWS {
        let path = &row.0;
        let (_, value, what) = OF_A_PARTNER.iter().find(|(own, ..)| own == path).unwrap_or(row);
        let file = with_partner("UT", path, value);
        if FOR_ALL.contains(path) {
            let told = Policy::parse(&file).unwrap_err().to_string();
            assert!(told.starts_with(&format!("partner.UT.{path} cannot be a partner's own: it is ")), "{told}");
        } else {
            changed.push((*path, *what, file));
        }
    }
    assert_eq!(changed.len(), ROWS.len() - FOR_ALL.len());
    assert_eq!(idle(changed.into_iter()).await, [""; 0]);
}

#[tokio::test]
async fn what_is_kept_of_one_partner_s_is_ruled_by_no_value_of_another_s() {
    for (path, value, what) in ROWS.iter().filter(|(path, ..)| path.starts_with("retention.")) {
        assert_eq!(look(*what, &with_partner("DE", path, value)).await, look(*what, FILE).await, "{path}");
    }
}

/// Those of the files under which what somebody looks at is the same as under the one shipped.
async fn idle(changed: impl Iterator<Item = (&'static str, Look, String)>) -> Vec<String> {
    let (mut before, mut idle) = (BTreeMap::new(), Vec::new());
    for (path, what, file) in changed {
        let name = format!("{what:?}");
        if !before.contains_key(&name) {
            before.insert(name.clone(), look(what, FILE).await);
        }
        let after = look(what, &file).await;
        if before[&name] == after {
            idle.push(format!("{path}: {what:?} is {after} all the same"));
        }
    }
    idle
}

fn general(id: &str) -> GeneralMessage {
    GeneralMessage {
        caller_id: "UT".to_owned(),
        message_id: id.to_owned(),
        subject: "Test".to_owned(),
        body: "Please answer.".to_owned(),
    }
}

on_both_engines! { Migrations;
    async fn a_refusal_on_record_names_its_rule(database: TestDatabase) {
        let house = House::under(database, Some(&with("intake.messages_per_hour", "1"))).await;
        let app = &house.app;
        // A request that is none, a message under an identifier used before, and one too many.
        let request = RequestCertificate { caller_id: "UT".to_owned(), message_id: "m-1".to_owned(), certificate_request: vec![0x67] };
        inbound::request_certificate(app, utopia(), request).await;
        messages::general_message(app, utopia(), general("m-1")).await;
        for _ in 0..2 {
            refused::is_taken_in(app, utopia(), Operation::GeneralMessage).await;
        }
        // An answer for another request than ours, and news that are another state's.
        house.spoc.plan([Step::Acknowledge]);
        house.subscribe().await;
        house.settle().await;
        let root = house.spoc.with(|cvca| cvca.certificates[0].as_der().to_vec());
        let sent = house.spoc.requests().remove(0);
        let answer = SendCertificates {
            caller_id: "UT".to_owned(),
            message_id: Some(sent.message_id),
            certificates: vec![root],
            status_info: StatusInfo::OkCertAvailable,
        };
        deliver(&house, answer.clone()).await;
        let news = |der: Vec<u8>| news(vec![der]);
        let ours = house.held("cvca").await.into_iter().find(|row| row.chr.starts_with("PL")).unwrap().certificate;
        deliver(&house, news(ours)).await;
        deliver(&house, news(vec![0x7f])).await;
        let mut told = house.details("LIKE '%refused'").await;
        told.extend(house.details("LIKE '%exceeded'").await);
        let rule = |detail: &serde_json::Value| detail["rule"].as_str().and_then(Rule::from_name);
        let named: Vec<_> = told.iter().map(|(kind, detail)| (kind.as_str(), rule(detail))).collect();
        assert_eq!(named, [
            ("exchange.request_refused", Some(Rule::Syntax)),
            ("exchange.message_refused", Some(Rule::MessageId)),
            ("exchange.answer_refused", Some(Rule::ReceivedRequest)),
            ("exchange.certificates_refused", Some(Rule::Sender)),
            ("exchange.certificates_refused", Some(Rule::ReceivedForm)),
            ("exchange.quota_exceeded", Some(Rule::Intake)),
        ]);
    }

    async fn a_verifier_s_certificate_is_held_against_the_policy_for_its_issuer_s_state(database: TestDatabase) {
        // Utopia gives forty-two days.
        let narrow = format!("{FILE}\n[partner.UT.validity]\ndv_granted_days = 20\ndv = {{ longest = {{ months = 0, days = 30 }} }}\n");
        let house = House::under(database, Some(&narrow)).await;
        house.subscribe().await;
        house.settle().await;
        let warnings = house.details("= 'dv_certificate.imported'").await.remove(0).1["warnings"].to_string();
        assert!(warnings.contains(Rule::ReceivedValidity.as_str()), "{warnings}");
        assert!(house.opens(&house.spoc.with(|cvca| cvca.car(1))), "it is used all the same");
    }

    async fn a_cvca_s_certificate_is_held_against_the_policy_for_its_state_and_used_with_a_finding(database: TestDatabase) {
        // Utopia's are valid for a thousand days.
        let house = House::under(database, Some(&with_partner("UT", "validity.cvca.longest.months", "30"))).await;
        let warned = async |kind: &str| -> Vec<bool> {
            let told = house.details(&format!("= '{kind}'")).await;
            let warnings = |(_, detail): &(String, serde_json::Value)| detail["warnings"].as_array().unwrap().clone();
            let by_rule = |words: &Vec<serde_json::Value>| {
                words.iter().any(|one| one.as_str().is_some_and(|text| text.contains(Rule::ReceivedValidity.as_str())))
            };
            told.iter().map(warnings).map(|words| by_rule(&words)).collect()
        };
        assert_eq!(warned("cvca_certificate.imported").await, [true], "the officer who took the root in");
        assert_eq!(warned("cvca_certificate.confirmed").await, [true], "and the one who confirmed it");
        // A link from it counts at once, with the same finding: nobody could open the passports that name it otherwise.
        let from = today(&house.clock);
        let next = house.spoc.with(|cvca| cvca.renew(from, Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1));
        deliver(&house, news(ders(&next))).await;
        assert_eq!(warned("cvca_certificate.imported").await, [true; 3]);
        assert!(house.held("cvca_link").await.iter().all(|row| row.state == "active"));
        house.subscribe().await;
        house.settle().await;
        assert!(house.opens(&house.spoc.with(|cvca| cvca.car(2))));
        let concerns = health::look(&house.app, Some(utopia())).await.unwrap().remove(0).concerns;
        let told = concerns.iter().filter(|one| one.contains(Rule::ReceivedValidity.as_str())).count();
        assert_eq!(told, 3, "{concerns:?}");
        // Officers see it where they decide, and in the list.
        let (_, compared) = house.details("= 'cvca_certificate.confirmed'").await.remove(0);
        let fingerprint = compared["fingerprint"].as_str().unwrap();
        let before = house.app.control.at(house.clock.now()).generation();
        let seen = cvca_certificates::look(&house.app, &officer("so-1"), fingerprint).await.unwrap();
        assert!(seen.findings[0].contains(Rule::ReceivedValidity.as_str()), "{seen:?}");
        house.app.refresh().await.unwrap();
        assert_eq!(house.app.control.at(house.clock.now()).generation(), before, "looking changes nothing");
        let listed = holders::list(&house.app).await.unwrap();
        let found = listed.iter().filter(|one| !one.findings.is_empty()).map(|one| one.chr.as_str());
        assert!(found.clone().count() == 3 && found.clone().all(|chr| chr.starts_with("UTCVCA")), "{listed:?}");
        cvca_certificates::look(&house.app, &officer("so-1"), &"0".repeat(64)).await.unwrap_err();
    }

    async fn a_cvca_its_state_s_registration_does_not_list_is_used_with_a_finding(database: TestDatabase) {
        let house = House::new(database).await;
        let lists = async |names: &[(&str, Option<&str>)]| {
            let rows = names.iter().map(|(cvca, replaces)| partner_cvca::Model {
                cvca: (*cvca).to_owned(),
                country: "UT".to_owned(),
                document_types: "passports".to_owned(),
                replaces: replaces.map(ToOwned::to_owned),
            });
            let (rows, now) = (rows.collect::<Vec<_>>(), house.clock.now());
            house.app.store.write_tx(async |tx| {
                partners::replace_cvcas(tx, utopia(), rows.clone()).await?;
                registration::changed(tx, now).await
            }).await.unwrap();
            house.app.refresh().await.unwrap();
            let concerns = health::look(&house.app, Some(utopia())).await.unwrap().remove(0).concerns;
            concerns.into_iter().find(|concern| concern.contains(Rule::RegisteredCvca.as_str()))
        };
        assert_eq!(lists(&[]).await, None, "a registration without a list says nothing");
        assert_eq!(lists(&[("UTCVCA", None)]).await, None);
        assert_eq!(lists(&[("UTNEW", Some("UTCVCA"))]).await, None, "what was replaced");
        let told = lists(&[("UTOTHER", None)]).await.unwrap();
        assert!(told.contains("the CVCA UTCVCA is not registered of UT"), "{told}");
        // It opens the passports that name it all the same.
        house.subscribe().await;
        house.settle().await;
        assert!(house.opens(&house.spoc.with(|cvca| cvca.car(1))));
    }
}
