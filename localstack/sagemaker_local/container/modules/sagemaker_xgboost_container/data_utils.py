"""Reads a channel into a DMatrix, with the names and arguments of AWS's XGBoost container, `data_utils.py`."""

import csv
import logging
from email.message import Message
from pathlib import Path
from typing import Any

from sagemaker_algorithm_toolkit import exceptions as exc  # type: ignore[import-not-found]

from .constants import xgb_content_types

CSV, LIBSVM, PARQUET, RECORDIO_PROTOBUF = "csv", "libsvm", "parquet", "recordio-protobuf"
MAX_FOLDER_DEPTH = 3
_KINDS = {
    CSV: CSV,
    "text/csv": CSV,
    LIBSVM: LIBSVM,
    xgb_content_types.LIBSVM: LIBSVM,
    xgb_content_types.X_LIBSVM: LIBSVM,
    PARQUET: PARQUET,
    xgb_content_types.X_PARQUET: PARQUET,
    RECORDIO_PROTOBUF: RECORDIO_PROTOBUF,
    xgb_content_types.X_RECORDIO_PROTOBUF: RECORDIO_PROTOBUF,
}
VALID_CONTENT_TYPES = list(_KINDS)


def get_content_type(content_type_cfg_val: str | None) -> str:
    """`csv`, `libsvm`, `parquet` or `recordio-protobuf` of a channel's content type; libsvm when it has none."""
    if content_type_cfg_val is None:
        return LIBSVM
    header = Message()
    header["content-type"] = content_type_cfg_val.lower() if "/" in content_type_cfg_val else "x/x"
    media = header.get_content_type() if "/" in content_type_cfg_val else content_type_cfg_val.lower().strip()
    if media not in _KINDS:
        accepted = ", ".join(VALID_CONTENT_TYPES)
        raise exc.UserError(f"{content_type_cfg_val} is not an accepted ContentType: {accepted}.")
    if _KINDS[media] == CSV and header.get_param("label_size", "1") != "1":
        raise exc.UserError(
            f"{content_type_cfg_val} is not an accepted csv ContentType. "
            "Optional parameter label_size must be equal to 1"
        )
    return _KINDS[media]


def get_dmatrix(data_path: str | list[str], content_type: str, csv_weights: int = 0, is_pipe: bool = False) -> Any:
    """The rows of all files of a folder (or of folders, or of one file) as a DMatrix; None where there is nothing.

    Args:
        data_path: file or folder, or several.
        content_type: what `get_content_type` returns. The label is the first column of CSV and Parquet.
        csv_weights: 1 if the second column of CSV holds weights.
        is_pipe: Pipe mode, which SageMaker local does not have.
    """
    if is_pipe:
        raise exc.UserError("Pipe mode is not implemented by SageMaker local.")
    paths = [Path(path) for path in ([data_path] if isinstance(data_path, str) else data_path)]
    files = [file for path in paths for file in _files(path)]
    if not files:
        logging.info("File path %s does not exist or is empty!", data_path)
        return None
    readers = {CSV: _read_csv, LIBSVM: _read_libsvm, PARQUET: _read_parquet}
    if content_type.lower() not in readers:
        raise exc.UserError(f"{content_type} is not implemented by SageMaker local.")
    try:
        matrix = readers[content_type.lower()](files, csv_weights)
    except Exception as error:
        raise exc.UserError(f"Failed to load {content_type} data with exception:\n{error}") from error
    if matrix.get_label().size == 0:
        raise exc.UserError("Got input data without labels. Please check the input data set.")
    return matrix


def get_csv_dmatrix(path: str, csv_weights: int, is_pipe: bool = False) -> Any:
    return get_dmatrix(path, CSV, csv_weights, is_pipe)


def get_libsvm_dmatrix(files_path: str, is_pipe: bool = False) -> Any:
    return get_dmatrix(files_path, LIBSVM, is_pipe=is_pipe)


def get_parquet_dmatrix(path: str, is_pipe: bool = False) -> Any:
    return get_dmatrix(path, PARQUET, is_pipe=is_pipe)


def get_size(data_path: str, is_pipe: bool = False) -> int:
    """Bytes of all files of a path; 0 if it does not exist."""
    path = Path(data_path)
    if not path.exists():
        logging.info("Path %s does not exist!", data_path)
        return 0
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    if path.is_dir() and any(file.name.startswith(".") for file in files):
        raise exc.UserError("Hidden file found in the data path! Remove that before training.")
    return sum(file.stat().st_size for file in files)


def validate_data_file_path(data_path: str, content_type: str) -> None:
    """Raises UserError if the path does not exist, or the first line of a file is not of this type."""
    kind = get_content_type(content_type)
    if not Path(data_path).exists():
        raise exc.UserError(f"{data_path} is not a valid path!")
    for file in _files(Path(data_path)):
        if kind == CSV:
            _delimiter(file)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = [file for file in sorted(path.rglob("*")) if file.is_file()]
    near = [file for file in found if len(file.relative_to(path).parts) <= MAX_FOLDER_DEPTH]
    return [file for file in near if not file.name.startswith((".", "_"))]


def _delimiter(file: Path) -> str:
    with file.open(errors="ignore") as lines:
        line = lines.readline()
    try:
        return csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise exc.UserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from error


def _read_csv(files: list[Path], csv_weights: int) -> Any:
    import pandas as pd
    import xgboost as xgb

    frames = [pd.read_csv(file, header=None, sep=_delimiter(file)) for file in files]
    data = pd.concat(frames).to_numpy(dtype="float32")
    if csv_weights == 1:
        return xgb.DMatrix(data[:, 2:], label=data[:, 0], weight=data[:, 1])
    return xgb.DMatrix(data[:, 1:], label=data[:, 0])


def _read_libsvm(files: list[Path], csv_weights: int) -> Any:
    import xgboost as xgb
    from scipy.sparse import csr_matrix, vstack

    parts = [_sparse(file) for file in files]
    width = max(matrix.shape[1] for matrix, _, _ in parts)
    rows = vstack([csr_matrix((m.data, m.indices, m.indptr), shape=(m.shape[0], width)) for m, _, _ in parts])
    labels = [label for _, some, _ in parts for label in some]
    weights = [weight for _, _, some in parts for weight in some]
    return xgb.DMatrix(rows, label=labels, weight=weights if set(weights) != {1.0} else None)


def _sparse(file: Path) -> tuple[Any, list[float], list[float]]:
    """A LIBSVM file as rows, labels and weights: `<label>[:<weight>] <index>:<value> …`, indices as they are."""
    from scipy.sparse import csr_matrix

    labels, weights, values, indices, ends = [], [], [], [], [0]
    for line in file.read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        label, _, weight = words[0].partition(":")
        labels.append(float(label))
        weights.append(float(weight or 1))
        for word in words[1:]:
            index, _, value = word.partition(":")
            if index != "qid":
                indices.append(int(index))
                values.append(float(value))
        ends.append(len(values))
    return csr_matrix((values, indices, ends), shape=(len(labels), max(indices, default=-1) + 1)), labels, weights


def _read_parquet(files: list[Path], csv_weights: int) -> Any:
    import pandas as pd
    import xgboost as xgb

    data = pd.concat([pd.read_parquet(file) for file in files]).to_numpy()
    return xgb.DMatrix(data[:, 1:], label=data[:, 0])
