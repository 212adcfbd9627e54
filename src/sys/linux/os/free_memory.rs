//! How much memory there is to take.

use std::fs::read_to_string;
use std::path::Path;

/// Bytes that could be allocated now without driving the machine or this process's control group out of memory.
pub(in super::super) fn available() -> u64 {
    let machine = read_to_string("/proc/meminfo").map_or(u64::MAX, |text| {
        match field(&text, "MemAvailable:") {
            Some(kib) => (kib + field(&text, "SwapFree:").unwrap_or(0)) * 1024,
            None => u64::MAX,
        }
    });
    let groups = read_to_string("/proc/self/cgroup").unwrap_or_default();
    machine.min(groups.lines().map(control_group_room).min().unwrap_or(u64::MAX))
}

/// What the limits of a control group, of version 1 or 2, and of its parents leave: `line` is of `/proc/self/cgroup`.
fn control_group_room(line: &str) -> u64 {
    let mut fields = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { return u64::MAX };
    let (root, limit, used, total) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.max", "memory.current", ""),
        "memory" => {
            let (limit, used) = ("memory.limit_in_bytes", "memory.usage_in_bytes");
            ("/sys/fs/cgroup/memory", limit, used, "total_")
        }
        _ => return u64::MAX,
    };
    let mut room = u64::MAX;
    let mut group = Path::new(root).join(path.trim_start_matches('/'));
    while group.starts_with(root) {
        let read = |file| read_to_string(group.join(file)).ok();
        let number = |file| read(file)?.trim().parse::<u64>().ok();
        if let (Some(limit), Some(used)) = (number(limit), number(used)) {
            // Pages of files make room when they are in the way.
            let told = read("memory.stat").unwrap_or_default();
            let files = ["inactive_file ", "active_file "].map(|name| format!("{total}{name}"));
            let files: u64 = files.iter().filter_map(|name| field(&told, name)).sum();
            room = room.min(limit.saturating_sub(used.saturating_sub(files)));
        }
        group.pop();
    }
    room
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
