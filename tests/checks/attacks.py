"""What a hostile program may try: `{secret}` is a file of the parent's, `{parent}` its process."""

REFUSED = {
    # files
    "reads a file of the system": "open('/etc/passwd')",
    "reads a file of the parent's": "open('{secret}')",
    "lists the home folder": "import os; os.listdir(os.path.dirname('{home}'))",
    "writes a file of the parent's": "open('{secret}', 'w')",
    "appends to a file of the parent's": "open('{secret}', 'a')",
    "makes a file beside it": "open('{secret}2', 'w')",
    "deletes a file": "import os; os.remove('{secret}')",
    "renames a file": "import os; os.rename('{secret}', 'mine')",
    "links to a file": "import os; os.link('{secret}', 'mine')",
    "reads through a symbolic link": "import os; os.symlink('{secret}', 'mine'); open('mine')",
    "climbs out of its folder": "open('../' * 30 + '{secret}'[1:])",
    "changes the rights of a file": "import os; os.chmod('{secret}', 0)",
    "changes the owner of a file": "import os; os.chown('{secret}', 1, 1)",
    "changes the time of a file": "import os; os.utime('{secret}', (0, 0))",
    "marks a file": "import os; os.setxattr('{secret}', 'user.a', b'1')",
    "empties a file": "import os; os.truncate('{secret}', 0)",
    "empties a file that it may read": "import os; os.open(__file__, os.O_RDONLY | os.O_TRUNC)",
    "writes into its own program": "open(__file__, 'a')",
    "deletes its own program": "import os; os.remove(os.path.realpath(__file__))",
    "reads the recipes": "open('{package}/recipes/__init__.py')",
    "reads a recipe's file": "open('{package}/recipes/ready/course.toml')",
    "makes a device": "import os; os.mknod('mine')",
    "opens a terminal": "open('/dev/ptmx')",
    "makes shared memory": "open('/dev/shm/backlight-test', 'w')",
    "makes memory without a name": "import os; os.memfd_create('x')",
    "shares memory that no limit counts": "import mmap; mmap.mmap(-1, 1 << 20)",
    # network
    "opens a TCP socket": "import socket; socket.socket()",
    "opens a UDP socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "opens a Unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "opens a raw socket": "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "makes a pair of sockets": "import socket; socket.socketpair()",
    "fetches a page": "import urllib.request; urllib.request.urlopen('http://192.0.2.1/')",
    # processes
    "forks": "import os; os.fork()",
    "becomes another program": "import os; os.execv('/bin/sh', ['sh'])",
    "starts a program": "import subprocess; subprocess.run(['/bin/true'])",
    "spawns a program": "import os; os.posix_spawn('/bin/true', ['true'], {{}})",
    "forks through multiprocessing": "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
    "kills the parent": "import os; os.kill({parent}, 9)",
    "kills its group": "import os; os.kill(0, 9)",
    "kills everybody": "import os; os.kill(-1, 9)",
    "lets a pipe kill the parent": "import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, {parent})",
    "reads the parent's memory": "open('/proc/{parent}/mem', 'rb')",
    "reads the parent's environment": "open('/proc/{parent}/environ', 'rb')",
    "walks through the parent's root": "import os; os.listdir('/proc/{parent}/root')",
    "walks through its own root": "open('/proc/self/root/etc/passwd')",
    "limits the parent": "import resource; resource.prlimit({parent}, resource.RLIMIT_NOFILE, (1, 1))",
    "slows the parent": "import os; os.setpriority(os.PRIO_PROCESS, {parent}, 10)",
    "ties the parent down": "import os; os.sched_setaffinity({parent}, {{0}})",
    "takes its limits off": "import resource; resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))",
    "becomes another user": "import os; os.setuid(0 if os.getuid() else 12345)",
}
"""Each ends with an exception that says it is not allowed."""

CALLS = {
    "traces the parent": ("ptrace", 16, "{parent}", 0, 0),
    "reads the parent's memory by a call": ("process_vm_readv", "{parent}", 0, 0, 0, 0, 0),
    "mounts": ("mount", 0, 0, 0, 0, 0),
    "makes its own namespaces": ("unshare", 0x10000000),
    "sets up an I/O ring": ("syscall", 425, 8, 0),
    "asks by a number of another kind": ("syscall", 0x40000000 + 57),
    "makes a process by clone3": ("syscall", 435, 0, 0),
}
"""Calls of the C library, past Python; each answers -1."""

GARBAGE = {
    "noise": "os.urandom(10_000)",
    "a header without end": "(2 ** 62).to_bytes(8, 'big')",
    "a header that is no table": "(2).to_bytes(8, 'big') + b'[]'",
    "a pickle": "__import__('pickle').dumps(print)",
    "a refusal": "b'Rgive me your trust'",
}
"""Bytes that a program writes to all its open files before it kills itself."""
