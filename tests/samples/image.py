"""Samples of minitfe.ops.image: the references look up each new pixel on its own."""

from math import floor

import numpy as np

from minitfe.extend import Sample, Values
from minitfe.ops import image


def position(new, old_size, new_size, align_corners):
    """Where a new pixel lies among the old ones."""
    if align_corners and new_size > 1:
        return new * (old_size - 1) / (new_size - 1)
    return new * old_size / new_size


def nearest_matrix(old_size, new_size, align_corners):
    """What to multiply an axis with to resize it."""
    matrix = np.zeros((new_size, old_size))
    for new in range(new_size):
        at = position(new, old_size, new_size, align_corners) + 1e-9
        matrix[new, floor(at + 0.5) if align_corners else floor(at)] = 1
    return matrix


def bilinear_matrix(old_size, new_size, align_corners):
    """Each old pixel counts as much as it is near: 1 at a distance of 0, and 0 from 1 on. The last one goes on for ever."""
    matrix = np.zeros((new_size, old_size))
    for new in range(new_size):
        at = min(position(new, old_size, new_size, align_corners), old_size - 1)
        matrix[new] = np.maximum(0, 1 - np.abs(at - np.arange(old_size)))
    return matrix


def resized(matrix):
    def of(x, size, align_corners=False):
        rows, columns = (matrix(x.shape[i + 1], size[i], align_corners) for i in (0, 1))
        return np.einsum("rp,npqc,sq->nrsc", rows, x, columns)

    return of


def gradient_of(matrix):
    def of(g, like, size, align_corners):
        rows, columns = (matrix(like.shape[i + 1], size[i], align_corners) for i in (0, 1))
        return np.einsum("rp,nrsc,sq->npqc", rows, g, columns)

    return of


# name: old and new size
SIZES = {
    "larger": ((3, 4), (7, 6)),
    "smaller": ((7, 5), (3, 2)),
    "larger and smaller": ((2, 6), (5, 4)),
    "to one pixel": ((3, 2), (1, 1)),
    "from one pixel": ((1, 1), (3, 2)),
}


def resize_samples(function, gradient, matrix):
    for name, (old, new) in SIZES.items():
        for align_corners in (False, True):
            label = name + ", corners aligned" * align_corners
            settings = {"size": list(new), "align_corners": align_corners}
            images, g = Values((2, *old, 2)), Values((2, *new, 2))
            yield Sample(function, [images], settings, resized(matrix), name=label)
            settings = {"size": new, "align_corners": align_corners}
            yield Sample(gradient, [g, images], settings, gradient_of(matrix), name=label, gradient=[0])


def padded(x, offset_height, offset_width, target_height, target_width):
    y = np.zeros((*x.shape[:-3], target_height, target_width, x.shape[-1]))
    y[..., offset_height : offset_height + x.shape[-3], offset_width : offset_width + x.shape[-2], :] = x
    return y


BOX = {"offset_height": 1, "offset_width": 0, "target_height": 2, "target_width": 3}
LARGE_BOX = {"offset_height": 1, "offset_width": 0, "target_height": 6, "target_width": 7}

SAMPLES = [
    *resize_samples(image.resize_nearest_neighbor, image.resize_nearest_neighbor_gradient, nearest_matrix),
    *resize_samples(image.resize_bilinear, image.resize_bilinear_gradient, bilinear_matrix),
    Sample(
        image.resize_nearest_neighbor,
        [Values((1, 2, 3, 1), low=0, high=9)],
        {"size": [4, 4]},
        resized(nearest_matrix),
        name="integers",
        dtypes=("int32", "uint8"),
        gradient=[],
    ),
    Sample(
        image.resize_bilinear,
        [Values((1, 2, 3, 1), low=0, high=9)],
        {"size": [4, 4]},
        resized(bilinear_matrix),
        name="integers",
        dtypes=("int32", "uint8"),
        gradient=[],
    ),
    Sample(image.resize_images, [Values((2, 3, 4, 1))], {"size": [5, 2]}, resized(bilinear_matrix), name="batch"),
    Sample(image.resize_images, [Values((3, 4, 1))], {"size": [3, 4]}, lambda x, size: x, name="same size"),
    Sample(
        image.resize_images,
        [Values((3, 4, 2))],
        {"size": [6, 6], "method": image.ResizeMethod.NEAREST_NEIGHBOR, "align_corners": True},
        lambda x, size, method, align_corners: resized(nearest_matrix)(x[None], size, align_corners)[0],
        name="image",
    ),
    Sample(
        image.resize_images,
        [Values((2, 4, 1))],
        {"size": [6, 6], "preserve_aspect_ratio": True},
        lambda x, **_: resized(bilinear_matrix)(x[None], (3, 6))[0],
        name="aspect ratio",
        sizes_known=True,
    ),
    Sample(image.flip_left_right, [Values((2, 3, 1))], reference=np.fliplr, name="image"),
    Sample(
        image.flip_left_right,
        [Values((2, 2, 3, 1))],
        reference=lambda x: np.stack([np.fliplr(y) for y in x]),
        name="batch",
    ),
    Sample(image.flip_up_down, [Values((2, 3, 1))], reference=np.flipud, name="image"),
    Sample(
        image.flip_up_down,
        [Values((2, 2, 3, 1))],
        reference=lambda x: np.stack([np.flipud(y) for y in x]),
        name="batch",
    ),
    Sample(image.crop_to_bounding_box, [Values((4, 3, 2))], BOX, lambda x, **_: x[1:3, 0:3], name="image"),
    Sample(image.crop_to_bounding_box, [Values((2, 4, 3, 2))], BOX, lambda x, **_: x[:, 1:3, 0:3], name="batch"),
    Sample(image.pad_to_bounding_box, [Values((4, 3, 2))], LARGE_BOX, padded, name="image", sizes_known=True),
    Sample(image.pad_to_bounding_box, [Values((2, 4, 3, 2))], LARGE_BOX, padded, name="batch", sizes_known=True),
    Sample(
        image.resize_image_with_crop_or_pad,
        [Values((5, 2, 1))],
        {"target_height": 2, "target_width": 5},
        lambda x, **_: padded(x[1:3], 0, 1, 2, 5),
        sizes_known=True,
    ),
    Sample(
        image.central_crop,
        [Values((2, 5, 6, 1))],
        {"central_fraction": 0.5},
        lambda x, **_: x[:, 1:4, 1:5],
        sizes_known=True,
    ),
]
