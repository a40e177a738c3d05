"""The desk: everything a person does, as functions over the store. Command line, socket and web call the same ones."""

from monitor.desk.command import COMMANDS, CONFIG_COMMANDS, SENDING_COMMANDS, Command, execute
from monitor.desk.configs import apply_config, revert_config
from monitor.desk.feedback import Feedback, give_feedback, undo_feedback
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
from monitor.desk.operations import end_silence, forget, replay_dead, replay_parked, silence
from monitor.desk.reads import CaseFile, explain, known_case, moves_of_people, show
from monitor.desk.sample import answer_sample, waiting_samples
from monitor.desk.suggestions import accept_suggestion, keep_suggestions, revert_suggestion, suggestion_json
from monitor.desk.turn import Turn

__all__ = [
    "COMMANDS",
    "CONFIG_COMMANDS",
    "SENDING_COMMANDS",
    "CaseFile",
    "Command",
    "Feedback",
    "Turn",
    "accept_suggestion",
    "answer_sample",
    "apply_config",
    "assign",
    "claim",
    "dismiss",
    "end_silence",
    "escalate",
    "execute",
    "explain",
    "forget",
    "give_feedback",
    "keep_suggestions",
    "known_case",
    "moves_of_people",
    "note",
    "release",
    "reopen",
    "replay_dead",
    "replay_parked",
    "reply",
    "resolve",
    "revert_config",
    "revert_suggestion",
    "show",
    "silence",
    "snooze",
    "suggestion_json",
    "take_over",
    "undo_feedback",
    "waiting_samples",
]
