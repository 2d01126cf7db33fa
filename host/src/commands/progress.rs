//! A line on the terminal while something takes more than a second.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long something may take before it is said.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows `doing` and the time it has taken, from a second on, until it is dropped; only on a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    running: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub(super) fn start(doing: String) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { running: None };
        }
        let (done, wait) = mpsc::channel();
        let show = move || {
            if !matches!(wait.recv_timeout(PATIENCE), Err(RecvTimeoutError::Timeout)) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_elapsed(PATIENCE);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.set_message(doing);
            bar.enable_steady_tick(Duration::from_millis(120));
            let _ = wait.recv();
            bar.finish_and_clear();
        };
        // Without a thread there is no line, and nothing else is lost.
        let running = std::thread::Builder::new()
            .name("progress".into())
            .spawn(show)
            .ok()
            .map(|thread| (done, thread));
        Self { running }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.running.take() {
            drop(done);
            // It only draws.
            let _ = thread.join();
        }
    }
}
