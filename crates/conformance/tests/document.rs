//! The published list is the list that is run.

use std::path::Path;

use straznica_conformance::report;

#[test]
fn the_published_list_is_the_one_that_is_run() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    let list = report::list();
    if std::env::var_os("STRAZNICA_WRITE_DOCUMENTS").is_some() {
        std::fs::write(&path, &list).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == list, "docs/conformance.md is not the list: run this test with STRAZNICA_WRITE_DOCUMENTS=1");
}
