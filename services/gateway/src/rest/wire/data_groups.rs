//! Data groups of the chip (ICAO Doc 9303-10 §4.6) as JSON objects keyed by their number.
//!
//! DG3 (fingerprints) and DG4 (irises) never leave the terminal: their bytes are not even decoded here, only noticed, and the request is
//! refused; what the terminal sends for them is a digest.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, Visitor},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, Ref, RefOr, Schema, schema::Type},
};

use super::scalars::Base64;

/// The data groups whose content is a biometric no service may receive.
const BIOMETRIC: [u8; 2] = [3, 4];

/// Number of a data group, 1 to 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DataGroupNumber(u8);

impl DataGroupNumber {
    pub(crate) fn get(self) -> u8 {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let number: u8 = text.parse().ok()?;
        // "07" and "+7" would be two names for one member
        ((1..=16).contains(&number) && number.to_string() == text).then_some(Self(number))
    }
}

impl<'de> Deserialize<'de> for DataGroupNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            number @ 1..=16 => Ok(Self(number)),
            _ => Err(de::Error::custom("expected the number of a data group, 1 to 16")),
        }
    }
}

impl PartialSchema for DataGroupNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(16))
            .description(Some("Number of a data group (ICAO Doc 9303-10 §4.6)."))
            .examples([3])
            .into()
    }
}

impl ToSchema for DataGroupNumber {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DataGroupNumber")
    }
}

/// Raw bytes of elementary files by data group number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DataGroups {
    files: BTreeMap<DataGroupNumber, Base64>,
    biometric: Option<DataGroupNumber>,
}

/// Bytes of a data group that must not leave the terminal were in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BiometricDataGroup(pub(crate) u8);

impl DataGroups {
    /// The files, for the contract.
    pub(crate) fn into_contract(self) -> Result<std::collections::HashMap<u32, Vec<u8>>, BiometricDataGroup> {
        if let Some(number) = self.biometric {
            return Err(BiometricDataGroup(number.get()));
        }
        Ok(self.files.into_iter().map(|(number, file)| (u32::from(number.get()), file.0)).collect())
    }
}

impl<'de> Deserialize<'de> for DataGroups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FilesVisitor;
        impl<'de> Visitor<'de> for FilesVisitor {
            type Value = DataGroups;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of data group numbers and base64")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DataGroups, A::Error> {
                let mut groups = DataGroups::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    let number = DataGroupNumber::parse(&key)
                        .ok_or_else(|| de::Error::custom("expected data group numbers \"1\" to \"16\" as members"))?;
                    if BIOMETRIC.contains(&number.get()) {
                        map.next_value::<IgnoredAny>()?;
                        groups.biometric = Some(number);
                        continue;
                    }
                    if groups.files.insert(number, map.next_value()?).is_some() {
                        return Err(de::Error::custom("expected each data group at most once"));
                    }
                }
                Ok(groups)
            }
        }
        deserializer.deserialize_map(FilesVisitor)
    }
}

impl PartialSchema for DataGroups {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(
                ObjectBuilder::new().schema_type(Type::String).pattern(Some("^([1-2]|[5-9]|1[0-6])$")).build(),
            ))
            .additional_properties(Some(RefOr::Ref(Ref::from_schema_name("Base64"))))
            .description(Some(
                "Raw bytes of elementary files by data group number, exactly as the chip gave them (tag and length included). \
                 Never 3 or 4: fingerprints and irises stay in the terminal, and a request that carries them is refused (422).",
            ))
            .examples([serde_json::json!({"1": "YVtfH1hQPFA=", "14": "boICpDGC"})])
            .into()
    }
}

impl ToSchema for DataGroups {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DataGroups")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Base64::name().into_owned(), Base64::schema()));
    }
}

/// Digests the terminal computed over DG3 and DG4 with the algorithm of the document's security object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Digests(BTreeMap<DataGroupNumber, Base64>);

impl Digests {
    /// The digests, for the contract.
    pub(crate) fn into_contract(self) -> std::collections::HashMap<u32, Vec<u8>> {
        self.0.into_iter().map(|(number, digest)| (u32::from(number.get()), digest.0)).collect()
    }
}

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DigestsVisitor;
        impl<'de> Visitor<'de> for DigestsVisitor {
            type Value = Digests;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of data group numbers and base64")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Digests, A::Error> {
                let mut digests = BTreeMap::new();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    let number = DataGroupNumber::parse(&key)
                        .filter(|number| BIOMETRIC.contains(&number.get()))
                        .ok_or_else(|| de::Error::custom("expected only members \"3\" and \"4\""))?;
                    let digest: Base64 = map.next_value()?;
                    if digest.0.is_empty() || digest.0.len() > 64 {
                        return Err(de::Error::custom("expected a digest of 1 to 64 bytes"));
                    }
                    if digests.insert(number, digest).is_some() {
                        return Err(de::Error::custom("expected each data group at most once"));
                    }
                }
                Ok(Digests(digests))
            }
        }
        deserializer.deserialize_map(DigestsVisitor)
    }
}

impl PartialSchema for Digests {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[34]$")).build()))
            .additional_properties(Some(RefOr::Ref(Ref::from_schema_name("Base64"))))
            .description(Some(
                "Digests the terminal computed over DG3 and DG4, raw bytes of the file, with the digest algorithm of the SOD. The \
                 evidence then says \"computed by the terminal\".",
            ))
            .examples([serde_json::json!({"3": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="})])
            .into()
    }
}

impl ToSchema for Digests {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Digests")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Base64::name().into_owned(), Base64::schema()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_groups_are_keyed_by_number() {
        let groups: DataGroups = serde_json::from_str(r#"{"1": "AQ==", "16": "Ag=="}"#).unwrap();
        let files = groups.into_contract().unwrap();
        assert_eq!(files.len(), 2);
        assert_eq!(files[&1], [1]);
        assert_eq!(files[&16], [2]);
    }

    #[test]
    fn a_number_that_is_no_data_group_is_refused() {
        for key in ["0", "17", "01", "+1", "-1", "dg1", "", "1 ", "257"] {
            let json = format!(r#"{{"{key}": "AQ=="}}"#);
            assert!(serde_json::from_str::<DataGroups>(&json).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_data_group_given_twice_is_refused() {
        assert!(serde_json::from_str::<DataGroups>(r#"{"1": "AQ==", "1": "Ag=="}"#).is_err());
        assert!(serde_json::from_str::<Digests>(r#"{"3": "AQ==", "3": "Ag=="}"#).is_err());
    }

    #[test]
    fn fingerprints_and_irises_are_noticed_but_not_decoded() {
        for (json, number) in [(r#"{"1": "AQ==", "3": "bm8="}"#, 3), (r#"{"4": 17}"#, 4)] {
            let groups: DataGroups = serde_json::from_str(json).unwrap();
            assert_eq!(groups.into_contract(), Err(BiometricDataGroup(number)));
        }
    }

    #[test]
    fn digests_are_of_fingerprints_and_irises_only() {
        assert!(serde_json::from_str::<Digests>(r#"{"3": "AQ==", "4": "Ag=="}"#).is_ok());
        for wrong in [r#"{"1": "AQ=="}"#, r#"{"3": ""}"#, r#"[]"#] {
            assert!(serde_json::from_str::<Digests>(wrong).is_err(), "{wrong}");
        }
    }
}
