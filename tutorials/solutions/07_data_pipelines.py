"""Solutions to the exercises of chapter 7, data pipelines.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import os
import random
import tempfile

import numpy as np

import minitfe as tf

tf.enable_eager_execution()


def read_ratings(path):
    """Exercise 1. Return a dataset of pairs: a film's name, a string, and its rating as a float32.

    The file has a line for each film, such as ``Metropolis;8.3``. Lines that begin with # are comments: leave them out.
    Of use: `tf.data.TextLineDataset`, `tf.decode_csv` with its field_delim, and bytes.startswith on ``line.numpy()``.
    """
    lines = tf.data.TextLineDataset(path).filter(lambda line: not line.numpy().startswith(b"#"))
    return lines.map(lambda line: tf.decode_csv(line, [tf.string, tf.float32], field_delim=";"))


def shuffled(elements, buffer_size, choose):
    """Exercise 2. Yield the elements of any iterable in the order that a shuffle buffer gives them.

    Fill a list with the first buffer_size elements. Then, for each further one, yield the element at place choose(n)
    of the list, where n is its length, and put the new one there. At the end, while the list is not empty, move its
    last element to place choose(n) and yield what was there.
    """
    elements = iter(elements)
    buffer = [element for _, element in zip(range(buffer_size), elements)]
    for element in elements:
        i = choose(len(buffer))
        yield buffer[i]
        buffer[i] = element
    while buffer:
        i = choose(len(buffer))
        chosen, buffer[i] = buffer[i], buffer[-1]
        buffer.pop()
        yield chosen


def windows(dataset, size):
    """Exercise 3. Return a dataset of all windows of neighbours: of 1, 2, 3, 4 and size 3, [1, 2, 3] and [2, 3, 4].

    Zip the dataset with itself, skipping one more element each time; then stack what stands side by side.
    """
    shifted = tuple(dataset.skip(i) for i in range(size))
    return tf.data.Dataset.zip(shifted).map(lambda *neighbours: tf.stack(neighbours))


def balanced(dataset):
    """Exercise 4. The dataset has pairs (x, label) with labels 0 and 1. Return one whose labels go 0, 1, 0, 1, ...

    Both classes are repeated for ever, each in its own order. Of use: filter, repeat, zip, and flat_map with
    `Dataset.concatenate`, or with `Dataset.from_tensor_slices` of what stands side by side.
    """
    classes = [dataset.filter(lambda x, label, k=k: tf.equal(label, k)).repeat() for k in (0, 1)]

    def both(first, second):
        return tf.data.Dataset.from_tensors(first).concatenate(tf.data.Dataset.from_tensors(second))

    return tf.data.Dataset.zip(tuple(classes)).flat_map(both)


# ------------------------------------------------------------------------------------------------------- checks


def check_read_ratings():
    path = os.path.join(tempfile.mkdtemp(), "films.txt")
    with open(path, "w") as file:
        file.write("# films\nMetropolis;8.3\n# not rated: Solaris\nStalker;8.1\n")
    films = [(name.numpy(), rating) for name, rating in read_ratings(path)]
    assert [name for name, _ in films] == [b"Metropolis", b"Stalker"]
    assert films[0][1].dtype is tf.float32, "the rating must be a float32"
    np.testing.assert_allclose([rating.numpy() for _, rating in films], [8.3, 8.1], rtol=1e-6)


def check_shuffled():
    assert list(shuffled(range(6), 3, lambda n: 0)) == [0, 3, 4, 5, 2, 1]
    assert list(shuffled(range(2), 5, lambda n: n - 1)) == [1, 0]
    generator = random.Random(0)
    order = list(shuffled(range(100), 10, generator.randrange))
    assert sorted(order) == list(range(100)), "each element comes once"
    assert order != list(range(100))
    assert all(x < place + 10 for place, x in enumerate(order)), "no element comes before it is in the buffer"


def check_windows():
    result = [window.numpy().tolist() for window in windows(tf.data.Dataset.range(1, 6), 3)]
    assert result == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert list(windows(tf.data.Dataset.range(2), 3)) == []


def check_balanced():
    xs, labels = np.arange(10), np.array([0, 0, 0, 1, 0, 0, 0, 1, 0, 0])
    result = [(int(x), int(label)) for x, label in balanced(tf.data.Dataset.from_tensor_slices((xs, labels))).take(18)]
    assert [label for _, label in result] == [0, 1] * 9
    assert [x for x, label in result if label] == [3, 7, 3, 7, 3, 7, 3, 7, 3]
    assert [x for x, label in result if not label] == [0, 1, 2, 4, 5, 6, 8, 9, 0]


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_read_ratings, check_shuffled, check_windows, check_balanced):
        try:
            one()
        except Exception as problem:
            failed += 1
            print(f"{one.__name__}: {type(problem).__name__}: {problem}")
        else:
            print(f"{one.__name__}: passed")
    if failed:
        raise SystemExit(f"{failed} to do")


if __name__ == "__main__":
    check()
