// A handler in JavaScript that greets whom its settings name. Its commands are the functions of hostler:handler/lifecycle;
// what one throws becomes its exit code and message. Files are read and written through WASI, since there is no other way
// to them here.

import environment from "wasi:cli/environment@0.2.1";
import clock from "wasi:clocks/wall-clock@0.2.1";
import preopens from "wasi:filesystem/preopens@0.2.1";

const BLANK_NAME = 2;
const BAD_SETTINGS = 65;
const BAD_SURROUNDINGS = 66;
const CANNOT_WRITE = 73;

const MOST = 1 << 20;

class Failure extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

// What the host is told of a failure: a record as the interface has it.
const told = (error) => ({ exitCode: error.exitCode ?? 1, message: String(error.message ?? error) });

const utf8 = (text) => {
  const bytes = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return new Uint8Array(bytes);
};

const text = (bytes) => {
  let escaped = "";
  for (const byte of bytes) escaped += "%" + byte.toString(16).padStart(2, "0");
  return decodeURIComponent(escaped);
};

const time = () => new Date(clock.now().seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");

// The folders that the host gives, by the names that HandlerEnvironment.json has for them.
class Folders {
  constructor() {
    this.byName = new Map();
    for (const [folder, name] of preopens.getDirectories()) if (!this.byName.has(name)) this.byName.set(name, folder);
  }

  open(name) {
    const folder = this.byName.get(name);
    if (folder === undefined) throw new Failure(BAD_SURROUNDINGS, `there is no folder ${name}`);
    return folder;
  }

  read(folder, name) {
    const file = this.open(folder).openAt({ symlinkFollow: true }, name, {}, { read: true });
    const [bytes] = file.read(MOST, 0);
    return text(bytes);
  }

  // Writes a file under another name and renames it: whoever reads it finds all of it or nothing.
  replace(folder, name, content) {
    const into = this.open(folder);
    const unfinished = `${name}.new`;
    try {
      this.write(into.openAt({}, unfinished, { create: true, truncate: true }, { write: true }), utf8(content), 0);
      into.renameAt(unfinished, into, name);
    } catch (error) {
      try {
        into.unlinkFileAt(unfinished);
      } catch {
        // It was never made.
      }
      throw error;
    }
  }

  append(folder, name, line) {
    const file = this.open(folder).openAt({}, name, { create: true }, { write: true });
    this.write(file, utf8(line), file.stat().size);
  }

  write(file, bytes, offset) {
    let written = 0;
    while (written < bytes.length) {
      const more = file.write(bytes.slice(written), offset + written);
      if (more === 0) throw new Error("nothing more can be written");
      written += more;
    }
  }
}

class Command {
  constructor(name) {
    this.name = name;
    this.folders = new Folders();
    const variables = new Map(environment.getEnvironment());
    this.number = variables.get("ConfigSequenceNumber");
    if (this.number === undefined) throw new Failure(BAD_SURROUNDINGS, "ConfigSequenceNumber is not set");
    this.places = JSON.parse(this.folders.read(".", "HandlerEnvironment.json"))[0].handlerEnvironment;
  }

  // A line in the handler's log. One that cannot be written is lost, and nothing else.
  log(line) {
    try {
      this.folders.append(this.places.logFolder, "handler.log", `${time()} [${this.name} ${this.number}] ${line}\n`);
    } catch {
      // The work goes on.
    }
  }

  status(word, code, message) {
    const formattedMessage = { lang: "en-US", message };
    const status = { operation: "enable", status: word, code, formattedMessage };
    const document = [{ version: 1.0, timestampUTC: time(), status }];
    try {
      this.folders.replace(this.places.statusFolder, `${this.number}.status`, JSON.stringify(document));
    } catch (error) {
      throw new Failure(CANNOT_WRITE, "the status cannot be written");
    }
  }

  settings() {
    let file;
    try {
      file = this.folders.read(this.places.configFolder, `${this.number}.settings`);
    } catch {
      throw new Failure(BAD_SETTINGS, "the settings cannot be read");
    }
    if (file === "") throw new Failure(BAD_SETTINGS, "there are no settings, and `name` is needed");
    try {
      return JSON.parse(file).runtimeSettings[0].handlerSettings.publicSettings ?? {};
    } catch (error) {
      throw new Failure(BAD_SETTINGS, `the settings cannot be understood: ${error.message}`);
    }
  }

  greet() {
    const { name } = this.settings();
    if (typeof name !== "string") throw new Failure(BAD_SETTINGS, "the public settings have no text `name`");
    if (name.trim() === "") {
      throw new Failure(BLANK_NAME, "the setting `name` is blank; it should say whom to greet");
    }
    const greeting = `Hello, ${name}`;
    this.log(greeting);
    this.status("success", 0, greeting);
  }
}

function enable() {
  let command;
  try {
    command = new Command("enable");
    command.greet();
  } catch (error) {
    const failure = told(error);
    command?.log(failure.message);
    try {
      command?.status("error", failure.exitCode, failure.message);
    } catch {
      // The failure itself is what counts.
    }
    throw failure;
  }
}

const other = (name) => () => {
  try {
    new Command(name).log("done");
  } catch (error) {
    throw told(error);
  }
};

export const lifecycle = {
  install: other("install"),
  enable,
  update: other("update"),
  disable: other("disable"),
  uninstall: other("uninstall"),
};
