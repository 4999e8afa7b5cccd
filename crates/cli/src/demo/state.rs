//! A state with a SPOC node of its own: what the demonstration and the scenarios let meet.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use exchange::Country;
use exchange::development::Issued;
use straznica_contracts::spoc::v1::{
    CaCertificate, ConfirmCvcaCertificateRequest, ConfirmHolderRequest, ConfirmPartnerRequest, ConfirmRolloverRequest,
    CreateNationalCvcaRequest, EnteredRoot, HolderRegistration, ListCaCertificatesRequest, ListOutboxRequest,
    ListSubscriptionsRequest, PartnerCvca, ProposePartnerRequest, ProposeRolloverRequest, RegisterHolderRequest,
    Registration, ResumeForeignHolderRequest, SubscribeRequest, Subscription,
};
use straznica_exchange_wire::Binding;
use straznica_exchange_wire::development::{DevelopmentSpoc, SpocKeys};
use straznica_exchange_wire::grpc::{GrpcClientConfig, GrpcServerConfig};
use straznica_exchange_wire::soap::{SoapLimits, SoapTimeouts};
use straznica_spoc::config::{CredentialConfig, GrpcBinding, SoapBinding};
use straznica_types::{SharedClock, Timestamp};
use tempfile::TempDir;

use super::DemoError;
use super::credentials::{certify, issue, key_in_store, write};
use super::officer::{OFFICERS, Officer};
use crate::arguments::ServiceName;
use crate::suite::{Pace, Suite, SuiteOptions};

/// Turns after which messages between nodes that answer at once have all been delivered and answered.
const TURNS: usize = 12;

/// What a state is raised with.
#[derive(Debug)]
pub struct StateOptions {
    /// Its services and everything they run on; spoc is among them, and the country is spoc's.
    pub suite: SuiteOptions,
    /// Bindings its node offers and uses.
    pub bindings: BTreeSet<BindingName>,
    /// Where the key of its gRPC certificate is.
    pub grpc_key: GrpcKey,
    /// Where partners reach it by gRPC.
    pub grpc_listen: SocketAddr,
    /// Where partners reach it by SOAP.
    pub soap_listen: SocketAddr,
    /// Keys of its certificates for the SOAP binding.
    pub soap_keys: SpocKeys,
    /// What its ports bear, and how long it waits for others.
    pub bounds: Bounds,
}

/// Limits of a node's ports and of its calls, for each binding.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    /// Of the gRPC listener.
    pub grpc: GrpcServerConfig,
    /// Of the SOAP listener.
    pub soap: SoapLimits,
    /// Of calls by gRPC.
    pub grpc_calls: GrpcClientConfig,
    /// Of calls by SOAP.
    pub soap_calls: SoapTimeouts,
}

/// Where a node's key for TLS of the gRPC binding is. That of the SOAP binding is always a file (docs/decisions/0009).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GrpcKey {
    /// In a file beside its certificate.
    #[default]
    File,
    /// In the key store, a token for instance: made there before the node opens its ports.
    KeyStore,
}

impl StateOptions {
    /// A state of which only spoc runs, on a temporary directory, its pace set by hand.
    #[must_use]
    pub fn spoc_only(country: Country, bindings: &[BindingName], clock: SharedClock) -> Self {
        let mut suite = SuiteOptions::embedded(None);
        suite.services = BTreeSet::from([ServiceName::Spoc]);
        suite.clock = clock;
        suite.pace = Pace::ByHand;
        suite.config.spoc.country = country.to_string();
        Self {
            suite,
            bindings: bindings.iter().copied().collect(),
            grpc_key: GrpcKey::File,
            grpc_listen: ANY,
            soap_listen: ANY,
            soap_keys: SpocKeys::Brainpool,
            bounds: Bounds::default(),
        }
    }
}

/// A free port of this machine.
pub const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A binding, ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BindingName {
    /// gRPC over TLS 1.3.
    Grpc,
    /// SOAP of CSN 36 9791, with a brainpool certificate.
    Soap,
}

impl From<BindingName> for Binding {
    fn from(name: BindingName) -> Self {
        match name {
            BindingName::Grpc => Self::Grpc,
            BindingName::Soap => Self::Soap,
        }
    }
}

/// How one state registers another.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The binding messages to it take.
    pub binding: BindingName,
    /// How it spells the messages: `2009`, `icao` or `2018`.
    pub profile: &'static str,
    /// `synchronous` or `asynchronous`.
    pub answers: &'static str,
    /// When the roots it registers with end to be used; with their own validity if not given.
    pub roots_until: Option<Timestamp>,
}

