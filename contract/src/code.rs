//! The stable codes of everything that hostler refuses, warns of or reports.
//!
//! One table for all crates: the documentation's table of codes is generated from it, so a code cannot exist
//! without a sentence that says what it means.

use std::fmt;

/// A stable dotted code such as `manifest.json`, with the sentence that documents it.
///
/// The part before the dot names what was being looked at, the part after it what was wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    name: &'static str,
    meaning: &'static str,
}

impl Code {
    /// The code of this name, unless there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.iter().find(|code| code.name == name).copied()
    }

    /// The code as users see it, for example `pkg.name`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// One sentence that says what the code means, as the documentation prints it.
    pub const fn meaning(self) -> &'static str {
        self.meaning
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.name)
    }
}

macro_rules! codes {
    ($($konst:ident = $name:literal: $meaning:literal;)*) => {
        /// Every code, by name.
        pub mod codes {
            use super::Code;
            $(
                #[doc = concat!("`", $name, "`: ", $meaning)]
                pub const $konst: Code = Code { name: $name, meaning: $meaning };
            )*
        }
        /// All codes in the order of the table in `docs/error-codes.md`.
        pub const ALL: &[Code] = &[$(codes::$konst),*];
    };
}

codes! {
    MANIFEST_MISSING = "manifest.missing": "The package has no HandlerManifest.json at its root.";
    MANIFEST_JSON = "manifest.json": "HandlerManifest.json is not JSON.";
    MANIFEST_ENCODING = "manifest.encoding": "HandlerManifest.json is not UTF-8 text, or starts with a byte order mark where none may be.";
    MANIFEST_SHAPE = "manifest.shape": "HandlerManifest.json is not an array of exactly one object with a `handlerManifest` object in it.";
    MANIFEST_FIELD = "manifest.field": "A field that is needed is missing from HandlerManifest.json.";
    MANIFEST_TYPE = "manifest.type": "A field of HandlerManifest.json has the wrong JSON type.";
    MANIFEST_VALUE = "manifest.value": "A field of HandlerManifest.json has a value that is not known or not what was meant.";
    MANIFEST_UNKNOWN_KEY = "manifest.unknown_key": "HandlerManifest.json has a key that nothing reads.";
    MANIFEST_DUPLICATE_KEY = "manifest.duplicate_key": "A key stands twice in one object of HandlerManifest.json.";
    MANIFEST_SIZE = "manifest.size": "HandlerManifest.json is larger than its limit.";
    MANIFEST_DEPTH = "manifest.depth": "HandlerManifest.json is nested deeper than its limit.";
    MANIFEST_COMMAND = "manifest.command": "A command line in HandlerManifest.json cannot be run without a shell, leaves the package, or is too long.";
    MANIFEST_COMMAND_TARGET = "manifest.command_target": "A command line in HandlerManifest.json names something that is not a component in the package.";
    MANIFEST_LIMITS = "manifest.limits": "A limit asked for in HandlerManifest.json is not a usable number, or is higher than allowed.";
    MANIFEST_CAPABILITY = "manifest.capability": "HandlerManifest.json asks for a capability that is not granted.";
    MANIFEST_IDENTITY = "manifest.identity": "A manifest says that the package was signed for another publisher, type or version than it is registered as.";
    POLICY_TOML = "policy.toml": "A policy is not TOML, or not UTF-8 text.";
    POLICY_SIZE = "policy.size": "A policy is larger than its limit, or has more rules than that.";
    POLICY_UNKNOWN_KEY = "policy.unknown_key": "A policy has a key that nothing reads.";
    POLICY_TYPE = "policy.type": "A key of a policy has the wrong type, or one that is needed is missing.";
    POLICY_VALUE = "policy.value": "A key of a policy has a value that is not known, not usable or stands twice.";
    POLICY_RESERVED = "policy.reserved": "A policy has a key that is kept for a later version.";
    POLICY_SIGNER = "policy.signer": "A file with certificates that a policy names cannot be read or used.";
    POLICY_PERMISSIONS = "policy.permissions": "A policy's file belongs to another user, or others can write in it.";
    POLICY_EXTENSIONS_DISABLED = "policy.extensions_disabled": "The policy says that nothing is done about any handler.";
    POLICY_NOT_ALLOWED = "policy.not_allowed": "The policy has a list of allowed handlers, and this one is not in it.";
    GRANT_NEVER = "grant.never": "A package asks for, or a policy allows, what no handler is ever granted.";
    GRANT_HANDLER = "grant.handler": "A rule of the policy refuses the handler altogether.";
    GRANT_DIRECTORY = "grant.directory": "A granted folder is missing, or is not what may be granted, when a command is to have it.";
    GRANT_APPROVAL = "grant.approval": "A handler would get more than it has now, and waits for `hostler approve`.";
    GRANT_NOT_AWAITED = "grant.not_awaited": "What is to be approved is not what a handler waits for.";
    PKG_OPEN = "pkg.open": "The package's path does not name a regular file.";
    PKG_SIZE = "pkg.size": "The package, or something in it, is larger than its limit.";
    PKG_FORMAT = "pkg.format": "The file is not a zip archive of the plain form that has only one reading.";
    PKG_NAME = "pkg.name": "An entry of the package has a name that is not a plain relative path.";
    PKG_TYPE = "pkg.type": "An entry of the package is neither a regular file nor a directory.";
    PKG_DUPLICATE = "pkg.duplicate": "Two entries of the package have the same name, or names that differ only in case.";
    PKG_CONFLICT = "pkg.conflict": "A name in the package is a file and a directory at once.";
    PKG_CRC = "pkg.crc": "The content of an entry does not match its checksum.";
    PKG_ENCRYPTED = "pkg.encrypted": "An entry of the package is encrypted.";
    PKG_RATIO = "pkg.ratio": "An entry of the package unpacks to far more than its packed size.";
    PKG_SIZE_LIE = "pkg.size_lie": "An entry of the package unpacks to another size than it declares.";
    PKG_ENTRIES = "pkg.entries": "The package has more entries than its limit.";
    PKG_DEPTH = "pkg.depth": "An entry of the package lies deeper than its limit.";
    PKG_INCONSISTENT = "pkg.inconsistent": "The archive says one thing in two places, and they differ.";
    PKG_OVERLAP = "pkg.overlap": "Two entries of the package share bytes of the archive.";
    PKG_METHOD = "pkg.method": "An entry of the package is packed with a method other than stored or deflate.";
    PKG_RESERVED = "pkg.reserved": "An entry of the package has a name that belongs to the host.";
    PKG_DIGEST = "pkg.digest": "The package's bytes are not those whose digest was given.";
    PKG_SIGNATURE = "pkg.signature": "The package's signature does not verify, or it has none where the policy requires one.";
    PKG_CHANGED = "pkg.changed": "A file of an installed package is not what was checked when it was installed.";
    PACK_VERSION = "pack.version": "The version to pack is not a version.";
    PACK_NAME = "pack.name": "The name to pack under is not the name of a handler.";
    PACK_LINK = "pack.link": "A symbolic link in the folder to pack points outside it, or nowhere.";
    PACK_REFERENCE = "pack.reference": "A path listed in `references` is missing or not usable.";
    PACK_PRIVATE_KEY = "pack.private_key": "A file in the folder to pack looks like a private key.";
    PACK_ADAPT = "pack.adapt": "A core module in the folder to pack could not be made a component.";
    PACK_NETWORK = "pack.network": "A component in the folder to pack imports sockets, which no handler gets; the packed one is told that it may not use them.";
    PACK_LAUNCHER = "pack.launcher": "What is to be the launcher is no program, or the handler asks for what no launcher gives.";
    LAUNCHER_PLACE = "launcher.place": "A launcher was started in another way, or in another place, than the native agent does it.";
    TIMEOUT = "timeout": "A command ran past its time limit and was stopped; the contract's code is 1011.";
    LIMIT_CPU = "limit.cpu": "A command used more processor time than its limit and was stopped.";
    LIMIT_MEMORY = "limit.memory": "The component asked for more linear memory than its limit.";
    LIMIT_TABLE = "limit.table": "The component asked for more table elements than its limit.";
    LIMIT_INSTANCES = "limit.instances": "The component has more core instances than its limit.";
    LIMIT_MEMORIES = "limit.memories": "The component has more linear memories than its limit.";
    LIMIT_TABLES = "limit.tables": "The component has more tables than its limit.";
    LIMIT_HANDLES = "limit.handles": "The component held more handles at one time than its limit.";
    LIMIT_RESOURCES = "limit.resources": "The component held more open files, streams and pollables at one time than its limit.";
    LIMIT_HOSTCALL = "limit.hostcall": "The component handed more data to the host in one call than its limit.";
    LIMIT_RANDOM = "limit.random": "The component asked for more random bytes in one call than its limit.";
    LIMIT_STDOUT = "limit.stdout": "The component wrote more to standard output than is kept.";
    LIMIT_STDERR = "limit.stderr": "The component wrote more to standard error than is kept.";
    LIMIT_DIR_BYTES = "limit.dir_bytes": "The component wanted more bytes in one of its folders than its limit.";
    LIMIT_DIR_FILES = "limit.dir_files": "The component wanted more files in one of its folders than its limit.";
    LIMIT_DIR_DEPTH = "limit.dir_depth": "The component wanted folders deeper in one another than its limit.";
    LIMIT_FILE = "limit.file": "The component wanted a file larger than its limit.";
    LIMIT_NAME = "limit.name": "A limit was named that does not exist.";
    LIMIT_VALUE = "limit.value": "A limit's value is not an amount of its unit.";
    LIMIT_RAISE = "limit.raise": "A limit was asked to be higher than what is in force.";
    TRAP_STACK = "trap.stack": "The component ran out of stack.";
    TRAP_UNREACHABLE = "trap.unreachable": "The component gave up (a panic, an abort or an `unreachable` instruction).";
    TRAP_BOUNDS = "trap.bounds": "The component reached outside its memory or a table.";
    TRAP_ARITHMETIC = "trap.arithmetic": "The component divided by zero or converted a number that does not fit.";
    TRAP_OTHER = "trap.other": "The component broke a rule of WebAssembly or of the component model.";
    WASM_FORMAT = "wasm.format": "The file is not a WebAssembly component in binary form.";
    WASM_NOT_COMPONENT = "wasm.not_component": "The file is a core module where a component is needed.";
    WASM_NATIVE = "wasm.native": "The file holds native code; only components are run.";
    WASM_SIZE = "wasm.size": "The component is larger than its limit.";
    WASM_INVALID = "wasm.invalid": "The component does not validate, or uses a WebAssembly feature that is switched off.";
    WASM_FUNCTIONS = "wasm.functions": "The component has more functions, or a larger one, than is compiled.";
    WASM_NESTING = "wasm.nesting": "The component holds more core modules or nested components than is compiled.";
    WASM_IMPORT = "wasm.import": "The component imports something that is not granted.";
    WASM_EXPORT = "wasm.export": "The component exports neither `wasi:cli/run` nor `hostler:handler/lifecycle`.";
    COMPILE_FAILED = "compile.failed": "The component validated but could not be compiled.";
    COMPILE_QUOTA = "compile.quota": "Compiling the component took more time or memory than a compile worker has.";
    COMPILE_WORKER = "compile.worker": "The worker that compiled the component ended without an answer, or gave one that is none.";
    PKG_WORKER = "pkg.worker": "The worker that opened the package ended without an answer, or gave one that is none.";
    WORKER_DIED = "worker.died": "The process that ran the command ended before the command did.";
    ISOLATION = "isolation.required": "This machine, or the way hostler was told to run, gives less isolation than is required.";
    SELF_TEST_PACKAGE = "self_test.package": "The package that `self-test` is to attack with is missing, or is not the hostile one.";
    CONFORMANCE_CASE = "conformance.case": "A case of the conformance kit cannot be read, or its rule is there already.";
    CONFORMANCE_NATIVE = "conformance.native": "The handler to test is a native program, and whoever tests it did not say that it may run without a sandbox.";
    NEW_NAME = "new.name": "The name of a new handler is none, or not one that its language or the contract can have.";
    NEW_EXISTS = "new.exists": "There is something already where a new handler is to be made.";
    NEW_SDK = "new.sdk": "The sources of `hostler-sdk`, which a new handler in Rust is built on, are not where they were looked for.";
    HOST_FAULT = "host.fault": "The host itself failed; the handler is not to blame.";
    COMMAND_EXIT = "command.exit": "A command ended with an exit code other than 0.";
    STATUS_MISSING = "status.missing": "A command ended without a status file for its sequence number.";
    SERVICE_GIVEN_UP = "service.given_up": "A handler's service fell too often, and is not started again before the next enable.";
    SERVICE_NOT_KEPT = "service.not_kept": "A handler has a service, and nobody stays to keep it running.";
    STATUS_UNFINISHED = "status.unfinished": "A command ended and left a status that says it is still going on.";
    ROOT_PERMISSIONS = "host.root_perms": "The root folder, or a folder above it, can be changed by somebody else, or is a link.";
    HOST_LOCKED = "host.locked": "Another hostler works in the root folder.";
    HOST_IO = "host.io": "The host could not read or write one of its own files.";
    HOST_CONFLICT = "host.conflict": "The handler's folder is there already.";
    STATE_DAMAGED = "state.damaged": "A record of the host's own does not have the checksum it was written with, and is not believed.";
    STATUS_FILE_TYPE = "status.file_type": "Something that is not a regular file lies where the status file should be.";
    STATUS_UNSTABLE = "status.unstable": "The status file kept changing while it was read.";
    HEARTBEAT_MISSING = "heartbeat.missing": "The manifest promises a heartbeat and there is no heartbeat file.";
    HEARTBEAT_FILE_TYPE = "heartbeat.file_type": "Something that is not a regular file lies where the heartbeat file should be.";
    HEARTBEAT_STALE = "heartbeat.stale": "The heartbeat file has not changed for longer than a heartbeat may be old.";
    HEARTBEAT_UNSTABLE = "heartbeat.unstable": "The heartbeat file kept changing while it was read.";
    HANDLER_IDENTITY = "handler.identity": "No handler identity (`Publisher.Type-1.0`) was given, or the text is not one.";
    HANDLER_SKIPPED = "handler.skipped": "A handler that this one depends on failed, so nothing of this one was run.";
    HANDLER_INTERRUPTED = "handler.interrupted": "The host was stopped in the middle of a step, which is taken again.";
    UPDATE_ROLLED_BACK = "update.rolled_back": "An update failed and was taken back: the version before it is there again, as it was.";
    UPDATE_ROLLBACK_FAILED = "update.rollback_failed": "An update failed, and the version before it did not come up again.";
    UPDATE_UNHEALTHY = "update.unhealthy": "A new version was enabled and is not well in time, so its update counts as failed.";
    AUDIT_WRITE = "audit.write": "A line cannot be written to the audit log, so what would have to stand there was not done.";
    AUDIT_LINE = "audit.line": "What stands in the audit log is not a line of it.";
    AUDIT_SEQUENCE = "audit.sequence": "The numbers of the audit log's lines do not follow one another: a line was taken out, put in or moved.";
    AUDIT_CHAIN = "audit.chain": "A line of the audit log is not the one that the next line was written after.";
    AUDIT_BEGIN = "audit.begin": "The audit log begins later than it says itself that it does: older lines were taken away.";
    AUDIT_END = "audit.end": "The audit log does not end where the host's state says: lines were taken away from its end, or changed or added there.";
    AUDIT_ANCHOR = "audit.anchor": "A line that was known from elsewhere is not in the audit log, or is another there.";
    AGENT_FLIPS = "agent.flips": "The source of goal states gives one that was in force before; it is taken up once the source keeps to it.";
    AGENT_FOLDER = "agent.folder": "The folder that goal states come from cannot be read, or holds no complete one.";
    AGENT_INCOMPLETE = "agent.incomplete": "The newest document in the folder of goal states is not complete, so an older one counts.";
    BENCH_BASELINE = "bench.baseline": "A file named as baseline is no result of a benchmark, or one of another form.";
    BENCH_COMMAND = "bench.command": "A command that was to be measured did not do what it is for.";
    USAGE = "usage": "The command line is not one that hostler knows.";
    INPUT_OPEN = "input.open": "A file named on the command line cannot be read.";
    INPUT_KIND = "input.kind": "It cannot be told from the name what kind of document a file is.";
    ENVIRONMENT_JSON = "environment.json": "HandlerEnvironment.json is not JSON.";
    ENVIRONMENT_ENCODING = "environment.encoding": "HandlerEnvironment.json is not UTF-8 text, or starts with a byte order mark.";
    ENVIRONMENT_SIZE = "environment.size": "HandlerEnvironment.json is larger than its limit.";
    ENVIRONMENT_DEPTH = "environment.depth": "HandlerEnvironment.json is nested deeper than its limit.";
    ENVIRONMENT_DUPLICATE_KEY = "environment.duplicate_key": "A key stands twice in one object of HandlerEnvironment.json.";
    ENVIRONMENT_SCHEMA = "environment.schema": "HandlerEnvironment.json lacks a folder that a handler needs, or has another shape than the contract gives it.";
    SETTINGS_JSON = "settings.json": "A settings file is not JSON.";
    SETTINGS_ENCODING = "settings.encoding": "A settings file is not UTF-8 text, or starts with a byte order mark.";
    SETTINGS_SIZE = "settings.size": "A settings file is larger than its limit.";
    SETTINGS_DEPTH = "settings.depth": "A settings file is nested deeper than its limit.";
    SETTINGS_DUPLICATE_KEY = "settings.duplicate_key": "A key stands twice in one object of a settings file.";
    SETTINGS_SHAPE = "settings.shape": "A settings file is not an object with exactly one element in `runtimeSettings` and `handlerSettings` in it.";
    SETTINGS_NO_WRAPPER = "settings.no_wrapper": "A settings file has its settings at the top, without `runtimeSettings` around them.";
    SETTINGS_PROTECTED_PLAIN = "settings.protected_plain": "The protected settings are not encrypted; they are left out.";
    SETTINGS_UNKNOWN_KEY = "settings.unknown_key": "The settings have a member that nothing reads and that looks like one that is read.";
    SETTINGS_TYPE = "settings.type": "A member of the settings has the wrong JSON type.";
    SETTINGS_PROTECTED_PAIR = "settings.protected_pair": "Protected settings come without the thumbprint of the certificate that they are for.";
    SETTINGS_THUMBPRINT = "settings.thumbprint": "The thumbprint of a certificate is not 40 of the characters 0-9 and A-F.";
    SETTINGS_KEY_NOT_FOUND = "settings.key_not_found": "The certificate or the key that protected settings were encrypted for is not there.";
    SETTINGS_KEY = "settings.key": "A certificate or a key is there and cannot be used: it is not one, is another one, or others can read or change it.";
    SETTINGS_CMS = "settings.cms": "Protected settings are not base64 of CMS EnvelopedData that the key opens.";
    SETTINGS_PROTECTED_JSON = "settings.protected_json": "Protected settings were opened, and are not a JSON object.";
    SETTINGS_PROTECTED_SIZE = "settings.protected_size": "Protected settings are larger than their limit.";
    SETTINGS_SEQ = "settings.seq": "A sequence number is not a plain decimal number from 0 to 2147483647.";
    SETTINGS_EXT_NAME = "settings.ext_name": "An extension name is not 1 to 64 ASCII letters, digits, `_` and `-`.";
    SETTINGS_NAME = "settings.name": "A file name is not that of a settings or status file.";
    STATUS_JSON = "status.json": "A status file is not JSON.";
    STATUS_ENCODING = "status.encoding": "A status file is not UTF-8 text, or starts with a byte order mark.";
    STATUS_SIZE = "status.size": "A status file is larger than what is read of one.";
    STATUS_DEPTH = "status.depth": "A status file is nested deeper than its limit.";
    STATUS_DUPLICATE_KEY = "status.duplicate_key": "A key stands twice in one object of a status file.";
    STATUS_SCHEMA = "status.schema": "A status file lacks something that the contract requires, or has it with the wrong type.";
    STATUS_VALUE = "status.value": "A status word is none of transitioning, warning, error and success.";
    STATUS_TRUNCATED = "status.truncated": "A status file has more than 131072 characters or 1000 sub-statuses, and messages or sub-statuses of it were cut.";
    HEARTBEAT_JSON = "heartbeat.json": "A heartbeat file is not JSON.";
    HEARTBEAT_ENCODING = "heartbeat.encoding": "A heartbeat file is not UTF-8 text, or starts with a byte order mark.";
    HEARTBEAT_SIZE = "heartbeat.size": "A heartbeat file is larger than its limit.";
    HEARTBEAT_DEPTH = "heartbeat.depth": "A heartbeat file is nested deeper than its limit.";
    HEARTBEAT_DUPLICATE_KEY = "heartbeat.duplicate_key": "A key stands twice in one object of a heartbeat file.";
    HEARTBEAT_SCHEMA = "heartbeat.schema": "A heartbeat file lacks something that the contract requires, or has it with the wrong type.";
    HEARTBEAT_VALUE = "heartbeat.value": "A heartbeat's word is neither ready nor notready.";
    EVENT_JSON = "event.json": "An event file is not JSON.";
    EVENT_ENCODING = "event.encoding": "An event file is not UTF-8 text, or starts with a byte order mark.";
    EVENT_SIZE = "event.size": "An event file, or one event in it, is larger than its limit.";
    EVENT_DEPTH = "event.depth": "An event file is nested deeper than its limit.";
    EVENT_DUPLICATE_KEY = "event.duplicate_key": "A key stands twice in one object of an event file.";
    EVENT_SCHEMA = "event.schema": "An event lacks a key, or has one with the wrong type, and is dropped.";
    EVENT_EMPTY = "event.empty": "An event has an empty message and is dropped.";
    EVENT_FILE = "event.file": "Something in an events folder is no event file, and is removed unread.";
    EVENT_LIMIT = "event.limit": "A handler left more events, or files with them, than are taken at one time; the others are dropped.";
    VERSION_MANIFEST_XML = "version_manifest.xml": "A version manifest is not well-formed XML, or has a DOCTYPE.";
    VERSION_MANIFEST_SIZE = "version_manifest.size": "A version manifest is larger than its limit, or has too many elements.";
    VERSION_MANIFEST_SCHEMA = "version_manifest.schema": "A version manifest has another shape than the contract gives it.";
    VERSION_MANIFEST_VERSION = "version_manifest.version": "A version listed in a version manifest is not a version.";
    VERSION_MANIFEST_INTEGRITY = "version_manifest.integrity": "The `sha256` or the `size` of a version listed in a version manifest is not one.";
    REPO_INDEX = "repo.index": "The index of a repository is not one: not JSON, too large, or without what it has to say.";
    REPO_SIGNATURE = "repo.signature": "The index of a repository has no good signature by a key that was told.";
    REPO_EXPIRED = "repo.expired": "The index of a repository is past its time, so it may be an old one that somebody kept.";
    REPO_ROLLBACK = "repo.rollback": "The index of a repository is older than one that was seen before, or another of the same number.";
    REPO_UNLISTED = "repo.unlisted": "A version manifest is not in the signed index of its repository.";
    REPO_DIGEST = "repo.digest": "A version manifest, or a version in it, is not what the signed index of its repository says.";
    REPO_KEY = "repo.key": "A file of keys for the indexes of repositories cannot be used.";
    VERSION_UNLISTED = "version.unlisted": "No listed version of the handler answers the request.";
    VERSION_NO_URI = "version.no_uri": "The chosen version has no package location.";
    DOWNLOAD_LOCATION = "download.location": "No location was given, or a text is not one, or the document that names it may not name that place.";
    DOWNLOAD_UNREACHABLE = "download.unreachable": "A server cannot be reached or is not trusted, or a file is not there, cannot be read or is not a regular file.";
    DOWNLOAD_STATUS = "download.status": "A server answered with an HTTP status other than 200.";
    DOWNLOAD_REDIRECT = "download.redirect": "A server redirected too often, or to where it may not.";
    DOWNLOAD_SIZE = "download.size": "What lies at a location is larger than its limit, or has another size than was declared.";
    DOWNLOAD_INCOMPLETE = "download.incomplete": "The connection ended before all had come.";
    DOWNLOAD_TIMEOUT = "download.timeout": "Nothing came from a server for too long, or the time for all locations together was used up.";
    DOWNLOAD_DIGEST = "download.digest": "What lies at a location has another SHA-256 than was declared.";
    VM_SETTINGS_JSON = "vm_settings.json": "A goal state in vmSettings form is not JSON.";
    VM_SETTINGS_ENCODING = "vm_settings.encoding": "A goal state in vmSettings form is not UTF-8 text, or starts with a byte order mark.";
    VM_SETTINGS_SIZE = "vm_settings.size": "A goal state in vmSettings form is larger than its limit.";
    VM_SETTINGS_DEPTH = "vm_settings.depth": "A goal state in vmSettings form is nested deeper than its limit.";
    VM_SETTINGS_DUPLICATE_KEY = "vm_settings.duplicate_key": "A key stands twice in one object of a goal state in vmSettings form.";
    VM_SETTINGS_SCHEMA = "vm_settings.schema": "A goal state in vmSettings form lacks something that the contract requires, or has it with the wrong type or value.";
    VM_SETTINGS_DUPLICATE_HANDLER = "vm_settings.duplicate_handler": "A goal state in vmSettings form has several entries for one handler, and none of them is used.";
    EXTENSIONS_CONFIG_XML = "extensions_config.xml": "A goal state in ExtensionsConfig form is not well-formed XML, or has a DOCTYPE.";
    EXTENSIONS_CONFIG_SIZE = "extensions_config.size": "A goal state in ExtensionsConfig form is larger than its limit, or has too many elements.";
    EXTENSIONS_CONFIG_SCHEMA = "extensions_config.schema": "A goal state in ExtensionsConfig form lacks something that the contract requires, or has it with a wrong value.";
    EXTENSIONS_CONFIG_SETTINGS = "extensions_config.settings": "The settings of a handler in a goal state in ExtensionsConfig form contradict themselves, or its entry.";
    EXTENSIONS_CONFIG_DUPLICATE_HANDLER = "extensions_config.duplicate_handler": "A goal state in ExtensionsConfig form has several entries for one handler, and none of them is used.";
    DEFINITION_XML = "definition.xml": "A definition file is not well-formed XML, or has a DOCTYPE.";
    DEFINITION_SIZE = "definition.size": "A definition file is larger than its limit, or has too many elements.";
    DEFINITION_SCHEMA = "definition.schema": "A definition file has another outermost element or namespace than it should, or an element twice.";
    DEFINITION_FIELD = "definition.field": "A definition file lacks an element that is needed.";
    DEFINITION_VALUE = "definition.value": "An element of a definition file breaks the rule for its value.";
    DEFINITION_TEMPLATE = "definition.template": "A definition file is a template that was not filled in.";
    DEFINITION_UNKNOWN = "definition.unknown": "A definition file has an element that nothing reads; it is kept and handed on.";
    DEFINITION_LINT = "definition.lint": "A definition file is accepted, and something in it is likely not what its author wants.";
    WANTED_FILE = "wanted.file": "The file that says what machines are to have is not usable.";
    WANTED_UNRESOLVED = "wanted.unresolved": "No version in the repository answers what machines are to have.";
    PUBLISH_SETTINGS = "publish.settings": "What a publisher's command needs to know of the repository is not said, or not usable.";
    PUBLISH_DEFINITION = "publish.definition": "A definition file is for another version or handler than the command that names it.";
    REPO_UNREACHABLE = "repo.unreachable": "A repository cannot be reached, is not trusted, or can do nothing for now.";
    REPO_REFUSED = "repo.refused": "A repository refused a request.";
    REPO_OPERATION = "repo.operation": "A repository accepted a request, and could not carry it out.";
    REGISTRATION_XML = "registration.xml": "What a repository answered is not the XML that it should be, or larger than its limit.";
    GOAL_STATE_XML = "goal_state.xml": "A goal state of the fabric is not well-formed XML, or has a DOCTYPE.";
    GOAL_STATE_SIZE = "goal_state.size": "A goal state of the fabric is larger than its limit, or has too many elements.";
    GOAL_STATE_SCHEMA = "goal_state.schema": "A goal state of the fabric has another shape than the contract gives it, or names no ExtensionsConfig.";
    GOAL_STATE_PROFILE = "goal_state.profile": "The document that may put the goal state on hold cannot be had or read, so it does not.";
    GOAL_STATE_MULTI_CONFIG = "goal_state.multi_config": "The goal state gives the handler several extensions, and its manifest does not say that it supports them.";
    GOAL_STATE_FEATURE = "goal_state.feature": "The goal state requires a feature that this host does not have.";
    GOAL_STATE_ON_HOLD = "goal_state.on_hold": "The goal state is on hold, so nothing of it is carried out for now.";
    GOAL_STATE_NAME = "goal_state.name": "An entry of the goal state does not say which handler it is for, so no handler that is missing from the goal state is removed.";
}
