//! Who may call which RPC: calls.toml, checked when compiled.

use std::fmt;

/// Somebody who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Any peer with a trusted certificate.
    AnyPeer,
    /// The service of this name.
    Service(&'static str),
    /// An operator with a certificate of their own.
    Operator,
    /// A security officer: reads journals.
    SecurityOfficer,
    /// Another authority that reads the alien registry, by a profile.
    Consumer,
    /// A body that is consulted about aliens.
    Consulted,
    /// Another state's SPOC, on the exchange's own port; nobody of the suite.
    Partner,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyPeer => f.write_str("any"),
            Self::Service(name) => write!(f, "service/{name}"),
            Self::Operator => f.write_str("operator/*"),
            Self::SecurityOfficer => f.write_str("security-officer/*"),
            Self::Consumer => f.write_str("consumer/*"),
            Self::Consulted => f.write_str("consulted/*"),
            Self::Partner => f.write_str("partner/*"),
        }
    }
}

/// One row: an RPC as one service serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The service that answers; `*` stands for every one.
    pub host: &'static str,
    /// `package.Service/Method`.
    pub rpc: &'static str,
    /// Who may call; nobody where empty.
    pub callers: &'static [Caller],
}

/// Host that stands for every service.
pub const EVERY_HOST: &str = "*";

/// Sections of adapters before systems outside of the suite: what they may be asked stands there once, for all of a kind. An adapter is called `<section>-<system>`,
/// e.g. `sources-srp` (a state register), `alerts-sis` (a source of alerts), `consultation-vismail` (a network of states).
pub const ADAPTERS: [&str; 3] = ["alerts", "consultation", "sources"];

/// The section of calls.toml a host answers by.
fn section(host: &str) -> &str {
    match host.split_once('-') {
        Some((section, system)) if ADAPTERS.contains(&section) && !system.is_empty() => section,
        _ => host,
    }
}

/// All rows, by host and RPC.
pub static CALLS: &[Call] = include!(concat!(env!("OUT_DIR"), "/calls.rs"));

/// The RPC a request's path names, `package.Service/Method`, if any contract or the table knows it: safe to stand in a metric.
pub fn known(path: &str) -> Option<&'static str> {
    let rpc = path.strip_prefix('/')?;
    CALLS.iter().find(|call| call.rpc == rpc).map(|call| call.rpc)
}

