//! Rows as the register can take them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_types::CivilDate;

use super::column::{Column, Kind, Problem, ProblemCode};
use super::mapping::{Mapped, Mapping, day};
use super::table::Cells;
use crate::domain::consumer::State;
use crate::domain::person::{
    Birth, BirthDate, Country, Fact, Name, NameKind, New, PlacedAt, Sex, TravelDocument, Validity,
};

/// Longest text, in characters.
const LONGEST_TEXT: usize = 300;
/// Longest id or number, in bytes.
const LONGEST_NUMBER: usize = 128;
/// Most persons a row belongs to.
const MOST_PARENTS: usize = 50;
/// Codes of people without a state (ICAO 9303-3 §5).
const STATELESS: [&str; 4] = ["XXA", "XXB", "XXC", "XXX"];

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What tells it from all others of its source.
    pub id: String,
    /// The number of what it is about, there; may be empty.
    pub number: String,
    /// The numbers of what it belongs to.
    pub belongs_to: Vec<String>,
    /// What is stated of the person.
    pub stated: Vec<StatedFact>,
    /// The case or consultation.
    pub record: Option<FormerRecord>,
    /// Something in it means something else than it meant there.
    pub changed: bool,
}

/// A fact as it will be stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedFact {
    /// What.
    pub fact: Fact,
    /// The first day on which it holds.
    pub from: Option<CivilDate>,
    /// The first day on which it does not hold any more.
    pub to: Option<CivilDate>,
    /// Where it comes from.
    pub source: String,
}

impl StatedFact {
    /// As the register states it, with a reason.
    #[must_use]
    pub fn new_statement(self, reason: &str) -> New {
        let validity = Validity { from: self.from, to: self.to };
        New { fact: self.fact, validity, source: self.source, reason: reason.to_owned() }
    }
}

/// A case or consultation as it was kept before. It is kept as it was and run by no rule: the law it fell under is not among ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerRecord {
    /// In the words of the source.
    pub record_type: String,
    /// When it was opened, or asked.
    pub opened_on: CivilDate,
    /// When it was closed, or answered.
    pub closed_on: Option<CivilDate>,
    /// How it ended; may be empty.
    pub outcome: String,
    /// Who kept it, or was asked; may be empty.
    pub authority: String,
    /// When it was recorded there.
    pub recorded_on: Option<CivilDate>,
}

impl Row {
    /// From the texts of a file's row. `today` is the last day that can have been.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn read(mapping: &Mapping, cells: &Cells, today: CivilDate) -> Result<Self, Problem> {
        let Mapped { cells, changed } = mapping.apply(cells)?;
        let cells = Texts { cells: check(cells)?, today };
        let id = cells.number(Column::RowId)?.ok_or(Problem::at(ProblemCode::Missing, Column::RowId))?;
        let number = cells.number(Column::Number)?.unwrap_or_default();
        let belongs_to = cells.parents()?;
        let mut row = Self { id, number, belongs_to, stated: Vec::new(), record: None, changed };
        if mapping.kind != Kind::Persons && row.belongs_to.is_empty() {
            return Err(Problem::at(ProblemCode::Missing, Column::BelongsTo));
        }
        match mapping.kind {
            Kind::Persons => row.stated = cells.facts(&mapping.source, true)?,
            Kind::Facts => row.stated = cells.facts(&mapping.source, false)?,
            Kind::Cases | Kind::Consultations => {
                if row.number.is_empty() {
                    return Err(Problem::at(ProblemCode::Missing, Column::Number));
                }
                row.record = Some(cells.record()?);
            }
        }
        Ok(row)
    }
}

fn check(cells: BTreeMap<Column, String>) -> Result<BTreeMap<Column, String>, Problem> {
    for (column, text) in &cells {
        if text.chars().count() > LONGEST_TEXT {
            return Err(Problem::at(ProblemCode::TooLong, *column));
        }
        if text.chars().any(char::is_control) {
            return Err(Problem::at(ProblemCode::ControlCharacter, *column));
        }
    }
    Ok(cells)
}

struct Texts {
    cells: BTreeMap<Column, String>,
    today: CivilDate,
}

impl Texts {
    fn get(&self, column: Column) -> Option<&str> {
        self.cells.get(&column).map(String::as_str)
    }

    fn text(&self, column: Column) -> String {
        self.get(column).unwrap_or_default().to_owned()
    }

    fn number(&self, column: Column) -> Result<Option<String>, Problem> {
        match self.get(column) {
            Some(number) if number.len() > LONGEST_NUMBER => Err(Problem::at(ProblemCode::TooLong, column)),
            number => Ok(number.map(ToOwned::to_owned)),
        }
    }

    fn parents(&self) -> Result<Vec<String>, Problem> {
        let text = self.get(Column::BelongsTo).unwrap_or_default();
        let parents: Vec<String> =
            text.split([' ', ';']).filter(|number| !number.is_empty()).map(ToOwned::to_owned).collect();
        if parents.len() > MOST_PARENTS {
            Err(Problem::at(ProblemCode::TooLong, Column::BelongsTo))
        } else {
            Ok(parents)
        }
    }

    fn day(&self, column: Column) -> Result<Option<CivilDate>, Problem> {
        self.get(column).map(|text| day(text, column)).transpose()
    }

    /// A day that was.
    fn past(&self, column: Column) -> Result<Option<CivilDate>, Problem> {
        match self.day(column)? {
            Some(day) if day > self.today => Err(Problem::at(ProblemCode::FutureDate, column)),
            day => Ok(day),
        }
    }

