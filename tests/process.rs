//! Another process: its memory read, written, and allocated in.

mod support;

use mapview::{MemoryState, Process, Protect};
use support::{code, is_child, serve, unique, Peer, World};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "support/registers.rs"]
mod registers;

#[test]
#[ignore = "not a test: the body of the processes that are looked into"]
fn target() {
    if !is_child() {
        return;
    }
    static TEXT: [u8; 16] = *b"hello, stranger!";
    serve(|line| {
        Ok(match line.verb.as_str() {
            "text" => (TEXT.as_ptr() as usize).to_string(),
            #[cfg(target_os = "linux")]
            "compute" => {
                for _ in 0..line.number(0) {
                    std::thread::spawn(|| loop {
                        registers::compute();
                    });
                }
                String::new()
            }
            verb => panic!("{verb}"),
        })
    });
}

#[test]
fn smoke() {
    let world = World::new();
    let mut peer = world.peer_of("target");
    let text: usize = peer.ask("text").parse().unwrap();
    peer.ask("compute 3");
    let process = Process::open(peer.pid()).unwrap();
    let mut bytes = [0; 16];
    process.read(text, &mut bytes).unwrap();
    assert_eq!(&bytes, b"hello, stranger!");
    for round in 0..100 {
        let at = process.allocate(None, 100_000, Protect::READ_WRITE).unwrap();
        process.write(at, b"abc").unwrap();
        process.protect(at, 1, Protect::READ_ONLY).unwrap();
        assert_eq!(code(process.write(at, b"abc")), 998);
        process.release(at).unwrap();
    }
    let _ = unique("");
    peer.ask("text");
}
