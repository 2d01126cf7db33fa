"""What a command costs through a launcher, beside the same handler built natively.

    cost.py HOSTLER NATIVE FOLDER [TIMES]

HOSTLER is a release build of `hostler`, NATIVE one of the sample handler `hello` for this machine, FOLDER the folder that the
sample's package is made of (`target/handlers/Hostler.Samples.Hello`). Both run `enable` as the agent does, through a shell,
by turns; the medians are printed, and the size of the package.
"""

import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

NAME, VERSION = "Hostler.Samples.Hello", "1.0.0"


def folders(base, log):
    """What the agent lays out for a handler."""
    for folder in (base / "config", base / "status", log / "events"):
        folder.mkdir(parents=True)
    environment = {
        "logFolder": str(log), "configFolder": str(base / "config"), "statusFolder": str(base / "status"),
        "heartbeatFile": str(base / "heartbeat.log"), "eventsFolder": str(log / "events")}
    document = [{"name": NAME, "version": 1.0, "handlerEnvironment": environment}]
    (base / "HandlerEnvironment.json").write_text(json.dumps(document))
    settings = {"runtimeSettings": [{"handlerSettings": {"publicSettings": {"name": "world"}}}]}
    (base / "config/0.settings").write_text(json.dumps(settings))


def milliseconds(base, command):
    """How long a command takes, as the agent runs it."""
    environment = {"PATH": "/usr/bin:/bin", "ConfigSequenceNumber": "0", "AZURE_GUEST_AGENT_EXTENSION_PATH": str(base),
                   "AZURE_GUEST_AGENT_EXTENSION_VERSION": VERSION}
    # Else the handler sees that these settings were carried out.
    for kept in (base / "mrseq", base / "data/mrseq", base.parent / "hostler" / NAME / "data/mrseq"):
        kept.unlink(missing_ok=True)
    began = time.monotonic()
    subprocess.run(["/bin/sh", "-c", str(base / command)], check=True, cwd=base, env=environment,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (time.monotonic() - began) * 1000


def main():
    hostler, native, source = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    times = int(sys.argv[4]) if len(sys.argv) > 4 else 100
    with tempfile.TemporaryDirectory() as made:
        there = pathlib.Path(made)
        stripped = there / "program"
        subprocess.run(["strip", "-o", stripped, hostler], check=True)
        subprocess.run([hostler, "pack", source, VERSION, "--name", NAME, "--launcher", "--launcher-binary", stripped,
                        "--out", there], check=True, stdout=subprocess.DEVNULL)
        package = there / ("%s-%s.launcher.zip" % (NAME, VERSION))
        launched = there / "lib" / ("%s-%s" % (NAME, VERSION))
        with zipfile.ZipFile(package) as archive:
            archive.extractall(launched)
        (there / "lib").chmod(0o700)
        (launched / "bin/hostler-launcher").chmod(0o744)
        folders(launched, there / "log/launched")
        alone = there / "native"
        folders(alone, there / "log/native")
        shutil.copy(native, alone / "handler")
        first = milliseconds(launched, "bin/hostler-launcher launch install")
        took = {"native": [], "launched": []}
        for _ in range(times):
            took["native"].append(milliseconds(alone, "handler enable"))
            took["launched"].append(milliseconds(launched, "bin/hostler-launcher launch enable"))
        medians = {name: statistics.median(values) for name, values in took.items()}
        print("package: %.1f MB; hostler in it: %.1f MB" % (package.stat().st_size / 1e6, stripped.stat().st_size / 1e6))
        print("install, which compiles: %.0f ms" % first)
        print("enable, median of %d: native %.1f ms, through the launcher %.1f ms: %.1f times as long, %.1f ms more" % (
            times, medians["native"], medians["launched"], medians["launched"] / medians["native"],
            medians["launched"] - medians["native"]))


main()
