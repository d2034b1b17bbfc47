//! Sets of bytes: one look tells whether a byte is in one.

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes([bool; 256]);

impl Default for Bytes {
    fn default() -> Self {
        Self([false; 256])
    }
}

impl Bytes {
    pub fn add(&mut self, byte: u8) {
        self.0[usize::from(byte)] = true;
    }

    pub const fn has(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }
}
