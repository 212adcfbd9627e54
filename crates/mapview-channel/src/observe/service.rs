//! A look at a service.

use super::figures::Own;
use super::Figures;
use crate::service::{self, Observed};
use crate::station::Look;
use crate::Result;

pub(super) fn figures(look: &Look) -> Result<Figures> {
    let Observed { calls, clients, .. } = service::observe(look)?;
    let under_way = clients.iter().map(|client| (client.member, client.waiting + client.taken));
    let members = under_way.map(|(member, lag)| (member, Own { lag: Some(lag), drops: None }));
    Ok(Figures {
        depth: clients.iter().map(|client| client.waiting + client.taken).sum(),
        messages: calls,
        bytes: 0,
        drops: 0,
        members: members.collect(),
    })
}
