//! Alerts that do not exist, on people who do not exist, and how plainly they are compared.

use std::collections::BTreeSet;

use straznica_contracts::alerts::v1::{Action, AlertCategory, Document, Exactness, Hit, Person, PersonName, Sex};

/// An alert.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its handle.
    pub id: String,
    /// What it is for.
    pub category: AlertCategory,
    /// What is to be done.
    pub action: Action,
    /// The state that entered it, ISO 3166-1 alpha-3.
    pub issuing_state: String,
    /// Of an alert on return.
    pub entry_ban: Option<bool>,
    /// Whom or what it is on.
    pub on: On,
}

/// Whom or what an alert is on.
#[derive(Clone, Debug)]
pub enum On {
    /// A person.
    Person(Named),
    /// A document: its number and who issued it.
    Document(String, String),
}

/// Somebody an alert is on.
#[derive(Clone, Debug)]
pub struct Named {
    /// Latin, surname and given names.
    pub latin: (String, String),
    /// In the original script; may be empty.
    pub original: (String, String),
    /// As precisely as it is known.
    pub birth: String,
    /// As documents write it; may be empty.
    pub nationality: String,
    /// May be unspecified.
    pub sex: Sex,
}

impl Named {
    /// Somebody of a Latin name.
    #[must_use]
    pub fn latin(surname: &str, given: &str, birth: &str, nationality: &str, sex: Sex) -> Self {
        Self {
            latin: (surname.to_owned(), given.to_owned()),
            original: (String::new(), String::new()),
            birth: birth.to_owned(),
            nationality: nationality.to_owned(),
            sex,
        }
    }

    fn as_contract(&self) -> Person {
        let mut name = PersonName::default();
        (name.latin_surname, name.latin_given) = self.latin.clone();
        (name.original_surname, name.original_given) = self.original.clone();
        let mut person = Person::default();
        person.names = vec![name];
        person.birth_dates = Some(self.birth.clone()).filter(|birth| !birth.is_empty()).into_iter().collect();
        person.nationalities = Some(self.nationality.clone()).filter(|code| !code.is_empty()).into_iter().collect();
        person.set_sex(self.sex);
        person
    }
}

impl Alert {
    /// On a person.
    #[must_use]
    pub fn person(id: &str, category: AlertCategory, action: Action, issuing_state: &str, on: Named) -> Self {
        let on = On::Person(on);
        Self { id: id.to_owned(), category, action, issuing_state: issuing_state.to_owned(), entry_ban: None, on }
    }

    /// On a document, to be seized.
    #[must_use]
    pub fn document(id: &str, issuing_state: &str, number: &str, issuer: &str) -> Self {
        Self {
            id: id.to_owned(),
            category: AlertCategory::Object,
            action: Action::Seize,
            issuing_state: issuing_state.to_owned(),
            entry_ban: None,
            on: On::Document(number.to_owned(), issuer.to_owned()),
        }
    }

    fn hit(&self, exactness: Exactness) -> Hit {
        let mut hit = Hit::default();
        hit.alert_id.clone_from(&self.id);
        hit.set_category(self.category);
        hit.set_action(self.action);
        hit.issuing_state.clone_from(&self.issuing_state);
        hit.set_exactness(exactness);
        hit.entry_ban = self.entry_ban;
        hit.subject = match &self.on {
            On::Person(named) => Some(named.as_contract()),
            On::Document(..) => None,
        };
        hit
    }

    pub(super) fn on_person(&self, asked: &Person) -> Option<Hit> {
        let On::Person(named) = &self.on else { return None };
        let same_name =
            asked.names.iter().any(|name| written(name).iter().any(|words| named_as(named).contains(words)));
        let same_day = named.birth.len() == 10 && asked.birth_dates.contains(&named.birth);
        if same_name && same_day {
            return Some(self.hit(Exactness::Exact));
        }
        let alike = asked.names.iter().any(|name| {
            sounds(&name.latin_surname) == sounds(&named.latin.0)
                || (!named.original.0.is_empty()
                    && name.original_surname.to_uppercase() == named.original.0.to_uppercase())
        });
        let year = |birth: &str| birth.get(..4).map(str::to_owned);
        let same_year =
            asked.birth_dates.is_empty() || asked.birth_dates.iter().any(|birth| year(birth) == year(&named.birth));
        (alike && same_year).then(|| self.hit(Exactness::Possible))
    }

