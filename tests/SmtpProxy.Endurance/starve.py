#!/usr/bin/env python3
"""starve.py WHAT [PROGRAM]: the proxy with too little of something, both transports; says what clients heard and what it counted.

files    1,024 open files, 2,000 clients, plain and TLS
ports    60 local ports, 200 clients of a Unix socket; run it by: unshare -n python3 starve.py ports
memory   200 MiB, a cgroup (version 1), 2,000 clients, plain and TLS; root
threads  40 threads, a cgroup (version 1), 1,000 clients; root
clock    the clock jumps by days in both directions while sessions are open; Debian's faketime
"""
import os, re, socket, ssl, subprocess, sys, tempfile, threading, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "../../artifacts/bin/SmtpProxy/release/SmtpProxy.dll")
FOLDER = tempfile.mkdtemp(prefix="smtpproxy-starve-")
TRANSPORTS = ("Epoll", "Portable")


def relay():
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)

    def serve(client):
        with client, client.makefile("rb") as lines:
            try:
                client.sendall(b"220 mx ready\r\n")
                for line in lines:
                    client.sendall(b"250 ok\r\n")
            except OSError:
                pass

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


class Proxy:
    def __init__(self, launcher, *args, listen="127.0.0.1:0", tls=False):
        self.tls = tls
        args = [*args, "--relay", f"smtp://127.0.0.1:{relay()}", "--admin", "http://127.0.0.1:0", "--listen", listen]
        if tls:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                            "-subj", "/CN=localhost", "-keyout", FOLDER + "/key.pem", "-out", FOLDER + "/cert.pem"],
                           check=True, capture_output=True)
            key = "--SmtpProxy:Listeners:inbound:Tls"
            args += [f"{key}:Mode=Implicit", f"{key}:Certificates:0:Certificate={FOLDER}/cert.pem",
                     f"{key}:Certificates:0:Key={FOLDER}/key.pem", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"]
        self.log = open(FOLDER + "/log", "w+")
        program = ["dotnet", os.path.abspath(PROGRAM)] if PROGRAM.endswith(".dll") else [PROGRAM]
        self.process = subprocess.Popen([*launcher, *program, *args], stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=FOLDER)
        for line in self.process.stdout:
            words = line.split()
            if words[0] == "admin":
                self.admin = words[1]
            if words[0] == "listening":
                self.address = words[2]
                return
        raise SystemExit("it did not start: " + open(FOLDER + "/log").read())

    def connect(self):
        if self.address.startswith("unix:"):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(30)
            client.connect(self.address[5:])
        else:
            client = socket.create_connection(("127.0.0.1", int(self.address.rsplit(":")[-1])), 30)
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            client = context.wrap_socket(client)
        return client

    def get(self, path):
        return urllib.request.urlopen(self.admin.rstrip("/") + path, timeout=30).read().decode()

    def hits(self):
        return re.findall(r'smtpproxy_limits_hit_total\{smtpproxy_limit="(\w+)"\} ([1-9]\d*)', self.get("/metrics"))

    def end(self):
        self.process.terminate()
        self.process.wait(60)


def line(client):
    text = b""
    while not text.endswith(b"\n"):
        octet = client.recv(1)
        if not octet:
            break
        text += octet
    return text.decode().strip()


def attempt(proxy):
    """What a new client hears, and its connection."""
    try:
        client = proxy.connect()
        return line(client), client
    except OSError as closed:
        return type(closed).__name__, None


def crowd(name, count, launcher=(), **how):
    for transport in TRANSPORTS:
        proxy = Proxy(launcher, f"--SmtpProxy:Transport={transport}", **how)
        heard, clients = {}, []
        greeting, honest = attempt(proxy)
        for _ in range(count):
            text, client = attempt(proxy)
            heard[text] = heard.get(text, 0) + 1
            clients.append(client)
        honest.sendall(b"NOOP\r\n")
        during, ready, hits = line(honest), proxy.get("/readyz").strip(), proxy.hits()
        for client in clients:
            if client:
                client.close()
        until = time.monotonic() + 30
        while time.monotonic() < until:
            again, client = attempt(proxy)
            if again.startswith("220"):
                break
            time.sleep(0.2)
        peak = re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{proxy.process.pid}/status").read())
        print(f"{name}, {transport}: {heard}; counted {dict(hits)}; open session {during!r}, new one {again!r}, "
              f"peak {int(peak[1]) // 1024 if peak else '?'} MiB", flush=True)
        proxy.end()


def cgroup(controller, limit, value):
    folder = f"/sys/fs/cgroup/{controller}/smtpproxy-starve"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{limit}", "w") as file:
        file.write(value)
    return ["sh", "-c", f'echo $$ > {folder}/cgroup.procs; exec "$@"', "sh"]


def clock():
    for transport in TRANSPORTS:
        jumps = FOLDER + "/jumps"
        open(jumps, "w").write("+0\n")
        proxy = Proxy(["env", "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", f"FAKETIME_TIMESTAMP_FILE={jumps}",
                       "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"],
                      f"--SmtpProxy:Transport={transport}", "--journal", FOLDER + "/journal")
        heard, honest = attempt(proxy)
        heard = [heard]
        for jump in ("+1d", "-1d", "+30d", "-400d", "+0"):
            open(jumps, "w").write(jump + "\n")
            time.sleep(1.2)
            honest.sendall(b"NOOP\r\n")
            heard += [line(honest), attempt(proxy)[0]]
        honest.sendall(b"QUIT\r\n")
        honest.close()
        proxy.end()
        lasted = re.findall(r'"time":"([^"]+)".*?"duration_ms":([\d.]+)', open(FOLDER + "/journal").read())
        print(f"clock, {transport}: {heard}; journal {lasted}", flush=True)
        os.unlink(FOLDER + "/journal")


match sys.argv[1:2]:
    case ["files"]:
        for tls in (False, True):
            crowd(f"1,024 files, {'TLS' if tls else 'plain'}", 2000, ["sh", "-c", 'ulimit -n 1024; exec "$@"', "sh"], tls=tls)
    case ["ports"]:
        subprocess.run("ip link set lo up && sysctl -qw net.ipv4.ip_local_port_range='40000 40060'", shell=True, check=True)
        crowd("60 local ports", 200, listen=f"unix:{FOLDER}/in.sock")
    case ["memory"]:
        for tls in (False, True):
            crowd(f"200 MiB, {'TLS' if tls else 'plain'}", 2000, cgroup("memory", "memory.limit_in_bytes", "200M"), tls=tls)
    case ["threads"]:
        crowd("40 threads", 1000, cgroup("pids", "pids.max", "40"))
    case ["clock"]:
        clock()
    case _:
        sys.exit(__doc__)
