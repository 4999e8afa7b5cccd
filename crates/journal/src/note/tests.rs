//! Notes against published examples, and against nonsense.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use straznica_types::{Secret, Timestamp};

use super::{Algorithm, Checkpoint, LogSigner, NoteError, SignatureLine, SignedCheckpoint, VerifierKey, WitnessSigner};

fn signer() -> LogSigner {
    LogSigner::new("log.example/journal", &Secret::new([7; 32])).unwrap()
}

fn witness() -> WitnessSigner {
    WitnessSigner::new("other.example/journal", &Secret::new([8; 32])).unwrap()
}

fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint { origin: "log.example/journal".to_owned(), size, root: [size.to_le_bytes()[0]; 32] }
}

/// The example of the Go package golang.org/x/mod/sumdb/note, which defined the format.
#[test]
fn the_published_example_of_a_signed_note_verifies() {
    let key: VerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
    assert_eq!((key.name(), key.algorithm()), ("PeterNeumann", Algorithm::Ed25519));
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let line: SignatureLine = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
        .parse()
        .unwrap();
    assert_eq!(line.key_id, key.id());
    key.verify(text.as_bytes(), &line.signature).unwrap();
    assert_eq!(key.verify(&text.as_bytes()[1..], &line.signature), Err(NoteError::BadSignature));
}

#[test]
fn a_signed_checkpoint_reads_as_the_format_says() {
    let note = signer().sign(checkpoint(3)).to_string();
    let lines: Vec<&str> = note.split('\n').collect();
    assert_eq!(lines[..4], ["log.example/journal", "3", &STANDARD.encode([3; 32]), ""]);
    assert!(lines[4].starts_with("\u{2014} log.example/journal "));
    assert_eq!(lines[5..], [""]);
}

#[test]
fn a_cosignature_covers_its_time() {
    let note = signer().sign(checkpoint(3));
    let at = Timestamp::from_millis(1_790_000_000_999);
    let mut line = witness().cosign(&note.checkpoint, at);
    let seen = note.checkpoint.verify_cosignature(witness().verifier(), &line).unwrap();
    assert_eq!(seen.millis(), 1_790_000_000_000, "whole seconds");
    line.signature[7] ^= 1;
    let outcome = note.checkpoint.verify_cosignature(witness().verifier(), &line);
    assert_eq!(outcome, Err(NoteError::BadSignature));
    line.signature.truncate(7);
    assert_eq!(note.checkpoint.verify_cosignature(witness().verifier(), &line), Err(NoteError::BadSignature));
    assert_ne!(witness().verifier().to_string(), signer().verifier().to_string());
}

#[test]
fn a_log_key_does_not_cosign_and_another_logs_key_does_not_sign() {
    let note = signer().sign(checkpoint(3));
    let other = LogSigner::new("log.example/journal", &Secret::new([9; 32])).unwrap();
    assert_eq!(note.verify_log(other.verifier()), Err(NoteError::NotSigned));
    assert_eq!(note.verify_log(witness().verifier()), Err(NoteError::NotSigned));
    let mut renamed = note.clone();
    renamed.checkpoint.origin = "other.example/journal".to_owned();
    assert_eq!(renamed.verify_log(signer().verifier()), Err(NoteError::NotSigned));
    let mut grown = note;
    grown.checkpoint.size = 4;
    assert_eq!(grown.verify_log(signer().verifier()), Err(NoteError::BadSignature));
}

#[test]
fn notes_that_are_none_are_refused() {
    let good = signer().sign(checkpoint(3)).to_string();
    let root = STANDARD.encode([3; 32]);
    let table = [
        String::new(),
        good.replace("\n\n", "\n"),
        good.trim_end().to_owned(),
        good.replace("\n3\n", "\n03\n"),
        good.replace("\n3\n", "\n-3\n"),
        good.replace("\n3\n", "\n99999999999999999999999\n"),
        good.replace(&root, &root[..40]),
        good.replace(&root, &format!("{root}\nextension")),
        good.replacen("log.example", "log example", 1),
        good.replace("\u{2014} ", "- "),
        format!("{good}\u{2014} x !!!\n"),
        format!("{good}\u{2014} x AAAA\n"),
        format!("{good}{}\n", "x".repeat(20_000)),
    ];
    for note in table {
        assert!(note.parse::<SignedCheckpoint>().is_err(), "{note:?}");
    }
    for key in [
        "",
        "a+b",
        "a+00000000+AQ==",
        "a b+00000000+AQ==",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(key.parse::<VerifierKey>(), Err(NoteError::MalformedKey), "{key:?}");
    }
}

fn nonsense() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        proptest::prop_oneof![
            proptest::strategy::Just("\n".to_owned()),
            proptest::strategy::Just("\u{2014} ".to_owned()),
            proptest::strategy::Just("log.example/journal".to_owned()),
            proptest::strategy::Just("3".to_owned()),
            proptest::strategy::Just(STANDARD.encode([3; 32])),
            proptest::strategy::Just(" ".to_owned()),
            proptest::collection::vec(any::<char>(), 0..5).prop_map(String::from_iter),
        ],
        0..16,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(size in any::<u64>(), cosigned in any::<bool>()) {
        let mut note = signer().sign(checkpoint(size));
        if cosigned {
            note.signatures.push(witness().cosign(&note.checkpoint, Timestamp::from_millis(1_790_000_000_000)));
        }
        let read: SignedCheckpoint = note.to_string().parse().unwrap();
        prop_assert_eq!(&read, &note);
        prop_assert!(read.verify_log(signer().verifier()).is_ok());
        prop_assert_eq!(read.verify_witness(witness().verifier()).is_ok(), cosigned);
        let key: VerifierKey = signer().verifier().to_string().parse().unwrap();
        prop_assert_eq!(key.to_string(), signer().verifier().to_string());
    }

    #[test]
    fn nonsense_is_refused_or_read_as_it_is_written(text in nonsense()) {
        if let Ok(read) = text.parse::<SignedCheckpoint>() {
            prop_assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn nonsense_keys_are_refused_or_read_as_they_are_written(text in "[a-z.]{0,8}\\+?[0-9a-f]{0,8}\\+?[A-Za-z0-9+/=]{0,48}") {
        if let Ok(read) = text.parse::<VerifierKey>() {
            prop_assert_eq!(read.to_string(), text);
        }
    }
}
