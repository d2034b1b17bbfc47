//! Standard input, which may be a log that grows: it is known whether anything has come.

use std::io::{self, Read, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long nothing comes before what has come is looked at.
const IDLE: Duration = Duration::from_millis(200);

/// How much is read at once.
const BLOCK: usize = 256 << 10;

/// What was read and not taken yet. Clones share it.
#[derive(Clone)]
pub struct Live(Arc<Mutex<Incoming>>);

struct Incoming {
    blocks: Receiver<io::Result<Vec<u8>>>,
    /// The next block to take.
    next: Option<io::Result<Vec<u8>>>,
    /// How much of it was taken.
    taken: usize,
}

impl Live {
    /// Reads on from now on, in a thread that ends with the input or the program.
    pub fn new(mut input: impl Read + Send + 'static) -> Self {
        let (sender, blocks) = sync_channel(4);
        thread::spawn(move || {
            let mut block = vec![0; BLOCK];
            loop {
                let read = match input.read(&mut block) {
                    Ok(0) => return,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read.map(|read| block[..read].to_vec()),
                };
                if sender.send(read).is_err() {
                    return;
                }
            }
        });
        Self(Arc::new(Mutex::new(Incoming {
            blocks,
            next: None,
            taken: 0,
        })))
    }

    /// Waits for a while. Has nothing come?
    pub fn is_idle(&self) -> bool {
        let mut incoming = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if incoming.next.is_none() {
            match incoming.blocks.recv_timeout(IDLE) {
                Ok(block) => incoming.next = Some(block),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => {}
            }
        }
        false
    }
}

impl Read for Live {
    fn read(&mut self, mut out: &mut [u8]) -> io::Result<usize> {
        let mut incoming = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = incoming.next.take();
        let Some(block) = next.or_else(|| incoming.blocks.recv().ok()) else {
            return Ok(0);
        };
        let block = block?;
        let read = out.write(&block[incoming.taken..])?;
        incoming.taken += read;
        if incoming.taken < block.len() {
            incoming.next = Some(Ok(block));
        } else {
            incoming.taken = 0;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_in_order_whatever_is_taken_at_once() {
        let text: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut live = Live::new(io::Cursor::new(text.clone()));
        let mut read = Vec::new();
        for size in (1..=70_000).step_by(997).cycle() {
            assert!(!live.is_idle());
            let mut part = vec![0; size];
            let count = live.read(&mut part).unwrap();
            if count == 0 {
                break;
            }
            read.extend_from_slice(&part[..count]);
        }
        assert_eq!(read, text);
    }

    struct Bytes(Receiver<u8>);

    impl Read for Bytes {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let Ok(byte) = self.0.recv() else {
                return Ok(0);
            };
            out[0] = byte;
            Ok(1)
        }
    }

    #[test]
    fn an_input_without_anything_is_idle() {
        let (sender, receiver) = std::sync::mpsc::channel::<u8>();
        let mut live = Live::new(Bytes(receiver));
        assert!(live.is_idle());
        sender.send(7).unwrap();
        let mut byte = [0];
        assert_eq!((live.read(&mut byte).unwrap(), byte), (1, [7]));
        assert!(live.is_idle());
        drop(sender);
        // The end is something to read.
        assert_eq!(live.read(&mut byte).unwrap(), 0);
        assert!(!live.is_idle());
    }
}
