//! What stands in the registers about each made-up person.

use identifiers::Sex;
use straznica_contracts::sources::v1 as sources;
use straznica_contracts::sources::v1::document::Details;
use straznica_contracts::sources::v1::{Document, DocumentKind, DocumentState};
use straznica_types::{CivilDate, Timestamp};

use super::people::{Circumstance, MadeUp};
use super::portrait::portrait;

/// The documents of a kind a person has, as the register called `source` answers them.
pub(super) fn documents(person: &MadeUp, kind: DocumentKind, source: &str, as_of: Timestamp) -> Vec<Document> {
    if person.circumstance == Circumstance::HasNothing
        && !matches!(kind, DocumentKind::Person | DocumentKind::WantedPerson)
    {
        return Vec::new();
    }
    let Some(details) = details(person, kind, as_of.date()) else { return Vec::new() };
    let today = as_of.date();
    let state = state(person.circumstance, kind);
    let mut document = Document::default();
    document.set_kind(kind);
    document.set_state(state);
    document.number = number(person, kind);
    document.source = source.to_owned();
    document.as_of_ms = as_of.millis();
    document.holder = Some(holder(person));
    document.details = Some(details);
    if !matches!(kind, DocumentKind::Person | DocumentKind::WantedPerson) {
        let expired = state == DocumentState::Expired;
        document.issued_on = today.plus_days(if expired { -4_000 } else { -700 }).to_string();
        document.valid_until = today.plus_days(if expired { -30 } else { 2_900 }).to_string();
        document.issuer = "Urząd Miasta Zmyślonego".to_owned();
    }
    if matches!(
        kind,
        DocumentKind::IdentityCard | DocumentKind::DrivingLicence | DocumentKind::StudentCard | DocumentKind::Person
    ) {
        document.photo_jpeg = portrait(u64::from(person.serial));
    }
    vec![document]
}

fn state(circumstance: Circumstance, kind: DocumentKind) -> DocumentState {
    match (circumstance, kind) {
        (Circumstance::CardLost, DocumentKind::IdentityCard) => DocumentState::Lost,
        (Circumstance::LicenceExpired, DocumentKind::DrivingLicence | DocumentKind::TechnicalInspection) => {
            DocumentState::Expired
        }
        (Circumstance::LicenceSuspended, DocumentKind::DrivingLicence) => DocumentState::Suspended,
        (Circumstance::StudentCardRevoked, DocumentKind::StudentCard) => DocumentState::Revoked,
        _ => DocumentState::Valid,
    }
}

fn holder(person: &MadeUp) -> sources::Holder {
    let mut holder = sources::Holder::default();
    holder.given_names = person.given_names.to_owned();
    holder.surname = person.surname.to_owned();
    holder.born_on = person.pesel.born_on().to_string();
    holder.pesel = person.pesel.expose().to_owned();
    holder
}

fn number(person: &MadeUp, kind: DocumentKind) -> String {
    let serial = person.serial;
    match kind {
        DocumentKind::Unspecified | DocumentKind::Person | DocumentKind::WantedPerson => String::new(),
        DocumentKind::IdentityCard => identity_card_number(serial),
        DocumentKind::DrivingLicence => format!("{serial:05}/12/1413"),
        DocumentKind::VehicleRegistration => format!("DR/BAA{serial:07}"),
        DocumentKind::LiabilityInsurance => format!("OC{serial:010}"),
        DocumentKind::TechnicalInspection => format!("BT/{serial:06}"),
        DocumentKind::VehicleCard => format!("KP/AAA{serial:07}"),
        DocumentKind::StudentCard => format!("LS{serial:08}"),
        DocumentKind::LargeFamilyCard => format!("KDR{serial:014}"),
        DocumentKind::PensionerCard => format!("ER{serial:08}"),
        DocumentKind::SchoolCard => format!("LU{serial:06}"),
        DocumentKind::CityCard => format!("KM{serial:08}"),
        DocumentKind::LoyaltyCard => format!("KL{serial:08}"),
    }
}

