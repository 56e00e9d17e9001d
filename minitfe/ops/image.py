"""Images: made larger and smaller, cropped, padded and flipped.

An image is [row, column, channel]; most functions take a batch of them, [image, row, column, channel], as well.
Resizing is linear, and so its gradient is its transpose: each old pixel gathers what the new ones made of it.
"""

from __future__ import annotations

from typing import Any, cast

from minitfe import dtypes
from minitfe.conversion import convert_to_tensor
from minitfe.dtypes import DType
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import arguments, array, indexing, random, rearrange
from minitfe.shapes import Extents, bracketed
from minitfe.tensor import Tensor, TensorLike

Size = tuple[int, int]

# ------------------------------------------------------------------------------------------------------------- resized


class ResizeMethod:
    """Names for the methods of `resize_images`."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


def _resized(images: Extents, size: Size, align_corners: bool) -> Extents:
    if len(images) != 4:
        raise ShapeError(f"input must be 4-dimensional{bracketed(images)}", "images are [image, row, column, channel]")
    if 0 in images[1:3]:
        raise ShapeError("input image must be of non-zero size", "there is nothing to enlarge")
    return images[0], *size, images[3]


def _like(g: Extents, like: Extents, **settings: Any) -> Extents:
    return like


def _float(images: DType, **settings: Any) -> DType:
    return images if images.is_floating else dtypes.float32


def _resize(op: Op, images: TensorLike, size: Any, align_corners: bool) -> Tensor:
    return cast(
        Tensor, execute(op, (convert_to_tensor(images),), {"size": _size(size), "align_corners": bool(align_corners)})
    )


def _size(size: Any) -> Size:
    numbers = arguments.integers(size, "size")
    if len(numbers) != 2:
        raise ValueError(f"'size' must be a 1-D Tensor of 2 elements: new_height, new_width, not {list(numbers)}.")
    if min(numbers) < 1:
        raise arguments.invalid(f"output dimensions must be positive, but size is {list(numbers)}.")
    return numbers[0], numbers[1]


nearest_op = register(
    Op("resize_nearest_neighbor", shape=_resized, accepts=dtypes.REAL, tensorflow_name="ResizeNearestNeighbor")
)


def resize_nearest_neighbor(
    images: TensorLike, size: Any, align_corners: bool = False, name: str | None = None
) -> Tensor:
    """Resizes images: each new pixel is a copy of an old one.

    Args:
        images: [image, row, column, channel].
        size: the new height and width.
        align_corners: whether the corner pixels of old and new image lie on each other.

    Raises:
        InvalidArgumentError: where these are no images, or the size is not positive.

    >>> tf.image.resize_nearest_neighbor([[[[1.], [2.]]]], [1, 4]).numpy().ravel()
    array([1., 1., 2., 2.], dtype=float32)
    """
    return _resize(nearest_op, images, size, align_corners)


@nearest_op.gradient(0)
def resize_nearest_neighbor_dx(g: Tensor, x: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """A copy has slope 1: an old pixel gathers the gradients of its copies."""
    return resize_nearest_neighbor_gradient(g, x, **settings)


nearest_gradient_op = register(
    Op("resize_nearest_neighbor_gradient", shape=_like, tensorflow_name="ResizeNearestNeighborGrad")
)


def resize_nearest_neighbor_gradient(g: Tensor, like: Tensor, size: Size, align_corners: bool) -> Tensor:
    """Sums g over the copies of each pixel, for images that look like others and were resized."""
    return cast(Tensor, execute(nearest_gradient_op, (g, like), {"size": size, "align_corners": align_corners}))


@nearest_gradient_op.gradient(0)
def resize_nearest_neighbor_gradient_dg(
    h: Tensor, g: Tensor, like: Tensor, output: Tensor, size: Size, align_corners: bool
) -> Tensor:
    """The transpose of the transpose: what was a sum over copies is copied."""
    return resize_nearest_neighbor(h, size, align_corners)


nearest_gradient_op.no_gradient(SHAPE_ONLY, 1)

bilinear_op = register(
    Op("resize_bilinear", shape=_resized, dtype=_float, accepts=dtypes.REAL, tensorflow_name="ResizeBilinear")
)


def resize_bilinear(images: TensorLike, size: Any, align_corners: bool = False, name: str | None = None) -> Tensor:
    """Resizes images: each new pixel is a weighted mean of the four old ones around it.

    Pixels lie on their upper left corners, as in all of TensorFlow 1.x; later versions put them in the middle. Args and
    errors are those of `resize_nearest_neighbor`.

    Returns:
        Images of the same floating dtype, or of float32 where the old ones were integers.

    >>> tf.image.resize_bilinear([[[[1.], [2.]]]], [1, 4]).numpy().ravel()
    array([1. , 1.5, 2. , 2. ], dtype=float32)
    """
    return _resize(bilinear_op, images, size, align_corners)


@bilinear_op.gradient(0)
def resize_bilinear_dx(g: Tensor, x: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """An old pixel gathers g from the new ones, with the weights that it had in them."""
    return resize_bilinear_gradient(g, x, **settings)


bilinear_gradient_op = register(Op("resize_bilinear_gradient", shape=_like, tensorflow_name="ResizeBilinearGrad"))


def resize_bilinear_gradient(g: Tensor, like: Tensor, size: Size, align_corners: bool) -> Tensor:
    """The transpose of `resize_bilinear`, to images that look like others."""
    return cast(Tensor, execute(bilinear_gradient_op, (g, like), {"size": size, "align_corners": align_corners}))


@bilinear_gradient_op.gradient(0)
def resize_bilinear_gradient_dg(
    h: Tensor, g: Tensor, like: Tensor, output: Tensor, size: Size, align_corners: bool
) -> Tensor:
    """The transpose of the transpose."""
    return resize_bilinear(h, size, align_corners)


bilinear_gradient_op.no_gradient(SHAPE_ONLY, 1)


def resize_images(
    images: TensorLike,
    size: Any,
    method: int = ResizeMethod.BILINEAR,
    align_corners: bool = False,
    preserve_aspect_ratio: bool = False,
    name: str | None = None,
) -> Tensor:
    """Resizes an image or a batch of them; those that have the size already are returned as they are.

    Args:
        images: [row, column, channel] or [image, row, column, channel].
        size: the new height and width.
        method: `ResizeMethod.BILINEAR` or `ResizeMethod.NEAREST_NEIGHBOR`.
        align_corners: whether the corner pixels of old and new image lie on each other.
        preserve_aspect_ratio: whether height or width becomes smaller than asked for, where the image would be
            distorted otherwise.

    Raises:
        ValueError: for other methods, and where images has other than 3 or 4 axes.
        InvalidArgumentError: where the size is not positive.

    >>> tf.image.resize_images([[[1.], [2.]]], [1, 3], align_corners=True).numpy().ravel()
    array([1. , 1.5, 2. ], dtype=float32)
    """
    functions = {ResizeMethod.BILINEAR: resize_bilinear, ResizeMethod.NEAREST_NEIGHBOR: resize_nearest_neighbor}
    if method not in list(functions):  # a list, since what is given may have no hash
        raise ValueError(
            f"Resize method {method!r} is not implemented: use tf.image.ResizeMethod.BILINEAR or NEAREST_NEIGHBOR."
        )
    x = convert_to_tensor(images)
    height, width = _image_size(x, "resize_images")
    size = _size(size)
    if preserve_aspect_ratio:
        size = _within(size, *_known_image_size(x, "resize_images with preserve_aspect_ratio"))
    if (height, width) == size:
        return x
    if x.ndim == 3:
        return array.squeeze(functions[method](array.expand_dims(x, 0), size, align_corners), [0])
    return functions[method](x, size, align_corners)


def _within(size: Size, height: int, width: int) -> Size:
    """The largest size with the proportions of an image that lies within another size."""
    scale = min(size[0] / height, size[1] / width)
    return max(1, round(scale * height)), max(1, round(scale * width))


def _image_size(x: Tensor, what: str) -> tuple[int | None, int | None]:
    """Height and width of an image, or of a batch of images.

    Raises:
        ValueError: where it is neither.
    """
    extents = arguments.known(x.extents, what)
    if len(extents) not in (3, 4):
        raise ValueError(f"'images' must have either 3 or 4 dimensions: {what} was given {x.dtype.name} {x.shape}.")
    return extents[-3], extents[-2]


def _known_image_size(x: Tensor, what: str) -> Size:
    height, width = _image_size(x, what)
    if height is None or width is None:
        raise ValueError(f"{what} needs images whose size is known when the graph is built, not {x.shape}.")
    return height, width


# ------------------------------------------------------------------------------------------------- flipped and cropped


def flip_left_right(image: TensorLike, name: str | None = None) -> Tensor:
    """Mirrors an image, or each image of a batch: its columns in reverse order.

    Raises:
        ValueError: where image has other than 3 or 4 axes.

    >>> tf.image.flip_left_right([[[1.], [2.]]]).numpy().ravel()
    array([2., 1.], dtype=float32)
    """
    x = convert_to_tensor(image)
    _image_size(x, "flip_left_right")
    return rearrange.reverse(x, [-2])


def flip_up_down(image: TensorLike, name: str | None = None) -> Tensor:
    """Turns an image, or each image of a batch, upside down: its rows in reverse order.

    Raises:
        ValueError: where image has other than 3 or 4 axes.

    >>> tf.image.flip_up_down([[[1.]], [[2.]]]).numpy().ravel()
    array([2., 1.], dtype=float32)
    """
    x = convert_to_tensor(image)
    _image_size(x, "flip_up_down")
    return rearrange.reverse(x, [-3])


def random_flip_left_right(image: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """Mirrors an image, or does not, by the toss of a coin. A batch is mirrored as a whole.

    >>> tf.image.random_flip_left_right(tf.zeros([2, 3, 1])).shape
    TensorShape([Dimension(2), Dimension(3), Dimension(1)])
    """
    x = convert_to_tensor(image)
    return indexing.where(_coin(seed), flip_left_right(x), x)


def random_flip_up_down(image: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """Turns an image upside down, or does not, by the toss of a coin. A batch is turned as a whole.

    >>> tf.image.random_flip_up_down(tf.zeros([2, 3, 1])).shape
    TensorShape([Dimension(2), Dimension(3), Dimension(1)])
    """
    x = convert_to_tensor(image)
    return indexing.where(_coin(seed), flip_up_down(x), x)


def _coin(seed: int | None) -> Tensor:
    return array.cast(random.random_uniform([], 0, 2, dtypes.int32, seed), dtypes.bool_)


def crop_to_bounding_box(
    image: TensorLike,
    offset_height: int,
    offset_width: int,
    target_height: int,
    target_width: int,
    name: str | None = None,
) -> Tensor:
    """Cuts a rectangle out of an image, or out of each image of a batch.

    Args:
        offset_height, offset_width: the row and column of its upper left corner.
        target_height, target_width: its size.

    Raises:
        ValueError: where it does not lie within the image.

    >>> tf.image.crop_to_bounding_box([[[1.], [2.], [3.]]], 0, 1, 1, 2).numpy().ravel()
    array([2., 3.], dtype=float32)
    """
    x = convert_to_tensor(image)
    height, width = _image_size(x, "crop_to_bounding_box")
    rows = _stretch(offset_height, target_height, height, "height")
    columns = _stretch(offset_width, target_width, width, "width")
    return indexing.getitem(x, (..., rows, columns, slice(None)))


def _stretch(offset: int, target: int, size: int | None, what: str) -> slice:
    """The pixels of an axis from an offset on, as many as asked for."""
    offset, target = arguments.integer(offset, f"offset_{what}"), arguments.integer(target, f"target_{what}")
    if offset < 0 or target < 1:
        raise ValueError(f"offset_{what} must be >= 0 and target_{what} > 0, not {offset} and {target}.")
    if size is not None and offset + target > size:
        raise ValueError(
            f"{what} must be >= target + offset: an image of {what} {size} has no pixels {offset} to"
            f" {offset + target - 1}."
        )
    return slice(offset, offset + target)


def pad_to_bounding_box(
    image: TensorLike,
    offset_height: int,
    offset_width: int,
    target_height: int,
    target_width: int,
    name: str | None = None,
) -> Tensor:
    """Puts an image, or each image of a batch, into a larger one of zeros.

    Args:
        offset_height, offset_width: where its upper left corner comes to lie.
        target_height, target_width: the size of the larger image.

    Raises:
        ValueError: where it does not fit in, or a graph does not know the image's size.

    >>> tf.image.pad_to_bounding_box([[[1.], [2.]]], 0, 1, 1, 4).numpy().ravel()
    array([0., 1., 2., 0.], dtype=float32)
    """
    x = convert_to_tensor(image)
    height, width = _known_image_size(x, "pad_to_bounding_box")
    rows = _margins(offset_height, target_height, height, "height")
    columns = _margins(offset_width, target_width, width, "width")
    return rearrange.pad(x, [(0, 0)] * (x.ndim - 3) + [rows, columns, (0, 0)])


def _margins(offset: int, target: int, size: int, what: str) -> tuple[int, int]:
    """How many zeros come before and after the pixels of an axis."""
    offset, target = arguments.integer(offset, f"offset_{what}"), arguments.integer(target, f"target_{what}")
    after = target - offset - size
    if offset < 0 or after < 0:
        raise ValueError(
            f"{what} must be <= target - offset, and offset_{what} >= 0: {what} {size} at offset {offset} does not fit"
            f" into {target}."
        )
    return offset, after


def resize_image_with_crop_or_pad(
    image: TensorLike, target_height: int, target_width: int, name: str | None = None
) -> Tensor:
    """Gives an image, or each image of a batch, another size by cutting off its margins or adding zeros around it.

    Raises:
        ValueError: where the size is not positive, or a graph does not know the image's size.

    >>> tf.image.resize_image_with_crop_or_pad([[[1.], [2.], [3.]]], 2, 1).numpy()[..., 0]
    array([[2.],
           [0.]], dtype=float32)
    """
    x = convert_to_tensor(image)
    target_height, target_width = arguments.shape([target_height, target_width], "target")
    height, width = _known_image_size(x, "resize_image_with_crop_or_pad")
    rows, columns = min(height, target_height), min(width, target_width)
    x = crop_to_bounding_box(x, (height - rows) // 2, (width - columns) // 2, rows, columns)
    return pad_to_bounding_box(
        x, (target_height - rows) // 2, (target_width - columns) // 2, target_height, target_width
    )


def central_crop(image: TensorLike, central_fraction: float, name: str | None = None) -> Tensor:
    """Cuts the middle out of an image, or out of each image of a batch.

    Args:
        central_fraction: how much of its height and width is left, above 0 and up to 1.

    Raises:
        ValueError: for other fractions, and where a graph does not know the image's size.

    >>> tf.image.central_crop([[[1.], [2.], [3.], [4.]]] * 2, 0.5).numpy().shape
    (2, 2, 1)
    """
    central_fraction = arguments.number(central_fraction, "central_fraction")
    if not 0 < central_fraction <= 1:
        raise ValueError(f"central_fraction must be within (0, 1], not {central_fraction}.")
    x = convert_to_tensor(image)
    height, width = _known_image_size(x, "central_crop")
    # As in TensorFlow, as much is cut off at both ends, rounded down.
    top, left = int((height - height * central_fraction) / 2), int((width - width * central_fraction) / 2)
    return crop_to_bounding_box(x, top, left, height - 2 * top, width - 2 * left)
