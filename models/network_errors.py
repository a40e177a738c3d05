"""What onnxruntime raises: a dozen classes without a common parent of their own."""

from typing import Final

_NAMES: Final = (
    "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented", "RuntimeException",
)  # fmt: skip


def network_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions to expect from opening and from running a network."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415 - onnxruntime is loaded on use

    return (MemoryError, *(getattr(state, name) for name in _NAMES))
