//! Identifiers: UUIDs of version 7, each purpose a type of its own.

/// A text that is no UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

/// Declares an identifier: a newtype over a UUID of version 7 (RFC 9562 §5.7), so that ids sort by the time they were made.
///
/// ```
/// straznica_types::typed_id! {
///     /// A file of a case.
///     pub struct FileId;
/// }
/// let id = FileId::generate(&straznica_types::SystemClock);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name($crate::private::uuid::Uuid);

        impl $name {
            /// A new identifier of this moment.
            pub fn generate(clock: &dyn $crate::Clock) -> Self {
                Self::generate_at(clock.now())
            }

            /// A new identifier of the given moment.
            pub fn generate_at(at: $crate::Timestamp) -> Self {
                use $crate::private::uuid::{NoContext, Timestamp, Uuid};
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                // The remainder is below 1000, so below 10^9 as nanoseconds.
                let nanos = u32::try_from(millis % 1_000).unwrap_or(0) * 1_000_000;
                Self(Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1_000, nanos)))
            }

            /// From the hyphenated text form (any UUID is taken: ids made elsewhere may be of another version).
            ///
            /// # Errors
            /// [`InvalidId`]($crate::InvalidId) when the text is no hyphenated UUID.
            pub fn parse(text: &str) -> Result<Self, $crate::InvalidId> {
                if text.len() != 36 {
                    return Err($crate::InvalidId);
                }
                $crate::private::uuid::Uuid::try_parse(text).map(Self).map_err(|_| $crate::InvalidId)
            }

            /// From the UUID, as a database holds it.
            pub const fn from_uuid(uuid: $crate::private::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, as a database holds it.
            pub const fn uuid(self) -> $crate::private::uuid::Uuid {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::InvalidId;

            fn from_str(text: &str) -> Result<Self, $crate::InvalidId> {
                Self::parse(text)
            }
        }

        impl $crate::private::serde::Serialize for $name {
            fn serialize<S: $crate::private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as $crate::private::serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(<D::Error as $crate::private::serde::de::Error>::custom)
            }
        }
    };
}

typed_id! {
    /// One inspection of one travel document, at identity.
    pub struct InspectionId;
}

typed_id! {
    /// A single-use challenge for Active Authentication.
    pub struct ChallengeId;
}

typed_id! {
    /// An entry of a journal.
    pub struct EntryId;
}

typed_id! {
    /// A request as the gateway received it; the same in every log line, span and journal entry it causes.
    pub struct RequestId;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Timestamp;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = Timestamp::from_millis(1_779_960_600_123);
        let (first, second) =
            (InspectionId::generate_at(early), InspectionId::generate_at(early + Duration::from_millis(1)));
        assert!(first < second);
        assert_eq!(first.uuid().get_version_num(), 7);
        assert_ne!(first, InspectionId::generate_at(early));
    }

    #[test]
    fn an_id_keeps_its_text_form_in_json() {
        let text = "\"0197156e-3c5b-7d2a-9c11-0242ac120002\"";
        let id: EntryId = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), text);
    }

    #[test]
    fn what_is_no_hyphenated_uuid_is_refused() {
        for text in [
            "",
            "0197156e3c5b7d2a9c110242ac120002",
            "{0197156e-3c5b-7d2a-9c11-0242ac120002}",
            "0197156e-3c5b-7d2a-9c11-0242ac12000g",
        ] {
            assert_eq!(RequestId::parse(text), Err(InvalidId), "{text}");
        }
    }
}