/// Who may call this RPC at this service. `path` is the request's path, `/package.Service/Method`. Nobody if there is no row.
pub fn callers(host: &str, path: &str) -> &'static [Caller] {
    let Some(rpc) = path.strip_prefix('/') else { return &[] };
    let host = section(host);
    CALLS
        .iter()
        .find(|call| call.rpc == rpc && (call.host == host || call.host == EVERY_HOST))
        .map_or(&[], |call| call.callers)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    /// `package.Service/Method` of every contract of ours.
    fn rpcs() -> BTreeSet<String> {
        let set = FileDescriptorSet::decode(crate::FILE_DESCRIPTOR_SET).unwrap();
        let mut rpcs = BTreeSet::new();
        for file in &set.file {
            for service in &file.service {
                let methods = service.method.iter().map(|method| method.name());
                rpcs.extend(methods.map(|method| format!("{}.{}/{method}", file.package(), service.name())));
            }
        }
        assert!(rpcs.len() > 30, "the descriptor set is not empty");
        rpcs
    }

    fn hosts() -> BTreeSet<&'static str> {
        CALLS.iter().map(|call| call.host).filter(|host| *host != EVERY_HOST).collect()
    }

    /// The services that must answer an RPC: the one its package names; all of them for the journal's, but for adapters, which have no database.
    fn hosts_of(rpc: &str) -> Vec<&'static str> {
        let service = rpc.split('.').nth(1).unwrap();
        hosts()
            .into_iter()
            .filter(|host| service == *host || (service == "journal" && !ADAPTERS.contains(host)))
            .collect()
    }

    #[test]
    fn every_rpc_has_a_row_at_every_service_that_serves_it() {
        for rpc in rpcs() {
            let hosts = hosts_of(&rpc);
            assert!(!hosts.is_empty(), "{rpc}: no section of calls.toml is for its service");
            for host in hosts {
                assert!(CALLS.iter().any(|call| call.host == host && call.rpc == rpc), "[{host}] {rpc} has no row");
            }
        }
    }

    #[test]
    fn every_row_names_an_rpc_of_that_service() {
        let rpcs = rpcs();
        for call in CALLS.iter().filter(|call| call.host != EVERY_HOST) {
            assert!(rpcs.contains(call.rpc), "{} is in no contract", call.rpc);
            assert!(hosts_of(call.rpc).contains(&call.host), "{} is not served by {}", call.rpc, call.host);
        }
        for call in CALLS.iter().filter(|call| call.host == EVERY_HOST) {
            assert!(call.rpc.starts_with("grpc."), "{}: only health and reflection are everywhere the same", call.rpc);
        }
    }

    #[test]
    fn callers_that_are_services_exist() {
        let hosts = hosts();
        for call in CALLS {
            for caller in call.callers {
                if let Caller::Service(name) = caller {
                    assert!(hosts.contains(name), "{} may be called by unknown {caller}", call.rpc);
                    assert_ne!(*name, call.host, "{} by itself", call.rpc);
                }
            }
        }
    }

    #[test]
    fn calls_between_services_form_no_cycle() {
        let mut calls_to: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for call in CALLS {
            for caller in call.callers {
                if let Caller::Service(name) = caller {
                    calls_to.entry(name).or_default().insert(call.host);
                }
            }
        }
        assert!(calls_to["gateway"].contains("spoc"));
        // Take away those who call nobody that is left, until nobody is left.
        while !calls_to.is_empty() {
            let left: BTreeSet<&str> = calls_to.keys().copied().collect();
            let before = calls_to.len();
            calls_to.retain(|_, called| called.iter().any(|host| left.contains(host)));
            assert!(calls_to.len() < before, "cycle among {left:?}");
        }
    }

    #[test]
    fn an_rpc_without_a_row_has_no_callers() {
        assert_eq!(
            callers("spoc", "/straznica.spoc.v1.TerminalControlCentreService/OpenInspection"),
            [Caller::Service("identity")]
        );
        assert_eq!(callers("identity", "/straznica.spoc.v1.TerminalControlCentreService/OpenInspection"), []);
        assert_eq!(callers("spoc", "straznica.spoc.v1.TerminalControlCentreService/OpenInspection"), []);
        assert_eq!(callers("spoc", "/straznica.spoc.v1.TerminalControlCentreService/OpenInspection/"), []);
        assert_eq!(callers("spoc", "/"), []);
        assert_eq!(callers("hotel-base", "/grpc.health.v1.Health/Check"), [Caller::AnyPeer]);
        let lookup = "/straznica.sources.v1.RegisterService/Lookup";
        assert_eq!(callers("sources-srp", lookup), [Caller::Service("identity")]);
        for no_adapter in ["spoc", "sources-", "sourcessrp", "srp"] {
            assert_eq!(callers(no_adapter, lookup), [], "{no_adapter}");
        }
        let query = "/straznica.alerts.v1.AlertSourceService/QueryPerson";
        assert_eq!(callers("alerts-sis", query), [Caller::Service("registry")]);
        assert_eq!(callers("sources-sis", query), []);
    }

    #[test]
    fn the_error_crates_messages_are_those_of_the_contract() {
        let set = FileDescriptorSet::decode(crate::FILE_DESCRIPTOR_SET).unwrap();
        let file = set.file.iter().find(|file| file.name() == "straznica/common/v1/error.proto").unwrap();
        let fields = |name: &str| -> Vec<_> {
            let message = file.message_type.iter().find(|message| message.name() == name).unwrap();
            message.field.iter().map(|field| (field.number(), field.name().to_owned(), field.r#type())).collect()
        };
        use prost_types::field_descriptor_proto::Type;
        let text = |number, name: &str| (number, name.to_owned(), Type::String);
        assert_eq!(
            fields("ErrorDetail"),
            [
                text(1, "code"),
                text(2, "title"),
                text(3, "detail"),
                text(4, "class"),
                (5, "retry_after_ms".to_owned(), Type::Int64),
                (6, "errors".to_owned(), Type::Message),
            ]
        );
        assert_eq!(fields("FieldError"), [text(1, "pointer"), text(2, "detail")]);
        assert_eq!(<crate::common::v1::ErrorDetail as prost::Name>::full_name(), "straznica.common.v1.ErrorDetail");
    }
}
