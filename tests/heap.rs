//! A heap with a limit, against a model.

mod support;

use std::alloc::Layout;
use std::ptr::NonNull;

use allocator_api2::vec::Vec as HeapVec;
use mapview::Heap;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use support::{code, Random};

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

/// An allocation, with what was written to it.
struct Block {
    memory: NonNull<u8>,
    layout: Layout,
    mark: u8,
}

impl Block {
    fn new(memory: NonNull<u8>, layout: Layout, mark: u8) -> Block {
        assert!(memory.addr().get().is_multiple_of(layout.align()), "not aligned");
        // SAFETY: as long as the layout says, and nobody else's, as the model checks.
        unsafe { memory.write_bytes(mark, layout.size()) };
        Block { memory, layout, mark }
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: written in `new`.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), self.layout.size()) }
    }

    fn check(&self, len: usize) {
        assert!(self.bytes()[..len].iter().all(|&byte| byte == self.mark), "it was overwritten");
    }

    fn free(self, heap: &Heap) {
        self.check(self.layout.size());
        // SAFETY: allocated there with this layout, and consumed here.
        unsafe { heap.deallocate(self.memory, self.layout) };
    }
}

#[derive(Clone, Debug)]
enum Step {
    Allocate(usize, u32),
    Free(usize),
    Reallocate(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![0..200_usize, 0..20_000_usize, 0..700_000_usize];
    prop_oneof![
        4 => (size.clone(), 0..13_u32).prop_map(|(size, align)| Step::Allocate(size, align)),
        2 => any::<usize>().prop_map(Step::Free),
        2 => (any::<usize>(), size).prop_map(|(which, size)| Step::Reallocate(which, size)),
    ]
}

#[test]
fn allocations_are_apart_aligned_and_kept_and_the_limit_holds() {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(30));
    runner.run(&prop::collection::vec(step(), 1..120), obey).unwrap();
}

fn obey(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let heap = Heap::new(1 << 20).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        let mark = number as u8 | 1;
        match step {
            Step::Allocate(size, align) => {
                let layout = layout(size, 1 << align);
                match heap.allocate(layout) {
                    Ok(memory) => blocks.push(Block::new(memory, layout, mark)),
                    Err(error) => prop_assert_eq!(error.win32_code(), 1455),
                }
            }
            Step::Free(which) if !blocks.is_empty() => {
                blocks.swap_remove(which % blocks.len()).free(&heap);
            }
            Step::Reallocate(which, size) if !blocks.is_empty() => {
                let index = which % blocks.len();
                let block = &mut blocks[index];
                // SAFETY: allocated there with this layout, and replaced when it has moved.
                if let Ok(memory) = unsafe { heap.reallocate(block.memory, block.layout, size) } {
                    let kept = block.layout.size().min(size);
                    (block.memory, block.layout) = (memory, layout(size, block.layout.align()));
                    block.check(kept);
                    *block = Block::new(block.memory, block.layout, mark);
                }
            }
            _ => {}
        }
        let mut places: Vec<_> = blocks
            .iter()
            .map(|block| (block.memory.addr().get(), block.layout.size().max(1)))
            .collect();
        places.sort_unstable();
        prop_assert!(places.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0));
        let bytes: usize = places.iter().map(|place| place.1).sum();
        prop_assert_eq!(heap.allocated(), bytes);
        prop_assert!(bytes <= heap.committed() && heap.committed() <= heap.limit());
    }
    blocks.into_iter().for_each(|block| block.free(&heap));
    prop_assert_eq!(heap.allocated(), 0);
    Ok(())
}

#[test]
fn a_new_heap_has_no_memory_and_its_limit_is_whole_pages() {
    let heap = Heap::new(1_000_000).unwrap();
    assert_eq!((heap.allocated(), heap.committed(), heap.limit()), (0, 0, 1_003_520));
    assert_eq!(code(Heap::new(0)), 87);
    // Addresses are not memory.
    assert_eq!(Heap::new(1 << 40).unwrap().committed(), 0);
}

