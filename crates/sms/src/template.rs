//! Templates: one message in several languages, with named places for what differs from person to person.
//!
//! `{name}` is a place, `{{` and `}}` are braces. Everything that can be wrong is found when the template is made, not when the ten-thousandth
//! message is: every language has every place and no other. A value is put in as it is and never read for places itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::{CodeTextError, code_text};

/// A language by its tag (BCP 47), in small letters: `pl`, `uk`, `zh-hant`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

impl Language {
    /// `None` for what is no tag: two to eight letters, then subtags of up to eight letters or digits.
    pub fn new(tag: &str) -> Option<Self> {
        let mut subtags = tag.split('-');
        let primary = subtags.next().is_some_and(|primary| {
            (2..=8).contains(&primary.len()) && primary.bytes().all(|octet| octet.is_ascii_alphabetic())
        });
        let rest = subtags
            .all(|subtag| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|octet| octet.is_ascii_alphanumeric()));
        (primary && rest).then(|| Self(tag.to_ascii_lowercase()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a template is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no language.
    #[error("the template has no text")]
    NoText,
    /// A text is empty.
    #[error("the text in {} is empty", language.as_str())]
    EmptyText {
        /// Of this language.
        language: Language,
    },
    /// A brace opens or closes nothing, or what it holds is no name (small letters, digits and `_`).
    #[error("brace at character {at} of the text in {}", language.as_str())]
    Brace {
        /// In this language.
        language: Language,
        /// Counted in characters from 0.
        at: usize,
    },
    /// A place nobody declared.
    #[error("the text in {} has {{{name}}}, which is not declared", language.as_str())]
    Undeclared {
        /// In this language.
        language: Language,
        /// The place.
        name: String,
    },
    /// A declared place a text leaves out: its readers would learn less than the others.
    #[error("the text in {} leaves out {{{name}}}", language.as_str())]
    LeftOut {
        /// In this language.
        language: Language,
        /// The place.
        name: String,
    },
}

/// Why a message cannot be made of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The template has no text in this language.
    #[error("no text in {}", .0.as_str())]
    NoLanguage(Language),
    /// No value for a place.
    #[error("no value for {{{0}}}")]
    NoValue(String),
    /// A value for no place.
    #[error("a value for {{{0}}}, which the template does not have")]
    NoPlace(String),
    /// A value longer than declared.
    #[error("the value for {{{name}}} has {characters} characters, more than {limit}")]
    TooLong {
        /// The place.
        name: String,
        /// What it has.
        characters: usize,
        /// What it may have.
        limit: usize,
    },
    /// A value with a line end or another control character: it could pass for a text of its own.
    #[error("the value for {{{0}}} has a control character")]
    Control(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Longest value of each place, in characters.
    limits: BTreeMap<String, usize>,
    texts: BTreeMap<Language, Vec<Piece>>,
}

impl Template {
    /// Checks a template: `limits` declares its places and the longest value of each in characters, `texts` is what it says.
    ///
    /// # Errors
    /// At the first thing wrong with it.
    pub fn new<'a>(
        limits: impl IntoIterator<Item = (&'a str, usize)>,
        texts: impl IntoIterator<Item = (Language, &'a str)>,
    ) -> Result<Self, TemplateError> {
        let limits: BTreeMap<String, usize> =
            limits.into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect();
        let mut checked = BTreeMap::new();
        for (language, text) in texts {
            if text.trim().is_empty() {
                return Err(TemplateError::EmptyText { language });
            }
            let pieces = match read(text) {
                Ok(pieces) => pieces,
                Err(at) => return Err(TemplateError::Brace { language, at }),
            };
            check_places(&limits, &language, &pieces)?;
            checked.insert(language, pieces);
        }
        if checked.is_empty() {
            return Err(TemplateError::NoText);
        }
        Ok(Self { limits, texts: checked })
    }

    /// The languages it has.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.texts.keys()
    }

    /// The places it has, and the longest value of each in characters.
    pub fn places(&self) -> impl Iterator<Item = (&str, usize)> {
        self.limits.iter().map(|(name, limit)| (name.as_str(), *limit))
    }

    /// The message in a language. The error tells the name of a place, never a value.
    ///
    /// # Errors
    /// When the language is not there, a value is missing, left over, too long, or has control characters.
    pub fn render(&self, language: &Language, values: &BTreeMap<&str, &str>) -> Result<String, RenderError> {
        let pieces = self.texts.get(language).ok_or_else(|| RenderError::NoLanguage(language.clone()))?;
        if let Some(name) = values.keys().find(|name| !self.limits.contains_key(**name)) {
            return Err(RenderError::NoPlace((*name).to_owned()));
        }
        for (name, limit) in &self.limits {
            let value = values.get(name.as_str()).ok_or_else(|| RenderError::NoValue(name.clone()))?;
            check_value(name, value, *limit)?;
        }
        Ok(pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                // Every place is declared, and every declared place has a value.
                Piece::Place(name) => values.get(name.as_str()).copied().unwrap_or_default(),
            })
            .collect())
    }