    fn facts(&self, source: &str, person: bool) -> Result<Vec<StatedFact>, Problem> {
        let (from, to) = (self.past(Column::ValidFrom)?, self.day(Column::ValidTo)?);
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            return Err(Problem::at(ProblemCode::EndsFirst, Column::ValidTo));
        }
        let said = self.get(Column::Source).map(|said| format!(": {said}")).unwrap_or_default();
        let recorded = self.past(Column::RecordedOn)?;
        let recorded = recorded.map(|day| format!(", recorded there on {day}")).unwrap_or_default();
        let source = format!("{source}{said}{recorded}");
        let mut facts = Vec::new();
        facts.extend(self.name()?.map(Fact::Name));
        if person && facts.is_empty() {
            return Err(Problem::at(ProblemCode::Missing, Column::Surname));
        }
        facts.extend(self.birth()?.map(Fact::Birth));
        facts.extend(self.sex()?.map(Fact::Sex));
        let nationalities = self.get(Column::Nationality).unwrap_or_default();
        for code in nationalities.split([' ', ';']).filter(|code| !code.is_empty()) {
            facts.push(Fact::Nationality(country(code, Column::Nationality)?));
        }
        facts.extend(self.document()?.map(Fact::Document));
        facts.extend(self.address()?.map(Fact::Address));
        if facts.is_empty() {
            return Err(Problem::of(ProblemCode::Missing));
        }
        let stated = |fact| StatedFact { fact, from, to, source: source.clone() };
        Ok(facts.into_iter().map(stated).collect())
    }

    fn name(&self) -> Result<Option<Name>, Problem> {
        let kind = match self.get(Column::NameKind) {
            None => NameKind::Main,
            Some(kind) => NameKind::from_name(kind).ok_or(Problem::at(ProblemCode::UnknownCode, Column::NameKind))?,
        };
        let name = Name {
            kind,
            original_surname: self.text(Column::OriginalSurname),
            original_given: self.text(Column::OriginalGivenNames),
            latin_surname: self.text(Column::Surname),
            latin_given: self.text(Column::GivenNames),
        };
        Ok(name.check().ok())
    }

    fn birth(&self) -> Result<Option<Birth>, Problem> {
        let (date, place) = (self.get(Column::BirthDate), self.text(Column::BirthPlace));
        if date.is_none() && place.is_empty() {
            return Ok(None);
        }
        let impossible = Problem::at(ProblemCode::ImpossibleDate, Column::BirthDate);
        let date = BirthDate::parse(date.unwrap_or_default()).map_err(|_| impossible)?;
        let first = match date {
            BirthDate::Day(day) => Some(day),
            BirthDate::Month(year, month) => CivilDate::new(year, month, 1),
            BirthDate::Year(year) => CivilDate::new(year, 1, 1),
            BirthDate::Unknown => None,
        };
        if first.is_some_and(|first| first > self.today) {
            return Err(Problem::at(ProblemCode::FutureDate, Column::BirthDate));
        }
        Ok(Some(Birth { date, place }))
    }

    fn sex(&self) -> Result<Option<Sex>, Problem> {
        match self.get(Column::Sex) {
            None => Ok(None),
            Some("F") => Ok(Some(Sex::Female)),
            Some("M") => Ok(Some(Sex::Male)),
            Some("X") => Ok(Some(Sex::Other)),
            Some(_) => Err(Problem::at(ProblemCode::UnknownCode, Column::Sex)),
        }
    }

    fn document(&self) -> Result<Option<TravelDocument>, Problem> {
        let parts = [Column::DocumentKind, Column::DocumentNumber, Column::DocumentIssuer];
        if parts.iter().all(|column| self.get(*column).is_none()) {
            return Ok(None);
        }
        let missing = parts.into_iter().find(|column| self.get(*column).is_none());
        if let Some(column) = missing {
            return Err(Problem::at(ProblemCode::Missing, column));
        }
        let kind = self.text(Column::DocumentKind);
        if kind.len() > 64 || !kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(Problem::at(ProblemCode::UnknownCode, Column::DocumentKind));
        }
        Ok(Some(TravelDocument {
            kind,
            number: self.text(Column::DocumentNumber),
            issuer: country(&self.text(Column::DocumentIssuer), Column::DocumentIssuer)?,
            expires_on: self.day(Column::DocumentExpiresOn)?,
        }))
    }

    fn address(&self) -> Result<Option<PlacedAt>, Problem> {
        let Some(text) = self.get(Column::Address) else { return Ok(None) };
        let abroad = self.get(Column::AddressCountry).map(|code| country(code, Column::AddressCountry)).transpose()?;
        Ok(Some(PlacedAt { text: text.to_owned(), country: abroad }))
    }

    fn record(&self) -> Result<FormerRecord, Problem> {
        let missing = |column| Problem::at(ProblemCode::Missing, column);
        let opened_on = self.past(Column::OpenedOn)?.ok_or(missing(Column::OpenedOn))?;
        let closed_on = self.past(Column::ClosedOn)?;
        if closed_on.is_some_and(|closed| closed < opened_on) {
            return Err(Problem::at(ProblemCode::EndsFirst, Column::ClosedOn));
        }
        Ok(FormerRecord {
            record_type: self.get(Column::Type).ok_or(missing(Column::Type))?.to_owned(),
            opened_on,
            closed_on,
            outcome: self.text(Column::Outcome),
            authority: self.text(Column::Authority),
            recorded_on: self.past(Column::RecordedOn)?,
        })
    }
}

/// A code of papers that means a state, or nobody's citizen.
fn country(code: &str, column: Column) -> Result<Country, Problem> {
    let unknown = Problem::at(ProblemCode::UnknownCode, column);
    if State::meant_by(code).is_none() && !STATELESS.contains(&code) {
        return Err(unknown);
    }
    Country::parse(code, "/").map_err(|_| unknown)
}
