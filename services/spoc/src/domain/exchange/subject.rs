//! Subjects of general messages as the states use them (CSN 36 9791; TR-03139), and what each implies for who receives it.

use straznica_types::Timestamp;

/// Whose private key a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOf {
    /// An inspection system's.
    InspectionSystem,
    /// A document verifier's.
    DocumentVerifier,
    /// A country verifying CA's.
    Cvca,
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incident {
    /// Nobody knows where it is.
    Lost,
    /// Somebody took it.
    Stolen,
    /// Somebody else may be using it.
    Compromised,
}

/// Who ends its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminated {
    /// A country verifying CA.
    Cvca,
    /// A document verifier.
    DocumentVerifier,
}

/// A subject in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The SPOC will not be reached for some time.
    Disruption,
    /// The CVCA issues nothing for some time.
    Suspension,
    /// It is over.
    Reactivation,
    /// A private key is in other hands, or in nobody's.
    PrivateKey(KeyOf, Incident),
    /// A certificate received is not as it should be.
    CertificateInaccurate,
    /// A holder ends its work.
    Termination(Terminated),
    /// The receiver's document verifier does not keep to the policy.
    DvNotCompliant,
}

/// What a received message would have an officer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implication {
    /// Suspend a document verifier of the sender that our CVCA certifies.
    SuspendHolder,
    /// Suspend a CVCA of the sender that we trust.
    SuspendCvca,
    /// Enter an outage of the sender.
    EnterOutage,
    /// End the outage of the sender.
    EndOutage,
}

impl Implication {
    const ALL: [Self; 4] = [Self::SuspendHolder, Self::SuspendCvca, Self::EnterOutage, Self::EndOutage];

    /// The name in the database, the contract and the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuspendHolder => "suspend_holder",
            Self::SuspendCvca => "suspend_cvca",
            Self::EnterOutage => "enter_outage",
            Self::EndOutage => "end_outage",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|implication| implication.as_str() == text)
    }
}

macro_rules! private_key_subjects {
    ($($of:ident $what:ident $text:literal,)*) => {
        const PRIVATE_KEY: &[(Subject, &str)] = &[$((Subject::PrivateKey(KeyOf::$of, Incident::$what), $text),)*];
    };
}

private_key_subjects! {
    InspectionSystem Lost "IS private key lost",
    InspectionSystem Stolen "IS private key stolen",
    InspectionSystem Compromised "IS private key compromised",
    DocumentVerifier Lost "DV private key lost",
    DocumentVerifier Stolen "DV private key stolen",
    DocumentVerifier Compromised "DV private key compromised",
    Cvca Lost "CVCA private key lost",
    Cvca Stolen "CVCA private key stolen",
    Cvca Compromised "CVCA private key compromised",
}

const OTHERS: &[(Subject, &str)] = &[
    (Subject::Disruption, "Disruption of CVCA communication channel"),
    (Subject::Suspension, "Suspension of CVCA service"),
    (Subject::Reactivation, "Reactivation of SPOC service"),
    (Subject::CertificateInaccurate, "Certificate inaccurate"),
    (Subject::Termination(Terminated::Cvca), "CVCA Termination"),
    (Subject::Termination(Terminated::DocumentVerifier), "DV Termination"),
    (Subject::DvNotCompliant, "DV not compliant"),
];

impl Subject {
    /// Every subject.
    pub fn all() -> impl Iterator<Item = Self> {
        OTHERS.iter().chain(PRIVATE_KEY).map(|(subject, _)| *subject)
    }

