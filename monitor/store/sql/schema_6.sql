-- Escalation chains: where each stands, the due times of their steps as rows, absences and overrides said at run time.

CREATE TABLE chains (
    case_id INTEGER PRIMARY KEY REFERENCES cases (id),
    run INTEGER NOT NULL,                       -- counts the chains that the case has had
    level TEXT NOT NULL,                        -- whose chain it is
    state TEXT NOT NULL,                        -- running, paused, finished, ended
    step INTEGER NOT NULL,                      -- the next one, from 0
    left_ms INTEGER NOT NULL DEFAULT 0,         -- of its wait, while the chain is paused
    raised_at INTEGER                           -- when the auditor told everybody that a step was lost
) STRICT;
CREATE INDEX chains_state ON chains (state);

CREATE TABLE chain_steps (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    run INTEGER NOT NULL,
    level TEXT NOT NULL,
    kind TEXT NOT NULL,                         -- step, warning
    step INTEGER NOT NULL,                      -- its number from 0; -1 for a warning
    state TEXT NOT NULL DEFAULT 'waiting',      -- waiting, paused, done, ended
    due_at INTEGER,                             -- NULL while a claim pauses it
    done_at INTEGER,
    told TEXT NOT NULL DEFAULT '[]',            -- the people and receivers that were told
    turn TEXT,                                  -- whose turn it was
    UNIQUE (case_id, run, kind, step)
) STRICT;
CREATE INDEX chain_steps_due ON chain_steps (due_at) WHERE state = 'waiting';
CREATE INDEX chain_steps_turn ON chain_steps (turn, done_at) WHERE turn IS NOT NULL;

CREATE TABLE shift_changes (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,                         -- absent, override
    who TEXT NOT NULL,
    instead_of TEXT,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL
) STRICT;
CREATE INDEX shift_changes_end ON shift_changes (ends_at);
