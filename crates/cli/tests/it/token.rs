//! The demonstration with its keys in a token: whose keys are in it, how they are protected, and that none is in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use emrtd::x509::Certificate;
use straznica_testkit::on_softhsm;

use super::{lines, path, status, straznica_watched};

const TOKEN: &str = "demonstration";

fn label_of(session: &Session, object: ObjectHandle) -> String {
    match &session.get_attributes(object, &[AttributeType::Label]).unwrap()[..] {
        [Attribute::Label(label)] => String::from_utf8(label.clone()).unwrap(),
        other => panic!("an object without a label: {other:?}"),
    }
}

/// Whose key and of which role, by a label such as `straznica-key-1 test PL is/0197… id-TA-ECDSA-SHA-256`.
fn owner_and_role(label: &str) -> (String, String) {
    let words: Vec<&str> = label.split(' ').collect();
    let [kind, environment, country, handle, _algorithm] = words[..] else { panic!("{label}") };
    assert_eq!((kind, environment), ("straznica-key-1", "test"), "{label}");
    (country.to_owned(), handle.split('/').next().unwrap().to_owned())
}

/// What the token holds.
struct Held {
    /// How many private keys, by owner and role.
    keys: BTreeMap<(String, String), usize>,
    /// Points of the public halves of keys for TLS, uncompressed.
    tls_points: BTreeSet<Vec<u8>>,
}

/// Every private key of the token; each has its public half, does not leave the token and cannot be read.
fn keys_in_token(module: &Path) -> Held {
    let module = Pkcs11::new(module).unwrap();
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slots = module.get_slots_with_initialized_token().unwrap();
    let slot = slots.into_iter().find(|slot| module.get_token_info(*slot).unwrap().label() == TOKEN).unwrap();
    let session = module.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::from("1234"))).unwrap();
    let labels = |class: ObjectClass| -> Vec<(ObjectHandle, String)> {
        let found = session.find_objects(&[Attribute::Class(class), Attribute::Token(true)]).unwrap();
        found.into_iter().map(|object| (object, label_of(&session, object))).collect()
    };
    let halves = labels(ObjectClass::PUBLIC_KEY);
    let for_tls = halves.iter().filter(|(_, label)| owner_and_role(label).1 == "tls");
    let tls_points = for_tls.map(|(object, _)| point_of(&session, *object)).collect();
    let public: Vec<String> = halves.into_iter().map(|(_, label)| label).collect();
    let private = labels(ObjectClass::PRIVATE_KEY);
    assert_eq!(public.len(), private.len());
    let mut keys = BTreeMap::new();
    for (key, label) in private {
        assert!(public.contains(&label), "{label} has no public half");
        let expected = [
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::NeverExtractable(true),
            Attribute::Local(true),
        ];
        let asked: Vec<AttributeType> = expected.iter().map(Attribute::attribute_type).collect();
        assert_eq!(session.get_attributes(key, &asked).unwrap(), expected, "{label}");
        *keys.entry(owner_and_role(&label)).or_default() += 1;
    }
    Held { keys, tls_points }
}

/// The point of a public key: 65 octets of P-256, in the token within an OCTET STRING.
fn point_of(session: &Session, object: ObjectHandle) -> Vec<u8> {
    match &session.get_attributes(object, &[AttributeType::EcPoint]).unwrap()[..] {
        [Attribute::EcPoint(written)] => written.strip_prefix(&[0x04, 0x41]).expect("a point of P-256").to_vec(),
        other => panic!("no point: {other:?}"),
    }
}

/// What lay in the directories the states keep their SPOC credentials in while they run; these are gone when the demonstration ends.
#[derive(Default)]
struct Credentials {
    /// By state's directory and file, the last whole content.
    files: BTreeMap<(String, String), String>,
}

