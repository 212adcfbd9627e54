//! What is said about timers.

use std::time::{Duration, SystemTime};

use mapview::{Inherit, Reset, Result, Timer, TimerOptions};

use crate::support::{with_suffix, Line};

pub fn timer(line: &Line) -> Result<Timer> {
    match line.verb.as_str() {
        "inherited_timer" => return Timer::inherited(&line.text(0)),
        "duplicate_timer" => return Timer::duplicate_from(line.number(0) as u32, line.number(1)),
        _ => {}
    }
    let reset = if line.has("manual") { Reset::Manual } else { Reset::Auto };
    let mut options = TimerOptions::new(reset);
    options.name(&with_suffix(&line.text(0))).inheritable(line.has("inheritable"));
    options.security(line.security());
    match line.verb.as_str() {
        "open_timer" => options.open(),
        _ if line.has("new") => options.create_new(),
        _ => options.create(),
    }
}

pub fn use_timer(line: &Line, timer: &Timer) -> Result<String> {
    match line.verb.as_str() {
        // `plan x 20` lets it become due in 20 milliseconds, `plan x 20 every=5` then every 5, `plan x 20 wall` by the wall
        // clock, `plan x never` not at all.
        "plan" => {
            let period =
                line.option("every").map(|every| Duration::from_millis(every.parse().unwrap()));
            if line.has("never") {
                return timer.set(Duration::MAX, period).map(|()| String::new());
            }
            let after = Duration::from_millis(line.number(1));
            match line.has("wall") {
                true => timer.set(SystemTime::now() + after, period),
                false => timer.set(after, period),
            }
            .map(|()| String::new())
        }
        "cancel" => timer.cancel().map(|()| String::new()),
        "wait" => {
            let signaled = timer.wait_until(line.deadline())?;
            Ok(if signaled { "signaled" } else { "timeout" }.into())
        }
        "raw" => Ok(timer.raw().to_string()),
        verb => panic!("no verb for timers: {verb}"),
    }
}
