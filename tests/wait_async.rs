//! Waiting in async functions, on tokio and by hand.

mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex as StdMutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use mapview::{wait_any_async, Event, Mutex, Reset, Semaphore, Wait};
use support::{abandoned, auto, code, is_free, manual_set, unique, World};

const PATIENCE: Duration = Duration::from_secs(30);

/// Runs on one thread, and not for ever.
#[track_caller]
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await }).expect("it ends")
}

/// A waker that tells this thread.
struct Bell(StdMutex<Sender<()>>);

impl Wake for Bell {
    fn wake(self: Arc<Bell>) {
        let _ = self.0.lock().unwrap().send(()); // a test that has ended needs no bell
    }
}

fn bell() -> (Waker, Receiver<()>) {
    let (sender, receiver) = channel();
    (Arc::new(Bell(StdMutex::new(sender))).into(), receiver)
}

#[test]
fn a_future_waits_for_a_task_to_set_the_event() {
    let (event, order) = (auto(false), AtomicUsize::new(0));
    run(async {
        let waiter = async {
            event.wait_async().await.unwrap();
            assert_eq!(order.fetch_add(1, Ordering::SeqCst), 1);
        };
        let setter = async {
            tokio::task::yield_now().await;
            assert_eq!(order.fetch_add(1, Ordering::SeqCst), 0);
            event.set().unwrap();
        };
        tokio::join!(waiter, setter);
    });
    assert!(!event.try_wait().unwrap(), "the future took it");
}

#[test]
fn a_future_is_woken_by_another_process() {
    let (world, name) = (World::new(), unique("async"));
    let mut peer = world.peer_with(|command| {
        command.env_remove("MAPVIEW_DIR").env(support::ROLE, ""); // it looks for names where this process does
    });
    let (event, count) = (Event::create(&name, Reset::Auto).unwrap(), unique("count"));
    let count_here = Semaphore::create(&count, 0, 9).unwrap();
    peer.ask(&format!("e = open_event {name} ; s = open_semaphore {count}"));
    for _ in 0..5 {
        run(async {
            let mut waiting = pin!(event.wait_async());
            let now = tokio::time::timeout(Duration::ZERO, &mut waiting).await;
            assert!(now.is_err(), "nobody has set it");
            peer.start("set e");
            waiting.await.unwrap();
        });
        peer.answer().unwrap();
    }
    peer.start("release s 3");
    run(async {
        for _ in 0..3 {
            count_here.wait_async().await.unwrap();
        }
    });
    assert!(!count_here.try_wait().unwrap());
}

#[test]
fn a_pending_future_takes_nothing_until_it_is_polled_again() {
    let (event, count, mutex) =
        (auto(false), Semaphore::create("", 0, 9).unwrap(), Mutex::create("").unwrap());
    let (waker, rings) = bell();
    let mut context = Context::from_waker(&waker);

    let mut waiting = pin!(event.wait_async());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    event.set().unwrap();
    rings.recv_timeout(PATIENCE).unwrap();
    assert!(event.try_wait().unwrap(), "it is woken, and has not taken the signal");
    assert!(waiting.as_mut().poll(&mut context).is_pending(), "nothing there any more");
    event.set().unwrap();
    rings.recv_timeout(PATIENCE).unwrap();
    assert!(waiting.as_mut().poll(&mut context).is_ready());
    assert!(!event.try_wait().unwrap());

    let mut waiting = pin!(count.wait_async());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    assert_eq!(count.release(2).unwrap(), 0);
    rings.recv_timeout(PATIENCE).unwrap();
    assert_eq!(count.release(1).unwrap(), 2);
    assert!(waiting.as_mut().poll(&mut context).is_ready());
    assert_eq!(count.release(1).unwrap(), 2);

    std::thread::scope(|scope| {
        let (unlock, told) = channel();
        let (mutex, locked) = (&mutex, channel());
        scope.spawn(move || {
            let guard = mutex.lock().unwrap();
            locked.0.send(()).unwrap();
            told.recv().unwrap();
            guard.unlock().unwrap();
        });
        locked.1.recv().unwrap();
        let mut waiting = pin!(mutex.lock_async());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        unlock.send(()).unwrap();
        rings.recv_timeout(PATIENCE).unwrap();
        let other = scope.spawn(|| mutex.try_lock().unwrap().map(|guard| guard.abandoned()));
        let other = other.join().unwrap();
        assert_eq!(other, Some(false), "it is woken, and neither owns the mutex nor did");
        assert!(waiting.as_mut().poll(&mut context).is_ready());
    });
}

