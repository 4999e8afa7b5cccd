//! The words of notices: versions that two officers stand behind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sms::preview::Preview;
use sms::template::{Language, RenderError, Template};
use sms::text::{Encoding, ReferenceWidth};

use crate::domain::Refusal;

/// Places of a template, at most.
const MOST_PLACES: usize = 16;
/// Languages, at most.
const MOST_LANGUAGES: usize = 16;
/// Characters of a text, at most, places as written.
const LONGEST_TEXT: usize = 1_000;
/// Characters of a value, at most.
const LONGEST_VALUE: u32 = 200;
/// Parts of one message, at most.
pub const MOST_PARTS: usize = 10;
/// What links number parts with.
const WIDTH: ReferenceWidth = ReferenceWidth::Eight;

/// A place of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Small letters, digits and `_`.
    pub name: String,
    /// Longest value, in characters.
    pub longest: u32,
}

/// The words as they were proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateWords {
    /// What differs from person to person.
    pub places: Vec<Place>,
    /// By language tag.
    pub texts: BTreeMap<String, String>,
    /// The language of those whose own has no text.
    pub fallback: String,
}

/// Words that were checked: every language has every place and no other.
#[derive(Debug, Clone)]
pub struct NoticeTemplate {
    template: Template,
    fallback: Language,
}

/// A message for somebody, and what it takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it says.
    pub text: String,
    /// In which language.
    pub language: Language,
    /// Whether it has characters beyond the default alphabet.
    pub in_ucs2: bool,
    /// Parts sent and billed.
    pub parts: u32,
}

impl TemplateWords {
    /// Checks the words.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], naming the member; [`Refusal::Words`], naming the language.
    pub fn check(&self) -> Result<NoticeTemplate, Refusal> {
        self.check_places()?;
        let invalid = |member, expected| Refusal::Invalid { member, expected };
        if !(1..=MOST_LANGUAGES).contains(&self.texts.len()) {
            return Err(invalid("/texts", "texts in 1 to 16 languages"));
        }
        let mut texts = BTreeMap::new();
        for (tag, text) in &self.texts {
            let language = Language::new(tag).ok_or(invalid("/texts", "language tags (BCP 47)"))?;
            let refused = |problem: &str| Refusal::Words { language: tag.clone(), problem: problem.to_owned() };
            if text.chars().count() > LONGEST_TEXT {
                return Err(refused("the text has more than 1000 characters"));
            }
            if text.chars().any(|character| character.is_control() && character != '\n') {
                return Err(refused("the text has a control character"));
            }
            // `PL` and `pl` are one language.
            if texts.insert(language, text.as_str()).is_some() {
                return Err(refused("there is another text in this language"));
            }
        }
        let template = self.template(texts)?;
        let fallback = Language::new(&self.fallback)
            .filter(|fallback| template.languages().any(|language| language == fallback))
            .ok_or(invalid("/fallback", "the tag of one of the texts"))?;
        Ok(NoticeTemplate { template, fallback })
    }

    fn check_places(&self) -> Result<(), Refusal> {
        let fits = |place: &Place| (1..=LONGEST_VALUE).contains(&place.longest) && is_name(&place.name);
        let mut names: Vec<&str> = self.places.iter().map(|place| place.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if self.places.len() <= MOST_PLACES && names.len() == self.places.len() && self.places.iter().all(fits) {
            return Ok(());
        }
        let expected = "up to 16 different names of small letters, digits and '_', with 1 to 200 characters each";
        Err(Refusal::Invalid { member: "/places", expected })
    }

    /// Each language by itself, so that a refusal names it.
    fn template(&self, texts: BTreeMap<Language, &str>) -> Result<Template, Refusal> {
        let limits = || {
            self.places.iter().map(|place| (place.name.as_str(), usize::try_from(place.longest).unwrap_or(usize::MAX)))
        };
        for (language, text) in &texts {
            let refused = |problem| Refusal::Words { language: language.as_str().to_owned(), problem };
            let alone = Template::new(limits(), [(language.clone(), *text)]);
            let alone = alone.map_err(|problem| refused(problem.to_string()))?;
            let longest = alone.longest(language, 'x').unwrap_or_default();
            let parts = Preview::of(&longest, WIDTH, 0).map(|preview| preview.parts);
            if !parts.is_ok_and(|parts| parts <= MOST_PARTS) {
                return Err(refused(format!("the longest message would have more than {MOST_PARTS} parts")));
            }
        }
        let unreachable = |_| Refusal::Invalid { member: "/texts", expected: "texts with every place and no other" };
        Template::new(limits(), texts).map_err(unreachable)
    }
}

impl NoticeTemplate {
    /// The language somebody is written to in.
    #[must_use]
    pub fn language(&self, wished: &Language) -> Language {
        let known = self.template.languages().any(|language| language == wished);
        if known { wished.clone() } else { self.fallback.clone() }
    }

