//! Counters and locks of officers and subjects: what no loss of short-lived state and no code sent again takes back.
//!
//! Whoever counts writes the new numbers first, in the statement that takes the rows, and keeps those until the commit; of two at once the second waits and sees
//! what the first has counted. What the numbers were before follows from what was added; the rules then say what they may be, and only where that is something
//! else, at a limit or a lock, the row is written again. So exactly the limit is let through. The order is always officers, then subjects, each by name: nobody
//! waits in a circle.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};
use straznica_types::{CivilDate, Timestamp};

use crate::domain::Counter;

/// What is about to be counted of whom.
#[derive(Debug)]
pub(crate) struct Tally {
    counted: What,
    officials: BTreeMap<String, u32>,
    subjects: BTreeMap<String, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Messages,
    /// Comparisons; of subjects each counts as wrong at first.
    Attempts,
}

impl Tally {
    /// Messages, each caused by an officer and about a subject.
    pub(crate) fn messages<'a>(each: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::of(What::Messages, each)
    }

    /// Comparisons, each asked for by an officer and about a subject.
    pub(crate) fn attempts<'a>(each: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::of(What::Attempts, each)
    }

    fn of<'a>(counted: What, each: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tally = Self { counted, officials: BTreeMap::new(), subjects: BTreeMap::new() };
        for (official, subject) in each {
            *tally.officials.entry(official.to_owned()).or_default() += 1;
            *tally.subjects.entry(subject.to_owned()).or_default() += 1;
        }
        tally
    }
}

/// The rows of everybody who is counted in one transaction, as they were before.
#[derive(Debug)]
pub(crate) struct Counters {
    officials: Rows,
    subjects: Rows,
}

#[derive(Debug)]
struct Rows {
    table: &'static str,
    key: &'static str,
    /// Whether failures in a row are counted.
    failures: bool,
    held: BTreeMap<String, Held>,
}

#[derive(Debug)]
struct Held {
    counter: Counter,
    /// What the row says now.
    written: Counter,
}

impl Counters {
    /// Takes the rows of these officers and subjects, made where there are none. [`Counters::save`] is owed: until then the database says that
    /// everything was counted.
    pub(crate) async fn take(tx: &DatabaseTransaction, tally: Tally, today: CivilDate) -> Result<Self, DbErr> {
        let rows = |table, key, failures| Rows { table, key, failures, held: BTreeMap::new() };
        let mut counters = Self {
            officials: rows("official_counter", "official", false),
            subjects: rows("subject_counter", "subject", true),
        };
        counters.officials.take(tx, tally.officials, tally.counted, today).await?;
        counters.subjects.take(tx, tally.subjects, tally.counted, today).await?;
        Ok(counters)
    }

    /// The counter of an officer that was taken.
    pub(crate) fn official(&mut self, name: &str, today: CivilDate) -> &mut Counter {
        self.officials.of(name, today)
    }

    /// The counter of a subject that was taken.
    pub(crate) fn subject(&mut self, name: &str, today: CivilDate) -> &mut Counter {
        self.subjects.of(name, today)
    }

    /// Writes what is not what was written when the rows were taken.
    pub(crate) async fn save(self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        self.officials.save(tx).await?;
        self.subjects.save(tx).await
    }
}

impl Rows {
    async fn take(
        &mut self,
        tx: &DatabaseTransaction,
        names: BTreeMap<String, u32>,
        counted: What,
        today: CivilDate,
    ) -> Result<(), DbErr> {
        if names.is_empty() {
            return Ok(());
        }
        let Self { table, key, failures, .. } = self;
        let columns = if *failures { 5 } else { 4 };
        let mut values: Vec<Value> = Vec::with_capacity(names.len() * columns);
        for (name, count) in &names {
            let (messages, attempts) = match counted {
                What::Messages => (*count, 0),
                What::Attempts => (0, *count),
            };
            values.push(name.as_str().into());
            values.push(today.days_since_epoch().into());
            values.extend([i64::from(messages).into(), i64::from(attempts).into()]);
            if *failures {
                values.push(i64::from(attempts).into());
            }
        }
        // A new day begins from nothing; for a clock that is behind, the day that has begun goes on.
        let turned = |column| {
            format!(
                "{column} = CASE WHEN {table}.day < excluded.day THEN excluded.{column} \
                 ELSE {table}.{column} + excluded.{column} END"
            )
        };
        let (more, set) = if *failures {
            (
                ", failures_in_a_row",
                format!(", failures_in_a_row = {table}.failures_in_a_row + excluded.failures_in_a_row"),
            )
        } else {
            ("", String::new())
        };
        let sql = format!(
            "INSERT INTO {table} ({key}, day, messages, attempts{more}) VALUES {} ON CONFLICT ({key}) DO UPDATE SET \
             day = CASE WHEN {table}.day < excluded.day THEN excluded.day ELSE {table}.day END, {}, {}{set} \
             RETURNING {key} AS name, day, messages, attempts, locked_at{more}",
            places(values.len(), columns),
            turned("messages"),
            turned("attempts"),
        );
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        for row in tx.query_all_raw(statement).await? {
            let (name, written): (String, _) = (row.try_get("", "name")?, self.counter(&row)?);
            let count = names.get(&name).copied().unwrap_or_default();
            let mut counter = written.clone();
            match counted {
                What::Messages => counter.messages = counter.messages.saturating_sub(count),
                What::Attempts => {
                    counter.attempts = counter.attempts.saturating_sub(count);
                    counter.failures_in_a_row = counter.failures_in_a_row.saturating_sub(count);
                }
            }
            self.held.insert(name, Held { counter, written });
        }
        Ok(())
    }

