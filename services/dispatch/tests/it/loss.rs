//! Without short-lived state nothing is sent or compared.

use std::time::{Duration, Instant};

use straznica_ephemeral::testing::PrivateRedis;

use crate::house::{House, refusal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_closes_every_door_and_what_it_forgot_stays_forgotten() {
    let Some(mut redis) = PrivateRedis::start().await else { return };
    let config = redis.config();
    let house = House::on_sqlite(|settings| settings.ephemeral = config).await;
    let (id, code) = house.sent(&house.wish()).await;
    house.outbox_is_quiet().await;

    redis.kill().await;
    let begun = Instant::now();
    assert_eq!(refusal(house.validate(&id, &code).await), "ephemeral.unavailable");
    assert_eq!(refusal(house.send(&house.wish_to(1)).await), "ephemeral.unavailable");
    assert_eq!(refusal(house.resend(&id).await), "ephemeral.unavailable");
    assert_eq!(refusal(house.cancel(&id).await), "ephemeral.unavailable");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(house.journalled("code.attempted").await, 0, "nothing was compared");

    redis.restart().await;
    let mut outcome = refusal(house.validate(&id, &code).await);
    for _ in 0..20 {
        if outcome == "ephemeral.unavailable" {
            tokio::time::sleep(Duration::from_millis(50)).await;
            outcome = refusal(house.validate(&id, &code).await);
        }
    }
    assert_eq!(outcome, "dispatch.verification_expired");
    let (id, code) = house.sent(&house.wish_to(2)).await;
    house.validate(&id, &code).await.unwrap();
    assert_eq!(house.operator.received().len(), 2);
    house.close().await;
}
