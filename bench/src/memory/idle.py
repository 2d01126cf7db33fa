"""A handler in Python that lives and has nothing to do, as bench-guest's `idle`."""
import json
import os
import sys
import time


def main():
    folder = sys.argv[2]
    with open(os.path.join(folder, "settings"), encoding="utf-8") as file:
        name = json.load(file)["name"]
    aside = os.path.join(folder, "status.tmp")
    with open(aside, "w", encoding="utf-8") as file:
        file.write("waits with " + name + time.strftime(" since %H:%M:%S", time.gmtime()))
    os.rename(aside, os.path.join(folder, "status"))
    sys.stdin.read()


main()
