//! Values planted in a document are looked for in everything the service leaves behind.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use emrtd::builder::Holder;
use straznica_contracts::identity::v1::Evidence;
use straznica_contracts::identity::v1::Role;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::Migrations;
use straznica_simulators::registers::{Circumstance, Fault};
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;
use straznica_types::Clock as _;
use tracing_subscriber::fmt::MakeWriter;

use crate::dispatch::CODE;
use crate::documents::{Utopia, adding, chip_authentication, data_groups, opening};
use crate::house::House;
use crate::institutions::{ADMINISTRATOR, CENTRAL, subject};
use crate::office::{OFFICE, PHONE};
use crate::peers::asking;
use crate::privilege::post;

/// Somebody's nobody knows.
const OTHER_PHONE: &str = "+48792345678";
const NEIGHBOURS_PHONE: &str = "+48602345678";

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The ways a value may hide: as it is, in hex, in base64 at each of the three alignments.
fn disguises(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let mut all = vec![bytes.to_vec(), hex::encode(bytes).into_bytes(), hex::encode_upper(bytes).into_bytes()];
    for shift in 0..3 {
        let text = STANDARD_NO_PAD.encode([&vec![0; shift], bytes].concat());
        // The characters at both ends depend on what stands beside the value.
        all.push(text.as_bytes()[shift + 1..text.len() - 2].to_vec());
    }
    // As a list of numbers, which is how JSON shows bytes.
    all.push(bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",").into_bytes());
    all
}

fn finds(haystack: &[u8], value: &str) -> bool {
    // Every disguise is text; searching in text is fast where comparing windows of bytes takes a minute.
    let text = String::from_utf8_lossy(haystack);
    disguises(value).iter().any(|needle| text.contains(std::str::from_utf8(needle).unwrap()))
}

