#!/usr/bin/env python3
"""A network driver for Wharf and Docker that wires containers to Open vSwitch.

It speaks Docker's plugin protocol: JSON over HTTP on a unix socket. Each network is a bridge of Open vSwitch,
each container a port of it. Nothing is kept in memory: what there is says `ovs-vsctl show`.

usage: ovs-driver.py [SOCKET]          (default: /run/docker/plugins/ovs.sock)
environment: OVS_DB=unix:/path/db.sock (default: where ovs-vsctl looks)
"""
import json
import os
import socketserver
import subprocess
import sys
from http.server import BaseHTTPRequestHandler

SOCKET = sys.argv[1] if len(sys.argv) > 1 else '/run/docker/plugins/ovs.sock'


class Refused(Exception):
    """What the caller is told."""


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise Refused(f'{words[0]}: {done.stderr.strip()}')
    return done.stdout.strip()


def vsctl(*words):
    database = [f'--db={os.environ["OVS_DB"]}'] if 'OVS_DB' in os.environ else []
    return run('ovs-vsctl', '--timeout=10', *database, *words)


# Names of interfaces have 15 bytes at most: ids are cut.
def bridge_of(network):
    return f'ovs-{network[:10]}'


def outside_of(endpoint):
    return f'ov{endpoint[:10]}'


def inside_of(endpoint):
    return f'oc{endpoint[:10]}'


def gateway_of(bridge):
    found = vsctl('--if-exists', 'get', 'bridge', bridge, 'external_ids:gateway').strip('"[]')
    return found or None


def capabilities(_):
    return {'Scope': 'local', 'ConnectivityScope': 'local'}


def create_network(ask):
    """-o datapath=netdev: frames are switched by ovs-vswitchd itself, without a kernel module."""
    bridge = bridge_of(ask['NetworkID'])
    options = ask['Options'].get('com.docker.network.generic') or {}
    subnet = (ask.get('IPv4Data') or [{}])[0]
    gateway = subnet.get('Gateway', '')
    settings = [f'datapath_type={options.get("datapath", "system")}', f'external_ids:network={ask["NetworkID"]}']
    if gateway:
        settings.append(f'external_ids:gateway="{gateway.split("/")[0]}"')
    vsctl('--may-exist', 'add-br', bridge, '--', 'set', 'bridge', bridge, *settings)
    # The bridge's own interface is the host's place on the network, and the containers' gateway.
    if gateway:
        run('ip', 'addr', 'replace', gateway, 'dev', bridge)
    run('ip', 'link', 'set', bridge, 'up')


def delete_network(ask):
    vsctl('--if-exists', 'del-br', bridge_of(ask['NetworkID']))


def create_endpoint(ask):
    bridge, outside, inside = bridge_of(ask['NetworkID']), outside_of(ask['EndpointID']), inside_of(ask['EndpointID'])
    mac = (ask.get('Interface') or {}).get('MacAddress')
    run('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, *(['address', mac] if mac else []))
    try:
        # Without a kernel module checksums have to be right on the wire.
        run('ethtool', '-K', inside, 'tx', 'off')
        vsctl('add-port', bridge, outside)
        run('ip', 'link', 'set', outside, 'up')
    except Refused:
        delete_endpoint(ask)
        raise


def delete_endpoint(ask):
    outside = outside_of(ask['EndpointID'])
    vsctl('--if-exists', 'del-port', outside)
    if subprocess.run(['ip', 'link', 'show', 'dev', outside], capture_output=True).returncode == 0:
        run('ip', 'link', 'del', outside)


def join(ask):
    """Says which interface goes into the container; the engine moves it, and gives it its name and addresses."""
    bridge = bridge_of(ask['NetworkID'])
    answer = {'InterfaceName': {'SrcName': inside_of(ask['EndpointID']), 'DstPrefix': 'eth'}}
    gateway = gateway_of(bridge)
    return {**answer, 'Gateway': gateway} if gateway else {**answer, 'DisableGatewayService': True}


def oper_info(_):
    return {'Value': {}}


def nothing(_):
    """The interface is the host's again after Leave, and goes with DeleteEndpoint."""


METHODS = {
    'Plugin.Activate': lambda _: {'Implements': ['NetworkDriver']},
    'NetworkDriver.GetCapabilities': capabilities,
    'NetworkDriver.CreateNetwork': create_network,
    'NetworkDriver.DeleteNetwork': delete_network,
    'NetworkDriver.CreateEndpoint': create_endpoint,
    'NetworkDriver.EndpointOperInfo': oper_info,
    'NetworkDriver.DeleteEndpoint': delete_endpoint,
    'NetworkDriver.Join': join,
    'NetworkDriver.Leave': nothing,
    'NetworkDriver.ProgramExternalConnectivity': nothing,
    'NetworkDriver.RevokeExternalConnectivity': nothing,
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        method = METHODS.get(self.path.lstrip('/'))
        status, answer = 200, {}
        try:
            if method is None:
                status, answer = 404, {'Err': f'no method {self.path}'}
            else:
                answer = method(json.loads(text or '{}')) or {}
        except (Refused, subprocess.TimeoutExpired, KeyError, ValueError) as error:
            answer = {'Err': str(error)}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/vnd.docker.plugins.v1.2+json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        print(self.path, text.decode().strip(), '->', body.decode(), flush=True)

    def address_string(self):
        return 'engine'

    def log_message(self, *_):
        """Said by do_POST."""


class Server(socketserver.UnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ('engine', 0)


if __name__ == '__main__':
    os.makedirs(os.path.dirname(SOCKET), exist_ok=True)
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    with Server(SOCKET, Handler) as server:
        print(f'listens on {SOCKET}', flush=True)
        server.serve_forever()
