"""A machine for the native agent, that nothing of the real one can be changed from.

Run as the first process of fresh mount, network, PID, UTS and IPC namespaces (`unshare`), with the path of a plan:

    {"agent": folder of the unpacked package, "folder": one of the test's own, "handler": "Publisher.Type",
     "packages": {version: path of a launcher package}, "patience": seconds for a step,
     "steps": [{"version", "state", "sequence", "public", "protected"}, ...]}

It makes everything read-only but that folder, puts empty folders where the agent keeps its own, gives the loopback
interface the address of the wire server, serves what that agent asks of it, starts the agent, and takes it through the
steps: each is a new goal state, and is over when the agent has reported on it. What it reported, and what was left,
is written to `result.json` in the folder.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape, quoteattr

ADDRESS = "168.63.129.16"
# Where the agent asks what the machine is. It waits long for an answer, also for that there is none.
METADATA = "169.254.169.254"
PLUGIN_PORT = 32526
LIBRARY = pathlib.Path("/var/lib/waagent")
LOGS = pathlib.Path("/var/log/azure")
CONFIGURATION = """
Extensions.Enabled=y
Extensions.GoalStatePeriod=1
Extensions.InitialGoalStatePeriod=1
Provisioning.Agent=disabled
Provisioning.Enabled=n
Provisioning.MonitorHostName=n
Provisioning.DeleteRootPassword=n
Provisioning.RegenerateSshHostKeyPair=n
ResourceDisk.Format=n
ResourceDisk.EnableSwap=n
Logs.Verbose=n
Logs.Console=n
Logs.Collect=n
OS.EnableFirewall=n
OS.EnableRDMA=n
OS.AllowHTTP=y
AutoUpdate.Enabled=n
Debug.EnableFastTrack=n
"""


def run(*command, **options):
    """Runs a program that has to succeed."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


def wall_off(folder):
    """Nothing but `folder` and what is mounted here can be written from now on."""
    run("mount", "--make-rprivate", "/")
    run("mount", "--bind", folder, folder)
    for empty in ("/var/lib", "/var/log", "/run"):
        run("mount", "-t", "tmpfs", "tmpfs", empty)
    run("mount", "-o", "remount,bind,ro", "/")
    os.makedirs("/run/lock", exist_ok=True)


def network():
    """The wire server's address, on an interface that is no loopback: the agent waits for one of those."""
    run("ip", "link", "set", "lo", "up")
    try:
        run("ip", "link", "add", "eth0", "type", "dummy")
    except subprocess.CalledProcessError:
        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
        run("ip", "link", "set", "eth1", "up")
    run("ip", "address", "add", "%s/24" % ADDRESS, "dev", "eth0")
    run("ip", "address", "add", "%s/32" % METADATA, "dev", "eth0")
    run("ip", "link", "set", "eth0", "up")
    # The agent looks for this one in the table of routes.
    run("ip", "route", "replace", "%s/32" % ADDRESS, "dev", "eth0")


