//! The kinds of documents that can be confirmed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of document, as a register answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Dowód osobisty.
    IdentityCard,
    /// Prawo jazdy.
    DrivingLicence,
    /// Dowód rejestracyjny.
    VehicleRegistration,
    /// Ubezpieczenie OC.
    LiabilityInsurance,
    /// Badanie techniczne.
    TechnicalInspection,
    /// Karta pojazdu.
    VehicleCard,
    /// Legitymacja studencka.
    StudentCard,
    /// Karta Dużej Rodziny.
    LargeFamilyCard,
    /// Legitymacja emeryta-rencisty.
    PensionerCard,
    /// Legitymacja szkolna.
    SchoolCard,
    /// Karta miejska.
    CityCard,
    /// Karta lojalnościowa.
    LoyaltyCard,
    /// The person's entry in the register of persons.
    Person,
    /// Whether the person is sought.
    WantedPerson,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::IdentityCard,
        Self::DrivingLicence,
        Self::VehicleRegistration,
        Self::LiabilityInsurance,
        Self::TechnicalInspection,
        Self::VehicleCard,
        Self::StudentCard,
        Self::LargeFamilyCard,
        Self::PensionerCard,
        Self::SchoolCard,
        Self::CityCard,
        Self::LoyaltyCard,
        Self::Person,
        Self::WantedPerson,
    ];

    /// As configuration, database and API name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityCard => "identity_card",
            Self::DrivingLicence => "driving_licence",
            Self::VehicleRegistration => "vehicle_registration",
            Self::LiabilityInsurance => "liability_insurance",
            Self::TechnicalInspection => "technical_inspection",
            Self::VehicleCard => "vehicle_card",
            Self::StudentCard => "student_card",
            Self::LargeFamilyCard => "large_family_card",
            Self::PensionerCard => "pensioner_card",
            Self::SchoolCard => "school_card",
            Self::CityCard => "city_card",
            Self::LoyaltyCard => "loyalty_card",
            Self::Person => "person",
            Self::WantedPerson => "wanted_person",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What the citizen reads in the message; at most 20 characters, so that a code and its reason fit one text message.
    #[must_use]
    pub const fn in_message(self) -> &'static str {
        match self {
            Self::IdentityCard => "dowód osobisty",
            Self::DrivingLicence => "prawo jazdy",
            Self::VehicleRegistration => "dowód rejestracyjny",
            Self::LiabilityInsurance => "ubezpieczenie OC",
            Self::TechnicalInspection => "badanie techniczne",
            Self::VehicleCard => "karta pojazdu",
            Self::StudentCard => "legit. studencka",
            Self::LargeFamilyCard => "Karta Dużej Rodziny",
            Self::PensionerCard => "legit. emeryta",
            Self::SchoolCard => "legit. szkolna",
            Self::CityCard => "karta miejska",
            Self::LoyaltyCard => "karta lojalnościowa",
            Self::Person => "dane z PESEL",
            Self::WantedPerson => "dane z KSIP",
        }
    }

    /// Whether a citizen can let others see it. The others are no documents of theirs: services ask for them by law.
    #[must_use]
    pub const fn can_be_activated(self) -> bool {
        !matches!(self, Self::Person | Self::WantedPerson)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_configuration_and_fit_a_message() {
        for kind in DocumentKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(DocumentKind::named(kind.as_str()), Some(kind));
            assert!(kind.in_message().chars().count() <= 20, "{kind}");
        }
        assert_eq!(DocumentKind::named("passport"), None);
    }
}
