//! What each kind of document has beside what all have. Texts are the register's, borrowed from its answer; empty ones and zeros are left out.

use serde::Serialize;
use straznica_contracts::sources::v1 as contract;
use utoipa::ToSchema;

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

/// Beside what all documents have: an identity card (Act of 6 August 2010 on Identity Cards, Article 12).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdentityCard<'a> {
    /// Family name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "PRÓBNA")]
    family_name: &'a str,
    /// Father's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "JAN")]
    fathers_given_name: &'a str,
    /// Mother's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ANNA")]
    mothers_given_name: &'a str,
    /// Place of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    place_of_birth: &'a str,
    /// `female`, `male`, or absent.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "female")]
    sex: &'static str,
    /// Citizenship, ISO 3166-1 alpha-3.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "POL")]
    citizenship: &'a str,
    /// Card access number, where the register gives it out.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "123456")]
    card_access_number: &'a str,
}

impl<'a> From<&'a contract::IdentityCard> for IdentityCard<'a> {
    fn from(told: &'a contract::IdentityCard) -> Self {
        Self {
            family_name: &told.family_name,
            fathers_given_name: &told.fathers_given_name,
            mothers_given_name: &told.mothers_given_name,
            place_of_birth: &told.place_of_birth,
            sex: sex(told.sex()),
            citizenship: &told.citizenship,
            card_access_number: &told.card_access_number,
        }
    }
}

/// A driving licence (Directive 2006/126/EC, Annex I).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DrivingLicence<'a> {
    /// Categories.
    categories: Vec<DrivingCategory<'a>>,
    /// Restrictions for all categories, codes of field 12.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["01.06"]))]
    restrictions: &'a [String],
    /// Whether the right to drive was withdrawn, the card apart.
    #[schema(example = false)]
    right_withdrawn: bool,
    /// Place of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    place_of_birth: &'a str,
    /// Penalty points, where the register gives them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    penalty_points: Option<u32>,
}

impl<'a> From<&'a contract::DrivingLicence> for DrivingLicence<'a> {
    fn from(told: &'a contract::DrivingLicence) -> Self {
        Self {
            categories: told.categories.iter().map(DrivingCategory::from).collect(),
            restrictions: &told.restrictions,
            right_withdrawn: told.right_withdrawn,
            place_of_birth: &told.place_of_birth,
            penalty_points: told.penalty_points,
        }
    }
}

/// A category of a driving licence.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DrivingCategory<'a> {
    /// The category.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "B")]
    category: &'a str,
    /// Since when.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2018-05-02")]
    since: &'a str,
    /// Until when.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2033-05-02")]
    until: &'a str,
    /// Restrictions of this category.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["01.06"]))]
    restrictions: &'a [String],
}

impl<'a> From<&'a contract::DrivingCategory> for DrivingCategory<'a> {
    fn from(told: &'a contract::DrivingCategory) -> Self {
        Self { category: &told.category, since: &told.since, until: &told.until, restrictions: &told.restrictions }
    }
}

/// The vehicle a document is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Vehicle<'a> {
    /// Registration mark, without spaces.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "WX12345")]
    registration_mark: &'a str,
    /// Vehicle identification number.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "WVWZZZ1JZ3W386752")]
    vin: &'a str,
    /// Make.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "FSO")]
    make: &'a str,
    /// Model.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Polonez")]
    model: &'a str,
    /// Year of production.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 1991)]
    year_of_production: u32,
    /// First registered on.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "1991-06-03")]
    first_registered_on: &'a str,
}

impl<'a> From<&'a contract::Vehicle> for Vehicle<'a> {
    fn from(told: &'a contract::Vehicle) -> Self {
        Self {
            registration_mark: &told.registration_mark,
            vin: &told.vin,
            make: &told.make,
            model: &told.model,
            year_of_production: told.year_of_production,
            first_registered_on: &told.first_registered_on,
        }
    }
}

/// A vehicle registration document (Council Directive 1999/37/EC, Annex I).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VehicleRegistration<'a> {
    /// The vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<Vehicle<'a>>,
    /// Category, field (J).
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "M1")]
    category: &'a str,
    /// Engine capacity in cubic centimetres, field (P.1).
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 1598)]
    engine_capacity_cm3: u32,
    /// Engine power in kilowatts, field (P.2).
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 77)]
    engine_power_kw: u32,
    /// Fuel, field (P.3).
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "P")]
    fuel: &'a str,
    /// Seats with the driver's, field (S.1).
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 5)]
    seats: u32,
    /// Permissible mass in kilograms, field (F.2).
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 1640)]
    permissible_mass_kg: u32,
    /// Remarks.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["hak"]))]
    remarks: &'a [String],
}

