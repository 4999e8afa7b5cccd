//! One login provider: the questions put to it, and what is believed of its answers.

use std::{collections::HashMap, time::Duration};

use openidconnect::{
    AdditionalClaims, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _, UserInfoClaims, core,
};
use serde::{Deserialize, Serialize};
use straznica_types::{Environment, Secret, SharedClock, Timestamp, check_name};

use super::{
    LoginFailure,
    description::{Description, Known, Metadata, may_be_asked},
    http::{Http, RootsError},
};
use crate::{
    app::people::sessions::Login,
    config::people::{LoginKind, ProviderConfig},
    domain::people::{
        authorisation::Authorisation,
        person::{Citizen, Person, PersonKind, is_name, is_pesel},
        session::Session,
    },
};

/// Clocks differ by so much.
const LEEWAY: Duration = Duration::from_secs(60);

/// Every other claim.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    #[serde(flatten)]
    members: HashMap<String, serde_json::Value>,
}

impl AdditionalClaims for Told {}

impl Told {
    fn text(&self, claim: &str) -> Option<Secret<String>> {
        self.members.get(claim)?.as_str().map(|text| Secret::new(text.to_owned()))
    }
}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Told,
        EmptyExtraTokenFields,
        core::CoreGenderClaim,
        core::CoreJweContentEncryptionAlgorithm,
        core::CoreJwsSigningAlgorithm,
    >,
    core::CoreTokenType,
>;

type Client = openidconnect::Client<
    Told,
    core::CoreAuthDisplay,
    core::CoreGenderClaim,
    core::CoreJweContentEncryptionAlgorithm,
    core::CoreJsonWebKey,
    core::CoreAuthPrompt,
    StandardErrorResponse<core::CoreErrorResponseType>,
    Tokens,
    core::CoreTokenIntrospectionResponse,
    core::CoreRevocableToken,
    core::CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type Claims = openidconnect::IdTokenClaims<Told, core::CoreGenderClaim>;

/// A provider that cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("people.providers: the name of a provider is 1 to 64 letters, digits, '.', '_' or '-'")]
    Name,
    #[error("people.providers: {provider}: {what}")]
    Member { provider: String, what: &'static str },
    #[error("people.providers: two are called {0}")]
    Twice(String),
    #[error("people.providers: {provider}")]
    Roots { provider: String, source: RootsError },
}

/// The provider.
pub(crate) struct Provider {
    config: ProviderConfig,
    redirect: RedirectUrl,
    description: Description,
    http: Http,
    clock: SharedClock,
}

/// What came back from a provider (OpenID Connect Core 1.0 §3.1.2.5, RFC 9207 §2).
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) state: String,
    pub(crate) code: Option<Secret<String>>,
    pub(crate) error: Option<String>,
    pub(crate) issuer: Option<String>,
}

