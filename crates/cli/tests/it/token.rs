//! The demonstration with its keys in a token: whose keys are in it, how they are protected, and that none is in a file.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use straznica_testkit::on_softhsm;

use super::{lines, path, status, straznica};

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

/// Every private key of the token by owner and role; each has its public half, does not leave the token and cannot be read.
fn keys_in_token(module: &Path) -> BTreeMap<(String, String), usize> {
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
    let public: Vec<String> = labels(ObjectClass::PUBLIC_KEY).into_iter().map(|(_, label)| label).collect();
    let private = labels(ObjectClass::PRIVATE_KEY);
    assert_eq!(public.len(), private.len());
    let mut count = BTreeMap::new();
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
        *count.entry(owner_and_role(&label)).or_default() += 1;
    }
    count
}

/// Every file and directory below `folder`.
fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
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
        let output = straznica(&[&demo[..], &token].concat());
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
        assert_eq!(keys_in_token(module), expected);

        let kept = below(Path::new(&data));
        for node in ["spoc.db", "partners/UT/spoc.db", "partners/XB/spoc.db"] {
            assert!(kept.contains(&Path::new(&data).join(node)), "{node} is not in {kept:?}");
        }
        let key_stores: Vec<_> =
            kept.iter().filter(|entry| entry.file_name().is_some_and(|name| name == "spoc-keys")).collect();
        assert!(key_stores.is_empty(), "keys in files: {key_stores:?}");
    });
}