impl<'a> From<&'a contract::VehicleRegistration> for VehicleRegistration<'a> {
    fn from(told: &'a contract::VehicleRegistration) -> Self {
        Self {
            vehicle: told.vehicle.as_ref().map(Vehicle::from),
            category: &told.category,
            engine_capacity_cm3: told.engine_capacity_cm3,
            engine_power_kw: told.engine_power_kw,
            fuel: &told.fuel,
            seats: told.seats,
            permissible_mass_kg: told.permissible_mass_kg,
            remarks: &told.remarks,
        }
    }
}

/// Compulsory third party liability insurance of a vehicle.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiabilityInsurance<'a> {
    /// The vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<Vehicle<'a>>,
    /// The insurer.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Ubezpieczenia Próbne SA")]
    insurer: &'a str,
    /// From the beginning of that day.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2026-01-01")]
    covered_from: &'a str,
    /// To the end of that day.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2026-12-31")]
    covered_until: &'a str,
}

impl<'a> From<&'a contract::LiabilityInsurance> for LiabilityInsurance<'a> {
    fn from(told: &'a contract::LiabilityInsurance) -> Self {
        Self {
            vehicle: told.vehicle.as_ref().map(Vehicle::from),
            insurer: &told.insurer,
            covered_from: &told.covered_from,
            covered_until: &told.covered_until,
        }
    }
}

/// A periodic technical inspection of a vehicle (Directive 2014/45/EU).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TechnicalInspection<'a> {
    /// The vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<Vehicle<'a>>,
    /// When it was inspected.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2026-03-01")]
    inspected_on: &'a str,
    /// When the next is due.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2027-03-01")]
    next_due_on: &'a str,
    /// Which station.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "WX/001/P")]
    station: &'a str,
    /// Whether it passed.
    #[schema(example = true)]
    passed: bool,
    /// Odometer in kilometres.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 184200)]
    odometer_km: u32,
    /// Deficiencies.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["oświetlenie"]))]
    deficiencies: &'a [String],
}

impl<'a> From<&'a contract::TechnicalInspection> for TechnicalInspection<'a> {
    fn from(told: &'a contract::TechnicalInspection) -> Self {
        Self {
            vehicle: told.vehicle.as_ref().map(Vehicle::from),
            inspected_on: &told.inspected_on,
            next_due_on: &told.next_due_on,
            station: &told.station,
            passed: told.passed,
            odometer_km: told.odometer_km,
            deficiencies: &told.deficiencies,
        }
    }
}

/// A vehicle card: its history.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VehicleCard<'a> {
    /// The vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<Vehicle<'a>>,
    /// Owners it has had, the present one included.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 2)]
    owners: u32,
    /// Whether the vehicle is reported stolen.
    #[schema(example = false)]
    reported_stolen: bool,
    /// Entries.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["zmiana właściciela"]))]
    entries: &'a [String],
}

impl<'a> From<&'a contract::VehicleCard> for VehicleCard<'a> {
    fn from(told: &'a contract::VehicleCard) -> Self {
        Self {
            vehicle: told.vehicle.as_ref().map(Vehicle::from),
            owners: told.owners,
            reported_stolen: told.reported_stolen,
            entries: &told.entries,
        }
    }
}

/// A student card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StudentCard<'a> {
    /// The university.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Uniwersytet Próbny")]
    university: &'a str,
    /// Number of the student.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "123456")]
    album_number: &'a str,
    /// Until when it is prolonged.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2026-09-30")]
    prolonged_until: &'a str,
}

impl<'a> From<&'a contract::StudentCard> for StudentCard<'a> {
    fn from(told: &'a contract::StudentCard) -> Self {
        Self { university: &told.university, album_number: &told.album_number, prolonged_until: &told.prolonged_until }
    }
}

/// A Large Family Card (Act of 5 December 2014).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LargeFamilyCard<'a> {
    /// `parent`, `child` or `spouse_of_parent`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "parent")]
    role: &'a str,
}