impl Provider {
    /// A provider as configured. Nothing is asked of it yet: a provider that is down keeps nobody else from logging in.
    pub(crate) fn new(
        config: &ProviderConfig,
        environment: Environment,
        clock: SharedClock,
    ) -> Result<Self, ProviderError> {
        check_name(&config.name).map_err(|_| ProviderError::Name)?;
        let wrong = |what| ProviderError::Member { provider: config.name.clone(), what };
        let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|_| wrong("issuer is no address"))?;
        if !may_be_asked(issuer.url(), environment) {
            return Err(wrong("issuer has to be https"));
        }
        let redirect =
            RedirectUrl::new(config.redirect_uri.clone()).map_err(|_| wrong("redirect_uri is no address"))?;
        let path = format!("/v1/sessions/oidc/{}/callback", config.name);
        if redirect.url().scheme() != "https" || redirect.url().path() != path {
            return Err(wrong("redirect_uri has to be https://<this gateway>/v1/sessions/oidc/<name>/callback"));
        }
        if config.client_id.is_empty() || config.client_secret.expose().is_empty() {
            return Err(wrong("client_id and client_secret are needed"));
        }
        if config.acr_values.is_empty() {
            return Err(wrong("acr_values has to name how surely people are to be authenticated"));
        }
        if config.kind == LoginKind::Citizen && config.pesel_claim.is_empty() {
            return Err(wrong("pesel_claim has to name the claim that holds a citizen's PESEL"));
        }
        let http = Http::new(config.trusted_roots.as_deref(), Duration::from_millis(config.timeout_ms))
            .map_err(|source| ProviderError::Roots { provider: config.name.clone(), source })?;
        let description = Description::new(&config.name, issuer, environment, http.clone(), clock.clone());
        Ok(Self { config: config.clone(), redirect, description, http, clock })
    }

    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        if self.config.title.is_empty() { &self.config.name } else { &self.config.title }
    }

    pub(crate) fn kind(&self) -> PersonKind {
        match self.config.kind {
            LoginKind::Official => PersonKind::Official,
            LoginKind::Citizen => PersonKind::Citizen,
        }
    }

    /// Whether a login of this session's kind, here and as sure, would open one now.
    pub(crate) fn vouches_for(&self, session: &Session) -> bool {
        self.config.issuer == session.person.issuer
            && self.kind() == session.kind
            && self.config.acr_values.contains(&session.acr)
    }

    /// Where the browser is to go.
    pub(crate) async fn question(&self, authorisation: &Authorisation) -> Result<String, LoginFailure> {
        let known = self.description.known(None).await?;
        let client = self.client(&known.metadata);
        let (state, nonce) = (authorisation.state(), authorisation.nonce());
        let verifier = PkceCodeVerifier::new(authorisation.pkce_verifier());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<core::CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .set_max_age(Duration::from_secs(self.config.max_age_seconds));
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for acr in &self.config.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        let (url, ..) = request.url();
        Ok(url.into())
    }

    /// Whom the answer names, if it is believed.
    pub(crate) async fn login(&self, authorisation: &Authorisation, answer: Answer) -> Result<Login, LoginFailure> {
        if !authorisation.is_open(&self.config.name, self.clock.now()) || !authorisation.is_state(&answer.state) {
            return Err(LoginFailure::NotBegunHere);
        }
        let known = self.description.known(None).await?;
        let names_itself = known.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match &answer.issuer {
            Some(issuer) if *issuer != self.config.issuer => return Err(LoginFailure::Untrusted("issuer")),
            None if names_itself => return Err(LoginFailure::Untrusted("issuer")),
            _ => {}
        }
        if let Some(error) = &answer.error {
            return Err(match error.as_str() {
                "access_denied" => LoginFailure::Cancelled,
                "temporarily_unavailable" | "server_error" => LoginFailure::Unreachable,
                _ => LoginFailure::Declined,
            });
        }
        let code = answer.code.ok_or(LoginFailure::Untrusted("code"))?;
        let tokens = self.exchange(&known, &code, authorisation).await?;
        let (known, claims) = self.believed(known, &tokens, authorisation).await?;
        self.person(&known, &tokens, &claims).await
    }

    async fn exchange(
        &self,
        known: &Known,
        code: &Secret<String>,
        authorisation: &Authorisation,
    ) -> Result<Tokens, LoginFailure> {
        let client = self.client(&known.metadata);
        let request = client
            .exchange_code(AuthorizationCode::new(code.expose().clone()))
            .map_err(|_| LoginFailure::Unreachable)?
            .set_pkce_verifier(PkceCodeVerifier::new(authorisation.pkce_verifier()));
        Box::pin(request.request_async(&self.http)).await.map_err(|failure| match failure {
            // A code that was used, is old, or was somebody else's.
            RequestTokenError::ServerResponse(_) => LoginFailure::Declined,
            RequestTokenError::Request(_) => LoginFailure::Unreachable,
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => LoginFailure::Untrusted("answer"),
        })
    }

    /// The claims of the ID token (OpenID Connect Core 1.0 §3.1.3.7), with what the provider says of itself now: its keys may have changed.
    async fn believed(
        &self,
        mut known: Known,
        tokens: &Tokens,
        authorisation: &Authorisation,
    ) -> Result<(Known, Claims), LoginFailure> {
        let token = tokens.id_token().ok_or(LoginFailure::Untrusted("token"))?;
        let nonce = Nonce::new(authorisation.nonce());
        let mut checked = self.check(&known, token, &nonce);
        if let Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) = &checked
        {
            known = self.description.known(Some(known.read_at)).await?;
            checked = self.check(&known, token, &nonce);
        }
        let claims = checked.map_err(|failure| refused(&failure))?;
        if let Some(expected) = claims.access_token_hash() {
            let verifier = self.client(&known.metadata);
            let verifier = verifier.id_token_verifier();
            let signed = token.signing_alg().map_err(|_| LoginFailure::Untrusted("algorithm"))?;
            let key = token.signing_key(&verifier).map_err(|_| LoginFailure::Untrusted("signature"))?;
            let actual = openidconnect::AccessTokenHash::from_token(tokens.access_token(), signed, key)
                .map_err(|_| LoginFailure::Untrusted("access token"))?;
            if actual != *expected {
                return Err(LoginFailure::Untrusted("access token"));
            }
        }
        Ok((known, claims))
    }

    fn check(
        &self,
        known: &Known,
        token: &openidconnect::IdToken<
            Told,
            core::CoreGenderClaim,
            core::CoreJweContentEncryptionAlgorithm,
            core::CoreJwsSigningAlgorithm,
        >,
        nonce: &Nonce,
    ) -> Result<Claims, ClaimsVerificationError> {
        let now = self.clock.now();
        let oldest = now - Duration::from_secs(self.config.max_age_seconds) - LEEWAY;
        let client = self.client(&known.metadata);
        let verifier = client
            .id_token_verifier()
            // asymmetric ones: whoever knows our secret could make the others
            .set_allowed_algs([
                core::CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                core::CoreJwsSigningAlgorithm::EcdsaP384Sha384,
                core::CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                core::CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                core::CoreJwsSigningAlgorithm::EdDsa,
            ])
            .set_time_fn(move || chrono::DateTime::from_timestamp_millis(now.millis()).unwrap_or_default())
            .set_issue_time_verifier_fn(move |issued| {
                let issued = Timestamp::from_millis(issued.timestamp_millis());
                if issued > now + LEEWAY { Err("from a time to come".to_owned()) } else { Ok(()) }
            })
            .set_auth_context_verifier_fn(|acr| match acr {
                Some(acr) if self.config.acr_values.iter().any(|enough| *enough == **acr) => Ok(()),
                _ => Err("not surely enough".to_owned()),
            })
            .set_auth_time_verifier_fn(move |at| match at.map(|at| Timestamp::from_millis(at.timestamp_millis())) {
                Some(at) if at >= oldest && at <= now + LEEWAY => Ok(()),
                _ => Err("not lately enough".to_owned()),
            });
        token.claims(&verifier, nonce).cloned()
    }

    async fn person(&self, known: &Known, tokens: &Tokens, claims: &Claims) -> Result<Login, LoginFailure> {
        let acr = claims.auth_context_ref().map(|acr| acr.to_string()).ok_or(LoginFailure::TooWeak)?;
        let auth_time = claims.auth_time().ok_or(LoginFailure::TooOld)?;
        let person = Person { issuer: self.config.issuer.clone(), subject: claims.subject().to_string() };
        if person.subject.is_empty() || person.subject.len() > 255 {
            return Err(LoginFailure::Untrusted("subject"));
        }
        let citizen = match self.kind() {
            PersonKind::Official => None,
            PersonKind::Citizen => Some(self.citizen(known, tokens, claims).await?),
        };
        let auth_time = Timestamp::from_millis(auth_time.timestamp_millis());
        Ok(Login { person, kind: self.kind(), acr, auth_time, citizen })
    }

    /// From the ID token, or else from the provider's userinfo.
    async fn citizen(&self, known: &Known, tokens: &Tokens, claims: &Claims) -> Result<Citizen, LoginFailure> {
        let told = claims.additional_claims();
        if told.text(&self.config.pesel_claim).is_some() {
            let name = |claim: Option<&str>| claim.unwrap_or_default().to_owned();
            let given = claims.given_name().and_then(|names| names.get(None)).map(|name| name.as_str());
            let surname = claims.family_name().and_then(|names| names.get(None)).map(|name| name.as_str());
            return self.checked(told, name(given), name(surname));
        }
        let client = self.client(&known.metadata);
        let request = client
            .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|_| LoginFailure::NoPesel)?;
        let told: UserInfoClaims<Told, core::CoreGenderClaim> =
            Box::pin(request.request_async(&self.http)).await.map_err(|failure| match failure {
                openidconnect::UserInfoError::Request(_) => LoginFailure::Unreachable,
                _ => LoginFailure::Untrusted("userinfo"),
            })?;
        let name = |claim: Option<&str>| claim.unwrap_or_default().to_owned();
        let given = told.given_name().and_then(|names| names.get(None)).map(|name| name.as_str());
        let surname = told.family_name().and_then(|names| names.get(None)).map(|name| name.as_str());
        self.checked(told.additional_claims(), name(given), name(surname))
    }

    fn checked(&self, told: &Told, given_names: String, surname: String) -> Result<Citizen, LoginFailure> {
        let pesel = told.text(&self.config.pesel_claim).ok_or(LoginFailure::NoPesel)?;
        // eIDAS and login.gov.pl write the country in front: "PL/PL/…"
        let digits = pesel.expose().rsplit('/').next().unwrap_or_default();
        if !is_pesel(digits) || !is_name(&given_names) || !is_name(&surname) {
            return Err(LoginFailure::NoPesel);
        }
        Ok(Citizen {
            pesel: Secret::new(digits.to_owned()),
            given_names: Secret::new(given_names),
            surname: Secret::new(surname),
        })
    }

    fn client(&self, metadata: &Metadata) -> Client {
        Client::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            Some(ClientSecret::new(self.config.client_secret.expose().clone())),
        )
        .set_redirect_uri(self.redirect.clone())
    }
}

fn refused(failure: &ClaimsVerificationError) -> LoginFailure {
    match failure {
        ClaimsVerificationError::InvalidAuthContext(_) => LoginFailure::TooWeak,
        ClaimsVerificationError::InvalidAuthTime(_) => LoginFailure::TooOld,
        ClaimsVerificationError::Expired(_) => LoginFailure::Untrusted("expired"),
        ClaimsVerificationError::InvalidAudience(_) => LoginFailure::Untrusted("audience"),
        ClaimsVerificationError::InvalidIssuer(_) => LoginFailure::Untrusted("issuer"),
        ClaimsVerificationError::InvalidNonce(_) => LoginFailure::Untrusted("nonce"),
        ClaimsVerificationError::SignatureVerification(_) => LoginFailure::Untrusted("signature"),
        _ => LoginFailure::Untrusted("token"),
    }
}
