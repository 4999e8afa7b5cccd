//! Trust as terminals ask for it.

use http::Method;
use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::{doubles::Asked, house::House};

on_both_engines! {
    NoMigrations;

    async fn a_list_is_sent_once_and_then_only_confirmed(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let tag = format!("\"{}\"", "07".repeat(32));
        for path in ["/v1/trust/master-list", "/v1/trust/defect-list"] {
            let list = terminal.get(path).await;
            assert_eq!((list.status.as_u16(), list.header("etag")), (200, tag.as_str()));
            assert_eq!((list.header("content-type"), list.header("cache-control")), ("application/cms", "private, no-cache"));
            assert_eq!(&list.body[..], b"a signed list");

            let stale = format!("\"{}\"", "08".repeat(32));
            for (condition, status) in [(tag.as_str(), 304), (&format!("{stale}, {tag}"), 304), ("*", 304), (&stale, 200), ("\"x\"", 200)] {
                let answer = terminal.send(Method::GET, path, &[("if-none-match", condition)], "").await;
                assert_eq!((answer.status.as_u16(), answer.header("etag")), (status, tag.as_str()), "{condition}");
                assert_eq!(answer.body.is_empty(), status == 304, "{condition}");
            }
        }
        let asked = house.spoc.script.take();
        assert!(matches!(&asked[0], Asked::MasterList(request) if request.known_sha256.is_empty()));
        assert!(matches!(&asked[1], Asked::MasterList(request) if request.known_sha256 == [7; 32]));
        assert!(matches!(&asked[6], Asked::DefectList(request) if request.known_sha256.is_empty()));
        house.end().await;
    }

    async fn what_is_known_of_a_document_signer_is_told(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let known = terminal.post("/v1/trust/document-signer", &json!({"certificate": "MAA="})).await;
        assert_eq!(known.json(), json!({
            "status": "certificate_invalid", "reasons": ["revoked"], "signerNotBefore": "2024-03-01", "signerNotAfter": "2034-06-30",
            "signatureState": "valid", "defects": [], "generation": 42,
        }));
        let asked = house.spoc.script.take();
        assert!(matches!(&asked[..], [Asked::DocumentSigner(request)] if request.certificate == [0x30, 0]));
        house.end().await;
    }

    async fn the_summary_says_whose_fingerprints_can_be_opened(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let summary = terminal.get("/v1/trust/summary").await.json();
        assert_eq!((&summary["cscas"], &summary["changedAt"]), (&json!(588), &json!("2026-05-28T09:30:00.000Z")));
        assert_eq!(summary["cvcas"], json!([{"name": "UTCVCA", "newestChr": "UTCVCA00005", "ready": true, "expires": "2026-06-14"}]));
        house.end().await;
    }
}
