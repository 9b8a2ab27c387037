"""seccomp: which requests to the kernel a process may still make.

Refused, as if the user had no right to it: new processes and programs, every kind of network, signals and
limits of others, shared memory, owners and rights of files, and whatever could get around these rules. Threads
are allowed: they inherit the lock. Filter language: classic BPF, Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

# name: number on x86_64, on aarch64 (-1: there is none)
CALLS: dict[str, tuple[int, int]] = {
    # new processes and programs (clone is looked at below: a thread is none)
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    # network; without a socket nothing else of it works
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # other processes
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    # memory that no limit counts, and messages between processes
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # what Landlock does not look at: rights, owners, times and marks of files; devices, links to a file by number
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "truncate": (76, 45),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "inotify_init": (253, -1),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    # the ground under the lock
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "personality": (135, 92),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "syslog": (103, 116),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "modify_ldt": (154, -1),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
}

# said not to exist, so that the C library takes the older way, whose arguments can be looked at
ABSENT: dict[str, tuple[int, int]] = {
    "clone3": (435, 435),
    "openat2": (437, 437),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
NEWEST = 463
"""Requests that are newer than this table do not exist either."""

# looked at more closely: (x86_64, aarch64)
CLONE, KILL, TGKILL, FCNTL, PRLIMIT = (56, 220), (62, 129), (234, 131), (72, 25), (302, 261)
OPEN, OPENAT, MMAP, IOCTL, AFFINITY = (2, -1), (257, 56), (9, 222), (16, 29), (203, 122)

_THREAD = 0x00010000  # CLONE_THREAD
_SET_OWNER, _SET_SIGNAL, _SET_OWNER_EX = 8, 10, 15  # fcntl: signals to others when a file is ready
_SHARED_ANONYMOUS = 0x01 | 0x20  # mmap: memory that RLIMIT_DATA does not count
_ADD_TO_TERMINAL = 0x5412  # ioctl TIOCSTI: what is typed next

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_ALLOW, _REFUSE, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000

# Classic BPF: load a word, compare, mask, return. A jump says how many instructions it skips if true, if false.
_LOAD, _EQUAL, _ABOVE, _MASKED, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data; an argument has 8 bytes, the low half first
_MOST = 255  # instructions that one jump can skip

Instruction = tuple[int, int, int, int]


def restrict_calls(libc: ctypes.CDLL, machine: str) -> None:
    """Refuse those requests from now on, in this process and all its threads.

    Raises
    ------
    OSError
        When this machine is none that is known here, or the kernel has no seccomp.
    """
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"the requests to the kernel of {machine} are not known here")
    instructions = program(machine, os.getpid())
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_program = struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(buffer))
    if libc.prctl(22, 2, ctypes.c_char_p(filter_program), 0, 0):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        raise OSError(ctypes.get_errno(), "this Linux has no seccomp, or it is switched off")


def program(machine: str, process: int) -> list[Instruction]:
    """The filter for one architecture and one process."""
    column, architecture = _ARCHITECTURES[machine]
    refuse, absent = _REFUSE | errno.EPERM, _REFUSE | errno.ENOSYS
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_ABOVE, 0, 1, NEWEST),  # also the x32 numbers of x86_64
        (_RETURN, 0, 0, absent),
    ]
    for answer, calls in ((refuse, CALLS), (absent, ABSENT)):
        for numbers in calls.values():
            if numbers[column] >= 0:
                lines += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, answer)]
    for numbers, check in _closer(process, refuse):
        if numbers[column] >= 0:
            lines += [(_EQUAL, 0, len(check) + 1, numbers[column]), *check, (_RETURN, 0, 0, _ALLOW)]
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def _closer(process: int, refuse: int) -> list[tuple[tuple[int, int], list[Instruction]]]:
    """For each of the calls that depend on their arguments: instructions that refuse, or fall through."""
    no = (_RETURN, 0, 0, refuse)
    truncating_reader = [  # Landlock before version 3 takes O_RDONLY | O_TRUNC for reading
        (_AND, 0, 0, os.O_ACCMODE | os.O_TRUNC),
        (_EQUAL, 0, 1, os.O_TRUNC),
        no,
    ]
    return [
        (CLONE, [_argument(0), (_MASKED, 1, 0, _THREAD), no]),
        (KILL, [_argument(0), (_EQUAL, 1, 0, process), no]),
        (TGKILL, [_argument(0), (_EQUAL, 1, 0, process), no]),
        (
            FCNTL,
            [
                _argument(1),
                *[one for code in (_SET_OWNER, _SET_SIGNAL, _SET_OWNER_EX) for one in ((_EQUAL, 0, 1, code), no)],
            ],
        ),
        (PRLIMIT, [_argument(0), (_EQUAL, 1, 0, 0), no]),
        (AFFINITY, [_argument(0), (_EQUAL, 1, 0, 0), no]),
        (OPEN, [_argument(1), *truncating_reader]),
        (OPENAT, [_argument(2), *truncating_reader]),
        (MMAP, [_argument(3), (_AND, 0, 0, _SHARED_ANONYMOUS), (_EQUAL, 0, 1, _SHARED_ANONYMOUS), no]),
        (IOCTL, [_argument(1), (_EQUAL, 0, 1, _ADD_TO_TERMINAL), no]),
    ]


def _argument(number: int) -> Instruction:
    return _LOAD, 0, 0, 16 + 8 * number
