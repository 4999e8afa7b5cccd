//! Compiles proto/ with protox (nobody needs protoc) and turns calls.toml into a table the compiler has checked.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use prost::Message as _;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let home = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let protos = home.join("../../proto");
    println!("cargo::rerun-if-changed={}", protos.display());
    println!("cargo::rerun-if-changed=calls.toml");

    let files = proto_files(&protos)?;
    let set = protox::compile(&files, [&protos])?;
    fs::write(out.join("descriptor_set.bin"), set.encode_to_vec())?;

    let mut config = prost_build::Config::new();
    config.enable_type_names();
    // The error crate stands below this one and has these by hand; a test compares them with the contract.
    config.extern_path(".straznica.common.v1.ErrorDetail", "::straznica_error::ErrorDetail");
    config.extern_path(".straznica.common.v1.FieldError", "::straznica_error::FieldError");
    mask(&mut config, &out)?;
    tonic_prost_build::configure().build_transport(false).compile_fds_with_config(set, config)?;

    fs::write(out.join("calls.rs"), calls_table(&fs::read_to_string(home.join("calls.toml"))?)?)?;
    Ok(())
}

/// What carries PESELs, phone numbers, codes and documents: personal through and through. Each such message and oneof wipes itself when it is
/// dropped and prints as `***`. Messages by their names in the contract, oneofs as the contract and as Rust name them.
struct Masked {
    package: &'static str,
    messages: &'static [&'static str],
    oneofs: &'static [(&'static str, &'static str)],
}

const MASKED: [Masked; 5] = [
    Masked { package: "straznica.consultation.v1", messages: &["Envelope"], oneofs: &[] },
    Masked {
        package: "straznica.alerts.v1",
        messages: &[
            "QueryContext",
            "Person",
            "PersonName",
            "Document",
            "Answer",
            "Answered",
            "SourceUnavailable",
            "QueryRefused",
            "Hit",
        ],
        oneofs: &[("Answer.outcome", "answer::Outcome")],
    },
    Masked {
        package: "straznica.sources.v1",
        messages: &[
            "VisaLookupContext",
            "LookupVisasRequest",
            "LookupVisasResponse",
            "VisaDocument",
            "VisasFound",
            "NoSuchVisa",
            "Visa",
            "LookupContext",
            "LookupRequest",
            "LookupResponse",
            "Found",
            "NoSuchDocument",
            "RegisterUnavailable",
            "LookupRefused",
            "Document",
            "Holder",
            "IdentityCard",
            "DrivingLicence",
            "DrivingCategory",
            "Vehicle",
            "VehicleRegistration",
            "LiabilityInsurance",
            "TechnicalInspection",
            "VehicleCard",
            "StudentCard",
            "LargeFamilyCard",
            "PensionerCard",
            "SchoolCard",
            "CityCard",
            "LoyaltyCard",
            "PersonEntry",
            "WantedPerson",
        ],
        oneofs: &[
            ("LookupVisasRequest.criterion", "lookup_visas_request::Criterion"),
            ("LookupVisasResponse.outcome", "lookup_visas_response::Outcome"),
            ("LookupRequest.identifier", "lookup_request::Identifier"),
            ("LookupResponse.outcome", "lookup_response::Outcome"),
            ("Document.details", "document::Details"),
        ],
    },
    Masked {
        package: "straznica.identity.v1",
        messages: &[
            "OpenVerificationRequest",
            "ConfirmCodeRequest",
            "RegisterPhoneRequest",
            "ConfirmPhoneRequest",
            "ActivateDocumentsRequest",
            "WithdrawDocumentsRequest",
            "GetActivationsRequest",
            "ListAccessesRequest",
            "GetCodeLockRequest",
            "LiftCodeLockRequest",
            "Logins",
            "OidcLogin",
            "ResolveOfficialRequest",
            "ApplyInstitutionRequest",
            "GrantRoleRequest",
            "ReplaceLoginsRequest",
            "CheckByPrivilegeRequest",
            "AskCitizenRequest",
            "ResendPeerCodeRequest",
            "ConfirmPeerCodeRequest",
            "ShowPeerDocumentRequest",
            "CancelPeerCheckRequest",
            "BorderAlert",
            "BorderAlertText",
        ],
        oneofs: &[
            ("OpenVerificationRequest.criterion", "open_verification_request::Criterion"),
            ("ResolveOfficialRequest.login", "resolve_official_request::Login"),
            ("AskCitizenRequest.criterion", "ask_citizen_request::Criterion"),
        ],
    },
    Masked {
        package: "straznica.registry.v1",
        messages: &[
            "Fact",
            "Name",
            "Birth",
            "Nationality",
            "TravelDocument",
            "Address",
            "FamilyLink",
            "Vulnerability",
            "DecisionText",
            "Ground",
            "Translation",
            "PanelVote",
            "ServiceRecord",
            "AskedDocument",
            "VisaFacts",
            "PersonQuestion",
            "PersonDescription",
            "FindingReason",
            "ConsultationSubject",
            "BorderHolder",
            "BorderDocument",
            "AlertLikeness",
        ],
        oneofs: &[("Fact.fact", "fact::Fact"), ("PersonQuestion.question", "person_question::Question")],
    },
];

