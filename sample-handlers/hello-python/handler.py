"""A handler in Python that greets whom its settings name.

Its commands are the functions of hostler:handler/lifecycle; what one raises becomes its exit code and message. It is built
with --stub-wasi, since Python's own library wants sockets, which no handler gets: so files, clock and environment variables
are those of WASI itself, and open(), time and os.environ cannot be used.
"""

import json
from datetime import datetime, timezone

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.lifecycle import Failure
from wit_world.imports import environment, preopens, wall_clock
from wit_world.imports.types import DescriptorFlags, OpenFlags, PathFlags

BLANK_NAME = 2
BAD_SETTINGS = 65
BAD_SURROUNDINGS = 66
CANNOT_WRITE = 73

MOST = 1 << 20
NO_LINKS = PathFlags(0)


class HandlerError(Exception):
    """A failure with the exit code that the command is to end with."""

    def __init__(self, exit_code: int, message: str):
        super().__init__(message)
        self.exit_code = exit_code


class Folders:
    """The folders that the host gives, by the names that HandlerEnvironment.json has for them."""

    def __init__(self):
        self.by_name = {}
        for folder, name in preopens.get_directories():
            self.by_name.setdefault(name, folder)

    def read(self, folder: str, name: str) -> str:
        """The text of a file."""
        flags = OpenFlags(0)
        file = self.by_name[folder].open_at(PathFlags.SYMLINK_FOLLOW, name, flags, DescriptorFlags.READ)
        return file.read(MOST, 0)[0].decode("utf-8")

    def append(self, folder: str, name: str, text: str) -> None:
        """Adds to a file."""
        file = self.by_name[folder].open_at(NO_LINKS, name, OpenFlags.CREATE, DescriptorFlags.WRITE)
        write_all(file, text, file.stat().size)

    def replace(self, folder: str, name: str, text: str) -> None:
        """Writes a file under another name and renames it: whoever reads it finds all of it or nothing."""
        into, unfinished = self.by_name[folder], f"{name}.new"
        try:
            flags = OpenFlags.CREATE | OpenFlags.TRUNCATE
            write_all(into.open_at(NO_LINKS, unfinished, flags, DescriptorFlags.WRITE), text, 0)
            into.rename_at(unfinished, into, name)
        except (Err, OSError):
            try:
                into.unlink_file_at(unfinished)
            except Err:
                pass  # It was never made.
            raise


def write_all(file, text: str, offset: int) -> None:
    """Writes all of a text, in as many pieces as it takes."""
    rest = text.encode("utf-8")
    while rest:
        written = file.write(rest, offset)
        if written == 0:
            raise OSError("nothing more can be written")
        rest, offset = rest[written:], offset + written


class Command:
    """What a command works on and with."""

    def __init__(self, name: str):
        self.name = name
        self.files = Folders()
        try:
            self.number = dict(environment.get_environment())["ConfigSequenceNumber"]
            self.folders = json.loads(self.files.read(".", "HandlerEnvironment.json"))[0]["handlerEnvironment"]
        except (Err, KeyError, ValueError) as error:
            raise HandlerError(BAD_SURROUNDINGS, f"the surroundings cannot be understood: {error}") from error

    def log(self, line: str) -> None:
        """Adds a line to the handler's log. One that cannot be written is lost, and nothing else."""
        try:
            self.files.append(self.folders["logFolder"], "handler.log", f"{now()} [{self.name} {self.number}] {line}\n")
        except (Err, OSError):
            pass

    def status(self, word: str, code: int, message: str) -> None:
        """Writes the status."""
        status = {
            "operation": "enable",
            "status": word,
            "code": code,
            "formattedMessage": {"lang": "en-US", "message": message},
        }
        document = [{"version": 1.0, "timestampUTC": now(), "status": status}]
        try:
            self.files.replace(self.folders["statusFolder"], f"{self.number}.status", json.dumps(document))
        except (Err, OSError) as error:
            raise HandlerError(CANNOT_WRITE, "the status cannot be written") from error

    def settings(self) -> dict:
        """The public settings."""
        try:
            text = self.files.read(self.folders["configFolder"], f"{self.number}.settings")
            if not text:
                raise HandlerError(BAD_SETTINGS, "there are no settings, and `name` is needed")
            return json.loads(text)["runtimeSettings"][0]["handlerSettings"]["publicSettings"] or {}
        except (Err, IndexError, KeyError, TypeError, ValueError) as error:
            raise HandlerError(BAD_SETTINGS, f"the settings cannot be understood: {error}") from error

    def greet(self) -> None:
        """What enable does."""
        name = self.settings().get("name")
        if not isinstance(name, str):
            raise HandlerError(BAD_SETTINGS, "the public settings have no text `name`")
        if not name.strip():
            raise HandlerError(BLANK_NAME, "the setting `name` is blank; it should say whom to greet")
        greeting = f"Hello, {name}"
        self.log(greeting)
        self.status("success", 0, greeting)


def now() -> str:
    """The time, as the contract writes it."""
    seconds = wall_clock.now().seconds
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def other(name: str) -> None:
    """A command that has nothing to do."""
    try:
        Command(name).log("done")
    except HandlerError as error:
        raise Err(Failure(error.exit_code, str(error))) from error


class Lifecycle(exports.Lifecycle):
    """The five commands."""

    def install(self) -> None:
        other("install")

    def enable(self) -> None:
        command = None
        try:
            command = Command("enable")
            command.greet()
        except HandlerError as error:
            if command is not None:
                command.log(str(error))
                try:
                    command.status("error", error.exit_code, str(error))
                except HandlerError:
                    pass  # The failure itself is what counts.
            raise Err(Failure(error.exit_code, str(error))) from error

    def update(self) -> None:
        other("update")

    def disable(self) -> None:
        other("disable")

    def uninstall(self) -> None:
        other("uninstall")
