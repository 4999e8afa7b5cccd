//! The law is read when the service starts, and a law that is wrong keeps it from starting.

use crate::house::refused_to_start;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_set_that_is_wrong_keeps_the_service_from_starting() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("protection.toml");
    let good = include_str!("../../rules/protection-2015.toml");
    std::fs::write(&file, good).unwrap();
    let rules = Some(directory.path().to_owned());
    assert_eq!(refused_to_start(|config| config.rules.clone_from(&rules)).await, None);
    std::fs::write(&file, good.replace("passing = \"late\"", "passing = \"maybe\"")).unwrap();
    let refused = refused_to_start(|config| config.rules.clone_from(&rules)).await.unwrap();
    assert!(refused.contains("protection.toml:") && refused.contains("maybe"), "{refused}");
    let absent = Some(directory.path().join("absent"));
    let refused = refused_to_start(|config| config.rules = absent).await.unwrap();
    assert!(refused.contains("absent cannot be read"), "{refused}");
    let holidays = Some(file);
    let refused = refused_to_start(|config| config.holidays = holidays).await.unwrap();
    assert!(refused.contains("protection.toml:"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_purposes_or_keys_nothing_starts() {
    let refused = refused_to_start(|config| config.purposes.clear()).await.unwrap();
    assert!(refused.contains("no purpose is configured"), "{refused}");
    assert!(refused_to_start(|config| config.person_keys.create = false).await.is_some());
}