impl Terms {
    /// gRPC, answered at once.
    #[must_use]
    pub const fn grpc() -> Self {
        Self { binding: BindingName::Grpc, profile: "icao", answers: "synchronous", roots_until: None }
    }

    /// SOAP of 2009, answered at once.
    #[must_use]
    pub const fn soap() -> Self {
        Self { binding: BindingName::Soap, profile: "2009", answers: "synchronous", roots_until: None }
    }

    /// What is usual over a binding.
    #[must_use]
    pub const fn over(binding: BindingName) -> Self {
        match binding {
            BindingName::Grpc => Self::grpc(),
            BindingName::Soap => Self::soap(),
        }
    }
}

/// A state's SPOC node that runs.
#[derive(Debug)]
pub struct State {
    /// Its services.
    pub suite: Suite,
    /// The state.
    pub country: Country,
    /// Its made-up SPOC authority for each binding: certificates, revocation list.
    pub authorities: Vec<(BindingName, DevelopmentSpoc)>,
    /// Its credentials lie here.
    credentials: TempDir,
    /// What asks for a certificate of the gRPC key, where that key is in the key store.
    grpc_request: Option<Vec<u8>>,
}

impl State {
    /// Makes the state's SPOC certificates and starts its node.
    ///
    /// # Errors
    /// When a certificate cannot be made or the node does not start.
    pub async fn raise(options: StateOptions) -> Result<Self, DemoError> {
        let StateOptions { mut suite, bindings, grpc_key, grpc_listen, soap_listen, soap_keys, bounds } = options;
        let country: Country = suite
            .config
            .spoc
            .country
            .parse()
            .map_err(|why| DemoError::Expectation(format!("the country of the node: {why}")))?;
        let credentials = tempfile::Builder::new().prefix("straznica-spoc-").tempdir()?;
        let clock = suite.clock.clone();
        let mut authorities = Vec::new();
        let mut grpc_request = None;
        for name in bindings {
            let keys = match name {
                BindingName::Grpc => SpocKeys::P256,
                BindingName::Soap => soap_keys,
            };
            let authority = DevelopmentSpoc::start(country, keys, clock.clone()).await?;
            let credential = match (name, grpc_key) {
                (BindingName::Grpc, GrpcKey::KeyStore) => {
                    let folder = suite.folder.get_or_insert_with(|| credentials.path().join("node"));
                    std::fs::create_dir_all(folder)?;
                    let (handle, request) = Box::pin(key_in_store(&suite, &authority)).await?;
                    let chain = certify(credentials.path(), &authority, &request)?;
                    grpc_request = Some(request);
                    // the node finds the folder as the making of the key left it
                    suite.fresh = false;
                    CredentialConfig {
                        certificate_chain: chain,
                        private_key: None,
                        passphrase: None,
                        key_handle: Some(handle),
                    }
                }
                _ => issue(credentials.path(), name, &authority)?,
            };
            let exchange = &mut suite.config.spoc.exchange;
            match name {
                BindingName::Grpc => {
                    exchange.grpc = Some(GrpcBinding {
                        listen: grpc_listen,
                        client: credential.clone(),
                        server: credential,
                        limits: bounds.grpc.clone(),
                        calls: bounds.grpc_calls.clone(),
                    });
                }
                BindingName::Soap => {
                    exchange.soap = Some(SoapBinding {
                        listen: soap_listen,
                        url: None,
                        client: credential.clone(),
                        server: credential,
                        limits: bounds.soap.clone(),
                        timeouts: bounds.soap_calls,
                    });
                }
            }
            authorities.push((name, authority));
        }
        let suite = Suite::start(suite).await?;
        Ok(Self { suite, country, authorities, credentials, grpc_request })
    }

