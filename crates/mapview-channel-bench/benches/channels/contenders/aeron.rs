//! Aeron's IPC, with its driver in a process of its own. Messages are claimed and written in place, and read in place.

use std::hint::spin_loop;
use std::time::Duration;

use rusteron_client::{
    cformat, Aeron, AeronContext, AeronExclusivePublication, AeronSubscription, Handlers,
    AERON_IPC_STREAM,
};
use rusteron_media_driver::bindings::aeron_threading_mode_enum;
use rusteron_media_driver::testing::EmbeddedDriver;

use crate::message::{Reader, Spec, Writer};
use crate::peer::{orders, say, Peer};

const PATIENCE: Duration = Duration::from_secs(10);
/// Where the driver's files are.
const PLACE: &str = "MAPVIEW_BENCH_AERON";

/// The process with the driver.
pub struct Driver {
    _peer: Peer,
}

impl Driver {
    pub fn start() -> Driver {
        let mut peer = Peer::start(&["aeron-driver"]);
        std::env::set_var(PLACE, peer.hear());
        Driver { _peer: peer }
    }
}

/// As the driver: one thread, which sleeps when there is nothing to do.
pub fn be_driver() {
    let driver = EmbeddedDriver::launch_with(|context| {
        context.set_threading_mode(aeron_threading_mode_enum::AERON_THREADING_MODE_SHARED)?;
        context.set_ipc_mtu_length(65504)?; // so that 4 KiB are one message
        Ok(())
    });
    let driver = driver.expect("a driver");
    say(driver.dir());
    orders().for_each(drop);
}

fn client() -> Aeron {
    let place = std::env::var(PLACE).expect("set when the driver was there");
    let context = AeronContext::new().expect("a context");
    context.set_dir(&cformat!("{place}")).expect("a directory");
    let aeron = Aeron::new(&context).expect("a client");
    aeron.start().expect("its thread");
    aeron
}

/// Names are for people; streams have numbers.
fn stream(name: &str) -> i32 {
    name.bytes().fold(7, |sum: i32, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
        & 0xfff_ffff
}

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let aeron = client();
    let adding = aeron.async_add_exclusive_publication(AERON_IPC_STREAM, stream(name));
    let publication: AeronExclusivePublication =
        adding.and_then(|adding| adding.poll_blocking(PATIENCE)).expect("a publication");
    while !publication.is_connected() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let (mut writer, bytes) = (Writer::new(spec), spec.bytes);
    move |number| {
        let _kept = &aeron;
        let mut claim = loop {
            match publication.try_claim_owned(bytes) {
                Ok(claim) => break claim,
                Err(error) => assert!(error.is_retryable(), "no claim: {error:?}"),
            }
            spin_loop();
        };
        // SAFETY: the claim is ours until it is committed.
        unsafe { writer.write(claim.data().as_mut_ptr(), number) };
        claim.commit().expect("committed");
        1
    }
}

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let aeron = client();
    let adding = aeron.async_add_subscription(
        AERON_IPC_STREAM,
        stream(name),
        Handlers::NONE,
        Handlers::NONE,
    );
    let subscription: AeronSubscription =
        adding.and_then(|adding| adding.poll_blocking(PATIENCE)).expect("a subscription");
    let mut reader = Reader::new(spec);
    move || {
        let _kept = &aeron;
        let mut last = 0;
        loop {
            // SAFETY: a fragment is left alone while it is being handled.
            let read = |fragment: &[u8], _| last = unsafe { reader.read(fragment.as_ptr()) };
            if subscription.poll_fn(read, 16).expect("polled") > 0 {
                return last;
            }
            spin_loop();
        }
    }
}
