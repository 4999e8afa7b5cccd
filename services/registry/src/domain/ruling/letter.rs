//! A decision as people read it: one HTML page without scripts or outside parts, headings in order, each language marked, readable by a screen reader and printable.

use std::fmt::Write as _;

use straznica_types::CivilDate;

use super::Ruling;
use crate::domain::rules::{Basis, DeadlineRule, Party, Text};

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 8] = ["ar", "fa", "ps", "ur", "he", "ckb", "prs", "ug"];

/// Somebody a decision is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Addressee {
    /// As the register knows them.
    pub name: String,
    /// As precisely as it is known; empty: unknown.
    pub birth: String,
}

/// Everything that stands in the letter.
pub struct Letter<'l> {
    /// The number of the case.
    pub case_number: &'l str,
    /// Who decides.
    pub by: Party,
    /// What the decision is called.
    pub title: &'l Text,
    /// The law it rests on.
    pub basis: &'l Basis,
    /// The day it was issued; `None`: it is a draft.
    pub issued_on: Option<CivilDate>,
    /// Whom it is about.
    pub addressees: &'l [Addressee],
    /// What it says.
    pub ruling: &'l Ruling,
    /// What can be done against it.
    pub remedies: &'l [&'l DeadlineRule],
}

impl Letter<'_> {
    /// The page.
    #[must_use]
    pub fn html(&self) -> String {
        let mut page = String::with_capacity(8_192);
        page.push_str(HEAD);
        let (title, number) = (escaped(&self.title.pl), escaped(self.case_number));
        let _ = write!(page, "<title>{title} – {number}</title>\n</head>\n<body>\n<main>\n<header>\n");
        let _ = writeln!(page, "<p>{}</p>\n<p>Znak sprawy: {number}</p>", authority(self.by));
        match self.issued_on {
            Some(day) => {
                let _ = writeln!(page, "<p>Data wydania: <time datetime=\"{day}\">{day}</time></p>");
            }
            None => page.push_str("<p><strong>PROJEKT – nie jest decyzją</strong></p>\n"),
        }
        let _ = writeln!(page, "<h1>Decyzja: {title}</h1>\n</header>");
        self.addressees(&mut page);
        let basis = self.basis;
        let (article, act) = (escaped(&basis.article), escaped(&basis.act.title.pl));
        let _ = writeln!(page, "<p>Na podstawie {article} – {act} ({}) orzeka się:</p>", escaped(&basis.act.journal));
        section(&mut page, "Rozstrzygnięcie", |page| list(page, &self.ruling.operative));
        section(&mut page, "Uzasadnienie", |page| self.grounds(page));
        self.panel(&mut page);
        section(&mut page, "Pouczenie", |page| self.instruction(page));
        page.push_str("</main>\n");
        self.translation(&mut page);
        page.push_str("</body>\n</html>\n");
        page
    }

    fn addressees(&self, page: &mut String) {
        section(page, "Strony", |page| {
            page.push_str("<ul>\n");
            for one in self.addressees {
                let _ = write!(page, "<li>{}", escaped(&one.name));
                if !one.birth.is_empty() {
                    let _ = write!(page, ", ur. {}", escaped(&one.birth));
                }
                page.push_str("</li>\n");
            }
            page.push_str("</ul>\n");
        });
    }

    fn grounds(&self, page: &mut String) {
        page.push_str("<ol>\n");
        for ground in &self.ruling.grounds {
            let _ = write!(page, "<li><p>{}, {}</p>", escaped(&ground.article), escaped(&ground.act));
            for line in ground.text.lines().filter(|line| !line.trim().is_empty()) {
                let _ = write!(page, "<p>{}</p>", escaped(line));
            }
            page.push_str("</li>\n");
        }
        page.push_str("</ol>\n");
    }

    fn panel(&self, page: &mut String) {
        if self.ruling.panel.is_empty() {
            return;
        }
        section(page, "Skład orzekający", |page| {
            page.push_str("<ul>\n");
            for vote in &self.ruling.panel {
                let _ = write!(page, "<li>{}", escaped(vote.member.as_str()));
                if vote.dissent.is_some() {
                    page.push_str(" (zdanie odrębne w aktach)");
                }
                page.push_str("</li>\n");
            }
            page.push_str("</ul>\n");
        });
    }

    fn instruction(&self, page: &mut String) {
        if self.remedies.is_empty() {
            page.push_str("<p>Przepisy nie przewidują środka zaskarżenia tej decyzji przez stronę.</p>\n");
            return;
        }
        for rule in self.remedies {
            let (title, says) = (escaped(&rule.title.pl), escaped(&rule.says.pl));
            let (article, act) = (escaped(&rule.basis.article), escaped(&rule.basis.act.title.pl));
            let _ = writeln!(page, "<p><strong>{title}.</strong> {says} ({article} – {act})</p>");
        }
    }

    fn translation(&self, page: &mut String) {
        let Some(translation) = &self.ruling.translation else { return };
        let language = escaped(&translation.language);
        let direction = if RIGHT_TO_LEFT.contains(&translation.language.as_str()) { "rtl" } else { "ltr" };
        let _ = writeln!(page, "<section lang=\"{language}\" dir=\"{direction}\">");
        list(page, &translation.operative);
        for line in translation.instruction.lines().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(page, "<p>{}</p>", escaped(line));
        }
        page.push_str("</section>\n");
    }
}

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"pl\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
    <style>body{max-width:45em;margin:2em auto;padding:0 1em;font:1.1em/1.5 serif}</style>\n";

