//! The least of a document: what one citizen sees of another's.
//!
//! | document | shown |
//! |---|---|
//! | every one | kind, state, valid until, register, as-of time, the holder's given names and surname |
//! | identity, student, school, pensioner's, Large Family, city and loyalty card | the photo |
//! | driving licence | the photo, the categories, whether the right was withdrawn |
//! | registration document, vehicle card | registration mark, make and model |
//! | liability insurance | the same, and until when it covers |
//! | technical inspection | the same, whether passed, and when the next is due |
//!
//! Never: numbers, PESEL, dates and places of birth, parents, addresses.

use straznica_contracts::sources::v1::document::Details;
use straznica_contracts::sources::v1::{
    Document, DrivingCategory, DrivingLicence, Holder, LiabilityInsurance, TechnicalInspection, Vehicle, VehicleCard,
    VehicleRegistration,
};

/// The least of it; the rest is wiped.
pub(crate) fn least(mut document: Document) -> Document {
    let mut shown = Document::default();
    shown.kind = document.kind;
    shown.state = document.state;
    shown.valid_until = std::mem::take(&mut document.valid_until);
    shown.source = std::mem::take(&mut document.source);
    shown.as_of_ms = document.as_of_ms;
    shown.holder = document.holder.take().map(|mut holder| {
        let mut named = Holder::default();
        named.given_names = std::mem::take(&mut holder.given_names);
        named.surname = std::mem::take(&mut holder.surname);
        named
    });
    shown.details = document.details.as_ref().and_then(details);
    if !of_a_vehicle(document.details.as_ref()) {
        shown.photo_jpeg = std::mem::take(&mut document.photo_jpeg);
    }
    shown
}

const fn of_a_vehicle(details: Option<&Details>) -> bool {
    matches!(
        details,
        Some(
            Details::VehicleRegistration(_)
                | Details::LiabilityInsurance(_)
                | Details::TechnicalInspection(_)
                | Details::VehicleCard(_)
        )
    )
}

fn details(details: &Details) -> Option<Details> {
    Some(match details {
        Details::DrivingLicence(licence) => {
            let mut shown = DrivingLicence::default();
            shown.categories = licence.categories.iter().map(category).collect();
            shown.right_withdrawn = licence.right_withdrawn;
            Details::DrivingLicence(shown)
        }
        Details::VehicleRegistration(registration) => {
            let mut shown = VehicleRegistration::default();
            shown.vehicle = registration.vehicle.as_ref().map(vehicle);
            Details::VehicleRegistration(shown)
        }
        Details::VehicleCard(card) => {
            let mut shown = VehicleCard::default();
            shown.vehicle = card.vehicle.as_ref().map(vehicle);
            Details::VehicleCard(shown)
        }
        Details::LiabilityInsurance(insurance) => {
            let mut shown = LiabilityInsurance::default();
            shown.vehicle = insurance.vehicle.as_ref().map(vehicle);
            shown.covered_until.clone_from(&insurance.covered_until);
            Details::LiabilityInsurance(shown)
        }
        Details::TechnicalInspection(inspection) => {
            let mut shown = TechnicalInspection::default();
            shown.vehicle = inspection.vehicle.as_ref().map(vehicle);
            shown.next_due_on.clone_from(&inspection.next_due_on);
            shown.passed = inspection.passed;
            Details::TechnicalInspection(shown)
        }
        _ => return None,
    })
}

fn category(held: &DrivingCategory) -> DrivingCategory {
    let mut shown = DrivingCategory::default();
    shown.category.clone_from(&held.category);
    shown.until.clone_from(&held.until);
    shown
}

fn vehicle(whole: &Vehicle) -> Vehicle {
    let mut shown = Vehicle::default();
    shown.registration_mark.clone_from(&whole.registration_mark);
    shown.make.clone_from(&whole.make);
    shown.model.clone_from(&whole.model);
    shown
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use straznica_contracts::sources::v1::DocumentKind;

    use super::*;

    #[test]
    fn the_holder_is_named_and_nothing_else_of_them_is_told() {
        let mut whole = Document::default();
        whole.set_kind(DocumentKind::DrivingLicence);
        whole.number = "CANARY".to_owned();
        whole.issuer = "CANARY".to_owned();
        whole.photo_jpeg = b"photo".to_vec();
        let mut holder = Holder::default();
        holder.given_names = "Anna".to_owned();
        holder.surname = "Nowak".to_owned();
        holder.born_on = "CANARY".to_owned();
        holder.pesel = "CANARY".to_owned();
        whole.holder = Some(holder);
        let mut licence = DrivingLicence::default();
        licence.place_of_birth = "CANARY".to_owned();
        licence.penalty_points = Some(7);
        let mut held = DrivingCategory::default();
        held.category = "B".to_owned();
        held.since = "CANARY".to_owned();
        licence.categories = vec![held];
        whole.details = Some(Details::DrivingLicence(licence));
        let shown = least(whole);
        assert_eq!(
            (shown.holder.as_ref().unwrap().surname.as_str(), shown.photo_jpeg.as_slice()),
            ("Nowak", b"photo".as_slice())
        );
        let bytes = shown.encode_to_vec();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
        let Some(Details::DrivingLicence(licence)) = &shown.details else { panic!("no licence") };
        assert_eq!((licence.categories[0].category.as_str(), licence.penalty_points), ("B", None));
    }

    #[test]
    fn a_vehicles_document_shows_the_vehicle_and_not_its_holders_face() {
        let mut whole = Document::default();
        whole.photo_jpeg = b"photo".to_vec();
        let mut car = Vehicle::default();
        car.registration_mark = "WX12345".to_owned();
        car.vin = "CANARY".to_owned();
        let mut insurance = LiabilityInsurance::default();
        insurance.vehicle = Some(car);
        insurance.covered_until = "2027-01-01".to_owned();
        insurance.insurer = "CANARY".to_owned();
        whole.details = Some(Details::LiabilityInsurance(insurance));
        let shown = least(whole);
        assert!(shown.photo_jpeg.is_empty());
        let bytes = shown.encode_to_vec();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
        assert!(bytes.windows(7).any(|window| window == b"WX12345"));
    }
}