class Certificate:
    """The certificate that protected settings are for, with its key."""

    def __init__(self, folder):
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tenant",
            "-keyout", str(self.key), "-out", str(self.certificate))
        said = run("openssl", "x509", "-in", str(self.certificate), "-noout", "-fingerprint", "-sha1").decode()
        self.thumbprint = said.strip().split("=")[1].replace(":", "")
        self.folder = folder

    def seal(self, text):
        """Protected settings as they come with a goal state."""
        sealed = run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", str(self.certificate),
                     input=text.encode())
        return base64.b64encode(sealed).decode()

    def for_agent(self, transport):
        """The document with the certificate and its key, for the agent with that transport certificate."""
        own = self.folder / "transport.pem"
        body = "\n".join(transport[at:at + 64] for at in range(0, len(transport), 64))
        own.write_text("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % body)
        both = run("openssl", "pkcs12", "-export", "-passout", "pass:", "-inkey", str(self.key),
                   "-in", str(self.certificate))
        sealed = run("openssl", "cms", "-encrypt", "-binary", "-aes128", "-outform", "DER", str(own), input=both)
        # In lines, as the program that opens it wants them.
        data = base64.encodebytes(sealed).decode()
        return "<CertificateFile><Version>2010-12-15</Version><Incarnation>1</Incarnation>" \
            "<Format>Pkcs7BlobWithPfxContents</Format><Data>%s</Data></CertificateFile>" % data


class Wire:
    """What the wire server knows: the goal state of now, and what was reported of which."""

    def __init__(self, plan, certificate):
        self.plan, self.certificate = plan, certificate
        self.incarnation, self.step = 1, None
        self.reported = {}
        self.changed = threading.Condition()

    def take_up(self, step):
        """A new goal state."""
        with self.changed:
            self.incarnation += 1
            self.step = step
            return self.incarnation

    def note(self, blob):
        """A status blob came: it is kept as the last word on the goal state that it is about."""
        with self.changed:
            artifacts = blob["aggregateStatus"].get("vmArtifactsAggregateStatus") or {}
            of = (artifacts.get("goalStateAggregateStatus") or {}).get("inSvdSeqNo")
            self.reported.setdefault(str(of), []).append(blob)
            self.changed.notify_all()

    def wait(self, incarnation, patience):
        """The report on a goal state once it was carried out."""
        with self.changed:
            # The second one: a heartbeat shows one report late (contract 6).
            self.changed.wait_for(lambda: len(self.reported.get(str(incarnation), [])) > 1, patience)
            blobs = self.reported.get(str(incarnation))
            return blobs[-1] if blobs else None

    def goal_state(self):
        config = "http://%s/config?type=%%s&amp;incarnation=%d" % (ADDRESS, self.incarnation)
        return "<GoalState><Version>2012-11-30</Version><Incarnation>%d</Incarnation>" \
            "<Machine><ExpectedState>Started</ExpectedState></Machine>" \
            "<Container><ContainerId>a0000000-0000-4000-8000-000000000000</ContainerId><RoleInstanceList><RoleInstance>" \
            "<InstanceId>b0000000-0000-4000-8000-000000000000.Role_IN_0</InstanceId><State>Started</State>" \
            "<Configuration><HostingEnvironmentConfig>%s</HostingEnvironmentConfig><SharedConfig>%s</SharedConfig>" \
            "<ExtensionsConfig>%s</ExtensionsConfig><Certificates>%s</Certificates><ConfigName>c.1.xml</ConfigName>" \
            "</Configuration></RoleInstance></RoleInstanceList></Container></GoalState>" \
            % (self.incarnation, config % "hosting", config % "shared", config % "extensions", config % "certificates")

    def extensions(self):
        status = "<StatusUploadBlob statusBlobType=\"BlockBlob\">http://%s/status</StatusUploadBlob>" % ADDRESS
        plugins = settings = ""
        step = self.step
        if step:
            name, version = quoteattr(self.plan["handler"]), quoteattr(step["version"])
            plugins = "<Plugin name=%s version=%s location=\"http://%s/versions.xml\" state=%s " \
                "failoverlocation=\"http://%s/versions.xml\" autoUpgrade=\"false\" runAsStartupTask=\"false\" " \
                "isJson=\"true\" useExactVersion=\"true\"/>" % (name, version, ADDRESS, quoteattr(step["state"]), ADDRESS)
            own = {"publicSettings": step["public"]}
            if step.get("protected") is not None:
                own["protectedSettings"] = self.certificate.seal(step["protected"])
                own["protectedSettingsCertThumbprint"] = self.certificate.thumbprint
            text = json.dumps({"runtimeSettings": [{"handlerSettings": own}]})
            settings = "<Plugin name=%s version=%s><RuntimeSettings seqNo=\"%d\">%s</RuntimeSettings></Plugin>" \
                % (name, version, step["sequence"], escape(text))
        return "<Extensions version=\"1.0.0.0\" goalStateIncarnation=\"%d\"><Plugins>%s</Plugins>" \
            "<PluginSettings>%s</PluginSettings>%s</Extensions>" % (self.incarnation, plugins, settings, status)

    def versions(self):
        entries = "".join(
            "<Plugin><Version>%s</Version><Uris><Uri>http://%s/package/%s</Uri></Uris></Plugin>" % (version, ADDRESS, version)
            for version in sorted(self.plan["packages"]))
        return "<PluginVersionManifest><Plugins>%s</Plugins></PluginVersionManifest>" % entries

    def document(self, path, query, headers):
        """What lies at a path: bytes, or nothing."""
        kind = query.get("type", [""])[0]
        if query.get("comp") == ["versions"]:
            return "<Versions><Preferred><Version>2012-11-30</Version></Preferred>" \
                "<Supported><Version>2012-11-30</Version></Supported></Versions>"
        if query.get("comp") == ["goalstate"]:
            return self.goal_state()
        if path == "/config":
            return {
                "hosting": lambda: "<HostingEnvironmentConfig><Incarnation instance=\"machine\"/>"
                "<Role name=\"Role\"/><Deployment name=\"deployment\"/></HostingEnvironmentConfig>",
                "shared": lambda: "<SharedConfig><Deployment name=\"deployment\"/></SharedConfig>",
                "extensions": self.extensions,
                "certificates": lambda: self.certificate.for_agent(headers["x-ms-guest-agent-public-x509-cert"]),
            }[kind]()
        if path == "/versions.xml":
            return self.versions()
        if path.startswith("/package/"):
            return pathlib.Path(self.plan["packages"][path[len("/package/"):]]).read_bytes()
        if path == "/versions":
            return json.dumps(["2015-09-01"])
        if path == "/health":
            return "{}"
        return None


def handler_of(wire):
    """The class that answers requests with what `wire` knows."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, code, body=b""):
            body = body.encode() if isinstance(body, str) else body
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def body(self):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            path = url.path
            # The host plugin fetches for the agent what it names in a header.
            location = self.headers.get("x-ms-artifact-location")
            if path == "/extensionArtifact" and location:
                path = urllib.parse.urlsplit(location).path
            document = wire.document(path, urllib.parse.parse_qs(url.query), self.headers)
            if document is None:
                self.answer(404)
            else:
                self.answer(200, document)

        def do_PUT(self):
            body = self.body()
            if self.path.split("?")[0] == "/status":
                blob = json.loads(body.rstrip(b"\0"))
                if "content" in blob:
                    blob = json.loads(base64.b64decode(blob["content"]).rstrip(b"\0"))
                wire.note(blob)
                self.answer(201 if self.server.server_port == 80 else 200)
            else:
                self.answer(200)

        def do_POST(self):
            self.body()
            self.answer(200)

    return Handler


def listing(folder):
    """All that lies in a folder, with modes."""
    found = []
    for path in sorted(folder.rglob("*")):
        found.append("%s %o" % (path.relative_to(folder), path.lstat().st_mode & 0o7777))
    return found


def snapshot(plan):
    """What of the handler is there now."""
    files = {}
    for folder in (LIBRARY, LOGS):
        for path in folder.rglob("*"):
            inside = path.relative_to(folder).parts
            if path.is_file() and inside[0].startswith((plan["handler"], "hostler")) and path.stat().st_size < 1 << 20:
                files[str(path)] = path.read_bytes().decode("utf-8", "replace")
    return {"library": listing(LIBRARY), "files": files}


def main():
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(plan["folder"])
    agent = pathlib.Path(plan["agent"])
    result = {"steps": [], "failed": None}
    wall_off(str(folder))
    network()
    own = folder / "keys"
    own.mkdir()
    os.environ["TMPDIR"] = str(folder)
    wire = Wire(plan, Certificate(own))
    for port in (80, PLUGIN_PORT):
        server = ThreadingHTTPServer(("", port), handler_of(wire))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    configuration = folder / "waagent.conf"
    configuration.write_text(CONFIGURATION)
    modules = agent / "usr/lib/python3/dist-packages"
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(modules), "PYTHONDONTWRITEBYTECODE": "1",
                   "LANG": "C.UTF-8", "TMPDIR": str(folder)}
    with open(folder / "agent.out", "wb") as output:
        process = subprocess.Popen(
            ["/usr/bin/python3", "-u", str(agent / "usr/sbin/waagent"), "-daemon",
             "-configuration-path:%s" % configuration],
            env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        for step in plan["steps"]:
            began = time.monotonic()
            blob = wire.wait(wire.take_up(step), plan["patience"])
            if blob is None:
                result["failed"] = "nothing was reported of %r; the agent %s" % (
                    step, "runs" if process.poll() is None else "has ended")
                break
            result["steps"].append({"blob": blob, "seconds": time.monotonic() - began, **snapshot(plan)})
    finally:
        log = pathlib.Path("/var/log/waagent.log")
        result["log"] = log.read_text("utf-8", "replace") if log.exists() else ""
        result["output"] = (folder / "agent.out").read_text("utf-8", "replace")
        (folder / "result.json").write_text(json.dumps(result))
        process.kill()


main()
