"""Does with a compose file what an engine would, as far as this machine has the programs: each service in a root, a network and an address of its own,
with the files, flags, variables, user and health check that the file and the image give it, in the order in which they wait for one another.

    unshare --mount --net --pid --fork --mount-proc --kill-child python3 compose_without_engine.py COMPOSE.YAML PRODUCT.DLL DOCKERFILE

Then it looks whether they have found each other, and says so line by line. Ends with 1 at the first thing that is not as it should be."""
import json, os, re, subprocess, sys, time, urllib.error, urllib.request
import yaml

compose, product, dockerfile = sys.argv[1:]
# What the images start before the command, as whom, and what of the image's they may write to.
NOBODY = "65534"
IMAGES = {
    "prom/prometheus": (["prometheus"], NOBODY, ["/prometheus"]),
    "prom/alertmanager": (["prometheus-alertmanager"], NOBODY, ["/alertmanager"]),
    "caddy": (["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"], "0", ["/data", "/config"]),
}
PATIENCE = 120


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def say(what):
    print(what, flush=True)


def until(what, ask):
    """Waits until it answers something, and fails with the last that it answered."""
    end, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        try:
            last = ask()
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            last = None if time.monotonic() < end - 1 else sys.exit(f"FAILED {what}: {error}")
        if last:
            say(f"ok {what}: {last}")
            return last
        time.sleep(0.2)
    sys.exit(f"FAILED {what}")


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.read().decode()


def dockerfile_stage():
    """ENV, HEALTHCHECK and ENTRYPOINT of the last stage."""
    lines = re.sub(r"\\\n\s*", " ", open(dockerfile).read()).split("\nFROM ")[-1].splitlines()
    variables = dict(re.findall(r"(\w+)=(\S*)", next(line for line in lines if line.startswith("ENV "))))
    health = next(line for line in lines if line.startswith("HEALTHCHECK "))
    entry = next(line for line in lines if line.startswith("ENTRYPOINT "))
    return variables, json.loads(health[health.index("["):]), json.loads(entry[entry.index("["):])


