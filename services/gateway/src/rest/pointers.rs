//! Inner services name wrong members as their contracts do; callers know the JSON.

/// Members whose JSON name is not the contract's in camel case.
const RENAMED: [(&str, &str); 2] = [("case_number", "case"), ("data_group", "dg")];

/// Messages of the contract that are no objects in the JSON.
const FLAT: [&str; 5] = ["context", "evidence", "header", "parts", "registration"];

/// The pointer into the JSON for a pointer into a contract's request, e.g. `/context/case_number` → `/case`.
pub(crate) fn of_request(pointer: &str) -> String {
    let mut segments = pointer.split('/').skip(1).peekable();
    let mut translated = String::new();
    let mut first = true;
    while let Some(segment) = segments.next() {
        // "evidence" is flat at the top and with something beneath it; within chip_authentication it is a member.
        let flat = first && FLAT.contains(&segment) && segments.peek().is_some();
        first = false;
        if flat {
            continue;
        }
        translated.push('/');
        match RENAMED.iter().find(|(contract, _)| *contract == segment) {
            Some((_, json)) => translated.push_str(json),
            // instants are RFC 3339 texts
            None => push_camel_case(&mut translated, segment.strip_suffix("_ms").unwrap_or(segment)),
        }
    }
    translated
}

fn push_camel_case(text: &mut String, segment: &str) {
    let mut after_underscore = false;
    for character in segment.chars() {
        if character == '_' {
            after_underscore = true;
        } else if std::mem::take(&mut after_underscore) {
            text.extend(character.to_uppercase());
        } else {
            text.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_request;

    #[test]
    fn members_of_contracts_become_members_of_the_json() {
        for (contract, json) in [
            ("/context/officer", "/officer"),
            ("/context/case_number", "/case"),
            ("/read_at_ms", "/readAt"),
            ("/evidence/data_groups/1", "/dataGroups/1"),
            ("/evidence/unreadable/0/data_group", "/unreadable/0/dg"),
            ("/evidence/chip_authentication/evidence", "/chipAuthentication/evidence"),
            ("/evidence/active_authentication/challenge_id", "/activeAuthentication/challengeId"),
            ("/mrz_optical", "/mrzOptical"),
            ("/parts/id_picc", "/idPicc"),
            ("/cars/0", "/cars/0"),
            ("/registration/use_from_ms", "/useFrom"),
            ("/sod", "/sod"),
            ("", ""),
        ] {
            assert_eq!(of_request(contract), json, "{contract}");
        }
    }
}
