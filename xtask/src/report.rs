//! The summary at the end.

use std::process::ExitCode;
use std::time::Duration;

/// How a lane ended.
pub enum Outcome {
    /// With so many tests passed; none for lanes that are no tests.
    Passed(u64),
    Failed(String),
    /// Why, and how to get what is missing.
    Skipped(String),
}

impl Outcome {
    pub fn of(result: Result<u64, String>) -> Outcome {
        result.map_or_else(Outcome::Failed, Outcome::Passed)
    }
}

pub struct Row {
    pub lane: &'static str,
    pub outcome: Outcome,
    pub time: Duration,
}

/// Prints the table, with what is wrong at the end, where the eye falls.
pub fn print(rows: &[Row]) -> ExitCode {
    println!("\n{:<16}{:<10}{:>9}  tests passed", "lane", "result", "time");
    for Row { lane, outcome, time } in rows {
        let (word, tests) = match outcome {
            Outcome::Passed(0) => ("ok", String::new()),
            Outcome::Passed(tests) => ("ok", tests.to_string()),
            Outcome::Failed(_) => ("FAILED", String::new()),
            Outcome::Skipped(_) => ("SKIPPED", String::new()),
        };
        let line = format!("{lane:<16}{word:<10}{:>7.1} s  {tests}", time.as_secs_f64());
        println!("{}", line.trim_end());
    }
    let mut code = ExitCode::SUCCESS;
    for Row { lane, outcome, .. } in rows {
        match outcome {
            Outcome::Passed(_) => {}
            Outcome::Skipped(why) => println!("\n!!! SKIPPED {lane}: {why}"),
            Outcome::Failed(why) => {
                println!("\n!!! FAILED {lane}: {why}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
