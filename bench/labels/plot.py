# SPDX-License-Identifier: Apache-2.0
"""Lines with their spread, as SVG."""
import html
import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 440, 64, 32, 270, 52
COLORS = ("#7f7f7f", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#d62728", "#8c564b", "#17becf")
NAME_HEIGHT = 17
STEP = 0.01  # between lines of the grid


class Frame:
    """Labels, logarithmic, to the right; accuracy upward."""

    def __init__(self, lines):
        self.counts = sorted({count for line in lines.values() for count in line})
        ends = [mean + side * spread for line in lines.values() for mean, spread in line.values() for side in (-1, 1)]
        self.low, self.high = math.floor(min(ends) / STEP) * STEP, math.ceil(max(ends) / STEP) * STEP

    def x(self, count):
        first, last = math.log(self.counts[0]), math.log(self.counts[-1])
        return LEFT + 12 + (math.log(count) - first) / (last - first or 1) * (WIDTH - LEFT - RIGHT - 24)

    def y(self, accuracy):
        return TOP + (self.high - accuracy) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def text(x, y, words, anchor="start", color="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{html.escape(words.replace("`", ""))}</text>'


def stroke(points, color, more=""):
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" stroke="{color}"{more}/>'


def grid_of(frame):
    for i in range(round((frame.high - frame.low) / STEP) + 1):
        y = frame.y(frame.low + i * STEP)
        yield stroke([(LEFT, y), (WIDTH - RIGHT, y)], "#ddd")
        yield text(LEFT - 6, y + 4, f"{frame.low + i * STEP:.2f}", "end")
    for count in frame.counts:
        yield text(frame.x(count), HEIGHT - BOTTOM + 18, f"{count:,}", "middle")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "labels", "middle")
    yield text(4, TOP - 14, "accuracy")


def line_of(frame, line, color, shift):
    points = [(frame.x(count) + shift, frame.y(mean)) for count, (mean, _) in line.items()]
    yield stroke(points, color, ' stroke-width="2"')
    for (x, y), (mean, spread) in zip(points, line.values()):
        yield stroke([(x, frame.y(mean - spread)), (x, frame.y(mean + spread))], color)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>'


def names_of(frame, lines):
    """At the ends of their lines, pushed apart."""
    ends = sorted((frame.y(line[max(line)][0]), name) for name, line in lines.items() if line)
    at = -math.inf
    for y, name in ends:
        at = max(y, at + NAME_HEIGHT)
        yield name, at


def svg_of(lines, wanted_count):
    frame = Frame(lines)
    colors = dict(zip(lines, COLORS))
    parts = list(grid_of(frame))
    if wanted_count in lines.get("random", {}):
        y = frame.y(lines["random"][wanted_count][0])
        parts.append(stroke([(LEFT, y), (WIDTH - RIGHT, y)], colors["random"], ' stroke-dasharray="5 4"'))
    for i, (name, line) in enumerate(lines.items()):
        parts += line_of(frame, line, colors[name], (i - len(lines) / 2) * 2)
    parts += [text(WIDTH - RIGHT + 10, y + 4, name, color=colors[name]) for name, y in names_of(frame, lines)]
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n')  # fmt: skip
