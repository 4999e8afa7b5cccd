//! A document is shown, and afterwards everything is searched for what was in it: databases on both engines, Redis, logs and traces at their most talkative,
//! journals, files of every kind, the memory of the processes, and the core text of each when it crashes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "what could not be searched, shown by the test runner")]

mod collector;
mod memory;
mod stores;
mod town;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use straznica_store::Engine;
use straznica_testkit::canary::{finds, places};

use stores::Remains;
use town::{PHONE, Town};

/// What was in the document.
struct Document {
    /// What to look for, and what to call it.
    canaries: Vec<(&'static str, Vec<u8>)>,
    photo: Vec<u8>,
    surname: &'static str,
}

/// Where the canary of the photo begins in it.
const IN_PHOTO: usize = 198;

impl Document {
    fn of(town: &Town, shown: &Value) -> Self {
        let document = &shown["documents"][0];
        let photo = BASE64_STANDARD.decode(document["photo"].as_str().unwrap()).unwrap();
        let holder = &town.holder;
        assert_eq!(document["holder"]["surname"], holder.surname);
        let canaries = vec![
            ("surname", holder.surname.into()),
            ("given names", holder.given_names.into()),
            ("place of birth", holder.place_of_birth.into()),
            ("number", document["number"].as_str().unwrap().into()),
            ("photo", photo[IN_PHOTO..IN_PHOTO + 24].to_vec()),
            ("PESEL", holder.pesel.expose().as_bytes().to_vec()),
        ];
        Self { canaries, photo, surname: holder.surname }
    }

    /// What of it stands there, in whatever disguise, and in the two-byte letters of other systems.
    fn found_in(&self, content: &[u8]) -> Vec<&'static str> {
        let wide = |canary: &[u8]| canary.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<u8>>();
        let found = self.canaries.iter().filter(|(_, canary)| finds(content, canary) || finds(content, wide(canary)));
        found.map(|(name, _)| *name).collect()
    }

    /// What the services themselves held of it: the photo in memory of its own, the answer to the official. Not what passes through buffers of the transport, which
    /// is written otherwise: fields behind each other, with their lengths.
    fn held_in(&self, content: &[u8]) -> Vec<&'static str> {
        let canary = &self.photo[IN_PHOTO..IN_PHOTO + 24];
        let of_its_own = places(content, canary).any(|at| {
            // The allocator begins at a multiple of sixteen, behind a size below 65,536; mappings begin at a page.
            let begin = at.checked_sub(IN_PHOTO).filter(|begin| begin % 16 == 0 && *begin >= 16);
            begin.is_some_and(|begin| content[begin - 6..begin] == [0; 6])
        });
        let mut held = Vec::new();
        if of_its_own {
            held.push("photo");
        }
        if places(content, BASE64_STANDARD.encode(canary).as_bytes()).next().is_some() {
            held.push("photo in the answer");
        }
        held
    }
}

/// What must have been there for the search to mean anything.
fn place_holds(remains: &[Remains], place: &str, what: &str) {
    let mut named = remains.iter().filter(|(name, _)| name.contains(place));
    assert!(named.any(|(_, content)| finds(content, what)), "{place} does not hold {what}");
}

async fn nothing_is_left(engine: Engine) {
    let Some(mut town) = Box::pin(Town::found(engine)).await else { return };
    let shown = town.show().await;
    let document = Document::of(&town, &shown);
    let while_they_run = town.remains().await;
    town.end();
    let afterwards = town.remains().await;

    let verification = shown["verification"]["id"].as_str().unwrap();
    match engine {
        Engine::Sqlite => place_holds(&afterwards, "test.db", "verification.shown"),
        Engine::Postgres => {
            place_holds(&while_they_run, "table public.verification", verification);
            place_holds(&while_they_run, "table public.journal", "verification.shown");
        }
    }
    place_holds(&afterwards, "gateway.log", "/v1/verifications/{id}/document");
    place_holds(&afterwards, "identity.log", "VerificationService/ShowDocument");
    place_holds(&afterwards, "traces", "/v1/verifications/{id}/document");
    place_holds(&afterwards, "traces", "VerificationService/ShowDocument");
    let mut left = Vec::new();
    for (place, content) in while_they_run.iter().chain(&afterwards) {
        left.extend(document.found_in(content).into_iter().map(|what| format!("{what} in {place}")));
        // The mobile operator of a test node puts messages there.
        if !place.ends_with("dispatch.out") && finds(content, PHONE.trim_start_matches("+48")) {
            left.push(format!("phone in {place}"));
        }
    }
    assert!(left.is_empty(), "{left:#?}");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_document_shown_is_written_anywhere() {
    Box::pin(nothing_is_left(Engine::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_where_postgresql_keeps_the_databases() {
    Box::pin(nothing_is_left(Engine::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_service_held_is_wiped_and_a_crash_writes_none_of_its_memory() {
    let Some(mut town) = Box::pin(Town::found(Engine::Sqlite)).await else { return };
    let shown = town.show().await;
    let document = Document::of(&town, &shown);
    let mut held = Vec::new();
    for (service, process) in town.processes() {
        let memory = memory::of(process);
        assert!(memory.iter().map(|mapping| mapping.content.len()).sum::<usize>() > 1 << 20, "{service} has memory");
        for mapping in memory {
            held.extend(document.held_in(&mapping.content).into_iter().map(|what| format!("{what} in {service}")));
            for at in places(&mapping.content, document.surname.as_bytes()) {
                println!("a buffer of {service} holds the surname: {at:#x} in {}", mapping.name);
            }
        }
        let filter = std::fs::read_to_string(format!("/proc/{process}/coredump_filter")).unwrap();
        assert_eq!(filter.trim(), "00000000", "{service}");
    }
    assert!(held.is_empty(), "{held:#?}");

    // Core text is written where the system is told to write it, and here it may be as long as it likes.
    for core in town.crash() {
        println!("{} wrote core text: {}, {} bytes of it here", core.service, core.written, core.text.len());
        assert!(core.text.len() < 1 << 20, "{}: {} bytes of core text", core.service, core.text.len());
        assert!(document.found_in(&core.text).is_empty(), "{}: {:?}", core.service, document.found_in(&core.text));
    }
    town.close().await;
}

#[test]
fn the_search_tells_what_a_service_held_from_what_passed_through_a_buffer() {
    let photo = straznica_simulators::registers::portrait(1);
    let document = Document { canaries: Vec::new(), photo: photo.clone(), surname: "Nobody" };
    let of_its_own = [&[0; 8][..], &[0xa1, 0x03, 0, 0, 0, 0, 0, 0], &photo].concat();
    assert_eq!(document.held_in(&of_its_own), ["photo"]);
    let answer = format!("{{\"photo\":\"{}\"}}", BASE64_STANDARD.encode(&photo));
    assert_eq!(document.held_in(answer.as_bytes()), ["photo in the answer"]);
    let in_a_buffer = [&[0; 5][..], b"67910700109R", &[0xca, 0x05], &photo].concat();
    assert!(document.held_in(&in_a_buffer).is_empty());
}
