//! Servers that are not whom the node registered, or cannot prove it.

use std::time::Duration;

use cvc::StandardisedCurve;
use exchange::development::{Algorithm, Authority, Digest, Issued, LeafRequest, Validity};
use straznica_cli::demo::state::BindingName;
use straznica_exchange_wire::development::{DevelopmentSpoc, SpocKeys};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};
use straznica_types::{Clock as _, Timestamp};

use super::{Again, DAY, Failed, MINUTE, Outcome, comes_to, letters, obtained};

/// What is changed in a server certificate that would be proper.
type Change = fn(&mut LeafRequest, &House);

const ROWS: &[(&str, Change, &str)] = &[
    ("of another country", |leaf, _| leaf.countries = vec!["XY".to_owned()], "the certificate is of XY, expected was"),
    ("of two countries", |leaf, _| leaf.countries.push("XY".to_owned()), "several countries"),
    ("for clients alone", |leaf, house| *leaf = client(leaf, house), "extended key usage"),
    ("for no purpose", |leaf, _| leaf.purposes = None, "extended key usage"),
    ("for web servers", |leaf, _| leaf.purposes = Some(vec!["1.3.6.1.5.5.7.3.1".to_owned()]), "extended key usage"),
    (
        "for any purpose",
        |leaf, _| leaf.purposes = Some(vec!["2.5.29.37.0".to_owned(), "1.3.6.1.5.5.7.3.1".to_owned()]),
        "extended key usage",
    ),
    ("for another host", |leaf, _| leaf.hosts = vec!["spoc.example".to_owned()], "127.0.0.1"),
    ("expired", |leaf, house| leaf.validity = Validity::days(house.clock.now() - 400 * DAY, 300), "expired on"),
    (
        "of the day after tomorrow",
        |leaf, house| leaf.validity = Validity::days(house.clock.now() + 2 * DAY, 300),
        "only from",
    ),
    ("without a place of its list", |leaf, _| leaf.crl_uris = Some(Vec::new()), "revocation list"),
];

/// As the standards want it for the other side, at the same host.
fn client(leaf: &LeafRequest, house: &House) -> LeafRequest {
    let life = Validity::days(house.clock.now() - DAY, 300);
    LeafRequest {
        hosts: leaf.hosts.clone(),
        algorithm: leaf.algorithm,
        ..LeafRequest::client(&leaf.countries[0], life)
    }
}

fn not_admitted(why: &'static str) -> Outcome {
    Outcome { request: ("pending", ""), problem: why, again: Again::AsDelivered }
}

/// The node asks, and nothing of what it has to say reaches the partner.
async fn asks_in_vain(house: &House, hostile: &Hostile, name: &str, why: &'static str) {
    house.subscribe(hostile).await;
    house.turn().await;
    assert_eq!(super::requests(hostile).len(), 0, "{name}: nothing is told to a stranger");
    assert!(house.failure(hostile).await.contains(why), "{name}: {}", house.failure(hostile).await);
    comes_to(house, hostile, name, not_admitted(why)).await;
}

async fn every_row(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise(binding, &database)).await;
    // the state that strangers claim to be is a good partner, and stays without blame
    let innocent = house.meet("XY", |_, _| ()).await;
    let mut failed = Failed::default();
    for (row, (name, change, why)) in ROWS.iter().enumerate() {
        let row = async {
            let hostile = house.meet(&letters(row), |_, _| ()).await;
            let mut leaf = hostile.station.authority().request("127.0.0.1");
            change(&mut leaf, &house);
            show(&hostile, &hostile.station.authority().issue(&leaf).unwrap());
            asks_in_vain(&house, &hostile, name, why).await;
        };
        failed.row(name, Box::pin(row)).await;
    }
    failed.row("of a root nobody registered", Box::pin(of_a_root_nobody_registered(&house))).await;
    failed.row("revoked", Box::pin(revoked(&house))).await;
    failed.row("without a list", Box::pin(without_a_list(&house))).await;
    for (country, name, publish, why) in LISTS {
        failed.row(name, Box::pin(with_a_list(&house, country, name, *publish, why))).await;
    }
    failed.row("of one edition", Box::pin(of_one_edition(&house))).await;
    assert_eq!(house.failure(&innocent).await, "", "what others do in its name is not on its board");
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

fn show(hostile: &Hostile, issued: &Issued) {
    hostile.station.show(issued).unwrap();
}

async fn of_a_root_nobody_registered(house: &House) {
    let hostile = house.meet("YG", |_, _| ()).await;
    let keys = if house.binding == BindingName::Grpc { SpocKeys::P256 } else { SpocKeys::Brainpool };
    let other = DevelopmentSpoc::start(hostile.country, keys, house.clock.shared()).await.unwrap();
    show(&hostile, &other.issue(&other.request("127.0.0.1")).unwrap());
    asks_in_vain(house, &hostile, "of a root nobody registered", "names another key of its issuer").await;
}

