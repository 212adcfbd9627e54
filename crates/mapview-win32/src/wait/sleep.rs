//! Sleeping.

use super::alertable::Alert;
use super::{deadline, Ended, INFINITE, WAIT_IO_COMPLETION};
use crate::abi::{BOOL, DWORD, FALSE};

#[no_mangle]
extern "C" fn Sleep(milliseconds: DWORD) {
    match milliseconds {
        0 => std::thread::yield_now(),
        INFINITE => loop {
            std::thread::sleep(std::time::Duration::MAX);
        },
        milliseconds => std::thread::sleep(std::time::Duration::from_millis(milliseconds.into())),
    }
}

#[no_mangle]
extern "C" fn SleepEx(milliseconds: DWORD, alertable: BOOL) -> DWORD {
    if alertable == FALSE {
        Sleep(milliseconds);
        return 0;
    }
    match Alert::new().sleep(deadline(milliseconds)) {
        Ok(Ended::Apc) => WAIT_IO_COMPLETION,
        Ok(_) => 0,
        // No room for what calls are waited for with; none will be run then, but the time passes.
        Err(_) => {
            Sleep(milliseconds);
            0
        }
    }
}
