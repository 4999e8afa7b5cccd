//! The text of a decision (KPA art. 107: what is decided, why in fact and in law, what can be done against it).

use serde::{Deserialize, Serialize};

use super::Vote;
use crate::domain::Refusal;
use crate::domain::rules::DecisionRule;

/// Most points of an operative part.
const MOST_POINTS: usize = 20;
/// Longest of them, in characters.
const LONGEST_POINT: usize = 2_000;
/// Most grounds.
const MOST_GROUNDS: usize = 100;
/// Longest of them, in characters.
const LONGEST_GROUND: usize = 10_000;
/// Longest name of an act or an article, in characters.
const LONGEST_CITATION: usize = 300;

/// What a decision says. It tells what somebody fled from: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What is decided, in Polish, point by point.
    pub operative: Vec<String>,
    /// Why.
    pub grounds: Vec<Ground>,
    /// What the person reads in a language they understand.
    pub translation: Option<Translation>,
    /// How a panel voted.
    pub panel: Vec<Vote>,
}

/// A point of the grounds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// The act.
    pub act: String,
    /// The place in it.
    pub article: String,
    /// In Polish.
    pub text: String,
}

/// What the person reads: what is decided, and what they can do.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// ISO 639.
    pub language: String,
    /// Point by point.
    pub operative: Vec<String>,
    /// What can be done against it.
    pub instruction: String,
}

impl Ruling {
    /// That it is whole, fits the rule of the decision, and is of a length that people read.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the member, [`Refusal::Panel`] where the votes are not those of a panel that decides so.
    pub fn check(&self, rule: &DecisionRule) -> Result<(), Refusal> {
        points(&self.operative, "/text/operative")?;
        if self.grounds.is_empty() || self.grounds.len() > MOST_GROUNDS {
            return Err(Refusal::Invalid { member: "/text/grounds", expected: "1 to 100 points" });
        }
        for ground in &self.grounds {
            let cited = [&ground.act, &ground.article].iter().all(|text| readable(text, LONGEST_CITATION));
            if !cited || !readable(&ground.text, LONGEST_GROUND) {
                let expected = "act, article and a text of up to 10000 characters";
                return Err(Refusal::Invalid { member: "/text/grounds", expected });
            }
        }
        if let Some(translation) = &self.translation {
            translation.check(self.operative.len())?;
        }
        super::panel::check(&self.panel, rule.panel)
    }
}

impl Translation {
    fn check(&self, of: usize) -> Result<(), Refusal> {
        let code = &self.language;
        if !(2..=3).contains(&code.len()) || !code.bytes().all(|letter| letter.is_ascii_lowercase()) || code == "pl" {
            let expected = "a language other than Polish, by its code of ISO 639";
            return Err(Refusal::Invalid { member: "/text/translation/language", expected });
        }
        points(&self.operative, "/text/translation/operative")?;
        if self.operative.len() != of {
            let expected = "as many points as the operative part has";
            return Err(Refusal::Invalid { member: "/text/translation/operative", expected });
        }
        if !readable(&self.instruction, LONGEST_POINT) {
            let expected = "1 to 2000 characters";
            return Err(Refusal::Invalid { member: "/text/translation/instruction", expected });
        }
        Ok(())
    }
}

fn points(points: &[String], member: &'static str) -> Result<(), Refusal> {
    let readable = points.iter().all(|point| readable(point, LONGEST_POINT));
    if points.is_empty() || points.len() > MOST_POINTS || !readable {
        return Err(Refusal::Invalid { member, expected: "1 to 20 points of up to 2000 characters" });
    }
    Ok(())
}

/// Something is said, at no greater length, and nothing but lines of text.
pub(super) fn readable(text: &str, longest: usize) -> bool {
    let lines_only = text.chars().all(|letter| letter == '\n' || !letter.is_control());
    !text.trim().is_empty() && text.chars().count() <= longest && lines_only
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::story::case_type;

    fn good() -> Ruling {
        Ruling {
            operative: vec!["Odmawia się nadania statusu uchodźcy.".to_owned()],
            grounds: vec![Ground {
                act: "ustawa z dnia 13 czerwca 2003 r.".to_owned(),
                article: "art. 19".to_owned(),
                text: "Zeznania są niespójne.\nNie ma innych dowodów.".to_owned(),
            }],
            translation: Some(Translation {
                language: "ru".to_owned(),
                operative: vec!["Отказать в предоставлении статуса беженца.".to_owned()],
                instruction: "Вы можете обжаловать решение в течение 14 дней.".to_owned(),
            }),
            panel: Vec::new(),
        }
    }

    #[test]
    fn a_text_is_refused_for_the_member_that_is_wrong() {
        let case = case_type("protection-2015", "protection");
        let rule = case.decision("refusal").unwrap();
        assert_eq!(good().check(rule), Ok(()));
        type Spoil = fn(&mut Ruling);
        let spoilt: [(Spoil, &str); 8] = [
            (|text| text.operative.clear(), "/text/operative"),
            (|text| text.operative[0] = " ".to_owned(), "/text/operative"),
            (|text| text.operative[0] = "a\u{0}b".to_owned(), "/text/operative"),
            (|text| text.grounds.clear(), "/text/grounds"),
            (|text| text.grounds[0].article.clear(), "/text/grounds"),
            (|text| text.grounds[0].text = "a".repeat(10_001), "/text/grounds"),
            (|text| text.translation.as_mut().unwrap().language = "pl".to_owned(), "/text/translation/language"),
            (|text| text.translation.as_mut().unwrap().operative.push("b".to_owned()), "/text/translation/operative"),
        ];
        for (spoil, member) in spoilt {
            let mut text = good();
            spoil(&mut text);
            let refused = text.check(rule).unwrap_err();
            assert!(matches!(refused, Refusal::Invalid { member: told, .. } if told == member), "{member}: {refused}");
        }
    }
}