#[test]
fn the_search_finds_a_value_in_every_disguise() {
    let value = "XQJZKANARIA";
    for hidden in [
        format!("a{value}b"),
        hex::encode(value),
        hex::encode_upper(value),
        STANDARD_NO_PAD.encode(format!("{value}yy")),
        STANDARD_NO_PAD.encode(format!("x{value}yy")),
        STANDARD_NO_PAD.encode(format!("xy{value}yy")),
        serde_json::to_string(value.as_bytes()).unwrap(),
    ] {
        assert!(finds(hidden.as_bytes(), value), "{hidden}");
    }
    assert!(!finds(b"nothing of the kind", value));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_found_in_database_journal_or_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    let file = database.config().url.expose().trim_start_matches("sqlite://").to_owned();
    let house = House::open(database).await;
    let utopia = Utopia::new();
    house.spoc.publish(utopia.trusted(1));
    let holder = Holder {
        primary_identifier: "XQJZKANARIA".to_owned(),
        secondary_identifier: "WVYQPTAK".to_owned(),
        ..Holder::specimen()
    };
    let passport = utopia.passport_of(holder, "ZQ7KXW93J");
    let reference = "ref-QXJWZ-55123";
    let mut request = opening(&passport, &[1, 2, 14, 15], house.clock.now());
    request.document_ref = reference.to_owned();
    let opened = house.create(request).await.unwrap();
    let proof =
        Evidence { chip_authentication: Some(chip_authentication(&passport)), ..data_groups(&passport, &[1, 2]) };
    house.add(adding(&opened.id, proof)).await.unwrap();
    let mut other_zone = opening(&passport, &[1], house.clock.now());
    other_zone.mrz_optical = passport.mrz.replace("WVYQPTAK", "WVYQPTAG");
    house.create(other_zone).await.unwrap();
    let mut unreadable = opening(&passport, &[1, 2], house.clock.now());
    unreadable.evidence.as_mut().unwrap().data_groups.get_mut(&1).unwrap().truncate(60);
    house.create(unreadable).await.unwrap();
    let mut wrong = opening(&passport, &[1], house.clock.now());
    wrong.evidence.as_mut().unwrap().data_groups.insert(3, passport.data_groups[&1].clone());
    house.create(wrong).await.unwrap_err();

    let image = passport.data_groups[&2].clone();
    let face = &image[image.len() - 24..];
    let mut left_behind = lines.0.lock().unwrap().clone();
    assert!(!left_behind.is_empty());
    for path in [file.clone(), format!("{file}-wal")] {
        left_behind.extend(std::fs::read(Path::new(&path)).unwrap());
    }
    assert!(finds(&left_behind, &opened.id), "the inspection itself is there");
    for value in ["XQJZKANARIA", "WVYQPTAK", "WVYQPTAG", "ZQ7KXW93J", reference] {
        assert!(!finds(&left_behind, value), "{value}");
    }
    assert!(!left_behind.windows(face.len()).any(|window| window == face), "the face");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_document_shown_is_found_in_database_journal_or_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    let file = database.config().url.expose().trim_start_matches("sqlite://").to_owned();
    let house = post(database, 1_000).await;
    let person = house.person(Circumstance::HasEverything);
    let card = DocumentKind::IdentityCard;
    house.join(&person, PHONE, card).await;
    house.confirm_code("not an id", CODE).await.unwrap_err();
    let id = house.approved(&person, card).await;
    house.srp.script(Some(Fault::Confused));
    house.show(&id).await.unwrap();
    house.srp.script(None);
    let shown = house.show(&id).await.unwrap();
    house.open_verification(Criterion::Phone(OTHER_PHONE.to_owned()), card).await.unwrap();
    let neighbour = house.person(Circumstance::CardLost);
    house.join(&neighbour, NEIGHBOURS_PHONE, DocumentKind::DrivingLicence).await;
    let mut asked = asking(&neighbour, &person);
    asked.given_names = "Xqwzanna".to_owned();
    asked.surname = "Kanaryjska".to_owned();
    let check = house.peers().ask_citizen(asked).await.unwrap().into_inner().verification.unwrap().id;
    house.confirm_peer(&neighbour, &check, CODE).await.unwrap();
    house.show_peer(&neighbour, &check).await.unwrap();
    assert!(house.accesses(&person).await.iter().any(|access| access.asked_by == "Xqwzanna K."));
    house.privileged().await;
    house.check(&person).await.unwrap();
    house.resolve("um-0001").await.unwrap();
    house.withdraw_role(ADMINISTRATOR, OFFICE, "um-0001", Role::Official).await.unwrap();
    let living = house.open_verification(Criterion::Pesel("44051401359".to_owned()), card).await.unwrap_err();

    let mut left_behind = lines.0.lock().unwrap().clone();
    assert!(!left_behind.is_empty());
    // How officials log in is in the database, and nowhere else.
    for officer in ["um-0001", ADMINISTRATOR, CENTRAL[0], "sg-0001"] {
        assert!(!finds(&left_behind, &subject(officer)), "{officer}");
    }
    left_behind.extend(format!("{living:?}").into_bytes());
    for path in [file.clone(), format!("{file}-wal")] {
        left_behind.extend(std::fs::read(Path::new(&path)).unwrap());
    }
    assert!(finds(&left_behind, &id), "the verification itself is there");
    let document = &shown.documents[0];
    let digits = |phone: &str| phone.trim_start_matches("+48").to_owned();
    for value in [
        person.pesel.expose().to_owned(),
        "44051401359".to_owned(),
        digits(PHONE),
        digits(OTHER_PHONE),
        digits(NEIGHBOURS_PHONE),
        neighbour.pesel.expose().to_owned(),
        "Xqwzanna".to_owned(),
        "Kanaryjska".to_owned(),
        person.surname.to_owned(),
        person.place_of_birth.to_owned(),
        document.number.clone(),
        document.issuer.clone(),
    ] {
        assert!(!finds(&left_behind, &value), "{value}");
    }
    let face = &document.photo_jpeg[200..224];
    assert!(!left_behind.windows(face.len()).any(|window| window == face), "the face");
    house.close().await;
}
