//! Removing what dead processes left in a namespace directory.
//!
//! A leftover is harmless: nobody can open it, and its name is free. It still takes a page of memory, so every process
//! looks at a few files when it first uses a namespace, and listing looks at all.

use std::os::fd::AsFd;
use std::sync::Arc;

use super::namespace::Directory;
use super::os::{files, files::OpenFor};
use super::presence;
use super::record::Record;

/// How many files a process looks at when it starts: bounded, whatever others left.
pub(super) const AT_START: usize = 64;

/// Looks at up to `most` files and removes those that only dead processes hold.
pub(super) fn sweep(directory: &Arc<Directory>, most: usize) {
    // What cannot be looked at belongs to somebody else, who sweeps it.
    let Ok(mut files) = files::names_in(directory.fd.as_fd(), most) else { return };
    // Ledgers last: what a dead one answers for may be among the rest.
    files.sort_by_key(|file| super::ledger::slot_of(file).is_some());
    for file in files {
        if let Some(number) = presence::number_of(&file) {
            presence::is_present(directory, number);
        } else if let Some(slot) = super::ledger::slot_of(&file) {
            super::ledger::sweep(directory, slot);
        } else if file.starts_with("bell") {
            super::bell::sweep(directory, &file);
        } else if file.starts_with("o-") {
            if let Ok(Some(record)) = Record::open_file(directory, file, OpenFor::ReadWrite) {
                sweep_record(&record);
            }
        }
    }
}

fn sweep_record(record: &Record) {
    // Whoever is inside a gate is alive and sees to the record.
    if !matches!(record.try_lock_gate(), Ok(true)) {
        return;
    }
    let Ok(Some(gate)) = record.gate_entered() else { return };
    let held = match record.read() {
        Ok(Some(mut contents)) => gate.is_held(&mut contents).unwrap_or(true),
        Ok(None) => false,
        Err(_) => gate.is_damaged_but_held(),
    };
    if !held {
        gate.remove();
    }
}