impl Credentials {
    fn look(&mut self, temporary: &Path) {
        for entry in below(temporary) {
            let Some(state) = entry.parent().and_then(Path::file_name).and_then(|name| name.to_str()) else { continue };
            let Some(file) = entry.file_name().and_then(|name| name.to_str()) else { continue };
            if !state.starts_with("straznica-spoc-") {
                continue;
            }
            // it may be gone again, or half written
            if let Ok(text) = std::fs::read_to_string(&entry)
                && text.contains("-----END ")
            {
                self.files.insert((state.to_owned(), file.to_owned()), text);
            }
        }
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.iter().filter(move |((_, file), _)| file == name).map(|(_, text)| text.as_str())
    }
}

/// The point of the first certificate of a chain, PEM: the end of its key.
fn point_of_leaf(pem: &str) -> Vec<u8> {
    let body = pem.split("-----").nth(2).unwrap().replace('\n', "");
    let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    let key = Certificate::parse(&der).unwrap().spki().to_vec();
    key[key.len() - 65..].to_vec()
}

/// Every file and directory below `folder`.
fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    // a directory of a process that runs may be gone by now
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.filter_map(Result::ok).map(|entry| entry.path());
    entries
        .flat_map(|entry| if entry.is_dir() { [vec![entry.clone()], below(&entry)].concat() } else { vec![entry] })
        .collect()
}

#[test]
fn the_demonstration_holds_with_every_key_of_three_states_in_a_token() {
    on_softhsm(&[TOKEN], |module| {
        let folder = tempfile::tempdir().unwrap();
        let (data, pin) = (path(folder.path(), "data"), path(folder.path(), "pin"));
        std::fs::write(&pin, "1234").unwrap();
        std::fs::set_permissions(&pin, std::fs::Permissions::from_mode(0o600)).unwrap();
        let module_path = module.to_str().unwrap();
        let demo = ["demo", "--json", "--data-dir", &data];
        let token = ["--token-module", module_path, "--token-label", TOKEN, "--token-pin-file", &pin];
        let temporary = folder.path().join("temporary");
        std::fs::create_dir(&temporary).unwrap();
        let mut credentials = Credentials::default();
        let output = straznica_watched(&[&demo[..], &token].concat(), &temporary, || credentials.look(&temporary));
        assert_eq!(status(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        assert!(lines(&output).all(|line| line["ok"] == true));

        // Utopia has two generations of its CVCA; it and Borduria ask nobody for certificates. Borduria speaks SOAP alone, whose key is a file.
        let expected = [
            ("PL", "cvca", 1),
            ("PL", "dv", 1),
            ("PL", "is", 1),
            ("PL", "tls", 1),
            ("UT", "cvca", 2),
            ("UT", "tls", 1),
            ("XB", "cvca", 1),
        ];
        let expected: BTreeMap<_, _> =
            expected.into_iter().map(|(owner, role, keys)| ((owner.to_owned(), role.to_owned()), keys)).collect();
        let held = keys_in_token(module);
        assert_eq!(held.keys, expected);

        // The states' SPOC credentials: the key that belongs to a gRPC certificate is the token's, and no file beside it has one.
        let files: BTreeSet<&str> = credentials.files.keys().map(|(_, file)| file.as_str()).collect();
        assert_eq!(
            files,
            BTreeSet::from(["grpc.pem", "soap.key", "soap.pem"]),
            "the only key in a file is that of SOAP"
        );
        let leaves: BTreeSet<Vec<u8>> = credentials.named("grpc.pem").map(point_of_leaf).collect();
        assert_eq!((leaves.len(), &leaves), (2, &held.tls_points), "Poland's and Utopia's");
        for (file, text) in &credentials.files {
            assert!(file.1 == "soap.key" || !text.contains("PRIVATE KEY"), "{file:?}");
        }
        assert!(credentials.named("soap.key").all(|text| text.contains("BEGIN ENCRYPTED PRIVATE KEY")));

        let kept = below(Path::new(&data));
        for node in ["spoc.db", "partners/UT/spoc.db", "partners/XB/spoc.db"] {
            assert!(kept.contains(&Path::new(&data).join(node)), "{node} is not in {kept:?}");
        }
        let key_stores: Vec<_> =
            kept.iter().filter(|entry| entry.file_name().is_some_and(|name| name == "spoc-keys")).collect();
        assert!(key_stores.is_empty(), "keys in files: {key_stores:?}");
    });
}
