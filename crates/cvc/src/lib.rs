//! Card verifiable certificates of BSI TR-03110-3: parse, verify, issue

pub mod domain_parameters;
