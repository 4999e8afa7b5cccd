//! The JSON of the register of aliens.

pub(super) mod accesses;
pub(super) mod alerts;
pub(super) mod because;
pub(super) mod blanks;
pub(super) mod cases;
pub(super) mod consultations;
pub(super) mod consumers;
pub(super) mod deadlines;
pub(super) mod decisions;
pub(super) mod documents;
pub(super) mod facts;
pub(super) mod former;
pub(super) mod intakes;
pub(super) mod merges;
pub(super) mod network;
pub(super) mod persons;
pub(super) mod questions;
pub(super) mod retention;
pub(super) mod rulings;
pub(super) mod search;
pub(super) mod visas;
pub(super) mod work;

/// A closed set of words, read from the contract; `both` ways where callers send it too, `sent` where only they do.
macro_rules! words {
    (sent $(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            pub(super) fn contract(self) -> i32 {
                match self { $(Self::$variant => contract::$name::$variant.into(),)+ }
            }
        }
    };
    (both $(#[$meta:meta])* $name:ident, $what:literal { $($(#[$of:meta])* $variant:ident,)+ }) => {
        words! { $(#[$meta])* #[derive(serde::Deserialize)] $name, $what { $($(#[$of])* $variant,)+ } }

        impl $name {
            pub(super) fn contract(self) -> i32 {
                match self { $(Self::$variant => contract::$name::$variant.into(),)+ }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$of:meta])* $variant:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            pub(super) fn of(told: i32) -> Result<Self, crate::error::GatewayError> {
                match contract::$name::try_from(told) {
                    $(Ok(contract::$name::$variant) => Ok(Self::$variant),)+
                    Ok(contract::$name::Unspecified) | Err(_) => {
                        Err(crate::error::GatewayError::IncompleteAnswer($what))
                    }
                }
            }
        }
    };
}

use words;