class Service:
    def __init__(self, name, about, number):
        self.name, self.about, self.address = name, about, f"10.77.0.{number}"
        self.process = None
        self.health = about.get("healthcheck", {}).get("test")
        self.variables = dict(about.get("environment") or {})
        image = about.get("image", "").split(":")[0]
        self.known = True
        if "build" in about:
            variables, self.health, entry = dockerfile_stage()
            self.variables = {**variables, **self.variables}
            self.health, self.entry = ["CMD", *self.health], [product if x == "SmtpProxy.dll" else x for x in entry]
            self.health = [product if x == "SmtpProxy.dll" else x for x in self.health]
            self.user, self.writes = "1654", []
        elif image in IMAGES:
            self.entry, self.user, self.writes = IMAGES[image]
        else:
            self.known = False

    def inside(self, command):
        """The command as it runs in the service's namespaces."""
        if self.health and command == self.health and "--pid" in command:
            # Each service is process 1 of its own there.
            command = [str(self.process.pid) if x == "1" else x for x in command]
        variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", **{k: str(v) for k, v in self.variables.items()}}
        return ["nsenter", f"--net=/run/netns/{self.name}", "chroot", f"--userspec={self.user}:{self.user}", self.root,
                "/usr/bin/env", "-i", *(f"{k}={v}" for k, v in variables.items()), *command]

    def start(self, services):
        self.root = f"/run/roots/{self.name}"
        for folder in ("usr", "etc", "proc", "dev", "tmp", "sys", os.path.dirname(product).lstrip("/"), *(w.lstrip("/") for w in self.writes)):
            os.makedirs(f"{self.root}/{folder}", exist_ok=True)
        for link in ("bin", "lib", "lib64", "sbin"):
            os.symlink(f"usr/{link}", f"{self.root}/{link}")
        for folder in ("/usr", "/proc", "/dev", os.path.dirname(product)):
            run("mount", "--rbind", folder, self.root + folder)
        for folder in ["/tmp", *self.writes]:
            os.chmod(self.root + folder, 0o777)
        with open(f"{self.root}/etc/hosts", "w") as hosts:
            hosts.write("127.0.0.1 localhost\n" + "".join(f"{s.address} {s.name}\n" for s in services))
        for file in ("passwd", "group", "ssl", "alternatives"):
            run("cp", "-a", f"/etc/{file}", f"{self.root}/etc/{file}")
        for volume in self.about.get("volumes", []):
            source, target, *mode = volume.split(":") if isinstance(volume, str) else (volume["source"], volume["target"])
            os.makedirs(self.root + target, exist_ok=True)
            run("mount", "--bind", source, self.root + target)
            if "ro" in mode:
                run("mount", "-o", "remount,bind,ro", self.root + target)
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", f"v{self.address[-2:]}", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "link", "set", f"v{self.address[-2:]}", "master", "br0", "up")
        for setting in (("addr", "add", f"{self.address}/24", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up")):
            run("ip", "-n", self.name, *setting)
        self.log = open(f"/run/roots/{self.name}.log", "w+")
        self.process = subprocess.Popen(self.inside([*self.entry, *self.about.get("command", [])]), stdout=self.log, stderr=subprocess.STDOUT)
        say(f"started {self.name}")

    def is_healthy(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            sys.exit(f"FAILED {self.name} ended with {self.process.returncode}:\n{self.log.read()[-4000:]}")
        if not self.health:
            return "has no health check"
        assert self.health[0] == "CMD", self.health
        return subprocess.run(self.inside(self.health[1:]), capture_output=True).returncode == 0 and "healthy"


def main():
    for folder in ("/run/netns", "/run/roots"):
        os.makedirs(folder, exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", folder)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "br0", "type", "bridge")
    run("ip", "addr", "add", "10.77.0.1/24", "dev", "br0")
    run("ip", "link", "set", "br0", "up")
    config = yaml.safe_load(run("docker-compose", "-f", compose, "config"))
    services = {name: Service(name, about, 10 + n) for n, (name, about) in enumerate(sorted(config["services"].items()))}
    say("not run, as there is no program: " + ", ".join(s.name for s in services.values() if not s.known))
    left = [s for s in services.values() if s.known]
    while left:
        service = next(s for s in left if not any(services[d].known and services[d] in left for d in s.about.get("depends_on") or ()))
        left.remove(service)
        for other, how in (service.about.get("depends_on") or {}).items():
            if how["condition"] == "service_healthy":
                if not services[other].health:
                    sys.exit(f"FAILED {service.name} waits for the health of {other}, which has no health check")
                if services[other].known:
                    until(f"{other}, for which {service.name} waits, is healthy", services[other].is_healthy)
        service.start(services.values())
    for service in services.values():
        if service.known:
            until(f"{service.name} runs", service.is_healthy)

    at = {name: f"http://{s.address}" for name, s in services.items()}
    until("Prometheus scrapes the proxy without a token", lambda: [
        t["lastError"] or t["health"] for t in json.loads(get(at["prometheus"] + ":9090/api/v1/targets"))["data"]["activeTargets"] if t["health"] == "up"])
    until("Prometheus has the rules", lambda: sum(len(g["rules"]) for g in json.loads(get(at["prometheus"] + ":9090/api/v1/rules"))["data"]["groups"]))
    until("Prometheus knows Alertmanager", lambda: [a["url"] for a in json.loads(get(at["prometheus"] + ":9090/api/v1/alertmanagers"))["data"]["activeAlertmanagers"]])
    until("an alert of the proxy's reaches Alertmanager", lambda: sorted({
        a["labels"]["alertname"] for a in json.loads(get(at["alertmanager"] + ":9093/api/v2/alerts")) if a["labels"].get("job") == "smtpproxy"}))
    until("the page is shown without a token", lambda: "<html" in get(at["page"] + ":9025/") and "has html")
    until("what the page asks for comes too", lambda: json.loads(get(at["page"] + ":9025/api/v1/now")) and "now")
    try:
        get(at["smtpproxy"] + ":9025/api/v1/now")
        sys.exit("FAILED the admin port itself asks for no token")
    except urllib.error.HTTPError as error:
        say(f"ok the admin port itself asks for a token: {error.code}")
    import smtplib
    for port in ("2525", "2526"):
        with smtplib.SMTP(services["smtpproxy"].address, int(port), timeout=10) as client:
            say(f"ok a client is greeted on {port}: {client.ehlo()[0]}")


main()
