//! The scene `border-check`: what happens at a lane, from the partner state's keys to the fingerprints, and what is refused.

use emrtd::builder::Digest;
use serde_json::{Value, json};
use straznica_simulators::alerts::{Alert, AlertSimulator, Fault, made_up_alerts};
use straznica_simulators::chip::Chip;
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_simulators::terminal::{Reading, Terminal};
use time::{Date, Duration, OffsetDateTime};

use super::lane::{self, Judged, Lane};
use super::mdokumenty::{self, Cast};
use super::preparation::{self, Operator};
use super::protection_case;
use super::spoc_exchange::Met;
use super::stage::{Shown, Stage};
use super::{DemoError, expect};
use crate::alert_source::{self, Announced};
use crate::arguments::{Demo, Sabotage, ServiceName};
use crate::command::journal;
use crate::suite::{Suite, SuiteError, SuiteOptions};

const SCENE: &str = "border-check";
const ABOUT: &str = "a passport of Utopia is read at a lane, over the real services";

/// The lane of the scene, and one that has no business with its documents.
const TERMINAL: &str = "PL-WAW-017";
const OTHER_TERMINAL: &str = "PL-WAW-018";

/// How long before today things happened in Utopia.
const FOUNDED: Duration = Duration::days(400);
const OLD_PASSPORT: Duration = Duration::days(200);
const REVOKED: Duration = Duration::days(20);
const NEW_PASSPORT: Duration = Duration::days(10);

/// Plays the scene between states that have met, and those after it on the same node.
pub(super) async fn play(demo: &Demo, met: Met, alerts: Announced, next: Cast) -> Result<(), DemoError> {
    let stage = Stage::open(demo.json, SCENE, ABOUT)?;
    Box::pin(finish(demo, stage, met, alerts, Some(next))).await
}

/// Tells a node, before it starts, of the source of alerts.
///
/// # Errors
/// When there is no free port.
pub(super) async fn announce_alerts(options: &mut SuiteOptions) -> Result<Announced, DemoError> {
    let source = AlertSimulator::new(made_up_alerts(), options.clock.clone());
    Ok(alert_source::announce(source, &mut options.config).await?)
}

/// Plays the scene alone: the states meet in one step.
pub(super) async fn play_alone(demo: &Demo, mut options: SuiteOptions) -> Result<(), DemoError> {
    let mut stage = Stage::open(demo.json, SCENE, ABOUT)?;
    let alerts = announce_alerts(&mut options).await?;
    let met = stage
        .step(
            "raise-suite",
            "gateway, identity, registry and spoc in one process, mutual TLS between them; Utopia's node",
            async {
                let met = Box::pin(Met::raise(options)).await?;
                let seen = format!("REST for terminals at https://{}", met.poland.suite.terminals());
                Ok(Shown::new(met, seen))
            },
        )
        .await?;
    Box::pin(finish(demo, stage, met, alerts, None)).await
}

async fn finish(
    demo: &Demo,
    mut stage: Stage,
    met: Met,
    alerts: Announced,
    next: Option<Cast>,
) -> Result<(), DemoError> {
    let alerts = alerts.serve(&met.poland.suite)?;
    let mut outcome = Box::pin(scene(demo.sabotage, &mut stage, &met, &alerts.simulator, next.is_none())).await;
    if let (Ok(()), Some(cast)) = (&outcome, next) {
        stage.close()?;
        outcome = Box::pin(mdokumenty::play(demo, &met.poland.suite, cast)).await;
        if outcome.is_ok() {
            outcome = Box::pin(protection_case::play(demo, &met.poland.suite)).await;
        }
    } else if outcome.is_ok() {
        stage.close()?;
    }
    if outcome.is_ok() && demo.keep {
        keep(&met.poland.suite, &stage).await?;
    }
    alerts.stop().await.map_err(|error| DemoError::Expectation(format!("the source of alerts: {error}")))?;
    met.stop().await?;
    outcome
}

