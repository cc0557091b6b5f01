#!/usr/bin/env python3
"""Solves a Curtois-Qu instance with OR-Tools CP-SAT: linear rows, linearization level 2.

Usage: cpsat.py INSTANCE ANSWER SECONDS WORKERS SEED. Prints `status`, `objective` and `bound`; writes the answer as
verify.py reads it when a roster was found. A peer for measurements only: nothing of the product calls it.
"""
import sys
from collections import defaultdict

from ortools.sat.python import cp_model


def sections(path):
    """The rows of each section, without comments."""
    rows, current = defaultdict(list), None
    with open(path) as lines:
        for line in map(str.strip, lines):
            if line.startswith("SECTION_"):
                current = line
            elif line and not line.startswith("#"):
                rows[current].append([field.strip() for field in line.split(",")])
    return rows


class Model:
    """The instance as linear rows over one Boolean per person, day and shift."""

    def __init__(self, rows):
        self.model = cp_model.CpModel()
        self.days = range(int(rows["SECTION_HORIZON"][0][0]))
        self.minutes = {row[0]: int(row[1]) for row in rows["SECTION_SHIFTS"]}
        self.shifts = list(self.minutes)
        self.barred = {
            row[0]: [name for name in (row[2] if len(row) > 2 else "").split("|") if name]
            for row in rows["SECTION_SHIFTS"]
        }
        self.people = [row[0] for row in rows["SECTION_STAFF"]]
        new = self.model.new_bool_var
        self.does = {
            (person, day, shift): new("") for person in self.people for day in self.days for shift in self.shifts
        }
        self.works = {(person, day): new("") for person in self.people for day in self.days}
        for (person, day), works in self.works.items():
            self.model.add(sum(self.does[person, day, shift] for shift in self.shifts) == works)
        off = {row[0]: {int(day) for day in row[1:] if day} for row in rows["SECTION_DAYS_OFF"]}
        for row in rows["SECTION_STAFF"]:
            self.person(row, off.get(row[0], set()))
        self.model.minimize(sum(self.costs(rows)))

    def person(self, row, off):
        """What one contract allows."""
        name, add = row[0], self.model.add
        minutes_max, minutes_min, stretch_max, stretch_min, rest_min, weekends_max = map(int, row[2:8])
        works = [self.works[name, day] for day in self.days]
        last = len(works)
        for day in off:
            add(works[day] == 0)
        for shift, barred in self.barred.items():
            for day in self.days[:-1]:
                for other in barred:
                    add(self.does[name, day, shift] + self.does[name, day + 1, other] <= 1)
        for part in row[1].split("|"):
            shift, most = part.split("=")
            add(sum(self.does[name, day, shift] for day in self.days) <= int(most))
        worked = sum(self.minutes[shift] * self.does[name, day, shift] for day in self.days for shift in self.shifts)
        add(worked <= minutes_max)
        add(worked >= minutes_min)
        for day in range(last - stretch_max):
            add(sum(works[day : day + stretch_max + 1]) <= stretch_max)
        # A stretch, or a rest, of fewer days than the least between two others of the other kind.
        for length in range(1, stretch_min):
            for day in range(last - length - 1):
                add(works[day] - sum(works[day + 1 : day + length + 1]) + works[day + length + 1] >= 1 - length)
        for length in range(1, rest_min):
            for day in range(last - length - 1):
                add(works[day] - sum(works[day + 1 : day + length + 1]) + works[day + length + 1] <= 1)
        weekends = []
        for saturday in range(5, last, 7):
            weekend = self.model.new_bool_var("")
            for day in range(saturday, min(saturday + 2, last)):
                add(weekend >= works[day])
            weekends.append(weekend)
        add(sum(weekends) <= weekends_max)

    def costs(self, rows):
        """What is paid: requests that are not met, and people missing or too many."""
        for person, day, shift, weight in rows["SECTION_SHIFT_ON_REQUESTS"]:
            yield int(weight) * (1 - self.does[person, int(day), shift])
        for person, day, shift, weight in rows["SECTION_SHIFT_OFF_REQUESTS"]:
            yield int(weight) * self.does[person, int(day), shift]
        for day, shift, required, under_weight, over_weight in rows["SECTION_COVER"]:
            under = self.model.new_int_var(0, int(required), "")
            over = self.model.new_int_var(0, len(self.people), "")
            count = sum(self.does[person, int(day), shift] for person in self.people)
            self.model.add(count + under - over == int(required))
            yield int(under_weight) * under + int(over_weight) * over


def main():
    instance, answer, seconds, workers, seed = sys.argv[1:]
    model = Model(sections(instance))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = float(seconds)
    solver.parameters.num_workers = int(workers)
    solver.parameters.random_seed = int(seed)
    solver.parameters.linearization_level = 2
    status = solver.solve(model.model)
    print("status", solver.status_name(status))
    print("bound", round(solver.best_objective_bound))
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        print("objective", round(solver.objective_value))
        with open(answer, "w") as out:
            for person in model.people:
                row = [
                    next((shift for shift in model.shifts if solver.value(model.does[person, day, shift])), "-")
                    for day in model.days
                ]
                out.write("\t".join([person, *row]) + "\n")


if __name__ == "__main__":
    main()
