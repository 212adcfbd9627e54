//! In which order a server looks at its clients: those in turn that have committed calls since it last found none.

/// As many as there are members.
const CLIENTS: usize = 64;

/// What one server knows of all clients.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    /// How many calls each had committed when it was last noted.
    seen: [u64; CLIENTS],
    /// A bit for each client who may have calls to take.
    open: u64,
    /// Who comes first next.
    next: u32,
}

impl Round {
    /// Knows of nobody, so everybody may have calls.
    pub(crate) fn new() -> Round {
        Round { seen: [0; CLIENTS], open: !0, next: 0 }
    }

    /// The client has committed so many calls so far. To be read before its slots are looked at.
    #[inline]
    pub(crate) fn note(&mut self, client: usize, calls: u64) {
        if self.seen[client] != calls {
            self.seen[client] = calls;
            self.open |= 1 << client;
        }
    }

    /// The next client, of these, that may have calls.
    #[inline]
    pub(crate) fn pick(&self, clients: u64) -> Option<usize> {
        let open = self.open & clients;
        if open == 0 {
            return None;
        }
        let turned = open.rotate_right(self.next);
        Some(((turned.trailing_zeros() + self.next) % CLIENTS as u32) as usize)
    }

    /// A call of this client was taken: the others come first.
    #[inline]
    pub(crate) fn served(&mut self, client: usize) {
        self.next = (client as u32 + 1) % CLIENTS as u32;
    }

    /// This client had none.
    #[inline]
    pub(crate) fn close(&mut self, client: usize) {
        self.open &= !(1 << client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_a_turn() {
        let mut round = Round::new();
        let clients = 0b1011;
        let mut turns = Vec::new();
        for _ in 0..7 {
            let client = round.pick(clients).unwrap();
            round.served(client);
            turns.push(client);
        }
        assert_eq!(turns, [0, 1, 3, 0, 1, 3, 0]);
    }

    #[test]
    fn who_had_nothing_is_looked_at_again_when_it_committed_more() {
        let mut round = Round::new();
        round.close(5);
        assert_eq!(round.pick(1 << 5), None);
        round.note(5, 0);
        assert_eq!(round.pick(1 << 5), None);
        round.note(5, 1);
        assert_eq!(round.pick(1 << 5), Some(5));
    }

    #[test]
    fn the_last_client_is_followed_by_the_first() {
        let mut round = Round::new();
        round.served(63);
        assert_eq!(round.pick(1 | 1 << 63), Some(0));
        round.served(0);
        assert_eq!(round.pick(1 | 1 << 63), Some(63));
    }
}
