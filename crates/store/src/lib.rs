//! SQLite or PostgreSQL through sea-orm: connections, write transactions, migrations under a lock
