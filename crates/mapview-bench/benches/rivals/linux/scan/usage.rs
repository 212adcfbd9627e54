//! What a process has used so far.

/// Differences are what a stretch of work cost.
#[derive(Clone, Copy, Default)]
pub struct Usage {
    /// Most bytes in memory at once.
    pub memory: f64,
    /// Most bytes of address space at once.
    pub addresses: f64,
    /// Page faults, with and without the disk.
    pub faults: f64,
}

impl Usage {
    /// Of this process until now.
    pub fn now() -> Usage {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
        let bytes = |field: &str| {
            let line = status.lines().find(|line| line.starts_with(field));
            let number = line.and_then(|line| line.split_ascii_whitespace().nth(1));
            number.and_then(|number| number.parse::<f64>().ok()).expect("a size in KiB") * 1024.0
        };
        // SAFETY: all zeros is a valid rusage.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is there to be written.
        unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
        let faults = (usage.ru_minflt + usage.ru_majflt) as f64;
        Usage { memory: bytes("VmHWM:"), addresses: bytes("VmPeak:"), faults }
    }

    pub fn since(self, before: Usage) -> Usage {
        Usage {
            memory: self.memory - before.memory,
            addresses: self.addresses - before.addresses,
            faults: self.faults - before.faults,
        }
    }
}
