//! What loads, what does not, and which law governs a case.

use straznica_types::CivilDate;

use super::{RuleBook, RuleError, Verified};

const GOOD: &str = r#"
id = "first"
family = "test"
title = { pl = "Próba", en = "Test" }
effective_from = "2020-01-01"
effective_to = "2025-01-01"
open_cases = "keep"
transition = { act = "act", article = "art. 9", verified = "no" }

[acts.act]
title = { pl = "Ustawa", en = "Act" }
journal = "Dz.U. 2020 poz. 1"

[[case]]
id = "matter"
title = { pl = "Sprawa", en = "Matter" }
basis = { act = "act", article = "art. 1", verified = "place" }

[[case.stage]]
id = "open"
title = { pl = "Otwarta", en = "Open" }

[[case.stage]]
id = "over"
title = { pl = "Zakończona", en = "Over" }
closed = true

[[case.event]]
id = "filed"
title = { pl = "Złożono", en = "Filed" }
opens = "open"

[[case.event]]
id = "asked"
title = { pl = "Zapytano", en = "Asked" }
anywhere = true

[[case.event]]
id = "longer"
title = { pl = "Przedłużono", en = "Made longer" }
anywhere = true

[[case.event]]
id = "decided"
title = { pl = "Rozstrzygnięto", en = "Decided" }
about_decision_of = "head"
moves = [{ from = ["open"], to = "over", decisions = ["yes"] }]

[[case.deemed]]
event = "decided"
after = "asked"
term = { days = 7 }
says = { pl = "Milczenie.", en = "Silence." }
basis = { act = "act", article = "art. 4", verified = "rule" }

[[case.deadline]]
id = "decision"
title = { pl = "Decyzja", en = "Decision" }
says = { pl = "W ciągu 30 dni.", en = "Within 30 days." }
basis = { act = "act", article = "art. 2", verified = "rule" }
owed_by = "head"
starts = ["filed"]
term = { days = 30 }
met_by = ["decided"]
passing = "late"
extensions = [{ event = "longer", to = { days = 60 }, times = 1, asked_before_expiry = true, says = { pl = "Do 60 dni.", en = "Up to 60 days." }, basis = { act = "act", article = "art. 3", verified = "no" } }]

[[case.deadline]]
id = "hours"
title = { pl = "Godziny", en = "Hours" }
says = { pl = "W ciągu 48 godzin.", en = "Within 48 hours." }
basis = { act = "act", article = "art. 5", verified = "no" }
owed_by = "head"
starts = ["filed"]
term = { hours = 48 }
met_by = ["decided"]
passing = "late"

[[case.decision]]
id = "yes"
title = { pl = "Tak", en = "Yes" }
basis = { act = "act", article = "art. 6", verified = "no" }
by = "head"

[[case.document]]
id = "paper"
title = { pl = "Dokument", en = "Paper" }
basis = { act = "act", article = "art. 7", verified = "no" }
blank = "paper"
validity = { days = 90 }
"#;

const KEEP: &str = "\"keep\"";
const TAKE_OVER: &str = "\"take_over\"";
/// Keeps those in which it was asked.
const KEEP_ASKED: &str = "{ keep_after = [\"asked\"] }";

/// The same law five years later.
fn next(open_cases: &str) -> String {
    GOOD.replace("id = \"first\"", "id = \"second\"")
        .replace("2025-01-01", "2030-01-01")
        .replace("2020-01-01", "2025-01-01")
        .replace("open_cases = \"keep\"", &format!("open_cases = {open_cases}"))
}

fn load(files: &[&str]) -> Result<RuleBook, RuleError> {
    RuleBook::parse(files.iter().map(|text| ("test.toml", *text)))
}

#[test]
fn every_rule_set_of_the_tree_loads_and_names_its_law() {
    let book = RuleBook::built_in().unwrap();
    for set in book.sets() {
        for case in &set.cases {
            assert!(!case.deadlines.is_empty(), "{} {}", set.id, case.id);
            let bases = case.deadlines.iter().map(|deadline| &deadline.basis);
            let bases = bases.chain(case.decisions.iter().map(|decision| &decision.basis));
            for basis in bases.chain(case.documents.iter().map(|document| &document.basis)) {
                let published = ["Dz.U. ", "OJ L"].iter().any(|start| basis.act.journal.starts_with(start));
                assert!(published && basis.article.starts_with("art. "), "{basis:?}");
            }
        }
    }
    assert_eq!(book.sets().len(), 5);
}

