//! `World`: a namespace of a test's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{spawn_again, unique, Peer, ROLE};

/// A namespace that only the peers of one test share, and a directory for its files; both vanish on drop.
///
/// On Linux a directory of its own holds the namespace; everywhere a suffix that peers add to each name keeps tests apart.
pub struct World {
    directory: tempfile::TempDir,
    suffix: String,
}

impl World {
    pub fn new() -> World {
        let shm = Path::new("/dev/shm");
        let parent = if shm.is_dir() { shm.to_path_buf() } else { std::env::temp_dir() };
        let directory =
            tempfile::Builder::new().prefix("mapview-test-").tempdir_in(parent).unwrap();
        World { directory, suffix: unique("~") }
    }

    /// A new process that waits for commands.
    pub fn peer(&self) -> Peer {
        Peer::spawn(self.command("support::peer_process"))
    }

    /// A new process that waits for commands and gives them a meaning of its own: that of a hidden test.
    pub fn peer_of(&self, hidden_test: &str) -> Peer {
        Peer::spawn(self.command(hidden_test))
    }

    /// A peer whose command a test may change before it starts: another user, something inherited.
    pub fn peer_with(&self, change: impl FnOnce(&mut Command)) -> Peer {
        let mut command = self.command("support::peer_process");
        change(&mut command);
        Peer::spawn(command)
    }

    /// A peer that knows a mutex `m`, auto-reset events `e` and `f` and a semaphore `s` of up to 9, as every such one.
    pub fn knowing_peer(&self) -> Peer {
        let mut peer = self.peer();
        peer.ask("m = mutex m ; e = event e ; f = event f ; s = semaphore s 0 9");
        peer
    }

    /// A child that ends when its standard input does.
    pub fn child(&self) -> Child {
        let mut command = self.command("support::peer_process");
        spawn_again(command.stdout(Stdio::null())).expect("the test binary starts again")
    }

    /// This test binary again, running one hidden test (one that asks `is_child` first).
    pub fn command(&self, hidden_test: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        self.prepare(&mut command, hidden_test);
        command
    }

    /// The arguments and the environment that make this test binary run one hidden test.
    pub fn prepare(&self, command: &mut Command, hidden_test: &str) {
        command
            .args(["--exact", hidden_test, "--ignored", "--nocapture", "--test-threads=1"])
            .env(ROLE, &self.suffix)
            .env("MAPVIEW_DIR", self.directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
    }

    /// What a name in a script of a peer really is.
    pub fn name(&self, name: &str) -> String {
        format!("{name}{}", self.suffix)
    }

    /// The base directory of the namespace on Linux.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Every file below the base directory.
    pub fn files(&self) -> Vec<PathBuf> {
        files_below(self.directory.path())
    }

    /// Fails unless the namespace is empty: no object in it, no file of it.
    #[track_caller]
    pub fn assert_empty(&self) {
        let listed = self.peer().ask("list");
        let ours: Vec<&str> =
            listed.split(' ').filter(|object| object.contains(&*self.suffix)).collect();
        assert!(ours.is_empty(), "objects are left: {ours:?}");
        assert_eq!(self.files(), Vec::<PathBuf>::new(), "files are left");
    }
}

/// Every file, link or socket below `directory`.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
