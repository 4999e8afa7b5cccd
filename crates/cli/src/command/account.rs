//! `straznica account`: an operator looks after local accounts through the gateway, the only program that writes to its database.

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};
use straznica_types::{Secret, SystemClock, check_name};

use super::files::{self, FileError};
use super::operator::{self, OperatorError};
use super::output::{self, OutputError};
use super::table::{Table, one_line};
use crate::arguments::{Account, AccountDesk, GatewayAccess};
use crate::rest::{Answer, RestClient, RestError};

/// Longest password file read: more than any password.
const PASSWORD_FILE: u64 = 4 << 10;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The operator's certificate does not hold up, or names somebody else.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The gateway's address is none.
    #[error("{0}: HOST:PORT of the gateway expected")]
    Address(String),
    /// Nobody knows the gateway's name.
    #[error("{address}: {source}")]
    Unresolved {
        /// As it was given.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The gateway gave no answer.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// It refused.
    #[error("the gateway refused: {0}")]
    Refused(String),
    /// It answered without what belongs to the answer.
    #[error("the gateway answered without {0}")]
    Incomplete(&'static str),
    /// The password file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    Input(#[source] std::io::Error),
    /// A name no account has.
    #[error("{0:?}: 1 to 64 letters, digits, '.', '_' or '-' expected")]
    Name(String),
    /// What should be a password is none.
    #[error("the password has to be one line of text")]
    Password,
    /// No password could be made.
    #[error("the random number generator failed")]
    Random,
    /// Nothing can be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Runs the command.
///
/// # Errors
/// [`AccountError`]
pub async fn run(command: Account) -> Result<(), AccountError> {
    match command {
        Account::Add { name, password_file, pesel, given_names, surname, desk } => {
            let desk = Desk::open(desk).await?;
            let (password, made) = match &password_file {
                Some(file) => (password_of(file)?, false),
                None => (make_password()?, true),
            };
            let mut account = json!({ "name": name, "password": password.expose() });
            for (member, value) in [("pesel", pesel), ("givenNames", given_names), ("surname", surname)] {
                if let Some(value) = value {
                    account[member] = value.into();
                }
            }
            let mut answer = desk.post("/v1/accounts", &account).await?;
            if made {
                answer["password"] = password.expose().as_str().into();
            }
            desk.hand_over(&answer)
        }
        Account::List { desk } => {
            let desk = Desk::open(desk).await?;
            let answer = accepted(&desk.gateway.get("/v1/accounts").await?)?;
            desk.print(&answer, list)
        }
        Account::Lock { name, reason, desk } => {
            let desk = Desk::open(desk).await?;
            desk.post(&address(&name, "lock")?, &json!({ "reason": reason })).await?;
            desk.print(&json!({ "name": name, "locked": reason }), |_| {
                format!("{name} is locked, and its sessions have ended")
            })
        }
        Account::Unlock { name, reason, desk } => {
            let desk = Desk::open(desk).await?;
            desk.post(&address(&name, "unlock")?, &json!({ "reason": reason })).await?;
            desk.print(&json!({ "name": name }), |_| format!("{name} is unlocked"))
        }
        Account::ResetFactor { name, password_file, desk } => {
            let desk = Desk::open(desk).await?;
            let password = password_of(&password_file)?;
            let typed = json!({ "password": password.expose() });
            let answer = desk.post(&address(&name, "second-factor")?, &typed).await?;
            desk.hand_over(&answer)
        }
    }
}

/// A connected operator, and whether answers are printed as JSON.
struct Desk {
    gateway: RestClient,
    json: bool,
}

impl Desk {
    /// Reads the operator's certificate and looks the gateway up; nothing is sent yet.
    async fn open(desk: AccountDesk) -> Result<Self, AccountError> {
        let GatewayAccess { gateway, certificate } = desk.gateway;
        let (tls, _) = operator::identify(certificate, SystemClock::shared())?;
        let no_address = || AccountError::Address(gateway.clone());
        let (host, _) = gateway.rsplit_once(':').ok_or_else(no_address)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let unresolved = |source| AccountError::Unresolved { address: gateway.clone(), source };
        let mut found = tokio::net::lookup_host(&gateway).await.map_err(unresolved)?;
        let address = found.next().ok_or_else(no_address)?;
        let mut config = (*tls.client_config()).clone();
        // the connector of the client negotiates HTTP itself
        config.alpn_protocols.clear();
        let gateway = RestClient::new(address, host, config).map_err(|_| no_address())?;
        Ok(Self { gateway, json: desk.json })
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, AccountError> {
        accepted(&self.gateway.post(path, body).await?)
    }

    /// Prints what an account's holder needs.
    fn hand_over(&self, account: &Value) -> Result<(), AccountError> {
        if account["secondFactor"].as_str().is_none() {
            return Err(AccountError::Incomplete("a second factor"));
        }
        self.print(account, handed_over)
    }

    /// Prints an answer: as JSON, or as `text` tells it to people.
    fn print(&self, answer: &Value, text: impl FnOnce(&Value) -> String) -> Result<(), AccountError> {
        let printed = if self.json { answer.to_string() } else { text(answer) };
        Ok(output::line(&printed)?)
    }
}

/// An address about one account.
fn address(name: &str, what: &str) -> Result<String, AccountError> {
    check_name(name).map_err(|_| AccountError::Name(name.to_owned()))?;
    Ok(format!("/v1/accounts/{name}/{what}"))
}

fn accepted(answer: &Answer) -> Result<Value, AccountError> {
    let content = answer.json();
    if answer.status.is_success() {
        return Ok(content);
    }
    let word = |member: &str| content[member].as_str().map(one_line);
    let mut told = word("detail").or_else(|| word("title")).unwrap_or_else(|| answer.status.to_string());
    for error in content["errors"].as_array().into_iter().flatten() {
        let of = |member: &str| error[member].as_str().map(one_line).unwrap_or_default();
        told += &format!("\n  {}: {}", of("pointer").trim_start_matches('/'), of("detail"));
    }
    Err(AccountError::Refused(told))
}

/// The one line of a password file.
fn password_of(path: &Path) -> Result<Secret<String>, AccountError> {
    let content = if path == Path::new("-") {
        let mut content = Vec::new();
        std::io::stdin().take(PASSWORD_FILE).read_to_end(&mut content).map_err(AccountError::Input)?;
        content
    } else {
        files::read(path)?
    };
    let text = Secret::new(String::from_utf8(content).map_err(|_| AccountError::Password)?);
    let line = text.expose().trim_end_matches(['\r', '\n']);
    if line.chars().any(char::is_control) {
        return Err(AccountError::Password);
    }
    Ok(Secret::new(line.to_owned()))
}

/// A password nobody can guess, in groups that can be typed: a hundred random bits.
fn make_password() -> Result<Secret<String>, AccountError> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| AccountError::Random)?;
    let groups = bytes.chunks(4).map(|group| {
        let characters = group.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        characters.collect::<String>()
    });
    Ok(Secret::new(groups.collect::<Vec<_>>().join("-")))
}

/// What an account's holder needs.
fn handed_over(account: &Value) -> String {
    let word = |member: &str| account[member].as_str().unwrap_or_default();
    let mut text =
        format!("{}\n  issuer         {}\n  subject        {}", word("name"), word("issuer"), word("subject"));
    if let Some(password) = account["password"].as_str() {
        text += &format!("\n  password       {password}");
    }
    text += &format!("\n  second factor  {}\n                 {}", word("secondFactor"), word("secondFactorUri"));
    text + "\nIt is not shown again: SHA-1, six digits, thirty seconds, for any authenticator. Posts are granted to issuer and subject."
}

fn list(answer: &Value) -> String {
    let rows = answer["accounts"].as_array().into_iter().flatten().map(|account| {
        let word = |member: &str| account[member].as_str().unwrap_or_default().to_owned();
        let minute: String = word("madeAt").chars().take(16).collect();
        [word("name"), word("kind"), minute.replace('T', " "), word("madeBy"), word("locked")]
    });
    Table::new(["NAME", "WHOSE", "MADE (UTC)", "BY", "LOCKED"], rows).or("no accounts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_to_another_address() {
        assert_eq!(address("j.kowalska", "lock").unwrap(), "/v1/accounts/j.kowalska/lock");
        for name in ["", "../terminals/T-1", "a/b", "a?b", "a b", "ą"] {
            address(name, "lock").unwrap_err();
        }
    }

    #[test]
    fn passwords_that_are_made_are_long_and_unlike_each_other() {
        let (one, other) = (make_password().unwrap(), make_password().unwrap());
        assert_eq!(one.expose().len(), 24);
        assert_ne!(one.expose(), other.expose());
    }
}
