"""Causes of a move of work in time, and how each is said."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Cause of a move: what makes the hour it left dearer than the hour it runs in. The value is the sentence.

    `{cheap}` is the hour it runs in, `{dear}` the one it left; `{low}`, `{high}`: price of power there [`{money}`/MWh];
    `{part}`: this cause's part of what a card-hour costs less [`{money}`].
    """

    DEADLINE = "deadline binds: an hour more would save {part:.3g} {money} a card-hour"
    TARIFF = "power bought costs {low:.0f} {money}/MWh {cheap}, {high:.0f} {dear}"
    SURPLUS = "surplus power {cheap}, worth {low:.0f} {money}/MWh, {high:.0f} {dear}"
    STORE_FULL = "the store is full {cheap}: power is worth {low:.0f} {money}/MWh, {high:.0f} {dear}"
    STORE_EMPTY = "the store ran empty from {dear} on: power is worth {high:.0f} {money}/MWh, {low:.0f} {cheap}"
    EXPORT = "power would be sold {cheap}: it is worth {low:.0f} {money}/MWh, {high:.0f} {dear}"
    EXPORT_LIMIT = "the tie exports all it may {cheap}: power is worth {low:.0f} {money}/MWh, {high:.0f} {dear}"
    IMPORT_LIMIT = "the tie imports all it may {dear}: power is worth {high:.0f} {money}/MWh, {low:.0f} {cheap}"
    DEMAND_PEAK = "the demand peak is kept down {dear}: power is worth {high:.0f} {money}/MWh, {low:.0f} {cheap}"
    POWER = "power is worth {low:.0f} {money}/MWh {cheap}, {high:.0f} {dear}"
    COOLING = "cooling and supply need less power {cheap}: {part:.3g} {money} a card-hour"
    CARDS_FULL = "no card is free {dear}: every block is on and busy"
    BLOCKS_ON = "blocks are on anyway {cheap}; one more {dear} would idle at {part:.3g} {money} a card-hour"
    START_UP = "blocks are on anyway {cheap}; one more start {dear} would cost {part:.3g} {money} a card"
    CARD_HOURS = "a card-hour costs {part:.3g} {money} less {cheap} than {dear}"
    EQUAL = "as cheap {cheap} as {dear}"
