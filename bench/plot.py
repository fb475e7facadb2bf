"""Plots as SVG, with nothing but Python's standard library."""
import math
from html import escape

COLOURS = ['#8a3b12', '#1f6f8b', '#6a994e', '#b8860b', '#6d597a', '#555555', '#c1121f']
FONT = 'font-family="sans-serif" font-size="12"'


def _svg(width, height, title, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {FONT}>\n'
            f'<rect width="{width}" height="{height}" fill="white"/>\n'
            f'<text x="10" y="20" font-weight="bold">{escape(title)}</text>\n' + '\n'.join(body) + '\n</svg>\n')


def _legend(names, x, y):
    for i, name in enumerate(names):
        yield f'<rect x="{x}" y="{y + 18 * i - 10}" width="12" height="12" fill="{COLOURS[i % len(COLOURS)]}"/>'
        yield f'<text x="{x + 18}" y="{y + 18 * i}">{escape(name)}</text>'


def bars(title, groups):
    """Horizontal bars: {group: {name: ratio}}, with a line at 1."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    most = max([1.2] + [v for group in groups.values() for v in group.values()])
    left, wide, bar = 150, 560, 9
    body, y = [], 40
    for group, values in groups.items():
        body.append(f'<text x="{left - 8}" y="{y + bar * len(names) / 2 + 4}" text-anchor="end">{escape(group)}</text>')
        for i, name in enumerate(names):
            if name in values:
                body.append(f'<rect x="{left}" y="{y}" width="{values[name] / most * wide:.1f}" height="{bar - 1}" '
                            f'fill="{COLOURS[i % len(COLOURS)]}"><title>{escape(name)} {values[name]:.2f}</title></rect>')
            y += bar
        y += 8
    one = left + wide / most
    body.append(f'<line x1="{one:.1f}" y1="32" x2="{one:.1f}" y2="{y}" stroke="black" stroke-dasharray="3"/>')
    body.append(f'<text x="{one:.1f}" y="{y + 14}" text-anchor="middle">1</text>')
    body.extend(_legend(names, left + wide + 20, 50))
    return _svg(left + wide + 190, max(y + 30, 60 + 18 * len(names)), title, body)


def _ticks(low, high):
    return [10.0 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def lines(title, x_label, y_label, series):
    """Lines over two logarithmic axes: {name: [(x, y)]}."""
    points = [p for line in series.values() for p in line]
    xs, ys = _ticks(min(p[0] for p in points), max(p[0] for p in points)), _ticks(
        max(1e-3, min(p[1] for p in points)), max(1e-2, max(p[1] for p in points)))
    left, top, wide, high = 70, 40, 480, 320

    def at(x, y):
        return (left + wide * math.log10(x / xs[0]) / max(1, math.log10(xs[-1] / xs[0])),
                top + high - high * math.log10(max(y, ys[0]) / ys[0]) / max(1, math.log10(ys[-1] / ys[0])))

    body = []
    for x in xs:
        px = at(x, ys[0])[0]
        body.append(f'<line x1="{px:.1f}" y1="{top}" x2="{px:.1f}" y2="{top + high}" stroke="#ddd"/>')
        body.append(f'<text x="{px:.1f}" y="{top + high + 16}" text-anchor="middle">{x:g}</text>')
    for y in ys:
        py = at(xs[0], y)[1]
        body.append(f'<line x1="{left}" y1="{py:.1f}" x2="{left + wide}" y2="{py:.1f}" stroke="#ddd"/>')
        body.append(f'<text x="{left - 6}" y="{py + 4:.1f}" text-anchor="end">{y:g}</text>')
    for i, (name, line) in enumerate(series.items()):
        path = ' '.join('%.1f,%.1f' % at(*p) for p in line)
        colour = COLOURS[i % len(COLOURS)]
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.extend('<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (*at(*p), colour) for p in line)
    body.append(f'<text x="{left + wide / 2}" y="{top + high + 36}" text-anchor="middle">{escape(x_label)}</text>')
    body.append(f'<text x="10" y="{top - 6}">{escape(y_label)}</text>')
    body.extend(_legend(list(series), left + wide + 20, 60))
    return _svg(left + wide + 190, top + high + 50, title, body)
