//! The commands of README.md, run as a reader would.

use std::process::Command;

use crate::command::{root, run, target_dir};

/// What the README's reader runs to get here.
const OURSELVES: &str = "cargo xtask test";

/// Runs every ```` ```sh ```` block of README.md as a script that stops at the first failure.
pub fn run_commands() -> Result<u64, String> {
    let text = std::fs::read_to_string(root().join("README.md"))
        .map_err(|error| format!("cannot read README.md: {error}"))?;
    let scripts = scripts(&text);
    if scripts.is_empty() {
        return Err("README.md holds no command".to_owned());
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", target_dir().join("release").display());
    for script in &scripts {
        run(Command::new("sh").env("PATH", &path).args(["-exc", script]))?;
    }
    Ok(0)
}

/// The `sh` blocks, without the command that runs us and without blocks that hold nothing else.
fn scripts(text: &str) -> Vec<String> {
    let mut scripts = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line.trim_end() == "```sh") {
        let block = lines.by_ref().take_while(|line| line.trim_end() != "```");
        let kept: Vec<&str> = block.filter(|line| !line.starts_with(OURSELVES)).collect();
        if kept.iter().any(|line| !line.is_empty() && !line.starts_with('#')) {
            scripts.push(kept.join("\n"));
        }
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sh_blocks_are_scripts_and_the_command_that_runs_us_is_left_out() {
        let text =
            "a\n```sh\nls\npwd\n```\n```text\nno\n```\n```sh\n# all tests\ncargo xtask test\n```\n";
        assert_eq!(scripts(text), ["ls\npwd"]);
    }
}
