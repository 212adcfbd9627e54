//! Boost.Interprocess's message queue, where the build found it.

#[cfg(boost)]
mod found {
    use std::ffi::{c_char, c_void, CString};
    use std::hint::spin_loop;

    use crate::contenders::capacity;
    use crate::message::{Reader, Spec, Writer};

    pub const FOUND: bool = true;

    extern "C" {
        fn mapview_bench_queue_open(
            name: *const c_char,
            messages: usize,
            bytes: usize,
        ) -> *mut c_void;
        fn mapview_bench_queue_remove(name: *const c_char);
        fn mapview_bench_queue_send(queue: *mut c_void, from: *const u8, bytes: usize);
        fn mapview_bench_queue_receive(queue: *mut c_void, to: *mut u8, bytes: usize);
        fn mapview_bench_queue_try_send(queue: *mut c_void, from: *const u8, bytes: usize) -> bool;
        fn mapview_bench_queue_try_receive(queue: *mut c_void, to: *mut u8, bytes: usize) -> bool;
    }

    /// Removes the queue in the end.
    pub struct Made(CString);

    impl Drop for Made {
        fn drop(&mut self) {
            // SAFETY: the name ends in NUL.
            unsafe { mapview_bench_queue_remove(self.0.as_ptr()) };
        }
    }

    pub fn make(spec: &Spec, name: &str) -> Made {
        open(spec, name);
        Made(CString::new(name).expect("no NUL"))
    }

    /// A queue that lives as long as the process.
    fn open(spec: &Spec, name: &str) -> *mut c_void {
        let name = CString::new(name).expect("no NUL");
        // SAFETY: the name ends in NUL. All functions here end the program if Boost throws.
        unsafe { mapview_bench_queue_open(name.as_ptr(), capacity(spec) / spec.bytes, spec.bytes) }
    }

    pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
        let (queue, mut writer) = (open(spec, name), Writer::new(spec));
        move |number| {
            let message = writer.buffer(number);
            // SAFETY: an open queue, and the bytes of a message.
            unsafe { mapview_bench_queue_send(queue, message.as_ptr(), message.len()) };
            1
        }
    }

    pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
        let (queue, mut reader) = (open(spec, name), Reader::new(spec));
        move || {
            let room = reader.room();
            // SAFETY: an open queue, and room for a message.
            unsafe { mapview_bench_queue_receive(queue, room.as_mut_ptr(), room.len()) };
            reader.number()
        }
    }

    /// Does not sleep while the queue is full.
    pub fn busy_sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
        let (queue, mut writer) = (open(spec, name), Writer::new(spec));
        move |number| {
            let message = writer.buffer(number);
            // SAFETY: an open queue, and the bytes of a message.
            while !unsafe { mapview_bench_queue_try_send(queue, message.as_ptr(), message.len()) } {
                spin_loop();
            }
            1
        }
    }

    /// Does not sleep while the queue is empty.
    pub fn busy_receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
        let (queue, mut reader) = (open(spec, name), Reader::new(spec));
        move || {
            let room = reader.room();
            // SAFETY: an open queue, and room for a message.
            while !unsafe { mapview_bench_queue_try_receive(queue, room.as_mut_ptr(), room.len()) }
            {
                spin_loop();
            }
            reader.number()
        }
    }
}

#[cfg(not(boost))]
mod found {
    use crate::message::Spec;

    pub const FOUND: bool = false;

    pub fn make(_: &Spec, _: &str) {}

    pub fn sender(_: &Spec, _: &str) -> impl FnMut(u64) -> u64 {
        |_| unreachable!("not found")
    }

    pub fn receiver(_: &Spec, _: &str) -> impl FnMut() -> u64 {
        || unreachable!("not found")
    }

    pub use {receiver as busy_receiver, sender as busy_sender};
}

pub use found::*;
