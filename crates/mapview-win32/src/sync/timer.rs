//! Waitable timers.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use mapview::{Due, Reset, TimerOptions};

use crate::abi::{
    right, Given, BOOL, DWORD, FALSE, HANDLE, LONG, LPCSTR, LPCWSTR, NULL, SECURITY_ATTRIBUTES,
};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::{lock, Alarm, AlarmFunction, Busy};
use crate::{handles, last_error, text};

const CREATE_WAITABLE_TIMER_MANUAL_RESET: DWORD = 1;
const CREATE_WAITABLE_TIMER_HIGH_RESOLUTION: DWORD = 2;

/// 1601 to 1970, in units of 100 ns.
const TO_1970: u64 = 116_444_736_000_000_000;

/// A timer, and the call that this process wants when it is due.
#[derive(Debug)]
pub(crate) struct Timer {
    timer: mapview::Timer,
    alarm: Mutex<Option<Arc<Alarm>>>,
}

/// What becomes of a timer that is set.
struct Setting {
    due: Due,
    period: Option<Duration>,
    call: Option<(AlarmFunction, usize)>,
}

impl Timer {
    pub(crate) fn new(timer: mapview::Timer) -> Timer {
        Timer { timer, alarm: Mutex::new(None) }
    }

    pub(crate) fn inner(&self) -> &mapview::Timer {
        &self.timer
    }

    fn set(&self, setting: Setting) -> Result<()> {
        let mut alarm = lock(&self.alarm);
        self.timer.set(setting.due, setting.period)?;
        if let Some(old) = alarm.take() {
            old.cancel();
        }
        if let Some((function, argument)) = setting.call {
            *alarm = Some(Alarm::start(function, argument, setting.due, setting.period));
        }
        Ok(())
    }

    fn cancel(&self) -> Result<()> {
        let mut alarm = lock(&self.alarm);
        self.timer.cancel()?;
        if let Some(old) = alarm.take() {
            old.cancel();
        }
        Ok(())
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(alarm) = lock(&self.alarm).take() {
            alarm.cancel();
        }
    }
}

/// A time of the clock, or what has to pass until then if negative, in units of 100 ns.
fn due(time: i64) -> Due {
    let nanoseconds =
        |units: u64| Duration::new(units / 10_000_000, (units % 10_000_000) as u32 * 100);
    match u64::try_from(time) {
        Err(_) => Due::After(nanoseconds(time.unsigned_abs())),
        Ok(time) => {
            let since = time.checked_sub(TO_1970).map(nanoseconds).unwrap_or_default();
            Due::At(SystemTime::UNIX_EPOCH + since)
        }
    }
}

fn create(name: Option<&[u16]>, flags: DWORD, access: u32, given: Given) -> Result<(HANDLE, bool)> {
    // Every timer has the resolution that only some have on Windows.
    if flags & !(CREATE_WAITABLE_TIMER_MANUAL_RESET | CREATE_WAITABLE_TIMER_HIGH_RESOLUTION) != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let access = table::rights_wanted(access, Rights::TIMER)?;
    let _busy = Busy::enter();
    let manual = flags & CREATE_WAITABLE_TIMER_MANUAL_RESET != 0;
    let mut options = TimerOptions::new(if manual { Reset::Manual } else { Reset::Auto });
    if let Some(name) = text::name_to_create(name)? {
        options.name(&name);
        options.security(given.security_of(&name)?);
    }
    let timer = options.create()?;
    let new = timer.was_created();
    let handle =
        table::insert(Entry::new(Object::Timer(Timer::new(timer)), access, given.inherit))?;
    Ok((handle, new))
}

fn open(name: Option<&[u16]>, access: u32, inherit: bool) -> Result<HANDLE> {
    let name = text::name_to_open(name)?;
    let _busy = Busy::enter();
    let timer = mapview::Timer::open(&name)?;
    let access = handles::open_rights(access, Rights::TIMER)?;
    table::insert(Entry::new(Object::Timer(Timer::new(timer)), access, inherit))
}

