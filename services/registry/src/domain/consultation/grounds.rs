//! On which grounds somebody objects: the class, and nothing of what is known.

/// Class of the grounds of an objection (Visa Code art. 32(1)(a)(vi); Act on Foreigners).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grounds {
    /// Defence, or the security of the state.
    StateSecurity,
    /// Public policy and security.
    PublicOrder,
    /// Public health.
    PublicHealth,
    /// International relations of a state.
    InternationalRelations,
    /// An interest of the Republic of Poland.
    StateInterest,
    /// An alert, or an entry in the list of unwanted aliens.
    Alert,
}

impl Grounds {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::StateSecurity,
        Self::PublicOrder,
        Self::PublicHealth,
        Self::InternationalRelations,
        Self::StateInterest,
        Self::Alert,
    ];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StateSecurity => "state_security",
            Self::PublicOrder => "public_order",
            Self::PublicHealth => "public_health",
            Self::InternationalRelations => "international_relations",
            Self::StateInterest => "state_interest",
            Self::Alert => "alert",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grounds| grounds.as_str() == name)
    }
}
