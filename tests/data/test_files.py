"""Data from files: text, records, IDX, caches, and strings that are read as numbers."""

import gzip
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitfe as tf
from minitfe.data.cache import decoded, encoded
from minitfe.data.crc32c import crc32c, masked_crc32c
from minitfe.data.elements import leaves
from minitfe.data.sources import read_idx

RECORDS = [b"", b"one", bytes(range(256)) * 9]


def strings(dataset):
    return [element.numpy() for element in dataset]


@pytest.fixture
def records(tmp_path):
    path = str(tmp_path / "three.tfrecord")
    with tf.python_io.TFRecordWriter(path) as writer:
        for record in RECORDS:
            writer.write(record)
    return path


# ------------------------------------------------------------------------------------------------------------ CRC-32C


def bit_by_bit(data):
    """CRC-32C as its definition has it."""
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ 0x82F63B78 * (state & 1)
    return state ^ 0xFFFFFFFF


# RFC 3720, appendix B.4.
@pytest.mark.parametrize(
    ("data", "crc"),
    [(b"", 0), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E), (bytes(range(31, -1, -1)), 0x113FDB5C)],
)  # fmt: skip
def test_crc32c_of_the_standard(data, crc):
    assert crc32c(data) == crc


@given(st.binary(max_size=40), st.sampled_from([0, 1020, 1024, 2047]))
def test_crc32c_of_anything(data, before):
    data = b"x" * before + data
    assert crc32c(data) == bit_by_bit(data)


# ----------------------------------------------------------------------------------------------------------- TFRecord


def test_a_file_that_tensorflow_wrote():
    """The bytes of a record b'foo', from the tests of other implementations of the format."""
    data = b"foo"
    header = struct.pack("<Q", 3)
    assert struct.pack("<I", masked_crc32c(header)).hex() == framed_length_crc_of(header)
    assert masked_crc32c(data) == ((bit_by_bit(data) >> 15 | bit_by_bit(data) << 17) + 0xA282EAD8) % 2**32


def framed_length_crc_of(header):
    crc = bit_by_bit(header)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32).hex()


def test_records_come_back(records):
    assert strings(tf.data.TFRecordDataset(records)) == RECORDS
    assert strings(tf.data.TFRecordDataset([records, records])) == RECORDS * 2
    assert list(tf.python_io.tf_record_iterator(records)) == RECORDS


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB", ""])
def test_compressed_records(tmp_path, kind):
    path = str(tmp_path / "file")
    options = tf.python_io.TFRecordOptions({"GZIP": 2, "ZLIB": 1, "": 0}[kind])
    with tf.python_io.TFRecordWriter(path, options) as writer:
        for record in RECORDS:
            writer.write(record)
    assert strings(tf.data.TFRecordDataset(path, kind)) == RECORDS
    assert list(tf.python_io.tf_record_iterator(path, options)) == RECORDS
    raw = Path(path).read_bytes()
    assert raw[:2] == {"GZIP": b"\x1f\x8b", "ZLIB": zlib.compress(b"")[:2], "": b"\0\0"}[kind]


def test_every_flipped_bit_and_every_truncation_is_noticed(records):
    whole = Path(records).read_bytes()
    with open(records, "wb") as file:
        file.write(whole[:35])  # the first two records
    whole = whole[:35]
    ends = {0: 0, 16: 1, 35: 2}
    for length in range(len(whole)):
        with open(records, "wb") as file:
            file.write(whole[:length])
        if length in ends:
            assert len(list(tf.python_io.tf_record_iterator(records))) == ends[length]
        else:
            with pytest.raises(tf.errors.DataLossError, match=f"truncated record at {0 if length < 16 else 16}"):
                list(tf.python_io.tf_record_iterator(records))
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        with open(records, "wb") as file:
            file.write(flipped)
        with pytest.raises(tf.errors.DataLossError, match=f"corrupted record at {0 if bit < 128 else 16}"):
            list(tf.python_io.tf_record_iterator(records))


def test_a_record_that_claims_to_be_huge_is_truncated(records):
    header = struct.pack("<Q", 2**63)
    with open(records, "wb") as file:
        file.write(header + struct.pack("<I", masked_crc32c(header)) + b"x" * 20)
    with pytest.raises(tf.errors.DataLossError, match="truncated record at 0"):
        list(tf.data.TFRecordDataset(records))


def test_a_record_file_appears_when_it_is_closed(records):
    before = Path(records).read_bytes()
    writer = tf.python_io.TFRecordWriter(records)
    writer.write(b"new")
    assert Path(records).read_bytes() == before
    writer.close()
    writer.close()
    assert list(tf.python_io.tf_record_iterator(records)) == [b"new"]
    with pytest.raises(tf.errors.FailedPreconditionError, match="Writer is closed"):
        writer.write(b"more")


