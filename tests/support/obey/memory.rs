//! What is said about mappings and views.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Inherit, Mapping, MappingOptions, Result, View};

use super::{Object, Objects};
use crate::support::{line::quote_bytes, with_suffix, Line};

pub fn mapping(line: &Line) -> Result<Mapping> {
    match line.verb.as_str() {
        "inherited" => return Mapping::inherited(&line.text(0)),
        "duplicate" => return Mapping::duplicate_from(line.number(0) as u32, line.number(1)),
        _ => {}
    }
    let mut options = MappingOptions::new();
    options.inheritable(line.has("inheritable"));
    let mut size = 0;
    if line.verb != "unnamed" {
        options.name(&with_suffix(&line.text(0)));
        size = 1;
    }
    if line.verb == "open" {
        return options.open(line.access());
    }
    options.size(line.number(size)).protection(line.protection()).reserve(line.has("reserve"));
    options.exclusive(line.has("exclusive")).security(line.security());
    if let Some(maximum) = line.option("maximum") {
        options.maximum(maximum.parse().unwrap());
    }
    if let Some(path) = line.option("path") {
        options.path(path);
    }
    if line.has("new") {
        options.create_new()
    } else {
        options.create()
    }
}

pub fn map(line: &Line, objects: &Objects) -> Result<View> {
    let Object::Mapping(mapping) = &objects[&line.text(0)] else { panic!("not a mapping") };
    if line.has("mirrored") {
        return mapping.mirrored();
    }
    let number = |key| line.option(key).map_or(0, |text| text.parse::<u64>().unwrap());
    let mut options = View::options();
    options.access(line.view_access()).offset(number("offset")).len(number("len") as usize);
    if line.option("at").is_some() {
        options.at(number("at") as usize);
    }
    options.map(mapping)
}

pub fn use_mapping(line: &Line, mapping: &Mapping) -> Result<String> {
    Ok(match line.verb.as_str() {
        "raw" => mapping.raw().to_string(),
        "size" => mapping.size().to_string(),
        "clone_with" => {
            let copy = mapping.try_clone_with(line.access())?;
            format!("{:?}", copy.access())
        }
        "grow" => mapping.grow(line.number(1))?.to_string(),
        verb => panic!("no verb for mappings: {verb}"),
    })
}

pub fn use_view(line: &Line, view: &View) -> Result<String> {
    let offset = line.number(1) as usize;
    Ok(match line.verb.as_str() {
        "read" => quote_bytes(&view.to_vec(offset, line.number(2) as usize)?),
        "write" => view.copy_in(offset, &line.bytes(2)).map(|()| String::new())?,
        "fill" => {
            view.fill(offset, line.number(2) as usize, line.number(3) as u8)?;
            String::new()
        }
        // In one step, but not at one go: what a lock has to protect.
        "add" => {
            let atomic = view.atomic::<AtomicU64>(offset)?;
            (atomic.fetch_add(line.number(2), Ordering::Relaxed) + line.number(2)).to_string()
        }
        "flush" => view.flush().map(|()| String::new())?,
        "poke" => {
            // SAFETY: none is claimed: on a read-only view this store is what the kernel must answer with a signal.
            unsafe { view.as_ptr().add(offset).write_volatile(1) };
            String::new()
        }
        verb => panic!("no verb for views: {verb}"),
    })
}