async fn scene(
    sabotage: Option<Sabotage>,
    stage: &mut Stage,
    met: &Met,
    alerts: &AlertSimulator,
    alone: bool,
) -> Result<(), DemoError> {
    let suite = &met.poland.suite;
    let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(suite.clock().now().millis()) * 1_000_000)
        .map_err(|error| DemoError::Expectation(format!("the clock is out of range: {error}")))?;
    let today = now.date();
    let mut partner = stage
        .step(
            "raise-document-authority",
            "Utopia's passports: a CSCA, document signers, and chips that trust its CVCA's two keys",
            async {
                let partner = raise_partner(today, met.utopia.roots().await?)?;
                Ok(Shown::new(partner, "brainpool curves, explicit parameters, one signer revoked"))
            },
        )
        .await?;

    let mut first = Operator::new("OP-07", suite.clock().clone(), suite.operator_channel(ServiceName::Spoc, "OP-07")?);
    let mut second = Operator::new("OP-11", suite.clock().clone(), suite.operator_channel(ServiceName::Spoc, "OP-11")?);
    stage
        .step("import-trust", "no list enters without an anchor that two officers confirmed", async {
            let seen = preparation::import_trust(&mut first, &mut second, &mut partner, now).await?;
            Ok(Shown::new((), seen))
        })
        .await?;
    if alone {
        stage
            .step("obtain-certificates", "the states meet, and the certificates come by the exchange", async {
                Ok(Shown::new((), met.prepare().await?))
            })
            .await?;
    }
    let (at_lane, elsewhere) = stage
        .step(
            "enrol-terminals",
            "a certificate alone is not enough: the operator enrols the terminal it names",
            async {
                let lanes = enrol(suite).await?;
                Ok(Shown::new(lanes, format!("{TERMINAL} refused before, served after")))
            },
        )
        .await?;

    let table = Table { suite, lane: at_lane, elsewhere, partner, today, sabotage };
    table.genuine(stage).await?;
    table.old_trust_point(stage).await?;
    table.refusals(stage).await?;
    table.alerts(stage, alerts).await?;
    stage
        .step(
            "verify-journals",
            "every change and access is in a tree whose checkpoints another service cosigned",
            async {
                cosigned(suite).await?;
                if sabotage == Some(Sabotage::Journal) {
                    journal::alter(suite.config(), suite.clock()).await?;
                }
                let seen = journals(suite).await?;
                Ok(Shown::new((), seen))
            },
        )
        .await
}

/// Utopia's passports: chips trust the roots of its CVCA, oldest first; a document signer was revoked three weeks ago.
fn raise_partner(today: Date, roots: Vec<Vec<u8>>) -> Result<PartnerState, DemoError> {
    let mut partner = PartnerState::utopia(today - FOUNDED)?;
    partner.entrust(roots);
    let compromised = partner.documents.revoked_signer().clone();
    partner.documents.revoke(&compromised, today - REVOKED);
    Ok(partner)
}

/// Enrols both lanes; the first one tries before, and is refused.
async fn enrol(suite: &Suite) -> Result<(Lane, Lane), DemoError> {
    let operator = suite.operator_rest("OP-07")?;
    let lane = suite.terminal_rest(TERMINAL)?;
    let early = lane.get("/v1/trust/summary").await?;
    expect(early.status.as_u16() == 403, || format!("a terminal nobody enrolled got {}", early.status))?;
    for terminal in [TERMINAL, OTHER_TERMINAL] {
        let body = json!({ "terminalId": terminal, "note": "demonstration" });
        lane::accepted(&operator.post("/v1/terminals", &body).await?)?;
    }
    lane::accepted(&lane.get("/v1/trust/summary").await?)?;
    Ok((Lane::new(lane), Lane::new(suite.terminal_rest(OTHER_TERMINAL)?)))
}

/// What the acts of the scene have on the table.
struct Table<'s> {
    suite: &'s Suite,
    lane: Lane,
    elsewhere: Lane,
    partner: PartnerState,
    today: Date,
    sabotage: Option<Sabotage>,
}