    pub(super) fn on_document(&self, asked: &Document) -> Option<Hit> {
        let On::Document(number, issuer) = &self.on else { return None };
        (*number == asked.number && *issuer == asked.issuing_state).then(|| self.hit(Exactness::Exact))
    }
}

/// The words of a name, in each script it is known in.
fn written(name: &PersonName) -> Vec<BTreeSet<String>> {
    let pairs = [(&name.latin_surname, &name.latin_given), (&name.original_surname, &name.original_given)];
    pairs.into_iter().map(|(surname, given)| words(surname, given)).filter(|words| !words.is_empty()).collect()
}

fn named_as(named: &Named) -> Vec<BTreeSet<String>> {
    [&named.latin, &named.original]
        .into_iter()
        .map(|(surname, given)| words(surname, given))
        .filter(|words| !words.is_empty())
        .collect()
}

fn words(surname: &str, given: &str) -> BTreeSet<String> {
    let both = format!("{surname} {given}").to_uppercase();
    both.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What is left of a surname when vowels and the spelling of some consonants do not matter.
fn sounds(surname: &str) -> String {
    let mut left = String::new();
    for letter in surname.to_uppercase().chars().filter(|letter| letter.is_alphabetic()) {
        let sound = match letter {
            'A' | 'E' | 'I' | 'O' | 'U' | 'Y' | 'J' | 'Ą' | 'Ę' | 'Ó' => continue,
            'V' => 'W',
            'C' | 'Ć' | 'Q' => 'K',
            'Ł' => 'L',
            'Ń' => 'N',
            'Ś' => 'S',
            'Ź' | 'Ż' => 'Z',
            other => other,
        };
        if !left.ends_with(sound) {
            left.push(sound);
        }
    }
    left
}

/// An alert of each category, on people born in the 1800s and on a document nobody issued.
#[must_use]
pub fn made_up_alerts() -> Vec<Alert> {
    let person = |id: &str, category, action, state: &str, surname: &str, given: &str, birth: &str| {
        Alert::person(id, category, action, state, Named::latin(surname, given, birth, "UTO", Sex::Unspecified))
    };
    use AlertCategory as Category;
    let mut banned =
        person("sis-0002", Category::Return, Action::VerifyReturn, "FRA", "Bezpowrotny", "Sulisław", "1831-03-03");
    banned.entry_ban = Some(true);
    let mut let_go =
        person("sis-0003", Category::Return, Action::VerifyReturn, "ITA", "Powrotny", "Gniewomir", "1848-02-29");
    let_go.entry_ban = Some(false);
    let mut cyrillic =
        person("sis-0009", Category::RefusalOfEntry, Action::RefuseEntry, "LTU", "Vygadanyi", "Taras", "1861-03-09");
    if let On::Person(named) = &mut cyrillic.on {
        named.original = ("Вигаданий".to_owned(), "Тарас".to_owned());
    }
    vec![
        person("sis-0001", Category::RefusalOfEntry, Action::RefuseEntry, "DEU", "Zmyślony", "Mściwój", "1873-02-19"),
        banned,
        let_go,
        person("sis-0004", Category::Arrest, Action::Arrest, "ESP", "Niebylski", "Dobrogost", "1855-12-24"),
        person("sis-0005", Category::MissingOrVulnerable, Action::Locate, "CZE", "Zaginiona", "Łucja", "1842-05-23"),
        person(
            "sis-0006",
            Category::JudicialProcedure,
            Action::EstablishResidence,
            "SWE",
            "Przykładna",
            "Bożydara",
            "1899-12-31",
        ),
        person("sis-0007", Category::Check, Action::GatherDiscreetly, "NLD", "Cichy", "Wrócisław", "1866-06-06"),
        Alert::document("sis-0008", "BEL", "UT0000990", "UTO"),
        cyrillic,
    ]
}
