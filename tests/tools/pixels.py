"""Compares decompressed DICOM files with what pydicom, dcmtk and GDCM make of the compressed ones.

Standard input: {path of the compressed file: path of the decompressed one, or null where there is none}. Standard output: a line for each
difference, then "N files, M decoded by others". Pixels are compared byte for byte, by pixel, in the colours of the decompressed file. GDCM counts as
gdcmconv: where GDCM fails, pydicom's handler of it returns memory that nobody has written.
"""
import json
import subprocess
import sys
import tempfile
import warnings

import numpy
import pydicom

warnings.filterwarnings("ignore")
PROGRAMS = {
    "dcmdjpeg": ["dcmdjpeg", "{}", "{}"],
    "dcmdjpeg +cn": ["dcmdjpeg", "+cn", "{}", "{}"],
    "dcmdjpls": ["dcmdjpls", "{}", "{}"],
    "dcmdrle": ["dcmdrle", "{}", "{}"],
    "gdcmconv": ["gdcmconv", "--raw", "-i", "{}", "-o", "{}"],
}

# Where a peer is wrong: others decode the file as we do.
WRONG = {
    # GDCM leaves the bits above the 13 that the codestream has, whatever its sign says.
    ("J2K_pixelrep_mismatch.dcm", "gdcmconv"),
    # GDCM takes a sample's bytes for those of the next plane.
    ("SC_rgb_rle_16bit.dcm", "gdcmconv"),
    ("SC_rgb_rle_32bit.dcm", "gdcmconv"),
}


def pixels(dataset):
    """The pixel data by pixel, without padding."""
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    shape = (frames, dataset.Rows * dataset.Columns, dataset.SamplesPerPixel)
    kind = f"<u{dataset.BitsAllocated // 8}"
    count = numpy.prod(shape)
    values = numpy.frombuffer(dataset.PixelData, kind, count)
    if dataset.SamplesPerPixel > 1 and dataset.get("PlanarConfiguration", 0) == 1:
        return values.reshape(frames, dataset.SamplesPerPixel, -1).transpose(0, 2, 1)
    return values.reshape(shape)


def by_programs(path, folder):
    for name, command in PROGRAMS.items():
        output = f"{folder}/{name.replace(' ', '')}.dcm"
        places = iter([path, output])
        done = subprocess.run([next(places) if part == "{}" else part for part in command], capture_output=True)
        if done.returncode != 0:
            continue
        try:
            dataset = pydicom.dcmread(output)
            if not dataset.file_meta.TransferSyntaxUID.is_compressed:
                yield name, dataset.PhotometricInterpretation, pixels(dataset)
        except Exception:
            continue


def by_pydicom(path):
    for handler in ("pillow", "rle"):
        try:
            dataset = pydicom.dcmread(path)
            dataset.convert_pixel_data(handler)
            frames = int(dataset.get("NumberOfFrames", 1) or 1)
            array = dataset.pixel_array.reshape(frames, dataset.Rows * dataset.Columns, dataset.SamplesPerPixel)
            yield f"pydicom {handler}", dataset.PhotometricInterpretation, array.view(f"<u{dataset.BitsAllocated // 8}")
        except Exception:
            continue


def main():
    files = json.load(sys.stdin)
    decoded = 0
    with tempfile.TemporaryDirectory() as folder:
        for path, ours in files.items():
            name = path.rsplit("/", 1)[1]
            others = [other for other in (*by_programs(path, folder), *by_pydicom(path)) if (name, other[0]) not in WRONG]
            decoded += bool(others)
            if ours is None:
                if others:
                    print(f"{name}: decoded by {', '.join(other[0] for other in others)}, and not here")
                continue
            dataset = pydicom.dcmread(ours)
            mine = pixels(dataset)
            compared = False
            for peer, colours, values in others:
                # Peers that leave YBR as it is have other values for the same colours.
                if (colours[:3] == "YBR") != (dataset.PhotometricInterpretation[:3] == "YBR"):
                    continue
                compared = True
                if not numpy.array_equal(mine, values):
                    print(f"{name}: {peer} decodes {(mine != values).sum()} of {mine.size} samples otherwise")
            if others and not compared:
                print(f"{name}: in no peer's colours")
    print(f"{len(files)} files, {decoded} decoded by others")


main()
