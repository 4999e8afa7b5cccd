//! The interface described.

use std::{env, fs, path::Path};

use straznica_store::{NoMigrations, on_both_engines};

use super::house::House;

#[test]
fn the_committed_description_is_the_one_the_code_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi/gateway.json");
    let made = serde_json::to_string_pretty(&straznica_gateway::openapi()).unwrap() + "\n";
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &made).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert!(
        committed == made,
        "docs/openapi/gateway.json is out of date: run this test with UPDATE_OPENAPI=1 and look at the difference"
    );
}

on_both_engines! {
    NoMigrations;

    async fn people_reach_the_description_and_nothing_else_without_a_certificate(database: TestDatabase) {
        let house = House::new(database).await;
        let visitor = house.visitor();

        let home = visitor.get("/").await;
        assert_eq!((home.status.as_u16(), home.header("location")), (303, "/docs"));

        let described = visitor.get("/openapi.json").await;
        assert_eq!(described.status, 200);
        assert_eq!(described.json(), straznica_gateway::openapi());

        let page = visitor.get("/docs").await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let html = String::from_utf8(page.body.to_vec()).unwrap();
        for absent in ["<script", "<link", "<img", "src=", "url(", "@import", "href=\"http"] {
            assert!(!html.contains(absent), "{absent}");
        }
        for present in ["<html lang=\"en\">", "/v1/inspections/{id}/data-groups", "gateway.terminal_suspended", "prefers-color-scheme"] {
            assert!(html.contains(present), "{present}");
        }

        for (method, path) in [("GET", "/v1/trust/summary"), ("POST", "/v1/inspections"), ("GET", "/v1/terminals")] {
            let refused = visitor.send(method.parse().unwrap(), path, &[], "").await;
            refused.problem(404, "gateway.unknown_route");
        }
        assert_eq!(house.enrolled("T-1").await.get("/docs").await.status, 200, "terminals may read it too");
        house.end().await;
    }
}