    fn counter(&self, row: &QueryResult) -> Result<Counter, DbErr> {
        let count = |column| Ok::<_, DbErr>(u32::try_from(row.try_get::<i64>("", column)?).unwrap_or(u32::MAX));
        Ok(Counter {
            day: row.try_get("", "day")?,
            messages: count("messages")?,
            attempts: count("attempts")?,
            failures_in_a_row: if self.failures { count("failures_in_a_row")? } else { 0 },
            locked_at: row.try_get::<Option<i64>>("", "locked_at")?.map(Timestamp::from_millis),
        })
    }

    fn of(&mut self, name: &str, today: CivilDate) -> &mut Counter {
        let new = || Held { counter: Counter::new(today), written: Counter::new(today) };
        &mut self.held.entry(name.to_owned()).or_insert_with(new).counter
    }

    async fn save(self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        let Self { table, key, failures, held } = self;
        let columns = if failures { 6 } else { 5 };
        let changed: Vec<_> = held.into_iter().filter(|(_, held)| held.counter != held.written).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut values: Vec<Value> = Vec::with_capacity(changed.len() * columns);
        for (name, Held { counter, .. }) in changed {
            let numbers = [counter.day, counter.messages.into(), counter.attempts.into()];
            values.push(name.into());
            values.extend(numbers.map(Value::from));
            values.push(counter.locked_at.map(Timestamp::millis).into());
            if failures {
                values.push(i64::from(counter.failures_in_a_row).into());
            }
        }
        let (more, set) = if failures {
            (", failures_in_a_row", ", failures_in_a_row = excluded.failures_in_a_row")
        } else {
            ("", "")
        };
        let sql = format!(
            "INSERT INTO {table} ({key}, day, messages, attempts, locked_at{more}) VALUES {} \
             ON CONFLICT ({key}) DO UPDATE SET day = excluded.day, messages = excluded.messages, \
             attempts = excluded.attempts, locked_at = excluded.locked_at{set}",
            places(values.len(), columns),
        );
        execute(tx, &sql, values).await?;
        Ok(())
    }
}

/// `($1, $2), ($3, $4)` for four values in two columns.
fn places(values: usize, columns: usize) -> String {
    let row = |at: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", at + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..values).step_by(columns).map(row).collect::<Vec<_>>().join(", ")
}

/// Right codes end the row of wrong ones. What was counted today stays counted.
pub(crate) async fn forgive_failures(tx: &DatabaseTransaction, subjects: BTreeSet<&str>) -> Result<(), DbErr> {
    let places: Vec<String> = (1..=subjects.len()).map(|place| format!("${place}")).collect();
    let sql = format!("UPDATE subject_counter SET failures_in_a_row = 0 WHERE subject IN ({})", places.join(", "));
    execute(tx, &sql, subjects.into_iter().map(|subject| subject.to_owned().into())).await?;
    Ok(())
}

/// Since when a subject is locked.
pub(crate) async fn locked_since(connection: &impl ConnectionTrait, subject: &str) -> Result<Option<Timestamp>, DbErr> {
    let sql = "SELECT locked_at FROM subject_counter WHERE subject = $1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [subject.into()]);
    match connection.query_one_raw(statement).await? {
        Some(row) => Ok(row.try_get::<Option<i64>>("", "locked_at")?.map(Timestamp::from_millis)),
        None => Ok(None),
    }
}

/// Lifts the lock of an officer, and the day's attempts with it: the reason for lifting it is that they were honest. Tells whether there was one.
pub(crate) async fn lift_official(tx: &DatabaseTransaction, official: &str) -> Result<bool, DbErr> {
    let sql =
        "UPDATE official_counter SET locked_at = NULL, attempts = 0 WHERE official = $1 AND locked_at IS NOT NULL";
    Ok(execute(tx, sql, [official.into()]).await? == 1)
}

/// Lifts the lock of a subject; tells whether there was one.
pub(crate) async fn lift_subject(tx: &DatabaseTransaction, subject: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE subject_counter SET locked_at = NULL, failures_in_a_row = 0 WHERE subject = $1 AND locked_at IS NOT NULL";
    Ok(execute(tx, sql, [subject.into()]).await? == 1)
}

async fn execute(tx: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
