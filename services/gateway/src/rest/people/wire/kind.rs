//! Kinds of documents.

use serde::{Deserialize, Serialize};
use straznica_contracts::sources::v1::DocumentKind as Contract;
use utoipa::ToSchema;

use crate::error::GatewayError;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A kind of document, as a state register answers for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum DocumentKind {
            $($(#[$doc])* $name,)*
        }

        impl DocumentKind {
            /// As the contract names it.
            pub(crate) fn contract(self) -> Contract {
                match self { $(Self::$name => Contract::$name,)* }
            }

            /// From the contract.
            pub(crate) fn of(number: i32) -> Result<Self, GatewayError> {
                match Contract::try_from(number) {
                    $(Ok(Contract::$name) => Ok(Self::$name),)*
                    Ok(Contract::Unspecified) | Err(_) => Err(GatewayError::IncompleteAnswer("a kind of document")),
                }
            }
        }
    };
}

kinds! {
    /// Identity card.
    IdentityCard,
    /// Driving licence.
    DrivingLicence,
    /// Vehicle registration document.
    VehicleRegistration,
    /// Compulsory third party liability insurance of a vehicle.
    LiabilityInsurance,
    /// Periodic technical inspection of a vehicle.
    TechnicalInspection,
    /// Vehicle card: its history.
    VehicleCard,
    /// Student card.
    StudentCard,
    /// Large Family Card.
    LargeFamilyCard,
    /// Pensioner's card.
    PensionerCard,
    /// School ID card.
    SchoolCard,
    /// City card.
    CityCard,
    /// Loyalty card.
    LoyaltyCard,
    /// The person's entry in the register of persons; for services.
    Person,
    /// Whether the person is sought; for services.
    WantedPerson,
}