fn section(page: &mut String, heading: &str, inside: impl FnOnce(&mut String)) {
    let _ = writeln!(page, "<section>\n<h2>{heading}</h2>");
    inside(page);
    page.push_str("</section>\n");
}

fn list(page: &mut String, points: &[String]) {
    page.push_str("<ol>\n");
    for point in points {
        let _ = writeln!(page, "<li>{}</li>", escaped(point).replace('\n', "<br>"));
    }
    page.push_str("</ol>\n");
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

const fn authority(party: Party) -> &'static str {
    match party {
        Party::Head => "Szef Urzędu do Spraw Cudzoziemców",
        Party::Board => "Rada do Spraw Uchodźców",
        Party::Voivode => "Wojewoda",
        Party::BorderGuard => "Straż Graniczna",
        Party::Court => "Sąd administracyjny",
        Party::Applicant | Party::ConsultedBody | Party::ForeignState => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ground, Translation, remedies};
    use super::*;
    use crate::domain::story::case_type;

    #[test]
    fn a_letter_shows_what_is_decided_why_and_what_can_be_done_and_runs_nothing() {
        let law = case_type("protection-2015", "protection");
        let decision = law.decision("refusal").unwrap();
        let ruling = Ruling {
            operative: vec!["Odmawia się <script>alert(1)</script>".to_owned()],
            grounds: vec![Ground {
                act: "ustawa".to_owned(),
                article: "art. 19".to_owned(),
                text: "Pierwszy akapit.\nDrugi akapit.".to_owned(),
            }],
            translation: Some(Translation {
                language: "ar".to_owned(),
                operative: vec!["رفض".to_owned()],
                instruction: "14".to_owned(),
            }),
            panel: Vec::new(),
        };
        let remedies = remedies(&law, decision);
        let letter = |issued_on| {
            Letter {
                case_number: "protection/2026/000001",
                by: decision.by,
                title: &decision.title,
                basis: &decision.basis,
                issued_on,
                addressees: &[Addressee { name: "Iwanow & Co".to_owned(), birth: "1990".to_owned() }],
                ruling: &ruling,
                remedies: &remedies,
            }
            .html()
        };
        let page = letter(Some("2026-06-16".parse().unwrap()));
        for expected in [
            "Szef Urzędu do Spraw Cudzoziemców",
            "protection/2026/000001",
            "2026-06-16",
            "Iwanow &amp; Co, ur. 1990",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<p>Pierwszy akapit.</p><p>Drugi akapit.</p>",
            "w ciągu 14 dni od doręczenia",
            "<section lang=\"ar\" dir=\"rtl\">",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
        assert!(!page.contains("<script") && !page.contains("PROJEKT"));
        assert!(letter(None).contains("PROJEKT"));
        // Every element that is opened is closed, in order.
        let mut open = Vec::new();
        for tag in page.split('<').skip(1).map(|rest| rest.split(['>', ' ']).next().unwrap()) {
            match tag.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed)),
                None if ["!DOCTYPE", "meta", "br"].contains(&tag) => {}
                None => open.push(tag),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}
