"""One measured promise: what was promised, what came out, and what costs lie beside it.

    figure("size", "hello with puts", 0.82, "MB", at_most(1.0), "stripped file")

A figure without a goal is told for comparison. One that could not be measured says why: a peer that is not
installed is a line in the table, not a gap in it.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class limit:
    """A bound on a value: `at_most(1.5)` or `at_least(0.5)`."""

    bound: float
    upper: bool

    def met_by(self, value):
        return value <= self.bound if self.upper else value >= self.bound

    def __str__(self):
        return f"{'≤' if self.upper else '≥'} {number(self.bound)}"


def at_most(bound):
    return limit(bound, True)


def at_least(bound):
    return limit(bound, False)


@dataclasses.dataclass
class figure:
    group: str  # the module that measured it
    name: str
    value: float | None
    unit: str = ""
    goal: limit | None = None
    how: str = ""  # what was done to get it, in half a sentence
    beside: dict = dataclasses.field(default_factory=dict)  # costs that carry over to other machines
    missing: str = ""  # why there is no value

    @property
    def verdict(self):
        if self.value is None:
            return "not measured"
        if self.goal is None:
            return ""
        return "holds" if self.goal.met_by(self.value) else "short"

    @property
    def measured(self):
        return f"{number(self.value)} {self.unit}".rstrip() if self.value is not None else "–"

    @property
    def promised(self):
        return f"{self.goal} {self.unit}".rstrip() if self.goal else ""

    @property
    def remarks(self):
        """What stands beside the value, in one line."""
        if self.value is None:
            return self.missing
        return ", ".join(f"{key} {value if isinstance(value, str) else number(value)}" for key, value in self.beside.items())

    def as_json(self):
        fields = dataclasses.asdict(self)
        fields["goal"] = str(self.goal) if self.goal else None
        return fields | {"verdict": self.verdict}


def not_measured(group, name, unit, bound, why):
    return figure(group, name, None, unit, bound, missing=why)


def number(value):
    """Three digits that count, or all of a larger whole number."""
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(figures):
    """The figures as text in columns, for a terminal."""
    heads = ("figure", "goal", "measured", "", "beside it")
    rows = [(f.name, f.promised, f.measured, f.verdict, f.remarks) for f in figures]
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in [heads, *rows])
