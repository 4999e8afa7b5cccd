//! Sessions: opened at a login, looked at at every request, ended.

use aws_lc_rs::digest::{SHA256, digest};
use straznica_journal::{Context, Entry, Pseudonym};
use straznica_types::{RequestId, Timestamp};

use super::{super::Gateway, rights::CERTIFICATE_ISSUER};
use crate::{
    domain::{
        idempotency::BodyDigest,
        people::{
            person::{Citizen, Person, PersonKind},
            session::{Session, SessionDigest, SessionId},
        },
    },
    error::GatewayError,
    store::people::{accounts, attempts, sessions},
};

/// Issuer of the local accounts' sessions.
pub const LOCAL_ISSUER: &str = "urn:straznica:accounts";
/// Purpose of everything here, in the journal.
const PURPOSE: &str = "login";
/// Names nobody has tried for so long are forgotten.
const ATTEMPTS_KEPT: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Somebody whom a provider, an account or a certificate vouches for.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) person: Person,
    pub(crate) kind: PersonKind,
    pub(crate) acr: String,
    pub(crate) auth_time: Timestamp,
    /// Of a citizen.
    pub(crate) citizen: Option<Citizen>,
}

/// The request somebody logs in with.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) request_id: RequestId,
    /// SHA-256 of the client certificate, at the listener that asks for one.
    pub(crate) certificate: Option<[u8; 32]>,
    /// The sessions the browser had until now: they end with the login.
    pub(crate) previous: Vec<SessionDigest>,
}

/// A session at work: the id is there for the length of a request.
#[derive(Debug)]
pub(crate) struct LiveSession {
    pub(crate) id: SessionId,
    pub(crate) session: Session,
}

impl LiveSession {
    /// Of a citizen: who they are.
    pub(crate) fn citizen(&self) -> Option<Citizen> {
        Citizen::from_text(&self.id.unseal(self.session.sealed_citizen.as_deref()?)?)
    }
}

impl Gateway {
    /// Opens a session; what the browser had before ends in the same transaction, so that no id outlives a login.
    pub(crate) async fn open_session(&self, login: Login, arrival: &Arrival) -> Result<LiveSession, GatewayError> {
        let id = SessionId::generate()?;
        let now = self.clock().now();
        let Login { person, kind, acr, auth_time, citizen } = login;
        let session = Session {
            digest: id.digest(),
            person,
            kind,
            acr,
            auth_time,
            opened_at: now,
            last_seen_at: now,
            certificate: arrival.certificate,
            sealed_citizen: citizen.map(|citizen| id.seal(citizen.to_text().expose())).transpose()?,
        };
        let detail = serde_json::json!({
            "kind": session.kind.as_str(),
            "issuer": session.person.issuer,
            "acr": session.acr,
            "certificate": session.certificate.map(hex::encode),
        });
        let entry = self.entry("session.opened", &session.person, arrival.request_id).detail(detail);
        self.store()
            .write_tx(async |tx| {
                for previous in &arrival.previous {
                    sessions::end(tx, *previous).await?;
                }
                sessions::insert(tx, &session).await?;
                self.journal().record(tx, entry.clone()).await?;
                Ok::<_, GatewayError>(())
            })
            .await?;
        Ok(LiveSession { id, session })
    }

    /// The session of an id, if it still counts over this certificate. Asked at every request.
    pub(crate) async fn session(
        &self,
        id: SessionId,
        certificate: Option<[u8; 32]>,
    ) -> Result<LiveSession, GatewayError> {
        let now = self.clock().now();
        let lifetimes = self.config().people.sessions.lifetimes();
        let found = sessions::find(self.store().reader(), id.digest()).await?;
        let mut session = found.filter(|session| session.holds(&lifetimes, now)).ok_or(GatewayError::NotLoggedIn)?;
        if session.certificate != certificate {
            tracing::warn!("a session came over another certificate than it was opened over");
            return Err(GatewayError::NotLoggedIn);
        }
        if !self.is_still_vouched_for(&session).await? {
            return Err(GatewayError::NotLoggedIn);
        }
        if session.is_to_be_touched(now) {
            let digest = session.digest;
            self.store()
                .write_tx(async |tx| sessions::touch(tx, digest, now).await.map_err(GatewayError::from))
                .await?;
            session.last_seen_at = now;
        }
        Ok(LiveSession { id, session })
    }