impl Table<'_> {
    fn breaks(&self, what: Sabotage) -> bool {
        self.sabotage == Some(what)
    }

    /// A genuine passport, in the order a chip is read: files first, then the chip itself, then the fingerprints.
    async fn genuine(&self, stage: &mut Stage) -> Result<(), DemoError> {
        let mut chip = self.partner.passport("UT0000017", self.today - NEW_PASSPORT)?;
        let mut terminal = Terminal::connect(&mut chip, false)?;
        let mut reading = terminal.read_document()?;
        if self.breaks(Sabotage::Sod) {
            flip_last(&mut reading.sod);
        }
        let id = stage
            .step("read-genuine", "the security object is the issuer's, and its signer's, and trusted here", async {
                let judged = self.open("genuine", &reading, &[1, 14], Value::Null).await?;
                expect(judged.result("sod_signature") == "successful", || describe(&judged))?;
                expect(judged.failed().is_empty(), || describe(&judged))?;
                let seen = format!("{} so far: the chip itself is not proven yet", judged.verdict());
                Ok(Shown::new(judged.id().to_owned(), seen))
            })
            .await?;
        stage
            .step("prove-chip", "Chip and Active Authentication: the keys the state signed are in this chip", async {
                let report = terminal.chip_authentication()?;
                let (challenge_id, challenge) = self.lane.challenge().await?;
                let response = terminal.active_authentication(&challenge)?;
                let evidence = json!({
                    "dataGroups": lane::data_groups(&reading, &[2, 15]),
                    "chipAuthentication": lane::chip_authentication(&report),
                    "activeAuthentication": lane::active_authentication(&challenge_id, &response),
                });
                let judged = self.lane.add(&id, &evidence).await?;
                expect(judged.verdict() == "genuine", || describe(&judged))?;
                Ok(Shown::new((), "verdict: genuine"))
            })
            .await?;
        let is_chr = self
            .present_chain(
                stage,
                "present-chain",
                "the chip verifies CVCA → DV → IS by its own rules",
                &mut terminal,
                &id,
            )
            .await?;
        self.authenticate(stage, &mut terminal, &id, &is_chr).await?;
        stage
            .step("open-fingerprints", "DG3 opens; its bytes stay in the terminal, only the digest is checked", async {
                let fingerprints = terminal.read_fingerprints()?;
                let digest = fingerprints.digest(Digest::Sha256)?;
                let evidence = json!({ "digests": { "3": base64(&digest) } });
                let judged = self.lane.add(&id, &evidence).await?;
                expect(judged.verdict() == "genuine", || describe(&judged))?;
                self.lane.fingerprints_match(&id).await?;
                Ok(Shown::new(
                    (),
                    format!("{} templates, digest as the security object lists it", fingerprints.count()?),
                ))
            })
            .await?;
        stage
            .step("refuse-blind-signing", "no signature without an inspection of the same terminal", async {
                let input = terminal.signature_input()?;
                let hash = digest(&input.message())?;
                let answer = self.elsewhere.ask_signature(&id, &is_chr, &hash).await?;
                expect(answer.status.is_client_error(), || format!("the other lane got {}", answer.status))?;
                Ok(Shown::new((), lane::refusal(answer.status, &answer.json())))
            })
            .await
    }

    /// A chip that was personalised under the CVCA's old key: only a link certificate leads from there to ours.
    async fn old_trust_point(&self, stage: &mut Stage) -> Result<(), DemoError> {
        let mut chip = if self.breaks(Sabotage::TrustPoint) {
            // the same state, but an authority nobody here has heard of
            let access = AccessAuthority::found("UT", "STRANGER", self.today - FOUNDED)?;
            self.partner.passport_of_authority("UT0000025", self.today - OLD_PASSPORT, &access)?
        } else {
            self.partner.passport_trusting("UT0000025", self.today - OLD_PASSPORT, 0)?
        };
        let before = chip.current_date();
        let mut terminal = Terminal::connect(&mut chip, true)?;
        let id = stage
            .step("read-old-passport", "opened by PACE, genuine like the first", async {
                let reading = terminal.read_document()?;
                let report = terminal.chip_authentication()?;
                let more = json!({ "access": "pace", "chipAuthentication": lane::chip_authentication(&report) });
                let judged = self.open("old-trust-point", &reading, &[1, 2, 14, 15], more).await?;
                expect(judged.verdict() == "genuine", || describe(&judged))?;
                Ok(Shown::new(judged.id().to_owned(), "verdict: genuine"))
            })
            .await?;
        let proves = "a chip that knows only the old key is led to the new one by a link certificate";
        let is_chr = self.present_chain(stage, "reach-old-trust-point", proves, &mut terminal, &id).await?;
        stage
            .step("open-old-passport", "its fingerprints open to the same inspection system", async {
                let input = terminal.signature_input()?;
                let signature = self.lane.sign(&id, &is_chr, &digest(&input.message())?).await?;
                terminal.authenticate(&signature)?;
                Ok(Shown::new((), format!("{} templates", terminal.read_fingerprints()?.count()?)))
            })
            .await?;
        stage
            .step("chip-moved-on", "the chip took the new trust point and the date of the certificates", async {
                expect(chip.current_date() > before, || "the chip's date did not move".to_owned())?;
                let points: Vec<String> = chip.trust_points().iter().map(ToString::to_string).collect();
                expect(points.len() == 2, || format!("trust points {points:?}"))?;
                Ok(Shown::new((), format!("{before} → {}, trusts {}", chip.current_date(), points.join(" and "))))
            })
            .await
    }

    /// Documents a border must not let through, each caught by what should catch it.
    async fn refusals(&self, stage: &mut Stage) -> Result<(), DemoError> {
        let issued = self.today - NEW_PASSPORT;
        let (mut original, mut clone) = self.partner.passport_and_clone("UT0000033", issued)?;
        let copy = if self.breaks(Sabotage::Clone) { &mut original } else { &mut clone };
        stage
            .step("refuse-clone", "byte for byte the same files: only the chip's own key tells", async {
                let judged = self.inspect_fully("clone", copy).await?;
                refused_by(&judged, &["chip_authentication", "active_authentication", "chip_authenticity"])?;
                let files_fine = ["sod_signature", "ds_signature", "dg1_hash", "dg2_hash"];
                expect(files_fine.iter().all(|check| judged.result(check) == "successful"), || describe(&judged))?;
                Ok(Shown::new((), refusal_of(&judged)))
            })
            .await?;
        let mut altered = self.partner.altered_passport("UT0000041", issued)?;
        stage
            .step("refuse-altered", "another portrait than the one that was signed", async {
                let judged = self.inspect_fully("altered", &mut altered).await?;
                refused_by(&judged, &["dg2_hash"])?;
                Ok(Shown::new((), refusal_of(&judged)))
            })
            .await?;
        let mut revoked = self.partner.passport_of_revoked_signer("UT0000058", issued)?;
        stage
            .step("refuse-revoked", "its signer is on the state's revocation list", async {
                let judged = self.inspect_fully("revoked", &mut revoked).await?;
                refused_by(&judged, &["ds_revocation"])?;
                Ok(Shown::new((), refusal_of(&judged)))
            })
            .await?;
        let mut wrong = self.partner.wrong_state_passport("UT0000066", issued, "D")?;
        stage
            .step("refuse-wrong-state", "signed by Utopia, but claims to be another state's", async {
                let judged = self.inspect_fully("wrong-state", &mut wrong).await?;
                refused_by(&judged, &["issuing_state"])?;
                Ok(Shown::new((), refusal_of(&judged)))
            })
            .await
    }

    /// Whoever stands there is checked against alerts while their document is judged.
    async fn alerts(&self, stage: &mut Stage, source: &AlertSimulator) -> Result<(), DemoError> {
        let issued = self.today - NEW_PASSPORT;
        let mut nobody = self.partner.passport("UT0000074", issued)?;
        stage
            .step("no-alert", "holder and document are asked about while the chip is read; nothing is there", async {
                let judged = self.inspect_fully("no-alert", &mut nobody).await?;
                led(&judged, "no_hit", "go_on")?;
                Ok(Shown::new((), format!("verdict {}, alerts {}", judged.verdict(), alerts_of(&judged))))
            })
            .await?;
        source.enter(Alert::document("sis-0074", "BEL", "UT0000082", "UTO"));
        let mut sought = self.partner.passport("UT0000082", issued)?;
        stage
            .step(
                "alert-on-document",
                "genuine and sought: the officer reads what to do, not the alert's file",
                async {
                    let judged = self.inspect_fully("alert-on-document", &mut sought).await?;
                    expect(judged.verdict() == "genuine", || describe(&judged))?;
                    led(&judged, "hit", "second_line")?;
                    let say = judged.0["alerts"]["found"][0]["instruction"]["en"].as_str().unwrap_or_default();
                    let seen = format!("verdict {}, alerts {}: {say}", judged.verdict(), alerts_of(&judged));
                    self.lane.refer(judged.id(), "alert").await?;
                    Ok(Shown::new((), seen))
                },
            )
            .await?;
        source.script(Some(Fault::Down));
        let mut unchecked = self.partner.passport("UT0000090", issued)?;
        let outcome = stage
            .step("alerts-not-checked", "a source that is down is never \"no hit\"; it changes no verdict", async {
                let judged = self.inspect_fully("alerts-not-checked", &mut unchecked).await?;
                expect(judged.verdict() == "genuine", || describe(&judged))?;
                led(&judged, "not_checked", "second_line")?;
                let why = judged.0["alerts"]["unchecked"].as_str().unwrap_or_default();
                expect(why == "source_down", || format!("not checked because of {why}"))?;
                Ok(Shown::new((), format!("verdict {}, alerts {}: {why}", judged.verdict(), alerts_of(&judged))))
            })
            .await;
        source.script(None);
        outcome
    }

    /// Opens an inspection with these data groups.
    async fn open(&self, reference: &str, reading: &Reading, groups: &[u8], more: Value) -> Result<Judged, DemoError> {
        self.lane.inspect(reference, reading, groups, more, self.suite.clock().now()).await
    }

    /// Reads a document with everything it offers and has it judged in one call.
    async fn inspect_fully(&self, reference: &str, chip: &mut Chip) -> Result<Judged, DemoError> {
        let mut terminal = Terminal::connect(chip, false)?;
        let reading = terminal.read_document()?;
        let report = terminal.chip_authentication()?;
        let (challenge_id, challenge) = self.lane.challenge().await?;
        let response = terminal.active_authentication(&challenge)?;
        let more = json!({
            "chipAuthentication": lane::chip_authentication(&report),
            "activeAuthentication": lane::active_authentication(&challenge_id, &response),
        });
        self.open(reference, &reading, &[1, 2, 14, 15], more).await
    }

    /// Gets the chain and has the chip verify it.
    async fn present_chain(
        &self,
        stage: &mut Stage,
        step: &'static str,
        proves: &str,
        terminal: &mut Terminal<'_>,
        id: &str,
    ) -> Result<String, DemoError> {
        stage
            .step(step, proves, async {
                let mut chain = self.lane.chain(id, &terminal.trusted_authorities()?).await?;
                if self.breaks(Sabotage::Chain)
                    && let [.., verifier, _] = chain.certificates.as_mut_slice()
                {
                    flip_last(verifier);
                }
                terminal.present_chain(&chain.certificates)?;
                expect(chain.dg3, || "the chain gives no right to fingerprints".to_owned())?;
                Ok(Shown::new(chain.is_chr, chain.path.join(" → ")))
            })
            .await
    }

    /// Gets the signature and has the chip verify it.
    async fn authenticate(
        &self,
        stage: &mut Stage,
        terminal: &mut Terminal<'_>,
        id: &str,
        is_chr: &str,
    ) -> Result<(), DemoError> {
        stage
            .step(
                "authenticate-terminal",
                "signed by the control centre over a hash: no document number leaves the lane",
                async {
                    let input = terminal.signature_input()?;
                    let mut signature = self.lane.sign(id, is_chr, &digest(&input.message())?).await?;
                    if self.breaks(Sabotage::TaSignature) {
                        flip_last(&mut signature);
                    }
                    terminal.authenticate(&signature)?;
                    Ok(Shown::new((), format!("signed as {is_chr}; counted and journalled")))
                },
            )
            .await
    }
}

