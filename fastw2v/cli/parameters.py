"""The hyper-parameters on the command line: their flags, and the defaults that differ there."""

from __future__ import annotations

import argparse
import logging
from typing import Any

from fastw2v import config
from fastw2v.cli.usage import UsageError, complaint

logger = logging.getLogger("fastw2v")

SKIP_GRAM_ALPHA = config.PARAMETERS["alpha"].default
CBOW_ALPHA, CORRECTED_ALPHA = 0.05, 0.15
"""The mean of a window spreads a step over its words, so CBOW needs longer ones (word2vec.c)."""

DEFAULTS: dict[str, tuple[Any, str]] = {
    "workers": (-1, "all cores"),
    "alpha": (
        None,
        f"{SKIP_GRAM_ALPHA}; CBOW {CBOW_ALPHA}, by the corrected gradient {CORRECTED_ALPHA}",
    ),
}
"""Where a default is not that of `Word2Vec`: the value, and how to say it."""

_METAVARS = {int: "INT", float: "FLOAT", str: "NAME", type(None): "INT"}


def add_hyper_parameters(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every hyper-parameter; --vector-size is taken for --vector_size."""
    group = parser.add_argument_group("hyper-parameters (named as in gensim)")
    for name in config.PARAMETERS:
        default, said = DEFAULTS.get(name, (config.PARAMETERS[name].default, ""))
        add_parameter(group, name, default, said)


def add_parameter(group: Any, name: str, default: Any, said: str = "") -> None:
    """Add the flag of one hyper-parameter, with a default of its own and how to say it."""
    parameter = config.PARAMETERS[name]
    is_switch = parameter.allowed == "0 or 1"
    text = parameter.help
    if said or default is not None or "(default" not in text:
        text += f" (default: {said or default})"
    group.add_argument(
        *spellings(name),
        type=_converter(parameter),
        default=default,
        metavar="{0,1}" if is_switch else _METAVARS[type(parameter.default)],
        dest=name,
        help=text.replace("%", "%%"),
    )


def spellings(name: str) -> tuple[str, ...]:
    """Return the flag of a name, with underscores and with hyphens."""
    return tuple(dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}")))


def _converter(parameter: config.Parameter) -> Any:
    """Return the function that argparse calls with the text of a flag."""

    def convert(text: str) -> Any:
        try:
            return parameter.check(None if text.lower() == "none" else text)
        except ValueError:
            allowed = parameter.allowed.replace("None", "none")
            raise argparse.ArgumentTypeError(f"must be {allowed}, got {text!r}") from None

    return convert


def hyper_parameters(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values given, and defaults for the others; UsageError if they clash."""
    values = {name: getattr(arguments, name) for name in config.PARAMETERS}
    if values["alpha"] is None:
        values["alpha"] = default_alpha(values)
    if values["sample"] >= 1:
        logger.warning(
            "sample=%g is a count of words, as in gensim; a share of all words is below 1",
            values["sample"],
        )
    try:
        return config.check(values)
    except ValueError as error:
        raise UsageError(complaint(error)) from None


def default_alpha(values: dict[str, Any]) -> float:
    """Return the learning rate for a model; with sums instead of means it is skip-gram's."""
    if values["sg"] or not values["cbow_mean"]:
        return float(SKIP_GRAM_ALPHA)
    return CORRECTED_ALPHA if values["cbow_gradient"] == config.CORRECTED else CBOW_ALPHA
