//! The key of the exchange's TLS identity.

use straznica_contracts::spoc::v1::CreateExchangeTlsKeyRequest;
use straznica_spoc::Migrations;
use straznica_store::on_both_engines;
use x509_parser::{certification_request::X509CertificationRequest, prelude::FromDer};

use super::house::{House, OFFICER, code, desk};

on_both_engines! { Migrations;
    async fn an_operator_gets_the_request_of_a_key_made_in_the_store(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let ask = |host: &str, common_name: &str| CreateExchangeTlsKeyRequest {
            context: desk(OFFICER),
            organisation: "Straż Graniczna".to_owned(),
            common_name: common_name.to_owned(),
            host: host.to_owned(),
        };
        let made = node.pki().create_exchange_tls_key(ask("spoc.example.pl", "SPOC Poland")).await.unwrap().into_inner();
        let (_, request) = X509CertificationRequest::from_der(&made.certificate_request).unwrap();
        request.verify_signature().unwrap();
        let name = request.certification_request_info.subject.to_string();
        assert_eq!(name, "C=PL, O=Straż Graniczna, CN=SPOC Poland");
        let file = house.config.keystore.directory.join(format!("{}.key", made.key_handle));
        assert!(made.key_handle.starts_with("tls/") && file.exists());
        let keys = || std::fs::read_dir(house.config.keystore.directory.join("tls")).unwrap().count();
        assert_eq!(keys(), 1);

        for (host, common_name) in [("spöc.example.pl", "SPOC"), ("", "SPOC"), ("spoc.example.pl", ""), ("spoc.example.pl", "a\nb")] {
            let refusal = node.pki().create_exchange_tls_key(ask(host, common_name)).await.unwrap_err();
            assert_eq!(code(&refusal), "spoc.field_missing", "{host} {common_name}");
        }
        assert_eq!(keys(), 1, "a refused request leaves no key");
        node.end().await;
        let entries = house.journal().await;
        assert_eq!(entries.iter().filter(|kind| *kind == "exchange_tls_key.created").count(), 1);
    }
}
