//! Another process: its memory looked at, written to, and allocated in.

mod support;
#[path = "support/target.rs"]
mod target;

use mapview::{ErrorKind, MemoryKind, MemoryState, Process, Protect};
use support::{code, quote_bytes, Peer, World};
use target::TEXT;

#[test]
#[ignore = "not a test: the body of the processes that are looked into"]
fn target_process() {
    target::target();
}

fn start() -> (World, Peer, Process) {
    let world = World::new();
    let peer = world.peer_of("target_process");
    let process = Process::open(peer.pid()).unwrap();
    (world, peer, process)
}

fn address(peer: &mut Peer, what: &str) -> usize {
    peer.ask(what).parse().unwrap()
}

fn state(process: &Process, address: usize) -> (MemoryState, Option<Protect>) {
    let info = process.query(address).unwrap();
    (info.state, info.protect)
}

const PAGE: usize = 4096;
const COMMITTED: MemoryState = MemoryState::Committed;
const RESERVED: (MemoryState, Option<Protect>) = (MemoryState::Reserved, None);
const FREE: (MemoryState, Option<Protect>) = (MemoryState::Free, None);

#[test]
fn memory_of_another_process_is_read_and_written() {
    let (_world, mut peer, process) = start();
    let text = address(&mut peer, "text");
    let mut bytes = [0; 16];
    process.read(text, &mut bytes).unwrap();
    assert_eq!(&bytes, TEXT);
    let at = process.allocate(None, 3 * PAGE, Protect::READ_WRITE).unwrap();
    process.write(at + PAGE - 3, b"across pages").unwrap();
    assert_eq!(peer.ask(&format!("peek {} 12", at + PAGE - 3)), quote_bytes(b"across pages"));
    process.read(at, &mut []).unwrap();
    process.write(at, &[]).unwrap();
    assert!(process.is_alive());
    assert_eq!(process.pid(), peer.pid());
}

#[test]
fn what_is_allocated_there_is_zero_aligned_and_freed() {
    let (_world, mut peer, process) = start();
    let at = process.allocate(None, 100_000, Protect::READ_WRITE).unwrap();
    assert_eq!(at % 65_536, 0);
    let info = process.query(at + 5000).unwrap();
    assert_eq!((info.base, info.len), (at + PAGE, 102_400 - PAGE));
    assert_eq!((info.state, info.kind), (COMMITTED, Some(MemoryKind::Private)));
    assert_eq!(info.protect, Some(Protect::READ_WRITE));
    assert_eq!(peer.ask(&format!("peek {} 4", at + 100_000 - 4)), quote_bytes(&[0; 4]));
    assert_eq!(code(process.release(at + PAGE)), 487);
    process.release(at + 1).unwrap(); // rounded down to the page
    assert_eq!(state(&process, at), FREE);
    assert_eq!(peer.ask("text"), peer.ask("text"));
}

#[test]
fn reserved_addresses_get_memory_when_committed_and_lose_it_when_decommitted() {
    let (_world, _peer, process) = start();
    let base = process.reserve(None, 16 * PAGE).unwrap();
    assert_eq!(state(&process, base), RESERVED);
    if !cfg!(windows) {
        assert_eq!(code(process.write(base, b"x")), 299); // Wine 8 writes to what is only reserved
    }
    process.commit(base + 2 * PAGE, PAGE + 1, Protect::READ_WRITE).unwrap();
    assert_eq!(state(&process, base + PAGE), RESERVED);
    assert_eq!(state(&process, base + 2 * PAGE), (COMMITTED, Some(Protect::READ_WRITE)));
    assert_eq!(state(&process, base + 4 * PAGE), RESERVED);
    process.write(base + 2 * PAGE, b"kept").unwrap();
    // Again: keeps what is there, and changes the protection.
    process.commit(base + PAGE, 2 * PAGE, Protect::READ_ONLY).unwrap();
    let mut bytes = [1; 4];
    process.read(base + 2 * PAGE, &mut bytes).unwrap();
    assert_eq!(&bytes, b"kept");
    assert_eq!(state(&process, base + PAGE), (COMMITTED, Some(Protect::READ_ONLY)));
    process.decommit(base + 2 * PAGE, 1).unwrap();
    assert_eq!(state(&process, base + 2 * PAGE), RESERVED);
    process.commit(base + 2 * PAGE, 1, Protect::READ_WRITE).unwrap();
    process.read(base + 2 * PAGE, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 4]);
    process.decommit(base, 0).unwrap();
    for page in 0..16 {
        assert_eq!(state(&process, base + page * PAGE), RESERVED);
    }
    process.release(base).unwrap();
    assert_eq!(state(&process, base), FREE);
}

