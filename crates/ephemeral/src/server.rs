//! Redis or Valkey: each operation is one command, or one script the server runs as a whole.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::{
    Client, ClientTlsConfig, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo as _, Pipeline, RedisFuture,
    Script, TlsCertificates, Value as Answer,
};
use straznica_types::{Secret, check_name};

use crate::error::Cause;
use crate::{Cooldown, Count, EphemeralError, Key, PATIENCE, ServerTls, Value};

/// Longest wait for one answer and for one connection: both together stay within [`PATIENCE`].
const ANSWER: Duration = Duration::from_millis(500);
const CONNECT: Duration = Duration::from_millis(400);

/// KEYS[1] the counter, ARGV[1] its limit, ARGV[2] the window in milliseconds. -1: the limit was reached before.
static COUNT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local n = tonumber(redis.call('GET', KEYS[1]) or '0')
         if n >= tonumber(ARGV[1]) then return -1 end
         n = redis.call('INCR', KEYS[1])
         if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
         return n",
    )
});

/// KEYS[1] the value, ARGV[1] what it has to be. 1: it was and is gone.
static COMPARE_AND_DELETE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
});

/// KEYS[1] the pause, ARGV[1] its length in milliseconds. -1: it begins; otherwise what is left of it.
static COOLDOWN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return -1 end
         return math.max(redis.call('PTTL', KEYS[1]), 1)",
    )
});

#[derive(Clone)]
pub(crate) struct Server {
    connection: Connection,
    namespace: Arc<str>,
}

#[derive(Clone)]
enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

/// Addresses may carry a password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Server {
    pub(crate) fn single(
        url: &Secret<String>,
        tls: Option<&ServerTls>,
        namespace: &str,
    ) -> Result<Self, EphemeralError> {
        let address = checked(url, tls)?;
        let client = match tls {
            None => Client::open(address),
            Some(tls) => Client::build_with_tls(address, certificates(tls)?),
        };
        let client = client.map_err(|_| unusable())?;
        // Reconnecting goes on with every operation that is asked for; none of them waits longer than its own patience.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_response_timeout(Some(ANSWER))
            .set_connection_timeout(Some(CONNECT));
        let manager = client.get_connection_manager_lazy(config).map_err(|_| unusable())?;
        Self::over(Connection::Single(manager), namespace)
    }

    pub(crate) fn cluster(
        urls: &[Secret<String>],
        tls: Option<&ServerTls>,
        namespace: &str,
    ) -> Result<Self, EphemeralError> {
        let nodes = urls.iter().map(|url| checked(url, tls)).collect::<Result<Vec<_>, _>>()?;
        if nodes.is_empty() {
            return Err(EphemeralError::Configuration("a cluster needs the address of a node"));
        }
        let mut builder = ClusterClient::builder(nodes)
            .connection_timeout(CONNECT)
            .response_timeout(ANSWER)
            .overall_response_timeout(Some(PATIENCE))
            .retries(2);
        if let Some(tls) = tls {
            builder = builder.certs(certificates(tls)?);
        }
        let client = builder.build().map_err(|_| unusable())?;
        let connection = client.get_pending_async_connection_with_config(ClusterConfig::new());
        Self::over(Connection::Cluster(connection), namespace)
    }

    fn over(connection: Connection, namespace: &str) -> Result<Self, EphemeralError> {
        check_name(namespace)
            .map_err(|_| EphemeralError::Configuration("the namespace has 1 to 64 letters, digits, '.', '_' or '-'"))?;
        Ok(Self { connection, namespace: namespace.into() })
    }

    pub(crate) async fn put_if_absent(&self, key: &Key, value: &[u8], life: Duration) -> Result<bool, EphemeralError> {
        let mut command = redis::cmd("SET");
        command.arg(self.name(key)).arg(value).arg("NX").arg("PX").arg(millis(life));
        // "OK" where it was written, nil where there was a value.
        let written: Option<String> = self.ask(&command).await?;
        Ok(written.is_some())
    }

    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Value>, EphemeralError> {
        let value: Option<Vec<u8>> = self.ask(redis::cmd("GET").arg(self.name(key))).await?;
        Ok(value.map(Value::new))
    }

    pub(crate) async fn take(&self, key: &Key) -> Result<Option<Value>, EphemeralError> {
        let value: Option<Vec<u8>> = self.ask(redis::cmd("GETDEL").arg(self.name(key))).await?;
        Ok(value.map(Value::new))
    }

    pub(crate) async fn count(&self, key: &Key, limit: u32, window: Duration) -> Result<Count, EphemeralError> {
        let mut invocation = COUNT.key(self.name(key));
        invocation.arg(limit).arg(millis(window));
        let counted: i64 = within(invocation.invoke_async(&mut self.connection.clone())).await?;
        match u32::try_from(counted) {
            Ok(count) => Ok(Count::Within(count)),
            Err(_) if counted == -1 => Ok(Count::Exceeded),
            Err(_) => Err(EphemeralError::Unavailable(Cause::Answer)),
        }
    }

    pub(crate) async fn compare_and_delete(&self, key: &Key, expected: &[u8]) -> Result<bool, EphemeralError> {
        let mut invocation = COMPARE_AND_DELETE.key(self.name(key));
        invocation.arg(expected);
        let deleted: i64 = within(invocation.invoke_async(&mut self.connection.clone())).await?;
        Ok(deleted == 1)
    }

    pub(crate) async fn cooldown(&self, key: &Key, period: Duration) -> Result<Cooldown, EphemeralError> {
        let mut invocation = COOLDOWN.key(self.name(key));
        invocation.arg(millis(period));
        let left: i64 = within(invocation.invoke_async(&mut self.connection.clone())).await?;
        match u64::try_from(left) {
            Ok(left) => Ok(Cooldown::Wait(Duration::from_millis(left))),
            Err(_) => Ok(Cooldown::Ready),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, EphemeralError> {
        within(command.query_async(&mut self.connection.clone())).await
    }

    fn name(&self, key: &Key) -> String {
        format!("{}:{}", self.namespace, key.as_str())
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Answer> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Answer>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// Waits for an answer, but not for ever.
async fn within<T>(answer: impl Future<Output = Result<T, redis::RedisError>>) -> Result<T, EphemeralError> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failure)) => Err(EphemeralError::Unavailable(failure.into())),
        Err(_) => Err(EphemeralError::Unavailable(Cause::Patience(PATIENCE))),
    }
}

