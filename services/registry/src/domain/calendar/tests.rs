use super::*;

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn off(text: &str) -> Option<String> {
    Calendar::built_in().unwrap().day_off(day(text)).map(|off| match off {
        DayOff::Saturday => "saturday".to_owned(),
        DayOff::Sunday => "sunday".to_owned(),
        DayOff::Holiday(id) => id,
    })
}

#[test]
fn days_off_are_those_on_the_wall_calendar_of_their_year() {
    for (date, expected) in [
        ("2026-01-01", Some("new_year")),
        ("2026-01-06", Some("epiphany")),
        ("2010-01-06", None), // a Wednesday, and a working day until 2010
        ("2011-01-06", Some("epiphany")),
        ("2026-04-05", Some("easter_sunday")),
        ("2026-04-06", Some("easter_monday")),
        ("2026-05-01", Some("labour_day")),
        ("2026-05-02", Some("saturday")),
        ("2026-05-03", Some("constitution_day")), // also a Sunday
        ("2026-05-24", Some("pentecost")),
        ("2026-06-04", Some("corpus_christi")), // Thursday, 60 days after Easter
        ("2026-06-05", None),                   // the Friday after it is none
        ("2026-08-15", Some("assumption")),
        ("2026-11-01", Some("all_saints")),
        ("2026-11-11", Some("independence_day")),
        ("2018-11-12", Some("independence_centenary")), // once
        ("2019-11-12", None),
        ("2024-12-24", None), // a Tuesday: Christmas Eve is off since 2025
        ("2025-12-24", Some("christmas_eve")),
        ("2026-12-25", Some("christmas_first")),
        ("2026-12-26", Some("christmas_second")),
        ("2026-12-27", Some("sunday")),
        ("2026-12-28", None),
    ] {
        assert_eq!(off(date).as_deref(), expected, "{date}");
    }
}

#[test]
fn the_first_working_day_after_christmas_2025_is_monday_the_29th() {
    let calendar = Calendar::built_in().unwrap();
    // 24, 25 and 26 December are holidays (Wednesday to Friday), then a weekend.
    assert_eq!(calendar.working_from(day("2025-12-24")), day("2025-12-29"));
    assert_eq!(calendar.working_from(day("2025-12-23")), day("2025-12-23"));
    // In 2024 the 24th was still a working day.
    assert_eq!(calendar.working_from(day("2024-12-24")), day("2024-12-24"));
}

#[test]
fn working_days_pass_over_weekends_and_holidays() {
    let calendar = Calendar::built_in().unwrap();
    // From Wednesday 29 April 2026: Thursday 30; Friday is 1 May; Monday 4; Tuesday 5.
    assert_eq!(calendar.plus_working_days(day("2026-04-29"), 3), day("2026-05-05"));
}

#[test]
fn a_file_of_holidays_that_is_wrong_says_where() {
    let good = include_str!("../../../rules/holidays.toml");
    for (broken, expected) in [
        (good.replacen("day = \"01-06\"", "day = \"13-06\"", 1), "13-06"),
        (good.replacen("day = \"01-06\"", "", 1), "exactly one of day, after_easter"),
        (good.replacen("id = \"epiphany\"", "id = \"new_year\"", 1), "stands twice"),
        (good.replacen("act = \"1951\"", "act = \"1915\"", 1), "1915"),
        (good.replacen("from = 2011", "from = 2011\nto = 2010", 1), "ends before it begins"),
        (good.replacen("from = 2011", "form = 2011", 1), "form"),
    ] {
        assert_ne!(broken, good, "{expected}");
        let error = Calendar::parse("holidays.toml", &broken).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("holidays.toml:"), "{error}");
    }
}
