//! What each kind of document has beside what all have. Texts are the register's, borrowed from its answer; empty ones and zeros are left out.

mod cards;
mod driving_licence;
mod people;
mod vehicles;

use serde::Serialize;
use straznica_contracts::sources::v1 as contract;
use utoipa::ToSchema;

use cards::{CityCard, LargeFamilyCard, LoyaltyCard, PensionerCard, SchoolCard, StudentCard};
use driving_licence::DrivingLicence;
use people::{IdentityCard, PersonEntry, WantedPerson};
use vehicles::{LiabilityInsurance, TechnicalInspection, VehicleCard, VehicleRegistration};

/// How an answer has a member of the register's: texts and lists borrowed, the rest copied.
trait Shown<'a> {
    type As;

    fn shown(&'a self) -> Self::As;
}

impl<'a> Shown<'a> for String {
    type As = &'a str;

    fn shown(&'a self) -> &'a str {
        self
    }
}

impl<'a> Shown<'a> for Vec<String> {
    type As = &'a [String];

    fn shown(&'a self) -> &'a [String] {
        self
    }
}

/// What is shown as it is.
macro_rules! shown_as_it_is {
    ($($kind:ty),*) => {
        $(impl Shown<'_> for $kind {
            type As = Self;

            fn shown(&self) -> Self {
                *self
            }
        })*
    };
}

shown_as_it_is!(bool, u32, Option<u32>);

/// Takes the members of these names from the contract's message of the same name, and makes others of it.
macro_rules! shows {
    ($what:ident { $($member:ident),* $(,)? } $(and |$message:ident| { $($made:ident: $value:expr),* })?) => {
        impl<'a> From<&'a contract::$what> for $what<'a> {
            fn from(told: &'a contract::$what) -> Self {
                $(let $message = told;)?
                Self { $($member: told.$member.shown(),)* $($($made: $value,)*)? }
            }
        }
    };
}
use shows;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How the interface names the sex.
fn sex(told: contract::Sex) -> &'static str {
    match told {
        contract::Sex::Unspecified => "",
        contract::Sex::Female => "female",
        contract::Sex::Male => "male",
    }
}

/// What this kind of document has beside what all have; which member is there the document's kind says.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details<'a> {
    /// An identity card.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_card: Option<IdentityCard<'a>>,
    /// A driving licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    driving_licence: Option<DrivingLicence<'a>>,
    /// A vehicle registration document.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle_registration: Option<VehicleRegistration<'a>>,
    /// Liability insurance of a vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    liability_insurance: Option<LiabilityInsurance<'a>>,
    /// A technical inspection of a vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    technical_inspection: Option<TechnicalInspection<'a>>,
    /// A vehicle card.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle_card: Option<VehicleCard<'a>>,
    /// A student card.
    #[serde(skip_serializing_if = "Option::is_none")]
    student_card: Option<StudentCard<'a>>,
    /// A Large Family Card.
    #[serde(skip_serializing_if = "Option::is_none")]
    large_family_card: Option<LargeFamilyCard<'a>>,
    /// A pensioner's card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pensioner_card: Option<PensionerCard<'a>>,
    /// A school ID card.
    #[serde(skip_serializing_if = "Option::is_none")]
    school_card: Option<SchoolCard<'a>>,
    /// A city card.
    #[serde(skip_serializing_if = "Option::is_none")]
    city_card: Option<CityCard<'a>>,
    /// A loyalty card.
    #[serde(skip_serializing_if = "Option::is_none")]
    loyalty_card: Option<LoyaltyCard<'a>>,
    /// An entry in the register of persons.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonEntry<'a>>,
    /// Whether the person is sought.
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted_person: Option<WantedPerson<'a>>,
}

impl<'a> Details<'a> {
    pub(crate) fn of(told: Option<&'a contract::document::Details>) -> Self {
        use contract::document::Details as Told;
        let none = Self::default();
        match told {
            None => none,
            Some(Told::IdentityCard(told)) => Self { identity_card: Some(told.into()), ..none },
            Some(Told::DrivingLicence(told)) => Self { driving_licence: Some(told.into()), ..none },
            Some(Told::VehicleRegistration(told)) => Self { vehicle_registration: Some(told.into()), ..none },
            Some(Told::LiabilityInsurance(told)) => Self { liability_insurance: Some(told.into()), ..none },
            Some(Told::TechnicalInspection(told)) => Self { technical_inspection: Some(told.into()), ..none },
            Some(Told::VehicleCard(told)) => Self { vehicle_card: Some(told.into()), ..none },
            Some(Told::StudentCard(told)) => Self { student_card: Some(told.into()), ..none },
            Some(Told::LargeFamilyCard(told)) => Self { large_family_card: Some(told.into()), ..none },
            Some(Told::PensionerCard(told)) => Self { pensioner_card: Some(told.into()), ..none },
            Some(Told::SchoolCard(told)) => Self { school_card: Some(told.into()), ..none },
            Some(Told::CityCard(told)) => Self { city_card: Some(told.into()), ..none },
            Some(Told::LoyaltyCard(told)) => Self { loyalty_card: Some(told.into()), ..none },
            Some(Told::Person(told)) => Self { person: Some(told.into()), ..none },
            Some(Told::WantedPerson(told)) => Self { wanted_person: Some(told.into()), ..none },
        }
    }
}
