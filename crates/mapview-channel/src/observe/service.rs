//! A look at a service.

use super::figures::Own;
use super::Figures;
use crate::service;
use crate::station::{Look, KIND_AT};
use crate::Result;

pub(super) fn figures(look: &Look) -> Result<Figures> {
    let header = look.header();
    let wrong = || look.corrupt("its parameters are none of a service");
    let len = service::observed_len(header).and_then(|len| len.checked_sub(KIND_AT));
    let area = look.area(len.ok_or_else(wrong)?)?;
    let mut figures = Figures::default();
    let own = |lag| Own { lag: Some(lag), drops: None };
    let mut servers = Vec::new();
    for (place, client) in look.ever_taken()? {
        let desk = service::observe(header, &area, place)?.ok_or_else(wrong)?;
        figures.messages = figures.messages.wrapping_add(desk.calls);
        let unanswered = desk.waiting + desk.taken_by.len() as u64;
        figures.depth += unanswered;
        figures.members.push((client, own(unanswered)));
        servers.extend(desk.taken_by);
    }
    for server in servers {
        match figures.members.iter_mut().find(|(tag, _)| *tag == server) {
            Some((_, Own { lag: Some(lag), .. })) => *lag += 1,
            _ => figures.members.push((server, own(1))),
        }
    }
    Ok(figures)
}
