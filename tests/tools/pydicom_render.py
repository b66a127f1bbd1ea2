"""Compares rendered images with what pydicom and numpy make of the same files (docs/dicomweb.md, Rendered images).

    pydicom_render.py make FOLDER   writes DICOM files into a folder, one for each way of describing pixels
    pydicom_render.py compare       reads a JSON array of {"path", "status", "png": base64, "frame": from 1, "window": [center, width,
                                    function] or null} from standard input, prints one line for each difference, and last the
                                    number of images that were compared and of pixels that differ by 1

Needs Debian's python3-pydicom (2.3.1) and python3-numpy.
"""
import base64
import json
import logging
import os
import struct
import sys
import warnings
import zlib

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.pixel_data_handlers.util import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing, convert_color_space
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, RLELossless, generate_uid

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

# What pydicom cannot read, and the status it has here: a Number of Frames that is none (one is there), and pixels that are cut off.
ODD = {"badVR.dcm": 200, "MR_truncated.dcm": 406}

DECODED = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2", RLELossless}


def png(data):
    """Rows, columns and samples of a PNG file of 8 bits a sample, grey, RGB or RGBA (RFC 2083)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, pixels = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0]
        if kind == b"IHDR":
            columns, rows, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and interlace == 0
            samples = {0: 1, 2: 3, 6: 4}[colour]
        elif kind == b"IDAT":
            pixels += body
        elif kind in (b"iCCP", b"tEXt", b"iTXt", b"eXIf"):
            raise AssertionError(f"the image carries {kind}")
        at += 12 + length

    lines = np.frombuffer(zlib.decompress(pixels), dtype=np.uint8).reshape((rows, columns * samples + 1))
    image = np.zeros((rows, columns, samples), dtype=np.uint8)
    for row, line in enumerate(lines):
        filtered = line[1:].reshape((columns, samples))
        # The encoder is told to use no other filters than none and Sub.
        image[row] = {0: lambda one: one, 1: lambda one: np.cumsum(one, axis=0, dtype=np.uint8)}[line[0]](filtered)
    return image


def grey8(values):
    return np.floor(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def grey(ds, stored, window):
    padding = np.zeros(stored.shape, dtype=bool)
    if "PixelPaddingValue" in ds:
        ends = sorted([ds.PixelPaddingValue, ds.get("PixelPaddingRangeLimit", ds.PixelPaddingValue)])
        padding = (stored >= ends[0]) & (stored <= ends[1])

    # Shared functional groups stand where pydicom looks for these attributes.
    for group, tags in (("PixelValueTransformationSequence", ["RescaleSlope", "RescaleIntercept"]), ("FrameVOILUTSequence", ["WindowCenter", "WindowWidth"])):
        for groups in (ds.get("SharedFunctionalGroupsSequence") or [])[:1]:
            for tag in tags:
                if group in groups and tag in groups[group].value[0]:
                    setattr(ds, tag, groups[group].value[0].get(tag))

    values = apply_modality_lut(stored, ds)
    # pydicom's range of a windowed image depends on these; the window itself does not.
    plain = Dataset()
    plain.PhotometricInterpretation, plain.BitsStored, plain.PixelRepresentation = "MONOCHROME2", 16, 0
    if window:
        plain.WindowCenter, plain.WindowWidth, plain.VOILUTFunction = window[0], window[1], window[2].upper().replace("-", "_")
        shown = apply_windowing(values, plain) / 65535
    elif ds.get("VOILUTSequence"):
        bits = ds.VOILUTSequence[0].LUTDescriptor[2]
        shown = apply_voi(np.floor(values).astype(np.int64), ds) / (2 ** bits - 1)
    elif "WindowCenter" in ds:
        plain.WindowCenter, plain.WindowWidth, plain.VOILUTFunction = ds.WindowCenter, ds.WindowWidth, ds.get("VOILUTFunction", "LINEAR")
        shown = apply_windowing(values, plain) / 65535
    else:
        if ds.BitsStored <= 8:
            ends = np.array([-(1 << ds.BitsStored - 1), (1 << ds.BitsStored - 1) - 1] if ds.PixelRepresentation else [0, (1 << ds.BitsStored) - 1])
            ends = apply_modality_lut(ends, ds)
        else:
            ends = values[~padding]
        least, greatest = (float(np.min(ends)), float(np.max(ends))) if ends.size else (0.0, 0.0)
        shown = (values.astype(np.float64) - least) / (greatest - least) if greatest > least else np.zeros(values.shape)

    shown = grey8(shown)
    if ds.PhotometricInterpretation == "MONOCHROME1" or ds.get("PresentationLUTShape") == "INVERSE":
        shown = 255 - shown
    shown[padding] = 0
    return shown[..., np.newaxis]


def colour(ds, stored):
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        image = apply_color_lut(stored, ds)
        return (image >> 8).astype(np.uint8) if image.dtype.itemsize == 2 else image
    if ds.BitsStored > 8:
        stored = (stored >> (ds.BitsStored - 8)).astype(np.uint8)
    return convert_color_space(stored, "YBR_FULL", "RGB") if ds.PhotometricInterpretation.startswith("YBR") else stored


def reference(path, frame, window):
    """None where the file holds no pixels that are rendered, or pydicom has no decoder for them."""
    ds = pydicom.dcmread(path, force=True)
    if "PixelData" not in ds or ds.file_meta.TransferSyntaxUID not in DECODED:
        return None
    stored = ds.pixel_array
    if int(ds.get("NumberOfFrames") or 1) > 1:
        stored = stored[frame - 1]
    image = grey(ds, stored, window) if ds.SamplesPerPixel == 1 and ds.PhotometricInterpretation != "PALETTE COLOR" else colour(ds, stored)
    spacing = ds.get("PixelAspectRatio") or ds.get("PixelSpacing") or ds.get("ImagerPixelSpacing")
    return image, float(spacing[0]) / float(spacing[1]) if spacing else 1.0


def compare():
    images = by_one = 0
    for case in json.load(sys.stdin):
        name = f"{os.path.basename(case['path'])} {case['frame']} {case['window'] or ''}"
        try:
            expected = reference(case["path"], case["frame"], case["window"])
        except Exception as e:
            if ODD.get(os.path.basename(case["path"])) != case["status"]:
                print(f"{name}: pydicom cannot render it: {e} (status {case['status']})")
            continue
        if expected is None:
            continue
        if case["status"] != 200:
            print(f"{name}: status {case['status']}")
            continue
        theirs, aspect = expected
        ours = png(base64.b64decode(case["png"]))
        rows, columns = theirs.shape[:2]
        if aspect != 1:
            shape = (rows, round(columns / aspect)) if aspect < 1 else (round(rows * aspect), columns)
            if ours.shape[:2] != shape:
                print(f"{name}: {ours.shape[:2]} and not {shape}")
            continue
        if ours.shape != theirs.shape:
            print(f"{name}: {ours.shape} and not {theirs.shape}")
            continue
        difference = np.abs(ours.astype(int) - theirs.astype(int))
        if difference.max() > 1:
            print(f"{name}: differs by up to {difference.max()}, in {np.count_nonzero(difference)} samples")
        by_one += np.count_nonzero(difference)
        images += 1
    print(f"{images} images, {by_one} samples differ by 1")


def made(name, pixels, syntax=ExplicitVRLittleEndian, **attributes):
    ds = FileDataset(None, {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    ds.is_little_endian, ds.is_implicit_VR = syntax != ExplicitVRBigEndian, False
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid(entropy_srcs=["instance", name])
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(entropy_srcs=["study", name]), generate_uid(entropy_srcs=["series", name])
    ds.file_meta.TransferSyntaxUID, ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = syntax, ds.SOPClassUID, ds.SOPInstanceUID
    ds.PatientID, ds.PatientName = "MADE", "Made"
    rows, columns = pixels.shape[0], pixels.shape[1]
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.Rows, ds.Columns = 1, "MONOCHROME2", rows, columns
    ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    if "HighBit" not in ds:
        ds.HighBit = ds.BitsStored - 1
    data = pixels.astype(pixels.dtype.newbyteorder("<" if ds.is_little_endian else ">")).tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 else "OB"
    return name, ds


def table(descriptor, data, vr="OW"):
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if descriptor[1] >= 0 else "SS", descriptor)
    item.add_new("LUTData", vr, data)
    item.ModalityLUTType = "US"
    return Sequence([item])


def words(values):
    return np.asarray(values, dtype="<u2").tobytes()


def make(folder):
    random = np.random.default_rng(20260105)
    ramp = np.arange(48 * 32).reshape((48, 32))
    u8, u16, i16 = (ramp % 256).astype("u1"), (ramp * 42 % 65536).astype("u2"), (ramp * 42 - 32000).astype("i2")
    u32 = (ramp.astype("u8") * 2796202 % 2 ** 32).astype("u4")
    rgb = random.integers(0, 256, (48, 32, 3), dtype="u1")
    palette = {f"{c}PaletteColorLookupTableDescriptor": [256, 0, 16] for c in ("Red", "Green", "Blue")}
    palette.update({f"{c}PaletteColorLookupTableData": words(random.integers(0, 65536, 256)) for c in ("Red", "Green", "Blue")})
    narrow = {f"{c}PaletteColorLookupTableDescriptor": [100, 10, 8] for c in ("Red", "Green", "Blue")}
    narrow.update({f"{c}PaletteColorLookupTableData": random.integers(0, 256, 100, dtype="u1").tobytes() for c in ("Red", "Green", "Blue")})
    segmented = {f"{c}PaletteColorLookupTableDescriptor": [256, 0, 16] for c in ("Red", "Green", "Blue")}
    # Discrete, a line, discrete, the first two again by their offset (pydicom takes it for words where entries have 16 bits), and a line.
    segments = [0, 2, 0, 65535, 1, 75, 7, 0, 3, 9, 8, 7, 2, 2, 0, 0, 1, 99, 40000]
    segmented.update({f"Segmented{c}PaletteColorLookupTableData": words(segments) for c in ("Red", "Green", "Blue")})
    segmented8 = {f"{c}PaletteColorLookupTableDescriptor": [256, 0, 8] for c in ("Red", "Green", "Blue")}
    segments = [0, 2, 0, 255, 1, 75, 7, 0, 3, 9, 8, 7, 2, 2, 4, 0, 0, 0, 1, 98, 120, 0]
    segmented8.update({f"Segmented{c}PaletteColorLookupTableData": bytes(segments) for c in ("Red", "Green", "Blue")})
    groups, values, interest = Dataset(), Dataset(), Dataset()
    values.RescaleSlope, values.RescaleIntercept = "2", "-100"
    interest.WindowCenter, interest.WindowWidth = "30000", "20000"
    groups.PixelValueTransformationSequence, groups.FrameVOILUTSequence = Sequence([values]), Sequence([interest])
    files = [
        made("u8", u8),
        made("u8_window", u8, WindowCenter="100", WindowWidth="50"),
        made("i8", (u8 - 128).view("i1")),
        made("u6", u8 & 63, BitsStored=6),
        made("u16", u16),
        made("i16", i16),
        made("i16_big", i16, syntax=ExplicitVRBigEndian),
        made("u32", u32),
        made("i32", u32.view("i4"), WindowCenter="0", WindowWidth="4000000000"),
        made("u12", u16 & 4095, BitsStored=12, WindowCenter="2048.5", WindowWidth="1000"),
        made("u12_first_of_windows", u16 & 4095, BitsStored=12, WindowCenter=["2000", "10"], WindowWidth=["1000", "1"]),
        made("i12", ((i16 % 4096) - 2048).astype("i2"), BitsStored=12, WindowCenter="0", WindowWidth="1"),
        made("rescaled", i16, RescaleSlope="0.5", RescaleIntercept="-1024", WindowCenter="-1000.25", WindowWidth="7777.7"),
        made("rescaled_down", i16, RescaleSlope="-0.5", RescaleIntercept="10"),
        made("exact", u16, WindowCenter="30000", WindowWidth="10000", VOILUTFunction="LINEAR_EXACT"),
        made("sigmoid", u16, WindowCenter="30000", WindowWidth="10000", VOILUTFunction="SIGMOID"),
        made("monochrome1", u16, PhotometricInterpretation="MONOCHROME1", WindowCenter="30000", WindowWidth="30000"),
        made("inverse", u16, PresentationLUTShape="INVERSE"),
        made("monochrome1_inverse", u16, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE"),
        made("padded", i16, PixelPaddingValue=-32000, PhotometricInterpretation="MONOCHROME1"),
        made("padded_range", i16, PixelPaddingValue=-32000, PixelPaddingRangeLimit=-10000),
        made("modality_table", u16 & 255, BitsStored=8, ModalityLUTSequence=table([200, 20, 16], words(random.integers(0, 65536, 200)))),
        made("voi_table", u16, VOILUTSequence=table([4096, 1000, 12], words(random.integers(0, 4096, 4096)))),
        made("voi_table_negative", i16, VOILUTSequence=table([0, -32768, 16], words(np.arange(65536)[::-1])), WindowCenter="1", WindowWidth="1"),
        made("enhanced", u16 >> 1, SharedFunctionalGroupsSequence=Sequence([groups])),
        made("palette16", u8, PhotometricInterpretation="PALETTE COLOR", **palette),
        made("palette8", u8, PhotometricInterpretation="PALETTE COLOR", **narrow),
        made("palette_segmented", u8, PhotometricInterpretation="PALETTE COLOR", **segmented),
        made("palette_segmented8", u8, PhotometricInterpretation="PALETTE COLOR", **segmented8),
        made("rgb", rgb, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0),
        made("rgb_planes", np.ascontiguousarray(rgb.transpose((2, 0, 1))), SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=1, Rows=48, Columns=32),
        made("rgb16", (rgb.astype("u2") * 257), SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0),
        made("ybr", rgb, SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=0),
        made("tall_pixels", u16, PixelAspectRatio=[3, 2]),
        made("wide_pixels", u16, PixelSpacing=["0.5", "0.75"]),
        made("flat", u16 * 0 + 7),
    ]
    for name, ds in files:
        ds.save_as(os.path.join(folder, name + ".dcm"), write_like_original=False)
    print(len(files))


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    compare()
