//! Forms of one given name: *John*, *Jan*, *Ivan*, *Giovanni*, *Yahya*; *Elizabeth*, *Elżbieta*, *Liz*.
//!
//! The table `data/given-names.txt` was written by hand from general knowledge of the names of Christian, Jewish and Muslim calendars and of the short forms in daily use, a
//! family a line; it knows no persons. Rarer forms are left to spelling and sound.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Most families one form belongs to; further ones are dropped.
const MOST: usize = 3;

/// The families a word is a form of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Families([Option<u16>; MOST]);

impl Families {
    /// Whether two words are forms of one name.
    pub(crate) fn meet(self, other: Self) -> bool {
        self.0.iter().flatten().any(|family| other.0.contains(&Some(*family)))
    }

    /// Their numbers, which keep within one version of the table.
    pub(crate) fn numbers(self) -> impl Iterator<Item = u16> {
        self.0.into_iter().flatten()
    }
}

static TABLE: LazyLock<HashMap<&'static str, Families>> = LazyLock::new(|| {
    let mut table: HashMap<&'static str, Families> = HashMap::new();
    let lines =
        include_str!("../data/given-names.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for (number, line) in (0u16..).zip(lines) {
        for form in line.split_ascii_whitespace() {
            let families = table.entry(form).or_default();
            if let Some(free) = families.0.iter_mut().find(|family| family.is_none()) {
                *free = Some(number);
            }
        }
    }
    table
});

/// The families of a word in lower-case Latin letters.
pub(crate) fn families(letters: &str) -> Families {
    TABLE.get(letters).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{MOST, families};

    #[test]
    fn forms_of_a_name_meet_across_languages() {
        for (one, other) in [("john", "ivan"), ("liz", "elzbieta"), ("yusuf", "joseph"), ("mykola", "nicholas")] {
            assert!(families(one).meet(families(other)), "{one} {other}");
        }
        assert!(!families("john").meet(families("joseph")));
        assert!(!families("qwerty").meet(families("qwerty")));
    }

    #[test]
    fn the_table_is_in_the_letters_names_are_compared_in_and_tells_nothing_twice() {
        let mut counted: HashMap<&str, usize> = HashMap::new();
        for line in include_str!("../data/given-names.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut forms: Vec<&str> = line.split_ascii_whitespace().collect();
            assert!(forms.len() > 1, "{line}");
            for form in &forms {
                assert!(form.bytes().all(|letter| letter.is_ascii_lowercase()), "{form}");
                *counted.entry(form).or_default() += 1;
            }
            let all = forms.len();
            forms.sort_unstable();
            forms.dedup();
            assert_eq!(forms.len(), all, "twice in: {line}");
        }
        for (form, families) in counted {
            assert!(families <= MOST, "{form} is in {families} families");
        }
    }
}
