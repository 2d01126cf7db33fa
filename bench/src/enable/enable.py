"""What `hello` does at `enable`, as a handler in Python would: reads the settings, logs, writes the status."""
import json
import os
import sys
import time

number = os.environ["ConfigSequenceNumber"]
base = os.environ["AZURE_GUEST_AGENT_EXTENSION_PATH"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def replace(path, text):
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".tmp", path)


def main():
    if sys.argv[1:] != ["enable"]:
        return 64
    folders = read(os.path.join(base, "HandlerEnvironment.json"))[0]["handlerEnvironment"]
    settings = read(os.path.join(folders["configFolder"], number + ".settings"))
    name = settings["runtimeSettings"][0]["handlerSettings"]["publicSettings"]["name"]
    greeting = "Hello, " + name
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with open(os.path.join(folders["logFolder"], "handler.log"), "a", encoding="utf-8") as log:
        log.write(now + " INFO [enable " + number + "] " + greeting + "\n")
    message = {"lang": "en-US", "message": greeting}
    part = {"name": "greeting", "status": "success", "code": 0, "formattedMessage": message}
    status = {"operation": "Enable", "status": "success", "code": 0, "formattedMessage": message, "substatus": [part]}
    document = [{"version": "1.0", "timestampUTC": now, "status": status}]
    replace(os.path.join(folders["statusFolder"], number + ".status"), json.dumps(document))
    recorded = os.path.join(folders["dataFolder"], "mrseq")
    if not os.path.exists(recorded) or open(recorded, encoding="utf-8").read().strip() != number:
        replace(recorded, number)
    return 0


sys.exit(main())
