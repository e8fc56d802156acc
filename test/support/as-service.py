"""Starts a program as systemd would: with a listening socket, and somebody who hears how far it is.

usage: as-service.py SOCKET HEARD PROGRAM [WORD...]    HEARD: a file that each message is written to
"""

import os
import socket
import sys

path, heard, *command = sys.argv[1:]
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(heard + ".sock")
parent = os.getpid()
if os.fork() == 0:
    notify.settimeout(0.5)
    while os.getppid() == parent:
        try:
            message = notify.recv(4096).decode()
        except socket.timeout:
            continue
        with open(heard, "a") as file:
            file.write(message + "\n")
        if message == "STOPPING=1":
            break
    os._exit(0)

notify.close()
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(8)
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(
    LISTEN_PID=str(parent), LISTEN_FDS="1", LISTEN_FDNAMES="wharf.socket", NOTIFY_SOCKET=heard + ".sock"
)
os.execvp(command[0], command)
