//! Who has the same file or memory in the address space: Linux tells in `/proc`, Windows does not.

#[cfg(not(target_os = "linux"))]
pub use elsewhere::*;
#[cfg(target_os = "linux")]
pub use linux::*;

use mapview::Protect;

/// A view of some process.
#[derive(Debug, PartialEq, Eq)]
pub struct Mapped {
    pub pid: u32,
    pub address: u64,
    pub len: u64,
    /// Bytes from the start of the file.
    pub offset: u64,
    pub protection: Protect,
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::ErrorKind;

    use mapview::Protect;

    use super::Mapped;

    /// Which file lies behind a mapping, as the kernel writes it into `maps`. `stat` may name another device (btrfs).
    #[derive(Debug, PartialEq, Eq)]
    pub struct Identity {
        device: String,
        inode: u64,
    }

    /// What this process has mapped at this address.
    pub fn identity(address: usize) -> Option<Identity> {
        let maps = fs::read("/proc/self/maps").ok()?;
        let address = address as u64;
        let mut lines = maps.split(|&byte| byte == b'\n').filter_map(line);
        let found = lines.find(|line| (line.start..line.end).contains(&address))?;
        Some(Identity { device: found.device.into(), inode: found.inode })
    }

    /// The views of the same file in all processes but this one, and what could not be seen.
    pub fn views(of: &Identity) -> (Vec<Mapped>, Option<String>) {
        let own = std::process::id();
        let (mut views, mut refused) = (Vec::new(), 0);
        let Ok(entries) = fs::read_dir("/proc") else {
            return (views, Some("which processes map it: there is no /proc".into()));
        };
        let pids =
            entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        for pid in pids.filter(|&pid| pid != own) {
            match fs::read(format!("/proc/{pid}/maps")) {
                Ok(maps) => views.extend(views_in(pid, &maps, of)),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => refused += 1,
                Err(_) => {} // it has ended
            }
        }
        views.sort_by_key(|view| (view.pid, view.address));
        let what = if refused == 1 {
            "1 more process maps".into()
        } else {
            format!("{refused} more processes map")
        };
        let hidden = format!("whether {what} it: the system does not let this user look");
        (views, (refused != 0).then_some(hidden))
    }

    /// The name that the process goes by.
    pub fn process_name(pid: u32) -> String {
        let name = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
        String::from_utf8_lossy(name.trim_ascii_end()).into_owned()
    }

    fn views_in(pid: u32, maps: &[u8], of: &Identity) -> Vec<Mapped> {
        let lines = maps.split(|&byte| byte == b'\n').filter_map(line);
        lines
            .filter(|line| line.inode == of.inode && line.device == of.device)
            .map(|line| Mapped {
                pid,
                address: line.start,
                len: line.end - line.start,
                offset: line.offset,
                protection: protection(line.permissions),
            })
            .collect()
    }

    /// A line of `maps`, without the path, which may be anything.
    struct Line<'a> {
        start: u64,
        end: u64,
        permissions: &'a str,
        offset: u64,
        device: &'a str,
        inode: u64,
    }

    fn line(text: &[u8]) -> Option<Line<'_>> {
        let mut fields = text.splitn(6, |&byte| byte == b' ').map(str::from_utf8);
        let mut field = || fields.next()?.ok();
        let (start, end) = field()?.split_once('-')?;
        let hex = |digits: &str| u64::from_str_radix(digits, 16).ok();
        let (start, end) = (hex(start)?, hex(end)?);
        let (permissions, offset) = (field()?, hex(field()?)?);
        let (device, inode) = (field()?, field()?.parse().ok()?);
        (start < end).then_some(Line { start, end, permissions, offset, device, inode })
    }

    fn protection(permissions: &str) -> Protect {
        let has = |letter| permissions.contains(letter);
        match (has('r'), has('w'), has('x'), has('p')) {
            (_, true, false, true) => Protect::WRITE_COPY,
            (_, true, true, true) => Protect::EXECUTE_WRITE_COPY,
            (_, true, false, false) => Protect::READ_WRITE,
            (_, true, true, false) => Protect::EXECUTE_READ_WRITE,
            (true, false, false, _) => Protect::READ_ONLY,
            (true, false, true, _) => Protect::EXECUTE_READ,
            (false, false, true, _) => Protect::EXECUTE,
            (false, false, false, _) => Protect::NO_ACCESS,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_the_same_device_and_number_count() {
            let maps = b"1000-3000 r--p 00002000 fd:1a 77                 /tmp/fd:1a 77\n\
                3000-5000 rw-s 00000000 fd:1b 77                 /tmp/other\n\
                5000-6000 rw-s 00001000 fd:1a 77\n\
                6000-7000 rw-p 00000000 fd:1a 77                 /x\n\
                7000-8000 r-xp 00000000 fd:1a 78                 /tmp/\xff\n\
                nonsense\n";
            let of = Identity { device: "fd:1a".into(), inode: 77 };
            let views = views_in(5, maps, &of);
            let told: Vec<_> = views
                .iter()
                .map(|view| (view.address, view.len, view.offset, view.protection))
                .collect();
            assert_eq!(
                told,
                [
                    (0x1000, 0x2000, 0x2000, Protect::READ_ONLY),
                    (0x5000, 0x1000, 0x1000, Protect::READ_WRITE),
                    (0x6000, 0x1000, 0, Protect::WRITE_COPY),
                ]
            );
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::Mapped;

    /// Nothing tells which file lies behind a mapping of another process.
    pub struct Identity;

    pub fn identity(_: usize) -> Option<Identity> {
        Some(Identity)
    }

    /// Nobody, and the reason.
    pub fn views(_: &Identity) -> (Vec<Mapped>, Option<String>) {
        (Vec::new(), Some("which processes map it: this system does not tell".into()))
    }

    /// Not known.
    pub fn process_name(_: u32) -> String {
        String::new()
    }
}
