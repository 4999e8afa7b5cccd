//! The scene `spoc-exchange`: states meet and exchange certificates by themselves. What it obtains is what the border check reads passports
//! with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use exchange::Country;
use exchange::message::{GetCaCertificates, Message};
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::{
    AcknowledgeMessageRequest, CertificateRole, ListHoldersRequest, ListMessagesRequest, SendMessageRequest,
};
use straznica_exchange_wire::development::{FixedAdmission, SpocKeys};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig};
use straznica_exchange_wire::material::CurrentMaterial;
use straznica_exchange_wire::{CallError, CrlConfig, CrlSource, Judge, MemoryCrls, PartnerClient};
use straznica_spoc::config::KeyStoreKind;
use straznica_types::ManualClock;

use super::DemoError;
use super::stage::{Shown, Stage};
use super::state::{ANY, BindingName, Bounds, GrpcKey, State, StateOptions, Terms};
use crate::suite::SuiteOptions;

/// How long before today things happened in Utopia.
const FOUNDED: Duration = Duration::from_secs(400 * 24 * 60 * 60);
const NEW_KEY: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long anything between two nodes may take.
const WITHIN: Duration = Duration::from_secs(90);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Where the partners' nodes lie in a directory that is kept.
const PARTNERS: &str = "partners";
const UTOPIA: &str = "UT";
const BORDURIA: &str = "XB";
const CVCA: &str = "UTCVCA";
const VERIFIER: &str = "DVBORDER";
const SYSTEM: &str = "TCC";
/// Days Utopia's certificates for our verifier are valid, and ours for the control centre.
const DV_DAYS: u32 = 42;
const IS_DAYS: u32 = 14;
/// A subject in use between SPOCs (CSN 36 9791).
const SUBJECT: &str = "Reactivation of SPOC service";

/// States that run: ours with every service, the partners with their SPOC.
#[derive(Debug)]
pub(super) struct Met {
    /// Ours.
    pub(super) poland: Box<State>,
    /// A partner that speaks gRPC.
    pub(super) utopia: Box<State>,
    /// A partner that speaks SOAP alone.
    borduria: Box<State>,
    /// The partners' clock: Utopia made its first key more than a year ago.
    clock: ManualClock,
}