impl<'a> From<&'a contract::LargeFamilyCard> for LargeFamilyCard<'a> {
    fn from(told: &'a contract::LargeFamilyCard) -> Self {
        Self { role: &told.role }
    }
}

/// A pensioner's card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PensionerCard<'a> {
    /// `old_age`, `disability` or `survivor`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "old_age")]
    pension_kind: &'a str,
    /// Number of the benefit.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "E-123456")]
    benefit_number: &'a str,
}

impl<'a> From<&'a contract::PensionerCard> for PensionerCard<'a> {
    fn from(told: &'a contract::PensionerCard) -> Self {
        Self { pension_kind: &told.pension_kind, benefit_number: &told.benefit_number }
    }
}

/// A school ID card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SchoolCard<'a> {
    /// The school.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Szkoła Podstawowa nr 1 w Zmyślonem")]
    school: &'a str,
    /// Its address.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ul. Próbna 1, Zmyślone")]
    school_address: &'a str,
}

impl<'a> From<&'a contract::SchoolCard> for SchoolCard<'a> {
    fn from(told: &'a contract::SchoolCard) -> Self {
        Self { school: &told.school, school_address: &told.school_address }
    }
}

/// A city card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CityCard<'a> {
    /// The city.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    city: &'a str,
    /// What it is for.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "resident")]
    programme: &'a str,
}

impl<'a> From<&'a contract::CityCard> for CityCard<'a> {
    fn from(told: &'a contract::CityCard) -> Self {
        Self { city: &told.city, programme: &told.programme }
    }
}

/// A loyalty card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoyaltyCard<'a> {
    /// The programme.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Klub Próbny")]
    programme: &'a str,
    /// Its level.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "silver")]
    level: &'a str,
}

impl<'a> From<&'a contract::LoyaltyCard> for LoyaltyCard<'a> {
    fn from(told: &'a contract::LoyaltyCard) -> Self {
        Self { programme: &told.programme, level: &told.level }
    }
}

/// A person's entry in the register of persons (Act of 24 September 2010 on the Population Register, Article 8).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonEntry<'a> {
    /// Family name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "PRÓBNA")]
    family_name: &'a str,
    /// Place of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    place_of_birth: &'a str,
    /// `female`, `male`, or absent.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "female")]
    sex: &'static str,
    /// Citizenship, ISO 3166-1 alpha-3.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "POL")]
    citizenship: &'a str,
    /// Father's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "JAN")]
    fathers_given_name: &'a str,
    /// Mother's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ANNA")]
    mothers_given_name: &'a str,
    /// Registered residence.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ul. Próbna 2, Zmyślone")]
    residence: &'a str,
    /// When the person died.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2099-01-01")]
    died_on: &'a str,
    /// PESELs the person had before.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["99922812345"]))]
    former_pesels: &'a [String],
}

impl<'a> From<&'a contract::PersonEntry> for PersonEntry<'a> {
    fn from(told: &'a contract::PersonEntry) -> Self {
        Self {
            family_name: &told.family_name,
            place_of_birth: &told.place_of_birth,
            sex: sex(told.sex()),
            citizenship: &told.citizenship,
            fathers_given_name: &told.fathers_given_name,
            mothers_given_name: &told.mothers_given_name,
            residence: &told.residence,
            died_on: &told.died_on,
            former_pesels: &told.former_pesels,
        }
    }
}

/// Whether a person is sought.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WantedPerson<'a> {
    /// Whether they are. If not, nothing else is said.
    #[schema(example = true)]
    sought: bool,
    /// Why, e.g. `arrest`, `establish_residence`, `missing_person`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "establish_residence")]
    ground: &'a str,
    /// What is to be done, in the register's words.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "powiadomić jednostkę")]
    instruction: &'a str,
    /// Number to quote to the unit that seeks.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "P-1/2026")]
    reference: &'a str,
    /// The unit that seeks.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "KPP Zmyślone")]
    contact: &'a str,
    /// Whether they are held for dangerous.
    #[schema(example = false)]
    dangerous: bool,
}

impl<'a> From<&'a contract::WantedPerson> for WantedPerson<'a> {
    fn from(told: &'a contract::WantedPerson) -> Self {
        Self {
            sought: told.sought,
            ground: &told.ground,
            instruction: &told.instruction,
            reference: &told.reference,
            contact: &told.contact,
            dangerous: told.dangerous,
        }
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
