//! The text form of a receipt (SMPP 3.4 appendix B), "SMSC vendor specific" and therefore in many variants.

/// Receipts are some 120 octets; what is far longer is cut, the fields stand in front.
const MAX_OCTETS: usize = 1_024;

/// The names fields have, in small letters.
const NAMES: [&str; 10] =
    ["id", "sub", "dlvrd", "submit date", "submit_date", "done date", "done_date", "stat", "err", "text"];

/// The fields that were found, as they stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TextForm<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) stat: Option<&'a str>,
    pub(super) err: Option<&'a str>,
    pub(super) done: Option<&'a str>,
}

impl<'a> TextForm<'a> {
    /// Finds the fields: a known name at the beginning or after white space, a colon, and the value up to the next such name. The first of each
    /// name counts, and nothing after `text:`, for what follows was written by whoever wrote the message.
    pub(super) fn read(octets: &'a [u8]) -> Self {
        let octets = octets.get(..MAX_OCTETS).unwrap_or(octets);
        // Up to the first octet that is no UTF-8: only the copy of the message's text has such.
        let text = match std::str::from_utf8(octets) {
            Ok(text) => text,
            Err(error) => {
                octets.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default()
            }
        };
        let mut form = Self::default();
        let mut field = next_field(text);
        while let Some((name, rest)) = field {
            let slot = match name {
                "id" => Some(&mut form.id),
                "stat" => Some(&mut form.stat),
                "err" => Some(&mut form.err),
                "done date" | "done_date" => Some(&mut form.done),
                "text" => break,
                _ => None,
            };
            field = next_field(rest);
            let value = match field {
                Some((name, after)) => rest.get(..rest.len() - after.len() - 1 - name.len()).unwrap_or_default(),
                None => rest,
            };
            if let Some(slot) = slot {
                slot.get_or_insert_with(|| value.trim_matches(|end: char| end.is_whitespace() || end == '\0'));
            }
        }
        form
    }
}

/// The first known name in a text, and what follows its colon.
fn next_field(text: &str) -> Option<(&'static str, &str)> {
    let mut at_boundary = true;
    for (at, character) in text.char_indices() {
        if at_boundary && let Some(found) = text.get(at..).and_then(field_here) {
            return Some(found);
        }
        at_boundary = character.is_whitespace();
    }
    None
}

fn field_here(text: &str) -> Option<(&'static str, &str)> {
    NAMES.into_iter().find_map(|name| {
        let (here, rest) = text.split_at_checked(name.len())?;
        let rest = rest.strip_prefix(':')?;
        here.eq_ignore_ascii_case(name).then_some((name, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_with_their_values_as_they_stand() {
        let form = TextForm::read(b"id: 7f  sub:001 stat:DELIVRD done date: 2605280931 err:000 text:stat:EXPIRED");
        assert_eq!(
            form,
            TextForm { id: Some("7f"), stat: Some("DELIVRD"), err: Some("000"), done: Some("2605280931") }
        );
    }

    #[test]
    fn the_first_of_two_fields_of_a_name_counts() {
        assert_eq!(TextForm::read(b"id:1 id:2 stat:DELIVRD").id, Some("1"));
    }

    #[test]
    fn octets_of_another_alphabet_after_the_fields_do_no_harm() {
        let form = TextForm::read(b"id:1 stat:DELIVRD text:\xB3\xBF");
        assert_eq!((form.id, form.stat), (Some("1"), Some("DELIVRD")));
    }
}
