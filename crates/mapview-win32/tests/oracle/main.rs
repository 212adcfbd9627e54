//! The oracle: every scenario of `tests/scenarios` is one C or C++ source that runs here, against our `windows.h` and
//! library, and under Wine, compiled by mingw-w64; both must print the same.
//!
//! Lines whose contract row says that Wine 8 differs from Windows carry what Windows does (`scenario.h`); here they must say
//! just that, under Wine they may say anything.
//!
//! `MAPVIEW_ORACLE=wine` runs the comparison; `cargo xtask test oracle` sets that and starts Wine. Otherwise the scenarios run
//! on Linux alone, and with `MAPVIEW_ORACLE=elsewhere` not at all. `MAPVIEW_SANITIZE=1` runs them under AddressSanitizer and UBSan as well.

#[cfg(target_os = "linux")]
mod build;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod transcript;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use libtest_mimic::{Arguments, Trial};

    let oracle = std::env::var("MAPVIEW_ORACLE").unwrap_or_default();
    let wine = oracle == "wine";
    let sanitize = std::env::var("MAPVIEW_SANITIZE").is_ok_and(|value| value == "1");
    let mut trials = Vec::new();
    let scenarios = if oracle == "elsewhere" { Vec::new() } else { build::scenarios() };
    for scenario in scenarios {
        let name = scenario.name.clone();
        let own = scenario.clone();
        trials.push(Trial::test(format!("linux::{name}"), move || run::linux_alone(&own)));
        if sanitize {
            let own = scenario.clone();
            trials.push(Trial::test(format!("sanitized::{name}"), move || run::sanitized(&own)));
        }
        if wine {
            trials.push(Trial::test(format!("wine::{name}"), move || run::compared(&scenario)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {} // where the system is the oracle there is nothing to compare
