"""Images: errors, and values that the sample table cannot hold."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.graph import trace
from minitfe.ops import image

IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
resizers = pytest.mark.parametrize("resize", [image.resize_bilinear, image.resize_nearest_neighbor])


# ------------------------------------------------------------------------------------------------------------- errors


@resizers
def test_images_have_four_axes(resize):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"input must be 4-dimensional\[3,4,1\].*\(3, 4, 1\)"):
        resize(IMAGE, [2, 2])


@resizers
def test_sizes_are_checked(resize):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"output dimensions must be positive, but size is \[0, 2\]"
    ):
        resize(IMAGE[None], [0, 2])
    with pytest.raises(ValueError, match="'size' must be a 1-D Tensor of 2 elements"):
        resize(IMAGE[None], [2, 2, 2])


@resizers
def test_images_without_pixels(resize):
    with pytest.raises(tf.errors.InvalidArgumentError, match="input image must be of non-zero size"):
        resize(np.ones((1, 0, 4, 1), np.float32), [2, 2])


@pytest.mark.parametrize(
    "function",
    [
        image.flip_left_right,
        image.flip_up_down,
        lambda x: image.resize_images(x, [2, 2]),
        lambda x: image.central_crop(x, 0.5),
    ],
)
def test_images_have_three_or_four_axes(function):
    with pytest.raises(ValueError, match=r"must have either 3 or 4 dimensions: .* was given float32 \(3, 4\)"):
        function(IMAGE[..., 0])


def test_methods_that_are_not_there():
    with pytest.raises(ValueError, match="Resize method 2 is not implemented.*BILINEAR or NEAREST_NEIGHBOR"):
        image.resize_images(IMAGE, [2, 2], image.ResizeMethod.BICUBIC)


def test_boxes_lie_within_the_image():
    with pytest.raises(
        ValueError, match="width must be >= target \\+ offset: an image of width 4 has no pixels 2 to 4"
    ):
        image.crop_to_bounding_box(IMAGE, 0, 2, 1, 3)
    with pytest.raises(ValueError, match="offset_height must be >= 0"):
        image.crop_to_bounding_box(IMAGE, -1, 2, 1, 3)
    with pytest.raises(ValueError, match="height 3 at offset 2 does not fit into 4"):
        image.pad_to_bounding_box(IMAGE, 2, 0, 4, 4)
    with pytest.raises(ValueError, match=r"central_fraction must be within \(0, 1\], not 1.5"):
        image.central_crop(IMAGE, 1.5)


def test_padding_needs_known_sizes():
    with pytest.raises(ValueError, match="size is known when the graph is built"):
        trace(lambda x: image.pad_to_bounding_box(x, 0, 0, 9, 9), tf.constant(IMAGE), sizes_known=False)


# ------------------------------------------------------------------------------------------------------------- values


def test_a_pixel_that_falls_on_another_one_finds_it():
    """In floating point, i * (n / 49) falls short of a whole number for some i."""
    x = np.arange(49 * 3, dtype=np.float64).reshape(1, 1, -1, 1)
    np.testing.assert_array_equal(image.resize_nearest_neighbor(x, [1, 49]).numpy().ravel(), np.arange(0, 147, 3))
    np.testing.assert_array_equal(image.resize_bilinear(x, [1, 49]).numpy().ravel(), np.arange(0, 147, 3))


def test_aligned_corners_take_the_later_of_two_pixels():
    x = np.array([1, 2], np.float32).reshape(1, 1, 2, 1)
    assert image.resize_nearest_neighbor(x, [1, 3], align_corners=True).numpy().ravel().tolist() == [1, 2, 2]
    assert image.resize_nearest_neighbor(x, [1, 3], align_corners=False).numpy().ravel().tolist() == [1, 1, 2]


def test_integers_become_floats_where_they_are_mixed():
    x = np.array([[[1], [2]]], np.uint8)
    assert image.resize_images(x, [1, 4]).dtype is tf.float32
    assert image.resize_images(x, [1, 4], image.ResizeMethod.NEAREST_NEIGHBOR).dtype is tf.uint8
    assert image.resize_images(x, [1, 2]).dtype is tf.uint8  # nothing to be done


def test_what_is_not_finite_stays_where_it_is():
    x = np.array([1, np.inf, 3, 4], np.float32).reshape(1, 1, 4, 1)
    np.testing.assert_array_equal(image.resize_nearest_neighbor(x, [1, 2]).numpy().ravel(), [1, 3])
    y = image.resize_bilinear(x, [2, 4]).numpy()
    assert np.isfinite(y[..., 2:, :]).all()


def test_random_flips_toss_a_coin():
    tf.set_random_seed(3)
    for function, flipped in ((image.random_flip_left_right, IMAGE[:, ::-1]), (image.random_flip_up_down, IMAGE[::-1])):
        results = [function(IMAGE).numpy() for _ in range(40)]
        kept = sum(np.array_equal(y, IMAGE) for y in results)
        turned = sum(np.array_equal(y, flipped) for y in results)
        assert kept + turned == 40 and 8 < kept < 32


def test_crop_or_pad_does_nothing_to_an_image_of_that_size():
    np.testing.assert_array_equal(image.resize_image_with_crop_or_pad(IMAGE, 3, 4).numpy(), IMAGE)
