"""The text of a program that runs another one again and again, each time with other edits, and prints what it found."""

DRIVER = """
exec(compile(_TEXT_, "edits", "exec"), {})
"""

TEXT = """
def _edit_all_():
    import builtins, io, marshal, random, signal, sys, time
    from bisect import bisect_left
    code, path, number, cases, wanted, close = _JOB_
    code = marshal.loads(code)
    out, order = sys.stdout, sorted(range(len(wanted)), key=lambda one: wanted[one])
    sorted_ = [wanted[one] for one in order]
    least, most = sorted_[0], sorted_[-1]
    margin = close * max(abs(least), abs(most))
    on, found, left, bent = [False] * number, set(), [0], [False]
    everything = len(wanted)

    class Enough(BaseException):
        pass

    def ring(_number, _frame):
        raise Enough

    def one_number(value):
        here = bisect_left(sorted_, value - close * abs(value))
        while here < everything and sorted_[here] <= value + close * abs(value):
            found.add(order[here])
            if len(found) == everything:
                raise Enough
            here += 1

    def look(value, depth):
        kind = type(value)
        if kind is float or kind is int:
            if least - margin <= value <= most + margin:
                one_number(value)
        elif kind is list or kind is tuple:
            if depth < 4:
                for one in value[:200]:
                    look(one, depth + 1)
        elif hasattr(value, "detach"):
            if value.numel() <= 4096:
                look(value.detach().reshape(-1).tolist()[:200], depth)
        elif hasattr(value, "ravel") and hasattr(value, "tolist") and value.dtype.kind == "f":
            if value.size <= 4096:
                look(value.ravel().tolist()[:200], depth)

    def is_fraction(value):
        if hasattr(value, "detach"):
            return value.is_floating_point()
        return type(value) is float or getattr(getattr(value, "dtype", None), "kind", "") == "f"

    def moved(value):
        if type(value) in (list, tuple):
            return type(value)(moved(one) for one in value)
        if not is_fraction(value):
            return value
        bent[0] = True
        return value * 1.0001 + 1e-6

    def bend(value):
        before = set(found)
        found.clear()
        try:
            look(value, 0)
        except Enough:
            pass
        before -= found
        found.clear()
        found.update(before)
        return moved(value)

    def seen(value):
        left[0] -= 1
        if left[0] < 0:
            raise Enough
        look(value, 0)
        return value

    def stepped(optimizer):
        for group in getattr(optimizer, "param_groups", ()):
            for parameter in group["params"]:
                seen(parameter)

    def run(case, calls, seconds):
        for one in case:
            on[one] = True
        found.clear()
        bent[0] = False
        left[0] = calls
        random.setstate(state)
        if numpy is not None:
            numpy.random.set_state(its_state)
        names = {"__name__": "__main__", "__file__": path, "__builtins__": builtins, "print": lambda *a, **k: None,
                 "_edit_on_": on, "_edit_seen_": seen, "_edit_stepped_": stepped, "_edit_bent_": bend}
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            exec(code, names)
        except BaseException:
            pass
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for one in case:
            on[one] = False
        return sorted(found)

    state, numpy = random.getstate(), sys.modules.get("numpy")
    its_state = numpy.random.get_state() if numpy is not None else None
    signal.signal(signal.SIGVTALRM, ring)
    sys.stdout = io.StringIO()
    began = time.process_time()
    before = run((), _CALLS_, 3.0)
    took = time.process_time() - began
    out.write(f"{_CALLS_ - left[0]}: {before}\\n")
    done = 0
    for place, case in enumerate(cases):
        now = run(case, _CALLS_, 5 * took + 0.02)
        sys.stdout.seek(0)
        sys.stdout.truncate()
        if now != before or bent[0]:
            out.write(f"{place} {now}\\n")
        done = place + 1
        if time.process_time() - began > _SECONDS_:
            break
    out.write(f"done: {done} {time.process_time() - began}\\n")
    out.flush()

_edit_all_()
"""