/// The hash of the inspection system's algorithm in this scene.
fn digest(message: &[u8]) -> Result<Vec<u8>, DemoError> {
    Digest::Sha256.digest(message).map_err(|error| DemoError::Terminal(error.into()))
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(bytes)
}

fn flip_last(bytes: &mut [u8]) {
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
}

/// The verdict is "not genuine", and these checks, no others, are why.
fn refused_by(judged: &Judged, checks: &[&str]) -> Result<(), DemoError> {
    expect(judged.verdict() == "not_genuine", || describe(judged))?;
    let failed = judged.failed();
    expect(checks.iter().all(|check| failed.contains(check)), || describe(judged))?;
    expect(failed.iter().all(|check| checks.contains(check)), || describe(judged))
}

/// The check against alerts came to this, and leads there.
fn led(judged: &Judged, result: &str, step: &str) -> Result<(), DemoError> {
    let alerts = &judged.0["alerts"];
    expect(alerts["result"] == result && alerts["step"] == step, || format!("alerts {alerts}"))
}

fn alerts_of(judged: &Judged) -> String {
    let alerts = &judged.0["alerts"];
    let word = |member: &str| alerts[member].as_str().unwrap_or_default().replace('_', " ");
    format!("{}, {}", word("result"), word("step"))
}

