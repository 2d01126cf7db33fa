//! Standard input of a native program, read by a thread until it ends.

use std::{
    io::{self, Read},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use super::Waits;
use crate::Wait;

/// Whether a service learns that it is to stop.
pub(crate) fn can_be_heard() -> bool {
    true
}

/// Standard input. The thread that reads it ends with the program at the latest.
pub(crate) struct StandardInput(Receiver<()>);

impl StandardInput {
    pub(crate) fn new() -> Self {
        Self::reading(io::stdin())
    }

    fn reading(mut input: impl Read + Send + 'static) -> Self {
        let (open, ended) = mpsc::channel();
        // Where no thread can be started, `open` is dropped: a service that cannot hear should not run on.
        let _ = thread::Builder::new().name("stop".to_owned()).spawn(move || {
            let _open = open;
            // What is written there means nothing, and an input that cannot be read has ended.
            let _ = io::copy(&mut input, &mut io::sink());
        });
        Self(ended)
    }
}

impl Waits for StandardInput {
    fn wait(&mut self, time: Duration) -> Wait {
        match self.0.recv_timeout(time) {
            Err(RecvTimeoutError::Disconnected) => Wait::Stop,
            Ok(()) | Err(RecvTimeoutError::Timeout) => Wait::Elapsed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write as _},
        time::Duration,
    };

    use super::StandardInput;
    use crate::{Wait, stop::Waits as _};

    #[test]
    fn the_end_of_the_input_is_the_word_to_stop_and_stays_it() {
        let (input, mut other_end) = io::pipe().unwrap();
        let mut waits = StandardInput::reading(input);
        assert_eq!(waits.wait(Duration::ZERO), Wait::Elapsed);
        other_end.write_all(b"stop\n").unwrap();
        assert_eq!(waits.wait(Duration::from_millis(1)), Wait::Elapsed);
        drop(other_end);
        for time in [Duration::MAX, Duration::ZERO] {
            assert_eq!(waits.wait(time), Wait::Stop);
        }
    }
}