/// The address, if it can be used.
fn checked(url: &Secret<String>, tls: Option<&ServerTls>) -> Result<redis::ConnectionInfo, EphemeralError> {
    let info = url.expose().as_str().into_connection_info().map_err(|_| unusable())?;
    match (info.addr(), tls) {
        (ConnectionAddr::Tcp(..), None) | (ConnectionAddr::TcpTls { insecure: false, .. }, Some(_)) => Ok(info),
        (ConnectionAddr::TcpTls { insecure: true, .. }, _) => {
            Err(EphemeralError::Configuration("the server's certificate is always checked: no #insecure"))
        }
        (ConnectionAddr::TcpTls { .. }, None) => {
            Err(EphemeralError::Configuration("rediss:// needs the certificates of the server's authority (tls.ca)"))
        }
        (ConnectionAddr::Tcp(..), Some(_)) => {
            Err(EphemeralError::Configuration("certificates are for addresses that begin with rediss://"))
        }
        _ => Err(EphemeralError::Configuration("an address begins with redis:// or rediss://")),
    }
}

/// How a certificate begins in a PEM file (RFC 7468 §5.1).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn certificates(tls: &ServerTls) -> Result<TlsCertificates, EphemeralError> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|_| EphemeralError::Configuration("a file of tls cannot be read"));
    let client_tls = match (&tls.certificate, &tls.key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            Some(ClientTlsConfig { client_cert: read(certificate)?, client_key: read(key)? })
        }
        _ => return Err(EphemeralError::Configuration("tls.certificate and tls.key belong together")),
    };
    let authorities = read(&tls.ca)?;
    // The driver takes a file without any for one that trusts nobody, which shows only when it connects.
    if !authorities.windows(CERTIFICATE.len()).any(|part| part == CERTIFICATE) {
        return Err(EphemeralError::Configuration("tls.ca holds no certificate (PEM)"));
    }
    Ok(TlsCertificates { client_tls, root_cert: Some(authorities) })
}

const fn unusable() -> EphemeralError {
    EphemeralError::Configuration(
        "an address has the form rediss://user:password@host:port/database, with certificates that can be read",
    )
}

/// A server knows no time to live of nothing.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}