#[test]
fn at_the_limit_allocating_fails_and_freeing_helps() {
    let heap = Heap::new(1 << 20).unwrap();
    let layout = layout(100_000, 8);
    let mut blocks = Vec::new();
    let refused = loop {
        match heap.allocate(layout) {
            Ok(memory) => blocks.push(Block::new(memory, layout, 7)),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.win32_code(), 1455);
    assert!(
        refused.to_string().contains("900000 are allocated") || blocks.len() == 10,
        "{refused}"
    );
    assert!(blocks.len() >= 9, "only {} of 10", blocks.len());
    blocks.remove(3).free(&heap);
    blocks.push(Block::new(heap.allocate(layout).unwrap(), layout, 8));
    assert_eq!(code(heap.allocate(Layout::from_size_align(usize::MAX / 4, 1).unwrap())), 1455);
    assert_eq!(code(heap.allocate(Layout::from_size_align(0, 1 << 62).unwrap())), 1455);
    blocks.into_iter().for_each(|block| block.free(&heap));
}

#[test]
fn what_is_free_at_the_end_is_given_back() {
    let heap = Heap::new(64 << 20).unwrap();
    let layout = layout(1 << 20, 4096);
    let blocks: Vec<_> =
        (0..40).map(|_| Block::new(heap.allocate(layout).unwrap(), layout, 3)).collect();
    assert!(heap.committed() >= 40 << 20);
    blocks.into_iter().rev().for_each(|block| block.free(&heap));
    assert!(heap.committed() <= 1 << 20, "{} are committed", heap.committed());
    // It goes on after that.
    Block::new(heap.allocate(layout).unwrap(), layout, 4).free(&heap);
}

#[test]
fn many_threads_use_one_heap() {
    let heap = Heap::new(32 << 20).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let heap = &heap;
            scope.spawn(move || {
                let mut random = Random(u64::from(thread) + 1);
                let mut blocks = Vec::new();
                for _ in 0..3000 {
                    let layout = layout(random.below(3000) as usize, 1 << random.below(8));
                    blocks.push(Block::new(heap.allocate(layout).unwrap(), layout, thread));
                    if blocks.len() > 200 {
                        let which = random.below(200) as usize;
                        blocks.swap_remove(which).free(heap);
                    }
                }
                blocks.into_iter().for_each(|block| block.free(heap));
            });
        }
    });
    assert_eq!(heap.allocated(), 0);
    assert!(heap.committed() <= 1 << 20);
}

#[test]
fn collections_use_it_and_learn_of_its_limit() {
    let heap = Heap::new(1 << 20).unwrap();
    let mut numbers: HeapVec<u64, &Heap> = HeapVec::new_in(&heap);
    let refused = loop {
        if let Err(error) = numbers.try_reserve(1) {
            break error;
        }
        numbers.push(numbers.len() as u64);
    };
    assert!(!refused.to_string().is_empty());
    assert!(numbers.len() * 8 >= 256 << 10, "only {} numbers", numbers.len());
    assert!(numbers.iter().enumerate().all(|(index, &number)| index as u64 == number));
    drop(numbers);
    assert_eq!(heap.allocated(), 0);
}

#[test]
fn it_can_be_handed_on_as_an_allocator() {
    use std::alloc::GlobalAlloc;
    let heap = Heap::new(1 << 20).unwrap();
    // SAFETY: each is freed once, with its layout.
    unsafe {
        let memory = heap.alloc_zeroed(layout(1000, 16));
        assert!((0..1000).all(|at| memory.add(at).read() == 0));
        let memory = heap.realloc(memory, layout(1000, 16), 5000);
        heap.dealloc(memory, layout(5000, 16));
        assert!(heap.alloc(layout(2 << 20, 1)).is_null());
    }
    assert_eq!(heap.allocated(), 0);
}
