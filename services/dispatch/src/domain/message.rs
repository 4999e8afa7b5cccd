//! What the message says.

use std::collections::BTreeMap;

use sms::template::{Language, Template, TemplateError};
use sms::text::{CodeTextError, code_text};
use straznica_types::Secret;

use super::{CODE_DIGITS, OneTimeCode, Refusal};

/// Longest binding text, in characters.
const LONGEST_BINDING_TEXT: usize = 80;
/// Places of the template and their longest values, in characters.
const PLACES: [(&str, usize); 3] = [("binding", LONGEST_BINDING_TEXT), ("code", CODE_DIGITS), ("minutes", 2)];

/// A text ready to be submitted. It holds the code, so it prints as `***`.
pub type Outgoing = Secret<String>;

/// The words around a code, by language. Every message they can make fits one part of a text message in plain ASCII.
#[derive(Debug, Clone)]
pub struct MessageTemplates {
    template: Template,
    fallback: Language,
}

/// Why the configured words cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// A tag that is none.
    #[error("{0:?} is no language tag")]
    Language(String),
    /// Places or braces are wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A message could be too long for one part, or has characters without an ASCII form.
    #[error("the text in {language} does not fit a code message: {cause}")]
    NotForCodes {
        /// Which.
        language: String,
        /// Why.
        cause: CodeTextError,
    },
    /// The fallback has no text.
    #[error("there is no text in the fallback language {0:?}")]
    NoFallback(String),
}

impl MessageTemplates {
    /// Checks the words: by language tag, with the places `{binding}`, `{code}` and `{minutes}`.
    ///
    /// # Errors
    /// [`TemplatesError`].
    pub fn new(texts: &BTreeMap<String, String>, fallback: &str) -> Result<Self, TemplatesError> {
        let language = |tag: &str| Language::new(tag).ok_or_else(|| TemplatesError::Language(tag.to_owned()));
        let texts = texts
            .iter()
            .map(|(tag, text)| Ok((language(tag)?, text.as_str())))
            .collect::<Result<Vec<_>, TemplatesError>>()?;
        let template = Template::new(PLACES, texts)?;
        template.check_for_codes().map_err(|(language, cause)| TemplatesError::NotForCodes {
            language: language.as_str().to_owned(),
            cause,
        })?;
        let fallback = language(fallback)?;
        if !template.languages().any(|language| *language == fallback) {
            return Err(TemplatesError::NoFallback(fallback.as_str().to_owned()));
        }
        Ok(Self { template, fallback })
    }

    /// The language a message will be in: the wished one, or the fallback.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for what is no language tag.
    pub fn language(&self, wished: &str) -> Result<String, Refusal> {
        if wished.is_empty() {
            return Ok(self.fallback.as_str().to_owned());
        }
        let wished = Language::new(wished)
            .ok_or(Refusal::Invalid { member: "/language", expected: "a language tag (BCP 47)" })?;
        let known = self.template.languages().any(|language| *language == wished);
        Ok(if known { wished } else { self.fallback.clone() }.as_str().to_owned())
    }

    /// That a binding text can be sent with any code.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Invalid`].
    pub fn check_binding_text(&self, text: &str, language: &str) -> Result<(), Refusal> {
        let member = "/binding_text";
        if text.trim().is_empty() {
            return Err(Refusal::Missing { member });
        }
        let sample = OneTimeCode::parse("000000");
        let fits = sample.and_then(|code| self.render(text, &code, 10, language));
        fits.map(drop).ok_or(Refusal::Invalid {
            member,
            expected: "up to 80 characters that have an ASCII form and fit one message with the code",
        })
    }

    /// The message; `None` when the values do not fit, which [`Self::check_binding_text`] has told before.
    #[must_use]
    pub fn render(&self, binding_text: &str, code: &OneTimeCode, minutes: u64, language: &str) -> Option<Outgoing> {
        let language = Language::new(language)?;
        let minutes = minutes.to_string();
        let values =
            BTreeMap::from([("binding", binding_text), ("code", code.expose()), ("minutes", minutes.as_str())]);
        let text = Secret::new(self.template.render(&language, &values).ok()?);
        code_text(text.expose()).ok().map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn templates() -> MessageTemplates {
        let config = Config::default();
        MessageTemplates::new(&config.messages.texts, &config.messages.language).unwrap()
    }

    #[test]
    fn a_message_says_the_code_what_it_is_for_and_that_nobody_else_may_have_it() {
        let code = OneTimeCode::parse("012345").unwrap();
        let text = templates().render("UM Łódź sprawdza dowód osobisty", &code, 5, "pl").unwrap();
        assert_eq!(
            text.expose(),
            "012345 to kod: UM Lodz sprawdza dowod osobisty. Podaj go tylko, jesli sie zgadzasz. Wazny 5 min."
        );
        let text = templates().render("UM Lodz: identity card", &code, 5, "en").unwrap();
        assert_eq!(
            text.expose(),
            "012345 is the code for: UM Lodz: identity card. Tell it only if you agree. Valid 5 min."
        );
    }

    #[test]
    fn a_binding_text_that_would_not_arrive_as_written_is_refused() {
        let templates = templates();
        assert_eq!(templates.check_binding_text(" ", "pl"), Err(Refusal::Missing { member: "/binding_text" }));
        for text in ["Łódź 漢字", "two\nlines", &"x".repeat(81), "{code}\u{0}"] {
            assert!(
                matches!(
                    templates.check_binding_text(text, "pl"),
                    Err(Refusal::Invalid { member: "/binding_text", .. })
                ),
                "{text:?}"
            );
        }
        assert_eq!(templates.check_binding_text(&"x".repeat(80), "pl"), Ok(()));
    }

    #[test]
    fn a_language_without_words_gets_those_of_the_node() {
        let templates = templates();
        assert_eq!(templates.language("").unwrap(), "pl");
        assert_eq!(templates.language("uk").unwrap(), "pl");
        assert_eq!(templates.language("en").unwrap(), "en");
        assert!(templates.language("no tag").is_err());
    }
}
