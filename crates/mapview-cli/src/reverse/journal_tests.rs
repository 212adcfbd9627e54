//! What a crash, or somebody else, may have left in a journal.

use super::*;

struct Fixture {
    _directory: tempfile::TempDir,
    target: Target,
    plan: Plan,
}

impl Fixture {
    fn new() -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        fs::write(&path, [0; 100]).unwrap();
        let target = Target::existing(&path).unwrap();
        Fixture { _directory: directory, target, plan: Plan { len: 100, window: 8 } }
    }

    fn journal_at(&self, last: u64) -> Journal {
        let mut journal = Journal::create(&self.target, self.plan, &self.record(0)).unwrap();
        for number in 1..=last {
            journal.save(&self.record(number)).unwrap();
        }
        journal
    }

    fn record(&self, number: u64) -> Record {
        let bytes = vec![number as u8 + 1; 2 * self.plan.pair(number).len];
        Record { number, written: number as u32 * 3, bytes }
    }

    /// Flips a bit at `offset` of the journal.
    fn flip(&self, offset: u64) {
        let mut bytes = fs::read(self.target.journal()).unwrap();
        bytes[offset as usize] ^= 0x40;
        fs::write(self.target.journal(), bytes).unwrap();
    }

    fn newest(&self) -> Option<Record> {
        Some(Journal::open(&self.target).ok()??.1)
    }
}

#[test]
fn without_a_journal_there_is_nothing_to_resume() {
    assert!(Journal::open(&Fixture::new().target).unwrap().is_none());
}

#[test]
fn the_newest_record_counts_also_the_short_last_one() {
    let fixture = Fixture::new();
    for last in 0..fixture.plan.pairs() {
        drop(fixture.journal_at(last));
        assert_eq!(fixture.newest(), Some(fixture.record(last)));
    }
    assert!(!fixture.target.temporary().exists());
}

#[test]
fn a_torn_record_falls_back_to_the_one_before() {
    let fixture = Fixture::new();
    for last in 1..fixture.plan.pairs() {
        let start = slot(fixture.plan, last % 2);
        let bytes = fixture.plan.pair(last).len as u64 * 2;
        for offset in [0, 8, 12, HEAD as u64, HEAD as u64 + bytes - 1] {
            drop(fixture.journal_at(last));
            fixture.flip(start + offset);
            assert_eq!(fixture.newest(), Some(fixture.record(last - 1)), "{last} {offset}");
        }
    }
}

#[test]
fn a_damaged_journal_is_refused_and_kept() {
    let fixture = Fixture::new();
    for offset in 0..PREAMBLE as u64 {
        drop(fixture.journal_at(1));
        fixture.flip(offset);
        assert!(Journal::open(&fixture.target).is_err(), "{offset}");
    }
    drop(fixture.journal_at(0));
    fixture.flip(slot(fixture.plan, 0));
    assert!(Journal::open(&fixture.target).is_err(), "neither slot holds a record");
    for len in [0, 5, PREAMBLE as u64, 44, slot(fixture.plan, 1) - 1] {
        let journal = fixture.journal_at(0);
        journal.file.set_len(len).unwrap();
        assert!(Journal::open(&fixture.target).is_err(), "{len} bytes");
    }
    assert!(fixture.target.journal().exists());
}

#[test]
fn a_preamble_that_promises_the_world_costs_no_memory() {
    let fixture = Fixture::new();
    drop(fixture.journal_at(0));
    let mut bytes = MAGIC.to_vec();
    bytes.extend((i64::MAX as u64).to_le_bytes());
    bytes.extend(u64::MAX.to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend([0; 500]);
    fs::write(fixture.target.journal(), bytes).unwrap();
    assert!(Journal::open(&fixture.target).is_err());
}
