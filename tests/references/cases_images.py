"""Cases of the layers that prepare images, for `record_images.py`.

layer     [class name, arguments]; ranges of one number, so that nothing is left to chance
x         its shape
dtype     its type (default float32, normal numbers; whole numbers are from 0 to 255)
set       attributes that are set after the layer is made
"""

IMAGES, FIRST = (2, 7, 6, 2), (2, 2, 7, 6)
KERNELS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
FILLS = ("reflect", "wrap", "constant", "nearest")
SIZES = {"less": (4, 3), "more": (10, 11), "mixed": (3, 14), "same": (7, 6), "one": (1, 1)}


def case(name: str, x=IMAGES, dtype: str = "float32", /, **arguments) -> dict:
    return {"layer": [name, arguments], "x": x, "dtype": dtype}


CASES = {
    f"resizing_{kernel}_{size}": case("Resizing", height=height, width=width, interpolation=kernel)
    for kernel in KERNELS
    for size, (height, width) in SIZES.items()
}
CASES |= {
    f"resizing_{kernel}_antialias_{size}": case(
        "Resizing", height=SIZES[size][0], width=SIZES[size][1], interpolation=kernel, antialias=True
    )
    for kernel in KERNELS
    for size in ("less", "mixed")
}
CASES |= {
    f"resizing_{ratio}_{height}x{width}_{shape[1]}x{shape[2]}": case(
        "Resizing", shape, height=height, width=width, **{f"{ratio}_to_aspect_ratio": True}, **extra
    )
    for ratio, extra in (("crop", {}), ("pad", {"fill_value": 2.5}))
    for height, width in ((4, 4), (3, 8), (9, 5))
    for shape in (IMAGES, (1, 5, 12, 1), (1, 12, 5, 1))
}
CASES |= {
    "resizing_first": case("Resizing", FIRST, height=4, width=9, data_format="channels_first"),
    "resizing_first_pad": case(
        "Resizing", FIRST, height=4, width=9, data_format="channels_first", pad_to_aspect_ratio=True
    ),
    "resizing_first_crop": case(
        "Resizing", FIRST, height=4, width=9, data_format="channels_first", crop_to_aspect_ratio=True
    ),
    "resizing_unbatched": case("Resizing", IMAGES[1:], height=4, width=9),
    "resizing_unbatched_first": case("Resizing", FIRST[1:], height=4, width=9, data_format="channels_first"),
    "resizing_whole": case("Resizing", IMAGES, "uint8", height=5, width=11),
    "resizing_whole_bicubic": case("Resizing", IMAGES, "uint8", height=10, width=9, interpolation="bicubic"),
    "resizing_whole_nearest": case("Resizing", IMAGES, "int32", height=10, width=9, interpolation="nearest"),
    "resizing_whole_pad": case("Resizing", IMAGES, "uint8", height=4, width=9, pad_to_aspect_ratio=True, fill_value=7),
    "resizing_half": case("Resizing", IMAGES, "float16", height=4, width=9, dtype="float16"),
}
CASES |= {
    f"center_crop_{height}x{width}": case("CenterCrop", height=height, width=width)
    for height, width in ((3, 3), (4, 4), (7, 6), (9, 4), (4, 9), (9, 9))
}
CASES |= {
    "center_crop_first": case("CenterCrop", FIRST, height=4, width=3, data_format="channels_first"),
    "center_crop_first_small": case("CenterCrop", FIRST, height=4, width=9, data_format="channels_first"),
    "center_crop_unbatched": case("CenterCrop", IMAGES[1:], height=4, width=3),
    "center_crop_unbatched_first": case("CenterCrop", FIRST[1:], height=4, width=9, data_format="channels_first"),
    "center_crop_whole": case("CenterCrop", IMAGES, "uint8", height=4, width=3),
}
CASES |= {
    f"random_crop_{height}x{width}_{shape[1]}x{shape[2]}": case("RandomCrop", shape, height=height, width=width)
    for height, width in ((7, 6), (9, 9), (7, 4), (4, 6), (9, 4), (4, 9), (6, 6))
    for shape in (IMAGES, (1, 10, 4, 1), (1, 4, 10, 1))
    if height >= shape[1] or width >= shape[2]
}
CASES |= {
    "random_crop_first": case("RandomCrop", FIRST, height=4, width=9, data_format="channels_first"),
    "random_crop_unbatched": case("RandomCrop", IMAGES[1:], height=9, width=4),
}
COLOURS = (
    ("wide", IMAGES, (-9, 9), {}),
    ("narrow", IMAGES, (-1, 1), {}),
    ("first", FIRST, (-1, 1), {"data_format": "channels_first"}),
    ("unbatched", IMAGES[1:], (-1, 1), {}),
)
WARPS = {
    **{f"rotation_{factor}": ("RandomRotation", {"factor": (factor, factor)}) for factor in (0.1, -0.21, 0.5)},
    "zoom_in": ("RandomZoom", {"height_factor": (-0.4, -0.4)}),
    "zoom_out": ("RandomZoom", {"height_factor": (0.7, 0.7), "width_factor": (0.3, 0.3)}),
    "zoom_mixed": ("RandomZoom", {"height_factor": (0.2, 0.2), "width_factor": (-0.3, -0.3)}),
    "translation": ("RandomTranslation", {"height_factor": (0.2, 0.2), "width_factor": (-0.3, -0.3)}),
    "translation_far": ("RandomTranslation", {"height_factor": (-1, -1), "width_factor": (0.9, 0.9)}),
}
CASES |= {
    f"{name}_{fill}_{kernel}": case(kind, fill_mode=fill, interpolation=kernel, **arguments)
    for name, (kind, arguments) in WARPS.items()
    for fill in FILLS
    for kernel in ("nearest", "bilinear")
}
CASES |= {  # of a square, whose places come to lie on places
    f"rotation_0.25_{fill}_{kernel}": case(
        "RandomRotation", (2, 6, 6, 2), factor=(0.25, 0.25), fill_mode=fill, interpolation=kernel
    )
    for fill in FILLS
    for kernel in ("nearest", "bilinear")
}
CASES |= {
    f"{name}_{extra}": case(kind, shape, dtype, fill_mode="constant", fill_value=1.5, **arguments, **more)
    for name, (kind, arguments) in WARPS.items()
    for extra, shape, dtype, more in (
        ("filled", IMAGES, "float32", {}),
        ("first", FIRST, "float32", {"data_format": "channels_first"}),
        ("unbatched", IMAGES[1:], "float32", {}),
        ("whole", IMAGES, "uint8", {}),
    )
}
CASES |= {
    f"brightness_{factor}_{extra}": case("RandomBrightness", shape, factor=(factor, factor), value_range=values, **more)
    for factor in (0.3, -0.3, 1.0)
    for extra, shape, values, more in COLOURS
}
CASES |= {  # drawn from 1 - the first to 1 + the second
    f"contrast_{factor}_{extra}": case("RandomContrast", shape, factor=1, value_range=values, **more)
    | {"set": {"factor": (-factor, factor)}}
    for factor in (0.3, -0.6, 1.0)
    for extra, shape, values, more in COLOURS
}
RGB, RGB_FIRST = (2, 5, 4, 3), (2, 3, 5, 4)
CASES |= {
    f"{name}_{extra}": case(kind, shape, **arguments, **more)
    for name, kind, arguments in (
        ("grayscale", "RandomGrayscale", {"factor": 1}),
        ("invert", "RandomInvert", {"factor": (1, 1), "value_range": (-1, 2)}),
        ("erasing", "RandomErasing", {"factor": (1, 1), "scale": (1, 1), "fill_value": 0.3, "value_range": (0, 1)}),
        ("erasing_cut", "RandomErasing", {"factor": (1, 1), "scale": (1, 1), "fill_value": 9, "value_range": (0, 1)}),
    )
    for extra, shape, more in (
        ("batch", RGB, {}),
        ("first", RGB_FIRST, {"data_format": "channels_first"}),
        ("unbatched", RGB[1:], {}),
    )
}
CASES |= {  # normal numbers, so that some are beyond the range of values
    f"saturation_{factor}_{extra}": case("RandomSaturation", shape, factor=(factor, factor), **more)
    for factor in (0.2, 0.7, 1.0)
    for extra, shape, more in (
        ("batch", RGB, {}),
        ("cut", RGB, {"value_range": (0, 1)}),
        ("first", RGB_FIRST, {"data_format": "channels_first"}),
        ("unbatched", RGB[1:], {}),
    )
    if factor < 1 or extra == "cut"  # that of 1 is ten million times as much
}
HUES = {  # name: arguments of RandomHue, by which no image has the other sign, and the shape of x
    f"hue_{factor}_{extra}": ({"factor": (factor, factor), "value_range": (-3, 3)} | more, shape)
    for factor in (0.3, 0.9)
    for extra, shape, more in (
        ("batch", RGB, {}),
        ("cut", RGB, {"value_range": (0, 1)}),
        ("first", RGB_FIRST, {"data_format": "channels_first"}),
        ("unbatched", RGB[1:], {}),
    )
}
CASES["grayscale_of_one_channel"] = case("RandomGrayscale", (2, 5, 4, 1), factor=1)
SHEARS = {  # name: arguments of RandomShear, by which no image has the other sign
    f"shear_{fill}_{kernel}": {
        "x_factor": (0.4, 0.4),
        "y_factor": (0.3, 0.3),
        "fill_mode": fill,
        "interpolation": kernel,
    }
    for fill in FILLS
    for kernel in ("nearest", "bilinear")
}
FLIPS = {  # name: mode, data_format, shape of x
    f"flip_{mode}_{extra}": (mode, data_format, shape)
    for mode in ("horizontal", "vertical", "horizontal_and_vertical")
    for extra, data_format, shape in (
        ("batch", "channels_last", IMAGES),
        ("first", "channels_first", FIRST),
        ("unbatched", "channels_last", IMAGES[1:]),
    )
}
