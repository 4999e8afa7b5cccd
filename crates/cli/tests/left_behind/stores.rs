//! What the databases and Redis were given.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;

/// Something that was left behind: where, and what.
pub(crate) type Remains = (String, Vec<u8>);

/// Every file under a folder.
pub(crate) fn files(folder: &Path) -> Vec<Remains> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

/// What a database holds: SQLite's files; of PostgreSQL the text of every row, and the files of the server, which hold rows of before and the log of writes.
pub(crate) async fn of(database: &TestDatabase) -> Vec<Remains> {
    match database.store().engine() {
        Engine::Sqlite => {
            let file = database.config().url.expose().trim_start_matches("sqlite://").to_owned();
            files(Path::new(&file).parent().unwrap())
        }
        Engine::Postgres => {
            let mut found = rows(database).await;
            found.extend(files_of_the_server(database).await);
            found
        }
    }
}

async fn query(database: &TestDatabase, sql: &str) -> Vec<QueryResult> {
    let reader = database.store().reader();
    reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap()
}

async fn rows(database: &TestDatabase) -> Vec<Remains> {
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
                  WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let mut found = Vec::new();
    for table in query(database, tables).await {
        let table: String = table.try_get_by_index(0).unwrap();
        let text = query(database, &format!("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")).await;
        let text: String = text[0].try_get_by_index(0).unwrap();
        found.push((format!("table {table}"), text.into_bytes()));
    }
    assert!(found.len() > 5, "the tables of a service");
    found
}

/// The files of this database and the write-ahead log, after a checkpoint. None, said, where the server's files are not of this machine or not for our eyes.
async fn files_of_the_server(database: &TestDatabase) -> Vec<Remains> {
    let placed =
        "SELECT current_setting('data_directory'), oid::bigint FROM pg_database WHERE datname = current_database()";
    let placed = &query(database, placed).await[0];
    let (directory, number): (String, i64) = (placed.try_get_by_index(0).unwrap(), placed.try_get_by_index(1).unwrap());
    let reader = database.store().reader();
    reader.execute_unprepared("CHECKPOINT").await.unwrap();
    let mut found = Vec::new();
    for folder in [PathBuf::from(format!("base/{number}")), PathBuf::from("pg_wal"), PathBuf::from("global")] {
        let folder = Path::new(&directory).join(folder);
        let Ok(entries) = fs::read_dir(&folder) else {
            println!("not searched: {}", folder.display());
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            // Other tests make and drop tables and segments of the log meanwhile.
            if let Ok(content) = fs::read(&path) {
                found.push((path.display().to_string(), content));
            }
        }
    }
    found
}

/// Every command a Redis is given from now on, by whomever.
pub(crate) struct Monitor(Arc<Mutex<Vec<u8>>>);

impl Monitor {
    pub(crate) fn of(url: &str) -> Self {
        let address = url.strip_prefix("redis://").unwrap().trim_end_matches('/');
        let mut connection = BufReader::new(TcpStream::connect(address).unwrap());
        connection.get_mut().write_all(b"MONITOR\r\n").unwrap();
        let mut first = String::new();
        connection.read_line(&mut first).unwrap();
        assert_eq!(first, "+OK\r\n");
        let kept = Arc::<Mutex<Vec<u8>>>::default();
        let keeps = kept.clone();
        std::thread::spawn(move || {
            let mut piece = vec![0; 1 << 16];
            // Ends with the process, or with Redis.
            while let Ok(read @ 1..) = connection.read(&mut piece) {
                keeps.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        });
        Self(kept)
    }

    pub(crate) fn so_far(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}