#[test]
fn allocations_go_where_they_are_wanted_but_never_over_others() {
    let (_world, mut peer, process) = start();
    let free = process.reserve(None, 1 << 20).unwrap();
    process.release(free).unwrap();
    let at = process.allocate(Some(free + 0x1234), PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(at, free);
    assert_eq!(state(&process, free + PAGE).0, COMMITTED); // down to 64 KiB, up to the page of the last byte
    assert_eq!(state(&process, free + 3 * PAGE).0, MemoryState::Free);
    assert_eq!(code(process.reserve(Some(free), PAGE)), 487);
    assert_eq!(code(process.reserve(Some(address(&mut peer, "text")), PAGE)), 487);
    assert_eq!(code(process.reserve(None, 0)), 87);
    assert_eq!(code(process.reserve(Some(0x1000), PAGE)), 87);
    assert_eq!(code(process.reserve(Some(0x7FFF_FFFF_0000), PAGE)), 87);
    assert_eq!(code(process.allocate(None, PAGE, Protect::WRITE_COPY)), 87);
    assert_eq!(code(process.commit(free + (1 << 19), PAGE, Protect::READ_WRITE)), 487);
    assert_eq!(code(process.commit(free, 1 << 19, Protect::READ_WRITE)), 487);
    assert!(process.reserve(None, 1 << 47).is_err());
}

#[test]
fn changing_a_protection_tells_the_old_one_of_the_first_page() {
    let (_world, mut peer, process) = start();
    let at = process.allocate(None, 4 * PAGE, Protect::READ_WRITE).unwrap();
    assert_eq!(process.protect(at, 1, Protect::READ_ONLY).unwrap(), Protect::READ_WRITE);
    assert_eq!(process.protect(at, 2 * PAGE, Protect::EXECUTE_READ).unwrap(), Protect::READ_ONLY);
    assert_eq!(process.protect(at, 1, Protect::READ_WRITE).unwrap(), Protect::EXECUTE_READ);
    assert_eq!(state(&process, at + PAGE), (COMMITTED, Some(Protect::EXECUTE_READ)));
    assert_eq!(code(process.protect(at, 1, Protect::WRITE_COPY)), 87);
    let reserved = process.reserve(None, PAGE).unwrap();
    assert_eq!(code(process.protect(reserved, 1, Protect::READ_ONLY)), 487);
    // Its constants are a part of its program.
    let text = address(&mut peer, "text");
    assert_eq!(process.query(text).unwrap().kind, Some(MemoryKind::Image));
    assert_eq!(process.protect(text, 1, Protect::READ_ONLY).unwrap(), Protect::READ_ONLY);
}

// Wine 8 lets others write whatever the protection says, and calls what cannot be read 998.
#[cfg(not(windows))]
#[test]
fn protections_hold_for_others_but_code_is_written() {
    let (_world, mut peer, process) = start();
    let at = process.allocate(None, 4 * PAGE, Protect::READ_WRITE).unwrap();
    process.write(at, &[7; 4 * PAGE]).unwrap();
    process.protect(at + PAGE, 1, Protect::READ_ONLY).unwrap();
    process.protect(at + 2 * PAGE, 1, Protect::EXECUTE_READ).unwrap();
    assert_eq!(code(process.write(at + PAGE, b"no")), 998);
    assert_eq!(code(process.write(at, &[8; PAGE + 1])), 299);
    assert_eq!(peer.ask(&format!("peek {at} 1")), quote_bytes(&[7])); // all or nothing
    process.write(at + 2 * PAGE, b"code").unwrap();
    assert_eq!(peer.ask(&format!("peek {} 4", at + 2 * PAGE)), "code");
    assert_eq!(code(process.write(address(&mut peer, "text"), b"no")), 998);
    // What the process itself could only execute is read, what it has not at all is not.
    process.protect(at + 2 * PAGE, 1, Protect::EXECUTE).unwrap();
    process.protect(at + 3 * PAGE, 1, Protect::NO_ACCESS).unwrap();
    let mut bytes = vec![0; 4 * PAGE];
    assert_eq!(code(process.read(at, &mut bytes)), 299);
    assert_eq!(process.read_prefix(at + 10, &mut bytes).unwrap(), 3 * PAGE - 10);
    assert_eq!(&bytes[2 * PAGE - 10..2 * PAGE - 6], b"code");
    assert_eq!(process.read_prefix(at + 3 * PAGE, &mut bytes).unwrap(), 0);
    process.release(at).unwrap();
    assert_eq!(code(process.read(at, &mut bytes)), 299);
    assert_eq!(code(process.write(at, &bytes)), 299);
    assert_eq!(code(process.read(usize::MAX - 3, &mut bytes)), 299);
    assert!(code(process.write(usize::MAX - 3, &bytes)) == 299);
}

#[test]
fn the_map_of_its_memory_has_no_gaps_and_agrees_with_queries() {
    let (_world, mut peer, process) = start();
    let map: Vec<_> = process.memory_map().unwrap().collect();
    assert_eq!(map[0].base, 0x1_0000);
    assert!(map.windows(2).all(|pair| pair[0].base + pair[0].len == pair[1].base));
    let last = map.last().unwrap();
    assert!(last.base + last.len >= 0x7FFF_FFFE_0000);
    let text = address(&mut peer, "text");
    let around = map.iter().find(|info| (info.base..info.base + info.len).contains(&text)).unwrap();
    let asked = process.query(text).unwrap();
    assert_eq!((asked.state, asked.protect), (around.state, around.protect));
    assert_eq!(asked.base, text / PAGE * PAGE);
    assert_eq!(asked.base + asked.len, around.base + around.len);
    assert_eq!(code(process.query(usize::MAX)), 87);
}

#[test]
fn a_process_has_a_name_and_a_program() {
    let (_world, _peer, process) = start();
    let mine = std::env::current_exe().unwrap();
    assert_eq!(process.exe().unwrap().file_name(), mine.file_name());
    let (name, file) = (process.name().unwrap(), mine.file_name().unwrap().to_str().unwrap());
    assert!(!name.is_empty() && file.starts_with(&name), "{name} is not of {file}");
}

#[test]
fn a_process_that_never_was_is_not_found() {
    assert_eq!(Process::open(0x7FFF_FFF0).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(Process::open(u32::MAX).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_process_that_has_ended_is_denied() {
    let (_world, mut peer, process) = start();
    let text = address(&mut peer, "text");
    peer.kill();
    assert!(!process.is_alive());
    let denied = |result: u32| assert_eq!(result, 5);
    denied(code(process.read(text, &mut [0; 4])));
    denied(code(process.write(text, &[0; 4])));
    denied(code(process.query(text)));
    denied(code(process.allocate(None, PAGE, Protect::READ_WRITE)));
    denied(code(process.protect(text, 1, Protect::READ_ONLY)));
    denied(code(process.release(text)));
}

#[test]
fn the_own_process_can_be_looked_at_but_not_changed() {
    let process = Process::current().unwrap();
    let mut bytes = [0; 16];
    process.read(TEXT.as_ptr().addr(), &mut bytes).unwrap();
    assert_eq!(&bytes, TEXT);
    assert_eq!(process.query(TEXT.as_ptr().addr()).unwrap().kind, Some(MemoryKind::Image));
    let at = bytes.as_ptr().addr();
    assert_eq!(code(process.write(at, b"x")), 5);
    assert_eq!(code(process.reserve(None, PAGE)), 5);
    assert_eq!(code(process.protect(at, 1, Protect::READ_ONLY)), 5);
    let refused = process.release(at).unwrap_err();
    assert!(refused.to_string().contains("Region"), "{refused}");
}
