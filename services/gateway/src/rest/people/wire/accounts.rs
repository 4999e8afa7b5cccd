//! Local accounts, as an operator sees them.

use serde::{Deserialize, Serialize};
use straznica_types::Secret;
use utoipa::ToSchema;

use crate::{
    app::people::accounts::{Holder, NewAccount as Checked},
    domain::people::{
        account::{Account, AccountName, is_password},
        person::{Citizen, is_name, is_pesel},
    },
    error::GatewayError,
    rest::wire::scalars::Instant,
};

/// Makes an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// Its name. Never a person's.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", example = "j.kowalska")]
    name: String,
    /// Its password: twelve characters or more, whatever they are.
    #[schema(value_type = String, min_length = 12, max_length = 128, example = "koń bateria zszywka")]
    password: Secret<String>,
    /// The made-up PESEL of a citizen; without it the account is an official's.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{11}$", example = "99922812345")]
    pesel: Option<Secret<String>>,
    /// A citizen's given names, as another citizen reads the first of them.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = "Anna Maria")]
    given_names: Option<Secret<String>>,
    /// A citizen's surname, as another citizen reads its initial.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = "Próbna")]
    surname: Option<Secret<String>>,
}

impl NewAccount {
    pub(crate) fn checked(self) -> Result<Checked, GatewayError> {
        let expected = "expected 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'";
        let name = AccountName::parse(&self.name).ok_or_else(|| GatewayError::member("/name", expected))?;
        if !is_password(self.password.expose()) {
            return Err(GatewayError::member("/password", "expected 12 to 128 characters"));
        }
        let (given_names, surname) = (self.given_names.unwrap_or_default(), self.surname.unwrap_or_default());
        for (name, pointer) in [(&given_names, "/givenNames"), (&surname, "/surname")] {
            if !is_name(name.expose()) {
                return Err(GatewayError::member(pointer, "expected up to 100 characters without control characters"));
            }
        }
        let holder = match self.pesel {
            None => Holder::Official,
            Some(pesel) if is_pesel(pesel.expose()) => Holder::Citizen(Citizen { pesel, given_names, surname }),
            Some(_) => return Err(GatewayError::member("/pesel", "expected eleven digits")),
        };
        Ok(Checked { name, password: self.password, holder })
    }
}

/// Asks for another second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewFactor {
    /// The account's password: what belongs to the account is sealed under it.
    #[schema(value_type = String, min_length = 12, max_length = 128, example = "koń bateria zszywka")]
    pub(crate) password: Secret<String>,
}

/// An account that was made, or has another second factor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountMade {
    /// Its name.
    #[schema(example = "j.kowalska")]
    name: String,
    /// Issuer of its sessions, by which rights are granted.
    #[schema(example = "urn:straznica:accounts")]
    issuer: &'static str,
    /// Subject of its sessions.
    #[schema(example = "j.kowalska")]
    subject: String,
    /// Secret of the second factor, base32, for an authenticator: SHA-1, six digits, thirty seconds. Shown once.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    second_factor: String,
    /// The same for an authenticator that reads addresses.
    #[schema(example = "otpauth://totp/Straznica:j.kowalska?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Straznica")]
    second_factor_uri: String,
}

impl AccountMade {
    pub(crate) fn of(name: &AccountName, factor: &Secret<String>) -> Self {
        let secret = factor.expose();
        Self {
            name: name.to_string(),
            issuer: crate::app::people::sessions::LOCAL_ISSUER,
            subject: name.to_string(),
            // a name needs no escaping
            second_factor_uri: format!("otpauth://totp/Straznica:{name}?secret={secret}&issuer=Straznica"),
            second_factor: secret.clone(),
        }
    }
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LocalAccount {
    /// Its name.
    #[schema(example = "j.kowalska")]
    name: String,
    /// `official` or `citizen`.
    #[schema(example = "official")]
    kind: &'static str,
    /// Why nobody may log in with it, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "left the office")]
    locked: Option<String>,
    /// When it was made.
    made_at: Instant,
    /// By which operator.
    #[schema(example = "OP-07")]
    made_by: String,
}

/// Local accounts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountList {
    /// In the order of their names.
    accounts: Vec<LocalAccount>,
}

impl From<Vec<Account>> for AccountList {
    fn from(accounts: Vec<Account>) -> Self {
        let shown = |account: Account| LocalAccount {
            name: account.name.to_string(),
            kind: account.kind.as_str(),
            locked: account.locked,
            made_at: Instant(account.created_at),
            made_by: account.created_by,
        };
        Self { accounts: accounts.into_iter().map(shown).collect() }
    }
}
