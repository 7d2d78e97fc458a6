"""Causes of a move of work in time, and how each is said."""

from __future__ import annotations

from enum import StrEnum

from optimizer.language.speech import noted


class Cause(StrEnum):
    """Cause of a move: what makes the hour it left dearer than the hour it runs in. The value is the sentence.

    `{cheap}` is the hour it runs in, `{dear}` the one it left; `{low}`, `{high}`: price of power there [`{money}`/MWh];
    `{part}`: this cause's part of what a card-hour costs less [`{money}`].
    """

    DEADLINE = noted("deadline binds: an hour more would save {part:.3g} {money} a card-hour")
    TARIFF = noted("power bought costs {low:.0f} {money}/MWh {cheap}, {high:.0f} {dear}")
    SURPLUS = noted("surplus power {cheap}, worth {low:.0f} {money}/MWh, {high:.0f} {dear}")
    STORE_FULL = noted("the store is full {cheap}: power is worth {low:.0f} {money}/MWh, {high:.0f} {dear}")
    STORE_EMPTY = noted("the store ran empty from {dear} on: power is worth {high:.0f} {money}/MWh, {low:.0f} {cheap}")
    EXPORT = noted("power would be sold {cheap}: it is worth {low:.0f} {money}/MWh, {high:.0f} {dear}")
    EXPORT_LIMIT = noted("the tie exports all it may {cheap}: power is worth {low:.0f} {money}/MWh, {high:.0f} {dear}")
    IMPORT_LIMIT = noted("the tie imports all it may {dear}: power is worth {high:.0f} {money}/MWh, {low:.0f} {cheap}")
    DEMAND_PEAK = noted("the demand peak is kept down {dear}: power is worth {high:.0f} {money}/MWh, {low:.0f} {cheap}")
    POWER = noted("power is worth {low:.0f} {money}/MWh {cheap}, {high:.0f} {dear}")
    COOLING = noted("cooling and supply need less power {cheap}: {part:.3g} {money} a card-hour")
    CARDS_FULL = noted("no card is free {dear}: every block is on and busy")
    BLOCKS_ON = noted("blocks are on anyway {cheap}; one more {dear} would idle at {part:.3g} {money} a card-hour")
    START_UP = noted("blocks are on anyway {cheap}; one more start {dear} would cost {part:.3g} {money} a card")
    CARD_HOURS = noted("a card-hour costs {part:.3g} {money} less {cheap} than {dear}")
    EQUAL = noted("as cheap {cheap} as {dear}")
