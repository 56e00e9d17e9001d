"""``tf.flags``: the settings of a program, declared one by one and read from its command line.

    tf.flags.DEFINE_integer("epochs", 10, "How often to go through the data.")
    FLAGS = tf.flags.FLAGS
    print(FLAGS.epochs)          # python script.py --epochs 3   prints 3

`FLAGS` reads the command line when a value is first asked for, or when ``tf.app.run`` does. It is argparse in other
clothes. What is no flag of the program is left over, for its ``main(argv)``.
"""

from __future__ import annotations

import argparse
import functools
import operator
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from minitfe.missing import explain as _explain

__all__ = [
    "DEFINE_bool",
    "DEFINE_boolean",
    "DEFINE_enum",
    "DEFINE_float",
    "DEFINE_integer",
    "DEFINE_list",
    "DEFINE_multi_float",
    "DEFINE_multi_integer",
    "DEFINE_multi_string",
    "DEFINE_string",
    "FLAGS",
    "Flag",
    "FlagValues",
    "mark_flag_as_required",
    "mark_flags_as_required",
]


class Flag:
    """One setting.

    Attributes:
        name: what follows the ``--``.
        value: the value, which is the default until the command line says something else.
        default: the default.
        help: what the setting is for.
        is_switch: whether ``--name`` alone says yes, and ``--noname`` no.
        is_repeated: whether it may be given several times; the value is then a list.
        is_required: whether it must be given.
    """

    def __init__(
        self,
        name: str,
        default: Any,
        help: str,
        read: Callable[[Any], Any],
        *,
        is_switch: bool = False,
        is_repeated: bool = False,
    ) -> None:
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w-]*", name):
            raise ValueError(f"A flag's name is a word, such as 'epochs', not {name!r}.")
        self.name, self.help, self.read = name, help, read
        self.is_switch, self.is_repeated, self.is_required = is_switch, is_repeated, False
        self.value = self.default = self._checked(default)

    def _checked(self, default: Any) -> Any:
        if default is None:
            return None
        try:
            if self.is_repeated:
                return [self.read(value) for value in (default if isinstance(default, (list, tuple)) else [default])]
            return self.read(default)
        except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
            raise ValueError(f"The default of the flag {self.name!r} does not fit: {error}") from None

    def same_as(self, other: Flag) -> bool:
        """Whether both were declared in the same words, as where a cell of a notebook runs twice."""
        return (self.default, self.help, self.read.__name__) == (other.default, other.help, other.read.__name__)

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Declares the flag to argparse."""
        help = f"{self.help} (default: {self.default!r})".replace("%", "%%")
        action = "append" if self.is_repeated else "store"
        parser.add_argument(
            f"--{self.name}", dest=self.name, help=help, type=self.read, action=action,
            default=argparse.SUPPRESS, required=self.is_required, metavar=self.read.__name__.upper(),
        )  # fmt: skip


class FlagValues:
    """All flags: ``FLAGS.epochs`` is the value of one, ``FLAGS["epochs"]`` the `Flag` itself.

    Values can be assigned to, by those who know better than the command line: tests, above all.
    """

    def __init__(self) -> None:
        vars(self).update(_flags={}, _is_parsed=False)

    def define(self, flag: Flag) -> None:
        """Adds a flag.

        Raises:
            ValueError: where there is another one of that name.
        """
        if flag.name in self and not flag.same_as(self[flag.name]):
            raise ValueError(f"The flag {flag.name!r} is defined twice, in different ways. Choose another name.")
        self._flags.setdefault(flag.name, flag)

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        """Reads a command line, and returns the program's name and what is left over.

        Args:
            argv: what sys.argv has: the program's name comes first.
            known_only: has no effect: words that are no flags are left over in any case.
        """
        program, *words = argv or [""]
        parser = argparse.ArgumentParser(
            prog=os.path.basename(program), description=sys.modules["__main__"].__doc__, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter, conflict_handler="resolve",
        )  # fmt: skip
        for flag in self._flags.values():
            flag.add_to(parser)
        end = words.index("--") if "--" in words else len(words)
        found, rest = parser.parse_known_args(list(self._joined(words[:end])))
        for name, value in vars(found).items():
            self[name].value = value
        vars(self)["_is_parsed"] = True
        return [program, *rest, *words[end + 1 :]]

    def _joined(self, words: Iterable[str]) -> Iterator[str]:
        """Each flag in one word with its value, ``--name=value``: so a value may begin with a dash."""
        rest = iter(words)
        for word in rest:
            name, equals, value = word.partition("=")
            name = name.removeprefix("-").removeprefix("-") if word.startswith("-") else ""
            switch = self._flags.get(name.removeprefix("no"))
            if name in self and not equals:
                following = "true" if self[name].is_switch else next(rest, None)
                yield f"--{name}" if following is None else f"--{name}={following}"
            elif name in self:
                yield f"--{name}={value}"
            elif switch is not None and switch.is_switch and not equals:
                yield f"--{switch.name}=false"
            else:
                yield word

    def is_parsed(self) -> bool:
        """Whether the command line was read."""
        return self._is_parsed  # type: ignore[no-any-return]

    def flag_values_dict(self) -> dict[str, Any]:
        """Returns the values of all flags by their names."""
        return {name: getattr(self, name) for name in self}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self:
            raise AttributeError(f"There is no flag {name!r}; flags are {', '.join(self) or 'not defined'}.")
        if not self._is_parsed:
            self(sys.argv)
        return self[name].value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self:
            raise AttributeError(f"There is no flag {name!r}; define it with one of tf.flags.DEFINE_...")
        self[name].value = value

    def __getitem__(self, name: str) -> Flag:
        return self._flags[name]  # type: ignore[no-any-return]

    def __contains__(self, name: str) -> bool:
        return name in self._flags

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags)

    def __len__(self) -> int:
        return len(self._flags)


FLAGS = FlagValues()
"""The flags of the program."""


# ------------------------------------------------------------------------------------------------------ reading values


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no string.")
    return value


def integer(value: Any) -> int:
    """A whole number, also in hexadecimal digits after 0x."""
    if isinstance(value, str):
        return int(value, 16 if "0x" in value.lower() else 10)
    return operator.index(value)


def number(value: Any) -> float:
    """A number."""
    if not isinstance(value, (str, int, float)):
        raise TypeError(f"{value!r} is no number.")
    return float(value)


def truth(value: Any) -> bool:
    """True or False, in one of the ways that people write them."""
    known = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    word = str(value).lower()
    if word not in known:
        raise ValueError(f"{value!r} is neither true nor false.")
    return known[word]


def words(value: Any) -> list[str]:
    """A list of strings, separated by commas."""
    if isinstance(value, (list, tuple)):
        return [text(item) for item in value]
    return [item.strip() for item in text(value).split(",")] if value != "" else []


def _within(read: Callable[[Any], Any], lower: Any, upper: Any) -> Callable[[Any], Any]:
    """The same reader, for values between bounds."""

    @functools.wraps(read)
    def bounded(value: Any) -> Any:
        result = read(value)
        if (lower is not None and result < lower) or (upper is not None and result > upper):
            raise argparse.ArgumentTypeError(f"{result} is not in the range from {lower} to {upper}")
        return result

    return bounded


# ------------------------------------------------------------------------------------------------------------ defining


def _with_old_names(define: Callable[..., None]) -> Callable[..., None]:
    """Lets a function be called with the argument names that it had before TensorFlow 1.5."""
    old = {"flag_name": "name", "default_value": "default", "docstring": "help"}

    @functools.wraps(define)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        define(*args, **{old.get(key, key): value for key, value in kwargs.items()})

    return wrapper


@_with_old_names
def DEFINE_string(name: str, default: str | None, help: str) -> None:
    """Defines a flag whose value is a string.

    >>> tf.flags.DEFINE_string("greeting", "hello", "What to say.")
    >>> tf.flags.FLAGS.greeting
    'hello'

    TensorFlow: tf.flags.DEFINE_string.
    """
    FLAGS.define(Flag(name, default, help, text))


@_with_old_names
def DEFINE_integer(
    name: str, default: int | None, help: str, lower_bound: int | None = None, upper_bound: int | None = None
) -> None:
    """Defines a flag whose value is a whole number, within bounds if some are given.

    TensorFlow: tf.flags.DEFINE_integer.
    """
    FLAGS.define(Flag(name, default, help, _within(integer, lower_bound, upper_bound)))


@_with_old_names
def DEFINE_float(
    name: str, default: float | None, help: str, lower_bound: float | None = None, upper_bound: float | None = None
) -> None:
    """Defines a flag whose value is a number, within bounds if some are given.

    TensorFlow: tf.flags.DEFINE_float.
    """
    FLAGS.define(Flag(name, default, help, _within(number, lower_bound, upper_bound)))


@_with_old_names
def DEFINE_boolean(name: str, default: bool | None, help: str) -> None:
    """Defines a flag that is true or false: ``--name`` or ``--noname``, ``--name=true`` or ``--name=false``.

    TensorFlow: tf.flags.DEFINE_boolean.
    """
    FLAGS.define(Flag(name, default, help, truth, is_switch=True))


DEFINE_bool = DEFINE_boolean


@_with_old_names
def DEFINE_enum(name: str, default: str | None, enum_values: Sequence[str], help: str) -> None:
    """Defines a flag whose value is one of several strings.

    TensorFlow: tf.flags.DEFINE_enum.
    """
    if not isinstance(enum_values, (list, tuple)) or not enum_values:
        raise ValueError(f"enum_values must be a list of strings, not {enum_values!r}")

    def choice(value: Any) -> str:
        if value not in enum_values:
            raise argparse.ArgumentTypeError(f"{value!r} is none of {', '.join(map(repr, enum_values))}")
        return text(value)

    FLAGS.define(Flag(name, default, help, choice))


@_with_old_names
def DEFINE_list(name: str, default: Any, help: str) -> None:
    """Defines a flag whose value is a list of strings: ``--name=a,b,c``.

    TensorFlow: tf.flags.DEFINE_list.
    """
    FLAGS.define(Flag(name, default, help, words))


@_with_old_names
def DEFINE_multi_string(name: str, default: Any, help: str) -> None:
    """Defines a flag that may be given several times; its value is a list of strings.

    TensorFlow: tf.flags.DEFINE_multi_string.
    """
    FLAGS.define(Flag(name, default, help, text, is_repeated=True))


@_with_old_names
def DEFINE_multi_integer(name: str, default: Any, help: str) -> None:
    """Defines a flag that may be given several times; its value is a list of whole numbers.

    TensorFlow: tf.flags.DEFINE_multi_integer.
    """
    FLAGS.define(Flag(name, default, help, integer, is_repeated=True))


@_with_old_names
def DEFINE_multi_float(name: str, default: Any, help: str) -> None:
    """Defines a flag that may be given several times; its value is a list of numbers.

    TensorFlow: tf.flags.DEFINE_multi_float.
    """
    FLAGS.define(Flag(name, default, help, number, is_repeated=True))


def mark_flag_as_required(flag_name: str) -> None:
    """Says that a flag must be given on the command line.

    Raises:
        ValueError: where there is no such flag.

    TensorFlow: tf.flags.mark_flag_as_required.
    """
    if not isinstance(flag_name, str) or flag_name not in FLAGS:
        raise ValueError(f"There is no flag {flag_name!r} that could be required.")
    FLAGS[flag_name].is_required = True


def mark_flags_as_required(flag_names: Sequence[str]) -> None:
    """Says that several flags must be given on the command line.

    TensorFlow: tf.flags.mark_flags_as_required.
    """
    if not isinstance(flag_names, (list, tuple)):
        raise TypeError(f"flag_names must be a list of names, not {flag_names!r}")
    for name in flag_names:
        mark_flag_as_required(name)


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.flags"))
