//! A file being read: positions become lines.

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{Place, RuleError};

/// A file and its text.
pub(crate) struct Source<'t> {
    file: &'t str,
    text: &'t str,
}

impl<'t> Source<'t> {
    pub(crate) const fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text }
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, RuleError> {
        toml::from_str(self.text).map_err(|error| RuleError::Form {
            place: self.at(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })
    }

    pub(crate) fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        self.at(spanned.span().start)
    }

    fn at(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().iter().take(offset);
        Place { file: self.file.to_owned(), line: 1 + before.filter(|byte| **byte == b'\n').count() }
    }
}
