"""What can go wrong between us and a model, as one small tree.

ModelError                subject, cause, next step; permanent or worth another try
├── UnknownModel          a name or folder that stands for no model (permanent)
├── ModelMissing          a known model whose files are not on this machine (permanent)
├── ModelBroken           files that are there and cannot be read, or labels nobody explained (permanent)
├── ExtraMissing          the model needs a package that the default install leaves out (permanent)
├── InferenceFailed       the model was loaded and could not read a text; another try may work
├── BadLine               a line of the input that is not what the command expects (permanent)
└── BadLabelledFile       a file of labelled texts that cannot be evaluated (permanent)
"""


class ModelError(Exception):
    """A failure of one model. `str()` gives one line: subject, cause, next step."""

    permanent = False
    next_step = "it is tried again by itself"

    def __init__(self, subject: str, cause: str, next_step: str | None = None) -> None:
        super().__init__(subject, cause)
        self.subject = subject
        self.cause = cause
        self.next_step = next_step or type(self).next_step

    def __str__(self) -> str:
        return f"{self.subject}: {self.cause}; {self.next_step}"


class UnknownModel(ModelError):
    """A name or folder that stands for no model."""

    permanent = True
    next_step = "name complaint-minilm, lexicon, hub:OWNER/NAME@REVISION or a folder"


class ModelMissing(ModelError):
    """A known model whose files are not on this machine."""

    permanent = True
    next_step = "fetch the model, then start again"


class ModelBroken(ModelError):
    """Files that are there and cannot be read, or labels that nobody explained."""

    permanent = True
    next_step = "install the model again"


class ExtraMissing(ModelError):
    """A package that the default install leaves out."""

    permanent = True
    next_step = "pip install 'complaint-monitor[hub]'"


class InferenceFailed(ModelError):
    """The model was loaded and could not read a text."""


class BadLine(ModelError):
    """A line of the input that is not what the command expects."""

    permanent = True
    next_step = "correct the line and run again"


class BadLabelledFile(ModelError):
    """A file of labelled texts that cannot be evaluated."""

    permanent = True
    next_step = "correct the file and run again"
