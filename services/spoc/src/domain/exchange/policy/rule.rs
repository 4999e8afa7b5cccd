//! Names of rules.

use std::fmt;

use serde::Deserialize;

/// Where a rule comes from and what it asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Document and section.
    pub source: String,
    /// What it asks.
    pub text: String,
}

macro_rules! rules {
    ($($(#[$what:meta])* $variant:ident = $name:literal,)*) => {
        /// A rule a verdict rests on. The policy file says where it comes from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$what])* $variant,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The rule's name in the policy file, the journal and the operator's view.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

rules! {
    /// A message is well-formed and from whom it says.
    Message = "CSN-36-9791/message",
    /// An identifier names one message.
    MessageId = "CSN-36-9791/message-id",
    /// The partner is registered.
    Partner = "registration/partner",
    /// There is a national CVCA to issue with.
    NationalCvca = "registration/national-cvca",
    /// The request is well-formed.
    Syntax = "TR-03139/table-2/1 syntax",
    /// The request is signed with its own key.
    InnerSignature = "TR-03139/table-2/1 inner-signature",
    /// The request names the CVCA it asks.
    IssuerNamed = "TR-03139/table-2/2 issuer-named",
    /// That CVCA is ours.
    Issuer = "TR-03139/table-2/2 issuer",
    /// The key is of the CVCA's kind.
    DomainParameters = "TR-03139/table-2/2 domain-parameters",
    /// A trusted CVCA of the state countersigned.
    Initial = "TR-03139/table-2/3 initial",
    /// A certificate we issued to the holder vouches.
    Successive = "TR-03139/table-2/3 successive",
    /// No other state vouches.
    OtherState = "TR-03139/table-2/3 other-state",
    /// The outer signature is that key's.
    OuterSignature = "TR-03139/table-2/3 outer-signature",
    /// What vouches is valid on the day of issue.
    Expired = "TR-03139/table-2/3 expired",
    /// The reference is of the state that asks.
    HolderCountry = "TR-03139/table-2/4 country",
    /// The holder is registered.
    Holder = "TR-03139/table-2/4 holder",
    /// The holder is not suspended.
    HolderSuspended = "TR-03139/table-2/4 suspended",
    /// The reference was not used before.
    ReferenceUsed = "TR-03139/table-2/4 reference",
    /// The key was not used before.
    KeyUsed = "TR-03139/table-2/4 key",
    /// The key is strong enough.
    KeyStrength = "TR-03139/table-2/4 key-strength",
    /// The certificate can be valid as long as policy asks.
    Validity = "TR-03139/table-2/5 validity",
    /// No person declined.
    Declined = "TR-03139/table-2/6 declined",
}

impl Rule {
    /// Reads [`Rule::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == text)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
