//! The processes of the demo as the director sees them.

use std::io::{self, BufRead, BufReader, PipeWriter, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::event::{Line, Order, Role};
use crate::exit_codes::Exit;
use crate::failure::Failure;

/// The running processes, and one channel on which all that they say arrives.
pub struct Stage {
    actors: Vec<Actor>,
    /// One pipe for all, so that the order of lines is the order of deeds.
    voice: PipeWriter,
    sender: Sender<Heard>,
    receiver: Receiver<Heard>,
}

/// What comes from the processes.
pub enum Heard {
    Line(Line),
    /// The process has ended, whatever the reason.
    Gone(Role),
}

struct Actor {
    role: Role,
    child: Child,
    orders: Option<ChildStdin>,
}

impl Stage {
    pub fn new() -> Result<Stage, Failure> {
        let (reader, voice) = io::pipe().map_err(failed)?;
        let (sender, receiver) = mpsc::channel();
        let lines = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                let Ok(line) = serde_json::from_str(&line) else { return };
                // The director may have left already.
                let _ = lines.send(Heard::Line(line));
            }
        });
        Ok(Stage { actors: Vec::new(), voice, sender, receiver })
    }

    /// Starts this program again in another role.
    pub fn start(&mut self, role: Role, name: &str, count: u64) -> Result<(), Failure> {
        let program = std::env::current_exe().map_err(failed)?;
        let mut child = Command::new(program)
            .args(["demo-role", role.word(), name, &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(self.voice.try_clone().map_err(failed)?)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let orders = child.stdin.take();
        let errors = child.stderr.take().expect("piped above");
        self.actors.push(Actor { role, child, orders });
        let gone = self.sender.clone();
        thread::spawn(move || {
            forward(errors);
            let _ = gone.send(Heard::Gone(role));
        });
        Ok(())
    }

    pub fn order(&mut self, role: Role, order: Order) -> Result<(), Failure> {
        let orders = self.actor(role).orders.as_mut().expect("nobody is dismissed before the end");
        let mut line = serde_json::to_vec(&order).expect("a word is JSON");
        line.push(b'\n');
        // A process that cannot listen any more is gone, and that is heard where answers are.
        let _ = orders.write_all(&line);
        Ok(())
    }

    /// The next thing that happens.
    pub fn hear(&self) -> Heard {
        self.receiver.recv().expect("we keep a sender ourselves")
    }

    /// SIGKILL, or TerminateProcess; returns the victim's pid.
    pub fn kill(&mut self, role: Role) -> Result<u32, Failure> {
        let child = &mut self.actor(role).child;
        child.kill().map_err(failed)?;
        Ok(child.id())
    }

    /// Fails with the exit code of a process that should not have ended; why, it has said on stderr.
    pub fn lost(&mut self, role: Role) -> Failure {
        let code = self.actor(role).child.wait().ok().and_then(|status| status.code());
        let exit = [Exit::Usage, Exit::NotFound, Exit::Taken]
            .into_iter()
            .find(|&exit| code == Some(exit as i32))
            .unwrap_or(Exit::Failed);
        Failure::new(exit, format!("the {} ended before its time", role.word()))
    }

    /// Dismisses everybody and waits until they are gone; says whether all but `killed` ended well.
    pub fn close(&mut self, killed: Role) -> Result<bool, Failure> {
        let mut well = true;
        for actor in &mut self.actors {
            drop(actor.orders.take());
            let status = actor.child.wait().map_err(failed)?;
            well &= actor.role == killed || status.success();
        }
        Ok(well)
    }

    fn actor(&mut self, role: Role) -> &mut Actor {
        self.actors.iter_mut().find(|actor| actor.role == role).expect("started")
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // After a proper end both fail, and that is all right; else nobody must be left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes on what a process writes to stderr, until it ends.
fn forward(mut errors: impl Read) {
    let _ = io::copy(&mut errors, &mut io::stderr());
}

fn failed(error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("cannot run a process of the demo: {error}"))
}
