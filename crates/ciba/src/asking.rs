//! What is asked, of whom, and what a provider made of it.

use std::time::Duration;

use straznica_types::{Secret, Timestamp};

/// Makes a text type that prints as `***` and is wiped when dropped.
macro_rules! masked {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(Secret<String>);

        impl $name {
            /// The text, for the one place that needs it.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.expose() == other.expose()
            }
        }

        impl Eq for $name {}

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("***")
            }
        }
    };
}
pub(crate) use masked;

masked! {
    /// The phone that is asked: a number of E.164, 5 to 15 digits.
    LoginHint
}

impl LoginHint {
    /// `None` for what is no such number. A leading `+` is taken off.
    pub fn new(number: &str) -> Option<Self> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = digits.bytes().all(|octet| octet.is_ascii_digit()) && !digits.starts_with('0');
        (is_number && (5..=15).contains(&digits.len())).then(|| Self(Secret::new(digits.to_owned())))
    }
}

masked! {
    /// The text that stands on the citizen's phone and on the official's screen alike (CIBA Core 1.0 §7.1 `binding_message`).
    BindingMessage
}

impl BindingMessage {
    /// Characters a text may have. Providers allow fewer and answer `invalid_binding_message`.
    pub const LONGEST: usize = 200;

    /// `None` when empty, too long or with control characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Self(Secret::new(text.to_owned())))
    }
}

masked! {
    /// The provider's name for what was asked. Whoever knows it and can act as this client can fetch the answer.
    AuthReqId
}

impl AuthReqId {
    /// `None` when empty, longer than 1024 octets, or with other characters than CIBA Core 1.0 §7.3 allows (`A-Z a-z 0-9 . - _`, and what JWTs and
    /// base64 add).
    pub fn new(text: &str) -> Option<Self> {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || b".-_~+/=".contains(&octet);
        ((1..=1_024).contains(&text.len()) && text.bytes().all(fits)).then(|| Self(Secret::new(text.to_owned())))
    }
}

masked! {
    /// Ties an ID token to what was asked, where the protocol has a place for it (Mobile Connect).
    Nonce
}

impl Nonce {
    /// As it was kept; `None` when empty or longer than 255 characters.
    pub fn new(text: &str) -> Option<Self> {
        (1..=255).contains(&text.len()).then(|| Self(Secret::new(text.to_owned())))
    }
}

/// The caller's own name for the transaction, fit for other people's logs: 1 to 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// `None` for another text.
    pub fn new(text: &str) -> Option<Self> {
        straznica_types::check_name(text).ok().map(|()| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An authentication context class reference: how surely a person was authenticated, in the provider's words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acr(String);

impl Acr {
    /// `None` when empty, longer than 255 characters, or not printable ASCII without spaces.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// One that is known to fit.
    pub(crate) fn constant(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The classes that would do, the preferred one first. At least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrValues(Vec<Acr>);

impl AcrValues {
    /// `None` for none, and for more than eight.
    pub fn new(values: Vec<Acr>) -> Option<Self> {
        (1..=8).contains(&values.len()).then_some(Self(values))
    }

    /// The classes.
    pub fn as_slice(&self) -> &[Acr] {
        &self.0
    }

    /// As `acr_values` is written: with spaces between.
    pub(crate) fn joined(&self) -> String {
        self.0.iter().map(Acr::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// The classes of a provider, the weakest first. What is not among them is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrLevels(Vec<Acr>);

impl AcrLevels {
    /// `None` for none, and when one stands twice.
    pub fn new(weakest_first: Vec<Acr>) -> Option<Self> {
        let unique = weakest_first.iter().enumerate().all(|(at, acr)| !weakest_first[..at].contains(acr));
        (!weakest_first.is_empty() && unique).then_some(Self(weakest_first))
    }

    pub(crate) fn rank(&self, acr: &str) -> Option<usize> {
        self.0.iter().position(|level| level.as_str() == acr)
    }

    /// The least of what was asked for; `None` when one of them is no class of this provider.
    pub(crate) fn least(&self, asked: &AcrValues) -> Option<usize> {
        let ranks: Option<Vec<usize>> = asked.as_slice().iter().map(|acr| self.rank(acr.as_str())).collect();
        ranks?.into_iter().min()
    }
}

/// A question to a citizen's phone.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Whom.
    pub login_hint: LoginHint,
    /// With which text.
    pub binding_message: BindingMessage,
    /// For how long; whole seconds count. What the provider grants beyond it is not used.
    pub requested_expiry: Duration,
    /// How surely.
    pub acr_values: AcrValues,
    /// The caller's name for it. CIBA has no place for it; Mobile Connect has.
    pub correlation_id: CorrelationId,
}

/// A question a provider has taken. The caller may keep its fields and go on after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The provider's name for it.
    pub auth_req_id: AuthReqId,
    /// When it was sent: an authentication before that is none.
    pub asked_at: Timestamp,
    /// When it is of no more use: the provider's word or the caller's wish, whichever is earlier.
    pub expires_at: Timestamp,
    /// The least pause between two looks.
    pub interval: Duration,
    /// How surely.
    pub acr_values: AcrValues,
    /// What the ID token has to repeat, if anything.
    pub nonce: Option<Nonce>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acr(text: &str) -> Acr {
        Acr::new(text).unwrap()
    }

    #[test]
    fn what_names_a_person_or_opens_an_answer_prints_as_none() {
        let asking = Asking {
            login_hint: LoginHint::new("+48600100200").unwrap(),
            binding_message: BindingMessage::new("Urząd Gminy Kowal: dowód osobisty").unwrap(),
            requested_expiry: Duration::from_secs(120),
            acr_values: AcrValues::new(vec![acr("3")]).unwrap(),
            correlation_id: CorrelationId::new("t-17").unwrap(),
        };
        let printed = format!("{asking:?} {:?} {:?}", AuthReqId::new("a1b2").unwrap(), Nonce::new("n0nce").unwrap());
        for secret in ["600100200", "Kowal", "a1b2", "n0nce"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("t-17"));
        assert_eq!(asking.login_hint.expose(), "48600100200");
    }

    #[test]
    fn texts_out_of_bounds_are_refused() {
        for number in ["", "1234", "0600100200", "+48 600", "1234567890123456", "+4860010020a"] {
            assert!(LoginHint::new(number).is_none(), "{number}");
        }
        for text in ["", "a\nb", &"x".repeat(201)] {
            assert!(BindingMessage::new(text).is_none(), "{text}");
        }
        for id in ["", "a b", "ż", &"a".repeat(1_025)] {
            assert!(AuthReqId::new(id).is_none(), "{id}");
        }
        for text in ["", "two words", "ż"] {
            assert!(Acr::new(text).is_none(), "{text}");
        }
        assert!(AcrValues::new(vec![]).is_none());
        assert!(AcrLevels::new(vec![acr("2"), acr("2")]).is_none());
    }

    #[test]
    fn the_weakest_class_asked_for_is_what_has_to_be_reached() {
        let levels = AcrLevels::new(vec![acr("2"), acr("3"), acr("4")]).unwrap();
        let least = |asked: &[&str]| levels.least(&AcrValues::new(asked.iter().map(|one| acr(one)).collect()).unwrap());
        assert_eq!((least(&["4", "3"]), least(&["2"])), (Some(1), Some(0)));
        assert_eq!(least(&["3", "9"]), None);
    }
}
