#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

use exchange::{
    Country,
    bundle::{Bundle, BundleLimits, Item, LARGEST_FILE, Opened, Sealed},
    code::{GeneralMessageCode, SendCertificatesCode, StatusInfo},
    message::{Answer, GeneralMessage, MAX_BODY, Message, SendCertificates},
    profile::Profile,
    soap::{Decoder, Limits},
};
use straznica_error::Coded as _;
use straznica_exchange_wire::{
    Binding, bundle as signing,
    development::{DevelopmentSpoc, SpocKeys, credential},
    material::Credential,
};
use straznica_store::{on_both_engines, testing::TestDatabase};
use straznica_types::{Clock as _, Timestamp};

use super::{BundleSigner, Imported, Outcome, OwnCertificate, begin, export, import, import_answering, opened};
use crate::{
    Migrations, SpocError,
    app::{
        App,
        exchange::{
            calendar, crls_by_hand, health,
            messages::{self, Text},
            outbox, own_certificates, registration, retention,
        },
    },
    domain::exchange::calendar::{Kind, Severity},
    store::exchange::{bundles, messages::Narrowing},
    testing::{DAY, FIRST, House, SECOND, desk, registered},
};

#[derive(Debug)]
struct Signer(Credential);

impl BundleSigner for Signer {
    fn sign(&self, _: Binding, bundle: &Bundle, profile: &Profile) -> Result<Vec<u8>, SpocError> {
        Ok(signing::sign(&self.0, bundle, profile)?)
    }

    fn certificates(&self) -> Vec<OwnCertificate> {
        OwnCertificate::read(Binding::Soap, "client", self.0.chain()).into_iter().collect()
    }
}

/// Our node, and a partner that writes e-mail.
struct Scene {
    house: House,
    app: Arc<App>,
    spoc: DevelopmentSpoc,
    theirs: Credential,
}

fn cz() -> Country {
    "CZ".parse().unwrap()
}

fn pl() -> Country {
    "PL".parse().unwrap()
}

async fn scene(database: TestDatabase) -> Scene {
    scene_of(House::new(database)).await
}

async fn scene_of(house: House) -> Scene {
    let app = house.app().await;
    let spoc = DevelopmentSpoc::start(cz(), SpocKeys::Brainpool, house.clock.shared()).await.unwrap();
    let theirs = spoc.material("spoc.example.cz").unwrap().client;
    let own = DevelopmentSpoc::start(pl(), SpocKeys::P256, house.clock.shared()).await.unwrap();
    app.bundles.set(Arc::new(Signer(own.material("spoc.example.pl").unwrap().client))).unwrap();
    registered(&app, &spoc, Binding::Soap, None).await;
    Scene { house, app, spoc, theirs }
}

impl Scene {
    fn profile(&self) -> Arc<Profile> {
        Arc::clone(self.app.profiles.get("2009").unwrap())
    }

    fn bundle(&self, items: Vec<Item>) -> Bundle {
        self.named("b1", items)
    }

    fn named(&self, id: &str, items: Vec<Item>) -> Bundle {
        Bundle { id: id.to_owned(), created: self.house.clock.now(), sender: cz(), receiver: pl(), items }
    }

    fn signed(&self, bundle: &Bundle) -> Vec<u8> {
        signing::sign(&self.theirs, bundle, &self.profile()).unwrap()
    }

    /// What the partner finds in a bundle of ours.
    fn open(&self, bytes: &[u8], at: Timestamp) -> Opened {
        let decoder = Decoder::new(Arc::clone(&self.app.profiles), Limits::default());
        let sealed = Sealed::read(bytes, BundleLimits::default()).unwrap();
        assert_eq!(sealed.sender(), pl());
        sealed.open(cz(), at - DAY * 14..=at, &decoder, &self.profile()).unwrap()
    }

    async fn kept(&self) -> usize {
        messages::list(&self.app, Narrowing { limit: 100, ..Narrowing::default() }).await.unwrap().0.len()
    }
}

fn general(id: &str) -> Message {
    Message::GeneralMessage(GeneralMessage {
        caller_id: "CZ".to_owned(),
        message_id: id.to_owned(),
        subject: "Certificate inaccurate".to_owned(),
        body: "CZCVCA00001".to_owned(),
    })
}

