"""Compares DICOM JSON with what pydicom makes of the same files.

    pydicom_json.py files      prints the paths of the DICOM files that come with pydicom
    pydicom_json.py compare    reads a JSON object {path: data set, or null where it was refused} from standard input,
                               prints one line for each difference that docs/dicom-json.md does not explain, and last
                               the number of files and elements compared
    pydicom_json.py search     the same for answers to searches: reads {"attributes": tags that are returned where they
                               are there, "files": {path: data set}}
    pydicom_json.py identify   reads a JSON array of paths, prints {path: [study, series, SOP instance] or null where
                               pydicom cannot read it}; an UID that is not there is null
    pydicom_json.py rebuild    reads a JSON array of {"file": path, "metadata": data set, "bulk": {URI: value in base64},
                               "to": path} and writes the data sets as files, in the transfer syntax of "file" and with
                               the pixel data of "file" where "bulk" lacks it; not those that pydicom cannot write, or
                               writes with other escape sequences (ISO 2022)

Needs Debian's python3-pydicom (2.3.1).
"""
import base64
import json
import logging
import os
import struct
import sys
import warnings

import pydicom
import pydicom.data
from pydicom.dataelem import RawDataElement

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

PADDING = " \0"
elements = 0


def difference(path, what, ours, theirs):
    print(f"{path}: {what}: {str(ours)[:120]} != {str(theirs)[:120]}")


def trimmed(value):
    """Spaces that pad a value say nothing (PS3.5 6.2); an empty value among others is null."""
    if isinstance(value, str):
        return value.strip(PADDING) or None
    if isinstance(value, dict):
        groups = {k: trimmed(v) for k, v in value.items()}
        return {k: v for k, v in groups.items() if v} or None
    return value


def without_empty_end(values):
    """pydicom drops, and we drop, padding that stands alone behind the last value."""
    values = [trimmed(v) for v in values]
    return [] if values == [None] else values


def same_numbers(ours, theirs):
    return len(ours) == len(theirs) and all(
        a == b or (a is not None and b not in (None, "") and float(a) == float(b)) for a, b in zip(ours, theirs))


def swapped(vr, data):
    size = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}.get(vr, 1)
    return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))


