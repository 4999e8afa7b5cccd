//! The registration of a partner as an operator writes it down: TOML, with the certificates as files beside it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use straznica_contracts::spoc::v1::{EnteredRoot, PartnerCvca, Registration};

use super::{SpocError, when};
use crate::command::files;

/// A commented registration to fill in.
pub(super) const EXAMPLE: &str = include_str!("registration.toml");

/// A registration that does not say what it has to.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct RegistrationError {
    path: PathBuf,
    source: Box<toml::de::Error>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    country: String,
    name: String,
    binding: String,
    profile: String,
    url: String,
    email: String,
    #[serde(default)]
    contacts: Vec<String>,
    answers: String,
    document_years: u32,
    use_from: Option<String>,
    use_until: Option<String>,
    #[serde(default)]
    root: Vec<Root>,
    #[serde(default)]
    cvca: Vec<Cvca>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    certificate: PathBuf,
    use_from: Option<String>,
    use_until: Option<String>,
    #[serde(default)]
    bindings: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cvca {
    name: String,
    document_types: String,
    #[serde(default)]
    replaces: String,
}

/// Reads a registration and the certificates it names.
pub(super) fn read(path: &Path) -> Result<Registration, SpocError> {
    let text = String::from_utf8_lossy(&files::read(path)?).into_owned();
    let file: File = toml::from_str(&text)
        .map_err(|source| RegistrationError { path: path.to_owned(), source: Box::new(source) })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let roots = file.root.into_iter().map(|root| entered(folder, root)).collect::<Result<_, SpocError>>()?;
    let cvcas = file.cvca.into_iter().map(|cvca| PartnerCvca {
        name: cvca.name,
        document_types: cvca.document_types,
        replaces: cvca.replaces,
    });
    Ok(Registration {
        country: file.country,
        name: file.name,
        binding: file.binding,
        profile: file.profile,
        url: file.url,
        email: file.email,
        contacts: file.contacts,
        answers: file.answers,
        document_years: file.document_years,
        use_from_ms: when::read_some(file.use_from.as_ref())?,
        use_until_ms: when::read_some(file.use_until.as_ref())?,
        roots,
        cvcas: cvcas.collect(),
    })
}

fn entered(folder: &Path, root: Root) -> Result<EnteredRoot, SpocError> {
    let path = folder.join(&root.certificate);
    Ok(EnteredRoot {
        certificate: files::decode(&path, files::read(&path)?)?,
        use_from_ms: when::read_some(root.use_from.as_ref())?,
        use_until_ms: when::read_some(root.use_until.as_ref())?,
        bindings: root.bindings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Registration, SpocError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("utopia-spoc-root.cer"), [0x30, 0]).unwrap();
        let path = folder.path().join("utopia.toml");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn the_example_is_a_registration() {
        let registration = read_text(EXAMPLE).unwrap();
        assert_eq!((registration.country.as_str(), registration.binding.as_str()), ("UT", "grpc"));
        assert_eq!(registration.roots[0].certificate, [0x30, 0], "found beside the file");
        assert_eq!(registration.cvcas[0].name, "UTCVCA");
        assert_eq!(registration.use_from_ms, Some(1_798_761_600_000));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file() {
        for (from, to, named) in [
            ("document_years", "document_year", "document_year"),
            ("2027-01-01", "soon", "soon"),
            ("utopia-spoc-root.cer", "nowhere.cer", "nowhere.cer"),
            ("country = \"UT\"", "", "country"),
        ] {
            let refused = read_text(&EXAMPLE.replace(from, to)).unwrap_err().to_string();
            assert!(refused.contains(named), "{refused}");
        }
    }
}
