//! What a node's database holds of the exchange, read past the program.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable};
use straznica_store::{Store, StoreConfig};
use straznica_types::SystemClock;

/// Bytes by holder reference.
pub(super) type ByChr = BTreeMap<String, Vec<u8>>;

/// A message of the node to its partner.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) operation: String,
    pub(super) message_id: Option<String>,
    pub(super) state: String,
    /// A process has it in hand.
    pub(super) is_leased: bool,
}

/// A partner's request.
#[derive(Debug)]
pub(super) struct Application {
    pub(super) message_id: String,
    pub(super) state: String,
    /// Who approved it, first to last.
    pub(super) officers: Vec<String>,
}

/// Everything looked at.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Requests for DV certificates the node made.
    pub(super) requests: ByChr,
    /// Those of them that brought no certificate yet.
    pub(super) unfulfilled: Vec<String>,
    /// DV certificates held with their keys.
    pub(super) held: ByChr,
    /// Inspection systems: their references, and whose each is.
    pub(super) systems: Vec<(String, String)>,
    /// Own CVCA roots.
    pub(super) roots: Vec<String>,
    /// CVCA certificates of others.
    pub(super) foreign_cvcas: BTreeSet<Vec<u8>>,
    pub(super) own_cvcas: BTreeSet<Vec<u8>>,
    pub(super) letters: Vec<Letter>,
    /// Partners' requests.
    pub(super) applications: Vec<Application>,
    pub(super) application_bytes: ByChr,
    /// Certificates issued for them.
    pub(super) issued: Vec<(String, Vec<u8>)>,
    /// Messages of partners that were answered: operation and identifier.
    pub(super) answered: Vec<(String, String)>,
    /// General messages: direction, identifier, state.
    pub(super) messages: Vec<(String, String, String)>,
    /// The last number given under each holder name.
    pub(super) numbers: BTreeMap<String, i64>,
}

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> T {
    row.try_get("", column).unwrap()
}

struct Book(Store);

impl Book {
    async fn rows<T>(&self, sql: &str, read: impl Fn(&QueryResult) -> T) -> Vec<T> {
        let reader = self.0.reader();
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        reader.query_all_raw(statement).await.unwrap().iter().map(read).collect()
    }

    async fn bytes(&self, sql: &str) -> Vec<(String, Vec<u8>)> {
        self.rows(sql, |row| (get(row, "chr"), get(row, "bytes"))).await
    }
}

impl Ledger {
    /// Reads it, at one moment after the other.
    pub(super) async fn read(config: &StoreConfig, country: &str) -> Self {
        let book = Book(Store::connect(config, SystemClock::shared()).await.unwrap());
        let own = format!("role IN ('cvca', 'cvca_link') AND chr LIKE '{country}%'");
        let requests = book.bytes("SELECT chr, request AS bytes FROM dv_request").await;
        let cvca = |row: &QueryResult| get::<Vec<u8>>(row, "certificate");
        let ledger = Self {
            requests: requests.into_iter().collect(),
            unfulfilled: book
                .rows("SELECT chr FROM dv_request WHERE state <> 'fulfilled'", |row| get(row, "chr"))
                .await,
            held: book
                .bytes("SELECT chr, certificate AS bytes FROM cv_certificate WHERE role LIKE 'dv_%' AND key_handle IS NOT NULL")
                .await
                .into_iter()
                .collect(),
            systems: book
                .rows("SELECT chr, car FROM cv_certificate WHERE role = 'is' AND key_handle IS NOT NULL", |row| {
                    (get(row, "chr"), get(row, "car"))
                })
                .await,
            roots: book
                .rows(
                    &format!("SELECT chr FROM cv_certificate WHERE {own} AND car = chr ORDER BY chr"),
                    |row| get(row, "chr"),
                )
                .await,
            own_cvcas: book
                .rows(&format!("SELECT certificate FROM cv_certificate WHERE {own}"), cvca)
                .await
                .into_iter()
                .collect(),
            foreign_cvcas: book
                .rows(
                    &format!("SELECT certificate FROM cv_certificate WHERE role IN ('cvca', 'cvca_link') AND chr NOT LIKE '{country}%'"),
                    cvca,
                )
                .await
                .into_iter()
                .collect(),
            letters: book
                .rows("SELECT operation, message_id, state, leased_until FROM outbox", |row| Letter {
                    operation: get(row, "operation"),
                    message_id: get(row, "message_id"),
                    state: get(row, "state"),
                    is_leased: get::<Option<i64>>(row, "leased_until").is_some(),
                })
                .await,
            applications: book
                .rows("SELECT message_id, state, first_officer, second_officer FROM application", |row| Application {
                    message_id: get(row, "message_id"),
                    state: get(row, "state"),
                    officers: ["first_officer", "second_officer"]
                        .into_iter()
                        .filter_map(|column| get::<Option<String>>(row, column))
                        .collect(),
                })
                .await,
            application_bytes: book
                .bytes("SELECT chr, request AS bytes FROM application")
                .await
                .into_iter()
                .collect(),
            issued: book.bytes("SELECT chr, certificate AS bytes FROM issued_certificate").await,
            answered: book
                .rows("SELECT operation, message_id FROM inbound_message", |row| {
                    (get(row, "operation"), get(row, "message_id"))
                })
                .await,
            messages: book
                .rows("SELECT direction, message_id, state FROM general_message", |row| {
                    (get(row, "direction"), get(row, "message_id"), get(row, "state"))
                })
                .await,
            numbers: book
                .rows("SELECT holder, last_ordinal FROM sequence", |row| (get(row, "holder"), get(row, "last_ordinal")))
                .await
                .into_iter()
                .collect(),
        };
        book.0.close().await.unwrap();
        ledger
    }

