//! Documents of vehicles.

use serde::Serialize;
use straznica_contracts::sources::v1 as contract;
use utoipa::ToSchema;

use super::{Shown, is_zero, shows};

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

shows!(Vehicle { registration_mark, vin, make, model, year_of_production, first_registered_on });

impl<'a> Shown<'a> for Option<contract::Vehicle> {
    type As = Option<Vehicle<'a>>;

    fn shown(&'a self) -> Self::As {
        self.as_ref().map(Vehicle::from)
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

shows!(VehicleRegistration {
    vehicle,
    category,
    engine_capacity_cm3,
    engine_power_kw,
    fuel,
    seats,
    permissible_mass_kg,
    remarks
});

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

shows!(LiabilityInsurance { vehicle, insurer, covered_from, covered_until });

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

shows!(TechnicalInspection { vehicle, inspected_on, next_due_on, station, passed, odometer_km, deficiencies });

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

shows!(VehicleCard { vehicle, owners, reported_stolen, entries });
