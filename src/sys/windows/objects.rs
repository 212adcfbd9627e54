//! What lies in the two namespaces, as far as the object manager tells.

use std::collections::HashSet;
use std::os::windows::io::AsHandle;

use super::api::{self, Code, Entry};
use super::growth::Growth;
use super::{handle, names};
use crate::{Name, ObjectInfo, ObjectKind, ObjectState, Result};

pub(crate) fn objects() -> Result<Vec<ObjectInfo>> {
    let mut objects = Vec::new();
    for (namespace, path) in names::directories() {
        for entry in entries(&path)? {
            let Some(kind) = kind_of(&entry.type_name) else { continue };
            let Ok(name) = Name::from_parts(namespace, &entry.name) else { continue };
            objects.extend(look_at(name, kind));
        }
    }
    Ok(objects)
}

/// Entries are asked for by their place, one by one, so when one vanishes meanwhile another is skipped. Only a list that
/// comes out the same twice is complete; where it never does, everything that was seen is looked at.
fn entries(path: &str) -> Result<HashSet<Entry>> {
    const TRIES: usize = 10;
    let directory = api::nt_open_directory_object(path)
        .map_err(|code| code.error("cannot open the directory of the namespace"))?;
    let (mut seen, mut before) = (HashSet::new(), HashSet::new());
    for _ in 0..TRIES {
        let (mut entries, mut context) = (HashSet::new(), 0);
        while let Some(entry) = api::nt_query_directory_object(directory.as_handle(), &mut context)
            .map_err(|code| code.error("cannot read the directory of the namespace"))?
        {
            entries.insert(entry);
        }
        if entries == before {
            return Ok(entries);
        }
        seen.extend(std::mem::replace(&mut before, entries));
    }
    seen.extend(before);
    Ok(seen)
}

fn kind_of(type_name: &str) -> Option<ObjectKind> {
    use ObjectKind::{Event, Mapping, Mutex, Semaphore, Timer};
    let mut kinds = [Mapping, Mutex, Event, Semaphore, Timer].into_iter();
    kinds.find(|&kind| handle::type_of(kind) == type_name)
}

/// `None` when the object is gone meanwhile.
fn look_at(name: Name, kind: ObjectKind) -> Option<ObjectInfo> {
    let (size, state) = match kind {
        ObjectKind::Mapping => gone_or(look_at_mapping(&name))?,
        ObjectKind::Mutex => (None, gone_or(look_at_mutex(&name))?),
        ObjectKind::Event => (None, gone_or(look_at_event(&name))?),
        ObjectKind::Semaphore => (None, gone_or(look_at_semaphore(&name))?),
        ObjectKind::Timer => (None, gone_or(look_at_timer(&name))?),
    };
    let state = state.unwrap_or(ObjectState::Unknown);
    // The object manager tells none of these.
    let (allocated, holders, waiters) = (None, Vec::new(), Vec::new());
    Some(ObjectInfo { name, kind, size, allocated, holders, waiters, owner: None, state })
}

/// An object of another user still counts, with nothing known about it; one that no longer exists does not.
fn gone_or<T: Default>(looked: api::Outcome<T>) -> Option<T> {
    match looked {
        Err(Code::FILE_NOT_FOUND | Code::INVALID_HANDLE) => None, // or the name is of another kind by now
        looked => Some(looked.unwrap_or_default()),
    }
}

fn look_at_mapping(name: &Name) -> api::Outcome<(Option<u64>, Option<ObjectState>)> {
    let access = api::SECTION_QUERY | api::FILE_MAP_READ; // Win32 takes the right to query alone for FILE_MAP_COPY
    let handle = api::open_file_mapping(access, false, &names::wide(name))?;
    let information = api::nt_query_section(handle.as_handle())?;
    let size = information.size as u64;
    let (size, state) = match information.attributes {
        flags if flags & api::SEC_FILE != 0 => (size, ObjectState::File),
        flags if flags & api::SEC_RESERVE != 0 => {
            match Growth::present_size(handle.as_handle(), size) {
                Some(size) => (size, ObjectState::Memory),
                None => (size, ObjectState::Reserved),
            }
        }
        _ => (size, ObjectState::Memory),
    };
    Ok((Some(size), Some(state)))
}

fn look_at_mutex(name: &Name) -> api::Outcome<Option<ObjectState>> {
    let handle = api::open_mutex(api::MUTEX_MODIFY_STATE, false, &names::wide(name))?; // the same bit as MUTANT_QUERY_STATE
    let information = api::nt_query_mutant(handle.as_handle())?;
    Ok(match information {
        api::MutantInformation { abandoned: 1.., .. } => Some(ObjectState::Abandoned),
        api::MutantInformation { count: 1.., .. } => Some(ObjectState::Free),
        api::MutantInformation { owned_by_caller: 1.., .. } => {
            Some(ObjectState::Owned(api::current_thread_id()))
        }
        _ => None,
    })
}

fn look_at_event(name: &Name) -> api::Outcome<Option<ObjectState>> {
    let handle = api::open_event(api::EVENT_QUERY_STATE, false, &names::wide(name))?;
    let information = api::nt_query_event(handle.as_handle())?;
    Ok(Some(if information.state == 0 { ObjectState::NotSet } else { ObjectState::Set }))
}

fn look_at_semaphore(name: &Name) -> api::Outcome<Option<ObjectState>> {
    let handle = api::open_semaphore(api::SEMAPHORE_QUERY_STATE, false, &names::wide(name))?;
    let information = api::nt_query_semaphore(handle.as_handle())?;
    Ok(Some(ObjectState::Count { count: information.count, maximum: information.maximum }))
}

fn look_at_timer(name: &Name) -> api::Outcome<Option<ObjectState>> {
    let handle = api::open_waitable_timer(api::TIMER_QUERY_STATE, false, &names::wide(name))?;
    let information = api::nt_query_timer(handle.as_handle())?;
    Ok(Some(if information.signaled == 0 { ObjectState::NotSet } else { ObjectState::Set }))
}
