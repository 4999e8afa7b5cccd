use std::collections::BTreeMap;

use super::wsdl;
use crate::profile::Catalogue;
use crate::soap::xml::{self, Element};

const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";

/// What a description says, line by line, whatever its white space, prefixes and order of attributes.
fn outline(document: &str) -> Vec<String> {
    let mut lines = Vec::new();
    say(&xml::read(document.as_bytes(), 1 << 20).unwrap(), 0, &mut lines);
    lines
}

fn say(element: &Element, depth: usize, lines: &mut Vec<String>) {
    if element.is(WSDL, "documentation") {
        return;
    }
    let kind = match element.namespace.as_str() {
        SCHEMA => "xs",
        WSDL => "wsdl",
        SOAP => "soap",
        other => other,
    };
    let attributes: BTreeMap<_, _> = element
        .attributes
        .iter()
        .filter(|one| one.name != "location")
        .map(|one| (one.name.as_str(), one.value.as_str()))
        .collect();
    lines.push(format!("{}{kind}:{} {attributes:?}", " ".repeat(depth), element.name));
    for child in &element.children {
        say(child, depth + 1, lines);
    }
}

#[test]
fn the_description_of_2009_says_what_the_published_one_says() {
    let Some(vectors) = straznica_testkit::vectors() else { return };
    let published = std::fs::read_to_string(vectors.join("wsdl/csn369791-2009-spoc.wsdl.xml")).unwrap();
    let profile = Catalogue::built_in().unwrap().get("2009").unwrap().clone();
    let (published, ours) = (outline(&published), outline(&wsdl(&profile, "https://spoc.example/SPOC")));
    assert!(published.len() > 100);
    assert_eq!(published, ours);
}

#[test]
fn the_description_of_an_unverified_profile_says_so() {
    let profile = Catalogue::built_in().unwrap().get("2018").unwrap().clone();
    let text = wsdl(&profile, "https://spoc.example/SPOC?a=1&b=2");
    assert!(text.contains("Profile 2018 (unverified)"));
    assert!(text.contains("location=\"https://spoc.example/SPOC?a=1&amp;b=2\""));
}

#[test]
fn the_icao_description_has_that_editions_namespace_and_codes() {
    let profile = Catalogue::built_in().unwrap().get("icao").unwrap().clone();
    let lines = outline(&wsdl(&profile, "https://spoc.example/SPOC"));
    let says = |what: &str| lines.iter().any(|line| line.contains(what));
    assert!(says("http://namespaces.icao.int/lds2"));
    for code in ["failure_domain_parameters", "failure_certificate", "new_cert_available_notification"] {
        assert!(says(code), "{code}");
    }
    assert!(!says("new_cer_available_notification"));
}
