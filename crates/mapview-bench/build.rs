//! Compiles the Boost rival where a C++ compiler and Boost's headers are installed; else its rows say so.

fn main() {
    const SOURCE: &str = "benches/rivals/linux/boost.cpp";
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CPLUS_INCLUDE_PATH");
    println!("cargo::rustc-check-cfg=cfg(boost)");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").opt_level(3).file(SOURCE).cargo_warnings(false).warnings(false);
    // Whatever is missing, the compiler or the headers: the rival is not there.
    if build.try_compile("mapview_bench_boost").is_ok() {
        println!("cargo::rustc-link-lib=rt");
        println!("cargo::rustc-cfg=boost");
    }
}