impl Met {
    /// Raises all three. Utopia founded its CVCA more than a year ago and gave it a new key last month. With our keys in a token the partners' are in it
    /// too: labels tell whose each is.
    pub(super) async fn raise(mut options: SuiteOptions) -> Result<Self, DemoError> {
        options.config.spoc.watch_seconds = 1;
        let keystore = options.config.spoc.keystore.clone();
        let grpc_key = match keystore.kind {
            KeyStoreKind::Pkcs11 => GrpcKey::KeyStore,
            KeyStoreKind::File => GrpcKey::File,
        };
        let kept = options.folder.clone();
        let poland = raise(StateOptions {
            suite: options,
            bindings: BTreeSet::from([BindingName::Grpc, BindingName::Soap]),
            grpc_key,
            grpc_listen: ANY,
            soap_listen: ANY,
            soap_keys: SpocKeys::Brainpool,
            bounds: Bounds::default(),
        })
        .await?;
        let now = poland.suite.clock().now();
        let clock = ManualClock::starting_at(now - FOUNDED);
        let partner = |code: &str, binding: BindingName| {
            let country: Result<Country, _> = code.parse();
            let country = country.map_err(|why| DemoError::Expectation(format!("{code}: {why}")))?;
            let mut options = StateOptions::spoc_only(country, &[binding], clock.shared());
            options.suite.folder = kept.as_ref().map(|folder| folder.join(PARTNERS).join(code));
            options.suite.config.spoc.keystore = keystore.clone();
            options.grpc_key = grpc_key;
            Ok::<_, DemoError>(options)
        };
        let utopia = raise(partner(UTOPIA, BindingName::Grpc)?).await?;
        utopia.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await?;
        clock.set(now - NEW_KEY);
        utopia.leapt()?;
        utopia.roll_over("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await?;
        clock.set(now);
        utopia.leapt()?;
        utopia.suite.turn().await?;
        let borduria = raise(partner(BORDURIA, BindingName::Soap)?).await?;
        borduria.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await?;
        let met = Self { poland, utopia, borduria, clock };
        met.synchronise();
        Ok(met)
    }

    /// The partners' clock shows our time again.
    fn synchronise(&self) {
        self.clock.set(self.poland.suite.clock().now());
    }

    /// Each registers the other: Utopia and we by gRPC, Borduria and we by SOAP.
    async fn register(&self) -> Result<(), DemoError> {
        self.poland.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await?;
        // A registration is completed by a message at once, which the other side should be ready for; otherwise it comes half a minute later.
        self.utopia.register(&self.poland, &Terms::grpc()).await?;
        self.borduria.register(&self.poland, &Terms::soap()).await?;
        self.poland.register(&self.utopia, &Terms::grpc()).await?;
        self.poland.register(&self.borduria, &Terms::soap()).await
    }

    /// GetCACertificates has brought each side the other's CVCA certificates; officers compare the roots.
    async fn compare_roots(&self) -> Result<(), DemoError> {
        for (state, other) in [(&self.poland, &self.utopia), (&self.utopia, &self.poland)] {
            self.until("CVCA certificates of the other state", async || match state.confirm_roots_of(other).await {
                Ok(_) => Ok(Some(())),
                Err(DemoError::Rpc(status)) if status.code() == tonic::Code::NotFound => Ok(None),
                Err(failure) => Err(failure),
            })
            .await?;
        }
        Ok(())
    }

    /// Utopia registers our verifier; we subscribe. The holder reference of the certificate that comes of it.
    async fn request(&self) -> Result<String, DemoError> {
        self.utopia.register_holder(&format!("PL{VERIFIER}"), "PLCVCA", "automatic", DV_DAYS).await?;
        self.poland.subscribe(&self.utopia, CVCA, VERIFIER, SYSTEM, IS_DAYS).await?;
        self.until("a DV certificate", async || {
            let subscriptions = self.poland.subscriptions().await?.into_iter();
            let mut held = subscriptions.filter(|one| !one.dv_chr.is_empty());
            Ok(held.next().map(|one| format!("{} by {}, until {}", one.dv_chr, one.dv_car, one.expires)))
        })
        .await
    }

    /// The control centre's inspection system under that verifier, issued without anybody asking.
    async fn inspection_system(&self) -> Result<String, DemoError> {
        let officer = self.poland.officer(0)?;
        self.until("an IS certificate", async || {
            let holders = officer.national().list_holders(ListHoldersRequest {}).await?.into_inner().holders;
            let system = holders.into_iter().find(|one| one.role() == CertificateRole::InspectionSystem);
            Ok(system.map(|one| format!("{} by {}, until {}", one.chr, one.car, one.expires)))
        })
        .await
    }

    /// Everything at once, for a scene that begins at the border.
    pub(super) async fn prepare(&self) -> Result<String, DemoError> {
        self.register().await?;
        self.compare_roots().await?;
        let verifier = self.request().await?;
        Ok(format!("{verifier} → {}", self.inspection_system().await?))
    }

    /// A SPOC nobody here registered knocks with a genuine certificate of its own.
    async fn stranger(&self) -> Result<(), DemoError> {
        let unregistered = |binding| DemoError::Expectation(format!("no {binding} listener"));
        let url = self.poland.url(BindingName::Grpc).ok_or_else(|| unregistered("gRPC"))?;
        let authority = |state: &State| {
            let mut all = state.authorities.iter().filter(|(name, _)| *name == BindingName::Grpc);
            all.next().map(|(_, authority)| authority.registration())
        };
        let ours = authority(&self.poland).ok_or_else(|| unregistered("gRPC"))??;
        let crls = CrlSource::new(Arc::new(MemoryCrls::default()), self.clock.shared(), CrlConfig::development());
        let admission = FixedAdmission::new(Judge::new(Arc::new(crls), self.clock.shared()), [ours]);
        let (_, spoc) = self.utopia.authorities.first().ok_or_else(|| unregistered("gRPC"))?;
        let material = CurrentMaterial::new(spoc.material("127.0.0.1")?);
        let client = GrpcClient::new(self.poland.country, &url, material, admission, GrpcClientConfig::default())
            .map_err(|failure| DemoError::Expectation(failure.to_string()))?;
        let message = GetCaCertificates { caller_id: UTOPIA.to_owned(), message_id: "before-we-met".to_owned() };
        match client.send(&Message::GetCaCertificates(message)).await {
            Err(CallError::RefusedByPeer) => Ok(()),
            other => Err(DemoError::Expectation(format!("a stranger got {other:?}"))),
        }
    }

    /// A message for people from Borduria, over SOAP; an officer here reads it.
    async fn message(&self) -> Result<String, DemoError> {
        let sender = self.borduria.officer(0)?;
        let request = SendMessageRequest {
            context: sender.context(),
            country: self.poland.country.to_string(),
            subject: SUBJECT.to_owned(),
            body: "We are back after maintenance.".to_owned(),
            ..SendMessageRequest::default()
        };
        MessageServiceClient::new(sender.channel()).send_message(request).await?;
        let reader = self.poland.officer(0)?;
        let mut messages = MessageServiceClient::new(reader.channel());
        let received = self
            .until("a message", async || {
                let request = ListMessagesRequest { direction: "received".to_owned(), ..Default::default() };
                Ok(messages.clone().list_messages(request).await?.into_inner().messages.into_iter().next())
            })
            .await?;
        let request = AcknowledgeMessageRequest { context: reader.context(), id: received.id };
        messages.acknowledge_message(request).await?;
        Ok(format!("“{}” from {}, acknowledged", received.subject, received.country))
    }

    /// Turns the partners' work, and waits for ours, until a look finds something.
    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<Option<T>, DemoError>) -> Result<T, DemoError> {
        let looking = async {
            loop {
                self.synchronise();
                self.utopia.suite.turn().await?;
                self.borduria.suite.turn().await?;
                if let Some(found) = look().await? {
                    return Ok(found);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let late = |_| DemoError::Expectation(format!("{what} did not come within {WITHIN:?}"));
        tokio::time::timeout(WITHIN, looking).await.map_err(late)?
    }

    /// Ends every node.
    pub(super) async fn stop(self) -> Result<(), DemoError> {
        Box::pin(self.poland.suite.stop()).await?;
        Box::pin(self.borduria.suite.stop()).await?;
        Ok(Box::pin(self.utopia.suite.stop()).await?)
    }
}

/// A state's node on the heap: its configuration is large, and futures carry it about.
async fn raise(options: StateOptions) -> Result<Box<State>, DemoError> {
    Ok(Box::new(Box::pin(State::raise(options)).await?))
}

/// Plays the scene. The states keep running.
pub(super) async fn play(stage: &mut Stage, options: SuiteOptions) -> Result<Met, DemoError> {
    let met = stage
        .step(
            "raise-states",
            "three nodes of this software, run as three states; each has its own keys and officers",
            async {
                let met = Box::pin(Met::raise(options)).await?;
                let roots = met.utopia.roots().await?.len();
                Ok(Shown::new(met, format!("Utopia's CVCA has {roots} generations, joined by a link certificate")))
            },
        )
        .await?;
    let outcome = Box::pin(acts(stage, &met)).await;
    match outcome {
        Ok(()) => Ok(met),
        Err(failure) => {
            met.stop().await?;
            Err(failure)
        }
    }
}

async fn acts(stage: &mut Stage, met: &Met) -> Result<(), DemoError> {
    stage
        .step("refuse-stranger", "a SPOC nobody registered learns nothing but that it is refused", async {
            met.stranger().await?;
            Ok(Shown::new((), "UNAUTHENTICATED, and the connection ends"))
        })
        .await?;
    stage
        .step("register-partners", "one officer enters a partner, another compares its fingerprints", async {
            met.register().await?;
            Ok(Shown::new((), "Utopia by gRPC over TLS 1.3, Borduria by SOAP over HTTPS with brainpool certificates"))
        })
        .await?;
    stage
        .step(
            "get-ca-certificates",
            "each side asks for the other's CVCA; its root counts once two officers agree",
            async {
                met.compare_roots().await?;
                Ok(Shown::new((), "Utopia's newer root needs nobody: a link certificate leads to it"))
            },
        )
        .await?;
    stage
        .step("request-certificate", "a countersigned request, checked step by step and answered at once", async {
            Ok(Shown::new((), met.request().await?))
        })
        .await?;
    stage
        .step("issue-inspection-system", "the control centre's own certificate follows by itself", async {
            Ok(Shown::new((), met.inspection_system().await?))
        })
        .await?;
    stage
        .step("general-message", "people write to each other, too: over SOAP, delivered once", async {
            Ok(Shown::new((), met.message().await?))
        })
        .await?;
    met.until("the last answer to what was sent", async || {
        let waiting = met.poland.pending().await? + met.utopia.pending().await? + met.borduria.pending().await?;
        Ok((waiting == 0).then_some(()))
    })
    .await
}