/// Marks the messages, and writes what makes them print as `***`.
fn mask(config: &mut prost_build::Config, out: &Path) -> Result<()> {
    const WIPED: &str = "#[derive(::zeroize::Zeroize, ::zeroize::ZeroizeOnDrop)]";
    let mut unprinted = Vec::new();
    for masked in &MASKED {
        let package = masked.package;
        for message in masked.messages {
            config.message_attribute(format!(".{package}.{message}"), WIPED);
            unprinted.push(format!(".{package}.{message}"));
            if package == "straznica.identity.v1" {
                // On whose behalf a call is made is no secret, and its message no one's to wipe.
                config.field_attribute(format!(".{package}.{message}.context"), "#[zeroize(skip)]");
            }
        }
        for (oneof, _) in masked.oneofs {
            config.enum_attribute(format!(".{package}.{oneof}"), WIPED);
        }
        let names = masked.messages.iter().copied().chain(masked.oneofs.iter().map(|(_, name)| *name));
        let text = format!("masked! {{ {} }}", names.collect::<Vec<_>>().join(", "));
        fs::write(out.join(format!("{package}.masked.rs")), text)?;
    }
    config.skip_debug(unprinted);
    Ok(())
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(proto_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// host → RPC → callers.
type Calls = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn calls_table(text: &str) -> Result<String> {
    let calls: Calls = toml::from_str(text)?;
    let mut code = String::from("&[\n");
    for (host, rows) in &calls {
        for (rpc, callers) in rows {
            let callers = callers.iter().map(|text| caller(text)).collect::<Result<Vec<_>>>()?.join(", ");
            writeln!(code, "    Call {{ host: {host:?}, rpc: {rpc:?}, callers: &[{callers}] }},")?;
        }
    }
    code.push(']');
    Ok(code)
}

fn caller(text: &str) -> Result<String> {
    match text.split_once('/') {
        None if text == "any" => Ok("Caller::AnyPeer".to_owned()),
        Some(("service", name)) if !name.is_empty() && name != "*" => Ok(format!("Caller::Service({name:?})")),
        Some(("operator", "*")) => Ok("Caller::Operator".to_owned()),
        Some(("security-officer", "*")) => Ok("Caller::SecurityOfficer".to_owned()),
        Some(("consumer", "*")) => Ok("Caller::Consumer".to_owned()),
        Some(("consulted", "*")) => Ok("Caller::Consulted".to_owned()),
        Some(("partner", "*")) => Ok("Caller::Partner".to_owned()),
        _ => Err(format!("calls.toml: {text:?} is no caller").into()),
    }
}