#[test]
fn the_terms_of_the_main_procedure_were_compared_with_the_law() {
    let book = RuleBook::built_in().unwrap();
    let case = book.set("protection-2015").unwrap().case("protection").unwrap();
    for id in ["registration", "forwarding", "merits", "accelerated", "security_opinion", "appeal", "reopening"] {
        assert_ne!(case.deadline(id).unwrap().basis.verified, Verified::No, "{id}");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    load(&[GOOD]).unwrap();
    for (good, bad, expected) in [
        ("closed = true", "closd = true", "unknown field `closd`"),
        ("passing = \"late\"", "passing = \"soon\"", "unknown variant `soon`"),
        ("term = { days = 30 }", "term = { days = 0 }", "nonzero"),
        ("term = { days = 30 }", "term = { fortnights = 2 }", "unknown variant `fortnights`"),
        ("effective_from = \"2020-01-01\"", "effective_from = \"2020-02-30\"", "not a day"),
        ("en = \"Within 30 days.\"", "en = \" \"", "a text is empty"),
        (", en = \"Within 30 days.\"", "", "missing field `en`"),
        ("basis = { act = \"act\", article = \"art. 2\", verified = \"rule\" }", "", "missing field `basis`"),
        ("article = \"art. 2\"", "article = \"\"", "names no article"),
        ("act = \"act\", article = \"art. 2\"", "act = \"actt\", article = \"art. 2\"", "no act \"actt\""),
        ("effective_to = \"2025-01-01\"", "effective_to = \"2020-01-01\"", "ends before it begins"),
        ("id = \"over\"", "id = \"open\"", "stage \"open\" stands twice"),
        ("id = \"asked\"", "id = \"filed\"", "event \"filed\" stands twice"),
        ("id = \"hours\"", "id = \"decision\"", "deadline \"decision\" stands twice"),
        ("opens = \"open\"", "opens = \"opened\"", "no stage \"opened\""),
        ("passing = \"late\"", "passing = \"late\"\nsilence = \"decided\"", "merely late"),
        ("passing = \"late\"", "passing = \"consent\"\nsilence = \"hush\"", "no event \"hush\""),
        ("met_by = [\"decided\"]", "met_by = [\"settled\"]", "no event \"settled\""),
        ("decisions = [\"yes\"]", "decisions = [\"maybe\"]", "no decision \"maybe\""),
        ("anywhere = true", "anywhere = true\nonly_if_met = \"nothing\"", "no deadline \"nothing\""),
        ("after = \"asked\"", "after = \"never\"", "no event \"never\""),
        ("after = \"asked\"", "after = \"decided\"", "deemed to happen itself"),
        ("to = \"over\", ", "", "no event leads to stage \"over\""),
        ("closed = true", "closed = false", "no event leads out of stage \"over\""),
        ("opens = \"open\"", "anywhere = true", "no event opens a case \"matter\""),
        ("anywhere = true", "anywhere = false", "event \"asked\" neither opens"),
        ("from = [\"open\"]", "from = [\"open\", \"open\"]", "says twice where it leads from stage \"open\""),
        ("to = { days = 60 }", "to = { days = 30 }", "reaches no further"),
        ("to = { days = 60 }", "to = { hours = 60 }", "reaches no further"),
        ("to = { days = 60 }", "by = { hours = 60 }", "reaches no further"),
        ("to = { days = 60 }, ", "", "exactly one of to, by"),
        ("to = { days = 60 }", "to = { days = 60 }, by = { days = 1 }", "exactly one of to, by"),
        ("term = { hours = 48 }", "term = { hours = 48 }\nrolls_over = true", "counted in hours"),
        ("\nby = \"head\"\n", "\nby = \"head\"\npanel = 2\n", "odd number of members"),
        ("blank = \"paper\"", "blank = \"\"", "names its blank"),
        ("blank = \"paper\"", "blank = \"paper\"\nprolonged = true", "names its blank"),
        ("[[case.document]]", "[[case.document", "test.toml:"),
    ] {
        let broken = GOOD.replacen(good, bad, 1);
        assert_ne!(broken, GOOD, "{good}");
        let error = load(&[&broken]).expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(error.starts_with("test.toml:"), "{error}");
    }
}

#[test]
fn the_line_is_the_one_to_look_at() {
    let broken = GOOD.replace("starts = [\"filed\"]\nterm = { hours", "starts = [\"field\"]\nterm = { hours");
    let line = 1 + broken.lines().position(|line| line.contains("field")).unwrap();
    let error = load(&[&broken]).unwrap_err().to_string();
    assert!(error.starts_with(&format!("test.toml:{line}: ")), "{error}");
}

#[test]
fn files_that_do_not_go_together_are_refused() {
    let overlapping = next(KEEP).replace("2025-01-01", "2024-12-31");
    let elsewhere = next(KEEP).replace("family = \"test\"", "family = \"other\"");
    let forgetful = next(TAKE_OVER).replace("\"over\"", "\"done\"");
    let endless = GOOD.replace("effective_to = \"2025-01-01\"\n", "");
    for (files, expected) in [
        ([GOOD, &overlapping], "begins while \"first\""),
        ([&endless, &next(KEEP)], "begins while \"first\""),
        ([GOOD, &next(KEEP).replace("\"second\"", "\"first\"")], "rule set \"first\" stands twice"),
        ([GOOD, &elsewhere], "belong to family"),
        ([GOOD, &forgetful], "stage \"over\" of \"first\" is not in it"),
    ] {
        let error = load(&files).expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_case_keeps_the_law_it_fell_under_unless_the_next_one_takes_it_over() {
    for (open_cases, opened, on, expected) in [
        (KEEP, "2024-12-31", "2026-01-01", Some("first")),
        (TAKE_OVER, "2024-12-31", "2024-12-31", Some("first")),
        (TAKE_OVER, "2024-12-31", "2025-01-01", Some("second")),
        (KEEP, "2025-01-01", "2025-01-01", Some("second")),
        (KEEP, "2019-12-31", "2025-01-01", None),
        (KEEP, "2030-01-01", "2030-01-01", None),
        (KEEP, "2029-12-31", "2031-01-01", Some("second")),
    ] {
        let book = load(&[GOOD, &next(open_cases)]).unwrap();
        let day = |text: &str| text.parse::<CivilDate>().unwrap();
        let governing =
            book.governing("matter", day(opened), day(on), std::iter::empty()).map(|(set, _)| set.id.as_str());
        assert_eq!(governing, expected, "{open_cases} {opened} {on}");
    }
}

#[test]
fn a_law_may_leave_alone_what_had_come_so_far_before_its_first_day() {
    let book = load(&[GOOD, &next(KEEP_ASKED)]).unwrap();
    let day = |text: &str| text.parse::<CivilDate>().unwrap();
    for (happened, on, expected) in [
        (&[("2024-12-30", "filed")][..], "2024-12-31", "first"),
        (&[("2024-12-30", "filed")], "2025-01-01", "second"),
        (&[("2024-12-30", "filed"), ("2024-12-31", "asked")], "2026-01-01", "first"),
        (&[("2024-12-30", "filed"), ("2025-01-01", "asked")], "2026-01-01", "second"),
    ] {
        let happened = happened.iter().map(|(on, event)| (day(on), *event));
        let governing = book.governing("matter", day("2024-12-30"), day(on), happened);
        assert_eq!(governing.unwrap().0.id, expected, "{on}");
    }
    // What there can be before has to be known, and nothing else has to.
    let unknown = next(KEEP_ASKED).replace("keep_after = [\"asked\"]", "keep_after = [\"answered\"]");
    let error = load(&[GOOD, &unknown]).unwrap_err().to_string();
    assert!(error.contains("there is no event \"answered\""), "{error}");
    let forgetful = next(KEEP_ASKED).replace("\"over\"", "\"done\"");
    let error = load(&[GOOD, &forgetful]).unwrap_err().to_string();
    assert!(error.contains("stage \"over\" of \"first\" is not in it"), "{error}");
    let after_filing = forgetful.replace("keep_after = [\"asked\"]", "keep_after = [\"filed\", \"asked\"]");
    load(&[GOOD, &after_filing]).unwrap();
}

/// Regulation (EU) 2024/1348 art. 79(3): by lodging. Under the Act before, the acceptance of the application (`application_registered`) is its lodging.
#[test]
fn the_common_procedure_of_the_union_holds_for_what_is_lodged_from_its_first_day() {
    let book = RuleBook::built_in().unwrap();
    let day = |text: &str| text.parse::<CivilDate>().unwrap();
    let (made, registered, lodged) = ("intention_declared", "application_registered", "application_lodged");
    let (eve, first) = ("2026-06-11", "2026-06-12");
    for (happened, on, expected) in [
        (&[(eve, made)][..], eve, "protection-2015"),
        // Made on the eve and not lodged by then.
        (&[(eve, made)], first, "protection-2026"),
        (&[(first, made)], first, "protection-2026"),
        // Accepted on the eve is lodged on the eve, whatever comes later.
        (&[(eve, registered)], eve, "protection-2015"),
        (&[(eve, registered)], "2027-11-22", "protection-2015"),
        (&[(eve, made), (eve, registered)], "2027-11-22", "protection-2015"),
        (&[("2026-06-01", made), (eve, registered)], first, "protection-2015"),
        (&[(eve, "subsequent_application_registered")], first, "protection-2015"),
        // Made before, registered from the first day on: lodged from then on too.
        (&[(eve, made), (first, registered)], first, "protection-2026"),
        (&[(eve, made), (first, registered), (first, lodged)], first, "protection-2026"),
        (&[(eve, made), (first, registered), ("2026-06-30", lodged)], "2026-06-30", "protection-2026"),
        (&[(first, registered)], first, "protection-2026"),
        (&[(first, registered), ("2026-06-30", lodged)], "2026-06-30", "protection-2026"),
        (&[("2026-06-01", made), ("2026-06-20", registered)], "2026-06-20", "protection-2026"),
    ] {
        let opened = happened[0].0;
        let so_far = happened.iter().map(|(on, event)| (day(on), *event));
        let (set, _) = book.governing("protection", day(opened), day(on), so_far).unwrap();
        assert_eq!(set.id, expected, "{happened:?} {on}");
    }
    let transition = &book.set("protection-2026").unwrap().transition;
    assert_eq!(
        (transition.act.journal.as_str(), transition.article.as_str()),
        ("OJ L, 2024/1348, 22.5.2024", "art. 79 ust. 3")
    );
}