/// Revoked while it is in use: within the time a list serves, the node talks to it no more, also over a connection that is open.
async fn revoked(house: &House) {
    let hostile = house.meet("YH", |_, _| ()).await;
    let authority = hostile.station.authority();
    let issued = authority.issue(&authority.request("127.0.0.1")).unwrap();
    show(&hostile, &issued);
    house.subscribe(&hostile).await;
    house.turn().await;
    assert_eq!(house.renewals(&hostile).await[0].state, "fulfilled");
    let asked = super::requests(&hostile).len();
    authority.revoke(&issued).unwrap();
    house.pass(11 * MINUTE);
    house.renew_now(&hostile).await;
    house.turn().await;
    let subscription = house.subscription(&hostile).await;
    assert!(subscription.problem.contains("revoked"), "{subscription:?} {:?}", house.letters(&hostile).await);
    assert_eq!(super::requests(&hostile).len(), asked, "nothing is told to a partner whose certificate is revoked");
    hostile.mend();
    house.pass(MINUTE);
    house.turn().await;
    obtained(house, &hostile, "after a revocation").await;
}

/// The partner publishes no list any more: the one at hand serves until its successor is due.
async fn without_a_list(house: &House) {
    let hostile = house.meet("YI", |_, _| ()).await;
    hostile.station.authority().withhold_list();
    house.pass(Duration::from_secs(29 * 86_400));
    house.subscribe(&hostile).await;
    house.turn().await;
    assert_eq!(house.renewals(&hostile).await[0].state, "fulfilled", "{:?}", house.letters(&hostile).await);
    house.pass(2 * DAY);
    house.renew_now(&hostile).await;
    house.turn().await;
    let subscription = house.subscription(&hostile).await;
    assert!(subscription.problem.contains("list"), "{subscription:?} {:?}", house.letters(&hostile).await);
    hostile.mend();
    house.pass(2 * MINUTE);
    house.turn().await;
    obtained(house, &hostile, "after a list was missing").await;
}

/// What an authority publishes at a moment.
type Publish = fn(&DevelopmentSpoc, Timestamp) -> Vec<u8>;

/// Lists that prove nothing: whose certificate names them, how they are made, and what the board says.
const LISTS: &[(&str, &str, Publish, &str)] = &[
    (
        "YM",
        "with a list of 91 days that is not due again yet",
        |spoc, now| list(spoc, now - 91 * DAY, now + 30 * DAY),
        "older than ninety days",
    ),
    (
        "YN",
        "with a list of yesterday that is due again already",
        |spoc, now| list(spoc, now - DAY, now - super::HOUR),
        "was to be replaced by",
    ),
    ("YO", "with a list of tomorrow", |spoc, now| list(spoc, now + DAY, now + 30 * DAY), "is from the future"),
    ("YP", "with a list that a namesake signed", by_a_namesake, "no revocation list of"),
    (
        "YQ",
        "with a list whose signature is spoilt",
        |spoc, now| {
            let mut list = list(spoc, now - DAY, now + 30 * DAY);
            *list.last_mut().unwrap() ^= 1;
            list
        },
        "no revocation list of",
    ),
];

fn list(spoc: &DevelopmentSpoc, made: Timestamp, due: Timestamp) -> Vec<u8> {
    spoc.with_authority(|issuer| issuer.crl(made, Some(due))).unwrap()
}

fn by_a_namesake(spoc: &DevelopmentSpoc, now: Timestamp) -> Vec<u8> {
    let (country, key) = (spoc.country(), Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256));
    let life = Validity::days(now - DAY, 3650);
    let namesake =
        Authority::root(country.as_str(), &format!("{country} SPOC Root"), key, life, None, Vec::new()).unwrap();
    namesake.crl(now - DAY, Some(now + 30 * DAY)).unwrap()
}

/// The certificate names a list of its own, which is not what it has to be.
async fn with_a_list(house: &House, country: &str, name: &str, publish: Publish, why: &'static str) {
    let hostile = house.meet(country, |_, _| ()).await;
    let authority = hostile.station.authority();
    authority.responder().serve("/of-its-own.crl", publish(authority, house.clock.now()));
    let mut leaf = authority.request("127.0.0.1");
    leaf.crl_uris = Some(vec![authority.responder().uri("/of-its-own.crl")]);
    show(&hostile, &authority.issue(&leaf).unwrap());
    asks_in_vain(house, &hostile, name, why).await;
}

/// The usage of either edition alone is that of a SPOC.
async fn of_one_edition(house: &House) {
    for (country, usage) in [("YR", "1.2.203.7064.1.1.369791.2"), ("YS", "2.23.136.1.1.10.2")] {
        let hostile = house.meet(country, |_, _| ()).await;
        let mut leaf = hostile.station.authority().request("127.0.0.1");
        leaf.purposes = Some(vec![usage.to_owned(), "1.3.6.1.5.5.7.3.1".to_owned()]);
        show(&hostile, &hostile.station.authority().issue(&leaf).unwrap());
        house.subscribe(&hostile).await;
        house.turn().await;
        obtained(house, &hostile, usage).await;
    }
}

on_both_engines! {
    NoMigrations;

    async fn servers_that_are_somebody_else_by_grpc_learn_nothing(database: TestDatabase) {
        Box::pin(every_row(BindingName::Grpc, database)).await;
    }

    async fn servers_that_are_somebody_else_by_soap_learn_nothing(database: TestDatabase) {
        Box::pin(every_row(BindingName::Soap, database)).await;
    }
}