/// Series MAD with its check digit (weights 7 3 1 9 7 3 1 7 3, sum divisible by ten).
fn identity_card_number(serial: u16) -> String {
    let digits = format!("{serial:05}");
    let letters = [22, 10, 13].into_iter().zip([7, 3, 1]);
    let rest = digits.bytes().map(|digit| u32::from(digit - b'0')).zip([7, 3, 1, 7, 3]);
    let sum: u32 = letters.chain(rest).map(|(value, weight)| value * weight).sum();
    // The check digit weighs nine, which is one less than nothing modulo ten.
    format!("MAD{}{digits}", sum % 10)
}

fn details(person: &MadeUp, kind: DocumentKind, today: CivilDate) -> Option<Details> {
    Some(match kind {
        DocumentKind::Unspecified => return None,
        DocumentKind::IdentityCard => Details::IdentityCard(identity_card(person)),
        DocumentKind::DrivingLicence => Details::DrivingLicence(driving_licence(person, today)),
        DocumentKind::VehicleRegistration => Details::VehicleRegistration(vehicle_registration(person)),
        DocumentKind::LiabilityInsurance => Details::LiabilityInsurance(insurance(person, today)),
        DocumentKind::TechnicalInspection => Details::TechnicalInspection(inspection(person, today)),
        DocumentKind::VehicleCard => Details::VehicleCard(vehicle_card(person)),
        DocumentKind::StudentCard => Details::StudentCard(student_card(person, today)),
        DocumentKind::LargeFamilyCard => {
            let mut card = sources::LargeFamilyCard::default();
            card.role = "parent".to_owned();
            Details::LargeFamilyCard(card)
        }
        DocumentKind::PensionerCard => {
            let mut card = sources::PensionerCard::default();
            card.pension_kind = "old_age".to_owned();
            card.benefit_number = format!("I/15/{:06}", person.serial);
            Details::PensionerCard(card)
        }
        DocumentKind::SchoolCard => {
            let mut card = sources::SchoolCard::default();
            card.school = "Szkoła Zmyślona nr 1".to_owned();
            card.school_address = "ul. Wymyślona 1, Zmyślone".to_owned();
            Details::SchoolCard(card)
        }
        DocumentKind::CityCard => {
            let mut card = sources::CityCard::default();
            card.city = "Zmyślone".to_owned();
            card.programme = "resident".to_owned();
            Details::CityCard(card)
        }
        DocumentKind::LoyaltyCard => {
            let mut card = sources::LoyaltyCard::default();
            card.programme = "Zmyślony klub".to_owned();
            card.level = "silver".to_owned();
            Details::LoyaltyCard(card)
        }
        DocumentKind::Person => Details::Person(person_entry(person)),
        DocumentKind::WantedPerson => Details::WantedPerson(wanted(person)),
    })
}

fn sex(person: &MadeUp) -> sources::Sex {
    match person.pesel.sex() {
        Sex::Female => sources::Sex::Female,
        Sex::Male => sources::Sex::Male,
    }
}

fn identity_card(person: &MadeUp) -> sources::IdentityCard {
    let mut card = sources::IdentityCard::default();
    card.family_name = person.surname.to_owned();
    card.fathers_given_name = "Wszebor".to_owned();
    card.mothers_given_name = "Dobrawa".to_owned();
    card.place_of_birth = person.place_of_birth.to_owned();
    card.set_sex(sex(person));
    card.citizenship = "POL".to_owned();
    card
}

fn driving_licence(person: &MadeUp, today: CivilDate) -> sources::DrivingLicence {
    let mut category = sources::DrivingCategory::default();
    category.category = "B".to_owned();
    category.since = today.plus_days(-700).to_string();
    let mut licence = sources::DrivingLicence::default();
    licence.categories = vec![category];
    licence.restrictions = vec!["01.06".to_owned()];
    licence.right_withdrawn = person.circumstance == Circumstance::LicenceSuspended;
    licence.place_of_birth = person.place_of_birth.to_owned();
    licence.penalty_points = Some(u32::from(person.serial % 24));
    licence
}

