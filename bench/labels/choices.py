# SPDX-License-Identifier: Apache-2.0
"""Ways to choose the images of a stream that people label: places in the stream, as many as asked for."""
import json
import uuid

import numpy as np


def probabilities_of(logits):
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def hardness_by_margin(logits):
    """Settles, "Active learning literature survey" (2009): 1 - (largest probability - second largest)."""
    ordered = np.sort(probabilities_of(logits), 1)
    return 1 - (ordered[:, -1] - ordered[:, -2])


def by_chance(job, count):
    return np.random.default_rng(job.seed).permutation(len(job.logits))[:count]


def by_margin(job, count):
    return np.argsort(-hardness_by_margin(job.logits), kind="stable")[:count]


def by_badge(job, count):
    """Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds" (2020): k-means++ over the gradients of the
    last layer at the predicted class, (p - one of that class) x embedding, whose products are products of products."""
    gradient = probabilities_of(job.logits)
    gradient[np.arange(len(gradient)), gradient.argmax(1)] -= 1
    gradient, rows = gradient.astype(np.float32), job.embeddings.astype(np.float32)
    squares = (gradient**2).sum(1) * (rows**2).sum(1)
    dice = np.random.default_rng(job.seed)
    chosen = [int(squares.argmax())]
    nearest_square = np.full(len(rows), np.inf)
    while len(chosen) < count:
        last = chosen[-1]
        products = (gradient @ gradient[last]) * (rows @ rows[last])
        nearest_square = np.minimum(nearest_square, np.maximum(squares + squares[last] - 2 * products, 0))
        nearest_square[last] = 0
        chances = nearest_square.astype(np.float64)
        chosen.append(int(dice.choice(len(rows), p=chances / chances.sum())))
    return np.array(chosen)


class Ours:
    """What `trommel sample filter` puts into a dataset, cold: with the training manifest, before anybody confirmed anything."""

    def __init__(self, *options):
        self.options = options

    def __call__(self, job, count):
        name = uuid.uuid4().hex
        job.bench.trommel(job.case, "sample", "filter", "quality", "--train", job.case / "train.manifest", "--create", name,
                          "--top", count, *self.options, "--wait")  # fmt: skip
        words = ("samples", "list", name, "--hard", "--limit", 1000, "--fields", "source", "--sort", "-hard_coefficient", "--json")
        sources, cursor = [], ()
        while cursor is not None:
            rows, said = job.bench.trommel_says(job.case, *words, *cursor)
            sources += [row["source"] for row in json.loads(rows)]
            cursor = ("--cursor", said.split("--cursor ")[1].strip()) if "--cursor" in said else None
        job.bench.trommel(job.case, "dataset", "delete", name, "--yes")
        place = {source: i for i, source in enumerate(job.stream.sources)}
        return np.array([place[source] for source in sources])


CHOICES = {
    "random": by_chance,
    "margin": by_margin,
    "BADGE (Ash et al. 2020)": by_badge,
    "ours, the hardest (`diversity` 0)": Ours("--diversity", 0),
    "ours, as it comes (`diversity` 0.5)": Ours("--diversity", 0.5),
    "ours, spread (`diversity` 1)": Ours("--diversity", 1),
}