    /// The words in use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        // Every subject has a row; a test says so.
        OTHERS.iter().chain(PRIVATE_KEY).find(|(subject, _)| *subject == self).map_or("", |(_, text)| *text)
    }

    /// Recognises a subject, whatever the case and the spaces; some states write the brackets of the standard's list.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let read = folded(text);
        OTHERS.iter().chain(PRIVATE_KEY).find(|(_, words)| folded(words) == read).map(|(subject, _)| *subject)
    }

    /// What it would have an officer of the receiver do.
    #[must_use]
    pub const fn implies(self) -> Option<Implication> {
        match self {
            // An inspection system's certificate is not ours to suspend, its verifier's is.
            Self::PrivateKey(KeyOf::InspectionSystem | KeyOf::DocumentVerifier, _)
            | Self::Termination(Terminated::DocumentVerifier) => Some(Implication::SuspendHolder),
            Self::PrivateKey(KeyOf::Cvca, _) | Self::Termination(Terminated::Cvca) => Some(Implication::SuspendCvca),
            Self::Disruption | Self::Suspension => Some(Implication::EnterOutage),
            Self::Reactivation => Some(Implication::EndOutage),
            Self::CertificateInaccurate | Self::DvNotCompliant => None,
        }
    }
}

fn folded(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || matches!(character, '[' | ']'));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Those of `known` (country and mnemonic) that a body names, by themselves or with a sequence number behind.
#[must_use]
pub fn names_in<'a>(body: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let words: Vec<&str> = words(body).collect();
    let named = |name: &str| {
        words.iter().any(|word| match word.strip_prefix(name) {
            Some(rest) => {
                rest.is_empty() || (rest.len() == SEQUENCE && rest.chars().all(|c| c.is_ascii_alphanumeric()))
            }
            None => false,
        })
    };
    known.into_iter().filter(|name| named(name)).collect()
}

/// Length of a holder reference's sequence number (TR-03110-3 §D.2.1.2).
const SEQUENCE: usize = 5;

/// The first two moments (RFC 3339) a body names, when the second is later: a period.
#[must_use]
pub fn period_in(body: &str) -> Option<(Timestamp, Timestamp)> {
    let mut moments = words(body).filter_map(|word| word.parse::<Timestamp>().ok());
    let (from, until) = (moments.next()?, moments.next()?);
    (from < until).then_some((from, until))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let separators = |character: char| character.is_whitespace() || matches!(character, ',' | ';' | '(' | ')' | '"');
    text.split(separators)
        .map(|word| word.trim_matches(|c: char| matches!(c, '.' | ':' | '\'')))
        .filter(|word| !word.is_empty())
}

/// A message to be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// What it is about.
    pub subject: Subject,
    /// For the other state. `{name}` stands for a parameter.
    pub english: &'static str,
    /// The same for officers here.
    pub polish: &'static str,
}

/// Why a template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A parameter was not given.
    #[error("the template needs the parameter {0}")]
    Missing(String),
    /// One was given that the template has no place for.
    #[error("the template has no parameter {0}")]
    Unknown(String),
}

impl Template {
    /// The template of a subject.
    #[must_use]
    pub fn of(subject: Subject) -> Self {
        let (english, polish) = texts(subject);
        Self { subject, english, polish }
    }

    /// Names of its parameters, in the order of the English text.
    #[must_use]
    pub fn parameters(&self) -> Vec<&'static str> {
        parameters(self.english)
    }

    /// Fills in the text, in English and then in Polish.
    ///
    /// # Errors
    /// [`TemplateError`] unless exactly its parameters are given.
    pub fn fill(&self, values: &[(String, String)]) -> Result<String, TemplateError> {
        let names = self.parameters();
        if let Some((unknown, _)) = values.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            return Err(TemplateError::Unknown(unknown.clone()));
        }
        let mut text = format!("{}\n\n{}\n", self.english, self.polish);
        for name in names {
            let value = values.iter().find(|(known, value)| known == name && !value.trim().is_empty());
            let (_, value) = value.ok_or_else(|| TemplateError::Missing(name.to_owned()))?;
            // Braces would be taken for a later parameter.
            text = text.replace(&format!("{{{name}}}"), &value.replace(['{', '}'], ""));
        }
        Ok(text)
    }
}