#[test]
fn a_dropped_future_has_taken_nothing() {
    let event = auto(false);
    let (waker, _rings) = bell();
    let mut context = Context::from_waker(&waker);
    for _ in 0..50 {
        {
            let mut waiting = pin!(event.wait_async());
            assert!(waiting.as_mut().poll(&mut context).is_pending());
            event.set().unwrap();
        }
        assert!(event.try_wait().unwrap(), "the signal is still there");
    }
    event.set().unwrap();
    drop(event.wait_async()); // never polled
    assert!(event.try_wait().unwrap());
}

#[test]
fn a_timeout_of_the_executor_takes_nothing() {
    let count = Semaphore::create("", 0, 1).unwrap();
    run(async {
        let wait = Duration::from_millis(30);
        assert!(tokio::time::timeout(wait, count.wait_async()).await.is_err());
        count.release(1).unwrap();
        assert!(tokio::time::timeout(PATIENCE, count.wait_async()).await.is_ok());
    });
    assert_eq!(count.release(1).unwrap(), 0);
}

#[test]
fn what_is_signaled_is_taken_without_waiting() {
    let (event, count, mutex) =
        (auto(true), Semaphore::create("", 1, 1).unwrap(), Mutex::create("").unwrap());
    let (waker, _rings) = bell();
    let mut context = Context::from_waker(&waker);
    assert!(pin!(event.wait_async()).poll(&mut context).is_ready());
    assert!(pin!(count.wait_async()).poll(&mut context).is_ready());
    let Poll::Ready(Ok(guard)) = pin!(mutex.lock_async()).poll(&mut context) else {
        panic!("the mutex was free")
    };
    assert!(!guard.abandoned() && !is_free(&mutex));
}

#[test]
fn a_future_for_any_takes_the_first_and_only_that() {
    let (unset, count, set) = (auto(false), Semaphore::create("", 2, 9).unwrap(), auto(true));
    run(async {
        let signaled = wait_any_async(&[&unset, &count, &set]).await.unwrap();
        assert_eq!((signaled.index(), signaled.abandoned()), (1, false));
        assert_eq!(count.release(1).unwrap(), 1);
        assert!(set.try_wait().unwrap());

        let waiter = async { wait_any_async(&[&unset, &set]).await.unwrap().index() };
        let setter = async {
            tokio::task::yield_now().await;
            set.set().unwrap();
        };
        assert_eq!(tokio::join!(waiter, setter).0, 1);
    });
    assert!(!set.try_wait().unwrap());
}

#[test]
fn a_future_for_no_object_or_too_many_is_refused() {
    let set = manual_set();
    run(async {
        assert_eq!(code(wait_any_async(&[]).await), 87);
        let many: Vec<&(dyn Wait + Sync)> = (0..65).map(|_| &set as &(dyn Wait + Sync)).collect();
        assert_eq!(code(wait_any_async(&many).await), 87);
        assert_eq!(wait_any_async(&many[..64]).await.unwrap().index(), 0);
    });
}