    /// The longest message in a language: every value as long as it may be and made of `filler`. With a letter of the default alphabet it tells
    /// what a message costs at most when the values force nothing, with `ł` when they do.
    ///
    /// # Errors
    /// When the language is not there.
    pub fn longest(&self, language: &Language, filler: char) -> Result<String, RenderError> {
        let fill = |limit: &usize| std::iter::repeat_n(filler, *limit).collect::<String>();
        let values: BTreeMap<&str, String> =
            self.limits.iter().map(|(name, limit)| (name.as_str(), fill(limit))).collect();
        self.render(language, &values.iter().map(|(name, value)| (*name, value.as_str())).collect())
    }

    /// Whether every message of this template is fit for a code: in each language it has an ASCII form that takes one part, however long the
    /// values, as long as these are ASCII and take no escapes.
    ///
    /// # Errors
    /// Names the first language that is not, and why.
    pub fn check_for_codes(&self) -> Result<(), (Language, CodeTextError)> {
        for language in self.texts.keys() {
            // `longest` fails only for a language the template does not have.
            let longest = self.longest(language, '0').unwrap_or_default();
            code_text(&longest).map_err(|error| (language.clone(), error))?;
        }
        Ok(())
    }
}

fn check_places(limits: &BTreeMap<String, usize>, language: &Language, pieces: &[Piece]) -> Result<(), TemplateError> {
    let used: BTreeSet<&str> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Place(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
        .collect();
    if let Some(name) = used.iter().find(|name| !limits.contains_key(**name)) {
        return Err(TemplateError::Undeclared { language: language.clone(), name: (*name).to_owned() });
    }
    if let Some(name) = limits.keys().find(|name| !used.contains(name.as_str())) {
        return Err(TemplateError::LeftOut { language: language.clone(), name: name.clone() });
    }
    Ok(())
}

fn check_value(name: &str, value: &str, limit: usize) -> Result<(), RenderError> {
    let characters = value.chars().count();
    if characters > limit {
        return Err(RenderError::TooLong { name: name.to_owned(), characters, limit });
    }
    if value.chars().any(char::is_control) {
        return Err(RenderError::Control(name.to_owned()));
    }
    Ok(())
}

/// The pieces of a text, or where a brace is wrong.
fn read(text: &str) -> Result<Vec<Piece>, usize> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut characters = text.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        let doubled = |next: Option<&(usize, char)>| next.is_some_and(|(_, next)| *next == character);
        match character {
            '{' | '}' if doubled(characters.peek()) => {
                characters.next();
                plain.push(character);
            }
            '{' => {
                let mut name = String::new();
                loop {
                    match characters.next() {
                        Some((_, '}')) if !name.is_empty() => break,
                        Some((_, letter @ ('a'..='z' | '0'..='9' | '_'))) => name.push(letter),
                        _ => return Err(at),
                    }
                }
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Place(name));
            }
            '}' => return Err(at),
            _ => plain.push(character),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn language(tag: &str) -> Language {
        Language::new(tag).unwrap()
    }

    fn notice() -> Template {
        Template::new(
            [("date", 10), ("amount", 8)],
            [
                (language("pl"), "Wypłata {amount} zł dnia {date}. Nawiasy {{tak}}."),
                (language("uk"), "Виплата {date}: {amount} злотих"),
            ],
        )
        .unwrap()
    }

    #[test]
    fn a_message_is_made_in_the_language_of_its_reader() {
        let values = BTreeMap::from([("date", "28.05.2026"), ("amount", "700,00")]);
        let notice = notice();
        assert_eq!(
            notice.render(&language("pl"), &values).unwrap(),
            "Wypłata 700,00 zł dnia 28.05.2026. Nawiasy {tak}."
        );
        assert_eq!(notice.render(&language("UK"), &values).unwrap(), "Виплата 28.05.2026: 700,00 злотих");
        assert_eq!(notice.languages().map(Language::as_str).collect::<Vec<_>>(), ["pl", "uk"]);
        assert_eq!(notice.places().collect::<Vec<_>>(), [("amount", 8), ("date", 10)]);
    }

    #[test]
    fn what_is_wrong_with_a_template_is_found_when_it_is_made() {
        let made = |text: &'static str| Template::new([("a", 5)], [(language("pl"), "{a}"), (language("en"), text)]);
        let en = || language("en");
        for (text, error) in [
            ("", TemplateError::EmptyText { language: en() }),
            (" \n", TemplateError::EmptyText { language: en() }),
            ("x", TemplateError::LeftOut { language: en(), name: "a".to_owned() }),
            ("{{a}}", TemplateError::LeftOut { language: en(), name: "a".to_owned() }),
            ("{a} {b}", TemplateError::Undeclared { language: en(), name: "b".to_owned() }),
            ("żó {a", TemplateError::Brace { language: en(), at: 3 }),
            ("{a} }", TemplateError::Brace { language: en(), at: 4 }),
            ("{}", TemplateError::Brace { language: en(), at: 0 }),
            ("{A}", TemplateError::Brace { language: en(), at: 0 }),
            ("{a b}", TemplateError::Brace { language: en(), at: 0 }),
        ] {
            assert_eq!(made(text), Err(error), "{text}");
        }
        assert_eq!(Template::new([], []), Err(TemplateError::NoText));
    }

    #[test]
    fn a_message_is_refused_when_its_values_do_not_fit() {
        let notice = notice();
        let render = |values: &[(&'static str, &'static str)]| {
            notice.render(&language("pl"), &values.iter().copied().collect()).unwrap_err()
        };
        assert_eq!(render(&[("date", "x")]), RenderError::NoValue("amount".to_owned()));
        assert_eq!(render(&[("date", "x"), ("amount", "1"), ("name", "y")]), RenderError::NoPlace("name".to_owned()));
        assert_eq!(
            render(&[("date", "żżżżżżżżżżż"), ("amount", "1")]),
            RenderError::TooLong { name: "date".to_owned(), characters: 11, limit: 10 }
        );
        assert_eq!(render(&[("date", "1\nBank:"), ("amount", "1")]), RenderError::Control("date".to_owned()));
        assert_eq!(notice.render(&language("fr"), &BTreeMap::new()), Err(RenderError::NoLanguage(language("fr"))));
    }

    #[test]
    fn a_value_is_not_read_for_places() {
        let values = BTreeMap::from([("date", "{amount}"), ("amount", "}{")]);
        assert_eq!(notice().render(&language("uk"), &values).unwrap(), "Виплата {amount}: }{ злотих");
    }

    #[test]
    fn a_template_for_codes_fits_one_part_in_every_language() {
        let with = |limit| {
            Template::new([("code", limit)], [(language("pl"), "Twój kod: {code}"), (language("en"), "Code {code}")])
                .unwrap()
        };
        assert_eq!(with(6).check_for_codes(), Ok(()));
        assert_eq!(with(151).check_for_codes(), Err((language("pl"), CodeTextError::TooLong { septets: 161 })));
        let ukrainian = Template::new([], [(language("uk"), "Ваш код")]).unwrap();
        assert!(matches!(ukrainian.check_for_codes(), Err((_, CodeTextError::Character(_)))));
    }

    #[test]
    fn the_longest_message_bounds_the_cost() {
        let notice = notice();
        let longest = notice.longest(&language("uk"), 'x').unwrap();
        assert_eq!(longest, "Виплата xxxxxxxxxx: xxxxxxxx злотих");
        assert!(notice.longest(&language("de"), 'x').is_err());
    }

    #[test]
    fn languages_are_tags() {
        for (tag, valid) in
            [("pl", true), ("zh-Hant", true), ("ce", true), ("p", false), ("", false), ("pl_PL", false), ("pl-", false)]
        {
            assert_eq!(Language::new(tag).is_some(), valid, "{tag}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[{}a-z_ ż]{0,40}") {
            let _ = Template::new([("a", 3)], [(language("pl"), text.as_str())]);
        }

        #[test]
        fn values_stand_where_their_places_are(before in "[a-zż]{1,10}", value in "[a-zż{}]{0,10}", after in "[a-zż ]{0,10}") {
            let text = format!("{before}{{a}}{after}");
            let template = Template::new([("a", 10)], [(language("pl"), text.as_str())]).unwrap();
            let rendered = template.render(&language("pl"), &BTreeMap::from([("a", value.as_str())])).unwrap();
            prop_assert_eq!(rendered, format!("{before}{value}{after}"));
        }
    }
}
