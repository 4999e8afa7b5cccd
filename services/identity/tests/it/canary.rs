//! Values planted in a document are looked for in everything the service leaves behind.

use std::path::Path;

use emrtd::builder::Holder;
use straznica_contracts::identity::v1::Evidence;
use straznica_contracts::identity::v1::Role;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::Migrations;
use straznica_simulators::registers::{Circumstance, Fault};
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;
use straznica_testkit::canary::{Lines, finds};
use straznica_types::Clock as _;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_found_in_database_journal_or_log() {
    let lines = Lines::of_this_process();

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
    let mut left_behind = lines.so_far();
    assert!(!left_behind.is_empty());
    for path in [file.clone(), format!("{file}-wal")] {
        left_behind.extend(std::fs::read(Path::new(&path)).unwrap());
    }
    assert!(finds(&left_behind, &opened.id), "the inspection itself is there");
    for value in ["XQJZKANARIA", "WVYQPTAK", "WVYQPTAG", "ZQ7KXW93J", reference] {
        assert!(!finds(&left_behind, value), "{value}");
    }
    assert!(!finds(&left_behind, face), "the face");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_document_shown_is_found_in_database_journal_or_log() {
    let lines = Lines::of_this_process();

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

    let mut left_behind = lines.so_far();
    assert!(!left_behind.is_empty());
    // How officials log in is in the database, and nowhere else.
    for officer in ["um-0001", ADMINISTRATOR, CENTRAL[0], "sg-0001"] {
        assert!(!finds(&left_behind, subject(officer)), "{officer}");
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
    assert!(!finds(&left_behind, face), "the face");
    house.close().await;
}