#[test]
fn a_future_hears_of_a_dead_owner() {
    let (mutex, event) = (abandoned(), auto(false));
    run(async {
        let guard = mutex.lock_async().await.unwrap();
        assert!(guard.abandoned());
        guard.unlock().unwrap();
        assert!(!mutex.lock_async().await.unwrap().abandoned(), "told once");
    });
    // The same while it waits.
    std::thread::scope(|scope| {
        let (locked, told) = channel();
        let (mutex, end) = (&mutex, channel());
        scope.spawn(move || {
            std::mem::forget(mutex.lock().unwrap());
            locked.send(()).unwrap();
            end.1.recv().unwrap();
        });
        told.recv().unwrap();
        run(async {
            let waiter = async { wait_any_async(&[&event, mutex]).await.unwrap() };
            let ender = async {
                tokio::task::yield_now().await;
                end.0.send(()).unwrap();
            };
            let (signaled, ()) = tokio::join!(waiter, ender);
            assert_eq!((signaled.index(), signaled.abandoned()), (1, true));
        });
        mutex.unlock().unwrap();
    });
}

#[test]
fn a_mutex_locked_by_a_future_belongs_to_the_thread_that_polled() {
    let mutex = Mutex::create("").unwrap();
    run(async {
        let guard = mutex.lock_async().await.unwrap();
        assert!(!is_free(&mutex));
        drop(mutex.lock_async().await.unwrap()); // again, as the owner may
        assert!(!is_free(&mutex));
        guard.unlock().unwrap();
        assert!(is_free(&mutex));
    });
}

#[test]
fn a_future_for_a_child_is_ready_when_it_has_ended() {
    let (world, event) = (World::new(), auto(false));
    let mut child = world.child();
    let input = child.stdin.take();
    run(async {
        let waiter = async { wait_any_async(&[&event, &child]).await.unwrap().index() };
        let ender = async {
            tokio::task::yield_now().await;
            drop(input);
        };
        assert_eq!(tokio::join!(waiter, ender).0, 1);
    });
    assert!(child.wait().unwrap().success());
}

#[test]
fn tasks_that_move_between_threads_take_every_signal_exactly_once() {
    const TASKS: u32 = 40;
    let count = Arc::new(Semaphore::create("", 0, TASKS * 5).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let count = count.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        count.wait_async().await.unwrap();
                    }
                })
            })
            .collect();
        for _ in 0..TASKS {
            count.release(5).unwrap();
            tokio::task::yield_now().await;
        }
        for task in tasks {
            tokio::time::timeout(PATIENCE, task).await.expect("it ends").unwrap();
        }
    });
    assert_eq!(count.release(1).unwrap(), 0, "nothing is left");
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    let event = auto(false);
    let ((first, _), (second, rings)) = (bell(), bell());
    let mut waiting = pin!(event.wait_async());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&first)).is_pending());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&second)).is_pending());
    event.set().unwrap();
    rings.recv_timeout(PATIENCE).unwrap();
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&second)).is_ready());
}

#[test]
fn a_future_that_was_dropped_wakes_nobody() {
    struct Flag(AtomicBool);
    impl Wake for Flag {
        fn wake(self: Arc<Flag>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let (event, other) = (auto(false), auto(false));
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    {
        let waker = Waker::from(flag.clone());
        let mut dropped = pin!(event.wait_async());
        assert!(dropped.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&flag), 1, "nothing of it is kept");
    let (waker, rings) = bell();
    let both: [&(dyn Wait + Sync); 2] = [&other, &event];
    let mut waiting = pin!(wait_any_async(&both));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    event.set().unwrap();
    rings.recv_timeout(PATIENCE).unwrap();
    assert!(!flag.0.load(Ordering::SeqCst));
}

#[test]
fn a_pending_future_keeps_no_name_alive_once_it_is_dropped() {
    let name = unique("future");
    let event = Event::create(&name, Reset::Auto).unwrap();
    let (waker, _rings) = bell();
    {
        let mut waiting = pin!(event.wait_async());
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    event.close().unwrap();
    assert_eq!(code(Event::open(&name)), 2);
}