/// Polls a future so many times and drops it then, as a kill would. Nothing when it was cut off.
async fn cut_off_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// Waits until the database does nothing any more for a connection that was let go.
async fn nothing_is_under_way(scene: &Scene) {
    use sea_orm::ConnectionTrait as _;
    const BUSY: &str = "SELECT COUNT(*) AS busy FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()";
    // It goes back to the pool first.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let db = scene.app.store.reader();
    if db.get_database_backend() != sea_orm::DatabaseBackend::Postgres {
        return;
    }
    for _ in 0..3_000 {
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), BUSY);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        if row.try_get::<i64>("", "busy").unwrap() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the database is still at work");
}

fn code<T: std::fmt::Debug>(refused: Result<T, SpocError>) -> &'static str {
    refused.unwrap_err().code().id
}

on_both_engines! { Migrations;
    async fn our_own_certificate_that_ends_is_told_in_the_calendar_and_on_the_board(database: TestDatabase) {
        let scene = scene(database).await;
        let (app, clock) = (&scene.app, &scene.house.clock);
        let own = own_certificates::in_force(app).remove(0);
        let told = async || {
            let entries = calendar::entries(app, "", "2099-12-31").await.unwrap();
            let entry = entries.into_iter().find(|entry| entry.kind == Kind::SpocCertificateExpires).unwrap();
            let concerns = health::look(app, Some(cz())).await.unwrap().remove(0).concerns;
            (entry.at, entry.severity, concerns.into_iter().find(|concern| concern.contains("our own")))
        };
        let ending = |days: u32| Some(format!("our own client certificate for this link ends in {days} days"));
        assert_eq!(told().await, (own.until, Severity::Information, None));
        clock.set(own.until - DAY * 20);
        assert_eq!(told().await, (own.until, Severity::Attention, ending(20)));
        clock.set(own.until - DAY * 5);
        assert_eq!(told().await, (own.until, Severity::Urgent, ending(5)));
        // Overdue, it is not forgotten.
        clock.set(own.until + DAY * 2);
        assert_eq!((told().await.0, told().await.1), (own.until, Severity::Urgent));
    }

    async fn what_waits_for_a_partner_leaves_signed_and_stays_to_be_delivered(database: TestDatabase) {
        let scene = scene(database).await;
        scene.house.clock.advance(DAY);
        let (app, now) = (&scene.app, scene.house.clock.now());
        messages::send(app, &desk(FIRST), cz(), "free words", Text::Free("x".to_owned())).await.unwrap();
        for _ in 0..2 {
            let exported = export(app, &desk(FIRST), cz()).await.unwrap();
            assert_eq!((exported.messages, exported.email.as_str()), (2, "spoc@example.cz"));
            let opened = scene.open(&exported.bundle, now);
            let operations: Vec<_> = opened.items.iter().map(|item| match &item.item {
                Item::Message(message) => message.operation().as_str(),
                Item::Answer { .. } => "answer",
            }).collect();
            assert_eq!(operations, ["GetCACertificates", "GeneralMessage"]);
        }
        let letters = scene.house.outbox().await;
        assert!(letters.iter().all(|row| row.state == "pending" && row.exported_at == Some(now.millis())));
        registration::suspend(app, &desk(FIRST), cz(), "why").await.unwrap();
        assert_eq!(code(export(app, &desk(FIRST), cz()).await), "spoc.partner_state");
        let unconfigured = scene.house.app().await;
        assert_eq!(code(export(&unconfigured, &desk(FIRST), cz()).await), "spoc.no_credentials");
    }

    async fn what_does_not_fit_into_one_bundle_leaves_in_the_next(database: TestDatabase) {
        let scene = scene(database).await;
        let app = &scene.app;
        // With the question for certificates from the registration: 131.
        for _ in 0..130 {
            let body = Text::Free("x".repeat(MAX_BODY));
            messages::send(app, &desk(FIRST), cz(), "free words", body).await.unwrap();
        }
        let (mut seen, now) = (std::collections::BTreeSet::new(), scene.house.clock.now());
        for turn in ["first", "second"] {
            scene.house.clock.advance(std::time::Duration::from_secs(1));
            let exported = export(app, &desk(FIRST), cz()).await.unwrap();
            assert!(exported.messages == 65 && exported.bundle.len() <= LARGEST_FILE, "{turn}: {}", exported.messages);
            let opened = scene.open(&exported.bundle, now);
            let before = seen.len();
            seen.extend(opened.items.iter().map(|item| item.digest));
            assert_eq!(seen.len() - before, 65, "none left before");
        }
    }

    async fn answers_that_do_not_fit_into_one_file_are_given_when_the_message_comes_again(database: TestDatabase) {
        let scene = scene(database).await;
        let app = &scene.app;
        let items = ["1", "2", "3"].map(|id| Item::Message(general(id))).to_vec();
        let answer = Item::Answer {
            message_id: Some("nobody's".to_owned()),
            to: [7; 32],
            answer: Answer::GeneralMessage(GeneralMessageCode::Ok),
        };
        let mixed = [vec![answer], items].concat();
        let whole = import(app, &desk(FIRST), scene.signed(&scene.bundle(mixed.clone()))).await.unwrap();
        let results = |imported: &Imported| imported.outcomes.iter().map(|outcome| outcome.result).collect::<Vec<_>>();
        assert_eq!(results(&whole), ["unexpected", "ok", "ok", "ok"]);

        let bytes = scene.signed(&scene.named("b2", mixed));
        let short = import_answering(app, &desk(FIRST), bytes, whole.answers.len() - 100).await.unwrap();
        assert_eq!(results(&short), ["unexpected", "ok", "left_out", "left_out"]);
        assert!(short.answers.len() < whole.answers.len());
        let answered = |imported: &Imported| {
            let items = scene.open(&imported.answers, scene.house.clock.now()).items;
            items.into_iter().map(|item| item.item).collect::<Vec<_>>()
        };
        assert_eq!(answered(&short), answered(&whole)[..1]);
        let again = scene.signed(&scene.named("b3", vec![Item::Message(general("2")), Item::Message(general("3"))]));
        let again = import(app, &desk(FIRST), again).await.unwrap();
        assert_eq!(answered(&again), answered(&whole)[1..]);
        assert_eq!(scene.kept().await, 3, "each message once");
    }

    async fn how_old_a_bundle_may_be_is_the_policy_s_for_its_sender(database: TestDatabase) {
        let mut house = House::new(database);
        let policy = house.config.keystore.directory.with_file_name("policy.toml");
        let text = include_str!("../../../../policy/tr-03139.toml");
        std::fs::write(&policy, format!("{text}\n[partner.CZ.intake]\nbundle_days = 3\n")).unwrap();
        house.config.policy_file = Some(policy);
        let scene = scene_of(house).await;
        scene.house.clock.advance(DAY * 4);
        let made = |days: u32, id: &str| {
            let bundle = scene.named(id, vec![Item::Message(general(id))]);
            scene.signed(&Bundle { created: bundle.created - DAY * days, ..bundle })
        };
        import(&scene.app, &desk(FIRST), made(3, "b3")).await.unwrap();
        let told = import(&scene.app, &desk(FIRST), made(4, "b4")).await.unwrap_err().to_string();
        assert!(told.contains("(fallback/bundle)"), "{told}");
        assert_eq!(scene.kept().await, 1);
    }

    async fn a_bundle_taken_in_twice_changes_nothing_the_second_time(database: TestDatabase) {
        let scene = scene(database).await;
        let bytes = scene.signed(&scene.bundle(vec![Item::Message(general("1")), Item::Message(general("2"))]));
        let first = scene.house.clock.now();
        for (officer, before) in [(FIRST, None), (SECOND, Some(FIRST)), (SECOND, Some(FIRST))] {
            let imported = import(&scene.app, &desk(officer), bytes.clone()).await.unwrap();
            let taken_in = imported.before.as_ref().map(|taken| (taken.officer.as_str(), taken.taken_in_at));
            assert_eq!(taken_in, before.map(|officer| (officer, first.millis())), "when it came first, and by whom");
            scene.house.clock.advance(DAY);
            let ok = |id: &str| Outcome { operation: "general_message", message_id: Some(id.to_owned()), result: "ok" };
            assert_eq!((imported.country, imported.outcomes), (cz(), vec![ok("1"), ok("2")]));
            let answers = scene.open(&imported.answers, scene.house.clock.now()).items;
            let item = &answers[0].item;
            assert!(
                matches!(item, Item::Answer { answer: Answer::GeneralMessage(GeneralMessageCode::Ok), message_id: Some(id), .. } if id == "1"),
                "{item:?}"
            );
            assert_eq!(scene.kept().await, 2);
        }
        let forgotten = async || bundles::find(scene.app.store.reader(), "CZ", "b1").await.unwrap().is_none();
        retention::run(&scene.app).await.unwrap();
        assert!(!forgotten().await);
        // The same message over the link as well: the same answer.
        let Message::GeneralMessage(again) = general("1") else { unreachable!() };
        assert_eq!(messages::general_message(&scene.app, cz(), again).await, GeneralMessageCode::Ok);
        assert_eq!(scene.kept().await, 2);
        scene.house.clock.advance(DAY * 800);
        retention::run(&scene.app).await.unwrap();
        assert!(forgotten().await, "bundles are remembered as long as the answers to their messages");
    }

    async fn a_bundle_is_taken_in_while_the_partners_list_is_down_with_one_by_hand(database: TestDatabase) {
        let scene = scene(database).await;
        scene.spoc.withhold_list();
        scene.house.clock.advance(DAY * 31);
        let bundle = || scene.signed(&scene.bundle(vec![Item::Message(general("1"))]));
        let told = import(&scene.app, &desk(FIRST), bundle()).await.unwrap_err().to_string();
        assert!(told.contains("revocation"), "{told}");
        let now = scene.house.clock.now();
        let list = scene.spoc.with_authority(|root| root.crl(now, Some(now + DAY))).unwrap();
        crls_by_hand::import(&scene.app, &desk(FIRST), cz(), list, Vec::new()).await.unwrap();
        import(&scene.app, &desk(FIRST), bundle()).await.unwrap();
        assert_eq!(scene.kept().await, 1);
    }

    async fn other_content_under_an_identifier_used_before_is_refused_in_words_of_its_own(database: TestDatabase) {
        let scene = scene(database).await;
        let bundle = scene.bundle(vec![Item::Message(general("1"))]);
        import(&scene.app, &desk(FIRST), scene.signed(&bundle)).await.unwrap();
        // Signed once more it is the same bundle, though the file is another.
        let again = import(&scene.app, &desk(SECOND), scene.signed(&bundle)).await.unwrap();
        assert_eq!(again.before.map(|taken| taken.officer).as_deref(), Some(FIRST));
        let others = [
            scene.bundle(vec![Item::Message(general("2"))]),
            scene.bundle(vec![Item::Message(general("1")), Item::Message(general("2"))]),
            Bundle { created: bundle.created - DAY, ..bundle.clone() },
        ];
        for (position, other) in (1..).zip(others) {
            let told = import(&scene.app, &desk(SECOND), scene.signed(&other)).await.unwrap_err();
            assert_eq!(told.code().id, "spoc.bundle_refused");
            let words = told.to_string();
            assert!(words.contains("its identifier b1 is that of another bundle, which so-1 took in on 2026-05-28"), "{words}");
            let kinds = scene.house.journal().await;
            assert_eq!(kinds.iter().filter(|kind| *kind == "exchange.bundle_refused").count(), position);
        }
        assert_eq!(scene.kept().await, 1, "nothing of them counts");
    }

    async fn a_bundle_cut_off_anywhere_is_told_and_taken_in_to_its_end_the_next_time(database: TestDatabase) {
        let scene = scene(database).await;
        let ok = |id: &str| Outcome { operation: "general_message", message_id: Some(id.to_owned()), result: "ok" };
        let concern = async || {
            let concerns = health::look(&scene.app, Some(cz())).await.unwrap().remove(0).concerns;
            concerns.into_iter().find(|concern| concern.contains("was not taken in to its end"))
        };
        let (mut halves, mut told, mut kept) = (0, 0, 0);
        for polls in 1.. {
            let (id, ids) = (format!("b{polls}"), [format!("{polls}-1"), format!("{polls}-2")]);
            let items = ids.iter().map(|id| Item::Message(general(id))).collect();
            let bytes = scene.signed(&scene.named(&id, items));
            let whole = Box::pin(cut_off_after(polls, import(&scene.app, &desk(FIRST), bytes.clone()))).await;
            // A commit that was under way may still come through: the one writer is waited for, and a server's others.
            scene.app.store.write_tx(async |_| Ok::<_, SpocError>(())).await.unwrap();
            nothing_is_under_way(&scene).await;
            halves += usize::from(scene.kept().await == kept + 1);
            let row = bundles::find(scene.app.store.reader(), "CZ", &id).await.unwrap();
            assert!(row.is_some() || scene.kept().await == kept, "nothing counts before the bundle is noted");
            let is_open = row.is_some_and(|row| !row.is_finished());
            assert_eq!(concern().await, None, "it may be under way");
            scene.house.clock.advance(DAY / 120);
            assert_eq!(concern().await.is_some_and(|told| told.contains(&format!("bundle {id}, begun by so-1"))), is_open);
            told += usize::from(is_open);

            let imported = import(&scene.app, &desk(SECOND), bytes).await.unwrap();
            assert_eq!(imported.outcomes, ids.iter().map(|id| ok(id)).collect::<Vec<_>>());
            assert!(whole.is_none() || imported.before.is_some(), "what was taken in to its end comes again");
            assert!(!is_open || imported.before.is_none(), "what was not does not");
            kept += 2;
            assert_eq!(scene.kept().await, kept, "each message once");
            assert_eq!(concern().await, None);
            if whole.is_some() {
                break;
            }
        }
        let resumed = scene.house.journal().await.iter().filter(|kind| *kind == "exchange.bundle_resumed").count();
        assert!(told > 0, "{halves} between the messages, {told} in all");
        assert_eq!(resumed, told);
    }

    async fn two_officers_who_take_the_same_bundle_in_at_once_resume_nothing(database: TestDatabase) {
        let scene = scene(database).await;
        let told = async |kind: &str| scene.house.journal().await.iter().filter(|one| *one == kind).count();
        let both = scene.signed(&scene.bundle(vec![Item::Message(general("1")), Item::Message(general("2"))]));
        let (first, second) = (desk(FIRST), desk(SECOND));
        let (one, two) =
            tokio::join!(import(&scene.app, &first, both.clone()), import(&scene.app, &second, both.clone()));
        for imported in [one.unwrap(), two.unwrap()] {
            assert!(imported.outcomes.iter().all(|outcome| outcome.result == "ok"), "{:?}", imported.outcomes);
        }
        assert_eq!((scene.kept().await, told("exchange.bundle_resumed").await), (2, 0), "each message once");

        // Begun a moment ago it may be under way; begun long ago it was cut off.
        for (id, pause, expected) in [("b2", DAY / 1440, (0, 1)), ("b3", DAY / 120, (1, 1))] {
            let bytes = scene.signed(&scene.named(id, vec![Item::Message(general(id))]));
            let (_, opened) = opened(&scene.app, bytes.clone()).await.unwrap().unwrap();
            begin(&scene.app, &first, FIRST, &opened).await.unwrap();
            let before = told("exchange.bundle_begun_twice").await;
            scene.house.clock.advance(pause);
            import(&scene.app, &second, bytes).await.unwrap();
            let (resumed, twice) = (told("exchange.bundle_resumed").await, told("exchange.bundle_begun_twice").await);
            assert_eq!((resumed, twice - before), (expected.0, expected.1 - expected.0), "{id}");
        }
    }

    async fn an_answer_that_comes_by_mail_settles_the_message_it_answers_once(database: TestDatabase) {
        let scene = scene(database).await;
        let row = messages::send(&scene.app, &desk(FIRST), cz(), "free words", Text::Free("x".to_owned())).await.unwrap();
        let exported = export(&scene.app, &desk(FIRST), cz()).await.unwrap();
        let items = scene.open(&exported.bundle, scene.house.clock.now()).items;
        let answered = items.last().unwrap();
        let answer = Item::Answer {
            message_id: Some(row.message_id.clone()),
            to: answered.digest,
            answer: Answer::GeneralMessage(GeneralMessageCode::Ok),
        };
        let bytes = scene.signed(&scene.bundle(vec![answer]));
        for expected in ["ok", "unexpected"] {
            let imported = import(&scene.app, &desk(FIRST), bytes.clone()).await.unwrap();
            assert_eq!((imported.outcomes[0].result, imported.answers.len()), (expected, 0));
        }
        assert_eq!(messages::get(&scene.app, row.id).await.unwrap().state, "delivered");
        let letter = scene.house.outbox().await.into_iter().find(|row| row.operation == "general_message").unwrap();
        assert_eq!(letter.state, "done");
    }

    async fn a_push_without_an_identifier_is_answered_by_its_digest(database: TestDatabase) {
        let scene = scene(database).await;
        let push = |der: u8| Message::SendCertificates(SendCertificates {
            caller_id: "PL".to_owned(),
            message_id: None,
            certificates: vec![vec![0x7F, 0x21, der]],
            status_info: StatusInfo::NewCertAvailableNotification,
        });
        for der in [1, 2] {
            let app = &scene.app;
            app.store.write_tx(async |tx| outbox::enqueue(app, tx, cz(), &push(der), "push").await).await.unwrap();
        }
        let exported = export(&scene.app, &desk(FIRST), cz()).await.unwrap();
        let items = scene.open(&exported.bundle, scene.house.clock.now()).items;
        let second = items.iter().find(|item| item.item == Item::Message(push(2))).unwrap();
        let cases = [([7; 32], "unexpected", 2), (second.digest, "ok_received_correctly", 1), (second.digest, "unexpected", 1)];
        for (to, result, pending) in cases {
            let answer = Answer::SendCertificates(SendCertificatesCode::OkReceivedCorrectly);
            let bundle = scene.named(&format!("b{pending}-{result}"), vec![Item::Answer { message_id: None, to, answer }]);
            let bytes = scene.signed(&bundle);
            let imported = import(&scene.app, &desk(FIRST), bytes).await.unwrap();
            assert_eq!(imported.outcomes[0].result, result);
            let letters = scene.house.outbox().await;
            let open = letters.iter().filter(|row| row.subject == "push" && row.state == "pending").count();
            assert_eq!(open, pending);
        }
    }

    async fn a_bundle_that_is_not_the_partners_is_refused_and_recorded(database: TestDatabase) {
        let scene = scene(database).await;
        let now = scene.house.clock.now();
        let good = scene.bundle(vec![Item::Message(general("1"))]);
        let stranger = DevelopmentSpoc::start(cz(), SpocKeys::P256, scene.house.clock.shared()).await.unwrap();
        let stranger = stranger.material("spoc.example.cz").unwrap().client;
        let revoked = scene.spoc.issue(&scene.spoc.request("spoc.example.cz")).unwrap();
        scene.spoc.revoke(&revoked).unwrap();
        let sign = |credential: &Credential, bundle: &Bundle| signing::sign(credential, bundle, &scene.profile()).unwrap();
        let mut broken = scene.signed(&good);
        *broken.last_mut().unwrap() ^= 1;
        let cases = [
            ("no bundle", b"bundle".to_vec()),
            ("another signature", broken),
            ("a stranger", sign(&stranger, &good)),
            ("a revoked certificate", sign(&credential(&revoked).unwrap(), &good)),
            ("for another state", scene.signed(&Bundle { receiver: "DE".parse().unwrap(), ..good.clone() })),
            ("in another state's name", scene.signed(&Bundle { sender: "DE".parse().unwrap(), ..good.clone() })),
            ("too old", scene.signed(&Bundle { created: now - DAY * 15, ..good.clone() })),
        ];
        for (position, (what, bytes)) in (1..).zip(cases) {
            assert_eq!(code(import(&scene.app, &desk(FIRST), bytes).await), "spoc.bundle_refused", "{what}");
            let kinds = scene.house.journal().await;
            assert_eq!(kinds.iter().filter(|kind| *kind == "exchange.bundle_refused").count(), position, "{what}");
        }
        registration::suspend(&scene.app, &desk(FIRST), cz(), "why").await.unwrap();
        assert_eq!(code(import(&scene.app, &desk(FIRST), scene.signed(&good)).await), "spoc.bundle_refused");
        assert_eq!(scene.kept().await, 0);
    }
}
