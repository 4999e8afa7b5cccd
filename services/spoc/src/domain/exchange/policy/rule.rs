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
    /// Certificates that come are those a message of ours asked for.
    Answer = "CSN-36-9791/answer",
    /// Certificates come from the state whose they are.
    Sender = "CSN-36-9791/sender",
    /// A partner sends no more than is taken in.
    Intake = "intake/quota",
    /// A bundle is signed by a partner, for us, and in its time.
    Bundle = "fallback/bundle",
    /// What is taken in is of this node's environment.
    Environment = "node/environment",
    /// A SPOC's certificate can be read.
    IdentityForm = "identity/certificate",
    /// It names one state, and that is the one expected.
    IdentityCountry = "identity/country",
    /// A path of signatures and dates leads to a root.
    IdentityPath = "identity/path",
    /// The root is registered, confirmed and in use.
    IdentityRoot = "identity/root",
    /// It is for a SPOC, of this side and this host.
    IdentityPurpose = "identity/purpose",
    /// A fresh list does not say that it is revoked.
    IdentityRevocation = "identity/revocation",
    /// The partner is met over the binding it is registered for.
    Binding = "registration/binding",
    /// No more roots of one state wait for officers than they can look at.
    WaitingRoots = "registration/waiting-roots",
    /// No more certificates of one state's CVCAs are held than chains are looked for among.
    HeldCertificates = "registration/held-certificates",
    /// A partner is one other state than ours.
    RegisteredState = "registration/state",
    /// What is entered of a partner or a verifier is in the form given for it.
    RegisteredParticulars = "registration/particulars",
    /// A partner's profile is one of those loaded.
    RegisteredProfile = "registration/profile",
    /// A partner answers at an https URL.
    RegisteredUrl = "registration/url",
    /// A partner has an address for the fallback by e-mail.
    RegisteredEmail = "registration/email",
    /// A partner's documents are valid for years one can reckon with.
    RegisteredDocuments = "registration/documents",
    /// A period of use ends after it begins.
    RegisteredPeriod = "registration/period",
    /// A partner is registered with its roots, later ones announced by themselves.
    RegisteredRoots = "registration/roots",
    /// Who confirms a partner types the fingerprints proposed.
    RegisteredFingerprints = "registration/fingerprints",
    /// Two officers decide.
    TwoOfficers = "officers/two",
    /// The CVCAs of a partner are named, each once, by its state and a mnemonic.
    RegisteredCvcaNames = "registration/cvca-names",
    /// A document verifier is named by its state and a mnemonic, and its CVCA is of the same state.
    RegisteredHolder = "registration/holder",
    /// A root can be read.
    RootForm = "root/certificate",
    /// A root names one state, and that is the partner.
    RootCountry = "root/country",
    /// A root is an authority that signed itself.
    RootAuthority = "root/authority",
    /// A root's key is strong enough.
    RootKey = "root/key",
    /// A root is used within its validity.
    RootPeriod = "root/period",
    /// A root is used over what its key can serve.
    RootBinding = "root/binding",
    /// A link leads from a confirmed root to the new one.
    RootLink = "root/link",
    /// A partner's CVCA is one its registration lists.
    RegisteredCvca = "registration/cvcas",
    /// A certificate that came can be read and is of the kind expected.
    ReceivedForm = "TR-03110-3/received/form",
    /// A holder reference names one key and one certificate under its issuer.
    ReceivedReference = "TR-03110-3/received/reference",
    /// A trusted certificate of its issuer is held.
    ReceivedIssuer = "TR-03110-3/received/issuer",
    /// Its issuer signed it, with a key that can be used.
    ReceivedSignature = "TR-03110-3/received/signature",
    /// Its dates let it be used.
    ReceivedDates = "TR-03110-3/received/dates",
    /// It answers the request it came for.
    ReceivedRequest = "TR-03139/4.4 request",
    /// It, a CVCA's or a document verifier's, is valid as long as the policy for its issuer says.
    ReceivedValidity = "TR-03139/4.7 received",
    /// An inspection system is valid as long as policy allows.
    InspectionSystem = "TR-03139/4.7 inspection-system",
    /// What was obtained is kept as long as it may be asked for, and not longer.
    Retention = "TR-03139/retention",
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
    /// What countersigned is the CVCA registered of the holder, or one that links lead to from it.
    DomesticCvca = "TR-03139/table-2/3 domestic-cvca",
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