def test_an_error_while_writing_leaves_the_old_file(records):
    with pytest.raises(TypeError, match="takes bytes, not 'text'"):
        with tf.python_io.TFRecordWriter(records) as writer:
            writer.write(b"new")
            writer.write("text")
    assert list(tf.python_io.tf_record_iterator(records)) == RECORDS
    assert os.listdir(os.path.dirname(records)) == ["three.tfrecord"]


def test_a_forgotten_writer_closes_its_file(tmp_path):
    path = str(tmp_path / "file")
    tf.python_io.TFRecordWriter(path).write(b"x")
    assert list(tf.python_io.tf_record_iterator(path)) == [b"x"]


# ------------------------------------------------------------------------------------------------- text and fixed length


def test_lines_lose_what_ends_them(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\n\nlast")
    (tmp_path / "b.txt").write_bytes("grün\n".encode())
    names = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    expected = [b"one", b"two", b"", b"last", "grün".encode()]
    assert strings(tf.data.TextLineDataset(names)) == expected
    assert strings(tf.data.TextLineDataset(tf.constant(names)).skip(1)) == expected[1:]
    files = tf.data.Dataset.list_files(str(tmp_path / "*.txt"), shuffle=False)
    assert strings(files.flat_map(tf.data.TextLineDataset)) == expected
    assert sorted(strings(tf.data.Dataset.list_files(str(tmp_path / "*.txt")))) == [name.encode() for name in names]


def test_compressed_lines(tmp_path):
    path = str(tmp_path / "file")
    with gzip.open(path, "wb") as file:
        file.write(b"a\nb\n")
    assert strings(tf.data.TextLineDataset(path, "GZIP")) == [b"a", b"b"]
    with pytest.raises(tf.errors.DataLossError, match="cannot be decompressed as ZLIB"):
        list(tf.data.TextLineDataset(path, "ZLIB"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unsupported compression type: 'LZMA'"):
        tf.data.TextLineDataset(path, "LZMA")


def test_a_file_that_is_not_there(tmp_path):
    missing = str(tmp_path / "missing")
    for dataset in (
        tf.data.TextLineDataset(missing),
        tf.data.TFRecordDataset(missing),
        tf.data.FixedLengthRecordDataset(missing, 2),
    ):
        with pytest.raises(tf.errors.NotFoundError, match="missing; No such file or directory"):
            list(dataset)
    with pytest.raises(TypeError, match="`filenames` must be a string"):
        tf.data.TextLineDataset(5)


def test_fixed_length_records(tmp_path):
    path = str(tmp_path / "file")
    with open(path, "wb") as file:
        file.write(b"HEADaabbccF")
    assert strings(tf.data.FixedLengthRecordDataset(path, 2, 4, 1)) == [b"aa", b"bb", b"cc"]
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"Excluding the header \(4 bytes\) and footer \(0 bytes\).*body length 7"
    ):
        list(tf.data.FixedLengthRecordDataset(path, 2, 4))


# ---------------------------------------------------------------------------------------------------------------- IDX


def idx(array, code):
    return bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


@pytest.mark.parametrize(("stored", "code"), [("u1", 8), ("i1", 9), (">i2", 11), (">i4", 12), (">f4", 13), (">f8", 14)])
@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_idx_files(tmp_path, stored, code, compress):
    array = np.arange(24).reshape(2, 3, 4).astype(stored)
    path = tmp_path / "file"
    path.write_bytes(compress(idx(array, code)))
    result = read_idx(path)
    np.testing.assert_array_equal(result, array)
    assert result.dtype.isnative and result.flags.writeable
    labels = tmp_path / "labels"
    labels.write_bytes(compress(idx(np.array([7, 8], "u1"), 8)))
    elements = list(tf.data.IdxDataset((str(path), str(labels))))
    assert [int(label) for _, label in elements] == [7, 8]
    np.testing.assert_array_equal(elements[1][0].numpy(), array[1])


def test_damaged_idx_files(tmp_path):
    path = tmp_path / "file"
    whole = idx(np.arange(6, dtype="u1").reshape(2, 3), 8)
    for data in (whole[:n] for n in range(len(whole))):
        path.write_bytes(data)
        with pytest.raises(tf.errors.DataLossError, match="file is (damaged|no IDX file)"):
            read_idx(path)
    path.write_bytes(gzip.compress(whole)[:-6])
    with pytest.raises(tf.errors.DataLossError, match="cannot be decompressed"):
        read_idx(path)


# -------------------------------------------------------------------------------------------------------------- caches


@given(
    st.recursive(
        st.sampled_from(
            [np.arange(6, dtype="f4").reshape(2, 3), np.array(7), np.zeros([0, 2]), np.array([b"", b"abc"], object)]
        ),
        lambda inner: (
            st.tuples(inner, inner) | st.dictionaries(st.sampled_from("ba") | st.integers(0, 2), inner, max_size=1)
        ),
        max_leaves=4,
    )
)
def test_elements_come_back_from_bytes(element):
    again = decoded(encoded(element))
    assert repr(again) == repr(element)
    assert [leaf.dtype for leaf in leaves(again)] == [leaf.dtype for leaf in leaves(element)]


def test_a_cache_computes_once(tmp_path):
    for name in ("", str(tmp_path / "cache")):
        calls = []
        dataset = tf.data.Dataset.range(4).map(lambda x: (calls.append(1), {"x": x, "s": "text"})[1]).cache(name)
        passes = [[int(e["x"]) for e in dataset] for _ in range(2)]
        assert passes == [[0, 1, 2, 3]] * 2
        assert len(calls) == 4
        assert [int(e["x"]) for e in dataset.repeat(2)] == [0, 1, 2, 3] * 2 and len(calls) == 4


def test_a_cache_file_serves_a_later_program(tmp_path):
    path = str(tmp_path / "cache")
    list(tf.data.Dataset.range(3).cache(path))
    assert [int(x) for x in tf.data.Dataset.range(100, 200).cache(path)] == [0, 1, 2]


def test_a_pass_that_is_broken_off_leaves_no_cache(tmp_path):
    path = str(tmp_path / "cache")
    for _ in tf.data.Dataset.range(3).cache(path):
        break
    assert os.listdir(tmp_path) == []
    with pytest.raises(ZeroDivisionError):
        list(tf.data.Dataset.range(3).map(lambda x: 1 // (1 - int(x))).cache(path))
    assert os.listdir(tmp_path) == []


def test_a_damaged_or_foreign_cache_is_an_error(tmp_path, records):
    with pytest.raises(tf.errors.DataLossError, match="is no cache of minitfe's"):
        list(tf.data.Dataset.range(3).cache(records))
    path = str(tmp_path / "cache")
    list(tf.data.Dataset.range(3).cache(path))
    data = bytearray(Path(path).read_bytes())
    data[-6] ^= 1
    with open(path, "wb") as file:
        file.write(data)
    with pytest.raises(tf.errors.DataLossError, match="corrupted record"):
        list(tf.data.Dataset.range(3).cache(path))


def test_named_tuples_cannot_go_into_a_file(tmp_path):
    from collections import namedtuple

    dataset = tf.data.Dataset.from_tensors(namedtuple("Pair", "x y")(1, 2)).cache(str(tmp_path / "cache"))
    with pytest.raises(TypeError, match="A cache file cannot hold a named tuple such as Pair"):
        list(dataset)


# ------------------------------------------------------------------------------------------------------------- parsing


@given(st.lists(st.integers(-(2**15), 2**15 - 1), max_size=5), st.booleans())
def test_decode_raw(numbers, little):
    data = np.array(numbers, "<i2" if little else ">i2").tobytes()
    np.testing.assert_array_equal(tf.decode_raw(data, tf.int16, little).numpy(), np.array(numbers, "i2"))
    assert tf.decode_raw([data, data], tf.uint8).shape == (2, len(data))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([b"a", b"ab"], "input strings to all be the same size"),
        (b"abc", "length 3 that is not a multiple of 2"),
        (3, "reads strings"),
    ],
)
def test_decode_raw_of_something_else(value, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.decode_raw(value, tf.int16)


def test_decode_csv():
    x, n, s = tf.decode_csv(["1.5,7,a", '2,,"b,c"'], [[0.0], [9], tf.string])
    assert (x.numpy().tolist(), n.numpy().tolist(), s.numpy().tolist()) == ([1.5, 2.0], [7, 9], [b"a", b"b,c"])
    (last,) = tf.decode_csv("1;2;NA", [[-1]], field_delim=";", na_value="NA", select_cols=[2])
    assert int(last) == -1


@pytest.mark.parametrize(
    ("line", "message"),
    [("1", "Expect 2 fields but have 1 in record 0"), ("1,x", "Field 1 in record 0 is not a valid int32: x"), (",1", "Field 0 is required but missing")],
)  # fmt: skip
def test_decode_csv_of_bad_lines(line, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.decode_csv(line, [tf.float32, [0]])
