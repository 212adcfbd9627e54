//! Services whose words somebody else overwrites: errors, or nothing; no panic, no hang, nothing read that is not the service's.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mapview::{Deadline, Mapping};
use mapview_channel::{Client, ErrorKind, Server, ServiceOptions};
use support::{unique, Random};

/// Where the words of clients begin and end, for two calls of a client: see `service/layout.rs`.
const DESKS: std::ops::Range<u64> = 12288..12288 + 4096 * 2;
const WORDS: std::ops::Range<u64> = 8192..8192 + 16;

fn talk(
    client: &Client,
    server: &mut Server,
    soon: impl Fn() -> Deadline,
) -> Result<(), ErrorKind> {
    let mut talk = || {
        let Some(mut call) = client.call_until(b"question", soon())? else { return Ok(()) };
        if let Some(mut request) = server.recv_until(soon())? {
            request.to_vec()?;
            request.reply_until(&[1; 3000], soon())?;
            request.reply_until(&[2; 30], soon())?;
            request.is_cancelled();
            request.finish();
        }
        for _ in 0..3 {
            if let Some(reply) = call.recv_until(soon())? {
                assert!(reply.to_vec()?.len() <= 1 << 16);
            }
        }
        Ok(())
    };
    talk().map_err(|error: mapview_channel::Error| error.kind())
}

#[test]
fn nonsense_in_the_words_of_a_service_is_an_error_at_most() {
    let mut random = Random::new(11);
    for _ in 0..60 {
        let name = unique("hostile");
        let options = ServiceOptions::new().calls(2).clone();
        let (client, mut server) = (options.client(&name).unwrap(), options.server(&name).unwrap());
        let view = Mapping::open(&name).unwrap().view().unwrap();
        let soon = || Deadline::after(Duration::from_micros(300));
        talk(&client, &mut server, soon).unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        let seed = random.next();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut random = Random::new(seed);
                while !done.load(Ordering::Relaxed) {
                    let area = if random.below(20) == 0 { WORDS } else { DESKS };
                    // The first lines of the first desk are where most happens.
                    let len = if random.below(2) == 0 { 640 } else { area.end - area.start };
                    let at = area.start + random.below(len.min(area.end - area.start)) / 8 * 8;
                    let word = view.atomic::<AtomicU64>(at as usize).unwrap();
                    match random.below(3) {
                        0 => word.store(random.next(), Ordering::SeqCst),
                        1 => word.store(random.next() % 8, Ordering::SeqCst),
                        _ => {
                            word.fetch_xor(1 << random.below(64), Ordering::SeqCst);
                        }
                    }
                    (0..random.below(300)).for_each(|_| std::hint::spin_loop());
                }
            });
            for _ in 0..20 {
                match talk(&client, &mut server, soon) {
                    Ok(()) => {}
                    Err(ErrorKind::Abandoned | ErrorKind::Occupied | ErrorKind::Corrupt) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}

#[test]
fn a_request_longer_than_its_room_is_refused_and_others_go_on() {
    let name = unique("too-long");
    let options = ServiceOptions::new().calls(2).clone();
    let (client, mut server) = (options.client(&name).unwrap(), options.server(&name).unwrap());
    let view = Mapping::open(&name).unwrap().view().unwrap();
    let mut bad = client.call(b"bad").unwrap();
    let mut good = client.call(b"good").unwrap();
    let request = view.atomic::<AtomicU64>(DESKS.start as usize + 128 + 8).unwrap();
    assert_eq!(request.load(Ordering::SeqCst) as u32, 3, "the length of the first request");
    request.store(u64::from(u32::MAX), Ordering::SeqCst);
    assert_eq!(server.recv().unwrap_err().kind(), ErrorKind::Corrupt);
    server.recv().unwrap().answer(b"yes").unwrap();
    assert_eq!(good.recv().unwrap().unwrap().to_vec().unwrap(), b"yes");
    assert_eq!(bad.recv().unwrap_err().kind(), ErrorKind::Abandoned);
}
