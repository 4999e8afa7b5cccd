//! Logging in to a local account.
//!
//! Every attempt is counted before anything is compared, and after three in a row each one costs a longer pause. For a name nobody has the same work is done,
//! and the same said.

use straznica_types::{RequestId, Secret, Timestamp};

use super::{
    super::Gateway,
    rights::CERTIFICATE_ISSUER,
    sessions::{Arrival, LOCAL_ISSUER, LiveSession, Login},
};
use crate::{
    domain::people::{
        account::{Account, AccountName, SALT_LENGTH, pause_after},
        person::{Citizen, Person, PersonKind},
        second_factor::SecondFactor,
    },
    error::GatewayError,
    store::people::{
        accounts,
        attempts::{self, Attempts},
    },
};

/// How surely somebody with a password and a second factor is known.
pub(crate) const LOCAL_ACR: &str = "urn:straznica:acr:password-and-code";

/// How surely somebody with a client certificate is.
pub(crate) const CERTIFICATE_ACR: &str = "urn:straznica:acr:certificate";

/// What somebody typed.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) account: Secret<String>,
    pub(crate) password: Secret<String>,
    pub(crate) code: Secret<String>,
}

/// Why somebody is not let in: for the journal, never for them.
#[derive(Debug, Clone, Copy)]
enum Refused {
    Unknown,
    Locked,
    Password,
    Code,
}

impl Refused {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Locked => "locked",
            Self::Password => "password",
            Self::Code => "code",
        }
    }
}

impl Gateway {
    /// Logs in to a local account.
    pub(crate) async fn log_in(&self, typed: Credentials, arrival: &Arrival) -> Result<LiveSession, GatewayError> {
        if !self.config().people.accounts.enabled {
            return Err(GatewayError::AccountsOff);
        }
        let who = self.journal().pseudonym("account", typed.account.expose());
        self.count_attempt(&typed.account, arrival.request_id).await?;
        match self.check(typed).await? {
            Ok(login) => {
                self.store().write_tx(async |tx| attempts::forget(tx, &who).await.map_err(GatewayError::from)).await?;
                self.open_session(login, arrival).await
            }
            Err(why) => {
                self.record_refused_login(who, why.as_str(), arrival.request_id).await?;
                self.metrics().login_refused(why.as_str());
                Err(GatewayError::LoginRefused)
            }
        }
    }

    /// Logs in somebody whom identity knows by the certificate they come with.
    pub(crate) async fn log_in_by_certificate(&self, arrival: &Arrival) -> Result<LiveSession, GatewayError> {
        let thumbprint = arrival.certificate.map(hex::encode).ok_or(GatewayError::NoCertificate)?;
        let person = Person { issuer: CERTIFICATE_ISSUER.to_owned(), subject: thumbprint };
        if self.rights_of_person(&person, arrival.request_id).await?.is_none() {
            let who = self.pseudonym_of(&person);
            self.record_refused_login(who, "certificate", arrival.request_id).await?;
            self.metrics().login_refused("certificate");
            return Err(GatewayError::LoginRefused);
        }
        let acr = CERTIFICATE_ACR.to_owned();
        let login = Login { person, kind: PersonKind::Official, acr, auth_time: self.clock().now(), citizen: None };
        self.open_session(login, arrival).await
    }

    /// Counts the attempt, unless it is a pause: then nothing is looked at.
    pub(super) async fn count_attempt(
        &self,
        account: &Secret<String>,
        request_id: RequestId,
    ) -> Result<(), GatewayError> {
        let who = self.journal().pseudonym("account", account.expose());
        let now = self.clock().now();
        let waiting = self
            .store()
            .write_tx(async |tx| {
                let known = attempts::find(tx, &who).await?;
                if let Some(known) = known.filter(|known| now < known.not_before) {
                    return Ok::<_, GatewayError>(Some(known.not_before.saturating_since(now)));
                }
                let failures = known.map_or(0, |known| known.failures).saturating_add(1);
                let counted = Attempts { failures, not_before: now + pause_after(failures) };
                attempts::put(tx, &who, counted, now).await?;
                Ok(None)
            })
            .await?;
        let Some(retry_after) = waiting else { return Ok(()) };
        self.record_refused_login(who, "pause", request_id).await?;
        Err(GatewayError::LoginPaused { retry_after })
    }

    /// Compares. Whatever is wrong, the password is derived once and a code looked at once.
    async fn check(&self, typed: Credentials) -> Result<Result<Login, Refused>, GatewayError> {
        let name = AccountName::parse(typed.account.expose());
        let account = match &name {
            Some(name) => accounts::find(self.store().reader(), name).await?,
            None => None,
        };
        let salt = account.as_ref().map_or([0; SALT_LENGTH], |account| account.salt);
        let derived = self.hashing().derive(typed.password, salt).await?;
        let verifier = account.as_ref().map_or([0; 32], |account| account.verifier);
        let is_password = derived.is(&verifier);
        let now = self.clock().now();
        let Some(account) = account else { return Ok(Err(Refused::Unknown)) };
        if !is_password {
            return Ok(Err(Refused::Password));
        }
        if account.locked.is_some() {
            return Ok(Err(Refused::Locked));
        }
        let corrupt = || GatewayError::CorruptRow { table: "account" };
        let factor = derived.unseal(&account.name, "factor", &account.sealed_factor).ok_or_else(corrupt)?;
        let factor = SecondFactor::from_base32(factor.expose()).ok_or_else(corrupt)?;
        let Some(step) = factor.step_of(typed.code.expose(), now, account.last_step) else {
            return Ok(Err(Refused::Code));
        };
        // Of several logins with one code at once, one is accepted.
        let accepted = self
            .store()
            .write_tx(async |tx| accounts::accept_step(tx, &account.name, step).await.map_err(GatewayError::from))
            .await?;
        if !accepted {
            return Ok(Err(Refused::Code));
        }
        let citizen = match (&account.sealed_citizen, account.kind) {
            (Some(sealed), PersonKind::Citizen) => {
                let opened = derived.unseal(&account.name, "citizen", sealed).ok_or_else(corrupt)?;
                Some(Citizen::from_text(&opened).ok_or_else(corrupt)?)
            }
            (None, PersonKind::Official) => None,
            _ => return Err(corrupt()),
        };
        Ok(Ok(login_of(&account, citizen, now)))
    }
}

fn login_of(account: &Account, citizen: Option<Citizen>, now: Timestamp) -> Login {
    Login {
        person: Person { issuer: LOCAL_ISSUER.to_owned(), subject: account.name.to_string() },
        kind: account.kind,
        acr: LOCAL_ACR.to_owned(),
        auth_time: now,
        citizen,
    }
}
