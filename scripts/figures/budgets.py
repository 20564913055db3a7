"""The budgets of the design, each with what was measured: met, or missed by how much,
and why, in the words of `missed.md`."""

import re
from dataclasses import dataclass
from pathlib import Path

import flash
from elf import fail

MISSED = Path(__file__).parent / "missed.md"
M0, M3 = "thumbv6m-none-eabi", "thumbv7m-none-eabi"
FLOOR = "floor: one bit set unless another is"


@dataclass(frozen=True)
class Budget:
    """One bar. `key` is its section of `missed.md`."""

    key: str
    what: str
    bar: int
    measured: int
    unit: str

    def row(self):
        over = self.measured - self.bar
        verdict = "met" if over <= 0 else f"**missed by {over}**"
        return [self.what, f"≤ {self.bar} {self.unit}", str(self.measured), verdict]


def masked(figures):
    """The calls by their longest masked stretch, the worst last."""
    return sorted(figures.calls.items(), key=lambda item: item[1].longest)


def stretch_of(figures, call):
    """The most that the longest masked stretch differs by between one and 64 hooks."""
    one, most = (figures.calls[f"{call}: {number} hooks"].longest for number in (1, 64))
    return abs(one - most)


def budgets(of):
    """Those of `of`, the figures by target."""
    m0, m3 = of[M0], of[M3]
    found = []
    for core, figures in (("M3", m3), ("M0", m0)):
        floor = figures.calls[FLOOR].instructions
        found += [Budget("decide", f"{verb} on Cortex-{core}, over the floor's {floor}", 7,
                         figures.calls[verb].instructions - floor, "instructions")
                  for verb in ("commit", "finish", "cancel")]
    plain = {name: call for name, call in m0.calls.items()
             if name in ("commit", "finish", "cancel", "cancel_from_isr")}
    worst, call = masked(m0)[-1]
    found.append(Budget("masked-plain", "masked at a time on Cortex-M0, a plain operation's verbs",
                        12, max(call.longest for call in plain.values()), "instructions"))
    found.append(Budget("masked", f"masked at a time on Cortex-M0, any call (here: {worst})", 12,
                        call.longest, "instructions"))
    for target, figures in of.items():
        found.append(Budget(
            "same", f"longest masked stretch, a cancel of 64 hooks against one of 1, {target}", 0,
            max(stretch_of(figures, call) for call in ("cancel", "cancel, the hooks stay")),
            "apart"))
    life, all_but = flash.CONFIGURATIONS[0][0], flash.CONFIGURATIONS[-1][0]
    found.append(Budget("flash-life", "flash on thumbv7m, an operation's life", 512,
                        m3.flash[life][0], "bytes"))
    found.append(Budget("flash-all", "flash on thumbv7m, everything but dialects", 4096,
                        m3.flash[all_but][0], "bytes"))
    for name, bar in (("op", 8), ("hook", 16), ("scope", 16)):
        found.append(Budget(f"ram-{name}", f"RAM on 32-bit: quell_{name}_t", bar,
                            max(figures.sizes[f"quell_{name}_t"] for figures in of.values()),
                            "bytes"))
    return found


def reasons(found):
    """What missed.md says of the bars that are missed."""
    said = dict(re.findall(r"^## (\S+)\n+(.*?)(?=^## |\Z)", MISSED.read_text(), re.M | re.S))
    missed = list(dict.fromkeys(budget.key for budget in found if budget.measured > budget.bar))
    if unknown := set(said) - {budget.key for budget in found}:
        fail(f"{MISSED} has sections of no budget: {sorted(unknown)}")
    for key in missed:
        if key not in said:
            fail(f"the budget {key} is missed, and {MISSED} does not say why")
    return [said[key].strip() + "\n" for key in missed]
