//! Which case is about which code of the exchange, and which codes no case can be about.

use exchange::code::CodeSet;

use crate::case::Case;
use crate::seen::{Expected, as_status};

/// Codes that a partner cannot be brought to from outside, and why.
pub const OUT_OF_REACH: &[(CodeSet, &str, &str)] = &[
    (CodeSet::RequestCertificate, INTERNAL, "nothing a partner sends may break a SPOC"),
    (
        CodeSet::StatusInfo,
        INTERNAL,
        "nothing a partner sends may break a SPOC; the kit sends it to see it read (`delivery/unknown-id-failure`)",
    ),
    (
        CodeSet::SendCertificates,
        INTERNAL,
        "nothing a partner sends may break a SPOC; the kit answers with it to see a delivery repeated (`later/until-received`)",
    ),
    (CodeSet::GetCaCertificates, INTERNAL, "nothing a partner sends may break a SPOC"),
];

const INTERNAL: &str = "failure_internal_error";
/// Cases named in a row at most.
const NAMED: usize = 6;

/// The operation or field a set belongs to.
const fn title(set: CodeSet) -> &'static str {
    match set {
        CodeSet::RequestCertificate => "RequestCertificate",
        CodeSet::StatusInfo => "statusInfo of SendCertificates from the partner",
        CodeSet::SendCertificates => "SendCertificates",
        CodeSet::GetCaCertificates => "GetCACertificates",
        CodeSet::GeneralMessage => "GeneralMessage",
    }
}

/// The cases a code is right in.
fn cases(set: CodeSet, code: &str) -> impl Iterator<Item = &'static Case> {
    crate::cases::all().filter(move |case| match case.expected {
        Expected::Codes(of, words) | Expected::NotTaken(of, words) if of == set => words.contains(&code),
        // from a partner that acknowledges first
        Expected::Codes(CodeSet::RequestCertificate, words) if set == CodeSet::StatusInfo => {
            words.iter().any(|word| as_status(word).contains(&code))
        }
        _ => false,
    })
}

/// Every code with its cases, as a section of the published list.
#[must_use]
pub fn section() -> String {
    let mut text = "\n## Codes\n\n\
        The cases in which a code is right. A partner that acknowledges first tells the codes of RequestCertificate by statusInfo, as far as that has them.\n\n\
        | Of | Code | Cases |\n|---|---|---|\n"
        .to_owned();
    for set in CodeSet::ALL {
        for code in set.names() {
            let mut names: Vec<String> = cases(set, code).map(|case| format!("`{}`", case.id)).collect();
            if names.len() > NAMED {
                let more = names.split_off(NAMED).len();
                names.push(format!("{more} more"));
            }
            let reason = OUT_OF_REACH.iter().find(|(of, word, _)| *of == set && *word == code);
            let cell = reason.map_or_else(|| names.join(", "), |(.., why)| format!("none: {why}"));
            text += &format!("| {} | {code} | {cell} |\n", title(set));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{CodeSet, OUT_OF_REACH, cases};

    #[test]
    fn every_code_is_right_in_some_case_or_out_of_reach() {
        for set in CodeSet::ALL {
            for code in set.names() {
                let excused = OUT_OF_REACH.iter().any(|(of, word, _)| *of == set && *word == code);
                let covered = cases(set, code).next().is_some();
                assert_ne!(excused, covered, "{set:?} {code}");
            }
        }
    }
}
