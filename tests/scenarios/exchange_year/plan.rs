//! The scenario file: what happens when, and when a passport cannot be opened.

use serde::Deserialize;
use straznica_cli::demo::state::{BindingName, Terms};
use straznica_types::Timestamp;
use time::{Date, macros::format_description};

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// Day 0, `YYYY-MM-DD`.
    begins: String,
    pub(super) days: u32,
    pub(super) dv_days: u32,
    pub(super) is_days: u32,
    pub(super) renewals: Renewals,
    #[serde(rename = "document")]
    pub(super) documents: Vec<DocumentPlan>,
    #[serde(rename = "state")]
    pub(super) states: Vec<StatePlan>,
    #[serde(rename = "event")]
    pub(super) events: Vec<Event>,
    pub(super) closed: Vec<Closed>,
}

/// How many renewals the days show, on passports they opened: none too few, and nobody renews every day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Renewals {
    /// Of document verifiers, by the exchange: least and most.
    pub(super) verifiers: [usize; 2],
    /// Of inspection systems.
    pub(super) systems: [usize; 2],
}

/// A kind of document: every state issues it, and guards it by a CVCA of its own; whoever reads it has a document verifier of its own for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentPlan {
    pub(super) kind: String,
    /// Mnemonic of the CVCA, in every state.
    pub(super) cvca: String,
    /// Mnemonic of the document verifier, in every state.
    pub(super) verifier: String,
}

/// A state that takes part.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatePlan {
    pub(super) country: String,
    pub(super) icao: String,
    pub(super) name: String,
    bindings: Vec<String>,
    /// How it answers requests: at once, or later by SendCertificates.
    answers: String,
    pub(super) algorithm: String,
    pub(super) parameters: String,
}

/// What happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Event {
    /// A state gives the CVCA of a kind of document a new key.
    Rollover { day: u32, state: String, document: String, algorithm: String, parameters: String },
    /// A state is cut off from the day on which a renewal of another one falls due there.
    Outage { state: String, renewal_of: String, document: String, not_before_day: u32, days: u32 },
    /// A state's verifier of a kind of document is compromised under another's CVCA, and replaced after some days.
    Compromise { day: u32, state: String, issuer: String, document: String, days: u32 },
}

/// Days on which `reader` cannot open a document of one kind of `issuer`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    reader: String,
    issuer: String,
    document: String,
    first_day: u32,
    last_day: u32,
}

impl Plan {
    pub(super) fn read(text: &str) -> Self {
        toml::from_str(text).expect("the scenario file can be read")
    }

    /// The same for a few days.
    pub(super) fn for_days(self, days: u32) -> Self {
        Self { days, ..self }
    }

    /// The same, and nothing happens.
    pub(super) fn without_events(self) -> Self {
        Self { events: Vec::new(), ..self }
    }

    /// The same with its compromise alone, on another day.
    pub(super) fn with_the_compromise_on(mut self, day: u32) -> Self {
        self.events.retain_mut(|event| {
            let Event::Compromise { day: on, .. } = event else { return false };
            *on = day;
            true
        });
        self
    }

    /// The same, what is said to be closed said of another kind of document.
    pub(super) fn with_closed_days_of_another(mut self, document: &str) -> Self {
        for closed in &mut self.closed {
            assert_ne!(closed.document, document, "another kind");
            document.clone_into(&mut closed.document);
        }
        self
    }

    /// The same, one day alone said to be closed.
    pub(super) fn closed_for(self, reader: &str, issuer: &str, document: &str, day: u32) -> Self {
        let [reader, issuer, document] = [reader, issuer, document].map(str::to_owned);
        let closed = Closed { reader, issuer, document, first_day: day, last_day: day };
        Self { closed: vec![closed], ..self }
    }

    pub(super) fn begins(&self) -> Date {
        Date::parse(&self.begins, format_description!("[year]-[month]-[day]")).expect("a day")
    }

    /// The day after the last, as certificates are listed.
    pub(super) fn end(&self) -> String {
        (self.begins() + time::Duration::days(self.days.into())).to_string()
    }

    /// The first moment of day 0.
    pub(super) fn start(&self) -> Timestamp {
        format!("{}T00:00:00Z", self.begins).parse().expect("a day")
    }

    /// Whether the file says that `reader` cannot open documents of this kind of `issuer` on `day`.
    pub(super) fn is_closed(&self, day: u32, reader: &str, issuer: &str, document: &str) -> bool {
        self.closings(reader, issuer)
            .any(|closed| closed.document == document && (closed.first_day..=closed.last_day).contains(&day))
    }

    /// The kinds of document of `issuer` that `reader` cannot open on some day.
    pub(super) fn ever_closed(&self, reader: &str, issuer: &str) -> impl Iterator<Item = &DocumentPlan> {
        self.closings(reader, issuer).map(|closed| self.document(&closed.document))
    }

    fn closings(&self, reader: &str, issuer: &str) -> impl Iterator<Item = &Closed> {
        self.closed.iter().filter(move |closed| closed.reader == reader && closed.issuer == issuer)
    }

    /// A kind of document by its name.
    pub(super) fn document(&self, kind: &str) -> &DocumentPlan {
        self.documents.iter().find(|document| document.kind == kind).expect("a kind of document of the scenario")
    }
}

impl DocumentPlan {
    /// Country and mnemonic of the CVCA of a state.
    pub(super) fn cvca_of(&self, country: &str) -> String {
        format!("{country}{}", self.cvca)
    }

    /// Country and mnemonic of the document verifier of a state.
    pub(super) fn verifier_of(&self, country: &str) -> String {
        format!("{country}{}", self.verifier)
    }
}

impl StatePlan {
    pub(super) fn bindings(&self) -> Vec<BindingName> {
        let named = |name: &String| match name.as_str() {
            "grpc" => BindingName::Grpc,
            "soap" => BindingName::Soap,
            other => panic!("there is no binding {other}"),
        };
        self.bindings.iter().map(named).collect()
    }

    /// How this state registers another: gRPC where both speak it, and SOAP as of 2009 where not.
    pub(super) fn terms_for(&self, other: &Self) -> Terms {
        let grpc = [self, other].iter().all(|state| state.bindings().contains(&BindingName::Grpc));
        let answers = if self.answers == "asynchronous" { "asynchronous" } else { "synchronous" };
        Terms { answers, ..if grpc { Terms::grpc() } else { Terms::soap() } }
    }
}