    /// Whether whoever vouched for the person still may: an account that is not locked, a provider this node has for such people, as surely as it asks for now.
    async fn is_still_vouched_for(&self, session: &Session) -> Result<bool, GatewayError> {
        match session.person.issuer.as_str() {
            LOCAL_ISSUER => self.is_local_account_open(&session.person).await,
            CERTIFICATE_ISSUER => Ok(true),
            _ => Ok(self.providers().all().any(|provider| provider.vouches_for(session))),
        }
    }

    async fn is_local_account_open(&self, person: &Person) -> Result<bool, GatewayError> {
        use crate::domain::people::account::AccountName;
        if !self.config().people.accounts.enabled {
            return Ok(false);
        }
        let Some(name) = AccountName::parse(&person.subject) else { return Ok(false) };
        let account = accounts::find(self.store().reader(), &name).await?;
        Ok(account.is_some_and(|account| account.locked.is_none()))
    }

    /// Ends this session, or all of its person's.
    pub(crate) async fn end_session(
        &self,
        live: &LiveSession,
        everywhere: bool,
        request_id: RequestId,
    ) -> Result<(), GatewayError> {
        let (digest, person) = (live.session.digest, &live.session.person);
        let entry =
            self.entry("session.ended", person, request_id).detail(serde_json::json!({"everywhere": everywhere}));
        self.store()
            .write_tx(async |tx| {
                if everywhere {
                    sessions::end_all(tx, person).await?;
                } else {
                    sessions::end(tx, digest).await?;
                }
                self.journal().record(tx, entry.clone()).await?;
                Ok::<_, GatewayError>(())
            })
            .await
    }

    /// Records that somebody was not let in. What cannot be recorded is not told in another way either.
    pub(crate) async fn record_refused_login(
        &self,
        who: Pseudonym,
        why: &'static str,
        request_id: RequestId,
    ) -> Result<(), GatewayError> {
        let entry = Entry::new("session.refused", Self::context(request_id))
            .subject(who)
            .detail(serde_json::json!({"why": why}));
        self.journal().record_read(entry).await?;
        Ok(())
    }

    /// Records that somebody who is logged in asked for what is not theirs: the address as the table has it, never as it was sent.
    pub(crate) async fn record_refused_access(
        &self,
        live: &LiveSession,
        address: Option<String>,
        request_id: RequestId,
    ) -> Result<(), GatewayError> {
        let detail = serde_json::json!({ "address": address });
        let context = Context { purpose: "access".to_owned(), ..Self::context(request_id) };
        let who = self.pseudonym_of(&live.session.person);
        let entry = Entry::new("access.refused", context).subject(who).detail(detail);
        self.journal().record_read(entry).await?;
        Ok(())
    }

    /// Forgets sessions that are over, and names nobody tries any more; tells how many.
    pub(crate) async fn sweep_people(&self) -> Result<u64, GatewayError> {
        let lifetimes = self.config().people.sessions.lifetimes();
        let now = self.clock().now();
        let swept = self
            .store()
            .write_tx(async |tx| {
                let sessions = sessions::forget_over(tx, now - lifetimes.idle, now - lifetimes.absolute).await?;
                Ok::<_, GatewayError>(sessions + attempts::forget_older(tx, now - ATTEMPTS_KEPT).await?)
            })
            .await?;
        Ok(swept)
    }

    /// The digest of a request whose body tells of a person: keyed, so that nobody can try out what was in it. Made for another institution it is another request.
    pub(crate) fn keyed_digest(&self, sha256: &BodyDigest, institution: &str) -> BodyDigest {
        let keyed = self.journal().pseudonym("request", &format!("{} {institution}", hex::encode(sha256)));
        let mut of_keyed = [0; 32];
        of_keyed.copy_from_slice(digest(&SHA256, keyed.as_str().as_bytes()).as_ref());
        of_keyed
    }

    /// How the journal knows a person.
    pub(crate) fn pseudonym_of(&self, person: &Person) -> Pseudonym {
        self.journal().pseudonym("person", &format!("{} {}", person.issuer, person.subject))
    }

    fn entry(&self, kind: &'static str, person: &Person, request_id: RequestId) -> Entry {
        Entry::new(kind, Self::context(request_id)).subject(self.pseudonym_of(person))
    }

    fn context(request_id: RequestId) -> Context {
        Context {
            purpose: PURPOSE.to_owned(),
            request_id: request_id.to_string(),
            ..Context::of_service("service/gateway")
        }
    }
}
