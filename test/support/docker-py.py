"""What a user of docker's library for Python does. usage: docker-py.py SOCKET. Ends with 0 when all was as it should be."""

import sys
import docker

client = docker.DockerClient(base_url="unix://" + sys.argv[1], version="auto")
assert client.ping()
assert client.version()["ApiVersion"] == "1.51"
assert client.info()["OSType"] == "linux"

network = client.networks.create("net", labels={"a": "b"})
box = client.containers.run("busybox", ["sh", "-c", "echo begins; exec sleep 1000"], name="box", detach=True, network="net")
box.reload()
assert box.status == "running"
assert network.name in box.attrs["NetworkSettings"]["Networks"]
code, output = box.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True)
assert (code, output) == (3, (b"out\n", b"err\n")), (code, output)
code, chunks = box.exec_run("seq 1 1000", stream=True)
assert b"".join(chunks).split()[-1] == b"1000"
assert next(box.logs(stream=True, follow=True)) == b"begins\n"
assert client.containers.run("busybox", ["cat", "/etc/hostname"], hostname="there", remove=True) == b"there\n"
try:
    client.containers.run("busybox", "false", remove=True)
    raise AssertionError("false succeeded")
except docker.errors.ContainerError as error:
    assert error.exit_status == 1
try:
    client.containers.get("nobody")
    raise AssertionError("nobody was found")
except docker.errors.NotFound:
    pass
socket = box.attach_socket(params={"stdin": 1, "stream": 1})
socket.close()
assert [one.name for one in client.containers.list(filters={"network": "net"})] == ["box"]
box.rename("other")
box.stop(timeout=0)
assert box.wait()["StatusCode"] == 137
box.remove()
network.remove()
print("all as it should be")