    /// Every holder reference the node has given.
    pub(super) fn given(&self) -> BTreeSet<String> {
        let systems = self.systems.iter().map(|(chr, _)| chr);
        self.requests.keys().chain(systems).chain(&self.roots).cloned().collect()
    }

    /// How much is on record of what the places of `subject` are about.
    ///
    /// # Panics
    /// When nobody has said yet what that is: a death there would not be told from one elsewhere.
    fn on_record(&self, subject: &str) -> usize {
        match subject {
            "dv_request" | "renewal" => self.requests.len(),
            "outbox" => self.letters.iter().filter(|letter| letter.state != "pending").count(),
            "request" => self.applications.len(),
            "approval" => self.applications.iter().map(|application| application.officers.len()).sum(),
            "settlement" => self.issued.len(),
            "callback" | "answer" => self.held.len(),
            "inspection_system" => self.systems.len(),
            "rollover" => self.roots.len(),
            "message" => self.messages.len(),
            _ => panic!("what is on record of {subject}?"),
        }
    }

    /// The death was where the place says: until the commit nothing is on record, and everything after it. The second time a place is reached (`:2`) what
    /// the first one committed is there already.
    pub(super) fn is_of_a_death_at(&self, place: &str, before: &Self) -> bool {
        let (name, time) = place.split_once(':').map_or((place, 1), |(name, time)| (name, time.parse().unwrap()));
        let words: Vec<&str> = name.split('.').collect();
        let ["spoc", subject, moment] = words[..] else { panic!("{place} is no place of an exchange") };
        let is_committed = ["committed", "kept", "taken", "settled", "acted"].contains(&moment);
        let done = self.on_record(subject) == before.on_record(subject) + (time - 1) + usize::from(is_committed);
        // A message is in hand until it is settled: one, and the one this exchange is about.
        let in_hand: Vec<&str> =
            self.letters.iter().filter(|letter| letter.is_leased).map(|letter| letter.state.as_str()).collect();
        done && match (subject, is_committed) {
            ("outbox", false) => in_hand == ["pending"] && self.letters.len() == before.letters.len() + 1,
            ("outbox", true) => in_hand.is_empty() && self.letters.len() == before.letters.len() + 1,
            _ => true,
        }
    }

    /// Whether an officer's approval of the request that came with a message is on record.
    pub(super) fn has_approval(&self, message_id: &str, officer: &str) -> bool {
        let of_message = self.applications.iter().filter(|application| application.message_id == message_id);
        of_message.flat_map(|application| &application.officers).any(|one| one == officer)
    }

    /// Messages of this operation in one of these states.
    pub(super) fn letters_in(&self, operation: &str, states: &[&str]) -> usize {
        let found = self.letters.iter().filter(|letter| letter.operation == operation);
        found.filter(|letter| states.contains(&letter.state.as_str())).count()
    }

    /// Whether no message waits for anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.letters.iter().all(|letter| !matches!(letter.state.as_str(), "pending" | "acknowledged"))
    }
}