    /// The message for somebody: a value for every place and no other.
    ///
    /// # Errors
    /// What was expected, without a value.
    pub fn render(&self, wished: &Language, values: &BTreeMap<String, String>) -> Result<Rendered, &'static str> {
        let values: BTreeMap<&str, &str> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let language = self.language(wished);
        let text = self.template.render(&language, &values).map_err(|problem| match problem {
            RenderError::NoValue(_) | RenderError::NoLanguage(_) => "a value for every place of the template",
            RenderError::NoPlace(_) => "values for places of the template only",
            RenderError::TooLong { .. } => "values no longer than the template declares",
            RenderError::Control(_) => "values without line ends and other control characters",
        })?;
        let preview = Preview::of(&text, WIDTH, 0).ok().filter(|preview| preview.parts <= MOST_PARTS);
        let preview = preview.ok_or("values that make a message of at most 10 parts")?;
        let parts = u32::try_from(preview.parts).unwrap_or(u32::MAX);
        Ok(Rendered { text, language, in_ucs2: preview.encoding == Encoding::Ucs2, parts })
    }
}

fn is_name(text: &str) -> bool {
    let fits = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> TemplateWords {
        TemplateWords {
            places: vec![Place { name: "date".to_owned(), longest: 10 }],
            texts: BTreeMap::from([
                ("pl".to_owned(), "Wyplata {date}.".to_owned()),
                ("uk".to_owned(), "Виплата {date}.".to_owned()),
            ]),
            fallback: "pl".to_owned(),
        }
    }

    fn language(tag: &str) -> Language {
        Language::new(tag).unwrap()
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn whoever_has_no_text_in_their_language_gets_the_fallback() {
        let template = words().check().unwrap();
        for (wished, written, text, in_ucs2) in [
            ("uk", "uk", "Виплата 1.12.", true),
            ("pl", "pl", "Wyplata 1.12.", false),
            ("ar", "pl", "Wyplata 1.12.", false),
        ] {
            let rendered = template.render(&language(wished), &values(&[("date", "1.12")])).unwrap();
            let found = (rendered.text.as_str(), rendered.language.as_str(), rendered.in_ucs2, rendered.parts);
            assert_eq!(found, (text, written, in_ucs2, 1));
        }
    }

    #[test]
    fn a_value_may_force_another_alphabet_and_more_parts() {
        let mut words = words();
        words.texts.insert("pl".to_owned(), format!("{}{{date}}", "x".repeat(150)));
        let template = words.check().unwrap();
        let rendered = |value| {
            let rendered = template.render(&language("pl"), &values(&[("date", value)])).unwrap();
            (rendered.in_ucs2, rendered.parts)
        };
        assert_eq!(rendered("1.12"), (false, 1));
        // 155 characters: one part of the default alphabet, three of UCS-2.
        assert_eq!(rendered("1 gru"), (false, 1));
        assert_eq!(rendered("1 śro"), (true, 3));
    }

    #[test]
    fn values_that_do_not_fit_make_no_message() {
        let template = words().check().unwrap();
        for (given, expected) in [
            (values(&[]), "a value for every place of the template"),
            (values(&[("date", "1"), ("more", "1")]), "values for places of the template only"),
            (values(&[("date", "12345678901")]), "values no longer than the template declares"),
            (values(&[("date", "1\n2")]), "values without line ends and other control characters"),
        ] {
            assert_eq!(template.render(&language("pl"), &given).err(), Some(expected));
        }
    }

    #[test]
    fn words_that_would_fail_for_somebody_are_refused_as_a_whole() {
        type Spoil = fn(&mut TemplateWords);
        fn text(words: &mut TemplateWords, tag: &str, text: impl Into<String>) {
            words.texts.insert(tag.to_owned(), text.into());
        }
        let table: [(Spoil, &str); 16] = [
            (|words| words.texts.clear(), "/texts"),
            (|words| text(words, "uk", "Виплата"), "/texts/uk"),
            (|words| text(words, "uk", "{date} {other}"), "/texts/uk"),
            (|words| text(words, "uk", "{date"), "/texts/uk"),
            (|words| text(words, "uk", " "), "/texts/uk"),
            (|words| text(words, "uk", "{date}\u{7}"), "/texts/uk"),
            (|words| text(words, "UK", "{date}"), "/texts/uk"),
            (|words| text(words, "no tag", "{date}"), "/texts"),
            (|words| text(words, "pl", format!("{{date}}{}", "x".repeat(1_000))), "/texts/pl"),
            (|words| text(words, "pl", format!("{{date}}{}", "ż".repeat(700))), "/texts/pl"),
            (|words| words.places.push(Place { name: "date".to_owned(), longest: 5 }), "/places"),
            (|words| words.places[0].longest = 201, "/places"),
            (|words| words.places[0].longest = 0, "/places"),
            (|words| words.places[0].name = "Date".to_owned(), "/places"),
            (|words| words.places.clear(), "/texts/pl"),
            (|words| words.fallback = "de".to_owned(), "/fallback"),
        ];
        for (number, (spoil, expected)) in table.into_iter().enumerate() {
            let mut words = words();
            spoil(&mut words);
            let refused = words.check().unwrap_err();
            let found = match &refused {
                Refusal::Invalid { member, .. } => (*member).to_owned(),
                Refusal::Words { language, .. } => format!("/texts/{language}"),
                other => panic!("{number}: {other:?}"),
            };
            assert_eq!(found, expected, "{number}: {refused}");
        }
    }
}
