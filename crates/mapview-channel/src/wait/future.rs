//! Waiting in async functions: the same steps, with futures of the library for sleeps.

use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::task::Poll;

use mapview::{Reset, Timer};

use super::{announce, Awaited, Settle, Waiter, Watch, ASK};
use crate::station::Class;
use crate::Result;

type Sleep<'a> = Pin<Box<dyn Future<Output = mapview::Result<()>> + Send + 'a>>;

/// Waits until it is there. Dropped before, it has changed nothing.
pub(crate) async fn until_async(
    waiter: &Waiter,
    class: Class,
    awaited: &mut (impl Awaited + Send),
) -> Result<()> {
    let (bell, station) = (waiter.bell()?, waiter.member().station());
    let timer = Timer::create("", Reset::Auto)?;
    let (_asleep, mut settle) = (announce(waiter.member(), class), Settle::default());
    let mut watch = Watch::default();
    loop {
        let watched = awaited.watched()?;
        if awaited.ready()? {
            return Ok(());
        }
        if !settle.is_first() && watch.update(station, watched)? {
            continue; // somebody may have died after `watched` looked
        }
        let mut pause = settle.pause();
        if watch.must_ask() {
            pause = Some(pause.map_or(ASK, |pause| pause.min(ASK)));
        }
        let mut sleeps: Vec<Sleep<'_>> = vec![Box::pin(bell.wait_async())];
        if let Some(pause) = pause {
            timer.set(pause, None)?;
            sleeps.push(Box::pin(timer.wait_async()));
        }
        sleeps.extend(watch.objects().map(|process| Box::pin(process.wait_async()) as Sleep<'_>));
        first(sleeps).await?;
        watch.refresh(station)?;
    }
}

/// Ends with the first of them.
async fn first(mut sleeps: Vec<Sleep<'_>>) -> mapview::Result<()> {
    poll_fn(|context| {
        for sleep in &mut sleeps {
            if let Poll::Ready(ended) = sleep.as_mut().poll(context) {
                return Poll::Ready(ended);
            }
        }
        Poll::Pending
    })
    .await
}
