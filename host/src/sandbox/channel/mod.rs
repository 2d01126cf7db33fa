//! What supervisor and worker say to each other, over a pair of sockets.
//!
//! A frame is one message as JSON with up to two runs of bytes behind it, and descriptors beside its first byte. Who
//! reads says how long each part may be and how long it waits; what is longer, late or torn ends the channel. Nothing a
//! worker sends makes the supervisor allocate more than it asked for.
//!
//! ```text
//! length of the message (4 bytes) | lengths of the two runs (4 bytes each) | message | first run | second run
//! ```

mod message;

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) use message::{
    CheckReply, Checked, CompileReply, Component, Hello, Job, PackageJob, ProbeJob, RunJob, RunReply, Seccomp, Staging,
    Start,
};

/// Length of the three lengths, in bytes.
const HEAD: usize = 12;

/// Most descriptors that go with one message.
const MAX_DESCRIPTORS: usize = 128;

/// How long the parts of a frame may be, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameLimits {
    /// The message.
    pub(super) message: usize,
    /// Each of the two runs.
    pub(super) run: usize,
}

/// A frame that was read.
#[derive(Debug)]
pub(super) struct Frame {
    message: Vec<u8>,
    /// Bytes that go with it.
    pub(super) runs: [Vec<u8>; 2],
    /// Descriptors that go with it.
    pub(super) descriptors: Vec<OwnedFd>,
}

impl Frame {
    /// The message as a `T`.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Malformed`].
    pub(super) fn message<T: DeserializeOwned>(&self) -> Result<T, ChannelError> {
        serde_json::from_slice(&self.message).map_err(|_| ChannelError::Malformed)
    }
}

/// Why nothing can be said or heard any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChannelError {
    /// The other side is gone.
    #[error("the other side closed the channel")]
    Closed,
    /// It did not come in time.
    #[error("nothing came in time")]
    Late,
    /// What came is no frame, a part of it is too long, or the message is none that is known.
    #[error("what came is not a message")]
    Malformed,
    /// The system.
    #[error("the channel failed: {0}")]
    Io(#[from] io::Error),
}

impl From<Errno> for ChannelError {
    fn from(error: Errno) -> Self {
        match error {
            Errno::PIPE | Errno::CONNRESET => Self::Closed,
            Errno::AGAIN => Self::Late,
            error => Self::Io(error.into()),
        }
    }
}

/// One end of a channel.
#[derive(Debug)]
pub(super) struct Channel(OwnedFd);