fn parameters(text: &'static str) -> Vec<&'static str> {
    let mut names: Vec<&str> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

/// English and Polish text of a subject.
const fn texts(subject: Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Disruption => (
            "Our SPOC will not be reached from {from} until {until}. Reason: {reason}.",
            "Nasz punkt SPOC będzie nieosiągalny od {from} do {until}. Przyczyna: {reason}.",
        ),
        Subject::Suspension => (
            "Our CVCA {reference} will issue no certificates from {from} until {until}. Reason: {reason}.",
            "Nasz urząd CVCA {reference} nie będzie wydawał certyfikatów od {from} do {until}. Przyczyna: {reason}.",
        ),
        Subject::Reactivation => (
            "Our SPOC and its services are available again since {from}.",
            "Nasz punkt SPOC i jego usługi są znów dostępne od {from}.",
        ),
        Subject::PrivateKey(_, Incident::Lost) => (
            "The private key of {reference} has been lost. Noticed on {from}. Please suspend the holder. Circumstances: {reason}.",
            "Utracono klucz prywatny posiadacza {reference}. Stwierdzono: {from}. Prosimy o zawieszenie posiadacza. Okoliczności: {reason}.",
        ),
        Subject::PrivateKey(_, Incident::Stolen) => (
            "The private key of {reference} has been stolen. Noticed on {from}. Please suspend the holder. Circumstances: {reason}.",
            "Skradziono klucz prywatny posiadacza {reference}. Stwierdzono: {from}. Prosimy o zawieszenie posiadacza. Okoliczności: {reason}.",
        ),
        Subject::PrivateKey(_, Incident::Compromised) => (
            "The private key of {reference} may be in other hands. Noticed on {from}. Please suspend the holder. Circumstances: {reason}.",
            "Klucz prywatny posiadacza {reference} mógł zostać ujawniony. Stwierdzono: {from}. Prosimy o zawieszenie posiadacza. Okoliczności: {reason}.",
        ),
        Subject::CertificateInaccurate => (
            "The certificate {reference} is not as it should be: {reason}.",
            "Certyfikat {reference} jest nieprawidłowy: {reason}.",
        ),
        Subject::Termination(_) => (
            "{reference} ends its work on {from}. Its certificates are not to be used after that.",
            "{reference} kończy działalność dnia {from}. Po tym dniu nie należy używać jego certyfikatów.",
        ),
        Subject::DvNotCompliant => (
            "The document verifier {reference} does not keep to the certificate policy: {reason}.",
            "Urząd DV {reference} nie przestrzega polityki certyfikacji: {reason}.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        Implication, Incident, KeyOf, Subject, Template, TemplateError, Terminated, names_in, parameters, period_in,
    };

    #[test]
    fn every_subject_has_its_own_words_and_reads_back() {
        let words: BTreeSet<&str> = Subject::all().map(Subject::as_str).collect();
        assert_eq!(words.len(), 16);
        assert!(Subject::all().all(|subject| Subject::read(subject.as_str()) == Some(subject)));
    }

    #[test]
    fn the_documented_example_fills_its_template() {
        let guide = include_str!("../../../../../docs/operations/spoc.md");
        let example = guide.lines().find(|line| line.contains("messages send") && line.contains("--template")).unwrap();
        let quoted = |text: &str| text.trim_start_matches('"').split('"').next().unwrap().to_owned();
        let template = quoted(example.split("--template ").nth(1).unwrap());
        let values: Vec<(String, String)> = example
            .split("--set ")
            .skip(1)
            .map(|set| set.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), quoted(value).trim().to_owned()))
            .collect();
        assert_eq!(values.len(), 3, "{example}");
        Template::of(Subject::read(&template).unwrap()).fill(&values).unwrap();
    }

    #[test]
    fn a_subject_is_recognised_whatever_its_case_spaces_and_brackets() {
        let cases = [
            ("DV private key compromised", Some(Subject::PrivateKey(KeyOf::DocumentVerifier, Incident::Compromised))),
            (
                "  dv  PRIVATE key\tcompromised ",
                Some(Subject::PrivateKey(KeyOf::DocumentVerifier, Incident::Compromised)),
            ),
            ("[CVCA] private key [stolen]", Some(Subject::PrivateKey(KeyOf::Cvca, Incident::Stolen))),
            ("cvca termination", Some(Subject::Termination(Terminated::Cvca))),
            ("Re: DV private key compromised", None),
            ("DV private key", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Subject::read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_subject_implies_at_most_one_act() {
        let cases = [
            ("IS private key lost", Some(Implication::SuspendHolder)),
            ("DV private key compromised", Some(Implication::SuspendHolder)),
            ("CVCA private key stolen", Some(Implication::SuspendCvca)),
            ("CVCA Termination", Some(Implication::SuspendCvca)),
            ("DV Termination", Some(Implication::SuspendHolder)),
            ("Disruption of CVCA communication channel", Some(Implication::EnterOutage)),
            ("Suspension of CVCA service", Some(Implication::EnterOutage)),
            ("Reactivation of SPOC service", Some(Implication::EndOutage)),
            ("Certificate inaccurate", None),
            ("DV not compliant", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Subject::read(text).unwrap().implies(), expected, "{text}");
        }
        for implication in Implication::ALL {
            assert_eq!(Implication::from_name(implication.as_str()), Some(implication));
        }
    }

    #[test]
    fn a_body_names_holders_alone_or_by_reference() {
        let known = ["UTDV", "UTDVB", "UTCVCA"];
        let cases = [
            ("The key of UTDV is lost.", vec!["UTDV"]),
            ("The key of UTDVXX00A, since today", vec!["UTDV"]),
            ("The key of \"UTDVB00001\".", vec!["UTDVB"]),
            ("UTDV, UTCVCA00002: both", vec!["UTDV", "UTCVCA"]),
            ("UTDVBX and xUTDV and utdv", vec![]),
            ("", vec![]),
        ];
        for (body, expected) in cases {
            assert_eq!(names_in(body, known), expected, "{body}");
        }
    }

    #[test]
    fn a_body_names_a_period_by_two_moments() {
        let text = "from 2026-06-01T00:00:00Z until 2026-06-03T12:00:00Z.";
        let expected = ("2026-06-01T00:00:00Z".parse().unwrap(), "2026-06-03T12:00:00Z".parse().unwrap());
        assert_eq!(period_in(text), Some(expected));
        assert_eq!(period_in("until 2026-06-03T12:00:00Z"), None);
        assert_eq!(period_in("2026-06-03T00:00:00Z and 2026-06-01T00:00:00Z"), None);
    }

    #[test]
    fn a_template_is_filled_with_exactly_its_parameters_in_both_languages() {
        for subject in Subject::all() {
            let template = Template::of(subject);
            let names = template.parameters();
            assert_eq!(
                names.iter().collect::<BTreeSet<_>>(),
                parameters(template.polish).iter().collect::<BTreeSet<_>>(),
                "{subject:?}"
            );
            let values: Vec<_> = names.iter().map(|name| ((*name).to_owned(), format!("<{name}>"))).collect();
            let text = template.fill(&values).unwrap();
            assert!(!text.contains('{') && names.iter().all(|name| text.matches(&format!("<{name}>")).count() == 2));
            let missing = template.fill(&values[1..]).unwrap_err();
            assert_eq!(missing, TemplateError::Missing(names[0].to_owned()));
            let unknown = template.fill(&[("other".to_owned(), "x".to_owned())]).unwrap_err();
            assert_eq!(unknown, TemplateError::Unknown("other".to_owned()));
        }
    }

    #[test]
    fn what_our_templates_say_is_understood_by_who_receives_it() {
        let values = [("from", "2026-06-01T00:00:00Z"), ("until", "2026-06-03T00:00:00Z"), ("reason", "works")];
        let values: Vec<_> = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let body = Template::of(Subject::Disruption).fill(&values).unwrap();
        assert!(period_in(&body).is_some(), "{body}");
    }
}
