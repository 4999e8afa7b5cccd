//! The special services are no verifiers.
//!
//! Which they are the Act of 24 May 2002 on the Internal Security Agency and the Foreign Intelligence Agency says in Article 11: ABW, AW, SKW, SWW and
//! CBA. The list is code: no configuration and no administrator's decision lifts it, and it is asked again at every use.

use super::InstitutionKind;

/// One of them: its abbreviation, and how its names begin word by word, whatever the case they stand in.
struct SpecialService {
    abbreviation: &'static str,
    names: &'static [&'static [&'static str]],
}

const SPECIAL_SERVICES: [SpecialService; 5] = [
    SpecialService {
        abbreviation: "abw",
        names: &[&["agencj", "bezpieczenstw", "wewnetrzn"], &["internal", "security", "agency"]],
    },
    SpecialService { abbreviation: "aw", names: &[&["agencj", "wywiad"], &["foreign", "intelligence", "agency"]] },
    SpecialService {
        abbreviation: "skw",
        names: &[
            &["sluzb", "kontrwywiad", "wojskow"],
            &["military", "counterintelligence", "service"],
            &["military", "counter", "intelligence", "service"],
        ],
    },
    SpecialService {
        abbreviation: "sww",
        names: &[&["sluzb", "wywiad", "wojskow"], &["military", "intelligence", "service"]],
    },
    SpecialService {
        abbreviation: "cba",
        names: &[
            &["centraln", "biur", "antykorupcyjn"],
            &["central", "anti", "corruption", "bureau"],
            &["central", "anticorruption", "bureau"],
        ],
    },
];

/// Whether one of these texts (identifier, name, legal basis) names a special service. Of offices and services the abbreviation suffices; a firm may be
/// called AW.
#[must_use]
pub fn is_special_service(kind: InstitutionKind, texts: &[&str]) -> bool {
    let abbreviations_count = kind != InstitutionKind::PrivateBody;
    texts.iter().any(|text| {
        let words = words(text);
        SPECIAL_SERVICES.iter().any(|service| {
            (abbreviations_count && words.iter().any(|word| word == service.abbreviation))
                || service.names.iter().any(|name| occurs(name, &words))
        })
    })
}

/// Whether consecutive words begin so.
fn occurs(name: &[&str], words: &[String]) -> bool {
    words.windows(name.len()).any(|window| window.iter().zip(name).all(|(word, start)| word.starts_with(start)))
}

/// The words of a text in small letters without diacritics.
fn words(text: &str) -> Vec<String> {
    let folded: String = text.chars().flat_map(char::to_lowercase).filter_map(fold).collect();
    folded
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A letter without its diacritic; none for a combining mark, so that decomposed text reads the same.
const fn fold(letter: char) -> Option<char> {
    Some(match letter {
        'ą' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ó' => 'o',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        '\u{300}'..='\u{36f}' => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_services_are_recognised_however_they_are_written() {
        use InstitutionKind::{Office, PrivateBody, Service};
        for (kind, text, special) in [
            (Service, "ABW", true),
            (Service, "abw-delegatura-lodz", true),
            (Office, "Agencja Bezpieczeństwa Wewnętrznego", true),
            (PrivateBody, "AGENCJA BEZPIECZEN\u{301}STWA WEWNE\u{328}TRZNEGO", true),
            (Service, "ustawa o Agencji Bezpieczeństwa Wewnętrznego oraz Agencji Wywiadu", true),
            (Service, "Agencja Wywiadu", true),
            (Service, "AW", true),
            (PrivateBody, "AW Meble", false),
            (Service, "Centralne Biuro Antykorupcyjne", true),
            (Office, "Delegatura CBA", true),
            (Service, "Służba Kontrwywiadu Wojskowego", true),
            (Service, "Służby Wywiadu Wojskowego", true),
            (Service, "Military Counter-Intelligence Service", true),
            (Service, "Central Anti-Corruption Bureau", true),
            (Service, "Straż Graniczna", false),
            (Service, "Komenda Powiatowa Policji", false),
            (Service, "Straż Miejska w Awinionie", false),
            (Office, "Urząd Miasta Łodzi", false),
            (Office, "Agencja Restrukturyzacji Rolnictwa", false),
        ] {
            assert_eq!(is_special_service(kind, &["x", text]), special, "{text}");
        }
    }
}
