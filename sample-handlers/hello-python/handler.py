"""A handler in Python that greets whom its settings name.

Its commands are the functions of hostler:handler/lifecycle; what one raises becomes its exit code and message. Files are
read and written with Python's own library. Environment variables are not: os.environ is that of the machine that built
the component, so the ones of the command are asked for.
"""

import json
import os
from datetime import datetime, timezone

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.lifecycle import Failure
from wit_world.imports import environment

BLANK_NAME = 2
BAD_SETTINGS = 65
BAD_SURROUNDINGS = 66
CANNOT_WRITE = 73


class HandlerError(Exception):
    """A failure with the exit code that the command is to end with."""

    def __init__(self, exit_code: int, message: str):
        super().__init__(message)
        self.exit_code = exit_code


class Command:
    """What a command works on and with."""

    def __init__(self, name: str):
        self.name = name
        variables = dict(environment.get_environment())
        try:
            self.number = variables["ConfigSequenceNumber"]
            base = variables["AZURE_GUEST_AGENT_EXTENSION_PATH"]
            with open(f"{base}/HandlerEnvironment.json", encoding="utf-8") as file:
                self.folders = json.load(file)[0]["handlerEnvironment"]
        except (KeyError, OSError, ValueError) as error:
            raise HandlerError(BAD_SURROUNDINGS, f"the surroundings cannot be understood: {error}") from error

    def log(self, line: str) -> None:
        """Adds a line to the handler's log. One that cannot be written is lost, and nothing else."""
        try:
            with open(f"{self.folders['logFolder']}/handler.log", "a", encoding="utf-8") as file:
                file.write(f"{now()} [{self.name} {self.number}] {line}\n")
        except OSError:
            pass

    def status(self, word: str, code: int, message: str) -> None:
        """Writes the status under another name and renames it: whoever reads it finds all of it or nothing."""
        path = f"{self.folders['statusFolder']}/{self.number}.status"
        document = [
            {
                "version": 1.0,
                "timestampUTC": now(),
                "status": {
                    "operation": "enable",
                    "status": word,
                    "code": code,
                    "formattedMessage": {"lang": "en-US", "message": message},
                },
            }
        ]
        try:
            with open(f"{path}.new", "w", encoding="utf-8") as file:
                json.dump(document, file)
            os.replace(f"{path}.new", path)
        except OSError as error:
            try:
                os.unlink(f"{path}.new")
            except OSError:
                pass
            raise HandlerError(CANNOT_WRITE, f"the status cannot be written: {error}") from error

    def settings(self) -> dict:
        """The public settings."""
        try:
            with open(f"{self.folders['configFolder']}/{self.number}.settings", encoding="utf-8") as file:
                text = file.read()
            if not text:
                raise HandlerError(BAD_SETTINGS, "there are no settings, and `name` is needed")
            return json.loads(text)["runtimeSettings"][0]["handlerSettings"]["publicSettings"] or {}
        except (IndexError, KeyError, OSError, TypeError, ValueError) as error:
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
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


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
