//! The interface as WSDL 1.1, for a partner who builds its client from it.

use std::fmt::Write as _;

use super::encode::escaped;
use crate::code::CodeSet;
use crate::operation::Operation;
use crate::profile::Profile;

/// How every description begins.
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/""#;

/// What a message consists of.
enum Part {
    /// An element of a type of XML Schema.
    Field(&'static str, &'static str),
    /// The same, which may be absent.
    Optional(&'static str, &'static str),
    /// certificateSequence, which may be absent.
    Certificates,
    /// An element with one word of a set.
    Code(&'static str, CodeSet),
}

use Part::{Certificates, Code, Field, Optional};

const CALLER: Part = Field("callerID", "string");
const MESSAGE: Part = Field("messageID", "string");

/// The parts of a request.
const fn request(operation: Operation) -> &'static [Part] {
    match operation {
        Operation::RequestCertificate => &[CALLER, MESSAGE, Field("certificateRequest", "base64Binary")],
        Operation::SendCertificates => {
            &[CALLER, Optional("messageID", "string"), Certificates, Code("statusInfo", CodeSet::StatusInfo)]
        }
        Operation::GetCaCertificates => &[CALLER, MESSAGE],
        Operation::GeneralMessage => &[CALLER, MESSAGE, Field("subject", "string"), Field("body", "string")],
    }
}

/// The parts of an answer.
const fn response(operation: Operation) -> &'static [Part] {
    match operation {
        Operation::RequestCertificate => &[Certificates, Code("result", CodeSet::RequestCertificate)],
        Operation::SendCertificates => &[Code("result", CodeSet::SendCertificates)],
        Operation::GetCaCertificates => &[Certificates, Code("result", CodeSet::GetCaCertificates)],
        Operation::GeneralMessage => &[Code("result", CodeSet::GeneralMessage)],
    }
}

/// Describes the interface as a profile has it, with its codes, served at `address`.
#[must_use]
pub fn wsdl(profile: &Profile, address: &str) -> String {
    let mut text = String::with_capacity(12 * 1024);
    // Writing to a String cannot fail.
    let _ = write_wsdl(&mut text, profile, address);
    text
}

fn write_wsdl(out: &mut String, profile: &Profile, address: &str) -> std::fmt::Result {
    let namespace = profile.namespace();
    writeln!(
        out,
        "{HEAD} xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:SPOC=\"{namespace}\" \
        targetNamespace=\"{namespace}\">"
    )?;
    let verified = if profile.verified() { "" } else { " (unverified)" };
    let documentation = escaped(profile.note());
    writeln!(out, "<wsdl:documentation>Profile {}{verified}: {documentation}</wsdl:documentation>", profile.name())?;
    writeln!(
        out,
        "<wsdl:types><xs:schema xmlns=\"{namespace}\" targetNamespace=\"{namespace}\" \
        elementFormDefault=\"qualified\" attributeFormDefault=\"unqualified\">"
    )?;
    writeln!(
        out,
        "<xs:element name=\"certificateSequence\"><xs:complexType><xs:sequence><xs:element name=\"certificate\" \
        type=\"xs:base64Binary\" minOccurs=\"1\" maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType></xs:element>"
    )?;
    for operation in Operation::ALL {
        element(out, &format!("{operation}Request"), request(operation), profile)?;
        element(out, &format!("{operation}Response"), response(operation), profile)?;
    }
    writeln!(out, "</xs:schema></wsdl:types>")?;
    for operation in Operation::ALL {
        for name in [format!("{operation}Request"), format!("{operation}Response")] {
            writeln!(
                out,
                "<wsdl:message name=\"{name}\"><wsdl:part name=\"{name}\" element=\"SPOC:{name}\"/></wsdl:message>"
            )?;
        }
    }
    writeln!(out, "<wsdl:portType name=\"SPOCPortType\">")?;
    for operation in Operation::ALL {
        writeln!(
            out,
            "<wsdl:operation name=\"{operation}\"><wsdl:input message=\"SPOC:{operation}Request\"/>\
            <wsdl:output message=\"SPOC:{operation}Response\"/></wsdl:operation>"
        )?;
    }
    writeln!(
        out,
        "</wsdl:portType>\n<wsdl:binding name=\"SPOCSOAPBinding\" type=\"SPOC:SPOCPortType\">\n\
        <soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>"
    )?;
    for operation in Operation::ALL {
        writeln!(
            out,
            "<wsdl:operation name=\"{operation}\"><soap:operation soapAction=\"{operation}\"/>\
            <wsdl:input><soap:body parts=\"{operation}Request\" use=\"literal\"/></wsdl:input>\
            <wsdl:output><soap:body parts=\"{operation}Response\" use=\"literal\"/></wsdl:output></wsdl:operation>"
        )?;
    }
    writeln!(
        out,
        "</wsdl:binding>\n<wsdl:service name=\"SPOC\"><wsdl:port name=\"SPOCPort\" binding=\"SPOC:SPOCSOAPBinding\">\
        <soap:address location=\"{}\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>",
        escaped(address)
    )
}

fn element(out: &mut String, name: &str, parts: &[Part], profile: &Profile) -> std::fmt::Result {
    writeln!(out, "<xs:element name=\"{name}\"><xs:complexType><xs:sequence>")?;
    for part in parts {
        match part {
            Field(name, kind) => writeln!(out, "<xs:element name=\"{name}\" type=\"xs:{kind}\"/>")?,
            Optional(name, kind) => {
                writeln!(out, "<xs:element name=\"{name}\" type=\"xs:{kind}\" minOccurs=\"0\" maxOccurs=\"1\"/>")?;
            }
            Certificates => writeln!(out, "<xs:element ref=\"certificateSequence\" minOccurs=\"0\" maxOccurs=\"1\"/>")?,
            Code(name, set) => {
                writeln!(out, "<xs:element name=\"{name}\"><xs:simpleType><xs:restriction base=\"xs:string\">")?;
                for word in profile.vocabulary(*set) {
                    writeln!(out, "<xs:enumeration value=\"{word}\"/>")?;
                }
                writeln!(out, "</xs:restriction></xs:simpleType></xs:element>")?;
            }
        }
    }
    writeln!(out, "</xs:sequence></xs:complexType></xs:element>")
}

#[cfg(test)]
mod tests;
