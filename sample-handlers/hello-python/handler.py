"""A handler in Python that greets whom its settings name.

Its commands are the methods of `Lifecycle`; what one raises as `Err` becomes its exit code and message. Files are read and
written as everywhere else.
"""

import json
import os
import time

# componentize-py runs this module when it builds, and keeps the memory that is left: what is imported here costs nothing
# when a command runs. What is read of the machine has to be read in a command.
from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import lifecycle

BLANK_NAME = 2
BAD_SETTINGS = 65
BAD_SURROUNDINGS = 66
CANNOT_WRITE = 73


class Failure(Exception):
    """An error with the exit code that the command is to end with."""

    def __init__(self, exit_code, message):
        super().__init__(message)
        self.exit_code = exit_code


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Command:
    """What a command works on and with."""

    def __init__(self, name):
        self.name = name
        self.folders = None
        self.number = os.environ.get("ConfigSequenceNumber")
        if self.number is None:
            raise Failure(BAD_SURROUNDINGS, "ConfigSequenceNumber is not set")
        try:
            with open("HandlerEnvironment.json", encoding="utf-8") as file:
                self.folders = json.load(file)[0]["handlerEnvironment"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise Failure(BAD_SURROUNDINGS, f"HandlerEnvironment.json: {error}") from error

    def log(self, line):
        """Adds a line to the handler's log. One that cannot be written is lost, and nothing else."""
        try:
            with open(os.path.join(self.folders["logFolder"], "handler.log"), "a", encoding="utf-8") as file:
                file.write(f"{now()} [{self.name} {self.number}] {line}\n")
        except OSError:
            pass

    def status(self, word, code, message):
        """Writes the status under another name and renames it: whoever reads it finds all of it or nothing."""
        status = {
            "operation": "enable",
            "status": word,
            "code": code,
            "formattedMessage": {"lang": "en-US", "message": message},
        }
        document = [{"version": 1.0, "timestampUTC": now(), "status": status}]
        path = os.path.join(self.folders["statusFolder"], f"{self.number}.status")
        try:
            with open(path + ".new", "w", encoding="utf-8") as file:
                json.dump(document, file)
            os.rename(path + ".new", path)
        except OSError as error:
            try:
                os.remove(path + ".new")
            except OSError:
                pass  # It was never made.
            raise Failure(CANNOT_WRITE, "the status cannot be written") from error

    def settings(self):
        """The public settings."""
        try:
            with open(os.path.join(self.folders["configFolder"], f"{self.number}.settings"), encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise Failure(BAD_SETTINGS, "the settings cannot be read") from error
        if not text:
            raise Failure(BAD_SETTINGS, "there are no settings, and `name` is needed")
        try:
            return json.loads(text)["runtimeSettings"][0]["handlerSettings"]["publicSettings"] or {}
        except (ValueError, LookupError, TypeError) as error:
            raise Failure(BAD_SETTINGS, f"the settings cannot be understood: {error}") from error

    def greet(self):
        """The work."""
        name = self.settings().get("name")
        if not isinstance(name, str):
            raise Failure(BAD_SETTINGS, "the public settings have no text `name`")
        if not name.strip():
            raise Failure(BLANK_NAME, "the setting `name` is blank; it should say whom to greet")
        greeting = f"Hello, {name}"
        self.log(greeting)
        self.status("success", 0, greeting)


def told(failure):
    """What the host is told of a failure: a record as the interface has it."""
    return Err(lifecycle.Failure(failure.exit_code, str(failure)))


def other(name):
    """A command that only logs that it ran."""
    try:
        Command(name).log("done")
    except Failure as failure:
        raise told(failure) from failure


class Lifecycle(exports.Lifecycle):
    """The five commands."""

    def install(self):
        other("install")

    def enable(self):
        command = None
        try:
            command = Command("enable")
            command.greet()
        except Failure as failure:
            if command is not None:
                command.log(str(failure))
                try:
                    command.status("error", failure.exit_code, str(failure))
                except Failure:
                    pass  # The failure itself is what counts.
            raise told(failure) from failure

    def update(self):
        other("update")

    def disable(self):
        other("disable")

    def uninstall(self):
        other("uninstall")
