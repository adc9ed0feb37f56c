#!/usr/bin/env python3
"""Writes `reference-stream.csv` and `reference-trees.csv` beside this file: 1,000 synthetic runs, and what the reference
implementation of the optimizer says before each of them. Exploration, control arm and rollback are off, so that every
number follows from the ones before it.

    make_reference_stream.py REFERENCE.py        needs numpy and lightgbm 4.7.0
"""
import csv
import importlib.util
import math
import pathlib
import sys
from types import SimpleNamespace

import numpy as np

RUNS, STAGES, TOOLS, SEED = 1000, 22, 4, 20
HERE = pathlib.Path(__file__).parent


def load(path):
    spec = importlib.util.spec_from_file_location('reference', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Stage:
    """A step whose truth is known: what it does with any settings, under any conditions."""

    def __init__(self, rng, index):
        self.name, self.tool = f's{index}', f't{index % TOOLS}'
        self.work = math.exp(rng.normal(6, 1))
        self.fixed, self.serial, self.peak = rng.uniform(2, 40), rng.uniform(0.01, 0.15), math.exp(rng.normal(.8, .8))
        self.slope, self.noise = rng.uniform(.1, .7), rng.uniform(.03, .25)
        jobs = int(rng.choice([2, 4, 8]))
        self.declared = SimpleNamespace(j=jobs, cpu=float(jobs if rng.random() < .7 else jobs / 2),
                                        mem=float(2 ** math.ceil(math.log2(2.5 * self.peak + .1))))
        self.weight = float(rng.choice([.2, .5, .8]))

    def run(self, rng, x, j, c, run):
        cold, partial = x['cache'] == 0, x['cache'] == 1
        drift = 1.8 if self.name in ('s0', 's3') and run > 550 else 1.
        work = drift * self.work * math.exp(1.1 * cold + .4 * partial + .3 * (x['branch'] == 2)
                                            + .1 * math.log(max(1, x['files'])) * (not cold)
                                            + self.noise * rng.normal())
        spike = 6. if rng.random() < .01 else 1.
        peak = spike * drift * self.peak * (j / 4) ** self.slope * math.exp(.2 * cold + self.noise * rng.normal())
        wall = (self.fixed + work * (self.serial + (1 - self.serial) / min(c, .9 * j))) * math.exp(.04 * rng.normal())
        return [float(f'{v:.7g}') for v in (wall, work, peak)]


def main(path):
    ref = load(path)
    rng = np.random.default_rng(SEED)
    stages = [Stage(rng, i) for i in range(STAGES)]
    opt = ref.Optimizer(alpha=.02, eps=0., holdback=0., cap=64., lgbm=False, alerts=True, guard=False)
    rows = []
    for run in range(RUNS):
        # A third of the stages runs far more often than the rest, and no stage begins before its time.
        known = min(STAGES, 4 + run // 30)
        stage = stages[int(known * rng.random() ** 2)]
        d = stage.declared
        t_ref = float(f'{stage.fixed + 2 * stage.work / min(d.cpu, .9 * d.j):.7g}')
        c_ref = float(f'{t_ref * (d.cpu * ref.PRICE_CPU + d.mem * ref.PRICE_MEM):.7g}')
        x = dict(pipeline=stage.name, tool=stage.tool, cache=int(rng.choice([0, 1, 2], p=[.15, .25, .6])),
                 branch=int(rng.choice([0, 1, 2], p=[.25, .65, .1])), files=min(100_000, int(math.exp(rng.exponential(1.6)))),
                 static=d, w_time=stage.weight, w_cost=1 - stage.weight, T_ref=t_ref, C_ref=c_ref)
        config = opt.suggest(x)
        answer, fit = opt.last, opt.last['f']
        why = opt.explain(x)
        m, b, sc, hb, lin, hm, h, size, features = answer['ticket']
        wall, work, peak = stage.run(rng, x, config.j, config.cpu, run)
        row = dict(pipeline=stage.name, tool=stage.tool, cache=x['cache'], branch=x['branch'], files=x['files'],
                   declared_jobs=d.j, declared_cores=d.cpu, declared_gib=d.mem, time_weight=stage.weight,
                   reference_seconds=t_ref, reference_dollars=c_ref, mode=answer['mode'], jobs=config.j,
                   cores=config.cpu, memory=config.mem, utilisation=fit.u, fixed_unit=fit.s0)
        for name, model in (('work', fit.work), ('slope', fit.mem), ('theta', fit.dur)):
            row |= {f'{name}{i}': v for i, v in enumerate(model.m)} | {f'{name}_variance': model.s2}
        expected_work = float(np.exp(ref.wrow(x, config.j, config.cpu) @ fit.work.m + .5 * fit.work.s2)[0])
        row |= dict(expected=m, base=b, scale=sc, maximum=hb, margin_limit=lin, maximum_limit=hm, factor=h,
                    margin_weight=opt.mem.weight(size), expected_work=expected_work, seconds=why['T'],
                    fixed=why['fixed'], serial=why['serial'], parallel=why['parallel'],
                    contention=why['contention'], core_wait=why['core_wait'])
        if answer['cand'] is None:
            row |= dict(candidates=0, value=0, sum_value=0, sum_memory=0)
        else:
            j, c, mem, v, best = answer['cand']
            row |= dict(candidates=len(j), value=v[answer['i']], sum_value=float(v.sum()), sum_memory=float(mem.sum()))
        seen = len(opt.events)
        outcome = SimpleNamespace(ok_duration=wall, cpu_seconds=work, peak=peak, oom=int(peak > config.mem),
                                  final_j=config.j, J=1.)
        opt.observe(x, config, outcome)
        row |= dict(wall=wall, work_seconds=work, peak=peak,
                    events=' '.join(sorted(e[2].replace(' ', ':') for e in opt.events[seen:])))
        rows.append(row)
    write('reference-stream.csv', rows, '.13g')
    trees(ref, opt)


def trees(ref, opt):
    """The rows of the stream as the trees see them, rounded, and what trees trained on exactly these predict."""
    rounded = lambda v: float(f'{v:.9g}')
    model = ref.Memory()
    model.X = [[rounded(v) for v in x] for x in opt.mem.X]
    model.Y = [rounded(y) for y in opt.mem.Y]
    model.n = len(model.Y)
    model.refit()
    predictions = model.model.predict(np.array(model.X), num_threads=1)
    shares = model.model.predict(np.array(model.X), num_threads=1, pred_contrib=True)
    rows = [{f'x{i}': '' if math.isnan(v) else v for i, v in enumerate(x)} | dict(target=y, prediction=p, share0=s[0])
            for x, y, p, s in zip(model.X, model.Y, predictions, shares)]
    write('reference-trees.csv', rows, '.17g', short='.9g')


def write(name, rows, precise, short=None):
    def text(key, value):
        if not isinstance(value, float):
            return value
        return format(value, short if short and key[0] in 'xt' else precise)
    with open(HERE / name, 'w', newline='') as file:
        out = csv.writer(file, lineterminator='\n')
        out.writerow(rows[0])
        out.writerows([text(k, float(v) if isinstance(v, np.floating) else v) for k, v in r.items()] for r in rows)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
