//! Where the law says it, and in which words people are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::{RuleError, Source};

/// A text for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Polish.
    #[serde(deserialize_with = "words")]
    pub pl: String,
    /// English.
    #[serde(deserialize_with = "words")]
    pub en: String,
}

/// An act of law.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Its title.
    pub title: Text,
    /// Where it was published: `Dz.U. 2003 nr 128 poz. 1176`, `OJ L 180, 29.6.2013, p. 31`.
    #[serde(deserialize_with = "words")]
    pub journal: String,
}

/// How far an entry was compared with the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// Neither what it says nor the place it names.
    No,
    /// What it says, but not the place.
    Rule,
    /// What it says and the place.
    Place,
}

/// A place in an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The act.
    pub act: Arc<Act>,
    /// `art. 34 ust. 1`.
    pub article: String,
    /// How far it was compared with the act.
    pub verified: Verified,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBasis {
    act: Spanned<String>,
    article: Spanned<String>,
    verified: Verified,
}

impl RawBasis {
    pub(crate) fn check(self, acts: &BTreeMap<String, Act>, source: &Source<'_>) -> Result<Basis, RuleError> {
        let unknown = || RuleError::UnknownAct { place: source.place(&self.act), act: self.act.get_ref().clone() };
        let act = acts.get(self.act.get_ref()).ok_or_else(unknown)?;
        if self.article.get_ref().trim().is_empty() {
            return Err(RuleError::NoBasis { place: source.place(&self.article) });
        }
        Ok(Basis { act: Arc::new(act.clone()), article: self.article.into_inner(), verified: self.verified })
    }
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() { Err(de::Error::custom("a text is empty")) } else { Ok(text) }
}