fn flags(manual: BOOL) -> DWORD {
    if manual != FALSE {
        CREATE_WAITABLE_TIMER_MANUAL_RESET
    } else {
        0
    }
}

#[no_mangle]
unsafe extern "C" fn CreateWaitableTimerW(
    attributes: *const SECURITY_ATTRIBUTES,
    manual: BOOL,
    name: LPCWSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateWaitableTimerExW(attributes, name, flags(manual), Rights::TIMER.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateWaitableTimerA(
    attributes: *const SECURITY_ATTRIBUTES,
    manual: BOOL,
    name: LPCSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateWaitableTimerExA(attributes, name, flags(manual), Rights::TIMER.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateWaitableTimerExW(
    attributes: *const SECURITY_ATTRIBUTES,
    name: LPCWSTR,
    flags: DWORD,
    access: DWORD,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::wide(name), Given::of(attributes)) };
    last_error::created(create(name, flags, access, given))
}

#[no_mangle]
unsafe extern "C" fn CreateWaitableTimerExA(
    attributes: *const SECURITY_ATTRIBUTES,
    name: LPCSTR,
    flags: DWORD,
    access: DWORD,
) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::narrow_name(name), Given::of(attributes)) };
    last_error::created(name.and_then(|name| create(name.as_deref(), flags, access, given)))
}

#[no_mangle]
unsafe extern "C" fn OpenWaitableTimerW(access: DWORD, inherit: BOOL, name: LPCWSTR) -> HANDLE {
    // SAFETY: what Win32 documents.
    let name = unsafe { text::wide(name) };
    last_error::or(open(name, access, inherit != FALSE), NULL)
}

#[no_mangle]
unsafe extern "C" fn OpenWaitableTimerA(access: DWORD, inherit: BOOL, name: LPCSTR) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: what Win32 documents.
    let name = unsafe { text::narrow_name(name) };
    last_error::or(name.and_then(|name| open(name.as_deref(), access, inherit != FALSE)), NULL)
}

/// Does something with the timer behind a handle that may change it.
fn modify(handle: HANDLE, act: impl FnOnce(&Timer) -> Result<()>) -> Result<()> {
    let entry = table::get(handle)?;
    let Object::Timer(timer) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
    entry.need(right::MODIFY_STATE)?;
    act(timer)
}

/// The machine is not woken for a timer: as on Windows where that cannot be, the timer is set and the last error says so.
#[no_mangle]
unsafe extern "C" fn SetWaitableTimer(
    handle: HANDLE,
    time: *const i64,
    period: LONG,
    function: Option<AlarmFunction>,
    argument: usize,
    resume: BOOL,
) -> BOOL {
    let set = || {
        if time.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives one that can be read; it may lie anywhere.
        let due = due(unsafe { time.read_unaligned() });
        let period = u64::try_from(period).map_err(|_| Code::INVALID_PARAMETER)?;
        let period = (period > 0).then(|| Duration::from_millis(period));
        let call = function.map(|function| (function, argument));
        modify(handle, |timer| timer.set(Setting { due, period, call }))
    };
    let result = set();
    if result.is_ok() && resume != FALSE {
        last_error::set(Code::NOT_SUPPORTED.0);
    }
    last_error::report(result)
}

/// Neither what it is for nor how late it may be makes a difference.
#[no_mangle]
unsafe extern "C" fn SetWaitableTimerEx(
    handle: HANDLE,
    time: *const i64,
    period: LONG,
    function: Option<AlarmFunction>,
    argument: usize,
    reason: *const std::ffi::c_void,
    _tolerable_delay: u32,
) -> BOOL {
    let resume = !reason.is_null();
    // SAFETY: the caller's, as Win32 documents.
    unsafe { SetWaitableTimer(handle, time, period, function, argument, resume.into()) }
}

#[no_mangle]
extern "C" fn CancelWaitableTimer(handle: HANDLE) -> BOOL {
    last_error::report(modify(handle, Timer::cancel))
}
