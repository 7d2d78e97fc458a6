"""Figure of provenance: which source fed which use, over the whole span, with what stores carried and lost on the way."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from optimizer.accounts.provenance import OPENING, Key, Provenance, provenance_of
from optimizer.accounts.tracing import Origin
from optimizer.language.numbers import energy, unit
from optimizer.language.speech import noted, say
from optimizer.report.palette import asset_colours
from optimizer.report.strands import Values, described
from optimizer.report.style import big, framed, lighter, rank, share, words

THIN = 5e-4
"""Streams below this share of all energy are not drawn; the table has them."""
STORED = noted("still stored at the end")
LOSS, SOLD, POOL = "loss of ", "export ", "pool "
PLAIN = "#9aa5b1"
MARGIN = {"l": 8, "r": 8, "t": 48, "b": 16}
PAD_PX = 16
Node = tuple[str, float, str]
"""Name, energy [MWh], colour."""


def provenance_flow(results: xr.Dataset, site: str | None = None) -> go.Figure | None:
    """Streams from sources (left) to uses (right) [MWh]; a store passes on the mix it was charged with. None without any.

    `site`: only the uses of that site, from wherever; none: all.
    """
    provenance = provenance_of(results)
    mwh = streams(provenance) if site is None else streams(provenance) * at_site(provenance, site)
    whole = float(mwh.sum())
    if whole <= 0:
        return None
    several = len({home for (home, _), fed in zip(provenance.origins, mwh.sum(axis=1), strict=True) if fed > 0}) > 1
    colours = asset_colours(results)
    ends = [*provenance.uses, ("", STORED)]
    sources = [source for source in in_order(results, provenance) if mwh[source].sum() > THIN * whole]
    uses = [use for use in np.argsort(-mwh.sum(axis=0)).tolist() if mwh[:, use].sum() > THIN * whole]
    columns = (
        [(source_name(provenance.origins[source], several), float(mwh[source].sum()), shade(colours, provenance.origins[source][1]))
         for source in sources],
        [(use_name(ends[use], several), float(mwh[:, use].sum()), shade(colours, ends[use][1])) for use in uses],
    )  # fmt: skip
    links = [
        (place, len(sources) + end, float(mwh[source, use]))
        for place, source in enumerate(sources)
        for end, use in enumerate(uses)
        if mwh[source, use] > THIN * whole
    ]
    inner_px = 80 + 44 * max(len(sources), len(uses))
    figure = go.Figure(sankey(columns, links, inner_px))
    alt = say("Streams of energy. {origins}", origins=origins_text(provenance, mwh, several))
    height_px = inner_px + MARGIN["t"] + MARGIN["b"]
    framed(figure, title=say("Which source fed which use"), alt=alt, height_px=height_px, hovermode="closest")
    return figure.update_layout(meta={"alt": alt, "table": table(provenance, mwh, several)}, margin=MARGIN)


def streams(provenance: Provenance) -> Values:
    """Energy by origin and use over the whole span, what is still stored as the last use, shape (origins, uses + 1) [MWh]."""
    left = provenance.stored_mwh[-1] if len(provenance.stored_mwh) else np.zeros(len(provenance.origins))
    return np.column_stack([np.maximum(provenance.mwh.sum(axis=0), 0.0), np.maximum(left, 0.0)])


def at_site(provenance: Provenance, site: str) -> Values:
    """Mask of one site: 1 for what is used there, or still stored of its own sources, else 0; shape (origins, uses + 1)."""
    used = np.array([float(place == site) for place, _ in provenance.uses])
    own = np.array([float(place == site) for place, _ in provenance.origins])
    return np.column_stack([np.tile(used, (len(own), 1)), own])


def in_order(results: xr.Dataset, provenance: Provenance) -> list[int]:
    """Origins in the order of the palette, as in the stack of electricity; what lay in stores last."""
    labels = described(results["flow"].transpose("time", ...))
    kind = dict(zip(labels["asset"].astype(str), labels["technology"].astype(str), strict=True))
    places = [(name.startswith(OPENING), rank(kind.get(name, ""))) for _, name in provenance.origins]
    return sorted(range(len(places)), key=places.__getitem__)


def sankey(columns: tuple[list[Node], list[Node]], links: list[tuple[int, int, float]], inner_px: float) -> go.Sankey:
    """Sankey trace: a stream has the pale colour of its source; both columns keep their order."""
    nodes = [*columns[0], *columns[1]]
    return go.Sankey(
        arrangement="fixed",
        valueformat=",.1f",
        valuesuffix=f" {unit('MWh')}",
        node={
            "label": [say("{name}, {energy} MWh", name=name, energy=energy(mwh)) for name, mwh, _ in nodes],
            "color": [shade for _, _, shade in nodes],
            "x": [*[LEFT] * len(columns[0]), *[RIGHT] * len(columns[1])],
            "y": [place for column in columns for place in middles(columns, column, inner_px)],
            "pad": PAD_PX,
            "thickness": 14,
            "line": {"width": 0},
        },
        link={
            "source": [source for source, _, _ in links],
            "target": [target for _, target, _ in links],
            "value": [mwh for _, _, mwh in links],
            "color": [lighter(nodes[source][2], 0.55) for source, _, _ in links],
            "hovertemplate": "%{source.label}<br>→ %{target.label}<br>%{value}<extra></extra>",
        },
    )


LEFT, RIGHT = 0.001, 0.999
"""Plotly takes a place of exactly 0 or 1 for none."""


def middles(columns: tuple[list[Node], list[Node]], column: list[Node], inner_px: float) -> list[float]:
    """Middles of the nodes of a column from the top, 0..1: one below the other at the scale of the fuller column."""
    px_per_mwh = min((inner_px - PAD_PX * (len(each) - 1)) / sum(mwh for _, mwh, _ in each) for each in columns)
    heights = np.array([mwh * px_per_mwh for _, mwh, _ in column])
    tops = np.concatenate([[0.0], np.cumsum(heights + PAD_PX)[:-1]])
    return list(np.clip((tops + heights / 2) / inner_px, LEFT, RIGHT))


def shade(colours: dict[str, str], name: str) -> str:
    """Colour of the asset whose name ends an origin or a use ("loss of own_battery", "export tie")."""
    return colours.get(name.rpartition(" ")[2], PLAIN)


def source_name(origin: Key, several: bool) -> str:
    """A source by its asset, and by its kind where an asset has several: "tie clean grid"."""
    site, name = origin
    kind = next((kind for kind in Origin if name.endswith(f" {kind}")), "")
    parts = [name.removesuffix(f" {kind}"), kind] if kind else [name]
    text = " ".join(say(": ").join(words(part) for part in told.split(": ")) for told in parts)
    return f"{words(site)}{say(': ')}{text}" if several else text


def use_name(use: Key, several: bool) -> str:
    """ "pool ascend" -> "ascend"; "export tie" -> "tie export", as the other figures call it."""
    site, name = use
    if name.startswith(SOLD):
        text = f"{words(name.removeprefix(SOLD))} {words('export')}"
    elif name.startswith(LOSS):
        text = say("loss of {name}", name=words(name.removeprefix(LOSS)))
    else:
        text = words(name.removeprefix(POOL))
    return f"{words(site)}{say(': ')}{text}" if several and site else text


def origins_text(provenance: Provenance, mwh: Values, several: bool) -> str:
    """Text alternative of the provenance figure: for each use the share of its largest source."""
    parts = []
    for use in np.argsort(-mwh[:, :-1].sum(axis=0)).tolist():
        whole = mwh[:, use].sum()
        if whole > THIN * mwh.sum():
            most = int(np.argmax(mwh[:, use]))
            name = source_name(provenance.origins[most], several)
            parts.append(
                say(
                    "{use}: {share} from {source}",
                    use=use_name(provenance.uses[use], several), share=share(mwh[most, use] / whole), source=name,
                )
            )  # fmt: skip
    return say("{sentence}.", sentence=say("; ").join(parts))


def table(provenance: Provenance, mwh: Values, several: bool) -> dict[str, object]:
    """Sources by uses [MWh]."""
    ends = [*(use_name(use, several) for use in provenance.uses), say(STORED)]
    kept = [number for number in range(len(ends)) if mwh[:, number].max() > 1e-6]
    rows = [
        [source_name(origin, several), *(big(float(mwh[number, use])) for use in kept)]
        for number, origin in enumerate(provenance.origins)
    ]
    return {"columns": [say("MWh from"), *(ends[use] for use in kept)], "rows": rows}
