//! The files of one of several extensions, which go when it is disabled (contract 7.5).

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use hostler_contract::{ExtensionName, SettingsName, SettingsNameError};
use hostler_package::remove_folder;
use rustix::fs::{AtFlags, Dir, unlinkat};
use rustix::io::Errno;

use super::{HandlerDir, HandlerDirError};

impl HandlerDir {
    /// Takes away the settings and status files of `extension`, whatever their numbers.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn remove_extension(&self, extension: &ExtensionName) -> Result<(), HandlerDirError> {
        type Parse = fn(&str) -> Result<SettingsName, SettingsNameError>;
        let folders: [(&str, BorrowedFd<'_>, Parse); 2] = [
            ("config", self.config.as_fd(), SettingsName::parse),
            ("status", self.status.as_fd(), SettingsName::parse_status),
        ];
        for (name, folder, parse) in folders {
            let is_its = |file: &str| parse(file).is_ok_and(|name| name.extension.as_ref() == Some(extension));
            remove(folder, is_its).map_err(|source| HandlerDirError::Io {
                path: self.base.join(name),
                source,
            })?;
        }
        Ok(())
    }
}

/// Takes away what `goes` of `folder`: the handler may have put anything there.
fn remove(folder: BorrowedFd<'_>, goes: impl Fn(&str) -> bool) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        names.extend(
            entry
                .file_name()
                .to_str()
                .ok()
                .filter(|name| goes(name))
                .map(str::to_owned),
        );
    }
    for name in names {
        match unlinkat(folder, &*name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::ISDIR) => remove_folder(folder, &name)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
