//! A storm: participants that are killed at any moment, and started again, in a namespace of their own.
#![allow(dead_code)] // each test binary uses another part of this

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::ledger::{Ledger, Stop};
use crate::support::{part, unique, until, Peer, Random};

/// How many are killed: many with `MAPVIEW_LONG=1`.
pub fn kills(normally: u64, long: u64) -> u64 {
    if std::env::var_os("MAPVIEW_LONG").is_some() {
        return long;
    }
    if cfg!(windows) {
        normally / 5
    } else {
        normally
    }
}

#[test]
#[ignore = "not a test: the body of a process that lists the objects of its namespace"]
fn lists() {
    let Some(part) = part() else { return };
    let names = mapview::objects().unwrap().into_iter().map(|object| object.name.to_string());
    // On Windows all tests share a namespace, with the bells and lives of others.
    let ours = |name: &String| !cfg!(windows) || name.contains(&part.words[0]);
    let names: Vec<String> = names.filter(ours).collect();
    part.say(format!("{names:?}"));
}

#[test]
#[ignore = "not a test: the body of a process that keeps a channel, and does nothing"]
fn keeps() {
    let Some(part) = part() else { return };
    let mut mapping = mapview::Mapping::open(&part.words[0]);
    while mapping.is_err() {
        mapping = mapview::Mapping::open(&part.words[0]); // it is being created
    }
    part.say("keeps");
    while part.hear().is_some() {}
}

pub struct Storm {
    directory: tempfile::TempDir,
    pub ledger: Ledger,
    pub name: String,
    random: Random,
    bodies: Vec<(&'static str, String)>,
    peers: Vec<Option<Peer>>,
}

impl Storm {
    pub fn new(seed: u64) -> Storm {
        let memory = std::path::Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let directory =
            tempfile::Builder::new().prefix("mapview-test-").tempdir_in(parent).unwrap();
        std::fs::create_dir(directory.path().join("names")).unwrap();
        let ledger = Ledger::create(&directory.path().join("ledger"));
        let (name, random) = (unique("storm"), Random::new(seed));
        Storm { directory, ledger, name, random, bodies: Vec::new(), peers: Vec::new() }
    }

    /// Starts so many participants that may be killed: a body, and a word for it.
    pub fn start_many(&mut self, many: usize, body: &'static str, word: &str) {
        for _ in 0..many {
            self.bodies.push((body, word.to_string()));
            let peer = self.start(self.peers.len());
            self.peers.push(Some(peer));
        }
    }

    fn start(&mut self, index: usize) -> Peer {
        let (body, word) = self.bodies[index].clone();
        let seed = (self.random.next() >> 1).to_string();
        self.start_one(body, &[&seed, &word])
    }

    /// Starts a participant that is not killed.
    pub fn start_one(&self, body: &str, more: &[&str]) -> Peer {
        let ledger = self.directory.path().join("ledger");
        let mut words = vec![self.name.as_str(), ledger.to_str().unwrap()];
        words.extend(more);
        let names = self.directory.path().join("names");
        Peer::start_with(body, &words, |command| {
            command.env("MAPVIEW_DIR", names);
        })
    }

    /// Those who may be killed.
    pub fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().flatten()
    }

    /// One of them.
    pub fn any(&mut self) -> &Peer {
        let index = self.random.below(self.peers.len() as u64) as usize;
        self.peers[index].as_ref().expect("it was started")
    }

    /// Kills one after the other, and now and then several at once.
    pub fn rage(&mut self, kills: u64) {
        let mut left = kills;
        while left > 0 {
            let at_once = if self.random.below(8) == 0 { 2.min(left) } else { 1 };
            let most = if self.random.below(8) == 0 { 30_000 } else { 4000 };
            let pause = Duration::from_micros(self.random.below(most));
            let begin = Instant::now();
            while begin.elapsed() < pause {
                std::hint::spin_loop(); // a moment, not a wait: sleeping is too coarse
            }
            for _ in 0..at_once {
                let index = self.random.below(self.peers.len() as u64) as usize;
                self.peers[index].take().expect("it was started").kill();
                self.peers[index] = Some(self.start(index));
            }
            left -= at_once;
        }
    }

    /// Ends it: all that was committed comes, and nothing is left, neither of these participants nor of `more`.
    #[track_caller]
    pub fn end(mut self, more: Vec<Peer>) -> u64 {
        self.ledger.stop(Stop::Senders);
        until("all that was committed came", || self.ledger.lost().1.is_empty());
        self.ledger.stop(Stop::All);
        for peer in self.peers.drain(..).flatten().chain(more) {
            peer.join();
        }
        self.assert_nothing_is_left();
        self.ledger.lost().0
    }

    #[track_caller]
    pub fn assert_nothing_is_left(&self) {
        // Whoever lists the objects sweeps out the files of processes that were killed.
        let mut lister = self.start_one("storm::lists", &[]);
        assert_eq!(lister.hear(), "[]");
        lister.join();
        let left = self.files();
        assert!(left.is_empty(), "files are left: {left:?}");
    }

    /// Every file of the namespace.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut directories = vec![self.directory.path().join("names")];
        let mut files = Vec::new();
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path)
                } else {
                    files.push(path)
                }
            }
        }
        files
    }
}
