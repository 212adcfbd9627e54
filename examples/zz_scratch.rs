//! x
#![allow(missing_docs)]
use mapview::*;
use std::time::Instant;
fn time<T>(name: &str, n: usize, mut f: impl FnMut(usize) -> T) {
    let mut all = vec![];
    for i in 0..n {
        let t = Instant::now();
        let x = f(i);
        all.push(t.elapsed().as_nanos() as f64 / 1e3);
        drop(x);
    }
    all.sort_by(|a, b| a.total_cmp(b));
    println!("{name:32} median {:7.2} p10 {:7.2} min {:7.2} us", all[n / 2], all[n / 10], all[0]);
}
fn main() {
    let n: usize = std::env::args().nth(1).map_or(2000, |a| a.parse().unwrap());
    let only = std::env::args().nth(2).unwrap_or_default();
    let is = |s: &str| only.is_empty() || only == s;
    let pid = std::process::id();
    // keep namespace warm
    let _keep = Event::create(format!("scratch-keep-{pid}").as_str(), Reset::Auto).unwrap();
    let mut o = MappingOptions::new();
    if is("create") {
        time("create reserved named", n, |i| {
            o.name(format!("scratch-{pid}-{i}").as_str())
                .size(1 << 20)
                .reserve(true)
                .create()
                .unwrap()
        });
    }
    if is("create64k") {
        time("create named 64k", n, |i| {
            o.name(format!("scratch-{pid}-{i}").as_str())
                .size(1 << 16)
                .reserve(false)
                .create()
                .unwrap()
        });
    }
    if is("unnamed") {
        time("create reserved unnamed", n, |_| {
            MappingOptions::new().size(1 << 20).reserve(true).create().unwrap()
        });
    }
    let m = MappingOptions::new()
        .name(format!("scratch-m-{pid}").as_str())
        .size(1 << 20)
        .reserve(true)
        .create()
        .unwrap();
    if is("view") {
        time("view", n, |_| m.view().unwrap());
    }
    if is("event") {
        time("create event named", n, |i| {
            Event::create(format!("scratch-{pid}-{i}").as_str(), Reset::Auto).unwrap()
        });
    }
    if is("composite") {
        time("composite 3", n, |_| {
            Composite::new()
                .part(&m, 0, 1 << 16)
                .part(&m, 1 << 16, 1 << 16)
                .part(&m, 1 << 16, 1 << 16)
                .map(ViewAccess::ReadWrite)
                .unwrap()
        });
    }
    if is("drops") {
        time("create+view+composite+event+drop", n, |i| {
            let m = o
                .name(format!("scratch-{pid}-{i}").as_str())
                .size(1 << 20)
                .reserve(true)
                .create()
                .unwrap();
            let v = m.view().unwrap();
            let c = Composite::new()
                .part(&m, 0, 1 << 16)
                .part(&m, 1 << 16, 1 << 16)
                .part(&m, 1 << 16, 1 << 16)
                .map(ViewAccess::ReadWrite)
                .unwrap();
            let e = Event::create(format!("scratch-e-{pid}-{i}").as_str(), Reset::Auto).unwrap();
            drop((m, v, c, e))
        });
    }
    if is("openself") {
        time("open (same process)", n, |_| {
            Mapping::open(format!("scratch-m-{pid}").as_str()).unwrap()
        });
    }
    // opening in another process
    if is("other") {
        let exe = std::env::current_exe().unwrap();
        let out = std::process::Command::new(exe)
            .arg(n.to_string())
            .arg("none")
            .env("SCRATCH_PARENT", pid.to_string())
            .output()
            .unwrap();
        print!("{}", String::from_utf8_lossy(&out.stdout));
    }
    if let Ok(p) = std::env::var("SCRATCH_PARENT") {
        let ev = format!("scratch-keep-{p}");
        time("open event (other process)", n, |_| Event::open(ev.as_str()).unwrap());
        time("open mapping (other process)", n, |_| Mapping::open_with(&p).unwrap());
        return;
    }
}
trait OpenWith {
    fn open_with(p: &str) -> Result<Mapping>;
}
impl OpenWith for Mapping {
    fn open_with(p: &str) -> Result<Mapping> {
        Mapping::open(format!("scratch-m-{p}").as_str())
    }
}
