//! `Order`: in which order windows come.

/// The order in which [`SlidingWindows`](crate::SlidingWindows) shows its windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// From the first to the last.
    #[default]
    Forward,
    /// From the last to the first.
    Backward,
    /// Each once, shuffled; the same seed gives the same order. Needs no list, however many windows there are.
    Random(u64),
}

impl Order {
    /// Which of `count` windows comes at `step`, below `count`.
    pub(crate) fn at(self, step: u64, count: u64) -> u64 {
        match self {
            Order::Forward => step,
            Order::Backward => count - 1 - step,
            Order::Random(seed) => shuffled(step, count, seed),
        }
    }
}

/// A permutation of the numbers below `count`: a Feistel network on as many bits as they need, an even number, walked
/// until it leads below `count` again.
fn shuffled(number: u64, count: u64, seed: u64) -> u64 {
    let bits = u64::BITS - (count - 1).leading_zeros();
    let half = bits.div_ceil(2).max(1);
    let mask = (1 << half) - 1;
    let mut value = number;
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 1..=6 {
            (left, right) = (right, left ^ (mix(right ^ mix(seed ^ round)) & mask));
        }
        value = left << half | right;
        if value < count {
            return value;
        }
    }
}

/// The last step of SplitMix64: every bit of the argument changes about half of the result.
fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_a_permutation() {
        for count in (1..70).chain([255, 256, 257, 4095, 10_000]) {
            for order in [Order::Forward, Order::Backward, Order::Random(1), Order::Random(2)] {
                let mut seen: Vec<u64> = (0..count).map(|step| order.at(step, count)).collect();
                seen.sort();
                assert!(seen.into_iter().eq(0..count), "{order:?} of {count}");
            }
        }
    }

    #[test]
    fn random_orders_differ_by_seed_and_are_not_in_order() {
        let order = |seed| -> Vec<u64> {
            (0..1000).map(|step| Order::Random(seed).at(step, 1000)).collect()
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let neighbours = order(7).windows(2).filter(|pair| pair[0] + 1 == pair[1]).count();
        assert!(neighbours < 20, "{neighbours}");
        assert!(Order::Random(0).at(3, u64::MAX) < u64::MAX);
    }
}
