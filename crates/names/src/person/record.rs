//! What is known of a person in one row of a file.

use crate::name::Name;

/// A field that is compared. Its number is its place in every table of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Given names, in any script.
    GivenName,
    /// Surname, in any script.
    Surname,
    /// Date of birth: year, month, day; the end of it may be unknown.
    Born,
    /// Sex as the document has it.
    Sex,
    /// Code of the state whose national somebody is.
    Nationality,
    /// Number of a national identity, tax or social register.
    Identifier,
    /// Number of a travel document.
    Document,
    /// House number.
    StreetNumber,
    /// Street.
    Street,
    /// The second line of an address.
    AddressLine,
    /// Town or quarter.
    Place,
    /// Postal code.
    Postcode,
    /// Province, county or federal state.
    Region,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::GivenName,
        Self::Surname,
        Self::Born,
        Self::Sex,
        Self::Nationality,
        Self::Identifier,
        Self::Document,
        Self::StreetNumber,
        Self::Street,
        Self::AddressLine,
        Self::Place,
        Self::Postcode,
        Self::Region,
    ];

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GivenName => "given name",
            Self::Surname => "surname",
            Self::Born => "date of birth",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::Identifier => "identifier",
            Self::Document => "document",
            Self::StreetNumber => "house number",
            Self::Street => "street",
            Self::AddressLine => "address line",
            Self::Place => "place",
            Self::Postcode => "postal code",
            Self::Region => "region",
        }
    }

    /// The field a column of a file holds, by its header.
    #[must_use]
    pub fn of_column(header: &str) -> Option<Self> {
        Some(match header.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "given_name" | "given_names" | "first_name" | "forename" => Self::GivenName,
            "surname" | "last_name" | "family_name" => Self::Surname,
            "date_of_birth" | "birth_date" | "born" | "dob" => Self::Born,
            "sex" | "gender" => Self::Sex,
            "nationality" | "citizenship" => Self::Nationality,
            "soc_sec_id" | "identifier" | "pesel" | "national_id" => Self::Identifier,
            "document" | "document_number" | "passport" | "passport_number" => Self::Document,
            "street_number" | "house_number" => Self::StreetNumber,
            "address_1" | "street" | "address" => Self::Street,
            "address_2" => Self::AddressLine,
            "suburb" | "place" | "city" | "town" => Self::Place,
            "postcode" | "postal_code" | "zip" => Self::Postcode,
            "state" | "region" | "province" | "county" => Self::Region,
            _ => return None,
        })
    }
}

/// How many fields there are.
pub(super) const FIELDS: usize = Field::ALL.len();

/// A value made ready for comparison.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A name, read.
    Name(Name),
    /// Year, month and day as far as known: eight, six or four digits.
    Date(String),
    /// Lower-case letters and digits, words separated by spaces.
    Text(String),
    /// Lower-case letters and digits alone.
    Code(String),
}

/// One row of a file.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What the file calls it.
    pub id: String,
    values: [Option<Value>; FIELDS],
}

impl Record {
    /// A record with nothing in it but its name in the file.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), values: Default::default() }
    }

    /// The same record with a field filled in. A value without letter or digit, and a date of birth that is no date, leaves it empty.
    #[must_use]
    pub fn with(mut self, field: Field, text: &str) -> Self {
        let value = match field {
            Field::GivenName | Field::Surname => Some(Value::Name(Name::parse(text))).filter(|value| match value {
                Value::Name(name) => !name.is_empty(),
                _ => true,
            }),
            Field::Born => date(text).map(Value::Date),
            Field::Street | Field::AddressLine | Field::Place => {
                Some(Name::parse(text).latin()).filter(|text| !text.is_empty()).map(Value::Text)
            }
            _ => Some(code(text)).filter(|text| !text.is_empty()).map(Value::Code),
        };
        self.values[field as usize] = value;
        self
    }

    pub(super) fn value(&self, field: Field) -> Option<&Value> {
        self.values[field as usize].as_ref()
    }

    /// The text of a field that is no name.
    pub(super) fn text(&self, field: Field) -> Option<&str> {
        match self.value(field)? {
            Value::Date(text) | Value::Text(text) | Value::Code(text) => Some(text),
            Value::Name(_) => None,
        }
    }

    pub(super) fn name(&self, field: Field) -> Option<&Name> {
        match self.value(field)? {
            Value::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// Longest code compared.
const LONGEST_CODE: usize = 64;

fn code(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_CODE);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `YYYY-MM-DD`, `YYYYMMDD`, with any separators, or the first parts of it; a month or day of zeros is unknown. A date the calendar does not have is taken
/// as it stands: it is somebody's slip, and still tells them from others.
fn date(text: &str) -> Option<String> {
    let mut digits: String = text.chars().filter(char::is_ascii_digit).take(9).collect();
    if !matches!(digits.len(), 4 | 6 | 8) || digits.starts_with("0000") {
        return None;
    }
    while digits.len() > 4 && digits.ends_with("00") {
        digits.truncate(digits.len() - 2);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::{Field, Record};

    #[test]
    fn dates_are_read_as_far_as_they_are_known() {
        for (text, read) in [
            ("1961-04-07", Some("19610407")),
            ("19610407", Some("19610407")),
            ("1961", Some("1961")),
            ("1961-04-00", Some("196104")),
            ("1961-00-00", Some("1961")),
            ("19611332", Some("19611332")),
            ("61", None),
            ("", None),
        ] {
            assert_eq!(Record::new("a").with(Field::Born, text).text(Field::Born), read, "{text}");
        }
    }

    #[test]
    fn fields_stand_at_their_number_and_columns_are_known_by_their_header() {
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, at);
        }
        assert_eq!(Field::of_column("Date of birth"), Some(Field::Born));
        assert_eq!(Field::of_column("soc_sec_id"), Some(Field::Identifier));
        assert_eq!(Field::of_column("remarks"), None);
    }
}
