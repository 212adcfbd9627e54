//! `mapview completions`: scripts that let a shell complete our command line.

use clap::{Command, CommandFactory};

use crate::failure::Failure;
use crate::{out, Cli};

const EXAMPLES: &str = "\
Examples:
  mapview completions bash > ~/.local/share/bash-completion/completions/mapview
  mapview completions zsh  > ~/.zfunc/_mapview
  mapview completions fish > ~/.config/fish/completions/mapview.fish";

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    shell: clap_complete::Shell,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    // Into memory first: the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut public(), "mapview", &mut script);
    out::print(&String::from_utf8_lossy(&script))
}

/// The command line without the commands that only the program itself uses; the generators would show them.
fn public() -> Command {
    let all = Cli::command();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new("mapview").version(env!("CARGO_PKG_VERSION")).subcommands(shown)
}
