//! What only these tests do with a server: put another one beside it, make one of a backup, see it end.

use std::path::Path;

use crate::server::Repository;

impl Repository {
    /// A command that has to fail; what it says.
    #[track_caller]
    pub(crate) fn try_command(&self, arguments: &[&str], data: &str) -> String {
        let done = self.run_command(arguments, data);
        assert!(
            !done.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&done.stdout)
        );
        String::from_utf8(done.stderr).unwrap()
    }

    /// A server beside another one, over the same database, which knows the publisher already.
    pub(crate) fn beside(other: &Self, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let mut this = Self::prepared(arguments, variables, other.publisher.clone());
        this.run();
        this
    }

    /// A repository made of a backup of `other`.
    pub(crate) fn restored(other: &Self, backup: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let mut this = Self::prepared(arguments, variables, other.publisher.clone());
        this.command(&["restore", backup.to_str().unwrap()]);
        this.run();
        this
    }

    /// The exit code of the server, which has been told to end.
    pub(crate) fn exited(&mut self) -> Option<i32> {
        let (mut child, _) = self.running.take()?;
        child.wait().unwrap().code()
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.running.as_ref().unwrap().0.id()
    }
}