fn refusal_of(judged: &Judged) -> String {
    format!("not genuine: {} failed", judged.failed().join(", "))
}

fn describe(judged: &Judged) -> String {
    format!("verdict {} with failed checks [{}]", judged.verdict(), judged.failed().join(", "))
}

/// How long the journals may take to be numbered and cosigned.
const COSIGNED_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

/// Waits until what happened so far is numbered and cosigned by another service.
pub(super) async fn cosigned(suite: &Suite) -> Result<(), DemoError> {
    let settled = async {
        loop {
            let reports = journal::verify_node(suite.config(), suite.clock()).await?;
            // A service nobody has asked for anything has nothing to be cosigned.
            let settled = |size: u64, cosigned: u64| size == 0 || cosigned > 0;
            if reports
                .iter()
                .all(|(_, report)| report.0.unsequenced == 0 && settled(report.0.size, report.0.cosigned_size))
            {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        }
    };
    let late =
        |_| DemoError::Expectation(format!("no checkpoint of every journal cosigned within {COSIGNED_WITHIN:?}"));
    tokio::time::timeout(COSIGNED_WITHIN, settled).await.map_err(late)?
}

/// Every service's journal, recomputed from its database and held against what the others remember of it.
pub(super) async fn journals(suite: &Suite) -> Result<String, DemoError> {
    let mut lines = Vec::new();
    for (service, report) in journal::verify_node(suite.config(), suite.clock()).await? {
        expect(report.0.valid, || format!("{}: {report}", service.name()))?;
        lines.push(format!("{} {}", service.name(), report.0.size));
    }
    Ok(format!("entries: {}", lines.join(", ")))
}

/// Leaves the suite running until it is interrupted.
pub(super) async fn keep(suite: &Suite, stage: &Stage) -> Result<(), DemoError> {
    let files = suite.write_identity(&suite.authority()?.issue_terminal(TERMINAL).map_err(SuiteError::from)?)?;
    stage.say(format_args!(
        "\nThe suite keeps running; Ctrl-C ends it.\n\n{}\nAs the terminal {TERMINAL}:\n\n  \
         curl --cacert {} \\\n       --cert {} --key {} \\\n       https://{}/v1/trust/summary\n",
        suite.addresses(),
        files.trust_anchors.display(),
        files.certificate_chain.display(),
        files.private_key.display(),
        suite.terminals(),
    ))?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