fn vehicle(person: &MadeUp) -> Option<sources::Vehicle> {
    let mut vehicle = sources::Vehicle::default();
    vehicle.registration_mark = format!("ZZ{:05}", person.serial);
    vehicle.vin = format!("ZZZZZZ00000{:06}", person.serial);
    vehicle.make = "Zmyślak".to_owned();
    vehicle.model = "1800".to_owned();
    vehicle.year_of_production = 2019;
    vehicle.first_registered_on = "2019-06-03".to_owned();
    Some(vehicle)
}

fn vehicle_registration(person: &MadeUp) -> sources::VehicleRegistration {
    let mut registration = sources::VehicleRegistration::default();
    registration.vehicle = vehicle(person);
    registration.category = "M1".to_owned();
    registration.engine_capacity_cm3 = 1_598;
    registration.engine_power_kw = 85;
    registration.fuel = "P".to_owned();
    registration.seats = 5;
    registration.permissible_mass_kg = 1_820;
    registration
}

fn insurance(person: &MadeUp, today: CivilDate) -> sources::LiabilityInsurance {
    let mut insurance = sources::LiabilityInsurance::default();
    insurance.vehicle = vehicle(person);
    insurance.insurer = "Towarzystwo Zmyślone".to_owned();
    insurance.covered_from = today.plus_days(-100).to_string();
    insurance.covered_until = today.plus_days(264).to_string();
    insurance
}

fn inspection(person: &MadeUp, today: CivilDate) -> sources::TechnicalInspection {
    let overdue = person.circumstance == Circumstance::LicenceExpired;
    let mut inspection = sources::TechnicalInspection::default();
    inspection.vehicle = vehicle(person);
    inspection.inspected_on = today.plus_days(if overdue { -395 } else { -50 }).to_string();
    inspection.next_due_on = today.plus_days(if overdue { -30 } else { 315 }).to_string();
    inspection.station = "ZZ/001/P".to_owned();
    inspection.passed = true;
    inspection.odometer_km = 84_210;
    inspection
}

fn vehicle_card(person: &MadeUp) -> sources::VehicleCard {
    let mut card = sources::VehicleCard::default();
    card.vehicle = vehicle(person);
    card.owners = 2;
    card
}

fn student_card(person: &MadeUp, today: CivilDate) -> sources::StudentCard {
    let mut card = sources::StudentCard::default();
    card.university = "Uniwersytet Zmyślony".to_owned();
    card.album_number = format!("{:06}", person.serial);
    card.prolonged_until = today.plus_days(120).to_string();
    card
}

fn person_entry(person: &MadeUp) -> sources::PersonEntry {
    let mut entry = sources::PersonEntry::default();
    entry.family_name = person.surname.to_owned();
    entry.place_of_birth = person.place_of_birth.to_owned();
    entry.set_sex(sex(person));
    entry.citizenship = "POL".to_owned();
    entry.fathers_given_name = "Wszebor".to_owned();
    entry.mothers_given_name = "Dobrawa".to_owned();
    entry.residence = format!("ul. Wymyślona {}, Zmyślone", person.serial);
    entry
}

fn wanted(person: &MadeUp) -> sources::WantedPerson {
    let mut wanted = sources::WantedPerson::default();
    if person.circumstance == Circumstance::Sought {
        wanted.sought = true;
        wanted.ground = "arrest".to_owned();
        wanted.instruction = "Zatrzymać i powiadomić jednostkę poszukującą".to_owned();
        wanted.reference = "ZM-0001/1899".to_owned();
        wanted.contact = "KMP Zmyślone".to_owned();
        wanted.dangerous = true;
    }
    wanted
}