impl Channel {
    /// Both ends of a new one.
    ///
    /// # Errors
    ///
    /// When the system has no descriptors for it.
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        Ok((Self(ours), theirs))
    }

    /// The end that a worker finds as its standard input.
    pub(super) fn of(socket: OwnedFd) -> Self {
        Self(socket)
    }

    /// The same end once more.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor for it.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Sends `message` with two runs of bytes and `descriptors` before `deadline`.
    ///
    /// # Errors
    ///
    /// [`ChannelError`]; then the channel is of no more use.
    pub(super) fn send(
        &self,
        message: &impl Serialize,
        runs: [&[u8]; 2],
        descriptors: &[BorrowedFd<'_>],
        deadline: Option<Instant>,
    ) -> Result<(), ChannelError> {
        let message = serde_json::to_vec(message).map_err(|_| ChannelError::Malformed)?;
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| ChannelError::Malformed);
        if descriptors.len() > MAX_DESCRIPTORS {
            return Err(ChannelError::Malformed);
        }
        let mut bytes = Vec::with_capacity(HEAD + message.len());
        for part in [message.as_slice(), runs[0], runs[1]] {
            bytes.extend_from_slice(&length(part)?.to_le_bytes());
        }
        bytes.extend_from_slice(&message);
        if descriptors.is_empty() {
            self.write(&bytes, deadline)?;
        } else {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            beside.push(SendAncillaryMessage::ScmRights(descriptors));
            self.wait_until(deadline, Timeout::Send)?;
            let sent = loop {
                match sendmsg(&self.0, &[IoSlice::new(&bytes)], &mut beside, SendFlags::NOSIGNAL) {
                    Err(Errno::INTR) => {}
                    sent => break sent?,
                }
            };
            self.write(bytes.get(sent..).unwrap_or_default(), deadline)?;
        }
        runs.into_iter().try_for_each(|run| self.write(run, deadline))
    }

    /// Sends a word: one byte, which brings no descriptor.
    ///
    /// # Errors
    ///
    /// [`ChannelError`].
    pub(super) fn send_word(&self, deadline: Instant) -> Result<(), ChannelError> {
        self.write(&[1], Some(deadline))
    }

    /// Waits for a word. Who waits is locked down, and can be handed nothing any more.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Closed`] when there will be none.
    pub(super) fn wait_for_word(&self) -> Result<(), ChannelError> {
        self.read(1, None).map(drop)
    }

    /// Waits until the other side is gone, whatever it says meanwhile.
    pub(super) fn wait_for_end(&self) {
        while self.wait_for_word().is_ok() {}
    }

    /// Waits until there is something to read, or the other side is gone; false when there is nothing at `deadline`.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Io`].
    pub(super) fn wait(&self, deadline: Instant) -> Result<bool, ChannelError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            let mut sockets = [PollFd::new(&self.0, PollFlags::IN)];
            match poll(&mut sockets, Some(&left)) {
                Ok(ready) => return Ok(ready > 0),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads one frame before `deadline`.
    ///
    /// # Errors
    ///
    /// [`ChannelError`]; then the channel is of no more use.
    pub(super) fn receive(&self, limits: FrameLimits, deadline: Option<Instant>) -> Result<Frame, ChannelError> {
        let mut head = [0; HEAD];
        let descriptors = self.receive_head(&mut head, deadline)?;
        let lengths: Vec<usize> = head
            .chunks_exact(4)
            .filter_map(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize))
            .collect();
        let [message, first, second] = lengths[..] else {
            return Err(ChannelError::Malformed);
        };
        if message > limits.message || first > limits.run || second > limits.run {
            return Err(ChannelError::Malformed);
        }
        Ok(Frame {
            message: self.read(message, deadline)?,
            runs: [self.read(first, deadline)?, self.read(second, deadline)?],
            descriptors,
        })
    }

    /// Fills `head`, and takes what came beside its first byte.
    fn receive_head(&self, head: &mut [u8; HEAD], deadline: Option<Instant>) -> Result<Vec<OwnedFd>, ChannelError> {
        let mut descriptors = Vec::new();
        let mut filled = 0;
        while filled < HEAD {
            self.wait_until(deadline, Timeout::Recv)?;
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
            let mut beside = RecvAncillaryBuffer::new(&mut space);
            let rest = head.get_mut(filled..).unwrap_or_default();
            let flags = RecvFlags::CMSG_CLOEXEC;
            let received = match recvmsg(&self.0, &mut [IoSliceMut::new(rest)], &mut beside, flags) {
                Err(Errno::INTR) => continue,
                received => received?,
            };
            for message in beside.drain() {
                if let RecvAncillaryMessage::ScmRights(rights) = message {
                    descriptors.extend(rights);
                }
            }
            if received.flags.contains(ReturnFlags::CTRUNC) || descriptors.len() > MAX_DESCRIPTORS {
                return Err(ChannelError::Malformed);
            }
            if received.bytes == 0 {
                return Err(ChannelError::Closed);
            }
            filled += received.bytes;
        }
        Ok(descriptors)
    }

    fn read(&self, length: usize, deadline: Option<Instant>) -> Result<Vec<u8>, ChannelError> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            self.wait_until(deadline, Timeout::Recv)?;
            let rest = bytes.get_mut(filled..).unwrap_or_default();
            match rustix::io::read(&self.0, rest) {
                Ok(0) => return Err(ChannelError::Closed),
                Ok(read) => filled += read,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(bytes)
    }

    fn write(&self, mut bytes: &[u8], deadline: Option<Instant>) -> Result<(), ChannelError> {
        while !bytes.is_empty() {
            self.wait_until(deadline, Timeout::Send)?;
            match rustix::net::send(&self.0, bytes, SendFlags::NOSIGNAL) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Lets the next call wait until `deadline` at most. Each call anew: a side that sends a byte at a time buys no time.
    fn wait_until(&self, deadline: Option<Instant>, side: Timeout) -> Result<(), ChannelError> {
        let Some(deadline) = deadline else { return Ok(()) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ChannelError::Late);
        }
        // No time at all would mean to wait for ever.
        let left = left.max(Duration::from_micros(1));
        Ok(set_socket_timeout(&self.0, side, Some(left))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FrameLimits = FrameLimits { message: 100, run: 8 };

    fn soon() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(5))
    }

    #[test]
    fn a_frame_comes_as_it_was_sent_with_its_descriptors() {
        let (ours, theirs) = Channel::pair().unwrap();
        let theirs = Channel::of(theirs);
        let file = std::fs::File::open("/").unwrap();
        let beside = [std::os::fd::AsFd::as_fd(&file)];
        ours.send(&vec!["a"], [b"first", b""], &beside, soon()).unwrap();
        let frame = theirs.receive(LIMITS, soon()).unwrap();
        assert_eq!(frame.message::<Vec<String>>().unwrap(), ["a"]);
        assert_eq!(frame.runs, [b"first".to_vec(), vec![]]);
        assert_eq!(frame.descriptors.len(), 1);
        assert!(matches!(frame.message::<u8>(), Err(ChannelError::Malformed)));
    }

    #[test]
    fn what_is_too_long_torn_or_late_ends_the_channel() {
        let raw = |bytes: &[u8]| {
            let (ours, theirs) = Channel::pair().unwrap();
            Channel::of(theirs).write(bytes, soon()).unwrap();
            ours.receive(LIMITS, soon()).unwrap_err()
        };
        assert!(
            matches!(raw(&[0xff; 12]), ChannelError::Malformed),
            "4 GiB are not allocated"
        );
        assert!(matches!(
            raw(&[101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ChannelError::Malformed
        ));
        assert!(matches!(
            raw(&[4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]),
            ChannelError::Malformed
        ));
        assert!(matches!(
            raw(&[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'1']),
            ChannelError::Closed
        ));
        assert!(matches!(raw(&[4, 0]), ChannelError::Closed));
        let (ours, theirs) = Channel::pair().unwrap();
        let past = Some(Instant::now());
        assert!(matches!(ours.receive(LIMITS, past), Err(ChannelError::Late)));
        let short = Some(Instant::now() + Duration::from_millis(5));
        assert!(matches!(ours.receive(LIMITS, short), Err(ChannelError::Late)));
        drop(theirs);
    }
}
