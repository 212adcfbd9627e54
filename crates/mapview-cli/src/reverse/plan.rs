//! Which windows of a file are worked on in which order.

/// Pairs of windows, from both ends of a file towards its middle. A byte in the middle stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Bytes of the file.
    pub len: u64,
    /// Bytes of one window, at most; never zero.
    pub window: u64,
}

/// Two windows of the same length that change places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub front: u64,
    pub back: u64,
    pub len: usize,
}

impl Plan {
    /// How many pairs there are.
    pub fn pairs(self) -> u64 {
        (self.len / 2).div_ceil(self.window)
    }

    /// Pair `number` of [`Plan::pairs`]; the first is the longest.
    pub fn pair(self, number: u64) -> Pair {
        let front = number * self.window;
        let len = self.window.min(self.len / 2 - front);
        let back = self.len - front - len;
        Pair { front, back, len: len.try_into().expect("a window fits into the address space") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pairs_cover_every_byte_but_the_one_in_the_middle() {
        for len in 0..200 {
            for window in 1..70 {
                let plan = Plan { len, window };
                let mut seen = vec![0; len as usize];
                for pair in (0..plan.pairs()).map(|number| plan.pair(number)) {
                    assert!(pair.len > 0 && pair.len as u64 <= window);
                    assert_eq!(pair.front, len - pair.back - pair.len as u64, "mirror images");
                    for at in 0..pair.len as u64 {
                        seen[(pair.front + at) as usize] += 1;
                        seen[(pair.back + at) as usize] += 1;
                    }
                }
                for (at, &times) in seen.iter().enumerate() {
                    let middle = len % 2 == 1 && at as u64 == len / 2;
                    assert_eq!(times, if middle { 0 } else { 1 }, "{len} {window} {at}");
                }
            }
        }
    }
}
