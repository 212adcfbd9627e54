//! mapview's ways.

use mapview::{wait_any, Deadline, Event, Reset, Semaphore, Wait};

use super::Way;

/// Everything that peers open, of both directions.
pub struct Objects {
    _events: Vec<Event>,
    _semaphores: [Semaphore; 2],
}

impl Objects {
    pub fn make(name: &str, most: usize) -> Objects {
        let names = (0..2)
            .flat_map(|direction| (0..most).map(move |index| event_name(name, direction, index)));
        Objects {
            _events: names
                .map(|name| Event::create(&name, Reset::Auto).expect("an event"))
                .collect(),
            _semaphores: [0, 1].map(|direction| {
                Semaphore::create(&semaphore_name(name, direction), 0, 9).expect("a semaphore")
            }),
        }
    }
}

fn event_name(name: &str, direction: usize, index: usize) -> String {
    format!("{name}-event-{direction}-{index}")
}

fn semaphore_name(name: &str, direction: usize) -> String {
    format!("{name}-semaphore-{direction}")
}

pub fn event(name: &str, direction: usize) -> Event {
    Event::open(&event_name(name, direction, 0)).expect("made by the parent")
}

pub fn semaphore(name: &str, direction: usize) -> Semaphore {
    Semaphore::open(&semaphore_name(name, direction)).expect("made by the parent")
}

impl Way for Event {
    fn signal(&self) {
        self.set().expect("a signal");
    }
    fn wait(&self) {
        Event::wait(self).expect("a wait");
    }
}

impl Way for Semaphore {
    fn signal(&self) {
        self.release(1).expect("a signal");
    }
    fn wait(&self) {
        Semaphore::wait(self).expect("a wait");
    }
}

/// Waits for several events, of which the last is set.
pub struct Any(Vec<Event>);

impl Any {
    pub fn open(name: &str, direction: usize, count: usize) -> Any {
        let open = |index| Event::open(&event_name(name, direction, index));
        Any((0..count).map(|index| open(index).expect("made by the parent")).collect())
    }
}

impl Way for Any {
    fn signal(&self) {
        self.0[self.0.len() - 1].set().expect("a signal");
    }
    fn wait(&self) {
        let objects: Vec<&dyn Wait> = self.0.iter().map(|event| event as &dyn Wait).collect();
        let got = wait_any(&objects, Deadline::never()).expect("a wait").expect("for ever");
        assert_eq!(got.index(), self.0.len() - 1);
    }
}
