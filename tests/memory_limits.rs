//! Private memory at the limits of the process. A process of its own, because other tests would meet them, too. Linux.
#![cfg(target_os = "linux")]

use mapview::{MemoryState, Protect, RegionOptions};

const PAGE: usize = 4096;

#[test]
fn at_a_limit_a_step_fails_whole_and_the_rest_goes_on() {
    // The kernel keeps at most vm.max_map_count ranges, and every second page is one.
    let most: usize =
        std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap().trim().parse().unwrap();
    if most > 1 << 20 {
        eprintln!("skipped: {most} ranges would take too long");
        return;
    }
    let region = RegionOptions::new().size((2 * most + 64) * PAGE).reserve().unwrap();
    let mut committed = 0;
    let error = loop {
        let at = 2 * committed * PAGE;
        match region.commit(at..at + PAGE, Protect::READ_WRITE) {
            Ok(()) => committed += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.win32_code(), 1455, "{error}");
    assert!(error.to_string().contains("vm.max_map_count"), "{error}");
    assert!(committed > most / 4, "{committed} of {most}");
    assert_eq!(region.query(2 * committed * PAGE).unwrap().state, MemoryState::Reserved);
    // What was committed can be used, and giving some back makes room.
    region.fill(2 * (committed - 1) * PAGE, PAGE, 1).unwrap();
    region.decommit(0..64 * PAGE).unwrap();
    region.commit(2 * committed * PAGE..(2 * committed + 1) * PAGE, Protect::READ_WRITE).unwrap();
    limited_addresses();
    limited_locks();
}

fn limit(resource: libc::__rlimit_resource_t, bytes: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: sets a limit of this process, whose only test this is.
    unsafe {
        assert_eq!(libc::getrlimit(resource, &mut limit), 0);
        limit.rlim_cur = bytes.min(limit.rlim_max);
        assert_eq!(libc::setrlimit(resource, &limit), 0);
    }
}

fn limited_addresses() {
    limit(libc::RLIMIT_AS, 1 << 30);
    let error = RegionOptions::new().size(2 << 30).reserve().unwrap_err();
    limit(libc::RLIMIT_AS, libc::RLIM_INFINITY);
    assert_eq!(error.win32_code(), 8, "{error}");
    RegionOptions::new().size(2 << 30).reserve().unwrap().release().unwrap();
}

fn limited_locks() {
    // SAFETY: asks who this is.
    if unsafe { libc::geteuid() } == 0 {
        eprintln!("skipped: root locks as much as it likes");
        return;
    }
    limit(libc::RLIMIT_MEMLOCK, 4 * PAGE as u64);
    let region = RegionOptions::new().size(16 * PAGE).commit(Protect::READ_WRITE).unwrap();
    let error = region.lock(0..16 * PAGE).unwrap_err();
    assert_eq!(error.win32_code(), 8, "{error}");
    assert!(error.to_string().contains("ulimit -l"), "{error}");
    region.lock(0..4 * PAGE).unwrap();
    region.unlock(0..4 * PAGE).unwrap();
}
