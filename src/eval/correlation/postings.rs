//! Rising numbers in little memory: 1, 2, 5 take three bytes.

/// A list of numbers, each greater than the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Postings {
    /// The distances, seven bits a byte, the lowest first; the highest bit says that more follow.
    bytes: Vec<u8>,
    /// One more than the last number.
    next: u32,
}

impl Postings {
    /// Adds a number. One that is not greater than the last is there already.
    pub fn push(&mut self, number: u32) {
        let Some(mut distance) = number.checked_sub(self.next) else {
            return;
        };
        while distance >= 0x80 {
            self.bytes.push((distance & 0x7f) as u8 | 0x80);
            distance >>= 7;
        }
        self.bytes.push((distance & 0x7f) as u8);
        self.next = number.saturating_add(1);
    }

    /// Was the number the last one added?
    pub fn ends_with(&self, number: u32) -> bool {
        !self.bytes.is_empty() && self.next == number.saturating_add(1)
    }

    /// The numbers in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let (mut next, mut distance, mut shift) = (0_u32, 0_u32, 0);
        self.bytes.iter().filter_map(move |byte| {
            distance |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 != 0 {
                return None;
            }
            let number = next + distance;
            (next, distance, shift) = (number.saturating_add(1), 0, 0);
            Some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 2, 129, 130, 20_000, 3_000_000_000];
        let mut postings = Postings::default();
        for number in numbers {
            postings.push(number);
            postings.push(number);
            assert!(postings.ends_with(number));
        }
        assert!(postings.iter().eq(numbers));
    }
}