def unpack(vr, data, little):
    code = {"US": "H", "SS": "h", "OW": "H"}[vr]
    return list(struct.unpack(("<" if little else ">") + code * (len(data) // 2), data))


def compare_element(path, dataset, key, ours, little):
    global elements
    elements += 1
    tag = int(key, 16)
    raw = dataset.get_item(tag)
    try:
        element = dataset[tag]
    except Exception:
        # pydicom cannot convert it: nothing to compare with.
        return
    vr = getattr(element.VR, "value", element.VR)

    if ours["vr"] == "UN" and vr != "UN" and (tag >> 16) & 1:
        # pydicom knows some private elements by their creator; without VR in the file they are UN for us.
        return
    if "BulkDataURI" in ours:
        if element.is_empty:
            difference(path, key, ours, "empty")
        return
    if vr == "SQ" and ours["vr"] == "SQ":
        items = ours.get("Value", [])
        if len(items) != len(element.value):
            difference(path, key, f"{len(items)} items", f"{len(element.value)} items")
            return
        for i, (mine, item) in enumerate(zip(items, element.value)):
            compare(f"{path} {key}[{i}]", mine, item, item.is_little_endian if item.is_little_endian is not None else little)
        return
    if " or " in vr:
        # The dictionary leaves the VR open; PS3.5 A.1 and Pixel Representation settle it.
        if ours["vr"] not in vr.split(" or "):
            difference(path, key, ours["vr"], vr)
        data = element.value if isinstance(element.value, bytes) else b""
        if "Value" in ours and ours["Value"] != unpack(ours["vr"], data, little):
            difference(path, key, ours["Value"], data)
        if "InlineBinary" in ours and base64.b64decode(ours["InlineBinary"]) not in (data, swapped("OW", data)):
            difference(path, key, ours["InlineBinary"], data)
        return
    if vr != ours["vr"]:
        difference(path, f"{key} vr", ours["vr"], vr)
        return

    try:
        theirs = element.to_json_dict(None, 0)
    except Exception:
        # As with IS "1.5" or a value that is no number.
        if element.VR not in ("DS", "IS") and isinstance(raw, RawDataElement):
            difference(path, key, ours, raw.value)
        return
    if "InlineBinary" in theirs:
        data = base64.b64decode(theirs["InlineBinary"])
        mine = base64.b64decode(ours.get("InlineBinary", ""))
        if mine != (data if little else swapped(vr, data)):
            difference(path, key, ours, theirs)
        return

    mine, other = ours.get("Value", []), theirs.get("Value", [])
    if vr in ("DS", "IS", "FL", "FD", "US", "SS", "UL", "SL", "SV", "UV"):
        other = [None if v == "" else v for v in other]
        if not same_numbers(mine, other if other != [None] else []):
            difference(path, f"{key} {vr}", mine, other)
    elif without_empty_end(mine) != without_empty_end(other):
        difference(path, f"{key} {vr}", mine, other)


def compare(path, ours, dataset, little):
    theirs = {f"{int(t):08X}" for t in dataset.keys()}
    theirs = {t for t in theirs if t[4:] != "0000"}
    for key in sorted(theirs ^ set(ours)):
        difference(path, key, "present" if key in ours else "absent", "present" if key in theirs else "absent")
    for key in sorted(theirs & set(ours)):
        compare_element(path, dataset, key, ours[key], little)


if sys.argv[1:] == ["files"]:
    for folder, _, names in os.walk(os.path.dirname(pydicom.data.__file__)):
        for name in sorted(names):
            if name != "README" and not name.endswith((".py", ".pyc", ".json", ".txt", ".md", ".dump", ".gz")):
                print(os.path.join(folder, name))
    sys.exit()

def identified(path):
    try:
        dataset = pydicom.dcmread(path, force=True)
        return [str(dataset.get(keyword) or "") or None for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    except Exception:
        return None


def compare_search(path, ours, dataset, returned):
    """What a search returns of an archive that holds this file alone of its study."""
    known = {"00080056": ["ONLINE"], "00080061": [dataset.get("Modality")], "00080062": [dataset.get("SOPClassUID")],
             "00201206": [1], "00201208": [1], "00201209": [1], "00083002": [getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")]}
    for key, element in ours.items():
        if key in known:
            expected = [value for value in known[key] if value]
            if element.get("Value", []) != expected and not (key == "00083002" and not expected):
                difference(path, key, element, expected)
        elif key == "00080005":
            if element.get("Value") != ["ISO_IR 192"]:
                difference(path, key, element, "ISO_IR 192")
        elif key == "00081190":
            continue
        elif int(key, 16) in dataset:
            compare_element(path, dataset, key, element, dataset.is_little_endian)
        elif "Value" in element:
            difference(path, key, element, "absent")
    for key in sorted(set(returned) - set(ours)):
        if int(key, 16) in dataset:
            difference(path, key, "absent", dataset[int(key, 16)].value)


if sys.argv[1:] == ["identify"]:
    json.dump({path: identified(path) for path in json.load(sys.stdin)}, sys.stdout)
    sys.exit()


def rebuild(file, metadata, bulk, to):
    original = pydicom.dcmread(file, force=True)
    if "ISO 2022" in str(original.get("SpecificCharacterSet")):
        return

    def value(tag, vr, uri):
        return base64.b64decode(bulk[uri]) if uri in bulk else original[tag].value

    try:
        dataset = pydicom.Dataset.from_json(metadata, value)
        dataset.file_meta = original.file_meta
        dataset.is_little_endian = original.is_little_endian
        dataset.is_implicit_VR = original.is_implicit_VR
        dataset.save_as(to, write_like_original=False)
    except Exception:
        if os.path.exists(to):
            os.remove(to)


if sys.argv[1:] == ["rebuild"]:
    for task in json.load(sys.stdin):
        rebuild(**task)
    sys.exit()

if sys.argv[1:] == ["search"]:
    answers = json.load(sys.stdin)
    for name, answer in answers["files"].items():
        compare_search(name, answer, pydicom.dcmread(name, force=True), answers["attributes"])
    print(f"{len(answers['files'])} files, {elements} elements")
    sys.exit()

files = json.load(sys.stdin)
for name, document in files.items():
    try:
        dataset = pydicom.dcmread(name, force=True)
    except Exception as e:
        if document is not None:
            print(f"{name}: pydicom cannot read it: {type(e).__name__}")
        continue
    if document is None and "SOPInstanceUID" not in dataset:
        # Read by force, and nothing but noise.
        continue
    if document is None:
        print(f"{name}: only pydicom can read it")
        continue
    compare(name, document, dataset, dataset.is_little_endian)

print(f"{len(files)} files, {elements} elements")