    /// After the clock leapt: certificates that ran out meanwhile are made anew, and revocation lists are of today. The SPOC certificates are in force
    /// after the next turn.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn leapt(&self) -> Result<(), DemoError> {
        self.suite.renew_certificates()?;
        for (name, authority) in &self.authorities {
            authority.publish()?;
            match &self.grpc_request {
                Some(request) if *name == BindingName::Grpc => {
                    certify(self.credentials.path(), authority, request)?;
                }
                _ => {
                    issue(self.credentials.path(), *name, authority)?;
                }
            }
        }
        Ok(())
    }

    /// Presents another certificate from the next turn on, both to partners that connect and to those it connects to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn present(&self, binding: BindingName, issued: &Issued) -> Result<(), DemoError> {
        write(self.credentials.path(), binding, self.country, issued)?;
        Ok(())
    }

    /// One of the state's two officers at its node.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub fn officer(&self, which: usize) -> Result<Officer, DemoError> {
        let id = OFFICERS[which % OFFICERS.len()];
        let channel = self.suite.operator_channel(ServiceName::Spoc, id)?;
        Ok(Officer::at(id, self.suite.clock().clone(), channel))
    }

    /// Where a partner that speaks this binding reaches the node.
    #[must_use]
    pub fn url(&self, binding: BindingName) -> Option<String> {
        match binding {
            BindingName::Grpc => self.suite.own_server("exchange_grpc").map(|address| format!("https://{address}")),
            BindingName::Soap => {
                self.suite.own_server("exchange_soap").map(|address| format!("https://{address}/SPOC"))
            }
        }
    }

    /// Registers another state: one officer enters it, the other compares the fingerprints of its roots and types them again.
    ///
    /// # Errors
    /// When the node refuses, or the other state has no such binding.
    pub async fn register(&self, other: &Self, terms: &Terms) -> Result<(), DemoError> {
        let url = other.url(terms.binding).ok_or_else(|| no_binding(other.country))?;
        self.register_at(other, terms, url).await
    }

    /// Registers another state that is reached at `url`.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn register_at(&self, other: &Self, terms: &Terms, url: String) -> Result<(), DemoError> {
        let roots: Vec<Vec<u8>> = other.authorities.iter().map(|(_, authority)| authority.root()).collect();
        let registration = Registration {
            country: other.country.to_string(),
            name: format!("SPOC of {}", other.country),
            binding: Binding::from(terms.binding).as_str().to_owned(),
            profile: terms.profile.to_owned(),
            url,
            email: format!("spoc@{}.invalid", other.country.as_str().to_ascii_lowercase()),
            contacts: vec!["the co-ordinator on duty".to_owned()],
            answers: terms.answers.to_owned(),
            document_years: 10,
            use_from_ms: None,
            use_until_ms: None,
            roots: roots
                .iter()
                .map(|root| EnteredRoot {
                    certificate: root.clone(),
                    use_until_ms: terms.roots_until.map(Timestamp::millis),
                    ..EnteredRoot::default()
                })
                .collect(),
            cvcas: Vec::<PartnerCvca>::new(),
        };
        let (first, second) = (self.officer(0)?, self.officer(1)?);
        let request = ProposePartnerRequest { context: first.context(), registration: Some(registration) };
        let proposal = first.partners().propose_partner(request).await?.into_inner().proposal.unwrap_or_default();
        // the other state gave its fingerprints on another way
        let fingerprints = roots.iter().map(|root| hex::encode(sha256(root))).collect();
        let request = ConfirmPartnerRequest { context: second.context(), proposal_id: proposal.id, fingerprints };
        second.partners().confirm_partner(request).await?;
        Ok(())
    }

    /// Makes the national CVCA; its holder reference.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn create_cvca(&self, mnemonic: &str, algorithm: &str, parameters: &str) -> Result<String, DemoError> {
        let officer = self.officer(0)?;
        let request = CreateNationalCvcaRequest {
            context: officer.context(),
            mnemonic: mnemonic.to_owned(),
            algorithm: algorithm.to_owned(),
            parameters: parameters.to_owned(),
            validity_days: 0,
        };
        Ok(officer.national().create_national_cvca(request).await?.into_inner().chr)
    }

    /// Gives the national CVCA a new key; two officers agree. The new holder reference.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn roll_over(&self, mnemonic: &str, algorithm: &str, parameters: &str) -> Result<String, DemoError> {
        let (first, second) = (self.officer(0)?, self.officer(1)?);
        let request = ProposeRolloverRequest {
            context: first.context(),
            mnemonic: mnemonic.to_owned(),
            algorithm: algorithm.to_owned(),
            parameters: parameters.to_owned(),
            validity_days: 0,
        };
        let proposed = first.issuing().propose_rollover(request).await?.into_inner();
        let (cvca, proposal) = (proposed.cvca, proposed.proposal);
        let request = ConfirmRolloverRequest { context: second.context(), cvca, proposal };
        Ok(second.issuing().confirm_rollover(request).await?.into_inner().chr)
    }

    /// The state's own CVCA certificates, roots and links.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn own_cvcas(&self) -> Result<Vec<CaCertificate>, DemoError> {
        let officer = self.officer(0)?;
        let mut certificates =
            officer.issuing().list_ca_certificates(ListCaCertificatesRequest {}).await?.into_inner().certificates;
        certificates.retain(|certificate| certificate.chr.starts_with(self.country.as_str()));
        certificates.sort_by(|one, two| (&one.effective, &one.chr).cmp(&(&two.effective, &two.chr)));
        Ok(certificates)
    }

    /// Self-signed CVCA certificates, oldest first: what chips of the state are personalised with.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn roots(&self) -> Result<Vec<Vec<u8>>, DemoError> {
        let own = self.own_cvcas().await?.into_iter();
        Ok(own.filter(|one| one.car == one.chr).map(|one| one.certificate).collect())
    }

    /// Both officers compare the other state's oldest roots, which came by the exchange, with the fingerprints that came on another way; links lead
    /// from there to the newer ones. How many roots.
    ///
    /// # Errors
    /// When the node refuses: the certificates have not arrived, for instance.
    pub async fn confirm_roots_of(&self, other: &Self) -> Result<usize, DemoError> {
        let officers = [self.officer(0)?, self.officer(1)?];
        let all = other.own_cvcas().await?;
        let linked: BTreeSet<&str> = all.iter().filter(|one| one.car != one.chr).map(|one| one.chr.as_str()).collect();
        let oldest = all.iter().filter(|one| one.car == one.chr && !linked.contains(one.chr.as_str()));
        let mut confirmed = 0;
        for root in oldest {
            for officer in &officers {
                let fingerprint = root.fingerprint.clone();
                let request =
                    ConfirmCvcaCertificateRequest { context: officer.context(), fingerprint, look_at: String::new() };
                officer.national().confirm_cvca_certificate(request).await?;
            }
            confirmed += 1;
        }
        Ok(confirmed)
    }

    /// Registers the other state's document verifier under our CVCA; two officers agree. `approval` is `automatic` or `two_person`.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn register_holder(
        &self,
        holder: &str,
        domestic_cvca: &str,
        approval: &str,
        validity_days: u32,
    ) -> Result<(), DemoError> {
        let (first, second) = (self.officer(0)?, self.officer(1)?);
        let registration = HolderRegistration {
            holder: holder.to_owned(),
            domestic_cvca: domestic_cvca.to_owned(),
            purposes: "border control".to_owned(),
            organisations: "border guard".to_owned(),
            approval: approval.to_owned(),
            dg3: true,
            dg4: false,
            validity_days,
        };
        let request = RegisterHolderRequest { context: first.context(), registration: Some(registration) };
        let proposal = first.issuing().register_holder(request).await?.into_inner().proposal;
        let request = ConfirmHolderRequest { context: second.context(), holder: holder.to_owned(), proposal };
        second.issuing().confirm_holder(request).await?;
        Ok(())
    }

    /// Certifies a suspended document verifier of another state again; two officers agree.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn resume_holder(&self, holder: &str, reason: &str) -> Result<(), DemoError> {
        for officer in [self.officer(0)?, self.officer(1)?] {
            let (context, reason) = (officer.context(), reason.to_owned());
            let request = ResumeForeignHolderRequest { context, holder: holder.to_owned(), reason };
            officer.issuing().resume_foreign_holder(request).await?;
        }
        Ok(())
    }

    /// Subscribes our document verifier to a CVCA of the other state: from now on it keeps a certificate there by itself.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn subscribe(&self, other: &Self, cvca: &str, dv: &str, is: &str, is_days: u32) -> Result<(), DemoError> {
        let officer = self.officer(0)?;
        let request = SubscribeRequest {
            context: officer.context(),
            cvca: cvca.to_owned(),
            country: other.country.to_string(),
            dv_mnemonic: dv.to_owned(),
            is_mnemonic: is.to_owned(),
            is_days,
        };
        officer.subscriptions().subscribe(request).await?;
        Ok(())
    }

    /// How the subscriptions stand.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, DemoError> {
        let mut client = self.officer(0)?.subscriptions();
        Ok(client.list_subscriptions(ListSubscriptionsRequest {}).await?.into_inner().subscriptions)
    }

    /// Messages that wait to be sent.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn pending(&self) -> Result<usize, DemoError> {
        let request = ListOutboxRequest { state: "pending".to_owned(), ..ListOutboxRequest::default() };
        Ok(self.officer(0)?.subscriptions().list_outbox(request).await?.into_inner().messages.len())
    }
}

/// Turns the background work of states whose pace is set by hand, until two turns in a row leave nothing to be sent between them. False when
/// something still waits: a partner cannot be reached, say.
///
/// # Errors
/// When a turn fails.
pub async fn settle(states: &[&State]) -> Result<bool, DemoError> {
    let mut quiet = 0;
    for _ in 0..TURNS {
        for state in states {
            state.suite.turn().await?;
        }
        let mut waiting = 0;
        for state in states {
            waiting += state.pending().await?;
        }
        quiet = if waiting == 0 { quiet + 1 } else { 0 };
        if quiet == 2 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn no_binding(country: Country) -> DemoError {
    DemoError::Expectation(format!("{country} has no listener for this binding"))
}

fn sha256(bytes: &[u8]) -> impl AsRef<[u8]> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
}
