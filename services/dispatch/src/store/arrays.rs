//! Lists as PostgreSQL reads them from one value, for statements of one text however many rows they are about: what is written thousands of times a second is neither put
//! together nor prepared anew, nor sent value by value. SQLite, which has no lists, takes [`chunks`](super::chunks) and is in the same process.

use std::fmt::{Display, Write as _};

/// Of what is written with neither quotes, commas, braces nor spaces: ids and numbers. To be cast, as `$1::uuid[]`.
pub(super) fn plain(items: impl IntoIterator<Item: Display>) -> String {
    let mut list = String::from("{");
    for item in items {
        let separator = if list.len() == 1 { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(list, "{separator}{item}");
    }
    list.push('}');
    list
}

/// Of any texts, or none in a place. To be cast, as `$1::text[]`.
pub(super) fn texts(items: impl IntoIterator<Item = Option<impl AsRef<str>>>) -> String {
    let mut list = String::from("{");
    for item in items {
        if list.len() > 1 {
            list.push(',');
        }
        let Some(text) = item else {
            list.push_str("NULL");
            continue;
        };
        list.push('"');
        for letter in text.as_ref().chars() {
            if matches!(letter, '"' | '\\') {
                list.push('\\');
            }
            list.push(letter);
        }
        list.push('"');
    }
    list.push('}');
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_in_a_text_stays_in_it() {
        assert_eq!(plain([1, 22, 333]), "{1,22,333}");
        assert_eq!(plain(Vec::<u8>::new()), "{}");
        let all = [Some("a"), None, Some("NULL"), Some(""), Some("x,\"y\\}{ ż")];
        assert_eq!(texts(all), r#"{"a",NULL,"NULL","","x,\"y\\}{ ż"}"#);
    }
}
