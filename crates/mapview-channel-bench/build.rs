//! Compiles Boost's message queue, where a C++ compiler and Boost's headers are installed; else its rows are left out.

fn main() {
    const SOURCE: &str = "benches/channels/contenders/message_queue.cpp";
    println!("cargo::rustc-check-cfg=cfg(boost)");
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CPLUS_INCLUDE_PATH");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").opt_level(3).file(SOURCE).cargo_warnings(false).warnings(false);
    if build.try_compile("mapview_channel_bench_boost").is_ok() {
        println!("cargo::rustc-link-lib=rt");
        println!("cargo::rustc-cfg=boost");
    }
}
