//! A project: the files of a template with its own names in them, and the folder that they are written to.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use hostler_contract::{Finding, HandlerName, Place, Refused, codes};

use super::Language;
use super::templates::SHARED;
use crate::commands::failure::Failure;

/// The files of a project, by path.
pub(super) struct Project(Vec<(&'static str, String)>);

impl Project {
    /// The project `name` of `handler`; `sdk` is where the SDK's sources are.
    pub(super) fn new(name: &str, language: Language, handler: &HandlerName, sdk: Option<&Path>) -> Self {
        let template = language.template();
        let sdk = sdk.map(|sdk| sdk.display().to_string()).unwrap_or_default();
        let tests = match language {
            Language::Rust => {
                "\ncargo test                                        # the handler's own tests, without WebAssembly"
            }
            _ => "",
        };
        let install = match template.install {
            "" => String::new(),
            command => format!("{command}  # once\n"),
        };
        let named = |text: &str| {
            text.replace("@NAME@", name)
                .replace("@HANDLER@", handler.as_str())
                .replace("@SDK@", &sdk.replace('\\', "\\\\").replace('"', "\\\""))
                .replace("@LANGUAGE@", template.name)
                .replace("@SOURCE@", template.source)
                .replace("@TESTS@", tests)
                .replace("@NEEDS@", template.needs)
                .replace("@INSTALL@", &install)
                .replace("@SETUP@", template.setup)
                .replace(template.sample, handler.as_str())
                .replace("module hello-go", &format!("module {name}"))
        };
        let files = template.files.iter().chain(SHARED);
        Self(files.map(|file| (file.path, named(file.text))).collect())
    }

    /// The paths of its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(path, _)| *path)
    }

    /// Writes it to `folder`, which must not be there.
    ///
    /// # Errors
    /// `new.exists`, and failures of the system; then nothing of it is left.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        match fs::create_dir(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let what = "there is something of that name already";
                let hint = "choose another name, or another folder with `--out`; nothing was written";
                let file = folder.display().to_string();
                return Err(Refused::new(Finding::refusal(codes::NEW_EXISTS, &file, Place::Whole, what, hint)).into());
            }
            Err(error) => return Err(cannot_write(folder, error)),
        }
        self.fill(folder).map_err(|error| {
            // What is half made is nobody's; that it cannot be removed either would say nothing new.
            let _ = fs::remove_dir_all(folder);
            cannot_write(folder, error)
        })
    }

    fn fill(&self, folder: &Path) -> io::Result<()> {
        for (path, text) in &self.0 {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&file, text)?;
            if path.ends_with(".sh") {
                fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
            }
        }
        Ok(())
    }
}

fn cannot_write(folder: &Path, error: io::Error) -> Failure {
    let error = anyhow::Error::from(error).context(format!("{} cannot be made", folder.display()));
    Failure::host(
        error,
        "name a folder with `--out` that is there and that you may write in",
    )
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn nothing_of_a_template_is_left_to_fill_in() {
        let handler = HandlerName::parse("Contoso.Motd").unwrap();
        for &language in Language::value_variants() {
            let project = Project::new("motd", language, &handler, Some(Path::new("/sdk")));
            for (path, text) in &project.0 {
                for left in [
                    "@NAME@",
                    "@HANDLER@",
                    "@SDK@",
                    "@SETUP@",
                    "@NEEDS@",
                    "@TESTS@",
                    "@INSTALL@",
                    "Hostler.Samples",
                    "hello-go",
                ] {
                    assert!(!text.contains(left), "{left} in {path} of {language:?}");
                }
            }
            let has = |name: &str| project.files().any(|path| path == name);
            assert!(has("README.md") && has("build.sh") && has("package/HandlerManifest.json"));
            assert!(has(language.template().source));
        }
    }
}
