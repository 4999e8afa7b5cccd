use super::{EMBEDDED, Policy, PolicyError, Rule};

#[test]
fn the_embedded_policy_has_the_values_of_tr_03139_and_every_rule() {
    let policy = Policy::embedded();
    let values = policy.common();
    assert_eq!(values.validity.as_checked_by_cvc(), cvc::policy::TR_03139);
    assert_eq!((values.renewal.lead_days, values.renewal.fallback_days, values.answers.within_days), (11, 3, 7));
    assert_eq!(values.demands(), exchange::identity::Demands::STANDARD);
    assert!(Rule::ALL.iter().all(|rule| policy.text(*rule).is_some_and(|text| !text.source.is_empty())));
}

#[test]
fn a_partner_deviates_in_single_values_and_keeps_the_rest() {
    let text = format!("{EMBEDDED}\n[partner.DE.renewal]\nlead_days = 20\n[partner.DE.keys]\nec_bits = 384\n");
    let policy = Policy::parse(&text).unwrap();
    let germany = policy.for_partner("DE".parse().unwrap());
    assert_eq!((germany.renewal.lead_days, germany.renewal.fallback_days, germany.keys.ec_bits), (20, 3, 384));
    assert_eq!(policy.for_partner("FR".parse().unwrap()).renewal.lead_days, 11);
}

