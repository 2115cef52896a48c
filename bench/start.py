"""What it takes to start an image, let it say hello, and see it end.

The same file runs as a plain process, under the sandbox tender alone, and by `aster run`; Solo5's tender runs
its own hello in C. A program that does nothing tells what starting any process costs.
"""

import measure
import peers
import tender
from figure import at_most, figure, not_measured


def measure_all(house):
    hello = str(house.image("01-hello"))
    programs = {
        "process": [hello],
        "sandbox": [*tender.words(house.build), hello],
        "aster run": [str(house.aster), "run", "--quiet", "--on", "sandbox", hello],
        "nothing": [str(house.image("bench_nothing"))],
    }
    spt, why = peers.solo5_hello()
    if spt:
        programs["solo5-spt"] = spt
    measure.pin(0)
    seen = measure.rotate(programs, house.rounds(200))
    walls = {name: [cost.wall for cost in costs] for name, costs in seen.items()}

    def beside(name):
        costs = seen[name]
        told = {f"{name}: ms": measure.median(walls[name]) * 1e3}
        told |= {"CPU ms": measure.median(cost.cpu for cost in costs) * 1e3, "faults": int(measure.median(cost.faults for cost in costs))}
        calls = measure.system_calls(programs[name])
        return told | ({"calls": calls} if calls is not None else {})

    how = "spawn to end, median of pairs"
    yield figure("start", "hello in the sandbox / as a plain process", measure.ratio(walls["sandbox"], walls["process"]), "×",
                 at_most(1.5), how, beside("sandbox"))
    name = "hello in the sandbox / solo5-spt with its C hello"
    if spt:
        yield figure("start", name, measure.ratio(walls["sandbox"], walls["solo5-spt"]), "×", at_most(0.75), how, beside("solo5-spt"))
    else:
        yield not_measured("start", name, "×", at_most(0.75), why)
    yield figure("start", "hello as a plain process", measure.median(walls["process"]) * 1e3, "ms", None, how, beside("process"))
    yield figure("start", "hello by `aster run --on sandbox`", measure.median(walls["aster run"]) * 1e3, "ms", None, how, beside("aster run"))
    yield figure("start", "a program that does nothing", measure.median(walls["nothing"]) * 1e3, "ms", None, how, beside("nothing"))
