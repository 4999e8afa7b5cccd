//! How long a document is valid, by the rule of its kind.

use straznica_types::CivilDate;

use crate::domain::Refusal;
use crate::domain::calendar::Calendar;
use crate::domain::rules::DocumentRule;

/// The last day of a document issued on a day: the first of its kind for a person, or a further one. A document does not wait for a working day to end.
///
/// # Errors
/// [`Refusal::DocumentRule`] where the rule knows no further one.
pub fn first_day_and_last(
    rule: &DocumentRule,
    issued_on: CivilDate,
    further: bool,
    calendar: &Calendar,
) -> Result<(CivilDate, CivilDate), Refusal> {
    let term = match (further && !rule.prolonged, rule.renewal) {
        (false, _) => rule.validity,
        (true, Some(renewal)) => renewal,
        (true, None) => return Err(Refusal::DocumentRule),
    };
    Ok((issued_on, term.last_day(issued_on, calendar)))
}

/// The last day of a document that is prolonged while it is valid: the renewal begins where it would have ended.
///
/// # Errors
/// [`Refusal::DocumentRule`] where the rule does not prolong it.
pub fn prolonged_to(rule: &DocumentRule, valid_to: CivilDate, calendar: &Calendar) -> Result<CivilDate, Refusal> {
    match rule.renewal.filter(|_| rule.prolonged) {
        Some(renewal) => Ok(renewal.last_day(valid_to, calendar)),
        None => Err(Refusal::DocumentRule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::story::{calendar, case_type};

    #[test]
    fn each_kind_is_valid_for_as_long_as_its_rule_says() {
        let calendar = calendar();
        // Worked by hand: 4 May and ninety days: 27 are left in May, 30 in June, 31 in July: 88, so 2 August.
        for (set, case, kind, further, expected) in [
            ("protection-2015", "protection", "tztc", false, "2026-08-02"),
            ("protection-2015", "protection", "tztc", true, "2026-08-02"),
            ("protection-2015", "protection", "tztc_dublin_returnee", false, "2026-05-14"),
            ("protection-2015", "protection", "residence_card_refugee", false, "2029-05-04"),
            ("protection-2015", "protection", "residence_card_subsidiary", true, "2028-05-04"),
            ("protection-2015", "protection", "geneva_travel_document", false, "2028-05-04"),
            ("return-2014", "return", "tolerated_stay_document", false, "2028-05-04"),
            ("residence-2022", "residence_permanent", "residence_card", false, "2036-05-04"),
        ] {
            let law = case_type(set, case);
            let rule = law.document(kind).unwrap_or_else(|| panic!("{kind}"));
            let issued_on = "2026-05-04".parse().unwrap();
            let (from, to) = first_day_and_last(rule, issued_on, further, &calendar).unwrap();
            assert_eq!((from, to.to_string().as_str()), (issued_on, expected), "{kind}");
        }
    }

    #[test]
    fn a_certificate_is_prolonged_by_half_years_and_a_card_is_not() {
        let (calendar, law) = (calendar(), case_type("protection-2015", "protection"));
        let tztc = law.document("tztc").unwrap();
        let first: CivilDate = "2026-08-31".parse().unwrap();
        let second = prolonged_to(tztc, first, &calendar).unwrap();
        assert_eq!(second.to_string(), "2027-02-28");
        assert_eq!(prolonged_to(tztc, second, &calendar).unwrap().to_string(), "2027-08-28");
        let card = law.document("residence_card_refugee").unwrap();
        assert_eq!(prolonged_to(card, first, &calendar), Err(Refusal::DocumentRule));
    }
}
