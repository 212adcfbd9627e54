//! Services whose clients and servers are killed at any moment, and started again: every call gets all its replies, whole and in order,
//! from one server; a server's death is told, and the request goes to another, which is told too.

#[path = "support/ledger.rs"]
mod ledger;
#[path = "support/service_bodies.rs"]
mod service_bodies;
#[path = "support/storm.rs"]
mod storm;
mod support;

use storm::{kills, Storm};

fn storm(kills: u64, clients: usize, servers: usize) {
    let mut storm = Storm::new(kills);
    storm.start_many(clients, "service_bodies::calls", "");
    storm.start_many(servers, "service_bodies::serves", "");
    let mut keeper = storm.start_one("storm::keeps", &[]);
    assert_eq!(keeper.hear(), "keeps");
    storm.rage(kills);
    let (lives, again) = (storm.ledger.lives(), storm.ledger.redelivered());
    let calls = storm.end(vec![keeper]);
    println!("{clients}:{servers}: {kills} kills, {lives} lives of clients, {calls} calls, {again} came again");
}

#[test]
fn a_client_and_a_server_die_and_every_call_is_answered() {
    storm(kills(60, 500), 1, 1);
}

#[test]
fn clients_and_servers_die_and_every_call_is_answered() {
    storm(kills(60, 500), 3, 2);
}
