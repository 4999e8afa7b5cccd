//! Local accounts, made and looked after by operators of a test node.

use straznica_journal::{Context, Entry};
use straznica_store::StoreError;
use straznica_types::Secret;

use super::{super::Gateway, sessions::LOCAL_ISSUER};
use crate::{
    domain::people::{
        account::{Account, AccountName, SALT_LENGTH},
        person::{Citizen, Person, PersonKind},
        sealing::CryptoFailed,
        second_factor::SecondFactor,
    },
    error::GatewayError,
    rest::caller::OperatorCaller,
    store::people::{accounts, attempts, sessions},
};

/// Purpose of everything here, in the journal.
const PURPOSE: &str = "account_administration";

/// An account to be made.
#[derive(Debug)]
pub(crate) struct NewAccount {
    pub(crate) name: AccountName,
    pub(crate) password: Secret<String>,
    pub(crate) holder: Holder,
}

/// Whose account it is.
#[derive(Debug)]
pub(crate) enum Holder {
    Official,
    Citizen(Citizen),
}

impl Gateway {
    /// Makes an account; gives the secret of its second factor, which is never shown again.
    pub(crate) async fn make_account(
        &self,
        caller: &OperatorCaller,
        new: NewAccount,
    ) -> Result<Secret<String>, GatewayError> {
        self.accounts_enabled()?;
        let NewAccount { name, password, holder } = new;
        let mut salt = [0; SALT_LENGTH];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| CryptoFailed)?;
        let derived = self.hashing().derive(password, salt).await?;
        let factor = SecondFactor::generate()?.to_base32();
        let (kind, sealed_citizen) = match holder {
            Holder::Official => (PersonKind::Official, None),
            Holder::Citizen(citizen) => {
                (PersonKind::Citizen, Some(derived.seal(&name, "citizen", citizen.to_text().expose())?))
            }
        };
        let account = Account {
            kind,
            salt,
            verifier: derived.verifier(),
            sealed_factor: derived.seal(&name, "factor", factor.expose())?,
            sealed_citizen,
            last_step: 0,
            locked: None,
            created_at: self.clock().now(),
            created_by: caller.operator.to_string(),
            name,
        };
        let entry = self.account_entry("account.made", caller, &account.name);
        let entry = entry.detail(serde_json::json!({"kind": kind.as_str()}));
        self.store()
            .write_tx(async |tx| {
                match accounts::insert(tx, &account).await {
                    Err(StoreError::Duplicate(_)) => return Err(GatewayError::AccountExists),
                    inserted => inserted?,
                }
                self.journal().record(tx, entry.clone()).await?;
                Ok(())
            })
            .await?;
        Ok(factor)
    }

    /// All accounts.
    pub(crate) async fn accounts(&self) -> Result<Vec<Account>, GatewayError> {
        self.accounts_enabled()?;
        accounts::all(self.store().reader()).await
    }

    /// Locks an account and ends its sessions, or unlocks it.
    pub(crate) async fn lock_account(
        &self,
        caller: &OperatorCaller,
        name: &AccountName,
        reason: &str,
        lock: bool,
    ) -> Result<(), GatewayError> {
        self.accounts_enabled()?;
        let kind = if lock { "account.locked" } else { "account.unlocked" };
        let entry = self.account_entry(kind, caller, name).detail(serde_json::json!({"reason": reason}));
        let person = Person { issuer: LOCAL_ISSUER.to_owned(), subject: name.to_string() };
        self.store()
            .write_tx(async |tx| {
                if !accounts::set_locked(tx, name, lock.then_some(reason)).await? {
                    return Err(GatewayError::UnknownAccount);
                }
                if lock {
                    sessions::end_all(tx, &person).await?;
                }
                self.journal().record(tx, entry.clone()).await?;
                Ok(())
            })
            .await
    }

    /// Gives an account another second factor and ends its sessions; gives the secret, which is never shown again. The password is needed, for what belongs to an
    /// account is sealed under it alone; trying passwords out here costs the same pauses as at a login.
    pub(crate) async fn replace_factor(
        &self,
        caller: &OperatorCaller,
        name: &AccountName,
        password: Secret<String>,
    ) -> Result<Secret<String>, GatewayError> {
        self.accounts_enabled()?;
        let account = accounts::find(self.store().reader(), name).await?.ok_or(GatewayError::UnknownAccount)?;
        let typed = Secret::new(name.to_string());
        self.count_attempt(&typed, caller.request_id).await?;
        let who = self.journal().pseudonym("account", typed.expose());
        let derived = self.hashing().derive(password, account.salt).await?;
        if !derived.is(&account.verifier) {
            self.record_refused_login(who, "password", caller.request_id).await?;
            return Err(GatewayError::member("/password", "not the password of this account"));
        }
        let factor = SecondFactor::generate()?.to_base32();
        let sealed = derived.seal(name, "factor", factor.expose())?;
        let entry = self.account_entry("account.factor_replaced", caller, name);
        let person = Person { issuer: LOCAL_ISSUER.to_owned(), subject: name.to_string() };
        self.store()
            .write_tx(async |tx| {
                if !accounts::replace_factor(tx, name, &sealed).await? {
                    return Err(GatewayError::UnknownAccount);
                }
                sessions::end_all(tx, &person).await?;
                attempts::forget(tx, &who).await?;
                self.journal().record(tx, entry.clone()).await?;
                Ok(())
            })
            .await?;
        Ok(factor)
    }

    fn accounts_enabled(&self) -> Result<(), GatewayError> {
        if self.config().people.accounts.enabled { Ok(()) } else { Err(GatewayError::AccountsOff) }
    }

    fn account_entry(&self, kind: &'static str, caller: &OperatorCaller, name: &AccountName) -> Entry {
        let context = Context {
            actor: format!("operator/{}", caller.operator),
            officer: caller.operator.to_string(),
            purpose: PURPOSE.to_owned(),
            request_id: caller.request_id.to_string(),
            ..Context::default()
        };
        let person = Person { issuer: LOCAL_ISSUER.to_owned(), subject: name.to_string() };
        Entry::new(kind, context).subject(self.pseudonym_of(&person))
    }
}
