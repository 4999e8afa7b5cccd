//! Shares of an hour: of an institution, a number, a range, a country.

use std::time::Duration;

use identifiers::{CallingCode, PhoneNumber};
use straznica_ephemeral::Count;

use super::App;
use crate::domain::{Institution, Refusal, Subject};
use crate::error::DispatchError;

const HOUR: Duration = Duration::from_secs(3_600);
/// Digits of the national number that make a range: a million numbers in Poland.
const PREFIX_DIGITS: usize = 3;

impl App {
    /// Counts a message against the share of the institution.
    pub(super) async fn count_institution(&self, institution: &Institution) -> Result<(), DispatchError> {
        let place = self.keys.place("institution", &[institution.as_str().as_bytes()]);
        match self.ephemeral.count(&place, self.rules.rates.institution, HOUR).await? {
            Count::Within(_) => Ok(()),
            Count::Exceeded => Err(Refusal::Rate { after: None }.into()),
        }
    }

    /// Counts a message against the shares of number, range and country.
    ///
    /// # Errors
    /// [`Refusal::Rate`] where one of them is used up.
    pub(super) async fn count_number(&self, number: &PhoneNumber) -> Result<(), DispatchError> {
        let rates = &self.rules.rates;
        let code = number.calling_code();
        let country = if code == CallingCode::POLAND { rates.poland } else { rates.foreign_country };
        let range = prefix_of(number);
        for (part, about, limit) in [
            ("number", number.expose(), rates.number),
            ("range", range.as_str(), rates.prefix),
            ("country", code.to_string().as_str(), country),
        ] {
            let place = self.keys.place(part, &[about.as_bytes()]);
            if self.ephemeral.count(&place, limit, HOUR).await? == Count::Exceeded {
                return Err(Refusal::Rate { after: None }.into());
            }
        }
        Ok(())
    }

    /// The same work where there is no number: nobody learns from the time it takes that nobody is there.
    pub(super) async fn count_nobody(&self, subject: &Subject) -> Result<(), DispatchError> {
        for part in ["number", "range", "country"] {
            let place = self.keys.place(part, &[b"nobody", subject.as_str().as_bytes()]);
            self.ephemeral.count(&place, u32::MAX, HOUR).await?;
        }
        Ok(())
    }
}

/// The range a number lies in, e.g. `+48501`.
pub(super) fn prefix_of(number: &PhoneNumber) -> String {
    number.prefix(PREFIX_DIGITS).to_string()
}
