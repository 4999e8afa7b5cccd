//! Reads a policy file: everything that is missing, unknown or senseless in it is told at once, each with its path.
//!
//! The file shipped is the pattern: it holds every name there is. Each value of another file is tried by itself in the place of the shipped one, so that one that
//! cannot be read hides no other, and what the values say together is judged with the shipped ones in the place of those at fault.

use std::{collections::BTreeMap, sync::LazyLock};

use exchange::Country;
use thiserror::Error;
use toml::{Table, Value};

use super::{EMBEDDED, PolicyError, Rule, RuleText, Values};

/// Something that is wrong with a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path} {what}")]
pub struct Fault {
    /// Where: `values.renewal.lead_days`, `partner.DE.keys.ec_bits`, `rules."intake/quota"`.
    pub path: String,
    /// What.
    pub what: Wrong,
}

/// What is wrong with something in a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Wrong {
    /// It has to be there.
    #[error("is missing")]
    Missing,
    /// The program has nothing of that name.
    #[error("is nothing this program knows")]
    Unknown,
    /// It is not of its kind.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It contradicts another value or the standards, or would rule nothing.
    #[error("{0}")]
    Senseless(&'static str),
    /// A partner is to have a value of its own where there is one for all.
    #[error("cannot be a partner's own: {0}")]
    OneForAll(&'static str),
}

/// Values that are the same whoever the partner is, and why.
const FOR_ALL: [(&str, &str); 3] = [
    (
        "validity.document_years",
        "it is how long our own documents are valid, whoever reads them; that of a partner's documents is in its registration",
    ),
    ("rollover.cvca_lead_days", "it is when our own CVCA is succeeded, for all partners at once"),
    ("alarms.own_expiry_days", "it is when our own certificates are renewed, whoever knows us by them"),
];

static SHIPPED: LazyLock<Table> = LazyLock::new(shipped);

#[expect(clippy::expect_used, reason = "a test reads the embedded file")]
fn shipped() -> Table {
    EMBEDDED.parse().expect("the embedded policy")
}

/// What a file says; where there are faults, with what was shipped in their place.
pub(super) struct Read {
    pub(super) title: String,
    pub(super) common: Values,
    pub(super) partners: BTreeMap<Country, Values>,
    pub(super) rules: BTreeMap<Rule, RuleText>,
    pub(super) faults: Vec<Fault>,
}

/// Reads the tables of a file.
///
/// # Errors
/// [`PolicyError`] where the file shipped is at fault itself.
pub(super) fn read(file: &Table) -> Result<Read, PolicyError> {
    let mut faults = Vec::new();
    let mut fault = |path: &str, what| faults.push(Fault { path: path.to_owned(), what });
    for name in file.keys().filter(|name| !["title", "values", "partner", "rules"].contains(&name.as_str())) {
        fault(name, Wrong::Unknown);
    }
    let title = match file.get("title") {
        Some(Value::String(title)) => title.clone(),
        Some(other) => {
            fault("title", not_a("text", other));
            String::new()
        }
        None => {
            fault("title", Wrong::Missing);
            String::new()
        }
    };
    let mut section = |name: &str| match file.get(name) {
        Some(Value::Table(table)) => table.clone(),
        Some(other) => {
            fault(name, not_a("a table", other));
            Table::new()
        }
        None => Table::new(),
    };
    let (given, partner, texts) = (section("values"), section("partner"), section("rules"));
    let pattern = pattern();
    let mut values = Section::of("values", pattern.clone());
    values.take(&given, &pattern, "", Spans::Replaced);
    values.miss(&given, &pattern, "");
    let common = values.judge(&[])?;
    faults.append(&mut values.faults);
    let mut partners = BTreeMap::new();
    for (name, deviations) in &partner {
        let path = format!("partner.{name}");
        let (Ok(country), Value::Table(deviations)) = (name.parse::<Country>(), deviations) else {
            let why = "a table is needed, named by the two capital letters of a state";
            faults.push(Fault { path, what: Wrong::Unreadable(why.to_owned()) });
            continue;
        };
        let mut own = Section { name: path, faults: Vec::new(), ..values.clone() };
        own.take(deviations, &pattern, "", Spans::LaidOver);
        partners.insert(country, own.judge(&common.contradictions())?);
        faults.append(&mut own.faults);
    }
    let rules = rules(texts, &mut faults);
    Ok(Read { title, common, partners, rules, faults })
}

fn pattern() -> Table {
    SHIPPED.get("values").and_then(Value::as_table).cloned().unwrap_or_default()
}

fn not_a(needed: &str, found: &Value) -> Wrong {
    Wrong::Unreadable(format!("{needed} is needed, not {}", found.type_str()))
}

fn rules(texts: Table, faults: &mut Vec<Fault>) -> BTreeMap<Rule, RuleText> {
    let mut rules = BTreeMap::new();
    let path = |name: &str| format!("rules.\"{name}\"");
    let named: Vec<Rule> = texts.keys().filter_map(|name| Rule::from_name(name)).collect();
    for (name, text) in texts {
        match (Rule::from_name(&name), text.try_into()) {
            (None, _) => faults.push(Fault { path: path(&name), what: Wrong::Unknown }),
            (Some(_), Err(why)) => {
                faults.push(Fault { path: path(&name), what: Wrong::Unreadable(why.message().to_owned()) });
            }
            (Some(rule), Ok(text)) => {
                rules.insert(rule, text);
            }
        }
    }
    let missing = Rule::ALL.iter().filter(|rule| !named.contains(rule));
    faults.extend(missing.map(|rule| Fault { path: path(rule.as_str()), what: Wrong::Missing }));
    rules
}

/// What becomes of months and days where a file has a span.
#[derive(Clone, Copy)]
enum Spans {
    /// Those of the file alone count.
    Replaced,
    /// What the file does not say of them stays.
    LaidOver,
}

/// The values of one section, with what is wrong with them.
#[derive(Clone)]
struct Section {
    name: String,
    /// Those taken so far, over what was there before.
    sound: Table,
    /// Paths of values at fault, below the section.
    at_fault: Vec<String>,
    faults: Vec<Fault>,
}

impl Section {
    fn of(name: &str, sound: Table) -> Self {
        Self { name: name.to_owned(), sound, at_fault: Vec::new(), faults: Vec::new() }
    }

    fn fault(&mut self, path: String, what: Wrong) {
        self.faults.push(Fault { path: format!("{}.{path}", self.name), what });
        self.at_fault.push(path);
    }

    /// Takes each value that can be one, by itself.
    fn take(&mut self, given: &Table, known: &Table, above: &str, spans: Spans) {
        for (name, value) in given {
            let path = below(above, name);
            match (known.get(name), value) {
                (None, _) => self.fault(path, Wrong::Unknown),
                (Some(Value::Table(known)), Value::Table(inner)) if !is_span(known) => {
                    self.take(inner, known, &path, spans);
                }
                (Some(_), value) => self.take_one(path, value, spans),
            }
        }
    }

    fn take_one(&mut self, path: String, value: &Value, spans: Spans) {
        let why_not_for_one = FOR_ALL.into_iter().find(|(one, _)| *one == path);
        if let (Spans::LaidOver, Some((_, why))) = (spans, why_not_for_one) {
            return self.fault(path, Wrong::OneForAll(why));
        }
        let mut tried = pattern();
        put(&mut tried, &path, value, Spans::Replaced);
        match tried.try_into::<Values>() {
            Ok(_) => put(&mut self.sound, &path, value, spans),
            Err(why) => self.fault(path, Wrong::Unreadable(why.message().trim().to_owned())),
        }
    }

    /// Notes what the file does not say.
    fn miss(&mut self, given: &Table, known: &Table, above: &str) {
        for (name, value) in known {
            let path = below(above, name);
            match (value, given.get(name)) {
                (Value::Table(known), Some(Value::Table(given))) if !is_span(known) => self.miss(given, known, &path),
                (Value::Table(known), None) if !is_span(known) => self.miss(&Table::new(), known, &path),
                (_, None) => self.fault(path, Wrong::Missing),
                // It was tried.
                (_, Some(_)) => {}
            }
        }
    }

    /// The values, and what they say together that cannot be. `told`: what was told of the values they were laid over.
    fn judge(&mut self, told: &[super::values::Contradiction]) -> Result<Values, PolicyError> {
        let values: Values = self.sound.clone().try_into()?;
        for found in values.contradictions() {
            let is_at_fault = found.paths.iter().any(|path| self.at_fault.iter().any(|fault| overlap(path, fault)));
            if let Some(path) = found.paths.first().filter(|_| !is_at_fault && !told.contains(&found)) {
                self.faults.push(Fault { path: format!("{}.{path}", self.name), what: Wrong::Senseless(found.what) });
            }
        }
        Ok(values)
    }
}

fn below(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

/// Whether one path is the other, or leads there.
fn overlap(one: &str, other: &str) -> bool {
    let leads =
        |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    leads(one, other) || leads(other, one)
}

/// A span of months and days is one value.
fn is_span(table: &Table) -> bool {
    table.keys().all(|name| ["months", "days"].contains(&name.as_str()))
}

/// Puts a value where another one is.
fn put(table: &mut Table, path: &str, value: &Value, spans: Spans) {
    match path.split_once('.') {
        Some((first, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(first) {
                put(inner, rest, value, spans);
            }
        }
        None => match (table.get_mut(path), value, spans) {
            (Some(Value::Table(held)), Value::Table(value), Spans::LaidOver) => held.extend(value.clone()),
            _ => {
                table.insert(path.to_owned(), value.clone());
            }
        },
    }
}