/// What is told of a file.
fn told(text: &str) -> String {
    Policy::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_unknown_missing_or_contradictory_is_told_with_its_path() {
    let cases = [
        ("title = \"BSI", "name = \"BSI", "name is nothing this program knows; title is missing"),
        (
            "title = \"BSI TR-03139 v2.4, national values of Strażnica\"",
            "title = 7",
            "title cannot be read: text is needed, not integer",
        ),
        (
            "\nlead_days = 11",
            "\nled_days = 11",
            "values.renewal.led_days is nothing this program knows; values.renewal.lead_days is missing",
        ),
        (
            "\nlead_days = 11",
            "\nlead_days = \"soon\"",
            "values.renewal.lead_days cannot be read: invalid type: string \"soon\", expected u16",
        ),
        (
            "[rules.\"CSN-36-9791/message\"]",
            "[rules.x]",
            "rules.\"x\" is nothing this program knows; rules.\"CSN-36-9791/message\" is missing",
        ),
        (
            "source = \"CSN 36 9791 §6.1\"\n",
            "",
            "rules.\"CSN-36-9791/message-id\" cannot be read: missing field `source`",
        ),
        (
            "\"id-TA-ECDSA-SHA-224\"",
            "\"id-TA-ECDSA-SHA-1\"",
            "values.keys.algorithms names SHA-1, which is not used for new signatures",
        ),
        (
            "dv_granted_days = 42",
            "dv_granted_days = 120",
            "values.validity.dv_granted_days lies outside the limits of a DV certificate",
        ),
        (
            "dv_granted_days = 42",
            "dv_granted_days = 3",
            "values.validity.dv_granted_days lies outside the limits of a DV certificate",
        ),
        ("alert_days = 2", "alert_days = 9", "values.answers.alert_days is longer than within_days"),
        (
            "longest_seconds = 3600",
            "longest_seconds = 1",
            "values.delivery.longest_seconds is shorter than first_seconds",
        ),
        (
            "shortest = { months = 6 }",
            "shortest = { months = 60 }",
            "values.validity.cvca.shortest is longer than the longest",
        ),
        (
            "shortest = { months = 6 }",
            "shortest = { moons = 6 }",
            "values.validity.cvca.shortest cannot be read: unknown field `moons`, expected `months` or `days`",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(EMBEDDED.contains(from), "{from}");
        assert_eq!(told(&EMBEDDED.replacen(from, to, 1)), expected, "{to}");
    }
    let own = |lines: &str| told(&format!("{EMBEDDED}\n{lines}\n"));
    assert_eq!(own("[partner.DE.renewal]\nled_days = 20"), "partner.DE.renewal.led_days is nothing this program knows");
    assert_eq!(own("[partner.DE.retention]\ndv_months = 0"), "partner.DE.retention.dv_months is zero");
    assert_eq!(
        own("[partner.de.renewal]\nlead_days = 20"),
        "partner.de cannot be read: a table is needed, named by the two capital letters of a state"
    );
    assert!(
        own("[partner.DE.alarms]\nown_expiry_days = 9")
            .starts_with("partner.DE.alarms.own_expiry_days cannot be a partner's own: it is ")
    );
    let cut = EMBEDDED.split("[rules.\"TR-03139/table-2/6 declined\"]").next().unwrap();
    assert_eq!(told(cut), "rules.\"TR-03139/table-2/6 declined\" is missing");
    assert!(matches!(Policy::parse("values = "), Err(PolicyError::Unreadable(_))));
}

#[test]
fn all_that_is_wrong_with_a_file_is_told_at_once() {
    let mut file = EMBEDDED.to_owned();
    for (from, to) in [
        ("\nlead_days = 11", "\nlead_days = -1"),
        ("alert_days = 2", "alert_days = 9"),
        ("internal_error_days = 1", "internal_error_day = 1"),
        ("jitter_percent = 20", "jitter_percent = 200"),
        ("missed_days = 90", ""),
        ("[rules.\"intake/quota\"]", "[rules.\"intake/quotas\"]"),
    ] {
        assert!(file.contains(from), "{from}");
        file = file.replacen(from, to, 1);
    }
    // a whole section, as a file from before it has
    let (before, rest) = file.split_once("[values.spoc_certificates]").unwrap();
    let (_, after) = rest.split_once("[values.rollover]").unwrap();
    let file = format!(
        "{before}[values.rollover]{after}\n[partner.DE.validity]\ndocument_years = 5\n[partner.FR.keys]\nec_bits = 9\nrsa = 1\n"
    );
    let Err(PolicyError::Faults(faults)) = Policy::parse(&file) else { panic!("it is no policy") };
    let mut told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    told.sort();
    let (first, rest): (Vec<_>, Vec<_>) =
        told.iter().map(String::as_str).partition(|one| one.starts_with("partner.DE"));
    assert!(first.len() == 1 && first[0].starts_with("partner.DE.validity.document_years cannot be a partner's own: "));
    assert_eq!(
        rest,
        [
            "partner.FR.keys.ec_bits is less than 160 or more than 521",
            "partner.FR.keys.rsa is nothing this program knows",
            "rules.\"intake/quota\" is missing",
            "rules.\"intake/quotas\" is nothing this program knows",
            "values.alarms.missed_days is missing",
            "values.answers.alert_days is longer than within_days",
            "values.answers.internal_error_day is nothing this program knows",
            "values.answers.internal_error_days is missing",
            "values.delivery.jitter_percent is more than a hundred",
            "values.renewal.lead_days cannot be read: invalid value: integer `-1`, expected u16",
            "values.spoc_certificates.ec_bits is missing",
            "values.spoc_certificates.longest_days is missing",
            "values.spoc_certificates.rsa_bits is missing",
            "values.spoc_certificates.shortest_days is missing",
        ]
    );
}

#[test]
fn what_two_values_say_together_is_not_told_where_one_of_them_is_at_fault() {
    let file = EMBEDDED.replacen("within_days = 7\n", "", 1).replacen("alert_days = 2", "alert_days = 9", 1);
    assert_eq!(told(&file), "values.answers.within_days is missing");
}

#[test]
fn a_value_that_means_nothing_is_refused_by_its_path() {
    let cases = [
        (
            "cvca = { shortest = { months = 6 }",
            "cvca = { shortest = { months = 0 }",
            "validity.cvca.shortest is nothing",
        ),
        ("dv = { shortest = { days = 14 }", "dv = { shortest = { days = 0 }", "validity.dv.shortest is nothing"),
        (
            "inspection_system = { shortest = { days = 1 }",
            "inspection_system = { shortest = { days = 0 }",
            "validity.inspection_system.shortest is nothing",
        ),
        ("document_years = 10", "document_years = 0", "validity.document_years is zero"),
        ("ec_bits = 224", "ec_bits = 0", "keys.ec_bits is less than 160 or more than 521"),
        ("ec_bits = 224", "ec_bits = 522", "keys.ec_bits is less than 160 or more than 521"),
        ("rsa_bits = 2048", "rsa_bits = 0", "keys.rsa_bits is less than 1024 or more than 8192"),
        ("rsa_bits = 2048", "rsa_bits = 8193", "keys.rsa_bits is less than 1024 or more than 8192"),
        (
            "within_days = 7\n",
            "within_days = 0\n",
            "answers.alert_days is longer than within_days; values.answers.within_days is zero",
        ),
        ("callback_overdue_days = 8", "callback_overdue_days = 0", "answers.callback_overdue_days is zero"),
        ("internal_error_days = 1", "internal_error_days = 0", "answers.internal_error_days is zero"),
        ("\nlead_days = 11", "\nlead_days = 0", "renewal.lead_days is zero"),
        ("\nlead_days = 11", "\nlead_days = 89", "renewal.lead_days would have a renewal begin before what it renews"),
        ("first_seconds = 30", "first_seconds = 0", "delivery.first_seconds is zero"),
        ("crl_max_age_days = 90", "crl_max_age_days = 0", "revocation.crl_max_age_days is zero"),
        ("shortest_days = 180", "shortest_days = 0", "spoc_certificates.shortest_days is zero"),
        ("shortest_days = 180", "shortest_days = 551", "spoc_certificates.shortest_days is longer than the longest"),
        ("root_distributed_days = 10", "root_distributed_days = 0", "rollover.root_distributed_days is zero"),
        (
            "root_distributed_days = 10",
            "root_distributed_days = 91",
            "rollover.root_distributed_days would have a root distributed before it is announced",
        ),
        ("cvca_lead_days = 60", "cvca_lead_days = 0", "rollover.cvca_lead_days is zero"),
        ("\nmessages_per_hour = 3600", "\nmessages_per_hour = 0", "intake.messages_per_hour is zero"),
        ("general_messages_per_hour = 60", "general_messages_per_hour = 0", "intake.general_messages_per_hour is zero"),
        ("questions_per_hour = 240", "questions_per_hour = 0", "intake.ca_certificate_questions_per_hour is zero"),
        ("bundle_days = 14", "bundle_days = 0", "intake.bundle_days is zero"),
        ("silent_days = 30", "silent_days = 0", "alarms.silent_days is zero"),
        ("waiting_hours = 24", "waiting_hours = 0", "alarms.waiting_hours is zero"),
        ("refused_days = 30", "refused_days = 0", "alarms.refused_days is zero"),
        ("\nexpiry_days = 30", "\nexpiry_days = 0", "alarms.expiry_days is zero"),
        ("own_expiry_days = 30", "own_expiry_days = 0", "alarms.own_expiry_days is zero"),
        ("missed_days = 90", "missed_days = 0", "alarms.missed_days is zero"),
        ("cvca_months = 6", "cvca_months = 0", "retention.cvca_months is zero"),
        ("dv_months = 12", "dv_months = 0", "retention.dv_months is zero"),
        ("messages_months = 24", "messages_months = 0", "retention.messages_months is zero"),
    ];
    for (from, to, expected) in cases {
        assert!(EMBEDDED.contains(from), "{from}");
        assert_eq!(told(&EMBEDDED.replacen(from, to, 1)), format!("values.{expected}"), "{to}");
    }
    for (name, value, expected) in [
        ("ec_bits", 223, "is less than 224 or more than 521"),
        ("rsa_bits", 2047, "is less than 2048 or more than 8192"),
    ] {
        let own = format!("{EMBEDDED}\n[partner.DE.spoc_certificates]\n{name} = {value}\n");
        assert_eq!(told(&own), format!("partner.DE.spoc_certificates.{name} {expected}"));
    }
}
