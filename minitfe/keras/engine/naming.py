"""Names of layers: the class's name in snake case, and from the second of its kind on a number: dense, dense_1."""

from __future__ import annotations

import re
from collections import Counter

_used: Counter[str] = Counter()


def snake_case(name: str) -> str:
    """Writes a class's name as TensorFlow does for layers.

    >>> snake_case("MaxPooling2D"), snake_case("MNISTModel"), snake_case("_Hidden")
    ('max_pooling2d', 'mnist_model', 'private__hidden')
    """
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    return f"private{words}" if words.startswith("_") else words


def unique_name(prefix: str) -> str:
    """Returns the prefix at its first use, and then with the numbers 1, 2 and so on."""
    number = get_uid(prefix) - 1
    return f"{prefix}_{number}" if number else prefix


def get_uid(prefix: str = "") -> int:
    """Returns 1 for the first call with this prefix, 2 for the second, and so on.

    >>> tf.keras.backend.get_uid("a prefix of its own")
    1

    TensorFlow: tf.keras.backend.get_uid.
    """
    _used[str(prefix)] += 1
    return _used[str(prefix)]


def reset_uids() -> None:
    """Begins anew with the numbers in names: the next Dense layer is called dense again.

    TensorFlow: tf.keras.backend.reset_uids.
    """
    _used.clear()
