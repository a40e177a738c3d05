"""The desk: everything a person does, as functions over the store. Command line, socket and web call the same ones."""

from monitor.desk.command import COMMANDS, Command, execute
from monitor.desk.moves import (
    assign,
    claim,
    dismiss,
    escalate,
    note,
    release,
    reopen,
    reply,
    resolve,
    snooze,
    take_over,
)
from monitor.desk.operations import end_silence, forget, keep_config, replay_dead, replay_parked, silence
from monitor.desk.reads import CaseFile, explain, known_case, moves_of_people, show
from monitor.desk.sample import answer_sample, waiting_samples
from monitor.desk.turn import Turn

__all__ = [
    "COMMANDS",
    "CaseFile",
    "Command",
    "Turn",
    "answer_sample",
    "assign",
    "claim",
    "dismiss",
    "end_silence",
    "escalate",
    "execute",
    "explain",
    "forget",
    "keep_config",
    "known_case",
    "moves_of_people",
    "note",
    "release",
    "reopen",
    "replay_dead",
    "replay_parked",
    "reply",
    "resolve",
    "show",
    "silence",
    "snooze",
    "take_over",
    "waiting_samples",
]
